"""The organisations of the instance, for its administrator."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from partiteur.web.actions import organisation as actes
from partiteur.web.forms.organisation import OrganisationForm, SuccessionForm
from partiteur.web.models import Organisation, Succession
from partiteur.web.views.membre import inviter_dans
from partiteur.web.views.socle import agir, trouver


@require_safe
def organisations(requete: HttpRequest) -> HttpResponse:
    """All of them, and how they followed one another."""
    return render(
        requete,
        "web/organisation/liste.html",
        {
            "organisations": Organisation.objects.all(),
            "successions": Succession.objects.select_related("cedante", "beneficiaire"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def creer_organisation(requete: HttpRequest) -> HttpResponse:
    """Create one."""
    formulaire = OrganisationForm(requete.POST or None)

    def acte() -> None:
        lus: dict[str, Any] = formulaire.cleaned_data
        actes.creer(
            par=requete.membre,
            siren=lus["siren"],
            nom=lus["nom"],
            type_=lus["type_"],
            du=lus["du"],
            territoires=[(lus["echelle"], lus["code_territoire"])] if lus["echelle"] else [],
            codes=[(lus["code"], lus["type_reservataire"])] if lus["code"] else [],
        )

    if requete.method == "POST":
        suite = agir(
            requete,
            formulaire,
            acte,
            "L'organisation est créée. Invitez-y une première personne.",
            "organisations",
        )
        if suite:
            return suite
    return render(requete, "web/organisation/creer.html", {"formulaire": formulaire})


@require_safe
def organisation(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """One of them: territories, codes, rights, members' count; nothing of its business."""
    trouvee = trouver(Organisation.objects.all(), identifiant)
    return render(requete, "web/organisation/page.html", {"organisation": trouvee})


@require_http_methods(["GET", "HEAD", "POST"])
def inviter_ailleurs(requete: HttpRequest, identifiant: str) -> HttpResponse:
    """Invite the first person of an organisation."""
    trouvee = trouver(Organisation.objects.all(), identifiant)
    return inviter_dans(requete, trouvee, "organisation", identifiant)


@require_http_methods(["GET", "HEAD", "POST"])
def succession(requete: HttpRequest) -> HttpResponse:
    """Record a merger or a transfer of parc."""
    formulaire = SuccessionForm(requete.POST or None)
    if requete.method == "POST":
        suite = agir(
            requete,
            formulaire,
            lambda: actes.succeder(par=requete.membre, **formulaire.cleaned_data),
            "La succession est enregistrée.",
            "organisations",
        )
        if suite:
            return suite
    return render(requete, "web/organisation/succession.html", {"formulaire": formulaire})
