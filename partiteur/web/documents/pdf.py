"""A document to print: blocks already worded and counted, drawn by one typst template into a tagged PDF (E1).

The template computes nothing and reads nothing: its data come as JSON and are shown as text, never read as markup. Its
date is that of the result: the same result is the same bytes on any day.
"""

import json
import logging
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.web.templatetags.typographie import typo

TYPE = "application/pdf"
COMPOSER = Path(__file__).with_name("composer.py")
CASES_MAX = 12_000  # cells of all the tables of a document: 3,000 rows of four, set in two seconds
TITRE_MAX, DUREE_MAX = 300, 30  # characters, seconds
# What the fonts of typst print and the two norms admit: European Latin, punctuation, arrows, operators.
IMPRIMABLES = "\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u1e00-\u1eff\u2010-\u2027\u202f-\u203a\u20ac\u2116\u2190-\u21ff\u2200-\u22ff"
BLANC, INCONNU = re.compile(r"\s"), "\ufffd"
AUTRES = re.compile(f"[^{IMPRIMABLES}]")
journal = logging.getLogger(__name__)


class PdfRefuse(ErreurUtilisateur):
    """What does not hold in a PDF, with where to find it."""


@dataclass(frozen=True)
class Titre:
    """A heading under the title of the document."""

    mots: str


@dataclass(frozen=True)
class Paragraphe:
    """A sentence; `discret` in a lighter ink."""

    mots: str
    discret: bool = False


@dataclass(frozen=True)
class Alerte:
    """What must be seen before the figures are used, and its text; `grave` when it is against the law."""

    titre: str
    mots: str
    source: str = ""
    grave: bool = False


@dataclass(frozen=True)
class Liste:
    """Sentences, one a line."""

    lignes: Sequence[str]


@dataclass(frozen=True)
class Reperes:
    """The few figures to see first: each with its words."""

    chiffres: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Colonne:
    """A header, what its cells are (`nombre`: aligned right), and its share of the width (0: what it needs).

    A long fraction in a column of numbers that has a share is cut after its bar.
    """

    mots: str
    nombre: bool = True
    poids: int = 0


@dataclass(frozen=True)
class Case:
    """A cell: its words, notes under them, the length of its bar on a scale of a hundred (None: no bar)."""

    mots: str
    notes: Sequence[str] = ()
    barre: int | None = None


@dataclass(frozen=True)
class Tableau:
    """A caption, headers, rows, and totals in the foot; `sommes`: the rows that are totals among the others.

    `menu`: in smaller print.
    """

    legende: str
    colonnes: Sequence[Colonne]
    lignes: Sequence[Sequence[Case]]
    pied: Sequence[Sequence[Case]] = ()
    sommes: Sequence[int] = ()
    menu: bool = False


Bloc = Titre | Paragraphe | Alerte | Liste | Reperes | Tableau


@dataclass(frozen=True)
class Document:
    """A document: its title, whose it is, the day its figures are of, its blocks.

    `paysage`: on its side; `une_page`: written smaller rather than on a second page.
    """

    titre: str
    sujet: str
    le: date
    blocs: Sequence[Bloc] = field(default_factory=tuple)
    paysage: bool = False
    une_page: bool = False


def cases(*mots: str) -> tuple[Case, ...]:
    """A row of plain cells."""
    return tuple(Case(mot) for mot in mots)


def imprimable(texte: str) -> str:
    """A text as it is printed: on one line, with French spaces; what is not seen left out, what no font holds « \ufffd »."""
    vus = (signe for signe in unicodedata.normalize("NFC", texte) if unicodedata.category(signe) != "Cf")
    ecrit = typo(BLANC.sub(_blanc, "".join(vus)))
    return AUTRES.sub(INCONNU, ecrit.replace("≈ ", "≈\u00a0"))


def _blanc(trouve: re.Match[str]) -> str:
    """No-break spaces stay what they are."""
    return trouve[0] if trouve[0] in "\u00a0\u202f" else " "


def _donnees(noeud: Any) -> Any:
    """What the template reads, each text printable."""
    if isinstance(noeud, str):
        return imprimable(noeud)
    if isinstance(noeud, Mapping):
        return {cle: _donnees(valeur) for cle, valeur in noeud.items()}
    return [_donnees(n) for n in noeud] if isinstance(noeud, list | tuple) else noeud


def _blocs(document: Document) -> Iterator[Mapping[str, Any]]:
    for bloc in document.blocs:
        yield {"genre": type(bloc).__name__.lower(), **asdict(bloc)}


def demander(document: Document) -> str:
    """What `composer` reads to set a document. Raises PdfRefuse when its tables are too long."""
    _borner([bloc for bloc in document.blocs if isinstance(bloc, Tableau)])
    donnees = {
        "titre": document.titre[:TITRE_MAX],
        "sujet": document.sujet[:TITRE_MAX],
        "paysage": document.paysage,
        "une_page": document.une_page,
        "blocs": list(_blocs(document)),
    }
    return json.dumps({"le": document.le.isoformat(), "donnees": _donnees(donnees)})


def ecrire(document: Document) -> bytes:
    """The PDF of a document. Raises PdfRefuse when its tables are too long, or a text cannot be set."""
    demande = demander(document)
    try:
        fait = subprocess.run(  # noqa: S603 - our own program, by our own interpreter, its environment empty
            [sys.executable, "-I", COMPOSER],
            input=demande.encode(),
            capture_output=True,
            env={},
            timeout=DUREE_MAX,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as erreur:
        journal.error("PDF refusé par typst : %s", (erreur.stderr or b"")[:200].decode("utf-8", "replace"))
        raise PdfRefuse(
            "Ce document ne peut pas être mis en page : téléchargez le classeur, qui porte les mêmes chiffres."
        ) from None
    return fait.stdout


def _borner(tableaux: Sequence[Tableau]) -> None:
    """Refuse what would take minutes and be hundreds of pages."""
    lignes = sum(len(t.lignes) for t in tableaux)
    combien = sum(len(t.lignes) * len(t.colonnes) for t in tableaux)
    if combien > CASES_MAX:
        raise PdfRefuse(
            f"Ce document aurait {nombre(lignes)} lignes, un PDF de ces colonnes en tient "
            f"{nombre(CASES_MAX * lignes // combien)} : téléchargez le classeur, qui les a toutes, ou filtrez."
        )
