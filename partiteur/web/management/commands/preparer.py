"""Bring the database and the files of the instance to the version installed; nothing to do twice."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web import depot, environnement
from partiteur.web.models import Millesime

RESERVES = {
    "web_evenement": "update, delete, truncate",
    "web_contenu": "delete, truncate",
    "web_chaine": "delete, truncate",
    "web_remarque": "delete, truncate",
    "web_message": "delete, truncate",
    "web_accord": "update, delete, truncate",
}


class Command(BaseCommand):
    """With PARTITEUR_PROPRIETAIRE, the address of the owner of the PostgreSQL base, the site's own role stays without it."""

    help = "Met la base et les fichiers de l'instance à la version installée."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, make the guards, gather static files."""
        settings.DONNEES.mkdir(parents=True, exist_ok=True, mode=0o700)
        proprietaire = os.environ.get("PARTITEUR_PROPRIETAIRE", "").strip()
        du_site = settings.DATABASES["default"].get("USER", "")
        if proprietaire:
            lue = environnement.base_de(proprietaire)
            connection.close()
            connection.settings_dict.update(lue)
        call_command("migrate", interactive=False, verbosity=0)
        if proprietaire and connection.vendor == "postgresql":
            self._accorder(du_site)
        if not settings.DEMO:
            call_command("collectstatic", interactive=False, verbosity=0)
        self.classer()
        self.stdout.write("La base est à jour et le journal est gardé.")

    def classer(self) -> None:
        """The classes of each millésime by the rules installed, rather than at the first page that reads it."""
        for millesime in Millesime.objects.filter(nature="parc"):
            try:
                depot.parc(millesime.sha)
            except ErreurUtilisateur:
                self.stdout.write(
                    f"Le millésime {millesime} ne se lit pas : remettez-le depuis une sauvegarde."
                )

    @staticmethod
    def _accorder(du_site: str) -> None:
        """What the site's role may do: everything but undo the account (E8)."""
        with connection.cursor() as curseur:
            role = connection.ops.quote_name(du_site)
            curseur.execute(f"grant select, insert, update, delete on all tables in schema public to {role}")
            curseur.execute(f"grant usage, select on all sequences in schema public to {role}")
            for table, droits in RESERVES.items():
                curseur.execute(f"revoke {droits} on {table} from {role}")
