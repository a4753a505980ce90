"""Counts that add up: shares by largest remainder, and lists that hold exactly those counts."""

from collections.abc import Hashable, Mapping
from random import Random
from typing import TypeVar

Cle = TypeVar("Cle", bound=Hashable)


def parts(total: int, poids: Mapping[Cle, int]) -> dict[Cle, int]:
    """Split `total` in proportion to whole weights, by largest remainder; ties go to the first key."""
    somme = sum(poids.values())
    entiers = {cle: total * valeur // somme for cle, valeur in poids.items()}
    restes = sorted(poids, key=lambda cle: total * poids[cle] % somme, reverse=True)
    for cle in restes[: total - sum(entiers.values())]:
        entiers[cle] += 1
    return entiers


def urne(total: int, poids: Mapping[Cle, int], rng: Random) -> list[Cle]:
    """Give `total` keys in exact shares of the weights, in an order drawn from `rng`."""
    tirees = [cle for cle, nombre in parts(total, poids).items() for _ in range(nombre)]
    rng.shuffle(tirees)
    return tirees
