"""The vacances of a bailleur: those in course first, each leading to its events."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import vacances as documents
from partiteur.web.documents.compte import noms_des_codes
from partiteur.web.documents.mots import mots
from partiteur.web.droits import Cercle, bailleurs, cercle, codes
from partiteur.web.forms.vacances import VacancesForm
from partiteur.web.models import Reservataire
from partiteur.web.views.socle import trouver

PAR_PAGE = 50


@require_safe
def vacances(requete: HttpRequest) -> HttpResponse:
    """The bailleurs whose vacances one may follow; where there is one, it opens."""
    visibles = list(bailleurs(requete.membre, aujourd_hui()).filter(chaine__isnull=False))
    if len(visibles) == 1:
        return redirect("vacances_du_bailleur", visibles[0].identifiant)
    return render(requete, "web/vacances/liste.html", {"bailleurs": visibles})


@require_safe
def vacances_du_bailleur(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """A list, filtered, page by page."""
    jour = aujourd_hui()
    bailleur = trouver(
        bailleurs(requete.membre, jour).filter(chaine__isnull=False).select_related("chaine"), identifiant
    )
    chez_soi = cercle(requete.membre, bailleur, jour) is Cercle.MIEN
    siens = None if chez_soi else frozenset(codes(requete.membre, jour))
    noms = noms_des_codes()
    formulaire = VacancesForm(
        requete.GET or None,
        etats=_etats(),
        annees=documents.annees(bailleur.chaine),
        reservataires=_reservataires(bailleur) if chez_soi else {},
    )
    formulaire.is_valid()
    filtres = (
        formulaire.cleaned_data if formulaire.is_bound else {}
    )  # what is not offered is left out, and said
    choisies = documents.choisir(bailleur.chaine, siens, filtres)
    page = Paginator(choisies, PAR_PAGE).get_page(requete.GET.get("page"))
    return render(
        requete,
        "web/vacances/page.html",
        {
            "bailleur": bailleur,
            "formulaire": formulaire,
            "chez_soi": chez_soi,
            "filtre": any(filtres.values()),
            "liste": page,
            "lignes": list(documents.lignes(bailleur.chaine, list(page), siens, noms)),
        },
    )


def _etats() -> dict[str, str]:
    """The choices: what is in course, state by state, then the rest."""
    lus = mots()["etats"]
    precis = {code: f"en cours : {lus[code]}" for code in mots()["attentes"]}
    return {"": "en cours", **precis, "terminees": "terminées", documents.TOUTES: "toutes"}


def _reservataires(bailleur: object) -> dict[str, str]:
    """Those who have rights at a bailleur, by name."""
    lus = (
        Reservataire.objects.filter(reservations__bailleur=bailleur).select_related("organisation").distinct()
    )
    return {r.code: f"{r.organisation} ({r.get_type_display()})" for r in lus}
