"""The turns of a vacance: each mise à disposition, what its réservataire and candidates did, how it ended."""

from dataclasses import dataclass, field

from partiteur.regles.decompte.regime import VAUT_VALIDATION, Regime
from partiteur.regles.socle import ErreurUtilisateur, bareme
from partiteur.regles.vacance.historique import PREMIERE_LOCATION, Fait, Historique

SIENS = ("reservataire", "bailleur_pour_compte", None)


class MotifInconnu(ErreurUtilisateur):
    """A failure bears a motif that motifs.toml does not know."""


@dataclass
class Tour:
    """One mise à disposition: the rank of the fact that reached each stage, its candidates, its failure."""

    reservataire: int
    mise_a_disposition: int | None
    motif: str | None = None
    etapes: dict[str, int] = field(default_factory=dict)
    candidats: dict[int, str] = field(default_factory=dict)
    echec: str | None = None
    adaptes: list[int] = field(default_factory=list)
    inadaptes: list[int] = field(default_factory=list)
    implicite: str | None = None

    @property
    def signe(self) -> bool:
        """Whether its candidate signed, even if the convention does not count it."""
        return "bail" in self.etapes

    def reprendre(self) -> None:
        """A later act of its réservataire or of the commission lifts a failure; both facts stay in the journal."""
        self.echec = self.implicite = None

    @property
    def motifs(self) -> tuple[str, ...]:
        """Why it failed: the motif recorded, else each candidate's, else what is missing; empty if it did not."""
        if self.signe:
            return ()
        if self.echec is not None:
            return (self.echec,)
        perdus = [motif for motif in self.candidats.values() if motif in bareme("motifs")["motifs"]]
        if perdus and len(perdus) == len(self.candidats):
            return tuple(perdus)
        return (self.implicite,) if self.implicite else ()


@dataclass
class Deroule:
    """A vacance read fact by fact: its turns, and what happened to the dwelling as a whole."""

    regimes: tuple[Regime, ...]
    tours: list[Tour] = field(default_factory=list)
    premiere_location: bool = False
    neuf: str | None = None
    oriente: int | None = None
    destination: tuple[str, int] | None = None
    imputation: tuple[int, int, str] | None = None
    attribution: int | None = None
    bail: int | None = None
    signataire: Tour | None = None
    menage: str | None = None
    issue: str | None = None
    annulee: bool = False
    requalifies: tuple[int, ...] = ()
    etrangers: set[int] = field(default_factory=set)

    def du(self, reservataire: int) -> Tour | None:
        """The last turn of a réservataire."""
        return next((t for t in reversed(self.tours) if t.reservataire == reservataire), None)

    def ouvrir(self, reservataire: int) -> Tour:
        """The last turn of a réservataire; without any, one that no mise à disposition opened (gestion déléguée)."""
        tour = self.du(reservataire)
        if tour is None:
            tour = Tour(reservataire, None)
            self.tours.append(tour)
        return tour

    def regime(self, reservataire: int) -> Regime:
        """The regime of a réservataire."""
        return self.regimes[reservataire - 1]

    def compte(self, fait: Fait, reservataire: int) -> bool:
        """Whether a fact counts in the account of a réservataire in spite of its irregularities."""
        return not set(fait.irregularites) & set(self.regime(reservataire).ecartees)


def derouler(historique: Historique, regimes: tuple[Regime, ...]) -> Deroule:
    """Read a history. Raises MotifInconnu."""
    deroule = Deroule(regimes)
    for rang, fait in enumerate(historique.faits):
        if fait.type in ("mise_a_disposition", "orientation", "imputation", "bail_signe"):
            deroule.oriente = rang if deroule.oriente is None else deroule.oriente
        LECTURES.get(fait.type, _rien)(deroule, rang, fait)
    if deroule.bail is not None or deroule.issue is not None:
        for tour in deroule.tours:
            tour.implicite = tour.implicite or _implicite(tour, deroule.issue)
    return deroule


def _rien(deroule: Deroule, rang: int, fait: Fait) -> None:
    """A fact that moves no counter."""


def _ouverture(deroule: Deroule, rang: int, fait: Fait) -> None:
    origine, _, neuf = (fait.valeur or "").partition(":")
    deroule.premiere_location, deroule.neuf = origine == PREMIERE_LOCATION, neuf or None


def _annulation(deroule: Deroule, rang: int, fait: Fait) -> None:
    deroule.annulee = True


def _cloture(deroule: Deroule, rang: int, fait: Fait) -> None:
    deroule.issue = fait.valeur or "relouee"
    deroule.annulee = deroule.annulee or fait.valeur in bareme("decompte")["issues"]["annulee"]


def _orientation(deroule: Deroule, rang: int, fait: Fait) -> None:
    if fait.valeur:
        deroule.destination = (fait.valeur, fait.reservataire)


def _mise_a_disposition(deroule: Deroule, rang: int, fait: Fait) -> None:
    for tour in deroule.tours:
        tour.implicite = tour.implicite or _implicite(tour, None)
    if fait.reservataire:
        deroule.tours.append(Tour(fait.reservataire, rang, fait.motif))


def _validation(deroule: Deroule, rang: int, fait: Fait) -> None:
    tour = deroule.du(fait.reservataire)
    if tour is None:
        return
    tour.reprendre()
    tacite = fait.valeur == "tacite" and deroule.regime(fait.reservataire).silence != VAUT_VALIDATION
    if deroule.compte(fait, fait.reservataire) and not tacite:
        tour.etapes.setdefault("validee", rang)


def _echec(deroule: Deroule, rang: int, fait: Fait) -> None:
    """A refusal, a délai or a withdrawal; the délai of validation expired is an agreement where silence is one."""
    vises = (
        [deroule.du(fait.reservataire)] if fait.reservataire else [t for t in deroule.tours if not t.motifs]
    )
    for tour in (t for t in vises if t is not None and not t.signe):
        silence = deroule.regime(tour.reservataire).silence
        if fait.type == "delai_expire" and fait.valeur == "validation" and silence == VAUT_VALIDATION:
            tour.etapes.setdefault("validee", rang)
        else:
            tour.echec = _motif(fait.motif or DEFAUTS.get(fait.type, fait.type))


DEFAUTS = {"retrait": "retrait_bailleur"}


def _designation(deroule: Deroule, rang: int, fait: Fait) -> None:
    """Candidates of a third are nobody's turn (D31)."""
    paires = zip(fait.candidats, fait.origines, strict=True)
    siens = [c for c, origine in paires if fait.reservataire and origine in SIENS]
    deroule.etrangers.update(set(fait.candidats) - set(siens))
    if not siens:
        return
    tour = deroule.ouvrir(fait.reservataire)
    tour.reprendre()
    tour.candidats.update(dict.fromkeys(siens, "designe"))
    if deroule.compte(fait, fait.reservataire):
        tour.etapes.setdefault("candidats_proposes", rang)


def _tour_de(deroule: Deroule, fait: Fait) -> Tour | None:
    """The turn of the candidate a fact names, else of the réservataire it names."""
    for tour in reversed(deroule.tours):
        if set(fait.candidats) & set(tour.candidats):
            return tour
    if set(fait.candidats) & deroule.etrangers or not fait.reservataire:
        return None
    return deroule.ouvrir(fait.reservataire)


def _decision(deroule: Deroule, rang: int, fait: Fait) -> None:
    """A candidate in a later rank waits for the ones before it (R441-3 b)."""
    tour = _tour_de(deroule, fait)
    if fait.valeur == "attribution":
        deroule.attribution = rang if deroule.attribution is None else deroule.attribution
        if tour is not None:
            _attribuer(deroule, tour, rang, fait)
    elif fait.valeur in PERDU and tour is not None:
        _perdre(tour, fait, _motif(fait.motif or PERDU[fait.valeur]))


PERDU = {"non_attribution": "refus_caleol", "irrecevabilite": "irrecevable"}


def _attribuer(deroule: Deroule, tour: Tour, rang: int, fait: Fait) -> None:
    tour.reprendre()
    tour.candidats.update(dict.fromkeys(fait.candidats, "attribue"))
    if deroule.compte(fait, tour.reservataire):
        tour.etapes.setdefault("attribution", rang)


def _perdre(tour: Tour, fait: Fait, motif: str) -> None:
    """One candidate lost, or the whole turn when none is named."""
    if fait.candidats:
        tour.candidats.update(dict.fromkeys(fait.candidats, motif))
    else:
        tour.echec = motif


def _offre(deroule: Deroule, rang: int, fait: Fait) -> None:
    """An offer, or its acceptance, brings a later rank to its attribution."""
    tour = _tour_de(deroule, fait)
    deroule.attribution = rang if deroule.attribution is None else deroule.attribution
    if tour is not None:
        _attribuer(deroule, tour, rang, fait)


def _reponse(deroule: Deroule, rang: int, fait: Fait) -> None:
    """Silence is a refusal (R441-10); a refusal is qualified by the proposal it refuses."""
    reponse, _, proposition = (fait.valeur or "").partition(":")
    if reponse == "accepte":
        _offre(deroule, rang, fait)
        return
    tour = _tour_de(deroule, fait)
    if tour is None:
        return
    {"adaptee": tour.adaptes, "inadaptee": tour.inadaptes}.get(proposition, []).append(rang)
    refus = "silence_candidat" if reponse == "sans_reponse" else "refus_candidat"
    qualifie = {"inadaptee": "refus_candidat_inadaptee"}
    if reponse == "refuse":
        qualifie["adaptee"] = "refus_candidat_adaptee"
    _perdre(tour, fait, _motif(fait.motif or qualifie.get(proposition, refus)))


def _bail(deroule: Deroule, rang: int, fait: Fait) -> None:
    """Whose candidate signs: the one named, else the réservataire's, else the only turn still holding (D31)."""
    deroule.bail, deroule.menage = rang, fait.valeur
    if fait.origines and fait.origines[0] not in SIENS:
        return
    tour = _tour_de(deroule, fait)
    if tour is None and not fait.candidats:
        tenants = [t for t in deroule.tours if "attribution" in t.etapes and not t.motifs]
        tour = tenants[0] if len(tenants) == 1 else None
    if tour is not None:
        deroule.signataire = tour
        tour.etapes["bail"] = rang
        if deroule.compte(fait, tour.reservataire):
            tour.etapes["bail_signe"] = rang


def _imputation(deroule: Deroule, rang: int, fait: Fait) -> None:
    deroule.imputation = (rang, fait.reservataire, fait.valeur or "")


def _requalification(deroule: Deroule, rang: int, fait: Fait) -> None:
    """The bailleur takes the dwelling back: what was on offer ends by its act; a failure met before stays one.

    Interpretation: only an imputation counts a requalified dwelling for the réservataire (D21); without one, the mise à
    disposition is neutralised like any other act of the bailleur, and is nobody's failure. Confidence: medium.
    """
    deroule.requalifies = (*deroule.requalifies, fait.reservataire)
    tour = deroule.du(fait.reservataire)
    if tour is not None and not tour.signe and not tour.motifs:
        tour.echec = _motif(fait.type)


LECTURES = {
    "vacance_ouverte": _ouverture,
    "conge_retracte": _annulation,
    "vacance_close": _cloture,
    "orientation": _orientation,
    "mise_a_disposition": _mise_a_disposition,
    "validation": _validation,
    "declinaison": _echec,
    "delai_expire": _echec,
    "retrait": _echec,
    "designation": _designation,
    "decision_caleol": _decision,
    "offre": _offre,
    "reponse_candidat": _reponse,
    "bail_signe": _bail,
    "imputation": _imputation,
    "requalification": _requalification,
}


def _implicite(tour: Tour, issue: str | None) -> str:
    """The motif of a failure that nobody recorded, from what is missing in the turn."""
    if issue in bareme("decompte")["issues"]["indisponible"]:
        return "logement_indisponible"
    if tour.candidats or "candidats_proposes" in tour.etapes:
        return "echec_sans_motif"
    return "sans_candidat" if "validee" in tour.etapes else "sans_reponse"


def _motif(code: str) -> str:
    if code not in bareme("motifs")["motifs"]:
        raise MotifInconnu(
            f"Le motif « {code} » n'existe pas ; motifs : {', '.join(bareme('motifs')['motifs'])}."
        )
    return code
