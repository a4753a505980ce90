"""Organisations of the instance."""

from django import forms

from partiteur.web.forms.socle import Formulaire
from partiteur.web.models import Organisation, Succession
from partiteur.web.models.organisation import CODE, ECHELLES, SIREN, TYPES, TYPES_RESERVATAIRE

JOUR = forms.DateInput(attrs={"type": "date"})


class OrganisationForm(Formulaire):
    """An organisation, its first territory and its first code."""

    siren = forms.CharField(label="SIREN", max_length=9, validators=[SIREN])
    nom = forms.CharField(label="Nom", max_length=160)
    type_ = forms.ChoiceField(label="Type", choices=TYPES)
    du = forms.DateField(label="Existe depuis le", widget=JOUR)
    echelle = forms.ChoiceField(
        label="Compétente sur", choices={"": "aucun territoire", **ECHELLES}, required=False
    )
    code_territoire = forms.CharField(label="Code du territoire", max_length=9, required=False)
    code = forms.CharField(
        label="Code de réservataire, tel qu'il est dans les dossiers",
        max_length=40,
        validators=[CODE],
        required=False,
    )
    type_reservataire = forms.ChoiceField(
        label="Type de réservataire", choices={"": "aucun", **TYPES_RESERVATAIRE}, required=False
    )

    def clean(self) -> dict[str, object]:
        """A scale goes with its code, a code with its type."""
        lus = super().clean()
        for un, autre in (("echelle", "code_territoire"), ("code", "type_reservataire")):
            if bool(lus.get(un)) != bool(lus.get(autre)):
                self.add_error(autre, f"« {self.fields[un].label} » et ce champ vont ensemble.")
        return lus


class SuccessionForm(Formulaire):
    """A merger, or a transfer of parc."""

    cedante = forms.ModelChoiceField(
        Organisation.objects.all(),
        to_field_name="identifiant",
        label="Organisation qui cède",
        empty_label="choisissez",
    )
    beneficiaire = forms.ModelChoiceField(
        Organisation.objects.all(),
        to_field_name="identifiant",
        label="Organisation qui reprend",
        empty_label="choisissez",
    )
    nature = forms.ChoiceField(label="Nature", choices=Succession.NATURES, widget=forms.RadioSelect)
    le = forms.DateField(label="Date d'effet", widget=JOUR)
