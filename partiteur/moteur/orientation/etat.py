"""The state an advice is given from: the balances of the year, kept event by event."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from partiteur.moteur.journal.histoires import Contexte
from partiteur.moteur.orientation.cible import TERRITOIRE, Cibles
from partiteur.moteur.orientation.soldes import Lieu, Soldes, lieu_de
from partiteur.regles.assiette import motif_retenu, motifs_exclusion, typologie_groupee
from partiteur.regles.decompte import CompteVacance, Regime, SoldeRepris, decompter, soldes_repris
from partiteur.regles.faits import Logement
from partiteur.regles.orientation import Apport, LogementAOrienter, apport, orientation
from partiteur.regles.socle import ErreurUtilisateur, Resultat
from partiteur.regles.vacance import (
    EtatVacance,
    Evenement,
    LogementVacant,
    etat_vacance,
    historique_normalise,
    retenir,
    tenir,
)

FERMEES = ("close", "louee", "annulee", "attribuee")


class OrientationImpossible(ErreurUtilisateur):
    """There is nothing to turn."""


@dataclass(frozen=True)
class Fiche:
    """What the parc adds of a dwelling: its motifs of exclusion, and what constrains its use. None is unknown."""

    motifs: tuple[str, ...] = ()
    individuel: bool | None = None
    plai_adapte: bool | None = None
    pmr: bool | None = None


@dataclass(frozen=True)
class _Vacance:
    """A vacance as judged: its state, its account, the day it entered the flux, and what it brings."""

    etat: EtatVacance
    lieu: Lieu
    compte: CompteVacance
    entree: date | None
    apport: Apport


class EtatOrientation:
    """The balances of a year of a journal; adding an event judges its vacance again, and no other.

    `logements` and `fiches`: what is known of the dwelling of each vacance; `contexte`: the rights and délais by which
    events are admitted, none looked at by default. A vacance is in the account when it was
    first turned between `du` and `au`; one whose commune lies outside the dossier's territory never is.
    """

    def __init__(
        self,
        cibles: Cibles,
        logements: Mapping[str, LogementVacant],
        du: date,
        au: date,
        fiches: Mapping[str, Fiche] | None = None,
        contexte: Contexte | None = None,
    ) -> None:
        self.cibles = cibles
        self.logements = logements
        self.fiches = fiches or {}
        self.contexte = contexte or Contexte(cibles.regimes)
        self.du, self.au = du, au
        self.soldes = Soldes(cibles)
        self._evenements: dict[str, list[Evenement]] = defaultdict(list)
        self._vacances: dict[str, _Vacance] = {}
        self._reprises: dict[str, None] = {}
        self._etapes = {code: regime.etape for code, regime in cibles.regimes.items()}

    def charger(self, evenements: Iterable[Evenement]) -> None:
        """Read many events at once: each vacance is judged once."""
        touchees: dict[str, None] = {}
        for evenement in evenements:
            self._evenements[evenement.vacance].append(evenement)
            touchees[evenement.vacance] = None
            if evenement.type == "reprise":
                self._reprises[evenement.vacance] = None
        for vacance in touchees:
            self._juger(vacance)
        if self._reprises.keys() & touchees.keys():
            self._ouvrir()

    def ajouter(self, evenement: Evenement) -> None:
        """Add one event: what its vacance brought is taken back, and counted again with it."""
        self.charger((evenement,))

    def _ouvrir(self) -> None:
        """What the dossier does not say of a balance, the last reprise of the year before does (D4, D29)."""
        faits = [e for vacance in self._reprises for e in self._evenements[vacance]]
        repris: dict[str, SoldeRepris] = soldes_repris(retenir(faits, self.au, None)).valeur
        soldes = {code: r.solde for code, r in repris.items() if r.exercice in (None, self.du.year - 1)}
        self.soldes.cibles = replace(
            self.cibles,
            beneficiaires=tuple(
                replace(b, ouverture=-soldes[b.code]) if b.ouverture is None and b.code in soldes else b
                for b in self.cibles.beneficiaires
            ),
        )

    def _juger(self, vacance: str) -> None:
        ancienne = self._vacances.get(vacance)
        if ancienne is not None:
            self.soldes.ajouter(ancienne.lieu, ancienne.apport, -1)
        nouvelle = self._vacances[vacance] = self._lire(vacance)
        self.soldes.ajouter(nouvelle.lieu, nouvelle.apport)

    def _lire(self, vacance: str) -> _Vacance:
        """Judge one vacance from its events up to the last day of the account."""
        tenue = tenir(self._evenements[vacance], self.contexte.organisations, self.contexte.limites)
        retenus = retenir(tenue.inscrits, self.au, None)
        etat = etat_vacance(retenus)
        logement = self.logements.get(vacance, LogementVacant(vacance))
        lieu = lieu_de(logement, typologie_groupee(logement.typologie).valeur)
        normalise = historique_normalise(retenus, tenue.irregularites, logement.qpv)
        regimes = tuple(self.cibles.regimes.get(code, Regime()) for code in normalise.reservataires)
        compte: CompteVacance = decompter(normalise.historique, regimes).valeur
        entree = None if compte.oriente is None else normalise.dates[compte.oriente]
        compte_ici = entree is not None and self.du <= entree <= self.au and self._dedans(lieu)
        apporte = apport(compte, normalise.reservataires, self._etapes) if compte_ici else Apport()
        return _Vacance(etat, lieu, compte, entree, apporte)

    def _dedans(self, lieu: Lieu) -> bool:
        """In the dossier's territory, or nobody knows."""
        return lieu.dans((self.cibles.territoire,)) is not False

    def dans_le_flux(self) -> Iterator[tuple[date, Lieu, CompteVacance]]:
        """The vacances that entered the flux in the account: the day they did, where they are, their account."""
        for vacance in sorted(self._vacances):
            lue = self._vacances[vacance]
            if lue.apport.dans_le_flux and lue.entree is not None:
                yield lue.entree, lue.lieu, lue.compte

    def conseiller(self, vacance: str, residence: str | None = None) -> Resultat:
        """The advice for a vacance of the journal; see the rule `orientation`. Raises OrientationImpossible."""
        lue = self._ouverte(vacance)
        self.soldes.ajouter(lue.lieu, lue.apport, -1)
        try:
            positions = self.soldes.positions(lue.lieu, self._deja(lue))
            aboutissement = self.soldes.aboutissement
        finally:
            self.soldes.ajouter(lue.lieu, lue.apport)
        logement = replace(self._logement(vacance, lue), residence=residence)
        return orientation(logement, positions, self.cibles.poids, aboutissement)

    def _ouverte(self, vacance: str) -> _Vacance:
        lue = self._vacances.get(vacance)
        if lue is None or lue.etat.ouverture is None:
            raise OrientationImpossible(
                f"La vacance « {vacance} » n'est pas ouverte au {self.au:%d/%m/%Y} dans ce journal ; vérifiez son numéro "
                "ou la date."
            )
        if lue.etat.statut in FERMEES:
            dit = {"annulee": "annulée", "louee": "louée", "attribuee": "attribuée"}.get(
                lue.etat.statut, "close"
            )
            raise OrientationImpossible(
                f"La vacance « {vacance} » est {dit} : il n'y a plus de logement à orienter."
            )
        return lue

    def _deja(self, lue: _Vacance) -> dict[str, str]:
        """What became of the dwelling for those it was offered to; one whose failure is neutralised may have it again."""
        dit = dict.fromkeys(lue.apport.comptes, "deja_compte")
        for code, offre in lue.etat.offres.items():
            if offre.ouverte:
                dit[code] = "offre_en_cours"
        return dit

    def _logement(self, vacance: str, lue: _Vacance) -> LogementAOrienter:
        famille, qpv, typologie = lue.lieu.classe
        fiche = self.fiches.get(vacance, Fiche())
        motifs = fiche.motifs or motifs_exclusion(Logement(famille_financement=famille)).valeur.motifs
        commune = dict(lue.lieu.places[1:]).get("commune")
        return LogementAOrienter(
            famille,
            qpv,
            typologie,
            motif_retenu(motifs, self.cibles.motifs_exclus, self.cibles.sem).valeur,
            not self._dedans(lue.lieu),
            commune if lue.compte.maire else None,
            fiche.individuel,
            fiche.plai_adapte,
            fiche.pmr,
        )


__all__ = ["TERRITOIRE", "EtatOrientation", "Fiche", "OrientationImpossible"]
