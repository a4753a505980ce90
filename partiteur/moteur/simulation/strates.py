"""What is drawn together, and the dwellings freed in each perimeter, year by year."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from partiteur.moteur.simulation.binomiale import BITS_TIRAGE, Binomiale
from partiteur.regles.flux.feuille import FluxPerimetre
from partiteur.regles.socle import ErreurUtilisateur, nombre


class SimulationImpossible(ErreurUtilisateur):
    """What is asked cannot be drawn."""


@dataclass(frozen=True)
class Strate:
    """Dwellings drawn together, those of a perimeter that lie in no smaller one, and where they count."""

    perimetre: str
    comptent_dans: frozenset[str]
    loi: Binomiale


def taux_de(perimetre: FluxPerimetre) -> Fraction:
    """The rate its dwellings are drawn at: its rotation; else, for a mean of leases, that mean ÷ assiette."""
    if perimetre.taux is not None:
        return perimetre.taux
    total = perimetre.assiette.total
    return (perimetre.volume - perimetre.neuf) / total if total else Fraction(0)


def attendues(perimetre: FluxPerimetre) -> Fraction:
    """The libérations of the expected year."""
    return perimetre.assiette.total * taux_de(perimetre)


def strates_de(perimetres: Sequence[FluxPerimetre]) -> tuple[Strate, ...]:
    """The smallest perimeters, and of each of the others the rest, at the rate that keeps its expected libérations.

    Raises SimulationImpossible when a perimeter holds fewer dwellings than those inside it.
    """
    connus = {p.code: p for p in perimetres}
    territoire = perimetres[0]
    autour = {
        p.code: [c for c in dict.fromkeys((*p.dans, territoire.code)) if c in connus and c != p.code]
        for p in perimetres[1:]
    }
    parents = {code: min(autres, key=lambda c: connus[c].assiette.total) for code, autres in autour.items()}
    strates = []
    for p in perimetres:
        dedans = [connus[code] for code, parent in parents.items() if parent == p.code]
        logements = p.assiette.total - sum(d.assiette.total for d in dedans)
        if logements < 0:
            raise SimulationImpossible(
                f"Périmètre « {p.nom or p.code} » : {nombre(p.assiette.total)} logements dans l'assiette, moins que "
                "les périmètres qu'il contient ; corrigez [[perimetres]]."
            )
        reste = attendues(p) - sum((attendues(d) for d in dedans), Fraction(0))
        taux = min(max(reste / logements, Fraction(0)), Fraction(1)) if logements else Fraction(0)
        comptent_dans = frozenset((p.code, *autour.get(p.code, ())))
        strates.append(Strate(p.code, comptent_dans, Binomiale(logements, taux)))
    return tuple(strates)


def tirer(
    perimetres: Sequence[FluxPerimetre], strates: Sequence[Strate], tirages: int, graine: int
) -> dict[str, list[int]]:
    """The dwellings freed in each perimeter, year by year."""
    alea = Random(graine)  # noqa: S311 - a seeded draw that anyone can make again, nothing secret
    annees = {p.code: [0] * tirages for p in perimetres}
    for annee in range(tirages):
        for strate in strates:
            liberes = strate.loi.inverse(alea.getrandbits(BITS_TIRAGE))
            for code in strate.comptent_dans:
                annees[code][annee] += liberes
    return annees


def flux_nets(perimetre: FluxPerimetre, liberations: Sequence[int]) -> list[Fraction]:
    """What is left to share each year: the libérations, and what chance does not touch (soustraits, new programmes).

    On the expected year it is the flux of the sheet.
    """
    fixe = perimetre.exact - attendues(perimetre)
    if not perimetre.exact:  # a flux held at zero hides how far below it was
        soustraits = sum(perimetre.soustraits.values(), Fraction(0))
        fixe = perimetre.volume - attendues(perimetre) - soustraits
    nets = {n: max(n + fixe, Fraction(0)) for n in set(liberations)}
    return [nets[n] for n in liberations]
