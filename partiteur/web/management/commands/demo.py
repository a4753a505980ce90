"""Serve the fictitious territory of a folder, with one account a role."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from partiteur.web import controles
from partiteur.web.demo import charger
from partiteur.web.management.commands.servir import exiger_adresse


class Command(BaseCommand):
    """Only in a demo: PARTITEUR_DEMO=1."""

    help = "Charge le territoire fictif d'un dossier et le sert."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The folder written by `partiteur demo --sortie`."""
        parser.add_argument("dossier", type=Path)
        parser.add_argument("--adresse", default="localhost")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--charger-seulement", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, load, serve."""
        if not settings.DEMO:
            raise controles.ServiceRefuse(
                "Le territoire fictif ne se charge que dans une démonstration (PARTITEUR_DEMO=1)."
            )
        if not options["charger_seulement"]:
            exiger_adresse(options["adresse"], options["port"])
        call_command("preparer", stdout=self.stdout)
        charger(options["dossier"])
        if not options["charger_seulement"]:
            call_command("servir", adresse=options["adresse"], port=options["port"], stdout=self.stdout)
