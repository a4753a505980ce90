"""What the application checks of itself before it serves."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import OperationalError, connections
from django.urls import URLPattern, URLResolver, get_resolver

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web import gardes
from partiteur.web.exploitant import lire_exploitant
from partiteur.web.pages import PAGES


class ServiceRefuse(ErreurUtilisateur):
    """The site refuses to serve in this state."""


def noms_des_adresses(motifs: list[Any] | None = None) -> Iterator[tuple[str, str | None]]:
    """Each address there is, its pattern and its name."""
    for motif in get_resolver().url_patterns if motifs is None else motifs:
        if isinstance(motif, URLResolver):
            yield from noms_des_adresses(motif.url_patterns)
        elif isinstance(motif, URLPattern):
            yield str(motif.pattern), motif.name


def adresses(**_: Any) -> list[CheckMessage]:
    """Every address is in pages.PAGES."""
    return [
        Error(
            f"L'adresse « {motif} » (nom : {nom}) n'est pas déclarée dans pages.PAGES.",
            hint="Dites-y quelle permission elle demande, et de quel cercle.",
            id="web.E001",
        )
        for motif, nom in noms_des_adresses()
        if nom not in PAGES
    ]


def gardes_posees() -> list[CheckMessage]:
    """Every guard is there. No check of Django's: it would stop the migration that puts them back."""
    return [
        Error(
            f"La garde « {nom} » manque dans la base.",
            hint="Lancez « partiteur serveur preparer » et cherchez qui l'a retirée.",
            id="web.E002",
        )
        for nom in gardes.manquantes(connections["default"])
    ]


def surete(**_: Any) -> list[CheckMessage]:
    """In production, what protects people is on."""
    attendus = {
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "DEBUG": False,
        "X_FRAME_OPTIONS": "DENY",
    }
    fautes = [nom for nom, voulu in attendus.items() if getattr(settings, nom) != voulu]
    if not settings.SECURE_HSTS_SECONDS:
        fautes.append("SECURE_HSTS_SECONDS")
    politique = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    if any("unsafe" in source for sources in politique.values() for source in sources):
        fautes.append("CONTENT_SECURITY_POLICY")
    return [Error(f"Le réglage {nom} n'est pas sûr.", id="web.E003") for nom in fautes]


def exiger() -> None:
    """Raises ServiceRefuse when the site is not fit to serve: guards, migrations, safety; ExploitantIllisible."""
    from django.db.migrations.executor import MigrationExecutor

    connexion = connections["default"]
    try:
        connexion.ensure_connection()
    except OperationalError as erreur:
        raise ServiceRefuse(
            "La base de données ne répond pas : vérifiez qu'elle tourne, et l'adresse de DATABASE_URL."
        ) from erreur
    executeur = MigrationExecutor(connexion)
    if executeur.migration_plan(executeur.loader.graph.leaf_nodes()):
        raise ServiceRefuse(
            "La base n'est pas à jour : lancez « partiteur serveur preparer », puis relancez."
        )
    lire_exploitant(settings.DONNEES)
    fautes = [*gardes_posees(), *adresses(), *([] if settings.DEMO else surete())]
    if fautes:
        raise ServiceRefuse(f"Le site refuse de servir : {fautes[0].msg} {fautes[0].hint or ''}".strip())
