"""Filters of the lines of a register, a remark, its answer, a list, an agreement."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from partiteur.web.depot import SUFFIXES
from partiteur.web.forms.parc import JOUR, FichierBorne
from partiteur.web.forms.socle import Formulaire

LONGUEUR = 2000
NATURES = {"suite": "Droit de suite", "unique": "Droit unique", "un_tour": "Pour un tour"}
# What each sort of remark proposes; of the fields of a group, one at least.
PROPOSITIONS: Mapping[str, tuple[str, ...]] = {
    "manquante": ("programme", "logement", "nombre"),
    "objet": ("programme", "logement"),
    "nombre": ("nombre",),
    "dates": ("debut", "fin"),
    "nature": ("nature",),
}
SANS_PERSONNE = "L'autre partie lira ces mots. Ne nommez ni locataire ni demandeur."


def _champs() -> dict[str, forms.Field]:
    return {
        "programme": forms.CharField(label="Programme", max_length=200, required=False),
        "logement": forms.CharField(
            label="Logement",
            max_length=60,
            required=False,
            help_text="Son numéro RPLS, ou celui du bailleur.",
        ),
        "nombre": forms.IntegerField(
            label="Nombre de logements", min_value=1, max_value=1_000_000, required=False
        ),
        "debut": forms.DateField(label="Début du droit", widget=JOUR, required=False),
        "fin": forms.DateField(label="Fin du droit", widget=JOUR, required=False),
        "nature": forms.ChoiceField(label="Nature du droit", choices=NATURES),
    }


class LignesForm(forms.Form):
    """What the address of the lines asks; it refuses what it does not offer."""

    def __init__(self, *args: Any, choix: Mapping[str, Sequence[tuple[str, str]]], **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        mots = {"reservataire": "Réservataire", "commune": "Commune", "ecart": "Registre et parc"}
        for nom, valeurs in choix.items():
            if len(valeurs) > 1:
                self.fields[nom] = forms.ChoiceField(
                    label=mots[nom],
                    choices=[("", "tous" if nom != "commune" else "toutes"), *valeurs],
                    required=False,
                )
        self.fields["q"] = forms.CharField(label="Programme ou logement", max_length=100, required=False)


class RemarqueForm(Formulaire):
    """A remark of one sort: what is proposed, and why."""

    def __init__(self, *args: Any, categorie: str, codes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categorie, self.codes = categorie, codes
        if categorie == "manquante" and len(codes) > 1:
            self.fields["reservataire"] = forms.ChoiceField(
                label="Code du réservataire", choices=[(code, code) for code in codes]
            )
        champs = _champs()
        for nom in PROPOSITIONS.get(categorie, ()):
            self.fields[nom] = champs[nom]
        if categorie in ("nombre", "manquante"):
            self.fields["nombre"].required = True
        self.fields["texte"] = forms.CharField(
            label="Votre question" if categorie == "question" else "Pourquoi",
            help_text=SANS_PERSONNE,
            max_length=LONGUEUR,
            widget=forms.Textarea(attrs={"rows": 4}),
            required=categorie in ("question", "pas_a_nous"),
        )

    def clean(self) -> dict[str, Any]:
        """Something is proposed, and a period ends after it begins."""
        lus = super().clean()
        noms = [nom for nom in PROPOSITIONS.get(self.categorie, ()) if nom != "nombre"]
        if noms and not any(lus.get(nom) for nom in noms) and not set(noms) & set(self.errors):
            self.add_error(noms[0], "Dites au moins l'un des deux." if len(noms) > 1 else "Dites-le.")
        if lus.get("debut") and lus.get("fin") and lus["fin"] < lus["debut"]:
            self.add_error("fin", "La fin précède le début.")
        return lus

    def propose(self) -> dict[str, Any]:
        """What the line should say: columns of the register, dates as ISO text."""
        lus = {nom: self.cleaned_data.get(nom) for nom in PROPOSITIONS.get(self.categorie, ())}
        if self.categorie == "manquante" and self.codes:
            lus["reservataire"] = self.cleaned_data.get("reservataire") or self.codes[0]
        return {n: v.isoformat() if isinstance(v, date) else v for n, v in lus.items() if v not in (None, "")}


class ReponseForm(Formulaire):
    """An answer, and what it decides."""

    acte = forms.ChoiceField(
        choices=[(acte, acte) for acte in ("repond", "accepte", "refuse", "retire")], widget=forms.HiddenInput
    )
    texte = forms.CharField(
        label="Votre réponse",
        help_text=SANS_PERSONNE,
        max_length=LONGUEUR,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )


class ListeForm(Formulaire):
    """The list of a réservataire."""

    fichier = FichierBorne(
        label="Votre liste",
        help_text="Les mêmes colonnes que le registre des droits : droit, reservataire, programme, logement, nombre, debut, "
        "fin… en CSV ou en classeur. Le bailleur la lira.",
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
    )


class AccordForm(Formulaire):
    """Yes, to these lines and no other."""

    empreinte = forms.CharField(max_length=64, widget=forms.HiddenInput)
    lu = forms.BooleanField(label="J'ai lu ces lignes et je les arrête pour mon organisation")
