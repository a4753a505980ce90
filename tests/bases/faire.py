"""Make the base and the millésime that this version keeps, to be migrated by every version to come (E15).

    .venv/bin/python tests/bases/faire.py      writes tests/bases/<version>-sqlite.tar.gz and -postgresql.tar.gz

Each is a backup, with a small invented territory: organisations, people, a directory, a vacance let and one erased. Made
once, at the release; never again afterwards, since what matters is what that release wrote.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

ICI = Path(__file__).parent
sys.path.insert(0, str(ICI.parent / "web"))
PARC = "numero rpls;code insee;financement\n1;06029;13\n2;06029;16\n3;06030;\n"


def peupler(dossier: Path) -> None:
    """Everything through the acts, as people would; runs with the settings of the instance."""
    import django

    django.setup()
    from datetime import date

    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction

    call_command("preparer")
    from fabriques import creer_contact, creer_invitation, faire_un_monde
    from test_compte import derouler, ecrire

    from partiteur.moteur.geographie import charger
    from partiteur.moteur.lecture import lire_parc
    from partiteur.moteur.millesime import importer
    from partiteur.web.actions import journal
    from partiteur.web.droits import OPERATEUR

    with transaction.atomic():
        monde = faire_un_monde()
        creer_contact(monde.commune)
        creer_invitation(monde.commune, "reservataire_lecture", "invite@exemple.fr")
        derouler(monde)
        ecrire(monde, vacance="v2", date_effet=date(2019, 5, 2))
        journal.effacer(par=OPERATEUR, bailleur=monde.bailleur, vacance="v2")
    (dossier / "parc.csv").write_text(PARC)
    importer(lire_parc(dossier / "parc.csv", charger()), dossier / "parc.csv", settings.MEDIA_ROOT)
    call_command("sauvegarder", dossier / "sauvegardes")


def principal() -> None:
    """One archive an engine."""
    import grappe

    essai = grappe.demarrer()
    try:
        for moteur, adresse in (("sqlite", ""), ("postgresql", essai.adresse)):
            with tempfile.TemporaryDirectory() as dossier:
                subprocess.run(
                    [sys.executable, __file__, dossier],
                    check=True,
                    env={
                        **os.environ,
                        "DJANGO_SETTINGS_MODULE": "partiteur.web.settings",
                        "PARTITEUR_CLE": "c" * 60,
                        "PARTITEUR_DONNEES": dossier,
                        "PARTITEUR_HOTES": "localhost",
                        "PARTITEUR_COURRIEL": "aucun",
                        "DATABASE_URL": adresse,
                    },
                )
                (faite,) = (Path(dossier) / "sauvegardes").iterdir()
                with tarfile.open(ICI / f"{version('partiteur')}-{moteur}.tar.gz", "w:gz") as archive:
                    archive.add(faite, arcname=".")
    finally:
        essai.arreter()


if __name__ == "__main__":
    peupler(Path(sys.argv[1])) if sys.argv[1:] else principal()
