"""A dossier as its forms hold it: its parts, their fields and words, and its values as somebody types them.

The keys and what they may hold are those of the JSON Schema; the words are in saisie.toml, those of a category in its
barème.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from partiteur.moteur.tableur.cles import Noeud, aplatir, schema, situer
from partiteur.regles.socle import bareme

BAREMES = {"soustraits.*": "soustraits", "parc.exclus.*": "exclus"}
# Files of a dossier that forms keep and do not change.
NON_SAISIES = ("geographie.fichier", "parc.correspondance")
LIBERATIONS_JOINTES = "liberations-jointes"


@cache
def mots() -> Mapping[str, Any]:
    """The words of the forms, as data."""
    return tomllib.loads(Path(__file__).with_name("saisie.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Partie:
    """A part of a dossier that one form holds; `liste`: an item of a list, by its rank."""

    code: str

    @property
    def titre(self) -> str:
        """Its name."""
        return str(mots()["parties"][self.code]["titre"])

    @property
    def phrase(self) -> str:
        """What it is for."""
        return str(mots()["parties"][self.code]["phrase"])

    @property
    def un(self) -> str:
        """« un réservataire »; "" where it is no list."""
        return str(mots()["parties"][self.code].get("un", ""))

    @property
    def liste(self) -> bool:
        """Is it one item of a list?"""
        return bool(self.un)

    def groupes(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Its fieldsets: title, keys. What the schema knows and no fieldset names comes last, in the part it is of."""
        yield from _rangees(self.code)
        restent = tuple(c for c in _du_schema(self) if not _tenue(c, _de(self)))
        if restent:
            yield "Autres précisions", restent

    def noeud(self) -> Noeud:
        """The place of its keys in the schema."""
        return situer(schema(), self.code)[0].element() if self.liste else schema()

    def champ(self, cle: str) -> Mapping[str, str]:
        """The words of a field."""
        champs = mots()["champs"]
        dits = champs.get(self.code, {}) if self.liste else champs
        if cle in dits:
            return dict(dits[cle])
        nom, _, code = cle.rpartition(".")
        if f"{nom}.*" in BAREMES:
            return {"mots": maj(str(_lignes(BAREMES[f"{nom}.*"])[code]["libelle"]))}
        place, _ = situer(self.noeud(), cle)
        aides = [str(forme["description"]) for forme in place.formes if "description" in forme]
        return {"mots": maj(cle.replace(".", " › ").replace("_", " ")), "aide": " ".join(aides)}


def parties() -> tuple[Partie, ...]:
    """Every part, in the order of the pages."""
    return tuple(Partie(code) for code in mots()["parties"])


def _rangees(code: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The fieldsets that saisie.toml gives a part."""
    for groupe in mots()["parties"][code]["groupes"]:
        yield (
            groupe["titre"],
            tuple(c for cle in groupe["cles"] for c in (_du_bareme(cle) if cle in BAREMES else (cle,))),
        )


def _de(partie: Partie) -> set[str]:
    """The keys named beside a part: its own for a list, those of every other part for the rest."""
    ensemble = [partie] if partie.liste else [p for p in parties() if not p.liste]
    nommees = {cle for p in ensemble for _, cles in _rangees(p.code) for cle in cles}
    return nommees | (set() if partie.liste else {*NON_SAISIES, *(p.code for p in parties() if p.liste)})


def _tenue(cle: str, nommees: set[str]) -> bool:
    return any(cle == n or cle.startswith(f"{n}.") for n in nommees)


def _du_schema(partie: Partie) -> Iterator[str]:
    """Every key of the schema a part may have to hold: an item's for a list; for the last part, of the whole dossier."""
    if partie.liste or partie == [p for p in parties() if not p.liste][-1]:
        yield from _feuilles(partie.noeud().formes[0], "")


def _feuilles(forme: Mapping[str, Any], prefixe: str) -> Iterator[str]:
    """The keys of a schema down to what one field holds: a value, a list, a table of free keys."""
    if forme.get("type") == "object" and forme.get("properties"):
        for cle, sous in forme["properties"].items():
            yield from _feuilles(sous, f"{prefixe}.{cle}" if prefixe else cle)
    else:
        yield prefixe


def _lignes(nom: str) -> Mapping[str, Any]:
    lu = bareme(nom)
    return {c: ligne for c, ligne in lu.get("motifs", lu).items() if isinstance(ligne, Mapping)}


def _du_bareme(cle: str) -> Iterator[str]:
    """The keys of every category of a barème that the schema knows."""
    for code in _lignes(BAREMES[cle]):
        yield cle.replace("*", code)


def maj(texte: str) -> str:
    return texte[:1].upper() + texte[1:]


def tables(place: Noeud) -> bool:
    """A list of tables inside an item: written line by line."""
    return any(f.get("type") == "array" and f["items"].get("type") == "object" for f in place.formes)


def dire(cle: str, valeurs: Iterable[str]) -> list[tuple[str, str]]:
    """The values of a choice in words: those of a barème by its line, those of the State's types by theirs."""
    tables = {"type": "reservataires", "motifs": "exclus", "categorie": "soustraits"}
    table = tables.get(cle.rpartition(".")[2])
    lignes = _lignes(table) if table else {}
    dites = mots()["valeurs"]
    return [(v, maj(str(lignes[v]["libelle"])) if v in lignes else dites.get(v, v)) for v in valeurs]


# --- a document and its texts


def textes(document: Mapping[str, Any], partie: Partie) -> dict[str, Any]:
    """What the fields of a part hold when a document is shown in them."""
    lus: dict[str, Any] = {}
    for _, cles in partie.groupes():
        for cle in cles:
            valeur = valeur_de(document, cle)
            if valeur is None:
                continue
            place, _ = situer(partie.noeud(), cle)
            lus[cle] = _en_texte(place, valeur)
    return lus


def valeur_de(document: Any, cle: str) -> Any:
    ici = document
    for morceau in cle.split("."):
        if not isinstance(ici, Mapping) or morceau not in ici:
            return None
        ici = ici[morceau]
    return ici


def _en_texte(place: Noeud, valeur: Any) -> Any:
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, Mapping) or tables(place):
        return "\n".join(f"{cle} = {v}" for cle, v in aplatir(valeur))
    if isinstance(valeur, list):
        return valeur if "enum" in place.element().formes[0] else " ; ".join(map(str, valeur))
    return str(valeur)


# --- a document with a part in place of what it was


def sans_element(base: Mapping[str, Any], partie: Partie, rang: int) -> dict[str, Any]:
    """The dossier without an item of a list."""
    document: dict[str, Any] = deepcopy(dict(base))
    *route, derniere = partie.code.split(".")
    ici = document
    for pas in route:
        ici = ici.get(pas, {})
    elements = ici.get(derniere, [])
    del elements[rang : rang + 1]
    if not elements:
        ici.pop(derniere, None)
    return document


def oter(document: dict[str, Any], chemin: Sequence[str]) -> None:
    """Take a key out, and the tables it leaves empty; parc stays, which every dossier has."""
    tete, *suite = chemin
    if suite:
        if isinstance(document.get(tete), dict):
            oter(document[tete], suite)
            if not document[tete] and tete != "parc":
                del document[tete]
    else:
        document.pop(tete, None)


def fondre(document: dict[str, Any], neuf: Mapping[str, Any]) -> dict[str, Any]:
    for cle, valeur in neuf.items():
        if isinstance(valeur, Mapping) and isinstance(document.get(cle), dict):
            fondre(document[cle], valeur)
        else:
            document[cle] = deepcopy(valeur)
    return document
