"""Keys of a dossier laid flat, « soustraits.mutations.valeur », and what its JSON Schema says of each."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from partiteur.regles.socle import RACINE, ErreurUtilisateur, fraction

VIDE = "{}"  # a table that is there and says nothing, which is not the same as no table
SEPARATEUR = ";"
MORCEAU = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')
DATE_FR = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
ENTIER = re.compile(r"-?\d+")
MOTS = {"oui": True, "non": False, "vrai": True, "faux": False, "true": True, "false": False}
CHIFFRES_SURS = 15  # what a spreadsheet keeps of a number somebody typed
Chemin = tuple[str | int, ...]


class CleInconnue(Exception):
    """A segment of a key that the schema does not know; `connues` are those it knows there."""

    def __init__(self, morceau: str, connues: Sequence[str]) -> None:
        super().__init__(morceau)
        self.morceau, self.connues = morceau, connues


class DejaPose(Exception):
    """Two cells give the same key, or a key and one under it."""


@dataclass(frozen=True)
class Noeud:
    """A place in the schema: the alternatives a value may fit."""

    formes: tuple[Mapping[str, Any], ...]

    def enfant(self, morceau: str) -> tuple["Noeud", str | int]:
        """The place under a segment of a key, and the segment as a document has it. Raises CleInconnue."""
        connues: list[str] = []
        for forme in self.formes:
            if forme.get("type") == "array" and morceau.isdecimal() and int(morceau):
                return noeud(forme["items"]), int(morceau) - 1
            if morceau in forme.get("properties", {}):
                return noeud(forme["properties"][morceau]), morceau
            connues += forme.get("properties", {})
            if isinstance(forme.get("additionalProperties"), Mapping):
                return noeud(forme["additionalProperties"]), morceau
        raise CleInconnue(morceau, connues)

    def types(self) -> set[str]:
        """Every type admitted here; an enumeration is text."""
        lus: set[str] = set()
        for forme in self.formes:
            donne = forme.get("type", "boolean" if forme.get("const") is True else "string")
            lus |= {donne} if isinstance(donne, str) else set(donne)
        return lus

    def element(self) -> "Noeud":
        """The place of the items of the list admitted here."""
        return noeud(next(forme["items"] for forme in self.formes if forme.get("type") == "array"))


def noeud(forme: Mapping[str, Any]) -> Noeud:
    """A schema as a place: its alternatives, one by one."""
    return Noeud(tuple(forme.get("anyOf", (forme,))))


@cache
def schema() -> Noeud:
    """The root of the schema of a dossier."""
    return noeud(json.loads((RACINE / "schemas" / "dossier.json").read_text("utf-8")))


def listes() -> tuple[str, ...]:
    """The keys of the first level that are lists of tables: each has its sheet."""
    proprietes = schema().formes[0]["properties"]
    return tuple(c for c, f in proprietes.items() if f.get("type") == "array")


def aplatir(valeur: Any, prefixe: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a document with their flat keys; a list of texts or numbers is one leaf."""
    if isinstance(valeur, Mapping):
        if not valeur:
            yield prefixe, VIDE
        for cle, contenu in valeur.items():
            nom = json.dumps(cle, ensure_ascii=False) if re.search(r'[."\\]', cle) or not cle else cle
            yield from aplatir(contenu, f"{prefixe}.{nom}" if prefixe else nom)
    elif isinstance(valeur, list) and any(isinstance(v, Mapping) for v in valeur):
        for rang, contenu in enumerate(valeur, start=1):
            yield from aplatir(contenu, f"{prefixe}.{rang}")
    elif isinstance(valeur, list):
        yield prefixe, f"{SEPARATEUR} ".join(str(v) for v in valeur)
    else:
        yield prefixe, valeur


def morceaux(cle: str) -> list[str]:
    """The segments of a flat key, quotes read."""
    return [re.sub(r"\\(.)", r"\1", cite) if not nu else nu.strip() for cite, nu in MORCEAU.findall(cle)]


def situer(depart: Noeud, cle: str) -> tuple[Noeud, Chemin]:
    """The place of a flat key under `depart`, and its path in the document. Raises CleInconnue."""
    place: Noeud = depart
    chemin: list[str | int] = []
    for morceau in morceaux(cle) or [""]:
        place, pas = place.enfant(morceau)
        chemin.append(pas)
    return place, tuple(chemin)


def convertir(place: Noeud, texte: str) -> Any:
    """The value of a cell where the schema expects it; what does not fit stays text, for the schema to say so.

    Raises ErreurUtilisateur on a rate that a formula worked out, whose exact value is lost.
    """
    types = place.types()
    if texte == VIDE and "object" in types:
        return {}
    if "array" in types and (SEPARATEUR in texte or not types & {"string", "integer"}):
        return [convertir(place.element(), t.strip()) for t in texte.split(SEPARATEUR) if t.strip()]
    if "boolean" in types:
        return MOTS.get(texte.casefold(), texte)
    if {"string", "integer"} <= types:
        return _taux(texte)
    if "integer" in types:
        serre = re.sub(r"\s", "", texte)
        return int(serre) if ENTIER.fullmatch(serre) else texte
    jour = DATE_FR.fullmatch(texte)
    if jour and any("date" in forme.get("description", "") for forme in place.formes):
        return f"{jour[3]}-{int(jour[2]):02}-{int(jour[1]):02}"
    return texte


def _taux(texte: str) -> str:
    """A rate as text: the decimals somebody typed, rid of what binary numbers add to them."""
    if re.fullmatch(r"-?\d*\.\d+(?:e-?\d+)?", texte):
        nombre = Decimal(texte)
        if len(nombre.as_tuple().digits) > CHIFFRES_SURS:
            nombre = Decimal(f"{nombre:.{CHIFFRES_SURS}g}").normalize()
        if len(nombre.as_tuple().digits) >= CHIFFRES_SURS:
            raise ErreurUtilisateur(
                f"{texte} est le résultat arrondi d'un calcul ; écrivez la fraction en texte, par exemple 2000/5367."
            )
        return f"{nombre:f}"
    fraction(texte)
    return texte


def poser(document: dict[str, Any], chemin: Chemin, valeur: Any) -> None:
    """Put a value at its path, making the tables and lists on the way. Raises DejaPose where a value is there already."""
    *route, dernier = chemin
    ici: Any = document
    for pas, suivant in zip(route, chemin[1:], strict=True):
        ici = ici.setdefault(pas, {} if isinstance(suivant, str) else _Liste())
        if not isinstance(ici, dict):
            raise DejaPose(str(pas))
    if dernier in ici:
        raise DejaPose(str(dernier))
    ici[dernier] = valeur


class _Liste(dict[int, Any]):
    """A list being filled, by rank."""


def achever(valeur: Any) -> Any:
    """The document with its lists made lists, in the order of their ranks."""
    if isinstance(valeur, _Liste):
        return [achever(valeur[rang]) for rang in sorted(valeur)]
    if isinstance(valeur, dict):
        return {cle: achever(contenu) for cle, contenu in valeur.items()}
    if isinstance(valeur, list):
        return [achever(contenu) for contenu in valeur]
    return valeur
