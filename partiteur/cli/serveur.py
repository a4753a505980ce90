"""The site: serve it, and the acts of whoever holds the machine. Everything is done by `python -m partiteur.web`."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from partiteur.cli.aide import Commande, Groupe


class Relais(Commande):
    """A command handed over to the web as it was typed."""

    def __init__(self, nom: str, aide: str) -> None:
        super().__init__(
            nom,
            callback=lambda arguments: transmettre([nom, *arguments]),
            help=aide,
            params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
            context_settings={"ignore_unknown_options": True},
        )


COMMANDES = {
    "preparer": "Mettre la base et les fichiers à la version installée.",
    "inviter_administrateur": "Inviter un administrateur : COURRIEL NOM [--siren, --organisme, --site].",
    "verifier_journaux": "Vérifier la chaîne de chaque journal de la base (--chaine SIREN, --tete NUMERO:EMPREINTE).",
    "exporter_journal": "Écrire l'export complet du journal d'un bailleur : SIREN SORTIE.",
    "sauvegarder": "Sauvegarder la base et les fichiers sans arrêter le site : [DOSSIER].",
    "restaurer": "Restaurer une sauvegarde dans une instance vide, et comparer : DOSSIER.",
    "purger": "Dire ce qui dépasse sa durée de conservation, ou l'effacer (--effacer).",
    "compter": "Faire d'avance les comptes du jour, que la première page du matin n'attend pas.",
    "unites": "Écrire les unités systemd de cette installation : DOSSIER.",
    "comptes_dormants": "Nommer les comptes inutilisés depuis 180 jours, ou les fermer (--fermer).",
}


@click.group(cls=Groupe, invoke_without_command=True)
@click.option("--adresse", default="127.0.0.1", show_default=True, help="Adresse où écouter.")
@click.option("--port", default=8000, show_default=True, help="Port où écouter.")
@click.option("--processus", default=2, show_default=True, help="Nombre de processus.")
@click.pass_context
def commande(ctx: click.Context, adresse: str, port: int, processus: int) -> None:
    """Sert le site, derrière un mandataire qui fait le https ; ses réglages sont dans l'environnement."""
    if ctx.invoked_subcommand is None:
        transmettre(["servir", f"--adresse={adresse}", f"--port={port}", f"--processus={processus}"])


for _nom, _aide in COMMANDES.items():
    commande.add_command(Relais(_nom.replace("_", "-"), _aide))


def transmettre(arguments: Sequence[str], reglages: Mapping[str, str] | None = None) -> None:
    """Run a command of the web in its own process, and end with its code."""
    nom, *reste = arguments
    code = _lancer([nom.replace("-", "_"), *reste], reglages or {})
    if code:
        raise SystemExit(code)


def _lancer(arguments: Sequence[str], reglages: Mapping[str, str]) -> int:
    processus = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
        [sys.executable, "-m", "partiteur.web", *arguments], env={**os.environ, **reglages}
    )
    signal.signal(signal.SIGTERM, lambda *_: processus.terminate())
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl+C reaches it too: it stops by itself
    return processus.wait()


def servir_demo(dossier: Path, donnees: Path, port: int) -> None:
    """Serve the territory written in `dossier` to this machine alone; `donnees` is thrown away afterwards."""
    reglages = {
        "PARTITEUR_DEMO": "1",
        "PARTITEUR_DONNEES": str(donnees),
        "PARTITEUR_CLE": secrets.token_urlsafe(48),
        "DATABASE_URL": "",
    }
    transmettre(["demo", str(dossier), f"--port={port}"], reglages)
