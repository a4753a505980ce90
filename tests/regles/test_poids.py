"""Weights from an order: whole, ordered, and refused when the order makes no sense."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.poids import METHODES, SIMOS, OrdreImpossible, poids_par_ordre

ORDRES = st.lists(st.integers(1, 3), min_size=1, max_size=8).map(
    lambda tailles: [[f"c{rang}_{i}" for i in range(taille)] for rang, taille in enumerate(tailles)]
)


@given(ORDRES, st.sampled_from(METHODES), st.integers(1, 500), st.fractions(1, 50, max_denominator=10))
def test_les_poids_font_un_tout_et_suivent_l_ordre(ordre, methode, premier, rapport):
    resultat = poids_par_ordre(ordre, methode, premier, rapport if methode == SIMOS else None)
    poids = resultat.valeur
    assert sum(p.poids for p in poids) == 1
    assert [p.critere for p in poids] == [code for groupe in ordre for code in groupe]
    assert poids[0].points == premier
    for avant, apres in pairwise(poids):
        assert (avant.rang == apres.rang) <= (avant.poids == apres.poids and avant.points == apres.points)
        assert avant.poids >= apres.poids
        assert avant.points >= apres.points
    if methode == SIMOS and len(ordre) > 1:
        assert poids[0].poids / poids[-1].poids == rapport


@pytest.mark.parametrize(
    ("ordre", "methode", "premier", "rapport", "phrase"),
    [
        ([], "somme", 10, None, "L'ordre ne nomme aucun critère"),
        ([[]], SIMOS, 10, Fraction(2), "L'ordre ne nomme aucun critère"),
        ([["a"], ["a"]], "somme", 10, None, "« a » est rangé deux fois"),
        ([["a"]], "hasard", 10, None, "choisissez parmi centroide, somme, reciproque, simos"),
        ([["a"]], "somme", 0, None, "au moins un point"),
        ([[], ["a"]], SIMOS, 10, Fraction(2), "ni en tête ni à la fin"),
        ([["a"], []], SIMOS, 10, Fraction(2), "ni en tête ni à la fin"),
        ([["a"]], SIMOS, 10, None, "un nombre d'au moins 1"),
        ([["a"]], SIMOS, 10, Fraction(1, 2), "un nombre d'au moins 1"),
        ([["a"]], "somme", 10, Fraction(2), "ne sert qu'à la méthode de Simos"),
    ],
)
def test_un_ordre_impossible_est_refuse(ordre, methode, premier, rapport, phrase):
    with pytest.raises(OrdreImpossible, match=phrase):
        poids_par_ordre(ordre, methode, premier, rapport)
