"""A small grid that is valid, as a document, and the ways to break it: what the tests of the language start from."""

import copy
import tomllib
from typing import Any

from partiteur.regles.cotation import Constat, Grille, catalogue_livre, lire_grille, verifier

BONNE = """
grille = "bonne"
version = "2024-1"
titre = "Une bonne grille"
epci = "200000001"
population = "toutes"
valide_du = 2024-01-01
evaluation_mois = 12
plafond = 150

[rubriques.anciennete]
libelle = "Ancienneté"
plafond = 120

[rubriques.publics]
libelle = "Publics"
combinaison = "max"

[rubriques.situation]
libelle = "Situation"

[rubriques.malus]
libelle = "Malus"
apres_plafond = true

[[criteres]]
code = "mois"
rubrique = "anciennete"
libelle = "Un point par mois"
variable = "anciennete_mois"
points_par_unite = 1

[[criteres]]
code = "dalo"
rubrique = "publics"
libelle = "DALO"
origine = "obligatoire"
si = { variable = "dalo_reconnu", est = true }
points = 50
preuve = "transmise"
declaration_admise = false

[[criteres]]
code = "publics"
rubrique = "publics"
libelle = "Publics prioritaires"
origine = "obligatoire"
si = { variable = "publics_l441_1", contient = ["a", "b", "c", "d", "e", "f", "gbis", "j", "k", "l", "m"] }
points = 40

[[criteres]]
code = "graves"
rubrique = "publics"
libelle = "Publics reconnus sur décision"
origine = "obligatoire"
si = { variable = "publics_l441_1", contient = ["g", "h", "i"] }
points = 45
declaration_admise = false

[[criteres]]
code = "effort"
rubrique = "situation"
libelle = "Taux d'effort"
variable = "taux_effort"
tranches = [{ moins_de = "0.33", points = 0 }, { moins_de = "0.70", points = 5 }, { points = 10 }]
sens = "croissant"

[[criteres]]
code = "refus"
rubrique = "malus"
libelle = "Refus d'un logement adapté"
compteur = "refus_logement_adapte"
fenetre_mois = 12
a_partir_de = 2
points = -10
maximum = 1
"""


def bonne() -> dict[str, Any]:
    """A fresh copy of the good grid's document."""
    return copy.deepcopy(tomllib.loads(BONNE, parse_float=str))


def critere(document: dict[str, Any], code: str) -> dict[str, Any]:
    """A criterion of a document, to be changed."""
    trouve: dict[str, Any] = next(c for c in document["criteres"] if c["code"] == code)
    return trouve


def lue(document: dict[str, Any]) -> Grille:
    """The grid of a document."""
    return lire_grille(document, catalogue_livre())


def constats(document: dict[str, Any]) -> tuple[Constat, ...]:
    """What the lint finds in a document."""
    return verifier(lue(document), catalogue_livre())


def trouves(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Codes and places of what the lint finds."""
    return {(c.code, c.chemin) for c in constats(document)}
