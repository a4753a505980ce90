"""One cell of a file of demandes: its value by the type of its variable, or the code of what is wrong with it.

Called once per distinct text of a column. A finding never holds the text: `sorte` says what kind of thing it is.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from partiteur.moteur.demandes.schema import DECIMALES
from partiteur.moteur.lecture.cellule import inconnu, propre
from partiteur.moteur.lecture.colonne import normaliser
from partiteur.moteur.lecture.constat import charger_toml
from partiteur.regles.cotation.catalogue import Variable
from partiteur.regles.socle import ErreurUtilisateur, fraction

SEPARATEUR = "|"
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ][\d:.]+)?", re.ASCII)
FRANCAISE = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})", re.ASCII)
ANNEES = (1900, 2100)
CHIFFRES_MAX = 18 - DECIMALES
ENTIER_MAX = 10**15
AUCUN = ("aucun", "aucune")
ELEMENTS_MAX = 200
LIBRE = re.compile(
    r"[0-9A-Za-z][0-9A-Za-z_.-]{0,29}", re.ASCII
)  # a code of no list: no space, so no free text

Lue = tuple[Any, str | None]


def lire_cellule(variable: Variable, brut: str) -> Lue:
    """(value, None), (value, a warning) or (None, what is wrong); (None, None) for a cell that says nothing."""
    texte = propre(brut)
    if not texte or (variable.type != "code" and inconnu(texte, normaliser(texte))):
        return None, None
    return LECTEURS[variable.type](variable, texte)


def sorte(brut: str) -> str:
    """What kind of thing a text is, without saying it: « un nombre », « un texte de 12 caractères »."""
    texte = propre(brut)
    if not texte:
        return "une cellule vide"
    if re.fullmatch(r"[+-]?[\d\s.,/%]+", texte):
        return f"un nombre de {sum(c.isdigit() for c in texte)} chiffres"
    if SEPARATEUR in texte:
        return f"une liste de {texte.count(SEPARATEUR) + 1} éléments"
    return f"un texte de {len(texte)} caractères"


def _booleen(variable: Variable, texte: str) -> Lue:
    cle, mots = normaliser(texte.removesuffix(".0")), charger_toml("cellule")
    if cle in mots["oui"]:
        return True, None
    return (False, None) if cle in mots["non"] and cle != "2" else (None, "valeur_illisible")


def _entier(variable: Variable, texte: str) -> Lue:
    valeur = _exacte(texte)
    if valeur is None or valeur.denominator != 1:
        return None, "valeur_illisible"
    return (int(valeur), None) if abs(valeur) <= ENTIER_MAX else (None, "valeur_hors_bornes")


def _nombre(variable: Variable, texte: str) -> Lue:
    """Six decimals; a number that has more is rounded, half to even, and said to be."""
    valeur = _exacte(texte)
    if valeur is None:
        return None, "valeur_illisible"
    if abs(valeur) >= 10**CHIFFRES_MAX:
        return None, "valeur_hors_bornes"
    arrondi = Decimal(round(valeur * 10**DECIMALES)).scaleb(-DECIMALES)
    return arrondi, None if valeur * 10**DECIMALES == round(valeur * 10**DECIMALES) else "nombre_arrondi"


def _exacte(texte: str) -> Any:
    try:
        return fraction(texte.replace("€", "").replace("m²", ""))
    except ErreurUtilisateur:
        return None


def _code(variable: Variable, texte: str) -> Lue:
    """A code of the list, or its words; where the list is free, what looks like a code."""
    if not variable.codes:
        return (texte, None) if LIBRE.fullmatch(texte) else (None, "valeur_illisible")
    if texte in variable.codes:
        return texte, None
    trouve = _par_ecriture(variable.codes, texte)
    return (trouve, None) if trouve else (None, "code_inconnu")


def _par_ecriture(codes: Mapping[str, str], texte: str) -> str | None:
    """The code meant by another case, by its words, or by a number that lost its leading zero."""
    cle = normaliser(texte.removesuffix(".0"))
    for code, mot in codes.items():
        if cle in (normaliser(code), normaliser(mot) or None) or (
            cle.isdecimal() and cle.zfill(len(code)) == code
        ):
            return code
    return None


def _liste(variable: Variable, texte: str) -> Lue:
    return _elements(texte, lambda morceau: _code(variable, morceau))


def _date(variable: Variable, texte: str) -> Lue:
    if lu := ISO.fullmatch(texte):
        annee, mois, jour = lu[1], lu[2], lu[3]
    elif lu := FRANCAISE.fullmatch(texte):
        jour, mois, annee = lu[1], lu[2], lu[3]
    else:
        return None, "valeur_illisible"
    try:
        valeur = date(int(annee), int(mois), int(jour))
    except ValueError:
        return None, "valeur_illisible"
    return (valeur, None) if ANNEES[0] <= valeur.year <= ANNEES[1] else (None, "valeur_hors_bornes")


def _evenements(variable: Variable, texte: str) -> Lue:
    lue, constat = _elements(texte, lambda morceau: _date(variable, morceau))
    return (sorted(lue), constat) if lue is not None else (None, constat)


def _elements(texte: str, lire: Callable[[str], Lue]) -> Lue:
    """Each element between bars, « aucun » for none; one that cannot be read makes the whole cell unknown."""
    if normaliser(texte) in AUCUN:
        return [], None
    morceaux = [m.strip() for m in texte.split(SEPARATEUR) if m.strip()]
    if len(morceaux) > ELEMENTS_MAX:
        return None, "valeur_hors_bornes"
    lues = [lire(morceau) for morceau in morceaux]
    faute = next((constat for _, constat in lues if constat), None)
    return (None, faute) if faute else ([valeur for valeur, _ in lues], None)


LECTEURS: dict[str, Callable[[Variable, str], Lue]] = {
    "booleen": _booleen,
    "entier": _entier,
    "nombre": _nombre,
    "code": _code,
    "liste": _liste,
    "date": _date,
    "evenements": _evenements,
}
