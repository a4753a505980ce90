"""The directory."""

from django import forms

from partiteur.web.depot import SUFFIXES
from partiteur.web.forms.parc import FichierBorne
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
        help_text="Un suppléant reçoit ce qui est adressé au titulaire les jours où il est absent.",
        required=False,
        empty_label="personne\u202f: c'est un titulaire",
    )

    def __init__(self, *args: object, contacts: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["supplee"].queryset = contacts


class AbsenceForm(Formulaire):
    """Days away."""

    du = forms.DateField(label="Absence à partir du", widget=forms.DateInput(attrs={"type": "date"}))
    au = forms.DateField(label="Retour le", widget=forms.DateInput(attrs={"type": "date"}))


class ImportForm(Formulaire):
    """A directory in a file."""

    fichier = FichierBorne(
        label="Fichier",
        help_text="Un classeur ou un CSV, une personne par ligne. Rien n'est repris avant que vous ayez vu ce qui changerait ; "
        "le fichier n'est pas gardé.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(s for s in SUFFIXES if s != ".zip")}),
    )


class ApercuForm(Formulaire):
    """Yes: the cards of a preview, as it was signed."""

    fiches = forms.CharField(widget=forms.HiddenInput)
