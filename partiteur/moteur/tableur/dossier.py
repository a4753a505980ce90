"""Writes a dossier as a workbook: the keys of dossier.toml in cells, each with what it means (D72)."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import IO, Any

from partiteur.moteur.tableur.classeur import Cellule, Classeur, Nombre, classeur
from partiteur.moteur.tableur.cles import aplatir, listes
from partiteur.regles.socle import bareme

REMARQUE = "remarque"  # the column of what is to correct; nobody reads it back
ENTETES = ("clé", "valeur", "ce que c'est", REMARQUE)
TITRE = re.compile(r"(\[\[?)([a-z_.]+)\]\]?")
LIGNE = re.compile(r"(?:# )?([a-z_]+) = .*?\s{2,}# (.+)")


@cache
def mots() -> Mapping[str, Any]:
    """The words of the workbook, as data."""
    return tomllib.loads((resources.files(__package__) / "dossier.toml").read_text("utf-8"))


def feuille_de(cle: str) -> str:
    """The name of the sheet of a list of the dossier."""
    return str(mots()["feuilles"].get(cle, cle.capitalize()))


def ecrire_dossier(texte: str, fichier: IO[bytes]) -> None:
    """Write a dossier.toml as a workbook; its comments become remarks beside what they are about."""
    document = tomllib.loads(texte, parse_float=str)
    dites = remarques(texte)
    seul = {cle: valeur for cle, valeur in document.items() if cle not in listes()}
    with classeur(fichier, f"Dossier de flux {document['exercice']}") as livre:
        _dossier(livre, dict(aplatir(seul)), dites)
        for cle in listes():
            if cle in document or cle in mots()["colonnes"]:
                _liste(livre, cle, document.get(cle, []), dites)
        aide = livre.feuille("Aide", (26, 90))
        aide.titre("Remplir ce dossier")
        for phrase in mots()["aide"]["phrases"]:
            aide.ligne(("", phrase))
        aide.saut()
        aide.entete(("Colonne", "Ce que c'est"))
        for colonne, sens in mots()["aide"]["colonnes"].items():
            aide.ligne((colonne, sens))


def _dossier(livre: Classeur, valeurs: Mapping[str, Any], dites: Mapping[str, str]) -> None:
    """One key a row: those explained first, filled or to fill, then the others of the document."""
    feuille = livre.feuille(feuille_de("dossier"), (34, 34, 66, 50))
    feuille.entete(ENTETES)
    expliquees = dict(_expliquees())
    for cle in {**expliquees, **valeurs}:
        remarque = dites.get(cle, "")
        vide = "saisie" if remarque else "normal"
        cellules = (cle, _cellule(valeurs.get(cle)), expliquees.get(cle, ""), remarque)
        feuille.ligne(cellules, tons=("normal", vide, "note", "normal"))


def _expliquees() -> Iterator[tuple[str, str]]:
    """The keys to offer, with their meaning; those of a barème one by one."""
    baremes = {"soustraits.*": bareme("soustraits"), "parc.exclus.*": bareme("exclus")["motifs"]}
    for cle, sens in mots()["cles"].items():
        if cle not in baremes:
            yield cle, sens
            continue
        for code, ligne in baremes[cle].items():
            if isinstance(ligne, Mapping) and cle.replace("*", code) not in mots()["cles"]:
                yield cle.replace("*", code), sens.format(libelle=ligne["libelle"])


def _liste(
    livre: Classeur, cle: str, elements: Sequence[Mapping[str, Any]], dites: Mapping[str, str]
) -> None:
    """One item a row, a key a column."""
    plats = [dict(aplatir(element)) for element in elements]
    colonnes = list(dict.fromkeys((*mots()["colonnes"].get(cle, ()), *(c for plat in plats for c in plat))))
    feuille = livre.feuille(feuille_de(cle), [*(max(16, len(c) + 3) for c in colonnes), 44])
    feuille.entete((*colonnes, REMARQUE))
    for rang, plat in enumerate(plats, start=1):
        propres = {c: dites[f"{cle}.{rang}.{c}"] for c in plat if f"{cle}.{rang}.{c}" in dites}
        tons = ["saisie" if c in propres else "normal" for c in colonnes]
        phrases = " ; ".join(f"{c} : {phrase}" for c, phrase in propres.items())
        feuille.ligne([*(_cellule(plat.get(c)) for c in colonnes), phrases], tons=[*tons, "normal"])


def _cellule(valeur: Any) -> Cellule:
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, int):
        return Nombre(valeur, "libre")
    if valeur is None or isinstance(valeur, date):
        return valeur
    return str(valeur)


def remarques(texte: str) -> dict[str, str]:
    """The comments at the end of the lines of a dossier.toml, by flat key: « reservataires.2.type »."""
    dites: dict[str, str] = {}
    rangs: dict[str, int] = {}
    table = ""
    for ligne in texte.splitlines():
        titre = TITRE.fullmatch(ligne.strip())
        if titre:
            crochets, table = titre.groups()
            if crochets == "[[":
                rangs[table] = rangs.get(table, 0) + 1
                table = f"{table}.{rangs[table]}"
        elif trouvee := LIGNE.fullmatch(ligne.strip()):
            cle, phrase = trouvee.groups()
            dites[f"{table}.{cle}" if table else cle] = phrase.replace("true", "oui")
    return dites
