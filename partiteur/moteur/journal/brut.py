"""From an exchange file to rows of raw texts: the exact form fast, any other as it comes.

Texts are never trimmed nor translated here: a chain is compared byte for byte. A file in the exact form (UTF-8, the
sixteen columns in order) is read by columns; anything else (other columns, other order, Excel, another encoding, a
broken line) goes through the tolerant reader of `lecture`, row by row.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from partiteur.moteur.journal.forme import COLONNES, FormeRefusee, ecrire_json, lire_json
from partiteur.moteur.lecture.colonne import citer, planifier
from partiteur.moteur.lecture.constat import Exemple, LectureImpossible, Rapport
from partiteur.moteur.lecture.fichier import encodage, nature
from partiteur.moteur.lecture.tableau import ouvrir

SEPARATEURS = (",", ";", "\t")
LIMITE_LIGNE = 65_536
EXIGEES = ("vacance", "type", "date_effet")


@dataclass(frozen=True)
class Brut:
    """The rows of a file as texts: columns of COLONNES ("" where absent or empty), then `ligne` (int32, source).

    `exact`: the file bears the names of the format, in its order, so that a chain can be verified in it.
    `ecartees` counts rows that could not be split into columns.
    """

    table: pa.Table
    exact: bool
    forme: str  # csv | jsonl
    separateur: str
    ecartees: int = 0


def lire_brut(chemin: Path, rapport: Rapport) -> Brut:
    """Read the texts of an exchange file. Raises LectureImpossible when it is none."""
    if nature(chemin) == "texte":
        with chemin.open("rb") as flux:
            entete = flux.readline(LIMITE_LIGNE)
        if entete.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
            return _lignes_json(chemin, rapport)
        for separateur in SEPARATEURS:
            if entete.rstrip(b"\r\n") == separateur.join(COLONNES).encode():
                exact = _colonnes_exactes(chemin, separateur)
                if exact is not None:
                    return exact
    return _tolerant(chemin, rapport)


def _colonnes_exactes(chemin: Path, separateur: str) -> Brut | None:
    """The file read by columns, or None when a line is not what it should be."""
    lecture = pc_csv.ReadOptions(column_names=list(COLONNES), skip_rows=1)
    decoupe = pc_csv.ParseOptions(delimiter=separateur, ignore_empty_lines=False)
    types = pc_csv.ConvertOptions(
        column_types=dict.fromkeys(COLONNES, pa.string()),
        strings_can_be_null=False,
        quoted_strings_can_be_null=False,
    )
    try:
        table = pc_csv.read_csv(chemin, lecture, decoupe, types)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    if not table.num_rows:
        return None
    lignes = pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int32()), table.num_rows), start=1)
    return Brut(table.append_column("ligne", lignes), True, "csv", separateur)


def table_de_textes(lignes: Iterable[tuple[int, Mapping[str, str]]]) -> pa.Table:
    """A table of texts from rows, each with its line."""
    lues = list(lignes)
    colonnes: dict[str, Any] = {
        nom: pa.array([ligne.get(nom, "") for _, ligne in lues], pa.string()) for nom in COLONNES
    }
    return pa.table({**colonnes, "ligne": pa.array([numero for numero, _ in lues], pa.int32())})


def _tolerant(chemin: Path, rapport: Rapport) -> Brut:
    """A CSV or a workbook whose header names its columns, in any order; records of another width are left out."""
    ouvert = ouvrir("journal", chemin, rapport)
    ligne_entete, entetes = ouvert.apercu[ouvert.rang_entete]
    plan = planifier("journal", entetes, {})
    manquent = [nom for nom in EXIGEES if nom not in plan.positions]
    if manquent:
        raise LectureImpossible(
            f"{chemin.name}, ligne {ligne_entete} : colonnes absentes : {citer(manquent)}. Trouvées : "
            f"{citer(entetes) or 'aucune'}. Un journal a les colonnes : {', '.join(COLONNES[:12])} ; pour un fichier de "
            "votre logiciel, donnez un modèle (partiteur journal importer --modele)."
        )
    exemple = [Exemple(ligne_entete, "")]
    for code, noms in (
        ("colonnes_nominatives", plan.nominatives),
        ("colonnes_non_reprises", plan.non_reprises),
    ):
        rapport.noter(code, len(noms), exemples=exemple, noms=citer(noms))
    reprises: list[int] = []
    faux: list[Exemple] = []
    lues: list[tuple[int, Mapping[str, str]]] = []
    suite = islice(ouvert.source.enregistrements(len(entetes), reprises), ouvert.rang_entete + 1, None)
    for numero, champs in suite:
        if any(map(str.strip, champs)):
            if len(champs) == len(entetes):
                lues.append((numero, {nom: champs[place] for nom, place in plan.positions.items()}))
            else:
                faux.append(Exemple(numero, f"{len(champs)} champs"))
    rapport.noter("nombre_de_champs", len(faux), exemples=faux, attendus=len(entetes))
    exemples = [Exemple(ligne, "") for ligne in reprises]
    rapport.noter("enregistrement_sur_plusieurs_lignes", len(reprises), exemples=exemples)
    if not lues and not faux:
        raise LectureImpossible(
            f"{rapport.fichier} ne contient que des noms de colonnes, aucun événement : vérifiez l'export."
        )
    exact = not faux and not reprises and tuple(entetes) == COLONNES
    return Brut(table_de_textes(lues), exact, "csv", getattr(ouvert.source, "separateur", ";"), len(faux))


def _lignes_json(chemin: Path, rapport: Rapport) -> Brut:
    """JSON lines, one event a line; `donnees` is canonical JSON in a string, or an object in a file not chained."""
    codage = encodage(chemin, rapport)
    faux: list[Exemple] = []
    lues: list[tuple[int, Mapping[str, str]]] = []
    exact = codage == "utf-8"
    for numero, ligne in _lignes(chemin, codage):
        if not ligne.strip(" \t\r\n"):
            continue
        try:
            objet = lire_json(ligne)
        except FormeRefusee:
            faux.append(Exemple(numero, ligne))
            continue
        exact = exact and set(objet) <= set(COLONNES) and isinstance(objet.get("donnees", ""), str)
        lues.append((numero, {nom: _texte(objet.get(nom)) for nom in COLONNES}))
    if not lues:
        raise LectureImpossible(
            f"{chemin.name}, ligne 1 : aucun événement lisible ; chaque ligne doit être un objet JSON complet."
        )
    rapport.noter("nombre_de_champs", len(faux), exemples=faux, attendus="un objet JSON par ligne")
    return Brut(table_de_textes(lues), exact and not faux, "jsonl", "", len(faux))


def _lignes(chemin: Path, codage: str) -> Iterator[tuple[int, str]]:
    with chemin.open(encoding=codage, errors="replace", newline="\n") as flux:
        numero = 0
        while ligne := flux.readline(LIMITE_LIGNE + 1):
            numero += 1
            if len(ligne) > LIMITE_LIGNE:
                raise LectureImpossible(
                    f"{chemin.name}, ligne {numero} : la ligne dépasse {LIMITE_LIGNE} caractères ; un événement tient "
                    "en une ligne courte."
                )
            yield numero, ligne


def _texte(valeur: object) -> str:
    """A value of a JSON line as a CSV cell would hold it."""
    if valeur is None:
        return ""
    if isinstance(valeur, str):
        return valeur
    if isinstance(valeur, dict | list):
        return ecrire_json(valeur)
    return json.dumps(valeur)
