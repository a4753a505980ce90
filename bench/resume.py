"""From bench/resultats.md to the short table of README.md, between its two marks."""

import re
from pathlib import Path

DEBUT, FIN = "<!-- bench -->", "<!-- /bench -->"
CAS = {
    "etat": "état des lieux (bailleur × EPCI × contingent × financement × typologie × QPV)",
    "registre": "le même, réservataires lus dans le registre des droits, la première fois",
    "relu": "le même, les droits déjà posés",
    "assiette": "assiette par bailleur × département",
    "rotation": "rotation par bailleur × département",
}
NOMS = {
    "partiteur": "Partiteur (DuckDB)", "duckdb": "SQL à la main (DuckDB)", "polars": "Polars, en flux",
    "pandas": "pandas", "spark": "Partiteur (Spark, local[2])", "borne": "borne : lire les colonnes",
    "lecture": "lire les colonnes, les numéros sans dictionnaire",
}  # fmt: skip
LIGNES = {
    "etat": "état des lieux, 6 axes, RPLS contingents",
    "registre": "the same from the register of rights, first time",
    "relu": "the same, rights already posed",
    "assiette": "assiette by bailleur × département",
    "rotation": "rotation by bailleur × département",
}
COLONNES = (
    "Partiteur",
    "hand-written DuckDB",
    "Polars",
    "pandas",
    "Partiteur on Spark",
    "reading the columns",
    "the same, numbers as plain text",
)


def resume(resultats: str) -> str:
    """The short table: seconds by computation and engine; the sentence that dates the measure comes last."""
    entete = re.match(r"Mesuré le (\S+) : (.+), (\d+) cœurs, Python (\S+), (\d+) passages", resultats)
    assert entete
    jour, machine, coeurs, python, passages = entete.groups()
    cases = [[c.strip() for c in li.strip("| ").split("|")] for li in resultats.splitlines() if li[:1] == "|"]
    secondes = {(ligne[0], ligne[1].removesuffix(" (désaccord)")): ligne[2] for ligne in cases}
    lignes = [f"| seconds | {' | '.join(COLONNES)} |", "|---" * (len(COLONNES) + 1) + "|"]
    for cas, dit in LIGNES.items():
        valeurs = [secondes.get((CAS[cas], moteur), "—") for moteur in NOMS.values()]
        lignes.append(f"| {dit} | {' | '.join(valeurs)} |")
    quand = f"`make bench` on {jour}: {machine}, {coeurs} cores, Python {python}, medians of {passages} alternating runs."
    return "\n".join([*lignes, "", quand])


def ecrire_resume(page: Path, resultats: str) -> None:
    """Put the short table in a page, in place of the one between its marks."""
    avant, debut, reste = page.read_text("utf-8").partition(DEBUT)
    _, fin, apres = reste.partition(FIN)
    if fin:
        page.write_text(f"{avant}{debut}\n{resume(resultats)}\n{fin}{apres}", encoding="utf-8")
