"""Public pages, today's page, one's own account."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents.aujourdhui import journee
from partiteur.web.views.socle import trouver


@require_safe
def presentation(requete: HttpRequest) -> HttpResponse:
    """What the site is, for whoever comes; a person logged in goes to today's page."""
    if requete.user.is_authenticated:
        return redirect("aujourdhui")
    return render(requete, "web/presentation.html")


@require_safe
def aujourdhui(requete: HttpRequest) -> HttpResponse:
    """Home: what is due, what waits."""
    return render(requete, "web/aujourdhui.html", {"journee": journee(requete.membre, aujourd_hui())})


@require_safe
def mon_compte(requete: HttpRequest) -> HttpResponse:
    """One's own name, memberships, password and second factor."""
    return render(requete, "web/mon_compte.html")


@require_POST
def changer_organisation(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Work for another of one's own organisations."""
    choisi = next((m for m in requete.membres if m.identifiant == identifiant), None)
    if choisi is None:
        raise Http404
    requete.session["membre"] = choisi.identifiant
    messages.success(requete, f"Vous travaillez maintenant pour {choisi.organisation}.")
    return redirect("aujourdhui")


@require_POST
def demo_entrer(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Enter the demo as one of its accounts, without a password; this address exists in a demo only."""
    if not settings.DEMO:
        raise Http404
    from allauth.account.adapter import get_adapter

    from partiteur.web.models import Membre

    membre = trouver(Membre.objects.au(aujourd_hui()).select_related("utilisateur"), identifiant)
    membre.utilisateur.backend = settings.AUTHENTICATION_BACKENDS[0]
    get_adapter(requete).login(requete, membre.utilisateur)
    requete.session["membre"] = membre.identifiant
    return redirect("aujourdhui")
