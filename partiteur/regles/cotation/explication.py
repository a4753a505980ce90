"""A grid in plain French: what a criterion asks, what it gives, what a value is, as a demandeur reads them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from partiteur.regles.cotation.catalogue import Catalogue, Variable
from partiteur.regles.cotation.faits import Fait, LigneScore
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
    Tableau,
    Tous,
    Tranches,
    UnDe,
    Valeur,
)
from partiteur.regles.socle import nombre, pourcentage

PREUVES: Mapping[str, str] = {
    "declaree": "déclaré",
    "deposee": "pièce déposée",
    "verifiee": "pièce vérifiée",
    "validee_travailleur_social": "validé par un travailleur social",
    "transmise": "transmis par l'autorité qui décide",
}
MOTS: Mapping[str, str] = {
    "egal": "est",
    "est": "est",
    "different": "n'est pas",
    "dans": "est l'un de",
    "au_moins": "est d'au moins",
    "au_plus": "est d'au plus",
    "superieur_a": "dépasse",
    "inferieur_a": "est inférieur à",
    "contient": "compte",
}
INCONNU = "inconnu"


def dire_valeur(valeur: Fait | Reference, variable: Variable | None, codes: bool = True) -> str:
    """A value in words: oui, 38,46 %, 36 mois, « Locataire parc privé », inconnu; `codes` false keeps codes bare."""
    match valeur:
        case None:
            return INCONNU
        case bool():
            return "oui" if valeur else "non"
        case Reference(nom):
            return f"« {nom} »"
        case str():
            mot = variable.codes.get(valeur) if variable and codes else None
            return f"« {mot} »" if mot else valeur
        case tuple():
            return ", ".join(dire_valeur(v, variable, codes) for v in valeur) or "aucun"
        case date():
            return f"{valeur:%d/%m/%Y}"
        case _:
            return _dire_nombre(Fraction(valeur), variable)


def _dire_nombre(valeur: Fraction, variable: Variable | None) -> str:
    unite = variable.unite if variable else None
    if unite == "taux":
        return pourcentage(valeur)
    return f"{nombre(valeur)} {unite}" if unite else nombre(valeur)


def dire_condition(condition: Condition, catalogue: Catalogue) -> str:
    """A condition as one clause: « Taux d'effort dépasse 33 % et Handicap est oui »."""
    match condition:
        case Comparaison(nom, operateur, valeurs):
            variable = catalogue.variables.get(nom)
            libelle = variable.libelle if variable else nom
            if isinstance(valeurs[0], bool):
                return libelle if valeurs[0] is (operateur != "different") else f"pas ({libelle})"
            dites = " ou ".join(_dire_comparee(v, variable, catalogue) for v in valeurs)
            return f"{libelle} {MOTS[operateur]} {dites}"
        case Tous(conditions):
            return " et ".join(_dire_membre(c, catalogue) for c in conditions)
        case UnDe(conditions):
            return " ou ".join(_dire_membre(c, catalogue) for c in conditions)
        case _:
            return f"pas ({dire_condition(condition.condition, catalogue)})"


def _dire_membre(condition: Condition, catalogue: Catalogue) -> str:
    dite = dire_condition(condition, catalogue)
    return f"({dite})" if isinstance(condition, Tous | UnDe) else dite


def _dire_comparee(valeur: Valeur | Reference, variable: Variable | None, catalogue: Catalogue) -> str:
    if isinstance(valeur, Reference) and valeur.nom in catalogue.variables:
        return f"« {catalogue.variables[valeur.nom].libelle} »"
    return dire_valeur(valeur, variable)


def dire_critere(critere: Critere, catalogue: Catalogue) -> str:
    """How a criterion gives its points, in one sentence without its name."""
    phrase = _dire_forme(critere.forme, catalogue)
    if critere.si is not None:
        phrase += f", si {dire_condition(critere.si, catalogue)}"
    for coefficient in critere.coefficients:
        phrase += f" ; × {dire_points(coefficient.facteur)}"
        phrase += f" si {dire_condition(coefficient.si, catalogue)}" if coefficient.si else ""
    if critere.plafond is not None:
        phrase += f" ; {dire_points(critere.plafond)} au plus"
    if critere.gel_anciennete_mois is not None:
        phrase += f" ; ancienneté gelée {critere.gel_anciennete_mois} mois au plus"
    return f"{phrase}."


def _dire_forme(forme: Forme, catalogue: Catalogue) -> str:
    match forme:
        case Forfait(points):
            return _points(points)
        case ParUnite(variable, points, paliers):
            suite = "".join(
                f", puis {_points(p.points_par_unite)} à partir de {p.a_partir_de}" for p in paliers
            )
            return f"{_points(points)} par unité de « {_libelle(variable, catalogue)} »{suite}"
        case Tranches(variable, tranches):
            connue = catalogue.variables.get(variable)
            dites = (
                f"{f'sous {dire_valeur(t.moins_de, connue)}' if t.moins_de is not None else 'au-delà'} "
                f"{dire_points(t.points)}"
                for t in tranches
            )
            return f"points selon « {_libelle(variable, catalogue)} » : {', '.join(dites)}"
        case Enumere(variable, points_par_code):
            connue = catalogue.variables.get(variable)
            dites = (f"{dire_valeur(code, connue)} {dire_points(p)}" for code, p in points_par_code)
            return f"points selon « {_libelle(variable, catalogue)} » : {', '.join(dites)}"
        case Tableau():
            return _dire_tableau(forme, catalogue)
        case _:
            return _dire_compteur(forme, catalogue)


def _dire_tableau(forme: Tableau, catalogue: Catalogue) -> str:
    rangs, colonnes = (_dire_axe(axe, catalogue) for axe in (forme.lignes, forme.colonnes))
    cases = (
        f"{rang} et {colonne} {dire_points(points)}"
        for rang, ligne in zip(rangs, forme.points, strict=True)
        for colonne, points in zip(colonnes, ligne, strict=True)
        if points
    )
    noms = " et ".join(f"« {_libelle(a.variable, catalogue)} »" for a in (forme.lignes, forme.colonnes))
    return f"points selon {noms} : {', '.join(cases)}"


def _dire_axe(axe: Axe, catalogue: Catalogue) -> list[str]:
    connue = catalogue.variables.get(axe.variable)
    if axe.valeurs:
        return [dire_valeur(v, connue) for v in axe.valeurs]
    return [
        *(f"sous {dire_valeur(b, connue)}" for b in axe.bornes),
        f"{dire_valeur(axe.bornes[-1], connue)} et plus",
    ]


def _dire_compteur(forme: Compteur, catalogue: Catalogue) -> str:
    phrase = f"{_points(forme.points)} par événement « {_libelle(forme.variable, catalogue)} »"
    if forme.a_partir_de > 1:
        phrase += f", à partir du {forme.a_partir_de}e"
    if forme.fenetre_mois is not None:
        phrase += f", sur {forme.fenetre_mois} mois"
    if forme.maximum is not None:
        phrase += f", {forme.maximum} fois au plus"
    if forme.remise_a_zero is not None:
        phrase += f", compté depuis le dernier « {_libelle(forme.remise_a_zero, catalogue)} »"
    return phrase


def _libelle(nom: str, catalogue: Catalogue) -> str:
    return catalogue.variables[nom].libelle if nom in catalogue.variables else nom


def _points(points: Fraction) -> str:
    return f"{dire_points(points)} point{'s' if abs(points) > 1 else ''}"


def dire_points(points: Fraction) -> str:
    """Points exactly: « 20 », « 2,5 », « 1/24 » where decimals would not end."""
    dits = nombre(points)
    return str(points) if dits.startswith("≈") else dits


def dire_ligne(ligne: LigneScore, catalogue: Catalogue) -> str:
    """What a line of a score says of a person: the value read, its proof, what it brings and why not more."""
    lus = [(ligne.variable, ligne.valeur), *ligne.autres]
    dits = " ; ".join(
        f"{_libelle(nom, catalogue)} : {dire_valeur(v, catalogue.variables.get(nom))}"
        for nom, v in lus
        if nom
    )
    phrase = f"{ligne.libelle} : {_points(ligne.points_retenus)} ({dits} ; {PREUVES[ligne.preuve]})."
    if ligne.manquantes:
        noms = ", ".join(f"« {_libelle(m, catalogue)} »" for m in ligne.manquantes)
        return f"{phrase} Information manquante : {noms}."
    if ligne.points != ligne.points_retenus:
        return f"{phrase} Les faits donneraient {_points(ligne.points)}, que la preuve ou la rubrique ne retient pas."
    return phrase
