"""Excel and OpenDocument workbooks, opened only once they are known to fit in memory."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from partiteur.moteur.lecture.archive import verifier_archive
from partiteur.moteur.lecture.constat import LectureImpossible

LIMITE_CLASSEUR = 512 * 2**20  # the reader takes the whole file in memory
DEBUT_OLE = 2**24  # the directory of an old document may come late
PROTEGE = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Feuille:
    """One sheet: its records as raw texts, each with its row number (blank rows above the data included)."""

    chemin: Path
    classeur: Any
    nom: str

    @cached_property
    def _feuille(self) -> Any:
        """The sheet in memory: slow to load, and read twice, for its header then for its rows."""
        with _lecteur_sur(self.chemin):
            return self.classeur.get_sheet_by_name(self.nom)

    def enregistrements(
        self, attendus: int | None = None, reprises: list[int] | None = None
    ) -> Iterator[tuple[int, list[str]]]:
        """Every row as texts; `attendus` and `reprises` serve text files only."""
        for numero, cellules in enumerate(self._feuille.iter_rows(), start=1):
            yield numero, [texte(cellule) for cellule in cellules]


def texte(cellule: object) -> str:
    """A cell as a CSV would have written it: « 6029 » for 6029.0, ISO dates, oui and non."""
    if isinstance(cellule, str):
        return cellule
    if isinstance(cellule, bool):
        return "oui" if cellule else "non"
    if isinstance(cellule, float):
        return str(int(cellule)) if cellule.is_integer() and abs(cellule) < 2**53 else repr(cellule)
    if isinstance(cellule, datetime.datetime):
        return cellule.date().isoformat()
    return str(cellule)


def ouvrir(chemin: Path, nature: str) -> list[Feuille]:
    """The visible sheets of a workbook. Raises LectureImpossible when it is broken, protected or too big."""
    import python_calamine  # slow to load, and useless to those who read CSV

    if chemin.stat().st_size > LIMITE_CLASSEUR:
        raise LectureImpossible(
            f"{chemin.name} dépasse 512 Mio : enregistrez les données en CSV, ou découpez-les."
        )
    if nature == "zip":
        verifier_archive(chemin)
    else:
        with chemin.open("rb") as flux:
            if PROTEGE in flux.read(DEBUT_OLE):
                raise LectureImpossible(_protege(chemin))
    with _lecteur_sur(chemin), chemin.open("rb") as flux:
        classeur = python_calamine.CalamineWorkbook.from_filelike(flux)
        visibles = [f.name for f in classeur.sheets_metadata if str(f.visible).endswith(".Visible")]
        return [Feuille(chemin, classeur, nom) for nom in visibles or classeur.sheet_names]


@contextmanager
def _lecteur_sur(chemin: Path) -> Iterator[None]:
    """Turn what the Rust reader raises, its panics included, into one sentence."""
    import python_calamine

    try:
        yield
    except python_calamine.PasswordError as erreur:
        raise LectureImpossible(_protege(chemin)) from erreur
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as erreur:  # a panic of the Rust reader is not an Exception
        raise LectureImpossible(
            f"{chemin.name} n'est pas un classeur lisible, il est abîmé ou incomplet : ouvrez-le dans un tableur et "
            "enregistrez-le à nouveau en .xlsx ou en CSV."
        ) from erreur


def _protege(chemin: Path) -> str:
    return f"{chemin.name} est protégé par un mot de passe : enregistrez-le sans mot de passe."
