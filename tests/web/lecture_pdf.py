"""A PDF read back by poppler, from its tags: what a screen reader would say, table by table."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

BLANCS = re.compile("[\\s\u00a0\u202f]+")
CELLULES = ("TH", "TD")


@dataclass
class TableauLu:
    """The headers with their scope, the rows and the foot of a table, its caption first."""

    legende: str = ""
    entetes: list[str] = field(default_factory=list)
    portees: list[str] = field(default_factory=list)
    lignes: list[list[str]] = field(default_factory=list)
    pied: list[list[str]] = field(default_factory=list)


@dataclass
class PdfLu:
    """What `pdfinfo` says, the tags in order with their words, the tables."""

    infos: dict[str, str]
    balises: list[tuple[str, str]]
    tableaux: list[TableauLu]

    def mots(self, balise: str) -> list[str]:
        """The words under each tag of a kind."""
        return [mots for nom, mots in self.balises if nom == balise]

    @property
    def texte(self) -> str:
        """All the words."""
        return " ".join(mots for _, mots in self.balises if mots)


def plat(texte: str) -> str:
    """Words with plain spaces."""
    return BLANCS.sub(" ", texte).strip()


def _dire(*commande: str) -> str:
    return subprocess.run(commande, capture_output=True, check=True).stdout.decode("utf-8", "replace")


def lire(pdf: bytes, dossier: Path) -> PdfLu:
    """Read a PDF written in a folder."""
    chemin = dossier / "lu.pdf"
    chemin.write_bytes(pdf)
    infos = dict(re.findall(r"^([^:\n]+):\s+(.*)$", _dire("pdfinfo", str(chemin)), re.M))
    balises = list(_balises(_dire("pdfinfo", "-struct-text", str(chemin))))
    return PdfLu(infos, [(nom, mots) for nom, mots, _ in balises], list(_tableaux(balises)))


def _balises(structure: str) -> Iterator[tuple[str, str, str]]:
    """Each tag, the words right under it or under its spans, its scope if it is a header."""
    nom, mots, portee, marge = "", [], "", 0
    for ligne in structure.splitlines():
        dite = ligne.strip()
        if dite.startswith('"') and dite.endswith('"'):
            mots.append(dite[1:-1])
        elif dite.startswith("/"):
            portee = dite.removeprefix("/Scope /") if dite.startswith("/Scope") else portee
        elif dite:
            retrait, balise = len(ligne) - len(ligne.lstrip()), dite.split()[0].rstrip(":")
            if balise in ("Span", "Div", "Lbl", "LBody") and retrait > marge:
                continue
            yield nom, plat("".join(mots)), portee
            nom, mots, portee, marge = balise, [], "", retrait
    yield nom, plat("".join(mots)), portee


def _tableaux(balises: list[tuple[str, str, str]]) -> Iterator[TableauLu]:
    """The tables: a tag ends one when it is none of theirs."""
    tableau, ou = None, ""
    for nom, mots, portee in [*balises, ("", "", "")]:
        if nom == "Table":
            if tableau:
                yield tableau
            tableau = TableauLu()
        elif tableau and nom == "Caption":
            tableau.legende = mots
        elif tableau and nom in ("THead", "TBody", "TFoot"):
            ou = nom
        elif tableau and nom == "TR":
            if ou != "THead":
                (tableau.pied if ou == "TFoot" else tableau.lignes).append([])
        elif tableau and nom in CELLULES:
            if ou == "THead":
                tableau.entetes.append(mots)
                tableau.portees.append(portee)
            else:
                (tableau.pied if ou == "TFoot" else tableau.lignes)[-1].append(mots)
        elif tableau:
            yield tableau
            tableau = None


def texte(pdf: bytes, dossier: Path) -> str:
    """All the words of a PDF, as somebody would copy them."""
    chemin = dossier / "lu.pdf"
    chemin.write_bytes(pdf)
    return _dire("pdftotext", "-layout", str(chemin), "-")
