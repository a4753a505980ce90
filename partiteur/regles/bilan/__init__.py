"""The bilan: what a period gave each réservataire, crossed by the axes of R441-5-1, and how far it is from what is due."""

from partiteur.regles.bilan.chute import Chute, chutes
from partiteur.regles.bilan.duree import Duree, duree_mediane, jours_dus
from partiteur.regles.bilan.engagement import (
    Alerte,
    Atteinte,
    LigneSoustraits,
    alerte_desequilibre,
    atteinte,
    attendu_a_date,
    soustraits_realises,
)
from partiteur.regles.bilan.manque import Manque, manquer
from partiteur.regles.bilan.resultat import (
    Bilan,
    DelaiConstate,
    LigneBilan,
    LigneRefus,
    Preuve,
)
from partiteur.regles.bilan.retard import retard, seances_espacees
from partiteur.regles.bilan.ventilation import (
    BilanIncoherent,
    Cellule,
    Ventilation,
    dates_intermediaires,
    periode_construction,
    recouper,
)

__all__ = [
    "Alerte",
    "Atteinte",
    "Bilan",
    "BilanIncoherent",
    "Cellule",
    "Chute",
    "DelaiConstate",
    "Duree",
    "LigneBilan",
    "LigneRefus",
    "LigneSoustraits",
    "Manque",
    "Preuve",
    "Ventilation",
    "alerte_desequilibre",
    "atteinte",
    "attendu_a_date",
    "chutes",
    "dates_intermediaires",
    "duree_mediane",
    "jours_dus",
    "manquer",
    "periode_construction",
    "recouper",
    "retard",
    "seances_espacees",
    "soustraits_realises",
]
