"""The account: its state, its last events as the reader may see them, its export."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from partiteur.moteur.journal.forme import lire_json
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.composants import Chiffre, Lien
from partiteur.web.documents.compte import noms_des_codes
from partiteur.web.documents.fait import fait
from partiteur.web.documents.journal import exporter_journal
from partiteur.web.droits import Cercle, Permission, bailleurs, cercle, champs, codes, peut
from partiteur.web.models import Contenu, Membre, Organisation
from partiteur.web.models.journal import tete, verifier
from partiteur.web.views.socle import envoyer, trouver

PAR_PAGE = 50


@require_safe
def journaux(requete: HttpRequest) -> HttpResponse:
    """The journals one may open; where there is one, it opens."""
    visibles = bailleurs(requete.membre, aujourd_hui()).select_related("chaine")
    lignes = [(bailleur, tete(bailleur.chaine)) for bailleur in visibles if hasattr(bailleur, "chaine")]
    if len(lignes) == 1:
        return redirect("journal", lignes[0][0].identifiant)
    return render(requete, "web/journal/liste.html", {"lignes": lignes})


@require_safe
def journal(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """A chain: intact or not, its head, the events the reader may read."""
    bailleur = trouver(
        bailleurs(requete.membre, aujourd_hui()).filter(chaine__isnull=False).select_related("chaine"),
        identifiant,
    )
    verdict = verifier(bailleur.chaine) if "verifier" in requete.GET else None
    noms = noms_des_codes()
    page = Paginator(lisibles(requete.membre, bailleur), PAR_PAGE).get_page(requete.GET.get("page"))
    return render(
        requete,
        "web/journal/page.html",
        {
            "bailleur": bailleur,
            "tete": tete(bailleur.chaine),
            "evenements": _nombre_d_evenements(bailleur),
            "verdict": verdict,
            "liste": page,
            "lignes": [
                fait(contenu, champs(requete.membre, lire_json(contenu.donnees)), noms) for contenu in page
            ],
            "codes": codes(requete.membre, aujourd_hui()),
        },
    )


def _nombre_d_evenements(bailleur: Organisation) -> Chiffre:
    """How many events the chain holds, and how anybody counts and verifies them."""
    connue = tete(bailleur.chaine)
    return Chiffre(
        "Événements inscrits",
        connue.numero,
        formule="le rang du dernier événement de la chaîne ; aucun ne peut être retiré",
        donnees=(Lien("le journal téléchargé", reverse("exporter_journal", args=[bailleur.identifiant])),),
        methode=f"La chaîne porte le SIREN du bailleur, {bailleur.siren} ; chaque événement contient l'empreinte du précédent",
        commande=f"partiteur journal verifier journal-{bailleur.siren}.csv --tete {connue}",
    )


def lisibles(membre: Membre, bailleur: Organisation) -> QuerySet[Contenu]:
    """The events a member may read: all of its own chain, those that name it elsewhere; lines are never open."""
    contenus = (
        Contenu.objects.filter(chaine=bailleur.chaine)
        .exclude(type="")
        .select_related("enveloppe")
        .order_by("-pk")  # the order of the chain, by its primary key
    )
    if not peut(membre, Permission.VOIR_LIGNES):
        return contenus.none()
    if cercle(membre, bailleur, aujourd_hui()) is Cercle.MIEN:
        return contenus
    return contenus.filter(Q(reservataire__in=codes(membre, aujourd_hui())))


@require_safe
def exporter_(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Download the export one may read; `?code=` says under which code of réservataire."""
    bailleur = trouver(bailleurs(requete.membre, aujourd_hui()).filter(chaine__isnull=False), identifiant)
    with TemporaryDirectory() as dossier:
        cible = Path(dossier) / "journal.csv"
        arguments: dict[str, Any] = {"code": requete.GET["code"]} if requete.GET.get("code") else {}
        try:
            exporter_journal(
                par=requete.membre, bailleur=bailleur, a_la_date=aujourd_hui(), cible=cible, **arguments
            )
        except ErreurUtilisateur as erreur:
            messages.error(requete, str(erreur))
            return redirect("journal", identifiant)
        contenu = cible.read_bytes()
    return envoyer(contenu, "text/csv; charset=utf-8", f"journal-{bailleur.siren}.csv")
