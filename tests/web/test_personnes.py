"""People: invited, logged in, held to a second factor, locked out, put to sleep."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth.hashers import identify_hasher
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse
from fabriques import creer_invitation, creer_membre, navigateur

from partiteur.web.actions import membre as actes
from partiteur.web.actions.horloge import aujourd_hui, maintenant
from partiteur.web.comptes import AdaptateurSecondFacteur
from partiteur.web.documents.mots import mots
from partiteur.web.droits import OPERATEUR, Permission
from partiteur.web.models import Acces, Membre, Utilisateur
from partiteur.web.pages import PAGES

MOT_DE_PASSE = "un trajet lent vers la mer"


@pytest.fixture(autouse=True)
def _sans_blocage(db):
    """Lock-outs do not go from a test to the next: the cache is a table, rolled back with it."""
    cache.clear()


def avec_mot_de_passe(membre):
    """The same member, who knows its password."""
    membre.utilisateur.set_password(MOT_DE_PASSE)
    membre.utilisateur.save()
    return membre


def entrer(client, courriel, mot_de_passe=MOT_DE_PASSE):
    return client.post(reverse("account_login"), {"login": courriel, "password": mot_de_passe})


def code(personne):
    """What the person's telephone shows now."""
    secret = Authenticator.objects.get(user=personne, type="totp").wrap().instance.data["secret"]
    compteur = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(AdaptateurSecondFacteur().decrypt(secret), compteur))


# --- invitation ------------------------------------------------------------------------------------------------------


def test_une_invitation_de_bout_en_bout(monde, connecter, django_capture_on_commit_callbacks):
    """Invited by mail, the person chooses a password, logs in, works; a GET of the link does nothing."""
    responsable = connecter(monde.membres["bailleur_responsable"])
    with django_capture_on_commit_callbacks(execute=True):
        reponse = responsable.post(
            reverse("inviter"),
            {"nom": "Jeanne Amont", "courriel": "Jeanne@Exemple.fr", "role": "bailleur_attribution"},
        )
    assert reponse.status_code == 302
    (lettre,) = mail.outbox
    assert lettre.to == ["jeanne@exemple.fr"]
    lien = re.search(r"https://testserver(/invitation/\S+)", lettre.body)[1]
    nouvelle = connecter()
    for _ in range(3):  # mail scanners
        lue = nouvelle.get(lien)
        assert lue.status_code == 200
        assert lue.headers["Referrer-Policy"] == "strict-origin"
        assert lue.headers["Cache-Control"] == "no-store"
    assert not Utilisateur.objects.filter(courriel="jeanne@exemple.fr").exists()
    faible = nouvelle.post(lien, {"mot_de_passe": "azerty", "encore": "azerty"})
    assert "trop court" in faible.text
    differe = nouvelle.post(lien, {"mot_de_passe": MOT_DE_PASSE, "encore": "x"})
    assert "diffèrent" in differe.text
    assert nouvelle.post(lien, {"mot_de_passe": MOT_DE_PASSE, "encore": MOT_DE_PASSE}).status_code == 302
    personne = Utilisateur.objects.get(courriel="jeanne@exemple.fr")
    assert identify_hasher(personne.password).algorithm == "argon2"
    assert nouvelle.get(lien).status_code == 410
    assert entrer(nouvelle, "JEANNE@exemple.fr").url == reverse("aujourdhui")
    page = nouvelle.get(reverse("aujourdhui"))
    assert "Bailleur, attribution" in page.text


def test_un_compte_connu_rejoint_une_seconde_organisation(monde, connecter):
    """Logged in, the person joins; a stranger to the invitation does not; then it chooses for whom it works."""
    connu = monde.membres["reservataire_lecture"]
    _, jeton = creer_invitation(monde.bailleur, "bailleur_lecture", connu.utilisateur.courriel)
    lien = reverse("invitation", args=[jeton])
    assert (
        "connectez-vous"
        in connecter().post(lien, {"mot_de_passe": MOT_DE_PASSE, "encore": MOT_DE_PASSE}).text
    )
    autre = connecter(monde.membres["bailleur_lecture"]).post(lien)
    assert "Un compte existe" in autre.wsgi_request._messages._queued_messages[0].message
    client = connecter(connu)
    client.post(lien)
    second = Membre.objects.get(utilisateur=connu.utilisateur, organisation=monde.bailleur)
    client.post(reverse("changer_organisation", args=[second.identifiant]))
    assert "Bailleur du lieu" in client.get(reverse("aujourdhui")).text
    with pytest.raises(actes.ActeRefuse, match="déjà membre"):
        creer_invitation(monde.bailleur, "bailleur_lecture", connu.utilisateur.courriel)


@pytest.mark.parametrize("fait", ["annulee", "expiree", "remplacee", "inconnue"])
def test_un_lien_mort_n_ouvre_rien(monde, connecter, fait):
    invitation, jeton = creer_invitation(monde.bailleur, "bailleur_lecture", "x@exemple.fr")
    match fait:
        case "annulee":
            actes.annuler(par=monde.membres["bailleur_responsable"], invitation=invitation)
        case "expiree":
            invitation.expire_le = maintenant() - timedelta(seconds=1)
            invitation.save()
        case "remplacee":
            creer_invitation(monde.bailleur, "bailleur_lecture", "x@exemple.fr")
        case "inconnue":
            jeton = "x" * 43
    lien = reverse("invitation", args=[jeton])
    for reponse in (connecter().get(lien), connecter().post(lien)):
        assert reponse.status_code == 410
        assert "demandez-en une nouvelle" in reponse.text
    assert jeton not in invitation.jeton


def test_le_dernier_referent_ne_se_retire_pas(monde):
    """An organisation keeps somebody who manages it; nobody changes its own role."""
    responsable = monde.membres["bailleur_responsable"]
    with pytest.raises(actes.ActeRefuse, match="vous-même"):
        actes.retirer(par=responsable, membre=responsable)
    with pytest.raises(actes.ActeRefuse, match="votre propre rôle"):
        actes.changer_role(par=responsable, membre=responsable, role="bailleur_lecture", referent=True)
    second = creer_membre(monde.bailleur, "bailleur_lecture", referent=True)
    actes.retirer(par=second, membre=responsable)
    change = actes.changer_role(par=OPERATEUR, membre=second, role="bailleur_attribution", referent=False)
    assert (change.du, change.role) == (aujourd_hui(), "bailleur_attribution")


def test_un_membre_retire_n_entre_plus(monde, connecter):
    client = connecter(monde.membres["bailleur_lecture"])
    assert client.get(reverse("annuaire")).status_code == 200
    actes.retirer(par=monde.membres["bailleur_responsable"], membre=monde.membres["bailleur_lecture"])
    assert client.get(reverse("annuaire")).status_code == 403
    assert "membre d'aucune organisation" in client.get(reverse("aujourdhui")).text.replace("&#x27;", "'")


# --- login, lock-out, session ----------------------------------------------------------------------------------------


def test_cinq_echecs_bloquent_pour_tous_les_processus(monde, connecter):
    """The lock-out is in a table: another worker, another browser, the right password meet it too."""
    membre = avec_mot_de_passe(monde.membres["bailleur_lecture"])
    courriel = membre.utilisateur.courriel
    for _ in range(5):
        assert entrer(connecter(), courriel, "faux").status_code == 200
    bloque = entrer(navigateur(REMOTE_ADDR="192.0.2.9"), courriel)
    assert bloque.status_code == 200
    assert "tentatives" in bloque.text
    assert (
        entrer(
            connecter(), avec_mot_de_passe(monde.membres["bailleur_attribution"]).utilisateur.courriel
        ).status_code
        == 302
    )


def test_une_adresse_inconnue_n_est_pas_dite(monde, connecter):
    """The same words for an unknown address and a wrong password."""
    membre = avec_mot_de_passe(monde.membres["bailleur_lecture"])
    phrases = []
    for courriel in (membre.utilisateur.courriel, "personne@exemple.fr"):
        page = entrer(connecter(), courriel, "faux")
        phrases.append(page.context["form"].errors)
    assert phrases[0] == phrases[1] != {}


def test_la_session_finit_a_l_heure_dite(monde, connecter):
    """Eight hours, said on every page; then the login, with a sentence, and back to the page asked."""
    membre = avec_mot_de_passe(monde.membres["bailleur_lecture"])
    client = connecter()
    entrer(client, membre.utilisateur.courriel)
    page = client.get(reverse("aujourdhui"))
    assert "Votre session se termine" in page.text
    session = client.session
    session["fin"] = (maintenant() - timedelta(seconds=1)).isoformat()
    session.save()
    fini = client.get(reverse("annuaire"))
    assert fini.url == f"{reverse('account_login')}?next={reverse('annuaire')}"
    assert "a pris fin" in client.get(fini.url).text


def test_les_cookies_et_les_en_tetes_sont_surs(monde, connecter):
    """Production's own settings: https only, no frame, no inline script nor style, nothing kept by a proxy."""
    membre = avec_mot_de_passe(monde.membres["bailleur_lecture"])
    client = connecter()
    entrer(client, membre.utilisateur.courriel)
    cookie = client.cookies["__Host-session"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    reponse = client.get(reverse("aujourdhui"))
    en_tetes = reponse.headers
    assert en_tetes["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert en_tetes["X-Frame-Options"] == "DENY"
    assert en_tetes["Cache-Control"] == "no-store, private"
    politique = en_tetes["Content-Security-Policy"]
    assert "unsafe" not in politique
    assert "default-src 'none'" in politique
    assert "frame-ancestors 'none'" in politique
    from django.test import Client

    assert Client().get(reverse("aujourdhui")).status_code == 301


def test_un_formulaire_sans_preuve_d_origine_est_refuse(monde):
    client = navigateur(monde.membres["bailleur_responsable"], enforce_csrf_checks=True)
    refuse = client.post(reverse("inviter"), {"nom": "x"})
    assert refuse.status_code == 403
    assert "a expiré" in refuse.text


def test_un_corps_trop_lourd_n_est_pas_lu(monde, connecter, settings):
    settings.CORPS_MAX = 10
    reponse = connecter(monde.membres["bailleur_responsable"]).post(reverse("inviter"), {"nom": "x" * 20})
    assert reponse.status_code == 413


# --- second factor ---------------------------------------------------------------------------------------------------


def test_un_administrateur_doit_un_second_facteur(monde, connecter):
    """Without it, nothing opens but the page that makes it."""
    membre = avec_mot_de_passe(monde.membres["administrateur"])
    client = connecter()
    entrer(client, membre.utilisateur.courriel)
    for nom in ("organisations", "aujourdhui", "membres"):
        assert client.get(reverse(nom)).url == reverse("mfa_activate_totp")
    confirmer = client.get(reverse("mfa_activate_totp"))
    assert confirmer.url.startswith(reverse("account_reauthenticate"))
    client.post(confirmer.url, {"password": MOT_DE_PASSE})
    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = page.context["form"].secret
    client.post(
        reverse("mfa_activate_totp"),
        {"code": format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))},
    )
    assert secret not in str(Authenticator.objects.get(user=membre.utilisateur, type="totp").data)
    assert client.get(reverse("organisations")).status_code == 200


def test_le_second_facteur_est_demande_a_la_connexion(monde, connecter):
    """The password alone opens nothing."""
    membre = avec_mot_de_passe(monde.membres["administrateur"])
    connecter(membre)  # gives it a second factor
    client = connecter()
    suite = entrer(client, membre.utilisateur.courriel)
    assert suite.url == reverse("mfa_authenticate")
    assert client.get(reverse("organisations")).status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert client.get(reverse("organisations")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code(membre.utilisateur)})
    assert client.get(reverse("organisations")).status_code == 200


# --- dormant accounts ------------------------------------------------------------------------------------------------


def test_les_comptes_dormants_sont_revus(monde, capsys):
    """Named first, closed when told; a simulation closes nothing; a closed account does not log in."""
    vieux = avec_mot_de_passe(monde.membres["bailleur_lecture"]).utilisateur
    Utilisateur.objects.filter(pk=vieux.pk).update(last_login=maintenant() - timedelta(days=181))
    call_command("comptes_dormants")
    assert vieux.courriel in capsys.readouterr().out
    vieux.refresh_from_db()
    assert vieux.is_active
    call_command("comptes_dormants", fermer=True)
    assert "1 comptes dormants fermés" in capsys.readouterr().out
    assert entrer(navigateur(), vieux.courriel).url == reverse("account_inactive")
    actes.reveiller(par=OPERATEUR, utilisateur=vieux)
    assert entrer(navigateur(), vieux.courriel).status_code == 302


# --- the journal of accesses -----------------------------------------------------------------------------------------


def test_le_journal_des_acces_est_vu_du_responsable(monde, connecter):
    """Pages, downloads, refusals of its own members; not another organisation's."""
    lecteur, voisin = monde.membres["bailleur_lecture"], monde.etrangers["bailleur_lecture"]
    client = connecter(lecteur)
    client.get(reverse("annuaire"))
    client.get(reverse("organisations"))
    client.get(reverse("journal", args=[monde.voisin.identifiant]))
    connecter(voisin).get(reverse("annuaire"))
    notes = list(
        Acces.objects.filter(utilisateur=lecteur.utilisateur).values_list("genre", "page").order_by("pk")
    )
    assert notes == [("consultation", "annuaire"), ("refus", "organisations"), ("refus", "journal")]
    page = connecter(monde.membres["bailleur_responsable"]).get(reverse("acces"))
    assert lecteur.utilisateur.nom in page.text
    assert voisin.utilisateur.nom not in page.text
    assert "Accès refusé" in page.text
    client.get(reverse("journal", args=[monde.bailleur.identifiant]))
    assert (
        "<small>Bailleur du lieu</small>"
        in connecter(monde.membres["bailleur_responsable"]).get(reverse("acces")).text
    )
    filtree = connecter(monde.membres["bailleur_responsable"]).get(reverse("acces") + "?genre=telechargement")
    assert lecteur.utilisateur.nom not in filtree.text


def test_un_telechargement_est_note(monde, connecter):
    from test_compte import ecrire

    ecrire(monde)
    reponse = connecter(monde.membres["bailleur_attribution"]).get(
        reverse("exporter_journal", args=[monde.bailleur.identifiant])
    )
    assert reponse.headers["Content-Disposition"].startswith("attachment")
    note = Acces.objects.get(genre="telechargement")
    assert (note.page, note.objet) == ("exporter_journal", monde.bailleur.identifiant)


def test_chaque_page_notee_a_des_mots():
    """What the journal of accesses shows is never the name an address has in the code."""
    notees = {nom for nom, page in PAGES.items() if isinstance(page.acces, Permission)}
    assert notees <= set(mots()["pages"])
