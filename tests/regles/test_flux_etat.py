"""The State's account in a sheet: its caps and their dérogation, PNRU, article 5, délégations, the floor outside QPV."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from dossiers import AGENTS, ALS, CADRE, CD, CENT, PREFET, dossier, messages, refus

from partiteur.regles.faits import Article5, Delegation, Derogation, Etat, Perimetre, Pnru, Reservataire
from partiteur.regles.flux import flux
from partiteur.regles.socle import Avertissement


def test_un_depassement_sous_derogation_est_a_justifier_et_non_illegal() -> None:
    """The ordinary cap is passed by an arrêté in force."""
    derogation = Derogation("2022-9", date(2023, 1, 1), date(2023, 12, 31), Fraction(40, 100))
    etat = Etat(derogation=derogation)
    prefet = replace(PREFET, part=Fraction(35, 100))
    feuille = flux(dossier(prefet, perimetres=(CENT,), etat=etat, date_parc=date(2022, 12, 31)))
    assert feuille.reservataires[0].objectif == 35
    assert feuille.avertissements == (
        Avertissement(
            "plafond_etat",
            "a_justifier",
            "L'État a 35 % du flux, au-dessus du plafond ordinaire de 30 %, par dérogation du préfet.",
            "r441-5-2-plafond",
        ),
    )


def test_le_compte_de_l_etat_montre_ce_qu_il_rend_recoit_et_delegue() -> None:
    """PNRU, article 5, both readings of the floor, délégations without the agents."""
    etat = Etat(
        pnru=Pnru(Fraction(1, 100)),
        article5=(Article5("ville", "2023-9", date(2023, 1, 1), 10),),
        delegations=(Delegation("agglo", "A", date(2020, 1, 1)),),
        assiette_hors_qpv=800,
    )
    prefet = replace(PREFET, part=Fraction(20, 100))
    feuille = flux(dossier(prefet, AGENTS, ALS, perimetres=(CENT, Perimetre("A", "commune", 200)), etat=etat))
    assert feuille.etat.exact == 25
    assert feuille.etat.pnru == 1
    assert feuille.etat.article5 == {"ville": 1}
    assert feuille.etat.hors_qpv == {"taux": Fraction(1, 4), "repartition": Fraction(4, 5)}
    assert feuille.etat.delegations == (("agglo", "A", Fraction(4)),)
    assert [r.objectif for r in feuille.reservataires] == [20, 5, 26]
    assert messages(feuille)["plancher_etat_hors_qpv"] == (
        "Hors QPV, l'État est à 25 %, au-dessous de 30 % (lecture « taux »), sauf stipulation contraire de la convention."
    )


def test_un_dossier_sans_etat_n_a_pas_de_plancher() -> None:
    """What is not in the dossier is not judged."""
    feuille = flux(dossier(CD, perimetres=(CENT,)))
    assert feuille.etat.hors_qpv is None
    assert feuille.etat.exact == 0


def test_un_flux_nul_n_empeche_pas_le_compte_de_l_etat() -> None:
    """No division by zero, nothing delegated."""
    etat = Etat(delegations=(Delegation("agglo", "99", date(2020, 1, 1)),))
    feuille = flux(dossier(PREFET, perimetres=(replace(CENT, soustraits={"mutations": 100}),), etat=etat))
    assert feuille.etat.delegations == (("agglo", "99", Fraction(0)),)
    assert [r.objectif for r in feuille.reservataires] == [0]


def test_une_delegation_sur_un_perimetre_absent_est_refusee() -> None:
    """Its flux would be unknown."""
    etat = Etat(delegations=(Delegation("agglo", "E", date(2020, 1, 1)),))
    assert refus(PREFET, perimetres=(CENT,), etat=etat) == (
        "Délégation : le périmètre « E » n'est pas défini sous [[perimetres]]."
    )


@pytest.mark.parametrize("presents", [(PREFET,), (ALS,), ()])
def test_le_pnru_demande_l_etat_et_action_logement(presents: tuple[Reservataire, ...]) -> None:
    """One gives, the other receives."""
    etat = Etat(pnru=Pnru(Fraction(1, 100)))
    assert refus(*presents, perimetres=(CENT,), etat=etat) == (
        "PNRU : le dossier nomme l'État (prioritaires) et Action Logement, ou pas de rétrocession."
    )


def test_l_article_5_demande_un_taux() -> None:
    """A volume that is a mean of leases has none."""
    etat = Etat(article5=(Article5("ville", "2023-9", date(2023, 1, 1), 10),))
    cadre = replace(CADRE, volume="moyenne_baux")
    perimetre = replace(CENT, baux={2022: 50})
    assert refus(PREFET, perimetres=(perimetre,), etat=etat, cadre=cadre) == (
        "Article 5 : le flux des logements en stock demande un taux de rotation."
    )


def test_une_decision_de_l_article_5_posterieure_a_l_exercice_ne_change_rien() -> None:
    """The réservataire keeps its part until the decision."""
    etat = Etat(article5=(Article5("cd", "2024-1", date(2024, 1, 1), 500),))
    feuille = flux(dossier(PREFET, CD, perimetres=(CENT,), etat=etat))
    assert feuille.etat.article5 == {}
    assert [r.objectif for r in feuille.reservataires] == [30, 20]


def test_un_supplement_en_sus_du_plafond_ne_leve_que_les_plafonds_de_l_etat() -> None:
    """The cap of the guarantors stays what it was."""
    article5 = (Article5("x", "2023-9", date(2023, 1, 1), 100, dans_le_plafond=False),)
    ville = Reservataire("ville", "commune", part=Fraction(1, 2), contrepartie="garantie", perimetres=("A",))
    perimetres = (CENT, Perimetre("A", "commune", 100))
    feuille = flux(dossier(PREFET, ville, perimetres=perimetres, etat=Etat(article5=article5)))
    assert [r.objectif for r in feuille.reservataires] == [40, 2]
