"""The declared shapes of a grid's document; schemas/grille.json is generated from them, a test keeps it current."""

from collections.abc import Mapping
from typing import Any

from partiteur.regles.cotation.grille import COMBINAISONS, NIVEAUX, OPERATEURS, ORIGINES, POPULATIONS, SENS

Forme = Mapping[str, Any]
TEXTE: Forme = {"type": "string", "minLength": 1}
CODE: Forme = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9_]*$",
    "description": "minuscules sans accent, chiffres et « _ »",
}
NOM: Forme = {
    "type": "string",
    "pattern": "^[a-z0-9][a-z0-9-]*$",
    "description": "minuscules sans accent, chiffres et « - »",
}
JOUR: Forme = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "date aaaa-mm-jj"}
NOMBRE: Forme = {
    "type": ["integer", "string"],
    "pattern": r"^[+-]?\d+([.,]\d+|/[1-9]\d*)?( ?%)?$",
    "description": "nombre exact : 5, « 0.33 », « 33 % » ou « 1/3 »",
}
ENTIER_POSITIF: Forme = {"type": "integer", "minimum": 1}
NATUREL: Forme = {"type": "integer", "minimum": 0}
BOOLEEN: Forme = {"type": "boolean"}
VALEUR: Forme = {"type": ["boolean", "integer", "string"]}


def schema_grille() -> dict[str, Any]:
    """The JSON Schema of a grid: closed tables, so that a misspelt key is named."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Grille de cotation de la demande de logement social",
        **_table(_entete(), "grille", "version", "titre", "valide_du"),
        "$defs": {"condition": _condition()},
    }


def _table(proprietes: Mapping[str, Any], *requises: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(proprietes),
        "required": list(requises),
        "additionalProperties": False,
    }


def _liste(membre: Forme, minimum: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": dict(membre), "minItems": minimum}


def _par_code(membre: Forme) -> dict[str, Any]:
    return {"type": "object", "propertyNames": dict(CODE), "additionalProperties": dict(membre)}


SI: Forme = {"$ref": "#/$defs/condition"}


def _entete() -> dict[str, Any]:
    return {
        "grille": NOM,
        "version": TEXTE,
        "titre": TEXTE,
        "epci": {"type": "string", "pattern": r"^\d{9}$", "description": "SIREN de l'EPCI, 9 chiffres"},
        "population": {"enum": list(POPULATIONS)},
        "deliberation": TEXTE,
        "valide_du": JOUR,
        "valide_au": JOUR,
        "evaluation_mois": ENTIER_POSITIF,
        "plafond": NOMBRE,
        "plancher": NOMBRE,
        "departage": _liste({"anyOf": [CODE, _table(_departage(), "variable")]}),
        "refus_sans_effet": BOOLEEN,
        "etend": {
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9-]*@.+$",
            "description": "« grille@version »",
        },
        "retire": _liste(CODE),
        "source": TEXTE,
        "publie": TEXTE,
        "non_publie": TEXTE,
        "references": _par_code(VALEUR),
        "bornes": _par_code(_table({"min": NOMBRE, "max": NOMBRE}, "min", "max")),
        "rubriques": _par_code(_table(_rubrique(), "libelle")),
        "criteres": _liste(_table(_critere(), "code")),
        "hors_cotation": _liste(
            _table(
                {"code": CODE, "libelle": TEXTE, "si": SI, "motif": TEXTE, "texte": TEXTE},
                *("code", "libelle", "si", "motif"),
            )
        ),
    }


def _departage() -> dict[str, Any]:
    return {"variable": CODE, "ordre": {"enum": list(SENS)}}


def _rubrique() -> dict[str, Any]:
    return {
        "libelle": TEXTE,
        "combinaison": {"enum": list(COMBINAISONS)},
        "plafond": NOMBRE,
        "plancher": NOMBRE,
        "parent": CODE,
        "apres_plafond": BOOLEEN,
    }


def _critere() -> dict[str, Any]:
    coefficient = _table({"facteur": NOMBRE, "si": SI}, "facteur")
    return {
        "code": CODE,
        "rubrique": CODE,
        "libelle": TEXTE,
        "origine": {"enum": list(ORIGINES)},
        "catalogue": CODE,
        "texte": TEXTE,
        "source": TEXTE,
        "si": SI,
        "variable": CODE,
        **_formes(),
        "coefficient": {"anyOf": [NOMBRE, coefficient, _liste(coefficient, 1)]},
        "plafond": NOMBRE,
        "preuve": {"enum": list(NIVEAUX)},
        "declaration_admise": BOOLEEN,
        "effet": _table({"gel_anciennete_mois": ENTIER_POSITIF}, "gel_anciennete_mois"),
        "sens": {"enum": list(SENS)},
    }


def _formes() -> dict[str, Any]:
    palier = _table({"a_partir_de": NATUREL, "points_par_unite": NOMBRE}, "a_partir_de", "points_par_unite")
    tranche = _table({"a_partir_de": NOMBRE, "moins_de": NOMBRE, "points": NOMBRE}, "points")
    axe = _table({"variable": CODE, "valeurs": _liste(VALEUR, 1), "moins_de": _liste(NOMBRE, 1)}, "variable")
    tableau = _table(
        {"lignes": axe, "colonnes": axe, "points": _liste(_liste(NOMBRE, 1), 1)},
        *("lignes", "colonnes", "points"),
    )
    return {
        "points": NOMBRE,
        "points_par_unite": NOMBRE,
        "paliers": _liste(palier),
        "tranches": _liste(tranche, 1),
        "valeurs": {"type": "object", "additionalProperties": NOMBRE, "minProperties": 1},
        "tableau": tableau,
        "compteur": CODE,
        "fenetre_mois": ENTIER_POSITIF,
        "a_partir_de": ENTIER_POSITIF,
        "maximum": ENTIER_POSITIF,
        "remise_a_zero": CODE,
    }


def _condition() -> dict[str, Any]:
    reference = _table({"reference": CODE}, "reference")
    simple = {"anyOf": [VALEUR, reference]}
    plusieurs = {"anyOf": [VALEUR, reference, _liste(simple, 1)]}
    operandes = {o: plusieurs if o in ("dans", "contient") else simple for o in OPERATEURS}
    return _table(
        {
            "tous": _liste(SI, 1),
            "un_de": _liste(SI, 1),
            "sauf": SI,
            "variable": CODE,
            **operandes,
        }
    )
