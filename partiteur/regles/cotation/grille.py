"""The grid of cotation as an object: what a territory adopted, frozen, exact, compared as a value.

The readable evaluation (evaluation.py) and the compiled one (moteur/cotation.py) are made from this one object.
Points are exact Fractions. A value a condition compares with is bool, int, Fraction, str or date, by the type of
its variable in the catalogue; money is in euros, as grids write it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

Valeur = bool | int | Fraction | str | date
NIVEAUX = (
    "declaree",
    "deposee",
    "verifiee",
    "validee_travailleur_social",
    "transmise",
)  # weakest first (D62)
ORIGINES = ("obligatoire", "facultatif", "local")
POPULATIONS = ("toutes", "premiere_demande", "mutation")
COMBINAISONS = ("somme", "max", "exclusif")
OPERATEURS = (
    "est",
    "egal",
    "different",
    "dans",
    "au_moins",
    "au_plus",
    "superieur_a",
    "inferieur_a",
    "contient",
)
SENS = ("croissant", "decroissant")


@dataclass(frozen=True)
class Reference:
    """A threshold that is not in the grid: another variable, or one of the grid's own `references`."""

    nom: str


@dataclass(frozen=True)
class Comparaison:
    """`variable` compared with `valeurs`: one value, several for `dans` and `contient` (any of them)."""

    variable: str
    operateur: str
    valeurs: tuple[Valeur | Reference, ...]


@dataclass(frozen=True)
class Tous:
    """True when every condition is; an unknown one leaves it unknown, unless another is false."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class UnDe:
    """True when one condition is; an unknown one leaves it unknown, unless another is true."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True)
class Sauf:
    """True when the condition is false; unknown when it is unknown."""

    condition: "Condition"


Condition = Comparaison | Tous | UnDe | Sauf


@dataclass(frozen=True)
class Forfait:
    """Fixed points, when the criterion's `si` holds."""

    points: Fraction


@dataclass(frozen=True)
class Palier:
    """From `a_partir_de` units on, the units beyond are worth `points_par_unite`."""

    a_partir_de: int
    points_par_unite: Fraction


@dataclass(frozen=True)
class ParUnite:
    """Points by whole unit of an integer variable; each palier, in rising order, prices the units beyond it.

    70 months at 1 point, 2 from 60 on: 60 × 1 + 10 × 2 = 80.
    """

    variable: str
    points_par_unite: Fraction
    paliers: tuple[Palier, ...] = ()


@dataclass(frozen=True)
class Tranche:
    """Points of the values in [a_partir_de, moins_de[; None is open. `a_partir_de` is never None but on the first."""

    a_partir_de: Fraction | None
    moins_de: Fraction | None
    points: Fraction


@dataclass(frozen=True)
class Tranches:
    """Points by range of a number; a value in no range gives none."""

    variable: str
    tranches: tuple[Tranche, ...]


@dataclass(frozen=True)
class Enumere:
    """Points by code; a code not listed gives none."""

    variable: str
    points: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True)
class Axe:
    """One side of a table: the values of a variable (`valeurs`), or the bounds that cut a number (`bornes`).

    n rising bounds make n + 1 ranges: below the first, [first, second[, …, from the last on. Exactly one of the
    two is not empty. A value listed nowhere gives no point.
    """

    variable: str
    valeurs: tuple[Valeur, ...] = ()
    bornes: tuple[Fraction, ...] = ()

    @property
    def taille(self) -> int:
        """How many rows or columns it makes."""
        return len(self.valeurs) or len(self.bornes) + 1


@dataclass(frozen=True)
class Tableau:
    """Points by two variables: `points[ligne][colonne]`."""

    lignes: Axe
    colonnes: Axe
    points: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Compteur:
    """Points for dated events (`variable`, of type evenements) at the date of the score.

    An event counts when it is after the date `fenetre_mois` months before (None: however old), not after the date
    of the score, and after the last event of the variable `remise_a_zero` (None: no reset). n counted events apply
    n − a_partir_de + 1 times (never below zero), at most `maximum` times (None: no limit).
    """

    variable: str
    points: Fraction
    fenetre_mois: int | None = None
    a_partir_de: int = 1
    maximum: int | None = None
    remise_a_zero: str | None = None


Forme = Forfait | ParUnite | Tranches | Enumere | Tableau | Compteur


@dataclass(frozen=True)
class Coefficient:
    """What multiplies the points of a criterion, before its cap; without `si`, always."""

    facteur: Fraction
    si: Condition | None = None


@dataclass(frozen=True)
class Critere:
    """A criterion: when (`si`, None is always), how many points (`forme`), on what proof.

    `coefficients`: the first whose condition is true multiplies; none true, 1. `plafond` caps the points after
    it. `preuve` is the least proof that `score_verifie` counts; `declaration_admise` false refuses in `score` a
    fact merely declared. `gel_anciennete_mois`: months of `anciennete_mois` frozen while a counter applies.
    `sens` says how points go when the variable rises. `catalogue` names a criterion of criteres.toml.
    """

    code: str
    rubrique: str
    libelle: str
    origine: str
    forme: Forme
    si: Condition | None = None
    coefficients: tuple[Coefficient, ...] = ()
    plafond: Fraction | None = None
    preuve: str = "verifiee"
    declaration_admise: bool = True
    gel_anciennete_mois: int | None = None
    sens: str | None = None
    texte: str | None = None
    source: str | None = None
    catalogue: str | None = None


@dataclass(frozen=True)
class Rubrique:
    """A group of criteria and of child rubriques, combined then bounded; `apres_plafond` only on a root."""

    code: str
    libelle: str
    combinaison: str = "somme"
    plafond: Fraction | None = None
    plancher: Fraction | None = None
    parent: str | None = None
    apres_plafond: bool = False


@dataclass(frozen=True)
class HorsCotation:
    """A case where the score is computed and not used, with its reason."""

    code: str
    libelle: str
    si: Condition
    motif: str
    texte: str | None = None


@dataclass(frozen=True)
class Departage:
    """What parts two equal scores: the higher value first, the lower with `croissant`; unknown last."""

    variable: str
    croissant: bool = False


@dataclass(frozen=True)
class Borne:
    """In a socle, how far a grid that extends it may set the points of a criterion."""

    minimum: Fraction
    maximum: Fraction


@dataclass(frozen=True)
class Grille:
    """A whole grid, inheritance resolved. Order of rubriques and criteria is that of the file: ties go to the first.

    `references`: thresholds of the territory (delai_anormalement_long_mois…); they win over the demande's column.
    `refus_sans_effet`: said when a refusal of an adapted dwelling changes nothing. [valide_du, valide_au[.
    """

    code: str
    version: str
    titre: str
    epci: str
    population: str
    valide_du: date
    rubriques: tuple[Rubrique, ...]
    criteres: tuple[Critere, ...]
    valide_au: date | None = None
    deliberation: str | None = None
    evaluation_mois: int | None = None
    plafond: Fraction | None = None
    plancher: Fraction = Fraction(0)
    departage: tuple[Departage, ...] = ()
    hors_cotation: tuple[HorsCotation, ...] = ()
    references: Mapping[str, Valeur] = field(default_factory=lambda: MappingProxyType({}))
    bornes: Mapping[str, Borne] = field(default_factory=lambda: MappingProxyType({}))
    etend: str | None = None
    refus_sans_effet: bool = False
    source: str | None = None
    publie: str | None = None
    non_publie: str | None = None

    @property
    def identifiant(self) -> str:
        """« grille@version », as `etend` names it."""
        return f"{self.code}@{self.version}"

    def rubrique(self, code: str) -> Rubrique:
        """The rubrique of a code. Raises KeyError."""
        return {r.code: r for r in self.rubriques}[code]

    def enfants(self, parent: str | None) -> tuple[Rubrique, ...]:
        """The rubriques directly under one; the roots under None."""
        return tuple(r for r in self.rubriques if r.parent == parent)

    def criteres_de(self, rubrique: str) -> tuple[Critere, ...]:
        """The criteria directly in a rubrique, in the file's order."""
        return tuple(c for c in self.criteres if c.rubrique == rubrique)


def comparaisons(condition: Condition | None) -> Iterator[Comparaison]:
    """Every comparison of a condition, from left to right."""
    match condition:
        case Comparaison():
            yield condition
        case Tous(conditions) | UnDe(conditions):
            for membre in conditions:
                yield from comparaisons(membre)
        case Sauf(dedans):
            yield from comparaisons(dedans)


def variables_de_condition(condition: Condition | None, references: Mapping[str, Valeur]) -> tuple[str, ...]:
    """The variables a condition reads, each once; a reference the grid does not set is read like a variable."""
    lues = []
    for une in comparaisons(condition):
        noms = (v.nom for v in une.valeurs if isinstance(v, Reference) and v.nom not in references)
        lues += [une.variable, *noms]
    return tuple(dict.fromkeys(lues))


def variables_de_forme(forme: Forme) -> tuple[str, ...]:
    """The variables a form of points reads, the principal one first."""
    match forme:
        case Forfait():
            return ()
        case Tableau(lignes, colonnes):
            return (lignes.variable, colonnes.variable)
        case Compteur(variable, remise_a_zero=None):
            return (variable,)
        case Compteur(variable, remise_a_zero=str() as remise):
            return (variable, remise)
        case _:
            return (forme.variable,)


def variables_du_critere(critere: Critere, references: Mapping[str, Valeur]) -> tuple[str, ...]:
    """The variables a criterion reads, each once: those of its form, of its `si`, of its coefficients."""
    lues = [*variables_de_forme(critere.forme), *variables_de_condition(critere.si, references)]
    for coefficient in critere.coefficients:
        lues += variables_de_condition(coefficient.si, references)
    return tuple(dict.fromkeys(lues))


def variables_de_grille(grille: Grille) -> tuple[str, ...]:
    """Every variable a grid reads: criteria, hors cotation, départage."""
    lues = [v for c in grille.criteres for v in variables_du_critere(c, grille.references)]
    lues += [v for h in grille.hors_cotation for v in variables_de_condition(h.si, grille.references)]
    return tuple(dict.fromkeys([*lues, *(d.variable for d in grille.departage)]))
