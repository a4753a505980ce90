"""A year of France: 500 000 events read, verified and counted, against SQL written by hand on the same file.

    .venv/bin/python bench/journal.py [--evenements N] [--tours N]

The file is the demo's, drawn from several seeds until it is long enough. Each measure runs in a process of its own;
the median of alternate runs is printed, with the peak of memory of the process.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from partiteur.demo.bati import batir
from partiteur.demo.journal import raconter
from partiteur.demo.mouvements import liberer
from partiteur.demo.publie import BAILLEURS
from partiteur.moteur.journal import ecrire_journal, enchainer

Mesure = Callable[[Path], dict[str, object]]
Imprimer = Callable[[dict[str, list[dict[str, object]]], int], None]

EVENEMENTS = 500_000
TOURS = 3
PLAFOND_RATIO, PLAFOND_MIO = 2, 1536
ETAPES = ("mise_a_disposition", "candidats_proposes", "attribution", "bail_signe")


def engendrer(chemin: Path, evenements: int) -> None:
    """Write a chain of so many events: the demo's bailleurs under one chain, seed after seed."""
    ecrits: list[dict[str, str]] = []
    graine = 0
    while len(ecrits) < evenements:
        graine += 1
        rng = Random(graine)  # noqa: S311 - a seeded generator, nothing secret
        logements = batir(rng)
        for organisme in BAILLEURS:
            siens = [lo for lo in logements if lo.programme.bailleur == organisme.lettre]
            liberations, _ = liberer(organisme, siens, rng)
            for ligne in raconter(organisme, siens, liberations, graine):
                vacance, nouvelle = ligne["vacance"], f"{ligne['vacance']}-{graine}"
                for nom in ("evenement", "vacance", "donnees"):
                    ligne[nom] = ligne[nom].replace(vacance, nouvelle)
                ecrits.append(ligne)
    ecrits.sort(key=lambda ligne: ligne["date_saisie"])
    ecrire_journal(chemin, enchainer("999000102", ecrits[:evenements]))


def mesurer_partiteur(chemin: Path) -> dict[str, object]:
    """Read, then verify and count at once, as `partiteur decompte` does; the time of each.

    `attente`: what the verification took after the count had ended.
    """
    from partiteur.moteur.journal import compter, en_verifiant, lire_journal

    debut = time.perf_counter()
    journal = lire_journal(chemin)
    lu = time.perf_counter()
    with en_verifiant(journal):
        compte = compter(journal, {})
        compte_le = time.perf_counter()
    fin = time.perf_counter()
    compteurs = {e: sum(len(getattr(li, e)) for li in compte.decompte.lignes) for e in ETAPES}
    temps = {"lecture": lu - debut, "decompte": compte_le - lu, "attente": fin - compte_le}
    return {
        "total": fin - debut,
        **temps,
        "compteurs": compteurs,
        "vacances": len(compte.decompte.vacances),
        "histoires": compte.histoires,
        "refuses": compte.refuses,
    }


def mesurer_sql(chemin: Path) -> dict[str, object]:
    """The SQL written by hand."""
    import duckdb

    textes = [
        (Path(__file__).parent / nom).read_text("utf-8").replace("{fichier}", str(chemin))
        for nom in ("journal_verifier.sql", "journal.sql")
    ]
    con = duckdb.connect()
    debut = time.perf_counter()
    alteres = con.execute(textes[0]).fetchall()
    verifie = time.perf_counter()
    lignes = con.execute(textes[1]).fetchall()
    fin = time.perf_counter()
    assert alteres == [(0,)], alteres
    temps = {"verification": verifie - debut, "decompte": fin - verifie}
    return {"total": fin - debut, **temps, "compteurs": dict(lignes)}


def mener(script: str, but: str | None, mesurer: Mapping[str, Mesure], imprimer: Imprimer) -> None:
    """Generate a journal, measure each engine in turn in processes of their own (`script` again), print."""
    arguments = argparse.ArgumentParser(description=but)
    arguments.add_argument("--evenements", type=int, default=EVENEMENTS)
    arguments.add_argument("--tours", type=int, default=TOURS)
    arguments.add_argument("--enfant")
    arguments.add_argument("--fichier", type=Path)
    lus = arguments.parse_args()
    if lus.enfant:
        mesure = mesurer[lus.enfant](lus.fichier)
        mesure["cpu"] = time.process_time()
        mesure["mio"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps(mesure))
        return
    with tempfile.TemporaryDirectory() as dossier:
        chemin = lus.fichier or Path(dossier) / "journal.csv"
        if not chemin.exists():
            engendrer(chemin, lus.evenements)
        mesures: dict[str, list[dict[str, object]]] = {quoi: [] for quoi in mesurer}
        for _ in range(lus.tours):
            for quoi, faites in mesures.items():
                commande = [sys.executable, script, "--enfant", quoi, "--fichier", str(chemin)]
                rendu = subprocess.run(commande, capture_output=True, check=True, text=True)
                faites.append(json.loads(rendu.stdout))
        imprimer(mesures, chemin.stat().st_size // 2**20)


def imprimer(mesures: dict[str, list[dict[str, object]]], mio: int) -> None:
    """The table, then the verdict."""
    print(f"Fichier : {mio} Mio")
    medianes: dict[str, float] = {}
    for quoi, faites in mesures.items():
        cles = [
            c for c in faites[0] if c in ("total", "lecture", "verification", "decompte", "attente", "cpu")
        ]
        temps = {c: statistics.median(float(str(f[c])) for f in faites) for c in cles}
        medianes |= {quoi: temps["total"], f"{quoi}/cpu": temps["cpu"]}
        pic = max(int(str(f["mio"])) for f in faites)
        detail = "  ".join(f"{c} {t:.2f} s" for c, t in temps.items())
        print(f"{quoi:10} {detail}  pic {pic} Mio")
        autres = {
            c: v for c, v in faites[0].items() if c in ("compteurs", "vacances", "histoires", "refuses")
        }
        print(f"{'':10} {autres}")
        if quoi == "partiteur":
            print(f"{'':10} pic sous {PLAFOND_MIO} Mio : {'oui' if pic < PLAFOND_MIO else 'NON'}")
    for a, b, dit in (
        ("partiteur", "sql", f"lire, vérifier, compter : ratio {{:.2f}} (plafond {PLAFOND_RATIO})"),
        ("partiteur/cpu", "sql/cpu", "temps de calcul des processus, tous cœurs réunis : ratio {:.2f}"),
    ):
        print(dit.format(medianes[a] / medianes[b]))


if __name__ == "__main__":
    mener(__file__, __doc__, {"partiteur": mesurer_partiteur, "sql": mesurer_sql}, imprimer)
