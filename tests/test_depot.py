"""The repository checks itself: law cited and tried, every number sourced, files where they are looked for.

The form of the code is checked in test_depot_code.py, the pages in test_depot_pages.py.
"""

import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from depot import PARTITEUR, RACINE, fichiers, lire, rien, toml

from partiteur import regles
from partiteur.regles.socle import REGLES, Regle

BAREMES = sorted((PARTITEUR / "regles/baremes").glob("*.toml"))
CADRES = sorted((PARTITEUR / "regles/cadres").glob("*.toml"))
CAS = sorted((RACINE / "tests/cas").glob("*.toml"))
MODULES = sorted(module.name for module in pkgutil.iter_modules(regles.__path__))
CLES_D_UN_CAS = {"nom", "regle", "texte", "a_la_date", "attendu"}
LIGNES_PAR_FICHIER = 400
NOMS_INTERDITS = {
    "utils",
    "helpers",
    "common",
    "services",
    "managers",
    "util",
    "helper",
    "manager",
    "service",
}
# Joined here, so that this file names none of them.
DEPOTS = [".".join(mots) for mots in (
    ("pypi", "org"), ("files", "pythonhosted"), ("registry", "npmjs"), ("registry", "yarnpkg"),
    ("deb", "debian"), ("security", "debian"), ("archive", "ubuntu"), ("crates", "io"),
    ("conda", "anaconda"), ("docker", "io"), ("ghcr", "io"), ("repo", "maven"),
)]  # fmt: skip
for un_module in pkgutil.walk_packages(regles.__path__, "partiteur.regles."):
    importlib.import_module(un_module.name)


def valeurs(noeud: object, cle: str) -> Iterator[str]:
    """Every string under a key, at any depth, a list's members one by one."""
    if isinstance(noeud, Mapping):
        for nom, contenu in noeud.items():
            if nom == cle and isinstance(contenu, str | list):
                yield from [contenu] if isinstance(contenu, str) else contenu
            else:
                yield from valeurs(contenu, cle)
    elif isinstance(noeud, list):
        for membre in noeud:
            yield from valeurs(membre, cle)


def sans_source(noeud: Mapping[str, Any], ou: str = "") -> Iterator[str]:
    """The tables that give neither `texte` nor `source`, unless each of their own rows does."""
    if noeud.get("texte") or noeud.get("source"):
        return
    rangs: list[tuple[str, Mapping[str, Any]]] = []
    for cle, contenu in noeud.items():
        membres = contenu if isinstance(contenu, list) else [contenu]
        rangs += [(f"{ou}{cle}.", membre) for membre in membres if isinstance(membre, Mapping)]
    if not rangs:
        yield ou.rstrip(".") or "le fichier"
    for nom, rang in rangs:
        yield from sans_source(rang, nom)


def tige(une_regle: Regle) -> str:
    """The stem a rule is found under: its module's name, its folder's when the module has become one."""
    return une_regle.fonction.__module__.split(".")[2]


def cas() -> list[tuple[str, dict[str, Any]]]:
    """Every case a jurist can read, with the stem of its file."""
    return [(chemin.stem, un_cas) for chemin in CAS for un_cas in toml(chemin).get("cas", [])]


def dependances_sans_raison(pyproject: str) -> list[str]:
    """The lines that require a package without a comment that says why."""
    exigences = re.findall(
        r'^(?:requires = \[|\s+)"[A-Za-z0-9][\w.\-\[\]]*\s*[<>=~!].*$', pyproject, re.MULTILINE
    )
    return [ligne.strip() for ligne in exigences if not re.search(r"\]?\s+# \w+ ?\w+", ligne)]


def fautes_de_verrou(verrou: str) -> list[str]:
    """What a lock must not hold: an address, a pin without a hash, a requirement without an exact version."""
    exigences = [bloc for bloc in re.split(r"\n(?=\S)", verrou.strip()) if not bloc.startswith("#")]
    fautes = [
        bloc.split()[0]
        for bloc in exigences
        if not re.match(r"[\w.\-]+==\S+ .*--hash=sha256:", bloc, re.DOTALL)
    ]
    return fautes + re.findall(r"^.*(?:://|--index|--find-links).*$", verrou, re.MULTILINE)


def test_chaque_regle_cite_des_textes_connus() -> None:
    """A rule registers at least one text, and textes.toml knows each."""
    connus = regles.socle.textes()
    rien([r.nom for r in REGLES.values() if not r.textes or set(r.textes) - set(connus)])


def test_chaque_regle_a_un_cas() -> None:
    """A rule has a case in the file of its own module, where a jurist can dispute it."""
    eprouvees = {(module, un_cas["regle"]) for module, un_cas in cas()}
    rien([r.nom for r in REGLES.values() if (tige(r), r.nom) not in eprouvees])


def test_chaque_cas_est_complet() -> None:
    """A case says its name, rule, text, date and expected answer, and what it names exists."""
    connus = regles.socle.textes()
    for module, un_cas in cas():
        assert not CLES_D_UN_CAS - set(un_cas), f"{module} : {un_cas.get('nom')}"
        assert un_cas["regle"] in REGLES, f"{module} : {un_cas['nom']}"
        assert un_cas["texte"] in connus, f"{module} : {un_cas['nom']}"


def test_chaque_regle_est_au_glossaire() -> None:
    """GLOSSARY.md names every rule in backquotes."""
    glossaire = lire("GLOSSARY.md")
    rien([nom for nom in REGLES if f"`{nom}`" not in glossaire])


def test_chaque_texte_cite_existe() -> None:
    """Every text named by a barème, a cadre or a warning is in textes.toml."""
    connus = regles.socle.textes()
    cites = {
        (chemin.name, texte) for chemin in [*BAREMES, *CADRES] for texte in valeurs(toml(chemin), "texte")
    }
    rien(f"{nom} : {texte}" for nom, texte in sorted(cites) if texte not in connus)


def test_chaque_texte_sert() -> None:
    """Every text of textes.toml is used by a rule, a barème, a cadre or a warning."""
    servis = {texte for r in REGLES.values() for texte in r.textes}
    for chemin in [*BAREMES, *CADRES]:
        servis.update(valeurs(toml(chemin), "texte"))
    rien(sorted(set(regles.socle.textes()) - servis))


def test_chaque_bareme_a_sa_source() -> None:
    """A number of the law says where it comes from."""
    rien([f"{chemin.name} : {ou}" for chemin in BAREMES for ou in sans_source(toml(chemin))])


def test_chaque_rang_de_cadre_a_sa_source() -> None:
    """Each key of a local method has its own source, besides the cadre's."""
    for chemin in CADRES:
        rangs = {cle: rang for cle, rang in toml(chemin).items() if isinstance(rang, dict)}
        rien(f"{chemin.name} : {ou}" for cle, rang in rangs.items() for ou in sans_source(rang, cle))


def test_une_chose_un_nom() -> None:
    """A file of cases has the stem of a module of the rules, and nothing is a bag of tools."""
    rien([chemin.name for chemin in CAS if chemin.stem not in MODULES])
    rien([nom for nom in fichiers() if NOMS_INTERDITS & {Path(p).stem for p in Path(nom).parts}])


def test_aucun_fichier_de_code_trop_long() -> None:
    """A file written by hand can be read in one go: 400 lines at most."""
    a_lire = [n for n in fichiers() if n.endswith((".py", ".sql")) or n == "Makefile" or n.startswith(".ci/")]
    a_lire = [nom for nom in a_lire if "/migrations/" not in nom]  # written by Django
    rien([nom for nom in a_lire if len(lire(nom).splitlines()) > LIGNES_PAR_FICHIER])


def test_chaque_dependance_a_sa_raison() -> None:
    """A dependency is chosen once, and its line says why."""
    rien(dependances_sans_raison(lire("pyproject.toml")))


@pytest.mark.parametrize("nom", ["requirements.txt", "requirements-test.txt"])
def test_verrous_entiers_et_sans_adresse(nom: str) -> None:
    """A lock pins every package by its hashes and names no host."""
    rien(fautes_de_verrou(lire(nom)))


def test_aucun_depot_de_paquets_ni_chemin_de_machine() -> None:
    """No file says where packages are taken from, nor where one developer keeps the repository."""
    motif = re.compile(
        "|".join([*map(re.escape, DEPOTS), r"(?<![\w.])/(?:work|home|root)/\w"]), re.IGNORECASE
    )
    trouves = []
    for nom in fichiers():
        contenu = (RACINE / nom).read_bytes()
        if b"\0" not in contenu:
            trouves += [
                f"{nom} : {trouve[0]}" for trouve in motif.finditer(contenu.decode("utf-8", "replace"))
            ]
    rien(trouves)


def test_un_saut_sans_raison_fait_echouer(tmp_path: Path) -> None:
    """A skipped test fails the run, unless it says that ../shared is not there."""
    shutil.copy(RACINE / "tests/conftest.py", tmp_path)
    (tmp_path / "test_sauts.py").write_text(
        "import pytest\n"
        "@pytest.mark.skip('plus tard')\ndef test_a(): ...\n"
        "@pytest.mark.skip('no ../shared')\ndef test_b(): ...\n"
        "def test_c(): pytest.skip('un autre jour')\n"
    )
    commande = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
        tmp_path,
    ]
    milieu = {nom: valeur for nom, valeur in os.environ.items() if nom != "DJANGO_SETTINGS_MODULE"}
    sortie = subprocess.run(commande, cwd=tmp_path, env=milieu, capture_output=True, text=True, check=False)
    assert sortie.returncode == 1
    assert re.search(r"1 failed, 1 skipped, 1 error in", sortie.stdout)


@pytest.mark.parametrize(
    ("controle", "mauvais"),
    [
        (lambda t: list(sans_source(tomllib.loads(t))), "pourcent = 100"),
        (lambda t: list(sans_source(tomllib.loads(t))), '[[etat]]\ntaux = "30 %"'),
        (lambda t: list(sans_source(tomllib.loads(t))), '[a]\ntexte = "s1"\n[b]\nx = 1'),
        (dependances_sans_raison, 'dependencies = [\n    "click>=8.2",\n]'),
        (dependances_sans_raison, 'requires = ["setuptools>=80"]'),
        (fautes_de_verrou, "click==8.2.1\n    # via partiteur"),
        (fautes_de_verrou, "click>=8 \\\n    --hash=sha256:00"),
        (fautes_de_verrou, "click @ https://example.org/click.whl \\\n    --hash=sha256:00"),
        (fautes_de_verrou, "--index" + "-url somewhere\nclick==8.2.1 \\\n    --hash=sha256:00"),
    ],
)
def test_chaque_controle_sait_echouer(controle: Callable[[str], list[str]], mauvais: str) -> None:
    """A check that never fails proves nothing: here is what each must catch."""
    assert controle(mauvais)
