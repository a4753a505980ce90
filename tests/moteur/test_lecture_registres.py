"""The register of rights and the libérations."""

import datetime
from pathlib import Path

import pytest

from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import Lecture, LectureImpossible, lire_droits, lire_liberations

DROITS = (
    "droit;reservataire;convention_origine;programme;logement;nombre;contrepartie;quotite_garantie;nature;debut;fin;"
    "dernier_remboursement;cede_a;statut;piece\n"
)
LIBERATIONS = "logement;commune;date_liberation;motif;date_entree;usage\n"


def ecrire(tmp_path: Path, texte: str) -> Path:
    chemin = tmp_path / "registre.csv"
    chemin.write_text(texte, encoding="utf-8")
    return chemin


def droits(tmp_path: Path, texte: str) -> Lecture:
    return lire_droits(ecrire(tmp_path, texte))


def liberations(tmp_path: Path, texte: str) -> Lecture:
    return lire_liberations(ecrire(tmp_path, texte), charger())


def comptes(lecture: Lecture) -> dict[str, int]:
    return {constat.code: constat.nombre for constat in lecture.constats}


def test_un_droit_complet(tmp_path):
    lecture = droits(
        tmp_path,
        DROITS
        + "D1;cd06;C-1;Les Pins;;12;Garantie d'emprunt;20 %;suite;01/01/2000;31/12/2040;12/2038;;confirmé;p.pdf\n",
    )
    assert lecture.source == "droits"
    assert lecture.table.to_pylist() == [
        {
            "droit": "D1",
            "reservataire": "cd06",
            "convention_origine": "C-1",
            "programme": "Les Pins",
            "logement": None,
            "nombre": 12,
            "contrepartie": "garantie",
            "quotite_garantie": "1/5",
            "nature": "suite",
            "debut": datetime.date(2000, 1, 1),
            "fin": datetime.date(2040, 12, 31),
            "dernier_remboursement": datetime.date(2038, 12, 1),
            "cede_a": None,
            "statut": "confirme",
            "piece": "p.pdf",
            "ligne": 2,
        }
    ]
    assert lecture.constats == ()


def test_les_droits_reconnaissent_les_intitules_et_les_types(tmp_path):
    lecture = droits(
        tmp_path,
        "N° du droit,Bénéficiaire,Nb logements,Type de droit,État du droit\nD1,Ville,3,droit unique,litige\n",
    )
    (lu,) = lecture.table.to_pylist()
    assert (lu["reservataire"], lu["nombre"], lu["nature"], lu["statut"]) == (
        "Ville",
        3,
        "unique",
        "conteste",
    )
    assert str(lecture.table.schema.field("nombre").type) == "int32"


def test_un_logement_nomme_vaut_un(tmp_path):
    lecture = droits(
        tmp_path, "droit;reservataire;logement;nombre\nD1;a;L1;\nD2;a;L2;1\nD3;a;L3;2\nD4;a;;\nD5;a;L5;x\n"
    )
    assert lecture.table.select(["droit", "nombre"]).to_pylist() == [
        {"droit": "D1", "nombre": 1},
        {"droit": "D2", "nombre": 1},
    ]
    assert comptes(lecture)["plusieurs_pour_un_logement"] == 1
    assert comptes(lecture)["nombre_invalide"] == 2
    sans_nombre = droits(tmp_path, "droit;reservataire;logement\nD1;a;L1\nD2;a;\n")
    assert sans_nombre.table["nombre"].to_pylist() == [1]
    assert comptes(sans_nombre)["nombre_invalide"] == 1


def test_les_droits_en_erreur_sont_ecartes_une_seule_fois(tmp_path):
    texte = "droit;reservataire;nombre;debut;fin\n"
    texte += "D1;;1;;\nD2;a;0;;\nD3;a;-4;;\nD4;a;1,5;;\nD5;a;1;01/01/2020;31/12/2019\nD6;a;1;;\nD6;b;2;;\n;a;1;;\nD2;;0;;\n"
    lecture = droits(tmp_path, texte)
    assert lecture.table["droit"].to_pylist() == ["D6", None]
    nombres = comptes(lecture)
    assert {
        code: nombres[code]
        for code in nombres
        if code in {c.code for c in lecture.constats if c.gravite == "erreur"}
    } == {
        "essentiel_manquant": 2,
        "nombre_invalide": 3,
        "fin_avant_debut": 1,
        "doublon_identifiant": 1,
    }
    assert nombres["identifiant_manquant"] == 1
    assert lecture.lignes - lecture.acceptees == 7


def test_un_droit_d_un_jour_est_un_droit(tmp_path):
    assert (
        droits(tmp_path, "droit;reservataire;nombre;debut;fin\nD;a;1;01/01/2020;01/01/2020\n").acceptees == 1
    )


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("droit;nombre\nD1;1\n", "la colonne « reservataire » manque"),
        ("droit;reservataire\nD1;a\n", "la colonne « nombre » (ou « logement »"),
        (DROITS, "aucune ligne"),
        ("a;b\n1;2\n", "aucune colonne reconnue"),
    ],
)
def test_un_registre_illisible(tmp_path, texte, phrase):
    with pytest.raises(LectureImpossible) as erreur:
        droits(tmp_path, texte)
    assert phrase in str(erreur.value)


def test_une_liberation_complete(tmp_path):
    lecture = liberations(tmp_path, LIBERATIONS + "L1;6029;15/03/2023;Décès;01/05/2023;familial\n")
    assert lecture.source == "liberations"
    assert lecture.table.to_pylist() == [
        {
            "logement": "L1",
            "commune": "06029",
            "date_liberation": datetime.date(2023, 3, 15),
            "motif": "deces",
            "date_entree": datetime.date(2023, 5, 1),
            "usage": "familial",
            "ligne": 2,
        }
    ]


@pytest.mark.parametrize(
    ("texte", "motif"),
    [
        ("décès", "deces"),
        ("mutation interne", "mutation"),
        ("Congé du locataire", "conge"),
        ("Abandon du domicile", "abandon"),
        ("relogement ANRU", "relogement_anru"),
        ("NPNRU", "relogement_anru"),
        ("ORCOD-IN", "relogement_orcod"),
        ("habitat indigne", "relogement_lhi"),
        ("relogement_vente", "relogement_vente"),
        ("autre", "autre"),
        ("EXPULSION", "expulsion"),
        ("raison inconnue de tous", None),
        ("", None),
    ],
)
def test_les_motifs(tmp_path, texte, motif):
    lecture = liberations(tmp_path, f"logement;motif;date_liberation\nL1;{texte};01/01/2023\n")
    assert lecture.table["motif"].to_pylist() == [motif]
    assert ("valeur_illisible" in comptes(lecture)) == (motif is None and texte != "")


def test_les_liberations_en_erreur_ou_douteuses(tmp_path):
    texte = LIBERATIONS + (
        "L1;06029;01/01/2023;;;\nL1;06029;01/01/2023;;;\nL1;06029;01/06/2023;;;\n;06029;01/01/2023;;;\n"
        "L2;06999;01/01/2023;;;\nL3;;01/02/2023;;01/01/2023;\nL4;01340;;;;\nL4;01340;;;;\nL5;;;;01/01/2023;\n"
    )
    lecture = liberations(tmp_path, texte)
    assert lecture.table["ligne"].to_pylist() == [2, 4, 7, 8, 9, 10]
    assert lecture.table["commune"].to_pylist() == ["06029", "06029", None, "01015", "01015", None]
    assert comptes(lecture) == {
        "essentiel_manquant": 1,
        "commune_inconnue": 1,
        "doublon_liberation": 1,
        "commune_ancienne": 2,
        "entree_avant_liberation": 1,
        "liberation_sans_date": 2,
    }


def test_les_liberations_sans_commune(tmp_path):
    lecture = liberations(tmp_path, "IDENT_REP;date de sortie\nR1;03/2023\n")
    assert lecture.table.select(["logement", "commune"]).to_pylist() == [{"logement": "R1", "commune": None}]


def test_sans_logement_les_liberations_ne_se_lisent_pas(tmp_path):
    with pytest.raises(LectureImpossible, match="la colonne « logement »"):
        liberations(tmp_path, "motif;date_liberation\nconge;01/01/2023\n")
