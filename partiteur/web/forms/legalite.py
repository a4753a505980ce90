"""What a contrôle de légalité, and a comparison of bailleurs, are asked in their address."""

from collections.abc import Mapping, Sequence

from django import forms

from partiteur.moteur.legalite import NON, VERDICTS
from partiteur.web.models import Dossier

TOUT = "tout"


class ControleForm(forms.Form):
    """Which question, which verdict, which year; by default what is not right."""

    def __init__(
        self, *args: object, questions: Mapping[str, str], exercices: Sequence[int], **kwargs: object
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["verification"] = forms.ChoiceField(
            label="Vérification", choices=[("", "toutes"), *questions.items()], required=False
        )
        self.fields["verdict"] = forms.ChoiceField(
            label="Réponse", choices=[(NON, "Non"), (TOUT, "toutes"), *_autres()], required=False
        )
        self.fields["exercice"] = forms.ChoiceField(
            label="Année du flux",
            choices=[("", "toutes"), *((str(e), str(e)) for e in exercices)],
            required=False,
        )

    @property
    def demande(self) -> tuple[str, str, str]:
        """What is asked: question, verdict ("": all), year; what is not offered asks nothing."""
        lus = self.cleaned_data if self.is_valid() else {}
        verdict = lus.get("verdict") or NON
        return lus.get("verification", ""), "" if verdict == TOUT else verdict, lus.get("exercice", "")


def _autres() -> list[tuple[str, str]]:
    return [(v, mots) for v, mots in VERDICTS.items() if v != NON]


class BailleursForm(forms.Form):
    """Which adopted flux to set side by side."""

    def __init__(self, *args: object, dossiers: Sequence[Dossier], **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["dossiers"] = forms.MultipleChoiceField(
            label="Flux à comparer",
            choices=[(d.identifiant, f"{d.bailleur}, {d.exercice}") for d in dossiers],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
