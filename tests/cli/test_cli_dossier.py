"""`partiteur dossier creer` and `partiteur demo`: what they write is read back and computed."""

import json
import re
import subprocess
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

PARTITEUR = Path(sys.executable).with_name("partiteur")


def test_un_dossier_prepare_se_calcule_et_retrouve_les_chiffres_de_la_demo(lancer, territoire, tmp_path):
    bailleur = territoire.bailleurs[0]
    rendu = lancer(
        "dossier", "creer", "--parc", bailleur.parc, "--droits", bailleur.droits, "--liberations",
        bailleur.liberations, "--cadre", "paca-2024", "--exercice", 2024, "--geographie",
        territoire.dossier / "communes.csv", "--sortie", "mien.toml",
    )  # fmt: skip
    assert (rendu.code, rendu.erreur) == (0, "")
    assert rendu.sortie.startswith("mien.toml : relisez-le, corrigez ce qui est marqué « à corriger »")
    document = tomllib.loads((tmp_path / "mien.toml").read_text("utf-8"))
    assert document["bailleur"] == {"nom": bailleur.nom, "siren": bailleur.siren}
    assert document["territoire"] == {"echelle": "departement", "code": "99"}
    assert document["parc"]["source"] == "RPLS"
    mien = json.loads(lancer("flux", "mien.toml", "--format", "json").sortie)
    demo = json.loads(lancer("flux", bailleur.dossier, "--format", "json").sortie)
    assert mien["assiette"] == demo["assiette"]
    assert mien["rotation"] == demo["rotation"]
    volume = mien["assiette"]["total"] * Fraction(mien["rotation"]["taux"])
    assert Fraction(mien["flux"]["volume"]) == volume > 0
    siennes = {r["code"]: r["part"] for r in mien["reservataires"]}
    communes = {
        r["code"]: r["part"]
        for r in demo["reservataires"]
        if r["type"] in ("commune", "epci", "action_logement")
    }
    assert communes
    assert {code: siennes[code] for code in communes} == communes
    publies = [r["objectif"] for r in (*mien["reservataires"], mien["non_reserve"])]
    assert sum(publies) == mien["flux"]["a_repartir"]


def creer_sans_registre(lancer, territoire, rang):
    rendu = lancer(
        "dossier", "creer", "--parc", territoire.bailleurs[rang].parc, "--cadre", "droit-commun", "--exercice", 2024,
        "--geographie", territoire.dossier / "communes.csv", "--nom", "Chez nous", "--territoire", "departement:99",
    )  # fmt: skip
    assert (rendu.code, rendu.erreur) == (0, "")


def conserver(lue):
    assert lue["bailleur"] == "Chez nous"
    codes = [r["code"] for r in lue["reservataires"]]
    assert codes
    assert codes == sorted(codes)
    assert all(code.startswith("contingent-") for code in codes)
    publies = [r["objectif"] for r in (*lue["reservataires"], lue["non_reserve"])]
    assert sum(publies) == lue["flux"]["a_repartir"] > 0


def test_un_dossier_prepare_sans_registre_se_calcule(lancer, territoire):
    creer_sans_registre(lancer, territoire, 1)
    conserver(json.loads(lancer("flux", "dossier.toml", "--format", "json").sortie))


def test_un_dossier_prepare_sans_rotation_la_demande_puis_se_calcule(lancer, territoire, tmp_path):
    creer_sans_registre(lancer, territoire, 2)
    refus = lancer("flux", "dossier.toml")
    assert (refus.code, refus.sortie) == (2, "")
    assert "Aucune rotation" in refus.erreur
    texte = (tmp_path / "dossier.toml").read_text("utf-8")
    assert '# taux = "… %"' in texte
    (tmp_path / "dossier.toml").write_text(texte.replace('# taux = "… %"', 'taux = "8 %"'), encoding="utf-8")
    conserver(json.loads(lancer("flux", "dossier.toml", "--format", "json").sortie))


def test_la_demo_garde_ses_fichiers_et_dit_la_feuille(lancer, tmp_path):
    rendu = lancer("demo", "--sortie", "ici", "--graine", 7, "--sans-serveur")
    assert (rendu.code, rendu.erreur) == (0, "")
    dossiers = sorted(p.parent.name for p in (tmp_path / "ici").glob("*/dossier.toml"))
    assert len(dossiers) == 3
    assert (tmp_path / "ici/communes.csv").is_file()
    with (tmp_path / "ici/demandes.csv").open(encoding="utf-8") as demandes:
        assert sum(1 for _ in demandes) == 1 + 20_000
    assert "Les fichiers sont dans ici : un dossier par bailleur" in rendu.sortie
    feuille = rendu.sortie.split("\n\n  Les fichiers sont dans")[0]
    premiers = [
        d for d in dossiers if lancer("flux", f"ici/{d}/dossier.toml").sortie.strip() == feuille.strip()
    ]
    assert len(premiers) == 1


def test_la_demo_installee_montre_l_assiette_la_rotation_le_flux_et_les_textes(tmp_path):
    fini = subprocess.run(
        [PARTITEUR, "demo", "--sans-serveur"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert fini.stderr == ""
    assert list(tmp_path.iterdir()) == []
    for attendu in (
        "= Assiette",
        "× Rotation",
        "= Flux à répartir",
        "Action Logement Services",
        "non réservé",
        "fictif",
    ):
        assert attendu in fini.stdout
    assert re.search(r"\[R441-5[^\]]*\]", fini.stdout)
    assert "Gardez les fichiers avec « partiteur demo --sortie DOSSIER »" in fini.stdout
