"""Forms check shapes; what the act refuses is shown at the top, beside nothing; what a session's end cut is given back."""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from django import forms
from django.utils.functional import cached_property

# What the person had typed on this page when its session ended: set by middleware.SaisieGardee for one request.
SAISIE: ContextVar[Mapping[str, Sequence[str]]] = ContextVar("saisie", default={})  # noqa: B039 - never changed in place


class Formulaire(forms.Form):
    """A form of ours: labels above, errors tied to their field, no « : » glued."""

    use_required_attribute = True
    required_css_class = "obligatoire"
    error_css_class = "en-erreur"

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @cached_property
    def rendue(self) -> Mapping[str, Sequence[str]]:
        """What was typed in this form before the session ended; {}: nothing, or it was another form of the page."""
        lue = SAISIE.get()
        siens = {self.add_prefix(nom) for nom in self.fields}
        return lue if not self.is_bound and 2 * len(siens & lue.keys()) > len(lue) else {}

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """What was typed, else what the form proposes. A file is to be chosen again."""
        if not self.rendue or isinstance(field, forms.FileField):
            return super().get_initial_for_field(field, field_name)
        valeurs = list(self.rendue.get(self.add_prefix(field_name), ()))
        if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
            return valeurs
        return valeurs[-1] if valeurs else None
