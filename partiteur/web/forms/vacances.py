"""What the address of a list of vacances asks."""

from collections.abc import Mapping, Sequence

from django import forms


class VacancesForm(forms.Form):
    """State, réservataire, year of opening, a number; every field has a default, and refuses what it does not offer."""

    etat = forms.ChoiceField(label="État", required=False)
    annee = forms.ChoiceField(label="Libéré en", required=False)
    reservataire = forms.ChoiceField(label="Mis à disposition de", required=False)
    cherche = forms.CharField(label="Vacance ou logement", max_length=80, required=False)

    def __init__(
        self,
        *args: object,
        etats: Mapping[str, str],
        annees: Sequence[int],
        reservataires: Mapping[str, str],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["etat"].choices = list(etats.items())
        self.fields["annee"].choices = [("", "toutes les années"), *((str(a), str(a)) for a in annees)]
        self.fields["reservataire"].choices = [("", "tous"), *reservataires.items()]
        if not reservataires:
            del self.fields["reservataire"]
