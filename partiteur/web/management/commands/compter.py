"""Count the account of every bailleur as of today, before anybody asks: a new day is another count."""

from typing import Any

from django.core.management.base import BaseCommand

from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents.compte import derniere_annee
from partiteur.web.models import Chaine


class Command(BaseCommand):
    """Run each night, and by `preparer`: the first page of the day does not wait for it."""

    help = "Compte d'avance les comptes du jour."

    def handle(self, *args: Any, **options: Any) -> None:
        """One sentence; one more for each account that cannot be counted."""
        faits = 0
        for chaine in Chaine.objects.all():
            try:
                faits += derniere_annee(chaine, aujourd_hui()) is not None
            except ErreurUtilisateur as erreur:
                self.stdout.write(f"{chaine} : {erreur}")
        self.stdout.write(f"Comptes faits d'avance : {nombre(faits)}.")
