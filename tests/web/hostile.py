"""Hostile requests, drawn from a seed: what a page is never sent by a browser, on every address there is.

Forms are read in the pages themselves, so that a new field is attacked without a word here; half of the values are good
ones, so that the bad ones reach the acts.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes

from django.core.signals import got_request_exception
from django.db import transaction
from django.urls import reverse
from fabriques import Monde, Navigateur, creer_invitation, creer_membre, navigateur
from hostile_fichiers import Formulaire, Formulaires
from test_matrice import ARGUMENTS, OBJETS

from partiteur.web.droits import Cercle, peut
from partiteur.web.pages import PAGES, Porte

TEXTES = (
    "", " ", "\0", "a\0b", "\r\n", "a\r\nBcc: x@y.fr", "\t", "'", "\"><script>alert(1)</script>", "{{ 7*7 }}", "{% x %}",
    "%s%n%00", "' or 1=1 --", "../../etc/passwd", "C:\\x", "=cmd()", "@a", "é" * 5000, "a" * 200_000, "\u202e", "\ufeff",
    "👩‍👩‍👧", "\U0010ffff", "\ue000", "\u2028", "٣", "½", "١٢٣٤٥٦٧٨٩", "０", "-1", "0", "1e400", "NaN", "inf", "9" * 400, "1_000",
    "0x10", "true", "null", "[]", "{}", "None", "undefined", "a" * 16, "on", "/", "//evil.fr", "javascript:x", "http://[",
    "https://[::1", "http://a:99999999/",
)  # fmt: skip
JOURS = (
    "2024-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-1-01-01", "01/01/2024", "2024-W01", "24-1-1",
    "2024-01-01T00:00", "2024-01-01", "2020-01-01", "1900-01-01",
)  # fmt: skip
COURRIELS = (
    "a@b",
    "a@exemple.fr\0",
    "a\n@b.fr",
    "é@é.fr",
    f"{'a' * 300}@b.fr",
    "x@exemple.fr",
    '"a b"@b.fr',
    "a@[::1]",
)
# What is not even text: bytes that are no UTF-8, halves of characters, escapes cut short.
OCTETS = (
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"%",
    b"%zz",
    b"%00",
    b"a=b=c",
    b"&&&&",
    b"=",
    b"\0",
    b"%C3%28",
    b"[]=1",
    b";",
)
TYPES = (
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=inconnu", "text/plain",
    "application/x-www-form-urlencoded; charset=utf-7", "application/json", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=x", "multipart/form-data; boundary=é", "", "\0", "x/y; ;;",
)  # fmt: skip
ENTETES = {
    "HTTP_ACCEPT_LANGUAGE": ("é", "fr;q=a", "x" * 5000, "zz-ZZ-zz-zz"),
    "HTTP_HOST": ("", "mechant.fr", "localhost:99999", "a b", "[::1"),
    "HTTP_REFERER": ("", "http://[", "https://mechant.fr/", "x" * 5000),
    "HTTP_COOKIE": ("__Host-session=\0", '__Host-session="\\000"', "__Host-session=é; __Host-csrf=" + "a" * 5000, ";;=;", "messages=abc"),
    "HTTP_X_FORWARDED_FOR": ("a", "1.2.3.4, b", "\0", "::1%eth0"),
    "HTTP_HX_REQUEST": ("true", "é"),
    "HTTP_HX_CURRENT_URL": ("http://[", "\0"),
    "HTTP_RANGE": ("bytes=-", "bytes=9-1"),
    "HTTP_IF_MODIFIED_SINCE": ("x", "Thu, 99 Jan 9999 99:99:99 GMT"),
    "CONTENT_LENGTH": ("-1", "a", "", "99999999999999999999", "٣"),
    "HTTP_USER_AGENT": ("", "\0", "é" * 3000),
}  # fmt: skip
PARAMETRES = (
    "page",
    "genre",
    "code",
    "next",
    "verifier",
    "q",
    "state",
    "error",
    "process",
    "page\0",
    "",
    "manques",
    "envoi",
)


class Champs(HTMLParser):
    """The fields of a page's forms: name → the values it offers."""

    def __init__(self) -> None:
        super().__init__()
        self.champs: dict[str, list[str]] = {}
        self.liste = ""

    def handle_starttag(self, balise: str, attributs: list[tuple[str, str | None]]) -> None:
        """Inputs, lists and their options."""
        lus = {nom: valeur or "" for nom, valeur in attributs}
        nom = lus.get("name", "")
        if balise in ("input", "select", "textarea", "button") and nom and nom != "csrfmiddlewaretoken":
            self.champs.setdefault(nom, []).extend([lus["value"]] if lus.get("value") else [])
            self.liste = nom if balise == "select" else ""
        elif balise == "option" and self.liste:
            self.champs[self.liste].append(lus.get("value", ""))


@dataclass
class Assaut:
    """Requests on a small territory, each undone; `fautes` are the answers 500, one a page and an exception."""

    monde: Monde
    hasard: Random
    capturer: Callable[..., AbstractContextManager[Any]]
    clients: list[tuple[str, Any, Navigateur]] = field(default_factory=list)
    champs: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    fautes: dict[str, str] = field(default_factory=dict)
    codes: dict[int, int] = field(default_factory=dict)
    levee: list[str] = field(default_factory=list)

    def preparer(self) -> None:
        """One browser nobody, one a role, one a référent."""
        referent = creer_membre(self.monde.commune, "reservataire_lecture", referent=True)
        membres = [("anonyme", None), *self.monde.membres.items(), ("référent", referent)]
        for nom, membre in membres:
            client = navigateur(membre)
            client.raise_request_exception = False
            self.clients.append((nom, membre, client))
        _, self.jeton = creer_invitation(self.monde.commune, "reservataire_lecture")
        self.objets = {
            (nom, objet, cercle): faire(self.monde, membre, cercle)
            for nom, membre, _ in self.clients
            if membre
            for objet, faire in OBJETS.items()
            for cercle in Cercle
        }
        got_request_exception.connect(self._noter, weak=False)

    def _noter(self, request: Any, **_: Any) -> None:
        import sys

        genre, erreur, _ = sys.exc_info()
        self.levee.append(f"{genre.__name__ if genre else ''}: {erreur}"[:200])

    def fermer(self) -> None:
        """Stop listening."""
        got_request_exception.disconnect(self._noter)

    def tirer(self, valeurs: Any) -> Any:
        """One of them."""
        return self.hasard.choice(valeurs)

    def texte(self, nom: str = "", offertes: list[str] | None = None) -> str:
        """A value for a field: half the time a good one."""
        if offertes and self.hasard.random() < 0.6:
            return str(self.tirer(offertes))
        if self.hasard.random() < 0.5:
            if nom in ("du", "au", "le"):
                return str(self.tirer(JOURS))
            if nom in ("courriel", "email", "login"):
                return str(self.tirer(COURRIELS))
            return str(
                self.tirer(("Un nom", "999000777", "200000001", "mot de passe assez long 7", "123456"))
            )
        return str(self.tirer((*TEXTES, *JOURS, *COURRIELS)))

    def adresse(self, nom: str, role: str) -> str:
        """The address of a page, of a true object as often as of none."""
        page = PAGES[nom]
        if page.objet is None:
            chemin = reverse(nom)
        else:
            vrai = self.objets.get((role, page.objet, self.tirer(list(Cercle))))
            argument = vrai.identifiant if vrai and self.hasard.random() < 0.8 else None
            if page.objet == "jeton" and self.hasard.random() < 0.7:
                argument = self.jeton
            repere = "1-x" if nom in ARGUMENTS else "repere"
            chemin = reverse(nom, args=ARGUMENTS[nom](repere) if nom in ARGUMENTS else [repere])
            mauvais = quote(self.tirer(TEXTES)[:300] or "x", safe="")
            if self.hasard.random() < 0.2:
                mauvais = quote_from_bytes(self.tirer(OCTETS))
            for morceau in repere.split("-") if nom in ARGUMENTS else [repere]:
                chemin = chemin.replace(f"/{morceau}", f"/{argument or mauvais}", 1)
        if self.hasard.random() < 0.4:
            chemin += "?" + "&".join(
                f"{quote(self.tirer(PARAMETRES))}={quote(self.texte()[:2000])}"
                for _ in range(self.hasard.randrange(4))
            )
        return chemin

    def corps(self, connus: dict[str, list[str]]) -> dict[str, Any]:
        """The body and type of a POST: a form in its own fields, or what is no form at all."""
        if self.hasard.random() < 0.12:
            contenu = b"".join(self.tirer(OCTETS) for _ in range(self.hasard.randrange(1, 6)))
            return {"data": contenu, "content_type": self.tirer(TYPES)}
        paires = []
        for nom, offertes in connus.items():
            for _ in range(self.tirer((0, 1, 1, 1, 1, 1, 1, 2))):
                paires.append(f"{quote(nom)}={quote(self.texte(nom, offertes))}")
        if self.hasard.random() < 0.1:
            paires.append(f"{quote(self.texte()[:50])}={quote_from_bytes(self.tirer(OCTETS))}")
        if self.hasard.random() < 0.1:
            lus = {nom: self.texte(nom, offertes) for nom, offertes in connus.items()}
            return {"data": lus}  # multipart
        return {"data": "&".join(paires), "content_type": TYPES[0]}

    def formes(self, nom: str, role: str, client: Navigateur, adresse: str) -> dict[str, list[str]]:
        """The fields of a page, read once by role."""
        cle = (nom, role)
        if not self.champs.get(cle):
            lecteur = Champs()
            reponse = client.get(adresse)
            if reponse.status_code == 200 and "html" in reponse.get("Content-Type", ""):
                lecteur.feed(reponse.content.decode("utf-8", "replace"))
            self.champs[cle] = lecteur.champs
        return self.champs[cle]

    def admis(self, nom: str) -> list[tuple[str, Any, Navigateur]]:
        """The browsers a page opens to: what they send goes further."""
        acces = PAGES[nom].acces
        if acces is Porte.PUBLIQUE:
            return self.clients
        return [c for c in self.clients if c[1] and (acces is Porte.CONNECTE or peut(c[1], acces))]

    def requetes(self, combien: int) -> Iterator[tuple[str, str, Navigateur, str, dict[str, Any]]]:
        """So many, each address in turn."""
        noms = [nom for nom, page in PAGES.items() if page.acces is not Porte.FERMEE]
        for rang in range(combien):
            nom = noms[rang % len(noms)]
            role, _, client = self.tirer(self.admis(nom) if self.hasard.random() < 0.8 else self.clients)
            adresse = self.adresse(nom, role)
            methode = self.tirer(("post",) * 6 + ("get",) * 3 + ("put", "delete", "head", "options"))
            options = {}
            if self.hasard.random() < 0.12:
                entete = self.tirer(list(ENTETES))
                options[entete] = self.tirer(ENTETES[entete])
            if methode == "post":
                options |= self.corps(self.formes(nom, role, client, adresse))
            yield nom, role, client, adresse, {"methode": methode, **options}

    @staticmethod
    def envoyer(client: Navigateur, methode: str, adresse: str, options: dict[str, Any]) -> int:
        """Send one; bytes go as they are."""
        if isinstance(options.get("data"), bytes):
            return client.generic(methode.upper(), adresse, **options).status_code
        return getattr(client, methode)(adresse, **options).status_code

    def mener(self, combien: int) -> None:
        """Send them all; each is undone, the mails it would send are made."""
        for nom, role, client, adresse, options in self.requetes(combien):
            methode = options.pop("methode")
            envoi = f"{role} {methode} {adresse[:200]} {str(options)[:600]}"
            self.essayer(
                nom, envoi, client, lambda c=client, m=methode, a=adresse, o=options: self.envoyer(c, m, a, o)
            )

    def essayer(self, nom: str, envoi: str, client: Navigateur, faire: Callable[[], int]) -> None:
        """Do it, then undo it; note its answer, and what it raised when it is a fault."""
        code, self.levee[:] = 500, []
        cookies = client.cookies.copy()
        with transaction.atomic():
            try:
                with self.capturer(execute=True):
                    code = faire()
            except Exception as erreur:
                self.levee.append(f"{type(erreur).__name__}: {erreur}"[:200])
                code = 500
            transaction.set_rollback(True)
        client.cookies = cookies
        self.codes[code] = self.codes.get(code, 0) + 1
        if code >= 500 and (nom, code) != ("sante", 503):  # it has no backup here, and says so
            raison = self.levee[-1] if self.levee else ""
            self.fautes.setdefault(f"{nom} {raison}", envoi)

    def formulaires(self) -> list[tuple[str, str, Navigateur, str, Formulaire]]:
        """Every form that takes a file, for each role that may open its page: page, role, browser, address, form."""
        trouves = []
        for nom, page in PAGES.items():
            if page.acces is Porte.FERMEE:
                continue
            for role, membre, client in self.admis(nom):
                objet = self.objets.get((role, page.objet, Cercle.MIEN)) if membre and page.objet else None
                if page.objet and objet is None:
                    continue
                adresse = reverse(nom, args=[objet.identifiant] if objet else [])
                reponse = client.get(adresse)
                if reponse.status_code != 200 or "html" not in reponse.get("Content-Type", ""):
                    continue
                lecteur = Formulaires()
                lecteur.feed(reponse.content.decode("utf-8", "replace"))
                trouves += [(nom, role, client, f.action or adresse, f) for f in lecteur.lus]
        return trouves

    def televerser(
        self, combien: int, suite: Callable[[Navigateur, str], int], apres: Callable[[], None]
    ) -> set[str]:
        """So many hostile files, on each form that takes one in turn; `suite` goes on from where an answer leads.

        `apres` looks at what is kept before each is undone. Returns the pages attacked.
        """
        formulaires = self.formulaires()
        for rang in range(combien):
            nom, role, client, adresse, formulaire = formulaires[rang % len(formulaires)]
            corps = formulaire.remplir(self.hasard, self.texte)
            noms = {champ: [(f.name, f.size) for f in corps[champ]] for champ in formulaire.fichiers}

            def faire(
                client: Navigateur = client, adresse: str = adresse, corps: dict[str, Any] = corps
            ) -> int:
                reponse = client.post(adresse, corps)
                code = reponse.status_code
                if code == 302:
                    code = suite(client, reponse.url)
                apres()
                return code

            self.essayer(nom, f"{role} {adresse} {noms} {str(corps)[:300]}", client, faire)
        return {nom for nom, *_ in formulaires}
