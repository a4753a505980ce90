"""Write the whole export of a journal; `partiteur journal verifier` accepts it."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents.journal import ExportRefuse, exporter_journal
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Organisation


class Command(BaseCommand):
    """For a bailleur that leaves, or a move to another instance (D49)."""

    help = "Écrit l'export complet du journal d'un bailleur."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, where."""
        parser.add_argument("siren")
        parser.add_argument("sortie", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say its head."""
        bailleur = Organisation.objects.filter(siren=options["siren"], type="bailleur").first()
        if bailleur is None:
            raise ExportRefuse(f"Aucun bailleur n'a le SIREN « {options['siren']} ».")
        tete = exporter_journal(
            par=OPERATEUR, bailleur=bailleur, a_la_date=aujourd_hui(), cible=options["sortie"]
        )
        self.stdout.write(f"{options['sortie']} : tête {tete}.")
