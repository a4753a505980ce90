"""Applies a rule of `regles` to a table: once on each distinct combination of facts, then joined back.

The law is written once, as a plain function; over millions of rows the combinations of coarse facts are few.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from partiteur.moteur.execution import Connexion, identifiant, lire, vue_table

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
    jointure = repondre(con, vue, faits, regle, sorties)
    nouvelles = ", ".join(f"reponse_{regle.__name__}.{identifiant(nom)}" for nom in sorties)
    return f"select p.*, {nouvelles} from {vue} p {jointure}"


def repondre(
    con: Connexion,
    vue: str,
    faits: Sequence[str],
    regle: Callable[..., Any],
    sorties: Sorties,
) -> str:
    """Register the answers of a rule, one row a combination, as `reponse_<rule>`; SQL that joins them to `vue p`."""
    noms = [identifiant(fait) for fait in faits]
    distincts = lire(con, f"select distinct {', '.join(noms)} from {identifiant(vue)}")
    reponses = [regle(*ligne) for ligne in zip(*(c.to_pylist() for c in distincts.columns), strict=True)]
    for nom, (type_, prendre) in sorties.items():
        distincts = distincts.append_column(identifiant(nom), pa.array([prendre(r) for r in reponses], type_))
    reponse = f"reponse_{regle.__name__}"
    vue_table(con, reponse, distincts)
    egal = " and ".join(f"p.{nom} is not distinct from {reponse}.{nom}" for nom in noms)
    return f"join {reponse} on {egal}"
