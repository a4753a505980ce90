"""The workbook of a bilan holds the figures of its JSON, and LibreOffice works them out again."""

import io
import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from classeurs import feuilles, lu, table
from poche_bilan import ecrire, offerte, vacance
from test_tableur_recalcul import nombres, recalculer

from partiteur.cli.bilan.annuel import ecrire_les_pieces
from partiteur.demo.territoire import Territoire
from partiteur.moteur.bilan import Demande, etablir, json_du_bilan
from partiteur.moteur.tableur.bilan import ecrire_bilan, mot
from partiteur.regles.socle import bareme

LIBELLES = bareme("bilan")["libelles"]
pytestmark = pytest.mark.xdist_group("dossiers annuels")


def octets(bilan: Any) -> bytes:
    tampon = io.BytesIO()
    ecrire_bilan(bilan, tampon)
    return tampon.getvalue()


def verifier(contenu: bytes, dit: dict[str, Any]) -> None:
    """Every table of a workbook against the JSON."""
    lues = feuilles(contenu)
    axes = list(dit["marginaux"])
    compteurs = list(dit["total"])
    croise = table(lues["Tableau croisé"], LIBELLES["reservataire"])
    assert croise[-1][LIBELLES["reservataire"]] == "Total"
    attendues = [
        {**{LIBELLES[a]: mot(v[a]) for a in axes}, **{LIBELLES[c]: v[c] for c in compteurs}}
        for v in dit["ventilation"]
    ]
    assert croise[:-1] == attendues
    assert [croise[-1][LIBELLES[c]] for c in compteurs] == [dit["total"][c] for c in compteurs]
    for axe in axes:
        lignes = table(lues["Marginaux"], LIBELLES[axe])
        assert len(lignes) == len(dit["marginaux"][axe]) + 1
        for ligne, attendue in zip(
            lignes, [*dit["marginaux"][axe], {axe: "Total", **dit["total"]}], strict=True
        ):
            assert ligne[LIBELLES[axe]] == mot(attendue[axe])
            assert [ligne[LIBELLES[c]] for c in compteurs] == [attendue[c] for c in compteurs]
    reservataires = {ligne["Code"]: ligne for ligne in table(lues["Réservataires"], "Code")}
    for attendu in dit["reservataires"]:
        ligne = reservataires[attendu["code"]]
        assert ligne[LIBELLES["attribution"]] == attendu["attribution"]
        dite = attendu["taux_chute"]
        assert (
            ligne["Taux de chute"] == "—"
            if dite is None
            else lu(ligne["Taux de chute"]) == lu(Fraction(dite))
        )
    for ligne, attendu in zip(table(lues["Engagements"], "Réservataire"), dit["reservataires"], strict=True):
        assert ligne["Réservataire"] == (attendu["nom"] or attendu["code"])
        assert ligne["Volume de l'année"] == attendu.get("objectif", "non comparé")
        for titre, cle in (
            ("Part", "part"),
            ("Attendu à date", "attendu"),
            ("Écart", "ecart"),
            ("Atteinte du volume", "atteinte_volume"),
            ("Atteinte du flux", "atteinte_flux"),
        ):
            dite = attendu[cle]
            assert ligne[titre] == "—" if dite is None else lu(ligne[titre]) == lu(Fraction(dite)), titre
    chutes = table(lues["Chutes"], "Réservataire")
    assert [lu(c["Taux de chute"]) if c["Taux de chute"] != "—" else None for c in chutes] == [
        None if c["taux"] is None else lu(Fraction(c["taux"]))
        for r in dit["reservataires"]
        for c in r["chutes"]
    ]
    assert [s["Réalisé"] for s in table(lues["Soustraits"], "Catégorie")] == [
        s["realise"] for s in dit["soustraits"]
    ]
    assert len(table(lues["Manques"], "Message")) == len(dit["manques"]) + len(dit["avertissements"])


@pytest.fixture(scope="module")
def dossiers_annuels(
    territoire: Territoire, pieces_de: Any, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """The packs of the three bailleurs of the demo, the smallest last."""
    sortie = tmp_path_factory.mktemp("packs")
    dossiers = []
    for bailleur in territoire.bailleurs:
        dossiers.append(sortie / bailleur.dossier.parent.name)
        ecrire_les_pieces(pieces_de(bailleur), dossiers[-1], "Dossier annuel 2023")
    return dossiers


@pytest.fixture
def dossier_annuel(dossiers_annuels: list[Path]) -> Path:
    """The pack of the smallest bailleur of the demo."""
    return dossiers_annuels[-1]


def test_chaque_fichier_des_dossiers_annuels(dossiers_annuels: list[Path], tmp_path: Path) -> None:
    """Of each bailleur, every workbook opened, worked out again by LibreOffice, equal to the JSON beside it; copies are
    the same bytes."""
    contenus: dict[bytes, tuple[Path, dict[str, Any]]] = {}
    for dossier in dossiers_annuels:
        index = json.loads((dossier / "index.json").read_text("utf-8"))["pieces"]
        ecrits = sorted(str(p.relative_to(dossier)) for p in dossier.glob("*/**/*.*"))
        assert ecrits == sorted(piece["fichier"] for piece in index)
        for chemin in sorted(dossier.glob("**/*.xlsx")):
            contenus.setdefault(
                chemin.read_bytes(), (chemin, json.loads(chemin.with_suffix(".json").read_text("utf-8")))
            )
    noms = {}
    for rang, (contenu, (chemin, dit)) in enumerate(contenus.items()):
        nom = f"{rang}-{chemin.stem}"
        (tmp_path / f"{nom}.xlsx").write_bytes(contenu)
        noms[nom] = contenu
        if isinstance(dit, dict):  # a bilan; else a table
            verifier(contenu, dit)
        else:
            lignes = [ligne for ligne in feuilles(contenu)["Tableau"] if any(c != "" for c in ligne)][2:]
            assert [
                [mot(v) if not isinstance(v, int) or isinstance(v, bool) else v for v in objet.values()]
                for objet in dit
            ] == [[int(c) if isinstance(c, float) else c for c in ligne] for ligne in lignes]
    sortie = recalculer(tmp_path, [tmp_path / f"{nom}.xlsx" for nom in noms])
    for nom, contenu in noms.items():
        assert nombres((sortie / f"{nom}.ods").read_bytes()) == nombres(contenu), nom
    assert len(noms) >= 7 * len(dossiers_annuels)


def test_les_formules_sont_vivantes(dossier_annuel: Path, tmp_path: Path) -> None:
    """A count changed in the long table changes its six marginals and its total."""
    import re
    import zipfile

    origine = next(dossier_annuel.glob("prefet/bilan.xlsx"))
    change = tmp_path / "change.xlsx"
    with zipfile.ZipFile(origine) as lue, zipfile.ZipFile(change, "w") as ecrite:
        for nom in lue.namelist():
            contenu = lue.read(nom)
            if nom.endswith("sheet3.xml"):
                texte, fois = re.subn(r'(<c r="G5"[^>]*><v>)\d+(</v>)', r"\g<1>1000\2", contenu.decode())
                assert fois == 1
                contenu = texte.encode()
            ecrite.writestr(nom, contenu)
    sortie = recalculer(tmp_path, [change])
    avant, apres = nombres(origine.read_bytes()), nombres((sortie / "change.ods").read_bytes())
    bouges = [a for a, b in zip(avant["Marginaux"], apres["Marginaux"], strict=True) if a != b]
    assert len(bouges) == 12  # six values and six totals
    assert avant["Tableau croisé"][-1] != apres["Tableau croisé"][-1]


def test_un_bilan_vide(tmp_path: Path) -> None:
    """A journal where nothing happened in the period still makes a workbook."""
    journal = ecrire(tmp_path / "j.csv", vacance("V1", *offerte("V1", date(2022, 1, 20))))
    bilan = etablir(journal, Demande(date(2024, 12, 31), objectifs=True)).bilan
    verifier(octets(bilan), json_du_bilan(bilan))
    assert bilan.vacances == 0
