"""Counts what a rotation is made of: libérations, entries and leases, by territory, as the rules qualify them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from partiteur.moteur.execution import Connexion, executer, requete
from partiteur.moteur.millesime import Territoire
from partiteur.regles.faits import Definition, Rotation
from partiteur.regles.rotation import (
    emmenagement_rpls,
    liberation_comptee,
    logement_au_denominateur,
    periode_rotation,
)

LIEUX = ("commune", "epci", "departement")


@dataclass(frozen=True)
class Compte:
    """A number of dwellings or events in one place; what the count does not tell apart is None."""

    nombre: Fraction
    commune: str | None = None
    epci: str | None = None
    departement: str | None = None
    bailleur: str | None = None


def total(comptes: Iterable[Compte], territoire: Territoire) -> Fraction:
    """The sum of the counts inside a territory."""
    return sum((c.nombre for c in comptes if getattr(c, territoire.echelle) == territoire.code), Fraction(0))


@dataclass(frozen=True)
class Comptage:
    """Everything a rotation needs, by territory: events, and dwellings at the denominator."""

    evenements: tuple[Compte, ...]
    logements: tuple[Compte, ...]

    def rotation(self, territoire: Territoire) -> Rotation:
        """The counts of one territory, as the rule wants them."""
        return Rotation(None, total(self.evenements, territoire), int(total(self.logements, territoire)))


def liberations(con: Connexion, du: date, au: date, axes: Sequence[str] = LIEUX) -> list[tuple[Any, ...]]:
    """Rows (motif, motifs, the axes, departs, entrees) of the half-open period [du, au[."""
    return executer(con, requete("liberations", axes=", ".join(axes)), [du, au, du, au])


def compter_rotation(
    con: Connexion,
    definition: Definition,
    exercice: int,
    date_parc: date | None,
    axes: Sequence[str] = LIEUX,
) -> Comptage:
    """Count a definition's numerator and denominator on the view `parc` and the view `liberations`, by axes."""
    if definition.compte == "baux_rpls":
        return _compter_baux(con, definition, exercice, axes)
    du, au = periode_rotation(definition, exercice, date_parc).valeur

    @cache
    def comptee(motif: str | None, motifs: str | None) -> bool:
        return bool(liberation_comptee(motif, _liste(motifs), definition).valeur)

    sommes: dict[tuple[Any, ...], tuple[int, int]] = {}
    for motif, motifs, *lieu, departs, entrees in liberations(con, du, au, axes):
        if comptee(motif, motifs):
            sortis, entres = sommes.get(tuple(lieu), (0, 0))
            sommes[tuple(lieu)] = (sortis + departs, entres + entrees)
    evenements = tuple(
        Compte(_evenements(definition, *comptes), **dict(zip(axes, lieu, strict=True)))
        for lieu, comptes in sommes.items()
    )
    return Comptage(evenements, _denominateur(con, axes, definition))


def _evenements(definition: Definition, departs: int, entrees: int) -> Fraction:
    """What a definition counts of a place: its departures, its entries, or half of both."""
    return {"departs": Fraction(departs), "entrees": Fraction(entrees)}.get(
        definition.compte, Fraction(departs + entrees, 2)
    )


def _denominateur(con: Connexion, axes: Sequence[str], definition: Definition) -> tuple[Compte, ...]:
    @cache
    def compte(motifs: str | None) -> bool:
        return bool(logement_au_denominateur(_liste(motifs), definition).valeur)

    sommes: dict[tuple[Any, ...], int] = defaultdict(int)
    sql = requete("etat_des_lieux", axes=", ".join((*axes, "motifs")), source="parc")
    for *lieu, motifs, logements in executer(con, sql):
        if compte(motifs):
            sommes[tuple(lieu)] += logements
    return tuple(
        Compte(Fraction(logements), **dict(zip(axes, lieu, strict=True)))
        for lieu, logements in sommes.items()
    )


def _compter_baux(con: Connexion, definition: Definition, exercice: int, axes: Sequence[str]) -> Comptage:
    evenements, logements = [], []
    sql = requete("baux", axes=", ".join(axes), source="parc")
    for bail, location, mode, *lieu, motifs, nombre in executer(con, sql):
        if not logement_au_denominateur(_liste(motifs), definition).valeur:
            continue
        emmenage, champ = emmenagement_rpls(bail, location, mode, definition, exercice).valeur
        compte = Compte(Fraction(nombre), **dict(zip(axes, lieu, strict=True)))
        evenements += [compte] if emmenage else []
        logements += [compte] if champ else []
    return Comptage(tuple(evenements), tuple(logements))


def compter_par_annee(
    con: Connexion, annees: Iterable[int], territoire: Territoire, *, motif: str | None
) -> dict[int, int]:
    """By calendar year: departures for one motif (internal mutations), or, without motif, new leases signed."""
    comptes = {}
    for annee in annees:
        lignes = liberations(con, date(annee, 1, 1), date(annee + 1, 1, 1))
        comptes[annee] = sum(
            (departs if motif else entrees)
            for m, _, commune, epci, departement, departs, entrees in lignes
            if {"commune": commune, "epci": epci, "departement": departement}[territoire.echelle]
            == territoire.code
            and (motif is None or m == motif)
        )
    return comptes


def _liste(motifs: str | None) -> tuple[str, ...]:
    return tuple(motifs.split("|")) if motifs else ()
