"""Conventions and bilans due to the State; the mise en demeure to prepare."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import demeure as documents
from partiteur.web.documents.pdf import TYPE, PdfRefuse
from partiteur.web.droits import bailleurs
from partiteur.web.forms.demeure import DemeureForm
from partiteur.web.models import Organisation
from partiteur.web.views.socle import envoyer, trouver

SANS_PDF = "Ce courrier n'a pas pu être mis en page : imprimez cette page, ou copiez-en le texte."


@require_safe
def retards(requete: HttpRequest) -> HttpResponse:
    """Bailleur by bailleur: the convention of the State, and the bilan that was due."""
    jour = aujourd_hui()
    contexte = {
        "jour": jour,
        "bilan": documents.bilan_du(jour),
        "suivis": documents.suivis(requete.membre, jour),
    }
    return render(requete, "web/demeure/retards.html", contexte)


def _lire(requete: HttpRequest, identifiant: str) -> tuple[Organisation, DemeureForm, QueryDict]:
    """The bailleur, what the address asks, and the address itself, the day being today's where it says none."""
    jour = aujourd_hui()
    bailleur = trouver(bailleurs(requete.membre, jour), identifiant)
    demande = requete.GET.copy()
    demande.setdefault("envoi", jour.isoformat())
    manques = tuple(documents.MANQUES.items())
    if requete.GET:
        return bailleur, DemeureForm(demande, manques=manques), demande
    return bailleur, DemeureForm(initial={"envoi": jour}, manques=manques), demande


def _lettre(requete: HttpRequest, bailleur: Organisation, formulaire: DemeureForm) -> documents.Lettre:
    lus = formulaire.cleaned_data
    return documents.lettre(requete.membre, bailleur, lus["manques"], lus["envoi"], aujourd_hui())


@require_safe
def mise_en_demeure(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The letter to reread, copy or print; it is never sent from here."""
    bailleur, formulaire, demande = _lire(requete, identifiant)
    contexte = {"bailleur": bailleur, "formulaire": formulaire, "demande": demande.urlencode()}
    if formulaire.is_valid():
        contexte["lettre"] = _lettre(requete, bailleur, formulaire)
    return render(requete, "web/demeure/lettre.html", contexte)


@require_safe
def imprimer_demeure(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The same letter, as a PDF."""
    bailleur, formulaire, demande = _lire(requete, identifiant)
    ici = f"{reverse('mise_en_demeure', args=[identifiant])}?{demande.urlencode()}"
    if not formulaire.is_valid():
        return redirect(ici)
    lettre = _lettre(requete, bailleur, formulaire)
    try:
        contenu = documents.imprimer(lettre)
    except PdfRefuse:
        messages.error(requete, SANS_PDF)
        return redirect(ici)
    return envoyer(contenu, TYPE, f"mise-en-demeure-{bailleur.siren}-{lettre.envoi:%Y%m%d}.pdf")
