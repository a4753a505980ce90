"""The columns of the demandes: its number and date, the catalogue's variables, a proof by criterion."""

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from partiteur.regles.cotation.catalogue import Catalogue, Variable
from partiteur.regles.cotation.grille import NIVEAUX

NUMERO = "numero_unique"
DEPOT = "date_depot"
PREUVE = re.compile(r"preuve_[a-z][a-z0-9_]*")
VALIDITE = "_jusqu_au"  # preuve_<critere>_jusqu_au: the last day a proof is valid (D64)
COLONNES_FIXES = (NUMERO, DEPOT, "ligne")
INTERDITE = "interdite"  # what the catalogue lists so that no grid reads it is not read from a file either
# A number keeps six decimals: exact for euros, surfaces and rates written so.
DECIMALES = 6
TYPES: dict[str, pa.DataType] = {
    "booleen": pa.bool_(),
    "entier": pa.int64(),
    "nombre": pa.decimal128(18, DECIMALES),
    "code": pa.string(),
    "liste": pa.list_(pa.string()),
    "date": pa.date32(),
    "evenements": pa.list_(pa.date32()),
}


def connue(catalogue: Catalogue, nom: str) -> bool:
    """Whether a column may be kept: a fixed one, a proof, or a variable of the catalogue that is not forbidden."""
    if nom in (NUMERO, DEPOT):
        return True
    if nom in catalogue.variables:
        return catalogue.variables[nom].examen != INTERDITE
    return PREUVE.fullmatch(nom) is not None


def variable_de(catalogue: Catalogue, nom: str) -> Variable:
    """The variable a column holds. Raises KeyError when it may not be kept."""
    if not connue(catalogue, nom):
        raise KeyError(nom)
    if nom in catalogue.variables:
        return catalogue.variables[nom]
    if nom == DEPOT or (nom != NUMERO and nom.endswith(VALIDITE)):
        return Variable(nom, nom, "date")
    return Variable(nom, nom, "code", codes={} if nom == NUMERO else dict.fromkeys(NIVEAUX, ""))


def schema_demandes(catalogue: Catalogue, colonnes: Sequence[str]) -> Any:
    """The Arrow schema of these columns of a table of demandes, in their order, then `ligne` (int32).

    A column is numero_unique, date_depot, a variable of the catalogue, preuve_<critere> or
    preuve_<critere>_jusqu_au. Raises KeyError on another.
    """
    champs = [(nom, TYPES[variable_de(catalogue, nom).type]) for nom in colonnes]
    return pa.schema([*champs, ("ligne", pa.int32())])
