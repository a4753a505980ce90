"""The code checks itself: no legal number, no place, no foreign import, nothing too long to be read.

Each check is a small function over a source text, which a bad sample proves able to fail.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from depot import PARTITEUR, RACINE, rien

REGLES = sorted((PARTITEUR / "regles").rglob("*.py"))
LIGNES_PAR_FONCTION = 40
NOMBRES_ADMIS = (0, 1)  # -1 is written with the unary minus, so its literal is 1
CONSTRUCTEURS = {"Decimal", "Fraction", "float", "fraction", "int"}
CADRES = sorted(chemin.stem for chemin in (PARTITEUR / "regles" / "cadres").glob("*.toml"))
TERRITOIRES = [
    "alpes-maritimes",
    "bouches-du-rhône",
    "cannes",
    "casa",
    "ddets",
    "franche-comté",
    "haute-garonne",
]
TERRITOIRES += ["montpellier", "mtpm", "occitanie", "paca", "provence", "toulon", "toulouse"]


def imports_etrangers(source: str) -> Iterator[str]:
    """The modules imported that are neither of the standard library nor of the rules."""
    for noeud in ast.walk(ast.parse(source)):
        noms = []
        if isinstance(noeud, ast.Import):
            noms = [alias.name for alias in noeud.names]
        elif isinstance(noeud, ast.ImportFrom):
            noms = ["." * noeud.level + (noeud.module or "")]
        for nom in noms:
            des_regles = nom == "partiteur.regles" or nom.startswith("partiteur.regles.")
            if not des_regles and nom.partition(".")[0] not in sys.stdlib_module_names:
                yield f"ligne {noeud.lineno} : {nom}"


def litteraux_numeriques(source: str) -> Iterator[str]:
    """The numbers written in the code, those hidden in Fraction("0.25") or int("30") included."""
    for noeud in ast.walk(ast.parse(source)):
        if isinstance(noeud, ast.Constant) and est_un_nombre_interdit(noeud.value):
            yield f"ligne {noeud.lineno} : {noeud.value}"
        elif isinstance(noeud, ast.Call) and nom_appele(noeud) in CONSTRUCTEURS:
            for argument in noeud.args:
                texte = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(texte, str) and re.search(r"\d", texte) and texte not in ("0", "1", "-1"):
                    yield f"ligne {noeud.lineno} : {nom_appele(noeud)}({texte!r})"


def est_un_nombre_interdit(valeur: object) -> bool:
    """True for a number other than the integers 0 and 1; True and False are no numbers."""
    if isinstance(valeur, bool) or not isinstance(valeur, int | float | complex):
        return False
    return not isinstance(valeur, int) or valeur not in NOMBRES_ADMIS


def nom_appele(appel: ast.Call) -> str:
    """The last name of what is called: `Fraction` for fractions.Fraction(…)."""
    return getattr(appel.func, "attr", getattr(appel.func, "id", ""))


def fonctions_trop_longues(source: str) -> Iterator[str]:
    """The functions over 40 lines, docstring included, decorators left out."""
    for noeud in ast.walk(ast.parse(source)):
        if isinstance(noeud, ast.FunctionDef | ast.AsyncFunctionDef):
            lignes = (noeud.end_lineno or noeud.lineno) - noeud.lineno + 1
            if lignes > LIGNES_PAR_FONCTION:
                yield f"{noeud.name} : {lignes} lignes"


def noms_de_lieu(source: str, cadres: Iterable[str] = CADRES) -> Iterator[str]:
    """The lines that name a cadre, the territory a cadre is named after, or a place."""
    premiers_mots = {nom.partition("-")[0] for nom in cadres if re.search(r"-\d{4}$", nom)}
    mots = sorted({*cadres, *premiers_mots, *TERRITOIRES}, key=len, reverse=True)
    motif = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, mots))})(?!\w)", re.IGNORECASE)
    for numero, ligne in enumerate(source.splitlines(), start=1):
        for trouve in motif.finditer(ligne):
            yield f"ligne {numero} : {trouve[0]}"


def comparaisons_de_cadre(source: str, cadres: Iterable[str] = CADRES) -> Iterator[str]:
    """The comparisons (==, in, match) of a cadre's name: a method is data, never a branch."""
    for noeud in ast.walk(ast.parse(source)):
        if isinstance(noeud, ast.Match) and parle_du_cadre(noeud.subject):
            yield f"ligne {noeud.subject.lineno} : match"
        elif isinstance(noeud, ast.Compare):
            membres = [noeud.left, *noeud.comparators]
            textes = {
                str(c.value)
                for membre in membres
                for c in ast.walk(membre)
                if isinstance(c, ast.Constant) and isinstance(c.value, str)
            }
            nomme = any(isinstance(m, ast.Constant) and isinstance(m.value, str) for m in membres)
            if textes & set(cadres) or (nomme and any(map(parle_du_cadre, membres))):
                yield f"ligne {noeud.lineno} : {ast.unparse(noeud)}"


def parle_du_cadre(noeud: ast.expr) -> bool:
    """True for `cadre`, `dossier.cadre`, `cadre.nom` and `dossier["cadre"]`."""
    match noeud:
        case (
            ast.Name(id="cadre")
            | ast.Attribute(attr="cadre")
            | ast.Subscript(slice=ast.Constant(value="cadre"))
        ):
            return True
        case ast.Attribute(value=porteur, attr="nom"):
            return parle_du_cadre(porteur)
    return False


def fautes(fichiers: Iterable[Path], controle: Callable[[str], Iterable[str]]) -> list[str]:
    """What a check finds in each file, with the file's name."""
    return [
        f"{chemin.relative_to(RACINE)}, {faute}"
        for chemin in fichiers
        for faute in controle(chemin.read_text(encoding="utf-8"))
    ]


def code_hors_demo() -> list[Path]:
    """Every Python file of the package but the demo's, whose territory is its own invention."""
    return [chemin for chemin in sorted(PARTITEUR.rglob("*.py")) if PARTITEUR / "demo" not in chemin.parents]


def test_regles_bibliotheque_standard() -> None:
    """The rules import the standard library and themselves, so that they can be used alone."""
    rien(fautes(REGLES, imports_etrangers))


def test_aucun_nombre_dans_les_regles() -> None:
    """A number of the law is a dated row of a barème, never a literal."""
    rien(fautes(REGLES, litteraux_numeriques))


def test_fonctions_lisibles_d_un_coup_d_oeil() -> None:
    """A rule fits on one screen."""
    rien(fautes(REGLES, fonctions_trop_longues))


def test_aucun_lieu_dans_le_code() -> None:
    """What is done somewhere is a cadre; the code knows no place."""
    rien(fautes(code_hors_demo(), noms_de_lieu))


def test_aucune_branche_sur_un_cadre() -> None:
    """No `if cadre ==`: what differs between cadres is one of their keys."""
    rien(fautes(code_hors_demo(), comparaisons_de_cadre))


def test_aucune_tolerance_dans_les_comptes() -> None:
    """Counts, parts and rates are exact: the rules build no float."""
    rien(fautes(REGLES, lambda source: re.findall(r"\bfloat\(|\bisclose\b", source)))


@pytest.mark.parametrize(
    ("controle", "mauvais"),
    [
        (imports_etrangers, "import duckdb"),
        (imports_etrangers, "from partiteur.moteur import lecture"),
        (imports_etrangers, "from . import socle"),
        (imports_etrangers, "def f():\n    import pyarrow.parquet"),
        (litteraux_numeriques, "x * 0.25"),
        (litteraux_numeriques, "x = -2"),
        (litteraux_numeriques, "x = 1.0"),
        (litteraux_numeriques, 'Fraction("0.25")'),
        (litteraux_numeriques, 'fractions.Fraction("1/4")'),
        (litteraux_numeriques, 'int("30")'),
        (litteraux_numeriques, 'Decimal("1.5")'),
        (litteraux_numeriques, 'fraction("20 %")'),
        (fonctions_trop_longues, "def f():\n" + "    x = 0\n" * LIGNES_PAR_FONCTION),
        (noms_de_lieu, 'nom = "paca-2024"'),
        (noms_de_lieu, "# comme à Toulouse"),
        (noms_de_lieu, 'defaut = "OCCITANIE"'),
        (comparaisons_de_cadre, 'if cadre == "x": pass'),
        (comparaisons_de_cadre, 'if dossier["cadre"] != "x": pass'),
        (comparaisons_de_cadre, 'if dossier.cadre.nom == "x": pass'),
        (comparaisons_de_cadre, 'match cadre:\n    case "x": pass'),
    ],
)
def test_chaque_controle_sait_echouer(controle: Callable[[str], Iterator[str]], mauvais: str) -> None:
    """A check that never fails proves nothing: here is what each must catch."""
    assert list(controle(mauvais))


@pytest.mark.parametrize(
    ("controle", "bon"),
    [
        (imports_etrangers, "import tomllib\nfrom partiteur.regles.socle import regle"),
        (litteraux_numeriques, 'x[-1] + 0 + 1\nint("0")\n@regle("t", du="2020-02-22")\ndef f(): return True'),
        (fonctions_trop_longues, "def f():\n" + "    x = 0\n" * (LIGNES_PAR_FONCTION - 1)),
        (noms_de_lieu, "les cascades de droits, au droit des communes"),
        (comparaisons_de_cadre, "if cadre is None or methode == 'assiette': pass"),
    ],
)
def test_chaque_controle_laisse_passer(controle: Callable[[str], Iterator[str]], bon: str) -> None:
    """Nor must a check forbid what is right."""
    assert list(controle(bon)) == []
