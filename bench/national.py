"""`make bench`: the engine against others on the same files, in alternating runs.

Writes bench/resultats.md, and its short table in README.md.

Each engine is a process of its own, kept for all its runs; one run of each case comes first and is not counted. A ratio
under 1.5 means nothing on a machine that does something else.
"""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).parent))
import moteurs
from resume import CAS, NOMS, ecrire_resume

PASSES = 5
LENT = 20  # seconds: an engine this slow on a case runs it once
RESULTATS = Path(__file__).with_name("resultats.md")
README = Path(__file__).parents[1] / "README.md"


def partiteur(dossier: Path, spark: bool) -> moteurs.Cas:
    """The engine itself, from the classes written with the millésime; `spark`: the same SQL on Spark."""
    from partiteur.moteur.cadre import charger_cadre
    from partiteur.moteur.classes import ecrire_classes
    from partiteur.moteur.droits import RegistreEnFichier
    from partiteur.moteur.etats import compter
    from partiteur.moteur.execution import connexion, lire, requete, vue_parquet
    from partiteur.moteur.flux.comptes import vue_assiette
    from partiteur.moteur.geographie import charger
    from partiteur.moteur.millesime import TOUT, ouvrir, vue
    from partiteur.moteur.poses import fichier_des_poses
    from partiteur.moteur.rotation import compter_rotation
    from partiteur.moteur.spark import ouvrir_spark
    from partiteur.regles.rotation import definition

    if spark:
        ouvert = ouvrir_spark("local[2]")
        moteur: Any = lambda: ouvert  # noqa: E731
    else:
        moteur = connexion
    parc = ouvrir(next(dossier.glob("parc-*.parquet")), charger())
    cadre = charger_cadre("occitanie-2023", Path())
    axes = ["reservataire" if cle == "contingent" else cle for cle in moteurs.CLES]
    registre = RegistreEnFichier(dossier / "droits.parquet", date(2025, 12, 31))

    def assiette() -> pa.Table:
        con = moteur()
        vue(con, parc, TOUT)
        vue_assiette(con, cadre, sem=False)
        par_motif = lire(con, requete("etat_des_lieux", axes="bailleur, departement, motif", source="retenu"))
        comptes: dict[tuple[Any, Any], list[int]] = {}
        for bailleur, departement, motif, n in zip(*(c.to_pylist() for c in par_motif.columns), strict=True):
            compte = comptes.setdefault((bailleur, departement), [0, 0])
            compte[0] += n
            compte[1] += 0 if motif else n
        return pa.table(
            list(zip(*((*cle, *n) for cle, n in comptes.items()), strict=True)), names=list("abcd")
        )

    def rotation() -> pa.Table:
        con = moteur()
        vue(con, parc, TOUT)
        vue_parquet(con, "liberations", dossier / "liberations.parquet")
        definie = definition("familial_hors_mutations", cadre.motifs_exclus)
        comptage = compter_rotation(con, definie, 2026, date(2025, 12, 31), ("bailleur", "departement"))
        comptes: dict[tuple[Any, Any], list[int]] = {}
        for rang, liste in enumerate((comptage.evenements, comptage.logements)):
            for c in liste:
                if c.bailleur is not None:
                    comptes.setdefault((c.bailleur, c.departement), [0, 0])[rang] += int(c.nombre)
        return pa.table(
            list(zip(*((*cle, *n) for cle, n in comptes.items()), strict=True)), names=list("abcd")
        )

    def registre_neuf() -> pa.Table:
        fichier_des_poses(parc, registre).unlink(missing_ok=True)
        return compter([parc], axes, registre, moteur)[0]

    def classes() -> pa.Table:
        a_part = dossier / "classes-bench.parquet"
        ecrire_classes(next(dossier.glob("parc-*.parquet")), a_part)
        a_part.unlink()
        return pa.table({})

    cas = {
        "etat": lambda: compter([parc], axes, None, moteur)[0],
        "registre": registre_neuf,
        "relu": lambda: compter([parc], axes, registre, moteur)[0],
        "assiette": assiette,
        "rotation": rotation,
        "classes": classes,
    }
    if spark:  # the side files are not Spark's to write
        del cas["registre"], cas["classes"]
    return cas


def ouvrier(nom: str, dossier: Path) -> None:
    """Runs the cases asked on the standard input; says how long, how many rows, what they add up to."""
    fabriques = {
        "duckdb": moteurs.duckdb_a_la_main, "polars": moteurs.polars, "pandas": moteurs.pandas, "borne": moteurs.borne,
        "lecture": partial(moteurs.borne, numeros=False),
    }  # fmt: skip
    cas = fabriques[nom](dossier) if nom in fabriques else partiteur(dossier, nom == "spark")
    print(json.dumps(sorted(cas)), flush=True)
    for demande in sys.stdin:
        debut = time.perf_counter()
        table = cas[demande.strip()]()
        duree = time.perf_counter() - debut
        nombres = [c for c in table.columns if pa.types.is_integer(c.type)]
        sommes = [pc.sum(c).as_py() or 0 for c in nombres]
        memoire = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(json.dumps([duree, table.num_rows, sommes, memoire]), flush=True)


def ouvrir_ouvrier(nom: str, dossier: Path) -> tuple[Callable[[str], list[Any]], list[str]]:
    """A worker process: how to ask it a case, and the cases it knows."""
    processus = subprocess.Popen(
        [sys.executable, __file__, str(dossier), "--ouvrier", nom],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=os.environ,
    )  # fmt: skip
    entree, sortie = processus.stdin, processus.stdout
    assert entree
    assert sortie

    def demander(cas: str) -> list[Any]:
        entree.write(cas + "\n")
        reponse: list[Any] = json.loads(sortie.readline())
        print(f"{cas:10} {nom:10} {reponse[0]:7.2f} s  {reponse[1:]}", file=sys.stderr, flush=True)
        return reponse

    return demander, json.loads(sortie.readline())


def mesurer(dossier: Path, noms: list[str]) -> dict[str, dict[str, list[Any]]]:
    """Every engine on every case, in turn: {case: {engine: [seconds, rows, sums, memory]}}."""
    ouvriers = {nom: ouvrir_ouvrier(nom, dossier) for nom in noms}
    mesures: dict[str, dict[str, list[Any]]] = {}
    for cas in CAS:
        mesures[cas] = {nom: [[], 0, [], 0] for nom in noms if cas in ouvriers[nom][1]}
        for passe in range(PASSES + 1):
            for nom, mesure in mesures[cas].items():
                if passe and mesure[0] and mesure[0][0] > LENT:
                    continue
                duree, *mesure[1:] = ouvriers[nom][0](cas)
                if passe or duree > LENT:
                    mesure[0].append(duree)
    return mesures


def classes(dossier: Path) -> dict[str, list[Any]]:
    """Writing the classes, and the états des lieux counted just after each time: {case: [seconds, memory]}."""
    demander, _ = ouvrir_ouvrier("partiteur", dossier)
    mesures: dict[str, list[Any]] = {cas: [[], 0] for cas in ("classes", "etat", "registre", "relu")}
    for passe in range(PASSES + 1):
        for cas, mesure in mesures.items():
            duree, *_, memoire = demander(cas)
            mesure[0] += [duree] if passe else []
            mesure[1] = mesure[1] or memoire
    return mesures


def tableau(mesures: dict[str, dict[str, list[Any]]], des_classes: dict[str, list[Any]]) -> str:
    """The results as Markdown: seconds, and the median of the alternating ratios to the hand-written SQL."""
    machine = next(
        (
            li.split(":")[1].strip()
            for li in Path("/proc/cpuinfo").read_text().splitlines()
            if li.startswith("model name")
        ),
        platform.machine(),
    )
    lignes = [
        f"Mesuré le {date.today():%d/%m/%Y} : {machine}, {os.cpu_count()} cœurs, Python {platform.python_version()}, "  # noqa: DTZ011
        f"{PASSES} passages alternés, médianes. Parc fictif de 5,4 millions de logements.",
        "",
        "| Calcul | Moteur | Secondes | ÷ SQL à la main | ÷ borne | Mémoire (Mo) |",
        "|---|---|---|---|---|---|",
    ]
    for cas, par_moteur in mesures.items():
        for nom, (durees, rangees, sommes, rss) in par_moteur.items():
            rapports = {
                autre: statistics.median(a / b for a, b in zip(durees, par_moteur[autre][0], strict=False))
                for autre in ("duckdb", "borne")
            }
            accord = nom in ("borne", "lecture") or [rangees, sommes] == par_moteur["duckdb"][1:3]
            lignes.append(
                f"| {CAS[cas]} | {NOMS[nom]}{'' if accord else ' (désaccord)'} | {statistics.median(durees):.2f} | "
                f"{rapports['duckdb']:.1f} | {rapports['borne']:.1f} | {rss if nom != 'spark' else ''} |"
            )
    durees, memoire = des_classes.pop("classes")
    for cas, (apres, _) in des_classes.items():
        rapport = statistics.median(a / b for a, b in zip(durees, apres, strict=True))
        lignes.append(
            f"| écrire les classes | Partiteur | {statistics.median(durees):.2f} | {rapport:.1f} fois : {CAS[cas]} | | {memoire} |"
        )
    return "\n".join(lignes) + "\n"


if __name__ == "__main__":
    if "--ouvrier" in sys.argv:
        ouvrier(sys.argv[3], Path(sys.argv[1]))
    else:
        demandes = sys.argv[2].split(",") if len(sys.argv) > 2 else list(NOMS)
        mesures = mesurer(Path(sys.argv[1]), demandes)
        texte = tableau(mesures, classes(Path(sys.argv[1])))
        RESULTATS.write_text(texte, encoding="utf-8")
        ecrire_resume(README, texte)
        print(texte)
