"""A fictitious parc of the size of France, on its real communes: one millésime a year, rights, libérations, as Parquet.

Written by DuckDB as it goes, never whole in memory. The same seed gives the same files, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa

from partiteur.moteur.fichiers import empreinte
from partiteur.moteur.geographie import DOSSIER as GEOGRAPHIE

LOGEMENTS = 5_400_000
BAILLEURS = 700
PAR_PROGRAMME = 24
DERNIERE_ANNEE = 2026
MEMOIRE = "1500MB"
TAILLE_GROUPE = 122_880  # rows a row group: DuckDB's own


@dataclass(frozen=True)
class National:
    """What was written: the millésimes of the parc by year, the register, the libérations."""

    parcs: Mapping[int, Path]
    droits: Path
    liberations: Path


def ecrire_national(dossier: Path, logements: int = LOGEMENTS, graine: int = 2024) -> National:
    """Write the national demo in `dossier`: as many years as the size of France holds in `logements`, ending in 2026.

    `parc-<sha>.parquet` a year (canonical columns), `droits.parquet` (the columns of D15 and the type of the
    réservataire), `liberations.parquet` (from three years before the first parc).
    """
    dossier.mkdir(parents=True, exist_ok=True)
    combien = max(1, logements // LOGEMENTS)
    annees = range(DERNIERE_ANNEE - combien + 1, DERNIERE_ANNEE + 1)
    par_an = logements // combien
    con = duckdb.connect(config={"memory_limit": MEMOIRE, "temp_directory": str(dossier)})
    con.execute("set enable_progress_bar = false")
    con.register("communes", _communes())
    nombres = {"graine": graine, "bailleurs": BAILLEURS, "logements": par_an}
    nombres["programmes"] = max(BAILLEURS, par_an // PAR_PROGRAMME)
    for instruction in _sql("programmes", **nombres).split(";\n"):
        con.execute(instruction)
    parcs = {}
    for annee in annees:
        provisoire = dossier / f".parc-{annee}.parquet"
        mention = {"schema": "1", "source": "rpls_open_data", "bailleur": "", "annee": str(annee)}
        _copier(con, _sql("parc", graine=graine, annee=annee), provisoire, mention)
        parcs[annee] = provisoire.rename(dossier / f"parc-{empreinte(provisoire)}.parquet")
    droits, liberations = dossier / "droits.parquet", dossier / "liberations.parquet"
    _copier(con, _sql("droits", graine=graine), droits, {})
    _copier(con, _sql("liberations", graine=graine, du=annees[0] - 3, au=annees[-1]), liberations, {})
    con.close()
    return National(parcs, droits, liberations)


def _communes() -> pa.Table:
    """The communes of the COG shipped, with an EPCI or without: code, epci, departement, region."""
    lignes = (GEOGRAPHIE / "communes.csv").read_text("utf-8").splitlines()[1:]
    champs = [ligne.split(";") for ligne in lignes]
    colonnes = {"code": 0, "departement": 2, "region": 3, "epci": 4}
    return pa.table({nom: pa.array([c[rang] or None for c in champs]) for nom, rang in colonnes.items()})


def _sql(nom: str, **nombres: int) -> str:
    """The text of one of the queries beside, its $names filled with whole numbers."""
    texte = resources.files(__package__).joinpath(f"{nom}.sql").read_text("utf-8")
    for cle, valeur in sorted(nombres.items(), reverse=True):
        texte = texte.replace(f"${cle}", str(int(valeur)))
    return texte.strip()


def _copier(con: duckdb.DuckDBPyConnection, sql: str, chemin: Path, mention: Mapping[str, str]) -> None:
    """Write the rows of a query as Parquet, with what the file says of itself."""
    mentions = ", ".join(f"{cle}: '{valeur}'" for cle, valeur in mention.items())
    options = f"format parquet, compression zstd, row_group_size {TAILLE_GROUPE}"
    options += f", kv_metadata {{{mentions}}}" if mention else ""
    con.execute(f"copy ({sql}) to '{str(chemin).replace(chr(39), chr(39) * 2)}' ({options})")
