"""The register against a parc: identified dwellings, numbers in a programme, and what does not fit."""

from datetime import date

import poche
import pytest

from partiteur.moteur.droits import poser, registre_au
from partiteur.moteur.etats import compter_droits, etat_des_lieux
from partiteur.moteur.execution import connexion, executer
from partiteur.moteur.millesime import TOUT, vue

FIN_2023 = date(2023, 12, 31)


def etat(parc, axes, *droits, a_la_date=FIN_2023):
    return etat_des_lieux([parc], axes, registre_au(poche.droits(*droits), a_la_date))


def codes(resultat):
    return [a.code for a in resultat.avertissements]


def test_un_logement_identifie_par_l_un_ou_l_autre_numero():
    parc = poche.parc(
        {"numero_rpls": "1", "identifiant_interne": "A1", "qpv": True},
        {"numero_rpls": "2", "identifiant_interne": "A2", "qpv": False},
        {"identifiant_interne": "A3"},
        {},
    )
    resultat = etat(
        parc,
        ["qpv", "reservataire"],
        {"logement": "1", "reservataire": "etat"},
        {"logement": "A2", "reservataire": "ville"},
        {"logement": "A3", "reservataire": "ville"},
    )
    assert resultat.lignes == (
        (False, "ville", 1),
        (True, "etat", 1),
        (None, "non_reserve", 1),
        (None, "ville", 1),
    )
    assert resultat.avertissements == ()


def test_un_logement_n_a_qu_un_droit_le_premier():
    parc = poche.parc({"numero_rpls": "1", "identifiant_interne": "A1"})
    resultat = etat(
        parc,
        ["reservataire"],
        {"logement": "A1", "reservataire": "etat"},
        {"logement": "1", "reservataire": "ville"},
    )
    assert resultat.lignes == (("etat", 1),)


def test_un_numero_partage_est_celui_du_premier_du_fichier():
    parc = poche.parc({"identifiant_interne": "A", "qpv": True}, {"identifiant_interne": "A", "qpv": False})
    resultat = etat(parc, ["qpv", "reservataire"], {"logement": "A", "reservataire": "etat"})
    assert resultat.lignes == ((False, "non_reserve", 1), (True, "etat", 1))


def test_un_nombre_dans_un_programme_homogene_garde_ses_axes():
    parc = poche.parc(*[{"programme": "P", "qpv": True, "lieu": "99001"}] * 5)
    resultat = etat(
        parc,
        ["commune", "qpv", "reservataire"],
        {"programme": "P", "reservataire": "etat", "nombre": 2},
        {"programme": "P", "reservataire": "ville", "nombre": 1},
    )
    assert resultat.lignes == (
        ("99001", True, "etat", 2),
        ("99001", True, "non_reserve", 2),
        ("99001", True, "ville", 1),
    )


def test_un_nombre_dans_un_programme_mixte_perd_l_axe_qui_varie():
    parc = poche.parc(
        {"programme": "P", "qpv": True, "typologie": "T2"},
        {"programme": "P", "qpv": True, "typologie": "T3"},
        {"programme": "P", "qpv": True},
        {"programme": "Q", "qpv": False, "typologie": "T2"},
    )
    resultat = etat(
        parc, ["qpv", "typologie", "reservataire"], {"programme": "P", "reservataire": "etat", "nombre": 2}
    )
    assert resultat.lignes == (
        (False, "T2", "non_reserve", 1),
        (True, None, "etat", 2),
        (True, None, "non_reserve", 1),
    )


def test_un_seul_inconnu_suffit_a_rendre_l_axe_inconnu():
    parc = poche.parc({"programme": "P", "qpv": True}, {"programme": "P"})
    resultat = etat(parc, ["qpv", "reservataire"], {"programme": "P", "reservataire": "etat"})
    assert resultat.lignes == ((None, "etat", 1), (None, "non_reserve", 1))


def test_les_identifies_sortent_du_programme_avant_les_nombres():
    parc = poche.parc(
        {"programme": "P", "numero_rpls": "1", "qpv": True},
        {"programme": "P", "numero_rpls": "2", "qpv": False},
        {"programme": "P", "numero_rpls": "3", "qpv": False},
    )
    resultat = etat(
        parc,
        ["qpv", "reservataire"],
        {"programme": "P", "reservataire": "ville", "nombre": 2},
        {"logement": "1", "programme": "P", "reservataire": "etat"},
    )
    assert resultat.lignes == ((False, "ville", 2), (True, "etat", 1))
    assert resultat.avertissements == ()


def test_trop_de_droits_dans_un_programme_sont_bornes_et_dits():
    parc = poche.parc(*[{"programme": "P"}] * 3)
    resultat = etat(
        parc,
        ["reservataire"],
        {"programme": "P", "reservataire": "etat", "nombre": 2},
        {"programme": "P", "reservataire": "ville", "nombre": 4},
        {"programme": "P", "reservataire": "region", "nombre": 1},
    )
    assert resultat.lignes == (("etat", 2), ("ville", 1))
    assert codes(resultat) == ["droits_superieurs_programme"]
    assert (
        "Programme P : plus de droits en nombre (7) que de logements libres (3)"
        in resultat.avertissements[0].message
    )


def test_un_identifie_ne_laisse_pas_son_logement_aux_nombres():
    resultat = etat(
        poche.parc({"numero_rpls": "1", "programme": "P"}, {"programme": "P"}),
        ["reservataire"],
        {"logement": "1", "reservataire": "etat"},
        {"programme": "P", "reservataire": "ville", "nombre": 2},
    )
    assert resultat.lignes == (("etat", 1), ("ville", 1))
    assert "(2) que de logements libres (1)" in resultat.avertissements[0].message


def test_un_programme_tout_identifie_n_a_plus_rien_pour_un_nombre():
    """Its rights in number are too many; they are not outside of what is counted."""
    resultat = etat(
        poche.parc({"numero_rpls": "1", "programme": "P"}),
        ["reservataire"],
        {"logement": "1", "reservataire": "etat"},
        {"programme": "P", "reservataire": "ville"},
    )
    assert resultat.lignes == (("etat", 1),)
    assert codes(resultat) == ["droits_superieurs_programme"]
    assert "(1) que de logements libres (0)" in resultat.avertissements[0].message


def test_les_droits_sans_logement_sont_comptes_et_dits():
    resultat = etat(
        poche.parc({"numero_rpls": "1", "programme": "P"}),
        ["reservataire"],
        {"logement": "inconnu", "reservataire": "etat"},
        {"programme": "ailleurs", "reservataire": "ville", "nombre": 4},
    )
    assert resultat.lignes == (("non_reserve", 1),)
    assert codes(resultat) == ["droits_sans_logement"]
    assert resultat.avertissements[0].message.endswith("absent du parc : 5, non comptés.")


@pytest.mark.parametrize(
    ("droit", "code"),
    [
        ({"fin": date(2023, 12, 30)}, "expire"),
        ({"debut": date(2024, 1, 1)}, "pas_encore_ouvert"),
        ({"statut": "non_mobilise"}, "non_mobilise"),
        ({"nature": "unique"}, "unique"),
        ({"nature": "un_tour"}, "un_tour"),
    ],
)
def test_un_droit_qui_ne_compte_pas_est_compte_a_part(droit, code):
    parc = poche.parc(*[{"programme": "P"}] * 3)
    lignes = {"programme": "P", "reservataire": "ville", "nombre": 2, **droit}
    registre = registre_au(poche.droits(lignes), FIN_2023)
    assert registre.comptes_a_part == {code: 2}
    assert etat_des_lieux([parc], ["reservataire"], registre).lignes == (("non_reserve", 3),)


@pytest.mark.parametrize(
    "droit", [{"fin": FIN_2023}, {"debut": FIN_2023}, {"nature": "suite"}, {"statut": "confirme"}]
)
def test_un_droit_en_vigueur_compte(droit):
    parc = poche.parc(*[{"programme": "P"}] * 3)
    resultat = etat(parc, ["reservataire"], {"programme": "P", "reservataire": "ville", "nombre": 2, **droit})
    assert resultat.lignes == (("non_reserve", 1), ("ville", 2))


def test_un_droit_cede_est_a_celui_qui_l_a_recu():
    parc = poche.parc({"numero_rpls": "1"}, {"programme": "P"})
    resultat = etat(
        parc,
        ["reservataire"],
        {"logement": "1", "reservataire": "etat", "cede_a": "ville"},
        {"programme": "P", "reservataire": "etat", "cede_a": "epci"},
    )
    assert resultat.lignes == (("epci", 1), ("ville", 1))


def test_les_contestes_se_comptent_a_part_mais_dans_le_total():
    con = connexion()
    vue(con, poche.parc({"numero_rpls": "1"}, *[{"programme": "P"}] * 4), TOUT)
    registre = registre_au(
        poche.droits(
            {"logement": "1", "reservataire": "ville", "statut": "conteste"},
            {"programme": "P", "reservataire": "ville", "nombre": 2},
            {"programme": "P", "reservataire": "ville", "nombre": 1, "statut": "conteste"},
        ),
        FIN_2023,
    )
    assert poser(con, registre, "parc") == ()
    lignes = compter_droits(con, ("reservataire", "conteste"), "parc")
    assert sorted(lignes) == [("non_reserve", False, 1), ("ville", False, 2), ("ville", True, 2)]


def test_hors_de_l_assiette_les_droits_sont_dits_autrement():
    con = connexion()
    parc = poche.parc(
        {"numero_rpls": "1", "programme": "PLI", "financement": "16"},
        {"numero_rpls": "2", "programme": "P", "financement": "13"},
    )
    vue(con, parc, TOUT)
    con.execute("create view assiette as select * from parc where motifs = ''")
    registre = registre_au(
        poche.droits(
            {"logement": "1", "reservataire": "etat"},
            {"programme": "PLI", "reservataire": "ville", "nombre": 3},
            {"programme": "P", "reservataire": "ville"},
            {"logement": "nulle part", "reservataire": "ville"},
        ),
        FIN_2023,
    )
    dits = poser(con, registre, "assiette")
    assert [(a.code, a.message.partition(" : ")[2].partition(",")[0]) for a in dits] == [
        ("droits_hors_assiette", "4"),
        ("droits_sans_logement", "1"),
    ]
    assert compter_droits(con, ("reservataire",), "assiette") == [("ville", 1)]


def test_reposer_un_registre_remplace_le_precedent():
    con = connexion()
    vue(con, poche.parc({"programme": "P"}), TOUT)
    for titulaire in ("etat", "ville"):
        poser(con, registre_au(poche.droits({"programme": "P", "reservataire": titulaire}), FIN_2023), "parc")
    assert executer(con, "select reservataire, nombre from nombres") == [("ville", 1)]
