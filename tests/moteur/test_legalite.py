"""Contrôle de légalité: yes, no, unknown, without object, from the frozen sheet; page, JSON and text say the same."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from partiteur.cli import legalite as cli
from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.legalite import VERDICTS, Verification, controler, questions
from partiteur.moteur.schema import jour
from partiteur.moteur.tableur import lire_document
from partiteur.regles.socle import bareme

TETE = """cadre = "occitanie-2023"
exercice = 2024
{complet}
[bailleur]
nom = "OPH d'essai"
[territoire]
echelle = "departement"
code = "31"
[parc]
total = 15000
{parc}
[rotation]
taux = "10 %"
"""
DATE = "date = 2023-12-31"
RESERVATAIRE = """[[reservataires]]
code = "{code}"
type = "{type}"
part = "{part}"
{suite}
"""


def ecrire(ici: Path, *blocs: str, complet: bool = False, parc: str = DATE) -> Path:
    chemin = ici / "dossier.toml"
    tete = TETE.format(complet="complet = true" if complet else "", parc=parc)
    chemin.write_text("\n".join([tete, *blocs]), "utf-8")
    return chemin


def qui(code: str, type_: str, part: str, suite: str = "") -> str:
    return RESERVATAIRE.format(code=code, type=type_, part=part, suite=suite)


def verifier(ici: Path, *blocs: str, **options: Any) -> Mapping[str, Verification]:
    chemin = ecrire(ici, *blocs, **options)
    controle = controler(json_du_flux(calculer_dossier(chemin)), lire_document(chemin))
    return {v.code: v for v in controle.verifications}


ETAT = "etat_prioritaires"
DEROGATION = '[etat.derogation]\narrete = "A1"\ndu = {du}\nau = {au}\nplafond = "50 %"'
EN_COURS = DEROGATION.format(du="2024-01-01", au="2024-12-31")
EXPIREE = DEROGATION.format(du="2022-01-01", au="2022-12-31")
CONVENTION = "convention = {{ debut = {debut}, fin = {fin} }}"
VALABLE = CONVENTION.format(debut="2023-01-01", fin="2025-12-31")
ECHUE = CONVENTION.format(debut="2020-01-01", fin="2022-12-31")
GARANT = 'contrepartie = "garantie"\nperimetre = "31555"'
PERIMETRE = '[[perimetres]]\ncode = "31555"\nechelle = "commune"\nparc = 5000'
CAS = [
    ("plafond_etat", "non", "illegal", [qui("e", ETAT, "31 %")], {}),
    ("plafond_etat", "oui", None, [qui("e", ETAT, "30 %")], {}),
    ("plafond_etat", "oui", None, [qui("e", ETAT, "31 %"), EN_COURS], {}),
    ("plafond_etat", "non", "illegal", [qui("e", ETAT, "31 %"), EXPIREE], {}),
    ("plafond_etat", "inconnu", None, [qui("a", "action_logement", "10 %")], {}),
    ("plafond_etat", "sans_objet", None, [qui("a", "action_logement", "10 %")], {"complet": True}),
    ("plafond_fonctionnaires", "non", "illegal", [qui("f", "etat_fonctionnaires", "6 %")], {}),
    ("plafond_fonctionnaires", "oui", None, [qui("f", "etat_fonctionnaires", "5 %")], {}),
    ("derogation", "sans_objet", None, [], {}),
    ("derogation", "oui", None, [qui("e", ETAT, "31 %"), EN_COURS], {}),
    ("derogation", "non", "illegal", [qui("e", ETAT, "31 %"), EXPIREE], {}),
    ("plancher_hors_qpv", "inconnu", None, [], {}),
    ("plancher_hors_qpv", "oui", None, [qui("e", ETAT, "30 %")], {}),
    ("plancher_hors_qpv", "non", "a_justifier", [qui("e", ETAT, "20 %")], {}),
    ("plancher_hors_qpv", "inconnu", None, [qui("e", ETAT, "30 %"), '[etat]\nlecture_hors_qpv = "repartition"'], {}),
    ("uniformite", "inconnu", None, [qui("e", ETAT, "30 %")], {}),
    ("uniformite", "oui", None, [qui("e", ETAT, "30 %"), '[etat.parts_communes]\n31555 = "30 %"\n31001 = "30 %"'], {}),
    (
        "uniformite",
        "non",
        "a_justifier",
        [qui("e", ETAT, "30 %"), '[etat.parts_communes]\n31555 = "30 %"\n31001 = "20 %"'],
        {},
    ),
    (
        "uniformite",
        "oui",
        None,
        [
            qui("e", ETAT, "30 %"),
            '[etat]\nuniforme_communes = false\nparts_communes = { 31555 = "30 %", 31001 = "20 %" }',
        ],
        {},
    ),
    ("plafond_garanties", "inconnu", None, [], {}),
    ("plafond_garanties", "oui", None, [PERIMETRE, qui("31555", "commune", "20 %", GARANT)], {}),
    ("plafond_garanties", "non", "illegal", [PERIMETRE, qui("31555", "commune", "21 %", GARANT)], {}),
    ("territoire", "inconnu", None, [], {}),
    ("territoire", "oui", None, [PERIMETRE, qui("31555", "commune", "20 %", GARANT)], {}),
    ("territoire", "non", "a_justifier", [qui("31555", "commune", "10 %")], {}),
    ("parts", "oui", None, [], {}),
    ("parts", "non", "illegal", [qui("a", "autre", "60 %"), qui("b", "autre", "41 %")], {}),
    ("exclus", "sans_objet", None, [], {}),
    ("exclus", "oui", None, [], {"parc": DATE + "\nexclus = { pli = 10 }"}),
    ("exclus", "non", "a_justifier", [], {"parc": DATE + "\nexclus = { non_eligibles = 10 }"}),
    ("autorisations", "sans_objet", None, ["[soustraits]\nmutations = 10"], {}),
    ("autorisations", "non", "a_justifier", ["[soustraits]\ngens_du_voyage = 10"], {}),
    (
        "autorisations",
        "oui",
        None,
        [
            "[soustraits]\ngens_du_voyage = 10",
            '[[autorisations]]\ncategorie = "gens_du_voyage"\narrete = "A2"\ndate = 2023-06-01',
        ],
        {},
    ),
    ("date_parc", "oui", None, [], {}),
    ("date_parc", "inconnu", None, [], {"parc": ""}),
    ("date_parc", "non", "a_justifier", [], {"parc": "date = 2022-12-31"}),
    ("conventions", "inconnu", None, [], {}),
    ("conventions", "inconnu", None, [qui("a", "autre", "1 %")], {}),
    ("conventions", "oui", None, [qui("a", "autre", "1 %", VALABLE)], {}),
    ("conventions", "oui", None, [qui("a", "autre", "1 %", "convention = { date_signature = 2023-05-01 }")], {}),
    ("conventions", "non", "a_justifier", [qui("a", "autre", "1 %", ECHUE), qui("b", "autre", "1 %")], {}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "verdict", "gravite", "blocs", "options"), CAS)
def test_chaque_question_a_sa_reponse(
    tmp_path: Path, code: str, verdict: str, gravite: str | None, blocs: list[str], options: dict[str, Any]
) -> None:
    lue = verifier(tmp_path, *blocs, **options)[code]
    assert (lue.verdict, lue.gravite) == (verdict, gravite), lue.constats
    assert lue.constats or verdict == "oui"


def test_chaque_question_est_essayee_oui_et_non() -> None:
    """Each question says no at least once here, and each is asked of an existing warning of the rules."""
    essayees = {verdict: {code for code, v, *_ in CAS if v == verdict} for verdict in VERDICTS}
    assert essayees["non"] == set(questions(jour("2024-01-01"))) == essayees["oui"]
    for ligne in bareme("legalite")["verifications"].values():
        assert set(ligne["avertissements"]) | set(ligne.get("inconnus", ())) <= set(bareme("avertissements"))


def test_les_taux_des_questions_viennent_du_bareme() -> None:
    dites = questions(jour("2024-01-01"))
    assert dites["plafond_etat"] == "L'État ne dépasse pas 30 % du flux"
    assert dites["plafond_garanties"].endswith("20 % de son flux")


def test_texte_json_et_csv_disent_la_meme_chose(tmp_path: Path) -> None:
    chemin = str(ecrire(tmp_path, qui("e", ETAT, "45 %")))
    lancer = CliRunner().invoke
    document = json.loads(lancer(cli.commande, [chemin, "--format", "json"]).output)
    texte = lancer(cli.commande, [chemin, chemin]).output
    lignes = lancer(cli.commande, [chemin, "--format", "csv"]).output.strip().splitlines()[1:]
    assert texte.count("Contrôle de légalité · OPH d'essai · 2024") == 2
    assert len(lignes) == len(document[0]["verifications"]) == len(bareme("legalite")["verifications"])
    for v, ligne in zip(document[0]["verifications"], lignes, strict=True):
        assert f"{VERDICTS[v['verdict']].ljust(10)}  {v['question']}" in texte
        assert ligne.startswith(f"OPH d'essai;2024;{v['code']};{v['verdict']};{v['gravite'] or ''};")
        assert all(constat in texte for constat in v["constats"])
    assert "(illégal)" in texte
