"""The directory: contacts, those who stand in, days away."""

from datetime import date

from django.core.exceptions import ValidationError

from partiteur.web.actions.acte import ActeRefuse, acte
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.droits import Acteur, Permission, chez_soi
from partiteur.web.models import Absence, Contact, Organisation


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


def _chez_soi(par: Acteur, organisation: Organisation) -> None:
    if not chez_soi(par, organisation):
        raise ActeRefuse(f"Vous ne tenez pas l'annuaire de « {organisation} ».")


def _enregistrer(ligne: Contact | Absence) -> None:
    try:
        ligne.full_clean()
    except ValidationError as erreur:
        raise ActeRefuse(" ".join(erreur.messages)) from erreur
    ligne.save()
