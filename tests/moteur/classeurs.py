"""Workbooks for the tests: dossiers written by hand, and what a workbook holds once read back."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.tableur.flux import ecrire_flux
from partiteur.regles.flux.feuille import Flux

TETE = 'exercice = 2024\n[bailleur]\nnom = "OPH d\'exemple"\n[territoire]\nechelle = "departement"\ncode = "31"\n'
OCCITANIE = (
    'cadre = "occitanie-2023"\n'
    + TETE
    + '[parc]\ntotal = 15000\nexclus = {non_eligibles = 500}\n[rotation]\ntaux = "10 %"\n'
    "[soustraits]\nmutations = 400\nrelogements_anru = 50\n"
    '[[reservataires]]\ncode = "cd31"\nnom = "Conseil départemental"\ntype = "departement"\npart = "20 %"\n'
)
PACA = (
    'cadre = "paca-2024"\n'
    + TETE
    + '[parc]\ntotal = 5367\ndate = 2023-12-31\n[rotation]\ntaux = "5 %"\n'
    + "".join(
        f'[[reservataires]]\ncode = "{code}"\ntype = "autre"\nreserves = {reserves}\n'
        for code, reserves in (("A", 2000), ("B", 2760), ("C", 607))
    )
)
PERIMETRES = (
    'cadre = "paca-2024"\ncomplet = true\n'
    + TETE
    + '[parc]\ntotal = 10000\ndate = 2023-12-31\nsource = "RPLS"\nexclus = {pli = 100, etudiant = 33}\n'
    '[rotation]\ntaux = "7/90"\n[soustraits]\nmutations = 101\nlhi = 3\ndemolition_hors_anru = 5\n'
    '[[perimetres]]\ncode = "200000001"\nnom = "Métropole"\nechelle = "epci"\nparc = 6000\nexclus = {pli = 90}\n'
    '[[perimetres]]\ncode = "31555"\nechelle = "commune"\nparc = 400\ndans = ["200000001"]\n'
    '[[perimetres]]\ncode = "31069"\nechelle = "commune"\nparc = 250\n'
    '[[reservataires]]\ncode = "als"\ntype = "action_logement"\npart = "1/3"\nreport = "1/7"\n'
    '[[reservataires]]\ncode = "ville"\ntype = "commune"\npart = "30 %"\nperimetre = "31555"\ncontrepartie = "garantie"\n'
    '[[reservataires]]\ncode = "deux"\ntype = "departement"\npart = "1,37 %"\nperimetre = ["31069", "200000001"]\n'
    '[[reservataires]]\ncode = "cia"\ntype = "employeur"\nmethode = "negocie"\nvolume = 12\njustification = "accord"\n'
    'precedent = {compte = 8, du = 10}\nsolde = "reporte"\n'
    '[[reservataires]]\ncode = "rare"\ntype = "region"\npart = "0,03 %"\n'
    '[[neuf]]\nprogramme = "Les Lilas"\ncommune = "31555"\nlogements = 20\ndate = 2024-06-01\nregime = "flux"\n'
    '[[neuf]]\nprogramme = "Les Roses"\ncommune = "31555"\nlogements = 30\ndate = 2024-06-01\n'
    'regime = "annee_livraison"\ndroits = {als = 6}\n'
)
BAUX = (
    'cadre = "mtpm-2023"\n'
    + TETE
    + "[parc]\ntotal = 900\ndate = 2023-12-31\n[volume]\nbaux = {2021 = 31, 2022 = 40, 2023 = 29}\n"
    "[soustraits]\nmutations = {constate = {2021 = 3, 2022 = 4, 2023 = 3}}\n"
    '[[perimetres]]\ncode = "200000001"\nechelle = "epci"\nparc = 300\nbaux = {2021 = 10, 2022 = 11, 2023 = 12}\n'
)
NEGATIF = (
    'cadre = "paca-2024"\n'
    + TETE
    + '[parc]\ntotal = 100\n[rotation]\ntaux = "5 %"\n[soustraits]\nvente = 9\n'
)
TROP = (
    'cadre = "paca-2024"\n'
    + TETE
    + '[parc]\ntotal = 1000\n[rotation]\ntaux = "10 %"\n'
    + "".join(f'[[reservataires]]\ncode = "{c}"\ntype = "autre"\npart = "60 %"\n' for c in "ab")
)
PUBLIE = OCCITANIE.replace("occitanie-2023", "ddets06-2024")
DOSSIERS = {
    "occitanie": OCCITANIE,
    "paca": PACA,
    "perimetres": PERIMETRES,
    "baux": BAUX,
    "negatif": NEGATIF,
    "trop": TROP,
    "publie": PUBLIE,
}

Rangees = Sequence[Sequence[Any]]


def flux_de(texte: str, dossier: Path) -> Flux:
    """The flux of a dossier.toml given as text."""
    chemin = dossier / "dossier.toml"
    chemin.write_text(texte, encoding="utf-8")
    return calculer_dossier(chemin)


def octets_du_flux(flux: Flux) -> bytes:
    """The workbook of a flux."""
    tampon = io.BytesIO()
    ecrire_flux(flux, tampon)
    return tampon.getvalue()


def feuilles(octets: bytes) -> dict[str, Rangees]:
    """The rows of each sheet, the empty ones included."""
    livre = CalamineWorkbook.from_filelike(io.BytesIO(octets))
    return {nom: livre.get_sheet_by_name(nom).to_python(skip_empty_area=False) for nom in livre.sheet_names}


def table(rangees: Rangees, premier: str) -> list[dict[str, Any]]:
    """The rows under the header that begins with `premier`, as far as the first empty row."""
    debut = next(i for i, rangee in enumerate(rangees) if rangee[0] == premier)
    lignes = []
    for rangee in rangees[debut + 1 :]:
        if not any(cellule != "" for cellule in rangee):
            break
        lignes.append(dict(zip(rangees[debut], rangee, strict=True)))
    return lignes


def lu(valeur: Any) -> str:
    """A number as a spreadsheet keeps it, whatever wrote it: twelve digits."""
    return f"{float(Fraction(valeur)):.12g}"


def parties(octets: bytes, motif: str) -> Mapping[str, str]:
    """The XML parts of a workbook whose name fits."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return {nom: archive.read(nom).decode() for nom in archive.namelist() if re.search(motif, nom)}
