"""A grid that extends a socle: points move within its bounds, its mandatory criteria never disappear."""

from typing import Any

import pytest
from grilles import lue

from partiteur.regles.cotation import heriter

SOCLE = {
    "grille": "socle", "version": "1", "titre": "Socle", "valide_du": "2024-01-01", "evaluation_mois": 36,
    "rubriques": {"r": {"libelle": "R"}},
    "bornes": {"dalo": {"min": 40, "max": 60}, "effort": {"min": 0, "max": 10},
               "statut": {"min": 0, "max": 9}, "table": {"min": 0, "max": 9}},
    "references": {"delai_anormalement_long_mois": 24},
    "criteres": [
        {"code": "dalo", "rubrique": "r", "origine": "obligatoire", "si": {"variable": "dalo_reconnu", "est": True},
         "points": 50},
        {"code": "effort", "rubrique": "r", "origine": "facultatif", "variable": "taux_effort",
         "tranches": [{"moins_de": "0.5", "points": 0}, {"points": 5}]},
        {"code": "statut", "rubrique": "r", "origine": "facultatif", "variable": "statut_occupation",
         "valeurs": {"SD": 5}},
        {"code": "table", "rubrique": "r", "origine": "facultatif",
         "tableau": {"lignes": {"variable": "handicap", "valeurs": [True]},
                     "colonnes": {"variable": "mutation", "valeurs": [True]}, "points": [[5]]}},
        {"code": "fixe", "rubrique": "r", "origine": "local", "si": {"variable": "handicap", "est": True},
         "points": 5},
    ],
}  # fmt: skip


def fille(**cles: Any) -> dict[str, Any]:
    entete = {"grille": "fille", "version": "2", "titre": "Fille", "epci": "200000001", "etend": "socle@1"}
    return {**entete, "valide_du": "2025-01-01", **cles}


def test_une_grille_regle_les_points_du_socle() -> None:
    """Points move within the bounds; the rest comes from the socle; new criteria and rubriques come after."""
    document = fille(
        retire=["fixe"],
        rubriques={"s": {"libelle": "S"}},
        references={"delai_anormalement_long_mois": 36},
        criteres=[
            {"code": "neuf", "rubrique": "s", "si": {"variable": "mutation", "est": True}, "points": 3},
            {"code": "dalo", "points": 60},
            {"code": "effort", "tranches": [{"moins_de": "0.5", "points": 2}, {"points": 10}]},
            {"code": "statut", "valeurs": {"SD": 9}},
            {"code": "table", "tableau": {**SOCLE["criteres"][3]["tableau"], "points": [[9]]}},  # type: ignore[index]
        ],
    )
    entier, constats = heriter(document, SOCLE)
    assert constats == ()
    grille = lue(entier)
    assert [c.code for c in grille.criteres] == ["dalo", "effort", "statut", "table", "neuf"]
    assert grille.criteres[0].origine == "obligatoire"
    assert grille.criteres[0].forme.points == 60  # type: ignore[union-attr]
    assert [r.code for r in grille.rubriques] == ["r", "s"]
    assert (grille.evaluation_mois, grille.code, grille.etend) == (36, "fille", "socle@1")
    assert grille.references == {"delai_anormalement_long_mois": 36}


@pytest.mark.parametrize(
    ("cles", "code", "chemin"),
    [
        ({"criteres": [{"code": "dalo", "points": 61}]}, "hors_bornes", "criteres.dalo.points"),
        ({"criteres": [{"code": "dalo", "points": 39}]}, "hors_bornes", "criteres.dalo.points"),
        ({"criteres": [{"code": "statut", "valeurs": {"SD": 10}}]}, "hors_bornes", "criteres.statut.valeurs"),
        (
            {
                "criteres": [
                    {"code": "effort", "tranches": [{"moins_de": "0.5", "points": 0}, {"points": 11}]}
                ]
            },
            "hors_bornes",
            "criteres.effort.tranches",
        ),
        ({"criteres": [{"code": "fixe", "points": 6}]}, "hors_bornes", "criteres.fixe.points"),
        (
            {"criteres": [{"code": "dalo", "si": {"variable": "mutation", "est": True}}]},
            "heritage_modifie",
            "criteres.dalo.si",
        ),
        ({"criteres": [{"code": "dalo", "origine": "local"}]}, "heritage_modifie", "criteres.dalo.origine"),
        ({"criteres": [{"code": "dalo", "plafond": 5}]}, "heritage_modifie", "criteres.dalo.plafond"),
        (
            {"criteres": [{"code": "effort", "tranches": [{"points": 5}]}]},
            "heritage_modifie",
            "criteres.effort.tranches",
        ),
        (
            {"criteres": [{"code": "statut", "valeurs": {"HOT": 5}}]},
            "heritage_modifie",
            "criteres.statut.valeurs",
        ),
        ({"rubriques": {"r": {"libelle": "Autre"}}}, "heritage_modifie", "rubriques.r"),
        ({"retire": ["dalo"]}, "obligatoire_retire", "retire"),
        ({"retire": ["zz"]}, "retrait_inconnu", "retire"),
        ({"etend": "socle@2"}, "socle_absent", "etend"),
    ],
)
def test_ce_qu_un_socle_interdit(cles: dict[str, Any], code: str, chemin: str) -> None:
    """Bounds hold, shapes hold, mandatory criteria never disappear."""
    entier, constats = heriter(fille(**cles), SOCLE)
    assert [(c.code, c.chemin, c.gravite) for c in constats] == [(code, chemin, "erreur")]
    assert "dalo" in [c["code"] for c in entier["criteres"]]


def test_redire_le_socle_n_est_rien() -> None:
    """A criterion given again as it is changes nothing."""
    identique = fille(criteres=[{"code": "fixe", "points": 5}], rubriques={"r": {"libelle": "R"}})
    assert heriter(identique, SOCLE)[1] == ()
