"""The état des lieux of a bailleur, its files, and the sheet of a commune."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import commune as communes
from partiteur.web.documents import etat_des_lieux as documents
from partiteur.web.documents import rapprochement
from partiteur.web.documents.commune import FicheCommune
from partiteur.web.documents.etat_des_lieux import COLONNES, FILTRES, LIGNES, Demande, Noms, nommer_perimetre
from partiteur.web.droits import bailleurs, perimetres, titulaires
from partiteur.web.forms.parc import EtatForm
from partiteur.web.models import Organisation
from partiteur.web.views.socle import envoyer, trouver

FORMES = {"pdf": "PDF", "xlsx": "Classeur", "csv": "CSV", "json": "JSON"}
ETENDUE = ("tout", "departement", "epci", "commune")  # from the widest


def _bailleur(requete: HttpRequest, identifiant: str) -> Organisation:
    trouve: Organisation = trouver(bailleurs(requete.membre, aujourd_hui()), identifiant)
    return trouve


def _lire(
    requete: HttpRequest, bailleur: Organisation, noms: Noms
) -> tuple[Demande | None, EtatForm | None, dict]:
    """What the address asks, among what the member may see: another's perimeter does not exist."""
    parcs, droits = documents.millesimes(bailleur)
    siens = sorted(
        perimetres(requete.membre, bailleur, aujourd_hui()), key=lambda p: ETENDUE.index(p.echelle)
    )
    contexte = {
        "parcs": parcs,
        "droits_lus": droits,
        "perimetres": [(f"{p.echelle}:{p.code}", nommer_perimetre(p)) for p in siens],
    }
    if not parcs or not siens:
        return None, None, contexte
    parc = trouver_ici(parcs, lambda m: m.identifiant, requete.GET.get("millesime"))
    perimetre = trouver_ici(siens, lambda p: f"{p.echelle}:{p.code}", requete.GET.get("perimetre"))
    contexte |= {"parc": parc, "perimetre": f"{perimetre.echelle}:{perimetre.code}"}
    sha_droits = droits.sha if droits else None
    demande = Demande(parc.sha, sha_droits, parc.le, perimetre, "reservataire", None, ())
    formulaire = EtatForm(
        requete.GET,
        lignes=LIGNES,
        colonnes={axe: LIGNES[axe] for axe in COLONNES},
        filtres=documents.choix(demande, noms),
    )
    lus = formulaire.cleaned_data if formulaire.is_valid() else {}
    lignes, colonnes = lus.get("lignes") or "reservataire", lus.get("colonnes") or None
    filtres = tuple((axe, lus[axe]) for axe in FILTRES if lus.get(axe))
    if colonnes == lignes:
        colonnes = None
    return (
        Demande(parc.sha, sha_droits, parc.le, perimetre, lignes, colonnes, filtres),
        formulaire,
        contexte,
    )


def trouver_ici(choses: list, cle: object, voulue: str | None) -> object:
    """The one asked, or the first; 404 when there is no such."""
    if not voulue:
        return choses[0]
    trouvee = next((chose for chose in choses if cle(chose) == voulue), None)
    if trouvee is None:
        raise Http404
    return trouvee


@require_safe
def etat_des_lieux(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The dwellings of a bailleur, counted as the address asks."""
    bailleur = _bailleur(requete, identifiant)
    contexte: dict[str, Any] = {"bailleur": bailleur, "formes": FORMES}
    try:
        noms = Noms()
        demande, formulaire, lus = _lire(requete, bailleur, noms)
        contexte |= {"formulaire": formulaire, "demande": demande, **lus}
        if demande is not None:
            selection = documents.compter(demande, demande.axes, demande.filtres)
            contexte |= {
                "selection": selection,
                "tableau": documents.tableau(demande, selection, noms),
                "filtres_dits": documents.en_mots(demande, noms),
            }
            vus = titulaires(requete.membre, bailleur, aujourd_hui())
            contexte["accord"] = rapprochement.resume(requete.membre, bailleur, vus)
    except ErreurUtilisateur as erreur:
        contexte["impossible"] = str(erreur)
    return render(requete, "web/etat_des_lieux/page.html", contexte)


@require_safe
def exporter_etat(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """What is on the screen, as a file."""
    bailleur = _bailleur(requete, identifiant)
    forme = requete.GET.get("forme", "xlsx")
    if forme not in FORMES:
        raise Http404
    try:
        noms = Noms()
        demande, _, _ = _lire(requete, bailleur, noms)
        if demande is None:
            return redirect("etat_des_lieux", identifiant)
        contenu, type_ = documents.exporter(bailleur, demande, forme, noms)
    except ErreurUtilisateur as erreur:
        messages.error(requete, str(erreur))
        return redirect(f"{reverse('etat_des_lieux', args=[identifiant])}?{_sans_forme(requete)}")
    nom = f"etat-des-lieux-{bailleur.siren}-{demande.le:%Y%m%d}.{forme}"
    return envoyer(contenu, type_, nom)


def _sans_forme(requete: HttpRequest) -> str:
    """What the address asked, but the kind of file: back to the page as it was."""
    demande = requete.GET.copy()
    demande.pop("forme", None)
    return demande.urlencode()


@require_safe
def fiche_commune(requete: HttpRequest) -> HttpResponse:
    """One page for a mayor: the parc of the commune, its rights, what it is owed."""
    jour = aujourd_hui()
    try:
        return _fiche(requete, jour)
    except ErreurUtilisateur as erreur:
        contexte = {"impossible": str(erreur)}
        return render(requete, "web/etat_des_lieux/commune.html", contexte)


def _fiche(requete: HttpRequest, jour: date) -> HttpResponse:
    fiche, possibles = _lire_la_fiche(requete, jour)
    contexte = {"fiche": fiche, "communes": possibles, "formes": communes.FORMES}
    contexte |= {"personne": communes.PERSONNE, "rappel": communes.RAPPEL}
    return render(requete, "web/etat_des_lieux/commune.html", contexte)


def _lire_la_fiche(requete: HttpRequest, jour: date) -> tuple[FicheCommune | None, list[tuple[str, str]]]:
    """The sheet the address asks, or that of the organisation; and the communes that may be asked."""
    possibles = communes.communes_possibles(requete.membre, jour)
    code = requete.GET.get("commune") or communes.sa_commune(requete.membre, jour)
    if requete.GET.get("commune") and code not in dict(possibles):
        raise Http404
    return (communes.fiche(requete.membre, code, jour) if code else None), possibles


@require_safe
def exporter_fiche(requete: HttpRequest) -> HttpResponse:
    """The same sheet, as a file."""
    forme = requete.GET.get("forme", "json")
    if forme not in communes.FORMES:
        raise Http404
    try:
        fiche, _ = _lire_la_fiche(requete, aujourd_hui())
        if fiche is None:
            return redirect("fiche_commune")
        contenu, type_ = communes.exporter(fiche, forme)
    except ErreurUtilisateur as erreur:
        messages.error(requete, str(erreur))
        return redirect(f"{reverse('fiche_commune')}?{_sans_forme(requete)}")
    return envoyer(contenu, type_, f"fiche-commune-{fiche.code}-{fiche.le:%Y%m%d}.{forme}")
