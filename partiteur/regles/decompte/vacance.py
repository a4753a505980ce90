"""The account of one vacance: for each réservataire, the stages that count, and what is shown apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from partiteur.regles.decompte.regime import Regime
from partiteur.regles.decompte.tours import Deroule, Tour, derouler
from partiteur.regles.socle import Resultat, bareme, regle
from partiteur.regles.vacance.historique import Historique

SORTIES = ("soustrait", "hors_flux")
UN_TOUR = "un_tour"


@dataclass(frozen=True)
class Compte:
    """The account of one réservataire in a vacance.

    `etapes`: for each stage that counts, the rank of the fact that reached it; `etapes_a_part`: the same for a first
    letting counted apart. `offert`: the rank of its first mise à disposition, counted or not. `statut`: compte |
    neutralise | annule | sorti (of the flux) | un_tour (a first letting) | qpv_maire | remplace (by a later mise à
    disposition, under « derniere ») | en_attente (no stage reached). `motif`: why its last turn failed, imputable to
    `imputable`. `neutralisees`, `refus_adaptes`, `refus_inadaptes`: the ranks of the facts.
    """

    reservataire: int
    statut: str
    etapes: tuple[tuple[str, int], ...]
    etapes_a_part: tuple[tuple[str, int], ...] = ()
    offert: int | None = None
    en_cours: bool = False
    motif: str | None = None
    imputable: str | None = None
    neutralisees: tuple[int, ...] = ()
    refus_adaptes: tuple[int, ...] = ()
    refus_inadaptes: tuple[int, ...] = ()
    echec_reservataire: bool = False
    imputation: str | None = None
    requalifie: bool = False


@dataclass(frozen=True)
class CompteVacance:
    """The account of a vacance: its destination, when it entered the flux constaté, and each réservataire's account.

    `oriente`: the rank of the first orientation, mise à disposition, imputation or lease, None before. `destination`:
    its genre and the number of its réservataire. `echec_reservataire`: joins the non-réservé in the denominator of
    the bailleur's quarter (L441-1). `maire`: a failure in QPV that now goes to the maire.
    """

    comptes: tuple[Compte, ...]
    oriente: int | None
    destination: tuple[str, int] | None
    annulee: bool
    premiere_location: bool
    imputation_particuliere: bool
    echec_reservataire: bool
    maire: bool
    bail: int | None

    @property
    def dans_le_flux(self) -> bool:
        """Whether the vacance is in the flux constaté (D22)."""
        genre = self.destination[0].partition(":")[0] if self.destination else ""
        return self.oriente is not None and not self.annulee and genre not in SORTIES


@cache
def _decompter(historique: Historique, regimes: tuple[Regime, ...]) -> CompteVacance:
    deroule = derouler(historique, regimes)
    destination = _destination(deroule)
    numeros = sorted(
        {t.reservataire for t in deroule.tours}
        | ({deroule.imputation[1]} if deroule.imputation else set())
        | set(deroule.requalifies)
    )
    sorti = destination is not None and destination[0].partition(":")[0] in SORTIES
    comptes = tuple(_compte(deroule, n, sorti) for n in numeros if n)
    echecs = any(c.echec_reservataire for c in comptes)
    servi = any(etape == "attribution" for c in comptes if not c.motif for etape, _ in c.etapes)
    return CompteVacance(
        comptes,
        deroule.oriente,
        destination,
        deroule.annulee,
        deroule.premiere_location,
        _particuliere(deroule),
        echecs and not servi and not deroule.annulee and not sorti,
        bool(historique.qpv) and echecs and deroule.bail is None and not _vers_le_maire(deroule),
        deroule.bail,
    )


@regle("d25", "d21", "d31", "r441-2-9", du="2018-01-01")
def decompter(historique: Historique, regimes: Sequence[Regime]) -> Resultat:
    """Décompte une vacance : pour chaque réservataire, les étapes atteintes qui comptent et ce qui est neutralisé.

    `regimes`: one for each réservataire of the history, in the order of its numbers. Returns a `CompteVacance`,
    whose ranks are those of the facts of the history. Equal histories under equal regimes are judged once.
    """
    return Resultat(_decompter(historique, tuple(regimes)))


def _destination(deroule: Deroule) -> tuple[str, int] | None:
    """The orientation, confirmed or changed by an imputation, then by the household really housed (D22).

    Interpretation: an imputation holds against a mutation, since the law credits the housing it names; a dwelling
    of an identified reservation stays out of the flux whoever is housed. Confidence: medium.
    """
    genre, numero = deroule.destination or _destination_presumee(deroule)
    if genre.startswith("hors_flux"):
        return (genre, 0)
    if deroule.imputation:
        impute = deroule.imputation[1]
        return ("reservataire", impute) if impute else ("non_reserve", 0)
    if deroule.bail is None:
        return (genre, numero) if genre else None
    return _destination_du_menage(deroule, genre)


def _destination_presumee(deroule: Deroule) -> tuple[str, int]:
    """Without an orientation, the last mise à disposition is one."""
    offerts = [t for t in deroule.tours if t.mise_a_disposition is not None and not _hors_contingent(t)]
    return ("reservataire", offerts[-1].reservataire) if offerts else ("", 0)


def _destination_du_menage(deroule: Deroule, genre: str) -> tuple[str, int]:
    """A household already tenant, or rehoused, takes the dwelling out of the flux; another brings it back."""
    tour = deroule.signataire
    signataire = tour.reservataire if tour and not _hors_contingent(tour) else 0
    quoi, _, precision = (deroule.menage or "").partition(":")
    if quoi == "destination":
        return (precision, signataire if precision == "reservataire" else 0)
    if quoi == "relogement":
        return ("soustrait:" + str(bareme("evenements")["relogements"].get(precision, precision)), 0)
    presente = bool(signataire) and deroule.regime(signataire).mutation == "reservataire"
    if quoi == "mutation" and not presente:
        return ("soustrait:mutations", 0)
    dementi = genre == "soustrait:mutations" and quoi in ("mutation", "exterieur")
    if genre.startswith("soustrait") and not dementi:
        return (genre, 0)
    return ("reservataire", signataire) if signataire else ("non_reserve", 0)


def _vers_le_maire(deroule: Deroule) -> bool:
    return bool(deroule.tours) and _hors_contingent(deroule.tours[-1])


def _hors_contingent(tour: Tour) -> bool:
    """A dwelling put at the maire's disposal after a failure in QPV is on nobody's contingent (D24).

    Interpretation: L441-1 does not say on which contingent it counts. Confidence: medium.
    """
    motifs: Mapping[str, Mapping[str, object]] = bareme("motifs")["motifs"]
    return bool(tour.motif and motifs.get(tour.motif, {}).get("hors_contingent"))


def _particuliere(deroule: Deroule) -> bool:
    """Imputed to another than those it was offered to (D21)."""
    offerts = {t.reservataire for t in deroule.tours if t.mise_a_disposition is not None}
    return deroule.imputation is not None and bool(offerts - {deroule.imputation[1]})


def _compte(deroule: Deroule, numero: int, sorti: bool) -> Compte:
    """The account of one réservataire."""
    regime = deroule.regime(numero)
    tours = [t for t in deroule.tours if t.reservataire == numero]
    propres = [t for t in tours if not _hors_contingent(t)]
    neutralises = [t for t in propres if _neutralise(t, regime, deroule.annulee)]
    retenus = _retenus(deroule, propres, neutralises, regime)
    apart = _statut_a_part(deroule, sorti, regime)
    impute = deroule.imputation is not None and deroule.imputation[1] == numero
    etapes = tuple(_etapes(deroule, numero, retenus, regime).items())
    motifs = tours[-1].motifs if tours else ()
    motif = _motif_montre(motifs, regime)
    ailleurs = deroule.imputation is not None and not impute
    ouvert = bool(retenus) and not (retenus[-1].motifs or apart or ailleurs) and deroule.bail is None
    offerts = [t.mise_a_disposition for t in tours if t.mise_a_disposition is not None]
    return Compte(
        numero,
        apart or _statut(bool(etapes), retenus, propres, tours, neutralises),
        () if apart else etapes,
        etapes if apart == UN_TOUR else (),
        offerts[0] if offerts else None,
        ouvert,
        motif,
        bareme("motifs")["motifs"][motif]["imputable"] if motif else None,
        tuple(t.mise_a_disposition for t in neutralises if t.mise_a_disposition is not None),
        tuple(rang for t in tours for rang in t.adaptes),
        tuple(rang for t in tours for rang in t.inadaptes),
        _echoue(motifs) and not deroule.annulee and not ailleurs,
        deroule.imputation[-1] if deroule.imputation and impute else None,
        numero in deroule.requalifies,
    )


def _statut_a_part(deroule: Deroule, sorti: bool, regime: Regime) -> str | None:
    """What takes the whole vacance out of the counters.

    Interpretation: a dwelling that leaves the flux leaves every counter, a failed mise à disposition included, so
    that counters and flux constaté bear on the same dwellings. Confidence: low.
    """
    if deroule.annulee:
        return "annule"
    if sorti:
        return "sorti"
    un_tour = deroule.premiere_location and (deroule.neuf or regime.neuf) == UN_TOUR
    return UN_TOUR if un_tour else None


def _statut(
    atteint: bool,
    retenus: Sequence[Tour],
    propres: Sequence[Tour],
    tours: Sequence[Tour],
    neutralises: Sequence[Tour],
) -> str:
    if atteint:
        return "compte"
    if tours and not propres:
        return "qpv_maire"
    if propres and not retenus:
        return "neutralise" if len(neutralises) == len(propres) else "remplace"
    return "en_attente"


def _neutralise(tour: Tour, regime: Regime, annulee: bool) -> bool:
    """By the imputability of its failure alone (D25); all its candidates' must neutralise.

    Interpretation: one candidate lost for a cause that does not neutralise is enough for the turn to count; a
    congé withdrawn neutralises under every rule and cadre (D26). Confidence: low.
    """
    if annulee:
        return True
    if regime.reinjection != "motif":
        return False
    motifs = bareme("motifs")["motifs"]
    return bool(tour.motifs) and all(motifs[m]["imputable"] in regime.neutralise for m in tour.motifs)


def _echoue(motifs: Sequence[str]) -> bool:
    """Whether a turn failed; one that a requalification ended did not."""
    return any(not bareme("motifs")["motifs"][motif].get("sans_echec") for motif in motifs)


def _motif_montre(motifs: Sequence[str], regime: Regime) -> str | None:
    """Of several candidates' motifs, the last that does not neutralise, else the last."""
    connus = bareme("motifs")["motifs"]
    restants = [m for m in motifs if connus[m]["imputable"] not in regime.neutralise] or motifs
    return restants[-1] if restants else None


def _retenus(
    deroule: Deroule, propres: Sequence[Tour], neutralises: Sequence[Tour], regime: Regime
) -> list[Tour]:
    """The turns whose stages count, by the rule of re-injection."""
    if regime.reinjection == "toutes":
        return list(propres)
    if regime.reinjection == "derniere":
        return [t for t in propres if t is _en_titre(deroule)]
    return [t for t in propres if not any(t is neutralise for neutralise in neutralises)]


def _en_titre(deroule: Deroule) -> Tour | None:
    """The turn the dwelling ended with: that of the candidate who signed, else the last on a contingent."""
    par_imputation = _offert_par_imputation(deroule)
    if par_imputation:
        return deroule.du(par_imputation)
    if deroule.signataire is not None:
        return deroule.signataire
    propres = [t for t in deroule.tours if not _hors_contingent(t)]
    return propres[-1] if propres else None


def _etapes(deroule: Deroule, numero: int, retenus: Sequence[Tour], regime: Regime) -> dict[str, int]:
    """The rank of each stage: the earliest of the turns, never before the stage that precedes it (D32)."""
    rangs: dict[str, int] = {}
    for tour in retenus:
        for etape, rang in _etapes_du_tour(deroule, tour, regime).items():
            rangs[etape] = min(rang, rangs.get(etape, rang))
    _imputer(deroule, numero, rangs)
    ordonnes: dict[str, int] = {}
    atteint = 0
    for etape in bareme("decompte")["etapes"]["ordre"]:
        if etape in rangs:
            ordonnes[etape] = atteint = max(rangs[etape], atteint)
    return ordonnes


def _etapes_du_tour(deroule: Deroule, tour: Tour, regime: Regime) -> dict[str, int]:
    """A later stage supposes the earlier ones: a lease an attribution, a designation a mise à disposition.

    Interpretation: without a mise à disposition, a turn in gestion déléguée begins when the dwelling is imputed,
    else attributed, else leased (D21); in gestion directe, with what its réservataire did first. Confidence: medium.
    """
    ordre = bareme("decompte")["etapes"]["ordre"]
    rangs = {etape: rang for etape, rang in tour.etapes.items() if etape in ordre}
    depuis: int | None = None
    for etape in reversed(ordre[1:]):
        depuis = rangs.get(etape, depuis)
        if depuis is not None:
            rangs.setdefault(etape, depuis)
    if tour.mise_a_disposition is not None:
        return {ordre[0]: tour.mise_a_disposition, **rangs}
    impute = deroule.imputation and deroule.imputation[1] == tour.reservataire
    if regime.gestion != "deleguee":
        return {ordre[0]: min(rangs.values()), **rangs} if rangs else {}
    if deroule.imputation and impute:
        return {ordre[0]: deroule.imputation[0], **rangs}
    return {ordre[0]: rangs["attribution"], **rangs} if "attribution" in rangs else {}


def _imputer(deroule: Deroule, numero: int, rangs: dict[str, int]) -> None:
    """An imputation moves attribution and lease to whom it names, and the mise à disposition in gestion déléguée (D21).

    Interpretation: it reaches the attribution with the later of the decision and itself, itself alone when no
    decision is recorded (R441-2-9: « suivie ou non d'un bail signé »). Confidence: medium.
    """
    if deroule.imputation is None:
        return
    rang, impute, _ = deroule.imputation
    rangs.pop("attribution", None)
    rangs.pop("bail_signe", None)
    if impute != numero:
        return
    rangs["attribution"] = max(rang, deroule.attribution or rang)
    if deroule.bail is not None:
        rangs["bail_signe"] = max(rang, deroule.bail)
    if _offert_par_imputation(deroule) == numero:
        for etape in ("mise_a_disposition", "validee", "candidats_proposes"):
            rangs.setdefault(etape, rang)


def _offert_par_imputation(deroule: Deroule) -> int:
    """The réservataire whose mise à disposition an imputation moves: by its base, or in gestion déléguée; else 0."""
    if deroule.imputation is None:
        return 0
    _, impute, base = deroule.imputation
    par_la_base = bareme("evenements")["imputations"].get(base, {}).get("mise_a_disposition", False)
    return impute if impute and (par_la_base or deroule.regime(impute).gestion == "deleguee") else 0
