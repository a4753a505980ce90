"""Spark scores what DuckDB and the readable evaluation score; few grids, each on many demandes."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from poche_cotation import demandes, grilles
from test_cotation import comparer

from partiteur.moteur.spark import Spark, ouvrir_spark

pytestmark = pytest.mark.xdist_group("spark")  # one Java for all the tests that need it
PETIT = {"spark.sql.shuffle.partitions": "1", "spark.sql.codegen.wholeStage": "false"}


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    ouvert = ouvrir_spark("local[2]")
    for reglage, valeur in PETIT.items():
        ouvert.session.conf.set(reglage, valeur)
    yield ouvert
    ouvert.fermer()


@settings(
    deadline=None,
    max_examples=6,
    derandomize=True,
    phases=[Phase.generate],  # to shrink takes minutes here; DuckDB's test shrinks
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_spark_dit_la_meme_note(spark, data):
    grille = data.draw(grilles(8))
    comparer(spark, grille, data.draw(demandes(grille, 20)))
