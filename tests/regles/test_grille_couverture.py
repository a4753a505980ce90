"""The grids of one EPCI share out its demandes: first ones and mutations, each under one grid at a date."""

from typing import Any

import pytest
from grilles import bonne, lue

from partiteur.regles.cotation import verifier_couverture


def grilles(*cles: dict[str, Any]) -> list[Any]:
    return [lue(bonne() | c) for c in cles]


@pytest.mark.parametrize(
    ("cles", "attendus"),
    [
        ([{"population": "toutes"}], []),
        ([{"population": "mutation"}], ["population_partielle"]),
        ([{"population": "mutation"}, {"population": "premiere_demande"}], []),
        ([{"population": "mutation"}, {"population": "toutes"}], ["population_recouverte"]),
        ([{"population": "mutation"}] * 2, ["population_non_couverte", "population_recouverte"]),
        (
            [{"population": "mutation", "valide_au": "2025-01-01"}, {"population": "premiere_demande"}],
            ["population_non_couverte"],
        ),
        ([{"valide_au": "2025-01-01"}, {"valide_du": "2025-01-01"}], []),
        ([{"valide_au": "2025-01-02"}, {"valide_du": "2025-01-01"}], ["population_recouverte"] * 2),
        ([{"population": "toutes"}, {"population": "toutes", "epci": "200000002"}], []),
        ([{"epci": "", "population": "mutation"}], []),
    ],
)
def test_les_grilles_d_un_epci_se_partagent_les_demandes(
    cles: list[dict[str, Any]], attendus: list[str]
) -> None:
    """First demandes and mutations of an EPCI each fall under one grid, at any date where one applies."""
    assert sorted(c.code for c in verifier_couverture(grilles(*cles))) == attendus
