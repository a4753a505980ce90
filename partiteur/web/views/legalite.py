"""Contrôle de légalité of a territory, and bailleurs side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import comparaison as comparaisons
from partiteur.web.documents import legalite as documents
from partiteur.web.droits import bailleurs
from partiteur.web.droits import dossiers as dossiers_lisibles
from partiteur.web.forms.legalite import BailleursForm, ControleForm
from partiteur.web.models import Dossier


def _adoptes(requete: HttpRequest) -> list[Dossier]:
    """The adopted dossiers a member may read, each replaced version left out."""
    lus = dossiers_lisibles(requete.membre, aujourd_hui()).filter(adopte_le__isnull=False)
    return documents.derniers(lus.select_related("bailleur"))


@require_safe
def controle_legalite(requete: HttpRequest) -> HttpResponse:
    """Of each flux adopted in the territory: what the texts ask, yes, no or unknown."""
    jour, adoptes = aujourd_hui(), _adoptes(requete)
    tous = documents.controles(adoptes, jour, "", "")
    formulaire = ControleForm(requete.GET, questions=tous.questions, exercices=tous.exercices)
    verification, verdict, exercice = formulaire.demande
    retenus = [d for d in adoptes if exercice in ("", str(d.exercice))]
    avec = {d.bailleur_id for d in adoptes}
    contexte = {
        "formulaire": formulaire,
        "controles": documents.controles(retenus, jour, verification, verdict),
        "sans_flux": [b for b in bailleurs(requete.membre, jour).order_by("nom") if b.pk not in avec],
        "jour": jour,
    }
    return render(requete, "web/flux/legalite.html", contexte)


@require_safe
def comparer_bailleurs(requete: HttpRequest) -> HttpResponse:
    """Adopted flux side by side, with the états des lieux of the perimeter they share."""
    adoptes = _adoptes(requete)
    formulaire = BailleursForm(requete.GET, dossiers=adoptes)
    choisis = formulaire.cleaned_data["dossiers"] if formulaire.is_valid() else []
    contexte = {"formulaire": formulaire, "adoptes": adoptes, "un_seul": len(choisis) == 1}
    if len(choisis) > 1:
        retenus = [d for d in adoptes if d.identifiant in choisis]
        try:
            contexte["comparaison"] = comparaisons.comparer_bailleurs(requete.membre, retenus, aujourd_hui())
        except ErreurUtilisateur as erreur:
            contexte["impossible"] = str(erreur)
    return render(requete, "web/flux/bailleurs.html", contexte)
