"""A national folder small enough for a test, with what engines disagree on: nulls, ties, shared numbers, empty groups."""

import hashlib
from pathlib import Path

import duckdb

from partiteur.demo.national import National, ecrire_national

LOGEMENTS = 5000
EXERCICE = 2026


def national(dossier: Path) -> National:
    """The national demo at this size, its last rows changed by hand."""
    ecrit = ecrire_national(dossier, LOGEMENTS)
    con = duckdb.connect()
    _remplacer(
        con,
        ecrit.parcs[EXERCICE],
        """select * replace (
            case when ligne = 5 then '0000000009' when ligne % 97 = 0 then 'I' || ligne end as identifiant_interne,
            case when ligne % 89 = 0 then null else numero_rpls end as numero_rpls,
            case when ligne % 83 = 0 then null else departement end as departement,
            case when ligne % 79 = 0 then null else bailleur end as bailleur,
            case when ligne % 73 = 0 then null else programme end as programme,
            case when ligne % 71 = 0 then null else epci end as epci,
            case when ligne % 67 = 0 then null else date_bail end as date_bail
        ) from lu""",
    )
    _remplacer(
        con,
        ecrit.droits,
        """select * from lu
        union all by name
        select * replace (ligne + 100000 as ligne, 'action-logement' as reservataire, 'autre' as type)
        from lu where ligne % 10 = 3
        union all by name
        select * replace (ligne + 200000 as ligne, nombre + 40 as nombre) from lu where logement is null and ligne % 7 = 0
        union all by name
        select * replace (ligne + 300000 as ligne, 'ailleurs' as programme, null as type, null as contrepartie)
        from lu where logement is null and ligne % 11 = 0""",
    )
    _remplacer(
        con,
        ecrit.liberations,
        """select * from lu union all select * replace (null as date_liberation, null as motif) from lu where logement > '0000004500'
        union all select * replace ('nulle part' as logement, null as commune) from lu where logement < '0000000500'""",
    )
    con.close()
    sha = ecrit.parcs[EXERCICE]
    return National({EXERCICE: _nommer(sha)}, ecrit.droits, ecrit.liberations)


def _remplacer(con: duckdb.DuckDBPyConnection, chemin: Path, sql: str) -> None:
    con.execute(f"create or replace table lu as from '{chemin}'")
    mention = f"{{schema: '1', source: 'rpls_open_data', bailleur: '', annee: '{EXERCICE}'}}"
    con.execute(f"copy ({sql} order by all) to '{chemin}' (format parquet, kv_metadata {mention})")


def _nommer(chemin: Path) -> Path:
    sha = hashlib.sha256(chemin.read_bytes()).hexdigest()
    return chemin.rename(chemin.with_name(f"parc-{sha}.parquet"))
