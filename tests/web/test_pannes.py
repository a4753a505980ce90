"""The faults of a machine: killed, full, without its base, asked twice at once. Nothing lost, nothing half-done, said."""

import http.client
import json
import os
import signal
import socket
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import grappe
import pytest
from django.db import connection
from django.urls import reverse
from fabriques import creer_contact, creer_dossier, navigateur
from instance import Instance, instance
from test_parc import PARC, deposer
from test_personnes import MOT_DE_PASSE, avec_mot_de_passe, entrer

from partiteur.web import depot as fichiers
from partiteur.web.actions import purge
from partiteur.web.actions.horloge import maintenant
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Contact, Depot, Millesime

ICI = str(Path(__file__).parent)
TUE = -signal.SIGKILL
RIEN_A_MOITIE = "Rien n'a été enregistré, pas même à moitié."
IMPORTE = "/parc/"


def mener(site: Instance, quoi: str) -> dict:
    """One of the functions of pannes.py, in the instance; what it printed."""
    code = f"import sys; sys.path.insert(0, {ICI!r}); import pannes; pannes.{quoi}()"
    return json.loads(site.faire(code=code).splitlines()[-1] or "{}")


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    """An instance with a bailleur; each test empties it of what was sent before."""
    with django_db_blocker.unblock(), instance(tmp_path_factory.mktemp("pannes"), "pannes") as faite:
        faite.dossier.mkdir()
        faite.faire(code=f"import sys; sys.path.insert(0, {ICI!r}); import pannes; pannes.preparer()")
        yield faite


@pytest.mark.long
def test_tuer_pendant_un_import(site):
    """kill -9 at nine points: files whole or absent, the base sure, and the same gesture again ends the work."""
    dits = mener(site, "tuer")
    assert len(dits) == 9
    for nom, dit in dits.items():
        assert dit["mort"] == TUE, nom
        assert dit["apres"]["faux"] == dit["ensuite"]["faux"] == [], nom
        code, vers, _ = dit["repris"]
        assert (dit["fin"], code) == (0, 302), (nom, dit["repris"])
        assert vers.startswith(IMPORTE), nom
    for nom in ("le fichier est reçu", "le fichier est lu"):
        assert dits[nom]["apres"]["depots"] == 0, nom
        assert dits[nom]["ensuite"]["depots"] == 1, nom
    assert dits["le dépôt est inscrit"]["apres"]["depots"] == 1
    en_important = list(dits)[3:]
    for nom in en_important:
        fini = nom == "la transaction est validée"
        assert dits[nom]["apres"]["millesimes"] == fini, nom
        assert dits[nom]["apres"]["depots"] == (not fini), nom
        assert (dits[nom]["ensuite"]["millesimes"], dits[nom]["ensuite"]["depots"]) == (1, 0), nom


def test_deux_imports_a_la_fois(site):
    """One is done; the other is told, in a sentence."""
    (un_depot, deux_depots) = mener(site, "ensemble")
    for dit, phrase in ((un_depot, "déjà terminé"), (deux_depots, "déjà importé")):
        (refus, fait) = dit["reponses"]
        assert refus[0] == 200
        assert phrase in refus[2]
        assert fait[0] == 302
        assert dit["etat"]["millesimes"] == 1
        assert dit["etat"]["faux"] == []


def test_le_disque_est_plein(site):
    """The file sent, the millésime, its classes, the base: a page that says so, then the same yes is done."""
    dits = mener(site, "remplir")
    ensuite = dits.pop("ensuite")
    for nom, dit in dits.items():
        code, _, texte = dit["reponse"]
        assert code == 503, (nom, texte)
        assert "Le disque du site est plein" in texte, nom
        assert RIEN_A_MOITIE in texte, nom
        assert dit["etat"]["faux"] == [], nom
        assert dit["etat"]["millesimes"] == 0, nom
    assert (dits["fichier reçu"]["etat"]["depots"], dits["fichier reçu"]["etat"]["attendent"]) == (0, 0)
    assert ensuite["reponse"][0] == 302
    assert (ensuite["etat"]["millesimes"], ensuite["etat"]["depots"]) == (1, 0)


def test_un_fichier_lourd_dit_ou_il_en_est(site):
    """Read, then imported, apart: a page that asks itself again; killed, it says so, and goes on."""
    dits = mener(site, "attendre")
    code, _, texte, encore = dits["en cours"]
    assert (code, encore) == (200, "3")
    assert "est lu et contrôlé, depuis" in texte
    assert dits["lancés"] == 1
    code, _, texte, encore = dits["tué"]
    assert (code, encore) == (200, "")
    assert "La lecture s'est arrêtée avant la fin" in texte
    assert "Reprendre" in texte
    assert "50 lignes lues" in dits["fini"][2].replace("\u202f", " ")
    assert "s'importe, depuis" in dits["retenu"][2]
    assert dits["importé"][:2] == [302, dits["importé"][1]]
    assert dits["importé"][1].startswith(IMPORTE)
    assert (dits["etat"]["millesimes"], dits["etat"]["depots"], dits["etat"]["faux"]) == (1, 0, [])


# --- the base goes away, then comes back


@contextmanager
def base_qui_tombe(dossier: Path):
    """An instance on a base of its own: (instance, make it fall, bring it back)."""
    if connection.vendor == "sqlite":
        site = Instance(dossier / "tombe")
        ailleurs = dossier / "partie"
        yield site, lambda: site.dossier.rename(ailleurs), lambda: ailleurs.rename(site.dossier)
        return
    tenue = grappe.demarrer()
    try:
        yield Instance(dossier / "tombe", tenue.adresse), tenue.tomber, tenue.revenir
    finally:
        tenue.arreter()


def demander(port: int, adresse: str) -> tuple[int, str, str]:
    """A page, as the proxy asks it: its code, its text, when to come back."""
    lien = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    lien.request("GET", adresse, headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
    reponse = lien.getresponse()
    texte = reponse.read().decode()
    lien.close()
    return reponse.status, texte, reponse.headers.get("Retry-After", "")


def test_la_base_part_et_revient(db, tmp_path):
    """503 in a sentence while it is away; then pages again, the server never restarted."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    with base_qui_tombe(tmp_path) as (site, tomber, revenir):
        site.faire("preparer")
        serveur = site.lancer("servir", f"--port={port}")
        try:
            fin = time.monotonic() + 60
            while True:
                try:
                    assert demander(port, reverse("account_login"))[0] == 200
                    break
                except OSError:
                    assert time.monotonic() < fin
                    assert serveur.poll() is None
                    time.sleep(0.1)
            tomber()
            for _ in range(4):  # whichever worker answers
                code, texte, reviens = demander(port, reverse("account_login"))
                assert (code, reviens) == (503, "60")
                assert "La base de données ne répond pas" in texte
                assert RIEN_A_MOITIE in texte
            assert demander(port, reverse("sante"))[0] == 503
            revenir()
            for _ in range(4):
                assert demander(port, reverse("account_login"))[0] == 200
        finally:
            serveur.terminate()
            serveur.communicate()


# --- a session that ends in the middle of a form

SAISI = {"nom": "Dominique Rivage", "fonction": "Réservations", "courriel": "d.rivage@exemple.fr"}


def finir(client) -> None:
    """Its hour has come."""
    session = client.session
    session["fin"] = (maintenant() - timedelta(seconds=1)).isoformat()
    session.save()


def envoyer_trop_tard(monde, **options):
    """A form sent after the end: the browser and the answer."""
    membre = avec_mot_de_passe(monde.membres["bailleur_responsable"])
    client = navigateur(**options)
    entrer(client, membre.utilisateur.courriel)
    finir(client)
    adresse = reverse("ajouter_contact")
    return client, client.post(adresse, SAISI, headers={"Referer": f"https://testserver{adresse}"}), membre


def test_ce_qui_etait_saisi_est_rendu(monde):
    """To the login, back to the form, filled as it was; nothing was recorded meanwhile; once sent, forgotten."""
    client, reponse, membre = envoyer_trop_tard(monde)
    assert reponse.url == f"{reverse('account_login')}?next={reverse('ajouter_contact')}"
    assert not Contact.objects.filter(nom=SAISI["nom"]).exists()
    page = client.get(reponse.url).text
    assert "a pris fin" in page
    assert "Ce que vous aviez saisi vous sera rendu" in page
    retour = client.post(reponse.url, {"login": membre.utilisateur.courriel, "password": MOT_DE_PASSE})
    rendu = client.get(retour.url)
    assert "avant la fin de votre session" in rendu.text
    assert {nom: rendu.context["formulaire"][nom].value() for nom in SAISI} == SAISI
    assert client.post(retour.url, SAISI).status_code == 302
    assert Contact.objects.filter(nom=SAISI["nom"]).count() == 1
    assert "avant la fin de votre session" not in client.get(reverse("ajouter_contact")).text


def test_ce_qui_etait_saisi_n_est_rendu_a_personne_d_autre(monde):
    """Another logs in from the same browser: nothing, and it is thrown away."""
    client, reponse, _ = envoyer_trop_tard(monde)
    autre = avec_mot_de_passe(monde.etrangers["bailleur_responsable"])
    entrer(client, autre.utilisateur.courriel)
    page = client.get(reverse("ajouter_contact"))
    assert SAISI["nom"] not in page.text
    assert "saisie" not in client.session
    assert reponse.status_code == 302


def test_ce_qui_etait_saisi_ne_dure_pas(monde):
    client, reponse, membre = envoyer_trop_tard(monde)
    session = client.session
    session["saisie"] = {**session["saisie"], "le": (maintenant() - timedelta(hours=2)).isoformat()}
    session.save()
    entrer(client, membre.utilisateur.courriel)
    assert SAISI["nom"] not in client.get(reverse("ajouter_contact")).text
    assert "saisie" not in client.session
    assert reponse.status_code == 302


def test_un_envoi_venu_d_ailleurs_n_est_pas_garde(monde):
    """Without the proof of its origin, a form is refused before anything of it is kept."""
    membre = monde.membres["bailleur_responsable"]
    client = navigateur(membre, enforce_csrf_checks=True)
    finir(client)
    assert client.post(reverse("ajouter_contact"), SAISI).status_code == 403
    assert "saisie" not in client.session


def test_un_mot_de_passe_n_est_jamais_garde(monde):
    """Only the forms of the site are: those of the account are asked again."""
    membre = avec_mot_de_passe(monde.membres["bailleur_responsable"])
    client = navigateur(membre)
    finir(client)
    reponse = client.post(
        reverse("account_change_password"),
        {"oldpassword": MOT_DE_PASSE, "password1": "un autre mot 7 long", "password2": "un autre mot 7 long"},
    )
    assert reponse.status_code == 302
    assert "saisie" not in client.session
    assert "vous sera rendu" not in client.get(reponse.url).text


def test_une_saisie_demesuree_n_est_pas_gardee(monde):
    client = navigateur(monde.membres["bailleur_responsable"])
    finir(client)
    assert client.post(reverse("ajouter_contact"), {**SAISI, "nom": "a" * 2**17}).status_code == 302
    assert "saisie" not in client.session


def test_un_formulaire_sans_page_rend_la_page_d_ou_il_vient(monde):
    """A form posted elsewhere than its page: back to the page; the other form of the page stays as it is."""
    contact = creer_contact(monde.bailleur)
    client = navigateur(monde.membres["bailleur_responsable"])
    finir(client)
    page = reverse("contact", args=[contact.identifiant])
    absence = reverse("absence", args=[contact.identifiant])
    reponse = client.post(
        absence, {"du": "2026-12-24", "au": "2027-01-02"}, headers={"Referer": f"https://testserver{page}"}
    )
    assert reponse.url == f"{reverse('account_login')}?next={page}"
    assert client.session["saisie"]["page"] == page


def test_un_double_clic_importe_une_fois(monde, connecter, settings, tmp_path):
    """The second click lands where the first did."""
    settings.MEDIA_ROOT = tmp_path
    client = connecter(monde.membres["bailleur_responsable"])
    deposer(client, PARC)
    adresse = reverse("confirmer_depot", args=[Depot.objects.get().identifiant])
    vers = [client.post(adresse, {"le": "2023-12-31"}).url for _ in range(2)]
    assert vers == [reverse("etat_des_lieux", args=[monde.bailleur.identifiant])] * 2
    assert Millesime.objects.count() == 1
    assert connecter(monde.etrangers["bailleur_responsable"]).post(adresse, {}).status_code == 404


def test_un_fichier_cache_garde_son_nom():
    assert fichiers.nom_sur("..csv") == "fichier.csv"
    assert fichiers.nom_sur(".verrou.csv") == "verrou.csv"


def test_un_dossier_sans_ligne_est_purge(monde, settings, tmp_path):
    """Killed between its files and its row, or before they had a name: forgotten in time; one that is known stays."""
    settings.MEDIA_ROOT = tmp_path
    connu = creer_dossier(monde.bailleur)
    dossiers = tmp_path / "dossiers"
    for nom in (".abandonne", "sansligne"):
        (dossiers / nom).mkdir()
    for dossier in dossiers.iterdir():
        os.utime(dossier, (1, 1))
    assert {o.nom: o.nombre for o in purge.purger(par=OPERATEUR, depot=tmp_path)}["depots"] == 2
    purge.purger(par=OPERATEUR, depot=tmp_path, simulation=False)
    assert [d.name for d in dossiers.iterdir()] == [connu.identifiant]
