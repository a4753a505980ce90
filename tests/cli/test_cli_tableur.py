"""The command line writes workbooks, and reads a dossier from one."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from partiteur.demo.territoire import BailleurDemo, Territoire

Lancer = Callable[..., object]


@pytest.fixture
def bailleur(territoire: Territoire) -> BailleurDemo:
    return territoire.bailleurs[2]  # the smallest: the time goes to writing, not to reading


def lire(chemin: Path, feuille: str) -> list[list[object]]:
    """The rows of a sheet."""
    return CalamineWorkbook.from_path(str(chemin)).get_sheet_by_name(feuille).to_python()


def test_le_flux_en_classeur(lancer: Lancer, bailleur: BailleurDemo, tmp_path: Path) -> None:
    """The counted rotation, its numerator and its denominator, and the flux of the JSON."""
    rendu = lancer("flux", bailleur.dossier, "--format", "xlsx", "--sortie", "f.xlsx")
    assert (rendu.code, rendu.sortie) == (0, "")
    attendu = json.loads(lancer("flux", bailleur.dossier, "--format", "json").sortie)
    lignes = {r[0]: r[1] for r in lire(tmp_path / "f.xlsx", "Feuille de calcul")}
    assert lignes["Flux à répartir"] == attendu["flux"]["a_repartir"]
    assert Fraction(
        int(lignes["Libérations comptées"]), int(lignes["Logements au dénominateur"])
    ) == Fraction(attendu["rotation"]["taux"])
    parts = {r[0]: r[9] for r in lire(tmp_path / "f.xlsx", "Réservataires")}
    assert {r["code"]: r["objectif"] for r in attendu["reservataires"]} == {
        r["code"]: parts[r["code"]] for r in attendu["reservataires"]
    }
    assert not list(tmp_path.glob(".partiteur-*"))


def test_l_etat_des_lieux_en_classeur(lancer: Lancer, bailleur: BailleurDemo, tmp_path: Path) -> None:
    """The table asked, the crossed one, and one row a dwelling."""
    geographie = bailleur.dossier.parents[1] / "communes.csv"
    commande = ["parc", "etat-des-lieux", bailleur.parc, "--geographie", geographie, "--par", "commune,qpv"]
    detail = ["--detail", "--droits", bailleur.droits, "--liberations", bailleur.liberations]
    rendu = lancer(*commande, *detail, "--format", "xlsx", "--sortie", "e.xlsx")
    assert (rendu.code, rendu.erreur) == (0, "")
    groupes = json.loads(lancer(*commande, "--format", "json").sortie)
    total = sum(g["logements"] for g in groupes)
    lignes = [r for r in lire(tmp_path / "e.xlsx", "État des lieux") if r[1] in ("oui", "non", "inconnu")]
    assert [(r[0], r[2]) for r in lignes] == [(g["commune"], g["logements"]) for g in groupes]
    assert len(lire(tmp_path / "e.xlsx", "Logements")) == total + 1
    fin = {r[0]: r[-1] for r in lire(tmp_path / "e.xlsx", "Réservataires × financement")}
    assert (fin["NB logements du bailleur"], fin["Écart avec le tableau"]) == (total, 0)
    assert "Logements" not in lancer(*commande, "--format", "xlsx", "--sortie", "s.xlsx").sortie
    assert "Logements" not in CalamineWorkbook.from_path(str(tmp_path / "s.xlsx")).sheet_names


def test_un_dossier_prepare_en_classeur(lancer: Lancer, bailleur: BailleurDemo) -> None:
    """Prepared as a workbook or as TOML, the same flux to the last step."""
    geographie = bailleur.dossier.parents[1] / "communes.csv"
    commande = [
        "dossier",
        "creer",
        "--parc",
        bailleur.parc,
        "--droits",
        bailleur.droits,
        "--cadre",
        "paca-2024",
    ]
    suite = ["--liberations", bailleur.liberations, "--exercice", 2024, "--geographie", geographie]
    rendus = []
    for sortie in ("d.xlsx", "d.toml"):
        assert lancer(*commande, *suite, "--sortie", sortie).code == 0
        rendus.append(lancer("flux", sortie, "--format", "json"))
    assert rendus[0].code == 0
    assert rendus[0].sortie == rendus[1].sortie


def test_ce_qui_ne_se_peut_pas_est_dit(lancer: Lancer, bailleur: BailleurDemo) -> None:
    """A workbook needs a file; the dwellings need a workbook; one sentence each, and exit code 2."""
    rendus = {
        "ajoutez --sortie FICHIER.xlsx": lancer("flux", bailleur.dossier, "--format", "xlsx"),
        "Le détail par logement est un classeur": lancer("parc", "etat-des-lieux", bailleur.parc, "--detail"),
        "ne s'écrit pas en classeur": lancer(
            *(
                "flux",
                bailleur.dossier,
                "--actualiser",
                bailleur.dossier,
                "--format",
                "xlsx",
                "--sortie",
                "f.xlsx",
            )
        ),
        "écriture impossible": lancer(
            "flux", bailleur.dossier, "--format", "xlsx", "--sortie", "absent/f.xlsx"
        ),
    }
    for phrase, rendu in rendus.items():
        assert rendu.code == 2
        assert phrase in rendu.erreur
        assert rendu.erreur.count("\n") == 1
