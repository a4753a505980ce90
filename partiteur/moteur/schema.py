"""Checks a TOML document against its published JSON Schema, and says in French what is wrong and where."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from partiteur.regles.socle import RACINE, ErreurUtilisateur, raison

LONGUEUR_DU_TYPE = 2  # path of a type fault on the value itself: its branch, then "type"
TYPES = {
    "integer": "un nombre entier",
    "string": "un texte",
    "object": "une table",
    "array": "une liste",
    "boolean": "true ou false",
}


class DocumentInvalide(ErreurUtilisateur):
    """A dossier, a cadre or a mapping file that cannot be read or does not fit its schema."""


@dataclass(frozen=True)
class Ecart:
    """One departure from a schema: where (a path of keys), and a French sentence."""

    chemin: str
    message: str


def livres(dossier: Path) -> tuple[str, ...]:
    """The codes of the documents shipped in a folder of the rules."""
    return tuple(sorted(fichier.stem for fichier in dossier.glob("*.toml")))


def chemin_livre(dossier: Path, nom: str, base: Path, inconnu: str) -> Path:
    """A shipped document by its code, else a path relative to `base`.

    Raises DocumentInvalide when there is neither: `inconnu`, the codes shipped, and what to do.
    """
    if nom in livres(dossier):
        return dossier / f"{nom}.toml"
    chemin = base / nom
    if chemin.suffix == ".toml" and chemin.is_file():
        return chemin
    raise DocumentInvalide(
        f"{inconnu} : {', '.join(livres(dossier))} ; ou donnez le chemin d'un fichier .toml."
    )


def lire_toml(chemin: Path) -> dict[str, Any]:
    """Read a TOML file, decimals kept as written and dates as ISO text. Raises DocumentInvalide."""
    try:
        document = tomllib.loads(chemin.read_bytes().decode("utf-8-sig"), parse_float=str)
        return {cle: _textuel(valeur) for cle, valeur in document.items()}
    except OSError as erreur:
        raise DocumentInvalide(
            f"{chemin} : fichier illisible ({raison(erreur)}) ; vérifiez le chemin."
        ) from erreur
    except UnicodeDecodeError as erreur:
        raise DocumentInvalide(
            f"{chemin} : ce n'est pas du texte UTF-8 ; enregistrez le fichier en UTF-8."
        ) from erreur
    except (ValueError, RecursionError) as erreur:  # not TOML, or a whole number of thousands of digits
        lieu = re.search(r"line (\d+), column (\d+)", str(erreur))
        ou = f"ligne {lieu[1]}, colonne {lieu[2]}" if lieu else "en fin de fichier"
        raise DocumentInvalide(f"{chemin}, {ou} : TOML incorrect ; corrigez cette ligne.") from erreur


def _textuel(valeur: Any) -> Any:
    if isinstance(valeur, date):
        return valeur.isoformat()
    if isinstance(valeur, dict):
        return {cle: _textuel(v) for cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_textuel(v) for v in valeur]
    return valeur


def ecarts(document: Mapping[str, Any], schema: str) -> Iterator[Ecart]:
    """Every departure of a document from schemas/<schema>.json."""
    validateur = Draft202012Validator(json.loads((RACINE / "schemas" / f"{schema}.json").read_text("utf-8")))
    for erreur in sorted(validateur.iter_errors(document), key=lambda e: [str(p) for p in e.absolute_path]):
        precise = _precise(erreur)
        yield Ecart(_chemin(precise), _phrase(precise))


def _dit(valeur: Any) -> str:
    """A value as a user wrote it; a table or a list by its kind."""
    if isinstance(valeur, bool):
        return f"« {str(valeur).lower()} »"
    return (
        TYPES["object" if isinstance(valeur, dict) else "array"]
        if isinstance(valeur, dict | list)
        else f"« {valeur} »"
    )


def _precise(erreur: ValidationError) -> ValidationError:
    """Of the forms a value may take, the fault in the one it was meant to have: its type is right there."""
    if not erreur.context:
        return erreur
    bien_typees = {e.schema_path[0] for e in erreur.context} - {
        e.schema_path[0]
        for e in erreur.context
        if e.validator == "type" and len(e.schema_path) == LONGUEUR_DU_TYPE
    }
    meilleure: ValidationError | None = best_match(
        e for e in erreur.context if e.schema_path[0] in bien_typees
    )
    return meilleure or best_match(erreur.context) or erreur


def valider(document: Mapping[str, Any], schema: str, ou: object) -> None:
    """Raise DocumentInvalide on the first departure, in one sentence that says where."""
    for ecart in ecarts(document, schema):
        raise DocumentInvalide(f"{ou}, {ecart.chemin or 'premier niveau'} : {ecart.message}")


def _chemin(erreur: ValidationError) -> str:
    morceaux = [f"n° {p + 1}" if isinstance(p, int) else str(p) for p in erreur.absolute_path]
    return " › ".join(morceaux)


def _phrase(erreur: ValidationError) -> str:
    regle: Any = erreur.validator
    attendu: Any = erreur.validator_value
    schema: Any = erreur.schema
    instance: Any = erreur.instance
    match regle:
        case "additionalProperties":
            connues = list(schema.get("properties", {}))
            inconnues = [str(c) for c in instance if c not in connues]
            return f"clé inconnue « {inconnues[0]} » ; clés possibles : {', '.join(connues)}."
        case "required":
            return f"il manque « {erreur.message.split(chr(39))[1]} »."
        case "enum":
            return (
                f"« {erreur.instance} » n'est pas admis ; valeurs possibles : {', '.join(map(str, attendu))}."
            )
        case "type":
            types = [attendu] if isinstance(attendu, str) else attendu
            return f"{_dit(instance)} devrait être {' ou '.join(TYPES.get(t, t) for t in types)}."
        case "minimum" | "maximum":
            return (
                f"{erreur.instance} est {'au-dessous' if regle == 'minimum' else 'au-dessus'} de {attendu}."
            )
        case "pattern":
            return f"« {erreur.instance} » n'a pas la forme attendue ({schema.get('description', attendu)})."
        case _:
            return f"« {erreur.instance} » n'est pas admis."


def jour(texte: str) -> date:
    """An ISO date of a document. Raises DocumentInvalide when the calendar has no such day."""
    try:
        return date.fromisoformat(texte)
    except ValueError as erreur:
        raise DocumentInvalide(f"La date « {texte} » n'existe pas au calendrier.") from erreur
