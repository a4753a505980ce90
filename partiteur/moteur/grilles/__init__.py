"""The studio: what a grid does to a file of demandes, what another would change. Frozen results, counted by the engine."""

from partiteur.moteur.grilles.comparaison import Changement, Comparaison, Mouvement, comparer
from partiteur.moteur.grilles.listes import Demandeurs
from partiteur.moteur.grilles.simulation import Egalites, Part, Sensibilite, Simulation, Tete, simuler

__all__ = [
    "Changement",
    "Comparaison",
    "Demandeurs",
    "Egalites",
    "Mouvement",
    "Part",
    "Sensibilite",
    "Simulation",
    "Tete",
    "comparer",
    "simuler",
]
