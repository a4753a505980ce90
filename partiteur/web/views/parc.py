"""The parc of a bailleur: its list, a file deposited, its report, its millésime."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partiteur.moteur.lignes_csv import en_csv
from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web import depot as fichiers
from partiteur.web.actions import parc as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import parc as documents
from partiteur.web.documents.etat_des_lieux import millesimes
from partiteur.web.droits import Interdit, Permission, bailleurs, peut
from partiteur.web.forms.parc import ConfirmationForm, DepotForm
from partiteur.web.models import Depot, Millesime
from partiteur.web.views.socle import agir, envoyer, trouver


@require_safe
def parcs(requete: HttpRequest) -> HttpResponse:
    """The parcs one may read, and their last millésime; where there is one, it opens."""
    visibles = list(bailleurs(requete.membre, aujourd_hui()))
    derniers: dict[int, Millesime] = {}
    for millesime in Millesime.objects.filter(bailleur__in=visibles, nature="parc"):
        derniers.setdefault(millesime.bailleur_id, millesime)
    if len(visibles) == 1 and (derniers or peut(requete.membre, Permission.TENIR_PARC)):
        return redirect("etat_des_lieux", visibles[0].identifiant)
    lignes = [(bailleur, derniers.get(bailleur.pk)) for bailleur in visibles]
    return render(requete, "web/parc/liste.html", {"lignes": lignes})


@require_http_methods(["GET", "HEAD", "POST"])
def deposer_parc(requete: HttpRequest) -> HttpResponse:
    """Send a file: it is read and controlled, nothing is imported yet."""
    bailleur = requete.membre.organisation
    formulaire = DepotForm(requete.POST or None, requete.FILES or None, initial={"nature": "parc"})
    if requete.method == "POST" and formulaire.is_valid():
        try:
            recu = documents.recevoir(
                bailleur, formulaire.cleaned_data["nature"], formulaire.cleaned_data["fichier"]
            )
            actes.deposer(
                par=requete.membre,
                bailleur=bailleur,
                nature=formulaire.cleaned_data["nature"],
                identifiant=recu.identifiant,
                fichier=recu.fichier,
                apercu=recu.apercu,
            )
            return redirect("depot", recu.identifiant)
        except Interdit:
            raise
        except ErreurUtilisateur as erreur:
            formulaire.add_error("fichier", str(erreur))
    lus, droits = millesimes(bailleur)
    attendent = Depot.objects.filter(bailleur=bailleur)
    return render(
        requete,
        "web/parc/deposer.html",
        {
            "formulaire": formulaire,
            "bailleur": bailleur,
            "millesimes": lus,
            "droits_lus": droits,
            "attendent": attendent,
        },
    )


def _depot(requete: HttpRequest, identifiant: str) -> Depot:
    siens = Depot.objects.filter(bailleur=requete.membre.organisation).select_related("bailleur")
    trouve: Depot = trouver(siens, identifiant)
    return trouve


@require_safe
def depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """What was found in a file, and what it would change."""
    trouve = _depot(requete, identifiant)
    return _montrer(requete, trouve, None)


def _montrer(requete: HttpRequest, trouve: Depot, formulaire: ConfirmationForm | None) -> HttpResponse:
    montre = documents.montrer(trouve)
    if formulaire is None:
        formulaire = ConfirmationForm(
            initial={"le": documents.le_propose(montre["lu"])}, constats=len(montre["lu"]["constats"])
        )
    return render(requete, "web/parc/depot.html", {"depot": trouve, "formulaire": formulaire, **montre})


@require_safe
def rapport_depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The report of a control, cell by cell, as CSV."""
    trouve = _depot(requete, identifiant)
    contenu = "\ufeff" + en_csv(documents.lignes_du_rapport(trouve)) + "\n"
    return envoyer(contenu, "text/csv; charset=utf-8", f"controle-{identifiant}.csv")


@require_POST
def confirmer_depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Write the millésime, then enter it."""
    trouve = _depot(requete, identifiant)
    constats = json.loads(trouve.apercu)["constats"]
    formulaire = ConfirmationForm(requete.POST, constats=len(constats))

    def acte() -> None:
        ecrit = documents.ecrire(trouve, formulaire.cleaned_data["le"])
        actes.importer(par=requete.membre, bailleur=trouve.bailleur, ecrit=ecrit, depot=trouve)
        fichiers.oublier(identifiant)

    combien = nombre(json.loads(trouve.apercu)["acceptees"])
    dit = f"Le fichier est importé : {combien} lignes."
    suite = agir(requete, formulaire, acte, dit, "etat_des_lieux", trouve.bailleur.identifiant)
    return suite or _montrer(requete, trouve, formulaire)


@require_POST
def abandonner_depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Give up: nothing was imported."""
    trouve = _depot(requete, identifiant)

    def acte() -> None:
        actes.abandonner(par=requete.membre, depot=trouve)
        fichiers.oublier(identifiant)

    suite = agir(requete, None, acte, "Le dépôt est abandonné : rien n'a été importé.", "deposer_parc")
    if suite is None:
        raise Http404
    return suite
