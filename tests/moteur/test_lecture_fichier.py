"""Files as they come: encodings, separators, quotes, and what is no table at all."""

import gzip
import zipfile
from pathlib import Path

import pytest

from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import Lecture, LectureImpossible, lire_parc

TEXTE = "Réf logement;Code Insee;Typologie;Résidence\nA1;06029;T3;Les Gênets\nA2;06030;T2;L'Îlot\n"


def ecrire(tmp_path: Path, contenu: str | bytes, nom: str = "parc.csv") -> Path:
    chemin = tmp_path / nom
    chemin.write_bytes(contenu.encode() if isinstance(contenu, str) else contenu)
    return chemin


def lire(tmp_path: Path, contenu: str | bytes, nom: str = "parc.csv") -> Lecture:
    return lire_parc(ecrire(tmp_path, contenu, nom), charger())


def refus(tmp_path: Path, contenu: str | bytes, nom: str = "parc.csv") -> str:
    with pytest.raises(LectureImpossible) as erreur:
        lire(tmp_path, contenu, nom)
    phrase = str(erreur.value)
    assert "\n" not in phrase
    assert nom in phrase
    return phrase


def comptes(lecture: Lecture) -> dict[tuple[str, str | None], int]:
    return {(constat.code, constat.colonne): constat.nombre for constat in lecture.constats}


@pytest.mark.parametrize(
    ("encodage", "nomme"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
def test_chaque_encodage_est_reconnu_et_dit(tmp_path, encodage, nomme):
    lecture = lire(tmp_path, TEXTE.encode(encodage))
    assert lecture.table["programme"].to_pylist() == ["Les Gênets", "L'Îlot"]
    assert lecture.table["identifiant_interne"].to_pylist() == ["A1", "A2"]
    messages = [constat.message for constat in lecture.constats if constat.code == "encodage"]
    assert len(messages) == (1 if nomme else 0)
    assert not nomme or nomme in messages[0]


def test_latin_1_quand_windows_1252_n_a_pas_l_octet(tmp_path):
    lecture = lire(tmp_path, TEXTE.encode("latin-1") + b"A3;06029;T2;\x81\xe9\n")
    assert any("Latin-1" in constat.message for constat in lecture.constats)
    assert lecture.acceptees == 3


def test_un_octet_abime_dans_de_l_utf_8_reste_de_l_utf_8(tmp_path):
    lecture = lire(tmp_path, TEXTE.encode() + b"A3;06029;T2;R\xe9s\n")
    assert comptes(lecture)[("octets_illisibles", None)] == 1
    assert comptes(lecture)[("caractere_perdu", "Résidence")] == 1
    assert lecture.table["programme"].to_pylist()[0] == "Les Gênets"


def test_une_suite_utf_8_coupee_a_la_fin(tmp_path):
    lecture = lire(tmp_path, TEXTE.encode() + b"A3;06029;T2;R\xc3")
    assert lecture.acceptees == 3
    assert comptes(lecture)[("octets_illisibles", None)] == 1


@pytest.mark.parametrize("separateur", [";", ",", "\t", "|"])
def test_chaque_separateur_est_reconnu(tmp_path, separateur):
    lecture = lire(tmp_path, TEXTE.replace(";", separateur))
    assert lecture.table["typologie"].to_pylist() == ["T3", "T2"]
    assert lecture.table["commune"].to_pylist() == ["06029", "06030"]


@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_chaque_fin_de_ligne_est_lue(tmp_path, fin):
    lecture = lire(tmp_path, TEXTE.replace("\n", fin))
    assert lecture.table["ligne"].to_pylist() == [2, 3]


def test_les_guillemets_protegent_separateur_et_retour_a_la_ligne(tmp_path):
    lecture = lire(tmp_path, 'ref logement;insee;residence\n"A;1";06029;"Les\n""Pins"""\nA2;06029;x\n')
    assert lecture.table["identifiant_interne"].to_pylist() == ["A;1", "A2"]
    assert lecture.table["programme"].to_pylist() == ['Les "Pins"', "x"]
    assert lecture.table["ligne"].to_pylist() == [2, 4]


def test_un_guillemet_jamais_referme_n_avale_pas_la_suite(tmp_path):
    lecture = lire(tmp_path, 'ref logement;insee;residence\nA1;06029;"Pins\nA2;06029;Houx\n"A;3";06029;If\n')
    assert lecture.table["programme"].to_pylist() == ["Pins", "Houx", "If"]
    assert lecture.table["identifiant_interne"].to_pylist() == ["A1", "A2", "A;3"]
    assert comptes(lecture)[("enregistrement_sur_plusieurs_lignes", None)] == 1


def test_un_guillemet_jamais_referme_dans_un_long_fichier(tmp_path):
    suite = "".join(f"B{n};06029;Houx numéro {n}\n" for n in range(20_000))
    lecture = lire(tmp_path, f'ref logement;insee;residence\nA1;06029;"Pins\n{suite}')
    assert (lecture.lignes, lecture.acceptees) == (20_001, 20_001)


def test_l_en_tete_peut_venir_apres_un_titre(tmp_path):
    lecture = lire(tmp_path, "sep=;\nParc au 01/01/2024;;\n\nref logement;insee;type\nA1;06029;T3\n")
    assert lecture.table.select(["typologie", "ligne"]).to_pylist() == [{"typologie": "T3", "ligne": 5}]
    assert comptes(lecture)[("lignes_avant_entete", None)] == 3


def test_les_lignes_vides_sont_ignorees_et_dites(tmp_path):
    lecture = lire(tmp_path, "ref logement;insee\nA1;06029\n\n;\n ; \nA2;06029\n\n")
    assert (lecture.lignes, lecture.acceptees) == (2, 2)
    assert comptes(lecture)[("lignes_vides", None)] == 2


def test_les_separateurs_vides_en_fin_de_ligne_ne_comptent_pas(tmp_path):
    assert lire(tmp_path, "ref logement;insee\nA1;06029;;\n").acceptees == 1


def test_un_mauvais_nombre_de_champs_ecarte_la_ligne(tmp_path):
    lecture = lire(tmp_path, "ref logement;insee\nA1;06029\nA2\nA3;06029;de trop\nA4;06029\n")
    assert (lecture.lignes, lecture.acceptees) == (4, 2)
    constat = next(c for c in lecture.constats if c.code == "nombre_de_champs")
    assert (constat.gravite, constat.nombre) == ("erreur", 2)
    assert [exemple.ligne for exemple in constat.exemples] == [3, 4]
    assert "parc.csv, ligne 3 : 1 champ au lieu de 2" in constat.message


def test_un_fichier_absent_ou_un_dossier(tmp_path):
    with pytest.raises(LectureImpossible, match="n'existe pas"):
        lire_parc(tmp_path / "absent.csv", charger())
    with pytest.raises(LectureImpossible, match="est un dossier"):
        lire_parc(tmp_path, charger())
    with pytest.raises(LectureImpossible, match="ne peut pas être ouvert"):
        lire_parc(Path("a\0b.csv"), charger())


@pytest.mark.parametrize("contenu", [b"", b"\n\n", b"\xef\xbb\xbf", b"  \r\n", b"\xff\xfe"])
def test_un_fichier_vide(tmp_path, contenu):
    assert "est vide" in refus(tmp_path, contenu)


def test_un_fichier_trop_gros(tmp_path, monkeypatch):
    monkeypatch.setattr("partiteur.moteur.lecture.fichier.LIMITE_FICHIER", 10)
    assert "dépasse 4 Gio" in refus(tmp_path, TEXTE)


def test_des_noms_de_colonnes_et_rien_d_autre(tmp_path):
    assert "aucune ligne" in refus(tmp_path, "ref logement;insee\n")
    assert "aucune ligne" in refus(tmp_path, "ref logement;insee\n;\n")


@pytest.mark.parametrize(
    ("contenu", "quoi"),
    [
        (b"%PDF-1.7 ...", "un PDF"),
        (b"\x89PNG\r\n", "une image"),
        (b"\xff\xd8\xff\xe0", "une image"),
        (gzip.compress(b"a;b", mtime=0), "une archive compressée"),
        (b"PAR1....", "un fichier Parquet"),
        (b"{\\rtf1", "un document RTF"),
        (b"<!DOCTYPE html><html>", "une page HTML"),
        (b"\n <TABLE><tr>", "une page HTML"),
        (b"ref;insee\nA1;06\x0029\n", "octet nul"),
        (TEXTE.encode() + b"x" * 2**20 + b"\0", "octet nul"),
    ],
)
def test_ce_qui_n_est_pas_un_tableau_est_nomme(tmp_path, contenu, quoi):
    assert quoi in refus(tmp_path, contenu)
    assert quoi in refus(tmp_path, contenu, "parc.xls")


def test_un_zip_nomme_csv(tmp_path):
    chemin = tmp_path / "parc.csv"
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("parc.csv", TEXTE)
    with pytest.raises(LectureImpossible, match=r"parc\.csv est une archive zip"):
        lire_parc(chemin, charger())


def test_un_fichier_sans_colonne_connue_dit_ce_qu_il_attend_et_ce_qu_il_trouve(tmp_path):
    phrase = refus(tmp_path, "date;montant;libellé\n01/01/2024;12;virement\n")
    assert "aucune colonne reconnue" in phrase
    assert "« commune »" in phrase
    assert "« montant »" in phrase


def test_une_valeur_qui_ressemble_a_un_nom_de_colonne_ne_trompe_pas(tmp_path):
    assert "la colonne de la commune" in refus(tmp_path, "date;montant;libellé\n01/01/2024;12;loyer\n")


def test_sans_commune_le_parc_ne_se_lit_pas(tmp_path):
    phrase = refus(tmp_path, "ref logement;typologie\nA1;T3\n")
    assert "ligne 1 : la colonne de la commune (DEPCOM ou « code Insee ») manque" in phrase
    assert "« typologie »" in phrase


def test_une_ligne_sans_fin_est_refusee_a_son_numero(tmp_path):
    chemin = tmp_path / "parc.csv"
    with chemin.open("wb") as flux:
        flux.write(b"ref logement;insee\nA1;06029\n")
        for _ in range(100):
            flux.write(b"x" * 2**20)
    with pytest.raises(LectureImpossible, match=r"parc\.csv, ligne 3 : la ligne dépasse"):
        lire_parc(chemin, charger())


def test_trop_de_colonnes(tmp_path):
    phrase = refus(tmp_path, "insee" + ";autre" * 1_000 + "\n06029" + ";" * 1_000 + "\n")
    assert "1001 colonnes" in phrase
