"""What each réservataire has of the years drawn, and how long it waits when it is owed less than one a year."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

from partiteur.moteur.simulation.feuille import Attente, Quantiles
from partiteur.regles.faits import Dossier
from partiteur.regles.flux.feuille import Flux, PartReservataire
from partiteur.regles.flux.parts import calculer_parts

Nets = Mapping[str, Sequence[Fraction]]
DIXIEMES = 10
MOITIE = Fraction(1, 2)
ANNEES_LISIBLES = 1000


def dus(part: PartReservataire, flux: Flux, serres: frozenset[str], nets: Nets) -> list[int]:
    """The whole dwellings owed each year: its part of the flux and what it carries, to the nearest whole number.

    Rounded otherwise where the sheet had to, so that the expected year gives the volume of the sheet; downwards for
    those a cap holds. A volume (droits uniques, négocié) does not follow the flux; only a flux too small cuts it.
    """
    reprise = _report(part, flux.dossier) + part.solde_reporte
    ajoute = reprise + _arrondi(part.exact + reprise, part.objectif or 0, part.code in serres)
    annuels = _flux_annuels(part, nets)
    entiers = {
        f: floor((min(part.exact, f) if part.engagement == "volume" else part.part_appliquee * f) + ajoute)
        for f in set(annuels)
    }
    return [max(entiers[f], 0) for f in annuels]


def _arrondi(du: Fraction, objectif: int, serre: bool) -> Fraction:
    """What is added before taking the integer part: one half, or what the sheet added or took."""
    if not serre and floor(du + MOITIE) == objectif:
        return MOITIE
    return objectif - du if objectif > du else Fraction(objectif - floor(du))


def serres_par_un_plafond(flux: Flux) -> frozenset[str]:
    """The réservataires of a group that one more dwelling would take past its cap."""
    exacts = {p.code: p.exact for p in flux.reservataires}
    return frozenset(
        code
        for borne in calculer_parts(flux.dossier, flux.perimetres).bornes
        if borne.limite - sum((exacts[membre] for membre in borne.codes), Fraction(0)) < 1
        for code in borne.codes
    )


def restes(flux: Flux, entiers: Mapping[str, Sequence[int]], nets: Nets) -> list[int]:
    """What the non-réservé has each year: the whole flux, fractions carried included, less what the others have."""
    dossier = flux.dossier
    reports = sum((r.report for r in dossier.reservataires), dossier.report_non_reserve)
    du_territoire = [floor(net + reports) for net in nets[flux.territoire.code]]
    pris = [sum(annee) for annee in zip(*entiers.values(), strict=True)] or [0] * len(du_territoire)
    return [max(n - p, 0) for n, p in zip(du_territoire, pris, strict=True)]


def _flux_annuels(part: PartReservataire, nets: Nets) -> Sequence[Fraction]:
    """The flux of a réservataire's perimeters, year by year."""
    siens = [nets[code] for code in part.perimetres]
    return siens[0] if len(siens) == 1 else [sum(annee, Fraction(0)) for annee in zip(*siens, strict=True)]


def _report(part: PartReservataire, dossier: Dossier) -> Fraction:
    """The fraction it carries from last year (D4)."""
    return next(r.report for r in dossier.reservataires if r.code == part.code)


def quantiles(valeurs: Sequence[int]) -> Quantiles:
    """The first, fifth and ninth tenths by the nearest rank: always values drawn, never between two."""
    tries = sorted(valeurs)
    return Quantiles(*(tries[-(-len(tries) * dixiemes // DIXIEMES) - 1] for dixiemes in (1, 5, 9)))


def attente(part: PartReservataire, dossier: Dossier, nets: Nets) -> Attente | None:
    """Only for a part of the flux worth more than nothing and less than one dwelling a year."""
    if part.objectif is None or part.engagement == "volume" or not 0 < part.exact < 1:
        return None
    annuelles = [part.part_appliquee * f for f in _flux_annuels(part, nets)]
    durees = durees_avec_report(annuelles, _report(part, dossier))
    return Attente(
        Fraction(sum(durees), len(durees)) if durees else None,
        quantiles(durees).p90 if durees else None,
        1 / part.exact,
        p90_geometrique(part.exact),
    )


def durees_avec_report(annuelles: Sequence[Fraction], report: Fraction) -> list[int]:
    """Years until the parts add up to one dwelling, starting from what is carried, again and again along the draws."""
    durees, cumul, annees = [], report, 0
    for annuelle in annuelles:
        cumul, annees = cumul + annuelle, annees + 1
        if cumul >= 1:
            durees.append(annees)
            cumul, annees = report, 0
    return durees


def p90_geometrique(taux: Fraction) -> int | None:
    """The least number of years after which nine in ten have had a dwelling, at one chance a year; None past 1,000."""
    sans, tous = taux.denominator - taux.numerator, taux.denominator
    restent, parmi = 1, 1
    for annees in range(1, ANNEES_LISIBLES + 1):
        restent, parmi = restent * sans, parmi * tous
        if restent * DIXIEMES <= parmi:
            return annees
    return None
