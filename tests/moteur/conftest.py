"""What the tests of the engine share: one Spark session, since Java is long to start; the demo's yearly packs."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from partiteur.demo.territoire import BailleurDemo, Territoire
from partiteur.moteur.bilan import Demande
from partiteur.moteur.bilan.annuel import Piece, composer
from partiteur.moteur.spark import Spark, ouvrir_spark

PETIT = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
}  # few rows: plan less


@pytest.fixture(scope="session")
def spark() -> Iterator[Spark]:
    """Its modules are of one group (xdist), so of one worker."""
    ouvert = ouvrir_spark("local[2]")
    for reglage, valeur in PETIT.items():
        ouvert.session.conf.set(reglage, valeur)
    yield ouvert
    ouvert.fermer()


@pytest.fixture(scope="module")
def petit_bailleur(territoire: Territoire, tmp_path_factory: pytest.TempPathFactory) -> BailleurDemo:
    """The smallest bailleur of the demo, in a copy of its territory that tests may write in."""
    copie = shutil.copytree(territoire.dossier, tmp_path_factory.mktemp("copie") / "territoire")
    bailleur = territoire.bailleurs[2]
    chemins = {nom: chemin for nom, chemin in vars(bailleur).items() if isinstance(chemin, Path)}
    return replace(bailleur, **{n: copie / c.relative_to(territoire.dossier) for n, c in chemins.items()})


@pytest.fixture(scope="session")
def pieces_de() -> Callable[[BailleurDemo], list[Piece]]:
    """The yearly pack of a bailleur, composed once: its modules are of one group (xdist)."""

    @cache
    def composees(bailleur: BailleurDemo) -> list[Piece]:
        demande = Demande(date(2023, 12, 31), stock=2022, dates=())
        return list(composer(bailleur.journal, bailleur.dossier_2023, demande, bailleur.dossier))

    return composees
