"""Inviting, welcoming, changing a role."""

from django import forms

from partiteur.web.droits import ROLES
from partiteur.web.forms.socle import Formulaire
from partiteur.web.models import Organisation


class RoleForm(Formulaire):
    """A role that makes sense in the organisation."""

    role = forms.ChoiceField(label="Rôle", widget=forms.RadioSelect)
    referent = forms.BooleanField(
        label="Référent : gère les membres et voit qui a consulté quoi", required=False
    )

    def __init__(self, *args: object, organisation: Organisation, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            (code, f"{role.nom}. {role.phrase}")
            for code, role in ROLES.items()
            if organisation.type in role.types
        ]


class InvitationForm(RoleForm):
    """Who, at which address."""

    nom = forms.CharField(label="Prénom et nom", max_length=120)
    courriel = forms.EmailField(label="Adresse de courriel professionnelle")
    field_order = ("nom", "courriel", "role", "referent")


class AccueilForm(Formulaire):
    """The password of a new account, typed twice."""

    mot_de_passe = forms.CharField(
        label="Mot de passe",
        help_text="Douze caractères au moins ; une phrase que vous seul connaissez convient.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=200,
    )
    encore = forms.CharField(
        label="Le même mot de passe",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=200,
    )

    def clean(self) -> dict[str, object]:
        """Both are the same."""
        lus = super().clean()
        if lus.get("mot_de_passe") != lus.get("encore"):
            self.add_error("encore", "Les deux mots de passe diffèrent : tapez-les à nouveau.")
        return lus
