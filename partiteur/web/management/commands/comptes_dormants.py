"""Review the accounts nobody uses."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from partiteur.web.actions.membre import endormir
from partiteur.web.droits import OPERATEUR


class Command(BaseCommand):
    """A simulation unless told otherwise."""

    help = "Nomme les comptes inutilisés depuis 180 jours ; avec --fermer, les ferme."

    def add_arguments(self, parser: CommandParser) -> None:
        """Close them, or only name them."""
        parser.add_argument("--fermer", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One account a line."""
        dormants = endormir(par=OPERATEUR, simulation=not options["fermer"])
        for personne in dormants:
            dernier = f"{personne.last_login:%d/%m/%Y}" if personne.last_login else "jamais"
            self.stdout.write(f"{personne.courriel} : dernière connexion {dernier}.")
        suite = "fermés" if options["fermer"] else "à revoir ; --fermer les ferme"
        self.stdout.write(f"{len(dormants)} comptes dormants {suite}.")
