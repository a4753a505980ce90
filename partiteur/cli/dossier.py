"""Commands on dossiers."""

from pathlib import Path

import click

from partiteur.cli.aide import Groupe
from partiteur.cli.sortie import ecrire, ecrire_classeur
from partiteur.moteur.dossier import Pieces, creer, territoire_de
from partiteur.moteur.geographie import charger

FICHIER = click.Path(path_type=Path)


@click.group(cls=Groupe)
def commande() -> None:
    """Préparer un dossier de flux à corriger."""


@commande.command(name="creer")
@click.option("--parc", type=FICHIER, required=True, help="Fichier du parc.")
@click.option("--droits", type=FICHIER, help="Registre des droits de réservation.")
@click.option("--liberations", type=FICHIER, help="Libérations des dernières années.")
@click.option("--cadre", required=True, help="Méthode locale : son code, ou le chemin d'un fichier.")
@click.option("--exercice", type=int, required=True, help="Année du flux.")
@click.option(
    "--territoire", help="Échelle et code, par exemple departement:31 ; à défaut le département principal."
)
@click.option("--nom", help="Nom du bailleur.")
@click.option("--geographie", type=FICHIER, help="Communes à ajouter au code officiel (CSV).")
@click.option(
    "--sortie",
    type=FICHIER,
    default=Path("dossier.toml"),
    show_default=True,
    help="Fichier à écrire, .toml ou .xlsx.",
)
def creer_(
    parc: Path,
    droits: Path | None,
    liberations: Path | None,
    cadre: str,
    exercice: int,
    territoire: str | None,
    nom: str | None,
    geographie: Path | None,
    sortie: Path,
) -> None:
    """Écrit un dossier complet à corriger, depuis un parc et ce qui va avec."""
    lieu = territoire_de(territoire) if territoire else None
    pieces = Pieces(parc, cadre, exercice, droits, liberations, geographie, lieu, nom)
    texte = creer(pieces, charger(geographie), sortie.parent)
    if sortie.suffix.lower() == ".xlsx":
        from partiteur.moteur.tableur.dossier import ecrire_dossier

        ecrire_classeur(sortie, lambda fichier: ecrire_dossier(texte, fichier))
    else:
        ecrire(sortie, texte)
    click.echo(
        f"{sortie} : relisez-le, corrigez ce qui est marqué « à corriger », puis « partiteur flux {sortie} »."
    )
