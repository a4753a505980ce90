"""Verify every chain in the database, and the guards that hold them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from partiteur.moteur.journal import lire_tete
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web import gardes
from partiteur.web.models import Chaine
from partiteur.web.models.journal import verifier


class JournalFautif(ErreurUtilisateur):
    """A chain that does not verify, or a guard that is missing."""


class Command(BaseCommand):
    """Exit code 2 when anything is wrong."""

    help = "Vérifie la chaîne de chaque journal de la base."

    def add_arguments(self, parser: CommandParser) -> None:
        """One chain, and a head known from elsewhere."""
        parser.add_argument("--chaine", help="SIREN du bailleur ; sans lui, toutes les chaînes.")
        parser.add_argument("--tete", help="Tête connue par ailleurs, NUMERO:EMPREINTE, avec --chaine.")

    def handle(self, *args: Any, **options: Any) -> None:
        """One sentence a chain."""
        chaines = Chaine.objects.order_by("nom")
        if options["chaine"]:
            chaines = chaines.filter(nom=options["chaine"])
            if not chaines:
                raise JournalFautif(
                    f"Aucun journal ne s'appelle « {options['chaine']} » : donnez le SIREN d'un bailleur."
                )
        connue = lire_tete(options["tete"]) if options["tete"] else None
        verdicts = [verifier(chaine, connue) for chaine in chaines]
        for chaine, verdict in zip(chaines, verdicts, strict=True):
            self.stdout.write(f"{chaine} : {verdict.phrase}.")
        absentes = gardes.manquantes(connection)
        if absentes:
            raise JournalFautif(
                f"Les gardes du journal manquent ({', '.join(absentes)}) : lancez « partiteur serveur preparer » et cherchez "
                "qui les a retirées."
            )
        if any(verdict.etat != "intacte" for verdict in verdicts):
            raise JournalFautif(
                "Un journal n'est plus ce qui a été inscrit : ne l'exportez pas, restaurez une sauvegarde."
            )
