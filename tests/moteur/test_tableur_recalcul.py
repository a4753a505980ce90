"""Every formula of every workbook, worked out again by LibreOffice: the value written is the value found.

One start of the spreadsheet for all the workbooks: it is slow.
"""

import io
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from classeurs import DOSSIERS, feuilles, flux_de, lu, octets_du_flux, parties
from poche import droits, liberations, parc

from partiteur.moteur.droits import registre_au
from partiteur.moteur.etats import etat_des_lieux
from partiteur.moteur.tableur.classeur import Formule, classeur
from partiteur.moteur.tableur.etats import CROISEMENT, Classement, ecrire_etat
from partiteur.moteur.tableur.indicateurs import indicateurs

SECONDES = 120  # of patience, not of duty
TOUJOURS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def recalculer(dossier: Path, classeurs: Iterable[Path]) -> Path:
    """Open workbooks in LibreOffice, work out every formula, save as OpenDocument; returns where."""
    soffice = shutil.which("soffice")
    assert soffice, (
        "Il manque LibreOffice Calc : apt-get install libreoffice-calc-nogui, ou « make test » en root."
    )
    profil, sortie = dossier / "profil", dossier / "recalcule"
    (profil / "user").mkdir(parents=True)
    (profil / "user" / "registrymodifications.xcu").write_text(TOUJOURS, encoding="utf-8")
    commande = [soffice, f"-env:UserInstallation={profil.as_uri()}", "--headless", "--convert-to", "ods"]
    subprocess.run(
        [*commande, "--outdir", str(sortie), *map(str, classeurs)],
        check=True,
        capture_output=True,
        timeout=SECONDES,
    )
    return sortie


def etat_detaille() -> bytes:
    """An état des lieux with its register and its libérations."""
    logements = parc(
        *(
            {"numero_rpls": f"L{i}", "lieu": "99001", "typologie": f"T{1 + i % 6}", "contingent": "2",
             "famille_financement": ("PLAI", "PLUS", "PLS")[i % 3]}
            for i in range(40)
        )
    )  # fmt: skip
    registre = droits(*({"reservataire": "als", "logement": f"L{i}"} for i in range(7)))
    sorties = liberations(
        *({"logement": f"L{i}", "date_liberation": date(2023, 3, 1)} for i in range(0, 40, 7))
    )
    detail = indicateurs([logements], date(2023, 12, 31), droits=registre, liberations=sorties)
    lus = registre_au(registre, date(2023, 12, 31))
    etats = [etat_des_lieux([logements], axes, lus) for axes in (("reservataire",), CROISEMENT)]
    tampon = io.BytesIO()
    ecrire_etat(Classement("État d'essai", *etats, detail), tampon)
    return tampon.getvalue()


def nombres(octets: bytes) -> dict[str, list[list[Any]]]:
    """Sheet by sheet, the rows without empty ends; numbers to the digits a spreadsheet keeps."""
    lues = {}
    for nom, rangees in feuilles(octets).items():
        pleines = [[lu(v) if isinstance(v, int | float) else v for v in rangee] for rangee in rangees]
        lues[nom] = [_sans_vide(rangee) for rangee in _sans_vide(pleines)]
    return lues


def _sans_vide(liste: list[Any]) -> list[Any]:
    while liste and not (liste[-1] if not isinstance(liste[-1], list) else any(v != "" for v in liste[-1])):
        liste = liste[:-1]
    return liste


def test_libreoffice_trouve_les_memes_valeurs(tmp_path: Path) -> None:
    """Seven flux, an état des lieux with its dwellings; and a planted error, to prove that all is worked out again."""
    contenus = {nom: octets_du_flux(flux_de(texte, tmp_path)) for nom, texte in DOSSIERS.items()}
    contenus["etat"] = etat_detaille()
    tampon = io.BytesIO()
    with classeur(tampon, "faux") as livre:
        feuille = livre.feuille("Faux", (10, 10))
        feuille.ligne((2, Formule("=A1+1", 99)))
    contenus["faux"] = tampon.getvalue()
    for nom, octets in contenus.items():
        (tmp_path / f"{nom}.xlsx").write_bytes(octets)
    sortie = recalculer(tmp_path, [tmp_path / f"{nom}.xlsx" for nom in contenus])
    trouves = {nom: nombres((sortie / f"{nom}.ods").read_bytes()) for nom in contenus}
    assert trouves.pop("faux") == {"Faux": [["2", "3"]]}
    formules = 0
    for nom, trouve in trouves.items():
        assert trouve == nombres(contenus[nom]), nom
        formules += sum(len(re.findall("<f>", x)) for x in parties(contenus[nom], r"sheet\d").values())
    assert formules > 400


def test_cinquante_mille_lignes(tmp_path: Path) -> None:
    """Rows leave memory as they go, and the sheet ends as a workbook that reads back whole."""
    with (tmp_path / "g.xlsx").open("wb") as fichier, classeur(fichier, "grand") as livre:
        feuille = livre.feuille("Logements", (14, 14))
        feuille.entete(("N° RPLS", "Mise en location"))
        for i in range(50_000):
            feuille.ligne((f"L{i}", date(2020, 1, 1)))
    assert len(feuilles((tmp_path / "g.xlsx").read_bytes())["Logements"]) == 50_001
