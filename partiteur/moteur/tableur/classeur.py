"""Writes workbooks: texts that stay texts, formulas with their value, headers, widths, a page to print (E14).

Rows are written once, in order, and leave memory as they go: a sheet of 50,000 dwellings costs no more than one of ten.
"""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

# The locale prefix makes any spreadsheet write « 5 367,50 » and « 20,00 % », whatever language it speaks.
NOMBRES = {
    "texte": "General",
    "cote": "General",  # a text beside a number
    "case": '[$-40C]#,##0;-#,##0;"–"',  # a cell of a crossed table, where 0 is said by a dash
    "libre": "0",
    "entier": "[$-40C]#,##0",
    "exact": "[$-40C]#,##0.00",
    "taux": "[$-40C]0.00 %",
    "date": "dd/mm/yyyy",
}
A_DROITE = ("entier", "exact", "taux", "case")
A_GAUCHE = ("cote", "date", "libre")
ENCRE, TRAIT, FOND, DISCRET, A_REMPLIR = "#1C2B36", "#8DA2B0", "#E6EDF2", "#5B6B77", "#FFF9E0"
TONS: dict[str, dict[str, Any]] = {
    "normal": {},
    "detail": {"font_color": DISCRET, "align": "left", "indent": 1},
    "titre": {"bold": True, "font_size": 14},
    "note": {"font_color": DISCRET},
    "entete": {"bold": True, "bg_color": FOND, "bottom": 1, "bottom_color": TRAIT, "text_wrap": True},
    "entete_nombre": {"bold": True, "bg_color": FOND, "bottom": 1, "bottom_color": TRAIT, "align": "right", "indent": 1},
    "section": {"bold": True, "bg_color": FOND},
    "total": {"bold": True, "top": 1, "top_color": TRAIT},
    "resultat": {"bold": True, "bg_color": FOND, "top": 1, "bottom": 1, "top_color": TRAIT, "bottom_color": TRAIT},
    "saisie": {"bg_color": A_REMPLIR},
}  # fmt: skip
# What stands beside the figure of an important row is read after it.
TONS |= {f"{ton}_note": {**TONS[ton], "bold": False, "font_color": DISCRET} for ton in ("total", "resultat")}
NON_AJUSTES = ("titre", "note")  # they run over the empty cells on their right
INTERLIGNE, MARGE = 13.0, 3.0  # points
SIGNES_PAR_LARGEUR = 1.2  # a column of width 10 holds about 12 characters of the text of a sheet
CREE_LE = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  the same workbook is the same bytes on any day


@dataclass(frozen=True)
class Formule:
    """A live formula and the exact value it must give; `style` is one of NOMBRES."""

    texte: str
    valeur: Fraction | int
    style: str = "entier"


@dataclass(frozen=True)
class Nombre:
    """An integer in a style of its own: « libre » for a year, « case » in a crossed table."""

    valeur: int
    style: str


Cellule = str | int | datetime.date | Nombre | Formule | None


def quotient(valeur: Fraction | int, style: str = "exact") -> Formule:
    """An exact number as the fraction it is: « =5367/20 », so that nobody types a rounded one."""
    fraction = Fraction(valeur)
    bas = "" if fraction.denominator == 1 else f"/{fraction.denominator}"
    return Formule(f"={fraction.numerator}{bas}", fraction, style)


def vive(
    attendu: Fraction | int, *candidats: tuple[str, Fraction | int], style: str | None = None
) -> Formule:
    """The first formula that gives the expected value, else the value as a fraction: a sheet never shows another result.

    `candidats`: formulas with what each gives. Without `style`, whole numbers are written whole.
    """
    style = style or ("entier" if Fraction(attendu).denominator == 1 else "exact")
    for texte, valeur in candidats:
        if valeur == attendu:
            return Formule(texte, attendu, style)
    return quotient(attendu, style)


def compte(valeur: Fraction | int) -> int | Formule:
    """A number of dwellings: an integer, or the fraction of a mean that is not whole."""
    fraction = Fraction(valeur)
    return int(fraction) if fraction.denominator == 1 else quotient(fraction)


def adresse(ligne: int, colonne: int, *, fixe: bool = False) -> str:
    """« B7 », or « $B$7 », from a row counted from 1 and a column counted from 0."""
    lettre = xl_col_to_name(colonne)
    return f"${lettre}${ligne}" if fixe else f"{lettre}{ligne}"


def plage(premiere: int, derniere: int, colonne: int) -> str:
    """« B7:B12 »."""
    return f"{adresse(premiere, colonne)}:{adresse(derniere, colonne)}"


@dataclass
class Feuille:
    """A sheet being written: each call adds the next row and returns its number, counted from 1."""

    nom: str
    feuille: Worksheet
    formats: "Formats"
    largeurs: Sequence[float]
    rang: int = 0

    def ligne(
        self, cellules: Sequence[Cellule], ton: str = "normal", tons: Sequence[str] | None = None
    ) -> int:
        """Write a row, as high as its longest text; `tons` gives each cell its own tone."""
        tons = tons or [ton] * len(cellules)
        lignes = [1]
        for cellule, largeur, propre in zip(cellules, self.largeurs, tons, strict=False):
            if isinstance(cellule, str) and propre not in NON_AJUSTES:
                lignes.append(ceil(len(cellule) / (largeur * SIGNES_PAR_LARGEUR)))
        if max(lignes) > 1:
            self.feuille.set_row(self.rang, max(lignes) * INTERLIGNE + MARGE)
        for colonne, cellule in enumerate(cellules):
            self._ecrire(colonne, cellule, tons[colonne])
        self.rang += 1
        return self.rang

    def titre(self, texte: str, *notes: str) -> None:
        """A title, the lines that go with it, and an empty row."""
        self.feuille.set_row(self.rang, 24)
        self.ligne((texte,), "titre")
        for note in notes:
            self.ligne((note,), "note")
        self.rang += 1

    def entete(self, cellules: Sequence[str], *, figees: int = 1, nombres: Sequence[int] = ()) -> int:
        """The header row: frozen with `figees` columns, printed again on every page; `nombres` are aligned right."""
        tons = ["entete_nombre" if i in nombres else "entete" for i in range(len(cellules))]
        ligne = self.ligne(cellules, tons=tons)
        self.feuille.freeze_panes(ligne, figees)
        self.feuille.repeat_rows(ligne - 1)
        return ligne

    def saut(self) -> None:
        """An empty row."""
        self.rang += 1

    def reference(self, ligne: int, colonne: int) -> str:
        """How another sheet names a cell of this one."""
        nom = self.nom.replace("'", "''")
        return f"'{nom}'!{adresse(ligne, colonne, fixe=True)}"

    def filtrer(self, entete: int) -> None:
        """Filters on the columns of a table that ends at the last row written."""
        self.feuille.autofilter(entete - 1, 0, self.rang - 1, len(self.largeurs) - 1)

    def _ecrire(self, colonne: int, cellule: Cellule, ton: str) -> None:
        match cellule:
            case None:
                if ton != "normal":
                    self.feuille.write_blank(self.rang, colonne, None, self.formats.de("texte", ton))
            case Formule(texte, valeur, style):
                exact = Fraction(valeur)
                nombre = int(exact) if exact.denominator == 1 else float(exact)
                self.feuille.write_formula(self.rang, colonne, texte, self.formats.de(style, ton), nombre)
            case Nombre(valeur, style):
                self.feuille.write_number(self.rang, colonne, valeur, self.formats.de(style, ton))
            case int():
                self.feuille.write_number(self.rang, colonne, cellule, self.formats.de("entier", ton))
            case datetime.date():
                self.feuille.write_datetime(self.rang, colonne, cellule, self.formats.de("date", ton))
            case _:
                style = "cote" if colonne else "texte"
                self.feuille.write_string(self.rang, colonne, cellule, self.formats.de(style, ton))


@dataclass
class Formats:
    """The formats of a workbook, made once each."""

    classeur: Any
    faits: dict[tuple[str, str], Format] = field(default_factory=dict)

    def de(self, style: str, ton: str) -> Format:
        """The format of a style (what the cell holds) in a tone (what its row is)."""
        if (style, ton) not in self.faits:
            proprietes = {"font_name": "Calibri", "font_size": 10, "font_color": ENCRE, "valign": "vcenter"}
            proprietes |= {"num_format": NOMBRES[style], **TONS[ton]}
            if style in A_DROITE:
                proprietes |= {"align": "right", "indent": 1}
            elif style in A_GAUCHE and "align" not in proprietes:
                proprietes |= {"align": "left", "indent": 1}
            if style not in A_DROITE and ton not in NON_AJUSTES:
                proprietes["text_wrap"] = True
            self.faits[style, ton] = self.classeur.add_format(proprietes)
        return self.faits[style, ton]


@dataclass(frozen=True)
class Classeur:
    """A workbook being written, its sheets in the order they are asked for."""

    titre: str
    classeur: Any
    formats: Formats

    def feuille(self, nom: str, largeurs: Sequence[float]) -> Feuille:
        """A new sheet: its columns' widths in characters, an A4 page on its side, all columns on one page."""
        feuille = self.classeur.add_worksheet(nom)
        for colonne, largeur in enumerate(largeurs):
            feuille.set_column(colonne, colonne, largeur)
        feuille.set_default_row(INTERLIGNE + MARGE)
        feuille.hide_gridlines(2)
        feuille.set_landscape()
        feuille.set_paper(9)  # A4
        feuille.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        feuille.fit_to_pages(1, 0)
        feuille.set_footer(f"&L&8{self.titre.replace('&', '&&')[:200]}&C&8{nom}&R&8&P / &N")
        return Feuille(nom, feuille, self.formats, largeurs)


@contextmanager
def classeur(fichier: IO[bytes], titre: str) -> Iterator[Classeur]:
    """A workbook written to `fichier` when the block ends: no author, no clock, no text taken for a formula."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    brut = xlsxwriter.Workbook(fichier, options)
    brut.set_properties({"title": titre[:200], "created": CREE_LE})
    yield Classeur(titre, brut, Formats(brut))
    brut.close()
