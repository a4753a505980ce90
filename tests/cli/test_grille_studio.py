"""The studio on the command line: the same figures in each form, and a page that says all the grid says."""

import csv
import io
import json
from pathlib import Path

import pytest

from partiteur.demo.demandes import ecrire_demandes
from partiteur.moteur.grille import charger_grille, grilles_livrees

AU = ("--au", "2026-11-22")


@pytest.fixture(scope="session")
def demandes_d_essai(tmp_path_factory):
    return ecrire_demandes(tmp_path_factory.mktemp("essai") / "demandes.csv", nombre=400)


def lu(rendu):
    assert rendu.code == 0, rendu.erreur
    return json.loads(rendu.sortie)


def tableau(rendu):
    assert rendu.code == 0, rendu.erreur
    return list(csv.DictReader(io.StringIO(rendu.sortie), delimiter=";"))


def test_simuler(lancer, demandes_d_essai):
    commande = (
        "grille",
        "simuler",
        "territoire-exemple",
        "--demandes",
        demandes_d_essai,
        *AU,
        "--tete",
        "20",
        "--communes",
    )
    resultat = lu(lancer(*commande, "--format", "json"))
    lignes = tableau(lancer(*commande, "--format", "csv"))
    assert len(lignes) == sum(len(t["publics"]) for t in resultat["tetes"])
    for ligne in lignes:
        (tete,) = (
            t
            for t in resultat["tetes"]
            if (t["liste"], t["commune"] or "") == (ligne["liste"], ligne["commune"])
        )
        attendu = tete["publics"][ligne["public"]]["tete"]
        assert ligne["en_tete"] == ("" if attendu is None else str(attendu))
    texte = lancer(*commande).sortie
    assert f"médiane {resultat['notes'][2]}" in texte
    assert "n'est pas montré" in texte
    assert {s["critere"] for s in resultat["sensibilites"]} == {
        c.code for c in charger_grille("territoire-exemple", Path()).criteres
    }


def test_comparer(lancer, demandes_d_essai):
    commande = ("grille", "comparer", "territoire-exemple", "toulouse-extrait")
    seuls = lu(lancer(*commande, "--format", "json"))
    assert seuls["mouvements"] is None
    assert len(tableau(lancer(*commande, "--format", "csv"))) == len(seuls["changements"])
    assert "Critère « dalo », points : 120 points → 50 points" in lancer(*commande).sortie
    avec = lu(lancer(*commande, "--demandes", demandes_d_essai, *AU, "--format", "json"))
    assert avec["changements"] == seuls["changements"]
    lignes = tableau(lancer(*commande, "--demandes", demandes_d_essai, *AU, "--format", "csv"))
    assert [li["sortent"] for li in lignes] == [
        "" if m["sortent"] is None else str(m["sortent"]) for m in avec["mouvements"]
    ]
    texte = lancer(*commande, "--demandes", demandes_d_essai, *AU).sortie
    assert "En sortent" in texte


def test_poids(lancer):
    commande = (
        "grille",
        "poids",
        "dalo",
        "expulsion=handicap",
        ".",
        "anciennete",
        "--methode",
        "simos",
        "--rapport",
        "6,5",
    )
    resultat = lu(lancer(*commande, "--premier", "65", "--format", "json"))
    assert [(p["critere"], p["rang"], p["points"]) for p in resultat] == [
        ("dalo", 1, 65), ("expulsion", 2, 47), ("handicap", 2, 47), ("anciennete", 3, 10),
    ]  # fmt: skip
    assert [int(li["points"]) for li in tableau(lancer(*commande, "--premier", "65", "--format", "csv"))] == [
        65,
        47,
        47,
        10,
    ]
    assert (
        "Deux rangs reçoivent les mêmes points"
        in lancer("grille", "poids", "a", "b", "c", "--premier", "1").sortie
    )
    refus = lancer("grille", "poids", "a", ".", "b")
    assert refus.code == 2
    assert "Les cartes blanches ne servent qu'à la méthode de Simos" in refus.erreur


@pytest.mark.parametrize("nom", grilles_livrees())
def test_la_page_publique_dit_toute_la_grille(lancer, nom, tmp_path):
    rendu = lancer("grille", "publier", nom, "--sortie", tmp_path / "page.md")
    assert rendu.code == 0, rendu.erreur
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    grille = charger_grille(nom, tmp_path)
    assert all(f"**{critere.libelle}**" in page for critere in grille.criteres)
    assert all(rubrique.libelle in page for rubrique in grille.rubriques)
    assert "[CRPA L312-1-3]" in page
    assert grille.non_publie is None or grille.non_publie in page
    assert page.strip() == lancer("grille", "publier", nom).sortie.strip()
