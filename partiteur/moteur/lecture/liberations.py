"""Reading the libérations of a period: what the rotation counts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture.constat import ERREUR, Lecture, Rapport
from partiteur.moteur.lecture.doublon import repetes
from partiteur.moteur.lecture.tableau import lire_tableau, ouvrir
from partiteur.moteur.lecture.territoire import rattacher

EXIGEES = {"« logement » (numéro RPLS ou identifiant interne)": ("logement",)}


def lire_liberations(chemin: Path, geographie: Geographie) -> Lecture:
    """Read the libérations: logement, commune, date_liberation, motif, date_entree, usage, then `ligne`.

    A row without logement, of an unknown commune, or that repeats the date of a logement, is left out and
    reported. Raises LectureImpossible when nothing can be read.
    """
    rapport = Rapport(chemin.name)
    ouvert = ouvrir("liberations", chemin, rapport)
    tableau = lire_tableau("liberations", chemin, rapport, ouvert, EXIGEES, ("logement",))
    logements = tableau.colonne("logement")
    attendu = "le numéro RPLS ou l'identifiant interne du logement"
    tableau.refuser("essentiel_manquant", pc.is_null(logements), "logement", attendu=attendu)
    rattacher(tableau, geographie, obligatoire=False)
    sortie, entree = tableau.colonne("date_liberation"), tableau.colonne("date_entree")
    cles = pc.binary_join_element_wise(logements, sortie.cast(pa.string()), "\n")
    tableau.refuser("doublon_liberation", repetes(cles, tableau.gardees), "logement")
    avant = pc.and_(pc.fill_null(pc.less(entree, sortie), False), tableau.gardees)
    tableau.avertir("entree_avant_liberation", avant, "date_entree")
    sans_date = pc.and_(pc.and_(pc.is_null(sortie), pc.is_null(entree)), tableau.gardees)
    tableau.avertir("liberation_sans_date", sans_date)
    table = tableau.canonique()
    constats = tuple(sorted(rapport.constats, key=lambda constat: constat.gravite != ERREUR))
    return Lecture(table, tableau.total, table.num_rows, constats, "liberations")
