"""Excel and OpenDocument workbooks, sound and hostile."""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter

from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import LectureImpossible, archive, classeur, lire_parc

ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
<office:body><office:spreadsheet><table:table table:name="Parc">{lignes}</table:table>
</office:spreadsheet></office:body></office:document-content>"""
TYPE_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def classeur_de(tmp_path: Path, lignes: list[list[object]], nom: str = "parc.xlsx") -> Path:
    chemin = tmp_path / nom
    with xlsxwriter.Workbook(chemin, {"default_date_format": "dd/mm/yyyy"}) as livre:
        feuille = livre.add_worksheet("Parc")
        for rang, ligne in enumerate(lignes):
            feuille.write_row(rang, 0, ligne)
    return chemin


def ods(tmp_path: Path, lignes: str) -> Path:
    chemin = tmp_path / "parc.ods"
    manifeste = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{TYPE_ODS}"/></manifest:manifest>'
    )
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", TYPE_ODS)
        archive.writestr("META-INF/manifest.xml", manifeste)
        archive.writestr("content.xml", ODS.format(lignes=lignes))
    return chemin


def test_les_cellules_d_excel_se_lisent_comme_celles_d_un_csv(tmp_path):
    chemin = classeur_de(
        tmp_path,
        [
            ["Réf logement", "Code Insee", "Surface", "Loyer", "Date bail", "QPV", "Date offre", "Résidence"],
            ["A1", 6029, 64.5, 412.37, datetime.date(2020, 3, 1), True, 43831, datetime.date(7190, 1, 1)],
            [12, "06030", 70, "1 200,50 €", "03/2019", False, "05/2021", "Les Pins"],
        ],
    )
    lecture = lire_parc(chemin, charger())
    premier, second = lecture.table.to_pylist()
    assert (premier["commune"], premier["ligne"], str(premier["surface"])) == ("06029", 2, "64.50")
    assert (premier["loyer_centimes"], second["loyer_centimes"]) == (41237, 120050)
    assert (premier["date_bail"], second["date_bail"]) == (
        datetime.date(2020, 3, 1),
        datetime.date(2019, 3, 1),
    )
    assert (premier["qpv"], second["qpv"]) == (True, False)
    assert premier["date_offre"] == datetime.date(2020, 1, 1)
    assert (premier["programme"], second["programme"]) == (None, "Les Pins")
    assert second["identifiant_interne"] == "12"
    codes = {constat.code for constat in lecture.constats}
    assert {"zero_perdu", "date_excel", "date_dans_texte", "virgule_decimale"} <= codes


def test_la_bonne_feuille_est_choisie_et_le_dit(tmp_path):
    chemin = tmp_path / "parc.xlsx"
    with xlsxwriter.Workbook(chemin) as livre:
        livre.add_worksheet("Lisez-moi").write(0, 0, "Notice")
        parc = livre.add_worksheet("Parc")
        parc.write_row(2, 1, ["ref logement", "insee"])
        parc.write_row(3, 1, ["A1", "06029"])
        cachee = livre.add_worksheet("Cachée")
        cachee.write_row(0, 0, ["ref logement", "insee", "typologie"])
        cachee.hide()
    lecture = lire_parc(chemin, charger())
    assert lecture.table.select(["identifiant_interne", "ligne"]).to_pylist() == [
        {"identifiant_interne": "A1", "ligne": 4}
    ]
    autres = next(constat for constat in lecture.constats if constat.code == "autres_feuilles")
    assert autres.nombre == 1
    assert "« Parc » a été lue" in autres.message
    assert "« Lisez-moi »" in autres.message


def test_un_classeur_ods(tmp_path):
    cellule = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lignes = "".join(
        f"<table:table-row>{''.join(cellule.format(v) for v in ligne)}</table:table-row>"
        for ligne in (["ref logement", "insee"], ["A1", "06029"])
    )
    assert lire_parc(ods(tmp_path, lignes), charger()).table["commune"].to_pylist() == ["06029"]


def test_un_ods_qui_repete_une_cellule_a_l_infini(tmp_path):
    lignes = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell '
        'table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row>"
    )
    with pytest.raises(LectureImpossible, match=r"parc\.ods.*s'étend jusqu'à la ligne 1048576"):
        lire_parc(ods(tmp_path, lignes), charger())


def test_un_ods_qui_repete_un_long_texte(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LIMITE_DECOMPRESSE", 100_000)
    lignes = (
        '<table:table-row table:number-rows-repeated="1000"><table:table-cell office:value-type="string">'
        f"<text:p>{'x' * 200}</text:p></table:table-cell></table:table-row>"
    )
    with pytest.raises(LectureImpossible, match=r"parc\.ods"):
        lire_parc(ods(tmp_path, lignes), charger())


def test_un_ods_ordinaire_peut_repeter_des_lignes_vides(tmp_path):
    cellule = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lignes = (
        f"<table:table-row>{cellule.format('insee')}{cellule.format('ref logement')}</table:table-row>"
        f"<table:table-row>{cellule.format('06029')}{cellule.format('A1')}</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048574"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert lire_parc(ods(tmp_path, lignes), charger()).acceptees == 1


def test_un_classeur_vide(tmp_path):
    with pytest.raises(LectureImpossible, match="est vide"):
        lire_parc(classeur_de(tmp_path, []), charger())


def test_un_classeur_abime(tmp_path):
    chemin = classeur_de(tmp_path, [["ref", "insee"], ["A", "06029"]])
    contenu = chemin.read_bytes()
    for abime in (contenu[: len(contenu) // 2], contenu[:-30], contenu[:300] + b"\0" * 50 + contenu[350:]):
        chemin.write_bytes(abime)
        with pytest.raises(LectureImpossible, match="abîmé"):
            lire_parc(chemin, charger())


def test_un_classeur_dont_le_xml_est_faux(tmp_path):
    source = classeur_de(tmp_path, [["ref", "insee"], ["A", "06029"]])
    for partie in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        chemin = tmp_path / "faux.xlsx"
        with zipfile.ZipFile(source) as lu, zipfile.ZipFile(chemin, "w") as ecrit:
            for nom in lu.namelist():
                ecrit.writestr(nom, b"<faux" if nom == partie else lu.read(nom))
        with pytest.raises(LectureImpossible, match=r"faux\.xlsx"):
            lire_parc(chemin, charger())


def test_un_classeur_protege_par_un_mot_de_passe(tmp_path):
    chemin = tmp_path / "parc.xlsx"
    chemin.write_bytes(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )
    with pytest.raises(LectureImpossible, match="mot de passe"):
        lire_parc(chemin, charger())


def test_le_lecteur_dit_lui_meme_qu_un_mot_de_passe_manque(tmp_path):
    chemin = tmp_path / "parc.xls"
    with pytest.raises(LectureImpossible, match="mot de passe"), classeur._lecteur_sur(chemin):
        raise python_calamine.PasswordError
    with pytest.raises(KeyboardInterrupt), classeur._lecteur_sur(chemin):
        raise KeyboardInterrupt


def test_une_feuille_pleine_de_types(tmp_path):
    assert [classeur.texte(v) for v in (1.5, 2.0, 1e300, datetime.time(12, 0), 3, True)] == [
        "1.5",
        "2",
        "1e+300",
        "12:00:00",
        "3",
        "oui",
    ]


def test_un_vieux_document_qui_n_est_pas_un_classeur(tmp_path):
    chemin = tmp_path / "parc.xls"
    chemin.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2_000)
    with pytest.raises(LectureImpossible, match="abîmé"):
        lire_parc(chemin, charger())


def bombe(tmp_path: Path, feuille: bytes | io.BytesIO, repetitions: int = 1) -> Path:
    chemin = tmp_path / "bombe.xlsx"
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as flux:
            for _ in range(repetitions):
                flux.write(feuille)
    return chemin


def test_un_classeur_trop_lourd(tmp_path, monkeypatch):
    monkeypatch.setattr(classeur, "LIMITE_CLASSEUR", 100)
    with pytest.raises(LectureImpossible, match="dépasse 512 Mio"):
        lire_parc(classeur_de(tmp_path, [["ref", "insee"], ["A", "06029"]]), charger())


def test_une_bombe_de_compression(tmp_path):
    with pytest.raises(LectureImpossible, match="se décompresse sans mesure"):
        lire_parc(bombe(tmp_path, b" " * 2**20, 40), charger())


def test_un_classeur_trop_gros_une_fois_decompresse(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LIMITE_DECOMPRESSE", 1_000)
    with pytest.raises(LectureImpossible, match="se décompresse sans mesure"):
        lire_parc(bombe(tmp_path, b" " * 2_000), charger())


@pytest.mark.parametrize("cellule", ["XFD1048576", "ZZ900000", "AB1048576"])
def test_une_cellule_egaree_au_bout_de_la_feuille(tmp_path, cellule):
    numero = cellule.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    xml = f'<sheetData><row r="1"><c r="A1"/></row><row r="{numero}"><c r="{cellule}"/></row></sheetData>'
    with pytest.raises(LectureImpossible, match="jusqu'à la ligne"):
        lire_parc(bombe(tmp_path, xml.encode()), charger())


def test_une_feuille_large_et_courte_reste_lisible(tmp_path):
    entetes = ["ref logement", "insee"] + [f"colonne {n}" for n in range(200)]
    chemin = classeur_de(tmp_path, [entetes, ["A1", "06029", *range(200)]])
    assert lire_parc(chemin, charger()).acceptees == 1


@pytest.mark.parametrize(
    ("colonnes", "bornees"), [(3, 26), (27, 52), (60, 104), (150, 208), (300, 416), (600, 702)]
)
def test_l_etendue_d_une_feuille_est_bornee_par_paliers(tmp_path, colonnes, bornees):
    chemin = classeur_de(tmp_path, [["x"] * colonnes, ["y"] * colonnes])
    with zipfile.ZipFile(chemin) as lu:
        feuille = archive.Feuille()
        for octet in lu.read("xl/worksheets/sheet1.xml").split(b">"):
            feuille.voir(octet + b">")
    assert (feuille.lignes, feuille.colonnes) == (2, bornees)


def test_les_feuilles_s_additionnent(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LIMITE_CELLULES", 60)
    chemin = tmp_path / "parc.xlsx"
    with xlsxwriter.Workbook(chemin) as livre:
        for _ in range(2):
            livre.add_worksheet().write_column(0, 0, ["ref", "A"])
    with pytest.raises(LectureImpossible, match=r"sheet2\.xml"):
        lire_parc(chemin, charger())
