"""The bilan itself: the frozen result that every rendering shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from partiteur.regles.bilan.chute import Chute
from partiteur.regles.bilan.duree import Duree
from partiteur.regles.bilan.engagement import Alerte, Atteinte, LigneSoustraits
from partiteur.regles.bilan.manque import Manque
from partiteur.regles.bilan.ventilation import Ventilation
from partiteur.regles.droits import AnneeDroitsUniques
from partiteur.regles.neuf import SuiviProgramme
from partiteur.regles.objectifs import Objectif
from partiteur.regles.socle import Avertissement


@dataclass(frozen=True)
class LigneBilan:
    """A réservataire over the period; `compteurs` in vacances but `candidats_acceptes`, in candidates.

    `engage`: counted at the stage that binds. `part`, `objectif`: of the dossier, `objectif` only for its own
    exercice. `flux_constate`: of its perimeter; `attendu`: its part of it. `chutes_stock`: those of the stock year.
    `droits_uniques`: the account of the dossier.
    """

    code: str
    nom: str | None
    type: str | None
    compteurs: Mapping[str, int]
    chutes: tuple[Chute, ...]
    taux_chute: Fraction | None
    chutes_stock: tuple[Chute, ...] | None = None
    etape: str | None = None
    engage: int | None = None
    gestion: str = "directe"
    part: Fraction | None = None
    objectif: int | None = None
    engagement: str | None = None
    flux_constate: int | None = None
    attendu: Fraction | None = None
    atteinte: Atteinte | None = None
    alerte: Alerte | None = None
    part_requalifiee: Fraction | None = None
    droits_uniques: tuple[AnneeDroitsUniques, ...] = ()


@dataclass(frozen=True)
class DelaiConstate:
    """A delay between two events, for one réservataire (None: all) or one way of managing."""

    delai: str
    reservataire: str | None
    gestion: str | None
    duree: Duree


@dataclass(frozen=True)
class LigneRefus:
    """Refusals of one kind: how many of an adapted proposal, of another, of one nobody judged; who judged, when."""

    motif: str
    reservataire: str | None
    typologie: str | None
    qpv: bool | None
    dpe: str | None
    adaptes: int
    inadaptes: int
    non_qualifies: int
    juges: tuple[str, ...]
    premier: date
    dernier: date

    @property
    def nombre(self) -> int:
        """All of them."""
        return self.adaptes + self.inadaptes + self.non_qualifies

    @property
    def part_adaptee(self) -> Fraction | None:
        """The share judged adapted, of those judged."""
        juges = self.adaptes + self.inadaptes
        return Fraction(self.adaptes, juges) if juges else None


@dataclass(frozen=True)
class Preuve:
    """What the bilan was made from: the journal, its head if it is chained, the dossier."""

    journal: str
    tete: str | None
    evenements: int
    dossier: str | None
    cadre: str | None


@dataclass(frozen=True)
class Bilan:
    """A bilan from `du` to `au`, as known on `connu_le` (None: all that the journal holds).

    `connu_jusqu_a`: the latest entry taken into account. `vacances`: with an event in the period; `non_offertes`: those
    of the flux that were offered to nobody; `surcompte`: Σ mises à disposition − vacances offered (D40).
    """

    du: date
    au: date
    connu_le: datetime | None
    connu_jusqu_a: str | None
    bailleur: str | None
    territoire: str | None
    reinjection: str | None
    stock: int | None
    preuve: Preuve
    vacances: int
    flux_constate: int
    non_offertes: int
    hors_flux: Mapping[str, int]
    annulees: int
    echecs: int
    imputations_particulieres: tuple[str, ...]
    surcompte: int
    reservataires: tuple[LigneBilan, ...]
    ventilation: Ventilation
    soustraits: tuple[LigneSoustraits, ...]
    delais: tuple[DelaiConstate, ...]
    jours_dus: Mapping[str, int]
    refus: tuple[LigneRefus, ...]
    intermediaires: Mapping[date, Mapping[str, Mapping[str, int]]]
    objectifs: tuple[Objectif, ...] | None
    manques: tuple[Manque, ...]
    avertissements: tuple[Avertissement, ...]
    refuses: int = 0
    programmes: tuple[SuiviProgramme, ...] = ()

    @property
    def noms(self) -> dict[str, str]:
        """The name of each réservataire by code; its code when the dossier does not name it."""
        return {ligne.code: ligne.nom or ligne.code for ligne in self.reservataires}

    @property
    def connu_au(self) -> date | None:
        """The last day of what is known: that asked, else that of the last entry; None for an empty journal."""
        if self.connu_le:
            return self.connu_le.date()
        return date.fromisoformat(self.connu_jusqu_a[: len("AAAA-MM-JJ")]) if self.connu_jusqu_a else None
