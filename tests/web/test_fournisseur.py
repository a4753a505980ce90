"""The organisation's provider: an issuer and a subject open an account, an address never does by itself."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.cache import cache
from django.urls import reverse
from fabriques import creer_invitation
from fournisseur import fournisseur

from partiteur.web.actions import membre as actes
from partiteur.web.actions.horloge import maintenant
from partiteur.web.models import Membre, Utilisateur

COURRIEL = "jeanne@exemple.fr"
MOT_DE_PASSE = "un trajet lent vers la mer"


@pytest.fixture(autouse=True)
def _sans_blocage(db):
    """Lock-outs do not go from a test to the next."""
    cache.clear()


@pytest.fixture
def nommer(settings):
    """Name a provider in the settings, for the time of a test."""
    reglages = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]
    ancienne = reglages["server_url"]
    yield lambda serveur: reglages.update(server_url=serveur.adresse)
    reglages["server_url"] = ancienne


@pytest.fixture
def chez_eux(nommer):
    """A provider on this machine, who says it is Jeanne."""
    with fournisseur() as serveur:
        nommer(serveur)
        serveur.personne = dire()
        yield serveur


def dire(sujet="42", courriel=COURRIEL, verifiee=True):
    """What a provider says of a person; the role it claims is nothing here."""
    return {"sub": sujet, "email": courriel, "email_verified": verifiee, "roles": ["administrateur"]}


def passer_par(client, serveur, geste="login"):
    """From our page to the provider and back, as a browser follows it."""
    depart = client.post(f"{reverse('openid_connect_login', args=['entreprise'])}?process={geste}")
    assert depart.url.startswith(f"{serveur.adresse}/entrer?")
    demande = {cle: valeurs[0] for cle, valeurs in parse_qs(urlsplit(depart.url).query).items()}
    assert demande["redirect_uri"] == "https://testserver/compte/oidc/entreprise/login/callback/"
    assert demande["code_challenge_method"] == "S256"
    serveur.nonce = demande.get("nonce", "")
    return client.get(
        reverse("openid_connect_callback", args=["entreprise"]), {"code": "c", "state": demande["state"]}
    )


def est_refuse(client, serveur, phrase):
    """Turned away to the login, with that sentence, and no session."""
    assert passer_par(client, serveur).url == reverse("account_login")
    assert phrase in client.get(reverse("account_login")).text.replace("&#x27;", "'")
    assert client.get(reverse("aujourdhui")).status_code == 302


@pytest.fixture
def jeanne(monde, connecter, chez_eux):
    """Invited, she came once by her provider: her account is bound."""
    creer_invitation(monde.bailleur, "bailleur_lecture", COURRIEL)
    assert passer_par(connecter(), chez_eux).url == reverse("aujourdhui")
    return Utilisateur.objects.get(courriel=COURRIEL)


def avec_mot_de_passe(membre, client):
    """A member with an account of its own, logged in by its password."""
    personne = membre.utilisateur
    personne.set_password(MOT_DE_PASSE)
    personne.save()
    EmailAddress.objects.get_or_create(user=personne, email=personne.courriel, primary=True, verified=True)
    client.post(reverse("account_login"), {"login": personne.courriel, "password": MOT_DE_PASSE})
    return personne


def relier(client, serveur):
    """Bind the account one is logged in to; the password is asked again first."""
    assert passer_par(client, serveur, "connect").url == reverse("account_reauthenticate")
    suite = client.post(reverse("account_reauthenticate"), {"password": MOT_DE_PASSE})
    assert suite.url == reverse("socialaccount_connections")


def test_une_personne_invitee_entre_la_premiere_fois(monde, connecter, chez_eux):
    """A verified address that was invited makes the account; the provider gives no role; little of it is kept."""
    invitation, jeton = creer_invitation(monde.bailleur, "bailleur_lecture", COURRIEL)
    client = connecter()
    assert "Entrer sans mot de passe" in client.get(reverse("invitation", args=[jeton])).text
    assert passer_par(client, chez_eux).url == reverse("aujourdhui")
    assert chez_eux.demandes[0]["code_verifier"]
    assert "Bailleur, lecture" in client.get(reverse("aujourdhui")).text
    assert client.get(reverse("organisations")).status_code == 403
    personne = Utilisateur.objects.get(courriel=COURRIEL)
    invitation.refresh_from_db()
    assert invitation.acceptee_le
    assert not personne.has_usable_password()
    assert list(Membre.objects.filter(utilisateur=personne).values_list("role", flat=True)) == [
        "bailleur_lecture"
    ]
    assert SocialAccount.objects.get(user=personne).extra_data == {
        "id_token": {"iss": chez_eux.adresse, "sub": "42"}
    }


@pytest.mark.parametrize("courriel", ["jeanne.amont@exemple.fr", "d'une autre"])
def test_le_sujet_decide_meme_quand_l_adresse_a_change(monde, connecter, chez_eux, jeanne, courriel):
    """Renamed at the provider, even to an address that is somebody else's here, she finds her own account."""
    autre = monde.membres["bailleur_responsable"].utilisateur
    chez_eux.personne = dire(courriel=autre.courriel if courriel == "d'une autre" else courriel)
    client = connecter()
    assert passer_par(client, chez_eux).url == reverse("aujourdhui")
    assert client.session["_auth_user_id"] == str(jeanne.pk)
    jeanne.refresh_from_db()
    assert jeanne.courriel == COURRIEL
    assert SocialAccount.objects.count() == 1


def test_un_autre_sujet_a_la_meme_adresse_est_refuse(monde, connecter, chez_eux, jeanne):
    """An address given again to somebody else opens nothing, invited or not."""
    chez_eux.personne = dire(sujet="43")
    est_refuse(
        connecter(), chez_eux, f"L'adresse {COURRIEL} est celle d'un compte relié à une autre identité"
    )
    creer_invitation(monde.voisin, "bailleur_lecture", COURRIEL)
    est_refuse(connecter(), chez_eux, "relié à une autre identité")
    assert SocialAccount.objects.get().user == jeanne


def test_le_meme_sujet_chez_un_autre_fournisseur_est_un_autre(connecter, nommer, jeanne):
    """Subjects are numbers of an issuer: another issuer's 42 is nobody here."""
    with fournisseur() as ailleurs:
        nommer(ailleurs)
        ailleurs.personne = dire(courriel="quelqu-un@exemple.fr")
        est_refuse(connecter(), ailleurs, "demandez une invitation")
        ailleurs.personne = dire()
        est_refuse(connecter(), ailleurs, "relié à une autre identité")


@pytest.mark.parametrize("verifiee", [False, "false", None])
def test_une_adresse_que_le_fournisseur_ne_garantit_pas_ne_vaut_rien(monde, connecter, chez_eux, verifiee):
    """Invited or known, an address it does not vouch for makes nobody."""
    creer_invitation(monde.bailleur, "bailleur_lecture", COURRIEL)
    for courriel in (COURRIEL, monde.membres["bailleur_lecture"].utilisateur.courriel):
        chez_eux.personne = dire(courriel=courriel, verifiee=verifiee)
        est_refuse(connecter(), chez_eux, "demandez une invitation")
    assert not Utilisateur.objects.filter(courriel=COURRIEL).exists()
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("fait", ["jamais", "annulee", "expiree"])
def test_sans_invitation_qui_vaille_personne_n_entre(monde, connecter, chez_eux, fait):
    """No invitation, one cancelled, one too old: no account, one sentence."""
    if fait != "jamais":
        invitation, _ = creer_invitation(monde.bailleur, "bailleur_lecture", COURRIEL)
        if fait == "annulee":
            actes.annuler(par=monde.membres["bailleur_responsable"], invitation=invitation)
        else:
            invitation.expire_le = maintenant()
            invitation.save()
    est_refuse(connecter(), chez_eux, "demandez une invitation")
    assert not Utilisateur.objects.filter(courriel=COURRIEL).exists()


def test_un_compte_connu_se_relie_une_fois_connecte(monde, connecter, chez_eux):
    """Its address alone does not open it; linked by its own hand, its subject does; one subject an account."""
    membre, client = monde.membres["bailleur_lecture"], connecter()
    chez_eux.personne = dire(courriel=membre.utilisateur.courriel)
    est_refuse(connecter(), chez_eux, "n'est pas relié à votre organisation")
    personne = avec_mot_de_passe(membre, client)
    assert "Relier à" in client.get(reverse("socialaccount_connections")).text
    relier(client, chez_eux)
    assert SocialAccount.objects.get().user == personne
    entre = connecter()
    assert passer_par(entre, chez_eux).url == reverse("aujourdhui")
    assert entre.session["_auth_user_id"] == str(personne.pk)
    chez_eux.personne = dire(sujet="44")
    assert passer_par(client, chez_eux, "connect").url == reverse("socialaccount_connections")
    page = client.get(reverse("socialaccount_connections")).text
    assert "déjà relié" in page
    assert SocialAccount.objects.count() == 1
    defaire = {"account": SocialAccount.objects.get().pk}
    plus_tard = connecter()
    plus_tard.post(reverse("account_login"), {"login": personne.courriel, "password": MOT_DE_PASSE})
    assert plus_tard.post(reverse("socialaccount_connections"), defaire).url.startswith(
        reverse("account_reauthenticate")
    )
    assert SocialAccount.objects.exists()
    client.post(reverse("socialaccount_connections"), defaire)
    assert not SocialAccount.objects.exists()


def test_l_identite_d_un_autre_ne_se_relie_pas(monde, connecter, chez_eux, jeanne):
    """A subject that opens an account stays its own."""
    client = connecter()
    avec_mot_de_passe(monde.membres["bailleur_attribution"], client)
    relier(client, chez_eux)
    assert "déjà" in client.get(reverse("socialaccount_connections")).text
    assert SocialAccount.objects.get().user == jeanne


@pytest.mark.parametrize("jeton", [{"sub": "autre"}, {"sub": ""}, {"iss": "https://ailleurs.exemple"}])
def test_un_jeton_qui_ne_dit_pas_la_meme_personne_est_refuse(monde, connecter, chez_eux, jeton):
    """Token and answer name one subject, of the issuer that was asked."""
    creer_invitation(monde.bailleur, "bailleur_lecture", COURRIEL)
    chez_eux.jeton = jeton
    client = connecter()
    refus = passer_par(client, chez_eux)
    assert refus.status_code == 401
    assert "La connexion n'a pas abouti" in refus.text
    assert not Utilisateur.objects.filter(courriel=COURRIEL).exists()


def test_un_retour_sans_depart_est_refuse(connecter, chez_eux):
    """A callback nobody asked for (no state of ours) opens nothing."""
    client = connecter()
    client.get(reverse("openid_connect_callback", args=["entreprise"]), {"code": "c", "state": "faux"})
    assert chez_eux.demandes == []
    assert client.get(reverse("aujourdhui")).status_code == 302
