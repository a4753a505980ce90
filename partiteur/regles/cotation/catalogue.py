"""The catalogue of variables and that of criteria: data, read once, replaceable by a path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any

from partiteur.regles.cotation.grille import Reference, Valeur
from partiteur.regles.socle import ErreurUtilisateur, bareme, fraction

TYPES = ("booleen", "entier", "nombre", "code", "liste", "date", "evenements")
NUMERIQUES = ("entier", "nombre")
EXAMENS = ("interdite", "uniformite", "age", "residence")
PUBLICS = "publics_l441_1"  # the variable of the letters of L441-1


class GrilleInvalide(ErreurUtilisateur):
    """A grid, or a catalogue, that cannot be read or does not hold together."""


@dataclass(frozen=True)
class Variable:
    """What a grid may read of a demande.

    type: booleen (True, False), entier (int), nombre (Fraction), code (str), liste (tuple of str), date,
    evenements (tuple of date). `codes`: the codes admitted, with their words, empty when free. `sne`, `cerfa`: the
    source field. `acces`: who may see its value (a key of `acces` in variables.toml). `publics`: the letters of
    L441-1 it implements (« dalo » for the DALO). `examen`: what the lint says of it, interdite,
    uniformite, age or residence (a key of `examens` in variables.toml).
    """

    code: str
    libelle: str
    type: str
    unite: str | None = None
    sne: str | None = None
    cerfa: str | None = None
    codes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    acces: str = "commission"
    publics: tuple[str, ...] = ()
    examen: str | None = None


@dataclass(frozen=True)
class CritereCatalogue:
    """A criterion as the SNE would list it: its origin, its words, the variables it may read."""

    code: str
    libelle: str
    origine: str
    base: str
    variables: tuple[str, ...] = ()
    confiance: str = "a_verifier"


@dataclass(frozen=True)
class Catalogue:
    """The variables by code, who may see what, what the lint says of some, and the criteria by code."""

    variables: Mapping[str, Variable]
    acces: Mapping[str, str]
    examens: Mapping[str, str]
    criteres: Mapping[str, CritereCatalogue]

    def variable(self, code: str) -> Variable:
        """The variable of a code. Raises GrilleInvalide when the catalogue does not know it."""
        if code not in self.variables:
            raise GrilleInvalide(f"La variable « {code} » n'est pas au catalogue.")
        return self.variables[code]


def lire_catalogue(variables: Mapping[str, Any], criteres: Mapping[str, Any]) -> Catalogue:
    """A catalogue from its two documents (variables.toml, criteres.toml). Raises GrilleInvalide."""
    publics = {lettre: li["libelle"] for lettre, li in bareme("publics_l441_1")["lettres"].items()}
    listes = {"publics_l441_1": publics, **variables["listes"]}
    lues = {code: _variable(code, v, listes) for code, v in variables["variables"].items()}
    _examiner(variables, lues)
    connus = {
        code: CritereCatalogue(
            code,
            c["libelle"],
            c["origine"],
            c["base"],
            tuple(c.get("variables", ())),
            c.get("confiance", CritereCatalogue.confiance),
        )
        for code, c in criteres["criteres"].items()
    }
    for critere in connus.values():
        for variable in critere.variables:
            if variable not in lues:
                raise GrilleInvalide(
                    f"Catalogue des critères, « {critere.code} » : la variable « {variable} » est inconnue."
                )
    return Catalogue(lues, dict(variables["acces"]), dict(variables["examens"]), connus)


def _examiner(document: Mapping[str, Any], lues: Mapping[str, Variable]) -> None:
    """What the lint relies on: the publics of L441-1, and a phrase for each word a variable uses."""
    if PUBLICS not in lues:
        raise GrilleInvalide(f"Catalogue des variables : il manque « {PUBLICS} », que la loi demande.")
    for table, mots in (
        ("acces", [v.acces for v in lues.values()]),
        ("examens", [*EXAMENS, *(v.examen for v in lues.values() if v.examen)]),
    ):
        for mot in mots:
            if mot not in document[table]:
                raise GrilleInvalide(f"Catalogue des variables : [{table}] ne dit pas « {mot} ».")


def _variable(code: str, donnee: Mapping[str, Any], listes: Mapping[str, Mapping[str, str]]) -> Variable:
    if donnee["type"] not in TYPES:
        raise GrilleInvalide(
            f"Catalogue des variables, « {code} » : le type « {donnee['type']} » est inconnu ; "
            f"types possibles : {', '.join(TYPES)}."
        )
    champs = {cle: v for cle, v in donnee.items() if cle not in ("liste", "publics")}
    codes = dict(listes[donnee["liste"]]) if "liste" in donnee else {}
    return Variable(code, codes=codes, publics=tuple(donnee.get("publics", ())), **champs)


@cache
def catalogue_livre() -> Catalogue:
    """The catalogue shipped: baremes/variables.toml and baremes/criteres.toml."""
    return lire_catalogue(bareme("variables"), bareme("criteres"))


def lire_valeur(donnee: Any, variable: Variable | None) -> Valeur | Reference:
    """A value of a condition, by the type of its variable; a `{reference = …}` is one. Raises GrilleInvalide.

    Of a variable the catalogue does not know the value is kept as written: the lint will name the variable.
    """
    if isinstance(donnee, Mapping):
        return Reference(donnee["reference"])
    if variable is None:
        return donnee if isinstance(donnee, bool | int | str | date) else str(donnee)
    match variable.type:
        case "booleen" if isinstance(donnee, bool):
            return donnee
        case "entier" | "nombre" if not isinstance(donnee, bool):
            return _exact(donnee, variable)
        case "date":
            return _jour(donnee, variable)
        case "code" | "liste" if isinstance(donnee, str):
            return donnee
    raise GrilleInvalide(
        f"« {str(donnee).lower() if isinstance(donnee, bool) else donnee} » ne se compare pas à la variable "
        f"« {variable.code} », de type {variable.type}."
    )


def _exact(donnee: Any, variable: Variable) -> int | Fraction:
    exacte = fraction(donnee)
    if variable.type == "nombre":
        return exacte
    if exacte.denominator != 1:
        raise GrilleInvalide(f"« {donnee} » : la variable « {variable.code} » est un nombre entier.")
    return int(exacte)


def _jour(donnee: Any, variable: Variable) -> date:
    if isinstance(donnee, date):
        return donnee
    try:
        return date.fromisoformat(str(donnee))
    except ValueError as erreur:
        raise GrilleInvalide(
            f"« {donnee} » n'est pas une date ; « {variable.code} » s'écrit aaaa-mm-jj."
        ) from erreur
