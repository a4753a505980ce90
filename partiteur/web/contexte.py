"""What every page knows: who reads, in which organisation, its menu, until when the session lasts."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from partiteur.web.droits import ROLES, Permission, permissions

# The entries of the main menu: page, words, permission.
MENU = (
    ("aujourdhui", "Aujourd'hui", None),
    ("parcs", "Parc", Permission.VOIR_AGREGATS),
    ("dossiers", "Flux", Permission.VOIR_AGREGATS),
    ("vacances", "Vacances", Permission.VOIR_LIGNES),
    ("journaux", "Journal", Permission.VOIR_JOURNAL),
    ("annuaire", "Annuaire", Permission.VOIR_ANNUAIRE),
    ("membres", "Membres", Permission.GERER_MEMBRES),
    ("acces", "Accès", Permission.VOIR_ACCES),
    ("organisations", "Organisations", Permission.GERER_INSTANCE),
)


def page(requete: HttpRequest) -> dict[str, Any]:
    """The context of every page; empty of a person where nobody is logged in."""
    membre = getattr(requete, "membre", None)
    droits = permissions(membre) if membre else frozenset()
    trouvee = requete.resolver_match
    ici = trouvee.view_name if trouvee else ""
    return {
        "membre": membre,
        "membres": getattr(requete, "membres", []),
        "role": ROLES.get(membre.role) if membre else None,
        "droits": {droit.name for droit in droits},
        "menu": [
            {"page": nom, "mots": mots, "ici": _ici(requete, nom)}
            for nom, mots, droit in MENU
            if membre and (droit is None or droit in droits)
        ],
        "fin_session": getattr(requete, "fin_session", None),
        "demo": settings.DEMO,
        "comptes_demo": _comptes_demo() if settings.DEMO and ici == "account_login" else [],
    }


def _ici(requete: HttpRequest, nom: str) -> str:
    """What `aria-current` says of an entry: this very page, one of its section, or nothing."""
    adresse = reverse(nom)
    if requete.path == adresse:
        return "page"
    return "true" if requete.path.startswith(adresse) else ""


def _comptes_demo() -> list[Any]:
    """The accounts the demo's login page offers."""
    from partiteur.web.demo import comptes

    return comptes()
