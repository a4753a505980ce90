"""How many mises à disposition are lost before each stage: a cohort figure, on those that are resolved (D39)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from partiteur.regles.decompte import taux_chute
from partiteur.regles.socle import Etape, Resultat, bareme, regle


@dataclass(frozen=True)
class Chute:
    """Of the mises à disposition of a period: `suivies` reached the stage, `en_cours` still may, `resolues` are the
    others and the first; `taux` is the share of `resolues` not in `suivies`, None when none is resolved.
    """

    etape: str
    suivies: int
    resolues: int
    en_cours: int
    taux: Fraction | None


@regle("d39", "s0", du="2018-01-01")
def chutes(
    mise_a_disposition: frozenset[str], en_cours: frozenset[str], atteintes: Mapping[str, frozenset[str]]
) -> Resultat:
    """La chute se lit étape par étape : est perdue la mise à disposition qui ne peut plus y arriver, non celle en cours.

    Vacances of one réservataire: those offered in the period, those whose turn still holds at its end, those that
    reached each stage. One still holding is resolved for the stages it has reached. Returns a `Chute` a stage.
    """
    lues = []
    for etape in bareme("decompte")["etapes"]["ordre"][1:]:
        suivies = mise_a_disposition & atteintes.get(etape, frozenset())
        ouvertes = (mise_a_disposition & en_cours) - suivies
        resolues = len(mise_a_disposition) - len(ouvertes)
        taux = taux_chute(resolues, len(suivies)).valeur
        lues.append(Chute(etape, len(suivies), resolues, len(ouvertes), taux))
    etapes = tuple(
        Etape(f"Chute, {c.etape}", f"1 − {c.suivies} ÷ {c.resolues}, {c.en_cours} en cours", c.taux, "d39")
        for c in lues
    )
    return Resultat(tuple(lues), "calcule", etapes)
