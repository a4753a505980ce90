"""Fifty people on the pages of a region, server and load on the same machine (E16): p50 and p95 of each page.

    .venv/bin/python bench/charge.py [--logements 330000] [--sessions 50] [--secondes 120] [--pause 5]

Starts a PostgreSQL of its own, an instance with a region in it (bench/charge_territoire.py) and the served command as
in production, then asks: addresses nobody asked before, then the same again. Writes bench/charge.md with --ecrire.
Exit code 1 above the bar, or when an answer is not a page.
"""

import argparse
import http.client
import json
import os
import platform
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

RACINE = Path(__file__).parents[1]
sys.path.insert(0, str(RACINE / "tests" / "web"))
PYTHON = str(RACINE / ".venv" / "bin" / "python")
DEMARRAGE = 60
# E16, in seconds: an address never asked before, and one that was.
SEUILS = {"jamais demandée": 1.0, "déjà demandée": 0.3}


@dataclass
class Mesures:
    """Seconds by page, in one phase; what was no page."""

    par_page: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    fautes: list[str] = field(default_factory=list)
    verrou: threading.Lock = field(default_factory=threading.Lock)

    def noter(self, page: str, secondes: float, faute: str) -> None:
        """One answer."""
        with self.verrou:
            self.par_page[page].append(secondes)
            if faute:
                self.fautes.append(faute)

    @property
    def toutes(self) -> list[float]:
        """Of every page."""
        return [s for secondes in self.par_page.values() for s in secondes]


def centile(secondes: list[float], part: int) -> float:
    """The value under which so many of a hundred are: the observed one, never interpolated."""
    tries = sorted(secondes)
    return tries[min(len(tries) - 1, len(tries) * part // 100)]


def demander(port: int, session: dict[str, Any], page: str, adresse: str, mesures: Mesures) -> None:
    """One page, from the connection to the last byte, as the proxy in front would ask it."""
    entetes = {
        "Host": "localhost",
        "Cookie": f"__Host-session={session['biscuit']}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "192.0.2.1",
    }
    debut = time.perf_counter()
    connexion = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connexion.request("GET", adresse, headers=entetes)
        reponse = connexion.getresponse()
        corps = reponse.read()
        suite = reponse.headers.get("Location", "")
        # A list of one object goes straight to it; anything else is not what was asked.
        bon = reponse.status == 200 or (reponse.status == 302 and suite.startswith(adresse.partition("?")[0]))
        rendu = b"</html>" in corps or reponse.status == 302
        faute = "" if bon and rendu else f"{session['role']} {adresse} : {reponse.status} {suite}"
    except OSError as erreur:
        faute = f"{session['role']} {adresse} : {erreur}"
    finally:
        connexion.close()
    mesures.noter(page, time.perf_counter() - debut, faute)


def mener(
    port: int, sessions: list[dict[str, Any]], pages: list[list[tuple[str, str]]], pause: float
) -> Mesures:
    """Each session asks its pages, one then a pause; they start spread over one pause."""
    mesures = Mesures()

    def tenir(rang: int) -> None:
        time.sleep(pause * rang / len(sessions))
        for page, adresse in pages[rang]:
            demander(port, sessions[rang], page, adresse, mesures)
            time.sleep(pause)

    fils = [threading.Thread(target=tenir, args=(rang,)) for rang in range(len(sessions))]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    return mesures


@contextmanager
def servie(environnement: dict[str, str], processus: int) -> Iterator[int]:
    """The site, served as an administrator serves it; yields its port."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = int(libre.getsockname()[1])
    serveur = subprocess.Popen(
        [PYTHON, "-m", "partiteur.web", "servir", f"--port={port}", f"--processus={processus}"],
        env=environnement,
    )
    try:
        fin = time.monotonic() + DEMARRAGE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > fin or serveur.poll() is not None:
                    raise
                time.sleep(0.2)
        yield port
    finally:
        serveur.terminate()
        serveur.wait()


def reglages(donnees: Path, adresse: str) -> dict[str, str]:
    """Production's environment, one proxy in front."""
    gardees = {n: v for n, v in os.environ.items() if not n.startswith("PARTITEUR_")}
    return gardees | {
        "DJANGO_SETTINGS_MODULE": "partiteur.web.settings",
        "PARTITEUR_CLE": secrets.token_urlsafe(48),
        "PARTITEUR_DONNEES": str(donnees),
        "PARTITEUR_HOTES": "localhost",
        "PARTITEUR_COURRIEL": "aucun",
        "PARTITEUR_MANDATAIRES": "1",
        "DATABASE_URL": adresse,
    }


def phases(port: int, sessions: list[dict[str, Any]], secondes: int, pause: float) -> dict[str, Mesures]:
    """What nobody asked before, then the same addresses drawn again."""
    combien = max(2, round(secondes / pause))
    neuves = [session["adresses"][:combien] for session in sessions]
    rng = Random(16)  # noqa: S311 - which page comes again, nothing secret
    encore = [rng.choices(siennes, k=combien) for siennes in neuves]
    return {
        "jamais demandée": mener(port, sessions, neuves, pause),
        "déjà demandée": mener(port, sessions, encore, pause),
    }


def machine() -> str:
    """The processor, its cores, what Python, what else ran."""
    lu = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    nom = re.search(r"model name\s*: (.*)", lu)
    charge = ", ".join(f"{c:.1f}".replace(".", ",") for c in os.getloadavg())
    return (
        f"{nom[1] if nom else platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()} ; "
        f"charge de la machine avant la mesure : {charge}"
    )


def milli(secondes: float) -> str:
    """Milliseconds."""
    return f"{secondes * 1000:.0f}"


def rendre(
    mesurees: dict[str, Mesures], territoire: dict[str, int], lus: argparse.Namespace, sur: str
) -> str:
    """The table, and whether the bar is held."""
    t = {nom: f"{n:,}".replace(",", " ") for nom, n in territoire.items()}
    lignes = [
        "# Les pages sous la charge",
        "",
        f"Mesuré le {datetime.now():%d/%m/%Y} par `bench/charge.py` : {sur}.",  # noqa: DTZ005 - the day here
        "",
        f"PostgreSQL, {t['logements']} logements de {t['bailleurs']} bailleurs dans {t['communes']} communes, "
        f"{t['organisations']} organisations, {t['evenements']} événements inscrits. {lus.sessions} sessions, une page puis "
        f"{lus.pause:g} s de pause, les comptes du jour faits d'avance comme chaque nuit ; serveur ({lus.processus} processus), base et charge sur la même machine. Millisecondes.",
        "",
        "| Adresse | Page | Demandes | p50 | p95 | Plus longue |",
        "|---|---|---|---|---|---|",
    ]
    for phase, mesures in mesurees.items():
        tout = [("toutes", mesures.toutes), *sorted(mesures.par_page.items())]
        for page, secondes in tout:
            lignes.append(
                f"| {phase} | {page} | {len(secondes)} | {milli(statistics.median(secondes))} | "
                f"{milli(centile(secondes, 95))} | {milli(max(secondes))} |"
            )
    lignes.append("")
    for phase, seuil in SEUILS.items():
        p95 = centile(mesurees[phase].toutes, 95)
        tenu = "tenu" if p95 < seuil else "dépassé"
        lignes.append(f"- {phase} : p95 de {milli(p95)} ms, seuil de {milli(seuil)} ms {tenu}.")
    fautes = [f for mesures in mesurees.values() for f in mesures.fautes]
    lignes.append(f"- Réponses qui ne sont pas une page : {len(fautes)}.")
    return "\n".join([*lignes, ""])


def main() -> int:
    """Start, fill, ask, tell."""
    import grappe

    lecteur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    lecteur.add_argument("--logements", type=int, default=330_000)
    lecteur.add_argument("--sessions", type=int, default=50)
    lecteur.add_argument("--secondes", type=int, default=120, help="de chaque phase")
    lecteur.add_argument("--pause", type=float, default=5)
    lecteur.add_argument("--processus", type=int, default=2)
    lecteur.add_argument("--ecrire", action="store_true")
    lus = lecteur.parse_args()
    tenue = grappe.demarrer(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="partiteur-charge-") as passage:
            environnement = reglages(Path(passage) / "donnees", tenue.adresse)
            peuple = subprocess.run(
                [PYTHON, str(RACINE / "bench" / "charge_territoire.py"), passage, str(lus.logements), str(lus.sessions)],
                env=environnement, check=True, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            rendu = json.loads(peuple.stdout)
            sur = machine()
            with servie(environnement, lus.processus) as port:
                mesurees = phases(port, rendu["sessions"], lus.secondes, lus.pause)
    finally:
        tenue.arreter()
    dit = rendre(mesurees, rendu["territoire"], lus, sur)
    print(dit)
    fautes = [f for mesures in mesurees.values() for f in mesures.fautes]
    print("\n".join(fautes[:20]))
    if lus.ecrire:
        (RACINE / "bench" / "charge.md").write_text(dit, "utf-8")
    depasses = [p for p, seuil in SEUILS.items() if centile(mesurees[p].toutes, 95) >= seuil]
    return 1 if fautes or depasses else 0


if __name__ == "__main__":
    sys.exit(main())
