"""The RPLS file a bailleur submits: its header, its positions, its owner."""

import datetime
from pathlib import Path

import pytest

from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import Constat, Lecture, LectureImpossible, lire_parc


def ecrire(tmp_path: Path, texte: str, nom: str = "parc.csv") -> Path:
    chemin = tmp_path / nom
    chemin.write_text(texte, encoding="utf-8")
    return chemin


def lire(tmp_path: Path, texte: str, **options: object) -> Lecture:
    return lire_parc(ecrire(tmp_path, texte), charger(), **options)  # type: ignore[arg-type]


def constat(lecture: Lecture, code: str, colonne: str | None = None) -> Constat:
    trouves = [c for c in lecture.constats if c.code == code and colonne in (None, c.colonne)]
    assert len(trouves) == 1, [c.code for c in lecture.constats]
    return trouves[0]


def codes(lecture: Lecture) -> set[str]:
    return {c.code for c in lecture.constats}


def ligne(entete: str, **valeurs: object) -> str:
    return ";".join(str(valeurs.get(nom, "")) for nom in entete.split(";")) + "\n"


def logement(**valeurs: object) -> str:
    """One line of a deposit of 63 positions: p1="…" sets the first."""
    base = {"p1": "R1", "p2": "I1", "p4": "06029", "p24": "3"}
    champs = {**base, **valeurs}
    return ";".join(str(champs.get(f"p{n}", "")) for n in range(1, 64)) + "\n"


def depot(*logements: str, nombre: object = None, siret: str = "12345678900012") -> str:
    nombre = len(logements) if nombre is None else nombre
    return f"2024;000000123;OFFICE DU PORT;;1 QUAI;;;06400;CANNES;{siret};{nombre};\n" + "".join(logements)


def test_le_depot_donne_le_bailleur_l_annee_et_chaque_position(tmp_path):
    complet = logement(
        p1="0600000001",
        p2="UG-1",
        p4="6029",
        p20="Les Pins",
        p22="1",
        p23="I",
        p24="4",
        p25="81",
        p26="1975",
        p27="1976",
        p32="13",
        p34="1",
        p35="06.1986.1",
        p37="9",
        p40="1",
        p41="03/2019",
        p44="412",
        p49="D",
        p59="1",
        p62="01/2019",
        p63="3",
    )
    lecture = lire(tmp_path, depot(complet))
    assert (lecture.source, lecture.bailleur, lecture.raison_sociale, lecture.annee) == (
        "rpls_depot",
        "123456789",
        "OFFICE DU PORT",
        2024,
    )
    (lu,) = lecture.table.to_pylist()
    assert {nom: valeur for nom, valeur in lu.items() if valeur is not None} == {
        "numero_rpls": "0600000001",
        "identifiant_interne": "UG-1",
        "bailleur": "123456789",
        "programme": "Les Pins",
        "commune": "06029",
        "epci": "200039915",
        "departement": "06",
        "region": "93",
        "qpv": True,
        "typologie": "T4",
        "surface": lu["surface"],
        "individuel": True,
        "type_construction": "I",
        "financement": "13",
        "annee_construction": 1975,
        "annee_mise_en_location": 1976,
        "mode": "1",
        "date_bail": datetime.date(2019, 3, 1),
        "date_offre": datetime.date(2019, 1, 1),
        "en_vente": True,
        "sortie_patrimoine": "9",
        "conventionne": True,
        "dpe": "D",
        "loyer_centimes": 41200,
        "contingent": "3",
        "convention": "06.1986.1",
        "ligne": 2,
    }
    assert str(lu["surface"]) == "81.00"
    assert "nombre_annonce" not in codes(lecture)


def test_le_nombre_annonce_est_verifie(tmp_path):
    trouve = constat(lire(tmp_path, depot(logement(), logement(p1="R2"), nombre=5)), "nombre_annonce")
    assert trouve.nombre == 3
    assert "annonce 5 logements et le fichier en contient 2" in trouve.message


def test_le_depot_nomme_la_variable_et_sa_position(tmp_path):
    lecture = lire(tmp_path, depot(logement(p40="8")))
    assert constat(lecture, "valeur_illisible").colonne == "MODE (position 40)"


def test_une_ligne_de_largeur_differente_est_ecartee(tmp_path):
    lecture = lire(tmp_path, depot(logement(), logement(p1="R2"), "trop;court\n"))
    assert (lecture.lignes, lecture.acceptees) == (3, 2)
    assert constat(lecture, "nombre_de_champs").exemples[0].ligne == 4


def test_les_positions_au_dela_du_commentaire_sont_dites(tmp_path):
    etendu = logement().rstrip("\n") + ";commentaire;3;x\n"
    assert constat(lire(tmp_path, depot(etendu)), "champs_de_trop").nombre == 2
    assert "champs_de_trop" not in codes(lire(tmp_path, depot(logement().rstrip("\n") + ";commentaire\n")))


def test_un_guillemet_isole_dans_un_depot(tmp_path):
    lecture = lire(tmp_path, depot(logement(p20='"Les Pins'), logement(p1="R2", p20="Houx")))
    assert lecture.table["programme"].to_pylist() == ['"Les Pins', "Houx"]
    assert constat(lecture, "enregistrement_sur_plusieurs_lignes").nombre == 1


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        (depot(), "ne contient que son en-tête"),
        (depot("a;b;c\n"), "ligne 2 : 3 champs au lieu de 63"),
    ],
)
def test_un_depot_illisible(tmp_path, texte, phrase):
    with pytest.raises(LectureImpossible, match=phrase):
        lire(tmp_path, texte)


def test_un_depot_refuse_une_correspondance(tmp_path):
    carte = ecrire(tmp_path, '[colonnes]\ncommune = "x"\n', "carte.toml")
    with pytest.raises(LectureImpossible, match="retirez la correspondance"):
        lire(tmp_path, depot(logement()), correspondance=carte)


def test_sans_siret_le_bailleur_reste_inconnu(tmp_path):
    lecture = lire(tmp_path, depot(logement(), siret=""))
    assert lecture.source == "rpls_depot"
    assert lecture.bailleur is None
    assert lecture.table["bailleur"].to_pylist() == [None]


def test_le_bailleur_demande_l_emporte_et_l_ecart_est_dit(tmp_path):
    lecture = lire(tmp_path, depot(logement()), bailleur="987654321")
    assert lecture.bailleur == "987654321"
    assert lecture.table["bailleur"].to_pylist() == ["987654321"]
    assert "« 123456789 »" in constat(lecture, "bailleur_different").message
    assert "bailleur_different" not in codes(lire(tmp_path, depot(logement()), bailleur="123456789"))
