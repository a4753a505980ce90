"""What a territory gives beside the demandes: thresholds of the first quartile, délais, typologies that fit."""

from pathlib import Path

import pytest

from partiteur.moteur.demandes import lire_delais, lire_seuils, lire_typologies
from partiteur.moteur.lecture import LectureImpossible
from partiteur.regles.menage import pieces_adequates, premier_quartile


def fichier(dossier: Path, texte: str) -> Path:
    """A CSV of this text."""
    chemin = dossier / "reference.csv"
    chemin.write_text(texte, encoding="utf-8")
    return chemin


def test_les_seuils_du_premier_quartile(tmp_path: Path) -> None:
    """By EPCI and year, in centimes; in Île-de-France by region; nothing is supposed for another year."""
    seuils = lire_seuils(
        fichier(
            tmp_path, "Code EPCI;Année;Seuil\n999000011;2025;9 243,50\n11;2025;10000\n999000029;2024;8000\n"
        )
    )
    assert seuils.seuil("999000011", "99", 2025) == 924_350
    assert seuils.seuil("200054781", "11", 2025) == 1_000_000
    assert seuils.seuil("999000011", None, 2024) is None
    assert seuils.seuil(None, None, 2025) is None
    assert premier_quartile(None, seuils.seuil("999000029", None, 2025)).valeur is None


def test_les_delais_par_departement_et_typologie(tmp_path: Path) -> None:
    """The typologie's own délai first, then the département's; unknown elsewhere."""
    delais = lire_delais(fichier(tmp_path, "departement,pieces,mois\n31,,36\n31,1,24\n2a,,18\n"))
    assert (delais.delai("31", 1), delais.delai("31", 4), delais.delai("31", None)) == (24, 36, 36)
    assert delais.delai("2A", 3) == 18
    assert delais.delai("75", 1) is delais.delai(None, 1) is None


def test_une_table_locale_de_typologies(tmp_path: Path) -> None:
    """In the order of the persons, whatever that of the file."""
    table = lire_typologies(fichier(tmp_path, "personnes;pieces_min;pieces_max\n2;2;2\n\n1;1;1\n"))
    assert [ligne.personnes for ligne in table] == [1, 2]
    assert pieces_adequates(2, table).valeur == (2, 2)


@pytest.mark.parametrize(
    ("lire", "texte", "phrase"),
    [
        (lire_seuils, "code_epci;annee\n1;2\n", "ligne 1 : la colonne « seuil » manque"),
        (
            lire_seuils,
            "code_epci;annee;seuil\n99;2025;8000\n999;2025;8000\n",
            "ligne 3, colonne « code_epci »",
        ),
        (lire_seuils, "code_epci;annee;seuil\n999000011;l'an dernier;8000\n", "ligne 2, colonne « annee »"),
        (lire_seuils, "code_epci;annee;seuil\n999000011;2025;beaucoup\n", "ligne 2, colonne « seuil »"),
        (lire_seuils, "code_epci;annee;seuil\n999000011;2025;0\n", "ligne 2, colonne « seuil »"),
        (
            lire_seuils,
            "code_epci;annee;seuil\n999000011;2025;1\n999000011;2025;2\n",
            "ligne 3 : cette ligne répète",
        ),
        (lire_seuils, "code_epci;annee;seuil\n", "aucune ligne"),
        (lire_delais, "departement;pieces;mois\n1;;12\n", "ligne 2, colonne « departement »"),
        (lire_delais, "departement;pieces;mois\n31;;0\n", "ligne 2, colonne « mois »"),
        (lire_delais, "departement;pieces;mois\n31;deux;12\n", "ligne 2, colonne « pieces »"),
        (lire_delais, "departement;pieces;mois\n31\n", "ligne 2, colonne « mois »"),
        (lire_typologies, "personnes;pieces_min;pieces_max\n1;3;2\n", "ligne 2, colonne « pieces_max »"),
        (lire_typologies, "personnes;pieces_min;pieces_max\n1;1;2\n1;1;3\n", "ligne 3 : cette ligne répète"),
        (lire_typologies, "", "est vide"),
    ],
)
def test_ce_qui_est_refuse(tmp_path: Path, lire: object, texte: str, phrase: str) -> None:
    """With the line, the column, and what is expected."""
    assert callable(lire)
    with pytest.raises(LectureImpossible, match=phrase):
        lire(fichier(tmp_path, texte))


def test_un_classeur_est_refuse(tmp_path: Path) -> None:
    """A CSV is asked for."""
    (tmp_path / "seuils.xlsx").write_bytes(b"PK\x03\x04suite")
    with pytest.raises(LectureImpossible, match="est un classeur"):
        lire_seuils(tmp_path / "seuils.xlsx")


def test_un_fichier_trop_long_est_refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference table is short."""
    monkeypatch.setattr("partiteur.moteur.demandes.references.LIGNES_MAX", 3)
    lignes = "".join(f"{n:02};;12\n" for n in range(10, 15))
    with pytest.raises(LectureImpossible, match="plus de 3 lignes"):
        lire_delais(fichier(tmp_path, "departement;pieces;mois\n" + lignes))
