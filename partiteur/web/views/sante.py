"""Is the instance well? For a supervisor: yes or no on each thing, nothing of the inside."""

import shutil
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from partiteur.web import gardes
from partiteur.web.actions.horloge import maintenant
from partiteur.web.sauvegarde import sauvegardes

LIBRE = 2**30  # bytes left on the disk of the data
AGE = timedelta(hours=26)  # a backup each night, and the time it takes


def _base() -> bool:
    with connection.cursor() as curseur:
        curseur.execute("select 1 from django_migrations")
    return True


def _gardes() -> bool:
    return not gardes.manquantes(connection)


def _disque() -> bool:
    return shutil.disk_usage(settings.DONNEES).free >= LIBRE


def _sauvegarde() -> bool:
    """The last complete backup is recent; a demo is thrown away and has none."""
    if settings.DEMO:
        return True
    instants = [instant for instant, _ in sauvegardes(settings.SAUVEGARDES)]
    return bool(instants) and maintenant() - instants[-1] <= AGE


CONSTATS: dict[str, Callable[[], bool]] = {
    "base": _base,
    "gardes": _gardes,
    "disque": _disque,
    "sauvegarde": _sauvegarde,
}


@require_safe
def sante(requete: HttpRequest) -> JsonResponse:
    """200 when all is well, 503 otherwise, with what is not."""
    constats = {nom: _dire(constat) for nom, constat in CONSTATS.items()}
    reponse = JsonResponse(
        {nom: "ok" if bon else "en défaut" for nom, bon in constats.items()},
        status=200 if all(constats.values()) else 503,
        json_dumps_params={"ensure_ascii": False},
    )
    reponse.headers["Cache-Control"] = "no-store"
    return reponse


def _dire(constat: Callable[[], bool]) -> bool:
    try:
        return constat()
    except (DatabaseError, OSError):
        return False
