"""Hostile files, drawn from a seed: true ones that are bent, and those made to burst what opens them."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from fabriques import DOSSIER

PARC = "numero rpls;code insee;qpv;typologie;programme;financement\n" + "".join(
    f"{n};06029;oui;T3;P{n // 10};13\n" for n in range(1, 31)
)
DROITS = "droit;reservataire;programme;logement;nombre\nd1;c-lieu;P1;;4\nd2;c-lieu;;25;1\nd3;autre;P4;;3\n"
LIBERATIONS = "logement;date_liberation;motif\n1;2023-02-01;conge\n2;2023-05-01;deces\n"
CONTACTS = "nom;fonction;courriel;telephone\nUn contact;Accueil;a@exemple.fr;0102030405\n"
NOMS = (
    "parc", "droits", "liberations", "a" * 300, "..", "../../etc/passwd", "..\\..\\a", "\u202excod", ";=1+1", "é👩‍👧", "con", " ",
    ".verrou", "x\0y", "x\ny", "parc.csv",
)  # fmt: skip
SUFFIXES = (
    ".csv",
    ".txt",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".ods",
    ".zip",
    ".toml",
    ".json",
    ".parquet",
    ".CSV",
    ".exe",
    "",
)
MILLION = 10**6


def classeur(texte: str) -> bytes:
    """The same table as a workbook."""
    fichier = io.BytesIO()
    with xlsxwriter.Workbook(fichier, {"in_memory": True}) as livre:
        feuille = livre.add_worksheet()
        for rang, ligne in enumerate(texte.splitlines()):
            feuille.write_row(rang, 0, ligne.split(";"))
    return fichier.getvalue()


def archive(parties: dict[str, bytes]) -> bytes:
    """A zip."""
    fichier = io.BytesIO()
    with zipfile.ZipFile(fichier, "w", zipfile.ZIP_DEFLATED) as ecrite:
        for nom, contenu in parties.items():
            ecrite.writestr(nom, contenu)
    return fichier.getvalue()


def _avec(livre: bytes, nom: str, contenu: bytes) -> bytes:
    """A workbook, one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(livre)) as lu:
        parties = {n: lu.read(n) for n in lu.namelist()}
    return archive({**parties, nom: contenu})


@cache
def bons() -> tuple[bytes, ...]:
    """Files as they should be."""
    table = pa.table({"numero_rpls": ["1", "2"], "commune": ["06029", "06030"]})
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    textes = (PARC, DROITS, LIBERATIONS, CONTACTS, DOSSIER, json.dumps({"cadre": "x", "parc": [1, 2]}))
    return (
        *(texte.encode() for texte in textes),
        PARC.encode("utf-16"),
        PARC.encode("cp1252"),
        b"\xef\xbb\xbf" + PARC.encode(),
        classeur(PARC),
        classeur(DROITS),
        classeur(CONTACTS),
        parquet.getvalue(),
        archive({"parc.csv": PARC.encode()}),
        archive(
            {
                "content.xml": b"<office:document-content/>",
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            }
        ),
    )


@cache
def bombes() -> tuple[bytes, ...]:
    """Little to send, much to open."""
    livre, feuille = classeur(PARC), "xl/worksheets/sheet1.xml"
    debut = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    rire = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    zeros = b"0" * (64 * 2**20)
    return (
        _avec(livre, feuille, debut + b" " * len(zeros)),
        _avec(livre, feuille, debut + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'),
        _avec(livre, feuille, debut + b'<row r="1000"><c r="XFD1000"><v>1</v></c></row></sheetData></worksheet>'),
        _avec(livre, feuille, rire + b"]><worksheet>&j;</worksheet>"),
        _avec(livre, "xl/sharedStrings.xml", b"<sst>" + b"<si><t>x</t></si>" * MILLION + b"</sst>"),
        _avec(livre, "xl/workbook.xml", b"<workbook><sheets>" + b'<sheet name="a" sheetId="1"/>' * 20_000),
        _avec(livre, "../../../tmp/evade", b"x"),
        archive({"content.xml": b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
                 b'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'}),
        archive({"parc.csv": zeros}),
        archive({"a.zip": archive({"b.zip": archive({"c.csv": zeros})})}),
        archive({f"{n}.csv": b"" for n in range(5_000)}),
        b";" * MILLION + b"\n" + b";" * MILLION,
        b"numero rpls;code insee\n" + b'"' * MILLION,
        b"numero rpls;code insee\n" + b"\n" * MILLION,
        b"numero rpls;code insee\n1;" + b"9" * MILLION,
        b"a" * MILLION,
        b"x = " + b"[" * 100_000,
        b"[a" + b".a" * 50_000 + b"]\n",
        b'x = "' + b"\\u0000" * 10_000 + b'"',
        b'cadre = "occitanie-2023"\nexercice = ' + b"9" * 5_000,
        b'{"a":' * 100_000,
        b"%PDF-1.7\n" + bytes(1000),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
        b"\x1f\x8b\x08" + bytes(100),
        b"PAR1" + bytes(100) + b"PAR1",
        "numero rpls;code insee\n".encode("utf-16") + b"\xd8" * 1001,
        b"",
    )  # fmt: skip


def plier(octets: bytes, hasard: Random) -> bytes:
    """A few bytes flipped, cut, doubled, moved, or another file's put in."""
    lu = bytearray(octets)
    for _ in range(hasard.choice((1, 1, 2, 5, 40))):
        if not lu:
            break
        ou = hasard.randrange(len(lu))
        combien = hasard.choice((1, 1, 4, 60))
        match hasard.randrange(6):
            case 0:
                lu[ou] ^= 1 << hasard.randrange(8)
            case 1:
                del lu[ou : ou + combien]
            case 2:
                lu[ou:ou] = lu[ou : ou + combien] * hasard.choice((1, 3, 50))
            case 3:
                lu[ou : ou + combien] = hasard.randbytes(combien)
            case 4:
                del lu[ou:]
            case _:
                lu[ou:ou] = hasard.choice(
                    (
                        b"\0",
                        b'"',
                        b";",
                        b"\n",
                        b"\r",
                        b"=cmd()",
                        b"9" * 400,
                        b"-1",
                        b"NaN",
                        b"\xff\xfe",
                        b"[[",
                        b"1e999",
                        b"31/02/2024",
                    )
                )
    return bytes(lu)


def tirer(hasard: Random) -> SimpleUploadedFile:
    """A file to send, under a name to match."""
    sort = hasard.random()
    if sort < 0.08:
        octets = hasard.choice(bombes())
    elif sort < 0.15:
        octets = hasard.randbytes(hasard.randrange(1, 600))
    elif sort < 0.22:
        octets = hasard.choice(bons())
    else:
        octets = plier(hasard.choice(bons()), hasard)
    fichier = SimpleUploadedFile("x", octets)
    fichier._name = hasard.choice(NOMS) + hasard.choice(SUFFIXES[:8] if hasard.random() < 0.8 else SUFFIXES)
    return fichier


class Formulaires(HTMLParser):
    """The forms of a page that take files: where they go, their files, their other fields and values."""

    def __init__(self) -> None:
        super().__init__()
        self.lus: list[Formulaire] = []
        self.ici: Formulaire | None = None
        self.liste = ""

    def handle_starttag(self, balise: str, attributs: list[tuple[str, str | None]]) -> None:
        """A form opens, or one of its fields."""
        lus = {nom: valeur or "" for nom, valeur in attributs}
        nom = lus.get("name", "")
        if balise == "form":
            self.ici = Formulaire(lus.get("action", ""))
        elif self.ici is None:
            return
        elif balise == "input" and lus.get("type") == "file":
            self.ici.fichiers.append(nom)
        elif balise in ("input", "select", "textarea", "button") and nom and nom != "csrfmiddlewaretoken":
            self.ici.champs.setdefault(nom, []).extend([lus["value"]] if lus.get("value") else [])
            self.liste = nom if balise == "select" else ""
        elif balise == "option" and self.liste:
            self.ici.champs[self.liste].append(lus.get("value", ""))

    def handle_endtag(self, balise: str) -> None:
        """The form ends: kept when it takes a file."""
        if balise == "form":
            if self.ici is not None and self.ici.fichiers:
                self.lus.append(self.ici)
            self.ici = None


@dataclass
class Formulaire:
    """A form that takes files."""

    action: str
    fichiers: list[str] = field(default_factory=list)
    champs: dict[str, list[str]] = field(default_factory=dict)

    def remplir(self, hasard: Random, texte: Callable[[str, list[str]], str]) -> dict[str, Any]:
        """Its fields, its files hostile."""
        corps: dict[str, Any] = {nom: texte(nom, offertes) for nom, offertes in self.champs.items()}
        for nom in self.fichiers:
            corps[nom] = [tirer(hasard) for _ in range(hasard.choice((1, 1, 1, 2)))]
        return corps
