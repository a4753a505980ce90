"""Points from an order of criteria: `grille poids`."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.regles.poids import METHODES, Poids, poids_par_ordre
from partiteur.regles.socle import Resultat, fraction, pourcentage

EGAUX, CARTE = "=", "."
CONFONDUS = (
    "Deux rangs reçoivent les mêmes points : donnez-en plus au premier (--premier) pour les distinguer."
)


@click.command(cls=Commande)
@click.argument("ordre", nargs=-1, required=True)
@click.option(
    "--methode",
    type=click.Choice(METHODES),
    default="centroide",
    show_default=True,
    help="centroide, somme ou reciproque des rangs, ou simos (révisé par Figueira et Roy).",
)
@click.option(
    "--premier", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="Points du premier."
)
@click.option("--rapport", help="Pour simos : combien de fois le premier pèse plus que le dernier.")
@options_de_sortie
def commande(
    ordre: tuple[str, ...], methode: str, premier: int, rapport: str | None, forme: str, sortie: Path | None
) -> None:
    """Donne des points à des critères rangés par priorité, le plus important d'abord.

    Chaque mot de ORDRE est un rang : « dalo », ou « expulsion=handicap » pour deux critères de même rang. Avec
    simos, « . » est une carte blanche, qui écarte ses deux voisins.
    """
    rangs = [() if mot == CARTE else tuple(mot.split(EGAUX)) for mot in ordre]
    resultat = poids_par_ordre(rangs, methode, premier, None if rapport is None else fraction(rapport))
    publier(
        forme,
        sortie,
        texte=lambda: _texte(resultat),
        json_=lambda: [_ligne(poids) for poids in resultat.valeur],
        tableau=lambda: [
            ("critere", "rang", "poids", "points"),
            *(tuple(_ligne(poids).values()) for poids in resultat.valeur),
        ],
    )


def _ligne(poids: Poids) -> dict[str, Any]:
    return {
        "critere": poids.critere,
        "rang": poids.rang,
        "poids": str(Fraction(poids.poids)),
        "points": poids.points,
    }


def _texte(resultat: Resultat) -> str:
    entete = ("Critère", "Rang", "Poids", "Points")
    lignes = [(p.critere, str(p.rang), pourcentage(p.poids), str(p.points)) for p in resultat.valeur]
    texte = "\n".join(en_colonnes([entete, *lignes], (False, True, True, True)))
    return f"{texte}\n{CONFONDUS}" if resultat.code == "rangs_confondus" else texte
