"""The one clock of the house (E19): everything else is given its date."""

from datetime import date, datetime

from django.utils import timezone


def maintenant() -> datetime:
    """This instant, to the second."""
    return timezone.now().replace(microsecond=0)


def aujourd_hui() -> date:
    """Today where the instance is."""
    return timezone.localdate(maintenant())
