"""Put a backup back into an empty instance, and prove it is the same."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from partiteur.web import environnement
from partiteur.web.sauvegarde import de_l_instance, restaurer


class Command(BaseCommand):
    """On PostgreSQL, by the owner of the base: PARTITEUR_PROPRIETAIRE."""

    help = "Restaure une sauvegarde dans une instance vide, compare, puis met à la version installée."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one."""
        parser.add_argument("dossier", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, compare, migrate, verify the chains."""
        settings.DONNEES.mkdir(parents=True, exist_ok=True, mode=0o700)
        du_site = dict(connection.settings_dict)
        if proprietaire := os.environ.get("PARTITEUR_PROPRIETAIRE", "").strip():
            connection.close()
            connection.settings_dict.update(environnement.base_de(proprietaire))
        lu = restaurer(options["dossier"], de_l_instance())
        self.stdout.write(
            f"Restauré et comparé à la sauvegarde du {lu.instant} : {sum(lu.lignes.values())} lignes, "
            f"{len(lu.fichiers)} fichiers, {len(lu.reglages)} réglages, {len(lu.tetes)} journaux."
        )
        connection.close()
        connection.settings_dict.update(du_site)
        call_command("preparer", stdout=self.stdout)
        call_command("verifier_journaux", stdout=self.stdout)
