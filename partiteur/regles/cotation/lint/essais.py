"""Trials: a criterion is asked on every combination of the values that could matter; one that never gives a point
is unreachable, one that goes against its `sens` is contradictory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product
from math import prod
from typing import Any

from partiteur.regles.cotation.catalogue import NUMERIQUES, Catalogue, Variable
from partiteur.regles.cotation.constat import Constat, erreur
from partiteur.regles.cotation.grille import (
    Axe,
    Comparaison,
    Compteur,
    Critere,
    Enumere,
    Grille,
    ParUnite,
    Reference,
    Tableau,
    Tranches,
    comparaisons,
    variables_du_critere,
)
from partiteur.regles.cotation.lint.points import montants
from partiteur.regles.cotation.points import apport
from partiteur.regles.socle import bareme

AUTRE = "·autre"  # a code no grid names
POPULATION = "mutation"  # what `population` says of every demande of the grid
SANS_MUTATION, AVEC_MUTATION = "premiere_demande", "mutation"


def constats_d_essais(grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    """Criteria that no demande of the grid's population can reach, and those that contradict their `sens`."""
    for critere in grille.criteres:
        lues = variables_du_critere(critere, grille.references)
        if any(v not in catalogue.variables for v in lues) or not any(montants(critere)):
            continue  # named by another constat
        valeurs = {v: candidats(catalogue.variables[v], critere, grille) for v in lues}
        if prod(len(v) for v in valeurs.values()) > int(bareme("variables")["verification"]["essais"]):
            continue  # too many to try: nothing is said
        points = [
            (faits, apport(critere, faits, grille.references, grille.valide_du).points)
            for faits in _combinaisons(valeurs)
        ]
        if not any(p for _, p in points):
            yield erreur(
                "critere_inatteignable",
                f"criteres.{critere.code}",
                f"Critère « {critere.code} » : aucune demande ne peut l'obtenir, ses conditions se contredisent.",
            )
        elif critere.sens is not None:
            yield from _sens(critere, lues[0], catalogue.variables[lues[0]], points)


def _combinaisons(valeurs: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Every combination, the values of the first variable in their order for the same others."""
    noms = list(valeurs)[::-1]
    for choix in product(*(valeurs[n] for n in noms)):
        yield dict(zip(noms, choix, strict=True))


def _sens(
    critere: Critere,
    principale: str,
    variable: Variable,
    points: Sequence[tuple[Mapping[str, Any], Fraction]],
) -> Iterator[Constat]:
    """The principal variable rising, all else equal, points that go the wrong way."""
    chemin = f"criteres.{critere.code}.sens"
    if variable.type not in (*NUMERIQUES, "booleen", "date", "evenements"):
        yield erreur(
            "sens_impossible",
            chemin,
            f"Critère « {critere.code} » : « {principale} », de type {variable.type}, ne monte ni ne descend.",
        )
        return
    signe = 1 if critere.sens == "croissant" else -1
    for (avant, bas), (apres, haut) in pairwise(points):
        autres = {n: v for n, v in avant.items() if n != principale}
        if autres == {n: v for n, v in apres.items() if n != principale} and signe * (haut - bas) < 0:
            yield erreur(
                "sens_contredit",
                chemin,
                f"Critère « {critere.code} » : il se dit {critere.sens}, mais ses points "
                f"{'baissent' if signe > 0 else 'montent'} quand « {principale} » monte.",
            )
            return


def candidats(variable: Variable, critere: Critere, grille: Grille) -> list[Any]:
    """The values of a variable that can matter to a criterion: those it names, those beside them, those between."""
    nommees = list(dict.fromkeys(_nommees(variable.code, critere, grille)))
    if variable.code == POPULATION and grille.population != "toutes":
        return [grille.population == AVEC_MUTATION]
    match variable.type:
        case "booleen":
            return [False, True]
        case "code":
            return [c for c in nommees if not variable.codes or c in variable.codes] + [AUTRE]
        case "liste":
            connus = [c for c in nommees if not variable.codes or c in variable.codes]
            seuls = [(c,) for c in connus]
            return [(), *seuls, *(tuple(a for a in connus if a != c) for c in connus), tuple(connus)]
        case "date":
            jours = [j for j in nommees if isinstance(j, date)] or [grille.valide_du]
            return sorted({j + timedelta(days=n) for j in jours for n in (-1, 0, 1)})
        case "evenements":
            return [(grille.valide_du,) * n for n in sorted({0, *nommees})]
        case _:
            return _nombres([Fraction(n) for n in nommees if isinstance(n, int | Fraction)], variable)


def _nombres(nommes: list[Fraction], variable: Variable) -> list[Any]:
    """Named numbers, one unit beside each, the middle of two; whole and not below zero for an integer variable."""
    nommes = sorted({*nommes, Fraction(0), Fraction(1)})
    proches = {n + pas for n in nommes for pas in (-1, 0, 1)} | {
        (a + b) / (1 + 1) for a, b in pairwise(nommes)
    }
    if variable.type == "nombre":
        return sorted(proches)
    return sorted({int(n) for n in proches if n >= 0})


def _nommees(nom: str, critere: Critere, grille: Grille) -> Iterator[Any]:
    """What a criterion compares a variable with: constants, thresholds, the values of a reference."""
    for condition in (critere.si, *(c.si for c in critere.coefficients)):
        for une in comparaisons(condition):
            yield from _comparees(nom, une, grille)
    match critere.forme:
        case Tranches(variable, tranches) if variable == nom:
            yield from (b for t in tranches for b in (t.a_partir_de, t.moins_de) if b is not None)
        case ParUnite(variable, _, paliers) if variable == nom:
            yield from (p.a_partir_de for p in paliers)
        case Enumere(variable, points) if variable == nom:
            yield from (code for code, _ in points)
        case Tableau(lignes, colonnes):
            yield from _axe(nom, lignes)
            yield from _axe(nom, colonnes)
        case Compteur(variable, a_partir_de=seuil) if variable == nom:
            yield from (seuil - 1, seuil, seuil + 1)
        case _:
            pass


def _comparees(nom: str, une: Comparaison, grille: Grille) -> Iterator[Any]:
    for valeur in une.valeurs:
        if isinstance(valeur, Reference) and valeur.nom not in grille.references:
            # whatever the threshold is, the variable may be on either side
            yield from (0, 1) if nom in (une.variable, valeur.nom) else ()
        elif une.variable == nom:
            yield grille.references[valeur.nom] if isinstance(valeur, Reference) else valeur


def _axe(nom: str, axe: Axe) -> Iterable[Any]:
    return (*axe.valeurs, *axe.bornes) if axe.variable == nom else ()
