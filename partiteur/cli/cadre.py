"""Commands on cadres: which are shipped, what one says, whether a file is a valid one."""

from pathlib import Path

import click

from partiteur.cli.aide import Groupe
from partiteur.cli.sortie import options_de_sortie, publier
from partiteur.moteur.cadre import cadres_livres, chemin_du_cadre, verifier_cadre


@click.group(cls=Groupe)
def commande() -> None:
    """Lire et vérifier une méthode locale."""


@commande.command()
@click.argument("fichier")
@options_de_sortie
@click.pass_context
def verifier(ctx: click.Context, fichier: str, forme: str, sortie: Path | None) -> None:
    """Vérifie FICHIER (un cadre .toml, ou le code d'un cadre livré) et dit tout ce qui ne va pas, et où."""
    chemin = chemin_du_cadre(fichier, Path())
    constats = verifier_cadre(chemin)
    lignes = [f"{chemin.name}, {c.chemin or 'premier niveau'} : {c.message}" for c in constats]
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join(lignes) if lignes else f"{chemin.name} : cadre valide.",
        json_=lambda: {
            "valide": not constats,
            "constats": [{"chemin": c.chemin, "message": c.message} for c in constats],
        },
        tableau=lambda: [("chemin", "message"), *((c.chemin, c.message) for c in constats)],
    )
    ctx.exit(2 if constats else 0)


@commande.command()
def lister() -> None:
    """Nomme les cadres livrés."""
    click.echo("\n".join(cadres_livres()))
