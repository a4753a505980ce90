"""« Écarts entre nous »: the two sides' differences, their remarks, the list of one, the lines both agree."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.actions import rapprochement as actes
from partiteur.web.documents import lignes as lignes_lues
from partiteur.web.documents import rapprochement as documents
from partiteur.web.documents.lignes import Registre, visibles
from partiteur.web.documents.remarque import fils
from partiteur.web.droits import Permission, peut
from partiteur.web.forms.rapprochement import AccordForm, ListeForm, ReponseForm
from partiteur.web.models import Organisation, Remarque
from partiteur.web.views.lignes import lire_bailleur, ou_dire
from partiteur.web.views.socle import agir, trouver

PAR_PAGE = 50


@require_safe
def ecarts(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """What two sides do not say alike; to the bailleur, first the table of its réservataires."""
    bailleur, vus = lire_bailleur(requete, identifiant)
    return _montrer(requete, bailleur, vus)


def _montrer(
    requete: HttpRequest,
    bailleur: Organisation,
    vus: frozenset[str] | None,
    liste: ListeForm | None = None,
    accord: AccordForm | None = None,
) -> HttpResponse:
    contexte: dict[str, Any] = {"bailleur": bailleur, "toutes": vus is None}
    try:
        registre = lignes_lues.dernier_registre(bailleur)
        contexte["registre"] = registre
        if registre is None:
            return render(requete, "web/rapprochement/ecarts.html", contexte)
        reservataire, codes = _avec(requete, registre, vus)
        if reservataire is None:
            contexte |= {
                "parties": documents.tableau(registre) if vus is None else [],
                "decomptes": lignes_lues.compter(registre, visibles(vus)),
                "sans_droit": (sans := documents.reserves_sans_droit(registre) if vus is None else []),
                "total_sans_droit": sum(ligne[-1] for ligne in sans),
            }
            return render(requete, "web/rapprochement/parties.html", contexte)
        contexte |= _entre(requete, registre, reservataire, codes, accord)
        contexte["liste_formulaire"] = liste or ListeForm()
    except ErreurUtilisateur as erreur:
        contexte["impossible"] = str(erreur)
    return render(requete, "web/rapprochement/ecarts.html", contexte)


def _avec(
    requete: HttpRequest, registre: Registre, vus: frozenset[str] | None
) -> tuple[Organisation | None, frozenset[str]]:
    """The réservataire the page is about, and its codes; None: all of them. 404: not in this register."""
    if vus is not None:
        return (requete.membre.organisation, vus) if vus else (None, vus)
    voulu = requete.GET.get("avec")
    if not voulu:
        return None, frozenset()
    for organisation, codes in documents.parties(registre).items():
        if organisation.identifiant == voulu:
            return organisation, codes
    raise Http404


def _entre(
    requete: HttpRequest,
    registre: Registre,
    reservataire: Organisation,
    codes: frozenset[str],
    accord: AccordForm | None,
) -> dict[str, Any]:
    bailleur = registre.droits.bailleur
    (siennes,) = documents.extraits(registre.droits, codes)
    etat = documents.etat(bailleur, reservataire, siennes)
    remarques = Remarque.objects.entre(bailleur, reservataire).select_related("reservataire").avec_etat()
    page = Paginator(remarques, PAR_PAGE).get_page(requete.GET.get("remarques"))
    chez_soi = requete.membre.organisation_id == bailleur.pk
    contexte = {
        "reservataire": reservataire,
        "autre": reservataire if chez_soi else bailleur,
        "avec": f"?avec={reservataire.identifiant}" if chez_soi else "",
        "extrait": siennes,
        "etat": etat,
        "deja_arrete": etat.par_bailleur if chez_soi else etat.par_reservataire,
        "fils": fils(list(page), requete.membre, registre),
        "remarques": page,
        "decomptes": lignes_lues.compter(registre, visibles(codes)),
        "code_filtre": next(iter(codes)) if chez_soi and len(codes) == 1 else "",
        "liste": documents.derniere_liste(bailleur, reservataire),
        "accord": accord or AccordForm(initial={"empreinte": siennes.empreinte}),
    }
    if contexte["liste"]:
        comparaison = documents.comparer(registre, codes, contexte["liste"])
        paires = Paginator(comparaison.ecarts, PAR_PAGE).get_page(requete.GET.get("page"))
        contexte |= {
            "nombres": documents.nombres_de_liste(comparaison),
            "total_de_liste": sum(comparaison.nombres.values()),
            "paires": [documents.montrer_paire(paire) for paire in paires],
            "liste_des_paires": paires,
        }
    return contexte


@require_POST
def deposer_liste(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """The réservataire says what rights it has: its list is read, kept, set beside the register."""
    bailleur, vus = lire_bailleur(requete, identifiant)
    formulaire = ListeForm(requete.POST, requete.FILES)

    def acte() -> None:
        lue = documents.recevoir(formulaire.cleaned_data["fichier"], vus or frozenset())
        actes.deposer_liste(par=requete.membre, bailleur=bailleur, **vars(lue))

    suite = agir(requete, formulaire, acte, "Votre liste est comparée au registre.", "ecarts", identifiant)
    return suite or _montrer(requete, bailleur, vus, liste=formulaire)


@require_POST
@ou_dire
def arreter_droits(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Agree the lines one has read, and no other: they are named by the digest of their text."""
    bailleur, vus = lire_bailleur(requete, identifiant)
    registre = lignes_lues.dernier_registre(bailleur)
    if registre is None:
        return redirect("ecarts", identifiant)
    reservataire, codes = _avec(requete, registre, vus)
    if reservataire is None:
        return redirect("ecarts", identifiant)
    (siennes,) = documents.extraits(registre.droits, codes)
    formulaire = AccordForm(requete.POST)
    if formulaire.is_valid() and formulaire.cleaned_data["empreinte"] != siennes.empreinte:
        messages.error(requete, "Les lignes ont changé depuis que vous les avez lues : relisez-les.")
        return redirect("ecarts", identifiant)

    def acte() -> None:
        actes.arreter(
            par=requete.membre, registre=registre.droits, reservataire=reservataire, extrait=siennes
        )

    dit = "Vous avez arrêté ces lignes ; l'autre partie en est avertie."
    suite = agir(requete, formulaire, acte, dit, "ecarts", identifiant)
    if suite is None:
        return _montrer(requete, bailleur, vus, accord=formulaire)
    avec = f"?avec={reservataire.identifiant}" if vus is None else ""
    return redirect(f"{suite.url}{avec}")


@require_safe
def remarque(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """A remark, its thread, and what one may answer."""
    return _fil(requete, _trouver(requete, identifiant), None)


def _trouver(requete: HttpRequest, identifiant: str) -> Remarque:
    siennes = Remarque.objects.de(requete.membre.organisation).avec_etat()
    trouvee: Remarque = trouver(siennes.select_related("bailleur", "reservataire", "registre"), identifiant)
    return trouvee


def _fil(requete: HttpRequest, trouvee: Remarque, formulaire: ReponseForm | None) -> HttpResponse:
    registre = lignes_lues.dernier_registre(trouvee.bailleur)
    (fil,) = fils([trouvee], requete.membre, registre, messages=True)
    actes_permis = trouvee.permis(requete.membre.organisation) if fil.ouverte else ()
    chez_soi = requete.membre.organisation_id == trouvee.bailleur_id
    return render(
        requete,
        "web/rapprochement/remarque.html",
        {
            "remarque": trouvee,
            "fil": fil,
            "permis": actes_permis if peut(requete.membre, Permission.RAPPROCHER) else (),
            "formulaire": formulaire or ReponseForm(),
            "avec": f"?avec={trouvee.reservataire.identifiant}" if chez_soi else "",
        },
    )


@require_POST
def repondre_remarque(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Answer, accept, refuse or withdraw."""
    trouvee = _trouver(requete, identifiant)
    formulaire = ReponseForm(requete.POST)

    def acte() -> None:
        actes.repondre(par=requete.membre, remarque=trouvee, **formulaire.cleaned_data)

    suite = agir(requete, formulaire, acte, "Votre réponse est inscrite.", "remarque", identifiant)
    return suite or _fil(requete, trouvee, formulaire)
