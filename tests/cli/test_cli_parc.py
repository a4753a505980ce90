"""`partiteur parc`: control, import, état des lieux, in text, JSON and CSV."""

import csv
import io
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2].parent / "shared"
CANNES = SHARED / "donnees/rpls/rpls_cannes_2018.csv"
avec_cannes = pytest.mark.skipif(not CANNES.is_file(), reason="../shared absent")
PARC = """numero rpls;code insee;programme;qpv;financement;contingent;date du bail
1;6029;A;oui;13;2;01/2023
2;06029;A;non;16;7;
3;06030;B;;13;7;
3;06030;B;;13;7;
5;zzzzz;B;;13;7;
6;06030;-SOMME;oui;13;;
"""
DROITS = "reservataire;programme;logement;nombre;fin\netat;A;;1;31/12/2022\nville;;3;;30/06/2023\n"


@pytest.fixture(autouse=True)
def _fichiers(tmp_path):
    (tmp_path / "parc.csv").write_text(PARC, encoding="utf-8")
    (tmp_path / "droits.csv").write_text(DROITS, encoding="utf-8")


@pytest.fixture
def dire(lancer):
    def dire_(*arguments: object) -> str:
        rendu = lancer("parc", *arguments)
        assert (rendu.code, rendu.erreur) == (0, "")
        return rendu.sortie

    return dire_


def lignes_csv(texte: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(texte), delimiter=";"))


def test_controler_dit_la_meme_chose_en_trois_formes(dire):
    controle = json.loads(dire("controler", "parc.csv", "--format", "json"))
    assert (controle["lignes"], controle["acceptees"]) == (6, 4)
    refus = {c["code"]: c["nombre"] for c in controle["constats"] if c["gravite"] == "erreur"}
    assert refus == {"doublon_identifiant": 1, "commune_inconnue": 1}
    lignes = lignes_csv(dire("controler", "parc.csv", "--format", "csv"))
    assert [(x["code"], x["gravite"], x["colonne"], int(x["nombre"])) for x in lignes] == [
        (c["code"], c["gravite"], c["colonne"] or "", c["nombre"]) for c in controle["constats"]
    ]
    texte = dire("controler", "parc.csv")
    assert texte.startswith("parc.csv : 6 lignes lues, 4 acceptées, 2 refusées.")
    lus = re.findall(r"^ +(\d+)  (.+)$", texte, re.MULTILINE)
    assert [(int(n), message) for n, message in lus] == [
        (c["nombre"], c["message"]) for c in controle["constats"]
    ]
    assert texte.index("Erreurs : ces lignes ne sont pas reprises") < texte.index("Avertissements")


def test_controler_un_fichier_sans_defaut(dire, tmp_path):
    (tmp_path / "bon.csv").write_text("numero rpls;code insee\n1;06029\n", encoding="utf-8")
    assert dire("controler", "bon.csv").rstrip("\n") == "bon.csv : 1 lignes lues, 1 acceptées."
    assert json.loads(dire("controler", "bon.csv", "--format", "json"))["constats"] == []


def test_l_etat_des_lieux_dit_la_meme_chose_en_trois_formes(dire):
    demande = ("etat-des-lieux", "parc.csv", "--par", "programme, qpv")
    etat = json.loads(dire(*demande, "--format", "json"))
    assert etat == [
        {"programme": "-SOMME", "qpv": True, "logements": 1},
        {"programme": "A", "qpv": False, "logements": 1},
        {"programme": "A", "qpv": True, "logements": 1},
        {"programme": "B", "qpv": None, "logements": 1},
    ]
    lignes = lignes_csv(dire(*demande, "--format", "csv"))
    assert [tuple(ligne.values()) for ligne in lignes] == [
        ("'-SOMME", "oui", "1"), ("A", "non", "1"), ("A", "oui", "1"), ("B", "", "1")
    ]  # fmt: skip
    entete, *lus, total = [re.split(r" {2,}", ligne) for ligne in dire(*demande).splitlines()]
    assert entete == ["programme", "qpv", "logements"]
    assert lus == [
        ["-SOMME", "oui", "1"], ["A", "non", "1"], ["A", "oui", "1"], ["B", "inconnu", "1"]
    ]  # fmt: skip
    assert total == ["Total", "4"]


def test_sans_axes_demandes_les_contingents_et_on_le_dit(dire):
    texte = dire("etat-des-lieux", "parc.csv")
    assert "! Sans registre des droits, les réservataires sont les sept contingents du RPLS" in texte
    assert "État, prioritaires" in texte


def test_plusieurs_fichiers_se_comptent_ensemble(dire, tmp_path):
    (tmp_path / "autre.csv").write_text("numero rpls;code insee\n9;06029\n", encoding="utf-8")
    etat = json.loads(dire("etat-des-lieux", "parc.csv", "autre.csv", "--par", "commune", "--format", "json"))
    assert etat == [{"commune": "06029", "logements": 3}, {"commune": "06030", "logements": 2}]


def test_le_bailleur_se_dit_ou_reste_inconnu(dire):
    demande = ("etat-des-lieux", "parc.csv", "--par", "bailleur", "--format", "json")
    assert json.loads(dire(*demande)) == [{"bailleur": None, "logements": 4}]
    dit = json.loads(dire(*demande, "--bailleur", "999000102"))
    assert dit == [{"bailleur": "999000102", "logements": 4}]


@pytest.mark.parametrize(
    ("au", "attendu"),
    [
        ("2022-12-31", {"etat": 1, "ville": 1, "non_reserve": 2}),
        ("2023-01-01", {"ville": 1, "non_reserve": 3}),
        ("2023-07-01", {"non_reserve": 4}),
    ],
)
def test_le_registre_se_lit_a_une_date(dire, au, attendu):
    demande = ("etat-des-lieux", "parc.csv", "--par", "reservataire", "--droits", "droits.csv", "--au", au)
    etat = json.loads(dire(*demande, "--format", "json"))
    assert {groupe["reservataire"]: groupe["logements"] for groupe in etat} == attendu


def test_importer_puis_compter_le_millesime(dire, tmp_path):
    dit = dire("importer", "parc.csv", "--depot", "depot", "--bailleur", "999000102")
    chemin = Path(dit.split(" : ")[0])
    assert re.fullmatch(r"parc-[0-9a-f]{64}\.parquet", chemin.name)
    assert dit.rstrip("\n").endswith("4 logements, 2 lignes refusées.")
    original = chemin.with_name(f"{chemin.stem}.original.csv")
    assert (tmp_path / original).read_text("utf-8") == PARC
    demande = ("--par", "bailleur,commune,motifs", "--format", "json")
    attendu = json.loads(dire("etat-des-lieux", "parc.csv", "--bailleur", "999000102", *demande))
    assert json.loads(dire("etat-des-lieux", chemin, *demande)) == attendu


def test_importer_sans_refus_ne_parle_pas_de_refus(dire, tmp_path):
    (tmp_path / "bon.csv").write_text("numero rpls;code insee\n1;06029\n", encoding="utf-8")
    assert dire("importer", "bon.csv", "--depot", "depot").rstrip("\n").endswith(".parquet : 1 logements.")


def test_une_correspondance_et_une_geographie(dire, tmp_path):
    (tmp_path / "p.csv").write_text("numero rpls;ou\n1;99001\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text('[colonnes]\ncommune = "ou"\n', encoding="utf-8")
    (tmp_path / "c.csv").write_text(
        "code;nom;departement;region;epci;nom_epci\n99001;Aurevielle;99;99;;\n", encoding="utf-8"
    )
    demande = ("p.csv", "--correspondance", "m.toml", "--geographie", "c.csv", "--format", "json")
    assert json.loads(dire("etat-des-lieux", *demande, "--par", "departement")) == [
        {"departement": "99", "logements": 1}
    ]
    assert json.loads(dire("controler", *demande))["acceptees"] == 1


@avec_cannes
def test_cannes_par_financement_et_qpv(dire):
    etat = json.loads(dire("etat-des-lieux", CANNES, "--par", "financement,qpv", "--format", "json"))
    par_financement, par_qpv = Counter(), Counter()
    for groupe in etat:
        assert list(groupe) == ["financement", "qpv", "logements"]
        assert isinstance(groupe["qpv"], bool)
        par_financement[groupe["financement"]] += groupe["logements"]
        par_qpv[groupe["qpv"]] += groupe["logements"]
    assert par_financement == {
        "52": 2743, "12": 1876, "14": 753, "13": 560, "10": 129, "49": 109, "16": 98, "11": 96, "17": 10
    }  # fmt: skip
    assert par_qpv == {True: 2011, False: 6374 - 2011}


@avec_cannes
def test_cannes_par_typologie_et_construction(dire):
    etat = json.loads(dire("etat-des-lieux", CANNES, "--par", "typologie,individuel", "--format", "json"))
    pieces, individuels = Counter(), Counter()
    for groupe in etat:
        pieces[groupe["typologie"]] += groupe["logements"]
        individuels[groupe["individuel"]] += groupe["logements"]
    assert pieces == {"T1": 319, "T2": 1232, "T3": 2797, "T4": 1697, "T5": 301, "T6": 28}
    assert individuels == {False: 6338, True: 36}


@avec_cannes
def test_cannes_joint_sa_commune_et_son_epci(dire):
    etat = json.loads(dire("etat-des-lieux", CANNES, "--par", "commune,epci", "--format", "json"))
    assert etat == [
        {"commune": "06029", "epci": "200039915", "logements": 6313},
        {"commune": "06030", "epci": "200039915", "logements": 61},
    ]


@avec_cannes
def test_cannes_nomme_chaque_defaut_avec_son_nombre(dire):
    controle = json.loads(dire("controler", CANNES, "--format", "json"))
    assert (controle["lignes"], controle["acceptees"]) == (6374, 6374)
    comptes = {(c["code"], c["colonne"]): c["nombre"] for c in controle["constats"]}
    for defaut, nombre in {
        ("zero_perdu", "DEP"): 6374,
        ("zero_perdu", "DEPCOM"): 6374,
        ("zero_perdu", "CODEPOSTAL"): 6374,
        ("caractere_perdu", "LIBEPCI"): 6374,
        ("doublon_strict", None): 162,
    }.items():
        assert comptes[defaut] == nombre
    nommes = {colonne for _, colonne in comptes}
    assert {"IMMEU", "NOMVOIE", "CODSEGPATRIM", "DPEDATE", "SRU_EXPIR", "CUS"} <= nommes
    messages = {c["colonne"]: c["message"] for c in controle["constats"]}
    assert "80 %" in messages["SRU_EXPIR"]
    assert "programme_non_conventionne" in {code for code, _ in comptes}


def test_sans_rpls_date_l_etat_des_lieux_est_de_ce_jour(dire):
    demande = ("etat-des-lieux", "parc.csv", "--par", "reservataire", "--droits", "droits.csv")
    aujourdhui = date.today().isoformat()  # noqa: DTZ011
    assert dire(*demande) == dire(*demande, "--au", aujourdhui)
