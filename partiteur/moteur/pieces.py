"""A dossier and its pieces gathered in one folder that anyone can compute again: cleaned, under names of ours.

What people send may name any path and hold any column. Here a piece is found by its bare name among those received,
only the columns read are kept, and the dossier is written again as TOML that says the same and names what is there.
"""

import json
import re
import shutil
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv

from partiteur.moteur.cadre import cadres_livres
from partiteur.moteur.geographie import Geographie, charger
from partiteur.moteur.lecture import Lecture, lire_droits, lire_liberations, lire_parc
from partiteur.moteur.millesime import importer
from partiteur.moteur.schema import DocumentInvalide, valider
from partiteur.moteur.tableur import lire_document

CLE_NUE = re.compile(r"[A-Za-z0-9_-]+")
DOSSIER = "dossier.toml"
COMMUNES, DROITS, LIBERATIONS = "communes.csv", "droits.csv", "liberations.csv"


class PieceManquante(DocumentInvalide):
    """A dossier names a file that did not come with it."""


def reunir(chemin: Path, recues: Mapping[str, Path], dossier: Path) -> Mapping[str, Lecture]:
    """Write a dossier and its pieces into the empty folder `dossier`; returns what the reading of each piece found.

    `recues` are the files that came with it, by bare name. The cadre must be one that is shipped. Raises
    PieceManquante, DocumentInvalide, LectureImpossible, GeographieInvalide.
    """
    document = lire_document(chemin)
    valider(document, "dossier", chemin.name)
    document = deepcopy(document)
    if document["cadre"] not in cadres_livres():
        raise DocumentInvalide(
            f"Le cadre « {document['cadre']} » n'est pas livré ; choisissez parmi {', '.join(cadres_livres())}."
        )
    lectures: dict[str, Lecture] = {}
    communes = None
    if "geographie" in document:
        communes = dossier / COMMUNES
        shutil.copyfile(_recue(document["geographie"], "fichier", recues), communes)
        document["geographie"]["fichier"] = COMMUNES
    geographie = charger(communes)
    parc = document["parc"]
    if "fichier" in parc:
        piece = _recue(parc, "fichier", recues)
        if piece.suffix == ".parquet":
            _partager(piece, dossier / piece.name)
            parc["fichier"] = piece.name
        else:
            lectures[piece.name] = _importer(piece, document, recues, dossier, geographie)
        parc.pop("correspondance", None)
    if "droits" in document:
        lectures[DROITS] = _nettoyer(
            lire_droits(_recue(document["droits"], "fichier", recues)), dossier / DROITS
        )
        document["droits"]["fichier"] = DROITS
    if "liberations" in document.get("rotation", {}):
        piece = _recue(document["rotation"], "liberations", recues)
        lectures[LIBERATIONS] = _nettoyer(lire_liberations(piece, geographie), dossier / LIBERATIONS)
        document["rotation"]["liberations"] = LIBERATIONS
    (dossier / DOSSIER).write_text(en_toml(document), "utf-8")
    return lectures


def _importer(
    piece: Path, document: dict[str, Any], recues: Mapping[str, Path], dossier: Path, geographie: Geographie
) -> Lecture:
    """Make a millésime of a file of parc, and name it in the dossier; the file itself is not kept."""
    parc = document["parc"]
    correspondance = _recue(parc, "correspondance", recues) if "correspondance" in parc else None
    siren = document["bailleur"].get("siren")
    lecture = lire_parc(piece, geographie, bailleur=siren, correspondance=correspondance)
    parc["fichier"] = importer(lecture, piece, dossier).name
    for original in dossier.glob("*.original*"):
        original.unlink()
    return lecture


def _partager(millesime: Path, chemin: Path) -> None:
    """Never written again and named by its content: one file on the disk, wherever it is needed."""
    try:
        chemin.hardlink_to(millesime)
    except OSError:  # another disk, or one without links
        shutil.copyfile(millesime, chemin)


def _recue(table: Mapping[str, Any], cle: str, recues: Mapping[str, Path]) -> Path:
    nom = Path(table[cle]).name
    if nom not in recues:
        raise PieceManquante(f"Le dossier nomme la pièce « {nom} », qui n'est pas jointe : joignez-la.")
    return recues[nom]


def _nettoyer(lecture: Lecture, chemin: Path) -> Lecture:
    ecrire_csv(lecture.table, chemin)
    return lecture


def ecrire_csv(table: pa.Table, chemin: Path) -> None:
    """Write the rows accepted of a reading, in their canonical columns: read again, they are the same."""
    options = pcsv.WriteOptions(delimiter=";")
    pcsv.write_csv(table.drop_columns(["ligne"]), chemin, options)


def en_toml(document: Mapping[str, Any]) -> str:
    """A document as TOML: single values first, then its tables, then its lists of tables, one item a block."""
    lignes = [f"{_cle(cle)} = {_valeur(v)}" for cle, v in document.items() if not _table(v)]
    for cle, valeur in document.items():
        for bloc in (valeur if isinstance(valeur, list) else [valeur]) if _table(valeur) else []:
            crochets = ("[[", "]]") if isinstance(valeur, list) else ("[", "]")
            lignes += ["", _cle(cle).join(crochets)]
            lignes += [f"{_cle(c)} = {_valeur(v)}" for c, v in bloc.items()]
    return "\n".join(lignes) + "\n"


def _table(valeur: Any) -> bool:
    return isinstance(valeur, dict) or (
        isinstance(valeur, list) and bool(valeur) and isinstance(valeur[0], dict)
    )


def _cle(cle: str) -> str:
    return cle if CLE_NUE.fullmatch(cle) else _texte(cle)


def _texte(texte: str) -> str:
    """A basic string: JSON escapes all that TOML refuses, but for the delete character."""
    return json.dumps(texte, ensure_ascii=False).replace("\x7f", "\\u007f")


def _valeur(valeur: Any) -> str:
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    if isinstance(valeur, int):
        return str(valeur)
    if isinstance(valeur, dict):
        return "{ " + ", ".join(f"{_cle(c)} = {_valeur(v)}" for c, v in valeur.items()) + " }"
    if isinstance(valeur, list):
        return "[" + ", ".join(map(_valeur, valeur)) + "]"
    return _texte(str(valeur))
