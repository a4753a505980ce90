"""The main job on the embedded territory: from a fictitious register to the flux owed."""

import tempfile
from pathlib import Path

import click

from partiteur.cli.aide import Commande
from partiteur.cli.flux import texte_du_flux
from partiteur.demo.territoire import ecrire
from partiteur.moteur.flux import calculer_dossier


@click.command(cls=Commande)
@click.option("--sortie", type=click.Path(path_type=Path), help="Garder le territoire dans ce dossier.")
@click.option("--graine", default=2024, show_default=True, help="Graine du tirage.")
@click.option(
    "--sans-serveur", is_flag=True, help="Ne rien servir après le calcul (le site n'existe pas encore)."
)
def commande(sortie: Path | None, graine: int, sans_serveur: bool) -> None:
    """Engendre un territoire fictif (3 bailleurs, 12 communes) et calcule le flux du premier."""
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


def _montrer(dossier: Path, graine: int) -> None:
    territoire = ecrire(dossier, graine)
    click.echo(texte_du_flux(calculer_dossier(territoire.bailleurs[0].dossier)))
