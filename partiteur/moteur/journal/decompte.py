"""The décompte of a whole journal: the rule runs once on each distinct history, its answer is joined back (E9).

Two vacances have the same history when their events bear the same types, motifs and data in the same order, with
réservataires and candidatures numbered by first appearance, dates compared with one another and with the period
asked, and réservataires kept under the same regimes. A year of a country has a few thousands of them. What the law
does with one is `partiteur.regles.decompte.decompte`, and nothing of it is written here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.execution import connexion, executer, requete, vue_table
from partiteur.moteur.journal.forme import FAITS, ecrire_instant, evenement_de
from partiteur.moteur.journal.lecture import Journal
from partiteur.regles.decompte import Decompte, LigneDecompte, Regime, decompte, taux_chute
from partiteur.regles.socle import Avertissement, avertir
from partiteur.regles.vacance import Evenement, Refus, tenir

# What changes from a vacance to another of the same history: réservataires (marked in the query), candidatures, and
# the dates that `donnees` hold.
JETON = re.compile(r'\x1d[^\x1f]+|"c[0-9a-f]{12}"|"\d{4}-\d\d-\d\d"|"[A-Za-z]{0,2}\d[\w-]*"', re.ASCII)
JOUR_CITE = 12  # characters of a date between quotes
HISTOIRE = (
    "string_agg(type || chr(31) || quand || case when qui = '' then '' else chr(29) || qui end "
    "|| chr(31) || motif || chr(31) || dit, chr(30) order by rang)"
)
DATES = "string_agg(date_effet, ',' order by rang)"
FERMETURE = re.compile(r"(?:bail_signe|vacance_close)\x1f")
COMPTEURS = tuple(f.name for f in fields(LigneDecompte) if f.name not in ("code", "engage", "chute"))
ENSEMBLES = ("vacances", "flux_constate", "annulees", "imputations_particulieres", "echecs")


@dataclass(frozen=True)
class Compte:
    """The décompte of a journal, the events its rules refuse, the warnings, and how many histories were judged."""

    decompte: Decompte
    refus: tuple[Refus, ...]
    refuses: int
    avertissements: tuple[Avertissement, ...]
    histoires: int


@dataclass
class _Groupe:
    """The vacances of one history: those of each tuple of réservataires, and one whose events are judged."""

    temoin: str
    reservataires: tuple[str, ...]
    vacances: dict[tuple[str, ...], list[str]] = field(default_factory=lambda: defaultdict(list))


def compter(
    journal: Journal,
    regimes: Mapping[str, Regime],
    du: date | None = None,
    au: date | None = None,
    connu_le: datetime | None = None,
) -> Compte:
    """Keep the account of a journal over a period: the same `Decompte` as the rule's over every event.

    `regimes`: how each réservataire's account is kept, by code; another has the default. Raises MotifInconnu.
    """
    con = connexion()
    retenus = journal.table.filter(journal.table.column("retenu"))
    rangs = pa.array(range(retenus.num_rows), pa.int64())
    vue_table(con, "journal", retenus.select(list(FAITS)).append_column("rang", rangs))
    periode = (du.isoformat() if du else "", au.isoformat() if au else "9999")
    groupes = _grouper(_histoires(con, periode, connu_le), regimes, periode)
    temoins = _evenements(retenus, [groupe.temoin for groupe in groupes], connu_le)
    cumul = _Cumul()
    for groupe in groupes:
        tenue = tenir(temoins[groupe.temoin])
        propres = {code: regimes[code] for code in groupe.reservataires if code in regimes}
        jugee = decompte(tenue.inscrits, propres, du, au, connu_le, tenue.irregularites).valeur
        cumul.ajouter(groupe, jugee, tenue.refus)
    resultat = cumul.decompte(regimes, du, au, connu_le)
    return Compte(
        resultat,
        tuple(cumul.refus),
        cumul.refuses,
        tuple(_avertissements(resultat)),
        len(groupes),
    )


def _histoires(
    con: duckdb.DuckDBPyConnection, periode: tuple[str, str], connu_le: datetime | None
) -> list[tuple[str, str, str]]:
    """(vacance, its events end to end, their dates)."""
    limite = "date_saisie <= ?" if connu_le else "true"
    sql = requete("journal_histoires", limite=limite, histoire=HISTOIRE, dates=DATES)
    connu = [ecrire_instant(connu_le)] if connu_le else []
    return [(str(v), str(h), str(d)) for v, h, d in executer(con, sql, [*periode, *connu])]


def _grouper(
    histoires: Iterable[tuple[str, str, str]], regimes: Mapping[str, Regime], periode: tuple[str, str]
) -> list[_Groupe]:
    """Vacances by history, as the rule sees them."""
    numeros = {regime: rang for rang, regime in enumerate(dict.fromkeys(regimes.values()), start=1)}
    marques = {code: f"\x1d{numeros[regime]}\x1d" for code, regime in regimes.items()}
    groupes: dict[str, _Groupe] = {}
    for vacance, histoire, dates in histoires:
        cle, reservataires = _normaliser(histoire, marques, periode)
        cle += _ordre(histoire, dates)
        if _seule(cle):
            cle += "\x1c" + vacance
        groupe = groupes.get(cle)
        if groupe is None:
            groupe = groupes[cle] = _Groupe(vacance, reservataires)
        groupe.vacances[reservataires].append(vacance)
    return list(groupes.values())


def _normaliser(
    histoire: str, marques: Mapping[str, str], periode: tuple[str, str]
) -> tuple[str, tuple[str, ...]]:
    """A history whose réservataires and candidatures are numbered by first appearance, with those réservataires.

    A date that data hold becomes its place in the period.
    """
    debut, fin = periode
    vus: dict[str, str] = {}
    qui: list[str] = []

    def numeroter(jeton: re.Match[str]) -> str:
        texte = jeton[0]
        connu = vus.get(texte)
        if connu is None:
            connu = str(len(vus))
            if texte[0] == "\x1d":
                qui.append(texte[1:])
                connu = marques.get(texte[1:], "\x1d\x1d") + connu
            elif len(texte) == JOUR_CITE and texte[5] == texte[8] == "-":
                connu = "<" if texte[1:-1] < debut else ">" if texte[1:-1] > fin else "="
            vus[texte] = connu
        return connu

    return JETON.sub(numeroter, histoire), tuple(qui)


def _ordre(histoire: str, dates: str) -> str:
    """What matters of the order of dates.

    As long as they go forward, whether two are equal changes nothing, but after a lease or a close, where what is
    later is refused: these are ranked. Dates that go back are all ranked.
    """
    jours = dates.split(",")
    if jours == sorted(jours):
        fermeture = FERMETURE.search(histoire)
        jours = jours[histoire.count("\x1e", 0, fermeture.start()) :] if fermeture else []
    rangs = {jour: str(rang) for rang, jour in enumerate(sorted(set(jours)))}
    return "\x1c" + "".join([rangs[jour] + "," for jour in jours])


def _seule(cle: str) -> bool:
    """Judged by itself: a rectification cites identifiers; between two answers, the delay of entry matters (D54)."""
    return (
        "\x1erectification\x1f" in cle
        or cle.count("\x1evalidation\x1f") + cle.count("\x1edeclinaison\x1f") > 1
    )


def _evenements(
    table: pa.Table, vacances: Sequence[str], connu_le: datetime | None
) -> Mapping[str, list[Evenement]]:
    """The events of some vacances, known on a date, in their order."""
    voulus = table.filter(pc.is_in(table.column("vacance"), pa.array(vacances, pa.string())))
    par_vacance: dict[str, list[Evenement]] = defaultdict(list)
    for ligne in voulus.select(list(FAITS)).to_pylist():
        evenement = evenement_de(ligne)
        if connu_le is None or evenement.date_saisie <= connu_le:
            par_vacance[evenement.vacance].append(evenement)
    return par_vacance


@dataclass
class _Cumul:
    """Counters being joined back: what is true of the history judged is true of all its vacances."""

    lignes: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    ensembles: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    soustraits: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    hors_flux: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    resolues: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    suivies: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    codes: set[str] = field(default_factory=set)
    surcompte: int = 0
    refus: list[Refus] = field(default_factory=list)
    refuses: int = 0

    def ajouter(self, groupe: _Groupe, juge: Decompte, refus: Sequence[Refus]) -> None:
        """Join the account of one history back to its vacances."""
        for reservataires, vacances in groupe.vacances.items():
            noms = dict(zip(groupe.reservataires, reservataires, strict=True))
            for nom in ENSEMBLES:
                if getattr(juge, nom):
                    self.ensembles[nom] += vacances
            for cumul, genres in ((self.soustraits, juge.soustraits), (self.hors_flux, juge.hors_flux)):
                for genre in genres:
                    cumul[genre] += vacances
            for ligne in juge.lignes:
                self._ajouter_ligne(noms.get(ligne.code, ligne.code), ligne, vacances)
            self.surcompte += juge.surcompte * len(vacances)
            self.refuses += len(refus) * len(vacances)
        self.refus += refus

    def _ajouter_ligne(self, code: str, ligne: LigneDecompte, vacances: Sequence[str]) -> None:
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
        ensembles: dict[str, Any] = {nom: tuple(sorted(self.ensembles[nom])) for nom in ENSEMBLES}
        return Decompte(
            du=du,
            au=au,
            connu_le=connu_le,
            soustraits=_tries(self.soustraits),
            hors_flux=_tries(self.hors_flux),
            surcompte=self.surcompte,
            lignes=tuple(self._ligne(code, regimes) for code in sorted(self.codes | set(regimes))),
            **ensembles,
        )

    def _ligne(self, code: str, regimes: Mapping[str, Regime]) -> LigneDecompte:
        compteurs: dict[str, Any] = {nom: tuple(sorted(self.lignes[code, nom])) for nom in COMPTEURS}
        etape = regimes.get(code, Regime()).etape
        chute: Fraction | None = taux_chute(self.resolues[code], self.suivies[code]).valeur
        return LigneDecompte(code, engage=compteurs[etape] if etape else None, chute=chute, **compteurs)


def _tries(genres: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {genre: tuple(sorted(vacances)) for genre, vacances in sorted(genres.items())}


def _avertissements(resultat: Decompte) -> Iterator[Avertissement]:
    """What the rule warns of, on the totals."""
    if resultat.surcompte:
        yield avertir("surcompte", nombre=resultat.surcompte)
    for ligne in resultat.lignes:
        if ligne.engage and ligne.engage == ligne.entree and ligne.entree_par_bail:
            yield avertir("entree_par_bail", nom=ligne.code, nombre=len(ligne.entree_par_bail))
