"""What holds of every bilan: exact tails, chutes that add up, quantiles that are durations met, tables that cross-foot."""

from fractions import Fraction
from math import comb
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.bilan import (
    BilanIncoherent,
    Cellule,
    alerte_desequilibre,
    chutes,
    duree_mediane,
    manquer,
    periode_construction,
    recouper,
)
from partiteur.regles.objectifs import Attribution, mesure_objectif, objectifs_servis
from partiteur.regles.socle import bareme, fraction

VACANCES = st.frozensets(st.sampled_from("abcdefghij"))
PARTS = st.fractions(0, 1, max_denominator=40)


def binomiale(essais: int, part: Fraction, valeurs: range) -> Fraction:
    """The probability that a binomial is one of some values, from its definition."""
    return sum(
        (comb(essais, k) * part**k * (1 - part) ** (essais - k) for k in valeurs if 0 <= k <= essais),
        Fraction(0),
    )


@given(st.integers(0, 25), st.integers(0, 30), PARTS)
def test_la_queue_est_exacte(compte: int, flux: int, part: Fraction) -> None:
    """The probability printed is the binomial's, rounded up to the millionth; the threshold is met exactly."""
    alerte = alerte_desequilibre(compte, flux, part).valeur
    retard = compte < part * flux
    exacte = binomiale(flux, part, range(compte + 1) if retard else range(compte, flux + 1))
    assert exacte <= alerte.probabilite < exacte + Fraction(1, bareme("bilan")["alerte"]["precision"])
    attendu = (
        None if exacte >= fraction(bareme("bilan")["alerte"]["seuil"]) else ("retard" if retard else "avance")
    )
    assert alerte.sens == attendu


@given(
    VACANCES, VACANCES, st.dictionaries(st.sampled_from(["validee", "attribution", "bail_signe"]), VACANCES)
)
def test_rien_n_est_perdu_qui_est_en_cours(offertes: Any, en_cours: Any, atteintes: Any) -> None:
    """Followed, still open and lost are all the mises à disposition; a rate is the lost over the resolved."""
    for chute in chutes(offertes, en_cours, atteintes).valeur:
        assert chute.resolues + chute.en_cours == len(offertes)
        assert chute.suivies <= chute.resolues
        assert chute.suivies == len(offertes & atteintes.get(chute.etape, frozenset()))
        if chute.resolues:
            assert chute.taux == Fraction(chute.resolues - chute.suivies, chute.resolues)
        else:
            assert chute.taux is None


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40))
def test_les_quantiles_sont_des_durees_constatees(jours: list[int]) -> None:
    """At least half of the durations are under the median, nine tenths under the P90, and both were met."""
    duree = duree_mediane({j: jours.count(j) for j in jours}).valeur
    assert duree.nombre == len(jours)
    for quantile, part in ((duree.mediane, Fraction(1, 2)), (duree.p90, Fraction(9, 10))):
        assert quantile in jours
        assert sum(j <= quantile for j in jours) >= part * len(jours)
        assert sum(j < quantile for j in jours) < part * len(jours)


CELLULES = st.dictionaries(
    st.tuples(st.sampled_from(["A", "B"]), st.sampled_from(["1", None])), st.integers(0, 9), max_size=4
)


@given(CELLULES, st.integers(0, 3))
def test_une_table_se_recoupe_ou_n_est_pas_publiee(cellules: dict[Any, int], ecart: int) -> None:
    """Marginals and total that are the sums pass; any single one that is not raises."""
    axes = ("reservataire", "qpv")
    lignes = [Cellule(cle, {"n": n}) for cle, n in cellules.items()]
    marginaux = {
        axe: [
            Cellule((v,), {"n": sum(n for cle, n in cellules.items() if cle[rang] == v)})
            for v in {cle[rang] for cle in cellules}
        ]
        for rang, axe in enumerate(axes)
    }
    total = {"n": sum(cellules.values())}
    assert recouper(axes, lignes, marginaux, total).code == "recoupe"
    if ecart:
        with pytest.raises(BilanIncoherent):
            recouper(axes, lignes, marginaux, {"n": total["n"] + ecart})
        faux = {**marginaux, "qpv": [*marginaux["qpv"], Cellule(("9",), {"n": ecart})]}
        with pytest.raises(BilanIncoherent):
            recouper(axes, lignes, faux, total)


@given(st.integers(1000, 2200))
def test_une_annee_a_une_seule_periode(annee: int) -> None:
    """Classes follow one another, no year between two."""
    codes = [c["code"] for c in bareme("periodes_construction")["classes"]]
    code, suivante = periode_construction(annee).valeur, periode_construction(annee + 1).valeur
    assert codes.index(suivante) - codes.index(code) in (0, 1)


TRIPLE = st.sampled_from([True, False, None])


@given(
    st.builds(
        Attribution,
        qpv=TRIPLE,
        signe=st.booleans(),
        imputation=st.sampled_from([None, "commune", "action_logement", "etat_prioritaires"]),
        dans_le_flux=st.booleans(),
        dalo=TRIPLE,
        publics=st.sampled_from([None, (), ("a",)]),
        premier_quartile=TRIPLE,
        relogement=st.sampled_from([None, "anru", "lhi"]),
    )
)
def test_un_inconnu_ne_devient_pas_un_non(attribution: Attribution) -> None:
    """A fact that becomes known may settle an objectif, never move one that was settled; at most one quarter each."""
    servis = objectifs_servis(attribution).valeur
    assert sum(code.startswith("quart_") for code in servis) <= 1
    for champ in ("dalo", "premier_quartile", "qpv"):
        if getattr(attribution, champ) is None:
            for connu in (True, False):
                su = objectifs_servis(Attribution(**{**vars(attribution), champ: connu})).valeur
                assert all(su.get(code, sert) == sert for code, sert in servis.items() if sert is not None)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_les_bornes_d_un_objectif(servies: int, autres: int, inconnues: int) -> None:
    """The rate is between its bounds whatever the unknown say, and the verdict is that of every possibility."""
    from datetime import date

    objectif = mesure_objectif("quart_bailleur", servies, autres, inconnues, date(2024, 1, 1)).valeur
    total = servies + autres + inconnues
    if not total:
        assert objectif.etat == "sans_attribution"
        return
    verdicts = {Fraction(servies + k, total) >= objectif.cible for k in range(inconnues + 1)}
    attendu = {frozenset([True]): "atteint", frozenset([False]): "non_atteint"}
    assert objectif.etat == attendu.get(frozenset(verdicts), "indetermine")


def test_chaque_manque_a_sa_phrase() -> None:
    """Each sentence is filled whole; a number is kept as a figure."""
    valeurs = dict.fromkeys(("fait", "nom", "noms", "message", "accords"), "X") | {
        "nombre": 3,
        "exercice": 2024,
        "annee": 2023,
    }
    for code, phrase in bareme("manques").items():
        if isinstance(phrase, str) and code not in ("source", "texte"):
            manque = manquer(code, **valeurs)
            assert "{" not in manque.message
            assert manque.nombre == 3
    assert manquer("sans_dossier").nombre is None
