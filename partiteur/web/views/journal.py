"""The account: its state, its last events as the reader may see them, its export."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
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
from partiteur.web.models import Chaine, Contenu, Evenement, Membre, Organisation
from partiteur.web.models.journal import tete, verifier
from partiteur.web.views.socle import envoyer, trouver

PAR_PAGE = 50


@require_safe
def journaux(requete: HttpRequest) -> HttpResponse:
    """The journals one may open; where there is one, it opens."""
    derniers = Evenement.objects.filter(chaine__bailleur=OuterRef("pk")).order_by("-numero")
    visibles = bailleurs(requete.membre, aujourd_hui()).filter(chaine__isnull=False)
    lignes = list(visibles.annotate(evenements=Coalesce(Subquery(derniers.values("numero")[:1]), 0)))
    if len(lignes) == 1:
        return redirect("journal", lignes[0].identifiant)
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
    vacance = requete.GET.get("vacance", "")
    lus = lisibles(requete.membre, bailleur)
    lus = lus.filter(vacance=vacance) if vacance else lus
    page = Paginator(DernierDAbord(lus, bailleur.chaine), PAR_PAGE).get_page(requete.GET.get("page"))
    return render(
        requete,
        "web/journal/page.html",
        {
            "bailleur": bailleur,
            "tete": tete(bailleur.chaine),
            "evenements": _nombre_d_evenements(bailleur),
            "verdict": verdict,
            "vacance": vacance,
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


class DernierDAbord:
    """Events counted without what orders them, then read along the chain's own index: it stops at the end of a page."""

    def __init__(self, lus: QuerySet[Contenu], chaine: Chaine) -> None:
        self.lus, self.chaine = lus, chaine

    def count(self) -> int:
        """How many there are."""
        return self.lus.count()

    def __getitem__(self, tranche: slice) -> QuerySet[Contenu]:
        return self.lus.filter(enveloppe__chaine=self.chaine)[tranche]


def lisibles(membre: Membre, bailleur: Organisation) -> QuerySet[Contenu]:
    """The events a member may read: all of its own chain, those that name it elsewhere; lines are never open."""
    contenus = (
        Contenu.objects.filter(chaine=bailleur.chaine)
        .exclude(type="")
        .select_related("enveloppe")
        .order_by("-enveloppe__numero")
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
