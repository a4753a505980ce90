"""What chance does to a flux: years drawn dwelling by dwelling, and what each réservataire would have had.

Every year drawn, each dwelling of an assiette is freed or not, at its rate; the soustraits are removed, the parts of
the sheet are applied. A draw is shared: the libérations of a commune are among those of its EPCI and of the territory.
What is drawn is whole dwellings, a probability is a number of years over years: no float.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

from partiteur.moteur.simulation.feuille import PartSimulee, PerimetreSimule, Quantiles, Simulation
from partiteur.moteur.simulation.parts import attente, dus, quantiles, restes, serres_par_un_plafond
from partiteur.moteur.simulation.strates import (
    SimulationImpossible,
    Strate,
    attendues,
    flux_nets,
    strates_de,
    taux_de,
    tirer,
)
from partiteur.regles.flux.feuille import Flux, PartReservataire
from partiteur.regles.socle import nombre

TIRAGES_MAX = 1_000_000  # every year drawn is kept, to be ranked


def simuler(flux: Flux, tirages: int, graine: int) -> Simulation:
    """Draw years of a flux. The same flux, number of years and seed give the same answer.

    Raises SimulationImpossible when no year is asked, or when perimeters hold more dwellings than the one around them.
    """
    if tirages < 1:
        raise SimulationImpossible(
            f"« {tirages} » tirage : demandez-en au moins un, par exemple --tirages 10000."
        )
    if tirages > TIRAGES_MAX:
        raise SimulationImpossible(f"« {tirages} » tirages : demandez-en au plus {nombre(TIRAGES_MAX)}.")
    strates = strates_de(flux.perimetres)
    annees = tirer(flux.perimetres, strates, tirages, graine)
    nets = {p.code: flux_nets(p, annees[p.code]) for p in flux.perimetres}
    serres = serres_par_un_plafond(flux)
    entiers = {p.code: dus(p, flux, serres, nets) for p in flux.reservataires if p.objectif is not None}
    parts = [
        PartSimulee(p.code, p.nom, p.exact, p.objectif, *_compter(p, entiers), attente(p, flux.dossier, nets))
        for p in flux.reservataires
    ]
    reste = flux.non_reserve
    if reste.objectif is not None:
        entiers[reste.code] = restes(flux, entiers, nets)
        parts.append(
            PartSimulee(reste.code, reste.nom, reste.exact, reste.objectif, *_compter(reste, entiers), None)
        )
    perimetres = tuple(
        PerimetreSimule(
            p.code,
            p.nom,
            p.assiette.total,
            taux_de(p),
            quantiles(annees[p.code]),
            quantiles([floor(n) for n in nets[p.code]]),
        )
        for p in flux.perimetres
    )
    return Simulation(flux, tirages, graine, perimetres, tuple(parts), tuple(_mentions(flux, strates)))


def _compter(
    part: PartReservataire, entiers: Mapping[str, Sequence[int]]
) -> tuple[Quantiles | None, int | None]:
    """The quantiles of its years, and those in which it has less than its volume."""
    if part.objectif is None:
        return None, None
    siens = entiers[part.code]
    return quantiles(siens), sum(n < part.objectif for n in siens)


def _mentions(flux: Flux, strates: Sequence[Strate]) -> list[str]:
    """What must be said of the way it was drawn, in sentences."""
    mentions = []
    if any(p.taux is None for p in flux.perimetres):
        mentions.append(
            "La rotation n'est pas donnée, le volume vient des baux signés : chaque logement se libère ici avec la "
            "probabilité moyenne des baux ÷ assiette."
        )
    ecarts = []
    for p in flux.perimetres:
        tirees = sum(
            (s.loi.logements * s.loi.taux for s in strates if p.code in s.comptent_dans), Fraction(0)
        )
        if tirees != attendues(p):
            ecarts.append(f"{p.nom or p.code} ({nombre(tirees)} au lieu de {nombre(attendues(p))})")
    if ecarts:
        mentions.append(
            "Un logement ne se libère qu'une fois par an, et les tirages suivent les plus petits périmètres : en "
            f"moyenne, ils n'ont pas les libérations attendues de {', '.join(ecarts)}."
        )
    if any(p.engagement == "volume" for p in flux.reservataires):
        mentions.append(
            "Un volume (droits uniques, négocié) ne suit pas la rotation : seul un flux trop faible l'entame."
        )
    return mentions
