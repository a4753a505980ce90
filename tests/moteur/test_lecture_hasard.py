"""Whatever the bytes: a reading, or one sentence; and no row is ever lost nor counted twice."""

import tempfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partiteur.moteur.geographie import Geographie, charger
from partiteur.moteur.lecture import Lecture, LectureImpossible, lire_droits, lire_liberations, lire_parc

GEOGRAPHIE: Geographie = charger()
LECTEURS = {
    "parc": lambda chemin: lire_parc(chemin, GEOGRAPHIE),
    "droits": lire_droits,
    "liberations": lambda chemin: lire_liberations(chemin, GEOGRAPHIE),
}
VALIDES = {
    "parc": (
        "IDENT_REP;IDENT_INT;Code Insee;Typologie;Surface;BAIL;MODE;QPV;Résidence\n"
        'R1;I1;06029;T3;64,5;03/2019;1;1;"Les; Pins"\nR2;I2;6030;F2;40;01/2020;2;2;Houx\nR3;I3;75101;4;;;;;If\n'
    ),
    "droits": "droit;reservataire;logement;nombre;debut;fin\nD1;cd06;;4;01/01/2000;31/12/2040\nD2;ville;R1;;;\n",
    "liberations": "logement;commune;date_liberation;motif;date_entree\nR1;06029;01/03/2023;congé;01/05/2023\n",
}
DEPOT = (
    "2024;1;OFFICE;;;;;;;12345678900012;2;\n"
    + "R1;I1;1;06029" + ";" * 20 + "3" + ";" * 39 + "\n"
    + "R2;I2;1;06029" + ";" * 20 + "2" + ";" * 39 + "\n"
)  # fmt: skip
REGLAGES = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

CELLULES = st.one_of(
    st.sampled_from(
        [
            "06029",
            "6029",
            "75101",
            "01340",
            "06400",
            "NC",
            "999",
            "",
            "0",
            "1",
            "T3",
            "R1",
            "1.1e+006",
            "01/2020",
        ]
    ),
    st.text(max_size=8),
)


def lire(table: str, contenu: bytes, suffixe: str = ".csv") -> Lecture | None:
    """The reading, or None when the file is refused by one sentence."""
    with tempfile.TemporaryDirectory() as dossier:
        chemin = Path(dossier) / f"fichier{suffixe}"
        chemin.write_bytes(contenu)
        try:
            return LECTEURS[table](chemin)
        except LectureImpossible as erreur:
            refus = str(erreur)
    assert refus
    assert "\n" not in refus
    return None


def verifier(lecture: Lecture) -> None:
    """What every reading keeps: counts, lines, examples."""
    erreurs = sum(constat.nombre for constat in lecture.constats if constat.gravite == "erreur")
    assert lecture.acceptees == lecture.table.num_rows
    assert lecture.acceptees + erreurs == lecture.lignes
    lignes = lecture.table["ligne"].to_pylist()
    assert lignes == sorted(set(lignes))
    for constat in lecture.constats:
        assert constat.nombre > 0
        assert len(constat.exemples) <= min(5, max(constat.nombre, 1))
        assert "fichier" in constat.message


@pytest.mark.parametrize("table", LECTEURS)
@REGLAGES
@given(contenu=st.binary(max_size=400), suffixe=st.sampled_from([".csv", ".xlsx", ".xls", ""]))
def test_des_octets_au_hasard(table, contenu, suffixe):
    lecture = lire(table, contenu, suffixe)
    assert lecture is None or lecture.lignes > 0


@pytest.mark.parametrize("table", [*LECTEURS, "depot"])
@REGLAGES
@given(donnees=st.data())
def test_un_fichier_valide_abime_au_hasard(table, donnees):
    contenu = bytearray((DEPOT if table == "depot" else VALIDES[table]).encode())
    for _ in range(donnees.draw(st.integers(1, 6))):
        place = donnees.draw(st.integers(0, len(contenu) - 1))
        ajout = donnees.draw(
            st.one_of(st.binary(max_size=3), st.sampled_from([b'"', b";", b"\n", b"\xc3", b"\xff", b"\r"]))
        )
        contenu[place : place + donnees.draw(st.integers(0, 3))] = ajout
        contenu = contenu or bytearray(b" ")
    lecture = lire("parc" if table == "depot" else table, bytes(contenu))
    if lecture is not None:
        verifier(lecture)


@REGLAGES
@given(lignes=st.lists(st.lists(CELLULES, min_size=3, max_size=5), min_size=1, max_size=12))
def test_aucune_ligne_ne_se_perd(lignes):
    """Rows of any width under a header of four columns: each is accepted or counted in one error."""
    corps = "\n".join(";".join(c.replace(";", "").replace('"', "") for c in ligne) for ligne in lignes)
    lecture = lire(
        "parc", f"IDENT_REP;insee;typologie;surface\nR0;06029;T2;30\n{corps}\n".encode(errors="replace")
    )
    if lecture is not None:
        verifier(lecture)


@pytest.mark.parametrize("table", LECTEURS)
def test_les_fichiers_valides_se_lisent(table):
    lecture = lire(table, VALIDES[table].encode())
    assert lecture is not None
    assert lecture.acceptees == lecture.lignes == VALIDES[table].count("\n") - 1
    verifier(lecture)


def test_le_depot_valide_se_lit():
    lecture = lire("parc", DEPOT.encode())
    assert lecture is not None
    assert (lecture.source, lecture.acceptees) == ("rpls_depot", 2)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(donnees=st.data())
def test_un_classeur_abime_au_hasard(donnees, tmp_path_factory):
    contenu = bytearray(_classeur(tmp_path_factory))
    for _ in range(donnees.draw(st.integers(1, 4))):
        place = donnees.draw(st.integers(0, len(contenu) - 1))
        contenu[place] = donnees.draw(st.integers(0, 255))
    coupe = donnees.draw(st.integers(0, 3))
    lecture = lire("parc", bytes(contenu[: len(contenu) - coupe * 97]), ".xlsx")
    if lecture is not None:
        verifier(lecture)


def _classeur(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    chemin = tmp_path_factory.getbasetemp() / "modele.xlsx"
    if not chemin.exists():
        with xlsxwriter.Workbook(chemin) as livre:
            feuille = livre.add_worksheet()
            for rang, ligne in enumerate(VALIDES["parc"].replace('"', "").replace("; ", ", ").splitlines()):
                feuille.write_row(rang, 0, ligne.split(";"))
    return chemin.read_bytes()
