"""The forms of a dossier: a part at a time, its fields made from the JSON Schema.

What is typed is a text under a flat key (« soustraits.mutations »): the schema says what it must be, as it does of a
workbook (moteur.tableur). What does not fit is said at its field, and stays typed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms

from partiteur.moteur.schema import ecarts
from partiteur.moteur.tableur.cles import (
    VIDE,
    Chemin,
    CleInconnue,
    DejaPose,
    Noeud,
    achever,
    convertir,
    poser,
    situer,
)
from partiteur.moteur.tableur.dossier_lu import nommer
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web.forms.parc import JOUR, FichierBorne
from partiteur.web.forms.socle import Formulaire
from partiteur.web.saisie import (
    LIBERATIONS_JOINTES,
    Partie,
    dire,
    fondre,
    maj,
    oter,
    tables,
    textes,
    valeur_de,
)

LONGUEUR_MAX = 20_000
MANQUE = re.compile("il manque « (.+?) »")
BOOLEENS = (("", "non dit"), ("oui", "Oui"), ("non", "Non"))
# A change to the cadre asks for its reason; the definition of the rotation only where it is not the cadre's.
ECARTS = {
    "raisons.volume": ("volume.methode", "volume.annees"),
    "raisons.mutations": ("mutations.methode", "mutations.annees"),
    "raisons.exclus": ("exclus.motifs",),
}
Choix = Mapping[str, Sequence[tuple[str, str]]]


def faire_champ(partie: Partie, cle: str, choix: Choix) -> forms.Field:
    """The field of a key, as the schema says it: a choice, a date, lines of « clé = valeur », else a text."""
    place, _ = situer(partie.noeud(), cle)
    dits = partie.champ(cle)
    options: dict[str, Any] = {"label": dits["mots"], "help_text": dits.get("aide", ""), "required": False}
    types = place.types()
    if cle in choix:
        return forms.ChoiceField(choices=choix[cle], **options)
    if "boolean" in types:
        return forms.ChoiceField(choices=BOOLEENS, **options)
    valeurs = [v for forme in place.formes for v in forme.get("enum", ())]
    if valeurs:
        return forms.ChoiceField(choices=[("", "non dit"), *dire(cle, valeurs)], **options)
    if types == {"array"} and "enum" in place.element().formes[0]:
        return forms.MultipleChoiceField(
            choices=dire(cle, place.element().formes[0]["enum"]),
            widget=forms.CheckboxSelectMultiple,
            **options,
        )
    if "object" in types or tables(place):
        return forms.CharField(
            max_length=LONGUEUR_MAX, widget=forms.Textarea(attrs={"rows": 3, "class": "lignes"}), **options
        )
    if any("aaaa-mm-jj" in forme.get("description", "") for forme in place.formes):
        return forms.CharField(max_length=LONGUEUR_MAX, widget=JOUR, **options)
    attrs = {"inputmode": "numeric", "class": "court"} if types == {"integer"} else {}
    return forms.CharField(max_length=LONGUEUR_MAX, widget=forms.TextInput(attrs=attrs), **options)


class SaisieForm(Formulaire):
    """One part of a dossier; `document()` is the whole dossier with what was typed, valid against the schema."""

    use_required_attribute = False
    required_css_class = ""

    def __init__(
        self,
        *args: Any,
        partie: Partie,
        base: Mapping[str, Any],
        rang: int | None = None,
        choix: Choix | None = None,
        definition: str | None = None,
        **kwargs: Any,
    ) -> None:
        """`base`: the dossier before; `rang`: which item of the list, from 0; `definition`: the cadre's rotation."""
        self.partie, self.base, self.rang, self.definition = partie, base, rang, definition
        kwargs.setdefault("initial", textes(self._element(), partie))
        super().__init__(*args, **kwargs)
        for _, cles in partie.groupes():
            for cle in cles:
                self.fields[cle] = faire_champ(partie, cle, choix or {})
        if partie.code == "dossier":
            self.fields["liberations"] = FichierBorne(
                label="Fichier des libérations",
                required=False,
                help_text="À joindre ici s'il ne l'est pas encore : logement, date, motif.",
                widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx,.xlsm,.ods"}),
            )
        self.lu: Mapping[str, Any] = {}

    def _element(self) -> Mapping[str, Any]:
        if not self.partie.liste:
            return self.base
        elements = valeur_de(self.base, self.partie.code) or []
        return elements[self.rang] if self.rang is not None and self.rang < len(elements) else {}

    def groupes(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fieldsets of the page."""
        for titre, cles in self.partie.groupes():
            siens = [self[cle] for cle in cles]
            if "rotation.liberations" in cles:
                siens.insert(cles.index("rotation.liberations") + 1, self["liberations"])
            yield titre, siens

    @property
    def prefixe(self) -> Chemin:
        """Where the part is in the document."""
        if not self.partie.liste:
            return ()
        elements = valeur_de(self.base, self.partie.code) or []
        rang = len(elements) if self.rang is None else self.rang
        return (*self.partie.code.split("."), rang)

    def clean(self) -> dict[str, Any]:
        """Read each text where the schema expects it, then the whole dossier against the schema."""
        lus: dict[str, Any] = super().clean() or {}
        neuf: dict[str, Any] = {}
        for cle, place, chemin in self._places():
            valeur = lus.get(cle)
            if cle not in self.errors and valeur not in (None, "", []):
                self._lire(neuf, cle, place, chemin, valeur)
        if "liberations" in self.fields and lus.get("liberations"):
            neuf.setdefault("rotation", {})["liberations"] = LIBERATIONS_JOINTES
        self._raisons(lus)
        self.lu = self._remplacer(achever(neuf))
        for ecart in ecarts(self.lu, "dossier"):
            self._signaler(ecart.chemin, ecart.message)
        return lus

    def _places(self) -> Iterator[tuple[str, Noeud, Chemin]]:
        for _, cles in self.partie.groupes():
            for cle in cles:
                yield (cle, *situer(self.partie.noeud(), cle))

    def _lire(self, neuf: dict[str, Any], cle: str, place: Noeud, chemin: Chemin, valeur: Any) -> None:
        """Put a value at its path; lines of « clé = valeur » one by one."""
        try:
            if isinstance(valeur, list):
                poser(neuf, chemin, valeur)
            elif isinstance(self.fields[cle].widget, forms.Textarea) and ("=" in valeur or "\n" in valeur):
                for ligne in filter(None, map(str.strip, valeur.splitlines())):
                    suite, egal, dit = (m.strip() for m in ligne.rpartition("="))
                    if not egal or not suite or not dit:
                        raise ErreurUtilisateur(f"« {ligne[:80]} » : écrivez une ligne « clé = valeur ».")
                    sous_place, sous_chemin = situer(place, suite)
                    poser(neuf, (*chemin, *sous_chemin), convertir(sous_place, dit))
            elif valeur.strip() != VIDE:
                poser(neuf, chemin, convertir(place, valeur.strip()))
        except CleInconnue as erreur:
            connues = f" Connues : {', '.join(erreur.connues)}." if erreur.connues else ""
            self.add_error(cle, f"La clé « {erreur.morceau[:80]} » n'est pas connue ici.{connues}")
        except DejaPose as erreur:
            self.add_error(cle, f"« {str(erreur)[:80]} » est donné deux fois.")
        except ErreurUtilisateur as erreur:
            self.add_error(cle, str(erreur))
        except ValueError:  # more digits than a number may have
            self.add_error(cle, "Ce nombre est trop long.")

    def _raisons(self, lus: Mapping[str, Any]) -> None:
        """What departs from the cadre says why."""
        for raison, cles in ECARTS.items():
            if raison in self.fields and any(lus.get(c) for c in cles) and not lus.get(raison):
                self.add_error(raison, "Ce dossier s'écarte du cadre : dites pourquoi.")
        definition = lus.get("rotation.definition")
        autre = definition and self.definition and definition != self.definition
        if autre and not lus.get("raisons.rotation"):
            self.add_error("raisons.rotation", "Cette définition n'est pas celle du cadre : dites pourquoi.")

    def _remplacer(self, neuf: Mapping[str, Any]) -> dict[str, Any]:
        """The dossier with this part in place of what it was."""
        document: dict[str, Any] = deepcopy(dict(self.base))
        if self.partie.liste:
            *route, derniere = self.partie.code.split(".")
            ici = document
            for pas in route:
                ici = ici.setdefault(pas, {})
            elements = ici.setdefault(derniere, [])
            rang = self.prefixe[-1]
            if isinstance(rang, int) and rang < len(elements):
                elements[rang] = neuf
            else:
                elements.append(neuf)
            return document
        for _, cles in self.partie.groupes():
            for cle in cles:
                oter(document, cle.split("."))
        return fondre(document, neuf)

    def _signaler(self, chemin: str, message: str) -> None:
        """A departure from the schema, at its field; at the top when it is of another part."""
        noms = {nommer((*self.prefixe, *place)): cle for cle, _, place in self._places()}
        manque = MANQUE.search(message)
        if manque and f"{chemin} › {manque[1]}".removeprefix(" › ") in noms:
            cle, message = noms[f"{chemin} › {manque[1]}".removeprefix(" › ")], "Ce champ est obligatoire."
        else:
            dits = [nom for nom in noms if chemin == nom or chemin.startswith(f"{nom} › ")]
            cle = noms[max(dits, key=len)] if dits else ""
        if not cle:
            self.add_error(None, f"{chemin or 'dossier'} : {message}")
        elif not self.errors.get(cle):
            self.add_error(cle, maj(message))
