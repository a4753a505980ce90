"""Reading the register of rights (D15): who may have which dwellings proposed, by which convention."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.lecture.cellule import propre
from partiteur.moteur.lecture.constat import ERREUR, Lecture, Rapport
from partiteur.moteur.lecture.doublon import repetes
from partiteur.moteur.lecture.tableau import Tableau, lire_tableau, ouvrir

EXIGEES = {
    "« reservataire »": ("reservataire",),
    "« nombre » (ou « logement », si chaque droit nomme le sien)": ("nombre", "logement"),
}


def lire_droits(chemin: Path) -> Lecture:
    """Read the register: one row a right, columns of D15 then `ligne`.

    `nombre` is 1 when a logement is named and no number given. A right without réservataire or without a
    number, that ends before it begins, or whose code was met above, is left out and reported.
    Raises LectureImpossible when nothing can be read.
    """
    rapport = Rapport(chemin.name)
    ouvert = ouvrir("droits", chemin, rapport)
    tableau = lire_tableau("droits", chemin, rapport, ouvert, EXIGEES, ("droit",))
    sans_reservataire = pc.is_null(tableau.colonne("reservataire"))
    tableau.refuser(
        "essentiel_manquant", sans_reservataire, "reservataire", attendu="le code du réservataire"
    )
    nomme = pc.is_valid(tableau.colonne("logement"))
    nombres = tableau.colonne("nombre")
    tu = _sans_texte(tableau, "nombre")
    nombres = pc.if_else(pc.and_(nomme, tu), pa.scalar(1, pa.int32()), nombres)
    tableau.valeurs["nombre"] = nombres
    moins_d_un = pc.fill_null(pc.less(nombres, 1), True)
    tableau.refuser("nombre_invalide", moins_d_un, "nombre")
    tableau.refuser("plusieurs_pour_un_logement", pc.and_(nomme, pc.greater(nombres, 1)), "nombre")
    inverse = pc.less(tableau.colonne("fin"), tableau.colonne("debut"))
    tableau.refuser("fin_avant_debut", inverse, "fin")
    droits = tableau.colonne("droit")
    tableau.refuser("doublon_identifiant", repetes(droits, tableau.gardees), "droit")
    tableau.avertir("identifiant_manquant", pc.is_null(droits), "droit")
    table = tableau.canonique()
    constats = tuple(sorted(rapport.constats, key=lambda constat: constat.gravite != ERREUR))
    return Lecture(table, tableau.total, table.num_rows, constats, "droits")


def _sans_texte(tableau: Tableau, nom: str) -> Any:
    """Mask of the rows where the column says nothing: an empty cell, or no such column."""
    if nom not in tableau.brutes:
        return pa.repeat(True, len(tableau.lignes))
    return tableau.etendre(nom, [not propre(texte) for texte in tableau.brutes[nom].dictionary.to_pylist()])
