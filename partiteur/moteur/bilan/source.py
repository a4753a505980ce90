"""What a bilan is made from: what is asked, the journal read, its dwellings, its dossier."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from partiteur.moteur.execution import connexion, executer, requete
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.journal import (
    Compte,
    Contexte,
    Conventions,
    Journal,
    Verdict,
    compter,
    conventions_du_dossier,
    en_verifiant,
    joindre_parc,
    lire_journal,
)
from partiteur.moteur.journal.regimes import dossier_et_cadre
from partiteur.moteur.millesime import TOUT, Parc, vue
from partiteur.regles.decompte import Regime, clauses_du_dossier
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.regles.vacance import LogementVacant


class DateIllisible(ErreurUtilisateur):
    """An interim date that is not month-day."""


def lire_dates(texte: str | None) -> tuple[str, ...] | None:
    """« 06-30,12-31 », or « defaut » for those of the barème. Raises DateIllisible."""
    if texte is None or texte == "defaut":
        return None if texte is None else ()
    dates = tuple(morceau.strip() for morceau in texte.split(","))
    for lue in dates:
        try:
            date.fromisoformat(f"2001-{lue}")
        except ValueError as erreur:
            raise DateIllisible(
                f"« {lue} » n'est pas une date MM-JJ ; écrivez par exemple --intermediaires 06-30,12-31, ou « defaut »."
            ) from erreur
    return dates


@dataclass(frozen=True)
class Demande:
    """What is asked of a journal: the period, what is known of it, the dossier, and what to add to the bilan.

    `malgre_refus`: count without the lines refused. `stock`: a calendar year in stock, to compare. `dates`: the ends of
    the interim bilans (month-day), empty for those by default, None for none. `epci`: the vacances of an EPCI alone; the
    volumes of the dossier, which are not its own, are then not compared.
    """

    au: date
    du: date | None = None
    connu_le: datetime | None = None
    dossier: Path | None = None
    reinjection: str | None = None
    objectifs: bool = False
    malgre_refus: bool = False
    stock: int | None = None
    dates: tuple[str, ...] | None = None
    epci: str | None = None

    @property
    def debut(self) -> date:
        """The first day: 1 January of the year of the last, unless another is asked."""
        return self.du or date(self.au.year, 1, 1)


@dataclass(frozen=True)
class Source:
    """What the counts are made from: the journal read, the dossier's sheet, and all that it says of the account.

    `verdict` of its chain, while it is being verified; None of a journal without digests.
    `rpls`, `dpe`: what the parc says of the dwelling of a vacance, by its identifier. `arrets`: the interim dates that a
    convention sets (D46), by réservataire; `arrets_du_cadre`: those of the cadre, None when it says nothing.
    `minimums`: the share to requalify in gestion mixte (D34), by réservataire.
    """

    journal: Journal
    verdict: Future[Verdict | None]
    conventions: Conventions
    flux: Flux | None
    dossier: Path | None
    rpls: Mapping[str, str]
    dpe: Mapping[str, str]
    arrets: Mapping[str, tuple[str, ...]]
    arrets_du_cadre: tuple[str, ...] | None = None
    minimums: Mapping[str, Fraction] = field(default_factory=dict)
    comptes: dict[tuple[date, date, datetime | None], Compte] = field(default_factory=dict, compare=False)

    @property
    def tete(self) -> str | None:
        """The head of the chain, as it is printed, once verified. Raises JournalAltere."""
        verdict = self.verdict.result()
        return str(verdict.tete) if verdict else None

    @property
    def logements(self) -> Mapping[str, LogementVacant]:
        """The dwelling of each vacance."""
        return self.conventions.logements.par_vacance

    @property
    def regimes(self) -> Mapping[str, Regime]:
        """How the account of each réservataire is kept."""
        return self.conventions.contexte.regimes

    def compter(self, du: date, au: date, connu_le: datetime | None) -> Compte:
        """The account of a period, kept: a pack asks for the same one several times."""
        cle = (du, au, connu_le)
        if cle not in self.comptes:
            self.comptes[cle] = compter(self.journal, self.conventions.contexte, du, au, connu_le)
        return self.comptes[cle]

    @property
    def chaine(self) -> str | None:
        """The name of the chain, when the journal says one."""
        noms = [nom for nom in self.journal.table.column("chaine").unique().to_pylist() if nom]
        return noms[0] if len(noms) == 1 else None

    @property
    def types(self) -> dict[str, str]:
        """The type of each réservataire of the dossier."""
        return {part.code: part.type for part in self.flux.reservataires} if self.flux else {}


@contextmanager
def lire_source(
    journal: Path, dossier: Path | None = None, reinjection: str | None = None
) -> Iterator[Source]:
    """Read a journal, join its dwellings and its dossier; its chain is verified while the block counts.

    Raises what each reading raises, and JournalAltere at the end of the block.
    """
    lu = lire_journal(journal)
    with en_verifiant(lu) as verdict:
        if dossier is None:
            yield Source(lu, verdict, _sans_dossier(lu, reinjection), None, None, {}, {}, {})
        else:
            yield _avec_dossier(lu, verdict, dossier, reinjection)


def _avec_dossier(
    lu: Journal, verdict: Future[Verdict | None], dossier: Path, reinjection: str | None
) -> Source:
    conventions = conventions_du_dossier(dossier, lu, reinjection)
    rpls, dpe = _du_parc(conventions.parc, conventions.logements.par_vacance)
    document, cadre = dossier_et_cadre(dossier)
    dits = document.get("reservataires", ())
    arrets = {r["code"]: lire_dates(",".join(r["bilans"])) or () for r in dits if "bilans" in r}
    du_cadre = lire_dates(",".join(cadre.get("bilans", {}).get("dates", ())) or None)
    parts = {r["code"]: clauses_du_dossier(r).part_requalifiee for r in dits}
    minimums = {code: part for code, part in parts.items() if part is not None}
    flux = calculer_dossier(dossier)
    return Source(lu, verdict, conventions, flux, dossier, rpls, dpe, arrets, du_cadre, minimums)


def _sans_dossier(journal: Journal, reinjection: str | None) -> Conventions:
    """The default rules; the openings alone say what the dwellings are, and the account reads them itself."""
    codes = {c for c in journal.table.column("reservataire").unique().to_pylist() if c} if reinjection else ()
    regimes = {code: Regime(reinjection=reinjection or Regime().reinjection) for code in codes}
    logements = joindre_parc(journal)
    return Conventions(Contexte(regimes), logements, tuple(c.message for c in logements.constats))


def _du_parc(
    parc: Parc | None, logements: Mapping[str, LogementVacant]
) -> tuple[dict[str, str], dict[str, str]]:
    """Of each vacance's dwelling, its RPLS number and its energy label, where the parc says them."""
    rpls: dict[str, str] = {}
    dpe: dict[str, str] = {}
    if parc is None:
        return rpls, dpe
    con = connexion()
    vue(con, parc, TOUT)
    vacances: dict[str, list[str]] = defaultdict(list)
    for vacance, logement in logements.items():
        vacances[logement.logement or ""].append(vacance)
    for numero, interne, etiquette in executer(con, requete("bilan_parc")):
        for vacance in (*vacances.get(numero or "-", ()), *vacances.get(interne or "-", ())):
            for trouve, valeur in ((rpls, numero), (dpe, etiquette)):
                if valeur:
                    trouve[vacance] = valeur
    return rpls, dpe
