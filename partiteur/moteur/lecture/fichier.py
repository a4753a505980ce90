"""Opening a file nobody vouches for: what it is, its encoding, its separator, its records one at a time.

Nothing is loaded whole: the bytes are checked in blocks, the lines are read one by one and bounded.
"""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from partiteur.moteur.lecture.constat import LectureImpossible, Rapport

LIMITE_LIGNE = 131_072  # characters; also the limit of one field in the csv module
LIMITE_FICHIER = 4 * 2**30
BLOC = 2**20
SEPARATEURS = (";", ",", "\t", "|")

# First bytes that settle what a file is, whatever its name says.
SIGNATURES = (
    (b"%PDF", "un PDF"),
    (b"\x89PNG", "une image"),
    (b"\xff\xd8\xff", "une image"),
    (b"GIF8", "une image"),
    (b"\x1f\x8b", "une archive compressée"),
    (b"7z\xbc\xaf", "une archive compressée"),
    (b"Rar!", "une archive compressée"),
    (b"PAR1", "un fichier Parquet"),
    (b"{\\rtf", "un document RTF"),
)
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAGE = re.compile(rb"^\s*<(?:!doctype|html|table|\?xml|head|body)", re.IGNORECASE)
ASCII = bytes(range(128))
SUITE_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
ABSENTS_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
NOMS_ENCODAGES = {"cp1252": "Windows-1252", "latin-1": "Latin-1", "utf-16": "UTF-16", "utf-32": "UTF-32"}


@dataclass(frozen=True)
class Texte:
    """A delimited text file: its records, each with the number of its first line."""

    chemin: Path
    encodage: str
    separateur: str

    def lignes(self) -> Iterator[tuple[int, str]]:
        """Physical lines, 1-based. Raises LectureImpossible on a line no table of dwellings can hold."""
        with self.chemin.open(encoding=self.encodage, errors="replace") as flux:
            numero = 0
            while ligne := flux.readline(LIMITE_LIGNE + 1):
                numero += 1
                if len(ligne) > LIMITE_LIGNE:
                    raise LectureImpossible(
                        f"{self.chemin.name}, ligne {numero} : la ligne dépasse {LIMITE_LIGNE} caractères ; ce "
                        "fichier n'est pas un tableau de logements, ou ses fins de ligne ont été perdues."
                    )
                yield numero, ligne

    def enregistrements(
        self, attendus: int | None = None, reprises: list[int] | None = None
    ) -> Iterator[tuple[int, list[str]]]:
        """Records as lists of raw cells. A quote never closed would swallow the lines that follow: a record
        on several lines whose width is not `attendus` is read again line by line, and noted in `reprises`."""
        tampon: list[tuple[int, str]] = []

        def suivre() -> Iterator[str]:
            for numero, ligne in self.lignes():
                tampon.append((numero, ligne))
                yield ligne

        lecteur = csv.reader(suivre(), delimiter=self.separateur)
        while True:
            tampon.clear()
            try:
                champs: list[str] | None = next(lecteur)
            except StopIteration:
                return
            except csv.Error:
                champs = None
            if champs is not None and (len(tampon) == 1 or len(champs) == attendus):
                yield tampon[0][0], champs
                continue
            if reprises is not None:
                reprises.append(tampon[0][0])
            for numero, ligne in tampon:
                yield numero, self._seule(ligne, attendus)

    def _seule(self, ligne: str, attendus: int | None) -> list[str]:
        """One physical line by itself: quotes count if that gives the width expected, else they are letters."""
        champs = next(csv.reader([ligne], delimiter=self.separateur), [])
        if len(champs) == attendus:
            return champs
        return next(csv.reader([ligne], delimiter=self.separateur, quoting=csv.QUOTE_NONE), [])


def nature(chemin: Path) -> str:
    """ "texte", "zip" or "ole", by the first bytes. Raises LectureImpossible for anything else."""
    nom = chemin.name
    try:
        if chemin.is_dir():
            raise LectureImpossible(
                f"« {chemin} » est un dossier : donnez le chemin d'un fichier CSV ou Excel."
            )
        taille = chemin.stat().st_size
        with chemin.open("rb") as flux:
            debut = flux.read(4096)
    except FileNotFoundError as erreur:
        raise LectureImpossible(
            f"Le fichier « {chemin} » n'existe pas : vérifiez son nom et son dossier."
        ) from erreur
    except (OSError, ValueError) as erreur:
        raise LectureImpossible(
            f"Le fichier « {chemin} » ne peut pas être ouvert : vérifiez vos droits."
        ) from erreur
    if not debut.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t"):
        raise LectureImpossible(f"{nom} est vide : vérifiez l'export qui l'a produit.")
    if taille > LIMITE_FICHIER:
        raise LectureImpossible(f"{nom} dépasse 4 Gio : découpez-le, par département par exemple.")
    for signature, quoi in SIGNATURES:
        if debut.startswith(signature):
            raise LectureImpossible(
                f"{nom} est {quoi}, quel que soit son nom : donnez un fichier CSV ou Excel."
            )
    if PAGE.match(debut):
        raise LectureImpossible(
            f"{nom} est une page HTML ou XML, quel que soit son nom : ouvrez-la dans un tableur et enregistrez-la "
            "en .xlsx ou en CSV."
        )
    return "zip" if debut.startswith(ZIP) else "ole" if debut.startswith(OLE) else "texte"


def encodage(chemin: Path, rapport: Rapport) -> str:
    """The encoding of a text file, found by reading it once in blocks; anything but UTF-8 is reported.

    Raises LectureImpossible when the file holds NUL bytes, that no text does.
    """
    with chemin.open("rb") as flux:
        debut = flux.read(4096)
    marque = _par_marque(debut)
    if marque is None:
        marque, douteux = _sans_marque(chemin)
        if marque == "utf-8":
            rapport.noter("octets_illisibles", douteux)
    if marque not in ("utf-8", "utf-8-sig"):
        rapport.noter("encodage", 1, encodage=NOMS_ENCODAGES.get(marque, "UTF-16"))
    return marque


def _par_marque(debut: bytes) -> str | None:
    """The encoding its first bytes give: a BOM, or the NUL of every other byte in UTF-16."""
    for bom, nom in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if debut.startswith(bom):
            return nom
    pairs, impairs = debut[::2].count(0), debut[1::2].count(0)
    if impairs * 3 > len(debut) and not pairs:  # more than two thirds of the high bytes
        return "utf-16-le"
    return "utf-16-be" if pairs * 3 > len(debut) and not impairs else None


def _sans_marque(chemin: Path) -> tuple[str, int]:
    """(encoding, bytes that are not UTF-8) of a file without BOM: UTF-8 if what is above ASCII mostly is."""
    decodeur = codecs.getincrementaldecoder("utf-8")()
    valide, absents, suites, octets_hauts = True, False, 0, 0
    position = 0
    with chemin.open("rb") as flux:
        while bloc := flux.read(BLOC):
            nul = bloc.find(0)
            if nul >= 0:
                raise LectureImpossible(
                    f"{chemin.name} contient un octet nul (position {position + nul}) : c'est un fichier binaire ou "
                    "abîmé, pas un CSV ; refaites l'export."
                )
            position += len(bloc)
            if valide:
                try:
                    decodeur.decode(bloc)
                except UnicodeDecodeError:
                    valide = False
            if not bloc.isascii():
                absents = absents or bool(ABSENTS_CP1252.search(bloc))
                trouvees = SUITE_UTF8.findall(bloc)
                suites += len(trouvees)
                octets_hauts += len(bloc.translate(None, ASCII)) - sum(map(len, trouvees))
    if valide and not decodeur.getstate()[0]:
        return "utf-8", 0
    if suites > octets_hauts:
        return "utf-8", max(octets_hauts, 1)
    return ("latin-1" if absents else "cp1252"), 0
