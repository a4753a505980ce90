"""A dossier of flux and its pieces; the cadres to set side by side."""

from collections.abc import Sequence

from django import forms

from partiteur.regles.socle import nombre
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
    """Cadres to set beside the dossier's own; conversions of the stock to set side by side."""

    def __init__(
        self,
        *args: object,
        cadres: Sequence[tuple[str, str]],
        conversions: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for nom, label, choix in (
            ("cadres", "Cadres à comparer", cadres),
            ("conversions", "Conversions à comparer", conversions),
        ):
            self.fields[nom] = forms.MultipleChoiceField(
                label=label, choices=choix, required=False, widget=forms.CheckboxSelectMultiple
            )


class SimulationForm(forms.Form):
    """How many years to draw, and from which seed."""

    graine = forms.IntegerField(label="Graine du hasard", min_value=1, max_value=1_000_000, initial=1)

    def __init__(self, *args: object, tirages: Sequence[int], **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["tirages"] = forms.TypedChoiceField(
            label="Années tirées", choices=[(n, nombre(n)) for n in tirages], coerce=int, initial=tirages[0]
        )
        self.order_fields(["tirages", "graine"])


class PreparationForm(forms.Form):
    """A dossier to prepare: of which year, under which cadre."""

    exercice = forms.IntegerField(label="Année du flux", min_value=2018, max_value=2100)

    def __init__(self, *args: object, cadres: Sequence[tuple[str, str]], **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.fields["cadre"] = forms.ChoiceField(label="Cadre", choices=cadres)
