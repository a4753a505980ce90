"""The options and the reading that `coter` and the commands of the studio share."""

from datetime import date, datetime
from pathlib import Path

import click

from partiteur.moteur.cotation import lire_fichier, poser
from partiteur.moteur.demandes import Demandes
from partiteur.moteur.execution import Connexion
from partiteur.moteur.grilles import Demandeurs
from partiteur.regles.cotation import Catalogue

AU = click.option("--au", type=click.DateTime(["%Y-%m-%d"]), help="Date de la cotation, aujourd'hui sinon.")
TETE = click.option(
    "--tete",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help="Taille de la tête de liste.",
)


def jour_de(au: datetime | None) -> date:
    """The date asked, or today where the user is."""
    return au.date() if au else date.today()  # noqa: DTZ011


def demandes_de(fichier: Path, catalogue: Catalogue, au: date) -> Demandes:
    """A file of demandes; what was wrong in it is said on the error output."""
    demandes = lire_fichier(fichier, catalogue, au)
    for constat in demandes.constats:
        click.echo(f"{fichier.name} : {constat.message}", err=True)
    return demandes


def demandeurs_de(con: Connexion, fichier: Path, catalogue: Catalogue, au: date) -> Demandeurs:
    """A file of demandes, posed."""
    return Demandeurs(con, poser(con, demandes_de(fichier, catalogue, au), catalogue), catalogue, au)
