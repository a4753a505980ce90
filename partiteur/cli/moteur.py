"""Which engine counts, and what it was asked: the options of the commands that count many dwellings."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import Any

import click

from partiteur.moteur.execution import connexion, ecouter
from partiteur.moteur.spark import ouvrir_spark

Commande = Callable[..., Any]


def options_de_moteur(commande: Commande) -> Commande:
    """Add --moteur, --spark and --montrer-sql; the command receives `moteur`, what opens the engine chosen."""

    @click.option(
        "--moteur",
        "nom",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        show_default=True,
        help="Moteur de calcul ; mêmes requêtes, mêmes tables.",
    )
    @click.option(
        "--spark",
        "adresse",
        default="local[2]",
        show_default=True,
        help="Adresse de Spark : local[2], spark://machine:7077 ou sc://machine:15002.",
    )
    @click.option(
        "--montrer-sql", is_flag=True, help="Écrire sur la sortie d'erreur chaque requête exécutée."
    )
    @wraps(commande)
    def enveloppe(*, nom: str, adresse: str, montrer_sql: bool, **options: Any) -> Any:
        with ExitStack() as pile:
            if montrer_sql:
                pile.enter_context(ecouter(lambda texte: click.echo(f"{texte}\n", err=True)))
            if nom == "duckdb":
                return commande(moteur=connexion, **options)
            spark = ouvrir_spark(adresse)
            pile.callback(spark.fermer)
            return commande(moteur=lambda: spark, **options)

    return enveloppe
