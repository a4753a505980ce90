"""Policies tried again on a year hold together, and the optimum bounds them."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from poche_orientation import LOGEMENT, cibles, trois, une_annee

from partiteur.moteur.orientation import Beneficiaire
from partiteur.moteur.orientation.cible import TERRITOIRE
from partiteur.moteur.orientation.optimum import optimum
from partiteur.moteur.orientation.rejeu import POLITIQUES, Annee, jouer, tirer
from partiteur.moteur.orientation.soldes import lieu_de
from partiteur.regles.orientation import NON_RESERVE, Poids


@pytest.mark.parametrize("nom", POLITIQUES)
def test_une_politique_place_chaque_logement_une_fois(nom):
    """At the last mise à disposition each dwelling is somebody's, the failures in QPV are nobody's reservation."""
    tirage = tirer(une_annee(), 3)
    rejoue = jouer(trois(), tirage, nom)
    assert sum(o.compte for o in rejoue.offerts) == rejoue.flux == 60
    assert sum(o.attendu for o in rejoue.offerts) == 60
    recus = Counter()
    for offert in rejoue.offerts:
        recus.update(offert.classes)
    assert recus == Counter("|".join(map(str, lieu.classe)) for _, lieu in tirage.vacances)
    assert jouer(trois(), tirage, nom) == rejoue


def test_les_tirages_different_et_se_refont():
    assert tirer(une_annee(), 1) == tirer(une_annee(), 1)
    assert tirer(une_annee(), 1) != tirer(une_annee(), 2)
    assert any(tirer(une_annee(), 1).echecs)
    assert not any(tirer(replace(une_annee(), echec=Fraction(0)), 1).echecs)


def test_le_conseil_bat_les_autres_et_l_optimum_le_borne():
    """Near its part, nearer the target than the most late; the optimum does better, and its bound is below."""
    tirages = [tirer(une_annee(), graine) for graine in range(2)]
    for tirage in tirages:
        conseil, retard, hasard = (
            jouer(trois(), tirage, nom) for nom in ("conseil", "plus_en_retard", "hasard")
        )
        mieux = optimum(trois(), tirage)
        assert conseil.pire <= 2
        assert mieux.pire <= 2
        assert conseil.structure < retard.structure
        assert conseil.quantitative < hasard.quantitative
        assert mieux.borne <= mieux.structure <= conseil.structure
        assert sum(o.compte for o in mieux.offerts) == 60


def test_l_optimum_subit_les_echecs_en_qpv():
    """Every dwelling in QPV, every first offer failing: all end with the non-réservé, or where nothing fails."""
    lieu = lieu_de(replace(LOGEMENT, qpv=True), "T3")
    perdue = Annee(tuple((738_000 + n, lieu) for n in range(10)), Fraction(9, 10))
    tirage = replace(tirer(perdue, 1), echecs=(1,) * 10)
    recus = {o.code: o.compte for o in optimum(trois(), tirage).offerts}
    assert recus["A"] == recus["B"] == 0
    assert recus["C"] + recus[NON_RESERVE] == 10
    muets = cibles(Beneficiaire("A", None, "autre", "directe", Fraction(0), (TERRITOIRE,)))
    assert optimum(muets, tirage).offerts[-1].compte == 10
    assert jouer(muets, tirage, "hasard").offerts[-1].compte == 10
    tout = cibles(Beneficiaire("A", None, "autre", "directe", Fraction(1), (TERRITOIRE,)))
    hors_qpv = lieu_de(LOGEMENT, "T3")
    rate = replace(tirage, vacances=tuple((jour, hors_qpv) for jour, _ in tirage.vacances))
    assert jouer(tout, rate, "hasard").offerts[-1].compte == 10
    sans_cible = optimum(replace(trois(), poids=Poids("aucune", Fraction(1), Fraction(0))), tirage)
    assert (sans_cible.structure, sans_cible.borne) == (None, 0)
    seuls = {o.code: o.compte for o in jouer(cibles(), tirage, "conseil").offerts}
    assert seuls[NON_RESERVE] == 10
