"""The workbook of a flux: the figures of the JSON, each total a formula, no text taken for one."""

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from classeurs import (
    DOSSIERS,
    OCCITANIE,
    PACA,
    PERIMETRES,
    feuilles,
    flux_de,
    lu,
    octets_du_flux,
    parties,
    table,
)

from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.tableur.classeur import Formule, adresse, compte, quotient, vive
from partiteur.moteur.tableur.fiche import modele
from partiteur.regles.faits import Rotation
from partiteur.regles.rotation import definition
from partiteur.regles.socle import bareme, textes

FEUILLES = [
    "Feuille de calcul", "Réservataires", "Périmètres", "Fiche d'assiette", "Étapes", "Avertissements", "Textes",
]  # fmt: skip


@pytest.mark.parametrize("nom", DOSSIERS)
def test_les_memes_chiffres_que_le_json(nom: str, tmp_path: Path) -> None:
    """Calculation sheet, parts, perimeters, steps, warnings: what the JSON says, cell by cell."""
    flux = flux_de(DOSSIERS[nom], tmp_path)
    attendu, lues = json_du_flux(flux), feuilles(octets_du_flux(flux))
    assert list(lues) == FEUILLES
    calcul = {r["Ligne"]: r["Nombre"] for r in table(lues["Feuille de calcul"], "Ligne")}
    assert lu(calcul["Assiette"]) == lu(attendu["assiette"]["total"])
    assert lu(calcul["Total des exclus"]) == lu(sum(attendu["assiette"]["exclus"].values()))
    assert lu(calcul["Volume attendu"]) == lu(attendu["flux"]["volume"])
    assert lu(calcul["Flux à répartir, exact"]) == lu(attendu["flux"]["a_repartir_exact"])
    assert calcul["Flux à répartir"] == flux.a_repartir
    assert lu(calcul["Total des soustraits"]) == lu(
        sum(map(Fraction, attendu["flux"]["soustraits"].values()), Fraction(0))
    )
    if attendu["rotation"]["taux"] is not None:
        assert lu(calcul["Taux de rotation"]) == lu(attendu["rotation"]["taux"])
    rendus = {r["Code"]: r for r in table(lues["Réservataires"], "Code") if r["Code"]}
    assert list(rendus) == [r["code"] for r in attendu["reservataires"]]
    for part in attendu["reservataires"]:
        rendu = rendus[part["code"]]
        for colonne, cle in (("Part", "part"), ("Part appliquée", "part_appliquee"), ("Exact", "exact")):
            assert lu(rendu[colonne]) == lu(part[cle])
        assert rendu["Volume indicatif"] == ("non publié" if part["objectif"] is None else part["objectif"])
    perimetres = table(lues["Périmètres"], "Code")
    tous = [attendu | attendu["territoire"], *attendu["perimetres"]]
    assert [p["Code"] for p in perimetres] == [p["code"] for p in tous]
    for lu_, voulu in zip(perimetres, tous, strict=True):
        assert lu_["Parc"] == voulu["assiette"]["parc"]
        assert lu_["Assiette"] == voulu["assiette"]["total"]
        assert lu(lu_["Volume attendu"]) == lu(voulu["flux"]["volume"])
        assert lu(lu_["Flux exact"]) == lu(voulu["flux"]["a_repartir_exact"])
    etapes = table(lues["Étapes"], "N°")
    assert [(e["Étape"], e["Formule"], e["Texte"]) for e in etapes] == [
        (e["libelle"], e["formule"], e["texte"]) for e in attendu["etapes"]
    ]
    for ligne, etape in zip(etapes, flux.etapes, strict=True):
        if isinstance(etape.valeur, int | Fraction):
            assert lu(ligne["Valeur"]) == lu(etape.valeur)
    dits = {a["Message"] for a in table(lues["Avertissements"], "Gravité")}
    assert dits == ({a["message"] for a in attendu["avertissements"]} or {"Aucun avertissement."})
    cites = {t["Texte"]: t for t in table(lues["Textes"], "Texte")}
    assert {e["texte"] for e in attendu["etapes"]} <= set(cites)
    assert all(isinstance(t["Vérifié le"], date) for t in cites.values())


def test_la_rotation_comptee_montre_ses_comptes(tmp_path: Path) -> None:
    """Numerator and denominator of the rate, and the years it averages."""
    flux = flux_de(PACA, tmp_path)
    for code, formule in (("departs_1_an", "=B9/B10"), ("departs_3_ans", "=B9/3/B10")):
        definie = definition(code, ())
        rotation = Rotation(None, Fraction(2001, 2), 13_224)
        taux = rotation.numerateur / definie.annees / rotation.denominateur
        perimetre = replace(flux.dossier.perimetres[0], rotation=rotation)
        dossier = replace(flux.dossier, definition=definie, perimetres=(perimetre,))
        calcule = replace(flux, dossier=dossier, perimetres=(replace(flux.territoire, taux=taux),))
        octets = octets_du_flux(calcule)
        calcul = {r["Ligne"]: r["Nombre"] for r in table(feuilles(octets)["Feuille de calcul"], "Ligne")}
        assert lu(calcul["Libérations comptées"]) == lu(Fraction(2001, 2))
        assert calcul["Logements au dénominateur"] == 13_224
        assert lu(calcul["Taux de rotation"]) == lu(taux)
        assert f"<f>{formule[1:]}</f>" in parties(octets, r"sheet1\.xml")["xl/worksheets/sheet1.xml"]


def test_les_parts_rejoignent_le_flux(tmp_path: Path) -> None:
    """Réservataires and non-réservé add up to the flux, on their own sheet and on the calculation sheet."""
    lignes = table(feuilles(octets_du_flux(flux_de(PACA, tmp_path)))["Réservataires"], "Code")
    bas = {r["Réservataire"]: (lu(r["Exact"]), r["Volume indicatif"]) for r in lignes if not r["Code"]}
    assert bas["Total des réservataires"] == (lu("5367/20"), 268)
    assert bas["Flux à répartir"] == bas["Flux d'après la feuille de calcul"] == (lu("5367/20"), 268)
    assert [r["Volume indicatif"] for r in lignes if r["Code"]] == [100, 138, 30]


def test_les_taux_sont_des_fractions(tmp_path: Path) -> None:
    """No rounded rate is typed: « =1/3 », « =7/90 »."""
    xml = parties(octets_du_flux(flux_de(PERIMETRES, tmp_path)), r"sheet\d")
    formules = {f for texte in xml.values() for f in re.findall("<f>(.*?)</f>", texte)}
    assert {"1/3", "7/90", "137/10000"} <= formules
    nombres = {v for texte in xml.values() for v in re.findall(r'<c r="\w+" s="\d+"><v>(.*?)</v>', texte)}
    assert [n for n in nombres if not n.removeprefix("-").isdecimal()] == []


def fiche(texte: str, dossier: Path) -> dict[str, list[object]]:
    rangees = feuilles(octets_du_flux(flux_de(texte, dossier)))["Fiche d'assiette"]
    return {str(r[0]): list(r[1:]) for r in rangees if r[0]}


def test_la_fiche_publiee_et_l_ordre_des_operations(tmp_path: Path) -> None:
    """On the published figures: 1 405 in the published order, 1 000 when the rotation comes first, and the sheet says why."""
    lignes = fiche(OCCITANIE, tmp_path)
    assert lignes["Total logements exclus de l'assiette"] == [500]
    assert lignes["Assiette à répartir entre les réservataires (ordre publié)"] == [14050]
    assert lignes["Flux à répartir (ordre publié : soustraits d'abord)"] == [1405]
    assert lignes["Flux à répartir (rotation d'abord)"] == [1000]
    assert lignes["Écart : ordre publié moins rotation d'abord"] == [405]
    assert all(phrase in lignes for phrase in modele()["pourquoi"])


def test_la_fiche_a_une_colonne_par_epci(tmp_path: Path) -> None:
    """Each EPCI then the territory; a category without a line of its own is in the added line, so that totals hold."""
    lignes = fiche(PERIMETRES, tmp_path)
    assert lignes["Calcul de l'assiette"] == ["Métropole", "Haute-Garonne"]
    assert lignes["dont PLI"] == [90, 100]
    assert lignes["dont logements étudiants"] == [0, 33]
    hors_anru = (
        "dont volumes de logements nécessaires au relogement hors ANRU (OLS démolisseur et contributeurs)"
    )
    assert lignes[hors_anru][1] == 5
    assert lignes["Bailleur"][0] == "OPH d'exemple"
    assert lignes["Adresse"] == ["", ""]


def test_la_fiche_sans_taux(tmp_path: Path) -> None:
    """A volume that is a mean of leases has no published order."""
    lignes = fiche(DOSSIERS["baux"], tmp_path)
    assert lignes["Écart : ordre publié moins rotation d'abord"] == ["sans objet", "sans objet"]


def test_les_lignes_de_la_fiche_existent() -> None:
    """Every code of the form is a closed code of its barème, once."""
    for genre, connus in (("exclus", bareme("exclus")["motifs"]), ("soustraits", bareme("soustraits"))):
        codes = [c for ligne in modele()["ligne"] if ligne["genre"] == genre for c in ligne.get("codes", ())]
        assert set(codes) <= set(connus)
        assert len(codes) == len(set(codes))
    assert modele()["texte"] in textes()


@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t=", "=cmd|'/C calc'!A0;"])
def test_aucun_texte_ne_devient_formule(debut: str, tmp_path: Path) -> None:
    """Names that look like formulas stay names, in every sheet."""
    nom = f'{debut}HYPERLINK(1)&"x"'
    ecrit = nom.replace("\t", "\\t").replace('"', '\\"')
    texte = OCCITANIE.replace("OPH d'exemple", ecrit).replace("Conseil départemental", ecrit)
    octets = octets_du_flux(flux_de(texte, tmp_path))
    formules = [f for x in parties(octets, r"sheet\d").values() for f in re.findall("<f>(.*?)</f>", x)]
    assert not [f for f in formules if "HYPERLINK" in f or "cmd" in f]
    assert table(feuilles(octets)["Réservataires"], "Code")[0]["Réservataire"] == nom
    assert not parties(octets, "hyperlinks|externalLink")


def test_le_meme_flux_donne_les_memes_octets(tmp_path: Path) -> None:
    """No clock, no author; the same bytes on any day."""
    flux = flux_de(PERIMETRES, tmp_path)
    octets = octets_du_flux(flux)
    assert octets == octets_du_flux(flux)
    proprietes = parties(octets, "docProps/core")["docProps/core.xml"]
    assert "<dc:creator></dc:creator>" in proprietes
    assert "2000-01-01T00:00:00Z" in proprietes


def test_chaque_feuille_s_imprime(tmp_path: Path) -> None:
    """A4 on its side, one page wide, header frozen, widths set, no merged cells."""
    for xml in parties(octets_du_flux(flux_de(PERIMETRES, tmp_path)), r"worksheets/sheet\d").values():
        assert 'paperSize="9"' in xml
        assert 'orientation="landscape"' in xml
        assert 'fitToHeight="0"' in xml
        assert 'state="frozen"' in xml
        assert "<cols>" in xml
        assert "mergeCell" not in xml


def test_les_primitives() -> None:
    """A whole fraction is a whole number; a formula that would give something else is not written."""
    assert quotient(Fraction(5367, 20)) == Formule("=5367/20", Fraction(5367, 20), "exact")
    assert quotient(1, "taux").texte == "=1"
    assert compte(Fraction(4, 2)) == 2
    assert compte(Fraction(1, 2)) == quotient(Fraction(1, 2))
    assert vive(3, ("=A1+A2", 4), ("=A1*A2", 3)).texte == "=A1*A2"
    assert vive(Fraction(1, 3), ("=A1", 1)).texte == "=1/3"
    assert (adresse(7, 27), adresse(7, 1, fixe=True)) == ("AB7", "$B$7")
