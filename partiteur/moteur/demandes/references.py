"""The figures of a territory that no barème holds, read from files: first quartile, délai, typologies that fit.

Nothing is supposed: what a file does not say is unknown.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from partiteur.moteur.lecture import fichier
from partiteur.moteur.lecture.cellule import decimal, propre
from partiteur.moteur.lecture.colonne import normaliser
from partiteur.moteur.lecture.constat import LectureImpossible, Rapport
from partiteur.regles.menage import LigneTypologie

LIGNES_MAX = 100_000
REGION = 2  # characters of a region's code
Cle = TypeVar("Cle")
Lu = TypeVar("Lu")


@dataclass(frozen=True)
class SeuilsQuartile:
    """Centimes a year and a unit of consumption, by territory (an EPCI, or the region in Île-de-France) and year."""

    seuils: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def seuil(self, epci: str | None, region: str | None, annee: int) -> int | None:
        """The threshold of a year, of the EPCI, else of the region; None when it was not loaded."""
        for territoire in (epci, region):
            if territoire is not None and (territoire, annee) in self.seuils:
                return self.seuils[territoire, annee]
        return None


@dataclass(frozen=True)
class DelaisAnormaux:
    """Months by département, and by number of pièces where the arrêté says so."""

    delais: Mapping[tuple[str, int | None], int] = field(default_factory=dict)

    def delai(self, departement: str | None, pieces: int | None) -> int | None:
        """The délai of a typologie, else that of the département; None when it was not loaded."""
        if departement is None:
            return None
        return self.delais.get((departement, pieces), self.delais.get((departement, None)))


def lire_seuils(chemin: Path) -> SeuilsQuartile:
    """Read the annex of the arrêté as a CSV: code_epci, annee, seuil (euros a year and a unit of consumption).

    Raises LectureImpossible, with the line: a column or a value missing, a territory and year given twice.
    """
    lus: dict[tuple[str, int], int] = {}
    for ou, ligne in _lignes(chemin, ("code_epci", "annee", "seuil")):
        epci = ligne["code_epci"]
        if not (epci.isdecimal() and len(epci) in (9, REGION)):
            raise LectureImpossible(
                f"{ou}, colonne « code_epci » : un SIREN à neuf chiffres, ou 11, est attendu."
            )
        cle = (epci, _entier(ou, "annee", ligne["annee"]))
        valeur, _ = decimal(ligne["seuil"])
        if valeur is None or valeur <= 0:
            raise LectureImpossible(f"{ou}, colonne « seuil » : un montant en euros est attendu.")
        _poser(lus, cle, round(valeur * 100), ou)
    return SeuilsQuartile(lus)


def lire_delais(chemin: Path) -> DelaisAnormaux:
    """Read the arrêtés as a CSV: departement, pieces (may be empty), mois.

    Raises LectureImpossible, with the line: a column or a value missing, a département and typologie given twice.
    """
    lus: dict[tuple[str, int | None], int] = {}
    for ou, ligne in _lignes(chemin, ("departement", "pieces", "mois")):
        departement = ligne["departement"].upper()
        if not departement.isalnum() or len(departement) not in (2, 3):
            raise LectureImpossible(
                f"{ou}, colonne « departement » : un code à deux ou trois caractères est attendu."
            )
        pieces = _entier(ou, "pieces", ligne["pieces"]) if ligne["pieces"] else None
        _poser(lus, (departement, pieces), _entier(ou, "mois", ligne["mois"]), ou)
    return DelaisAnormaux(lus)


def lire_typologies(chemin: Path) -> tuple[LigneTypologie, ...]:
    """Read a local table of typologies that fit, as a CSV: personnes, pieces_min, pieces_max.

    Raises LectureImpossible, with the line: a column or a value missing, a number of persons given twice, bounds
    the wrong way round.
    """
    lus: dict[int, LigneTypologie] = {}
    colonnes = ("personnes", "pieces_min", "pieces_max")
    for ou, ligne in _lignes(chemin, colonnes):
        personnes, bas, haut = (_entier(ou, nom, ligne[nom]) for nom in colonnes)
        if bas > haut:
            raise LectureImpossible(f"{ou}, colonne « pieces_max » : elle est au-dessous de « pieces_min ».")
        _poser(lus, personnes, LigneTypologie(personnes, bas, haut), ou)
    return tuple(lus[personnes] for personnes in sorted(lus))


def _lignes(chemin: Path, attendues: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row as a table of its columns, with where it is. At least one row."""
    if fichier.nature(chemin) != "texte":
        raise LectureImpossible(f"{chemin.name} est un classeur : enregistrez-le en CSV (UTF-8).")
    codage = fichier.encodage(chemin, Rapport(chemin.name))
    with chemin.open(encoding=codage, newline="", errors="replace") as flux:
        texte = flux.readline(fichier.LIMITE_LIGNE)
        separateur = max(fichier.SEPARATEURS, key=texte.count)
        noms = [
            normaliser(nom).replace(" ", "_") for nom in next(csv.reader([texte], delimiter=separateur), [])
        ]
        if manquante := next((nom for nom in attendues if nom not in noms), None):
            raise LectureImpossible(
                f"{chemin.name}, ligne 1 : la colonne « {manquante} » manque. Colonnes attendues : {', '.join(attendues)}."
            )
        numero = 1
        for numero, champs in enumerate(csv.reader(flux, delimiter=separateur), start=2):
            if numero > LIGNES_MAX:
                raise LectureImpossible(
                    f"{chemin.name} compte plus de {LIGNES_MAX} lignes : vérifiez le fichier."
                )
            if any(map(str.strip, champs)):
                valeurs = dict.fromkeys(noms, "") | {n: propre(c) for n, c in zip(noms, champs, strict=False)}
                yield f"{chemin.name}, ligne {numero}", valeurs
    if numero == 1:
        raise LectureImpossible(
            f"{chemin.name} ne contient que des noms de colonnes, aucune ligne : vérifiez le fichier."
        )


def _entier(ou: str, colonne: str, texte: str) -> int:
    if not (texte.isascii() and texte.isdecimal() and int(texte) > 0):
        raise LectureImpossible(f"{ou}, colonne « {colonne} » : un nombre entier d'au moins 1 est attendu.")
    return int(texte)


def _poser(lus: dict[Cle, Lu], cle: Cle, valeur: Lu, ou: str) -> None:
    if cle in lus:
        raise LectureImpossible(f"{ou} : cette ligne répète une ligne plus haute ; gardez-en une.")
    lus[cle] = valeur
