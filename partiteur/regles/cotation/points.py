"""What a criterion gives on known facts: conditions in three values, and each form of points."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.regles.cotation.faits import Fait
from partiteur.regles.cotation.grille import (
    Axe,
    Comparaison,
    Compteur,
    Condition,
    Critere,
    Enumere,
    Forfait,
    Forme,
    ParUnite,
    Reference,
    Sauf,
    Tous,
    Tranches,
    Valeur,
    variables_de_condition,
    variables_de_forme,
)
from partiteur.regles.delais import Delai, rebours
from partiteur.regles.socle import Etape, Resultat, regle

Faits = Mapping[str, Fait]
COMPARER: Mapping[str, Callable[[Any, Any], bool]] = {
    "est": lambda fait, valeur: fait == valeur,
    "egal": lambda fait, valeur: fait == valeur,
    "different": lambda fait, valeur: fait != valeur,
    "au_moins": lambda fait, valeur: fait >= valeur,
    "au_plus": lambda fait, valeur: fait <= valeur,
    "superieur_a": lambda fait, valeur: fait > valeur,
    "inferieur_a": lambda fait, valeur: fait < valeur,
    "dans": lambda fait, valeur: fait == valeur,
    "contient": lambda fait, valeur: valeur in fait,
}


@dataclass(frozen=True)
class Apport:
    """What a criterion gives: its points after coefficient and cap, and the unknown variables that forbid more."""

    points: Fraction
    manquantes: tuple[str, ...] = ()


def vrai(condition: Condition | None, faits: Faits, references: Mapping[str, Valeur]) -> bool | None:
    """A condition on facts: True, False, or None when unknown facts leave it undecided; no condition is True."""
    match condition:
        case None:
            return True
        case Comparaison():
            return _compare(condition, faits, references)
        case Sauf(dedans):
            dit = vrai(dedans, faits, references)
            return None if dit is None else not dit
        case Tous(conditions):
            dits = {vrai(c, faits, references) for c in conditions}
            return False if False in dits else None if None in dits else True
        case _:
            dits = {vrai(c, faits, references) for c in condition.conditions}
            return True if True in dits else None if None in dits else False


def _compare(condition: Comparaison, faits: Faits, references: Mapping[str, Valeur]) -> bool | None:
    fait = faits.get(condition.variable)
    if fait is None:
        return None
    valeurs = [_valeur(v, faits, references) for v in condition.valeurs]
    dits = {None if v is None else COMPARER[condition.operateur](fait, v) for v in valeurs}
    return True if True in dits else None if None in dits else False


def _valeur(valeur: Valeur | Reference, faits: Faits, references: Mapping[str, Valeur]) -> Fait:
    if not isinstance(valeur, Reference):
        return valeur
    return references[valeur.nom] if valeur.nom in references else faits.get(valeur.nom)


@regle("d62", du="2018-01-01")
def occurrences(
    evenements: tuple[date, ...], compteur: Compteur, remises: tuple[date, ...], a_la_date: date
) -> Resultat:
    """Compte les événements datés de la fenêtre, au jour de la cotation, après la dernière remise à zéro.

    Value the dates counted, oldest first. The window holds the days after the same day so many months before, up
    to the day of the score; code `sans_fenetre` when every past event counts.
    """
    depuis = None
    if compteur.fenetre_mois is not None:
        depuis = rebours(a_la_date, Delai(compteur.fenetre_mois, "mois")).valeur
    passees = [jour for jour in remises if jour <= a_la_date]
    if passees:
        depuis = max(passees) if depuis is None else max(*passees, depuis)
    comptes = tuple(sorted(j for j in evenements if j <= a_la_date and (depuis is None or j > depuis)))
    etape = Etape("Événements comptés", f"après le {depuis:%d/%m/%Y}" if depuis else "", len(comptes), "d62")
    return Resultat(comptes, "sans_fenetre" if compteur.fenetre_mois is None else "fenetre", (etape,))


def fois(compteur: Compteur, comptes: int) -> int:
    """How many times a counter applies."""
    applicables = max(comptes - compteur.a_partir_de + 1, 0)
    return applicables if compteur.maximum is None else min(applicables, compteur.maximum)


def evenements_comptes(compteur: Compteur, faits: Faits, a_la_date: date) -> tuple[date, ...] | None:
    """The events a counter counts in facts; None when they, or the resets, are unknown."""
    lus: Any = faits.get(compteur.variable)
    remises: Any = faits.get(compteur.remise_a_zero) if compteur.remise_a_zero else ()
    if lus is None or remises is None:
        return None
    comptes: tuple[date, ...] = occurrences(lus, compteur, remises, a_la_date).valeur
    return comptes


def apport(critere: Critere, faits: Faits, references: Mapping[str, Valeur], a_la_date: date) -> Apport:
    """What a criterion gives on facts.

    Nothing when its `si` is false; nothing, and the unknown variables named, when `si` or the form is undecided.
    """
    applicable = vrai(critere.si, faits, references)
    if applicable is False:
        return Apport(Fraction(0))
    donne = points_de_forme(critere.forme, faits, a_la_date)
    if applicable is None or donne is None:
        lues = [*variables_de_condition(critere.si, references), *variables_de_forme(critere.forme)]
        return Apport(Fraction(0), _manquantes(lues, faits))
    facteur = Fraction(1)
    manquantes: list[str] = []
    for coefficient in critere.coefficients:
        tient = vrai(coefficient.si, faits, references)
        if tient:
            facteur = coefficient.facteur
            break
        if tient is None:
            manquantes += variables_de_condition(coefficient.si, references)
    points = donne * facteur
    points = points if critere.plafond is None else min(points, critere.plafond)
    return Apport(points, _manquantes(manquantes, faits))


def _manquantes(variables: list[str], faits: Faits) -> tuple[str, ...]:
    return tuple(dict.fromkeys(v for v in variables if faits.get(v) is None))


def points_de_forme(forme: Forme, faits: Faits, a_la_date: date) -> Fraction | None:
    """The points of a form on facts, before coefficient and cap; None when a fact it reads is unknown."""
    if isinstance(forme, Forfait):
        return forme.points
    if isinstance(forme, Compteur):
        comptes = evenements_comptes(forme, faits, a_la_date)
        return None if comptes is None else forme.points * fois(forme, len(comptes))
    lus: list[Any] = [faits.get(v) for v in variables_de_forme(forme)]
    if None in lus:
        return None
    match forme:
        case ParUnite():
            return _par_unite(forme, lus[0])
        case Tranches():
            return _par_tranche(forme, lus[0])
        case Enumere(points=points):
            return dict(points).get(lus[0], Fraction(0))
        case _:
            rang, colonne = _rang(forme.lignes, lus[0]), _rang(forme.colonnes, lus[-1])
            return Fraction(0) if rang is None or colonne is None else forme.points[rang][colonne]


def _par_unite(forme: ParUnite, unites: int) -> Fraction:
    """Each palier prices the units beyond its threshold, up to the next one's."""
    total, tarif, depuis = Fraction(0), forme.points_par_unite, 0
    for palier in forme.paliers:
        total += tarif * (min(max(unites, depuis), palier.a_partir_de) - depuis)
        tarif, depuis = palier.points_par_unite, palier.a_partir_de
    return total + tarif * (max(unites, depuis) - depuis)


def _par_tranche(forme: Tranches, valeur: Fraction) -> Fraction:
    for tranche in forme.tranches:
        apres_debut = tranche.a_partir_de is None or valeur >= tranche.a_partir_de
        if apres_debut and (tranche.moins_de is None or valeur < tranche.moins_de):
            return tranche.points
    return Fraction(0)


def _rang(axe: Axe, valeur: Any) -> int | None:
    """The row or column a value falls in, None when it is listed nowhere."""
    if axe.bornes:
        return len([borne for borne in axe.bornes if valeur >= borne])
    return axe.valeurs.index(valeur) if valeur in axe.valeurs else None
