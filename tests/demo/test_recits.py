"""The demo's journals: three years, every kind of failure, the dwellings and dates of the libérations, no person."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from partiteur.demo.publie import BAILLEURS
from partiteur.demo.recits import RECITS
from partiteur.demo.territoire import Territoire
from partiteur.moteur.journal import Journal, lire_journal, verifier_journal
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import tenir


@pytest.fixture(scope="module")
def journaux(territoire: Territoire) -> list[Journal]:
    return [lire_journal(b.journal) for b in territoire.bailleurs]


def liberations(chemin: Path) -> dict[tuple[str, str], str]:
    """(dwelling, entry) → date of libération, in ISO."""
    with chemin.open(newline="") as fichier:
        lues = [li for li in csv.DictReader(fichier, delimiter=";") if li["date_entree"]]
    iso = lambda t: datetime.strptime(t, "%d/%m/%Y").date().isoformat()  # noqa: E731, DTZ007
    return {(li["logement"], iso(li["date_entree"])): iso(li["date_liberation"]) for li in lues}


def test_chaines_intactes_et_admises(journaux: list[Journal]) -> None:
    """One chain a bailleur, its SIREN for name; every event can be."""
    for organisme, journal in zip(BAILLEURS, journaux, strict=True):
        verdict = verifier_journal(journal)
        assert (verdict.etat, verdict.chaine, journal.constats) == ("intacte", organisme.siren, ())
        assert not tenir(journal.evenements).refus


def test_trois_ans_de_vacances(journaux: list[Journal]) -> None:
    """About 1 300 vacances a year over the territory."""
    annees = Counter(
        e.date_effet.year
        for j in journaux
        for e in j.evenements
        if e.type in ("conge_recu", "vacance_ouverte")
    )
    assert set(annees) == {2020, 2021, 2022, 2023}  # the congés of the first weeks of 2021 came in 2020
    assert all(1_200 <= annees[annee] <= 1_400 for annee in (2021, 2022, 2023))


def test_toutes_les_formes(journaux: list[Journal]) -> None:
    """Every motif, type of event, base of imputation, origine and destination that the demo may show."""
    faits = [e for j in journaux for e in j.evenements]
    # those the rules deduce
    sans = {"echec_sans_motif", "refus_candidat", "candidats_insuffisants", "requalification"}
    assert set(bareme("motifs")["motifs"]) - sans <= {e.motif for e in faits}
    reserves = {"mise_en_bourse", "reprise"}
    assert {t for t in bareme("evenements")["types"] if t not in reserves} == {e.type for e in faits}
    bases = {e.donnees["base"] for e in faits if e.type == "imputation"}
    assert bases == set(bareme("evenements")["imputations"])
    destinations = {e.donnees["destination"].partition(":")[0] for e in faits if e.type == "orientation"}
    assert destinations == {"reservataire", "non_reserve", "soustrait", "hors_flux"}
    assert {e.donnees.get("regime") for e in faits if e.type == "vacance_ouverte"} >= {
        "flux",
        "un_tour",
        "annee_livraison",
    }
    assert len(RECITS) > 25


def test_logements_et_dates_des_liberations(territoire: Territoire, journaux: list[Journal]) -> None:
    """A dwelling let again in the journal was freed, and entered the same day, in liberations.csv."""
    for bailleur, journal in zip(territoire.bailleurs, journaux, strict=True):
        connues = liberations(bailleur.liberations)
        neuves = {e.vacance for e in journal.evenements if e.donnees.get("origine") == "premiere_location"}
        ouvertes = {
            e.vacance: e.date_effet.isoformat()
            for e in journal.evenements
            if e.type in ("conge_recu", "vacance_ouverte")
        }
        baux = [e for e in journal.evenements if e.type == "bail_signe" and e.vacance not in neuves]
        assert baux
        for bail in baux:
            liberee = connues[bail.logement, bail.donnees["entree"]]
            assert ouvertes[bail.vacance] <= liberee
            assert bail.date_effet.isoformat() <= bail.donnees["entree"]
