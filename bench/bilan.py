"""The full bilan of 500 000 events, against SQL written by hand on the same file.

    .venv/bin/python bench/bilan.py [--evenements N] [--tours N] [--fichier F]

Both read the file, verify its chain and make the table of R441-5-1 with its marginals, the delays and the refusals.
Partiteur judges each event besides, measures the days due and says what is missing. Each measure runs in a process of
its own; the median of alternate runs is printed, with the peak of memory.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from journal import EVENEMENTS, TOURS, engendrer

PLAFOND_RATIO = 2
DU, AU = date(2019, 1, 1), date(2025, 12, 31)
ETAPES = ("mise_a_disposition", "candidats_proposes", "attribution", "bail_signe")


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


def enfant(quoi: str, chemin: Path) -> None:
    """Measure in this process and print JSON."""
    mesure = (mesurer_partiteur if quoi == "partiteur" else mesurer_sql)(chemin)
    print(json.dumps({**mesure, "mio": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


def main() -> None:
    """Generate, measure, print the table and the ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--evenements", type=int, default=EVENEMENTS)
    arguments.add_argument("--tours", type=int, default=TOURS)
    arguments.add_argument("--enfant")
    arguments.add_argument("--fichier", type=Path)
    lus = arguments.parse_args()
    if lus.enfant:
        enfant(lus.enfant, lus.fichier)
        return
    with tempfile.TemporaryDirectory() as dossier:
        chemin = lus.fichier or Path(dossier) / "journal.csv"
        if not chemin.exists():
            engendrer(chemin, lus.evenements)
        medianes = {}
        mesures: dict[str, list[dict[str, object]]] = {"partiteur": [], "sql": []}
        for _ in range(lus.tours):
            for quoi, faites in mesures.items():
                commande = [sys.executable, __file__, "--enfant", quoi, "--fichier", str(chemin)]
                faites.append(
                    json.loads(subprocess.run(commande, capture_output=True, check=True, text=True).stdout)
                )
        for quoi, faites in mesures.items():
            medianes[quoi] = statistics.median(float(str(f["total"])) for f in faites)
            pic = max(int(str(f["mio"])) for f in faites)
            reste = {cle: v for cle, v in faites[0].items() if cle not in ("total", "mio")}
            print(f"{quoi:10} {medianes[quoi]:.2f} s  pic {pic} Mio  {reste}")
        print(f"bilan entier : ratio {medianes['partiteur'] / medianes['sql']:.2f} (plafond {PLAFOND_RATIO})")


if __name__ == "__main__":
    main()
