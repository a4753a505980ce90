"""The commands on a journal: what they print, what they refuse, and their exit codes."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from partiteur.demo.territoire import Territoire
from partiteur.moteur.journal import COLONNES

Lancer = Callable[..., "Rendu"]  # noqa: F821 - conftest's


@pytest.fixture
def journal(territoire: Territoire, tmp_path: Path) -> Path:
    """The smallest bailleur's journal, to be spoiled."""
    copie = tmp_path / "journal.csv"
    copie.write_bytes(territoire.bailleurs[2].journal.read_bytes())
    return copie


def journal_de(lignes: list[str], chemin: Path) -> Path:
    """A journal put back as it was."""
    chemin.write_text("".join(lignes))
    return chemin


def test_verifier(lancer: Lancer, journal: Path) -> None:
    rendu = lancer("journal", "verifier", journal)
    assert rendu.code == 0
    assert rendu.sortie.startswith("journal.csv : chaîne intacte : ")
    tete = lancer("journal", "tete", journal).sortie.strip()
    numero, _, empreinte = tete.partition(":")
    assert lancer("journal", "verifier", journal, "--tete", tete).code == 0
    dit = json.loads(lancer("journal", "verifier", journal, "--format", "json").sortie)
    assert (dit["etat"], dit["tete"], dit["evenements"], dit["numero"]) == (
        "intacte",
        tete,
        int(numero),
        None,
    )
    lignes = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lignes[:-1]))
    rendu = lancer("journal", "verifier", journal, "--tete", tete, "--format", "csv")
    assert rendu.code == 2
    assert rendu.sortie.splitlines()[1].startswith(f"tronquee;{numero};")
    journal.write_text(
        "".join([*lignes[:50], lignes[50].replace("999000300-", "999000300-9", 2), *lignes[51:]])
    )
    rendu = lancer("journal", "verifier", journal)
    assert rendu.code == 2
    assert "altérée à l'événement 50" in rendu.sortie
    assert lancer("journal", "verifier", journal, "--tete", "9:x").erreur.startswith("Erreur : La tête")
    assert lancer("journal", "tete", journal).code == 2
    assert lancer("journal", "verifier", "absent.csv").code == 2
    assert len(empreinte) == 64


def test_inverifiable(lancer: Lancer, tmp_path: Path) -> None:
    (tmp_path / "nu.csv").write_text(
        "vacance;type;date_effet;date_saisie;auteur\nV1;conge_recu;05/01/2024;2024-01-05;999000102:7\nV1;papotage;;;\n"
    )
    rendu = lancer("journal", "verifier", "nu.csv")
    assert rendu.code == 2
    assert "invérifiable" in rendu.sortie
    assert "nu.csv, ligne 3" in rendu.sortie


def test_exporter_et_effacer(lancer: Lancer, journal: Path) -> None:
    """A filtered export verifies with the same head, and so does what erasure leaves."""
    tete = lancer("journal", "tete", journal).sortie.strip()
    rendu = lancer("journal", "exporter", journal, "--reservataire", "cd99", "--sortie", "cd99.csv")
    assert rendu.code == 0
    assert "lisibles par « cd99 »" in rendu.sortie
    assert "enveloppes nues" in lancer("journal", "verifier", "cd99.csv", "--tete", tete).sortie
    vacance = next(csv.DictReader(io.StringIO(journal.read_text())))["vacance"]
    assert "compteurs ne changent pas" in lancer("journal", "effacer", journal, "--vacance", vacance).sortie
    rendu = lancer("journal", "verifier", journal, "--tete", tete)
    assert rendu.code == 0
    assert "effacés" in rendu.sortie
    assert "rien n'en reste" in lancer("journal", "effacer", journal, "--vacance", vacance, "--tout").sortie
    assert lancer("journal", "verifier", journal, "--tete", tete).code == 0
    assert lancer("journal", "effacer", journal, "--vacance", "V0").erreur.startswith(
        "Erreur : journal.csv : aucune"
    )


def test_schema(lancer: Lancer) -> None:
    schema = json.loads(lancer("journal", "schema").sortie)
    assert [champ["name"] for champ in schema["fields"]] == list(COLONNES)


def test_importer(lancer: Lancer, tmp_path: Path) -> None:
    """ERP rows, then events added to the chain; a refused row is said."""
    (tmp_path / "m.toml").write_text('[journal]\nauteur = "999000102:erp1"\n[colonnes]\nlogement = "UG"\n')
    (tmp_path / "erp.csv").write_text(
        "UG;Congé;Réservataire;MAD;Bail\nL1;05/01/2024;A;08/01/2024;\nL2;05/01/2024;A;01/01/2024;\n"
    )
    rendu = lancer("journal", "importer", "erp.csv", "--modele", "m.toml", "--sortie", "j.csv")
    assert rendu.code == 0, rendu.erreur
    assert "j.csv : 3 événements inscrits, 1 lignes acceptées, 1 refusées." in rendu.sortie
    assert "précède" in rendu.sortie
    assert lancer("journal", "verifier", "j.csv").code == 0
    (tmp_path / "suite.csv").write_text(
        "vacance,type,date_effet,date_saisie,auteur,reservataire,donnees\n"
        '999000102-L1-20240105,designation,2024-01-15,2024-01-15,999000200:3,A,"{""candidats"":[""c1""]}"\n'
    )
    rendu = lancer("journal", "importer", "suite.csv", "--suite", "j.csv", "--sortie", "j2.jsonl")
    assert rendu.code == 0, rendu.erreur
    assert "Tête : 4:" in rendu.sortie
    assert lancer("journal", "verifier", "j2.jsonl").code == 0
    rendu = lancer("journal", "importer", "suite.csv", "--chaine", "999000102", "--sortie", "j3.csv")
    assert rendu.code == 2
    assert "aucune ligne n'est acceptée" in rendu.erreur
    assert "suite.csv, ligne 2 : la vacance" in rendu.erreur


def test_decompte(lancer: Lancer, territoire: Territoire, journal: Path) -> None:
    """The counters in three forms, each opening to its vacances."""
    dossier = territoire.bailleurs[2].dossier
    base = ("decompte", journal, "--dossier", dossier, "--au", "2023-12-31")
    rendu = lancer(*base)
    assert rendu.code == 0, rendu.erreur
    assert rendu.sortie.startswith("Décompte du 01/01/2023 au 31/12/2023\n")
    assert "Surcompte" in rendu.sortie
    dit = json.loads(lancer(*base, "--vacances", "--format", "json").sortie)
    par_code = {li["code"]: li for li in dit["reservataires"]}
    als = par_code["action-logement"]
    assert als["engage"] == als["entree"] <= als["mise_a_disposition"]
    for li in par_code.values():
        assert all(li[nom] == len(vacances) for nom, vacances in li["detail"].items())
    assert sum(li["bail_signe"] for li in par_code.values()) <= dit["vacances"]
    assert dit["refuses"] == 0
    toutes = json.loads(lancer(*base, "--reinjection", "toutes", "--format", "json").sortie)
    assert toutes["surcompte"] >= dit["surcompte"]
    assert any("toutes" in phrase for phrase in toutes["remarques"])
    lignes = list(csv.reader(io.StringIO(lancer(*base, "--format", "csv").sortie), delimiter=";"))
    assert len(lignes) == len(par_code) + 1
    assert {li[0]: li[lignes[0].index("engage")] for li in lignes[1:]} == {
        code: "" if li["engage"] is None else str(li["engage"]) for code, li in par_code.items()
    }
    detail = list(
        csv.reader(io.StringIO(lancer(*base, "--vacances", "--format", "csv").sortie), delimiter=";")
    )
    assert (
        sum(ligne[:2] == ["cd99", "mise_a_disposition"] for ligne in detail)
        == par_code["cd99"]["mise_a_disposition"]
    )
    assert dit["irregularites"]["candidats_insuffisants"]
    texte = lancer(*base, "--vacances", "--du", "2022-01-01", "--connu-le", "2023-06-30").sortie
    assert "moins de trois candidats, sans raison : " in texte
    assert "  candidats_insuffisants : 999000300-" in texte
    assert "connu le 30/06/2023" in texte
    assert "  mise_a_disposition : 999000300-" in texte


def test_decompte_refuse(lancer: Lancer, territoire: Territoire, journal: Path, tmp_path: Path) -> None:
    """An altered chain is not counted; what is missing or impossible is said."""
    dossier = territoire.bailleurs[2].dossier
    lignes = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lignes[:10] + lignes[11:]))
    rendu = lancer("decompte", journal, "--dossier", dossier, "--au", "2023-12-31")
    assert rendu.code == 2
    assert "altérée à l'événement 10" in rendu.erreur
    (tmp_path / "nu.csv").write_text(
        "vacance;type;date_effet;date_saisie;auteur\nV1;conge_recu;05/01/2024;2024-01-05;999000300:7\n"
        "V2;bail_signe;05/01/2024;2024-01-05;999000300:7\n"
        "V1;bail_signe;06/01/2024;2024-01-06;999000404:7\n"
    )
    texte = lancer("decompte", "nu.csv", "--dossier", dossier, "--au", "2024-12-31").sortie
    assert "invérifiable" in texte
    assert "2 événements impossibles" in texte
    assert "Auteurs que le dossier n'identifie pas : 999000404" in texte
    assert "son logement n'est pas dans le parc" in texte
    autre = territoire.bailleurs[1].dossier
    assert (
        "donnez le dossier de ce bailleur"
        in lancer("decompte", journal_de(lignes, journal), "--dossier", autre, "--au", "2023-12-31").erreur
    )
    journal.write_text("".join(lignes))
    lancer("journal", "exporter", journal, "--reservataire", "cd99", "--sortie", "cd99.csv")
    assert (
        "ne sont pas lisibles"
        in lancer("decompte", "cd99.csv", "--dossier", dossier, "--au", "2023-12-31").sortie
    )
