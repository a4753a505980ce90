"""A dossier of flux and its pieces; the cadres to set side by side."""

from collections.abc import Sequence

from django import forms

from partiteur.web.forms.parc import FichierBorne
from partiteur.web.forms.socle import Formulaire


class Plusieurs(forms.ClearableFileInput):
    """A field for several files."""

    allow_multiple_selected = True


class PiecesField(FichierBorne):
    """Several files, each bounded."""

    def clean(self, donnees: object, initial: object = None) -> list[object]:
        """Each of them; none is no fault."""
        envoyes = donnees if isinstance(donnees, list | tuple) else [donnees]
        propres = [super(PiecesField, self).clean(d, initial) for d in envoyes]
        return [p for p in propres if p is not None]


class DossierForm(Formulaire):
    """A dossier, and the files it names."""

    dossier = FichierBorne(
        label="Dossier",
        help_text="dossier.toml, ou le classeur qui dit la même chose.",
        widget=forms.ClearableFileInput(attrs={"accept": ".toml,.xlsx,.xlsm,.ods"}),
    )
    pieces = PiecesField(
        label="Pièces",
        required=False,
        help_text="Les fichiers que le dossier nomme : parc, droits, libérations, communes. Seules les colonnes lues "
        "sont gardées.",
        widget=Plusieurs(attrs={"accept": ".csv,.txt,.xlsx,.xlsm,.ods,.toml"}),
    )


class CadresForm(forms.Form):
    """Cadres to set beside the dossier's own."""

    def __init__(self, *args: object, cadres: Sequence[tuple[str, str]], **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["cadres"] = forms.MultipleChoiceField(
            label="Cadres à comparer", choices=cadres, required=False, widget=forms.CheckboxSelectMultiple
        )


class PreparationForm(forms.Form):
    """A dossier to prepare: of which year, under which cadre."""

    exercice = forms.IntegerField(label="Année du flux", min_value=2018, max_value=2100)

    def __init__(self, *args: object, cadres: Sequence[tuple[str, str]], **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["cadre"] = forms.ChoiceField(label="Cadre", choices=cadres)
