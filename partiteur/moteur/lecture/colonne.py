"""Which column of a file is which canonical column: by its name, a synonym, or the user's own mapping."""

import difflib
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from partiteur.moteur.lecture.constat import LectureImpossible, charger_toml

COLONNES_MAX = 1_000
NOMS_CITES = 12
SANS_PONCTUATION = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True)
class Colonne:
    """One column of a table, as <table>.toml describes it.

    `type` names the cleaning of cellule.py; `noms` are the headers recognised, the first found wins;
    `valeurs` gives the canonical value of each accepted code or label (normalised); `inconnus` are values
    that mean "unknown" here; `gardee` is False for a column only controlled or used to derive another.
    """

    nom: str
    type: str
    attendu: str
    noms: tuple[str, ...]
    valeurs: Mapping[str, str]
    inconnus: frozenset[str]
    bouche_trous: Mapping[str, str]
    minimum: int | None
    maximum: int | None
    gardee: bool
    vide_normal: bool


def normaliser(texte: str) -> str:
    """« Année d'achèvement (construction) » and « ANNEE_D_ACHEVEMENT_CONSTRUCTION » are the same header."""
    if texte.isascii():  # the short way for identifiers, that come by hundreds of thousands
        return " ".join(texte.lower().translate(SANS_PONCTUATION).split())
    sans_accent = unicodedata.normalize("NFKD", texte.replace("’", "'").replace("œ", "oe"))
    gardes = "".join(c if c.isalnum() else " " for c in sans_accent if not unicodedata.combining(c))
    return " ".join(gardes.casefold().split())


@cache
def colonnes(table: str) -> dict[str, Colonne]:
    """The columns of a table ("parc", "droits", "liberations"), in canonical order."""
    return {ligne["nom"]: _colonne(ligne) for ligne in charger_toml(table)["colonne"]}


def _colonne(ligne: Mapping[str, Any]) -> Colonne:
    valeurs = {
        normaliser(ecriture): code
        for code, ecritures in ligne.get("valeurs", {}).items()
        for ecriture in (code, *ecritures)
    }
    trous = {normaliser(v): code for code, liste in ligne.get("bouche_trous", {}).items() for v in liste}
    return Colonne(
        nom=ligne["nom"],
        type=ligne["type"],
        attendu=ligne.get("attendu", charger_toml("cellule")["attendu"][ligne["type"]]),
        noms=tuple(dict.fromkeys(normaliser(nom) for nom in (*ligne.get("noms", ()), ligne["nom"]))),
        valeurs=valeurs,
        inconnus=frozenset(normaliser(v) for v in ligne.get("inconnus", ())),
        bouche_trous=trous,
        minimum=ligne.get("minimum"),
        maximum=ligne.get("maximum"),
        gardee=ligne.get("gardee", True),
        vide_normal=ligne.get("vide_normal", False),
    )


def reconnues(table: str, entetes: Sequence[str]) -> int:
    """How many columns of the table these cells could name: what makes a row the header."""
    connus = {nom for colonne in colonnes(table).values() for nom in colonne.noms}
    return len({normaliser(entete) for entete in entetes} & connus)


@dataclass(frozen=True)
class Plan:
    """Where each canonical column is read, and what is left: positions are 0-based."""

    positions: Mapping[str, int]
    en_double: tuple[tuple[str, int, int], ...]  # canonical, position left aside, position read
    nominatives: tuple[str, ...]
    non_reprises: tuple[str, ...]


def planifier(table: str, entetes: Sequence[str], correspondance: Mapping[str, int]) -> Plan:
    """Match headers with canonical columns; the user's mapping comes first, then the order of synonyms."""
    normalises = [normaliser(entete) for entete in entetes]
    positions: dict[str, int] = dict(correspondance)
    en_double: list[tuple[str, int, int]] = []
    pris = set(correspondance.values())
    for colonne in colonnes(table).values():
        rangs = {nom: rang for rang, nom in enumerate(colonne.noms)}
        trouvees = sorted(
            (rangs[nom], position)
            for position, nom in enumerate(normalises)
            if nom in rangs and position not in pris
        )
        for _, position in trouvees:
            pris.add(position)
            retenue = positions.setdefault(colonne.nom, position)
            if retenue != position:
                en_double.append((colonne.nom, position, retenue))
    restantes = [e for p, e in enumerate(entetes) if p not in pris and e.strip()]
    nominatives = tuple(e for e in restantes if semble_nominative(e))
    return Plan(positions, tuple(en_double), nominatives, tuple(e for e in restantes if e not in nominatives))


def semble_nominative(entete: str) -> bool:
    """A header that announces persons (nom, locataire, téléphone…); a space is read at each change of case."""
    espace = "".join(
        f" {c}" if c.isupper() and p.islower() else c for p, c in zip(f" {entete}", entete, strict=False)
    )
    mots = normaliser(espace).split()
    ecritures = {*mots, "".join(mots), " ".join(mots), *map(" ".join, pairwise(mots))}
    listes = charger_toml("colonne")
    douteux = () if set(mots) & set(listes["choses"]) else listes["peut_etre_nominatifs"]
    return bool(ecritures & {*listes["nominatifs"], *douteux})


def lire_correspondance(chemin: Path, table: str, entetes: Sequence[str], fichier: str) -> dict[str, int]:
    """The user's mapping, canonical column → position of the header it names.

    Raises LectureImpossible when the file is not TOML, names an unknown column, a missing header, or persons.
    """
    try:
        with chemin.open("rb") as flux:
            lu = tomllib.load(flux).get("colonnes")
    except OSError as erreur:
        raise LectureImpossible(
            f"Le fichier de correspondance « {chemin} » ne peut pas être ouvert : vérifiez son nom et son dossier."
        ) from erreur
    except ValueError as erreur:  # TOMLDecodeError and UnicodeDecodeError
        raise LectureImpossible(f"{chemin.name} n'est pas un fichier TOML lisible ({erreur}).") from erreur
    if not isinstance(lu, dict):
        raise LectureImpossible(
            f"{chemin.name} : il manque la section [colonnes], avec une ligne par donnée, par exemple "
            'commune = "Code Insee".'
        )
    places = {normaliser(entete): position for position, entete in reversed(list(enumerate(entetes)))}
    return {
        nom: _position_demandee(
            f"{chemin.name}, [colonnes]", str(nom), entete, table, places, entetes, fichier
        )
        for nom, entete in lu.items()
    }


def _position_demandee(
    ou: str,
    nom: str,
    entete: object,
    table: str,
    places: Mapping[str, int],
    entetes: Sequence[str],
    fichier: str,
) -> int:
    connues = [nom for nom in colonnes(table) if not nom.startswith("controle_")]
    if nom not in connues:
        proche = difflib.get_close_matches(nom, connues, 1)
        suggestion = f" ; vouliez-vous « {proche[0]} » ?" if proche else "."
        raise LectureImpossible(
            f"{ou} : « {nom} » n'est pas une donnée connue{suggestion} Données connues : {', '.join(connues)}."
        )
    if not isinstance(entete, str) or normaliser(entete) not in places:
        raise LectureImpossible(
            f"{ou} : la colonne « {entete} » demandée pour « {nom} » n'existe pas dans {fichier} ; colonnes "
            f"trouvées : {citer(entetes)}."
        )
    if set(normaliser(entete).split()) & set(charger_toml("colonne")["nominatifs"]):
        raise LectureImpossible(
            f"{ou} : la colonne « {entete} » demandée pour « {nom} » semble nominative ; Partiteur ne lit aucune "
            "donnée de personne."
        )
    return places[normaliser(entete)]


def citer(noms: Sequence[str]) -> str:
    """A list of headers as a sentence can hold it."""
    propres = [" ".join(nom.split())[:40] for nom in noms if nom.strip()]
    reste = len(propres) - NOMS_CITES
    return ", ".join(f"« {nom} »" for nom in propres[:NOMS_CITES]) + (
        f" et {reste} autre(s)" if reste > 0 else ""
    )
