"""`partiteur grille verifier`, as a user meets it: valid or not, what, in which file, at which line."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Rendu

GRILLES = Path(__file__).parents[2] / "partiteur/regles/grilles"
LIVREES = sorted(chemin.stem for chemin in GRILLES.glob("*.toml"))
BONNE = (GRILLES / "toulouse-extrait.toml").read_text("utf-8")
EFFORT = """
[[criteres]]
code = "effort"
rubrique = "publics"
libelle = "Taux d'effort"
variable = "taux_effort"
"""
AUTRE = """
[[criteres]]
code = "autre"
rubrique = "publics"
libelle = "Autre"
points = 5
"""


def remplacer(avant: str, apres: str) -> str:
    """The good grid with one thing changed."""
    assert avant in BONNE
    return BONNE.replace(avant, apres)


SANS_DALO = re.sub(r'\[\[criteres\]\]\ncode = "dalo".*?(?=\[\[)', "", BONNE, flags=re.DOTALL)
DOUZE = {
    "pas de DALO": (SANS_DALO, "dalo_absent", None),
    "trou dans les tranches": (
        BONNE
        + EFFORT
        + 'tranches = [{ moins_de = "0.3", points = 0 }, { a_partir_de = "0.4", points = 9 }]\n',
        "tranches_trou",
        "tranches = [",
    ),
    "nationalité": (
        BONNE + AUTRE + 'si = { variable = "nationalite", egal = "1" }\n',
        "variable_interdite",
        'code = "autre"',
    ),
    "poids par commune": (
        BONNE + AUTRE + 'si = { variable = "commune_demandee", egal = "99001" }\n',
        "poids_par_territoire",
        'code = "autre"',
    ),
    "critère inatteignable": (
        BONNE + AUTRE + 'si = { tous = [{ variable = "nb_personnes", au_moins = 5 }, '
        '{ variable = "nb_personnes", au_plus = 4 }] }\n',
        "critere_inatteignable",
        'code = "autre"',
    ),
    "variable inconnue": (
        BONNE + AUTRE + 'si = { variable = "chance", est = true }\n',
        "variable_inconnue",
        'code = "autre"',
    ),
    "code en double": (remplacer('code = "pdalhpd"', 'code = "dalo"'), "code_double", 'code = "dalo"'),
    "cycle de rubriques": (
        remplacer('libelle = "Publics prioritaires"', 'libelle = "P"\nparent = "publics"'),
        "cycle_rubriques",
        'parent = "publics"',
    ),
    "parent absent": (
        remplacer('libelle = "Publics prioritaires"', 'libelle = "P"\nparent = "ailleurs"'),
        "parent_absent",
        'parent = "ailleurs"',
    ),
    "plafond trop bas": (
        remplacer('libelle = "Publics prioritaires"', 'libelle = "P"\nplafond = 45'),
        "plafond_inferieur",
        "plafond = 45",
    ),
    "recouvrement": (
        BONNE
        + EFFORT
        + 'tranches = [{ moins_de = "0.5", points = 0 }, { a_partir_de = "0.4", points = 9 }]\n',
        "tranches_recouvrement",
        "tranches = [",
    ),
    "pas de période d'évaluation": (remplacer("evaluation_mois = 36\n", ""), "evaluation_absente", None),
}


@pytest.mark.parametrize("code", LIVREES)
def test_les_grilles_livrees_sont_valides(lancer: Callable[..., Rendu], code: str) -> None:
    """Valid: exit code 0, and nothing but warnings."""
    resultat = lancer("grille", "verifier", code, "--format", "json")
    assert resultat.code == 0
    verdict = json.loads(resultat.sortie)
    assert verdict["valide"] is True
    assert {c["gravite"] for c in verdict["constats"]} <= {"avertissement"}


@pytest.mark.parametrize(("toml", "code", "ligne"), [pytest.param(*v, id=nom) for nom, v in DOUZE.items()])
def test_les_douze_fautes(
    lancer: Callable[..., Rendu], tmp_path: Path, toml: str, code: str, ligne: str | None
) -> None:
    """Each planted fault is found, with the line where it stands when it stands on one."""
    fichier = tmp_path / "fautive.toml"
    fichier.write_text(toml, "utf-8")
    resultat = lancer("grille", "verifier", str(fichier), "--format", "json")
    assert resultat.code == 2
    verdict = json.loads(resultat.sortie)
    assert verdict["valide"] is False
    fautes = [c for c in verdict["constats"] if c["gravite"] == "erreur"]
    assert code in {c["code"] for c in fautes}
    assert all(set(c) == {"code", "gravite", "chemin", "message"} for c in fautes)
    (message, *_) = [c["message"] for c in fautes if c["code"] == code]
    if ligne is None:
        assert message.startswith("fautive.toml : ")
    else:
        lieu = re.match(r"fautive\.toml, ligne (\d+) : ", message)
        assert lieu, message
        assert toml.splitlines()[int(lieu[1]) - 1].startswith(ligne)


def test_en_texte_et_en_csv(lancer: Callable[..., Rendu], tmp_path: Path) -> None:
    """The verdict closes the text; the CSV is one row a constat."""
    fichier = tmp_path / "g.toml"
    fichier.write_text(remplacer("evaluation_mois = 36\n", ""), "utf-8")
    texte = lancer("grille", "verifier", str(fichier)).sortie
    assert "[erreur] g.toml : La grille ne dit pas quand elle est évaluée" in texte
    assert texte.rstrip().endswith("g.toml : non valide, 1 erreur, 15 avertissements.")
    csv = lancer("grille", "verifier", str(fichier), "--format", "csv").sortie.splitlines()
    assert csv[0] == "code;gravite;chemin;message"
    assert len(csv) == 17


def test_deux_grilles_d_un_epci(lancer: Callable[..., Rendu]) -> None:
    """Together the twins say nothing; one alone asks for the other; twice the same covers twice."""
    a, b = "territoire-exemple", "territoire-exemple-mutation"
    assert "valides, aucune erreur, aucun avertissement." in lancer("grille", "verifier", a, b).sortie
    assert "population_partielle" in lancer("grille", "verifier", a, "--format", "json").sortie
    assert lancer("grille", "verifier", a, a).code == 2


def fautes(lancer: Callable[..., Rendu], fichier: Path) -> list[tuple[str, str, str]]:
    constats = json.loads(lancer("grille", "verifier", str(fichier), "--format", "json").sortie)["constats"]
    return [(c["code"], c["chemin"], c["message"]) for c in constats if c["gravite"] == "erreur"]


def test_une_faute_de_forme_dit_critere_et_ligne(lancer: Callable[..., Rendu], tmp_path: Path) -> None:
    """A misspelt key is named with its criterion and its line; so is what cannot be read."""
    fichier = tmp_path / "g.toml"
    fichier.write_text(remplacer("points = 50", "poins = 50"), "utf-8")
    ((code, chemin, message),) = fautes(lancer, fichier)
    assert (code, chemin) == ("forme", "criteres.dalo")
    assert re.match(r"g\.toml, ligne \d+ : Critère « dalo » : clé inconnue « poins »", message)
    fichier.write_text(remplacer("points = 50", 'points = "beaucoup"'), "utf-8")
    ((code, chemin, _),) = fautes(lancer, fichier)
    assert (code, chemin) == ("forme", "criteres.dalo.points")
    fichier.write_text(remplacer("est = true }\npoints = 50", "au_moins = 1 }\npoints = 50"), "utf-8")
    ((code, chemin, message),) = fautes(lancer, fichier)
    assert (code, chemin) == ("lecture", "criteres.dalo")
    assert re.match(r"g\.toml, ligne \d+ : Critère « dalo » : « au_moins » ne s'applique pas", message)
    fichier.write_text("grille = oui\nversion = 1", "utf-8")
    ((code, _, message),) = fautes(lancer, fichier)
    assert code == "toml"
    assert "ligne 1" in message
    fichier.write_text(remplacer('epci = "243100518"', 'epci = "31"'), "utf-8")
    ((code, chemin, message),) = fautes(lancer, fichier)
    assert (code, chemin) == ("forme", "epci")
    assert message.startswith(
        "g.toml, ligne 5 : « 31 » n'a pas la forme attendue (SIREN de l'EPCI, 9 chiffres)"
    )


FILLE = """grille = "fille"
version = "1"
titre = "Fille"
epci = "200000001"
population = "toutes"
valide_du = 2024-01-01
etend = "socle-regional@2024-1"

[[criteres]]
code = "dalo"
points = 500
"""


def test_l_heritage(lancer: Callable[..., Rendu], tmp_path: Path) -> None:
    """Out of the socle's bounds, a socle unknown, a wrong version, a circle: each is said."""
    fichier = tmp_path / "fille.toml"
    fichier.write_text(FILLE, "utf-8")
    ((code, chemin, message),) = fautes(lancer, fichier)
    assert (code, chemin) == ("hors_bornes", "criteres.dalo.points")
    assert message.startswith("fille.toml, ligne 11 : Critère « dalo » : 500 points")
    fichier.write_text(FILLE.replace("500", "90"), "utf-8")
    assert fautes(lancer, fichier) == []
    fichier.write_text(FILLE.replace("500", "90").replace("@2024-1", "@1999"), "utf-8")
    assert fautes(lancer, fichier)[0][0] == "socle_absent"
    fichier.write_text(FILLE.replace("socle-regional@", "nulle-part@"), "utf-8")
    ((code, _, message),) = fautes(lancer, fichier)
    assert code == "socle_absent"
    assert "« nulle-part » est inconnue" in message
    fichier.write_text(FILLE.replace("socle-regional@2024-1", "fille@1"), "utf-8")
    ((code, _, message),) = fautes(lancer, fichier)
    assert "s'étendent en rond" in message
    (tmp_path / "voisine.toml").write_text(BONNE.replace("titre =", "titr ="), "utf-8")
    fichier.write_text(FILLE.replace("socle-regional@", "voisine@"), "utf-8")
    ((code, _, message),) = fautes(lancer, fichier)
    assert code == "socle_absent"
    assert "titr" in message


def test_son_propre_catalogue(lancer: Callable[..., Rendu], tmp_path: Path) -> None:
    """A catalogue of one's own replaces the one shipped; an unfit one is refused in one sentence."""
    fichier, criteres = tmp_path / "g.toml", tmp_path / "criteres.toml"
    fichier.write_text(BONNE.replace('catalogue = "dalo"', 'catalogue = "sne_01"'), "utf-8")
    assert fautes(lancer, fichier)[0][0] == "hors_catalogue"
    noms = set(re.findall(r'catalogue = "(\w+)"', fichier.read_text("utf-8")))
    lignes = [f'{nom} = {{ origine = "obligatoire", libelle = "L", base = "B" }}' for nom in sorted(noms)]
    criteres.write_text("[criteres]\n" + "\n".join(lignes), "utf-8")
    assert lancer("grille", "verifier", str(fichier), "--criteres", str(criteres)).code == 0
    for contenu, phrase in (
        ("[criteres]\nx = 3", "n'a pas la forme attendue"),
        ("[criteres", "TOML incorrect"),
        ('[criteres]\nx = { origine = "local", libelle = "L", base = "B", variables = ["zz"] }', "« zz »"),
    ):
        criteres.write_text(contenu, "utf-8")
        refus = lancer("grille", "verifier", str(fichier), "--criteres", str(criteres))
        assert refus.code == 2
        assert phrase in refus.erreur
    absent = lancer("grille", "verifier", str(fichier), "--variables", str(tmp_path / "absent.toml"))
    assert "fichier illisible (fichier ou dossier absent)" in absent.erreur


def test_une_grille_inconnue(lancer: Callable[..., Rendu]) -> None:
    """One sentence, with the grids that are known."""
    refus = lancer("grille", "verifier", "nulle-part")
    assert refus.code == 2
    assert "toulouse-extrait" in refus.erreur


def test_lister_et_schema(lancer: Callable[..., Rendu], tmp_path: Path) -> None:
    """The grids shipped by name; the schema on the screen or in a file."""
    assert lancer("grille", "lister").sortie.split() == LIVREES
    assert json.loads(lancer("grille", "schema").sortie)["type"] == "object"
    assert lancer("grille", "schema", "--sortie", str(tmp_path / "s.json")).code == 0
    publie = GRILLES.parent / "schemas/grille.json"
    assert (tmp_path / "s.json").read_text("utf-8") == publie.read_text("utf-8")
