"""What views share: finding an object among those the caller may see; acting, then going back; sending a file."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.droits import Interdit


def trouver(lignes: QuerySet, identifiant: str) -> Any:
    """The row of an identifier, among those given. Another's object is a 404, as one that does not exist."""
    trouvee = lignes.filter(identifiant=identifiant).first()
    if trouvee is None:
        raise Http404
    return trouvee


def agir(
    requete: HttpRequest, formulaire: Form | None, acte: Callable[[], Any], dit: str, vers: str, *ou: Any
) -> HttpResponse | None:
    """Do the act and go to `vers`, saying `dit`; None when the form is not good or the act is refused.

    What the act refuses is an error of the form, or a message where there is no form.
    """
    if formulaire is not None and not formulaire.is_valid():
        return None
    try:
        acte()
    except Interdit:
        raise
    except ErreurUtilisateur as erreur:
        if formulaire is None:
            messages.error(requete, str(erreur))
            return redirect(vers, *ou)
        formulaire.add_error(None, str(erreur))
        return None
    if dit:
        messages.success(requete, dit)
    return redirect(vers, *ou)


def envoyer(contenu: bytes | str, type_: str, nom: str) -> HttpResponse:
    """A file to keep, under a name that holds no person."""
    return HttpResponse(
        contenu, content_type=type_, headers={"Content-Disposition": f'attachment; filename="{nom}"'}
    )
