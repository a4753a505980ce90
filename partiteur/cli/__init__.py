"""The command line: the same figures without the web. Each command is imported only when it is asked for."""

import sys
from importlib import import_module

import click

from partiteur.cli.aide import Groupe
from partiteur.regles.socle import ErreurUtilisateur, raison

COMMANDES = {
    "parc": "Contrôler un fichier de parc, l'importer, en faire l'état des lieux.",
    "flux": "Calculer le flux d'un dossier et ce qui revient à chaque réservataire.",
    "comparer": "Calculer un dossier sous plusieurs méthodes et expliquer les écarts.",
    "legalite": "Contrôler les plafonds, planchers, autorisations et dates d'un ou plusieurs flux.",
    "simuler": "Tirer des années au sort et dire ce que chacun peut attendre du flux.",
    "dossier": "Préparer un dossier de flux à corriger.",
    "cadre": "Lire et vérifier une méthode locale.",
    "coter": "Coter des demandes avec une grille, ou expliquer la note de l'une d'elles.",
    "grille": "Vérifier, comparer, simuler une grille de cotation.",
    "journal": "Vérifier, exporter, importer le journal partagé des vacances.",
    "decompte": "Tenir le compte de chaque réservataire d'après un journal.",
    "bilan": "Faire le bilan d'un journal, son dossier annuel, celui d'un territoire.",
    "orienter": "Conseiller où orienter un logement libéré, et rejouer une année.",
    "regles": "Dire ce que dit la règle, avec son texte.",
    "demo": "Calculer le flux d'un bailleur du territoire de démonstration, puis le servir.",
    "serveur": "Servir le site, et tenir sa base.",
}


class Commandes(Groupe):
    """Names and one-line helps are known here; the modules load when used, so that --help answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the work."""
        return list(COMMANDES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the module of the same name and take its `commande`."""
        if cmd_name not in COMMANDES:
            return None
        commande: click.Command = import_module(f"partiteur.cli.{cmd_name}").commande
        return commande

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the list without loading anything."""
        with formatter.section("Commandes"):
            formatter.write_dl(list(COMMANDES.items()))


@click.group(cls=Commandes, context_settings={"max_content_width": 100})
@click.version_option(
    package_name="partiteur", prog_name="partiteur", message="%(prog)s %(version)s", help="Dire la version."
)
def commandes() -> None:
    """Partiteur : la gestion en flux des réservations de logements sociaux, expliquée jusqu'au dernier chiffre."""


def main() -> None:
    """Run; a user's error is one sentence on stderr and exit code 2, never a traceback."""
    try:
        sys.exit(commandes.main(standalone_mode=False) or 0)
    except ErreurUtilisateur as erreur:
        sys.exit(_refuser(str(erreur)))
    except click.ClickException as erreur:
        sys.exit(_refuser(_en_francais(erreur)))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except FileExistsError as erreur:
        sys.exit(
            _refuser(
                f"« {erreur.filename} » existe déjà et n'est pas un dossier ; choisissez un autre emplacement."
            )
        )
    except OSError as erreur:
        sys.exit(_refuser(f"« {erreur.filename or 'fichier'} » : {raison(erreur)} ; vérifiez l'emplacement."))
    except click.exceptions.Abort:
        sys.exit(130)


def _refuser(phrase: str) -> int:
    click.echo(f"Erreur : {phrase}", err=True)
    return 2


def _en_francais(erreur: click.ClickException) -> str:
    """What click refuses, said in French."""
    aide = ""
    contexte = getattr(erreur, "ctx", None)
    if contexte is not None:
        aide = f" Voir « {contexte.command_path} --help »."
    match erreur:
        case click.NoSuchOption():
            return f"l'option « {erreur.option_name} » n'existe pas.{aide}"
        case click.exceptions.NoSuchCommand():
            return f"la commande « {erreur.command_name} » n'existe pas.{aide}"
        case click.MissingParameter():
            nom = erreur.param.human_readable_name if erreur.param else ""
            return f"il manque « {nom} ».{aide}"
        case click.BadParameter():
            nom = erreur.param.human_readable_name if erreur.param else ""
            return f"la valeur de « {nom} » n'est pas admise ; {_attendu(erreur)}.{aide}"
        case click.FileError():
            return f"« {erreur.ui_filename} » ne peut être écrit : {erreur.message}."
        case _:
            return f"commande incomprise.{aide}"


def _attendu(erreur: click.BadParameter) -> str:
    """What a parameter takes, in French."""
    match erreur.param.type if erreur.param else None:
        case click.Choice() as choix:
            return f"choisissez parmi {', '.join(map(str, choix.choices))}"
        case click.DateTime():
            return "une date s'écrit aaaa-mm-jj"
        case click.IntRange() as bornes:
            return f"un nombre entier de {bornes.min} à {bornes.max} est attendu"
        case click.types.IntParamType():
            return "un nombre entier est attendu"
        case _:
            return "corrigez-la"
