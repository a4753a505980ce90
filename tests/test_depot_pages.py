"""The pages check themselves: words kept, generated pages current, commands that print what is shown."""

import fnmatch
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest
from depot import PARTITEUR, RACINE, fichiers, lire, rien

LIGNES_PAR_ADR = 40


def mots_interdits(glossaire: str) -> list[str]:
    """The words between « » in the first column of the table « Mots à ne pas employer »."""
    table = glossaire.partition("## Mots à ne pas employer")[2].partition("\n## ")[0]
    premieres = [ligne.split("|")[1] for ligne in table.splitlines() if ligne.count("|") > 1]
    return [mot.strip() for colonne in premieres for mot in re.findall(r"«([^»]+)»", colonne)]


def mots_employes(texte: str, interdits: Iterable[str]) -> list[str]:
    """The forbidden words a text uses, whatever the capitals; a word inside a longer one is another word."""
    return [mot for mot in interdits if re.search(rf"(?<!\w){re.escape(mot)}(?!\w)", texte, re.IGNORECASE)]


def blocs_de_console(page: str) -> list[str]:
    """The ```console blocks of a page, those marked « sans-verification » left out."""
    motif = re.compile(r"(<!-- sans-verification -->\s*)?^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [trouve[2] for trouve in motif.finditer(page) if not trouve[1]]


def commandes(bloc: str) -> list[tuple[str, str]]:
    """Each command of a console block with the output printed under it."""
    morceaux = re.split(r"^\$ ", bloc, flags=re.MULTILINE)[1:]
    return [(commande, sortie.strip("\n")) for commande, _, sortie in (m.partition("\n") for m in morceaux)]


def feuilles(commande: click.Command, chemin: str, contexte: click.Context) -> Iterator[str]:
    """The full name of every command of the command line."""
    if not isinstance(commande, click.Group):
        yield chemin
        return
    for nom in commande.list_commands(contexte):
        sous_commande = commande.get_command(contexte, nom)
        assert sous_commande is not None, nom
        yield from feuilles(sous_commande, f"{chemin} {nom}", contexte)


def chemins_absents(page: str, presents: Iterable[str]) -> list[str]:
    """The paths in backquotes that lead to no file or folder of the repository; `*` and `<nom>` stand for any."""
    connus = {*presents} | {str(parent) for nom in presents for parent in Path(nom).parents}
    cites = re.findall(r"`([\w.\-<>*/]*/[\w.\-<>*/]*|[\w\-]+\.(?:md|toml|py))`", page)
    modeles = {cite: re.sub(r"<\w+>", "*", cite.rstrip("/")) for cite in cites}
    return [
        c for c, modele in modeles.items() if not c.startswith("..") and not fnmatch.filter(connus, modele)
    ]


def test_aucun_mot_a_ne_pas_employer() -> None:
    """What people read does not use the words the glossary rules out."""
    interdits = mots_interdits(lire("GLOSSARY.md"))
    assert interdits
    lus = [n for n in fichiers() if n.startswith(("partiteur/", "docs/guide/")) or n == "README.md"]
    lus = [nom for nom in lus if nom.endswith((".py", ".toml", ".json", ".md", ".sql"))]
    rien([f"{nom} : {mot}" for nom in lus for mot in mots_employes(lire(nom), interdits)])


def test_pages_engendrees_a_jour() -> None:
    """The generated pages are what the code would generate now."""
    from partiteur.cli.documentation import pages

    engendrees = pages()
    assert {"docs/regles.md", "docs/textes.md", "docs/cadres.md", "docs/avertissements.md"} <= set(engendrees)
    rien([nom for nom, contenu in engendrees.items() if lire(nom) != contenu])


def test_commandes_du_readme(tmp_path: Path) -> None:
    """Each command of README.md, run on a copy of the repository, prints what README.md says it prints."""
    for nom in fichiers():
        if not nom.startswith(("tests/", "partiteur/")):
            (tmp_path / nom).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(RACINE / nom, tmp_path / nom)
    montrees = [paire for bloc in blocs_de_console(lire("README.md")) for paire in commandes(bloc)]
    assert montrees
    for commande, attendu in montrees:
        programme, *arguments = shlex.split(commande)
        assert Path(programme).name == "partiteur", (
            f"« {commande} » : marquez le bloc <!-- sans-verification -->"
        )
        obtenu = subprocess.run(
            [Path(sys.executable).with_name("partiteur"), *arguments],
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        ).stdout
        assert [li.rstrip() for li in obtenu.strip("\n").splitlines()] == attendu.splitlines(), commande


def test_chaque_commande_est_documentee() -> None:
    """Each command is shown in README.md or in the guide."""
    from partiteur import cli

    guide = "\n".join(
        [
            lire("README.md"),
            *(lire(n) for n in fichiers() if n.startswith("docs/guide/") and n.endswith(".md")),
        ]
    )
    principale = cli.commandes
    assert isinstance(principale, click.Command)
    noms = list(feuilles(principale, "partiteur", click.Context(principale)))
    rien([nom for nom in noms if not re.search(rf"{nom}(?![\w-])", guide)])


def test_decisions_courtes_et_numerotees() -> None:
    """An ADR fits on a screen; their numbers follow one another."""
    adr = sorted((RACINE / "docs/adr").glob("*.md"))
    rien([chemin.name for chemin in adr if len(lire(chemin).splitlines()) > LIGNES_PAR_ADR])
    numeros = [int(chemin.name.partition("-")[0]) for chemin in adr]
    assert numeros[0] == 1
    assert all(suivant == numero + 1 for numero, suivant in pairwise(numeros))


def test_architecture_nomme_chaque_piece() -> None:
    """ARCHITECTURE.md names every module and folder of every room."""
    pieces = [
        chemin for salle in ("regles", "moteur", "demo", "cli") for chemin in (PARTITEUR / salle).iterdir()
    ]
    pieces = [chemin for chemin in pieces if chemin.stem not in ("__init__", "__pycache__")]
    page = lire("ARCHITECTURE.md")
    presents = fichiers()
    pieces = [c for c in pieces if any(n.startswith(str(c.relative_to(RACINE))) for n in presents)]
    rien(str(c.relative_to(RACINE)) for c in pieces if not re.search(rf"`[^`]*\b{c.stem}\b[^`]*`", page))


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md"])
def test_les_chemins_cites_existent(page: str) -> None:
    """A path written in backquotes leads somewhere."""
    rien(chemins_absents(lire(page), fichiers()))


def test_le_readme_montre_la_derniere_mesure() -> None:
    """The short table of README.md is the one bench/resultats.md gives, every computation and engine found in it."""
    lieu = importlib.util.spec_from_file_location("resume", RACINE / "bench/resume.py")
    assert lieu
    assert lieu.loader
    module = importlib.util.module_from_spec(lieu)
    lieu.loader.exec_module(module)
    attendu = module.resume(lire("bench/resultats.md"))
    montre = lire("README.md").partition(module.DEBUT)[2].partition(module.FIN)[0]
    assert montre.strip() == attendu
    assert re.findall(r"\d+\.\d\d \| \d+\.\d\d", attendu)


def test_lecture_des_blocs_de_console() -> None:
    """A marked block is left out; each command goes with what is printed under it."""
    page = "```console\n$ a b\nun\n\ndeux\n$ c\n```\n<!-- sans-verification -->\n```console\n$ d\n```\n"
    (bloc,) = blocs_de_console(page)
    assert commandes(bloc) == [("a b", "un\n\ndeux"), ("c", "")]


@pytest.mark.parametrize(
    ("controle", "mauvais"),
    [
        (lambda t: mots_employes(t, ["préCAL"]), "La précal se réunit."),
        (lambda t: chemins_absents(t, ["a/b.py"]), "Voir `a/c.py`."),
        (lambda t: chemins_absents(t, ["a/b.py"]), "Voir `z/<nom>.py`."),
    ],
)
def test_chaque_controle_sait_echouer(controle: Callable[[str], list[str]], mauvais: str) -> None:
    """A check that never fails proves nothing: here is what each must catch."""
    assert controle(mauvais)
