"""A file of demandes: each type of cell, what is dropped, what is refused, and no value of a person in a message."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exports_sne import demande, exporter
from hypothesis import given
from hypothesis import strategies as st

from partiteur.moteur.demandes import Demandes, lire_demandes, lire_fichier, schema_demandes
from partiteur.moteur.demandes.cellule import ELEMENTS_MAX, lire_cellule, sorte
from partiteur.moteur.lecture import LectureImpossible
from partiteur.regles.cotation.catalogue import catalogue_livre

CATALOGUE = catalogue_livre()
JOUR = date(2026, 11, 22)


def lire(dossier: Path, texte: str, nom: str = "demandes.csv") -> Demandes:
    """The demandes of a CSV made of this text."""
    chemin = dossier / nom
    chemin.write_text(texte, encoding="utf-8")
    return lire_demandes(chemin, CATALOGUE)


def codes(lues: Demandes) -> list[tuple[str, str | None, int]]:
    """What was found: code, column, how many."""
    return [(c.code, c.colonne, c.nombre) for c in lues.constats]


def cellule(variable: str, texte: str) -> Any:
    """(value, finding) of a cell of a variable of the catalogue."""
    return lire_cellule(CATALOGUE.variables[variable], texte)


@pytest.mark.parametrize(
    ("variable", "texte", "valeur"),
    [
        ("dalo_reconnu", "oui", True),
        ("dalo_reconnu", "1", True),
        ("dalo_reconnu", "FAUX", False),
        ("dalo_reconnu", "0", False),
        ("dalo_reconnu", "", None),
        ("anciennete_mois", "40", 40),
        ("anciennete_mois", "40,0", 40),
        ("anciennete_mois", "NC", None),
        ("taux_effort", "38,46 %", Decimal("0.3846")),
        ("taux_effort", "0.3846", Decimal("0.3846")),
        ("ressources_mensuelles", "1 300,50 €", Decimal("1300.5")),
        ("surface_actuelle", "8,9 m²", Decimal("8.9")),
        ("statut_occupation", "HLM", "HLM"),
        ("statut_occupation", "hlm", "HLM"),
        ("statut_occupation", "Dans un squat", "SQUAT"),
        ("statut_dalo", "NON", "NON"),
        ("commune_residence", "99001", "99001"),
        ("motifs", "01|13", ["01", "13"]),
        ("motifs", " 1 | 13 ", ["01", "13"]),
        ("motifs", "aucun", []),
        ("publics_l441_1", "a|gbis", ["a", "gbis"]),
        ("refus_logement_adapte", "2026-03-02|02/01/2026", [date(2026, 1, 2), date(2026, 3, 2)]),
        ("refus_logement_adapte", "aucun", []),
        ("refus_logement_adapte", "2026-03-02T10:00:00", [date(2026, 3, 2)]),
    ],
)
def test_les_cellules_lisibles(variable: str, texte: str, valeur: Any) -> None:
    """Each type, as people write it; an empty cell is unknown, « aucun » is known."""
    assert cellule(variable, texte) == (valeur, None)


@pytest.mark.parametrize(
    ("variable", "texte", "faute"),
    [
        ("dalo_reconnu", "peut-être", "valeur_illisible"),
        ("dalo_reconnu", "2", "valeur_illisible"),
        ("anciennete_mois", "40,5", "valeur_illisible"),
        ("anciennete_mois", "9" * 16, "valeur_hors_bornes"),
        ("taux_effort", "beaucoup", "valeur_illisible"),
        ("taux_effort", "9" * 12, None),
        ("taux_effort", "9" * 13, "valeur_hors_bornes"),
        ("taux_effort", "1/3", "nombre_arrondi"),
        ("statut_occupation", "CHATEAU", "code_inconnu"),
        ("commune_residence", "rue des Lilas", "valeur_illisible"),
        ("motifs", "01|99", "code_inconnu"),
        ("motifs", "|".join(["01"] * (ELEMENTS_MAX + 1)), "valeur_hors_bornes"),
        ("refus_logement_adapte", "hier", "valeur_illisible"),
        ("refus_logement_adapte", "2026-02-30", "valeur_illisible"),
        ("refus_logement_adapte", "0026-02-01", "valeur_hors_bornes"),
    ],
)
def test_les_cellules_illisibles(variable: str, texte: str, faute: str | None) -> None:
    """Unknown, and why; a number that is rounded keeps its six decimals."""
    valeur, trouvee = cellule(variable, texte)
    assert trouvee == faute
    assert faute in (None, "nombre_arrondi") or valeur is None


@given(
    st.text(), st.sampled_from(["dalo_reconnu", "anciennete_mois", "taux_effort", "motifs", "non_reponse"])
)
def test_un_texte_quelconque_ne_fait_jamais_tomber_la_lecture(texte: str, variable: str) -> None:
    """A value or a finding, never an exception."""
    valeur, faute = cellule(variable, texte)
    assert faute is None or valeur is None or faute == "nombre_arrondi"


@given(st.text(min_size=4))
def test_la_sorte_ne_dit_jamais_le_texte(texte: str) -> None:
    """Only its kind and its size."""
    assert texte.strip() == "" or texte not in sorte(texte)


def test_un_fichier_entier(tmp_path: Path) -> None:
    """Numbers, dates, proofs and their end, in the types of the catalogue; the line of each row."""
    lues = lire(
        tmp_path,
        "Numéro unique;date_depot;anciennete_mois;motifs;preuve_dalo;preuve_dalo_jusqu_au\n"
        "1;2024-01-02;22;01|05;transmise;2027-01-01\n"
        "\n"
        "2;;;;;\n",
    )
    assert (lues.lignes, lues.acceptees, lues.constats) == (2, 2, ())
    assert lues.colonnes[:3] == ("numero_unique", "date_depot", "anciennete_mois")
    assert lues.table.schema == schema_demandes(CATALOGUE, lues.colonnes)
    premiere, seconde = lues.table.to_pylist()
    assert premiere == {
        "numero_unique": "1",
        "date_depot": date(2024, 1, 2),
        "anciennete_mois": 22,
        "motifs": ["01", "05"],
        "preuve_dalo": "transmise",
        "preuve_dalo_jusqu_au": date(2027, 1, 1),
        "ligne": 2,
    }
    assert seconde == dict.fromkeys(premiere, None) | {"numero_unique": "2", "ligne": 4}


@pytest.mark.parametrize("separateur", [";", ",", "\t"])
def test_le_separateur_est_celui_qui_donne_des_variables(tmp_path: Path, separateur: str) -> None:
    """Not the bar, which separates the elements of a list."""
    texte = "\n".join(separateur.join(ligne) for ligne in (["numero_unique", "motifs"], ["1", "01|02|03"]))
    assert lire(tmp_path, texte).table.to_pylist()[0]["motifs"] == ["01", "02", "03"]


def test_ce_qui_est_nominatif_n_est_pas_garde(tmp_path: Path) -> None:
    """Neither the columns that look nominative, nor what no grid may read, nor a column of no use."""
    lues = lire(
        tmp_path,
        "numero_unique;Nom;Prénom du demandeur;nationalite;NIR;sexe;Téléphone;couleur;mutation\n"
        "1;CANARIA;CANARIB;CANARIC;CANARID;CANARIE;CANARIF;CANARIG;oui\n",
    )
    assert lues.colonnes == ("numero_unique", "mutation")
    assert "CANARI" not in str(lues) + str(lues.table.to_pylist())
    assert codes(lues) == [("colonnes_nominatives", None, 6), ("colonnes_non_reprises", None, 1)]


def test_les_fautes_ont_leur_ligne_leur_colonne_et_aucune_valeur(tmp_path: Path) -> None:
    """A finding by column and kind of fault, with how many."""
    lues = lire(
        tmp_path,
        "numero_unique;anciennete_mois;statut_occupation\n1;CANARIA;HLM\n2;CANARIB;CANARIC\n;3;LP\n1;4;LP\n5;6\n",
    )
    assert (lues.lignes, lues.acceptees) == (5, 2)
    assert codes(lues) == [
        ("demande_sans_numero", "numero_unique", 1),
        ("demande_en_double", "numero_unique", 1),
        ("demande_valeur_illisible", "anciennete_mois", 2),
        ("demande_code_inconnu", "statut_occupation", 1),
        ("nombre_de_champs", None, 1),
    ]
    assert "CANARI" not in str(lues.constats)
    assert [[e.ligne for e in c.exemples] for c in lues.constats] == [[4], [5], [2, 3], [3], [6]]
    assert (
        "ligne 2, colonne « anciennete_mois » : un texte de 7 caractères n'est pas lisible"
        in lues.constats[2].message
    )
    assert lues.lignes == lues.acceptees + sum(c.nombre for c in lues.constats if c.gravite == "erreur")


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("mutation;motifs\noui;01\n", "la colonne « numero_unique » manque"),
        ("numero_unique;mutation\n", "aucune ligne"),
        ("\n", "est vide"),
        ("numero_unique;" + ";".join("a" for _ in range(1000)) + "\n1\n", "1001 colonnes"),
        ("<html><table/></html>", "page HTML ou XML"),
    ],
)
def test_ce_qui_ne_peut_pas_etre_lu(tmp_path: Path, texte: str, phrase: str) -> None:
    """One sentence, and what to do."""
    with pytest.raises(LectureImpossible, match=phrase):
        lire(tmp_path, texte)


def test_un_fichier_absent_ou_un_classeur(tmp_path: Path) -> None:
    """Said as for the other files."""
    with pytest.raises(LectureImpossible, match="n'existe pas"):
        lire_demandes(tmp_path / "absent.csv", CATALOGUE)
    (tmp_path / "demandes.xlsx").write_bytes(b"PK\x03\x04suite")
    with pytest.raises(LectureImpossible, match="est un classeur"):
        lire_demandes(tmp_path / "demandes.xlsx", CATALOGUE)


def test_une_colonne_sans_nom_est_passee(tmp_path: Path) -> None:
    """A file often ends its lines with a separator; more than five faults of a kind show five lines."""
    lues = lire(tmp_path, "numero_unique;mutation;\n" + "".join(f"{n};bof;\n" for n in range(7)))
    assert lues.colonnes == ("numero_unique", "mutation")
    (constat,) = lues.constats
    assert (constat.nombre, len(constat.exemples)) == (7, 5)
    assert sorte(" ") == "une cellule vide"


def test_une_colonne_en_double(tmp_path: Path) -> None:
    """The first is read."""
    lues = lire(tmp_path, "numero_unique;mutation;Mutation\n1;oui;non\n")
    assert lues.table.column("mutation").to_pylist() == [True]
    assert codes(lues) == [("colonne_en_double", "mutation", 1)]


def parquet(dossier: Path, **colonnes: Any) -> Path:
    """A Parquet of these columns."""
    chemin = dossier / "demandes.parquet"
    pq.write_table(pa.table(colonnes), chemin)
    return chemin


def test_un_parquet_reste_au_moteur(tmp_path: Path) -> None:
    """Its types are checked, its rows are not loaded; smaller integers and other decimals pass."""
    chemin = parquet(
        tmp_path,
        nom=["CANARI"],
        anciennete_mois=pa.array([4], pa.int16()),
        numero_unique=["1"],
        taux_effort=pa.array([Decimal("0.4")], pa.decimal128(5, 2)),
        surface_actuelle=[50],
        motifs=pa.array([["01"]], pa.large_list(pa.large_string())),
        date_depot=[date(2026, 1, 1)],
        epci=["999000011"],
    )
    lues = lire_demandes(chemin, CATALOGUE)
    assert (lues.table, lues.chemin, lues.lignes) == (None, chemin, 1)
    assert set(lues.colonnes) == {
        "numero_unique", "anciennete_mois", "taux_effort", "surface_actuelle", "motifs", "date_depot",
    }  # fmt: skip
    assert codes(lues) == [("colonnes_nominatives", None, 1), ("colonnes_non_reprises", None, 1)]


@pytest.mark.parametrize(
    ("nom", "valeurs"),
    [
        ("anciennete_mois", ["4"]),
        ("mutation", ["oui"]),
        ("motifs", ["01"]),
        ("taux_effort", [0.4]),
        ("Mutation", [True]),
    ],
)
def test_un_parquet_d_un_autre_type_est_refuse(tmp_path: Path, nom: str, valeurs: list[Any]) -> None:
    """Before a row is read, with the column; its name must be the variable's own, for the engine reads it."""
    with pytest.raises(LectureImpossible, match=f"colonne « {nom.lower()} »"):
        lire_demandes(parquet(tmp_path, numero_unique=["1"], **{nom: valeurs}), CATALOGUE)


def test_un_parquet_abime(tmp_path: Path) -> None:
    """The first bytes are not enough."""
    (tmp_path / "demandes.parquet").write_bytes(b"PAR1 et plus rien")
    with pytest.raises(LectureImpossible, match="n'est pas un fichier Parquet lisible"):
        lire_demandes(tmp_path / "demandes.parquet", CATALOGUE)


@pytest.mark.parametrize(
    ("texte", "colonnes", "phrase"),
    [
        ("numero_unique;mutation\n1;oui\n", 2, None),
        ("<?xml version='1.0'?><html/>", 0, "page HTML ou XML"),
        ("<!DOCTYPE html><p>", 0, "page HTML ou XML"),
        ("<?xml version='1.0'?><a/>", 0, "n'est pas un export du SNE"),
        ("<a:b xmlns:a='c'/>", 0, "n'est pas un export du SNE"),
    ],
)
def test_un_fichier_est_lu_pour_ce_qu_il_est(
    tmp_path: Path, texte: str, colonnes: int, phrase: str | None
) -> None:
    """Whatever its name; the export of the SNE itself is read too."""
    chemin = tmp_path / "demandes.xlsx"
    chemin.write_text(texte, encoding="utf-8")
    if phrase is None:
        assert len(lire_fichier(chemin, CATALOGUE, JOUR).colonnes) == colonnes
        assert lire_fichier(exporter(tmp_path, demande()), CATALOGUE, JOUR).acceptees == 1
    else:
        with pytest.raises(LectureImpossible, match=phrase):
            lire_fichier(chemin, CATALOGUE, JOUR)


def test_un_fichier_absent_se_dit(tmp_path: Path) -> None:
    """By whoever opens it first."""
    with pytest.raises(LectureImpossible, match="n'existe pas"):
        lire_fichier(tmp_path / "absent", CATALOGUE, JOUR)


def test_une_colonne_inconnue_n_a_pas_de_schema() -> None:
    """Nor one that is forbidden."""
    for nom in ("couleur", "nationalite"):
        with pytest.raises(KeyError):
            schema_demandes(CATALOGUE, [nom])
