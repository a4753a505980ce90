"""The journal of accesses: written by one middleware, and at each login."""

from partiteur.web.actions.acte import acte
from partiteur.web.actions.horloge import maintenant
from partiteur.web.models import Acces, Organisation, Utilisateur


@acte(None)
def noter(
    *, utilisateur: Utilisateur, organisation: Organisation | None, genre: str, page: str, objet: str = ""
) -> Acces:
    """Note one access. `genre`: a key of Acces.GENRES; `page`: a name of pages.PAGES."""
    return Acces.objects.create(
        instant=maintenant(),
        utilisateur=utilisateur,
        organisation=organisation,
        genre=genre,
        page=page,
        objet=objet,
    )
