"""A dossier made by forms, a part at a time: each save is computed, and is a version."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.documents import feuille as feuilles
from partiteur.web.documents import saisie as documents
from partiteur.web.droits import Interdit
from partiteur.web.forms.flux import PreparationForm
from partiteur.web.forms.saisie import SaisieForm
from partiteur.web.models import Dossier
from partiteur.web.saisie import Partie, parties, sans_element, valeur_de
from partiteur.web.views.flux import inscrire, le_sien

PREMIERE = "dossier"
RANG_MAX = 4


@require_http_methods(["GET", "HEAD", "POST"])
def nouveau_dossier(requete: HttpRequest) -> HttpResponse:
    """The first part of a dossier, filled with what is imported; saved, the others follow."""
    preparation = PreparationForm(
        requete.POST if requete.method == "POST" else requete.GET, cadres=feuilles.cadres()
    )
    if not preparation.is_valid():
        messages.error(requete, "Choisissez un cadre et une année entre 2018 et 2100.")
        return redirect("deposer_dossier")
    lus = preparation.cleaned_data
    bailleur = requete.membre.organisation
    try:
        base = documents.base_nouvelle(bailleur, lus["cadre"], lus["exercice"])
    except ErreurUtilisateur as erreur:
        messages.error(requete, str(erreur))
        return redirect("deposer_dossier")
    formulaire = _formulaire(requete, Partie(PREMIERE), base, None, None)
    if requete.method == "POST" and formulaire.is_valid():
        enregistre = _enregistrer(requete, formulaire, None)
        if enregistre is not None:
            return redirect("corriger_dossier", enregistre.identifiant)
    contexte = {"formulaire": formulaire, "partie": formulaire.partie, "nouveau": True}
    return render(requete, "web/flux/saisie.html", contexte)


@require_http_methods(["GET", "HEAD", "POST"])
def corriger_dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The parts of a dossier; `partie` and `rang` in the address open one of them."""
    trouve = le_sien(requete, identifiant)
    try:
        base = documents.base_de(trouve)
    except ErreurUtilisateur as erreur:
        messages.error(requete, str(erreur))
        return redirect("dossier", identifiant)
    partie, rang = _partie(requete, base)
    if partie is None:
        contexte = {"dossier": trouve, "resumes": documents.resumer(base)}
        return render(requete, "web/flux/corriger.html", contexte)
    formulaire = _formulaire(requete, partie, base, rang, trouve)
    if requete.method == "POST":
        if "retirer" in requete.POST and rang is not None:
            formulaire.lu, formulaire.cleaned_data = sans_element(base, partie, rang), {}
            valide = True
        else:
            valide = formulaire.is_valid()
        enregistre = _enregistrer(requete, formulaire, trouve) if valide else None
        if enregistre is not None:
            return redirect("corriger_dossier", enregistre.identifiant)
    contexte = {"dossier": trouve, "formulaire": formulaire, "partie": partie, "rang": rang}
    return render(requete, "web/flux/saisie.html", contexte)


def _partie(requete: HttpRequest, base: dict[str, Any]) -> tuple[Partie | None, int | None]:
    """What the address opens: a part, and the rank of an item from 0; 404 on what is not there."""
    code = requete.GET.get("partie")
    if code is None:
        return None, None
    partie = next((p for p in parties() if p.code == code), None)
    ecrit = requete.GET.get("rang")
    if partie is None or (ecrit is not None and not partie.liste):
        raise Http404
    if ecrit is None:
        return partie, None
    if not (ecrit.isascii() and ecrit.isdecimal() and len(ecrit) <= RANG_MAX):
        raise Http404
    if int(ecrit) >= len(valeur_de(base, partie.code) or ()):
        raise Http404
    return partie, int(ecrit)


def _formulaire(
    requete: HttpRequest, partie: Partie, base: dict[str, Any], rang: int | None, dossier: Dossier | None
) -> SaisieForm:
    choix = documents.choix(requete.membre.organisation, base, dossier) if partie.code == PREMIERE else {}
    cadre = requete.POST.get("cadre") or str(base["cadre"])
    return SaisieForm(
        requete.POST if requete.method == "POST" else None,
        requete.FILES or None,
        partie=partie,
        base=base,
        rang=rang,
        choix=choix,
        definition=documents.definition_du_cadre(cadre),
    )


def _enregistrer(requete: HttpRequest, formulaire: SaisieForm, dossier: Dossier | None) -> Dossier | None:
    """The next version, computed; None when it cannot be, and the form says why."""
    try:
        liberations = formulaire.cleaned_data.get("liberations")
        recu = documents.enregistrer(requete.membre.organisation, formulaire.lu, dossier, liberations)
        enregistre = inscrire(requete, recu, dossier)
    except Interdit:
        raise
    except ErreurUtilisateur as erreur:
        formulaire.add_error(None, str(erreur))
        return None
    messages.success(requete, f"Version {enregistre.version} enregistrée, et calculée.")
    return enregistre
