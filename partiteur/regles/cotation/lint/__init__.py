"""The lint: what is wrong in a grid by itself, and what is by law."""

from partiteur.regles.cotation.catalogue import Catalogue
from partiteur.regles.cotation.constat import ERREUR, Constat
from partiteur.regles.cotation.grille import Grille
from partiteur.regles.cotation.lint.couverture import verifier_couverture
from partiteur.regles.cotation.lint.droit import constats_de_droit
from partiteur.regles.cotation.lint.essais import constats_d_essais
from partiteur.regles.cotation.lint.noms import constats_de_noms
from partiteur.regles.cotation.lint.points import constats_de_points


def verifier(grille: Grille, catalogue: Catalogue) -> tuple[Constat, ...]:
    """Everything found in a grid: its names first, then its points, the law, and criteria that never give a point.

    Each fault is found by itself, so that all are said at once; what needs sound names is left out while a name is
    wrong. A grid is valid when no constat is an « erreur ».
    """
    noms = tuple(constats_de_noms(grille, catalogue))
    constats = [*noms, *constats_de_points(grille), *constats_de_droit(grille, catalogue)]
    constats += constats_d_essais(grille, catalogue)
    return tuple(constats)


def valide(constats: tuple[Constat, ...]) -> bool:
    """True when nothing found makes the grid unusable."""
    return all(c.gravite != ERREUR for c in constats)


__all__ = ["valide", "verifier", "verifier_couverture"]
