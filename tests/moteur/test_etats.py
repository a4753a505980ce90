"""État des lieux: every group counted, unknown included, on parcs small enough to count by hand."""

from collections import Counter
from datetime import date

import poche
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partiteur.moteur.droits import Registre, registre_au
from partiteur.moteur.etats import AXES, AxeInconnu, RegistreDUnParc, etat_des_lieux, verifier_axes
from partiteur.regles.socle import bareme

NOEL = date(2023, 12, 25)
VIDE = Registre((), (), {})


def codes(etat):
    return [a.code for a in etat.avertissements]


def test_par_commune_et_qpv_les_inconnus_a_part():
    parc = poche.parc(
        {"lieu": "99001", "qpv": True},
        {"lieu": "99001", "qpv": True},
        {"lieu": "99001", "qpv": False},
        {"lieu": "99001"},
        {"lieu": "99002", "qpv": False},
        {"qpv": True},
        {},
    )
    etat = etat_des_lieux([parc], ["commune", "qpv"])
    assert etat.axes == ("commune", "qpv")
    assert etat.lignes == (
        ("99001", False, 1),
        ("99001", True, 2),
        ("99001", None, 1),
        ("99002", False, 1),
        (None, True, 1),
        (None, None, 1),
    )
    assert etat.total == 7
    assert etat.avertissements == ()


def test_les_fichiers_de_plusieurs_bailleurs_s_ajoutent():
    un = poche.parc({"lieu": "99001", "bailleur": "111111111"}, {"lieu": "99001", "bailleur": "111111111"})
    deux = poche.parc({"lieu": "99001", "bailleur": "222222222"}, {"lieu": "99003"})
    assert etat_des_lieux([un, deux], ["commune"]).lignes == (("99001", 3), ("99003", 1))
    assert etat_des_lieux([un, deux], ["bailleur", "commune"]).lignes == (
        ("111111111", "99001", 2),
        ("222222222", "99001", 1),
        (None, "99003", 1),
    )


def test_les_classes_sont_des_axes():
    parc = poche.parc(
        {"financement": "16", "typologie": "T8", "usage": "etudiant"},
        {"financement": "13", "typologie": "T6"},
        {"financement": "12", "famille_financement": "PLAI"},
    )
    etat = etat_des_lieux([parc], ["famille_financement", "typologie_groupe", "motifs"])
    assert etat.lignes == (("PLAI", None, "", 1), ("PLI", "T6+", "pli|etudiant", 1), ("PLUS", "T6+", "", 1))


def test_un_parc_vide_a_un_total_nul():
    etat = etat_des_lieux([poche.parc()], ["commune"])
    assert (etat.lignes, etat.total) == ((), 0)


def test_un_axe_demande_deux_fois_compte_une_fois():
    assert verifier_axes(["qpv", "commune", "qpv"]) == ("qpv", "commune")


@pytest.mark.parametrize("axe", ["date_bail", "Commune", "", "commune; drop table parc", "conteste"])
def test_un_axe_inconnu_est_refuse(axe):
    with pytest.raises(AxeInconnu, match=f"L'axe « {axe} » est inconnu. Axes possibles : bailleur"):
        etat_des_lieux([poche.parc({})], [axe])


def test_aucun_axe_est_refuse():
    with pytest.raises(AxeInconnu, match=r"Aucun axe n'est demandé\. Axes possibles : bailleur"):
        etat_des_lieux([poche.parc({})], [])


def test_sans_registre_les_contingents_du_rpls_et_on_le_dit():
    parc = poche.parc(
        *({"contingent": code} for code in "1234567"), {"contingent": "7"}, {"contingent": "9"}, {}
    )
    etat = etat_des_lieux([parc], ["reservataire"])
    libelles = bareme("contingents")["codes"]
    attendus = {libelles[code]["libelle"]: 1 for code in "123456"} | {libelles["7"]["libelle"]: 2, None: 2}
    assert dict(etat.lignes) == attendus
    assert etat.lignes[-1] == (None, 2)
    assert codes(etat) == ["contingents_rpls"]
    assert "contingents du RPLS" in etat.avertissements[0].message


def test_le_rang_de_l_axe_reservataire_ne_change_rien():
    parc = poche.parc({"contingent": "7", "qpv": True, "lieu": "99001"}, {"qpv": False})
    etat = etat_des_lieux([parc], ["qpv", "reservataire", "commune"])
    assert etat.lignes == ((False, None, None, 1), (True, "Non réservé", "99001", 1))


def test_sans_l_axe_reservataire_le_registre_ne_compte_pas():
    registre = registre_au(poche.droits({"logement": "absent", "reservataire": "ville"}), NOEL)
    etat = etat_des_lieux([poche.parc({"lieu": "99001"})], ["commune"], registre)
    assert (etat.lignes, etat.avertissements) == ((("99001", 1),), ())


VALEURS = {
    "lieu": ["99001", "99002", "99003"],
    "programme": [None, "P1", "P2"],
    "qpv": [None, True, False],
    "financement": [None, "12", "16"],
    "contingent": [None, "1", "7"],
    "numero_rpls": [None, "L1", "L2", "L3"],
}
dwellings = st.fixed_dictionaries({}, optional={nom: st.sampled_from(v) for nom, v in VALEURS.items()})
axes_tires = st.lists(
    st.sampled_from(["commune", "programme", "qpv", "financement", "reservataire"]), min_size=1
)


@settings(deadline=None, max_examples=10)
@given(st.lists(st.lists(dwellings, max_size=6), min_size=1, max_size=3), axes_tires)
def test_conservation_sans_registre(fichiers, axes):
    etat = etat_des_lieux([poche.parc(*lignes) for lignes in fichiers], axes)
    assert etat.total == sum(map(len, fichiers)) == sum(ligne[-1] for ligne in etat.lignes)
    assert len({ligne[:-1] for ligne in etat.lignes}) == len(etat.lignes)
    assert all(type(ligne[-1]) is int and ligne[-1] > 0 for ligne in etat.lignes)


@settings(deadline=None, max_examples=10)
@given(st.lists(dwellings, max_size=12), st.sampled_from(["commune", "programme", "qpv"]))
def test_un_seul_axe_se_compte_a_la_main(lignes, axe):
    etat = etat_des_lieux([poche.parc(*lignes)], [axe])
    assert dict(etat.lignes) == Counter(
        poche.LIEUX[ligne["lieu"]]["commune"] if axe == "commune" and "lieu" in ligne else ligne.get(axe)
        for ligne in lignes
    )


un_droit = st.fixed_dictionaries(
    {"reservataire": st.sampled_from(["etat", "ville"])},
    optional={
        "logement": st.sampled_from(["L1", "L2", "absent"]),
        "programme": st.sampled_from(["P1", "P2", "absent"]),
        "nombre": st.integers(1, 4),
        "statut": st.sampled_from(["conteste", "non_mobilise", "confirme"]),
    },
)


@settings(deadline=None, max_examples=15)
@given(st.lists(dwellings, max_size=10), st.lists(un_droit, max_size=6), axes_tires)
def test_conservation_avec_registre(lignes, droits, axes):
    for droit in droits:
        if "logement" in droit:
            droit["nombre"] = 1
    registre = registre_au(poche.droits(*droits), NOEL)
    etat = etat_des_lieux([poche.parc(*lignes)], [*axes, "reservataire"], registre)
    assert etat.total == len(lignes) == sum(ligne[-1] for ligne in etat.lignes)
    assert all(type(ligne[-1]) is int and ligne[-1] > 0 for ligne in etat.lignes)
    rang = etat.axes.index("reservataire")
    assert {ligne[rang] for ligne in etat.lignes} <= {"etat", "ville", "non_reserve"}
    demandes = Counter()
    for _, titulaire, _ in registre.identifies:
        demandes[titulaire] += 1
    for _, titulaire, _, n in registre.nombres:
        demandes[titulaire] += n
    comptes = Counter()
    for ligne in etat.lignes:
        comptes[ligne[rang]] += ligne[-1]
    assert all(comptes[r] <= demandes[r] for r in ("etat", "ville"))


def test_un_registre_vide_laisse_tout_non_reserve():
    parc = poche.parc({"programme": "P"}, {})
    assert etat_des_lieux([parc], ["reservataire"], VIDE).lignes == (("non_reserve", 2),)


def test_chaque_axe_annonce_se_compte():
    parc = poche.parc({"lieu": "99001", "programme": "P", "numero_rpls": "1"}, {"programme": "P"})
    registre = registre_au(poche.droits({"programme": "P", "reservataire": "ville"}), NOEL)
    assert etat_des_lieux([parc], AXES).total == etat_des_lieux([parc], AXES, registre).total == 2


def test_un_registre_va_avec_un_seul_parc():
    parcs = [poche.parc({"numero_rpls": n}) for n in ("1", "2")]
    registre = registre_au(poche.droits({"logement": "1", "reservataire": "etat"}), NOEL)
    with pytest.raises(RegistreDUnParc, match="un seul parc"):
        etat_des_lieux(parcs, ["reservataire"], registre)
