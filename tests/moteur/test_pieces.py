"""A dossier and its pieces gathered: cleaned, renamed, the same figures; nothing read outside what came with it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.lecture import LectureImpossible
from partiteur.moteur.pieces import PieceManquante, en_toml, reunir
from partiteur.moteur.schema import DocumentInvalide

PIECES = {
    "notre parc.csv": "ref;INSEE;programme;QPV;locataire\n"
    + "".join(f"L{n};06029;P;non;Mme X{n}\n" for n in range(40))
    + "L99;00000;P;non;Mme Y\n",
    "droits.csv": "droit;reservataire;programme;nombre\nd1;06029;P;10\n",
    "lib.csv": "logement;commune;date_liberation;motif;usage\n"
    + "".join(f"L{n};06029;2023-05-0{n + 1};conge;familial\n" for n in range(4)),
    "col.toml": '[colonnes]\nidentifiant_interne = "ref"\n',
}
DOSSIER = """cadre = "droit-commun"
exercice = 2024
[bailleur]
nom = "Office d'essai"
siren = "123456789"
[territoire]
echelle = "departement"
code = "06"
[parc]
fichier = "../ailleurs/notre parc.csv"
correspondance = "col.toml"
date = 2023-12-31
[droits]
fichier = "droits.csv"
[rotation]
definition = "liberations_12_mois"
liberations = "lib.csv"
[[perimetres]]
code = "06029"
echelle = "commune"
[[reservataires]]
code = "06029"
type = "commune"
perimetre = "06029"
contrepartie = "garantie"
"""


@pytest.fixture
def recues(tmp_path: Path) -> dict[str, Path]:
    for nom, contenu in PIECES.items():
        (tmp_path / nom).write_text(contenu, "utf-8")
    return {nom: tmp_path / nom for nom in PIECES}


def ranger(tmp_path: Path, texte: str, recues: dict[str, Path]):
    (tmp_path / "dossier.toml").write_text(texte, "utf-8")
    cible = tmp_path / "cible"
    cible.mkdir()
    return cible, reunir(tmp_path / "dossier.toml", recues, cible)


def test_les_memes_chiffres_et_rien_de_nominatif(tmp_path, recues):
    cible, lectures = ranger(tmp_path, DOSSIER, recues)
    direct = DOSSIER.replace("../ailleurs/", "")
    (tmp_path / "direct.toml").write_text(direct, "utf-8")
    attendu, lu = (
        json_du_flux(calculer_dossier(c)) for c in (tmp_path / "direct.toml", cible / "dossier.toml")
    )
    for cle in ("assiette", "rotation", "flux", "reservataires", "non_reserve", "perimetres"):
        assert lu[cle] == attendu[cle], cle
    assert {nom: li.lignes - li.acceptees for nom, li in lectures.items()}["notre parc.csv"] == 1
    assert not any(b"Mme" in f.read_bytes() for f in cible.iterdir())
    assert not list(cible.glob("*.original*"))


@pytest.mark.parametrize("liens", [True, False])
def test_un_millesime_deja_importe_ne_se_relit_pas(tmp_path, recues, liens, monkeypatch):
    """Nor is it written twice, where the disk has links."""

    def refuser(*_):
        raise OSError

    if not liens:
        monkeypatch.setattr(Path, "hardlink_to", refuser)
    cible, _ = ranger(tmp_path, DOSSIER, recues)
    (parquet,) = cible.glob("parc-*.parquet")
    deux = tmp_path / "deux"
    deux.mkdir()
    lectures = reunir(tmp_path / "dossier.toml", {**recues, "notre parc.csv": parquet}, deux)
    assert set(lectures) == {"droits.csv", "liberations.csv"}
    assert (deux / parquet.name).samefile(parquet) == liens
    assert json_du_flux(calculer_dossier(deux / "dossier.toml")) == json_du_flux(
        calculer_dossier(cible / "dossier.toml")
    )


@pytest.mark.parametrize("nom", list(PIECES))
def test_une_piece_qui_manque_est_nommee(tmp_path, recues, nom):
    del recues[nom]
    with pytest.raises(PieceManquante, match=nom):
        ranger(tmp_path, DOSSIER, recues)


def test_un_chemin_ne_sort_pas_des_pieces(tmp_path, recues):
    """A file of the machine is not read, even when it exists."""
    secret = tmp_path / "secret.csv"
    secret.write_text(PIECES["droits.csv"], "utf-8")
    with pytest.raises(PieceManquante, match=r"secret\.csv"):
        ranger(tmp_path, DOSSIER.replace('"droits.csv"', f'"{secret}"'), recues)


def test_un_cadre_a_soi_et_un_dossier_faux_sont_refuses(tmp_path, recues):
    with pytest.raises(DocumentInvalide, match="n'est pas livré"):
        ranger(tmp_path, DOSSIER.replace('"droit-commun"', '"col.toml"'), recues)
    (tmp_path / "cible").rmdir()
    with pytest.raises(DocumentInvalide):
        ranger(tmp_path, DOSSIER.replace("exercice = 2024\n", ""), recues)


def test_des_communes_ajoutees(tmp_path, recues):
    communes = tmp_path / "communes.csv"
    communes.write_text("code;nom;departement;region;epci;nom_epci\n", "utf-8")
    avec = DOSSIER + '[geographie]\nfichier = "../communes.csv"\n'
    cible, _ = ranger(tmp_path, avec, {**recues, "communes.csv": communes})
    assert tomllib.loads((cible / "dossier.toml").read_text())["geographie"] == {"fichier": "communes.csv"}


def test_un_dossier_sans_fichier_et_un_parc_illisible(tmp_path):
    chiffres = DOSSIER.partition("[parc]")[0] + '[parc]\ntotal = 100\n[rotation]\ntaux = "10 %"\n'
    cible, lectures = ranger(tmp_path, chiffres, {})
    assert lectures == {}
    assert calculer_dossier(cible / "dossier.toml").a_repartir == 10
    vide = tmp_path / "vide.csv"
    vide.write_text("", "utf-8")
    (tmp_path / "autre").mkdir()
    (tmp_path / "dossier.toml").write_text(chiffres.replace("total = 100", 'fichier = "vide.csv"'), "utf-8")
    with pytest.raises(LectureImpossible):
        reunir(tmp_path / "dossier.toml", {"vide.csv": vide}, tmp_path / "autre")


SIMPLES = st.one_of(st.text(), st.integers(-(2**62), 2**62), st.booleans(), st.lists(st.text()))
TABLES = st.dictionaries(st.text(), st.one_of(SIMPLES, st.dictionaries(st.text(), SIMPLES)), max_size=4)
LISTES = st.lists(TABLES, min_size=1, max_size=3)


@given(st.dictionaries(st.text(), st.one_of(SIMPLES, TABLES, LISTES), max_size=5))
def test_le_toml_ecrit_dit_la_meme_chose(document):
    """Whatever strings hold: quotes, line feeds, deletes, keys that are not bare."""
    assert tomllib.loads(en_toml(document)) == document
