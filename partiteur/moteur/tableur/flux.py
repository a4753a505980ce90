"""The workbook of a flux: the calculation sheet, the parts, the perimeters, the published form, why, and by which texts."""

from typing import IO

from partiteur.moteur.tableur.calcul import LARGEURS, ecrire_calcul
from partiteur.moteur.tableur.classeur import classeur
from partiteur.moteur.tableur.fiche import ecrire_fiche, largeurs_de_la_fiche
from partiteur.moteur.tableur.mentions import (
    ecrire_avertissements,
    ecrire_etapes,
    ecrire_textes,
    textes_du_flux,
)
from partiteur.moteur.tableur.parts import LARGEURS as LARGEURS_DES_PARTS
from partiteur.moteur.tableur.parts import ecrire_perimetres, ecrire_reservataires, largeurs_des_perimetres
from partiteur.regles.flux.feuille import Flux


def ecrire_flux(flux: Flux, fichier: IO[bytes]) -> None:
    """Write the workbook of a flux: seven sheets, the figures of its JSON, every total a live formula."""
    with classeur(fichier, f"Flux {flux.dossier.exercice} · {flux.dossier.bailleur}") as livre:
        calcul = livre.feuille("Feuille de calcul", LARGEURS)
        parts = livre.feuille("Réservataires", LARGEURS_DES_PARTS)
        perimetres = livre.feuille("Périmètres", largeurs_des_perimetres(flux))
        fiche = livre.feuille("Fiche d'assiette", largeurs_de_la_fiche(flux))
        reperes = ecrire_calcul(calcul, flux)
        ou = ecrire_perimetres(perimetres, flux)
        ecrire_reservataires(parts, flux, reperes, ou)
        ecrire_fiche(fiche, flux)
        ecrire_etapes(livre.feuille("Étapes", (6, 46, 78, 16, 24)), flux.etapes)
        ecrire_avertissements(livre.feuille("Avertissements", (14, 96, 26, 30)), flux.avertissements)
        ecrire_textes(livre.feuille("Textes", (30, 92, 13, 13, 22)), textes_du_flux(flux))
