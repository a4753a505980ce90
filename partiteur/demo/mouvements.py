"""Three years of libérations, and the occupation that follows from them at 31/12/2023."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from partiteur.demo.bati import Logement
from partiteur.demo.publie import Organisme
from partiteur.demo.tirage import urne

ANNEES = (2021, 2022, 2023)
DATE_PARC = date(2023, 12, 31)
# Per hundred libérations of ordinary dwellings; an empty motif is one the bailleur did not record.
MOTIFS = {
    "conge": 65,
    "mutation": 12,
    "deces": 8,
    "autre": 5,
    "expulsion": 3,
    "abandon": 2,
    "relogement_anru": 2,
    "relogement_lhi": 1,
    "relogement_vente": 1,
    "": 1,
}


@dataclass(frozen=True, slots=True)
class Occupation:
    """The state of a dwelling at the date of the parc: MODE code, current lease, last offer, last departure."""

    mode: str
    bail: date | None = None
    offre: date | None = None
    depart: date | None = None


@dataclass(frozen=True, slots=True)
class Liberation:
    """A dwelling left by its tenant, and the new lease if there was one by the date of the parc."""

    logement: Logement
    date_liberation: date
    motif: str
    date_entree: date | None
    usage: str


def liberer(
    organisme: Organisme, logements: Sequence[Logement], rng: Random
) -> tuple[tuple[Liberation, ...], dict[str, Occupation]]:
    """Draw one bailleur's libérations, in date order, and the occupation of each dwelling (by numero_rpls).

    An ordinary dwelling is freed at most once in the three years; their number is exact, per thousand dwellings
    outside student residences. Dwellings of a demolition are emptied year after year and never let again.
    """
    ordinaires = [lo for lo in logements if lo.particularite != "etudiant"]
    effectifs = [len(ordinaires) * taux // 1000 for taux in organisme.departs]
    fixes = ("sous_location", "fonction", "neuf", "demolition")
    mobiles = [lo for lo in ordinaires if lo.particularite not in fixes and lo.programme.annee <= 2019]
    demolitions = [lo for lo in logements if lo.particularite == "demolition"]
    rng.shuffle(demolitions)
    vides = [demolitions[i::5] for i in range(len(ANNEES))]
    tires = iter(rng.sample(mobiles, sum(effectifs) - sum(map(len, vides))))
    # A bailleur without QPV has no operation of renouvellement urbain.
    motifs = MOTIFS if demolitions else {m: n for m, n in MOTIFS.items() if m != "relogement_anru"}
    lignes = []
    for annee, effectif, a_demolir in zip(ANNEES, effectifs, vides, strict=True):
        lignes += [Liberation(lo, _jour(annee, rng), "relogement_anru", None, "familial") for lo in a_demolir]
        for motif in urne(effectif - len(a_demolir), motifs, rng):
            lignes.append(_liberation(next(tires), annee, motif, rng))
        etudiants = [lo for lo in logements if lo.particularite == "etudiant"]
        for logement in rng.sample(etudiants, len(etudiants) * 2 // 5):
            lignes.append(
                Liberation(
                    logement, date(annee, rng.randint(6, 8), 30), "conge", date(annee, 9, 1), "etudiant"
                )
            )
    lignes.sort(key=lambda ligne: (ligne.date_liberation, ligne.logement.numero))
    derniere = {ligne.logement.numero: ligne for ligne in lignes}
    return tuple(lignes), {lo.numero: _occupation(lo, derniere.get(lo.numero), rng) for lo in logements}


def _jour(annee: int, rng: Random) -> date:
    return date(annee, 1, 1) + timedelta(days=rng.randrange(365))


def _liberation(logement: Logement, annee: int, motif: str, rng: Random) -> Liberation:
    """Free a dwelling some day of the year; a new lease follows after works, unless it is to be sold."""
    jour = _jour(annee, rng)
    delai = rng.randint(60, 180) if motif in ("expulsion", "abandon", "deces") else rng.randint(14, 100)
    entree = jour + timedelta(days=delai)
    reloue = logement.particularite != "en_vente" and entree <= DATE_PARC
    return Liberation(logement, jour, motif, entree if reloue else None, "familial")


def _occupation(logement: Logement, derniere: Liberation | None, rng: Random) -> Occupation:
    """State the occupation from the last libération, or from a lease older than the three years."""
    simples = {"sous_location": "4", "fonction": "5"}
    if logement.particularite in simples:
        return Occupation(simples[logement.particularite])
    if derniere is not None:
        depart, bail = derniere.date_liberation, derniere.date_entree
        if bail is not None:
            return Occupation("1", bail, max(depart, bail - timedelta(days=rng.randint(10, 40))), depart)
        if logement.particularite in ("demolition", "en_vente"):
            return Occupation("3", depart=depart)
        return Occupation("2", offre=min(DATE_PARC, depart + timedelta(days=10)), depart=depart)
    if logement.particularite == "neuf":
        if rng.random() < 0.4:
            return Occupation("2", offre=date(2023, 12, 1))
        return Occupation("1", date(2023, rng.randint(11, 12), 1), date(2023, 10, 1))
    plancher = logement.programme.annee + 1
    if plancher > 2020:
        return Occupation("1", date(logement.programme.annee, 10, 1), date(logement.programme.annee, 8, 1))
    annee = max(plancher, 2020 - int(rng.expovariate(0.11)))
    bail = date(annee, rng.randint(3, 12), 1)
    return Occupation("1", bail, bail.replace(month=bail.month - rng.randint(1, 2)))
