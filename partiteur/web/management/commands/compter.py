"""Count the account of every bailleur as of today, before anybody asks: a new day is another count."""

import logging
from typing import Any

from django.core.management.base import BaseCommand

from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents.compte import derniere_annee
from partiteur.web.models import Chaine

journal = logging.getLogger(__name__)


class Command(BaseCommand):
    """Run each night: the first page of the day does not wait for it. Exit code 1 when an account fell over."""

    help = "Compte d'avance les comptes du jour."

    def handle(self, *args: Any, **options: Any) -> None:
        """One sentence; one more for each account that cannot be counted."""
        faits, tombes = 0, 0
        for chaine in Chaine.objects.all():
            try:
                faits += derniere_annee(chaine, aujourd_hui()) is not None
            except ErreurUtilisateur as erreur:
                self.stdout.write(f"{chaine} : {erreur}")
            except Exception:  # a fault of ours in one account does not leave the others to the morning
                journal.exception("Le compte de %s n'a pas été fait.", chaine)
                tombes += 1
        self.stdout.write(f"Comptes faits d'avance : {nombre(faits)}.")
        if tombes:
            raise SystemExit(1)
