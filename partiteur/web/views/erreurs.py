"""Error pages: what happened, what to do."""

import errno
import sys
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.defaults import server_error

PLEIN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SQLITE_PLEIN, POSTGRESQL_PLEIN = 13, "53100"
SQLITE_ABSENTE = (
    5,
    6,
    10,
    14,
)  # busy, locked, cannot read or write the file, cannot open it; the rest is our fault
# DuckDB and pyarrow only say it in words.
MOTS_DU_DISQUE = ("No space left on device", "Disk quota exceeded", "File too large")
REVENIR = "60"  # seconds


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


def panne(requete: HttpRequest) -> HttpResponse:
    """The disk is full, or the database does not answer: said as it is, to be tried again; else a fault of ours."""
    erreurs = list(_causes(sys.exc_info()[1]))
    if any(map(disque_plein, erreurs)):
        return _indisponible("disque")
    if any(map(base_absente, erreurs)):
        return _indisponible("base")
    return server_error(requete)


def disque_plein(erreur: BaseException) -> bool:
    """Does this error say that the disk, or the database's, takes no more?"""
    return (
        (isinstance(erreur, OSError) and erreur.errno in PLEIN)
        or getattr(erreur, "sqlite_errorcode", None) == SQLITE_PLEIN
        or getattr(erreur, "sqlstate", None) == POSTGRESQL_PLEIN
        or any(mots in str(erreur) for mots in MOTS_DU_DISQUE)
    )


def base_absente(erreur: BaseException) -> bool:
    """Does this error say that the database does not answer, for now? PostgreSQL says little else by these classes."""
    code = getattr(erreur.__cause__, "sqlite_errorcode", None)
    return isinstance(erreur, OperationalError | InterfaceError) and (
        code is None or code & 0xFF in SQLITE_ABSENTE
    )


def _causes(erreur: BaseException | None) -> Iterator[BaseException]:
    while erreur is not None:
        yield erreur
        erreur = erreur.__cause__ or erreur.__context__


def _indisponible(quoi: str) -> HttpResponse:
    """A page that asks nothing of the database, nor of the disk."""
    reponse = HttpResponse(loader.render_to_string("panne.html", {"quoi": quoi}), status=503)
    reponse.headers["Retry-After"], reponse.headers["Cache-Control"] = REVENIR, "no-store"
    return reponse
