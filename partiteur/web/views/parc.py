"""The parc of a bailleur: its list, a file deposited, its report, its millésime."""

import json

from django.contrib import messages
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

ATTENTE = 3  # seconds before a page that waits asks again


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
            if not recu.apercu:
                fichiers.traiter_a_part(recu.identifiant)
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


def _deja_importe(requete: HttpRequest, identifiant: str) -> HttpResponse | None:
    """Where a deposit that became a millésime is read: a second click, or a page that waited, lands there."""
    sien = Millesime.objects.filter(bailleur=requete.membre.organisation, identifiant=identifiant).first()
    if sien is None:
        return None
    messages.success(requete, f"Le fichier est importé : {nombre(sien.lignes)} lignes.")
    return redirect("etat_des_lieux", requete.membre.organisation.identifiant)


@require_safe
def depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """What was found in a file, and what it would change; or how far its reading or its import is."""
    return _deja_importe(requete, identifiant) or _montrer(requete, _depot(requete, identifiant), None)


def _montrer(requete: HttpRequest, trouve: Depot, formulaire: ConfirmationForm | None) -> HttpResponse:
    if not trouve.apercu or trouve.reste_a_faire:
        return _attendre(requete, trouve)
    montre = documents.montrer(trouve)
    if formulaire is None:
        formulaire = ConfirmationForm(
            initial={"le": documents.le_propose(montre["lu"])}, constats=len(montre["lu"]["constats"])
        )
    return render(requete, "web/parc/depot.html", {"depot": trouve, "formulaire": formulaire, **montre})


def _attendre(requete: HttpRequest, trouve: Depot) -> HttpResponse:
    """The step under way, since when; cut short, a button goes on. The page asks itself again, without a script."""
    depuis = fichiers.en_traitement(trouve.identifiant)
    contexte = {"depot": trouve, "depuis": depuis, "importation": trouve.le is not None}
    reponse = render(requete, "web/parc/en_cours.html", contexte)
    if depuis is not None:
        reponse.headers["Refresh"] = str(ATTENTE)
    return reponse


@require_POST
def reprendre_depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Go on with a step cut short: nothing was lost, nothing half-done."""
    deja = _deja_importe(requete, identifiant)
    if deja is None and _depot(requete, identifiant).reste_a_faire:
        fichiers.traiter_a_part(identifiant)
    return deja or redirect("depot", identifiant)


@require_safe
def rapport_depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The report of a control, cell by cell, as CSV."""
    trouve = _depot(requete, identifiant)
    if not trouve.apercu:
        raise Http404
    contenu = "\ufeff" + en_csv(documents.lignes_du_rapport(trouve)) + "\n"
    return envoyer(contenu, "text/csv; charset=utf-8", f"controle-{identifiant}.csv")


@require_POST
def confirmer_depot(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Write the millésime, then enter it; a heavy file, apart. Said twice, it is done once."""
    deja = _deja_importe(requete, identifiant)
    if deja is not None:
        return deja
    trouve = _depot(requete, identifiant)
    if not trouve.apercu or trouve.reste_a_faire:
        return redirect("depot", identifiant)
    constats = json.loads(trouve.apercu)["constats"]
    formulaire = ConfirmationForm(requete.POST, constats=len(constats))

    if fichiers.lourd(identifiant):

        def demander() -> None:
            actes.demander(par=requete.membre, depot=trouve, le=formulaire.cleaned_data["le"])
            fichiers.traiter_a_part(identifiant)

        return agir(requete, formulaire, demander, "", "depot", identifiant) or _montrer(
            requete, trouve, formulaire
        )

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
