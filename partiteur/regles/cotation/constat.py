"""What the lint says of a grid: a code, a gravity, where, and a French sentence."""

from dataclasses import dataclass

ERREUR, AVERTISSEMENT = "erreur", "avertissement"


@dataclass(frozen=True)
class Constat:
    """`gravite`: erreur (the grid is not valid) or avertissement. `chemin`: « criteres.dalo.points », or empty."""

    code: str
    gravite: str
    chemin: str
    message: str


def erreur(code: str, chemin: str, message: str) -> Constat:
    """A fault: the grid cannot be used."""
    return Constat(code, ERREUR, chemin, message)


def avertissement(code: str, chemin: str, message: str) -> Constat:
    """Something to know or to justify."""
    return Constat(code, AVERTISSEMENT, chemin, message)
