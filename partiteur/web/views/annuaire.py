"""The directory: one's own organisation's to keep, others' to read."""

from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partiteur.web.actions import annuaire as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.droits import bailleurs
from partiteur.web.forms.annuaire import AbsenceForm, ContactForm
from partiteur.web.models import Absence, Contact, Membre, Organisation, Reservation
from partiteur.web.views.socle import agir, trouver


def _contacts(organisation: Organisation):
    return Contact.objects.au(aujourd_hui()).filter(organisation=organisation)


def _organisations(membre: Membre):
    """One's own, and those one works with: the bailleurs one reads, or the réservataires of one's own parc."""
    jour = aujourd_hui()
    partenaires = Q(pk=membre.organisation_id) | Q(pk__in=bailleurs(membre, jour))
    if membre.organisation.type == "bailleur":
        reservations = Reservation.objects.au(jour).filter(bailleur=membre.organisation)
        partenaires |= Q(reservataires__reservations__in=reservations)
    return Organisation.objects.filter(partenaires).distinct()


@require_safe
def annuaire(requete: HttpRequest) -> HttpResponse:
    """Who to call, and who stands in."""
    jour = aujourd_hui()
    contacts = (
        Contact.objects.au(jour)
        .select_related("supplee")
        .prefetch_related(Prefetch("absences", Absence.objects.filter(Q(au__isnull=True) | Q(au__gt=jour))))
    )
    organisations = _organisations(requete.membre).prefetch_related(Prefetch("contacts", contacts))
    sans_contact = [organisation for organisation in organisations if not organisation.contacts.all()]
    return render(
        requete,
        "web/annuaire/liste.html",
        {"organisations": organisations, "sans_contact": sans_contact, "jour": jour},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ajouter_contact(requete: HttpRequest) -> HttpResponse:
    """Add a contact to one's own organisation."""
    return _editer(requete, None)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Correct a contact of one's own organisation."""
    return _editer(requete, trouver(_contacts(requete.membre.organisation), identifiant))


def _editer(requete: HttpRequest, cible: Contact | None) -> HttpResponse:
    organisation = requete.membre.organisation
    noms = ("nom", "fonction", "courriel", "telephone")
    initial = {nom: getattr(cible, nom) for nom in noms} if cible else {}
    if cible and cible.supplee:
        initial["supplee"] = cible.supplee.identifiant
    formulaire = ContactForm(
        requete.POST or None,
        initial=initial,
        contacts=_contacts(organisation).exclude(pk=cible.pk if cible else None),
    )
    if requete.method == "POST":
        suite = agir(
            requete,
            formulaire,
            lambda: actes.enregistrer(
                par=requete.membre, organisation=organisation, contact=cible, **formulaire.cleaned_data
            ),
            "Le contact est enregistré.",
            "annuaire",
        )
        if suite:
            return suite
    return render(requete, "web/annuaire/contact.html", {"formulaire": formulaire, "cible": cible})


@require_POST
def retirer_contact(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Take a contact out of the directory."""
    cible = trouver(_contacts(requete.membre.organisation), identifiant)
    return agir(
        requete,
        None,
        lambda: actes.retirer(par=requete.membre, contact=cible),
        f"{cible} n'est plus dans l'annuaire.",
        "annuaire",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def absence(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Say that a contact will be away."""
    cible = trouver(_contacts(requete.membre.organisation), identifiant)
    formulaire = AbsenceForm(requete.POST or None)
    if requete.method == "POST":
        suite = agir(
            requete,
            formulaire,
            lambda: actes.absenter(par=requete.membre, contact=cible, **formulaire.cleaned_data),
            f"L'absence de {cible} est notée.",
            "annuaire",
        )
        if suite:
            return suite
    return render(requete, "web/annuaire/absence.html", {"formulaire": formulaire, "cible": cible})
