"""Runs the named queries of requetes/ on DuckDB or Spark. One portable subset of SQL; nothing here knows the law.

The two engines are asked the same text. They differ in how a view is named and a result fetched, and that is here
and in spark.py. Text is compared bytewise on both; no query of ours concatenates texts in an order.
"""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from partiteur.moteur.fichiers import sans_nom
from partiteur.moteur.spark import Spark

# Of the engine. On the whole country an état by the register takes, at 800 MB, more memory (a process of 930 MB, for 600)
# and half as long again.
MEMOIRE = "1200MB"
NOM = re.compile(r"[a-z][a-z0-9_]*")
Connexion = duckdb.DuckDBPyConnection | Spark
Ecoute = Callable[[str], None]
_ECOUTE: ContextVar[Ecoute | None] = ContextVar("ecoute", default=None)


def connexion() -> duckdb.DuckDBPyConnection:
    """A fresh in-memory connection, its memory bounded; it reads no file but through `vue_parquet`."""
    con = duckdb.connect(
        config={
            "memory_limit": MEMOIRE,
            "preserve_insertion_order": "false",
            "temp_directory": tempfile.gettempdir(),  # else it spills where the user stands
        }
    )
    con.execute(
        "set enable_progress_bar = false"
    )  # it would be written on the standard output, among results
    return con


@contextmanager
def ecouter(ecoute: Ecoute) -> Iterator[None]:
    """Tell `ecoute` each view and each query that runs inside, as text a reader can run again."""
    jeton = _ECOUTE.set(ecoute)
    try:
        yield
    finally:
        _ECOUTE.reset(jeton)


def _dire(texte: str, parametres: Sequence[Any] = ()) -> None:
    ecoute = _ECOUTE.get()
    if ecoute is not None:
        valeurs = f"-- ? = {', '.join(str(p) for p in parametres)}\n" if parametres else ""
        ecoute(f"{valeurs}{texte.rstrip()}\n;")


def noter(note: str) -> None:
    """Tell the listener what is done without a query, as a comment."""
    ecoute = _ECOUTE.get()
    if ecoute is not None:
        ecoute(f"-- {note}")


def requete(nom: str, **trous: str) -> str:
    """The text of requetes/<nom>.sql, its {holes} filled with fragments this package builds from known names."""
    texte = (resources.files("partiteur.moteur") / "requetes" / f"{nom}.sql").read_text("utf-8")
    for trou, fragment in trous.items():
        texte = texte.replace("{" + trou + "}", fragment)
    return f"-- {nom}\n{texte}"


def identifiant(nom: str) -> str:
    """A column name safe in SQL. Raises ValueError on anything else: no user's text reaches a query."""
    if not NOM.fullmatch(nom):
        raise ValueError(f"{nom!r} is not a column name")
    return nom


def lire(con: Connexion, sql: str, parametres: Sequence[Any] = ()) -> pa.Table:
    """The result of a query as an Arrow table; the same types on both engines."""
    _dire(sql, parametres)
    if isinstance(con, Spark):
        return con.lire(sql, parametres)
    table: pa.Table = con.sql(sql, params=list(parametres)).to_arrow_table()
    return table


def lire_par_lots(con: Connexion, sql: str, lignes: int = 20_000) -> Iterator[dict[str, Any]]:
    """The rows of a query as they come, each by the names of its columns: never the whole result as Python values."""
    if isinstance(con, Spark):
        lots: Iterator[Any] = iter(lire(con, sql).to_batches(lignes))
    else:
        _dire(sql)
        lots = iter(con.sql(sql).to_arrow_reader(lignes))
    for lot in lots:
        yield from lot.to_pylist()


def executer(con: Connexion, sql: str, parametres: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of a query, as Python values."""
    if isinstance(con, Spark):
        colonnes = [colonne.to_pylist() for colonne in lire(con, sql, parametres).columns]
        return list(zip(*colonnes, strict=True))
    _dire(sql, parametres)
    return con.execute(sql, list(parametres)).fetchall()


def vue_parquet(con: Connexion, nom: str, *chemins: Path) -> None:
    """Register Parquet files of one shape as a view; the paths never enter a named query."""
    noter(f"{identifiant(nom)} : {', '.join(map(str, chemins))}")
    if isinstance(con, Spark):
        con.vue_parquet(nom, chemins)
    else:
        con.from_parquet([str(chemin) for chemin in chemins]).create_view(nom)


def vue_table(con: Connexion, nom: str, table: pa.Table) -> None:
    """Register an Arrow table as a view, in place of the one of that name."""
    noter(f"{identifiant(nom)} : une table de {table.num_rows} lignes ({', '.join(table.column_names)})")
    if isinstance(con, Spark):
        con.vue_table(nom, table)
    else:
        con.unregister(nom)
        con.register(nom, table)


def vue_sql(con: Connexion, nom: str, sql: str) -> None:
    """Give a name to a query, in place of the one of that name."""
    _commander(con, f"create or replace temp view {identifiant(nom)} as\n{sql}")


def garder(con: Connexion, nom: str, sql: str) -> None:
    """Run a query once and give its rows a name, in place of the ones of that name."""
    if isinstance(con, Spark):
        vue_sql(con, nom, sql)
        con.garder(nom)
    else:
        _commander(con, f"create or replace temp table {identifiant(nom)} as\n{sql}")


def version(sources: Iterable[Traversable], requetes: Iterable[str] = (), *autres: str) -> str:
    """A short digest of what a file is rebuilt from: code and lists, named queries, the rest as texts."""
    textes = [source.read_text("utf-8") for source in sources] + [requete(nom) for nom in requetes]
    return hashlib.sha256("".join([*textes, *autres]).encode()).hexdigest()[:12]


def ecrire_a_cote(con: duckdb.DuckDBPyConnection, sql: str, chemin: Path) -> None:
    """Write the rows of a query as Parquet: a file whole or absent, its rows never in memory together.

    Its name says all it comes from: of two that write it at once, the first stays, which somebody may be reading.
    """
    _dire(f"copy (\n{sql}\n) to parquet")
    options = "format parquet, parquet_version v2, compression snappy, use_tmp_file false"
    with sans_nom(chemin.parent) as (fichier, nommer):
        con.execute(f"copy ({sql}) to '/proc/self/fd/{fichier.fileno()}' ({options})")
        nommer(chemin, premier=True)


def _commander(con: Connexion, sql: str) -> None:
    _dire(sql)
    if isinstance(con, Spark):
        con.commander(sql)
    else:
        con.execute(sql)


def table_de(colonnes: Mapping[str, Sequence[Any]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """A small Arrow table from columns of Python values, with the types given."""
    return pa.table({nom: pa.array(valeurs, types[nom]) for nom, valeurs in colonnes.items()})
