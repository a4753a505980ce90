"""Organisations of the instance: created, placed, given codes and rights, followed by others."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError

from partiteur.web.actions import journal
from partiteur.web.actions.acte import ActeRefuse, acte
from partiteur.web.droits import Acteur, Permission
from partiteur.web.models import Organisation, Reservataire, Reservation, Succession, Territoire


@acte(Permission.GERER_INSTANCE)
def creer(
    *,
    par: Acteur,
    siren: str,
    nom: str,
    type_: str,
    du: date,
    territoires: Iterable[tuple[str, str]] = (),
    codes: Iterable[tuple[str, str]] = (),
) -> Organisation:
    """Create an organisation, where it is competent (échelle, code) and the codes it bears (code, type).

    A bailleur's journal is opened with it. Raises ActeRefuse.
    """
    organisation = Organisation(siren=siren, nom=nom, type=type_, du=du)
    verifier(organisation)
    organisation.save()
    for echelle, code in territoires:
        situer(par=par, organisation=organisation, echelle=echelle, code=code, du=du)
    for code, type_code in codes:
        coder(par=par, organisation=organisation, code=code, type_=type_code, du=du)
    if type_ == "bailleur":
        journal.ouvrir(par=par, bailleur=organisation)
    return organisation


@acte(Permission.GERER_INSTANCE)
def situer(*, par: Acteur, organisation: Organisation, echelle: str, code: str, du: date) -> Territoire:
    """Say where an organisation is competent, from a date."""
    territoire = Territoire(organisation=organisation, echelle=echelle, code=code, du=du)
    verifier(territoire)
    territoire.save()
    return territoire


@acte(Permission.GERER_INSTANCE)
def coder(*, par: Acteur, organisation: Organisation, code: str, type_: str, du: date) -> Reservataire:
    """Give an organisation a code of réservataire, as dossiers and journals write it."""
    reservataire = Reservataire(organisation=organisation, code=code, type=type_, du=du)
    verifier(reservataire)
    reservataire.save()
    return reservataire


@acte(Permission.GERER_INSTANCE)
def reserver(
    *, par: Acteur, bailleur: Organisation, reservataire: Reservataire, echelle: str, code: str, du: date
) -> Reservation:
    """Say that a réservataire has rights at a bailleur, in a perimeter: it then reads the first circle."""
    if bailleur.type != "bailleur":
        raise ActeRefuse(f"« {bailleur} » n'est pas un bailleur : il n'y a pas de droits à y réserver.")
    reservation = Reservation(bailleur=bailleur, reservataire=reservataire, echelle=echelle, code=code, du=du)
    verifier(reservation)
    reservation.save()
    return reservation


@acte(Permission.GERER_INSTANCE)
def succeder(
    *,
    par: Acteur,
    cedante: Organisation,
    beneficiaire: Organisation,
    nature: str,
    le: date,
    echelle: str = "",
    code: str = "",
) -> Succession:
    """Record a merger or a transfer of parc. A merged organisation ends that day, its members and rights with it.

    The chain of a merged bailleur stays as it is, readable: events of its dwellings go on in the other's chain.
    """
    succession = Succession(
        cedante=cedante, beneficiaire=beneficiaire, nature=nature, date=le, echelle=echelle, code=code
    )
    verifier(succession)
    if cedante.type != beneficiaire.type:
        raise ActeRefuse(f"« {cedante} » et « {beneficiaire} » ne sont pas du même type.")
    if nature == "fusion":
        if not cedante.en_vigueur(le):
            raise ActeRefuse(f"« {cedante} » n'existe pas au {le:%d/%m/%Y} : vérifiez la date.")
        cedante.au = le
        cedante.save(update_fields=["au"])
        for liees in (
            cedante.territoires,
            cedante.reservataires,
            cedante.reservations,
            cedante.membres,
            Reservation.objects.filter(reservataire__organisation=cedante),
        ):
            liees.filter(au__isnull=True, du__lte=le).update(au=le)
    succession.save()
    return succession


def verifier(ligne: Organisation | Territoire | Reservataire | Reservation | Succession) -> None:
    """Check the fields and constraints of a row. Raises ActeRefuse with every sentence."""
    try:
        ligne.full_clean()
    except ValidationError as erreur:
        raise ActeRefuse(" ".join(erreur.messages)) from erreur
