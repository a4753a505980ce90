"""From one year to the next: what is carried conserves dwellings, and a small share is served at its own rhythm."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from dossiers import CD, CENT, TERRITOIRE, dossier, dossiers
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from partiteur.regles.faits import Dossier, Perimetre, Reservataire, Solde
from partiteur.regles.flux import flux
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.repartition import Borne, plus_forts_restes

SIGNES = st.fractions(min_value=-20, max_value=60, max_denominator=30)


def annees(depart: Dossier, combien: int) -> list[Flux]:
    """The same dossier year after year, each year's fractions given to the next; cut short by an unpublished year."""
    feuilles: list[Flux] = []
    courant = depart
    for _ in range(combien):
        feuille = flux(courant)
        feuilles.append(feuille)
        if feuille.non_reserve.reste_a_reporter is None:
            break
        courant = suivant(courant, feuille)
    return feuilles


def suivant(avant: Dossier, feuille: Flux) -> Dossier:
    """Next year's dossier: what was not served is carried, the non-réservé's included; balances are settled."""
    restes = {p.code: p.reste_a_reporter or Fraction(0) for p in feuille.reservataires}
    reservataires = tuple(replace(r, report=restes[r.code], solde=None) for r in avant.reservataires)
    libre = feuille.non_reserve.reste_a_reporter or Fraction(0)
    return replace(avant, reservataires=reservataires, report_non_reserve=libre)


def reste(feuille: Flux) -> Fraction:
    """All that a year leaves to the next."""
    parts = (*feuille.reservataires, feuille.non_reserve)
    return sum((p.reste_a_reporter or Fraction(0) for p in parts), Fraction(0))


def servis(feuilles: list[Flux], code: str) -> list[int]:
    """The whole dwellings of a réservataire, year by year."""
    return [p.objectif or 0 for f in feuilles for p in (*f.reservataires, f.non_reserve) if p.code == code]


@settings(max_examples=40, deadline=None)
@given(dossiers(maximum=30))
def test_dix_ans_de_reports_conservent_les_logements(depart: Dossier) -> None:
    """What ten years served, and the fractions left, are the ten exact flux: no dwelling is made, none is lost."""
    feuilles = annees(depart, 10)
    assume(feuilles[-1].non_reserve.reste_a_reporter is not None)
    assert len(feuilles) == 10
    objectifs = sum(sum(servis([f], p.code)) for f in feuilles for p in (*f.reservataires, f.non_reserve))
    assert objectifs + reste(feuilles[-1]) == sum((f.territoire.exact for f in feuilles), Fraction(0))
    for feuille in feuilles:
        assert all(n >= 0 for p in feuille.reservataires for n in servis([feuille], p.code))
        assert all(-1 < (p.reste_a_reporter or Fraction(0)) < 1 for p in feuille.reservataires)
        assert 0 <= reste(feuille) < 1
        assert not {a.code for a in feuille.avertissements} & {"objectif_superieur_capacite"}


@settings(max_examples=40, deadline=None)
@given(dossiers(maximum=30))
def test_dix_ans_de_reports_ne_font_passer_aucun_plafond(depart: Dossier) -> None:
    """A fraction carried is served under the cap of its year, never above."""
    for feuille in annees(depart, 10):
        etat = [p for p in feuille.reservataires if p.type in ("etat_prioritaires", "etat_fonctionnaires")]
        assert sum(p.objectif or 0 for p in etat) <= floor(feuille.territoire.exact * Fraction(30, 100))


@pytest.mark.parametrize("parc", [17, 34])
def test_une_commune_a_0_17_logement_par_an_est_servie_un_an_sur_six_environ(parc: int) -> None:
    """Sixty years at 0.17, then at 0.34: ten dwellings, then twenty, evenly spread (D4)."""
    ville = Reservataire("ville", "commune", part=Fraction(1, 10), perimetres=("A",))
    depart = dossier(ville, CD, perimetres=(CENT, Perimetre("A", "commune", parc)))
    feuilles = annees(depart, 60)
    servie = [annee for annee, n in enumerate(servis(feuilles, "ville")) if n]
    attendue = Fraction(parc, 100)
    assert feuilles[0].reservataires[0].exact == attendue
    assert feuilles[0].reservataires[0].tous_les_ans == round(1 / attendue)
    assert set(servis(feuilles, "ville")) == {0, 1}
    assert abs(len(servie) - 60 * attendue) < 1
    ecarts = {apres - avant for avant, apres in pairwise(servie)}
    assert ecarts <= {floor(1 / attendue), floor(1 / attendue) + 1}


def test_tout_le_flux_reserve_se_reporte_sans_manquer_de_capacite() -> None:
    """Without any non-réservé, fractions go from one réservataire to another: nobody asks for more than there is."""
    region = Reservataire("region", "region", part=Fraction(17, 10000))
    als = Reservataire("als", "action_logement", part=Fraction(9983, 10000))
    feuilles = annees(dossier(region, als, perimetres=(CENT,)), 60)
    assert {a.code for f in feuilles for a in f.avertissements} == {"date_parc_inconnue"}
    assert sum(servis(feuilles, "region")) == 10
    assert sum(servis(feuilles, "als")) == 5990
    assert set(servis(feuilles, "non_reserve")) == {0}


def test_un_flux_qui_change_chaque_annee_conserve_aussi() -> None:
    """The rate moves, the fractions follow."""
    courant = dossier(CD, Reservataire("region", "region", part=Fraction(1, 70)))
    objectifs, exacts = 0, Fraction(0)
    for annee in range(10):
        taux = replace(TERRITOIRE, parc=1009 + 37 * annee)
        feuille = flux(replace(courant, perimetres=(taux,)))
        objectifs += feuille.a_repartir
        exacts += feuille.territoire.exact
        courant = suivant(courant, feuille)
    assert objectifs + reste(feuille) == exacts


def test_un_solde_plus_grand_que_la_part_se_retire_en_plusieurs_annees() -> None:
    """Ten a year, 25 served in excess: nothing, nothing, five, then ten again."""
    region = Reservataire("region", "region", part=Fraction(1, 100), solde=Solde(35, 10, "reporte"))
    feuilles = annees(dossier(region), 4)
    assert servis(feuilles, "region") == [0, 0, 5, 10]
    assert sum(servis(feuilles, "non_reserve")) == 4 * 990 + 25


@given(
    st.dictionaries(st.text("abcdef", min_size=1, max_size=2), SIGNES, min_size=1, max_size=7),
    st.fractions(min_value=0, max_value=1, max_denominator=10),
    st.data(),
)
def test_avec_des_nombres_negatifs_et_des_plafonds_le_total_est_tenu(
    exacts: dict[str, Fraction], echelle: Fraction, data: st.DataObject
) -> None:
    """Numbers below zero are served zero, what is given too much is taken back: the total, no cap passed."""
    groupe = data.draw(st.lists(st.sampled_from(sorted(exacts)), unique=True))
    positifs = sum((max(exacts[c], Fraction(0)) for c in groupe), Fraction(0))
    borne = Borne(tuple(groupe), echelle * positifs)
    exacts = {**exacts, "~reste": data.draw(SIGNES)}
    total = floor(sum(exacts.values(), Fraction(0)))
    assume(total >= 0)
    entiers = plus_forts_restes(exacts, total, [borne], "~reste").valeur
    assert sum(entiers.values()) == total
    assert all(n >= 0 for n in entiers.values())
    assert sum(entiers[c] for c in groupe) <= floor(borne.limite)


def test_les_etapes_nomment_le_non_reserve_comme_on_le_lit() -> None:
    """No internal code on the sheet."""
    ponderes = [
        Reservataire(
            "als", "action_logement", methode="rotation_ponderee", reserves=100, taux=Fraction(1, 10)
        ),
        Reservataire("cd", "departement", methode="rotation_ponderee", reserves=200, taux=Fraction(1, 20)),
    ]
    feuille = flux(dossier(*ponderes, perimetres=(CENT,), taux_non_reserve=Fraction(1, 20)))
    lignes = [f"{e.libelle} : {e.formule}" for e in feuille.etapes]
    assert not [ligne for ligne in lignes if "~" in ligne]
    assert "Part pondérée : non réservé : 700 × 5 % ÷ 55" in lignes
    assert "Nombres entiers : parties entières, puis un de plus pour le non réservé" in lignes
