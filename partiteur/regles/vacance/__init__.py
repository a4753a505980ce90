"""A vacance and its events: the facts of the shared account."""

from partiteur.regles.vacance.admission import Organisation, Refus, Tenue, a_le_droit, admission, tenir
from partiteur.regles.vacance.etat import EtatVacance, Offre, etat_vacance, suivant
from partiteur.regles.vacance.evenement import Evenement, candidats, effectifs, jour, retenir
from partiteur.regles.vacance.historique import Fait, Historique, Normalise, historique_normalise
from partiteur.regles.vacance.irregularite import Limites, irregularites
from partiteur.regles.vacance.logement import LogementVacant

__all__ = [
    "EtatVacance",
    "Evenement",
    "Fait",
    "Historique",
    "Limites",
    "LogementVacant",
    "Normalise",
    "Offre",
    "Organisation",
    "Refus",
    "Tenue",
    "a_le_droit",
    "admission",
    "candidats",
    "effectifs",
    "etat_vacance",
    "historique_normalise",
    "irregularites",
    "jour",
    "retenir",
    "suivant",
    "tenir",
]
