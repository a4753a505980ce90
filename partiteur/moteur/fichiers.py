"""Files as the disk holds them: their digest, and those that take their name whole or not at all."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from typing import IO

EXCHANGED = 0o666


def empreinte(chemin: Path) -> str:
    """SHA-256 of a file. Raises OSError."""
    with chemin.open("rb") as fichier:
        return hashlib.file_digest(fichier, "sha256").hexdigest()


@contextmanager
def tout_ou_rien(chemin: Path, *, prive: bool = False) -> Iterator[IO[bytes]]:
    """A file that takes its name once it is on the disk; nothing is left of it otherwise. Raises OSError.

    Others may read it as they read what the user writes; `prive`: nobody else may.
    """
    descripteur, nom = tempfile.mkstemp(dir=chemin.parent, prefix=".partiteur-")
    provisoire = Path(nom)
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            if not prive:
                os.umask(masque := os.umask(0o077))  # the only way to read it
                os.fchmod(descripteur, EXCHANGED & ~masque)
            yield fichier
            fichier.flush()
            os.fsync(descripteur)
        provisoire.replace(chemin)
    finally:
        provisoire.unlink(missing_ok=True)


@contextmanager
def sans_nom(dossier: Path) -> Iterator[tuple[BufferedRandom, Callable[..., None]]]:
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
