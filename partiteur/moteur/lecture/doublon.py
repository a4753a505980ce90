"""Rows met twice: by a key, or in all their cells."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa


def repetes(cles: Any, gardees: Any) -> Any:
    """Mask of the rows whose key (null: none) was met on an accepted row above."""
    vues: set[object] = set()
    masque = []
    for cle, gardee in zip(cles.to_pylist(), gardees.to_pylist(), strict=True):
        double = gardee and cle is not None and cle in vues
        if gardee and cle is not None:
            vues.add(cle)
        masque.append(double)
    return pa.array(masque, pa.bool_())


def deja_vus(empreintes: Iterable[int]) -> Any:
    """Mask of the rows identical to a row above."""
    vues: set[int] = set()
    masque = []
    for empreinte in empreintes:
        masque.append(empreinte in vues)
        vues.add(empreinte)
    return pa.array(masque, pa.bool_())
