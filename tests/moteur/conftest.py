"""What the tests of the engine share: one Spark session, since Java is long to start."""

from collections.abc import Iterator

import pytest

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
