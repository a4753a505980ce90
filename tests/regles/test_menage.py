"""Properties of the facts deduced of a household: what must hold whatever the numbers."""

import tomllib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.menage import (
    Depense,
    Menage,
    anciennete_mois,
    categorie_menage,
    premier_quartile,
    publics_l441_1,
    ressources_retenues,
    reste_a_vivre,
    sous_occupation,
    sur_occupation,
    taux_effort,
    typologie_adequate,
    unites_consommation,
)
from partiteur.regles.socle import bareme

JOUR = date(2026, 3, 1)
PERSONNES = st.integers(1, 15)
PEUT_ETRE = st.sampled_from([True, False, None])
MONTANTS = st.integers(0, 10_000_000)
RANGS = {True: 1, False: 0}


@st.composite
def menages(tirer: st.DrawFn) -> Menage:
    """A household whose facts may be unknown, and do not contradict."""
    personnes = tirer(PERSONNES)
    return Menage(
        personnes,
        tirer(st.none() | st.integers(0, personnes - 1)),
        tirer(PEUT_ETRE),
        tirer(st.none() | st.integers(32, 180)),
        tirer(PEUT_ETRE),
    )


def rang(menage: Menage) -> int:
    """The category and what is beyond it, on one scale."""
    categorie = categorie_menage(menage, JOUR).valeur
    return int(categorie.numero + categorie.personnes_supplementaires)


@given(menages())
def test_la_categorie_depasse_le_nombre_de_personnes_d_un_rang_au_plus(menage: Menage) -> None:
    """Whatever raises it; and a certain category is the same once the unknown handicap is told false."""
    resultat = categorie_menage(menage, JOUR)
    assert menage.nb_personnes is not None
    assert rang(menage) - menage.nb_personnes in (0, 1)
    assert resultat.valeur.numero <= 6
    assert resultat.code in ("certaine", "au_moins")


@given(menages())
def test_apprendre_un_fait_ne_fait_jamais_baisser_la_categorie(menage: Menage) -> None:
    """« au moins » keeps its word: whatever the unknown handicap is, the category is not below."""
    if menage.handicap is None:
        for handicap in (True, False):
            appris = Menage(**{**vars(menage), "handicap": handicap})
            assert rang(appris) >= rang(menage)
            if categorie_menage(menage, JOUR).code == "certaine":
                assert rang(appris) == rang(menage)


@given(menages())
def test_le_handicap_fait_monter_ou_ne_change_rien(menage: Menage) -> None:
    """With a handicap a household is exactly one rank above its number of persons."""
    assert menage.nb_personnes is not None
    assert rang(Menage(**{**vars(menage), "handicap": True})) == menage.nb_personnes + 1


@given(PERSONNES, st.integers(0, 15))
def test_une_personne_de_plus_ajoute_une_unite_entre_un_tiers_et_un_demi(adultes: int, enfants: int) -> None:
    """Half a unit for an adult, three tenths for a child."""
    base = unites_consommation(adultes, enfants, JOUR).valeur
    assert unites_consommation(adultes + 1, enfants, JOUR).valeur - base == Fraction(1, 2)
    assert unites_consommation(adultes, enfants + 1, JOUR).valeur - base == Fraction(3, 10)


@given(MONTANTS, st.none() | MONTANTS, st.none() | MONTANTS, st.none() | MONTANTS)
def test_les_ressources_retenues_ne_depassent_jamais_celles_de_n_2(
    n_2: int, n_1: int | None, douze_mois: int | None, ehpad: int | None
) -> None:
    """And are never below zero; a drop under 10 % changes nothing."""
    retenues = ressources_retenues(n_2, n_1, douze_mois, ehpad, JOUR).valeur
    assert 0 <= retenues <= n_2
    presque = n_2 * 9 // 10 + 1
    if presque < n_2:
        assert ressources_retenues(n_2, presque, None, None, JOUR).valeur == n_2


@given(st.fractions(0, 200), PERSONNES)
def test_plus_de_monde_n_enleve_jamais_une_sur_occupation(surface: Fraction, personnes: int) -> None:
    """Nor does a larger dwelling create one; beyond eight persons nothing changes."""
    suroccupe = sur_occupation(surface, personnes, JOUR).valeur
    assert suroccupe <= sur_occupation(surface, personnes + 1, JOUR).valeur
    assert suroccupe >= sur_occupation(surface + 1, personnes, JOUR).valeur
    assert sur_occupation(surface, 8, JOUR).valeur == sur_occupation(surface, 8 + personnes, JOUR).valeur


@given(st.integers(1, 9), PERSONNES)
def test_un_logement_sous_occupe_le_reste_avec_une_piece_de_plus(pieces: int, personnes: int) -> None:
    """And is not any more once as many persons as pièces live there."""
    sous_occupe = sous_occupation(pieces, personnes, JOUR).valeur
    assert sous_occupe <= sous_occupation(pieces + 1, personnes, JOUR).valeur
    assert not sous_occupation(pieces, pieces, JOUR).valeur
    assert sous_occupe == (pieces >= personnes + 2)


@given(st.integers(1, 9), PERSONNES)
def test_la_table_livree_propose_toujours_quelque_chose(pieces: int, personnes: int) -> None:
    """Too small, fitting, too large, in this order of pièces."""
    ordre = ("trop_petit", "adapte", "trop_grand")
    code = typologie_adequate(pieces, personnes, None).code
    assert ordre.index(code) <= ordre.index(typologie_adequate(pieces + 1, personnes, None).code)


@given(MONTANTS, MONTANTS, MONTANTS, st.integers(1, 10_000_000))
def test_effort_et_reste_a_vivre_se_repondent(loyer: int, charges: int, aide: int, ressources: int) -> None:
    """What is left is the resources times one minus the effort, for one unit."""
    depense = Depense(loyer, charges, aide)
    effort = taux_effort(depense, ressources).valeur
    assert effort >= 0
    assert reste_a_vivre(depense, ressources, Fraction(1)).valeur == ressources * (1 - effort)


@given(st.fractions(0, 10**7), st.integers(1, 10**7))
def test_le_quartile_est_strict(ressources: Fraction, seuil: int) -> None:
    """The threshold itself is out."""
    assert premier_quartile(ressources, seuil).valeur == (ressources < seuil)
    assert premier_quartile(Fraction(seuil), seuil).valeur is False


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.integers(0, 4000))
def test_l_anciennete_croit_d_un_mois_au_plus_par_jour(depot: date, jours: int) -> None:
    """It never goes back, and twelve months make a year."""
    hier = anciennete_mois(depot, depot + timedelta(days=jours)).valeur
    demain = anciennete_mois(depot, depot + timedelta(days=jours + 1)).valeur
    assert 0 <= demain - hier <= 1
    if (depot.month, depot.day) != (2, 29):
        assert anciennete_mois(depot, depot.replace(year=depot.year + 3)).valeur == 36


@given(st.dictionaries(st.sampled_from(["handicap", "sortie_act", "menace_expulsion"]), PEUT_ETRE))
def test_une_lettre_n_est_jamais_reconnue_et_inconnue(situation: dict[str, bool | None]) -> None:
    """And learning that a fact is false never recognises a letter."""
    publics = publics_l441_1(situation, None, ()).valeur
    assert not set(publics.reconnus) & set(publics.inconnus)
    faux = publics_l441_1(dict.fromkeys(situation, False), None, ()).valeur
    assert faux.reconnus == ()


def test_les_statuts_et_les_motifs_sont_ceux_du_sne() -> None:
    """Every status of the published list has its line, and no other; the motifs are numbers of the list."""
    import json

    chemin = Path(__file__).parents[3] / "shared/donnees/formats/sne_codes_v0201.json"
    if not chemin.exists():
        pytest.skip("no ../shared")
    listes = json.loads(chemin.read_text("utf-8"))["listes"]
    table = bareme("publics_l441_1")
    assert set(table["statuts"]) - {"texte"} == set(listes["ListeModeleLogement"])
    assert set(table["motifs"]) - {"texte"} <= set(listes["ListeMotifDemande"])


def test_les_quatorze_tetes_du_l441_1() -> None:
    """Letters a to m and g bis, in the order of the text."""
    assert list(bareme("publics_l441_1")["lettres"]) == [
        *("a", "b", "c", "d", "e", "f", "g", "gbis", "h", "i", "j", "k", "l", "m")
    ]


def test_les_faits_des_statuts_et_des_motifs_servent_une_lettre() -> None:
    """A status or a motif that gives a fact no letter reads would be a slip."""
    chemin = Path(__file__).parents[2] / "partiteur/regles/baremes/publics_l441_1.toml"
    table = tomllib.loads(chemin.read_text("utf-8"))
    lus = {fait for ligne in table["lettres"].values() for groupe in ligne["tous"] for fait in groupe}
    donnes = {
        fait
        for cle in ("statuts", "motifs")
        for code, faits in table[cle].items()
        if code != "texte"
        for fait in faits
    }
    assert donnes <= lus
