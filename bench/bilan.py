"""The full bilan of 500 000 events, against SQL written by hand on the same file.

    .venv/bin/python bench/bilan.py [--evenements N] [--tours N] [--fichier F]

Both read the file, verify its chain and make the table of R441-5-1 with its marginals, the delays and the refusals.
Partiteur judges each event besides, measures the days due and says what is missing. Each measure runs in a process of
its own; the median of alternate runs is printed, with the peak of memory.
"""

import statistics
import time
from datetime import date
from pathlib import Path

from journal import ETAPES, mener

PLAFOND_RATIO = 2
DU, AU = date(2019, 1, 1), date(2025, 12, 31)


def mesurer_partiteur(chemin: Path) -> dict[str, object]:
    """Read, verify, count, cross: the JSON of the bilan."""
    from partiteur.moteur.bilan import Demande, etablir, json_du_bilan

    debut = time.perf_counter()
    dit = json_du_bilan(etablir(chemin, Demande(AU, DU)).bilan)
    fin = time.perf_counter()
    comptes = {etape: dit["total"][etape] for etape in ETAPES}
    return {
        "total": fin - debut,
        "comptes": comptes,
        "lignes": len(dit["ventilation"]),
        "vacances": dit["vacances"],
    }


def mesurer_sql(chemin: Path) -> dict[str, object]:
    """The SQL written by hand."""
    import duckdb

    verifier, bilan = (
        (Path(__file__).parent / nom).read_text("utf-8").replace("{fichier}", str(chemin))
        for nom in ("journal_verifier.sql", "bilan.sql")
    )
    con = duckdb.connect()
    debut = time.perf_counter()
    alteres = con.execute(verifier).fetchall()
    comptes = dict(con.execute(bilan).fetchall())
    lignes = con.execute(
        "select count(*) from (select distinct * exclude (etape, vacances) from bilan where quoi = 0)"
    )
    nombre = lignes.fetchall()[0][0]
    fin = time.perf_counter()
    assert alteres == [(0,)], alteres
    return {"total": fin - debut, "comptes": {e: int(comptes[e]) for e in ETAPES}, "lignes": nombre}


def imprimer(mesures: dict[str, list[dict[str, object]]], mio: int) -> None:
    """The table, then the ratio."""
    medianes = {}
    for quoi, faites in mesures.items():
        medianes[quoi] = statistics.median(float(str(f["total"])) for f in faites)
        pic = max(int(str(f["mio"])) for f in faites)
        reste = {cle: v for cle, v in faites[0].items() if cle not in ("total", "cpu", "mio")}
        print(f"{quoi:10} {medianes[quoi]:.2f} s  pic {pic} Mio  {reste}")
    rapport = medianes["partiteur"] / medianes["sql"]
    print(f"bilan entier, fichier de {mio} Mio : ratio {rapport:.2f} (plafond {PLAFOND_RATIO})")


if __name__ == "__main__":
    mener(__file__, __doc__, {"partiteur": mesurer_partiteur, "sql": mesurer_sql}, imprimer)
