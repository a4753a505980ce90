"""What a demandeur reads: each form, each condition, each value, each line, in French."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from grilles import bonne, lue

from partiteur.regles.cotation import (
    Critere,
    Demande,
    LigneScore,
    Preuve,
    Reference,
    catalogue_livre,
    dire_critere,
    dire_ligne,
    dire_valeur,
    score_demande,
)

CATALOGUE = catalogue_livre()
OUI = {"variable": "handicap", "est": True}


def critere_de(**cles: Any) -> Critere:
    document = bonne()
    document["criteres"] = [{"code": "x", "rubrique": "situation", "libelle": "X", **cles}]
    return lue(document).criteres[0]


@pytest.mark.parametrize(
    ("cles", "phrase"),
    [
        ({"si": OUI, "points": 1}, "1 point, si Personne en situation de handicap dans le foyer."),
        ({"si": {"variable": "handicap", "est": False}, "points": 2}, "2 points, si pas (Personne en situation de handicap dans le foyer)."),
        ({"si": {"variable": "handicap", "different": True}, "points": 2}, "2 points, si pas (Personne en situation de handicap dans le foyer)."),
        (
            {"si": {"tous": [{"variable": "taux_effort", "au_moins": "33 %"}, {"un_de": [OUI, {"sauf": OUI}]}]}, "points": "2.5"},
            "2,5 points, si Taux d'effort est d'au moins 33 % et (Personne en situation de handicap dans le foyer ou "
            "pas (Personne en situation de handicap dans le foyer)).",
        ),
        ({"si": {"variable": "motifs", "contient": ["18", "19"]}, "points": -2}, "-2 points, si Motifs de la demande compte « Mutation professionnelle » ou « Rapprochement du lieu de travail »."),
        (
            {"si": {"variable": "anciennete_mois", "superieur_a": {"reference": "delai_anormalement_long_mois"}}, "points": 20},
            "20 points, si Ancienneté de la demande, en mois entiers dépasse « Délai anormalement long du département, "
            "fixé par arrêté du préfet ».",
        ),
        (
            {"variable": "nb_personnes", "points_par_unite": "1/24", "paliers": [{"a_partir_de": 3, "points_par_unite": 2}], "plafond": 9},
            "1/24 point par unité de « Personnes à loger », puis 2 points à partir de 3 ; 9 au plus.",
        ),
        (
            {"variable": "taux_effort", "tranches": [{"moins_de": "0.33", "points": 0}, {"points": 9}], "coefficient": [{"facteur": 2, "si": OUI}, {"facteur": 3}]},
            "points selon « Taux d'effort » : sous 33 % 0, au-delà 9 ; × 2 si Personne en situation de handicap dans le foyer ; × 3.",
        ),
        ({"variable": "statut_occupation", "valeurs": {"HOT": 5}}, "points selon « Logement actuel » : « Logé dans un hôtel » 5."),
        (
            {"tableau": {"lignes": {"variable": "nb_personnes", "moins_de": [3]}, "colonnes": {"variable": "typologie_actuelle", "valeurs": ["T1"]}, "points": [[1], [4]]}},
            "points selon « Personnes à loger » et « Typologie du logement actuel » : sous 3 personnes et « T1 » 1, 3 personnes et plus et « T1 » 4.",
        ),
        ({"compteur": "non_reponse", "points": -5}, "-5 points par événement « Absence de réponse à une proposition »."),
        (
            {"compteur": "non_reponse", "points": -5, "a_partir_de": 2, "fenetre_mois": 12, "maximum": 3, "remise_a_zero": "renouvellement", "effet": {"gel_anciennete_mois": 6}},
            "-5 points par événement « Absence de réponse à une proposition », à partir du 2e, sur 12 mois, 3 fois au plus, "
            "compté depuis le dernier « Renouvellement de la demande » ; ancienneté gelée 6 mois au plus.",
        ),
    ],
)  # fmt: skip
def test_dire_un_critere(cles: dict[str, Any], phrase: str) -> None:
    """One sentence a criterion, from the grid alone."""
    assert dire_critere(critere_de(**cles), CATALOGUE) == phrase


@pytest.mark.parametrize(
    ("valeur", "variable", "dite"),
    [
        (None, "handicap", "inconnu"),
        (True, "handicap", "oui"),
        (False, "handicap", "non"),
        (Fraction(5, 13), "taux_effort", "≈ 38,46 %"),
        (1200, "anciennete_mois", "1 200 mois"),
        (Fraction(7, 2), "categorie_menage", "3,5"),
        ("HOT", "statut_occupation", "« Logé dans un hôtel »"),
        ("99001", "commune_residence", "99001"),
        (("01", "05"), "motifs", None),
        ((), "motifs", "aucun"),
        ((date(2024, 1, 5),), "non_reponse", "05/01/2024"),
        (Reference("ailleurs"), None, "« ailleurs »"),
        (3, None, "3"),
    ],
)
def test_dire_une_valeur(valeur: Any, variable: str | None, dite: str | None) -> None:
    """Values in words, with their unit; codes by their words."""
    connue = CATALOGUE.variable(variable) if variable else None
    attendue = dite or ", ".join(f"« {CATALOGUE.variable('motifs').codes[c]} »" for c in valeur)
    assert dire_valeur(valeur, connue) == attendue


def test_un_code_nu() -> None:
    """A table of figures may keep codes bare."""
    assert dire_valeur("HOT", CATALOGUE.variable("statut_occupation"), codes=False) == "HOT"


def lignes(faits: dict[str, Any], **preuves: str) -> dict[str, LigneScore]:
    demande = Demande("1", None, faits, {c: Preuve(p) for c, p in preuves.items()})
    score = score_demande(demande, lue(bonne()), CATALOGUE, date(2024, 6, 1)).valeur
    return {ligne.critere: ligne for ligne in score.lignes}


def test_dire_une_ligne() -> None:
    """The value read, its proof, what it brings; why not more; what is missing."""
    lues = lignes({"dalo_reconnu": True, "anciennete_mois": 7}, mois="verifiee")
    assert dire_ligne(lues["mois"], CATALOGUE) == (
        "Un point par mois : 7 points (Ancienneté de la demande, en mois entiers : 7 mois ; pièce vérifiée)."
    )
    assert dire_ligne(lues["dalo"], CATALOGUE).endswith(
        "déclaré). Les faits donneraient 50 points, que la preuve ou la rubrique ne retient pas."
    )
    assert dire_ligne(lues["effort"], CATALOGUE) == (
        "Taux d'effort : 0 point (Taux d'effort : inconnu ; déclaré). Information manquante : « Taux d'effort »."
    )
    assert lues["dalo"].champ == "declarationNouveauDalo/statutDalo (ACTIF)"


def test_dire_une_grille_d_un_autre_catalogue() -> None:
    """A variable the catalogue at hand does not describe keeps its code."""
    vide = type(CATALOGUE)({}, {}, {}, {})
    assert dire_critere(critere_de(si=OUI, points=1), vide) == "1 point, si handicap."
    un = critere_de(si={"variable": "nb_personnes", "egal": {"reference": "nb_a_charge"}}, points=1)
    assert dire_critere(un, vide) == "1 point, si nb_personnes est « nb_a_charge »."


def test_tout_ce_qui_est_publie_existe() -> None:
    """Every name the package announces is there."""
    from partiteur.regles import cotation

    assert [nom for nom in cotation.__all__ if not hasattr(cotation, nom)] == []
