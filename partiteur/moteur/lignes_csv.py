"""Semicolon CSV, as spreadsheets open it: cells that look like a formula are quoted (E14)."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from partiteur.regles.socle import NOMBRE

NEUTRALISES = ("=", "+", "-", "@", "\t", "\r")


def en_csv(lignes: Iterable[Sequence[Any]]) -> str:
    """Rows as text, without a last line feed; booleans as « oui » and « non », unknown empty."""
    tampon = io.StringIO()
    ecrivain = csv.writer(tampon, delimiter=";", lineterminator="\n")
    for ligne in lignes:
        ecrivain.writerow([_cellule(valeur) for valeur in ligne])
    return tampon.getvalue().rstrip("\n")


def _cellule(valeur: Any) -> Any:
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, str) and valeur.startswith(NEUTRALISES) and not NOMBRE.fullmatch(valeur):
        return f"'{valeur}"
    return valeur
