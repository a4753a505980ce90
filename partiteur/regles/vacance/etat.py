"""The state of a vacance: a fold of its events in force, enough to say what may come next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from partiteur.regles.socle import bareme
from partiteur.regles.vacance.evenement import Evenement, candidats

OUVERTURES = ("vacance_ouverte", "conge_recu")
ATTRIBUE = ("attribution", "attribution_rang", "condition_suspensive")
REFUSE = ("non_attribution", "irrecevabilite")


@dataclass(frozen=True)
class Offre:
    """Where a réservataire is with the dwelling it was offered: its answer, when it was entered, its candidates."""

    ouverte: bool = True
    reponse: str | None = None
    repondu_le: datetime | None = None
    designes: int = 0


@dataclass(frozen=True)
class EtatVacance:
    """What is known of a vacance after its events; every field is empty before the first."""

    ouverture: date | None = None
    qpv: bool | None = None
    retracte: date | None = None
    cloture: date | None = None
    issue: str | None = None
    bail: date | None = None
    offres: Mapping[str, Offre] = field(default_factory=dict)
    candidats: frozenset[str] = frozenset()
    encore: frozenset[str] = frozenset()
    attributaires: frozenset[str] = frozenset()
    attribuee: bool = False
    imputee: bool = False
    orientee: bool = False
    echec: bool = False

    @property
    def statut(self) -> str:
        """In one word, where the vacance is."""
        etapes = (
            ("inconnue", self.ouverture is None),
            ("annulee", self.retracte is not None or self.issue in bareme("decompte")["issues"]["annulee"]),
            ("close", self.cloture is not None),
            ("louee", self.bail is not None),
            ("attribuee", self.attribuee),
            ("candidats_proposes", bool(self.candidats)),
            ("mise_a_disposition", any(o.ouverte for o in self.offres.values())),
            ("orientee", self.orientee),
        )
        return next((nom for nom, vrai in etapes if vrai), "ouverte")


def etat_vacance(evenements: Sequence[Evenement]) -> EtatVacance:
    """The state of one vacance after its events in force, in their order."""
    etat = EtatVacance()
    for evenement in evenements:
        etat = suivant(etat, evenement)
    return etat


def suivant(etat: EtatVacance, evenement: Evenement) -> EtatVacance:
    """The state after one more event; a rectification or a balance carried forward does not move it."""
    le = evenement.date_effet
    match evenement.type:
        case "vacance_ouverte" | "conge_recu":
            return replace(etat, ouverture=le, qpv=evenement.donnees.get("qpv"))
        case "conge_retracte":
            return replace(etat, retracte=le)
        case "vacance_close":
            return replace(etat, cloture=le, issue=evenement.donnees.get("issue"))
        case "bail_signe":
            return replace(etat, bail=le)
        case "imputation":
            return replace(etat, imputee=True, orientee=True)
        case "orientation":
            return replace(etat, orientee=True)
        case "designation" | "decision_caleol" | "reponse_candidat":
            return _candidatures(etat, evenement)
    return _offre(etat, evenement)


def _offre(etat: EtatVacance, evenement: Evenement) -> EtatVacance:
    """What a réservataire is offered, answers, or loses; the dwelling withdrawn from nobody in particular is from all."""
    qui = evenement.reservataire or ""
    match evenement.type:
        case "mise_a_disposition" if qui:
            return replace(etat, offres={**etat.offres, qui: Offre()}, orientee=True)
        case "validation" | "declinaison" if qui in etat.offres:
            offre = replace(
                etat.offres[qui],
                ouverte=evenement.type == "validation",
                reponse=evenement.type,
                repondu_le=evenement.date_saisie,
            )
            echec = etat.echec or evenement.type == "declinaison"
            return replace(etat, offres={**etat.offres, qui: offre}, echec=echec)
        case "delai_expire" | "retrait":
            perdues = {c: replace(o, ouverte=False) for c, o in etat.offres.items() if qui in (c, "")}
            return replace(etat, offres={**etat.offres, **perdues}, echec=etat.echec or bool(perdues))
        case "requalification" if qui in etat.offres:
            return replace(etat, offres={**etat.offres, qui: replace(etat.offres[qui], ouverte=False)})
    return etat


def _candidatures(etat: EtatVacance, evenement: Evenement) -> EtatVacance:
    """What happens to candidates: designated, decided upon, answering; the last one lost is a failure (D24)."""
    noms = frozenset(nom for nom, _ in candidats(evenement))
    decision, reponse = evenement.donnees.get("decision"), evenement.donnees.get("reponse")
    if evenement.type == "designation":
        qui = evenement.reservataire
        offres = dict(etat.offres)
        if qui in offres:
            offres[qui] = replace(offres[qui], ouverte=True, designes=offres[qui].designes + len(noms))
        return replace(etat, offres=offres, candidats=etat.candidats | noms, encore=etat.encore | noms)
    if decision in ATTRIBUE:
        return replace(etat, attribuee=True, attributaires=etat.attributaires | noms)
    if decision in REFUSE or reponse in ("refuse", "sans_reponse"):
        encore = etat.encore - noms if noms else frozenset()
        if encore:
            return replace(etat, encore=encore)
        fermees = {c: replace(o, ouverte=False) if o.designes else o for c, o in etat.offres.items()}
        return replace(etat, encore=encore, offres=fermees, echec=etat.echec or bool(etat.offres))
    return etat
