"""The directory."""

from django import forms

from partiteur.web.forms.socle import Formulaire
from partiteur.web.models import Contact


class ContactForm(Formulaire):
    """A contact, and whom it stands in for."""

    nom = forms.CharField(label="Prénom et nom", max_length=120)
    fonction = forms.CharField(label="Fonction", max_length=120, required=False)
    courriel = forms.EmailField(label="Adresse de courriel")
    telephone = forms.CharField(label="Téléphone", max_length=20, required=False)
    supplee = forms.ModelChoiceField(
        Contact.objects.none(),
        to_field_name="identifiant",
        label="Supplée",
        required=False,
        empty_label="personne : c'est un titulaire",
    )

    def __init__(self, *args: object, contacts: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplee"].queryset = contacts


class AbsenceForm(Formulaire):
    """Days away."""

    du = forms.DateField(label="Absent à partir du", widget=forms.DateInput(attrs={"type": "date"}))
    au = forms.DateField(label="De retour le", widget=forms.DateInput(attrs={"type": "date"}))
