"""The bilan of a journal: counted, crossed, set beside the dossier, once; every rendering shows the same result."""

from partiteur.moteur.bilan.echange import (
    BilanEchange,
    BilanIllisible,
    Territoire,
    consolider,
    entete_d_echange,
    lignes_d_echange,
    lignes_de,
    lire_bilan,
)
from partiteur.moteur.bilan.etablir import BilanRefuse, Etabli, etablir
from partiteur.moteur.bilan.feuille import cellule_en_json, json_du_bilan, marginaux_en_json
from partiteur.moteur.bilan.source import DateIllisible, Demande, Source, lire_dates, lire_source

__all__ = [
    "BilanEchange",
    "BilanIllisible",
    "BilanRefuse",
    "DateIllisible",
    "Demande",
    "Etabli",
    "Source",
    "Territoire",
    "cellule_en_json",
    "consolider",
    "entete_d_echange",
    "etablir",
    "json_du_bilan",
    "lignes_d_echange",
    "lignes_de",
    "lire_bilan",
    "lire_dates",
    "lire_source",
    "marginaux_en_json",
]
