"""The demandes: a CSV or a Parquet whose columns are the catalogue's variables, or an XML export of the SNE.

What is nominative is never kept, and no value of a person is ever in a message: a finding gives a line, a column and
the kind of what was read there.
"""

from partiteur.moteur.demandes.completer import completer
from partiteur.moteur.demandes.fichier import lire_fichier
from partiteur.moteur.demandes.lecture import Demandes, lire_demandes
from partiteur.moteur.demandes.references import (
    DelaisAnormaux,
    SeuilsQuartile,
    lire_delais,
    lire_seuils,
    lire_typologies,
)
from partiteur.moteur.demandes.schema import COLONNES_FIXES, TYPES, schema_demandes
from partiteur.moteur.demandes.sne import lire_sne

__all__ = [
    "COLONNES_FIXES",
    "TYPES",
    "DelaisAnormaux",
    "Demandes",
    "SeuilsQuartile",
    "completer",
    "lire_delais",
    "lire_demandes",
    "lire_fichier",
    "lire_seuils",
    "lire_sne",
    "lire_typologies",
    "schema_demandes",
]
