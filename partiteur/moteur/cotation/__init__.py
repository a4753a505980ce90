"""The scores of millions of demandes: a grid compiled to one query, run on DuckDB or on Spark.

The one compiled twin: what it computes is what `regles.cotation.score_demande` says of each demande, line by line.
"""

from partiteur.moteur.cotation.calcul import (
    CotationImpossible,
    classement,
    concernees,
    noter,
    poser,
    scores,
)
from partiteur.moteur.cotation.compilation import Compilation, Source, compiler
from partiteur.moteur.cotation.explication import Explication, expliquer
from partiteur.moteur.cotation.notes import LigneNote, Note, coter, lire_communes, lire_fichier

__all__ = [
    "Compilation",
    "CotationImpossible",
    "Explication",
    "LigneNote",
    "Note",
    "Source",
    "classement",
    "compiler",
    "concernees",
    "coter",
    "expliquer",
    "lire_communes",
    "lire_fichier",
    "noter",
    "poser",
    "scores",
]
