"""The main job on the embedded territory: from a fictitious register to the flux owed."""

import tempfile
from pathlib import Path

import click

from partiteur.cli.aide import Commande
from partiteur.cli.flux import texte_du_flux
from partiteur.cli.serveur import servir_demo
from partiteur.cli.sortie import SortieImpossible
from partiteur.demo.demandes import ecrire_demandes, ecrire_demandes_nationales
from partiteur.demo.national import LOGEMENTS, ecrire_national
from partiteur.demo.territoire import ecrire
from partiteur.moteur.flux import calculer_dossier


@click.command(cls=Commande)
@click.option("--sortie", type=click.Path(path_type=Path), help="Garder le territoire dans ce dossier.")
@click.option("--graine", default=2024, show_default=True, help="Graine du tirage.")
@click.option("--sans-serveur", is_flag=True, help="Ne rien servir après le calcul.")
@click.option("--port", default=8000, show_default=True, help="Port où servir le site, sur cette machine.")
@click.option(
    "--national", is_flag=True, help="Engendrer un parc fictif de la taille de la France (Parquet)."
)
@click.option(
    "--logements", type=click.IntRange(1000, 100_000_000), help="Avec --national : combien de logements."
)
@click.option(
    "--demandes",
    type=click.IntRange(1000, 10_000_000),
    help="Avec --national : engendrer aussi tant de demandes (2 800 000 est l'ordre de la France).",
)
def commande(
    sortie: Path | None,
    graine: int,
    sans_serveur: bool,
    port: int,
    national: bool,
    logements: int | None,
    demandes: int | None,
) -> None:
    """Engendre un territoire fictif (3 bailleurs, 12 communes), calcule le flux du premier et le sert."""
    if national:
        _national(sortie, graine, logements, demandes)
        return
    with tempfile.TemporaryDirectory(prefix="partiteur-demo-") as passage:
        dossier = sortie or Path(passage) / "territoire"
        dossier.mkdir(parents=True, exist_ok=True)
        _montrer(dossier, graine)
        if sortie is None:
            suite = "Gardez les fichiers avec « partiteur demo --sortie DOSSIER », puis changez-y un chiffre."
        else:
            ecrire_demandes(sortie / "demandes.csv", graine=graine)
            suite = (
                f"Les fichiers sont dans {sortie} : un dossier par bailleur, chacun avec son dossier.toml, et "
                "20 000 demandes fictives dans demandes.csv."
            )
        click.echo(f"\n  {suite}")
        if not sans_serveur:
            servir_demo(dossier, Path(passage) / "site", port)


def _national(sortie: Path | None, graine: int, logements: int | None, demandes: int | None) -> None:
    """The national parc, and the command that uses it."""
    if sortie is None:
        raise SortieImpossible("--national écrit plus de 70 Mo : dites où, avec --sortie DOSSIER.")
    ecrits = ecrire_national(sortie, logements or LOGEMENTS, graine)
    for annee, chemin in ecrits.parcs.items():
        click.echo(f"  parc au 1er janvier {annee} : {chemin}")
    click.echo(f"  droits : {ecrits.droits}\n  libérations : {ecrits.liberations}\n")
    if demandes is not None:
        click.echo(
            f"  demandes : {ecrire_demandes_nationales(sortie / 'demandes.parquet', demandes, graine)}\n"
        )
    annee = max(ecrits.parcs)
    click.echo(f"  partiteur flux --tous {sortie} --cadre CADRE --exercice {annee} --sortie flux.parquet")


def _montrer(dossier: Path, graine: int) -> None:
    territoire = ecrire(dossier, graine)
    click.echo(texte_du_flux(calculer_dossier(territoire.bailleurs[0].dossier)))
