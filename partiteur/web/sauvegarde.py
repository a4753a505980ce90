"""Backup and restore: the base first, then the files, which never change; a manifest with the heads of the chains (E15).

A backup is a folder, whole and on its own: `base.sqlite3` or `base.dump` (pg_dump), `fichiers/`, `reglages/` (what the
administrator put in the data folder: communes.csv, exploitant.toml…), `manifeste.json`. It has its name once complete: a
killed backup leaves a folder that begins with a dot, which nothing reads.
"""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.conninfo import make_conninfo

from partiteur.moteur.fichiers import empreinte
from partiteur.regles.socle import ErreurUtilisateur

VERSION = 2  # 1 had no reglages
EN_COURS = ".en-cours-"
HORODATE = "%Y-%m-%dT%H%M%SZ"
BASES = {"sqlite": "base.sqlite3", "postgresql": "base.dump"}
TETES = (
    "select c.nom, coalesce(e.numero, 0), coalesce(e.empreinte, '') from web_chaine c left join web_evenement e"
    " on e.chaine_id = c.id and e.numero = (select max(numero) from web_evenement where chaine_id = c.id)"
    " order by c.nom"
)


class SauvegardeImpossible(ErreurUtilisateur):
    """A backup that cannot be made, read or put back."""


@dataclass(frozen=True)
class Manifeste:
    """What a backup holds: engine, instant (UTC), heads by chain, rows by table, SHA-256 by file."""

    version: int
    moteur: str
    instant: str
    tetes: Mapping[str, str]
    lignes: Mapping[str, int]
    base: str
    fichiers: Mapping[str, str]
    reglages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dossiers:
    """Where an instance keeps what is not in its base: its files, and the data folder with the administrator's own."""

    fichiers: Path
    donnees: Path


def de_l_instance() -> Dossiers:
    """Those of this instance."""
    return Dossiers(settings.MEDIA_ROOT, settings.DONNEES)


def sauvegarder(dossier: Path, de: Dossiers, instant: datetime) -> Path:
    """Write a backup into `dossier`, while the site writes; returns its folder. Raises SauvegardeImpossible."""
    nom = f"{instant:{HORODATE}}"
    cible, provisoire = dossier / nom, dossier / f"{EN_COURS}{nom}"
    try:
        dossier.mkdir(parents=True, exist_ok=True, mode=0o700)
        for reste in dossier.glob(f"{EN_COURS}*"):
            shutil.rmtree(reste)
        provisoire.mkdir(mode=0o700)
        base = provisoire / BASES[connection.vendor]
        tetes, lignes = _COPIER[connection.vendor](base)
        copies = _copier_fichiers(de.fichiers, provisoire / "fichiers")
        reglages = _copier_fichiers(de.donnees, provisoire / "reglages", _a_part(de, dossier))
        lu = Manifeste(VERSION, connection.vendor, nom, tetes, lignes, empreinte(base), copies, reglages)
        texte = json.dumps(asdict(lu), ensure_ascii=False, indent=1, sort_keys=True)
        (provisoire / "manifeste.json").write_text(texte + "\n", "utf-8")
        _fixer(provisoire)
        provisoire.rename(cible)
        _synchroniser(dossier)
    except (OSError, sqlite3.Error) as erreur:
        raise SauvegardeImpossible(
            f"La sauvegarde dans {dossier} a échoué ({erreur}) : libérez de la place ou choisissez un autre dossier."
        ) from erreur
    return cible


def _copier_sqlite(base: Path) -> tuple[dict[str, str], dict[str, int]]:
    """A picture of the file at one instant, without its free pages; the writers are not stopped."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=20)) as source:
        source.execute("vacuum into ?", [str(base)])
    with closing(sqlite3.connect(base)) as copie:
        return _constater(copie.cursor(), "sqlite")


def _copier_postgresql(base: Path) -> tuple[dict[str, str], dict[str, int]]:
    """pg_dump of the very snapshot the heads are read in."""
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("set transaction isolation level repeatable read read only")
        curseur.execute("select pg_export_snapshot()")
        (photo,) = curseur.fetchone()
        options = (
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--snapshot={photo}",
            f"--file={base}",
        )
        _programme("pg_dump", connection, *options)
        return _constater(curseur, "postgresql")


_COPIER = {"sqlite": _copier_sqlite, "postgresql": _copier_postgresql}


def _programme(nom: str, base: BaseDatabaseWrapper, *options: str) -> None:
    """Run a program of PostgreSQL on a base; the password goes by the environment. Raises SauvegardeImpossible."""
    chemin = shutil.which(nom)
    if chemin is None:
        raise SauvegardeImpossible(
            f"Le programme {nom} manque : installez les outils de PostgreSQL (apt-get install postgresql-client)."
        )
    dit = base.settings_dict
    adresse = {"dbname": dit["NAME"], "user": dit["USER"], "host": dit["HOST"], "port": dit["PORT"]}
    adresse = {cle: valeur for cle, valeur in (adresse | dit["OPTIONS"]).items() if valeur}
    fait = subprocess.run(  # noqa: S603 - the engine's own tool, on our own base
        [chemin, f"--dbname={make_conninfo('', **adresse)}", *options],
        env={**os.environ, **({"PGPASSWORD": dit["PASSWORD"]} if dit["PASSWORD"] else {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if fait.returncode:
        raise SauvegardeImpossible(f"{nom} a échoué : {fait.stderr.strip() or fait.returncode}.")


def _constater(curseur: Any, moteur: str) -> tuple[dict[str, str], dict[str, int]]:
    """The heads of the chains and the rows of each table, as one connection sees them."""
    tables = (
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
        if moteur == "sqlite"
        else "select tablename from pg_tables where schemaname = current_schema() order by tablename"
    )
    curseur.execute(tables)
    noms = [nom for (nom,) in curseur.fetchall()]
    curseur.execute(TETES)
    tetes = {nom: f"{numero}:{empreinte}" for nom, numero, empreinte in curseur.fetchall()}
    lignes = {}
    for nom in noms:
        curseur.execute(f'select count(*) from "{nom}"')  # noqa: S608 - a name the engine itself gives
        (lignes[nom],) = curseur.fetchone()
    return tetes, lignes


def _a_part(de: Dossiers, sauvegardes: Path) -> frozenset[Path]:
    """What the data folder holds that is not the administrator's: copied otherwise, made again, or of this place."""
    fixes = (de.fichiers, sauvegardes, settings.SAUVEGARDES, settings.STATIC_ROOT, de.donnees / "maintenance")
    base = Path(connection.settings_dict["NAME"]) if connection.vendor == "sqlite" else None
    de_la_base = de.donnees.glob(f"{base.name}*") if base and base.parent == de.donnees else ()
    return frozenset(chemin for chemin in (*fixes, *de_la_base) if chemin)


def _copier_fichiers(source: Path, cible: Path, sauf: frozenset[Path] = frozenset()) -> dict[str, str]:
    """Copy the files of a folder; those still being written begin with a dot and belong to no row yet."""
    cible.mkdir(mode=0o700)
    copies = {}
    for chemin in sorted(source.rglob("*")) if source.is_dir() else []:
        relatif = chemin.relative_to(source)
        if not chemin.is_file() or any(partie.startswith(".") for partie in relatif.parts):
            continue
        if not sauf.isdisjoint((chemin, *chemin.parents)):
            continue
        (cible / relatif).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(chemin, cible / relatif)
        except FileNotFoundError:  # purged since it was listed
            continue
        copies[relatif.as_posix()] = empreinte(cible / relatif)
    return copies


def _synchroniser(chemin: Path) -> None:
    """On the disk, not only in memory."""
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def _fixer(dossier: Path) -> None:
    """Every file of a folder on the disk, before the folder takes its name."""
    for chemin in (*dossier.rglob("*"), dossier):
        _synchroniser(chemin)


def sauvegardes(dossier: Path) -> Iterator[tuple[datetime, Path]]:
    """The complete backups of a folder, the oldest first, with their instants (UTC)."""
    for chemin in sorted(dossier.glob("????-??-??T??????Z")):
        if (chemin / "manifeste.json").is_file():
            yield datetime.strptime(f"{chemin.name}+0000", f"{HORODATE}%z"), chemin


def lire_manifeste(dossier: Path) -> Manifeste:
    """The manifest of a backup, every file found as it says. Raises SauvegardeImpossible."""
    try:
        lu = Manifeste(**json.loads((dossier / "manifeste.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError) as erreur:
        raise SauvegardeImpossible(
            f"{dossier} n'est pas une sauvegarde complète : son manifeste manque ou n'est pas lisible."
        ) from erreur
    attendus = {BASES.get(lu.moteur, ""): lu.base}
    attendus |= {f"fichiers/{nom}": sha for nom, sha in lu.fichiers.items()}
    attendus |= {f"reglages/{nom}": sha for nom, sha in lu.reglages.items()}
    for nom, sha in attendus.items():
        chemin = dossier / nom
        if ".." in Path(nom).parts or not chemin.is_file() or empreinte(chemin) != sha:
            raise SauvegardeImpossible(
                f"{chemin} manque ou n'est plus ce qui a été sauvegardé : prenez une autre sauvegarde."
            )
    return lu


def restaurer(dossier: Path, vers: Dossiers) -> Manifeste:
    """Put a backup back into an empty instance: files first, the base last and at once; then compare.

    The base keeps the version it had: « preparer » migrates it. What the administrator already put here under the name of
    a file of the backup is that of the backup afterwards. Raises SauvegardeImpossible, also when what was put
    back is not what the manifest says.
    """
    lu = lire_manifeste(dossier)
    if lu.version > VERSION or lu.moteur != connection.vendor:
        raise SauvegardeImpossible(
            f"{dossier} vient d'une base {lu.moteur} (format {lu.version}) et ne se restaure pas dans une base "
            f"{connection.vendor} (format {VERSION}) : vérifiez DATABASE_URL et la version de Partiteur."
        )
    if connection.introspection.table_names():
        raise SauvegardeImpossible(
            "La base contient déjà des tables : une sauvegarde se restaure dans une instance vide."
        )
    _remettre_fichiers(dossier / "fichiers", vers.fichiers, lu.fichiers)
    _remettre_fichiers(dossier / "reglages", vers.donnees, lu.reglages)
    base = dossier / BASES[lu.moteur]
    if lu.moteur == "sqlite":
        _remettre_sqlite(base)
    else:
        options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(base))
        _programme("pg_restore", connection, *options)
    comparer(lu, vers)
    return lu


def _remettre_fichiers(source: Path, cible: Path, noms: Iterable[str]) -> None:
    """Each file takes its name once whole."""
    for nom in noms:
        place = cible / nom
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        provisoire = place.with_name(f".{place.name}")
        shutil.copy2(source / nom, provisoire)
        provisoire.rename(place)


def _remettre_sqlite(base: Path) -> None:
    """The file takes its name once whole."""
    connection.close()
    cible = Path(connection.settings_dict["NAME"])
    for suffixe in ("-wal", "-shm", "-journal"):  # of the empty file that was looked at
        cible.with_name(cible.name + suffixe).unlink(missing_ok=True)
    provisoire = cible.with_name(f".{cible.name}")
    shutil.copy2(base, provisoire)
    provisoire.chmod(0o600)
    provisoire.rename(cible)


def comparer(lu: Manifeste, la: Dossiers) -> None:
    """Heads, rows and files are those of the manifest. Raises SauvegardeImpossible with what is not."""
    with _lecture() as curseur:
        tetes, lignes = _constater(curseur, connection.vendor)
    for quoi, avant, apres in (
        ("têtes des journaux", lu.tetes, tetes),
        ("lignes des tables", lu.lignes, lignes),
        ("fichiers", lu.fichiers, _empreintes(la.fichiers, lu.fichiers)),
        ("réglages", lu.reglages, _empreintes(la.donnees, lu.reglages)),
    ):
        ecarts = sorted(nom for nom in {*avant, *apres} if avant.get(nom) != apres.get(nom))
        if ecarts:
            raise SauvegardeImpossible(
                f"Ce qui est restauré n'est pas ce qui a été sauvegardé ({quoi} : {', '.join(ecarts)}) : "
                "videz l'instance et recommencez."
            )


def _empreintes(dossier: Path, noms: Iterable[str]) -> dict[str, str]:
    return {nom: empreinte(dossier / nom) for nom in noms if (dossier / nom).is_file()}


@contextmanager
def _lecture() -> Iterator[Any]:
    with transaction.atomic(), connection.cursor() as curseur:
        yield curseur
