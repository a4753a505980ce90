"""A grid is loaded by its code or its path, whole or not at all; a place in it has a line."""

from pathlib import Path

import pytest

from partiteur.moteur.grille import charger_grille, ligne_du_chemin
from partiteur.moteur.schema import DocumentInvalide
from partiteur.regles.cotation import catalogue_livre

TEXTE = """grille = "g"  # ligne 1
plafond = 9

[rubriques.a]
libelle = "A"
parent = "b"

[[criteres]]
code = "x"
points = 1

[[criteres]]
libelle = "Y"
code = "y"
tranches = [
  { moins_de = 1, points = 0 },
  { points = 2 },
]

[[criteres]]
code = "x"
points = 3
"""


@pytest.mark.parametrize(
    ("chemin", "ligne"),
    [
        ("plafond", 2),
        ("rubriques.a", 4),
        ("rubriques.a.parent", 6),
        ("rubriques.zz", None),
        ("criteres.y", 14),
        ("criteres.y.tranches", 15),
        ("criteres.x", 21),
        ("criteres.x.points", 22),
        ("criteres.x.texte", 21),
        ("criteres.zz", None),
        ("criteres", None),
        ("", None),
    ],
)
def test_la_ligne_d_un_chemin(chemin: str, ligne: int | None) -> None:
    """Tables are found again by their headers; of a code in double, the last; a missing key by its table."""
    assert ligne_du_chemin(TEXTE, chemin) == ligne


def test_charger_une_grille_livree() -> None:
    """By its code, with what it inherits."""
    grille = charger_grille("territoire-exemple", Path(), catalogue_livre())
    assert grille.etend == "socle-regional@2024-1"
    assert {c.code: c for c in grille.criteres}["dalo"].forme.points == 120


def test_une_grille_fautive_ne_se_charge_pas(tmp_path: Path) -> None:
    """The first error is said, with its file and its line."""
    (tmp_path / "g.toml").write_text(TEXTE, "utf-8")
    with pytest.raises(DocumentInvalide, match=r"g\.toml.* : "):
        charger_grille("g.toml", tmp_path)
