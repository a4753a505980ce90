"""Applies a rule of `regles` to a table: once on each distinct combination of facts, then given to every row.

The law is written once, as a plain function; over millions of rows the combinations of coarse facts are few.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.execution import Connexion, identifiant, lire, vue_table

ENTIERS_COURTS = 2**31  # half the bytes to go through: 6 % of the time of the classes of a country
Sorties = Mapping[str, tuple[pa.DataType, Callable[[Any], Any]]]


def appliquer(
    con: Connexion,
    vue: str,
    faits: Sequence[str],
    regle: Callable[..., Any],
    sorties: Sorties,
) -> str:
    """SQL that gives the rows of `vue` with the rule's answers as new columns.

    `faits`: the columns passed to the rule, in the order of its arguments. `sorties`: for each new column, its
    type and how to take it from the rule's answer. An unknown fact (null) is one combination like another: the
    join is null-safe.
    """
    noms = [identifiant(fait) for fait in faits]
    distincts = lire(con, f"select distinct {', '.join(noms)} from {identifiant(vue)}")
    reponses = [regle(*ligne) for ligne in zip(*(c.to_pylist() for c in distincts.columns), strict=True)]
    for nom, (type_, prendre) in sorties.items():
        distincts = distincts.append_column(identifiant(nom), pa.array([prendre(r) for r in reponses], type_))
    reponse = f"reponse_{regle.__name__}"
    vue_table(con, reponse, distincts)
    nouvelles = ", ".join(f"{reponse}.{nom}" for nom in sorties)
    egal = " and ".join(f"p.{nom} is not distinct from {reponse}.{nom}" for nom in noms)
    return f"select p.*, {nouvelles} from {vue} p join {reponse} on {egal}"


def repondre(
    lot: pa.Table, faits: Sequence[str], regle: Callable[..., Any], sorties: Sorties
) -> dict[str, pa.Array]:
    """The same on rows in memory: the new columns by their names, as dictionaries, in the order of the rows.

    Raises pa.ArrowInvalid past 2^63 possible combinations, which no coarse facts come near.
    """
    rangs, distincts = _combinaisons([lot.column(fait) for fait in faits], lot.num_rows)
    reponses = [regle(*ligne) for ligne in distincts]
    colonnes = {}
    for nom, (type_, prendre) in sorties.items():
        dites = pa.array([prendre(r) for r in reponses], type_).dictionary_encode()
        colonnes[nom] = pa.DictionaryArray.from_arrays(dites.indices.take(rangs), dites.dictionary)
    return colonnes


def _combinaisons(colonnes: Sequence[pa.ChunkedArray], lignes: int) -> tuple[pa.Array, list[tuple[Any, ...]]]:
    """Of each row the rank of its combination, and the distinct combinations.

    A combination is one number, whose digits are the ranks of its facts, each in a base of its own.
    """
    lues = [_rangs(colonne.combine_chunks()) for colonne in colonnes]
    court = prod(len(valeurs) for valeurs, _ in lues) < ENTIERS_COURTS
    numeros = pa.repeat(pa.scalar(0, pa.int32() if court else pa.int64()), lignes)
    for valeurs, rangs in lues:
        if len(valeurs) > 1:
            base = pa.scalar(len(valeurs), numeros.type)
            numeros = pc.add_checked(pc.multiply_checked(numeros, base), rangs)
    codes = numeros.dictionary_encode()
    reste, distincts = codes.dictionary, []
    for valeurs, _ in reversed(lues):
        quotient = pc.divide(reste, len(valeurs))
        chiffre = pc.subtract(reste, pc.multiply(quotient, len(valeurs)))
        distincts.append(valeurs.take(chiffre).to_pylist())
        reste = quotient
    return codes.indices, list(zip(*reversed(distincts), strict=True))


def _rangs(colonne: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The values of a column, unknown last, and of each row the rank of its value."""
    if pa.types.is_boolean(colonne.type):
        return pa.array([False, True, None]), colonne.cast(pa.int8()).fill_null(2)
    codee = colonne if pa.types.is_dictionary(colonne.type) else colonne.dictionary_encode()
    inconnu = pa.nulls(1, codee.dictionary.type)
    return pa.concat_arrays([codee.dictionary, inconnu]), codee.indices.fill_null(len(codee.dictionary))
