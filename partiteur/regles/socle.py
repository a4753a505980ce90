"""What every rule stands on: results with their steps, registration, dated barèmes, errors.

A rule is a plain function over frozen facts. It is registered with the texts it applies and the period
in which it does; it returns a `Resultat`, whose `etapes` are the lines of the calculation sheet.
"""

import errno
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from importlib import resources
from inspect import getdoc
from typing import Any, TypeVar

NOMBRE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+|\d+/\d+)%?")  # no exponent: 1e999999999 would fill the memory
RACINE = resources.files("partiteur.regles")
Fonction = TypeVar("Fonction", bound=Callable[..., Any])


class ErreurUtilisateur(Exception):
    """Root of what a user can mend: one French sentence saying what, where, and what to do."""


class HorsPeriode(ErreurUtilisateur):
    """No version of a rule or of a barème applies at the date asked."""


def raison(erreur: OSError) -> str:
    """Why the system refused a file, in French."""
    return {
        errno.ENOENT: "fichier ou dossier absent",
        errno.EACCES: "accès refusé",
        errno.EISDIR: "c'est un dossier",
        errno.ENOTDIR: "ce n'est pas un dossier",
        errno.ENOSPC: "disque plein",
        errno.EROFS: "disque en lecture seule",
    }.get(erreur.errno or 0, "le système a refusé")


@dataclass(frozen=True)
class Etape:
    """One line of a calculation sheet: what, how, how much, by which text (an id of textes.toml)."""

    libelle: str
    formule: str
    valeur: Fraction | int | str | None
    texte: str


@dataclass(frozen=True)
class Avertissement:
    """Something the reader must know: a code of avertissements.toml, its gravity, a French sentence, a text."""

    code: str
    gravite: str
    message: str
    texte: str


@dataclass(frozen=True)
class Resultat:
    """What a rule answers: a value, a code that qualifies it, its steps, and the warnings it raises."""

    valeur: Any
    code: str = "calcule"
    etapes: tuple[Etape, ...] = ()
    avertissements: tuple[Avertissement, ...] = ()


@dataclass(frozen=True)
class Regle:
    """A registered rule: where it is, what it cites, and the half-open period [du, au[ it applies in."""

    nom: str
    module: str
    textes: tuple[str, ...]
    du: date
    au: date | None
    fonction: Callable[..., Any]

    @property
    def resume(self) -> str:
        """The first line of the docstring: what the text says, in plain French."""
        return (getdoc(self.fonction) or "").split("\n")[0]


REGLES: dict[str, Regle] = {}
SUFFIXE_DATE = re.compile(r"_\d{4}_\d{2}_\d{2}$")


def regle(*textes: str, du: str, au: str | None = None) -> Callable[[Fonction], Fonction]:
    """Register a rule under its function's name, with the ids of the texts it applies and its period."""

    def enregistrer(fonction: Fonction) -> Fonction:
        fin = date.fromisoformat(au) if au else None
        REGLES[fonction.__name__] = Regle(
            fonction.__name__,
            fonction.__module__.removeprefix("partiteur.regles.").partition(".")[0],
            textes,
            date.fromisoformat(du),
            fin,
            fonction,
        )
        return fonction

    return enregistrer


def version_en_vigueur(nom: str, a_la_date: date) -> Regle:
    """The version of a rule that applies at a date: its versions bear one name, but for a suffix _aaaa_mm_jj.

    Raises HorsPeriode when none does, or when no rule has this name.
    """
    versions = [r for r in REGLES.values() if SUFFIXE_DATE.sub("", r.nom) == nom]
    for version in versions:
        if version.du <= a_la_date and (version.au is None or a_la_date < version.au):
            return version
    raise HorsPeriode(f"La règle « {nom} » est hors période au {a_la_date:%d/%m/%Y}.")


@cache
def bareme(nom: str) -> Mapping[str, Any]:
    """Read baremes/<nom>.toml; decimals are read exactly, as Fractions."""
    with (RACINE / "baremes" / f"{nom}.toml").open("rb") as fichier:
        return tomllib.load(fichier, parse_float=Fraction)


def en_vigueur(nom: str, cle: str, a_la_date: date) -> Mapping[str, Any]:
    """The one row of baremes/<nom>.toml under `cle` whose [du, au[ holds the date.

    Raises HorsPeriode when none does: a number is never carried outside the period of its text.
    """
    for ligne in bareme(nom)[cle]:
        if ligne["du"] <= a_la_date and (ligne.get("au") is None or a_la_date < ligne["au"]):
            return dict(ligne)
    raise HorsPeriode(f"Aucune valeur de « {cle} » (barème {nom}) n'est en vigueur au {a_la_date:%d/%m/%Y}.")


@cache
def textes() -> Mapping[str, Mapping[str, Any]]:
    """Every text cited, by id: titre, article, verifie_le, confiance."""
    with (RACINE / "textes.toml").open("rb") as fichier:
        return tomllib.load(fichier)


@cache
def interpretations() -> Mapping[str, Any]:
    """The history of interpretation of each figure, by rule or by barème, the reading in force first."""
    with (RACINE / "interpretations.toml").open("rb") as fichier:
        return tomllib.load(fichier)


def avertir(
    code: str, *, phrase: str = "message", texte: str | None = None, **valeurs: object
) -> Avertissement:
    """Build a warning from one of its sentences in avertissements.toml, filled with the values given."""
    ligne = bareme("avertissements")[code]
    return Avertissement(
        code, ligne["gravite"], str(ligne[phrase]).format(**valeurs), texte or ligne["texte"]
    )


def citer(identifiant: str) -> str:
    """What a sheet prints for a text: « R441-5 I al. 5 »."""
    return str(textes()[identifiant]["cite"])


def fraction(valeur: str | int | Fraction) -> Fraction:
    """Read « 1,37 % », « 1.37 % », « 1/73 » or a number, exactly.

    Raises ErreurUtilisateur when it is none of these.
    """
    texte = str(valeur).replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".")
    pourcent = texte.endswith("%")
    try:
        exacte = Fraction(texte.removesuffix("%")) if NOMBRE.fullmatch(texte) else None
    except ZeroDivisionError:
        exacte = None
    if exacte is None:
        raise ErreurUtilisateur(
            f"« {valeur} » n'est pas un nombre : écrivez par exemple « 20 % », « 1,37 % » ou « 1/73 »."
        )
    return exacte / int(bareme("unites")["pourcent"]) if pourcent else exacte


def taux(valeur: str | int | Fraction) -> Fraction:
    """Read a rate; above 1 it must be written with its %, for « 20 » is more often a slip than 2 000 %.

    Raises ErreurUtilisateur.
    """
    exacte = fraction(valeur)
    if exacte > 1 and not str(valeur).rstrip().endswith("%"):
        raise ErreurUtilisateur(
            f"« {valeur} » vaut {pourcentage(exacte)} : écrivez « {valeur} % », ou un nombre de 0 à 1."
        )
    return exacte


def pourcentage(valeur: Fraction) -> str:
    """Write a rate as it is read in French, « 37,26 % »; rounded for reading only, « ≈ » says so."""
    cent = int(bareme("unites")["pourcent"])
    centiemes = round(valeur * cent * cent)
    entier, reste = divmod(abs(centiemes), cent)
    signe = "-" if centiemes < 0 else ""
    decimales = f",{reste:02}".rstrip("0") if reste else ""
    approche = "" if Fraction(centiemes, cent * cent) == valeur else "≈ "
    return f"{approche}{signe}{entier}{decimales} %"


def nombre(valeur: Fraction | int | None) -> str:
    """Write a number in French, « 1 450 », « 99,87 »; rounded for reading only, « ≈ » says so."""
    if valeur is None:
        return "inconnu"
    cent = int(bareme("unites")["pourcent"])
    centiemes = round(Fraction(valeur) * cent)
    entier, reste = divmod(abs(centiemes), cent)
    signe = "-" if centiemes < 0 else ""
    decimales = f",{reste:02}".rstrip("0") if reste else ""
    approche = "" if Fraction(centiemes, cent) == valeur else "≈ "
    return f"{approche}{signe}{entier:,}".replace(",", " ") + decimales


__all__ = [
    "REGLES",
    "Avertissement",
    "ErreurUtilisateur",
    "Etape",
    "HorsPeriode",
    "Regle",
    "Resultat",
    "avertir",
    "bareme",
    "citer",
    "en_vigueur",
    "fraction",
    "interpretations",
    "nombre",
    "pourcentage",
    "raison",
    "regle",
    "taux",
    "textes",
    "version_en_vigueur",
]
