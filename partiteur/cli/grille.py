"""Commands on grids of cotation: check them, name those shipped, print their schema; the studio in grille_*.py."""

import json
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from partiteur.cli.aide import Groupe
from partiteur.cli.sortie import ecrire, options_de_sortie, publier
from partiteur.moteur.grille import catalogue_de, chemin_de_grille, grilles_livrees, verifier_grilles
from partiteur.regles.cotation import Constat, schema_grille, valide

STUDIO = ("comparer", "simuler", "poids", "publier")  # each in the module grille_<nom>, loaded when used
FICHIER = click.Path(path_type=Path)
GRAVITES = {"erreur": "erreur", "avertissement": "à voir"}


class Studio(Groupe):
    """The commands of this file, and those of the studio."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Its own commands first."""
        return [*self.commands, *(nom for nom in STUDIO if find_spec(f"partiteur.cli.grille_{nom}"))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Its own, else the `commande` of the module of that name."""
        if cmd_name in self.commands or cmd_name not in self.list_commands(ctx):
            return self.commands.get(cmd_name)
        commande: click.Command = import_module(f"partiteur.cli.grille_{cmd_name}").commande
        return commande


@click.group(cls=Studio)
def commande() -> None:
    """Vérifier, comparer, simuler une grille de cotation."""


@commande.command()
@click.argument("grilles", nargs=-1, required=True)
@click.option("--variables", type=FICHIER, help="Un catalogue des variables, à la place de celui livré.")
@click.option("--criteres", type=FICHIER, help="Un catalogue des critères, à la place de celui livré.")
@options_de_sortie
@click.pass_context
def verifier(
    ctx: click.Context,
    grilles: tuple[str, ...],
    variables: Path | None,
    criteres: Path | None,
    forme: str,
    sortie: Path | None,
) -> None:
    """Vérifie des GRILLES (fichiers .toml, ou codes de grilles livrées) et dit tout ce qui ne va pas, et où.

    Données ensemble, les grilles d'un même EPCI doivent couvrir les premières demandes et les mutations, une fois
    chacune. Le code de retour est 2 s'il y a une erreur, 0 s'il n'y a que des avertissements.
    """
    chemins = [chemin_de_grille(nom, Path()) for nom in grilles]
    constats = verifier_grilles(chemins, catalogue_de(variables, criteres))
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join(_lignes([c.name for c in chemins], constats)),
        json_=lambda: {
            "valide": valide(constats),
            "constats": [
                {"code": c.code, "gravite": c.gravite, "chemin": c.chemin, "message": c.message}
                for c in constats
            ],
        },
        tableau=lambda: [
            ("code", "gravite", "chemin", "message"),
            *((c.code, c.gravite, c.chemin, c.message) for c in constats),
        ],
    )
    ctx.exit(0 if valide(constats) else 2)


def _lignes(noms: Sequence[str], constats: tuple[Constat, ...]) -> list[str]:
    erreurs = sum(c.gravite == "erreur" for c in constats)
    avis = len(constats) - erreurs
    verdict = "non valide" if erreurs else "valide"
    if len(noms) > 1:
        verdict = "non valides" if erreurs else "valides"
    bilan = (
        f"{', '.join(noms)} : {verdict}, {_pluriel(erreurs, 'erreur')}, {_pluriel(avis, 'avertissement')}."
    )
    return [*(f"[{GRAVITES[c.gravite]}] {c.message}" for c in constats), bilan]


def _pluriel(nombre: int, mot: str) -> str:
    return f"{nombre or 'aucune' if mot == 'erreur' else nombre or 'aucun'} {mot}{'s' if nombre > 1 else ''}"


@commande.command()
def lister() -> None:
    """Nomme les grilles livrées."""
    click.echo("\n".join(grilles_livrees()))


@commande.command()
@click.option("--sortie", type=FICHIER, help="Fichier où écrire, plutôt que l'écran.")
def schema(sortie: Path | None) -> None:
    """Donne le schéma JSON d'une grille, pour un éditeur ou un autre programme."""
    contenu = json.dumps(schema_grille(), ensure_ascii=False, indent=1)
    if sortie is None:
        click.echo(contenu)
    else:
        ecrire(sortie, contenu + "\n")
