"""The main job on the embedded territory: from a fictitious register to the flux owed."""

import tempfile
from pathlib import Path

import click

from partiteur.cli.aide import Commande
from partiteur.cli.flux import texte_du_flux
from partiteur.cli.sortie import SortieImpossible
from partiteur.demo.national import LOGEMENTS, ecrire_national
from partiteur.demo.territoire import ecrire
from partiteur.moteur.flux import calculer_dossier


@click.command(cls=Commande)
@click.option("--sortie", type=click.Path(path_type=Path), help="Garder le territoire dans ce dossier.")
@click.option("--graine", default=2024, show_default=True, help="Graine du tirage.")
@click.option(
    "--sans-serveur", is_flag=True, help="Ne rien servir après le calcul (le site n'existe pas encore)."
)
@click.option(
    "--national", is_flag=True, help="Engendrer un parc fictif de la taille de la France (Parquet)."
)
@click.option("--logements", type=click.IntRange(min=1000), help="Avec --national : combien de logements.")
def commande(
    sortie: Path | None, graine: int, sans_serveur: bool, national: bool, logements: int | None
) -> None:
    """Engendre un territoire fictif (3 bailleurs, 12 communes) et calcule le flux du premier."""
    if national:
        _national(sortie, graine, logements)
        return
    if sortie is not None:
        sortie.mkdir(parents=True, exist_ok=True)
        _montrer(sortie, graine)
        click.echo(
            f"\n  Les fichiers sont dans {sortie} : un dossier par bailleur, chacun avec son dossier.toml."
        )
        return
    with tempfile.TemporaryDirectory(prefix="partiteur-demo-") as dossier:
        _montrer(Path(dossier), graine)
    click.echo("\n  Gardez les fichiers avec « partiteur demo --sortie DOSSIER », puis changez-y un chiffre.")


def _national(sortie: Path | None, graine: int, logements: int | None) -> None:
    """The national parc, and the command that uses it."""
    if sortie is None:
        raise SortieImpossible("--national écrit plus de 70 Mo : dites où, avec --sortie DOSSIER.")
    ecrits = ecrire_national(sortie, logements or LOGEMENTS, graine)
    for annee, chemin in ecrits.parcs.items():
        click.echo(f"  parc au 1er janvier {annee} : {chemin}")
    click.echo(f"  droits : {ecrits.droits}\n  libérations : {ecrits.liberations}\n")
    annee = max(ecrits.parcs)
    click.echo(f"  partiteur flux --tous {sortie} --cadre CADRE --exercice {annee} --sortie flux.parquet")


def _montrer(dossier: Path, graine: int) -> None:
    territoire = ecrire(dossier, graine)
    click.echo(texte_du_flux(calculer_dossier(territoire.bailleurs[0].dossier)))
