"""Forms check shapes; what the act refuses is shown at the top, beside nothing."""

from django import forms


class Formulaire(forms.Form):
    """A form of ours: labels above, errors tied to their field, no « : » glued."""

    use_required_attribute = True
    required_css_class = "obligatoire"
    error_css_class = "en-erreur"

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
