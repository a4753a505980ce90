"""The members of an organisation, their invitations, and who saw what."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from partiteur.web.actions import membre as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents.mots import mots
from partiteur.web.droits import ROLES
from partiteur.web.forms.membre import AccueilForm, InvitationForm, RoleForm
from partiteur.web.models import Acces, Dossier, Membre, Organisation
from partiteur.web.views.socle import agir, trouver

PAR_PAGE = 50


def _membres(organisation: Organisation):
    return Membre.objects.au(aujourd_hui()).filter(organisation=organisation).select_related("utilisateur")


@require_safe
def membres(requete: HttpRequest) -> HttpResponse:
    """Who belongs to the organisation, who was invited."""
    organisation = requete.membre.organisation
    return render(
        requete,
        "web/membre/liste.html",
        {
            "lignes": [(m, ROLES.get(m.role)) for m in _membres(organisation)],
            "invitations": organisation.invitations.filter(acceptee_le=None, annulee_le=None),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def inviter(requete: HttpRequest) -> HttpResponse:
    """Invite somebody to one's own organisation."""
    return inviter_dans(requete, requete.membre.organisation, "membres")


def inviter_dans(requete: HttpRequest, organisation: Organisation, vers: str, *ou: str) -> HttpResponse:
    """The page that invites; without a mail relay, the link is shown once to whoever invites."""
    formulaire = InvitationForm(requete.POST or None, organisation=organisation)
    adresse = requete.build_absolute_uri(reverse("invitation", args=["-"]))[:-2]

    def acte() -> None:
        _, jeton = actes.inviter(
            par=requete.membre,
            organisation=organisation,
            adresse="" if settings.SANS_COURRIEL else adresse,
            **formulaire.cleaned_data,
        )
        if settings.SANS_COURRIEL:
            messages.warning(
                requete, f"Aucun courriel ne part d'ici : remettez ce lien en main propre. {adresse}{jeton}/"
            )

    if requete.method == "POST":
        suite = agir(requete, formulaire, acte, "L'invitation est prête ; elle vaut sept jours.", vers, *ou)
        if suite:
            return suite
    return render(
        requete, "web/membre/inviter.html", {"formulaire": formulaire, "organisation": organisation}
    )


@require_POST
def annuler_invitation(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Cancel an invitation of one's own organisation."""
    invitation = trouver(requete.membre.organisation.invitations.all(), identifiant)
    return agir(
        requete,
        None,
        lambda: actes.annuler(par=requete.membre, invitation=invitation),
        "L'invitation est annulée : son lien ne mène plus à rien.",
        "membres",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def changer_role(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Give a member of one's own organisation another role."""
    membre = trouver(_membres(requete.membre.organisation), identifiant)
    formulaire = RoleForm(
        requete.POST or None,
        organisation=requete.membre.organisation,
        initial={"role": membre.role, "referent": membre.referent},
    )
    if requete.method == "POST":
        suite = agir(
            requete,
            formulaire,
            lambda: actes.changer_role(par=requete.membre, membre=membre, **formulaire.cleaned_data),
            f"Le rôle de {membre.utilisateur} est changé.",
            "membres",
        )
        if suite:
            return suite
    return render(requete, "web/membre/role.html", {"formulaire": formulaire, "cible": membre})


@require_POST
def retirer_membre(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """End a membership of one's own organisation."""
    membre = trouver(_membres(requete.membre.organisation), identifiant)
    return agir(
        requete,
        None,
        lambda: actes.retirer(par=requete.membre, membre=membre),
        f"{membre.utilisateur} n'est plus membre.",
        "membres",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(requete: HttpRequest, jeton: str) -> HttpResponse:
    """Read an invitation, then accept it: a GET shows, a POST joins (mail scanners open links)."""
    try:
        lue = actes.lire_invitation(jeton)
    except actes.InvitationPerimee as erreur:
        reponse = render(requete, "web/membre/invitation_perimee.html", {"phrase": str(erreur)}, status=410)
        return _sans_trace(reponse)
    a_un_compte = requete.user.is_authenticated
    formulaire = None if a_un_compte else AccueilForm(requete.POST or None)
    if requete.method == "POST":
        suite = agir(
            requete,
            formulaire,
            lambda: actes.accepter(
                jeton=jeton,
                mot_de_passe=formulaire.cleaned_data["mot_de_passe"] if formulaire else "",
                utilisateur=requete.user if a_un_compte else None,
            ),
            f"Bienvenue. Vous êtes membre de {lue.organisation} : connectez-vous avec votre adresse.",
            "aujourdhui",
        )
        if suite:
            return _sans_trace(suite)
    return _sans_trace(
        render(
            requete,
            "web/membre/invitation.html",
            {"invitation": lue, "role_propose": ROLES.get(lue.role), "formulaire": formulaire},
        )
    )


def _sans_trace(reponse: HttpResponse) -> HttpResponse:
    """The address holds a token: it is neither kept nor told to another site."""
    reponse.headers["Referrer-Policy"] = "strict-origin"  # the token goes nowhere; a form keeps its origin
    reponse.headers["Cache-Control"] = "no-store"
    return reponse


@require_safe
def acces(requete: HttpRequest) -> HttpResponse:
    """Who of the organisation looked at what, who downloaded what."""
    lus = Acces.objects.filter(organisation=requete.membre.organisation).select_related("utilisateur")
    genre = requete.GET.get("genre", "")
    if genre in Acces.GENRES:
        lus = lus.filter(genre=genre)
    page = Paginator(lus, PAR_PAGE).get_page(requete.GET.get("page"))
    return render(
        requete,
        "web/membre/acces.html",
        {
            "liste": page,
            "objets": _objets(page),
            "genre": genre,
            "genres": Acces.GENRES.items(),
            "pages": mots()["pages"],
        },
    )


def _objets(acces_lus: Iterable[Acces]) -> dict[str, str]:
    """What the identifiers of accesses are the names of: organisations and dossiers; others are left to the page's words."""
    vus = {lu.objet for lu in acces_lus if lu.objet}
    return {
        objet.identifiant: str(objet)
        for lignes in (Organisation.objects, Dossier.objects.select_related("bailleur"))
        for objet in lignes.filter(identifiant__in=vus)
    }
