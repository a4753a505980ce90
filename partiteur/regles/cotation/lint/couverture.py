"""Several grids of one EPCI: first demandes and mutations are each covered once, at the same dates (D63)."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from partiteur.regles.cotation.constat import Constat, avertissement, erreur
from partiteur.regles.cotation.grille import POPULATIONS, Grille

TOUTES = POPULATIONS[0]


def verifier_couverture(grilles: Sequence[Grille]) -> tuple[Constat, ...]:
    """What is wrong between grids: a population covered twice, or not at all, while another is.

    `chemin` is the EPCI. A socle, which has no EPCI, is left out. Grids of different EPCI do not meet.
    """
    constats: list[Constat] = []
    for epci in dict.fromkeys(g.epci for g in grilles if g.epci):
        constats += _epci(epci, [g for g in grilles if g.epci == epci])
    return tuple(constats)


def _epci(epci: str, grilles: Sequence[Grille]) -> Iterator[Constat]:
    if len(grilles) == 1 and grilles[0].population != TOUTES:
        seule = grilles[0]
        yield avertissement(
            "population_partielle",
            "population",
            f"La grille « {seule.identifiant} » ne vaut que pour « {seule.population} » : vérifiez-la avec l'autre "
            "grille de l'EPCI.",
        )
        return
    dites: set[tuple[str, str]] = set()
    for debut, fin in pairwise(_jalons(grilles)):
        presentes = [
            g for g in grilles if g.valide_du <= debut and (g.valide_au is None or debut < g.valide_au)
        ]
        for population in POPULATIONS[1:]:
            couvrent = [g for g in presentes if g.population in (TOUTES, population)]
            noms = ", ".join(f"« {g.identifiant} »" for g in couvrent)
            quand = f"du {debut:%d/%m/%Y}" + ("" if fin == date.max else f" au {fin:%d/%m/%Y} exclu")
            if len(couvrent) > 1 and (noms, population) not in dites:
                dites.add((noms, population))
                yield erreur(
                    "population_recouverte",
                    f"epci.{epci}",
                    f"EPCI {epci} : « {population} » relève de plusieurs grilles {quand} ({noms}).",
                )
            if presentes and not couvrent and ("", population) not in dites:
                dites.add(("", population))
                yield erreur(
                    "population_non_couverte",
                    f"epci.{epci}",
                    f"EPCI {epci} : aucune grille ne vaut pour « {population} » {quand}.",
                )


def _jalons(grilles: Sequence[Grille]) -> list[date]:
    """The days where a grid starts or stops, and the end of time."""
    return sorted({d for g in grilles for d in (g.valide_du, g.valide_au or date.max)} | {date.max})
