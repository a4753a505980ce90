"""Pocket dossiers and years for the tests of the orientation: parts on a département, vacances of January 2024."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from random import Random

from partiteur.moteur.orientation import Beneficiaire, Cibles, EtatOrientation
from partiteur.moteur.orientation.cible import TERRITOIRE
from partiteur.moteur.orientation.rejeu import Annee
from partiteur.moteur.orientation.soldes import lieu_de
from partiteur.regles.decompte import Regime
from partiteur.regles.orientation import Poids
from partiteur.regles.vacance import Evenement, LogementVacant

DU, AU = date(2024, 1, 1), date(2024, 12, 31)
LOGEMENT = LogementVacant("V1", "L1", "T3", "PLUS", False, "99001", "E1", "99", 1990)


def cibles(*beneficiaires: Beneficiaire, soustraits: int = 0, cible: str = "parc") -> Cibles:
    """Parts on a département: A 30 % everywhere, B 20 % of commune 99001 unless others are given."""
    retenus = beneficiaires or (
        Beneficiaire("A", "Préfecture", "etat_prioritaires", "directe", Fraction(3, 10), (TERRITOIRE,)),
        Beneficiaire("B", None, "commune", "directe", Fraction(1, 5), (("commune", "99001"),)),
    )
    return Cibles(
        retenus,
        {"mutations": Fraction(soustraits)} if soustraits else {},
        Fraction(100),
        ("departement", "99"),
        Poids(cible, Fraction(2), Fraction(1)),
        {b.code: Regime("mise_a_disposition") for b in retenus},
        ("pli",),
        False,
        2024,
    )


def evenement(
    vacance: str, jour: int, type_: str, qui: str | None = None, motif: str | None = None, **donnees
):
    le = date(2024, 1, jour)
    saisie = datetime(2024, 1, jour, 8, tzinfo=UTC)
    nom = f"{vacance}-{jour}-{type_}"
    return Evenement(nom, vacance, type_, le, saisie, "999000102:1", "L1", qui, motif, donnees)


def etat(evenements=(), logements=(LOGEMENT,), **autres) -> EtatOrientation:
    rendu = EtatOrientation(cibles(**autres), {lo.vacance: lo for lo in logements}, DU, AU)
    rendu.charger(evenements)
    return rendu


def une_annee(n: int = 60) -> Annee:
    """Vacances of four classes, in two communes, one day after the other."""
    rng = Random(5)
    lieux = [
        lieu_de(
            replace(
                LOGEMENT,
                commune=rng.choice(("99001", "99002")),
                qpv=rng.random() < 0.3,
                famille_financement=rng.choice(("PLUS", "PLAI")),
            ),
            "T3",
        )
        for _ in range(n)
    ]
    return Annee(tuple((738_000 + rang * 6, lieu) for rang, lieu in enumerate(lieux)), Fraction(1, 5))


DELEGUE = Beneficiaire("C", None, "departement", "deleguee", Fraction(1, 10), (TERRITOIRE,))


def trois() -> Cibles:
    return cibles(*cibles().beneficiaires, DELEGUE)
