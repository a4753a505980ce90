"""A file of demandes, whichever of the three it is: an XML export of the SNE, a Parquet or a CSV."""

import re
from datetime import date
from pathlib import Path

from partiteur.moteur.demandes.lecture import Demandes, lire_demandes
from partiteur.moteur.demandes.sne import lire_sne
from partiteur.regles.cotation.catalogue import Catalogue

DEBUT = 4096
XML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE|[\w.-]+:|interfaceNuu)", re.IGNORECASE)
PAGE = re.compile(rb"<(?:!doctype\s+)?html", re.IGNORECASE)


def lire_fichier(chemin: Path, catalogue: Catalogue, a_la_date: date) -> Demandes:
    """Read the demandes of a file by what it holds, not by its name; ages of the SNE are counted at `a_la_date`.

    Raises LectureImpossible when nothing can be read.
    """
    try:
        with chemin.open("rb") as flux:
            debut = flux.read(DEBUT)
    except OSError:
        debut = b""  # lire_demandes says what is wrong
    if XML.match(debut) and not PAGE.search(debut):
        return lire_sne(chemin, catalogue, a_la_date)
    return lire_demandes(chemin, catalogue)
