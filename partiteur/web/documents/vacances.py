"""The vacances of a bailleur as a reader may follow them: their state, their dwelling, what happened last."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from partiteur.moteur.journal.forme import FAITS, evenement_de
from partiteur.regles.vacance import EtatVacance, Evenement, effectifs, etat_vacance
from partiteur.regles.vacance.etat import OUVERTURES
from partiteur.web.documents.compte import TERMINEES
from partiteur.web.documents.fait import logement
from partiteur.web.documents.mots import mots
from partiteur.web.models import Chaine, Contenu, Vacance
from partiteur.web.models.journal import tete

# States of a vacance that is over; « finie » is what a réservataire sees of one it is no longer offered.
FINIS = ("louee", "close", "annulee", "finie")
EN_COURS, TOUTES = "en_cours", "toutes"
PEU = 1_000  # codes that a query may name
COULEURS = {"ouverte": "attente", "orientee": "attente", "louee": "fait", "annulee": "non"}


@dataclass(frozen=True)
class Suivi:
    """A vacance folded: its state in one word, when it opened, its events in force that the reader may read."""

    statut: str
    ouverture: date | None
    evenements: Sequence[Evenement]


EFFACEE = Suivi("effacee", None, ())


@dataclass(frozen=True)
class Ligne:
    """A row of the list: the vacance, its dwelling, its state, to whom it was last offered, what happened last."""

    code: str
    logement: str
    precisions: str
    ouverture: date | None
    statut: str
    couleur: str
    qui: str
    dernier: str
    dernier_le: date | None


def visibles(chaine: Chaine, siens: frozenset[str] | None) -> QuerySet[Vacance]:
    """The vacances a reader may follow: all, or those that name one of its codes (D67)."""
    toutes = Vacance.objects.filter(chaine=chaine).order_by("-pk")
    if siens is None:
        return toutes
    return toutes.filter(code__in=_contenus(chaine).filter(reservataire__in=siens).values("vacance"))


def suivre(
    chaine: Chaine, vacances: QuerySet[Any] | Sequence[str], siens: frozenset[str] | None
) -> Mapping[str, Suivi]:
    """Fold some vacances, by code; with `siens`, from the events that name these codes, or name nobody."""
    lus = _contenus(chaine).filter(vacance__in=vacances).order_by("enveloppe__numero")
    if siens is not None:
        lus = lus.filter(reservataire__in=("", *siens))
    par_vacance: dict[str, list[Evenement]] = defaultdict(list)
    for ligne in lus.values(*FAITS):
        par_vacance[ligne["vacance"]].append(evenement_de(ligne))
    return {code: _plier(evenements, siens) for code, evenements in par_vacance.items()}


def _plier(evenements: Sequence[Evenement], siens: frozenset[str] | None) -> Suivi:
    retenus = effectifs(evenements)
    etat = etat_vacance(retenus)
    statut = etat.statut
    if siens is not None and statut not in FINIS and not _m_est_ouverte(etat, siens):
        statut = "finie"
    return Suivi(statut, etat.ouverture, retenus)


def _m_est_ouverte(etat: EtatVacance, siens: frozenset[str]) -> bool:
    return any(offre.ouverte for code, offre in etat.offres.items() if code in siens)


def en_cours(chaine: Chaine, siens: frozenset[str] | None) -> Mapping[str, Suivi]:
    """The vacances that are not over, by code. One that a rectification touched is folded before it is said over."""
    contenus, possibles = _contenus(chaine), Vacance.objects.filter(chaine=chaine)
    if siens is not None:
        nommees = contenus.filter(reservataire__in=siens).values("vacance").distinct()
        peu = list(nommees.values_list("vacance", flat=True)[:PEU])
        if len(peu) < PEU:  # named one by one: the base need not guess how few they are
            contenus, nommees = contenus.filter(vacance__in=peu), peu
        possibles = possibles.filter(code__in=nommees)
    closes = contenus.filter(type__in=TERMINEES).values("vacance")
    rectifiees = contenus.filter(type="rectification").values("vacance")
    possibles = possibles.exclude(Q(code__in=closes) & ~Q(code__in=rectifiees))
    suivies = suivre(chaine, possibles.values("code"), siens)
    return {
        code: suivi
        for code, suivi in suivies.items()
        if suivi.ouverture is not None and suivi.statut not in FINIS
    }


def en_attente(chaine: Chaine, siens: frozenset[str] | None) -> Mapping[str, tuple[int, date]]:
    """By state, how many vacances are not over, and since when for the oldest; once for a head of the chain.

    An erasure moves neither a state nor the head; one that empties all of a vacance is seen at the next event.
    """
    return _en_attente(chaine.pk, str(tete(chaine)), siens)


@lru_cache(maxsize=1024)
def _en_attente(
    chaine: int, tete_connue: str, siens: frozenset[str] | None
) -> Mapping[str, tuple[int, date]]:
    depuis: dict[str, list[date]] = defaultdict(list)
    for suivi in en_cours(Chaine.objects.get(pk=chaine), siens).values():
        depuis[suivi.statut].append(suivi.ouverture)
    return {statut: (len(dates), min(dates)) for statut, dates in depuis.items()}


def choisir(chaine: Chaine, siens: frozenset[str] | None, filtres: Mapping[str, str]) -> QuerySet[Vacance]:
    """The vacances of a request: `etat` (a state in course, en_cours, terminees, toutes), `reservataire`, `annee`, `cherche`."""
    choisies = visibles(chaine, siens)
    etat = filtres.get("etat") or EN_COURS
    if etat != TOUTES:
        ouvertes = en_cours(chaine, siens)
        if etat == "terminees":
            choisies = choisies.exclude(code__in=ouvertes)
        else:
            voulues = [c for c, suivi in ouvertes.items() if etat in (EN_COURS, suivi.statut)]
            choisies = choisies.filter(code__in=voulues)
    contenus = _contenus(chaine)
    if code := filtres.get("reservataire"):
        choisies = choisies.filter(
            code__in=contenus.filter(type="mise_a_disposition", reservataire=code).values("vacance")
        )
    if annee := filtres.get("annee"):
        ouvertures = contenus.filter(type__in=OUVERTURES, date_effet__startswith=f"{annee}-")
        choisies = choisies.filter(code__in=ouvertures.values("vacance"))
    if cherche := filtres.get("cherche"):
        choisies = choisies.filter(Q(code__icontains=cherche) | Q(logement__icontains=cherche))
    return choisies


def annees(chaine: Chaine) -> list[int]:
    """The years something opened in, the last first."""
    ouvertures = _contenus(chaine).filter(type__in=OUVERTURES).order_by()
    bornes = [
        ouvertures.order_by(sens).values_list("date_effet", flat=True).first()
        for sens in ("date_effet", "-date_effet")
    ]
    premiere, derniere = (int(borne[:4]) if borne else 0 for borne in bornes)
    return list(range(derniere, premiere - 1, -1)) if premiere else []


def lignes(
    chaine: Chaine,
    page: Sequence[Vacance],
    siens: frozenset[str] | None,
    noms: Mapping[str, tuple[str, str]],
) -> Iterator[Ligne]:
    """The rows of a page of vacances, in its order."""
    suivies = suivre(chaine, [vacance.code for vacance in page], siens)
    for vacance in page:
        suivi = suivies.get(vacance.code, EFFACEE)
        ouverture = next((e for e in suivi.evenements if e.type in OUVERTURES), None)
        offre = next((e for e in reversed(suivi.evenements) if e.type == "mise_a_disposition"), None)
        dernier = suivi.evenements[-1] if suivi.evenements else None
        qui = (offre.reservataire or "") if offre else ""
        yield Ligne(
            vacance.code,
            vacance.logement,
            ", ".join(logement(ouverture.donnees)) if ouverture else "",
            suivi.ouverture,
            mots()["etats"][suivi.statut],
            COULEURS.get(suivi.statut, ""),
            noms.get(qui, (qui, ""))[0],
            mots()["evenements"].get(dernier.type, dernier.type) if dernier else "",
            dernier.date_effet if dernier else None,
        )


def _contenus(chaine: Chaine) -> QuerySet[Contenu]:
    return Contenu.objects.filter(chaine=chaine).exclude(type="")
