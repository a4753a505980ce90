"""Help, rules, cadres, version: what the command line says of itself, in French and at once."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import partiteur.cli
from partiteur.moteur.cadre import cadres_livres
from partiteur.regles.socle import textes

PARTITEUR = Path(sys.executable).with_name("partiteur")
LOURDS = ("duckdb", "pyarrow", "jsonschema", "python_calamine", "xlsxwriter", "rich")


def feuilles(commande: click.Command, chemin: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command and group, by its path."""
    contexte = click.Context(commande, info_name="partiteur")
    trouvees = [chemin]
    if isinstance(commande, click.Group):
        for nom in commande.list_commands(contexte):
            fille = commande.get_command(contexte, nom)
            assert fille is not None
            trouvees += feuilles(fille, (*chemin, nom))
    return trouvees


TOUTES = feuilles(partiteur.cli.commandes)


def test_les_commandes_de_l_etape_sont_la():
    attendues = {
        ("parc", "controler"), ("parc", "importer"), ("parc", "etat-des-lieux"), ("flux",), ("dossier", "creer"),
        ("cadre", "verifier"), ("cadre", "lister"), ("regles",), ("demo",),
    }  # fmt: skip
    assert attendues <= set(TOUTES)


@pytest.mark.parametrize("chemin", TOUTES, ids=" ".join)
def test_chaque_commande_s_explique_en_francais(lancer, chemin):
    for demande in ("--help", "-h"):
        rendu = lancer(*chemin, demande)
        assert (rendu.code, rendu.erreur) == (0, "")
        assert "Montrer cette aide." in rendu.sortie
    assert not re.search(r"\b(?:show|this|the|commands:|deprecated)\b", rendu.sortie, re.IGNORECASE)
    for ligne in rendu.sortie.splitlines():
        if option := re.match(r" +(?:-\w, )?--[\w-]+(?: \S+)?  +(\S.*)", ligne):
            assert option[1]


def test_aucun_mot_de_click_dans_l_aide(lancer):
    aides = "".join(lancer(*chemin, "--help").sortie for chemin in TOUTES)
    assert not re.search(r"\[required\]|\[default:|COMMAND \[ARGS\]", aides)


def test_l_aide_de_la_racine_ne_charge_rien_de_lourd():
    source = (
        "import sys; sys.argv = ['partiteur', '--help']\n"
        "import partiteur.cli as cli\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        f"print([m for m in {LOURDS!r} if m in sys.modules], file=sys.stderr)\n"
        "assert 'click' in sys.modules\n"
    )
    fini = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert fini.stderr.strip() == "[]"
    assert "etat" not in fini.stdout
    for nom, resume in partiteur.cli.COMMANDES.items():
        assert f"  {nom} " in fini.stdout
        assert resume.split()[0] in fini.stdout


def test_la_version(lancer):
    rendu = lancer("--version")
    assert rendu.code == 0
    assert re.fullmatch(r"partiteur \d+\.\d+\.\d+\n", rendu.sortie)


def test_regles_dit_chaque_regle_en_trois_formes(lancer):
    regles = json.loads(lancer("regles", "--format", "json").sortie)
    noms = [regle["nom"] for regle in regles]
    assert {"motifs_exclusion", "taux_rotation", "plus_forts_restes", "flux"} <= set(noms)
    assert len(set(noms)) == len(noms)
    for regle in regles:
        assert {"nom", "module", "resume", "du", "au", "textes"} <= set(regle)
        assert regle["resume"].endswith(".")
        assert regle["textes"]
        assert all(texte["id"] in textes() for texte in regle["textes"])
    lignes = list(csv.DictReader(io.StringIO(lancer("regles", "--format", "csv").sortie), delimiter=";"))
    assert [(x["nom"], x["resume"]) for x in lignes] == [(r["nom"], r["resume"]) for r in regles]
    assert [x["textes"].split("|") for x in lignes] == [[t["id"] for t in r["textes"]] for r in regles]
    texte = lancer("regles").sortie
    assert [ligne.split()[0] for ligne in texte.splitlines()] == noms


def test_une_regle_dit_son_texte(lancer):
    texte = lancer("regles", "plafond_etat").sortie
    assert texte.startswith("plafond_etat\n  L'État ne reçoit pas plus de 30 %")
    assert "En vigueur depuis le 22/02/2020" in texte
    assert f"[{textes()['r441-5-2-plafond']['cite']}]" in texte
    (regle,) = json.loads(lancer("regles", "plafond_etat", "--format", "json").sortie)
    assert (regle["nom"], regle["module"], regle["du"], regle["au"]) == (
        "plafond_etat", "repartition", "2020-02-22", None
    )  # fmt: skip


def test_la_documentation_s_ecrit(lancer, tmp_path):
    rendu = lancer("regles", "--documentation", "docs")
    assert rendu.code == 0
    ecrites = {Path(ligne).name for ligne in rendu.sortie.splitlines()}
    assert {"regles.md", "textes.md", "cadres.md", "avertissements.md"} <= ecrites
    assert {p.name for p in (tmp_path / "docs").iterdir()} == ecrites
    cadres = (tmp_path / "docs/cadres.md").read_text("utf-8")
    assert all(f"(`{code}`)" in cadres for code in cadres_livres())
    regles = (tmp_path / "docs/regles.md").read_text("utf-8")
    assert all(f"`{r['nom']}`" in regles for r in json.loads(lancer("regles", "--format", "json").sortie))
    avertissements = (tmp_path / "docs/avertissements.md").read_text("utf-8")
    assert "| `double_deduction` | à justifier |" in avertissements
    assert lancer("regles", "--documentation", "docs").code == 0
    assert (tmp_path / "docs/cadres.md").read_text("utf-8") == cadres


def test_cadre_lister(lancer):
    assert lancer("cadre", "lister").sortie.split() == list(cadres_livres())


@pytest.mark.parametrize("code", cadres_livres())
def test_cadre_verifier_un_cadre_livre(lancer, code):
    rendu = lancer("cadre", "verifier", code)
    assert (rendu.code, rendu.sortie) == (0, f"{code}.toml : cadre valide.\n")
    json_ = json.loads(lancer("cadre", "verifier", code, "--format", "json").sortie)
    assert json_ == {"valide": True, "constats": []}


def test_cadre_verifier_un_cadre_fautif_en_trois_formes(lancer, tmp_path):
    (tmp_path / "mien.toml").write_text(
        'code = "mien"\ntitre = "M"\ndu = 2024-01-01\nau = 2023-01-01\ntexte = "nulle-part"\n',
        encoding="utf-8",
    )
    json_ = json.loads(lancer("cadre", "verifier", "mien.toml", "--format", "json").sortie)
    assert json_["valide"] is False
    assert [c["chemin"] for c in json_["constats"]] == ["", "au"]
    lignes = csv.DictReader(
        io.StringIO(lancer("cadre", "verifier", "mien.toml", "--format", "csv").sortie), delimiter=";"
    )
    assert list(lignes) == json_["constats"]
    attendu = [f"mien.toml, {c['chemin'] or 'premier niveau'} : {c['message']}" for c in json_["constats"]]
    assert lancer("cadre", "verifier", "mien.toml").sortie.splitlines() == attendu


def test_cadre_verifier_un_cadre_fautif_rend_2(lancer, tmp_path):
    (tmp_path / "mien.toml").write_text('code = "mien"\n', encoding="utf-8")
    assert lancer("cadre", "verifier", "mien.toml").code == 2
