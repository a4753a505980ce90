"""The directory: one's own organisation's to keep, others' to read."""

import csv
from io import StringIO

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web.actions import annuaire as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import annuaire as documents
from partiteur.web.documents import annuaire_importe as importe
from partiteur.web.droits import bailleurs
from partiteur.web.forms.annuaire import AbsenceForm, ApercuForm, ContactForm, ImportForm
from partiteur.web.models import Contact, Membre, Organisation, Reservation
from partiteur.web.views.socle import agir, envoyer, trouver


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
    organisations = _organisations(requete.membre).prefetch_related(
        Prefetch("contacts", documents.contacts(jour))
    )
    lues = [(o, list(o.contacts.all())) for o in organisations]
    return render(
        requete,
        "web/annuaire/liste.html",
        {
            "organisations": [
                (o, contacts, documents.repondre(contacts, jour)) for o, contacts in lues if contacts
            ],
            "sans_contact": [o for o, contacts in lues if not contacts],
            "jour": jour,
        },
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


@require_POST
def retour(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """A contact is back, or will not be away after all."""
    cible = trouver(_contacts(requete.membre.organisation), identifiant)
    return agir(
        requete,
        None,
        lambda: actes.revenir(par=requete.membre, contact=cible),
        f"Le retour de {cible} est noté.",
        "annuaire",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def importer_annuaire(requete: HttpRequest) -> HttpResponse:
    """Send a workbook: each cell is controlled and what it would change is shown; nothing is entered yet."""
    organisation = requete.membre.organisation
    formulaire = ImportForm(requete.POST or None, requete.FILES or None)
    if requete.method == "POST" and formulaire.is_valid():
        try:
            apercu = importe.lire(organisation, formulaire.cleaned_data["fichier"], aujourd_hui())
        except ErreurUtilisateur as erreur:
            formulaire.add_error("fichier", str(erreur))
        else:
            suite = ApercuForm(initial={"fiches": importe.sceller(organisation, apercu)})
            return render(requete, "web/annuaire/apercu.html", {"apercu": apercu, "formulaire": suite})
    return render(requete, "web/annuaire/importer.html", {"formulaire": formulaire})


@require_POST
def confirmer_annuaire(requete: HttpRequest) -> HttpResponse:
    """Enter the contacts of a preview, all or none."""
    organisation = requete.membre.organisation
    formulaire = ApercuForm(requete.POST)
    if not formulaire.is_valid():
        messages.error(requete, "Cet aperçu n'est plus valable : donnez le fichier de nouveau.")
        return redirect("importer_annuaire")
    try:
        fiches = importe.desceller(organisation, formulaire.cleaned_data["fiches"])
    except ErreurUtilisateur as erreur:
        messages.error(requete, str(erreur))
        return redirect("importer_annuaire")
    combien = f"{nombre(len(fiches))} contacts sont repris" if len(fiches) > 1 else "Un contact est repris"
    return agir(
        requete,
        None,
        lambda: actes.importer(par=requete.membre, organisation=organisation, fiches=fiches),
        f"{combien} dans votre annuaire.",
        "annuaire",
    )


@require_safe
def modele_annuaire(requete: HttpRequest) -> HttpResponse:
    """An empty file, with the columns that are read."""
    ecrit = StringIO()
    csv.writer(ecrit, delimiter=";").writerow([importe.COLONNES[nom][0] for nom in importe.MODELE])
    return envoyer("\ufeff" + ecrit.getvalue(), "text/csv; charset=utf-8", "annuaire.csv")
