"""Invite the first administrator of an instance: the one act nobody can ask for from inside."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from partiteur.web.actions import membre, organisation
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Organisation


class Command(BaseCommand):
    """Prints the link: whoever runs this holds the machine."""

    help = "Crée le gestionnaire de l'instance s'il manque, et invite un administrateur."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        parser.add_argument("courriel")
        parser.add_argument("nom")
        parser.add_argument("--siren", help="SIREN du gestionnaire, la première fois.")
        parser.add_argument("--organisme", help="Son nom, la première fois.")
        parser.add_argument("--site", default="https://…", help="L'adresse du site, pour écrire le lien.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say the link to open."""
        gestion = Organisation.objects.filter(type="instance").first() or organisation.creer(
            par=OPERATEUR,
            siren=options["siren"] or "",
            nom=options["organisme"] or "Gestion de l'instance",
            type_="instance",
            du=aujourd_hui(),
        )
        _, jeton = membre.inviter(
            par=OPERATEUR,
            organisation=gestion,
            courriel=options["courriel"],
            nom=options["nom"],
            role="administrateur",
        )
        self.stdout.write(
            f"Ouvrez ce lien, il vaut sept jours : {options['site'].rstrip('/')}/invitation/{jeton}/"
        )
