"""Forget what is too old: a simulation unless told otherwise."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from partiteur.web.actions.purge import purger
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Chaine
from partiteur.web.models.journal import tete, verifier


class Command(BaseCommand):
    """baremes/durees.toml; the heads of the chains are the same before and after."""

    help = "Dit ce qui dépasse sa durée de conservation ; avec --effacer, l'efface."

    def add_arguments(self, parser: CommandParser) -> None:
        """Forget, or only count."""
        parser.add_argument("--effacer", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a kind, then the chains."""
        effacer = options["effacer"]
        tetes = {chaine: tete(chaine) for chaine in Chaine.objects.order_by("nom")}
        for oubli in purger(par=OPERATEUR, depot=settings.MEDIA_ROOT, simulation=not effacer):
            self.stdout.write(f"{oubli.objet}, avant le {oubli.avant:%d/%m/%Y} : {oubli.nombre}.")
        if not effacer:
            self.stdout.write("Simulation : rien n'est effacé. --effacer le fait.")
            return
        for chaine, avant in tetes.items():
            self.stdout.write(f"{chaine} : {verifier(chaine, avant).phrase}.")
        if (
            connection.vendor == "sqlite"
        ):  # secure_delete has emptied the pages; nothing stays in the log either
            with connection.cursor() as curseur:
                curseur.execute("pragma wal_checkpoint(truncate)")
