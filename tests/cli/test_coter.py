"""`partiteur coter`: two scores in three forms, one result; a score explained, its number kept out of the history."""

import csv
import io
import json
from fractions import Fraction

import pytest

from partiteur.demo.demandes import ecrire_demandes

AU = ("--au", "2026-11-22")
TOULOUSE = """numero_unique;anciennete_mois;dalo_reconnu;preuve_dalo;typologies_demandees;communes_demandees
A1;40;oui;transmise;T2;31555
A2;10;non;;T2|T3;31555
A3;;oui;declaree;T3;31001
"""


@pytest.fixture
def demandes(tmp_path):
    chemin = tmp_path / "demandes.csv"
    chemin.write_text(TOULOUSE, encoding="utf-8")
    return chemin


@pytest.fixture(scope="session")
def territoire_demandes(tmp_path_factory):
    """Some of the demo's demandes."""
    return ecrire_demandes(tmp_path_factory.mktemp("demandes") / "demandes.csv", nombre=600)


def notes(rendu) -> dict[str, dict]:
    assert rendu.code == 0, rendu.erreur
    return {note["numero_unique"]: note for note in json.loads(rendu.sortie)}


def test_quarante_mois_et_le_dalo_font_110(lancer, demandes):
    lues = notes(
        lancer("coter", "--grille", "toulouse-extrait", "--demandes", demandes, *AU, "--format", "json")
    )
    assert {n: note["score"] for n, note in lues.items()} == {"A1": 110, "A2": 10, "A3": 50}
    assert lues["A3"]["manquantes"] == ["anciennete_mois", "pdalhpd"]
    assert lues["A1"]["au"] == "2026-11-22"
    assert "lignes" not in lues["A1"]


def test_chaque_ligne_du_detail(lancer, demandes):
    options = ("--grille", "toulouse-extrait", "--demandes", demandes, *AU, "--detail")
    lues = notes(lancer("coter", *options, "--format", "json"))
    lignes = {li["critere"]: li for li in lues["A1"]["lignes"]}
    assert lignes["dalo"]["points"] == 50
    assert lignes["dalo"]["preuve"] == "transmise"
    assert lignes["dalo"]["valeur"] is True
    assert sum(li["points_retenus"] for li in lues["A1"]["lignes"]) == lues["A1"]["score"]
    tableau = list(
        csv.DictReader(io.StringIO(lancer("coter", *options, "--format", "csv").sortie), delimiter=";")
    )
    attendus = {(n, li["critere"]): li["points_retenus"] for n, note in lues.items() for li in note["lignes"]}
    assert {(li["numero_unique"], li["critere"]): int(li["points_retenus"]) for li in tableau} == attendus
    texte = lancer("coter", *options).sortie
    assert texte.index("A1") < texte.index("A3") < texte.index("A2")  # the highest first
    assert "manque : Ancienneté de la demande" in texte


def test_une_grille_par_commune(lancer, demandes, tmp_path):
    carte = tmp_path / "communes.csv"
    carte.write_text("commune;grille\n31555;toulouse-extrait\n31001;paris-2014@exemple-1\n", encoding="utf-8")
    options = ("--grille", "toulouse-extrait", "--grille", "paris-2014", "--demandes", demandes, *AU)
    lues = json.loads(lancer("coter", *options, "--communes", carte, "--format", "json").sortie)
    assert {(n["numero_unique"], n["grille"]) for n in lues} == {
        ("A1", "toulouse-extrait"), ("A2", "toulouse-extrait"), ("A3", "paris-2014"),
    }  # fmt: skip


def test_premieres_demandes_et_mutations_ne_se_melent_pas(lancer, territoire_demandes):
    deux = ("--grille", "territoire-exemple", "--grille", "territoire-exemple-mutation")
    lues = json.loads(
        lancer("coter", *deux, "--demandes", territoire_demandes, *AU, "--format", "json").sortie
    )
    par_grille = {g: {n["numero_unique"] for n in lues if n["grille"] == g} for g in deux[1::2]}
    assert all(par_grille.values())
    assert not set.intersection(*par_grille.values())
    assert sum(map(len, par_grille.values())) == 600


@pytest.mark.parametrize("ou", ["option", "entree", "fichier"])
def test_une_note_expliquee(lancer, territoire_demandes, tmp_path, monkeypatch, ou):
    options = ("--grille", "territoire-exemple", "--demandes", territoire_demandes, *AU, "--format", "json")
    une = json.loads(lancer("coter", *options, "--detail").sortie)[0]
    numero = une["numero_unique"]
    (tmp_path / "numero.txt").write_text(f"{numero}\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{numero}\n"))
    choix = {
        "option": ("--expliquer", numero),
        "entree": ("--expliquer", "-"),
        "fichier": ("--expliquer-fichier", tmp_path / "numero.txt"),
    }[ou]
    (explication,) = json.loads(lancer("coter", *options, *choix).sortie)
    assert [explication[c] for c in ("score", "score_verifie")] == [une["score"], une["score_verifie"]]
    assert [(li["critere"], li["points"], li["points_retenus"]) for li in explication["lignes"]] == [
        (li["critere"], li["points"], li["points_retenus"]) for li in une["lignes"]
    ]
    for position in explication["positions"]:
        if position["demandes"] is not None:
            assert sum(c["demandes"] for c in position["classes"]) == position["demandes"]
            assert all(c["demandes"] >= 11 for c in position["classes"])


def test_l_explication_en_francais(lancer, territoire_demandes, tmp_path):
    options = ("--grille", "territoire-exemple", "--demandes", territoire_demandes, *AU)
    une = json.loads(lancer("coter", *options, "--format", "json").sortie)[0]
    (explication,) = json.loads(
        lancer("coter", *options, "--format", "json", "--expliquer", une["numero_unique"]).sortie
    )
    typologie = explication["positions"][0]["typologie"]
    attributions = tmp_path / "attributions.csv"
    lignes = [f"{typologie};99001;{mois}" for mois in (10, 20) for _ in range(10)]
    attributions.write_text("\n".join(["typologie;commune;attente_mois", *lignes]), encoding="utf-8")
    texte = lancer(
        "coter", *options, "--expliquer", une["numero_unique"], "--attributions", attributions
    ).sortie
    assert f"Votre note est de {une['score']} points" in texte
    assert f"{typologie}, ensemble du territoire : 15 mois en moyenne, sur 20 attributions." in texte
    for cite in ("[R441-2-17]", "[CRPA R311-3-1-2]", "[CRPA L311-3-1 et R311-3-1-1]", "[R441-2-10 11°]"):
        assert cite in texte
    sans = lancer("coter", *options, "--expliquer", une["numero_unique"]).sortie
    assert "Aucun fichier d'attributions" in sans


@pytest.mark.parametrize(
    ("options", "dit"),
    [
        (("--expliquer", "INCONNU"), "elle n'est pas dans le fichier"),
        (("--expliquer", " "), "Le numéro unique à expliquer est vide"),
        (("--expliquer", "A1", "--expliquer-fichier", "x"), "pas les deux"),
        (("--communes", "absent.csv"), "fichier illisible"),
        (("--grille", "territoire-exemple"), "ajoutez au fichier la colonne « mutation »"),
        (
            ("--expliquer", "A1", "--attributions", "mauvais.csv"),
            "mauvais.csv, ligne 2, colonne « attente_mois »",
        ),
        (("--communes", "mauvais.csv"), "mauvais.csv, ligne 1 : la colonne « grille » manque"),
    ],
)
def test_ce_qui_est_refuse(lancer, demandes, tmp_path, options, dit):
    (tmp_path / "mauvais.csv").write_text("typologie;commune;attente_mois\nT2;31555;long\n", encoding="utf-8")
    rendu = lancer("coter", "--grille", "toulouse-extrait", "--demandes", demandes, *AU, *options)
    assert rendu.code == 2
    assert dit in rendu.erreur
    assert len(rendu.erreur.strip().splitlines()) == 1


def test_un_demi_point_reste_exact(lancer, demandes):
    lues = notes(lancer("coter", "--grille", "paris-2014", "--demandes", demandes, *AU, "--format", "json"))
    assert Fraction(lues["A2"]["score"]) == Fraction(10, 24)


def test_une_grille_perimee_est_dite(lancer, demandes):
    rendu = lancer("coter", "--grille", "paris-2014", "--demandes", demandes, *AU)
    assert rendu.code == 0
    assert "« paris-2014@exemple-1 » ne vaut pas au 22/11/2026" in rendu.erreur
