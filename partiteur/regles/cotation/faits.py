"""The facts a score is made from, and what it is made of: a demande, its proofs, the lines and the totals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from partiteur.regles.cotation.grille import Valeur

Fait = Valeur | tuple[str, ...] | tuple[date, ...] | None


@dataclass(frozen=True)
class Preuve:
    """How a criterion's fact is proved (one of NIVEAUX), and the last day the proof is valid (None: no end)."""

    niveau: str = "declaree"
    valide_jusqu_au: date | None = None


@dataclass(frozen=True)
class Demande:
    """A demande as a grid reads it: facts by variable of the catalogue, proofs by criterion.

    Facts: bool, int, Fraction, str, date, tuple of str (liste), tuple of date (evenements), None or absent when
    unknown. An empty tuple is known: none. Money in euros. A criterion without proof is « declaree ».
    """

    numero_unique: str
    date_depot: date | None = None
    faits: Mapping[str, Fait] = field(default_factory=lambda: MappingProxyType({}))
    preuves: Mapping[str, Preuve] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class LigneScore:
    """One criterion of a score.

    `variable`, `valeur`, `champ`: the principal variable read, its value (None: unknown, or no fact), its source
    field; `autres`: the other variables read and their values. `points`: what the facts give, after coefficient
    and the criterion's cap. `points_retenus`: what enters `score` after proof and the combination of the rubriques
    (not their caps, shown by SousTotal); `points_verifies`: the same in `score_verifie`. `manquantes`: unknown
    variables that kept the criterion from being judged.
    """

    critere: str
    rubrique: str
    libelle: str
    variable: str | None
    valeur: Fait
    champ: str | None
    autres: tuple[tuple[str, Fait], ...]
    preuve: str
    points: Fraction
    points_retenus: Fraction
    points_verifies: Fraction
    manquantes: tuple[str, ...]
    texte: str | None


@dataclass(frozen=True)
class SousTotal:
    """A rubrique in `score` and in `score_verifie`: its combination (`brut`), then within its bounds (`retenu`)."""

    rubrique: str
    libelle: str
    brut: Fraction
    retenu: Fraction
    brut_verifie: Fraction
    retenu_verifie: Fraction


@dataclass(frozen=True)
class ConstatDonnees:
    """Something wrong in the data of a demande: `exclusif`, a rubrique where one box at most may be ticked."""

    code: str
    rubrique: str
    criteres: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Score:
    """The score of a demande under a grid at a date, with every line.

    `grille` and `version` name the grid, `empreinte` is the SHA-256 of the facts it read, `au` the date.
    `hors_cotation`: the reason why the score is not used, None otherwise. `mois_geles`: months of waiting frozen.
    """

    numero_unique: str
    grille: str
    version: str
    au: date
    empreinte: str
    score: Fraction
    score_verifie: Fraction
    lignes: tuple[LigneScore, ...]
    sous_totaux: tuple[SousTotal, ...]
    manquantes: tuple[str, ...]
    constats: tuple[ConstatDonnees, ...]
    hors_cotation: str | None
    mois_geles: int
