"""What is missing, and when the mise en demeure is sent."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from partiteur.regles.demeure import dernier_bilan_du
from partiteur.web.forms.socle import Formulaire

ANNEES = (2021, 2100)


class DemeureForm(Formulaire):
    """Asked in the address: nothing is written."""

    manques = forms.MultipleChoiceField(
        label="Ce qui manque",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez ce qui manque."},
    )
    envoi = forms.DateField(
        label="Date d'envoi",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "Donnez la date d'envoi."},
    )

    def __init__(self, *args: object, manques: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manques"].choices = manques

    def clean_envoi(self) -> date:
        """A day whose law is known."""
        envoi: date = self.cleaned_data["envoi"]
        premiere, derniere = ANNEES
        if not premiere <= envoi.year <= derniere:
            raise forms.ValidationError(f"Donnez une date entre {premiere} et {derniere}.")
        return envoi

    def clean(self) -> dict[str, Any]:
        """No bilan is asked for before the first is due."""
        lus: dict[str, Any] = super().clean() or {}
        if "bilan" in lus.get("manques", ()) and "envoi" in lus and not dernier_bilan_du(lus["envoi"]).valeur:
            self.add_error("manques", "Aucun bilan n'était encore dû à cette date : décochez le bilan.")
        return lus
