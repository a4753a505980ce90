"""Years drawn from a dossier, as a page shows them: the same result as `partiteur simuler`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from partiteur.moteur.simulation import simuler
from partiteur.moteur.simulation.feuille import Simulation, json_de_la_simulation
from partiteur.web import depot as fichiers
from partiteur.web.documents import flux
from partiteur.web.models import Dossier

TIRAGES = (1_000, 10_000)


def simulation(dossier: Dossier, tirages: int, graine: int) -> Mapping[str, Any]:
    """The JSON of a simulation. Raises ErreurUtilisateur when the dossier no longer computes, or cannot be drawn."""
    with fichiers.sans_chemin(fichiers.dossier(dossier.identifiant).parent):
        return json_de_la_simulation(
            _simuler(dossier.identifiant, fichiers.versions()["regles"], tirages, graine)
        )


@lru_cache(maxsize=32)
def _simuler(identifiant: str, regles: str, tirages: int, graine: int) -> Simulation:
    """The same seed gives the same years: drawn once by version of the rules."""
    return simuler(flux.calculer(Dossier(identifiant=identifiant)), tirages, graine)
