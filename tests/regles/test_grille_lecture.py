"""Reading a grid: every form, what is refused and in which words, inheritance, the schema, the grids shipped."""

import json
import tomllib
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from grilles import bonne, critere, lue

from partiteur.regles.cotation import (
    Axe,
    Borne,
    Coefficient,
    Comparaison,
    Compteur,
    Departage,
    Enumere,
    GrilleInvalide,
    Palier,
    ParUnite,
    Reference,
    Sauf,
    Tableau,
    Tous,
    Tranche,
    Tranches,
    UnDe,
    catalogue_livre,
    heriter,
    lire_catalogue,
    lire_grille,
    schema_grille,
    valide,
    variables_de_grille,
    verifier,
    verifier_couverture,
)
from partiteur.regles.socle import RACINE, bareme

GRILLES = sorted(chemin.name.removesuffix(".toml") for chemin in (RACINE / "grilles").iterdir())


def livree(code: str) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The document of a shipped grid, over its socle's, and what the socle forbids in it."""
    document = tomllib.loads((RACINE / "grilles" / f"{code}.toml").read_text("utf-8"), parse_float=str)
    if "etend" not in document:
        return document, ()
    return heriter(document, livree(document["etend"].partition("@")[0])[0])


def lit(**cles: Any) -> Any:
    """A criterion read from its keys, alone in the good grid's situation."""
    document = bonne()
    document["criteres"] = [{"code": "x", "rubrique": "situation", "libelle": "X", **cles}]
    return lue(document).criteres[0]


def test_chaque_forme_de_points() -> None:
    """The key that marks a form makes its object, numbers exact."""
    assert lit(
        variable="nb_personnes", points_par_unite="0.5", paliers=[{"a_partir_de": 3, "points_par_unite": 2}]
    ).forme == (ParUnite("nb_personnes", Fraction(1, 2), (Palier(3, Fraction(2)),)))
    assert lit(
        variable="taux_effort", tranches=[{"moins_de": "33 %", "points": 1}, {"points": 2}]
    ).forme == Tranches(
        "taux_effort",
        (Tranche(None, Fraction(33, 100), Fraction(1)), Tranche(Fraction(33, 100), None, Fraction(2))),
    )
    assert lit(variable="statut_occupation", valeurs={"SD": 5}).forme == Enumere(
        "statut_occupation", (("SD", Fraction(5)),)
    )
    assert lit(
        tableau={
            "lignes": {"variable": "handicap", "valeurs": [True]},
            "colonnes": {"variable": "nb_personnes", "moins_de": [2]},
            "points": [[1, 2]],
        }
    ).forme == Tableau(
        Axe("handicap", valeurs=(True,)),
        Axe("nb_personnes", bornes=(Fraction(2),)),
        ((Fraction(1), Fraction(2)),),
    )
    assert lit(
        compteur="refus_logement_adapte", points=-5, fenetre_mois=6, remise_a_zero="renouvellement"
    ).forme == Compteur("refus_logement_adapte", Fraction(-5), 6, 1, None, "renouvellement")


def test_les_conditions() -> None:
    """Comparisons take the type of their variable, references stay references."""
    lu = lit(
        points=5,
        si={
            "tous": [
                {"variable": "nb_personnes", "dans": [1, 2]},
                {"sauf": {"variable": "taux_effort", "au_plus": "1/3"}},
                {
                    "un_de": [
                        {"variable": "ressources_uc", "inferieur_a": {"reference": "seuil_premier_quartile"}}
                    ]
                },
            ]
        },
        coefficient=[{"facteur": 2, "si": {"variable": "handicap", "est": True}}, {"facteur": "1.5"}],
    )
    assert lu.si == Tous(
        (
            Comparaison("nb_personnes", "dans", (1, 2)),
            Sauf(Comparaison("taux_effort", "au_plus", (Fraction(1, 3),))),
            UnDe((Comparaison("ressources_uc", "inferieur_a", (Reference("seuil_premier_quartile"),)),)),
        )
    )
    assert lu.coefficients == (
        Coefficient(Fraction(2), Comparaison("handicap", "est", (True,))),
        Coefficient(Fraction(3, 2)),
    )
    assert lit(points=5, si={"variable": "statut_occupation", "est": "SD"}).si == (
        Comparaison("statut_occupation", "est", ("SD",))
    )
    assert lit(points=5, si={"variable": "handicap", "est": True}, coefficient="1.5").coefficients == (
        Coefficient(Fraction(3, 2)),
    )


def test_l_entete() -> None:
    """Header, départage, references, bornes, hors cotation; what is left out has the language's default."""
    document = bonne() | {
        "valide_au": date(2025, 1, 1),
        "plancher": -5,
        "departage": ["anciennete_mois", {"variable": "ressources_uc", "ordre": "croissant"}],
        "references": {"delai_anormalement_long_mois": 36},
        "bornes": {"dalo": {"min": 10, "max": 60}},
        "hors_cotation": [
            {"code": "n", "libelle": "N", "si": {"variable": "relogement_npnru", "est": True}, "motif": "M"}
        ],
    }
    grille = lue(document)
    assert (grille.valide_du, grille.valide_au) == (date(2024, 1, 1), date(2025, 1, 1))
    assert (grille.plafond, grille.plancher) == (150, -5)
    assert grille.departage == (Departage("anciennete_mois"), Departage("ressources_uc", croissant=True))
    assert grille.references == {"delai_anormalement_long_mois": 36}
    assert grille.bornes == {"dalo": Borne(Fraction(10), Fraction(60))}
    assert "relogement_npnru" in variables_de_grille(grille)
    assert grille.identifiant == "bonne@2024-1"
    assert grille.rubrique("publics").combinaison == "max"
    with pytest.raises(KeyError):
        grille.rubrique("zz")


def test_le_catalogue_complete_un_critere() -> None:
    """Words, origin and text come from the catalogue of criteria when the grid leaves them out."""
    document = bonne()
    document["criteres"] = [{"code": "x", "rubrique": "publics", "catalogue": "dalo", "variable": "nb_personnes",
                             "points_par_unite": 1}]  # fmt: skip
    lu = lue(document).criteres[0]
    assert (lu.libelle, lu.origine, lu.texte) == (
        "Droit au logement opposable reconnu",
        "obligatoire",
        "L441-2-3",
    )


@pytest.mark.parametrize(
    ("cles", "phrase"),
    [
        ({}, "aucune forme de points"),
        ({"points": 5}, "des points fixes demandent une condition « si »"),
        ({"points": "cinq", "si": {"variable": "handicap", "est": True}}, "« cinq » n'est pas un nombre"),
        ({"points_par_unite": 1}, "il manque « variable »"),
        (
            {"variable": "taux_effort", "points_par_unite": 1},
            "« taux_effort », de type nombre, ne convient pas",
        ),
        ({"variable": "motifs", "valeurs": {"01": 1}}, "« motifs », de type liste, ne convient pas"),
        ({"compteur": "handicap", "points": -1}, "« handicap » n'est pas un compteur"),
        (
            {"compteur": "incivilite", "points": -1, "remise_a_zero": "handicap"},
            "« handicap » n'est pas un compteur",
        ),
        (
            {"compteur": "incivilite", "points": -1, "fenetre_mois": 1201},
            "« fenetre_mois » vaut 1201 ; 1200 au plus",
        ),
        (
            {"compteur": "incivilite", "points": -1, "a_partir_de": 9999},
            "« a_partir_de » vaut 9999 ; 1200 au plus",
        ),
        ({"points": 5, "si": {"variable": "handicap"}}, "une comparaison et une seule"),
        (
            {"points": 5, "si": {"variable": "nb_personnes", "egal": 1, "au_moins": 2}},
            "une comparaison et une seule",
        ),
        ({"points": 5, "si": {"variable": "handicap", "au_moins": 1}}, "« au_moins » ne s'applique pas"),
        (
            {"points": 5, "si": {"variable": "handicap", "est": 1}},
            "« 1 » ne se compare pas à la variable « handicap »",
        ),
        ({"points": 5, "si": {"variable": "nb_personnes", "egal": True}}, "« true » ne se compare pas"),
        ({"points": 5, "si": {"variable": "nb_personnes", "egal": "1.5"}}, "est un nombre entier"),
        ({"points": 5, "si": {"variable": "statut_occupation", "egal": 1}}, "« 1 » ne se compare pas"),
        ({"points": 5, "si": {"variable": "incivilite", "egal": 1}}, "comparaisons possibles : aucune"),
        (
            {
                "tableau": {
                    "lignes": {"variable": "handicap", "valeurs": [True, False]},
                    "colonnes": {"variable": "nb_personnes", "moins_de": [2]},
                    "points": [[1, 2]],
                }
            },
            "le tableau doit avoir 2 ligne(s) de 2 colonne(s)",
        ),
        (
            {
                "tableau": {
                    "lignes": {"variable": "handicap", "moins_de": [1]},
                    "colonnes": {"variable": "nb_personnes", "moins_de": [2]},
                    "points": [[1, 2], [1, 2]],
                }
            },
            "« handicap », de type booleen, ne convient pas",
        ),
        (
            {
                "tableau": {
                    "lignes": {"variable": "handicap"},
                    "colonnes": {"variable": "handicap"},
                    "points": [],
                }
            },
            "« valeurs » ou « moins_de »",
        ),
    ],
)
def test_ce_qui_ne_se_lit_pas_nomme_le_critere(cles: dict[str, Any], phrase: str) -> None:
    """One French sentence, that names the criterion."""
    with pytest.raises(GrilleInvalide) as erreur:
        lit(**cles)
    assert str(erreur.value).startswith("Critère « x » : ")
    assert phrase in str(erreur.value)


@pytest.mark.parametrize(
    ("cles", "phrase"),
    [
        ({"valide_du": "2024-02-31"}, "La date « 2024-02-31 » n'existe pas"),
        ({"references": {"delai_anormalement_long_mois": {"reference": "x"}}}, "donnez sa valeur"),
        (
            {"hors_cotation": [{"code": "n", "libelle": "N", "motif": "M", "si": {"variable": "handicap"}}]},
            "Hors cotation « n » : la condition",
        ),
    ],
)
def test_ce_qui_ne_se_lit_pas_dans_l_entete(cles: dict[str, Any], phrase: str) -> None:
    """The header too is refused in one sentence."""
    with pytest.raises(GrilleInvalide, match=phrase):
        lue(bonne() | cles)


def test_une_rubrique_oubliee() -> None:
    """A criterion that inherits nothing must say its rubrique."""
    document = bonne()
    del critere(document, "mois")["rubrique"]
    with pytest.raises(GrilleInvalide, match="Critère « mois » : il manque « rubrique »"):
        lue(document)


@pytest.mark.parametrize("valeur", ["demain", "2024-13-01"])
def test_une_date_qui_n_en_est_pas_une(valeur: str) -> None:
    """A date variable is compared with a date."""
    propres = {**bareme("variables")["variables"], "fin_bail": {"type": "date", "libelle": "Fin du bail"}}
    catalogue = lire_catalogue({**bareme("variables"), "variables": propres}, bareme("criteres"))
    document = bonne()
    document["criteres"] = [
        {"code": "x", "rubrique": "publics", "points": 1, "si": {"variable": "fin_bail", "egal": valeur}}
    ]
    with pytest.raises(GrilleInvalide, match="n'est pas une date"):
        lire_grille(document, catalogue)
    document["criteres"][0]["si"]["egal"] = date(2024, 1, 1)
    lu = lire_grille(document, catalogue).criteres[0].si
    assert lu == Comparaison("fin_bail", "egal", (date(2024, 1, 1),))


def test_un_catalogue_qui_ne_tient_pas() -> None:
    """A type the language does not know, a criterion on a variable nobody described."""
    variables, criteres = bareme("variables"), bareme("criteres")
    faux = {**variables, "variables": {"x": {"type": "couleur", "libelle": "X"}}}
    with pytest.raises(GrilleInvalide, match="le type « couleur » est inconnu"):
        lire_catalogue(faux, criteres)
    for ote, phrase in (
        ({"variables": {}}, "il manque « publics_l441_1 »"),
        ({"acces": {}}, "[acces] ne dit pas « commission »"),
        ({"examens": {"interdite": "non"}}, "[examens] ne dit pas « uniformite »"),
    ):
        with pytest.raises(GrilleInvalide) as erreur:
            lire_catalogue({**variables, **ote}, criteres)
        assert phrase in str(erreur.value)
    orphelin = {"criteres": {"x": {"libelle": "X", "origine": "local", "base": "b", "variables": ["zz"]}}}
    with pytest.raises(GrilleInvalide, match="« zz » est inconnue"):
        lire_catalogue(variables, orphelin)
    with pytest.raises(GrilleInvalide, match="« zz » n'est pas au catalogue"):
        catalogue_livre().variable("zz")


def test_le_catalogue_livre() -> None:
    """Who sees what is a known word; the criteria are those of the law, of the forms, of practice."""
    catalogue = catalogue_livre()
    assert {v.acces for v in catalogue.variables.values()} <= set(catalogue.acces)
    assert {v.examen for v in catalogue.variables.values()} - {None} <= set(catalogue.examens)
    assert {c.origine for c in catalogue.criteres.values()} == {"obligatoire", "facultatif", "local"}
    lettres = set(catalogue.variable("publics_l441_1").codes)
    assert {letter for v in catalogue.variables.values() for letter in v.publics} <= lettres | {"dalo"}


def test_le_schema_publie_est_celui_du_code() -> None:
    """schemas/grille.json is generated: « partiteur grille schema --sortie » writes it again."""
    publie = (RACINE / "schemas" / "grille.json").read_text("utf-8")
    assert publie == json.dumps(schema_grille(), ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize("code", GRILLES)
def test_chaque_grille_livree_est_valide(code: str) -> None:
    """The grids shipped hold together, and say what is published and what is not."""
    entier, constats = livree(code)
    grille = lue(entier)
    assert valide((*constats, *verifier(grille, catalogue_livre())))
    assert grille.code == code
    assert grille.source
    assert grille.publie
    assert grille.non_publie


def test_les_grilles_du_territoire_d_exemple_se_partagent_les_demandes() -> None:
    """The territorial grid and its mutation twin cover every demande of their EPCI, once."""
    jumelles = [lue(livree(code)[0]) for code in GRILLES if code.startswith("territoire-exemple")]
    assert [g.population for g in jumelles] == ["premiere_demande", "mutation"]
    assert verifier_couverture(jumelles) == ()
