"""The décompte of a whole journal: the rule runs once on each distinct history, its answer is joined back (E9).

What the law does with a history is `partiteur.regles.decompte.decompte`, and nothing of it is written here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.forme import FAITS, ecrire_instant, evenement_de
from partiteur.moteur.journal.histoires import Contexte, Groupe, grouper
from partiteur.moteur.journal.lecture import Journal
from partiteur.moteur.journal.silences import avec_silences
from partiteur.regles.decompte import (
    COMPTEURS,
    Decompte,
    LigneDecompte,
    Regime,
    SoldeRepris,
    avertissements_du_decompte,
    decompte,
    soldes_repris,
    taux_chute,
)
from partiteur.regles.socle import Avertissement
from partiteur.regles.vacance import Evenement, LogementVacant, Refus, Tenue, retenir, tenir
from partiteur.regles.vacance.etat import OUVERTURES

ENSEMBLES = ("vacances", "flux_constate", "annulees", "imputations_particulieres", "echecs")


@dataclass(frozen=True)
class Compte:
    """The décompte of a journal, the events its rules refuse, the warnings, and how many histories were judged.

    `refuses` counts the events refused, `refus` shows one of each history. `irregularites`: by code, the vacances
    that bear an irregular event of the period (D28). `soldes`: opening balances, by réservataire.
    """

    decompte: Decompte
    refus: tuple[Refus, ...]
    refuses: int
    avertissements: tuple[Avertissement, ...]
    histoires: int
    irregularites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    soldes: Mapping[str, SoldeRepris] = field(default_factory=dict)


def compter(
    journal: Journal,
    regimes: Mapping[str, Regime] | Contexte,
    du: date | None = None,
    au: date | None = None,
    connu_le: datetime | None = None,
) -> Compte:
    """Keep the account of a journal over a period: the same `Decompte` as the rule's over every event.

    `regimes`: how each réservataire's account is kept, by code (another has the default), or the whole `Contexte`
    with rights, délais and dwellings. Raises MotifInconnu.
    """
    contexte = regimes if isinstance(regimes, Contexte) else Contexte(regimes)
    table = avec_silences(_connus(journal, connu_le), contexte.limites, au)
    vacances, groupes = grouper(table, contexte, du, au)
    temoins = _evenements(table, groupes, contexte.logements)
    cumul = _Cumul(vacances)
    for groupe, evenements in zip(groupes, temoins, strict=True):
        tenue = tenir(evenements, contexte.organisations, contexte.limites)
        propres = {code: contexte.regimes[code] for code in groupe.reservataires if code in contexte.regimes}
        jugee = decompte(tenue.inscrits, propres, du, au, connu_le, tenue.irregularites).valeur
        cumul.ajouter(groupe, jugee, tenue, _codes(tenue, du, au))
    resultat = cumul.decompte(contexte.regimes, du, au, connu_le)
    return Compte(
        resultat,
        tuple(cumul.refus),
        cumul.refuses,
        tuple(avertissements_du_decompte(resultat)),
        len(groupes),
        cumul.nommer(cumul.irregularites),
        _soldes(table, au),
    )


def _soldes(table: pa.Table, au: date | None) -> dict[str, SoldeRepris]:
    """The opening balances in force on a date, by réservataire (D29)."""
    repris = pc.unique(table.column("vacance").filter(pc.equal(table.column("type"), "reprise")))
    lignes = table.filter(pc.is_in(table.column("vacance"), repris)).select(list(FAITS)).to_pylist()
    soldes: dict[str, SoldeRepris] = soldes_repris(retenir(list(map(evenement_de, lignes)), au, None)).valeur
    return soldes


def _connus(journal: Journal, connu_le: datetime | None) -> pa.Table:
    """The events that count, known on a date."""
    table = journal.table.select([*FAITS, "gabarit", "retenu"])
    if journal.acceptees < table.num_rows:
        table = table.filter(table.column("retenu"))
    if connu_le is not None:
        table = table.filter(pc.less_equal(table.column("date_saisie"), ecrire_instant(connu_le)))
    return table


def _evenements(
    table: pa.Table, groupes: Sequence[Groupe], logements: Mapping[str, LogementVacant]
) -> Iterator[list[Evenement]]:
    """The events of the witness of each group, the QPV of its opening completed by the parc."""
    rangs = [rang for groupe in groupes for rang in groupe.temoin]
    lignes = iter(table.select(list(FAITS)).take(pa.array(rangs, pa.int64())).to_pylist())
    for groupe in groupes:
        yield [_completer(evenement_de(next(lignes)), logements) for _ in groupe.temoin]


def _completer(evenement: Evenement, logements: Mapping[str, LogementVacant]) -> Evenement:
    """An opening that says nothing of the QPV says what the parc does."""
    logement = logements.get(evenement.vacance)
    if logement is None or evenement.type not in OUVERTURES or evenement.donnees.get("qpv") is not None:
        return evenement
    return replace(evenement, donnees={**evenement.donnees, "qpv": logement.qpv})


def _codes(tenue: Tenue, du: date | None, au: date | None) -> set[str]:
    """The irregularities of the events of the period, once rectified."""
    return {
        code
        for evenement in retenir(tenue.inscrits, au, None)
        if du is None or du <= evenement.date_effet
        for code in tenue.irregularites.get(evenement.evenement, ())
    }


@dataclass
class _Cumul:
    """Counters being joined back: what is true of the history judged is true of all its vacances, held by their rank."""

    vacances: Sequence[str]
    lignes: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    ensembles: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    soustraits: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    hors_flux: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    irregularites: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    resolues: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    suivies: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    codes: set[str] = field(default_factory=set)
    surcompte: int = 0
    refus: list[Refus] = field(default_factory=list)
    refuses: int = 0

    def __post_init__(self) -> None:
        """Ranks in the order of the identifiers, so that plain numbers are sorted, not texts."""
        ordre = sorted(range(len(self.vacances)), key=self.vacances.__getitem__)
        self.noms = [self.vacances[rang] for rang in ordre]
        self.places = [0] * len(ordre)
        for place, rang in enumerate(ordre):
            self.places[rang] = place

    def ajouter(self, groupe: Groupe, juge: Decompte, tenue: Tenue, irreguliers: set[str]) -> None:
        """Join the account of one history back to its vacances."""
        for reservataires, rangs in groupe.vacances.items():
            vacances = [self.places[rang] for rang in rangs]
            noms = dict(zip(groupe.reservataires, reservataires, strict=True))
            for nom in ENSEMBLES:
                if getattr(juge, nom):
                    self.ensembles[nom] += vacances
            for cumul, genres in (
                (self.soustraits, juge.soustraits),
                (self.hors_flux, juge.hors_flux),
                (self.irregularites, irreguliers),
            ):
                for genre in genres:
                    cumul[genre] += vacances
            for ligne in juge.lignes:
                self._ajouter_ligne(noms.get(ligne.code, ligne.code), ligne, vacances)
            self.surcompte += juge.surcompte * len(vacances)
            self.refuses += len(tenue.refus) * len(vacances)
        self.refus += tenue.refus

    def _ajouter_ligne(self, code: str, ligne: LigneDecompte, vacances: Sequence[int]) -> None:
        self.codes.add(code)
        for nom in COMPTEURS:
            if getattr(ligne, nom):
                self.lignes[code, nom] += vacances
        if ligne.chute is not None:
            self.resolues[code] += len(vacances)
            self.suivies[code] += len(vacances) * int(1 - ligne.chute)

    def decompte(
        self, regimes: Mapping[str, Regime], du: date | None, au: date | None, connu_le: datetime | None
    ) -> Decompte:
        """The account of the whole journal."""
        ensembles: dict[str, Any] = {nom: self._lire(self.ensembles[nom]) for nom in ENSEMBLES}
        return Decompte(
            du=du,
            au=au,
            connu_le=connu_le,
            soustraits=self.nommer(self.soustraits),
            hors_flux=self.nommer(self.hors_flux),
            surcompte=self.surcompte,
            lignes=tuple(self._ligne(code, regimes) for code in sorted(self.codes | set(regimes))),
            **ensembles,
        )

    def _ligne(self, code: str, regimes: Mapping[str, Regime]) -> LigneDecompte:
        compteurs: dict[str, Any] = {nom: self._lire(self.lignes[code, nom]) for nom in COMPTEURS}
        etape = regimes.get(code, Regime()).etape
        chute: Fraction | None = taux_chute(self.resolues[code], self.suivies[code]).valeur
        return LigneDecompte(code, engage=compteurs[etape] if etape else None, chute=chute, **compteurs)

    def _lire(self, places: list[int]) -> tuple[str, ...]:
        return tuple(map(self.noms.__getitem__, sorted(places)))

    def nommer(self, genres: Mapping[str, list[int]]) -> dict[str, tuple[str, ...]]:
        """The vacances of each kind, in order."""
        return {genre: self._lire(places) for genre, places in sorted(genres.items())}
