"""What issue 9 asks to see: a réservataire reads its état des lieux on a phone and contests a line; the bailleur accepts.

At 360 pixels, by keyboard alone, without JavaScript; every page it goes through is clean for axe.
"""

from contextlib import ExitStack

import pytest
from django.conf import settings as reglages
from django.urls import reverse
from fabriques import DU, navigateur
from gestes import Clavier, Pointeur
from test_parc import importer
from test_parcours import controler

from partiteur.web.actions import organisation
from partiteur.web.documents import etat_des_lieux as etats
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Accord, Remarque

DROITS = "droit;reservataire;programme;logement;nombre;fin\nd1;c-lieu;P1;;4;\nd2;c-lieu;;25;1;31/12/2040\nd3;autre;P4;;3;\n"
TELEPHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
FACONS = {
    "telephone": (Pointeur, TELEPHONE),
    "clavier_sans_javascript": (
        Clavier,
        {"viewport": {"width": 360, "height": 740}, "java_script_enabled": False},
    ),
}


@pytest.fixture
def tenu(monde, settings, tmp_path):
    """A parc and its register, and a commune with two lines of it."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"
    etats._compter.cache_clear()
    organisation.reserver(
        par=OPERATEUR,
        bailleur=monde.bailleur,
        reservataire=monde.codes["c-lieu"],
        echelle="commune",
        code="06029",
        du=DU,
    )
    importer(monde.bailleur)
    importer(monde.bailleur, DROITS, "droits")
    return monde


def entrer(pile, chromium, site, membre, facon, **options):
    """A page with a member's session, and the way it is used."""
    contexte = chromium.new_context(ignore_https_errors=True, locale="fr-FR", **options)
    pile.callback(contexte.close)
    nom = reglages.SESSION_COOKIE_NAME
    session = navigateur(membre).cookies[nom].value
    contexte.add_cookies([{"name": nom, "value": session, "url": site, "secure": True}])
    page = contexte.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{site}{reverse('aujourdhui')}")
    return page, facon(page)


@pytest.mark.parametrize("facon", FACONS)
def test_de_l_etat_des_lieux_a_l_accord(site, tenu, chromium, facon):
    """Read, contest, accept; then both agree, and the état des lieux says so."""
    maniere, options = FACONS[facon]
    verifier = options.get("java_script_enabled", True)
    with ExitStack() as pile:
        page, geste = entrer(
            pile, chromium, site, tenu.membres["reservataire_designation"], maniere, **options
        )
        geste.activer("Parc")
        if "/parc/" in page.url and page.get_by_role("link", name="Bailleur du lieu", exact=True).count():
            geste.activer("Bailleur du lieu")
        assert "ne sont pas encore arrêtées" in page.locator("main").inner_text()
        geste.activer("Les lignes")
        assert "d3" not in page.locator("main").inner_text()
        lisible(page, verifier)
        geste.activer("P1")
        lisible(page, verifier)
        geste.activer("Le nombre de logements est faux")
        geste.remplir("Nombre de logements", "6")
        geste.remplir("Pourquoi", "La convention dit six.")
        lisible(page, verifier)
        geste.activer("Envoyer la remarque")
        assert "est adressée à Bailleur du lieu" in page.locator(".alerte.success").first.inner_text()
        lisible(page, verifier)
        assert Remarque.objects.get().categorie == "nombre"

        chez_lui, autre = entrer(
            pile, chromium, site, tenu.membres["bailleur_responsable"], maniere, **options
        )
        autre.activer("Répondre")
        assert "La convention dit six." in chez_lui.locator("main").inner_text()
        lisible(chez_lui, verifier)
        autre.activer("Accepter la correction")
        assert "acceptée, à porter au registre" in chez_lui.locator("main").inner_text()
        autre.activer("Écarts entre nous")
        arreter(chez_lui, autre)
        autre.activer("Tous les réservataires")
        lisible(chez_lui, verifier)

        page.goto(f"{site}{reverse('aujourdhui')}")
        geste.activer("Les relire")
        arreter(page, geste)
        lisible(page, verifier)
        geste.activer("État des lieux")
        assert "État arrêté d'un commun accord" in page.locator("main").inner_text()
        lisible(page, verifier)
        assert Accord.objects.count() == 2


def arreter(page, geste):
    """Tick, and say yes."""
    geste.cocher("J'ai lu ces lignes et je les arrête pour mon organisation")
    geste.activer("Arrêter ces lignes")
    assert "Vous avez arrêté ces lignes" in page.locator(".alerte.success").first.inner_text()


def lisible(page, verifier):
    """Nothing passes the edge of a phone; with JavaScript, axe finds nothing in either theme."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    if verifier:
        assert list(controler(page)) == [], page.url
        page.emulate_media(color_scheme="light")
