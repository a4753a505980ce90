"""The Table Schema of the exchange file (frictionless), generated from forme.toml, and its page in the guide."""

from typing import Any

from partiteur.moteur.journal.forme import AUTEUR, CODE, TYPES, VERSION, forme

TYPES_DE_CHAMP = {"date": "date", "instant": "datetime", "entier": "integer", "json": "object"}
FORMATS = {"date": "%Y-%m-%d", "instant": "%Y-%m-%dT%H:%M:%SZ"}


def table_schema() -> dict[str, Any]:
    """The Table Schema, ready for JSON."""
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": "journal",
        "title": "Journal partagé des vacances",
        "version": str(VERSION),
        "fields": [_champ(colonne) for colonne in forme()["colonne"]],
        "primaryKey": ["chaine", "numero"],
        "missingValues": [""],
    }


def _champ(colonne: dict[str, Any]) -> dict[str, Any]:
    nature = colonne["forme"]
    contraintes: dict[str, Any] = {"required": True} if colonne.get("exigee") else {}
    if nature == "type":
        contraintes["enum"] = list(TYPES)
    elif nature == "entier":
        contraintes["minimum"] = 1
    elif nature == "empreinte":
        contraintes["pattern"] = "[0-9a-f]{64}"
    elif nature == "auteur":
        contraintes["pattern"] = AUTEUR.pattern
    elif nature == "code":
        contraintes["pattern"] = CODE.pattern
    champ = {
        "name": colonne["nom"],
        "title": colonne["titre"],
        "type": TYPES_DE_CHAMP.get(nature, "string"),
        "constraints": contraintes,
    }
    return {**champ, "format": FORMATS[nature]} if nature in FORMATS else champ
