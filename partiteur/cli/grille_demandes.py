"""The options and the reading that the commands of the studio share."""

from datetime import date, datetime
from pathlib import Path

import click

from partiteur.moteur.cotation import lire_fichier, poser
from partiteur.moteur.execution import Connexion
from partiteur.moteur.grilles import Demandeurs
from partiteur.regles.cotation import Catalogue

JOUR = click.DateTime(["%Y-%m-%d"])


def jour_de(au: datetime | None) -> date:
    """The date asked, or today where the user is."""
    return au.date() if au else date.today()  # noqa: DTZ011


def demandeurs_de(con: Connexion, fichier: Path, catalogue: Catalogue, au: date) -> Demandeurs:
    """A file of demandes, posed; what was wrong in it is said on the error output."""
    demandes = lire_fichier(fichier, catalogue, au)
    for constat in demandes.constats:
        click.echo(f"{fichier.name} : {constat.message}", err=True)
    return Demandeurs(con, poser(con, demandes, catalogue), catalogue, au)
