"""`partiteur flux`: the worked examples, and one result in three forms."""

import csv
import io
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from partiteur.regles.socle import bareme, nombre, pourcentage

TETE = 'exercice = 2024\nbailleur = {nom = "OPH d\'exemple"}\nterritoire = {echelle = "departement", code = "31"}\n'
OCCITANIE = (
    'cadre = "occitanie-2023"\n' + TETE + "parc = {total = 15000, exclus = {non_eligibles = 500}}\n"
    'rotation = {taux = "10 %"}\nsoustraits = {mutations = 400, relogements_anru = 50}\n'
    '[[reservataires]]\ncode = "cd31"\nnom = "Conseil départemental"\ntype = "departement"\npart = "20 %"\n'
)
PACA = (
    'cadre = "paca-2024"\n' + TETE + 'parc = {total = 5367, date = 2023-12-31}\nrotation = {taux = "5 %"}\n'
)
A_B_C = "".join(
    f'[[reservataires]]\ncode = "{code}"\ntype = "autre"\nreserves = {reserves}\n'
    for code, reserves in (("A", 2000), ("B", 2760), ("C", 607))
)
COMMUNE = (
    'cadre = "paca-2024"\n' + TETE + 'parc = {total = 10000, date = 2023-12-31}\nrotation = {taux = "10 %"}\n'
    '[[perimetres]]\ncode = "31555"\nechelle = "commune"\nparc = 400\n'
    '[[reservataires]]\ncode = "ville"\ntype = "commune"\npart = "20 %"\nperimetre = "31555"\ncontrepartie = "garantie"\n'
)
ETAT = PACA + "".join(
    f'[[reservataires]]\ncode = "{code}"\ntype = "{type_}"\npart = "{part} %"\n'
    for code, type_, part in (
        ("etat", "etat_prioritaires", 30),
        ("als", "action_logement", 25),
        ("cd", "departement", 5),
    )
)
TROP = OCCITANIE + '[[reservataires]]\ncode = "trop"\ntype = "region"\npart = "90 %"\n'
COMPTE = re.compile(
    r"^  .? *(Parc|Exclus|Assiette|Rotation|Volume attendu|Soustraits|Flux à répartir) {2,}((?:≈ )?[\d ,]*\d(?: %)?)",
    re.MULTILINE,
)
PART = re.compile(
    r"^    (\S.*?) {2,}((?:≈ )?-?[\d,]+ %) {2,}([\d ]*\d|non publié) {2,}exact ((?:≈ )?-?[\d ,]*\d)",
    re.MULTILINE,
)
EXEMPLES = {"occitanie": OCCITANIE, "paca": PACA + A_B_C, "commune": COMMUNE, "etat": ETAT, "trop": TROP}


@pytest.fixture
def calculer(lancer, tmp_path: Path):
    def calculer_(texte: str, *options: str) -> str:
        (tmp_path / "d.toml").write_text(texte, encoding="utf-8")
        rendu = lancer("flux", "d.toml", *options)
        assert (rendu.code, rendu.erreur) == (0, "")
        return rendu.sortie

    return calculer_


def feuille(calculer, texte: str):
    return json.loads(calculer(texte, "--format", "json"))


def d_un_trait(texte: str) -> str:
    """A text without its line breaks and its margins."""
    return " ".join(texte.split())


def objectifs(json_) -> dict[str, int]:
    return {r["code"]: r["objectif"] for r in json_["reservataires"]}


def test_l_exemple_d_occitanie_donne_1000_et_200(calculer):
    lue = feuille(calculer, OCCITANIE)
    assert (lue["exercice"], lue["cadre"]) == (2024, "occitanie-2023")
    assert lue["assiette"] == {"parc": 15000, "exclus": {"non_eligibles": 500}, "total": 14500}
    assert lue["rotation"]["taux"] == "1/10"
    compte = {
        "volume": "1450",
        "soustraits": {"mutations": 400, "relogements_anru": 50},
        "a_repartir_exact": "1000",
        "a_repartir": 1000,
    }
    assert {cle: lue["flux"][cle] for cle in compte} == compte
    (cd31,) = lue["reservataires"]
    contrat = {"code": "cd31", "part": "1/5", "part_appliquee": "1/5", "exact": "200", "objectif": 200}
    assert {cle: cd31[cle] for cle in contrat} == contrat
    reste = {"part": "4/5", "exact": "800", "objectif": 800}
    assert {cle: lue["non_reserve"][cle] for cle in reste} == reste
    assert "double_deduction" in [a["code"] for a in lue["avertissements"]]
    for avertissement in lue["avertissements"]:
        assert set(avertissement) == {"code", "gravite", "message", "texte"}
    for etape in lue["etapes"]:
        assert set(etape) == {"libelle", "formule", "valeur", "texte"}


def test_l_exemple_de_paca_donne_268_et_100_138_30(calculer):
    lue = feuille(calculer, PACA + A_B_C)
    assert (lue["flux"]["a_repartir_exact"], lue["flux"]["a_repartir"]) == ("5367/20", 268)
    assert objectifs(lue) == {"A": 100, "B": 138, "C": 30}
    assert lue["non_reserve"]["objectif"] == 0
    assert lue["reservataires"][0]["part"] == "2000/5367"


def test_une_commune_a_20_pour_cent_de_ses_400_logements_recoit_8_et_non_200(calculer):
    lue = feuille(calculer, COMMUNE)
    assert lue["flux"]["a_repartir"] == 1000
    assert objectifs(lue) == {"ville": 8}
    assert lue["reservataires"][0]["perimetre"] == "31555"
    assert lue["perimetres"][0]["flux"]["a_repartir"] == 40
    assert lue["non_reserve"]["objectif"] == 992


def test_l_etat_reste_a_80_sur_268(calculer):
    lue = feuille(calculer, ETAT)
    assert objectifs(lue)["etat"] == 80
    assert sum(objectifs(lue).values()) + lue["non_reserve"]["objectif"] == 268


def lignes_csv(texte: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(texte), delimiter=";"))


@pytest.mark.parametrize("exemple", ["occitanie", "paca", "commune", "etat", "trop"])
def test_le_csv_dit_les_memes_chiffres(calculer, exemple):
    lue = feuille(calculer, EXEMPLES[exemple])
    lignes = lignes_csv(calculer(EXEMPLES[exemple], "--format", "csv"))
    attendues = [*lue["reservataires"], {"code": "non_reserve", **lue["non_reserve"]}]
    assert [ligne["code"] for ligne in lignes] == [attendue["code"] for attendue in attendues]
    for ligne, attendue in zip(lignes, attendues, strict=True):
        assert (ligne["part"], ligne["exact"]) == (attendue["part"], attendue["exact"])
        assert ligne["objectif"] == ("" if attendue["objectif"] is None else str(attendue["objectif"]))
        assert ligne["part_appliquee"] == attendue.get("part_appliquee", attendue["part"])


@pytest.mark.parametrize("exemple", EXEMPLES)
def test_le_texte_dit_les_memes_chiffres(calculer, exemple):
    lue = feuille(calculer, EXEMPLES[exemple])
    texte = calculer(EXEMPLES[exemple])
    sans_date = re.sub(r" au \d\d/\d\d/\d{4}", "", texte)
    assert dict(COMPTE.findall(sans_date)) == {
        "Parc": nombre(lue["assiette"]["parc"]),
        "Exclus": nombre(sum(lue["assiette"]["exclus"].values())),
        "Assiette": nombre(lue["assiette"]["total"]),
        "Rotation": pourcentage(Fraction(lue["rotation"]["taux"])),
        "Volume attendu": nombre(Fraction(lue["flux"]["volume"])),
        "Soustraits": nombre(sum(lue["flux"]["soustraits"].values())),
        "Flux à répartir": nombre(lue["flux"]["a_repartir"]),
    }
    parts = PART.findall(texte)
    attendues = [*lue["reservataires"], lue["non_reserve"]]
    assert [part[1:] for part in parts] == [
        (
            pourcentage(Fraction(a.get("part_appliquee", a["part"]))),
            "non publié" if a["objectif"] is None else nombre(a["objectif"]),
            nombre(Fraction(a["exact"])),
        )
        for a in attendues
    ]
    for avertissement in lue["avertissements"]:
        assert f"! {avertissement['message']} [{avertissement['texte']}]" in d_un_trait(texte)
    assert "Textes vérifiés au" in texte


def test_les_etapes_se_montrent_avec_leur_texte(calculer):
    lue = feuille(calculer, OCCITANIE)
    sans, avec = calculer(OCCITANIE), calculer(OCCITANIE, "--etapes")
    assert "Étapes" not in sans
    for etape in lue["etapes"]:
        assert d_un_trait(f"{etape['libelle']} : {etape['formule']} = ") in d_un_trait(avec)
        assert f"[{etape['texte']}]" in d_un_trait(avec)


def test_les_libelles_du_texte_sont_ceux_des_baremes(calculer):
    texte = calculer(OCCITANIE)
    categories = bareme("soustraits")
    assert (
        f"{categories['mutations']['libelle']} 400 · {categories['relogements_anru']['libelle']} 50" in texte
    )
    assert "Conseil départemental" in texte
    assert texte.startswith("Flux 2024 · OPH d'exemple · ")


def test_sortie_ecrit_le_fichier_entier(calculer, tmp_path):
    a_l_ecran = calculer(OCCITANIE, "--format", "json")
    assert calculer(OCCITANIE, "--format", "json", "--sortie", "flux.json") == ""
    assert json.loads((tmp_path / "flux.json").read_text("utf-8")) == json.loads(a_l_ecran)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["d.toml", "flux.json"]


def test_le_csv_n_ouvre_aucune_formule(calculer):
    texte = PACA + '[[reservataires]]\ncode = "=1+1"\nnom = "@somme"\ntype = "autre"\npart = "1 %"\n'
    (ligne, _) = lignes_csv(calculer(texte, "--format", "csv"))
    assert (ligne["code"], ligne["nom"]) == ("'=1+1", "'@somme")


def test_la_demo_se_conserve_chez_les_trois_bailleurs(lancer, territoire):
    for bailleur in territoire.bailleurs:
        lue = json.loads(lancer("flux", bailleur.dossier, "--format", "json").sortie)
        publies = [r["objectif"] for r in (*lue["reservataires"], lue["non_reserve"])]
        assert all(type(objectif) is int and objectif >= 0 for objectif in publies)
        assert sum(publies) == lue["flux"]["a_repartir"] > 0
        exacts = [Fraction(r["exact"]) for r in (*lue["reservataires"], lue["non_reserve"])]
        assert sum(exacts) == Fraction(lue["flux"]["a_repartir_exact"])
        assiette = lue["assiette"]
        assert assiette["total"] == assiette["parc"] - sum(assiette["exclus"].values())
        texte = lancer("flux", bailleur.dossier).sortie
        assert f"Flux à répartir {nombre(lue['flux']['a_repartir'])}" in re.sub(r" {2,}", " ", texte)


def test_la_demo_a_un_etat_des_lieux_par_ligne_acceptee(lancer, territoire):
    communes = territoire.dossier / "communes.csv"
    totaux = []
    for bailleur in territoire.bailleurs:
        controle = json.loads(
            lancer("parc", "controler", bailleur.parc, "--geographie", communes, "--format", "json").sortie
        )
        etat = json.loads(
            lancer(
                "parc", "etat-des-lieux", bailleur.parc, "--geographie", communes, "--droits", bailleur.droits,
                "--au", "2023-12-31", "--par", "commune,reservataire,qpv", "--format", "json",
            ).sortie
        )  # fmt: skip
        assert sum(groupe["logements"] for groupe in etat) == controle["acceptees"] == controle["lignes"]
        totaux.append(controle["acceptees"])
        flux = json.loads(lancer("flux", bailleur.dossier, "--format", "json").sortie)
        assert flux["assiette"]["parc"] == controle["acceptees"]
    assert sum(totaux) == 24_217
