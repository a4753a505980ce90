"""Reading exchange files as people make them: what is repaired, what is refused, with the line and the reason."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from poche_journal import csv_de, ecrire, histoire, lignes

from partiteur.moteur.journal import COLONNES, lire_journal
from partiteur.moteur.journal.ecriture import EcritureImpossible, ecrire_journal
from partiteur.moteur.lecture import LectureImpossible

BASE = {
    "vacance": "V1",
    "type": "conge_recu",
    "date_effet": "2024-01-05",
    "date_saisie": "2024-01-05",
    "auteur": "999000102:7",
}
DESIGNATION = {**BASE, "type": "designation", "reservataire": "A", "donnees": '{"candidats": ["c1"]}'}


def lire(chemin: Path, texte: str | bytes):
    chemin.write_bytes(texte if isinstance(texte, bytes) else texte.encode())
    return lire_journal(chemin)


def test_ce_que_les_gens_ecrivent(tmp_path: Path) -> None:
    """Another order, dates jj/mm/aaaa, accents in a type, spaces in JSON, no identifier: read, in canonical writing."""
    texte = csv_de(
        {"Date d'effet": "06/01/2024", "Type": "Mise à disposition", "Vacance": "V1", "Réservataire": "A",
         "Date de saisie": "06/01/2024 10:30", "Auteur": "999000102:7", "Données": ""},
        {"Date d'effet": "05/01/2024", "Type": "conge_recu", "Vacance": "V1", "Réservataire": "",
         "Date de saisie": "2024-01-05T10:00:00+01:00", "Auteur": "999000102:7", "Données": '"{ ""qpv"" : true }"'},
    )  # fmt: skip
    journal = lire(tmp_path / "j.csv", texte.encode("cp1252"))
    assert not journal.enchaine
    assert (journal.lignes, journal.acceptees) == (2, 2)
    assert [c.code for c in journal.constats] == ["encodage"]
    premier, second = journal.evenements
    assert (premier.evenement, premier.type, premier.donnees) == (
        "ligne-0000003",
        "conge_recu",
        {"qpv": True},
    )
    assert premier.date_saisie == datetime(2024, 1, 5, 9, tzinfo=UTC)
    assert (second.type, second.date_effet, second.date_saisie.hour) == (
        "mise_a_disposition",
        date(2024, 1, 6),
        10,
    )


def test_ordre_d_un_journal_sans_chaine(tmp_path: Path) -> None:
    """By date_effet, then date_saisie, then evenement, wherever the lines are (short answer 38)."""
    rangs = [
        ("2024-01-06", "2024-01-06", "b"),
        ("2024-01-05", "2024-01-09", "c"),
        ("2024-01-05", "2024-01-05", "z"),
        ("2024-01-05", "2024-01-05", "a"),
    ]
    texte = csv_de(*({**BASE, "date_effet": e, "date_saisie": s, "evenement": n} for e, s, n in rangs))
    assert [e.evenement for e in lire(tmp_path / "j.csv", texte).evenements] == ["a", "z", "c", "b"]


def test_acceptation_partielle(tmp_path: Path) -> None:
    """A bad event is left out with its line, its column and what is expected; the others stay; same causes together."""
    texte = csv_de(
        {**DESIGNATION, "evenement": "e1"},
        {**DESIGNATION, "evenement": "e1"},
        {**DESIGNATION, "date_effet": "32/01/2024"},
        {**DESIGNATION, "date_saisie": "hier"},
        {**DESIGNATION, "date_saisie": "2024-01-05T25:00:00"},
        {**DESIGNATION, "donnees": '{"candidats": ["Marie Dupont"]}'},
        {**DESIGNATION, "donnees": '{"candidats": ["Jean Martin"]}'},
        {**DESIGNATION, "type": "papotage"},
        {**DESIGNATION, "auteur": "Mme Dupont"},
        {**DESIGNATION, "vacance": ""},
    )
    journal = lire(tmp_path / "j.csv", texte)
    assert (journal.lignes, journal.acceptees) == (10, 1)
    par_colonne = {c.colonne: c for c in journal.constats}
    assert par_colonne["donnees"].nombre == 2
    assert [e.ligne for e in par_colonne["donnees"].exemples] == [7, 8]
    assert par_colonne["date_effet"].message.startswith(
        "j.csv, ligne 4, colonne « date_effet » : « 32/01/2024 »"
    )
    assert "figure déjà plus haut" in par_colonne["evenement"].message
    assert "Mme Dupont" not in par_colonne["auteur"].message
    assert all(c.gravite == "erreur" for c in journal.constats)


def test_classeur(tmp_path: Path) -> None:
    """A journal typed in Excel, real dates in cells."""
    chemin = tmp_path / "j.xlsx"
    with xlsxwriter.Workbook(chemin) as classeur:
        feuille = classeur.add_worksheet("journal")
        for rang, nom in enumerate(BASE):
            feuille.write_string(0, rang, nom)
            feuille.write_string(1, rang, BASE[nom])
        feuille.write_datetime(1, 2, datetime(2024, 1, 5), classeur.add_format({"num_format": "dd/mm/yyyy"}))  # noqa: DTZ001
    (fait,) = lire_journal(chemin).evenements
    assert fait.date_effet == date(2024, 1, 5)


def test_lignes_json(tmp_path: Path) -> None:
    """One object a line; `donnees` as an object; blank lines, broken lines."""
    bon = {**DESIGNATION, "donnees": {"candidats": ["c1", 2]}, "numero": None}
    texte = json.dumps(bon) + "\n\n{cassée\n" + json.dumps({**DESIGNATION, "motif": 3}) + "\n"
    journal = lire(tmp_path / "j.jsonl", texte)
    assert (journal.lignes, journal.acceptees) == (3, 2)
    assert journal.evenements[0].donnees == {"candidats": ["c1", 2]}
    assert [c.code for c in journal.constats] == ["nombre_de_champs"]
    with pytest.raises(LectureImpossible, match="aucun événement lisible"):
        lire(tmp_path / "j.jsonl", "{cassée\n")
    with pytest.raises(LectureImpossible, match="dépasse"):
        lire(tmp_path / "j.jsonl", "{" + "x" * 70_000)


def test_colonnes_manquantes_et_en_trop(tmp_path: Path) -> None:
    with pytest.raises(LectureImpossible, match="« date_effet »"):
        lire(tmp_path / "j.csv", "vacance;type\nV1;retrait\n")
    texte = csv_de({**BASE, "Nom du locataire": "Dupont", "couleur": "bleu"})
    journal = lire(tmp_path / "j.csv", texte)
    assert [c.code for c in journal.constats] == ["colonnes_nominatives", "colonnes_non_reprises"]
    with pytest.raises(LectureImpossible, match="aucun événement"):
        lire(tmp_path / "j.csv", ";".join(BASE) + "\n")
    with pytest.raises(LectureImpossible, match="aucun événement"):
        lire(tmp_path / "j.csv", ",".join(COLONNES) + "\n")
    with pytest.raises(LectureImpossible, match="est vide"):
        lire(tmp_path / "j.csv", "")
    with pytest.raises(LectureImpossible, match="n'existe pas"):
        lire_journal(tmp_path / "absent.csv")


def test_lignes_de_travers(tmp_path: Path) -> None:
    """A row of another width, a quote never closed: reported, the others stay."""
    texte = csv_de(BASE, BASE) + 'V3;"retrait;2024\nV4;retrait\n'
    journal = lire(tmp_path / "j.csv", texte)
    assert journal.acceptees == 2
    assert {c.code for c in journal.constats} == {"nombre_de_champs", "enregistrement_sur_plusieurs_lignes"}


def test_faits_impossibles_dans_une_chaine(tmp_path: Path) -> None:
    """A chain by another hand may be intact and hold what cannot be counted: said, not counted, still verified."""
    from poche_journal import CHAINE, sels

    from partiteur.moteur.journal import enchainer, verifier_journal

    bons = [{nom: ligne[nom] for nom in COLONNES[2:12]} for ligne in lignes()]
    bons[0]["type"] = "papotage"
    bons[3]["donnees"] = '{"candidats":["Dupont"]}'
    bons[5]["date_saisie"] = "2024-02-31T10:00:00Z"
    bons[6]["date_saisie"] = "2024-02-29T10:00:00Z"
    bons[8]["evenement"] = "E7"
    bons[7]["vacance"] = "é" * 90
    journal = lire_journal(ecrire(tmp_path / "j.csv", list(enchainer(CHAINE, bons, sels=sels()))))
    assert verifier_journal(journal).etat == "intacte"
    assert journal.acceptees == 4
    assert {c.colonne for c in journal.constats} == {"type", "donnees", "date_saisie", "evenement", "vacance"}
    assert [e.evenement for e in journal.evenements] == ["E2", "E3", "E5", "E7"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_octets_au_hasard(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """Anything at all is read or refused in a sentence."""
    chemin = tmp_path_factory.getbasetemp() / "hasard.csv"
    chemin.write_bytes(",".join(COLONNES).encode() + b"\n" + octets)
    try:
        journal = lire_journal(chemin)
    except LectureImpossible:
        return
    assert journal.acceptees + journal.nues <= journal.lignes


def test_ecriture_impossible(tmp_path: Path) -> None:
    with pytest.raises(EcritureImpossible, match="écriture impossible"):
        ecrire_journal(tmp_path / "absent" / "j.csv", lignes())
    assert lire_journal(ecrire(tmp_path / "j.ndjson")).evenements == tuple(histoire())
