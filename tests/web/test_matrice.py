"""The matrix: every address and every act × every role × mine, a co-réservataire's, a stranger's.

Nothing is listed twice: addresses come from pages, roles from droits; what is new there is tried here, or fails.
"""

from datetime import date

import pytest
from django.db import transaction
from django.urls import get_resolver, path, reverse
from fabriques import (
    creer_contact,
    creer_depot,
    creer_dossier,
    creer_invitation,
    creer_membre,
    creer_organisation,
    creer_remarque,
    navigateur,
)

from partiteur.web import controles, models
from partiteur.web.droits import ROLES, Cercle, Permission, peut
from partiteur.web.pages import PAGES, Porte

JOUR = date(2024, 3, 1)
ANONYME = "anonyme"
ATTEINTE = (200, 302, 405, 429)
METHODES = ("get", "post")
# What allauth answers of itself to whoever may ask: no second factor to show yet, a provider that failed.
PROPRES = dict.fromkeys(
    (
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
    ),
    (*ATTEINTE, 403, 404),
) | {"socialaccount_login_error": (401, 405), "sante": (200, 405, 503)}
# Addresses whose argument is a token, not an object of an organisation; each has its own tests.
JETONS = {
    "jeton": ("-", (410,)),
    "compte_demo": ("a" * 16, (404, 405)),
    "cle": ("1-x", ATTEINTE),
    "fournisseur": ("inconnu", (404,)),
}
ARGUMENTS = {"account_reset_password_from_key": lambda cle: cle.split("-")}


def _bailleur(monde, sien, cercle):
    """A bailleur at that distance of a member; None where there is none."""
    if sien.organisation.type == "bailleur":
        return {Cercle.MIEN: monde.bailleur, Cercle.ETRANGER: monde.voisin}.get(cercle)
    voit_tout = sien.organisation.type in ("ar_hlm", "etat_region")
    loin = None if voit_tout else monde.voisin
    return {Cercle.OUVERT: monde.bailleur, Cercle.ETRANGER: loin}.get(cercle)


def _de(creer):
    """An object of one's own organisation, or of another's."""

    def faire(monde, sien, cercle):
        etranger = monde.etrangers[sien.role].organisation
        org = {Cercle.MIEN: sien.organisation, Cercle.ETRANGER: etranger}.get(cercle)
        return creer(org) if org else None

    return faire


def _dossier(monde, sien, cercle):
    """An adopted dossier of a bailleur at that distance."""
    bailleur = _bailleur(monde, sien, cercle)
    return bailleur and (bailleur.dossiers.first() or creer_dossier(bailleur))


def _remarque(monde, sien, cercle):
    """A remark of one's own organisation, of a co-réservataire, of strangers."""
    if sien.organisation.type == "bailleur":
        siens = {Cercle.MIEN: (monde.bailleur, monde.commune)}
    else:
        siens = {
            Cercle.MIEN: (monde.bailleur, sien.organisation),
            Cercle.OUVERT: (monde.bailleur, monde.autre_commune),
        }
    entre = {**siens, Cercle.ETRANGER: (monde.voisin, monde.autre_commune)}.get(cercle)
    return entre and creer_remarque(*entre)


# How to make each kind of object named in PAGES.
OBJETS = {
    "bailleur": _bailleur,
    "membre": _de(lambda org: creer_membre(org, role_de(org))),
    "invitation": _de(lambda org: creer_invitation(org, role_de(org))[0]),
    "contact": _de(creer_contact),
    "depot": _de(creer_depot),
    "dossier": _dossier,
    "remarque": _remarque,
    "organisation": _de(lambda org: org),
    "mon_membre": lambda monde, sien, cercle: {
        Cercle.MIEN: sien,
        Cercle.ETRANGER: monde.etrangers[sien.role],
    }.get(cercle),
}


def role_de(org):
    """A role that makes sense in an organisation."""
    return next(nom for nom, role in ROLES.items() if org.type in role.types)


def tout():
    """Every row an act may write, but the journal of accesses."""
    return {
        nom: list(getattr(models, nom).objects.order_by("pk").values_list())
        for nom in models.__all__
        if nom not in ("Acces", "Utilisateur")
    }


def adresse(nom, argument):
    """The address of a page, of one of its objects."""
    if argument is None:
        return reverse(nom)
    arguments = ARGUMENTS[nom](argument) if nom in ARGUMENTS else [argument]
    return reverse(nom, args=arguments)


def attendus(nom, page, sien, cercle):
    """The answers a member may get."""
    if isinstance(page.acces, Permission) and not peut(sien, page.acces):
        return (403, 405)
    if cercle is not None and cercle > page.cercle:
        return (404, 405)
    return PROPRES.get(nom, ATTEINTE)


def essais(monde, sien):
    """Each page, each of its objects at each distance: (name, page, circle, argument)."""
    for nom, page in PAGES.items():
        if page.acces is Porte.FERMEE or page.objet in JETONS:
            continue
        if page.objet is None:
            yield nom, page, None, None
            continue
        for cercle in Cercle:
            objet = OBJETS[page.objet](monde, sien, cercle)
            if objet is not None:
                yield nom, page, cercle, objet.identifiant


@pytest.mark.parametrize("role", list(ROLES))
def test_chaque_adresse_pour_chaque_role(monde, role):
    """Open to those it is open to; another's object does not exist; what is refused changes nothing."""
    sien = monde.membres[role]
    client = navigateur(sien)
    cookies = client.cookies.copy()
    fautes = []
    tous = list(essais(monde, sien))
    avant = tout()
    for nom, page, cercle, argument in tous:
        admis = attendus(nom, page, sien, cercle)
        for methode in METHODES:
            with transaction.atomic():
                reponse = getattr(client, methode)(adresse(nom, argument))
                if reponse.status_code not in admis:
                    fautes.append(f"{methode} {nom} {cercle} : {reponse.status_code}, attendu {admis}")
                if admis in ((403, 405), (404, 405)) and methode == "post" and tout() != avant:
                    fautes.append(f"{nom} {cercle} : refusé, et pourtant écrit")
                transaction.set_rollback(True)
            client.cookies = cookies.copy()
    assert fautes == []


def test_chaque_adresse_pour_un_inconnu(monde):
    """Anonymous gets the public pages; anything else leads to the login."""
    fautes = []
    inconnu = navigateur()
    for nom, page in PAGES.items():
        argument = JETONS[page.objet][0] if page.objet in JETONS else ("a" * 16 if page.objet else None)
        if page.acces is Porte.FERMEE:
            continue
        for methode in METHODES:
            inconnu.cookies.clear()
            reponse = getattr(inconnu, methode)(adresse(nom, argument))
            if page.objet in JETONS:
                bon = reponse.status_code in JETONS[page.objet][1]
            elif page.acces is Porte.PUBLIQUE:
                bon = reponse.status_code in PROPRES.get(nom, ATTEINTE)
            else:
                bon = reponse.status_code == 302 and reponse.url.startswith(reverse("account_login"))
            if not bon:
                fautes.append(f"{methode} {nom} : {reponse.status_code}")
    assert fautes == []


def test_les_adresses_fermees_n_existent_pas(monde):
    """What allauth brings and the house does not use is a 404, for all."""
    fermees = [n for n, p in PAGES.items() if p.acces is Porte.FERMEE]
    assert "account_signup" in fermees
    for nom in fermees:
        argument = ["x"] if nom == "account_confirm_email" else []
        for client in (navigateur(), navigateur(monde.membres["administrateur"])):
            assert client.get(reverse(nom, args=argument)).status_code == 404, nom


def test_chaque_adresse_est_declaree(db, monkeypatch):
    """An address that droits does not know stops the site."""
    assert controles.adresses() == []
    noms = {nom for _, nom in controles.noms_des_adresses()}
    assert set(PAGES) <= noms
    secrete = path("secrete/", lambda requete: None, name="secrete")
    monkeypatch.setattr(get_resolver(), "url_patterns", [*get_resolver().url_patterns, secrete])
    assert [erreur.id for erreur in controles.adresses()] == ["web.E001"]
    with pytest.raises(controles.ServiceRefuse, match="secrete"):
        controles.exiger()


def test_chaque_page_dit_son_objet():
    """An object has a circle, and the matrix knows how to make one."""
    for nom, page in PAGES.items():
        if page.objet in JETONS or page.objet is None:
            continue
        assert page.cercle is not None, nom
        assert page.objet in OBJETS, nom


def test_chaque_role_a_une_phrase_et_des_types():
    for nom, role in ROLES.items():
        assert role.phrase.endswith("."), nom
        assert role.types, nom
        assert role.permissions, nom


def test_une_organisation_neuve_n_est_vue_de_personne(monde):
    """Closed by default: without a right nor a territory, a bailleur is a stranger to every réservataire."""
    neuf = creer_organisation("bailleur")
    client = navigateur(monde.membres["reservataire_designation"])
    assert client.get(reverse("journal", args=[neuf.identifiant])).status_code == 404
