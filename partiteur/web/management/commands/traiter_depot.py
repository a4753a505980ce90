"""Read, or import, a heavy file that waits: the site starts it (depot.traiter_a_part), nobody else need."""

import os
import resource
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from partiteur.web.documents.parc import traiter

MEMOIRE = 4 * 2**30  # of addresses: what a file of the largest size takes, and no hostile one more
POLITESSE = 10  # the pages come first


class Command(BaseCommand):
    """Bounded in memory, behind the pages."""

    help = "Lit ou importe un fichier déposé (le site la lance lui-même)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose deposit."""
        parser.add_argument("identifiant")

    def handle(self, *args: Any, **options: Any) -> None:
        """One step; what goes wrong is said on the deposit's page."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
        os.nice(POLITESSE)
        traiter(options["identifiant"])
