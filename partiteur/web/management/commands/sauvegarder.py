"""Back the instance up while it works, and forget the backups that are too old."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from partiteur.regles.socle import bareme
from partiteur.web.actions.horloge import maintenant
from partiteur.web.sauvegarde import de_l_instance, lire_manifeste, sauvegarder, sauvegardes


class Command(BaseCommand):
    """The base, the files, the heads; each night, by a timer of systemd."""

    help = "Sauvegarde la base et les fichiers, sans arrêter le site."

    def add_arguments(self, parser: CommandParser) -> None:
        """Elsewhere than PARTITEUR_SAUVEGARDES."""
        parser.add_argument("dossier", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say the folder and the heads, to be kept elsewhere."""
        dossier = options["dossier"] or settings.SAUVEGARDES
        cible = sauvegarder(dossier, de_l_instance(), maintenant())
        lu = lire_manifeste(cible)
        self.stdout.write(
            f"{cible} : {sum(lu.lignes.values())} lignes, {len(lu.fichiers)} fichiers, {len(lu.reglages)} réglages."
        )
        for nom, tete in lu.tetes.items():
            self.stdout.write(f"{nom} : tête {tete}.")
        limite = maintenant() - timedelta(days=int(bareme("durees")["sauvegardes"]["jours"]))
        for instant, chemin in sauvegardes(dossier):
            if instant < limite and chemin != cible:
                shutil.rmtree(chemin)
                self.stdout.write(
                    f"{chemin} a plus de {bareme('durees')['sauvegardes']['jours']} jours : effacée."
                )
