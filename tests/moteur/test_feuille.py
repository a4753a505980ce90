"""The JSON that other programs rely on, exactly as conception.md §4 and §6 say."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import poche
import pytest

from partiteur.moteur.droits import registre_au
from partiteur.moteur.etats import etat_des_lieux
from partiteur.moteur.feuille import compte, exact, json_de_l_etat, json_de_la_lecture, json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import lire_parc
from partiteur.regles.socle import bareme

ENTETE = """
cadre = "occitanie-2023"
exercice = 2024
bailleur = {nom = "OPH d'exemple"}
territoire = {echelle = "departement", code = "31"}
"""
OCCITANIE = (
    ENTETE
    + """
parc = {total = 15000, exclus = {non_eligibles = 500}}
rotation = {taux = "10 %"}
soustraits = {mutations = 400, relogements_anru = 50}
[[reservataires]]
code = "cd31"
type = "departement"
part = "20 %"
contrepartie = "financement"
methode = "assiette"
"""
)


CD31 = {
    "code": "cd31",
    "nom": None,
    "type": "departement",
    "perimetre": "31",
    "contrepartie": "financement",
    "part": "1/5",
    "part_appliquee": "1/5",
    "part_sans_contestes": None,
    "exact": "200",
    "objectif": 200,
    "engagement": "pourcentage",
}


def contenu(objet: dict[str, Any], attendu: dict[str, Any]) -> bool:
    """Every key of the contract is there, with its value and its type; later steps may add keys."""
    return all(
        cle in objet and objet[cle] == valeur and type(objet[cle]) is type(valeur)
        for cle, valeur in attendu.items()
    )


def flux(tmp_path: Path, texte: str):
    chemin = tmp_path / "dossier.toml"
    chemin.write_text(texte, encoding="utf-8")
    return calculer_dossier(chemin)


def test_la_feuille_de_l_exemple_d_occitanie(tmp_path):
    feuille = json_du_flux(flux(tmp_path, OCCITANIE))
    assert {
        "exercice", "cadre", "bailleur", "territoire", "parc", "assiette", "rotation", "flux", "reservataires",
        "non_reserve", "perimetres", "avertissements", "etapes",
    } <= set(feuille)  # fmt: skip
    assert (feuille["exercice"], feuille["cadre"], feuille["bailleur"]) == (
        2024,
        "occitanie-2023",
        "OPH d'exemple",
    )
    assert feuille["territoire"]["code"] == "31"
    assert feuille["parc"] == {"date": None, "source": None}
    assert feuille["assiette"] == {"parc": 15000, "exclus": {"non_eligibles": 500}, "total": 14500}
    assert feuille["rotation"] == {"taux": "1/10", "definition": None}
    attendu = {
        "volume": "1450",
        "soustraits": {"mutations": 400, "relogements_anru": 50},
        "a_repartir_exact": "1000",
        "a_repartir": 1000,
    }
    assert contenu(feuille["flux"], attendu)
    (cd31,) = feuille["reservataires"]
    assert contenu(cd31, CD31)
    assert contenu(feuille["non_reserve"], {"part": "4/5", "exact": "800", "objectif": 800})
    assert feuille["perimetres"] == []
    json.dumps(feuille, allow_nan=False)


def test_chaque_avertissement_et_chaque_etape_ont_leur_forme(tmp_path):
    feuille = json_du_flux(flux(tmp_path, OCCITANIE))
    codes = [a["code"] for a in feuille["avertissements"]]
    assert {
        "double_deduction",
        "rotation_sans_definition",
        "exclus_non_detailles",
        "date_parc_inconnue",
    } <= set(codes)
    for avertissement in feuille["avertissements"]:
        assert list(avertissement) == ["code", "gravite", "message", "texte"]
        assert avertissement["gravite"] == bareme("avertissements")[avertissement["code"]]["gravite"]
        assert avertissement["gravite"] in ("illegal", "a_justifier", "information")
        assert avertissement["texte"]
    for etape in feuille["etapes"]:
        assert list(etape) == ["libelle", "formule", "valeur", "texte"]
        assert etape["valeur"] is None or isinstance(etape["valeur"], str)
    valeurs = {etape["libelle"]: etape["valeur"] for etape in feuille["etapes"]}
    assert (valeurs["Assiette"], valeurs["Volume attendu"], valeurs["Flux à répartir"]) == (
        "14500",
        "1450",
        "1000",
    )


def test_les_perimetres_et_les_inconnus(tmp_path):
    feuille = json_du_flux(
        flux(
            tmp_path,
            ENTETE.replace("occitanie-2023", "mtpm-2023")
            + 'parc = {total = 100, date = 2023-12-31, source = "Fichier"}\n'
            "volume = {baux = {2021 = 10, 2022 = 10, 2023 = 11}}\n"
            "soustraits = {mutations = {constate = {2021 = 1, 2022 = 1, 2023 = 2}}}\n"
            '[[perimetres]]\ncode = "31555"\nechelle = "commune"\nparc = 40\nbaux = {2021 = 4, 2022 = 4, 2023 = 4}\n'
            '[[perimetres]]\ncode = "31149"\nechelle = "commune"\nparc = 10\nbaux = {2021 = 1, 2022 = 1, 2023 = 1}\n'
            '[[reservataires]]\ncode = "a"\nnom = "A"\ntype = "autre"\npart = "1/3"\nperimetre = ["31555", "31149"]\n',
        )
    )
    assert feuille["parc"] == {"date": "2023-12-31", "source": "Fichier"}
    assert feuille["rotation"] == {"taux": None, "definition": None}
    assert feuille["flux"]["volume"] == "31/3"
    assert feuille["flux"]["soustraits"] == {"mutations": "4/3"}
    assert (feuille["flux"]["a_repartir_exact"], feuille["flux"]["a_repartir"]) == ("9", 9)
    assert [list(p) for p in feuille["perimetres"]] == [
        ["code", "nom", "echelle", "assiette", "rotation", "flux"]
    ] * 2
    assert [p["code"] for p in feuille["perimetres"]] == ["31555", "31149"]
    assert feuille["reservataires"][0]["perimetre"] == ["31555", "31149"]


def test_un_volume_non_publie_est_null(tmp_path):
    texte = OCCITANIE + '[[reservataires]]\ncode = "trop"\ntype = "region"\npart = "90 %"\n'
    feuille = json_du_flux(flux(tmp_path, texte))
    assert [r["objectif"] for r in feuille["reservataires"]] == [None, None]
    assert feuille["non_reserve"]["objectif"] is None
    (trop,) = [a for a in feuille["avertissements"] if a["code"] == "parts_superieures_a_100"]
    assert trop["gravite"] == "illegal"


@pytest.mark.parametrize(
    ("valeur", "texte", "nombre"),
    [
        (Fraction(5367, 20), "5367/20", "5367/20"),
        (Fraction(200, 2), "100", 100),
        (7, "7", 7),
        (Fraction(0), "0", 0),
        (Fraction(-3, 6), "-1/2", "-1/2"),
    ],
)
def test_exact_et_compte(valeur, texte, nombre):
    assert exact(valeur) == texte
    assert compte(valeur) == nombre
    assert type(compte(valeur)) is type(nombre)


def test_la_forme_d_un_etat_des_lieux():
    parc = poche.parc(
        {"lieu": "99001", "qpv": True, "individuel": False, "financement": "13"},
        {"lieu": "99001", "qpv": True, "individuel": False, "financement": "13"},
        {"qpv": None},
    )
    etat = etat_des_lieux([parc], ["commune", "qpv", "individuel", "financement"])
    assert json_de_l_etat(etat) == [
        {"commune": "99001", "qpv": True, "individuel": False, "financement": "13", "logements": 2},
        {"commune": None, "qpv": None, "individuel": None, "financement": None, "logements": 1},
    ]
    registre = registre_au(poche.droits(), date(2024, 1, 1))
    assert json_de_l_etat(etat_des_lieux([parc], ["reservataire"], registre)) == [
        {"reservataire": "non_reserve", "logements": 3}
    ]


def test_la_forme_d_un_controle(tmp_path):
    chemin = tmp_path / "parc.csv"
    chemin.write_text("numero rpls;code insee\n1;6029\n1;06029\n3;zzzzz\n4;06029\n", encoding="utf-8")
    controle = json_de_la_lecture(lire_parc(chemin, charger()))
    assert list(controle) == ["lignes", "acceptees", "constats"]
    assert (controle["lignes"], controle["acceptees"]) == (4, 2)
    refuses = 0
    for constat in controle["constats"]:
        assert list(constat) == ["code", "gravite", "colonne", "nombre", "message", "exemples"]
        assert constat["gravite"] in ("erreur", "avertissement")
        assert 1 <= len(constat["exemples"]) <= 5
        assert all(list(exemple) == ["ligne", "valeur"] for exemple in constat["exemples"])
        refuses += constat["nombre"] if constat["gravite"] == "erreur" else 0
    assert refuses == 2
    exemples = {c["code"]: c["exemples"] for c in controle["constats"]}
    assert exemples["zero_perdu"] == [{"ligne": 2, "valeur": "6029"}]
    assert exemples["doublon_identifiant"] == [{"ligne": 3, "valeur": "1"}]
    json.dumps(controle)
