"""What a site says of itself to anybody: accessibility, legal notice, privacy."""

from importlib.metadata import version

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partiteur.regles.socle import bareme
from partiteur.web.exploitant import lire_exploitant


def _page(requete: HttpRequest, nom: str) -> HttpResponse:
    """A public page, completed by what the operator wrote."""
    donnees = {
        "exploitant": lire_exploitant(settings.DONNEES),
        "version": version("partiteur"),
        "durees": [ligne for ligne in bareme("durees").values() if isinstance(ligne, dict)],
    }
    return render(requete, f"web/public/{nom}.html", donnees)


@require_safe
def accessibilite(requete: HttpRequest) -> HttpResponse:
    """What was really tested, and what was not."""
    return _page(requete, "accessibilite")


@require_safe
def mentions_legales(requete: HttpRequest) -> HttpResponse:
    """Who runs the site."""
    return _page(requete, "mentions_legales")


@require_safe
def confidentialite(requete: HttpRequest) -> HttpResponse:
    """What is known of persons, why, and whom to ask."""
    return _page(requete, "confidentialite")
