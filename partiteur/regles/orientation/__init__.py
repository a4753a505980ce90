"""The advice of orientation: where a vacated dwelling would best go, why, and how far each destination stands."""

from partiteur.regles.orientation.apport import Apport, apport
from partiteur.regles.orientation.attentes import (
    Attentes,
    AttentesImpossibles,
    LogementsDeClasse,
    parts_attendues,
)
from partiteur.regles.orientation.conseil import Conseil, Ligne, choix_motive, orientation
from partiteur.regles.orientation.distance import Offert, distance_quantitative, distance_structure
from partiteur.regles.orientation.faits import (
    NON_RESERVE,
    Classe,
    LogementAOrienter,
    Poids,
    Position,
    Solde,
    poids_du_cadre,
)
from partiteur.regles.orientation.priorite import Rang, classer

__all__ = [
    "NON_RESERVE",
    "Apport",
    "Attentes",
    "AttentesImpossibles",
    "Classe",
    "Conseil",
    "Ligne",
    "LogementAOrienter",
    "LogementsDeClasse",
    "Offert",
    "Poids",
    "Position",
    "Rang",
    "Solde",
    "apport",
    "choix_motive",
    "classer",
    "distance_quantitative",
    "distance_structure",
    "orientation",
    "parts_attendues",
    "poids_du_cadre",
]
