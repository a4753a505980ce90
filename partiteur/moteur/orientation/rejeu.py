"""A year of vacancies turned again under a policy: failures and re-injections drawn, the last mise à disposition counted.

Every policy meets the same year: the same dwellings in the same order, and for each dwelling the same number of mises
à disposition that fail before one succeeds. A dwelling that failed comes back some days later; in QPV it goes to the
maire, on nobody's contingent (D24), so it ends with the non-réservé. Neither the non-réservé nor a gestion déléguée fails:
nothing is put at anyone's disposal. The dwellings that left the flux are left out: nobody chose it.
"""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from random import Random

from partiteur.moteur.orientation.cible import Cibles
from partiteur.moteur.orientation.etat import EtatOrientation, OrientationImpossible
from partiteur.moteur.orientation.soldes import Lieu, Soldes
from partiteur.regles.orientation import (
    NON_RESERVE,
    Apport,
    LogementAOrienter,
    Offert,
    Poids,
    Rang,
    classer,
    distance_quantitative,
    distance_structure,
)

ESSAIS = 20  # mises à disposition of one dwelling that may fail
DELAI = 30  # days between a mise à disposition and the end of one that fails
Politique = Callable[[Soldes, Lieu, Mapping[str, str], Random], str]


@dataclass(frozen=True)
class Annee:
    """The vacances of a year that entered the flux (day of the first orientation, place), and the rate of failure."""

    vacances: tuple[tuple[int, Lieu], ...]
    echec: Fraction
    delai: int = DELAI


@dataclass(frozen=True)
class Tirage:
    """A year drawn: the vacances in their order, and for each how many mises à disposition would fail."""

    vacances: tuple[tuple[int, Lieu], ...]
    echecs: tuple[int, ...]
    delai: int
    graine: int


@dataclass(frozen=True)
class Issue:
    """How a policy ended a year: what each destination was owed and received, and the distances of D61.

    `pire`: the largest gap of a réservataire, in dwellings. `borne`: for an optimum, the lowest distance of structure
    that any end within the margin could have. None where there is nothing to compare.
    """

    politique: str
    offerts: tuple[Offert, ...]
    flux: int
    quantitative: Fraction | None
    structure: Fraction | None
    pire: Fraction
    borne: Fraction | None = None


def annee_de(etat: EtatOrientation, delai: int = DELAI) -> Annee:
    """The year of a journal already counted. Raises OrientationImpossible when nothing entered the flux."""
    vacances, tours, echecs = [], 0, 0
    for jour, lieu, compte in etat.dans_le_flux():
        vacances.append((jour.toordinal(), lieu))
        finis = [c for c in compte.comptes if c.offert is not None and not c.en_cours]
        tours += len(finis)
        echecs += sum(c.echec_reservataire for c in finis)
    if not vacances:
        raise OrientationImpossible(
            f"Aucune vacance n'est entrée dans le flux du {etat.du:%d/%m/%Y} au {etat.au:%d/%m/%Y} : choisissez "
            "une autre année."
        )
    taux = Fraction(echecs, tours) if tours else Fraction(0)
    return Annee(tuple(sorted(vacances, key=_ordre)), taux, delai)


def _ordre(vacance: tuple[int, Lieu]) -> tuple[int, str]:
    return vacance[0], repr(vacance[1].places) + repr(vacance[1].classe)


def tirer(annee: Annee, graine: int) -> Tirage:
    """Draw a year: the same dates, the dwellings dealt again among them, and the failures of each."""
    rng = Random(graine)  # noqa: S311 - a seeded draw, nothing secret
    lieux = [lieu for _, lieu in annee.vacances]
    rng.shuffle(lieux)
    jours = [jour for jour, _ in annee.vacances]
    echecs = []
    for _ in lieux:
        n = 0
        while n < ESSAIS and rng.randrange(annee.echec.denominator) < annee.echec.numerator:
            n += 1
        echecs.append(n)
    return Tirage(tuple(zip(jours, lieux, strict=True)), tuple(echecs), annee.delai, graine)


def jouer(cibles: Cibles, tirage: Tirage, nom: str) -> Issue:
    """Turn a year under a policy of POLITIQUES."""
    politique = POLITIQUES[nom]
    delegues = {b.code for b in cibles.beneficiaires if b.gestion == "deleguee"}
    soldes = Soldes(replace(cibles, soustraits={}))
    rng = Random(f"{nom}-{tirage.graine}")  # noqa: S311
    poses: dict[int, Apport] = {}
    tentes: dict[int, dict[str, str]] = {}
    file = [(jour, rang) for rang, (jour, _) in enumerate(tirage.vacances)]
    heapq.heapify(file)
    while file:
        jour, rang = heapq.heappop(file)
        lieu, deja = tirage.vacances[rang][1], tentes.setdefault(rang, {})
        ancien = poses.get(rang)
        if ancien is not None:
            soldes.ajouter(lieu, ancien, -1)
        if ancien is not None and tirage.echecs[rang] < len(deja):  # the offer succeeded
            poses[rang] = replace(
                ancien, comptes=ancien.en_cours, en_cours=(), resolues=len(deja), comptees=1
            )
            soldes.ajouter(lieu, poses[rang])
            continue
        rates = len(deja)
        au_maire = rates and lieu.classe[1]
        code = NON_RESERVE if au_maire else politique(soldes, lieu, deja, rng)
        if code == NON_RESERVE:
            poses[rang] = Apport(dans_le_flux=True, non_reserve=True, resolues=rates)
        elif code in delegues:
            poses[rang] = Apport(dans_le_flux=True, comptes=(code,), resolues=rates)
        else:
            deja[code] = "deja_compte"
            poses[rang] = Apport(dans_le_flux=True, en_cours=(code,), resolues=rates)
            heapq.heappush(file, (jour + tirage.delai, rang))
        soldes.ajouter(lieu, poses[rang])
    return issue(nom, soldes.offerts(), len(tirage.vacances))


def issue(nom: str, offerts: tuple[Offert, ...], flux: int, borne: Fraction | None = None) -> Issue:
    """The distances of what was offered: in volume over the réservataires, in structure over every destination."""
    reservataires = [o for o in offerts if o.code != NON_RESERVE]
    ecarts = [abs(o.compte - o.attendu) for o in reservataires]
    return Issue(
        nom,
        offerts,
        flux,
        distance_quantitative(reservataires, flux).valeur,
        distance_structure(offerts).valeur,
        max(ecarts, default=Fraction(0)),
        borne,
    )


def _premier(rangs: Sequence[Rang]) -> str:
    """The code of the first destination; the non-réservé is never excluded."""
    return rangs[0].position.destination.rpartition(":")[2]


def _conseil(soldes: Soldes, lieu: Lieu, deja: Mapping[str, str], rng: Random) -> str:
    return _premier(soldes.classer(lieu, _logement(lieu), deja))


def _plus_en_retard(soldes: Soldes, lieu: Lieu, deja: Mapping[str, str], rng: Random) -> str:
    """The lag on volume alone, offers in progress counted whole: what S1 warns of."""
    seul = Poids("aucune", Fraction(1), Fraction(0))
    return _premier(classer(_logement(lieu), soldes.positions(lieu, deja), seul, Fraction(1)))


def _hasard(soldes: Soldes, lieu: Lieu, deja: Mapping[str, str], rng: Random) -> str:
    """A draw by the parts of those who may receive the dwelling."""
    admis = [r for r in soldes.classer(lieu, _logement(lieu), deja) if not r.exclusions]
    unite = lcm(*(r.position.gain.denominator for r in admis))
    poids = [int(r.position.gain * unite) for r in admis]
    tire = rng.randrange(sum(poids)) if any(poids) else 0
    for rang, n in zip(admis, poids, strict=True):
        if tire < n:
            return rang.position.destination.rpartition(":")[2]
        tire -= n
    return NON_RESERVE


def _logement(lieu: Lieu) -> LogementAOrienter:
    return LogementAOrienter(*lieu.classe)


POLITIQUES: Mapping[str, Politique] = {
    "plus_en_retard": _plus_en_retard,
    "hasard": _hasard,
    "conseil": _conseil,
}
