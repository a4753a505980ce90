"""Délais: how they are written and read, what a cadre gives, and properties over the calendar."""

from datetime import date, timedelta

import pytest
from constructeur import cadre_livre
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.delais import (
    Delai,
    DelaiIllisible,
    Delais,
    Departs,
    delais_du_cadre,
    echeance,
    limites,
    lire_delai,
    rebours,
)
from partiteur.regles.vacance import Limites

JOURS = st.dates(date(2018, 1, 1), date(2040, 12, 31))
NOMBRES = st.integers(0, 40)


@given(JOURS, NOMBRES, st.frozensets(JOURS, max_size=20))
def test_les_jours_ouvres_se_comptent_un_a_un(depart: date, nombre: int, feries: frozenset[date]) -> None:
    """Between the start, left out, and the term, there are as many open days as asked; the term is one of them."""
    terme = echeance(depart, Delai(nombre, "ouvres"), feries).valeur
    jours = [depart + timedelta(days=n) for n in range(1, (terme - depart).days + 1)]
    ouverts = [jour for jour in jours if jour.weekday() < 5 and jour not in feries]
    assert len(ouverts) == nombre
    assert not nombre or ouverts[-1] == terme


@given(JOURS, NOMBRES)
def test_un_mois_est_de_quantieme_a_quantieme(depart: date, nombre: int) -> None:
    """Same day of the month, or the last of a shorter one; the month is the right one."""
    terme = echeance(depart, Delai(nombre, "mois")).valeur
    assert terme.year * 12 + terme.month == depart.year * 12 + depart.month + nombre
    assert terme.day == depart.day or (terme.day < depart.day and (terme + timedelta(days=1)).day == 1)


@given(JOURS, st.integers(1, 40), st.sampled_from(["ouvres", "calendaires", "mois"]))
def test_plus_tard_parti_plus_tard_fini(depart: date, nombre: int, unite: str) -> None:
    """And one unit more ends later; counting back goes the other way."""
    delai = Delai(nombre, unite)
    terme = echeance(depart, delai).valeur
    assert terme <= echeance(depart + timedelta(days=1), delai).valeur
    assert terme < echeance(depart, Delai(nombre + 1, unite)).valeur
    assert rebours(depart, delai).valeur < depart < terme


@given(st.integers(0, 400), st.sampled_from(["ouvres", "calendaires", "mois"]))
def test_un_delai_ecrit_se_relit(nombre: int, unite: str) -> None:
    """« 1 jour ouvré », « 5 jours ouvrés »."""
    assert lire_delai(str(Delai(nombre, unite))) == Delai(nombre, unite)


@pytest.mark.parametrize("texte", ["", "5", "cinq jours", "5 jours", "5 semaines", "jours ouvrés"])
def test_un_delai_illisible_se_dit(texte: str) -> None:
    """A unit is never presumed."""
    with pytest.raises(DelaiIllisible, match="n'est pas un délai : écrivez par exemple « 5 jours ouvrés »"):
        lire_delai(texte)


def test_les_delais_d_un_cadre() -> None:
    """Those of Occitanie, and what a convention says of the validation over those of PACA."""
    lus = delais_du_cadre(cadre_livre("occitanie-2023"))
    assert lus.depart == "envoi"
    assert lus.reponse == Delai(5, "ouvres")
    assert lus.designation == {
        "preavis_1_mois": Delai(10, "calendaires"),
        "preavis_3_mois": Delai(1, "mois"),
        "neuf": Delai(1, "mois"),
    }
    assert lus.validation is None
    propre = delais_du_cadre(cadre_livre("paca-2024"), {"validation": {"delai": 3, "unite": "ouvres"}})
    assert (propre.validation, propre.silence) == (Delai(3, "ouvres"), "ne_vaut_pas")
    assert delais_du_cadre(cadre_livre("droit-commun"), {}) == Delais()


def test_les_limites_d_une_mise_a_disposition() -> None:
    """Example 7 of the reference: sent on Friday 26 April 2024 with a month's notice."""
    lus = delais_du_cadre(cadre_livre("occitanie-2023"))
    departs = Departs(envoi=date(2024, 4, 26))
    feries = frozenset({date(2024, 5, 1)})
    jour = date(2024, 4, 26)
    assert limites(departs, lus, "preavis_1_mois", False, jour, feries) == Limites(
        date(2024, 5, 6), date(2024, 5, 6)
    )
    assert limites(departs, lus, None, None, jour) == Limites(date(2024, 5, 3), None)
    assert limites(Departs(), lus, "neuf", True, jour) == Limites()
    silence = delais_du_cadre(cadre_livre("paca-2024"), {"validation": {"silence": "vaut_validation"}})
    informe = Departs(information=date(2024, 4, 26))
    assert limites(informe, silence, None, None, jour).silence == date(2024, 5, 1)
    assert limites(informe, delais_du_cadre(cadre_livre("paca-2024")), None, None, jour).silence is None
    recu = Departs(reception=date(2024, 4, 26))
    assert limites(recu, Delais(), None, True, jour) == Limites(None, date(2024, 5, 26))
