"""The second engine: the same SQL on Spark, on this machine, a cluster (spark://) or a server (sc://).

pyspark is the extra `spark`: it is imported when a session is opened, and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from partiteur.regles.socle import ErreurUtilisateur

REGLAGES = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.ansi.enabled": "true",
}
PROPRES = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.app.name": "partiteur",
}
# On one machine: the 200 partitions of a cluster cost more than they share, and one JVM holds the whole country.
LOCAUX = {
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.memory": "4g",
    "spark.driver.maxResultSize": "2g",
}


class SparkImpossible(ErreurUtilisateur):
    """Spark is not installed, or does not answer at the address given."""


@dataclass(frozen=True)
class Spark:
    """A Spark session, seen as what `execution` asks of an engine."""

    session: Any

    def lire(self, sql: str, parametres: Sequence[Any] = ()) -> pa.Table:
        """The result of a query as an Arrow table; any column may be null, as DuckDB says of its own."""
        resultat = self.session.sql(sql, args=list(parametres)) if parametres else self.session.sql(sql)
        table = resultat.toArrow()
        return table.cast(pa.schema([pa.field(champ.name, champ.type) for champ in table.schema]))

    def commander(self, sql: str) -> None:
        """Run a statement that answers nothing."""
        self.session.sql(sql)

    def vue_parquet(self, nom: str, chemins: Sequence[Path]) -> None:
        """A view on Parquet files; on a cluster, every worker reads them at these paths."""
        adresses = [f"file://{chemin.resolve()}" for chemin in chemins]
        self.session.read.parquet(*adresses).createOrReplaceTempView(nom)

    def vue_table(self, nom: str, table: pa.Table) -> None:
        """A view on an Arrow table, sent to the session."""
        self.session.createDataFrame(table).createOrReplaceTempView(nom)

    def garder(self, nom: str) -> None:
        """Keep the rows of a view in the memory of the workers once they are computed."""
        self.session.catalog.cacheTable(nom)

    def fermer(self) -> None:
        """End the session."""
        self.session.stop()


def ouvrir_spark(adresse: str) -> Spark:
    """A session at « local[2] », « spark://machine:7077 » or « sc://machine:15002 » (Spark Connect).

    Raises SparkImpossible when pyspark or Java is missing, or when nothing answers.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as erreur:
        raise SparkImpossible(
            "Le moteur Spark n'est pas installé : « pip install 'partiteur[spark]' », et Java 17 ou plus récent."
        ) from erreur
    reglages = dict(REGLAGES)
    if adresse.startswith("sc://"):
        fabrique = SparkSession.builder.remote(adresse)
    else:
        fabrique = SparkSession.builder.master(adresse)
        reglages |= PROPRES
        reglages |= LOCAUX if adresse.startswith("local") else {}
    for cle, valeur in reglages.items():
        fabrique = fabrique.config(cle, valeur)
    try:
        session = fabrique.getOrCreate()
        session.sql("select 1").collect()
    except Exception as erreur:  # of many kinds: no Java, no master, no server
        raise SparkImpossible(
            f"Spark ne répond pas à « {adresse} » ({type(erreur).__name__}) : vérifiez l'adresse, "
            "et que Java 17 est installé."
        ) from erreur
    return Spark(session)
