"""French as it is printed: narrow no-break spaces, numbers, dates, « inconnu »."""

import re
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe

from partiteur.regles.socle import nombre as ecrire_nombre
from partiteur.regles.socle import pourcentage

FINE = "\u202f"
BLANCS = "[ \u00a0]"
REGLES = (
    (re.compile(f"{BLANCS}([;:!?%»])"), rf"{FINE}\1"),
    (re.compile(f"«{BLANCS}"), f"«{FINE}"),
    (re.compile(rf"(?<=\d){BLANCS}(?=\d{{3}}\b)"), FINE),
)
register = template.Library()


@register.filter(is_safe=True)
@stringfilter
def typo(texte: str) -> str:
    """A sentence written with plain spaces, as it is printed. A safe string stays safe: no tag is touched."""
    ecrit = texte
    for motif, remplacement in REGLES:
        ecrit = motif.sub(remplacement, ecrit)
    return mark_safe(ecrit) if isinstance(texte, SafeString) else ecrit  # noqa: S308 - spaces alone changed


@register.filter
def nombre(valeur: int | Fraction | str | None) -> str:
    """« 1 450 », « 12,5 », « inconnu »; a text passes as it is."""
    return typo(valeur if isinstance(valeur, str) else ecrire_nombre(valeur))


@register.filter
def pourcent(valeur: Fraction | None) -> str:
    """A share, « 12,5 % »."""
    return "inconnue" if valeur is None else typo(f"{ecrire_nombre(valeur * 100)} %")


@register.filter
def exact(valeur: str | None) -> str:
    """An exact number of a result, « 5367/20 », as it is read."""
    return nombre(None if valeur is None else Fraction(valeur))


@register.filter
def exact_pourcent(valeur: str | None) -> str:
    """An exact share of a result, as a percentage."""
    return "inconnu" if valeur is None else typo(pourcentage(Fraction(valeur)))


def _date(valeur: date | datetime | str) -> date:
    return date.fromisoformat(valeur[:10]) if isinstance(valeur, str) else valeur


@register.filter
def jour(valeur: date | str | None) -> str:
    """« 1er mai 2024 », « 6 mai 2024 »; nothing for no date."""
    if not valeur:
        return ""
    lue = _date(valeur)
    return date_format(lue, "j F Y") if lue.day > 1 else f"1er {date_format(lue, 'F Y')}"


@register.filter
def jour_semaine(valeur: date | str) -> str:
    """« mardi 6 mai 2026 »."""
    return f"{date_format(_date(valeur), 'l')} {jour(valeur)}"


@register.filter
def iso(valeur: date | str) -> str:
    """For `datetime` attributes."""
    return _date(valeur).isoformat()


@register.simple_tag(takes_context=True)
def page_de(context: Any, numero: int) -> str:
    """The address of another page of a list, its filters kept."""
    adresse = context["request"].GET.copy()
    adresse["page"] = str(numero)
    return f"?{adresse.urlencode()}"


@register.filter
def cle(table: Any, nom: str) -> Any:
    """What a table holds under a name; "" when nothing."""
    return table.get(nom, "")


@register.filter
def nom_role(code: str) -> str:
    """The name of a role, by its code in droits.ROLES."""
    from partiteur.web.droits import ROLES

    return ROLES[code].nom if code in ROLES else code


@register.filter
def rang(liste: Any, numero: int) -> Any:
    """The item of a list at a rank, from 0."""
    return liste[numero]


@register.simple_tag(takes_context=True)
def adresse_avec(context: Any, **parametres: str) -> str:
    """The query of this address, with these parameters."""
    adresse = context["request"].GET.copy()
    for nom, valeur in parametres.items():
        adresse[nom] = valeur
    return adresse.urlencode()


@register.filter
def somme(lignes: Any, nom: str) -> int:
    """The sum of a column: the foot of a table."""
    return sum(getattr(ligne, nom) for ligne in lignes)
