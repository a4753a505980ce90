"""The calculation sheet: the frozen result that every rendering shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from partiteur.regles.assiette import Assiette
from partiteur.regles.droits import AnneeDroitsUniques
from partiteur.regles.faits import Dossier
from partiteur.regles.flux.volume import Quantite
from partiteur.regles.repartition import un_logement_tous_les
from partiteur.regles.socle import Avertissement, Etape


@dataclass(frozen=True)
class FluxPerimetre:
    """A perimeter's account: assiette, rotation, expected volume (first lettings `neuf` included), soustraits, exact flux."""

    code: str
    nom: str | None
    echelle: str
    dans: tuple[str, ...]
    assiette: Assiette
    taux: Fraction | None
    volume: Fraction
    soustraits: Mapping[str, Quantite]
    exact: Fraction
    neuf: int = 0

    @property
    def a_repartir(self) -> int:
        """The whole dwellings of its flux (D3)."""
        return floor(self.exact)


@dataclass(frozen=True)
class PartReservataire:
    """What a réservataire is owed: its part, its part after caps, exact dwellings, whole dwellings (None: void).

    `objectif` is its share of the flux; `majoration` comes beside it, from programmes delivered in the year.
    """

    code: str
    nom: str | None
    type: str
    perimetres: tuple[str, ...]
    contrepartie: str
    methode: str
    part: Fraction
    part_appliquee: Fraction
    exact: Fraction
    objectif: int | None
    part_sans_contestes: Fraction | None = None
    engagement: str = "pourcentage"
    reste_a_reporter: Fraction | None = None
    solde_reporte: int = 0
    majoration: int = 0
    droits_uniques: tuple[AnneeDroitsUniques, ...] = ()

    @property
    def tous_les_ans(self) -> int | None:
        """Under one dwelling a year: about one every so many years (D4)."""
        annees: int | None = un_logement_tous_les(self.exact).valeur
        return annees


@dataclass(frozen=True)
class NeufPublie:
    """A new programme: its regime as applied, and the rights on it."""

    programme: str
    commune: str
    logements: int
    regime: str
    droits: Mapping[str, int]


@dataclass(frozen=True)
class EtatPublie:
    """The State's account: its exact dwellings, what it gives back, what article 5 adds, readings, délégations."""

    exact: Fraction
    pnru: Fraction | None
    article5: Mapping[str, Fraction]
    hors_qpv: Mapping[str, Fraction | None] | None = None
    delegations: tuple[tuple[str, str, Fraction], ...] = ()


@dataclass(frozen=True)
class Flux:
    """The calculation sheet: what every rendering shows, and the only thing it reads.

    `a_repartir` is what is shared: the whole part of the territory's flux, fractions carried from last year included.
    """

    dossier: Dossier
    perimetres: tuple[FluxPerimetre, ...]
    reservataires: tuple[PartReservataire, ...]
    non_reserve: PartReservataire
    a_repartir: int
    neuf: tuple[NeufPublie, ...]
    etat: EtatPublie
    etapes: tuple[Etape, ...]
    avertissements: tuple[Avertissement, ...]

    @property
    def territoire(self) -> FluxPerimetre:
        """The dossier's own territory."""
        return self.perimetres[0]

    @property
    def cites(self) -> tuple[str, ...]:
        """The ids of the texts its steps cite, in their order."""
        return tuple(dict.fromkeys(etape.texte for etape in self.etapes))
