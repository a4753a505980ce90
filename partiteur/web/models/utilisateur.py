"""A person who logs in. What it may do comes from its memberships, never from here."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from partiteur.web.models.socle import Identifie


def tirer_agent() -> str:
    """The opaque number under which a person appears in the chain: it says nothing of who it is (E6)."""
    return f"a{secrets.randbelow(10**11):011}"


class UtilisateurManager(BaseUserManager):
    """Looks a person up by its address, whatever the capitals."""

    def get_by_natural_key(self, username: str | None) -> "Utilisateur":
        """The person of an address."""
        return self.get(courriel=(username or "").lower())


class Utilisateur(Identifie, AbstractBaseUser):
    """A person: its professional address, its name, and its opaque number in the chain."""

    courriel = models.EmailField("adresse de courriel", unique=True)
    nom = models.CharField("prénom et nom", max_length=120)
    agent = models.CharField(max_length=12, unique=True, default=tirer_agent, editable=False)
    is_active = models.BooleanField("compte actif", default=True)
    cree_le = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "courriel"
    EMAIL_FIELD = "courriel"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["nom"]

    objects = UtilisateurManager()

    class Meta:
        verbose_name = "personne"

    def __str__(self) -> str:
        return self.nom

    def clean(self) -> None:
        """Addresses are compared in small letters."""
        self.courriel = self.courriel.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the address in small letters."""
        self.courriel = self.courriel.lower()
        super().save(*args, **kwargs)
