"""What goes wrong on a machine, done for good: run in the processes of an instance (instance.py), on its own base.

Each function prints what it found, as JSON; a child is forked for what must die or be cut, before any engine is opened.
"""

import hashlib
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - once Django is ready
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.urls import reverse  # noqa: E402
from fabriques import creer_membre, creer_organisation, navigateur  # noqa: E402

from partiteur.moteur import classes, millesime  # noqa: E402
from partiteur.moteur import fichiers as ecrits  # noqa: E402
from partiteur.web import depot as fichiers  # noqa: E402
from partiteur.web.actions import parc as actes  # noqa: E402
from partiteur.web.documents import parc as documents  # noqa: E402
from partiteur.web.models import Depot, Membre, Millesime  # noqa: E402
from partiteur.web.views import parc as vues  # noqa: E402

PARC = "numero rpls;code insee;qpv;typologie;programme;financement\n" + "".join(
    f"{n};06029;oui;T3;P{n // 10};13\n" for n in range(1, 51)
)
OUI = {"le": "2023-12-31"}
# Where a request dies: what is called next never is.
EN_DEPOSANT = {
    "le fichier est reçu": (documents, "lire"),
    "le fichier est lu": (actes, "deposer"),
    "le dépôt est inscrit": (vues, "redirect"),
}
EN_IMPORTANT = {
    "rien n'est écrit": (fichiers, "garder"),
    "le millésime est écrit, sans nom": (ecrits, "_lier"),
    "les classes manquent": (millesime, "ouvrir"),
    "rien n'est dans la base": (actes, "importer"),
    "la transaction est ouverte": (Millesime.objects, "create"),
    "la transaction est validée": (fichiers, "oublier"),
}
FORK = get_context("fork")
settings.ALLOWED_HOSTS.append("testserver")
fichiers.geographie()  # read once, for every child


def preparer() -> None:
    """A base, a bailleur and who keeps its parc."""
    call_command("preparer", verbosity=0, stdout=sys.stderr)
    creer_membre(creer_organisation("bailleur"), "bailleur_responsable")


def client() -> Any:
    """Its browser."""
    return navigateur(Membre.objects.get(), raise_request_exception=False)


def deposer(navigue: Any, contenu: str = PARC) -> Any:
    """Send a file."""
    fichier = SimpleUploadedFile("parc.csv", contenu.encode())
    return navigue.post(reverse("deposer_parc"), {"nature": "parc", "fichier": fichier})


def confirmer(navigue: Any, identifiant: str) -> Any:
    """Say yes."""
    return navigue.post(reverse("confirmer_depot", args=[identifiant]), OUI)


def a_part(faire: Callable[[], Any]) -> tuple[int, Any]:
    """Do it in a child: how it ended (minus the signal that killed it), and what it gave."""
    connections.close_all()
    lire, ecrire = os.pipe()
    enfant = os.fork()
    if not enfant:
        os.close(lire)
        code = 1
        try:
            os.write(ecrire, json.dumps(faire()).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(ecrire)
    with os.fdopen(lire) as dit:
        rendu = dit.read()
    _, fin = os.waitpid(enfant, 0)
    return os.waitstatus_to_exitcode(fin), json.loads(rendu) if rendu else None


def mourir(*_: Any, **__: Any) -> None:
    """kill -9, from inside."""
    os.kill(os.getpid(), signal.SIGKILL)


def etat() -> dict[str, Any]:
    """What the base and the folders hold; `faux` are files that are not what their name says, rows without a file."""
    depots, connus = (
        list(Depot.objects.values_list("identifiant", flat=True)),
        list(Millesime.objects.values_list("sha", flat=True)),
    )
    connections.close_all()
    ecrits = {f.stem.partition("-")[2]: f for f in (settings.MEDIA_ROOT / "parc").glob("parc-*.parquet")}
    faux = [sha for sha, f in ecrits.items() if hashlib.sha256(f.read_bytes()).hexdigest() != sha]
    faux += [sha for sha in connus if sha not in ecrits]
    attente = settings.MEDIA_ROOT / ".attente"
    attendent = [d.name for d in attente.iterdir()] if attente.is_dir() else []
    faux += [d for d in depots if d not in attendent]
    return {"depots": len(depots), "millesimes": len(connus), "faux": faux, "attendent": len(attendent)}


def _phrase(reponse: Any) -> tuple[int, str, str]:
    """The answer: its code, where it leads, its text."""
    return (
        reponse.status_code,
        reponse.get("Location", ""),
        "" if reponse.status_code == 302 else reponse.text,
    )


def tuer() -> None:
    """Killed at each point of a deposit, then of an import; then asked again by the person, who sees what happened."""
    dits = {}
    for points, geste in ((EN_DEPOSANT, "deposer"), (EN_IMPORTANT, "confirmer")):
        for nom, (ou, quoi) in points.items():
            vider()
            if geste == "confirmer":
                a_part(lambda: deposer(client()).status_code)
            identifiant = Depot.objects.values_list("identifiant", flat=True).first() or ""

            def faire(
                reel: bool, ou: Any = ou, quoi: str = quoi, geste: str = geste, identifiant: str = identifiant
            ) -> Any:
                if not reel:
                    setattr(ou, quoi, mourir)
                navigue = client()
                return _phrase(deposer(navigue) if geste == "deposer" else confirmer(navigue, identifiant))

            mort, _ = a_part(lambda faire=faire: faire(False))
            apres = etat()
            fin, repris = a_part(lambda faire=faire: faire(True))
            dits[nom] = {"mort": mort, "apres": apres, "fin": fin, "repris": repris, "ensuite": etat()}
    print(json.dumps(dits))


def vider() -> None:
    """As if nothing had been sent."""
    Depot.objects.all().delete()
    Millesime.objects.all().delete()
    fichiers.shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def ensemble() -> None:
    """Two people say yes at the same instant: to the same deposit, then to two deposits of one content."""
    dits = []
    for combien in (1, 2):
        vider()
        for _ in range(combien):
            a_part(lambda: deposer(client()).status_code)
        cles = list(Depot.objects.values_list("identifiant", flat=True))
        depart, rendus = FORK.Barrier(2), FORK.SimpleQueue()
        importer = actes.importer

        def faire(
            identifiant: str, depart: Any = depart, rendus: Any = rendus, importer: Any = importer
        ) -> None:
            actes.importer = lambda **a: (depart.wait(), importer(**a))[1]
            rendus.put(_phrase(confirmer(client(), identifiant)))

        connections.close_all()
        deux = [FORK.Process(target=faire, args=(cles[rang % combien],)) for rang in range(2)]
        for un in deux:
            un.start()
        lus = [rendus.get() for _ in deux]
        for un in deux:
            un.join()
        dits.append({"reponses": sorted(lus), "etat": etat()})
    print(json.dumps(dits))


def remplir() -> None:
    """The disk takes no more: the file sent, the millésime, the base."""
    dits = {}
    vider()
    lourd = PARC + "x" * (4 * 2**20)

    def borne(octets: int, faire: Callable[[], Any]) -> Any:
        resource.setrlimit(
            resource.RLIMIT_FSIZE, (octets, octets)
        )  # every file of the process, the kernel says no
        return _phrase(faire())

    dits["fichier reçu"] = {
        "reponse": a_part(lambda: borne(3 * 2**20, lambda: deposer(client(), lourd)))[1],
        "etat": etat(),
    }
    a_part(lambda: deposer(client()).status_code)
    (identifiant,) = Depot.objects.values_list("identifiant", flat=True)
    for nom, (ou, quoi) in {
        "millésime": (millesime.pq, "write_table"),
        "classes": (classes.pq, "ParquetWriter"),
    }.items():

        def faire(ou: Any = ou, quoi: str = quoi) -> Any:
            vrai = getattr(ou, quoi)

            def plein(*arguments: Any, **nommes: Any) -> Any:
                resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # only what the engines write
                return vrai(*arguments, **nommes)

            setattr(ou, quoi, plein)
            return _phrase(confirmer(client(), identifiant))

        dits[nom] = {"reponse": a_part(faire)[1], "etat": etat()}

    def base_pleine() -> Any:
        navigue = client()
        with connection.cursor() as curseur:
            if connection.vendor == "sqlite":
                pages = curseur.execute("pragma page_count").fetchone()[0]
                curseur.execute(f"pragma max_page_count = {pages}")
                curseur.execute(
                    "create temp table retenue (x)"
                )  # the connection is kept: the bound is its own
                curseur.execute("pragma freelist_count")
            else:
                curseur.execute(
                    "create function plein() returns trigger language plpgsql as $$ begin raise exception 'could not extend "
                    "file: No space left on device' using errcode = '53100'; end $$"
                )
                curseur.execute(
                    "create trigger plein before insert on web_millesime execute function plein()"
                )
        if connection.vendor == "sqlite":
            from partiteur.web.documents import parc as ecriture

            ecriture.json_de_la_lecture = lambda lecture: {
                "constats": ["x" * 2**20]
            }  # more than what is free
            connection.close = lambda: None
        return _phrase(confirmer(navigue, identifiant))

    dits["base"] = {"reponse": a_part(base_pleine)[1], "etat": etat()}
    if connection.vendor == "postgresql":
        with connection.cursor() as curseur:
            curseur.execute("drop function plein cascade")
    dits["ensuite"] = {
        "reponse": a_part(lambda: _phrase(confirmer(client(), identifiant)))[1],
        "etat": etat(),
    }
    print(json.dumps(dits))


def attendre() -> None:
    """A heavy file, in a process of its own: stopped, killed, taken up again, then imported."""
    vider()
    settings.SUR_LE_CHAMP = 0
    lances: list[Any] = []
    lancer = fichiers.subprocess.Popen

    def retenir(*arguments: Any, **nommes: Any) -> Any:
        lances.append(lancer(*arguments, **nommes))
        lances[-1].send_signal(signal.SIGSTOP)
        return lances[-1]

    fichiers.subprocess.Popen = retenir
    navigue, dits = client(), {}
    adresse = deposer(navigue).url
    (identifiant,) = Depot.objects.values_list("identifiant", flat=True)

    def voir(nom: str) -> None:
        reponse = navigue.get(adresse)
        dits[nom] = [*_phrase(reponse), reponse.get("Refresh", "")]

    voir("en cours")
    navigue.post(reverse("reprendre_depot", args=[identifiant]))  # somebody is at it: nothing more starts
    dits["lancés"] = len(lances)
    lances[-1].kill()
    lances[-1].wait()
    voir("tué")
    for geste in (
        lambda: navigue.post(reverse("reprendre_depot", args=[identifiant])),
        lambda: confirmer(navigue, identifiant),
    ):
        geste()
        voir("retenu")
        lances[-1].send_signal(signal.SIGCONT)
        lances[-1].wait()
        voir("fini" if "fini" not in dits else "importé")
    dits["etat"] = etat()
    print(json.dumps(dits))
