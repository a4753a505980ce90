"""What a rotation is made of, counted by hand for each definition of rotation.toml."""

from datetime import date
from fractions import Fraction

import poche
import pytest

from partiteur.moteur.execution import connexion, vue_table
from partiteur.moteur.millesime import TOUT, Territoire, vue
from partiteur.moteur.rotation import compter_par_annee, compter_rotation
from partiteur.regles.rotation import RotationImpossible, definition
from partiteur.regles.socle import bareme

D99, D98 = Territoire("departement", "99"), Territoire("departement", "98")
CADRE = ("pli", "etudiant", "plan_de_vente")
PARC = (
    {"numero_rpls": "F1", "lieu": "99001", "usage": "familial"},
    {"numero_rpls": "F2", "lieu": "99001", "identifiant_interne": "I2"},
    {"numero_rpls": "F3", "lieu": "99002"},
    {"numero_rpls": "F4", "lieu": "99003"},
    {"numero_rpls": "X5", "lieu": "98001"},
    {"numero_rpls": "E6", "lieu": "99001", "usage": "etudiant"},
    {"numero_rpls": "V7", "lieu": "99001", "en_vente": True},
    {"numero_rpls": "P8", "lieu": "99002", "financement": "16"},
    {"numero_rpls": "C9", "lieu": "99002", "usage": "chrs"},
)


def sortie(logement, jour, motif="conge", entree=None, **reste):
    return {
        "logement": logement, "date_liberation": jour, "motif": motif, "date_entree": entree, **reste
    }  # fmt: skip


LIBERATIONS = (
    sortie("F1", date(2023, 1, 1), entree=date(2023, 3, 1)),
    sortie("I2", date(2023, 12, 31), None, date(2024, 1, 15)),
    sortie("F3", date(2023, 6, 1), "mutation", date(2023, 7, 1)),
    sortie("F4", date(2023, 6, 2), "relogement_anru"),
    sortie("X5", date(2023, 6, 3)),
    sortie("E6", date(2023, 6, 4), entree=date(2023, 9, 1)),
    sortie("V7", date(2023, 6, 5), entree=date(2023, 9, 2)),
    sortie("P8", date(2023, 6, 6)),
    sortie("C9", date(2023, 6, 7)),
    sortie("absent", date(2023, 6, 8), commune="99001"),
    sortie("F1", date(2022, 12, 31), entree=date(2023, 1, 1)),
    sortie("F3", date(2021, 1, 1), entree=date(2021, 2, 1)),
    sortie("F3", date(2020, 12, 31), entree=date(2021, 1, 1)),
    sortie("F4", date(2024, 1, 1), entree=date(2024, 2, 1)),
    sortie("F4", None, entree=date(2023, 5, 5)),
    sortie("F1", None),
)
# definition: numerator in the département 99, dwellings at its denominator.
ATTENDUS = {
    "familial_hors_mutations": (Fraction(4), 5),  # F1 I2 V7 P8 ; F1 F2 F3 F4 P8
    "familial_mutations_incluses": (Fraction(5), 5),  # and F3
    "liberations_12_mois": (Fraction(5), 5),  # F1 I2 F3 F4 C9 ; F1 F2 F3 F4 C9
    "departs_1_an": (Fraction(5), 5),
    "departs_3_ans": (Fraction(7), 5),  # and F1 of 2022, F3 of 2021
    "entrees_1_an": (Fraction(4), 5),  # F1 twice, F3, F4 without departure
    "entrees_3_ans": (Fraction(6), 5),  # and F3 twice in 2021
    "moyenne_1_an": (Fraction(9, 2), 5),
    "moyenne_3_ans": (Fraction(13, 2), 5),
    "rotation_commune_epci": (Fraction(5), 5),
}


@pytest.fixture
def con():
    connectee = connexion()
    vue(connectee, poche.parc(*PARC), TOUT)
    vue_table(connectee, "liberations", poche.liberations(*LIBERATIONS))
    return connectee


def compter(con, code, cadre=CADRE, exercice=2024, date_parc=date(2023, 12, 31)):
    return compter_rotation(con, definition(code, cadre), exercice, date_parc)


def test_chaque_definition_du_bareme_est_comptee_ici():
    connues = {code for code, ligne in bareme("rotation").items() if isinstance(ligne, dict)}
    assert connues == {*ATTENDUS, "emmenagements_rpls"}


@pytest.mark.parametrize("code", ATTENDUS)
def test_chaque_definition(con, code):
    numerateur, denominateur = ATTENDUS[code]
    rotation = compter(con, code).rotation(D99)
    assert (rotation.taux, rotation.numerateur, rotation.denominateur) == (None, numerateur, denominateur)


def test_une_rotation_par_territoire(con):
    comptage = compter(con, "departs_1_an")
    comptes = {
        lieu: (comptage.rotation(lieu).numerateur, comptage.rotation(lieu).denominateur)
        for lieu in (
            D98,
            Territoire("epci", "999000011"),
            Territoire("commune", "99002"),
            Territoire("commune", "97000"),
        )
    }
    assert comptes == {
        D98: (1, 1),
        Territoire("epci", "999000011"): (4, 4),
        Territoire("commune", "99002"): (2, 2),
        Territoire("commune", "97000"): (0, 0),
    }


def test_un_logement_absent_du_parc_ne_compte_que_dans_sa_commune(con):
    comptage = compter(con, "departs_1_an")
    # F1, I2, and the dwelling sold since, which no EPCI nor département of the parc holds.
    assert comptage.rotation(Territoire("commune", "99001")).numerateur == 3


def test_la_commune_du_parc_l_emporte_sur_celle_de_la_liberation():
    con = connexion()
    vue(con, poche.parc({"numero_rpls": "1", "lieu": "99001"}), TOUT)
    vue_table(con, "liberations", poche.liberations(sortie("1", date(2023, 2, 1), commune="98001")))
    comptage = compter(con, "departs_1_an")
    assert comptage.rotation(Territoire("commune", "99001")).numerateur == 1
    assert comptage.rotation(Territoire("commune", "98001")).numerateur == 0


def test_une_definition_d_assiette_suit_les_motifs_du_cadre(con):
    assert compter(con, "departs_1_an", cadre=()).rotation(D99) == compter(
        con, "departs_1_an", cadre=("residence_sociale",)
    ).rotation(D99)
    tout = compter(con, "departs_1_an", cadre=()).rotation(D99)
    assert (tout.numerateur, tout.denominateur) == (8, 8)


def test_les_douze_mois_glissent_avec_la_date_du_parc(con):
    rotation = compter(con, "liberations_12_mois", date_parc=date(2023, 6, 2)).rotation(D99)
    # from 3 June 2022 to 2 June 2023 included: F1 twice, F3, F4
    assert rotation.numerateur == 4
    with pytest.raises(RotationImpossible, match="ajoutez « date » à"):
        compter(con, "liberations_12_mois", date_parc=None)


def test_sans_liberation_le_numerateur_est_nul_et_le_denominateur_reste():
    con = connexion()
    vue(con, poche.parc(*PARC), TOUT)
    vue_table(con, "liberations", poche.liberations())
    rotation = compter(con, "moyenne_1_an").rotation(D99)
    assert (rotation.numerateur, rotation.denominateur) == (0, 5)


def test_emmenagements_lus_dans_le_rpls():
    loge = {"lieu": "99001", "mode": "1", "annee_mise_en_location": 1990}
    con = connexion()
    parc = poche.parc(
        {**loge, "date_bail": date(2023, 1, 1)},  # moved in
        {**loge, "date_bail": date(2024, 1, 1)},  # moved in since
        {**loge, "date_bail": date(2022, 12, 1)},
        loge,  # let, but no lease known: neither
        {**loge, "mode": "2"},
        {**loge, "mode": "3"},  # empty, neither
        {**loge, "mode": None},
        {**loge, "annee_mise_en_location": 2023, "date_bail": date(2023, 5, 1)},  # new dwelling
        {**loge, "annee_mise_en_location": None, "date_bail": date(2023, 5, 1)},
        {**loge, "date_bail": date(2023, 1, 1), "financement": "16"},  # excluded
        {**loge, "lieu": "98001", "date_bail": date(2023, 1, 1)},
    )
    vue(con, parc, TOUT)
    comptage = compter(con, "emmenagements_rpls")
    rotation = comptage.rotation(D99)
    assert (rotation.numerateur, rotation.denominateur) == (2, 4)
    autre = comptage.rotation(D98)
    assert (autre.numerateur, autre.denominateur) == (1, 1)


def test_les_mutations_constatees_par_annee(con):
    assert compter_par_annee(con, [2021, 2022, 2023], D99, motif="mutation") == {2021: 0, 2022: 0, 2023: 1}
    assert compter_par_annee(con, [2023], D98, motif="mutation") == {2023: 0}
    epci = Territoire("epci", "999000011")
    assert compter_par_annee(con, [2023], epci, motif="mutation") == {2023: 1}


def test_les_baux_signes_par_annee_sont_les_entrees(con):
    # 2023: F1 twice, F3, E6, V7, F4 ; 2021: F3 twice
    assert compter_par_annee(con, range(2021, 2025), D99, motif=None) == {2021: 2, 2022: 0, 2023: 6, 2024: 2}
    assert compter_par_annee(con, [2023], Territoire("commune", "99002"), motif=None) == {2023: 1}
