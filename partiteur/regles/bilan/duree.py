"""Delays and days of vacancy: median, P90, and to whom the days are due (D43)."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

from partiteur.regles.socle import Resultat, bareme, fraction, regle


@dataclass(frozen=True)
class Duree:
    """How many durations, and their median and P90 in days; None when there is none."""

    nombre: int
    mediane: int | None
    p90: int | None


@regle("d43", du="2018-01-01")
def duree_mediane(durees: Mapping[int, int]) -> Resultat:
    """Un délai se dit par sa médiane et son neuvième décile, en jours entiers réellement constatés.

    `durees`: how many times each number of days was met. The quantile is the smallest that the share does not exceed.
    """
    nombre = sum(durees.values())
    if not nombre:
        return Resultat(Duree(0, None, None), "sans_duree")
    quantiles = bareme("bilan")["quantiles"]
    return Resultat(
        Duree(
            nombre,
            _quantile(durees, nombre, fraction(quantiles["mediane"])),
            _quantile(durees, nombre, fraction(quantiles["p90"])),
        )
    )


def _quantile(durees: Mapping[int, int], nombre: int, part: Fraction) -> int:
    """Nearest rank."""
    jours = sorted(durees)
    cumuls = accumulate(durees[jour] for jour in jours)
    return next(jour for jour, cumul in zip(jours, cumuls, strict=True) if cumul >= part * nombre)


@regle("d43", du="2018-01-01")
def jours_dus(jours: Mapping[str, int]) -> Resultat:
    """Les jours d'une vacance sont dus à celui qui tient le logement après chaque événement, jusqu'au suivant.

    `jours`: days spent after each kind of event. Returns the days of each party, zeros included.
    """
    table = bareme("bilan")["jours_dus"]
    dus = dict.fromkeys(table["libelles"], 0)
    for evenement, nombre in jours.items():
        dus[table["parties"][evenement]] += nombre
    return Resultat(dus)
