"""The flux of every bailleur at once: its options, its progress, its table."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

from partiteur.cli.sortie import ecrire_classeur, en_colonnes, publier
from partiteur.moteur.cadre import charger_cadre
from partiteur.moteur.etats import Moteur
from partiteur.moteur.national import flux_de_tous
from partiteur.moteur.national.faits import ETAPES, Suivi
from partiteur.regles.socle import bareme, nombre


def publier_le_flux_de_tous(
    dossier: Path, cadre: str, exercice: int, moteur: Moteur, forme: str, sortie: Path | None
) -> None:
    """Compute and write: a Parquet file by its name, CSV or JSON row by row, or a summary to read."""
    with _progression() as suivi:
        table = flux_de_tous(dossier, cadre, exercice, moteur=moteur, suivi=suivi)
    if sortie is not None and sortie.suffix in (".parquet", ".csv", ".json"):
        forme = sortie.suffix.removeprefix(".")
    if forme == "parquet" and sortie is not None:
        ecrire_table(sortie, table)
        click.echo(texte_du_flux_de_tous(table, cadre))
        return
    publier(
        forme,
        sortie,
        texte=lambda: texte_du_flux_de_tous(table, cadre),
        json_=table.to_pylist,
        tableau=lambda: [table.column_names, *zip(*(c.to_pylist() for c in table.columns), strict=True)],
    )


def ecrire_table(chemin: Path, table: pa.Table) -> None:
    """Write a table as Parquet, whole or not at all. Raises SortieImpossible."""
    ecrire_classeur(chemin, lambda fichier: pq.write_table(table, fichier, compression="zstd"))


@contextmanager
def _progression() -> Iterator[Suivi]:
    """A progress bar on the error output when it is a terminal; nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda etape, fait, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    colonnes = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[ou]}"),
        TimeElapsedColumn(),
    )
    with Progress(*colonnes, console=Console(stderr=True), transient=True) as barre:
        tache = barre.add_task("Flux de tous les bailleurs", total=len(ETAPES), ou="")

        def suivi(etape: str, fait: int, total: int) -> None:
            detail = f"{etape} {nombre(fait)} sur {nombre(total)}" if total > 1 else etape
            barre.update(tache, completed=ETAPES.index(etape) + fait / total, ou=detail)

        yield suivi


def texte_du_flux_de_tous(table: pa.Table, cadre: str) -> str:
    """What a table of 50,000 rows comes to: its size, its totals, the objectives by type of réservataire."""
    couples: dict[tuple[str, str], dict[str, Any]] = {}
    types: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    empeches = nuls = 0
    for ligne in table.to_pylist():
        couples[ligne["bailleur"], ligne["departement"]] = ligne
        empeches += ligne["empechement"] is not None
        if ligne["type"] is not None:
            types[ligne["type"]][0] += ligne["reserves"] or 0
            types[ligne["type"]][1] += ligne["objectif"] or 0
            nuls += ligne["objectif"] is None
    sommes = {c: sum(li[c] or 0 for li in couples.values()) for c in ("parc", "assiette", "a_repartir")}
    flux = sum((Fraction(li["flux"] or 0) for li in couples.values()), Fraction(0))
    exercices = " et ".join(sorted({str(li["exercice"]) for li in couples.values()}))
    bailleurs = len({bailleur for bailleur, _ in couples})
    lignes = [
        f"Exercice {exercices}, cadre « {charger_cadre(cadre, Path()).titre} » : {nombre(bailleurs)} bailleurs, "
        f"{nombre(len(couples))} bailleurs par département, {nombre(table.num_rows)} lignes.",
        f"Parc {nombre(sommes['parc'])}, assiette {nombre(sommes['assiette'])}, flux {nombre(flux)} "
        f"dont {nombre(sommes['a_repartir'])} logements entiers à répartir.",
        "",
    ]
    libelles = bareme("reservataires")
    corps = [
        (libelles[t]["libelle"] if t in libelles else "Non réservé", nombre(reserves), nombre(objectif))
        for t, (reserves, objectif) in types.items()
    ]
    lignes += en_colonnes([("réservataires", "réservés", "objectif"), *corps], [False, True, True])
    if nuls:
        lignes.append(f"! {nombre(nuls)} parts sans objectif : les pourcentages dépassent 100 %.")
    if empeches:
        lignes.append(f"! {nombre(empeches)} flux n'ont pu être calculés : voir la colonne « empechement ».")
    return "\n".join(lignes)
