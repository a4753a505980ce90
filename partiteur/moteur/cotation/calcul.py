"""A file of demandes scored under a grid: which demandes the grid concerns, their scores, their ranks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa

from partiteur.moteur.cotation.compilation import Compilation, Source, compiler
from partiteur.moteur.cotation.expressions import PAS, litteral
from partiteur.moteur.demandes import Demandes
from partiteur.moteur.execution import (
    Connexion,
    executer,
    identifiant,
    lire,
    vue_parquet,
    vue_sql,
    vue_table,
)
from partiteur.regles.cotation import Catalogue, Grille, variables_de_grille
from partiteur.regles.socle import ErreurUtilisateur

NUMERO, DEPOT = "numero_unique", "date_depot"
TYPOLOGIES, COMMUNES, MUTATION = "typologies_demandees", "communes_demandees", "mutation"
POPULATIONS = {
    "toutes": "true",
    "premiere_demande": f"{MUTATION} = false",
    "mutation": f"{MUTATION} = true",
}


class CotationImpossible(ErreurUtilisateur):
    """A file of demandes that a grid cannot score."""


def poser(con: Connexion, demandes: Demandes, catalogue: Catalogue) -> Source:
    """Register a file of demandes as the view `demandes`."""
    if demandes.chemin is not None:
        vue_parquet(con, "demandes", demandes.chemin)
    else:
        vue_table(con, "demandes", demandes.table)
    types = {code: variable.type for code, variable in catalogue.variables.items()}
    return Source("demandes", tuple(demandes.colonnes), types)


def concernees(
    con: Connexion, source: Source, grille: Grille, communes: Sequence[str] | None, nom: str
) -> Source:
    """The view `nom` of the demandes a grid scores: its population, and those that ask one of `communes` if given.

    A demande whose mutation is unknown is in neither list of a territory with two grids. Raises CotationImpossible
    when the file has not the column that says it.
    """
    conditions = [POPULATIONS[grille.population]]
    if grille.population != "toutes" and MUTATION not in source.colonnes:
        raise CotationImpossible(
            f"La grille « {grille.identifiant} » ne cote que certaines demandes ({grille.population}) : ajoutez au "
            f"fichier la colonne « {MUTATION} », oui ou non."
        )
    if communes is not None:
        if COMMUNES not in source.colonnes:
            raise CotationImpossible(
                f"Pour répartir les demandes entre les grilles, ajoutez au fichier la colonne « {COMMUNES} », des "
                "codes de communes séparés par |."
            )
        dans = [f"array_contains({COMMUNES}, {litteral(commune)})" for commune in communes]
        conditions.append(f"({' or '.join(dans) or 'false'})")
    vue_sql(con, nom, f"select * from {identifiant(source.vue)} where {' and '.join(conditions)}")
    return replace(source, vue=nom)


def noter(
    con: Connexion, source: Source, grille: Grille, au: date, garder: Sequence[str], *, detail: bool
) -> Compilation:
    """The query that scores the demandes of a source, once its dated columns are measured.

    `garder`: columns carried through, those the source has. Raises CotationImpossible on a list with an empty date.
    """
    lues = [
        v for v in variables_de_grille(grille) if source.types.get(v) == "evenements" and v in source.colonnes
    ]
    mesuree = replace(source, evenements={v: _plus_long(con, source.vue, v) for v in lues})
    gardees = [nom for nom in dict.fromkeys((NUMERO, *garder)) if nom in source.colonnes]
    return compiler(grille, mesuree, au, gardees, detail=detail)


def _plus_long(con: Connexion, vue: str, variable: str) -> int:
    """The most events a demande has in a dated column, by the length of the list written as a text."""
    texte = f"length(cast({identifiant(variable)} as string))"
    sql = f"select cast(max({texte}) as bigint), count(*) filter (where mod({texte}, {PAS}) not in (0, 2)) from {vue}"
    ((plus_long, malformees),) = executer(con, sql)
    if malformees:
        raise CotationImpossible(
            f"La colonne « {variable} » a {malformees} liste(s) de dates dont une est vide : enlevez les dates vides."
        )
    return int(plus_long or 0) // PAS


def classement(grille: Grille, colonnes: Sequence[str], listes: Sequence[str]) -> str:
    """The rank of a scored demande in its list, as SQL: score, then what the grid says, the oldest, the number.

    `colonnes`: those of the query. `listes`: the columns that make a list. A score not used has no rank.
    """
    cles = ["score desc nulls last"]
    for depart in grille.departage:
        if depart.variable in colonnes:
            cles.append(f"{identifiant(depart.variable)} {'asc' if depart.croissant else 'desc'} nulls last")
    if DEPOT in colonnes:
        cles.append(f"{DEPOT} asc nulls last")
    cles.append(f"{NUMERO} asc nulls last")
    parts = ", ".join([*map(identifiant, listes), "hors is null"])
    rang = f"row_number() over (partition by {parts} order by {', '.join(cles)})"
    return f"case when hors is null then {rang} end"


def scores(con: Connexion, compilation: Compilation) -> pa.Table:
    """The rows of the query."""
    return lire(con, compilation.sql)
