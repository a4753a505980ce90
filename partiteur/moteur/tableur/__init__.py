"""Spreadsheets: the workbooks people exchange, each figure that of the JSON, each total a live formula (E14).

`flux.ecrire_flux`, `etats.ecrire_etat` and `dossier.ecrire_dossier` write; `lire_document` reads a dossier back.
Modules load when they are used: whoever asks for text pays nothing for them.
"""

from pathlib import Path
from typing import Any

from partiteur.moteur.schema import lire_toml

SUFFIXES = (".xlsx", ".xlsm", ".ods")


def est_un_classeur(chemin: Path) -> bool:
    """Whether a dossier is a workbook rather than a TOML file, by its name."""
    return chemin.suffix.lower() in SUFFIXES


def lire_document(chemin: Path) -> dict[str, Any]:
    """The document of a dossier, from dossier.toml or from a workbook that says the same.

    Raises DocumentInvalide or LectureImpossible on whatever is wrong in it.
    """
    if not est_un_classeur(chemin):
        return lire_toml(chemin)
    from partiteur.moteur.tableur.dossier_lu import lire_dossier

    return lire_dossier(chemin)
