"""Rows by their distinct values: what is judged once for all the rows that share it."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def distincts(*colonnes: Any) -> tuple[pa.Array, list[tuple[str, ...]]]:
    """The distinct tuples of texts of some columns, and for each row the rank of its own (int64)."""
    codees = [encoder(colonne) for colonne in colonnes]
    rangs = pa.array([0], pa.int64()) if not codees else codees[0].indices.cast(pa.int64())
    for codee in codees[1:]:
        rangs = pc.add(pc.multiply(rangs, max(len(codee.dictionary), 1)), codee.indices.cast(pa.int64()))
    numerotes = encoder(rangs)
    return numerotes.indices.cast(pa.int64()), [
        _decoder(croise, codees) for croise in numerotes.dictionary.to_pylist()
    ]


def _decoder(croise: int, codees: Sequence[pa.DictionaryArray]) -> tuple[str, ...]:
    valeurs = []
    for codee in reversed(codees):
        croise, rang = divmod(croise, max(len(codee.dictionary), 1))
        valeurs.append(codee.dictionary[rang].as_py())
    return tuple(reversed(valeurs))


def encoder(colonne: Any) -> pa.DictionaryArray:
    """One array of ranks and its dictionary."""
    if isinstance(colonne, pa.ChunkedArray):
        if pa.types.is_dictionary(colonne.type):
            colonne = colonne.unify_dictionaries()
        colonne = (
            colonne.combine_chunks()
        )  # first: the dictionaries of many chunks cost more to bring together
    return colonne if pa.types.is_dictionary(colonne.type) else colonne.dictionary_encode()
