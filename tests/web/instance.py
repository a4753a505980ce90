"""An instance of its own, as an administrator has one: a folder, a base, commands in processes of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

CHAINE = "999000110"
# Writes until it is killed: a file named by its content, then the event, then what it tells.
ECRIVAIN = """
import hashlib, sys, time
from datetime import date
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.db import transaction
from partiteur.web.actions import organisation
from partiteur.web.actions.journal import inscrire
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Organisation
nom, dits, combien = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
bailleur = Organisation.objects.filter(siren="999000110").first() or organisation.creer(
    par=OPERATEUR, siren="999000110", nom="Bailleur", type_="bailleur", du=date(2019, 1, 1))
settings.MEDIA_ROOT.mkdir(exist_ok=True)
with dits.open("ab", buffering=0) as fichier:
    for rang in range(combien):
        contenu = f"{nom} {rang} ".encode() * 2000
        empreinte = hashlib.sha256(contenu).hexdigest()
        provisoire = settings.MEDIA_ROOT / f".{empreinte}"
        provisoire.write_bytes(contenu)
        provisoire.rename(settings.MEDIA_ROOT / f"{empreinte}.original.txt")
        with transaction.atomic():
            inscrire(par=OPERATEUR, bailleur=bailleur, vacance=f"{nom}-{rang}", type_="conge_recu",
                     date_effet=date(2020, 1, 1), evenement=f"{nom}-{rang}")
        fichier.write(f"{nom}-{rang}\\n".encode())
        time.sleep(0.005)
"""


@dataclass(frozen=True)
class Instance:
    """Its folder and the address of its base, empty for SQLite."""

    dossier: Path
    base: str = ""

    @property
    def fichiers(self) -> Path:
        """Where its content-addressed files are."""
        return self.dossier / "fichiers"

    def environnement(self) -> dict[str, str]:
        """What its administrator wrote."""
        gardees = {n: v for n, v in os.environ.items() if not n.startswith("PARTITEUR_")}
        return gardees | {
            "DJANGO_SETTINGS_MODULE": "partiteur.web.settings",
            "PARTITEUR_CLE": "c" * 60,
            "PARTITEUR_DONNEES": str(self.dossier),
            "PARTITEUR_HOTES": "localhost",
            "PARTITEUR_COURRIEL": "aucun",
            "PARTITEUR_MANDATAIRES": "1",
            "DATABASE_URL": self.base,
        }

    def lancer(self, *arguments: object, code: str = "") -> subprocess.Popen[str]:
        """A command of the site, or a script, not waited for."""
        programme = ["-c", code] if code else ["-m", "partiteur.web"]
        return subprocess.Popen(
            [sys.executable, *programme, *map(str, arguments)],
            env=self.environnement(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def faire(self, *arguments: object, code: str = "", attendu: int = 0) -> str:
        """The same, waited for; what it printed."""
        processus = self.lancer(*arguments, code=code)
        dit, _ = processus.communicate()
        assert processus.returncode == attendu, dit
        return dit


@contextmanager
def instance(dossier: Path, nom: str) -> Iterator[Instance]:
    """An instance on the engine the tests run on, its base empty."""
    if connection.vendor == "sqlite":
        yield Instance(dossier / nom)
        return
    reglages = connection.settings_dict
    base = f"{reglages['NAME']}_{nom}"
    with connection._nodb_cursor() as curseur:
        curseur.execute(f"drop database if exists {base} with (force)")
        curseur.execute(f"create database {base}")
    yield Instance(dossier / nom, f"postgresql://site@/{base}?host={reglages['HOST']}")
    with connection._nodb_cursor() as curseur:
        curseur.execute(f"drop database if exists {base} with (force)")
