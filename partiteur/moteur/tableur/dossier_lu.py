"""Reads a dossier from a workbook: the same document as dossier.toml, and errors that name sheet, row and column (D72)."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partiteur.moteur.lecture.classeur import Feuille, ouvrir
from partiteur.moteur.lecture.colonne import normaliser
from partiteur.moteur.lecture.fichier import nature
from partiteur.moteur.schema import DocumentInvalide, ecarts
from partiteur.moteur.tableur.classeur import adresse
from partiteur.moteur.tableur.cles import (
    Chemin,
    CleInconnue,
    DejaPose,
    Noeud,
    achever,
    convertir,
    listes,
    poser,
    schema,
    situer,
)
from partiteur.moteur.tableur.dossier import ENTETES, REMARQUE, feuille_de
from partiteur.regles.socle import ErreurUtilisateur

CLE, VALEUR = 0, 1  # columns of the sheet « Dossier »


def lire_dossier(chemin: Path) -> dict[str, Any]:
    """The document of a workbook, valid against the schema of a dossier.

    Raises DocumentInvalide, naming sheet, row and column, and LectureImpossible when it is no workbook.
    """
    sorte = nature(chemin)
    if sorte == "texte":
        raise DocumentInvalide(f"{chemin} : ce n'est pas un classeur ; un dossier en texte se nomme .toml.")
    feuilles = {normaliser(feuille.nom): feuille for feuille in ouvrir(chemin, sorte)}
    lu = _Lu(chemin)
    principale = feuilles.get(normaliser(feuille_de("dossier")))
    if principale is None:
        raise DocumentInvalide(
            f"{chemin} : il manque la feuille « {feuille_de('dossier')} » ; « partiteur dossier creer … --sortie d.xlsx » "
            "en prépare une."
        )
    lu.dossier(principale)
    for cle in listes():
        if normaliser(feuille_de(cle)) in feuilles:
            lu.liste(cle, feuilles[normaliser(feuille_de(cle))])
    return lu.document_valide()


@dataclass(frozen=True)
class _Case:
    """A cell: its sheet and row, the key it is for, the columns of the key and of the value."""

    feuille: str
    ligne: int
    cle: str
    colonne_cle: int
    colonne: int

    def ou(self, colonne: int) -> str:
        """« feuille « Dossier », ligne 3, colonne B »."""
        return f"feuille « {self.feuille} », ligne {self.ligne}, colonne {adresse(1, colonne)[:-1]}"


class _Lu:
    """A document being read, and where each of its values was."""

    def __init__(self, chemin: Path) -> None:
        self.chemin = chemin
        self.document: dict[str, Any] = {}
        self.places: dict[str, str] = {}

    def dossier(self, feuille: Feuille) -> None:
        """One key a row: the key in column A, the value in column B."""
        for numero, cellules in feuille.enregistrements():
            cle, valeur = (propre(cellules, colonne) for colonne in (CLE, VALEUR))
            if valeur and cle != ENTETES[CLE]:
                ici = _Case(feuille.nom, numero, cle, CLE, VALEUR)
                self._poser(ici, valeur, schema(), self.document, ())

    def liste(self, cle: str, feuille: Feuille) -> None:
        """One item a row under a header of keys; a row without a value is not an item."""
        lignes = feuille.enregistrements()
        _, entete = next(lignes, (1, []))
        noms = [(i, propre(entete, i)) for i in range(len(entete)) if propre(entete, i) not in ("", REMARQUE)]
        element = schema().enfant(cle)[0].element()
        elements: list[dict[str, Any]] = []
        for numero, cellules in lignes:
            remplies = [(i, nom) for i, nom in noms if propre(cellules, i)]
            if not remplies:
                continue
            elements.append({})
            prefixe = (cle, len(elements) - 1)
            self._situer(prefixe, f"feuille « {feuille.nom} », ligne {numero}")
            for colonne, nom in remplies:
                ici = _Case(feuille.nom, numero, nom, colonne, colonne)
                self._poser(ici, propre(cellules, colonne), element, elements[-1], prefixe)
        if elements:
            self.document[cle] = elements

    def _poser(
        self, ici: "_Case", valeur: str, depart: Noeud, cible: dict[str, Any], prefixe: Chemin
    ) -> None:
        """Convert one cell and put it in its table. Raises DocumentInvalide, saying where."""
        try:
            place, chemin = situer(depart, ici.cle)
            self._situer((*prefixe, *chemin), ici.ou(ici.colonne))
            poser(cible, chemin, convertir(place, valeur))
        except CleInconnue as erreur:
            raise DocumentInvalide(
                f"{self.chemin}, {ici.ou(ici.colonne_cle)} : {_inconnue(ici.cle, erreur)}"
            ) from erreur
        except DejaPose as erreur:
            raise DocumentInvalide(
                f"{self.chemin}, {ici.ou(ici.colonne_cle)} : « {ici.cle} » est donné deux fois ; gardez-en une valeur."
            ) from erreur
        except ErreurUtilisateur as erreur:
            raise DocumentInvalide(f"{self.chemin}, {ici.ou(ici.colonne)} : {erreur}") from erreur

    def _situer(self, chemin: Chemin, ou: str) -> None:
        self.places.setdefault(nommer(chemin), ou)

    def document_valide(self) -> dict[str, Any]:
        """The document. Raises DocumentInvalide on its first departure from the schema."""
        document: dict[str, Any] = achever(self.document)
        for ecart in ecarts(document, "dossier"):
            ou = next((self.places[c] for c in _parents(ecart.chemin) if c in self.places), None)
            dans = f", {ecart.chemin}" if ecart.chemin else ""
            ou = ou or f"feuille « {feuille_de('dossier')} »{dans}"
            raise DocumentInvalide(f"{self.chemin}, {ou} : {ecart.message}")
        return document


def propre(cellules: list[str], colonne: int) -> str:
    """The text of a cell, empty beyond the end of the row."""
    return cellules[colonne].strip() if colonne < len(cellules) else ""


def nommer(chemin: Chemin) -> str:
    """A path as the schema's departures write it: « reservataires › n° 2 › part »."""
    return " › ".join(f"n° {p + 1}" if isinstance(p, int) else p for p in chemin)


def _parents(chemin: str) -> Iterator[str]:
    """A path, then the paths above it."""
    while chemin:
        yield chemin
        chemin = chemin.rpartition(" › ")[0]


def _inconnue(cle: str, erreur: CleInconnue) -> str:
    """What to do of a key that the schema does not know."""
    if not cle:
        return "une valeur sans clé ; écrivez sa clé dans la colonne A, ou videz la ligne."
    proches = difflib.get_close_matches(erreur.morceau, erreur.connues, n=1)
    if proches:
        return f"clé inconnue « {cle} » ; vouliez-vous « {proches[0]} » au lieu de « {erreur.morceau} » ?"
    suite = f" ; clés possibles ici : {', '.join(erreur.connues)}." if erreur.connues else " ; retirez-la."
    return f"clé inconnue « {cle} »{suite}"
