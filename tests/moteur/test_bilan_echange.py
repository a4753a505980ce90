"""A bilan written in the exchange schema reads back the same, and several add up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from poche_bilan import attribuee, bail, ecrire, offerte, vacance

from partiteur.moteur.bilan import (
    BilanIllisible,
    Demande,
    consolider,
    etablir,
    lignes_d_echange,
    lignes_de,
    lire_bilan,
)
from partiteur.moteur.lecture.constat import LectureImpossible
from partiteur.moteur.lignes_csv import en_csv
from partiteur.moteur.tableur.bilan import ecrire_croisement
from partiteur.regles.bilan import BilanIncoherent

AU = date(2024, 12, 31)


@pytest.fixture
def ecrit(tmp_path: Path) -> Path:
    """A bilan with an unknown QPV, an unknown commune, two réservataires."""
    lignes = vacance(
        "V1",
        *offerte("V1", date(2024, 1, 20), qpv=None),
        *attribuee(date(2024, 2, 20)),
        bail(date(2024, 3, 1)),
    )
    lignes += vacance("V2", *offerte("V2", date(2024, 1, 20), "B", commune=None, typologie="T7"))
    bilan = etablir(ecrire(tmp_path / "j.csv", lignes), Demande(AU)).bilan
    return _csv(tmp_path / "b.csv", list(lignes_d_echange(bilan)))


def _csv(chemin: Path, lignes: Sequence[Sequence[Any]]) -> Path:
    chemin.write_text(en_csv(lignes) + "\n", encoding="utf-8")
    return chemin


def _avec(ecrit: Path, ancien: str, nouveau: str, nom: str = "b2.csv") -> Path:
    chemin = ecrit.with_name(nom)
    texte = ecrit.read_text("utf-8")
    assert ancien in texte
    chemin.write_text(texte.replace(ancien, nouveau), encoding="utf-8")
    return chemin


def test_relu_le_meme(ecrit: Path, tmp_path: Path) -> None:
    """From CSV and from a workbook, the same table; a code that looks like a formula comes back bare."""
    lu = lire_bilan(_avec(ecrit, ";B;", ";'=B;"))
    assert (lu.du, lu.au, lu.lignes, lu.absents, lu.refusees) == (date(2024, 1, 1), AU, 2, (), ())
    assert {c.cle[0] for c in lu.ventilation.lignes} == {"A", "=B"}
    assert (lu.ventilation.total["mise_a_disposition"], lu.ventilation.total["bail_signe"]) == (2, 1)
    assert {c.cle[0]: c.compteurs["mise_a_disposition"] for c in lu.ventilation.marginaux["qpv"]} == {
        False: 1,
        None: 1,
    }
    assert [c.cle[0] for c in lu.ventilation.marginaux["typologie"]] == ["T3", "T6+"]
    with (tmp_path / "b.xlsx").open("wb") as fichier:
        ecrire_croisement(lu.ventilation, "Bilan", fichier)
    relu = lire_bilan(tmp_path / "b.xlsx")
    assert {c.cle: c.compteurs for c in relu.ventilation.lignes} == {
        c.cle: c.compteurs for c in lu.ventilation.lignes
    }


def test_un_total_faux(ecrit: Path) -> None:
    """A total is checked, not added: one that differs from its rows is named."""
    texte = ecrit.read_text("utf-8")
    ecrit.write_text(
        f"{texte};;;Total;;;;;;2;1;1;1;1;1;0;0;0\n;;;TOTAL;;;;;;3;1;1;1;1;1;0;1;0\n", encoding="utf-8"
    )
    lu = lire_bilan(ecrit)
    assert (lu.lignes, lu.ventilation.total["mise_a_disposition"]) == (2, 2)
    assert [phrase.split(" : ")[1] for phrase in lu.refusees if "ligne 5" in phrase] == [
        "total « mise_a_disposition » 3, la somme des lignes est 2"
    ]


def test_cellules_mauvaises(ecrit: Path) -> None:
    """Each bad row is named with its line and column; the others are kept."""
    texte = ecrit.read_text("utf-8").splitlines()
    cles = texte[0].split(";")

    def ligne(**changees: str) -> str:
        return ";".join(
            changees.get(nom, valeur) for nom, valeur in zip(cles, texte[1].split(";"), strict=True)
        )

    fausses = [
        ligne(reservataire=""),
        ligne(qpv="peut-être"),
        ligne(typologie="T12"),
        ligne(periode_construction="jadis"),
        ligne(attribution="-1"),
        ligne(du="hier"),
    ]
    ecrit.write_text("\n".join([*texte, *fausses, ";;;;;"]) + "\n", encoding="utf-8")
    lu = lire_bilan(ecrit)
    assert [phrase.split(" : ")[0] for phrase in lu.refusees] == [
        f"b.csv, ligne {rang}" for rang in range(4, 10)
    ]
    assert all(mot in " ".join(lu.refusees) for mot in ("reservataire", "qpv", "T12", "jadis", "-1", "hier"))
    assert lu.lignes == 8


def test_ce_qui_n_est_pas_un_bilan(ecrit: Path, tmp_path: Path) -> None:
    """No column, no row, two periods in one file: a sentence that says what to do."""
    with pytest.raises(BilanIllisible, match="colonnes absentes : reservataire"):
        lire_bilan(_avec(ecrit, ";reservataire;", ";autre;"))
    with pytest.raises(BilanIllisible, match="aucune ligne"):
        lire_bilan(_csv(tmp_path / "vide.csv", [ecrit.read_text("utf-8").splitlines()[0].split(";")]))
    with pytest.raises(BilanIllisible, match="valeurs différentes"):
        lire_bilan(_avec(ecrit, "2024-01-01;2024-12-31;A", "2023-01-01;2024-12-31;A"))
    with pytest.raises(LectureImpossible):
        lire_bilan(tmp_path / "absent.csv")


ETAT = (
    "bailleur;au;reservataire;commune;qpv;famille_financement;typologie_groupe;logements\n"
    "B1;2024-01-01;A;99001;non;PLUS;T3;40\nB1;2024-01-01;A;;;PLAI;T6+;2\nB1;2024-01-01;Total;;;;;42\n"
)


def test_un_etat_des_lieux(tmp_path: Path, ecrit: Path) -> None:
    """Read back in its own schema, from CSV and from a workbook; it adds up with another, never with a bilan."""
    chemin = tmp_path / "e1.csv"
    chemin.write_text(ETAT, encoding="utf-8")
    lu = lire_bilan(chemin)
    assert (lu.bailleur, lu.du, lu.au, lu.lignes, lu.absents, lu.refusees) == (
        "B1", None, date(2024, 1, 1), 2, (), ()
    )  # fmt: skip
    assert {c.cle: c.compteurs["logements"] for c in lu.ventilation.lignes} == {
        ("A", "99001", False, "PLUS", "T3"): 40,
        ("A", None, None, "PLAI", "T6+"): 2,
    }
    with (tmp_path / "e.xlsx").open("wb") as fichier:
        ecrire_croisement(lu.ventilation, "État", fichier)
    assert lire_bilan(tmp_path / "e.xlsx").ventilation == lu.ventilation
    autre = tmp_path / "e2.csv"
    autre.write_text(ETAT.replace("B1", "B2").replace(";40", ";10").replace(";42", ";13"), encoding="utf-8")
    deuxieme = lire_bilan(autre)
    assert deuxieme.refusees == ("e2.csv, ligne 4 : total « logements » 13, la somme des lignes est 12",)
    territoire = consolider([lu, deuxieme])
    assert (territoire.du, territoire.ventilation.total) == (None, {"logements": 54})
    assert next(iter(lignes_de(territoire.ventilation, ()))) == ("A", "99001", False, "PLUS", "T3", 50)
    with pytest.raises(BilanIllisible, match="ne s'additionne pas"):
        consolider([lu, lire_bilan(ecrit)])


def test_un_territoire_qui_ne_se_recoupe_pas(ecrit: Path) -> None:
    """Rows, marginals and totals are added up apart: a bilan whose total lies is not consolidated."""
    lu = lire_bilan(ecrit)
    for faux in (
        replace(lu.ventilation, total={**lu.ventilation.total, "attribution": 9}),
        replace(lu.ventilation, marginaux={**lu.ventilation.marginaux, "qpv": ()}),
    ):
        with pytest.raises(BilanIncoherent, match="ne se recoupe pas"):
            consolider([replace(lu, ventilation=faux)])


def test_un_territoire(ecrit: Path) -> None:
    """Two bailleurs add up, cell by cell; another period or the same bailleur twice is refused."""
    sans = lire_bilan(ecrit)
    autre = lire_bilan(_avec(ecrit, ";2024-01-01", "B2;2024-01-01"))
    territoire = consolider([sans, autre])
    assert territoire.ventilation.total == {nom: 2 * n for nom, n in sans.ventilation.total.items()}
    assert len(territoire.ventilation.lignes) == len(sans.ventilation.lignes)
    with pytest.raises(BilanIllisible, match="deux fois"):
        consolider([sans, sans])
    with pytest.raises(BilanIllisible, match="même période"):
        consolider([sans, lire_bilan(_avec(ecrit, "2024-12-31", "2024-06-30"))])
    with pytest.raises(BilanIllisible, match="même période connue"):
        consolider([lire_bilan(_avec(ecrit, "2024-01-01;2024-12-31", ";"))])
