"""`bench/cotation.py DOSSIER`: 2.8 million demandes × 25 criteria from Parquet, then their rank by EPCI × typologie.

The grid compiled, the same by hand in SQL, the same in openfisca-core; each in a process of its own, in alternating
runs, one run of each first and not counted. Writes bench/cotation.md. The rows' digests must agree.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).parent))
PASSES = 5
AU = date(2026, 11, 22)
GRILLE = Path(__file__).with_name("cotation.toml")
RESULTATS = Path(__file__).with_name("cotation.md")
LISTES = ("epci", "typologie")
NOMS = {
    "partiteur": "Partiteur (DuckDB)",
    "main": "SQL à la main (DuckDB)",
    "openfisca": "openfisca-core, rang par numpy",
    "openfisca_nue": "openfisca-core, notes seules, sans rang",
    "spark": "Partiteur (Spark, local[2])",
    "nue": "Partiteur, notes seules, sans rang",
    "detail": "Partiteur, notes et colonnes de détail, sans rang",
}


def compilee(dossier: Path, detail: bool, spark: bool = False) -> tuple[Any, str, str, int]:
    """An engine with the demandes posed, the query of the grid, the rank to add, the scale of the scores."""
    from partiteur.moteur.cotation import Source, classement, noter
    from partiteur.moteur.execution import connexion, vue_parquet
    from partiteur.moteur.grille import charger_grille
    from partiteur.moteur.spark import ouvrir_spark
    from partiteur.regles.cotation import catalogue_livre

    con = ouvrir_spark("local[2]") if spark else connexion()
    chemin = dossier / "demandes.parquet"
    vue_parquet(con, "demandes", chemin)
    import pyarrow.parquet as pq

    catalogue = catalogue_livre()
    source = Source(
        "demandes", tuple(pq.read_schema(chemin).names), {c: v.type for c, v in catalogue.variables.items()}
    )
    grille = charger_grille(str(GRILLE), Path(), catalogue)
    garder = ("date_depot", "anciennete_mois", *LISTES)
    requete = noter(con, source, grille, AU, garder, detail=detail)
    rang = classement(grille, ("numero_unique", *garder), LISTES)
    return con, requete.sql, rang, requete.echelle


def travaux(nom: str, dossier: Path) -> Any:
    """What an engine does at each run: a table of numbers, scores and ranks."""
    if nom.startswith("openfisca"):
        import cotation_openfisca as o
        import pyarrow.parquet as pq

        from partiteur.moteur.grille import charger_grille
        from partiteur.regles.cotation import variables_de_grille

        grille = charger_grille(str(GRILLE), Path())
        chemin = dossier / "demandes.parquet"
        voulues = {*variables_de_grille(grille), "numero_unique", "date_depot", *LISTES}
        voulues |= {f"preuve_{c}{s}" for c in o.PREUVES for s in ("", "_jusqu_au")}
        colonnes = [c for c in pq.read_schema(chemin).names if c in voulues]
        return lambda: o.coter(chemin, colonnes, classer=nom == "openfisca")
    if nom == "main":
        import duckdb

        from partiteur.moteur.execution import MEMOIRE

        con = duckdb.connect(config={"memory_limit": MEMOIRE, "preserve_insertion_order": "false"})
        con.execute(f"create view demandes as from '{dossier}/demandes.parquet'")
        sql = Path(__file__).with_name("cotation.sql").read_text(encoding="utf-8")
        return lambda: con.sql(sql).to_arrow_table()
    from partiteur.moteur.execution import lire

    con, sql, rang, _ = compilee(dossier, nom == "detail", nom == "spark")
    if nom in ("nue", "detail"):
        sans = "anciennete_mois, date_depot, epci, typologie"
        return lambda: par_lots(con, f"select * exclude ({sans}) from ({sql}) c")
    return lambda: lire(con, f"select numero_unique, score, score_verifie, {rang} as rang from ({sql}) c")


def par_lots(con: Any, sql: str) -> pa.Table:
    """Take every row and every column, by batches, and keep the scores."""
    lots = [
        pa.record_batch({c: pa.array(lot.column(c).to_numpy().copy()) for c in ("score", "score_verifie")})
        for lot in con.sql(sql).to_arrow_reader(100_000)
    ]  # copied: a column kept would keep its whole batch
    return pa.Table.from_batches(lots)


def ouvrier(nom: str, dossier: Path) -> None:
    """Runs when asked on the standard input; says how long, what it found, the memory at its highest."""
    travail = travaux(nom, dossier)
    echelle = 1 if nom == "main" or nom.startswith("openfisca") else compilee(dossier, False)[3]
    print("prêt", flush=True)
    for _ in sys.stdin:
        debut = time.perf_counter()
        table = travail()
        duree = time.perf_counter() - debut
        sommes = [pc.sum(table[c]).as_py() for c in ("score", "score_verifie")]
        if "rang" in table.column_names:
            sommes.append(pc.sum(pc.multiply(pc.cast(table["rang"], pa.int64()), table["score"])).as_py())
        sommes = [somme // echelle if somme % echelle == 0 else somme for somme in sommes]
        memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps([duree, table.num_rows, sommes, memoire]), flush=True)


def mesurer(dossier: Path, noms: list[str]) -> dict[str, Any]:
    """Every engine in turn: {engine: [seconds, rows, sums, memory]}."""
    mesures: dict[str, Any] = {nom: [[], 0, [], 0] for nom in noms}
    processus = {
        nom: subprocess.Popen(
            [sys.executable, __file__, str(dossier), "--ouvrier", nom],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=os.environ,
        )
        for nom in noms
    }  # fmt: skip
    for p in processus.values():
        assert p.stdout
        p.stdout.readline()
    for passe in range(PASSES + 1):
        for nom, p in processus.items():
            if nom == "spark" and passe > 2:
                continue
            assert p.stdin
            assert p.stdout
            p.stdin.write("\n")
            p.stdin.flush()
            duree, *reste = json.loads(p.stdout.readline())
            mesures[nom][1:] = reste
            if passe:
                mesures[nom][0].append(duree)
            print(f"{nom:10} {duree:7.2f} s  {reste}", file=sys.stderr, flush=True)
    for p in processus.values():
        p.communicate()
    return mesures


def tableau(mesures: dict[str, Any]) -> str:
    """The results as Markdown: seconds, and the median of the alternating ratios to the compiled grid."""
    cpu = [li for li in Path("/proc/cpuinfo").read_text().splitlines() if li.startswith("model name")]
    machine = cpu[0].split(":")[1].strip() if cpu else platform.machine()
    lignes = [
        f"Mesuré le {date.today():%d/%m/%Y} : {machine}, {os.cpu_count()} cœurs, Python {platform.python_version()}, "  # noqa: DTZ011
        f"{PASSES} passages alternés (2 pour Spark), médianes. {next(iter(mesures.values()))[1]} "
        "demandes fictives × 25 critères, lues en Parquet.",
        "",
        "| Moteur | Secondes | ÷ Partiteur | ÷ SQL à la main | ÷ notes seules | Mémoire (Mo) |",
        "|---|---|---|---|---|---|",
    ]
    for nom, (durees, _, sommes, memoire) in mesures.items():
        rapports = [
            f"{statistics.median(a / b for a, b in zip(durees, mesures[autre][0], strict=False)):.2f}"
            for autre in ("partiteur", "main", "nue")
            if autre in mesures
        ]
        accord = sommes == mesures["partiteur"][2][: len(sommes)]
        lignes.append(
            f"| {NOMS[nom]}{'' if accord else ' (désaccord)'} | {statistics.median(durees):.2f} | "
            f"{' | '.join(rapports)} | {memoire if nom != 'spark' else ''} |"
        )
    return "\n".join(lignes) + "\n"


if __name__ == "__main__":
    if "--ouvrier" in sys.argv:
        ouvrier(sys.argv[3], Path(sys.argv[1]))
    else:
        demandes = sys.argv[2].split(",") if len(sys.argv) > 2 else list(NOMS)
        texte = tableau(mesurer(Path(sys.argv[1]), demandes))
        RESULTATS.write_text(texte, encoding="utf-8")
        print(texte)
