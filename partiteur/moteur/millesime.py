"""A millésime: a dated picture of the parc, controlled, written once and immutable, named by its SHA-256.

Beside it, disposable and rebuilt on demand, the same rows with their classes: what `regles` says of each dwelling.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from io import BufferedRandom
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from partiteur.moteur.appliquer import repondre
from partiteur.moteur.execution import (
    Connexion,
    connexion,
    ecrire_parquet,
    identifiant,
    lire,
    vue_parquet,
    vue_sql,
    vue_table,
)
from partiteur.moteur.fichiers import empreinte
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture import Lecture, LectureImpossible, lire_parc
from partiteur.regles.assiette import famille_financement, motifs_exclusion, typologie_groupee
from partiteur.regles.faits import Logement
from partiteur.regles.socle import RACINE, Resultat, raison

SCHEMA = b"1"
FAITS = tuple(champ.name for champ in fields(Logement))
SOURCES_DES_CLASSES = (
    "assiette.py",
    "baremes/exclus.toml",
    "baremes/financement.toml",
    "baremes/typologies.toml",
)
# What is counted or named one by one; the rest of a dwelling stays in its millésime, read from there.
COMPTEES = (
    "numero_rpls", "identifiant_interne", "ligne", "bailleur", "programme", "commune", "epci", "departement",
    "region", "qpv", "typologie", "individuel", "financement", "famille_financement", "annee_construction",
    "annee_mise_en_location", "mode", "usage", "en_vente", "a_demolir", "conventionne", "pmr", "dpe", "contingent",
    "convention", "specifique",
)  # fmt: skip
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
    with _sans_nom(depot) as parquet, _sans_nom(depot) as original:
        pq.write_table(lecture.table.replace_schema_metadata(mention), parquet[0], compression="zstd")
        parquet[0].seek(0)
        sha = hashlib.file_digest(parquet[0], "sha256").hexdigest()
        original[0].write(chemin.read_bytes())
        original[1](depot / f"{nom}-{sha}.original{chemin.suffix}")
        parquet[1](depot / f"{nom}-{sha}.parquet")
    return depot / f"{nom}-{sha}.parquet"


@contextmanager
def _sans_nom(dossier: Path) -> Iterator[tuple[BufferedRandom, Callable[..., None]]]:
    """A file with no name in a folder, and the act that gives it one, for good, once it is on the disk.

    Where the name is taken, what it names is put right if it was altered; with `premier`, it is left to its readers.
    """
    descripteur = os.open(dossier, os.O_TMPFILE | os.O_RDWR, 0o444)
    with os.fdopen(descripteur, "w+b") as fichier:

        def nommer(nom: Path, *, premier: bool = False) -> None:
            fichier.flush()
            os.fsync(descripteur)
            try:
                _lier(descripteur, nom)
            except FileExistsError:
                if premier:
                    return
                fichier.seek(0)
                if (
                    hashlib.file_digest(fichier, "sha256").digest()
                    != hashlib.sha256(nom.read_bytes()).digest()
                ):
                    provisoire = nom.with_name(f".{nom.name}")  # altered since: put right, in one step
                    _lier(descripteur, provisoire)
                    provisoire.replace(nom)

        yield fichier, nommer


def _lier(descripteur: int, nom: Path) -> None:
    """Name an open file. Naming a descriptor makes Python follow the link in /proc, which plain link() does not."""
    os.link(f"/proc/self/fd/{descripteur}", nom, src_dir_fd=descripteur, follow_symlinks=True)


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


def version_des_regles() -> str:
    """A short digest of the rules and barèmes the classes come from, and of the columns they go with."""
    contenu = b"".join((RACINE / nom).read_bytes() for nom in SOURCES_DES_CLASSES) + repr(COMPTEES).encode()
    return hashlib.sha256(contenu).hexdigest()[:12]


def exclusion_du_logement(*faits: Any) -> Resultat:
    """`motifs_exclusion` over columns rather than a `Logement`."""
    return motifs_exclusion(Logement(*faits))


def classer(table: pa.Table) -> pa.Table:
    """The rows of a parc in memory with what the law says of each: see `_sql_des_classes`."""
    con = connexion()
    vue_table(con, "lu", table)
    return lire(con, _sql_des_classes(con, table.column_names))


def ecrire_classes(chemin: Path, classes: Path) -> None:
    """Write the classes of a millésime beside it, with what is counted of each dwelling."""
    con = connexion()
    vue_parquet(con, "lu", chemin)
    ecrire_a_cote(con, _sql_des_classes(con, COMPTEES), classes)


def ecrire_a_cote(con: duckdb.DuckDBPyConnection, sql: str, chemin: Path) -> None:
    """Write the rows of a query as Parquet: a file whole or absent, its rows never in memory together.

    Its name says all it comes from: of two that write it at once, the first stays, which somebody may be reading.
    """
    with _sans_nom(chemin.parent) as (fichier, nommer):
        ecrire_parquet(con, sql, Path(f"/proc/self/fd/{fichier.fileno()}"))
        nommer(chemin, premier=True)


def _sql_des_classes(con: Connexion, colonnes: Sequence[str]) -> str:
    """SQL of the rows of the view `lu` with their classes, in one pass; each rule is asked once a combination.

    Adds `motifs` and `inconnus` (motifs of exclusion, found and undecidable, joined by « | »), the
    `famille_financement` where the file gave none, `typologie_groupe`, `annee_bail`.
    """
    exclusion = {
        "motifs": (pa.string(), lambda r: "|".join(r[0].valeur.motifs)),
        "inconnus": (pa.string(), lambda r: "|".join(r[0].valeur.inconnus)),
        "famille": (pa.string(), lambda r: r[1].valeur),
    }
    typologie = {"typologie_groupe": (pa.string(), lambda r: r.valeur)}
    jointures = (
        repondre(con, "lu", FAITS, exclusion_et_famille, exclusion),
        repondre(con, "lu", ("typologie",), typologie_groupee, typologie),
    )
    propres = ["famille as famille_financement" if c == "famille_financement" else f"p.{c}" for c in colonnes]
    classes = (
        "motifs, inconnus, typologie_groupe, cast(extract(year from p.date_bail) as integer) as annee_bail"
    )
    return f"select {', '.join(propres)}, {classes}\nfrom lu p\n" + "\n".join(jointures)


def exclusion_et_famille(*faits: Any) -> tuple[Resultat, Resultat]:
    """The two rules on the facts of a `Logement`: its motifs of exclusion, and its family of financing."""
    logement = Logement(*faits)
    famille = famille_financement(logement.financement, logement.famille_financement)
    return motifs_exclusion(logement), famille
