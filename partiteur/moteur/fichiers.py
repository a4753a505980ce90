"""Files as the disk holds them: their digest, and one that takes its name whole or not at all."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
