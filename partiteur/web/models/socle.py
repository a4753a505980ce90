"""What several models share: a random identifier for addresses, a half-open period."""

import secrets
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # read aloud without a doubt
LONGUEUR = 16


def tirer_identifiant() -> str:
    """A random identifier: what an address shows, so that none can be guessed from another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LONGUEUR))


class Identifie(models.Model):
    """A row that has an address."""

    identifiant = models.CharField(max_length=16, unique=True, default=tirer_identifiant, editable=False)

    class Meta:
        abstract = True


class PeriodeQuerySet(models.QuerySet):
    """Reads of dated rows."""

    def au(self, a_la_date: date) -> Self:
        """The rows whose [du, au[ holds the date."""
        return self.filter(Q(au__isnull=True) | Q(au__gt=a_la_date), du__lte=a_la_date)


class Periode(models.Model):
    """A row that holds from `du` included to `au` excluded; no `au`: still."""

    du = models.DateField("du")
    au = models.DateField("jusqu'au (exclu)", null=True, blank=True)

    objects = PeriodeQuerySet.as_manager()

    class Meta:
        abstract = True

    def en_vigueur(self, a_la_date: date) -> bool:
        """Does the period hold the date?"""
        return self.du <= a_la_date and (self.au is None or a_la_date < self.au)


def dans_l_ordre(nom: str) -> models.CheckConstraint:
    """A period that ends after it begins."""
    return models.CheckConstraint(
        condition=Q(au__isnull=True) | Q(au__gte=F("du")),
        name=nom,
        violation_error_message="La date de fin précède la date de début.",
    )
