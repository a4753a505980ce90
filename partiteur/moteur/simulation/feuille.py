"""The years drawn from a sheet: the frozen result that every rendering shows, and its JSON."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from partiteur.moteur.feuille import exact
from partiteur.regles.flux.feuille import Flux


@dataclass(frozen=True)
class Quantiles:
    """Whole numbers that one year in ten, one in two, nine in ten do not pass."""

    p10: int
    p50: int
    p90: int


@dataclass(frozen=True)
class Attente:
    """Years until the first dwelling of a réservataire owed less than one a year; None where too far to say.

    With its fractions carried from year to year (D4), as drawn; without, one chance a year equal to its exact yearly
    rate (geometric law), as computed.
    """

    moyenne: Fraction | None
    p90: int | None
    moyenne_sans_report: Fraction
    p90_sans_report: int | None


@dataclass(frozen=True)
class PartSimulee:
    """A réservataire's years: quantiles of its whole dwellings, years under its volume; None when it is void."""

    code: str
    nom: str | None
    exact: Fraction
    objectif: int | None
    quantiles: Quantiles | None
    annees_non_atteint: int | None
    attente: Attente | None


@dataclass(frozen=True)
class PerimetreSimule:
    """A perimeter's years: its dwellings, its rate, what is freed in it, its flux à répartir in whole dwellings."""

    code: str
    nom: str | None
    assiette: int
    taux: Fraction
    liberations: Quantiles
    flux: Quantiles


@dataclass(frozen=True)
class Simulation:
    """The years drawn from a sheet: what every rendering shows."""

    feuille: Flux
    tirages: int
    graine: int
    perimetres: tuple[PerimetreSimule, ...]
    parts: tuple[PartSimulee, ...]
    mentions: tuple[str, ...]

    def probabilite(self, part: PartSimulee) -> Fraction | None:
        """The share of the years in which a réservataire does not reach its volume; None when it is void."""
        return None if part.annees_non_atteint is None else Fraction(part.annees_non_atteint, self.tirages)


def json_de_la_simulation(simulation: Simulation) -> dict[str, Any]:
    """The years drawn, in the shape of the sheet: exact numbers as reduced fractions, dwellings and years as integers."""
    feuille = simulation.feuille
    return {
        "exercice": feuille.dossier.exercice,
        "cadre": feuille.dossier.cadre.code,
        "bailleur": feuille.dossier.bailleur,
        "tirages": simulation.tirages,
        "graine": simulation.graine,
        "perimetres": [
            {
                "code": p.code,
                "nom": p.nom,
                "assiette": p.assiette,
                "taux": exact(p.taux),
                "liberations": _json_des_quantiles(p.liberations),
                "flux": _json_des_quantiles(p.flux),
            }
            for p in simulation.perimetres
        ],
        "reservataires": [_json_de_la_part(simulation, p) for p in simulation.parts],
        "mentions": list(simulation.mentions),
    }


def _json_de_la_part(simulation: Simulation, part: PartSimulee) -> dict[str, Any]:
    probabilite = simulation.probabilite(part)
    return {
        "code": part.code,
        "nom": part.nom,
        "exact": exact(part.exact),
        "objectif": part.objectif,
        **(_json_des_quantiles(part.quantiles) if part.quantiles else dict.fromkeys(("p10", "p50", "p90"))),
        "non_atteint": None if probabilite is None else exact(probabilite),
        "attente": _json_de_l_attente(part.attente),
    }


def _json_des_quantiles(q: Quantiles) -> dict[str, int]:
    return {"p10": q.p10, "p50": q.p50, "p90": q.p90}


def _json_de_l_attente(attente: Attente | None) -> dict[str, Any] | None:
    if attente is None:
        return None
    return {
        "moyenne": None if attente.moyenne is None else exact(attente.moyenne),
        "p90": attente.p90,
        "moyenne_sans_report": exact(attente.moyenne_sans_report),
        "p90_sans_report": attente.p90_sans_report,
    }
