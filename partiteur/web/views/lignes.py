"""The lines of a bailleur's register: a page of them, one with its history and its remarks, a remark to make."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.actions import rapprochement as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import lignes as documents
from partiteur.web.documents import rapprochement
from partiteur.web.documents.etat_des_lieux import Noms
from partiteur.web.documents.remarque import fils, ligne_gardee, registre_corrige
from partiteur.web.droits import Interdit, bailleurs, titulaires
from partiteur.web.forms.rapprochement import LignesForm, RemarqueForm
from partiteur.web.models import Organisation, Remarque, Reservataire
from partiteur.web.views.socle import agir, envoyer, trouver


def lire_bailleur(requete: HttpRequest, identifiant: str) -> tuple[Organisation, frozenset[str] | None]:
    """The bailleur of an address, and whose lines of it the member may read."""
    bailleur = trouver(bailleurs(requete.membre, aujourd_hui()), identifiant)
    return bailleur, titulaires(requete.membre, bailleur, aujourd_hui())


def ou_dire(vue: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose files may not be read: the sentence is said on the état des lieux."""

    @wraps(vue)
    def faire(requete: HttpRequest, identifiant: str) -> HttpResponse:
        try:
            return vue(requete, identifiant)
        except Interdit:
            raise
        except ErreurUtilisateur as erreur:
            messages.error(requete, str(erreur))
            return redirect("etat_des_lieux", identifiant)

    return faire


@require_safe
def lignes(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The lines one may read, as the address filters them; `?forme=csv`: those of the register, to sign or to keep."""
    bailleur, vus = lire_bailleur(requete, identifiant)
    contexte: dict[str, Any] = {"bailleur": bailleur, "toutes": vus is None}
    try:
        registre = documents.dernier_registre(bailleur)
        if registre is None:
            return render(requete, "web/rapprochement/lignes.html", contexte)
        if requete.GET.get("forme") == "csv":
            contenu = rapprochement.texte(registre.droits, vus)
            return envoyer(contenu.encode(), "text/csv; charset=utf-8", f"droits-{bailleur.siren}.csv")
        if requete.GET.get("forme") == "corrige" and vus is None:
            contenu = registre_corrige(registre)
            return envoyer(
                contenu.encode(), "text/csv; charset=utf-8", f"droits-{bailleur.siren}-corrige.csv"
            )
        noms = Noms()
        formulaire = LignesForm(requete.GET, choix=documents.choix(registre, vus, noms))
        filtres = formulaire.cleaned_data if formulaire.is_valid() else {}
        condition = documents.filtrer(documents.visibles(vus), filtres)
        decomptes = documents.compter(registre, condition)
        total = sum(d.lignes for d in decomptes)
        page = Paginator(range(total), documents.PAR_PAGE).get_page(requete.GET.get("page"))
        passees = page.start_index() - 1 if total else 0
        contexte |= {
            "registre": registre,
            "formulaire": formulaire,
            "decomptes": decomptes,
            "total": total,
            "droits_comptes": sum(d.droits for d in decomptes),
            "liste": page,
            "lignes": documents.lire(registre, condition, passees, noms),
        }
    except ErreurUtilisateur as erreur:
        contexte["impossible"] = str(erreur)
    return render(requete, "web/rapprochement/lignes.html", contexte)


@require_safe
@ou_dire
def ligne(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """One line: what it says, its dwelling, its history, the remarks on it; another's line does not exist."""
    bailleur, vus = lire_bailleur(requete, identifiant)
    registre, trouvee = _trouver(requete, bailleur, vus)
    if trouvee is None:
        return redirect("lignes", identifiant)
    remarques = Remarque.objects.de(requete.membre.organisation).filter(bailleur=bailleur, cle=trouvee["cle"])
    histoire = documents.histoire(bailleur, vus, trouvee["cle"])
    lues = list(remarques.select_related("reservataire").avec_etat())
    return render(
        requete,
        "web/rapprochement/ligne.html",
        {
            "bailleur": bailleur,
            "registre": registre,
            "ligne": documents.montrer(trouvee, Noms()),
            "fiche": documents.fiche(trouvee),
            "versions": [(v, documents.qui_a_importe(requete.membre, v.millesime)) for v in histoire],
            "fils": fils(lues, requete.membre, registre),
            "sortes": [(s, m) for s, m in Remarque.CATEGORIES.items() if s != "manquante"],
        },
    )


def _trouver(
    requete: HttpRequest, bailleur: Organisation, vus: frozenset[str] | None
) -> tuple[documents.Registre | None, Mapping[str, Any] | None]:
    """The last register, and the line of the address (None: it names none). 404: there is none such to see."""
    registre, cle = documents.dernier_registre(bailleur), requete.GET.get("cle", "")
    if not cle or registre is None:
        return registre, None
    trouvee = documents.trouver(registre, vus, cle)
    if trouvee is None:
        raise Http404
    return registre, trouvee


@require_http_methods(["GET", "HEAD", "POST"])
@ou_dire
def remarquer(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Make a remark: `?cle=` on a line, else on one that is missing; `?sorte=` says which."""
    bailleur, vus = lire_bailleur(requete, identifiant)
    registre, trouvee = _trouver(requete, bailleur, vus)
    sorte = requete.GET.get("sorte", "") if trouvee else "manquante"
    reservataire = _reservataire(requete, registre, vus, trouvee)
    if registre is None or reservataire is None or sorte not in Remarque.CATEGORIES:
        return redirect("ecarts", identifiant)
    initial = {nom: valeur for nom, valeur in requete.GET.items() if nom not in ("cle", "sorte", "avec")}
    siens = sorted(rapprochement.codes_de(reservataire))
    formulaire = RemarqueForm(requete.POST or None, categorie=sorte, codes=siens, initial=initial)

    def acte() -> None:
        actes.ouvrir(
            par=requete.membre,
            registre=registre.droits,
            reservataire=reservataire,
            cle=trouvee["cle"] if trouvee else "",
            ligne=ligne_gardee(trouvee) if trouvee else {},
            categorie=sorte,
            propose=formulaire.propose(),
            texte=formulaire.cleaned_data["texte"],
        )

    if requete.method == "POST":
        autre = reservataire if vus is None else bailleur
        dit = f"Votre remarque est adressée à {autre}."
        suite = agir(requete, formulaire, acte, dit, "ecarts", identifiant)
        if suite is not None:
            return redirect(f"{suite.url}{_avec(requete, reservataire)}")
    return render(
        requete,
        "web/rapprochement/remarquer.html",
        {
            "bailleur": bailleur,
            "autre": reservataire if vus is None else bailleur,
            "formulaire": formulaire,
            "titre": Remarque.CATEGORIES[sorte],
            "ligne": documents.montrer(trouvee, Noms()) if trouvee else None,
            "fiche": documents.fiche(trouvee) if trouvee else [],
            "retour": _retour(bailleur, trouvee, _avec(requete, reservataire)),
        },
    )


def _avec(requete: HttpRequest, reservataire: Organisation) -> str:
    """To the bailleur, the address says with whom."""
    return "" if requete.membre.organisation_id == reservataire.pk else f"?avec={reservataire.identifiant}"


def _retour(bailleur: Organisation, trouvee: Mapping[str, Any] | None, avec: str) -> str:
    if trouvee is None:
        return reverse("ecarts", args=[bailleur.identifiant]) + avec
    adresse = QueryDict(mutable=True)
    adresse["cle"] = trouvee["cle"]
    return f"{reverse('ligne', args=[bailleur.identifiant])}?{adresse.urlencode()}"


def _reservataire(
    requete: HttpRequest,
    registre: documents.Registre | None,
    vus: frozenset[str] | None,
    trouvee: Mapping[str, Any] | None,
) -> Organisation | None:
    """Whose line it is, or would be: the member's own, or the one the bailleur speaks to."""
    if vus is not None:
        return requete.membre.organisation if vus else None
    if trouvee is not None:
        sien = Reservataire.objects.select_related("organisation").filter(code=trouvee["titulaire"]).first()
        return sien.organisation if sien else None
    parties = rapprochement.parties(registre) if registre else {}
    return next((o for o in parties if o.identifiant == requete.GET.get("avec")), None)
