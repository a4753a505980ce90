"""The parser of the SNE's files (interfaceNuu v02.0x): nothing nominative ever leaves it.

It is a filter, not a tree: the text of an element, or the value of an attribute, is only taken where sne.toml names
its path. Names, NIR, nationality, birthplace, addresses, mails, telephones and free texts are read past, and never
held. A file is refused when it declares a DTD or an entity, when it is too deep, or when one demande is too large.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from partiteur.moteur.lecture.constat import LectureImpossible
from partiteur.regles.socle import raison

BLOC = 2**16
PROFONDEUR_MAX = 40
ELEMENTS_MAX = 5_000  # of one demande
LONGUEUR_MAX = 200  # characters of one value kept
OCTETS_SANS_BALISE_MAX = 4 * 2**20
OCTETS_MAX = 8 * 2**30

Valeurs = dict[str, list[str]]


@dataclass
class DemandeSne:
    """One demande as the file gives it: values by field, then the persons, each a table of values by field."""

    ligne: int
    champs: Valeurs = field(default_factory=dict)
    groupes: dict[str, list[Valeurs]] = field(default_factory=dict)

    def premier(self, champ: str) -> str | None:
        """The first value of a field of the demande itself."""
        return next(iter(self.champs.get(champ, ())), None)


@cache
def forme() -> dict[str, Any]:
    """What sne.toml says: the version, the element of a demande, the groups and the fields kept, by path."""
    return tomllib.loads((resources.files(__package__) / "sne.toml").read_text("utf-8"))


class _Excessif(Exception):
    """A limit is passed; the sentence says which, and holds nothing of the file."""


class _Filtre:
    """The target of the parser: keeps the values of the paths named, one demande at a time."""

    def __init__(self) -> None:
        lu = forme()
        self.groupes: dict[str, str] = lu["groupes"]
        self.champs: dict[str, str] = lu["champs"]
        self.racine, self.espace = str(lu["racine"]), str(lu["espace"])
        self.element = str(lu["demande"])
        self.version: str | None = None
        self.chemin: list[str] = []
        self.finies: list[DemandeSne] = []
        self.demande: DemandeSne | None = None
        self.ouverts: list[tuple[int, Valeurs]] = []
        self.lieu: int = 0  # depth of the demande's element
        self.elements = 0
        self.capte: tuple[int, str] | None = None
        self.texte: list[str] = []
        self.ligne: Any = lambda: 1

    def start(self, balise: str, attributs: dict[str, str]) -> None:
        espace, _, nom = balise.rpartition("}")
        self.chemin.append(nom)
        profondeur = len(self.chemin)
        if profondeur > PROFONDEUR_MAX:
            raise _Excessif(f"des éléments emboîtés sur plus de {PROFONDEUR_MAX} niveaux")
        if nom == self.racine and self.version is None and espace.removeprefix("{") == self.espace:
            self.version = attributs.get("versionInterface", "")[:LONGUEUR_MAX]
        if self.demande is None:
            if nom == self.element and self.version is not None:
                self.demande, self.lieu, self.elements = DemandeSne(self.ligne()), profondeur, 0
            return
        self.elements += 1
        if self.elements > ELEMENTS_MAX:
            raise _Excessif(f"une demande de plus de {ELEMENTS_MAX} éléments")
        chemin = "/".join(self.chemin[self.lieu :])
        if chemin in self.groupes:
            record: Valeurs = {}
            self.demande.groupes.setdefault(self.groupes[chemin], []).append(record)
            self.ouverts.append((profondeur, record))
        if champ := self.champs.get(chemin):
            self.capte, self.texte = (profondeur, champ), []
            if "code" in attributs:
                self.texte.append(self._borner(attributs["code"]))

    def data(self, texte: str) -> None:
        if self.capte and self.capte[0] == len(self.chemin):
            self.texte.append(self._borner(texte))
            self._borner("".join(self.texte))

    def end(self, balise: str) -> None:
        profondeur = len(self.chemin)
        if self.capte and self.capte[0] == profondeur:
            valeur = "".join(self.texte).strip()
            if valeur and self.demande is not None:
                ou = self.ouverts[-1][1] if self.ouverts else self.demande.champs
                ou.setdefault(self.capte[1], []).append(valeur)
            self.capte, self.texte = None, []
        if self.ouverts and self.ouverts[-1][0] == profondeur:
            self.ouverts.pop()
        if self.demande is not None and profondeur == self.lieu:
            self.finies.append(self.demande)
            self.demande = None
        self.chemin.pop()

    def close(self) -> None:
        """Nothing is kept at the end."""

    def _borner(self, texte: str) -> str:
        if len(texte) > LONGUEUR_MAX:
            raise _Excessif(f"une valeur de plus de {LONGUEUR_MAX} caractères")
        return texte


def demandes_sne(chemin: Path) -> Iterator[DemandeSne]:
    """The demandes of an XML file of the SNE, one at a time, never whole in memory.

    Raises LectureImpossible: no file, not XML, not an interfaceNuu v02.0x, a DTD or an entity, a limit passed. The
    sentence gives a line, never a value.
    """
    nom = chemin.name
    filtre = _Filtre()
    analyseur = DefusedXMLParser(target=filtre, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    filtre.ligne = lambda: int(analyseur.parser.CurrentLineNumber)
    try:
        with chemin.open("rb") as flux:
            if chemin.stat().st_size > OCTETS_MAX:
                raise _Excessif(f"plus de {OCTETS_MAX // 2**30} Gio")
            yield from _lire(flux, analyseur, filtre, nom)
    except OSError as erreur:
        raise LectureImpossible(
            f"Le fichier « {chemin} » ne peut pas être ouvert ({raison(erreur)}) : vérifiez son nom et son dossier."
        ) from None
    except DefusedXmlException:
        raise LectureImpossible(
            f"{nom}, ligne {filtre.ligne()} : le fichier déclare une DTD ou une entité, ce qu'aucun export du SNE ne "
            "fait ; il est refusé. Refaites l'export."
        ) from None
    except ParseError as erreur:
        ligne, colonne = erreur.position
        raise LectureImpossible(
            f"{nom}, ligne {ligne}, caractère {colonne} : le XML est mal formé ; refaites l'export."
        ) from None
    except (ValueError, LookupError):  # an encoding the parser does not know
        raise LectureImpossible(
            f"{nom} : l'encodage annoncé n'est pas lisible ; enregistrez le fichier en UTF-8."
        ) from None
    except _Excessif as exces:
        raise LectureImpossible(
            f"{nom}, ligne {filtre.ligne()} : {exces} ; ce n'est pas un export du SNE. Vérifiez le fichier."
        ) from None


def _lire(flux: Any, analyseur: Any, filtre: _Filtre, nom: str) -> Iterator[DemandeSne]:
    """Feed the parser by blocks; hand over the demandes as they end."""
    sans_balise, avant = 0, -1
    while bloc := flux.read(BLOC):
        analyseur.feed(bloc)
        position = int(analyseur.parser.CurrentByteIndex)
        sans_balise = sans_balise + len(bloc) if position == avant else 0
        avant = position
        if sans_balise > OCTETS_SANS_BALISE_MAX:
            raise _Excessif(f"plus de {OCTETS_SANS_BALISE_MAX // 2**20} Mio sans une balise")
        _verifier(filtre, nom)
        yield from filtre.finies
        filtre.finies.clear()
    analyseur.close()
    yield from filtre.finies
    if filtre.version is None:
        raise LectureImpossible(
            f"{nom} n'est pas un export du SNE : l'élément « {filtre.racine} » est absent. Vérifiez le fichier."
        )
    _verifier(filtre, nom)


def _verifier(filtre: _Filtre, nom: str) -> None:
    """Raise LectureImpossible when the file says another version of the interface."""
    attendue = str(forme()["version"])
    if filtre.version is not None and not filtre.version.startswith(attendue):
        raise LectureImpossible(
            f"{nom} : la version de l'interface du SNE n'est pas {attendue}x ; seule celle-là est connue."
        )
