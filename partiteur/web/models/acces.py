"""Who looked at what, who downloaded what: seen by the organisation's own référent."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from partiteur.web.models.organisation import Organisation


class Acces(models.Model):
    """One access. `page` is the name of the address in pages.PAGES, `objet` the identifier it showed."""

    GENRES: ClassVar[dict[str, str]] = {
        "connexion": "Connexion",
        "consultation": "Consultation",
        "telechargement": "Téléchargement",
        "refus": "Accès refusé",
    }

    instant = models.DateTimeField()
    utilisateur = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="acces")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="acces")
    genre = models.CharField(max_length=16, choices=GENRES)
    page = models.CharField(max_length=80)
    objet = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ("-instant", "-id")
        indexes = (
            models.Index(fields=("organisation", "-instant"), name="acces_organisation"),
            models.Index(fields=("utilisateur", "-instant"), name="acces_utilisateur"),
        )

    def __str__(self) -> str:
        return f"{self.utilisateur} {self.page}"
