"""How allauth fits here: no sign-up, sessions that end at an announced hour, the organisation's own provider."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.actions import acces
from partiteur.web.actions import membre as actes
from partiteur.web.actions.horloge import maintenant
from partiteur.web.models import Utilisateur


class Adaptateur(DefaultAccountAdapter):
    """Accounts are born of invitations."""

    def is_safe_url(self, url: str) -> bool:
        """Where `next` leads is ours; an address that cannot even be read is not."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: somebody must invite."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """Open the session, say when it ends, and note it."""
        super().login(request, user)
        request.session["fin"] = (maintenant() + settings.SESSION_DUREE).isoformat()
        acces.noter(utilisateur=user, organisation=None, genre="connexion", page="account_login")


class AdaptateurSecondFacteur(DefaultMFAAdapter):
    """The second factor, named after the person's address."""

    def get_totp_label(self, user: Any) -> str:
        """What the person's application shows."""
        return str(user.courriel)

    def encrypt(self, text: str) -> str:
        """Secrets of second factors are not readable in a copy of the database."""
        return _coffre().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The reverse, with the instance's key."""
        return _coffre().decrypt(encrypted_text.encode()).decode()


def _coffre() -> Fernet:
    return Fernet(
        base64.urlsafe_b64encode(hashlib.sha256(f"second-facteur:{settings.SECRET_KEY}".encode()).digest())
    )


class Fournisseur(OpenIDConnectProvider):
    """A person is an issuer and a subject, never an address: OpenID Connect Core 1.0, 5.7."""

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """A digest of issuer and subject, of a length any database takes. Raises OAuth2Error when they are not said."""
        dit = _identite(data)
        return hashlib.sha256(f"{dit['iss']}\n{dit['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Issuer and subject: nothing else the provider says is kept."""
        return {"id_token": _identite(data)}


def _identite(data: Mapping[str, Any]) -> dict[str, str]:
    jeton, dit = data.get("id_token") or {}, data.get("userinfo") or {}
    if not jeton.get("iss") or not jeton.get("sub") or dit.get("sub", jeton["sub"]) != jeton["sub"]:
        raise OAuth2Error("id_token without issuer or subject, or userinfo of another")
    return {"iss": str(jeton["iss"]), "sub": str(jeton["sub"])}


class AdaptateurFournisseur(DefaultSocialAccountAdapter):
    """A provider says who somebody is, never what it may do: somebody must have invited.

    The first time, a verified address that was invited makes the account and binds it to the subject; a person who has
    an account binds it once logged in. Afterwards the subject alone decides, whatever the address has become.
    """

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Ours, on allauth's application."""
        trouve = super().get_provider(request, provider, client_id)
        return Fournisseur(request, app=trouve.app)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: the provider's word makes no member."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in whose subject is known, bind whoever was invited, turn the others away in one sentence."""
        if sociallogin.is_existing:
            return
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            if SocialAccount.objects.filter(user=request.user.pk).exists():
                _refuser(request, DEJA_RELIE, "socialaccount_connections")
            return
        courriel = next((a.email.lower() for a in sociallogin.email_addresses if a.verified is True), "")
        if connu := Utilisateur.objects.filter(courriel=courriel).first():
            relie = SocialAccount.objects.filter(user=connu).exists()
            _refuser(request, (AUTRE_IDENTITE if relie else PAS_RELIE).format(courriel), "account_login")
        try:
            sociallogin.user = actes.accepter_par_fournisseur(courriel=courriel, compte=sociallogin.account)
        except ErreurUtilisateur as erreur:
            _refuser(request, str(erreur), "account_login")


DEJA_RELIE = "Votre compte est déjà relié à une identité de votre organisation : défaites d'abord ce lien."
AUTRE_IDENTITE = (
    "L'adresse {} est celle d'un compte relié à une autre identité de votre organisation : il ne s'ouvre pas avec "
    "celle-ci. Connectez-vous avec un mot de passe (« Mot de passe oublié ? » vous en donne un), puis reliez cette "
    "identité depuis « Mon compte »."
)
PAS_RELIE = (
    "L'adresse {} est celle d'un compte qui n'est pas relié à votre organisation : connectez-vous avec votre mot de passe, "
    "puis reliez-le depuis « Mon compte »."
)


def _refuser(request: HttpRequest, phrase: str, vers: str) -> NoReturn:
    messages.error(request, phrase)
    raise ImmediateHttpResponse(redirect(vers))
