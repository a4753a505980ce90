"""A millésime: a dated picture of the parc, controlled, written once and immutable, named by its SHA-256.

It is read through its classes (see classes.py), written beside it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from partiteur.moteur.classes import classer, ecrire_classes, version_des_regles
from partiteur.moteur.execution import (
    Connexion,
    identifiant,
    vue_parquet,
    vue_sql,
    vue_table,
)
from partiteur.moteur.fichiers import empreinte, sans_nom
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture import Lecture, LectureImpossible, lire_parc
from partiteur.regles.socle import raison

SCHEMA = b"1"
ECHELLES = ("departement", "epci", "commune")


@dataclass(frozen=True)
class Parc:
    """A parc with its classes, in memory or in a file; `sha` is None until it is imported.

    `autres` are the classes of more files, counted with it.
    """

    source: str
    bailleur: str | None
    annee: int | None
    table: pa.Table | None = None
    classes: Path | None = None
    sha: str | None = None
    raison_sociale: str | None = None
    lignes: int = 0
    refusees: int = 0
    autres: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Territoire:
    """What part of a parc is read: a scale and a code, or the whole of it, said explicitly."""

    echelle: str
    code: str


TOUT = Territoire("tout", "")


def vue(con: Connexion, parc: Parc, perimetre: Territoire) -> None:
    """Register the view `parc`: the rows of a parc inside a perimeter, with their classes. The only way to read one."""
    if parc.table is not None:
        vue_table(con, "parc_entier", parc.table)
    else:
        vue_parquet(con, "parc_entier", Path(str(parc.classes)), *parc.autres)
    if perimetre is TOUT:
        vue_sql(con, "parc", "select * from parc_entier")
        return
    colonne = identifiant(perimetre.echelle)
    vue_table(con, "perimetre_lu", pa.table({"code": pa.array([perimetre.code], pa.string())}))
    vue_sql(con, "parc", f"select p.* from parc_entier p join perimetre_lu t on p.{colonne} = t.code")


def reunir(parcs: Sequence[Parc]) -> list[Parc]:
    """The same parcs, those in files as one: they are counted together, by one query."""
    en_fichier = [parc for parc in parcs if parc.classes is not None]
    autres = tuple(Path(str(parc.classes)) for parc in en_fichier[1:])
    reunis = [replace(parc, autres=autres) for parc in en_fichier[:1]]
    return [*reunis, *(parc for parc in parcs if parc.classes is None)]


def ouvrir(
    chemin: Path, geographie: Geographie, *, bailleur: str | None = None, correspondance: Path | None = None
) -> Parc:
    """A parc ready to count: an imported millésime (parc-<sha>.parquet), or a file read on the spot.

    Raises LectureImpossible when the file cannot be read or holds no acceptable row.
    """
    if chemin.suffix == ".parquet":
        return _ouvrir_millesime(chemin)
    lecture = lire_parc(chemin, geographie, bailleur=bailleur, correspondance=correspondance)
    return parc_lu(lecture, chemin)


def parc_lu(lecture: Lecture, chemin: Path) -> Parc:
    """The parc of a reading, classified in memory. Raises LectureImpossible when no row was accepted."""
    if not lecture.acceptees:
        raise LectureImpossible(
            f"{chemin} : aucune des {lecture.lignes} lignes n'est acceptée ; "
            f"« partiteur parc controler {chemin.name} » dit pourquoi."
        )
    table = classer(lecture.table)
    return Parc(
        lecture.source,
        lecture.bailleur,
        lecture.annee,
        table,
        raison_sociale=lecture.raison_sociale,
        lignes=lecture.lignes,
        refusees=lecture.lignes - lecture.acceptees,
    )


def importer(lecture: Lecture, chemin: Path, depot: Path) -> Path:
    """Write a millésime and its original into `depot`, at once or not at all; returns the path of parc-<sha>.parquet.

    Files are nameless until complete: a killed import leaves nothing. The same content written twice is one file.
    """
    parc_lu(lecture, chemin)
    mention = {b"bailleur": (lecture.bailleur or "").encode(), b"annee": str(lecture.annee or "").encode()}
    return _deposer(lecture, mention, chemin, depot, "parc")


def importer_droits(lecture: Lecture, chemin: Path, depot: Path) -> Path:
    """Write a register of rights the same way, as droits-<sha>.parquet: what an état des lieux joins to a parc (E5)."""
    return _deposer(lecture, {}, chemin, depot, "droits")


def _deposer(lecture: Lecture, mention: Mapping[bytes, bytes], chemin: Path, depot: Path, nom: str) -> Path:
    try:
        depot.mkdir(parents=True, exist_ok=True)
    except OSError as erreur:
        raise LectureImpossible(
            f"{depot} ne peut servir de dépôt ({raison(erreur)}) ; choisissez un dossier."
        ) from erreur
    mention = {b"schema": SCHEMA, b"source": lecture.source.encode(), **mention}
    with sans_nom(depot) as parquet, sans_nom(depot) as original:
        pq.write_table(lecture.table.replace_schema_metadata(mention), parquet[0], compression="zstd")
        parquet[0].seek(0)
        sha = hashlib.file_digest(parquet[0], "sha256").hexdigest()
        original[0].write(chemin.read_bytes())
        original[1](depot / f"{nom}-{sha}.original{chemin.suffix}")
        parquet[1](depot / f"{nom}-{sha}.parquet")
    return depot / f"{nom}-{sha}.parquet"


def _ouvrir_millesime(chemin: Path) -> Parc:
    """An imported millésime: its name is checked against its content, its classes rebuilt when missing or old."""
    try:
        sha = empreinte(chemin)
        mention = pq.read_schema(chemin).metadata or {}
    except (OSError, pa.ArrowException) as erreur:
        raise LectureImpossible(
            f"{chemin} : ce n'est pas un millésime lisible ; importez de nouveau le fichier d'origine."
        ) from erreur
    if chemin.name != f"parc-{sha}.parquet":
        raise LectureImpossible(
            f"{chemin} : le contenu ne correspond plus à son empreinte ; importez de nouveau le fichier d'origine."
        )
    classes = chemin.with_name(f"classes-{sha}-{version_des_regles()}.parquet")
    if not classes.exists():
        ecrire_classes(chemin, classes)
    annee = mention.get(b"annee", b"").decode()
    return Parc(
        mention.get(b"source", b"").decode(),
        mention.get(b"bailleur", b"").decode() or None,
        int(annee) if annee else None,
        classes=classes,
        sha=sha,
        lignes=pq.read_metadata(chemin).num_rows,
    )
