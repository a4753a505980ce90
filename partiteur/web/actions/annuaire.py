"""The directory: contacts, those who stand in, days away; one by one, or from a file (D55)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from partiteur.moteur.lecture.colonne import normaliser
from partiteur.web.actions.acte import ActeRefuse, acte
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.droits import Acteur, Permission, chez_soi
from partiteur.web.models import Absence, Contact, Organisation


def cle(courriel: str, nom: str) -> str:
    """What tells two contacts of an organisation apart: several may share a mailbox."""
    return f"{courriel.strip().lower()} {normaliser(nom)}"


@dataclass(frozen=True)
class Fiche:
    """A contact as a file says it. `supplee`: the key of whom it stands in for; `contact`: the one it corrects.

    An empty text changes nothing of a contact already there; `du` and `au` are an absence (`au`: back that day).
    """

    nom: str
    courriel: str
    fonction: str = ""
    telephone: str = ""
    supplee: str = ""
    du: date | None = None
    au: date | None = None
    contact: str = ""


@acte(Permission.GERER_ANNUAIRE)
def enregistrer(
    *,
    par: Acteur,
    organisation: Organisation,
    nom: str,
    courriel: str,
    fonction: str = "",
    telephone: str = "",
    supplee: Contact | None = None,
    contact: Contact | None = None,
) -> Contact:
    """Add a contact, or correct `contact`. A suppléant stands in for a contact of the same organisation."""
    _chez_soi(par, organisation)
    contact = contact or Contact(organisation=organisation, du=aujourd_hui())
    if contact.organisation_id != organisation.pk or (supplee and supplee.organisation_id != organisation.pk):
        raise ActeRefuse("Une personne ne supplée que quelqu'un de la même organisation.")
    contact.nom, contact.courriel = nom.strip(), courriel.strip().lower()
    contact.fonction, contact.telephone, contact.supplee = fonction.strip(), telephone.strip(), supplee
    _sans_boucle(contact)
    _enregistrer(contact)
    return contact


@acte(Permission.GERER_ANNUAIRE)
def retirer(*, par: Acteur, contact: Contact) -> None:
    """A contact leaves the directory today."""
    _chez_soi(par, contact.organisation)
    contact.au = aujourd_hui()
    contact.save(update_fields=["au"])


@acte(Permission.GERER_ANNUAIRE)
def absenter(*, par: Acteur, contact: Contact, du: date, au: date) -> Absence:
    """Say that a contact is away from `du`, back on `au`."""
    _chez_soi(par, contact.organisation)
    absence = Absence(contact=contact, du=du, au=au)
    _enregistrer(absence)
    return absence


@acte(Permission.GERER_ANNUAIRE)
def revenir(*, par: Acteur, contact: Contact) -> None:
    """A contact is there: what absence goes on ends today, what was to come is forgotten."""
    _chez_soi(par, contact.organisation)
    jour = aujourd_hui()
    contact.absences.filter(du__gte=jour).delete()
    contact.absences.au(jour).update(au=jour)


@acte(Permission.GERER_ANNUAIRE)
def importer(*, par: Acteur, organisation: Organisation, fiches: Sequence[Fiche]) -> int:
    """Enter the contacts of a file, all or none; those it does not name stay. Raises ActeRefuse with the name at fault."""
    _chez_soi(par, organisation)
    connus = {c.identifiant: c for c in Contact.objects.au(aujourd_hui()).filter(organisation=organisation)}
    par_cle = {cle(c.courriel, c.nom): c for c in connus.values()}
    for fiche in fiches:
        contact = connus.get(fiche.contact) or Contact(organisation=organisation, du=aujourd_hui())
        contact.nom, contact.courriel = fiche.nom, fiche.courriel
        contact.fonction = fiche.fonction or contact.fonction
        contact.telephone = fiche.telephone or contact.telephone
        _enregistrer(contact, fiche.nom)
        par_cle[cle(fiche.courriel, fiche.nom)] = contact
    for fiche in fiches:
        _completer(fiche, par_cle)
    return len(fiches)


def _completer(fiche: Fiche, par_cle: Mapping[str, Contact]) -> None:
    """Whom a contact stands in for, and when it is away, once everybody is there."""
    contact = par_cle[cle(fiche.courriel, fiche.nom)]
    if fiche.supplee:
        contact.supplee = par_cle.get(fiche.supplee)
        if contact.supplee is None:
            raise ActeRefuse(
                f"{fiche.nom} : la personne suppléée n'est plus dans l'annuaire, relisez le fichier."
            )
        _sans_boucle(contact)
        _enregistrer(contact, fiche.nom)
    if fiche.du and not contact.absences.filter(du=fiche.du, au=fiche.au).exists():
        _enregistrer(Absence(contact=contact, du=fiche.du, au=fiche.au), fiche.nom)


def _sans_boucle(contact: Contact) -> None:
    """Two people who stand in for each other would leave nobody to write to."""
    suivi = contact.supplee
    while suivi is not None and contact.pk is not None:
        if suivi.pk == contact.pk:
            raise ActeRefuse(f"{contact.supplee} supplée déjà {contact} : l'un des deux doit être titulaire.")
        suivi = suivi.supplee


def _chez_soi(par: Acteur, organisation: Organisation) -> None:
    if not chez_soi(par, organisation):
        raise ActeRefuse(f"Vous ne tenez pas l'annuaire de « {organisation} ».")


def _enregistrer(ligne: Contact | Absence, qui: str = "") -> None:
    try:
        ligne.full_clean()
    except ValidationError as erreur:
        raise ActeRefuse(" ".join([f"{qui} :", *erreur.messages] if qui else erreur.messages)) from erreur
    ligne.save()
