"""What the components of a page are made of: frozen, computed before, drawn by templates/web/composants."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction


@dataclass(frozen=True)
class Lien:
    """Words, and where they lead; "" leads nowhere."""

    mots: str
    adresse: str = ""


@dataclass(frozen=True)
class Chiffre:
    """A figure that opens: its value and unit; inside, how it was found.

    `signe`: its place in a sum (−, ×, =); `total`: it closes one. `donnees` and `textes` lead to their source. Nothing
    to show inside: it does not open.
    """

    nom: str
    valeur: int | Fraction | str | None
    unite: str = ""
    signe: str = ""
    total: bool = False
    ouvert: bool = False
    formule: str = ""
    donnees: Sequence[Lien] = ()
    methode: str = ""
    textes: Sequence[Lien] = ()
    commande: str = ""

    @property
    def s_ouvre(self) -> bool:
        """Is there anything to show?"""
        return bool(self.formule or self.donnees or self.methode or self.textes or self.commande)


@dataclass(frozen=True)
class Barre:
    """A bar of a scale of a hundred: its words, its number, its length, its rank (its shade)."""

    mots: str
    nombre: int
    longueur: int
    rang: int = 1


@dataclass(frozen=True)
class Solde:
    """Where a réservataire is: its stages as bars, its objectif and what is expected to date as positions of 0 to 100.

    None: no objectif is known.
    """

    nom: str
    precision: str
    barres: Sequence[Barre]
    objectif: int | None = None
    attendu: int | None = None
    phrase: str = ""


def barres(nombres: Sequence[tuple[str, int]], echelle: int) -> tuple[Barre, ...]:
    """The bars of some numbers on a scale; what passes it is drawn at its end, its number tells."""
    haut = max(echelle, 1)
    return tuple(
        Barre(mots, valeur, min(100, round(100 * valeur / haut)), rang)
        for rang, (mots, valeur) in enumerate(nombres, start=1)
    )


@dataclass(frozen=True)
class Echeance:
    """What is due or waits: when, what, what it entails, and where to do it; `nombre`: of how many things.

    `etat`: tard | bientot | "".
    """

    le: date | None
    dans: str
    phrase: str
    suite: str = ""
    lien: Lien | None = None
    etat: str = ""
    nombre: int = 1


@dataclass(frozen=True)
class Pas:
    """A step of a thread: done, to come, or cancelled by a rectification that stays visible."""

    le: date
    phrase: str
    qui: str = ""
    etat: str = ""
    genre: str = ""
    a_venir: bool = False
    annule: bool = False


@dataclass(frozen=True)
class Graphique:
    """A chart: its title is a sentence, its bars are also its table."""

    titre: str
    colonnes: tuple[str, str]
    barres: Sequence[Barre]


@dataclass(frozen=True)
class Vide:
    """An empty page: what will be there, what to do first."""

    phrase: str
    gestes: Sequence[Lien] = field(default_factory=tuple)
