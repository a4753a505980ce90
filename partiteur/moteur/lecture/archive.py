"""Is a workbook's archive safe to open? Every part is streamed and measured first, nothing is kept.

The reader of workbooks lays out the whole rectangle of a sheet in memory: a few bytes can ask for gigabytes, by
compression, by one cell at the far end of a sheet, or (OpenDocument) by a cell said to be repeated.
"""

import re
import zipfile
from pathlib import Path
from xml.parsers import expat

from partiteur.moteur.lecture.constat import LectureImpossible

LIMITE_DECOMPRESSE = 512 * 2**20
TAUX_SUSPECT = 200  # a sheet of dwellings compresses 10 to 50 times
SEUIL_TAUX = 32 * 2**20  # below this size, a high ratio harms nobody
LIMITE_CELLULES = 40_000_000  # about 1 GB once laid out
BLOC = 2**20
RECOUVREMENT = 128  # an attribute cut between two blocks is seen in the next

LIGNE = re.compile(rb"<(?:\w+:)?row[^>]{0,80}?\sr\s*=\s*[\"'](\d{1,9})")
# Names of columns beyond Z, AZ, CZ, GZ, OZ and ZZ: how far the cells of a sheet go, without reading each.
PALIERS = tuple(
    (jusque, re.compile(rb"\sr\s*=\s*[\"'](?:" + au_dela + rb")\d"))
    for jusque, au_dela in (
        (26, rb"[A-Za-z]{2,}"),
        (52, rb"[A-Za-z]{3,}|[B-Zb-z][A-Za-z]"),
        (104, rb"[A-Za-z]{3,}|[D-Zd-z][A-Za-z]"),
        (208, rb"[A-Za-z]{3,}|[H-Zh-z][A-Za-z]"),
        (416, rb"[A-Za-z]{3,}|[P-Zp-z][A-Za-z]"),
        (702, rb"[A-Za-z]{3,}"),
    )
)
COLONNES_EXCEL = 2**14


def verifier_archive(chemin: Path) -> None:
    """Stream every part of the archive, never believing the sizes it declares.

    Raises LectureImpossible when it is no workbook, is broken, or would not fit in memory.
    """
    taille = cellules = 0
    try:
        with zipfile.ZipFile(chemin) as archive:
            noms = archive.namelist()
            if not any(nom.startswith("xl/") or nom == "content.xml" for nom in noms):
                raise LectureImpossible(
                    f"{chemin.name} est une archive zip, pas un classeur : extrayez-en le fichier CSV ou Excel."
                )
            for partie in archive.infolist():
                vue = _verifier_partie(chemin, archive, partie, taille, cellules)
                taille, cellules = taille + vue[0], cellules + vue[1]
    except LectureImpossible:
        raise
    except Exception as erreur:  # BadZipFile, zlib.error, lzma errors…: the list depends on the compression
        raise LectureImpossible(
            f"{chemin.name} est un classeur abîmé ou incomplet : enregistrez-le à nouveau depuis votre tableur."
        ) from erreur


def _verifier_partie(
    chemin: Path, archive: zipfile.ZipFile, partie: zipfile.ZipInfo, deja: int, cellules: int
) -> tuple[int, int]:
    """The size of one part once decompressed and the cells it lays out; `deja` and `cellules` before it."""
    taille = 0
    mesure: Feuille | Tableur | None = None
    if partie.filename.startswith("xl/worksheets/"):
        mesure = Feuille()
    elif partie.filename == "content.xml":
        mesure = Tableur()
    with archive.open(partie) as flux:
        while bloc := flux.read(BLOC):
            taille += len(bloc)
            if deja + taille > LIMITE_DECOMPRESSE or (
                taille > SEUIL_TAUX and taille > TAUX_SUSPECT * max(partie.compress_size, 1)
            ):
                raise LectureImpossible(
                    f"{chemin.name} se décompresse sans mesure (« {partie.filename} ») : ce n'est pas un classeur "
                    "ordinaire. Enregistrez les données en CSV."
                )
            if mesure is not None:
                mesure.voir(bloc)
                if mesure.demesure(cellules):
                    raise LectureImpossible(
                        f"{chemin.name}, « {partie.filename} » : le tableau s'étend jusqu'à la ligne {mesure.lignes} et "
                        f"vers la colonne {mesure.colonnes} ; supprimez les cellules égarées loin des données, ou "
                        "enregistrez en CSV."
                    )
    return taille, mesure.lignes * mesure.colonnes if mesure else 0


class Feuille:
    """How far the cells of an Excel sheet go: exact for rows, by steps for columns."""

    def __init__(self) -> None:
        self.lignes, self.palier, self._suite = 0, 0, b""

    @property
    def colonnes(self) -> int:
        """At most so many columns."""
        return PALIERS[self.palier][0] if self.palier < len(PALIERS) else COLONNES_EXCEL

    def voir(self, bloc: bytes) -> None:
        """Look at the next block."""
        fenetre = self._suite + bloc
        self.lignes = max([self.lignes, *map(int, LIGNE.findall(fenetre))])
        while self.palier < len(PALIERS) and PALIERS[self.palier][1].search(fenetre):
            self.palier += 1
        self._suite = bloc[-RECOUVREMENT:]

    def demesure(self, deja: int) -> bool:
        """Would it not fit in memory, after the `deja` cells of other sheets?"""
        return deja + self.lignes * self.colonnes > LIMITE_CELLULES


class Tableur:
    """How far the filled cells of an OpenDocument sheet go, and how much text they say to repeat."""

    def __init__(self) -> None:
        self.lignes = self.colonnes = self._texte = self._rang = 0
        self._repete_ligne = self._repete_cellule = 1
        self._place = self._derniere = 0
        self._analyseur = expat.ParserCreate()
        self._analyseur.StartElementHandler = self._debut
        self._analyseur.EndElementHandler = self._fin
        self._analyseur.CharacterDataHandler = self._lettres

    def voir(self, bloc: bytes) -> None:
        """Look at the next block; raises expat.ExpatError when it is not XML."""
        self._analyseur.Parse(bloc, False)

    def demesure(self, deja: int) -> bool:
        """Would it not fit in memory, after the `deja` cells of other sheets?"""
        return deja + self.lignes * self.colonnes > LIMITE_CELLULES or self._texte > LIMITE_DECOMPRESSE

    def _debut(self, nom: str, attributs: dict[str, str]) -> None:
        if nom.endswith(":table"):
            self._rang = 0
        elif nom.endswith(":table-row"):
            self._repete_ligne = int(attributs.get("table:number-rows-repeated", 1))
            self._place = self._derniere = 0
        elif nom.endswith("table-cell"):
            self._repete_cellule = int(attributs.get("table:number-columns-repeated", 1))
            self._place += self._repete_cellule
            if any(cle.startswith("office:") for cle in attributs):
                self._derniere = self._place

    def _lettres(self, texte: str) -> None:
        self._texte += len(texte) * self._repete_cellule * self._repete_ligne

    def _fin(self, nom: str) -> None:
        if nom.endswith(":table-row"):
            self._rang += self._repete_ligne
            self._repete_ligne = self._repete_cellule = 1
            if self._derniere:
                self.lignes = max(self.lignes, self._rang)
                self.colonnes = max(self.colonnes, self._derniere)
