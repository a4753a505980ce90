"""A file of parc, the day it is of; what an état des lieux is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from partiteur.web.depot import NATURES, SUFFIXES
from partiteur.web.forms.socle import Formulaire

JOUR = forms.DateInput(attrs={"type": "date"})


class FichierBorne(forms.FileField):
    """A file the site can take: bounded, and named."""

    def clean(self, donnees: object, initial: object = None) -> object:
        """Refuse a file heavier than any request may be."""
        fichier = super().clean(donnees, initial)
        if fichier is not None and fichier.size > settings.CORPS_MAX:
            raise forms.ValidationError(f"Le fichier dépasse {settings.CORPS_MAX // 2**20} Mo : découpez-le.")
        return fichier


class ListeLongue(forms.Select):
    """A list of hundreds of communes, drawn at once: Django renders a template for each option."""

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The same list."""
        choisis = self.format_value(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            (
                (valeur, mark_safe(" selected") if str(valeur) in choisis else "", mots)
                for valeur, mots in self.choices
            ),
        )
        return format_html(
            "<select{}>{}</select>", flatatt(self.build_attrs({**self.attrs, "name": name}, attrs)), options
        )


class DepotForm(Formulaire):
    """A file to read."""

    nature = forms.ChoiceField(label="Ce que contient le fichier", choices=NATURES, widget=forms.RadioSelect)
    fichier = FichierBorne(
        label="Fichier",
        help_text="Le fichier RPLS déposé, ou votre propre tableau, en CSV ou en classeur. Rien n'est importé avant "
        "que vous ayez lu le rapport.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )


class ConfirmationForm(Formulaire):
    """Yes: of which day, and having read the findings."""

    le = forms.DateField(
        label="Situation au", widget=JOUR, help_text="Le RPLS au 1er janvier dit la situation au 31 décembre."
    )
    lu = forms.BooleanField(label="J'ai lu le rapport de contrôle")

    def __init__(self, *args: object, constats: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not constats:
            del self.fields["lu"]


class EtatForm(forms.Form):
    """What the address of an état des lieux asks; every field has a default, and refuses what it does not offer."""

    def __init__(
        self,
        *args: object,
        lignes: Mapping[str, str],
        colonnes: Mapping[str, str],
        filtres: Mapping[str, Sequence[tuple[str, str]]],
        **kwargs: object,
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["lignes"] = forms.ChoiceField(label="En lignes", choices=lignes, required=False)
        self.fields["colonnes"] = forms.ChoiceField(
            label="En colonnes", choices={"": "rien", **colonnes}, required=False
        )
        for axe, valeurs in filtres.items():
            self.fields[axe] = forms.ChoiceField(
                label=lignes[axe], choices=[("", "tous"), *valeurs], required=False, widget=ListeLongue
            )
        self.axes = [self["lignes"], self["colonnes"]]
        self.filtres = [self[axe] for axe in filtres]
