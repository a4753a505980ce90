"""The dossiers of flux: their list, one sheet, cadres side by side, adoption, files."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web import depot as fichiers
from partiteur.web.actions import dossier as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import feuille as feuilles
from partiteur.web.documents import flux as documents
from partiteur.web.documents import legalite as legalites
from partiteur.web.documents import simulation as simulations
from partiteur.web.documents.pdf import PdfRefuse
from partiteur.web.droits import Cercle, Interdit, cercle, codes
from partiteur.web.droits import dossiers as dossiers_lisibles
from partiteur.web.forms.flux import CadresForm, DossierForm, PreparationForm, SimulationForm
from partiteur.web.models import Dossier
from partiteur.web.views.socle import agir, envoyer, trouver

TYPES = {
    "pdf": "application/pdf",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "toml": "application/toml; charset=utf-8",
}


@require_safe
def dossiers(requete: HttpRequest) -> HttpResponse:
    """The dossiers one may read, the last year first."""
    lus = dossiers_lisibles(requete.membre, aujourd_hui()).select_related(
        "bailleur", "adopte_par__utilisateur"
    )
    lignes = [documents.resumer(d) for d in documents.en_cours(lus)]
    return render(requete, "web/flux/liste.html", {"lignes": lignes})


@require_http_methods(["GET", "HEAD", "POST"])
def deposer_dossier(requete: HttpRequest) -> HttpResponse:
    """Send a dossier and its pieces; it is computed once, then shown."""
    formulaire = DossierForm(requete.POST or None, requete.FILES or None)
    if requete.method == "POST" and formulaire.is_valid():
        try:
            recu = documents.recevoir(
                requete.membre.organisation,
                formulaire.cleaned_data["dossier"],
                formulaire.cleaned_data["pieces"],
            )
            inscrire(requete, recu)
            return redirect("dossier", recu.identifiant)
        except Interdit:
            raise
        except ErreurUtilisateur as erreur:
            formulaire.add_error("dossier", str(erreur))
    preparation = PreparationForm(initial={"exercice": aujourd_hui().year + 1}, cadres=feuilles.cadres())
    return render(requete, "web/flux/deposer.html", {"formulaire": formulaire, "preparation": preparation})


@require_safe
def preparer_dossier(requete: HttpRequest) -> HttpResponse:
    """A dossier.toml to correct, made from what is imported."""
    formulaire = PreparationForm(requete.GET, cadres=feuilles.cadres())
    if not formulaire.is_valid():
        messages.error(requete, "Choisissez un cadre et une année entre 2018 et 2100.")
        return redirect("deposer_dossier")
    lus = formulaire.cleaned_data
    try:
        texte = documents.preparer(requete.membre.organisation, lus["cadre"], lus["exercice"])
    except ErreurUtilisateur as erreur:
        messages.error(requete, str(erreur))
        return redirect("deposer_dossier")
    return envoyer(texte.encode(), TYPES["toml"], "dossier.toml")


def inscrire(requete: HttpRequest, recu: documents.Recu, corrige: Dossier | None = None) -> Dossier:
    """Enter what is on the disk; nothing stays there when the act refuses it."""
    try:
        depose: Dossier = actes.deposer(
            par=requete.membre,
            bailleur=requete.membre.organisation,
            identifiant=recu.identifiant,
            exercice=recu.exercice,
            cadre=recu.cadre,
            fichier=recu.fichier,
            sha=recu.sha,
            corrige=corrige,
        )
    except BaseException:
        fichiers.jeter(recu.identifiant)
        raise
    if recu.refusees:
        messages.warning(
            requete,
            f"{nombre(recu.refusees)} lignes des pièces sont refusées : contrôlez le parc pour savoir où.",
        )
    return depose


def lire_dossier(requete: HttpRequest, identifiant: str) -> Dossier:
    """A dossier the member may read; else 404."""
    lisibles = dossiers_lisibles(requete.membre, aujourd_hui()).select_related(
        "bailleur", "adopte_par__utilisateur"
    )
    trouve: Dossier = trouver(lisibles, identifiant)
    return trouve


@require_safe
def dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The sheet; adopted, it shows what was adopted, and says whether it is the same today."""
    trouve = lire_dossier(requete, identifiant)
    siens = frozenset(codes(requete.membre, aujourd_hui()))
    cadres = CadresForm(requete.GET, cadres=feuilles.cadres(), conversions=feuilles.CONVERSIONS_DU_STOCK)
    contexte: dict[str, Any] = {"dossier": trouve, "cadres": cadres}
    contexte["mien"] = cercle(requete.membre, trouve.bailleur, aujourd_hui()) is Cercle.MIEN
    if contexte["mien"]:
        contexte["versions"] = documents.versions_de(trouve)
    try:
        contexte["feuille"] = feuilles.feuille(documents.resultat(trouve), siens)
        contexte["titre_cadre"] = dict(feuilles.cadres()).get(trouve.cadre, trouve.cadre)
        if trouve.adopte_le:
            contexte["relecture"] = documents.relire(trouve)
        contexte["verifications"] = legalites.reponses(trouve)
        lus = cadres.cleaned_data if cadres.is_valid() else {}
        if lus.get("cadres"):
            choisis = dict.fromkeys((trouve.cadre, *lus["cadres"]))
            contexte["comparaison"] = feuilles.comparer_dossier(trouve, list(choisis))
        if lus.get("conversions"):
            contexte["converti"] = feuilles.comparer_dossier(trouve, lus["conversions"], conversions=True)
    except ErreurUtilisateur as erreur:
        contexte["impossible"] = str(erreur)
    return render(requete, "web/flux/page.html", contexte)


@require_safe
def simuler_dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Years drawn: what a good and a bad year give to each."""
    trouve = lire_dossier(requete, identifiant)
    premieres = {"tirages": str(simulations.TIRAGES[0]), "graine": "1"}
    formulaire = SimulationForm({**premieres, **requete.GET.dict()}, tirages=simulations.TIRAGES)
    contexte: dict[str, Any] = {"dossier": trouve, "formulaire": formulaire}
    if formulaire.is_valid():
        lus = formulaire.cleaned_data
        try:
            contexte["simulation"] = simulations.simulation(trouve, lus["tirages"], lus["graine"])
        except ErreurUtilisateur as erreur:
            contexte["impossible"] = str(erreur)
    return render(requete, "web/flux/simulation.html", contexte)


@require_safe
def telecharger_dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The result in a PDF, as JSON or as a workbook, or the dossier.toml."""
    trouve = lire_dossier(requete, identifiant)
    forme = requete.GET.get("forme", "json")
    if forme not in TYPES:
        raise Http404
    try:
        contenu = documents.telecharger(trouve, forme)
    except PdfRefuse as erreur:
        messages.error(requete, str(erreur))
        return redirect("dossier", identifiant)
    except (ErreurUtilisateur, OSError):
        messages.error(requete, "Ce fichier n'est plus disponible : les pièces du dossier manquent.")
        return redirect("dossier", identifiant)
    return envoyer(contenu, TYPES[forme], f"flux-{trouve.exercice}-{trouve.bailleur.siren}.{forme}")


@require_safe
def pieces_dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The dossier with its pieces, for whom they are: dwellings are lines, and lines are mine only (D67)."""
    trouve = lire_dossier(requete, identifiant)
    if cercle(requete.membre, trouve.bailleur, aujourd_hui()) is not Cercle.MIEN:
        raise Http404
    nom = f"dossier-{trouve.exercice}-{trouve.bailleur.siren}.zip"
    return envoyer(documents.archive(trouve), "application/zip", nom)


def le_sien(requete: HttpRequest, identifiant: str) -> Dossier:
    """A dossier of the member's own bailleur; else 404."""
    trouve = lire_dossier(requete, identifiant)
    if cercle(requete.membre, trouve.bailleur, aujourd_hui()) is not Cercle.MIEN:
        raise Http404
    return trouve


@require_POST
def adopter_dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Freeze the sheet: from then on it is open to the réservataires, the EPCI and the préfet."""
    trouve = le_sien(requete, identifiant)

    def acte() -> None:
        if trouve.adopte_le is None:
            resultat, versions = documents.geler(trouve)
        else:
            resultat, versions = trouve.resultat, trouve.versions
        actes.adopter(par=requete.membre, dossier=trouve, resultat=resultat, versions=versions)

    dit = "Le flux est adopté : ses chiffres ne bougeront plus."
    return agir(requete, None, acte, dit, "dossier", identifiant) or redirect("dossier", identifiant)


@require_POST
def retirer_dossier(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Withdraw a dossier nobody has adopted."""
    trouve = le_sien(requete, identifiant)

    def acte() -> None:
        actes.retirer(par=requete.membre, dossier=trouve)
        fichiers.jeter(identifiant)

    return agir(requete, None, acte, "Le dossier est retiré.", "dossiers") or redirect("dossiers")
