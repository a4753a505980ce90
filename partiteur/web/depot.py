"""The files of the instance: what waits for a yes, the millésimes named by their content, the dossiers and their pieces.

Under MEDIA_ROOT: `.attente/<identifiant>/` (thrown away), `parc/` (parc-<sha>.parquet, droits-<sha>.parquet),
`dossiers/<identifiant>/`. A file takes its name once it is whole: a killed request leaves nothing half-done.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename

from partiteur.moteur import geographie as geographies
from partiteur.moteur import millesime
from partiteur.moteur.droits import RegistreEnFichier
from partiteur.moteur.execution import Connexion, connexion
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture import Lecture, lire_droits, lire_parc
from partiteur.moteur.millesime import Parc
from partiteur.moteur.pieces import COMMUNES, DOSSIER, ecrire_csv, reunir
from partiteur.regles.socle import RACINE, ErreurUtilisateur

SUFFIXES = (".csv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".zip")
NATURES = {"parc": "Parc", "droits": "Registre des droits"}
LONGUEUR_NOM = 80
UN_A_LA_FOIS = (
    threading.Lock()
)  # the largest workbook that is read takes a gigabyte: a process never holds two
VERROU = ".verrou"  # held by the process that reads or imports what waits


class FichierRefuse(ErreurUtilisateur):
    """A file that cannot be taken, with what to do."""


def attente(identifiant: str) -> Path:
    """The folder of what waits under an identifier."""
    return settings.MEDIA_ROOT / ".attente" / identifiant


def nom_sur(nom: str) -> str:
    """A file's name without a path nor anything a file system minds, its suffix kept. Raises FichierRefuse."""
    suffixe = Path(nom).suffix.lower()
    if suffixe not in (*SUFFIXES, ".toml"):
        raise FichierRefuse(
            f"« {nom[:LONGUEUR_NOM]} » n'est ni un CSV ni un classeur : donnez un fichier {', '.join(SUFFIXES)}."
        )
    propre = get_valid_filename(f"x{Path(nom).stem}")[1:].lstrip(".")  # a point first would hide it
    return (propre or "fichier")[:LONGUEUR_NOM] + suffixe


def recevoir(identifiant: str, fichier: UploadedFile) -> Path:
    """Write what was sent, block by block, where it waits."""
    chemin = attente(identifiant) / nom_sur(str(fichier.name))
    chemin.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with chemin.open("xb") as ecrit:
        for bloc in fichier.chunks():
            ecrit.write(bloc)
    return chemin


def recu(identifiant: str) -> Path:
    """The file that waits. Raises FichierRefuse when it is gone."""
    dossier = attente(identifiant)
    for chemin in dossier.iterdir() if dossier.is_dir() else ():
        if chemin.name != VERROU:
            return chemin
    raise FichierRefuse("Le fichier déposé n'est plus là : déposez-le de nouveau.")


def lourd(identifiant: str) -> bool:
    """Is the file that waits read and imported apart from the requests, in a process of its own?"""
    dossier = attente(identifiant)
    tailles = [f.stat().st_size for f in dossier.iterdir()] if dossier.is_dir() else []
    return sum(tailles) > settings.SUR_LE_CHAMP


def traiter_a_part(identifiant: str) -> bool:
    """Start the next step of a deposit in a process of its own; False when one is already at it.

    The process inherits the lock: nobody else starts while it lives, and killed it leaves it.
    """
    with (attente(identifiant) / VERROU).open("w") as verrou:
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
            [sys.executable, "-m", "partiteur.web", "traiter_depot", identifiant],
            stdin=subprocess.DEVNULL,
            pass_fds=[verrou.fileno()],
            start_new_session=True,
        )
    return True


def en_traitement(identifiant: str) -> float | None:
    """Seconds since a process is at a deposit; None when there is none, or it was killed."""
    try:
        with (attente(identifiant) / VERROU).open() as verrou:
            try:
                fcntl.flock(verrou, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return max(0.0, time.time() - os.fstat(verrou.fileno()).st_mtime)
    except FileNotFoundError:
        return None
    return None


def oublier(identifiant: str) -> None:
    """Throw away what waits under an identifier."""
    shutil.rmtree(attente(identifiant), ignore_errors=True)


def communes() -> Path | None:
    """The communes the instance adds to the official ones, if it does."""
    ajoutees = Path(settings.DONNEES / COMMUNES)
    return ajoutees if ajoutees.is_file() else None


@cache
def geographie() -> Geographie:
    """The official communes, and those the instance adds in communes.csv."""
    return geographies.charger(communes())


def lire(nature: str, chemin: Path, siren: str) -> Lecture:
    """Read a parc, as the dwellings of that bailleur, or a register of rights. Raises LectureImpossible."""
    with UN_A_LA_FOIS:
        if nature == "parc":
            return lire_parc(chemin, geographie(), bailleur=siren)
        return lire_droits(chemin)


def garder(nature: str, lecture: Lecture, chemin: Path) -> str:
    """Write a millésime, or a register, and its original; returns its SHA-256."""
    if not lecture.acceptees:
        raise FichierRefuse(
            f"{chemin.name} : aucune ligne n'est acceptée ; corrigez le fichier, le rapport dit où."
        )
    importer = millesime.importer if nature == "parc" else millesime.importer_droits
    ecrit = importer(lecture, chemin, settings.MEDIA_ROOT / "parc")
    if nature == "parc":
        millesime.ouvrir(ecrit, geographie())  # its classes, once and for all
    return ecrit.stem.partition("-")[2]


def chemin_du_parc(sha: str) -> Path:
    """Where a millésime is."""
    return settings.MEDIA_ROOT / "parc" / f"parc-{sha}.parquet"


def parc(sha: str) -> Parc:
    """A millésime. Raises LectureImpossible when it is no longer what it was."""
    return millesime.ouvrir(chemin_du_parc(sha), geographie())


def importes(millesimes: Iterable[tuple[str, str, str]], passage: Path) -> Mapping[str, Path]:
    """Files already imported (nature, sha, name), the last first, as the pieces of a dossier: none need come again.

    One that is lost is not offered: the dossier then says which piece it misses.
    """
    recues: dict[str, Path] = {}
    for nature, sha, nom in millesimes:
        if not (settings.MEDIA_ROOT / "parc" / f"{nature}-{sha}.parquet").is_file():
            continue
        if nature == "parc":
            chemin = chemin_du_parc(sha)
            recues.setdefault(chemin.name, chemin)
        elif nom not in recues:
            chemin = passage / f"{sha}.csv"
            ecrire_csv(pq.read_table(registre(sha, date.min).chemin), chemin)
        recues.setdefault(nom, chemin)
    return recues


def registre(sha: str, a_la_date: date) -> RegistreEnFichier:
    """A register, read at a date. Raises FichierRefuse when it is lost."""
    chemin = settings.MEDIA_ROOT / "parc" / f"droits-{sha}.parquet"
    if not chemin.is_file():
        raise FichierRefuse("Le registre des droits n'est plus sur le disque : importez-le de nouveau.")
    return RegistreEnFichier(chemin, a_la_date)


MOTEURS = threading.local()


def moteur() -> Connexion:
    """The engine of the thread that serves (E5): one thread of its own, and no file but the millésimes.

    Opening one takes longer than a count; the views of a count replace those of the one before.
    """
    dossier = str(settings.MEDIA_ROOT / "parc")
    ouverts: dict[str, Connexion] = MOTEURS.__dict__
    if dossier not in ouverts:
        ouverts[dossier] = _ouvrir_moteur(dossier.replace("'", "''"))
    return ouverts[dossier]


def _ouvrir_moteur(dossier: str) -> Connexion:
    con = connexion()
    for reglage in (
        "temp_directory = ''",  # a directory to spill in would be a directory to read
        "threads = 1",
        f"allowed_directories = ['{dossier}']",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        con.execute(f"set {reglage}")
    return con


def ranger(identifiant: str, chemin: Path, recues: Mapping[str, Path]) -> Mapping[str, Lecture]:
    """Gather a dossier and its pieces in a folder of its own, at once or not at all. Raises what `reunir` raises."""
    dossiers = settings.MEDIA_ROOT / "dossiers"
    dossiers.mkdir(parents=True, exist_ok=True, mode=0o700)
    provisoire = Path(mkdtemp(prefix=".", dir=dossiers))
    try:
        lectures = reunir(chemin, recues, provisoire)
        for fichier in provisoire.iterdir():
            _sur_le_disque(fichier)
        provisoire.rename(dossiers / identifiant)
    except BaseException:
        shutil.rmtree(provisoire, ignore_errors=True)
        raise
    return lectures


def dossier(identifiant: str) -> Path:
    """The dossier.toml kept under an identifier."""
    return settings.MEDIA_ROOT / "dossiers" / identifiant / DOSSIER


def pieces(identifiant: str) -> Iterable[Path]:
    """The dossier and its pieces: what anyone needs to compute it again."""
    return sorted(
        f
        for f in dossier(identifiant).parent.iterdir()
        if f.is_file() and not f.name.startswith(("classes-", "."))
    )


def ecrire(identifiant: str, nom: str, contenu: bytes) -> None:
    """Write a file beside a dossier, whole or not at all."""
    cible = dossier(identifiant).with_name(nom)
    provisoire = cible.with_name(f".{nom}")
    provisoire.write_bytes(contenu)
    _sur_le_disque(provisoire)
    provisoire.replace(cible)


def jeter(identifiant: str) -> None:
    """Throw away a dossier nobody adopted."""
    shutil.rmtree(dossier(identifiant).parent, ignore_errors=True)


def _sur_le_disque(chemin: Path) -> None:
    with chemin.open("rb") as fichier:
        os.fsync(fichier.fileno())


@cache
def versions() -> Mapping[str, str]:
    """What a figure was computed with: the version installed, and a digest of the rules with their barèmes (E20)."""
    regles = [f for f in sorted(Path(str(RACINE)).rglob("*")) if f.suffix in (".py", ".toml")]
    empreintes = hashlib.sha256(b"".join(chemin.read_bytes() for chemin in regles))
    return {"partiteur": version("partiteur"), "regles": empreintes.hexdigest()[:16]}


@contextmanager
def sans_chemin(*dossiers: Path) -> Any:
    """Errors said inside name files, never where they are on the machine."""
    try:
        yield
    except ErreurUtilisateur as erreur:
        phrase = str(erreur)
        for ici in (*dossiers, settings.MEDIA_ROOT):
            phrase = phrase.replace(f"{ici}/", "")
        raise FichierRefuse(phrase) from erreur
