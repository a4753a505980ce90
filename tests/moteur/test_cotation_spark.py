"""Spark scores what DuckDB and the readable evaluation score; few grids, each on many demandes."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from poche_cotation import demandes, grilles
from test_cotation import comparer

pytestmark = pytest.mark.xdist_group("spark")  # one Java for all the tests that need it


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
