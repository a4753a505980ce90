"""What issue 8 asks to see: invitation, login with a second factor, the organisation's journal.

With a pointer, by keyboard alone, without JavaScript, at 360 pixels. And every page: axe, both themes, nothing wider
than a phone, targets large enough for a finger.
"""

import os
import time
from contextlib import ExitStack
from datetime import date

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from captures import LARGEURS, THEMES, photographier
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from fabriques import creer_contact, creer_invitation, creer_membre, navigateur
from gestes import Clavier, Pointeur
from test_matrice import ARGUMENTS, JETONS, OBJETS

from partiteur.web.actions.journal import inscrire
from partiteur.web.droits import OPERATEUR, ROLES, Cercle, peut
from partiteur.web.pages import PAGES, Porte

MOT_DE_PASSE = "quatre chevaux sous la pluie"
PERIODE = 30
FACONS = {
    "pointeur": (Pointeur, {}),
    "clavier": (Clavier, {}),
    "sans_javascript": (Pointeur, {"java_script_enabled": False}),
    "telephone": (Pointeur, {"viewport": {"width": 360, "height": 740}, "has_touch": True}),
}


def inscrire_une_vacance(monde):
    """Two events in the bailleur's account: a dwelling freed, offered to the commune."""
    for type_, qui, donnees in (
        ("conge_recu", None, {"typologie": "T3"}),
        ("mise_a_disposition", "c-lieu", {}),
    ):
        with transaction.atomic():
            inscrire(
                par=OPERATEUR, bailleur=monde.bailleur, vacance="v1", type_=type_, reservataire=qui, donnees=donnees,
                date_effet=date(2024, 3, 1),
            )  # fmt: skip


def code(secret, decalage=0):
    """What an application shows now, or in the next half minute."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIODE + decalage))


@pytest.mark.parametrize("facon", FACONS)
def test_de_l_invitation_au_journal(site, monde, chromium, facon):
    """Accept an invitation, log in, record a second factor, log in with it, read the journal."""
    inscrire_une_vacance(monde)
    invitation, jeton = creer_invitation(monde.bailleur, "bailleur_responsable")
    maniere, options = FACONS[facon]
    contexte = chromium.new_context(ignore_https_errors=True, locale="fr-FR", **options)
    page = contexte.new_page()
    page.set_default_timeout(10_000)
    geste = maniere(page)
    try:
        page.goto(f"{site}{reverse('invitation', args=[jeton])}")
        geste.remplir("Mot de passe", MOT_DE_PASSE)
        geste.remplir("Le même mot de passe", MOT_DE_PASSE)
        geste.activer("Créer mon compte")
        connecter(geste, invitation)
        secret = enregistrer_un_second_facteur(page, geste)
        geste.activer("Se déconnecter")
        connecter(geste, invitation)
        geste.remplir("Code", code(secret, 1))
        geste.activer("Se connecter")
        geste.activer("Journal")
        assert "Mise à disposition" in page.locator("table").inner_text()
        assert "Commune du lieu" in page.locator("table").inner_text()
        geste.activer("Vérifier la chaîne")
        assert "intacte" in page.locator(".alerte").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        contexte.close()


def connecter(geste, invitation):
    """By the address invited and the password chosen."""
    geste.remplir("Courriel", invitation.courriel)
    geste.remplir("Mot de passe", MOT_DE_PASSE)
    geste.activer("Se connecter")


def enregistrer_un_second_facteur(page, geste):
    """Read the key the page shows, type the code an application would show; returns the key."""
    geste.activer("Personne invitée")
    geste.activer("Voir mon second facteur")
    geste.activer("Enregistrer un second facteur")
    geste.remplir("Mot de passe", MOT_DE_PASSE)
    geste.activer("Confirmer")
    secret = page.locator("main code").inner_text()
    geste.remplir("Code de l'authentificateur", code(secret))
    geste.activer("Enregistrer")
    return secret


# --- every page

METHODE_REFUSEE = 405  # an address that only takes a form
SANS_PAGE = ("exporter_journal", "mfa_download_recovery_codes")  # a GET that gives a file
# The whole of axe once; in the other theme, only what depends on colours. Contrast is asked at 7:1 in both.
REGLES_AXE = {
    "light": {"rules": {"color-contrast-enhanced": {"enabled": True}}},
    "dark": {"runOnly": ["color-contrast", "color-contrast-enhanced"]},
}
AXE = "regles => axe.run({resultTypes: ['violations'], ...regles}).then(lu => lu.violations)"
CIBLES = """() => [...document.querySelectorAll(
    ".bouton, .lien, .menu a, .filtres a, summary, select, input:not([type=hidden], [type=radio], [type=checkbox])")]
    .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
    .map(e => `${e.className || e.tagName} « ${e.innerText} » ${e.getBoundingClientRect().height}`)"""
DEBORDE = """() => [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".defile, .evitement, .cache"))
    .map(e => `${e.tagName}.${e.className}`)"""


def adresses(monde):
    """Each page that shows something on a GET, and the role to open it with: (name, role or None, address)."""
    jeton = creer_invitation(monde.commune, "reservataire_lecture")[1]
    for nom, page in PAGES.items():
        if page.acces is Porte.FERMEE or nom in SANS_PAGE:
            continue
        if page.acces is Porte.PUBLIQUE:
            argument = jeton if page.objet == "jeton" else JETONS.get(page.objet, (None,))[0]
            yield nom, None, adresse(nom, argument)
            continue
        roles = [r for r in ROLES if page.acces is Porte.CONNECTE or peut(monde.membres[r], page.acces)]
        if nom != "aujourdhui":
            roles = [r for r in ("bailleur_responsable", *roles) if r in roles][:1]
        for role in roles:
            argument = None
            if page.objet:
                proches = (OBJETS[page.objet](monde, monde.membres[role], cercle) for cercle in Cercle)
                argument = next(objet for objet in proches if objet).identifiant
            yield nom, role, adresse(nom, argument)


def adresse(nom, argument):
    """The address of a page, of one of its objects."""
    arguments = ARGUMENTS[nom](argument) if nom in ARGUMENTS else [argument] if argument else []
    return reverse(nom, args=arguments)


def ouvrir(pile, chromium, site, membre, **options):
    """A page, with the session of a member when there is one; closed with the stack."""
    contexte = chromium.new_context(ignore_https_errors=True, locale="fr-FR", color_scheme="light", **options)
    pile.callback(contexte.close)
    if membre:
        nom = settings.SESSION_COOKIE_NAME
        session = navigateur(membre).cookies[nom].value
        contexte.add_cookies([{"name": nom, "value": session, "url": site, "secure": True}])
    return contexte.new_page()


@pytest.mark.long
def test_chaque_page_se_lit(site, monde, chromium):
    """axe finds nothing in either theme; nothing overflows a phone; targets suit a finger.

    With PARTITEUR_CAPTURES=folder, each page is also shot at both widths in both themes.
    """
    inscrire_une_vacance(monde)
    creer_contact(monde.bailleur)
    creer_invitation(monde.bailleur, "bailleur_lecture")
    creer_membre(
        monde.bailleur, "bailleur_lecture", nom="Une personne au nom assez long pour passer à la ligne"
    )
    captures = os.environ.get("PARTITEUR_CAPTURES")
    fautes, vues = [], set()
    with ExitStack() as pile:
        pages = {None: ouvrir(pile, chromium, site, None)}
        for nom, role, chemin in adresses(monde):
            if role not in pages:
                pages[role] = ouvrir(pile, chromium, site, monde.membres[role])
            page = pages[role]
            tete = page.request.head(f"{site}{chemin}")
            if tete.status == METHODE_REFUSEE or not tete.headers["content-type"].startswith("text/html"):
                continue
            reponse = page.goto(f"{site}{chemin}")
            if (page.url, role) in vues:
                continue
            vues.add((page.url, role))
            fautes += [f"{nom} ({role}) : {faute}" for faute in controler(page)]
            if reponse.status >= 500:
                fautes.append(f"{nom} ({role}) : {reponse.status}")
            if captures:
                photographier(page, captures, f"{nom}-{role}")
    assert fautes == []
    assert len(vues) > 50


def controler(page):
    """What is wrong with a page as it is shown."""
    page.set_viewport_size({"width": LARGEURS[0], "height": 800})
    page.evaluate(Axe().axe_script)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for violation in page.evaluate(AXE, REGLES_AXE[theme]):
            cibles = [noeud["html"][:120] for noeud in violation["nodes"][:2]]
            yield f"{theme}, {violation['id']} : {cibles}"
    page.set_viewport_size({"width": LARGEURS[1], "height": 740})
    yield from (f"cible trop petite : {cible}" for cible in page.evaluate(CIBLES))
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        yield f"déborde à {LARGEURS[1]} px : {page.evaluate(DEBORDE)[:3]}"
