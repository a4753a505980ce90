"""The advice of orientation over a journal: balances kept event by event, and policies tried again on a year."""

from partiteur.moteur.orientation.cible import Beneficiaire, Cibles, cibles_du_dossier
from partiteur.moteur.orientation.etat import EtatOrientation, OrientationImpossible
from partiteur.moteur.orientation.soldes import Lieu, Soldes

__all__ = [
    "Beneficiaire",
    "Cibles",
    "EtatOrientation",
    "Lieu",
    "OrientationImpossible",
    "Soldes",
    "cibles_du_dossier",
]
