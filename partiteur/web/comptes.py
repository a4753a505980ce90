"""How allauth fits here: no sign-up, sessions that end at an announced hour, the organisation's own provider."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect

from partiteur.web.actions import acces
from partiteur.web.actions.horloge import maintenant


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


class AdaptateurFournisseur(DefaultSocialAccountAdapter):
    """A provider says who somebody is, never what it may do: the account must exist, by invitation."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: the provider's word makes no member."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Turn away whoever has no account, in one sentence."""
        if not sociallogin.is_existing:
            messages.error(
                request,
                "Votre organisation vous reconnaît, mais vous n'avez pas encore de compte ici : demandez une invitation "
                "au référent de votre organisation.",
            )
            raise ImmediateHttpResponse(redirect("account_login"))
