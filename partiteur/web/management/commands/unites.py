"""Write the systemd units of this installation."""

import sys
from importlib import resources
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """They name the program of the environment they are written from."""

    help = "Écrit les unités systemd : le site, la sauvegarde et les comptes de chaque nuit, la purge."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Usually /etc/systemd/system."""
        parser.add_argument("dossier", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a unit."""
        programme = Path(sys.prefix) / "bin" / "partiteur"
        for modele in sorted(resources.files("partiteur.web").joinpath("exploitation").iterdir(), key=str):
            cible = options["dossier"] / modele.name
            cible.write_text(modele.read_text("utf-8").replace("{partiteur}", str(programme)), "utf-8")
            self.stdout.write(str(cible))
