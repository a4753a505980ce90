"""Who answers for an organisation on a day: the titulaires who are there, the suppléants of those who are not (D55)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse

from partiteur.web.composants import Echeance, Lien
from partiteur.web.droits import Permission, peut
from partiteur.web.models import Absence, Contact, Membre, Organisation

ANNONCE = timedelta(days=7)


def contacts(jour: date) -> QuerySet[Contact]:
    """The contacts in force on a day, with the absences that are not over."""
    a_venir = Absence.objects.filter(Q(au__isnull=True) | Q(au__gt=jour))
    return Contact.objects.au(jour).select_related("supplee").prefetch_related(Prefetch("absences", a_venir))


@dataclass(frozen=True)
class Reponse:
    """Who receives what is addressed to an organisation: whom to write to, and the titulaires nobody stands in for."""

    destinataires: tuple[Contact, ...]
    delaisses: tuple[Contact, ...] = ()


def destinataires(organisation: Organisation, jour: date) -> Reponse:
    """Whom to write to, for an organisation, on a day: every notification asks here."""
    return repondre(list(contacts(jour).filter(organisation=organisation)), jour)


def repondre(presents: Sequence[Contact], jour: date) -> Reponse:
    """Among the contacts of an organisation: each titulaire who is there, or else its suppléants who are.

    Interpretation: whoever is away, or whose mail comes back, is replaced by its suppléants, and they by theirs; where
    nobody is left, the titulaire is written to all the same, and named apart.
    """
    connus = {contact.pk for contact in presents}
    titulaires = [c for c in presents if c.supplee_id not in connus]
    trouves: dict[int, Contact] = {}
    delaisses = []
    for titulaire in titulaires:
        releve = list(_releve(titulaire, presents, jour, set()))
        if not releve:
            delaisses.append(titulaire)
        trouves |= {contact.pk: contact for contact in releve or [titulaire]}
    return Reponse(tuple(trouves.values()), tuple(delaisses))


def _releve(contact: Contact, presents: Sequence[Contact], jour: date, vus: set[int]) -> Iterator[Contact]:
    if contact.pk in vus:
        return
    vus.add(contact.pk)
    if contact.rejete_le is None and not contact.absent(jour):
        yield contact
        return
    for suppleant in suppleants(contact, presents):
        yield from _releve(suppleant, presents, jour, vus)


def suppleants(contact: Contact, presents: Iterable[Contact]) -> list[Contact]:
    """Who stands in for a contact."""
    return [autre for autre in presents if autre.supplee_id == contact.pk]


# --- what the home page says of it


def avis(membre: Membre, jour: date) -> Iterator[Echeance]:
    """To a member: whom it stands in for, who stands in for it; to whoever keeps the directory: who is not stood in for."""
    if not peut(membre, Permission.VOIR_ANNUAIRE):
        return
    presents = list(contacts(jour).filter(organisation=membre.organisation))
    siens = [c for c in presents if c.courriel == membre.utilisateur.courriel]
    recoivent = {c.pk for c in repondre(presents, jour).destinataires}
    lien = Lien("Voir l'annuaire", reverse("annuaire"))
    for contact in presents:
        absence = _absence(contact, jour)
        if absence is None:
            continue
        releve = list(_releve(contact, presents, max(jour, absence.du), set()))
        commencee = absence.du <= jour
        if contact in siens:
            yield _avis(absence, jour, "Votre absence est notée.", _suite(releve), lien)
        elif commencee and any(c in releve and c.pk in recoivent for c in siens):
            suite = "Ce qui lui est adressé vous revient jusqu'à son retour."
            yield _avis(absence, jour, f"Vous suppléez {contact}.", suite, lien)
        elif not releve and peut(membre, Permission.GERER_ANNUAIRE) and contact.supplee_id is None:
            suite = "Personne ne supplée : dites dans l'annuaire qui le fera."
            yield _avis(absence, jour, f"Absence de {contact}.", suite, lien)


def _suite(releve: Sequence[Contact]) -> str:
    """Who receives in place of somebody."""
    if not releve:
        return "Personne ne supplée : ce qui vous est adressé attend votre retour."
    noms = [contact.nom for contact in releve]
    dit = " et ".join([", ".join(noms[:-1]), noms[-1]] if len(noms) > 1 else noms)
    return f"{dit} {'reçoivent' if len(noms) > 1 else 'reçoit'} alors ce qui vous est adressé."


def _absence(contact: Contact, jour: date) -> Absence | None:
    """The absence that goes on, or begins within a week."""
    proches = [a for a in contact.absences.all() if a.du <= jour + ANNONCE]
    return min(proches, key=lambda a: a.du, default=None)


def _avis(absence: Absence, jour: date, phrase: str, suite: str, lien: Lien) -> Echeance:
    if absence.du > jour:
        return Echeance(absence.du, "début de l'absence", phrase, suite, lien)
    return Echeance(absence.au, "retour" if absence.au else "retour non dit", phrase, suite, lien)
