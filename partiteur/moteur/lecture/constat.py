"""What a reading returns: the accepted rows, and what was found on the way, each with its count."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.regles.socle import nombre as ecrire

EXEMPLES_MAX = 5
LONGUEUR_MONTREE = 60
MASQUE = "(valeur masquée)"
ERREUR, AVERTISSEMENT = "erreur", "avertissement"

# A free text may hold a person: a civility, a mail address, a phone number, a social security number.
NOMINATIF = re.compile(
    r"@|\b(?:m|mr|mme|mlle|monsieur|madame|mademoiselle|veuve|vve)\b|\b0[1-9](?:[ .-]?\d\d){4}\b|\b[12](?: ?\d){12,14}\b",
    re.IGNORECASE,
)


class LectureImpossible(ErreurUtilisateur):
    """The file cannot be read at all; the sentence says what was found, where, and what to do."""


@dataclass(frozen=True)
class Exemple:
    """One place where a finding holds: line (CSV) or row (Excel) of the source, and the value read."""

    ligne: int
    valeur: str


@dataclass(frozen=True)
class Constat:
    """One finding. `nombre` counts rows for an "erreur" (they are left out), cells or rows otherwise."""

    code: str
    gravite: str
    colonne: str | None
    nombre: int
    message: str
    exemples: tuple[Exemple, ...]


@dataclass(frozen=True)
class Lecture:
    """A file read: `table` holds the accepted rows, in canonical columns, then `ligne` (1-based, source).

    `lignes` counts the data rows of the file; each row left out is counted in exactly one constat "erreur",
    so that lignes == acceptees + the sum of `nombre` over the erreurs. `source` is "rpls_depot",
    "rpls_open_data", "bailleur", "droits" or "liberations". `bailleur`, `raison_sociale` and `annee` come
    from the header of a deposit, or from what the caller said; None when unknown.
    """

    table: pa.Table
    lignes: int
    acceptees: int
    constats: tuple[Constat, ...]
    source: str
    bailleur: str | None = None
    raison_sociale: str | None = None
    annee: int | None = None


@dataclass
class Rapport:
    """Collects the constats of one file, in the order they are found."""

    fichier: str
    constats: list[Constat] = field(default_factory=list)

    def noter(
        self,
        code: str,
        nombre: int,
        colonne: str | None = None,
        exemples: Iterable[Exemple] = (),
        **details: Any,
    ) -> None:
        """Add a constat, its sentence filled from constat.toml with the first example; nothing when nombre is 0."""
        if not nombre:
            return
        montres = tuple(Exemple(e.ligne, montrable(e.valeur)) for e in list(exemples)[:EXEMPLES_MAX])
        premier = montres[0] if montres else Exemple(1, "")
        modele = _modeles()[code]
        message = str(modele["message"]).format(
            fichier=self.fichier,
            ligne=premier.ligne,
            valeur=premier.valeur,
            colonne=colonne,
            nombre=ecrire(nombre),
            **{cle: ecrire(v) if isinstance(v, int) else v for cle, v in details.items()},
        )
        self.constats.append(Constat(code, str(modele["gravite"]), colonne, nombre, message, montres))


def montrable(valeur: str) -> str:
    """The value as a message may show it: one line, short, and never a person."""
    if NOMINATIF.search(valeur):
        return MASQUE
    texte = " ".join(valeur.split())
    return texte if len(texte) <= LONGUEUR_MONTREE else texte[:LONGUEUR_MONTREE] + "…"


@cache
def _modeles() -> dict[str, dict[str, str]]:
    return charger_toml("constat")


@cache
def charger_toml(nom: str) -> dict[str, Any]:
    """The reference file <nom>.toml shipped beside this module."""
    with (resources.files(__package__) / f"{nom}.toml").open("rb") as fichier:
        return tomllib.load(fichier)
