"""Error pages: what happened, what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def formulaire_expire(requete: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose proof of origin is missing: mostly a page left open too long."""
    return render(
        requete,
        "403.html",
        {
            "exception": "Ce formulaire a expiré : revenez à la page précédente, rechargez-la, puis recommencez."
        },
        status=403,
    )
