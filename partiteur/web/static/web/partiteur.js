// Progressive: every page does its work without this file.
"use strict";

// An error summary takes the focus, so that it is read first.
const resume = document.querySelector('[role="alert"][tabindex]');
if (resume) resume.focus();

// Ten minutes before the session ends, say it where a screen reader hears it.
const fin = document.getElementById("fin-session");
if (fin) {
  const avant = new Date(fin.dataset.fin) - Date.now() - 10 * 60 * 1000;
  setTimeout(() => {
    const alerte = document.createElement("p");
    alerte.className = "alerte";
    alerte.textContent = "Votre session se termine dans dix minutes\u202f: enregistrez ce que vous faites.";
    document.querySelector('main > [role="status"]').append(alerte);
  }, Math.min(Math.max(avant, 0), 2 ** 31 - 1));
}
