"""A grid in French words: its conditions and its forms of points, as a person reads them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from partiteur.regles.cotation import (
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
    Tableau,
    Tous,
    Tranches,
    UnDe,
    Valeur,
    Variable,
)
from partiteur.regles.socle import nombre

Variables = Mapping[str, Variable]
OPERATEURS = {
    "est": "est", "egal": "est", "different": "n'est pas", "dans": "est l'un de", "au_moins": "est d'au moins",
    "au_plus": "est d'au plus", "superieur_a": "dépasse", "inferieur_a": "est inférieur à", "contient": "contient",
}  # fmt: skip


def points(valeur: Fraction) -> str:
    """« 1 point », « 20 points »."""
    mots = str(valeur) if nombre(valeur).startswith("≈") else nombre(valeur)
    return f"{mots} point{'' if abs(valeur) < 2 else 's'}"


def mot_de_condition(condition: Condition | None, variables: Variables) -> str:
    """A condition as a clause; empty without one."""
    match condition:
        case None:
            return ""
        case Tous(conditions):
            return " et ".join(_entoure(c, variables) for c in conditions)
        case UnDe(conditions):
            return " ou ".join(_entoure(c, variables) for c in conditions)
        case Sauf(dedans):
            return f"sauf si {_entoure(dedans, variables)}"
        case Comparaison(variable, operateur, valeurs):
            mots = " ou ".join(_valeur(v, variable, variables) for v in valeurs)
            return f"{_libelle(variable, variables)} {OPERATEURS[operateur]} {mots}"


def _entoure(condition: Condition, variables: Variables) -> str:
    mots = mot_de_condition(condition, variables)
    return f"({mots})" if isinstance(condition, Tous | UnDe) else mots


def _libelle(variable: str, variables: Variables) -> str:
    return f"« {variables[variable].libelle} »" if variable in variables else f"« {variable} »"


def _valeur(valeur: Valeur | Reference, variable: str, variables: Variables) -> str:
    match valeur:
        case Reference(nom):
            return _libelle(nom, variables)
        case bool():
            return "oui" if valeur else "non"
        case date():
            return f"le {valeur:%d/%m/%Y}"
        case Fraction() | int():
            return nombre(valeur)
    codes = variables[variable].codes if variable in variables else {}
    return f"« {codes.get(valeur, valeur)} »"


def mot_de_forme(forme: Forme, variables: Variables) -> str:
    """A form of points as a clause."""
    match forme:
        case Forfait():
            return points(forme.points)
        case ParUnite():
            suite = [f"{points(p.points_par_unite)} au-delà de {p.a_partir_de}" for p in forme.paliers]
            dits = [
                f"{points(forme.points_par_unite)} par unité de {_libelle(forme.variable, variables)}",
                *suite,
            ]
            return ", ".join(dits)
        case Tranches():
            return f"{_libelle(forme.variable, variables)} : " + ", ".join(
                f"{_bornes(t.a_partir_de, t.moins_de)} {points(t.points)}" for t in forme.tranches
            )
        case Enumere(variable, lus):
            codes = variables[variable].codes if variable in variables else {}
            return ", ".join(f"{codes.get(code, code)} {points(p)}" for code, p in lus)
        case Tableau(lignes, colonnes, lus):
            return "; ".join(
                f"{_rang(lignes, i, variables)} et {_rang(colonnes, j, variables)} : {points(p)}"
                for i, ligne in enumerate(lus)
                for j, p in enumerate(ligne)
                if p
            ).replace(";", " ;")
        case Compteur():
            return _compteur(forme, variables)


def _compteur(forme: Compteur, variables: Variables) -> str:
    periode = f" en {forme.fenetre_mois} mois" if forme.fenetre_mois is not None else ""
    depuis = f", à partir du {forme.a_partir_de}e" if forme.a_partir_de > 1 else ""
    limite = f", {forme.maximum} fois au plus" if forme.maximum is not None else ""
    return f"{points(forme.points)} à chaque {_libelle(forme.variable, variables)}{periode}{depuis}{limite}"


def _bornes(bas: Fraction | None, haut: Fraction | None) -> str:
    if bas is None:
        return "toute valeur" if haut is None else f"moins de {nombre(haut)}"
    return f"{nombre(bas)} et plus" if haut is None else f"de {nombre(bas)} à moins de {nombre(haut)}"


def _rang(axe: Axe, rang: int, variables: Variables) -> str:
    if axe.valeurs:
        return f"{_libelle(axe.variable, variables)} {_valeur(axe.valeurs[rang], axe.variable, variables)}"
    bas = axe.bornes[rang - 1] if rang else None
    haut = axe.bornes[rang] if rang < len(axe.bornes) else None
    return f"{_libelle(axe.variable, variables)} {_bornes(bas, haut)}"


def mot_du_critere(critere: Critere, variables: Variables) -> str:
    """What a criterion gives, when, and its limits."""
    dits = [mot_de_forme(critere.forme, variables)]
    if critere.si is not None:
        dits.append(f"si {mot_de_condition(critere.si, variables)}")
    for coefficient in critere.coefficients:
        quand = f" si {mot_de_condition(coefficient.si, variables)}" if coefficient.si else ""
        dits.append(f"multiplié par {nombre(coefficient.facteur)}{quand}")
    if critere.plafond is not None:
        dits.append(f"{points(critere.plafond)} au plus")
    if critere.gel_anciennete_mois is not None:
        dits.append(f"l'ancienneté est gelée {critere.gel_anciennete_mois} mois")
    return " ; ".join(dits)
