"""The bilan on the command line: four forms of one result, the pack of a year, bilans read back and added up."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from partiteur.demo.territoire import BailleurDemo, Territoire

Lancer = Callable[..., Any]
CLES = ("code", "mise_a_disposition", "validee", "candidats_proposes", "attribution", "bail_signe", "refus_adaptes",
        "en_cours", "neutralisees", "taux_chute")  # fmt: skip


@pytest.fixture
def bailleur(territoire: Territoire) -> BailleurDemo:
    return territoire.bailleurs[2]


def test_quatre_formes(lancer: Lancer, bailleur: BailleurDemo, tmp_path: Path) -> None:
    """JSON in the agreed shape; the same figures as text, CSV and workbook."""
    base = ("bilan", bailleur.journal, "--dossier", bailleur.dossier, "--au", "2023-12-31")
    rendu = lancer(*base, "--objectifs", "--stock", 2022, "--intermediaires", "defaut", "--format", "json")
    assert rendu.code == 0, rendu.erreur
    dit = json.loads(rendu.sortie)
    assert {"au", "vacances", "reservataires", "ventilation", "manques"} <= set(dit)
    assert all(set(CLES) <= set(ligne) for ligne in dit["reservataires"])
    assert dit["au"] == "2023-12-31"
    texte = lancer(*base, "--objectifs", "--stock", 2022, "--intermediaires", "06-30,12-31").sortie
    assert texte.startswith("Bilan du 01/01/2023 au 31/12/2023 · Les Toits")
    assert dit["preuve"]["tete"] in texte
    assert all(phrase["message"] in texte for phrase in dit["manques"])
    assert "30/06/2023" in texte
    assert "31/03/2023" not in texte
    assert "en stock, 2022" in texte
    lignes = lancer(*base, "--format", "csv").sortie.splitlines()
    assert len(lignes) == len(dit["ventilation"]) + 1
    assert sum(int(ligne.split(";")[13]) for ligne in lignes[1:]) == dit["total"]["attribution"]
    assert lancer(*base, "--objectifs", "--format", "xlsx", "--sortie", "b.xlsx").code == 0
    noms = CalamineWorkbook.from_path(str(tmp_path / "b.xlsx")).sheet_names
    assert noms[:3] == ["Réservataires", "Engagements", "Tableau croisé"]
    assert "Objectifs" in noms


def test_le_bilan_est_celui_du_decompte(lancer: Lancer, bailleur: BailleurDemo) -> None:
    """The counters that both commands print are the same, and so is the taux de chute."""
    suite = (bailleur.journal, "--dossier", bailleur.dossier, "--au", "2023-06-30", "--format", "json")
    bilan, decompte = (json.loads(lancer(nom, *suite).sortie) for nom in ("bilan", "decompte"))
    comptes = {li["code"]: li for li in decompte["reservataires"]}
    for ligne in bilan["reservataires"]:
        for cle in CLES:
            assert ligne[cle] == comptes[ligne["code"]][cle], (ligne["code"], cle)
    assert bilan["surcompte"] == decompte["surcompte"]


def test_lignes_mauvaises(lancer: Lancer, tmp_path: Path) -> None:
    """Named, exit code 2; counted without them when asked, and said."""
    (tmp_path / "j.csv").write_text(
        "evenement,vacance,type,date_effet,date_saisie,auteur,reservataire,donnees\n"
        "e1,V1,vacance_ouverte,2024-01-05,2024-01-05,999000102:1,,\n"
        "e2,V1,mise_a_disposition,2024-01-08,2024-01-08,999000102:1,A,\n"
        "e3,V1,jeter_aux_dés,2024-01-09,2024-01-09,999000102:1,A,\n"
        "e4,V2,mise_a_disposition,2024-01-08,2024-01-08,999000102:1,A,\n"
    )
    rendu = lancer("bilan", "j.csv", "--au", "2024-12-31")
    assert rendu.code == 2
    assert rendu.sortie == ""
    assert "ligne 4, colonne « type »" in rendu.erreur
    assert "événement « e4 »" in rendu.erreur
    rendu = lancer("bilan", "--au", "2024-12-31", "--malgre-les-refus", "--format", "json", "j.csv")
    dit = json.loads(rendu.sortie)
    assert (dit["refuses"], dit["vacances"], dit["reservataires"][0]["mise_a_disposition"]) == (2, 1, 1)
    assert lancer("bilan", "j.csv", "--au", "2024-12-31", "--malgre-les-refus").code == 0


def test_le_dossier_annuel(lancer: Lancer, bailleur: BailleurDemo, tmp_path: Path) -> None:
    """A folder for each addressee, an index of what is complete; never over what is there."""
    base = (
        "bilan",
        "annuel",
        bailleur.journal,
        "--dossier",
        bailleur.dossier,
        "--exercice",
        2023,
        "--sortie",
        "pack",
    )
    rendu = lancer(*base)
    assert rendu.code == 0, rendu.erreur
    assert "LISEZ-MOI.txt" in rendu.sortie
    index = json.loads((tmp_path / "pack/index.json").read_text("utf-8"))["pieces"]
    assert all((tmp_path / "pack" / piece["fichier"]).is_file() for piece in index)
    dossiers = {piece["fichier"].split("/")[0] for piece in index}
    assert dossiers == {"reservataires", "epci", "prefet", "publication", "sne", "caleol"}
    codes = {p.name for p in (tmp_path / "pack/reservataires").iterdir()}
    flux = json.loads(lancer("flux", bailleur.dossier, "--format", "json").sortie)
    assert codes == {ligne["code"] for ligne in flux["reservataires"]}
    prevu = json.loads((tmp_path / "pack/prefet/previsionnel.json").read_text("utf-8"))
    soustraits = flux["flux"]["soustraits"]
    assert {li["categorie"]: li["prevu_2024"] for li in prevu if li["prevu_2024"]} == {
        c: n for c, n in soustraits.items() if n
    }
    assert all(li["prevu_2023"] is None for li in prevu)
    page = (tmp_path / "pack/publication/designations.html").read_text("utf-8")
    assert '<html lang="fr">' in page
    lus = list(json.loads((tmp_path / "pack/publication/designations.json").read_text("utf-8")))
    assert not {1, 2, 3, 4} & {
        n for li in lus for nom, n in li.items() if nom in ("attributions", "baux_signes")
    }
    lisez = (tmp_path / "pack/LISEZ-MOI.txt").read_text("utf-8")
    assert "prefet/etat-des-lieux" in lisez
    assert lancer(*base).erreur.startswith("Erreur : « pack » n'est pas vide")
    seul = lancer(
        "bilan",
        "annuel",
        bailleur.journal,
        "--dossier",
        _sans_parc(bailleur, tmp_path),
        "--exercice",
        2022,
        "--sortie",
        "seul",
    )
    assert seul.code == 0, seul.erreur
    lisez = (tmp_path / "seul/LISEZ-MOI.txt").read_text("utf-8")
    assert "aucun état des lieux" in lisez
    assert "rien n'est prévu pour 2023" in lisez


def _sans_parc(bailleur: BailleurDemo, tmp_path: Path) -> Path:
    """A dossier of figures, its réservataires unknown to the journal."""
    dossier = tmp_path / "chiffres.toml"
    dossier.write_text(
        'cadre = "paca-2024"\nexercice = 2022\n[bailleur]\nnom = "OPH"\n[territoire]\nechelle = "departement"\ncode = "99"\n'
        '[parc]\ntotal = 1000\n[rotation]\ntaux = "10 %"\n[[reservataires]]\ncode = "A"\ntype = "autre"\npart = "20 %"\n',
        encoding="utf-8",
    )
    return dossier


def test_importer_et_consolider(lancer: Lancer, territoire: Territoire, tmp_path: Path) -> None:
    """Three bailleurs, three bilans exchanged, one territory: its total is their sum."""
    totaux = []
    for rang, bailleur in enumerate(territoire.bailleurs[1:]):
        base = ("bilan", bailleur.journal, "--dossier", bailleur.dossier, "--au", "2023-12-31")
        assert lancer(*base, "--format", "csv", "--sortie", f"{rang}.csv").code == 0
        rendu = json.loads(lancer("bilan", "importer", f"{rang}.csv", "--format", "json").sortie)
        assert rendu["bailleur"] == bailleur.nom
        totaux.append(rendu["total"])
        relu = lancer("bilan", "importer", f"{rang}.csv", "--format", "csv").sortie
        assert relu + "" == (tmp_path / f"{rang}.csv").read_text("utf-8")
    dit = json.loads(lancer("bilan", "consolider", "0.csv", "1.csv", "--format", "json").sortie)
    assert dit["total"] == {nom: totaux[0][nom] + totaux[1][nom] for nom in totaux[0]}
    assert [b["total"] for b in dit["bilans"]] == totaux
    texte = lancer("bilan", "consolider", "0.csv", "1.csv").sortie
    assert "Territoire, du 01/01/2023 au 31/12/2023" in texte
    assert lancer("bilan", "consolider", "0.csv", "1.csv", "--format", "xlsx", "--sortie", "t.xlsx").code == 0
    assert lancer("bilan", "importer", "t.xlsx").sortie.startswith(
        "t.xlsx : bailleur inconnu, période inconnue"
    )
    (tmp_path / "0.csv").write_text((tmp_path / "0.csv").read_text("utf-8").replace(";oui;", ";si;"))
    rendu = lancer("bilan", "consolider", "0.csv", "1.csv")
    assert rendu.code == 2
    assert "« si »" in rendu.erreur
    assert lancer("bilan", "consolider", "0.csv", "1.csv", "--malgre-les-refus").code == 0
    assert " ! " in lancer("bilan", "importer", "0.csv", "--malgre-les-refus").sortie


def test_importer_un_etat_des_lieux(lancer: Lancer, tmp_path: Path) -> None:
    """What `parc etat-des-lieux` writes is read back, and two of them make a territory."""
    for nom, nombre in (("1", 40), ("2", 2)):
        (tmp_path / f"{nom}.csv").write_text(
            f"bailleur;au;reservataire;logements\nB{nom};2024-01-01;A;{nombre}\n", encoding="utf-8"
        )
    assert lancer("bilan", "importer", "1.csv").sortie.startswith(
        "1.csv : B1, état des lieux au 01/01/2024, 1 lignes, 40 logements. Colonnes absentes : commune"
    )
    dit = json.loads(lancer("bilan", "consolider", "1.csv", "2.csv", "--format", "json").sortie)
    assert (dit["du"], dit["au"], dit["total"]) == (None, "2024-01-01", {"logements": 42})
    texte = lancer("bilan", "consolider", "1.csv", "2.csv").sortie
    assert "Territoire, au 01/01/2024" in texte
    assert texte.splitlines()[-1].split() == ["Total", "42"]


def test_l_aide(lancer: Lancer) -> None:
    """The first command needs no name; the others are listed."""
    aide = lancer("bilan", "--help").sortie
    assert all(nom in aide for nom in ("annuel", "importer", "consolider"))
    assert "--connu-le" in lancer("bilan", "etablir", "--help").sortie
    assert (
        "n'est pas une date MM-JJ"
        in lancer("bilan", "j.csv", "--au", "2024-12-31", "--intermediaires", "31-12").erreur
    )
