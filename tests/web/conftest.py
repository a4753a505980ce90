"""The web's tests run on production's settings, on SQLite, or on a PostgreSQL they start themselves.

`PARTITEUR_BASE_DE_TEST=postgresql pytest tests/web` starts the cluster once, for every worker.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator

import django
import grappe
import pytest

GRAPPES: list[grappe.Grappe] = []
DOSSIERS: list[str] = []


def _environner() -> None:
    """What an administrator would write, before any setting is read."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "reglages"
    os.environ.setdefault("PARTITEUR_CLE", secrets.token_urlsafe(48))
    if "PARTITEUR_DONNEES" not in os.environ:
        DOSSIERS.append(tempfile.mkdtemp(prefix="partiteur-web-"))
        os.environ["PARTITEUR_DONNEES"] = DOSSIERS[0]
    os.environ["PARTITEUR_HOTES"] = "testserver,localhost"
    os.environ["PARTITEUR_COURRIEL"] = "aucun"
    os.environ["PARTITEUR_OIDC_SERVEUR"] = "https://connexion.exemple"
    os.environ["PARTITEUR_OIDC_CLIENT"] = "partiteur"
    os.environ["PARTITEUR_OIDC_SECRET"] = "secret-d-essai"
    os.environ.pop("PARTITEUR_DEMO", None)
    if os.environ.get(grappe.BASE) == "postgresql" and "DATABASE_URL" not in os.environ:
        GRAPPES.append(grappe.demarrer())
        os.environ["DATABASE_URL"] = GRAPPES[0].adresse


_environner()
django.setup()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first."""
    items.sort(key=lambda test: test.get_closest_marker("long") is None)


def pytest_unconfigure() -> None:
    """Leave no server behind, nor any file."""
    while DOSSIERS:
        shutil.rmtree(DOSSIERS.pop(), ignore_errors=True)
    while GRAPPES:
        GRAPPES.pop().arreter()


@pytest.fixture(autouse=True, scope="session")
def _sans_gardes_pour_vider() -> Iterator[None]:
    """The one place that may empty the account: the end of a test that commits (E8)."""
    from django.db import connection
    from django.test import TransactionTestCase

    from partiteur.web import gardes

    vider = TransactionTestCase._fixture_teardown

    def vider_sans_gardes(cas: TransactionTestCase) -> None:
        with connection.cursor() as curseur:
            for ordre in gardes.ordres(connection.vendor):
                for ligne in ordre.splitlines():
                    if ligne.startswith("drop trigger"):
                        curseur.execute(ligne)
        vider(cas)
        gardes.poser(connection)

    with pytest.MonkeyPatch.context() as remplacement:
        remplacement.setattr(TransactionTestCase, "_fixture_teardown", vider_sans_gardes)
        yield


@pytest.fixture
def monde(db: None) -> "fabriques.Monde":  # noqa: F821 - imported once Django is ready
    """A small territory: see fabriques.Monde."""
    from fabriques import faire_un_monde

    return faire_un_monde()


@pytest.fixture
def connecter() -> Callable[..., "django.test.Client"]:
    """A browser, over https; logged in as a member when one is given."""
    from fabriques import navigateur

    return navigateur
