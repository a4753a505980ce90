"""Long lists of choices: a region has three thousand communes, and a template writes each of them slowly."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def options(paires: Iterable[tuple[str, str]], choisi: str) -> SafeString:
    """The options of a `select` from (value, words), the value chosen among them."""
    ecrites = ((valeur, SafeString(" selected" if valeur == choisi else ""), mots) for valeur, mots in paires)
    return format_html_join("", '<option value="{}"{}>{}</option>', ecrites)
