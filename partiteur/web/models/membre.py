"""Who belongs to what, with which role, from when to when; and the invitations that lead there."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from partiteur.web.models.organisation import Organisation
from partiteur.web.models.socle import Identifie, Periode, dans_l_ordre


class Membre(Identifie, Periode):
    """A person in an organisation. `role` is a name of droits.ROLES; a référent also manages its members."""

    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="membres")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="membres")
    role = models.CharField("rôle", max_length=32)
    referent = models.BooleanField("référent de l'organisation", default=False)

    class Meta:
        ordering = ("utilisateur__nom",)
        constraints = (
            dans_l_ordre("membre_dates"),
            models.UniqueConstraint(
                fields=("utilisateur", "organisation"), condition=Q(au__isnull=True), name="membre_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.utilisateur} ({self.organisation})"


class Invitation(Identifie):
    """A person is asked to join. The token is known to its mailbox alone: the database keeps its digest."""

    jeton = models.CharField("empreinte du jeton", max_length=64, unique=True, editable=False)
    courriel = models.EmailField("adresse de courriel")
    nom = models.CharField("prénom et nom", max_length=120)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    role = models.CharField("rôle", max_length=32)
    referent = models.BooleanField("référent de l'organisation", default=False)
    par = models.ForeignKey(Membre, models.PROTECT, null=True, blank=True, related_name="invitations")
    cree_le = models.DateTimeField()
    expire_le = models.DateTimeField()
    acceptee_le = models.DateTimeField(null=True, blank=True)
    annulee_le = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-cree_le",)

    def __str__(self) -> str:
        return f"{self.courriel} ({self.organisation})"
