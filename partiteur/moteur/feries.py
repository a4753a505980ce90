"""Public holidays where a dwelling is, as facts for the délais: those of the country, of Alsace-Moselle, of each overseas département."""

from datetime import date
from functools import cache

from holidays import country_holidays

# By the first characters of a commune's code: a part of France that has holidays of its own.
PARTICULIERS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
}


@cache
def feries(commune: str | None, annee: int) -> frozenset[date]:
    """The public holidays of a year in a commune (its code), of the whole country when it is unknown."""
    code = commune or ""
    partie = PARTICULIERS.get(code[:3]) or PARTICULIERS.get(code[:2])
    return frozenset(country_holidays("FR", subdiv=partie, years=annee))
