"""Reading one cell: a raw text becomes a value, None when unknown, and the code of what was found.

Every function is called once per distinct text of a column, never once per row.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any

import pyarrow as pa

from partiteur.moteur.lecture.colonne import Colonne, normaliser
from partiteur.moteur.lecture.constat import charger_toml
from partiteur.regles.socle import ErreurUtilisateur, fraction

# A value, and the code of constat.toml that tells what was done to read it (None: nothing).
Lue = tuple[Any, str | None]

SCIENTIFIQUE = re.compile(r"\d[.,]\d+[eE]\+?\d{1,3}|\d[eE]\+\d{1,3}", re.ASCII)
NOMBRE = re.compile(r"-?\d{1,15}(?:[.,]\d{1,15})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
DATE_ISO = re.compile(r"(\d{4})-(\d\d?)(?:-(\d\d?))?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?", re.ASCII)
DATE_FR = re.compile(r"(?:(\d\d?)[/.-])?(\d\d?)[/.-](\d{4})(?: \d\d?:\d\d(?::\d\d)?)?", re.ASCII)
PIECES = re.compile(r"(?:[TFP]\s*)?([0-9])\s*(.*)", re.IGNORECASE)
EXCEL_JOUR_ZERO = date(1899, 12, 30)  # Excel's calendar, once its false 29 February 1900 is past
EXCEL_BORNES = (10_000, 80_000)  # 1927 to 2119: no year, no amount of a dwelling is read as a date
ANNEES_DATES = (1850, 2150)
CENTIEME = Decimal("0.01")
CHIFFRES_MAX = 12

TYPES = {
    "booleen": pa.bool_(),
    "entier": pa.int32(),
    "annee": pa.int32(),
    "surface": pa.decimal128(7, 2),
    "euros": pa.int64(),
    "date": pa.date32(),
}


def nettoyer(colonne: Colonne, brut: str, zero_inconnu: bool = False) -> Lue:
    """The value of a cell. `zero_inconnu`: in this column 0 means unknown, not « non »."""
    texte = propre(brut)
    if not texte:
        return None, None
    cle = normaliser(texte)
    if cle in colonne.bouche_trous:
        return None, colonne.bouche_trous[cle]
    if cle in colonne.valeurs:
        return colonne.valeurs[cle], None
    if cle in colonne.inconnus or inconnu(texte, cle) or (zero_inconnu and cle == "0"):
        return None, "valeur_inconnue"
    return LECTEURS[colonne.type](colonne, texte)


def propre(brut: str) -> str:
    """Without the spaces around, whatever their width, nor the marks a spreadsheet adds (="06029", '06029)."""
    texte = " ".join(brut.split())  # str.split knows the no-break spaces
    if texte.startswith('="') and texte.endswith('"'):
        texte = texte[2:-1].strip()
    return texte.removeprefix("'") if texte[1:2].isdigit() else texte


@cache
def _mots(liste: str) -> frozenset[str]:
    return frozenset(charger_toml("cellule")[liste])


def inconnu(texte: str, cle: str) -> bool:
    """NA, NC, « sans objet », #REF!, a dash alone: words that stand for no value."""
    return cle in _mots("inconnus") or texte.startswith("#") or not (cle or "\ufffd" in texte)


def _texte(colonne: Colonne, texte: str) -> Lue:
    if SCIENTIFIQUE.fullmatch(texte):
        return None, "notation_scientifique"
    if DATE_ISO.fullmatch(texte):
        return None, "date_dans_texte"
    return texte, None


def _identifiant(colonne: Colonne, texte: str) -> Lue:
    return _texte(colonne, texte.removesuffix(".0"))


def _code(colonne: Colonne, texte: str) -> Lue:
    """A code of the nomenclature, whose leading zeros or « .0 » a spreadsheet may have changed."""
    cle = normaliser(texte.removesuffix(".0").removesuffix(",0"))
    premier = cle.partition(" ")[0]  # « 13 - PLUS » says its code first
    for essai in (cle, cle.lstrip("0"), premier if premier.isdecimal() else cle):
        if essai in colonne.valeurs:
            return colonne.valeurs[essai], None
    return None, "valeur_illisible"


def _booleen(colonne: Colonne, texte: str) -> Lue:
    cle = normaliser(texte.removesuffix(".0"))
    if cle in _mots("oui"):
        return True, None
    return (False, None) if cle in _mots("non") else (None, "valeur_illisible")


def _usage(colonne: Colonne, texte: str) -> Lue:
    """A label outside the list stays as it was read, in the form of a code."""
    return normaliser(texte).replace(" ", "_"), None


def decimal(texte: str) -> tuple[Decimal | None, str | None]:
    """A number written in French, English or scientific notation, exact; None when it is none."""
    compact = re.sub(r"(?i)\s|€|eur(?:os?)?$|m2$|m²$", "", texte)
    if not NOMBRE.fullmatch(compact):
        return None, "valeur_illisible"
    try:
        valeur = Decimal(compact.replace(",", "."))
    except InvalidOperation:  # pragma: no cover - the pattern above leaves no such text
        return None, "valeur_illisible"
    if valeur and abs(valeur.adjusted()) > CHIFFRES_MAX:
        return None, "valeur_hors_bornes"
    if "e" in compact.lower():
        return valeur, "nombre_scientifique"
    return valeur, "virgule_decimale" if "," in compact else None


def _nombre(colonne: Colonne, texte: str) -> tuple[Decimal | None, str | None]:
    valeur, constat = decimal(texte)
    if valeur is None:
        return None, constat
    if valeur == valeur.to_integral_value() and normaliser(str(int(valeur))) in colonne.inconnus:
        return None, "valeur_inconnue"
    bas, haut = colonne.minimum, colonne.maximum
    if (bas is not None and valeur < bas) or (haut is not None and valeur > haut):
        return None, "valeur_hors_bornes"
    return valeur, constat


def _entier(colonne: Colonne, texte: str) -> Lue:
    valeur, constat = _nombre(colonne, texte)
    if valeur is None:
        return None, constat
    return (int(valeur), constat) if valeur == valeur.to_integral_value() else (None, "valeur_illisible")


def _annee(colonne: Colonne, texte: str) -> Lue:
    """A year; a full date gives its year."""
    if DATE_FR.fullmatch(texte) or DATE_ISO.fullmatch(texte):
        jour, constat = _date(colonne, texte)
        texte = str(jour.year) if jour else ""
        return _entier(colonne, texte) if jour else (None, constat)
    return _entier(colonne, texte)


def _surface(colonne: Colonne, texte: str) -> Lue:
    valeur, constat = _nombre(colonne, texte)
    return (None, constat) if valeur is None else (valeur.quantize(CENTIEME, ROUND_HALF_UP), constat)


def _euros(colonne: Colonne, texte: str) -> Lue:
    """Centimes, from an amount in euros."""
    valeur, constat = _nombre(colonne, texte)
    if valeur is None:
        return None, constat
    return int(valeur.quantize(CENTIEME, ROUND_HALF_UP).scaleb(2)), constat


def _date(colonne: Colonne, texte: str) -> Lue:
    """A day; a month gives its first day."""
    if lu := DATE_FR.fullmatch(texte):
        jour, mois, annee = lu[1], lu[2], lu[3]
    elif lu := DATE_ISO.fullmatch(texte):
        annee, mois, jour = lu[1], lu[2], lu[3]
    else:
        return _date_excel(texte)
    try:
        valeur = date(int(annee), int(mois), int(jour or 1))
    except ValueError:
        return None, "valeur_illisible"
    if not ANNEES_DATES[0] <= valeur.year <= ANNEES_DATES[1]:
        return None, "valeur_hors_bornes"
    return valeur, None


def _date_excel(texte: str) -> Lue:
    valeur, _ = decimal(texte)
    if valeur is not None and EXCEL_BORNES[0] <= valeur <= EXCEL_BORNES[1]:
        return EXCEL_JOUR_ZERO + timedelta(days=int(valeur)), "date_excel"
    return None, "valeur_illisible"


def _typologie(colonne: Colonne, texte: str) -> Lue:
    typologie, _ = pieces(texte)
    return typologie, None if typologie else "valeur_illisible"


@cache
def _details() -> dict[str, str]:
    return dict(charger_toml("cellule")["details_typologie"])


def pieces(texte: str) -> tuple[str | None, str | None]:
    """« F3 » → (T3, None), « T1 bis » → (T1, T1bis), « studio » → (T1, studio); (None, None) when unreadable."""
    cle = normaliser(texte)
    if cle.startswith("studio"):
        return "T1", "studio"
    lu = PIECES.fullmatch(texte.removesuffix(".0"))
    if not lu:
        return None, None
    suite = lu[2].strip().casefold()
    detail = _details().get(suite if suite in ("'", "+") else normaliser(suite), "?")
    if detail == "?" or (lu[1] == "0" and not texte[:1].isalpha()):
        return None, None
    if lu[1] == "0":
        return "T1", "T0"
    return f"T{lu[1]}", detail.format(n=lu[1]) or None


def _siren(colonne: Colonne, texte: str) -> Lue:
    """The SIREN of a SIREN or a SIRET; a name is kept as given."""
    compact = texte.removesuffix(".0").replace(" ", "")
    if SCIENTIFIQUE.fullmatch(compact):
        return None, "notation_scientifique"
    if not compact.isdecimal():
        return texte, None
    if len(compact) in (8, 13):
        return f"0{compact}"[:9], "zero_perdu"
    return (compact[:9], None) if len(compact) in (9, 14) else (texte, None)


def _complete(longueur: int, forme: str) -> Callable[[Colonne, str], Lue]:
    """A reader of codes of `longueur` characters that a spreadsheet shortens by one zero."""
    motif = re.compile(forme, re.ASCII)

    def lire(colonne: Colonne, texte: str) -> Lue:
        code = texte.removesuffix(".0").upper()
        if code.isdecimal() and len(code) == longueur - 1:
            return f"0{code}", "zero_perdu"
        return (code, None) if motif.fullmatch(code) else (None, "valeur_illisible")

    return lire


def _commune(colonne: Colonne, texte: str) -> Lue:
    """A code with its zero restored; anything else goes on as it is, for the COG to refuse by its name."""
    code = texte.removesuffix(".0").upper()
    if code.isdecimal() and len(code) == 4:
        return f"0{code}", "zero_perdu"
    return code, None


def _quotite(colonne: Colonne, texte: str) -> Lue:
    """A part, as the text of an exact fraction: « 20 % » → 1/5."""
    try:
        part = fraction(texte)
    except ErreurUtilisateur:
        return None, "valeur_illisible"
    return (str(part), None) if 0 < part <= 1 else (None, "valeur_hors_bornes")


LECTEURS: dict[str, Callable[[Colonne, str], Lue]] = {
    "identifiant": _identifiant,
    "texte": _texte,
    "code": _code,
    "usage": _usage,
    "booleen": _booleen,
    "entier": _entier,
    "annee": _annee,
    "surface": _surface,
    "euros": _euros,
    "date": _date,
    "typologie": _typologie,
    "siren": _siren,
    "commune": _commune,
    "departement": _complete(2, r"\d{2,3}|2[AB]"),
    "region": _complete(2, r"\d{2}"),
    "epci": _complete(9, r"\d{9}"),
    "postal": _complete(5, r"\d{5}"),
    "quotite": _quotite,
}
