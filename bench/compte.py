"""The account under concurrent writers and kill -9: all in, one order, chain intact (E6-E8).

    .venv/bin/python bench/compte.py [--ecrivains 8] [--evenements 2000] [--coups 50]

On SQLite in a temporary folder, or on the empty base of DATABASE_URL. Prints appends per second; exit code 1 on a fault.
"""

import argparse
import multiprocessing
import os
import random
import secrets
import tempfile
import time
from pathlib import Path

CHAINE = "999000110"


PROCESSUS = multiprocessing.get_context("fork")


def ecrire(nom: str, combien: int, dits: Path) -> None:
    """One writer: so many appends, each told in the file `dits` once it is committed."""
    from datetime import date

    from django.db import transaction

    from partiteur.web.actions.journal import inscrire
    from partiteur.web.droits import OPERATEUR
    from partiteur.web.models import Organisation

    bailleur = Organisation.objects.get(siren=CHAINE)
    with dits.open("ab", buffering=0) as fichier:
        for rang in range(combien):
            with transaction.atomic():
                inscrire(
                    par=OPERATEUR,
                    bailleur=bailleur,
                    vacance=f"{CHAINE}-{nom}-{rang}",
                    type_="conge_recu",
                    date_effet=date(2024, 1, 1),
                    evenement=f"{nom}-{rang}",
                )
            fichier.write(f"{nom}-{rang}\n".encode())


def ouvrir() -> None:
    """An empty base with one bailleur."""
    import django

    django.setup()
    from datetime import date

    from django.core.management import call_command

    from partiteur.web.actions import organisation
    from partiteur.web.droits import OPERATEUR

    call_command("preparer", verbosity=0)
    organisation.creer(
        par=OPERATEUR, siren=CHAINE, nom="Bailleur d'essai", type_="bailleur", du=date(2020, 1, 1)
    )


def inscrits() -> set[str]:
    """The events of the base, the chain verified."""
    from partiteur.web.models import Chaine
    from partiteur.web.models.journal import lignes, verifier

    chaine = Chaine.objects.get(nom=CHAINE)
    verdict = verifier(chaine)
    if verdict.etat != "intacte":
        raise SystemExit(f"chaîne {verdict.etat} : {verdict.phrase}")
    return {ligne["evenement"] for ligne in lignes(chaine)}


def lancer(nom: str, combien: int, dits: Path) -> multiprocessing.process.BaseProcess:
    """A writer in a process of its own, with a connection of its own."""
    from django.db import connections

    connections.close_all()
    processus = PROCESSUS.Process(target=ecrire, args=(nom, combien, dits))
    processus.start()
    return processus


def lire(dits: Path) -> set[str]:
    """What was told inscribed, whole lines only."""
    return set(dits.read_text().split("\n")[:-1]) if dits.exists() else set()


def concurrence(ecrivains: int, evenements: int, dits: Path) -> None:
    """So many writers at once: every append is in, in one order."""
    debut = time.perf_counter()
    processus = [lancer(f"w{rang}", evenements // ecrivains, dits) for rang in range(ecrivains)]
    for un in processus:
        un.join()
    duree = time.perf_counter() - debut
    if any(p.exitcode for p in processus) or len(lire(dits)) != evenements // ecrivains * ecrivains:
        raise SystemExit(
            f"{len(lire(dits))} ajouts sur {evenements}, codes {[p.exitcode for p in processus]}"
        )
    if inscrits() != lire(dits):
        raise SystemExit("la base ne contient pas ce qui a été dit inscrit")
    print(f"{evenements} ajouts de {ecrivains} écrivains, chaîne intacte : {evenements / duree:.0f} ajouts/s")


def coups(combien: int, dits: Path) -> None:
    """Writers killed in the middle: the chain is intact, and what was told is in."""
    hasard = random.Random(7)  # noqa: S311 - a seeded generator, nothing secret
    for rang in range(combien):
        avant = len(lire(dits))
        processus = lancer(f"k{rang}", 1_000_000, dits)
        while len(lire(dits)) == avant and processus.is_alive():
            time.sleep(0.005)
        time.sleep(hasard.random() / 5)
        processus.kill()
        processus.join()
        if not lire(dits) <= inscrits():
            raise SystemExit(f"coup {rang} : un ajout confirmé a disparu")
    print(f"{combien} arrêts brutaux (kill -9), chaîne intacte, aucun ajout confirmé perdu")


def principal() -> None:
    """Both measures, on a base of its own."""
    options = argparse.ArgumentParser()
    options.add_argument("--ecrivains", type=int, default=8)
    options.add_argument("--evenements", type=int, default=2000)
    options.add_argument("--coups", type=int, default=50)
    lus = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="partiteur-compte-") as dossier:
        os.environ |= {
            "PARTITEUR_DEMO": "1",
            "PARTITEUR_CLE": secrets.token_urlsafe(48),
            "PARTITEUR_DONNEES": str(Path(dossier)),
            "DJANGO_SETTINGS_MODULE": "partiteur.web.settings",
        }
        ouvrir()
        concurrence(lus.ecrivains, lus.evenements, Path(dossier) / "dits")
        coups(lus.coups, Path(dossier) / "dits")


if __name__ == "__main__":
    principal()
