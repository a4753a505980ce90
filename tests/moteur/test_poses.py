"""Rights posed once and kept beside the millésime: the same tables, read again, written anew when anything changed."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import nationaux
import pyarrow.parquet as pq
import pytest

from partiteur.moteur import poses
from partiteur.moteur.droits import RegistreEnFichier, poser
from partiteur.moteur.etats import etat_des_lieux
from partiteur.moteur.execution import connexion, ecrire_a_cote, executer
from partiteur.moteur.geographie import charger
from partiteur.moteur.millesime import TOUT, ouvrir, vue
from partiteur.moteur.poses import fichier_des_poses, poser_en_fichier

NOEL = date(2025, 12, 31)
TABLES = ("identifies", "nombres", "depassements", "ecarts")
AXES = ("bailleur", "reservataire", "epci", "qpv")


@pytest.fixture(scope="module")
def national(tmp_path_factory):
    return nationaux.national(tmp_path_factory.mktemp("national"))


@pytest.fixture(scope="module")
def parc(national):
    return ouvrir(national.parcs[nationaux.EXERCICE], charger())


@pytest.fixture
def registre(national, tmp_path) -> RegistreEnFichier:
    return RegistreEnFichier(Path(shutil.copy(national.droits, tmp_path)), NOEL)


def test_de_deux_qui_ecrivent_le_premier_reste(tmp_path):
    """Two workers asked for the same file at once: nothing changes under who reads the first."""
    chemin = tmp_path / "poses.parquet"
    for valeur in (1, 2):
        ecrire_a_cote(connexion(), f"select {valeur} as a", chemin)
    assert pq.read_table(chemin).to_pylist() == [{"a": 1}]
    assert list(tmp_path.iterdir()) == [chemin]


def test_les_memes_tables_que_poser(parc, registre):
    """Posed on the spot, written, read again: one answer, and one way to say what does not fit."""
    direct, ecrit, relu = connexion(), connexion(), connexion()
    vue(direct, parc, TOUT)
    dits = poser(direct, registre, "parc")
    assert {a.code for a in dits} == {"droits_superieurs_programme", "droits_sans_logement"}
    fichier_des_poses(parc, registre).unlink(missing_ok=True)
    assert poser_en_fichier(ecrit, parc, registre) == dits
    inode = fichier_des_poses(parc, registre).stat().st_ino
    assert poser_en_fichier(relu, parc, registre) == dits
    assert fichier_des_poses(parc, registre).stat().st_ino == inode
    for table in TABLES:
        sql = f"select {'programme, demandes, logements' if table == 'depassements' else '*'} from {table}"
        attendues = sorted(executer(direct, sql), key=str)
        assert attendues
        assert sorted(executer(relu, sql), key=str) == sorted(executer(ecrit, sql), key=str) == attendues


def test_l_etat_des_lieux_les_relit(parc, registre):
    """The état des lieux reads the file: altered by hand, it shows."""
    etat = etat_des_lieux([parc], AXES, registre)
    chemin = fichier_des_poses(parc, registre)
    con = duckdb.connect()
    con.execute(f"create table lu as from '{chemin}' where quoi <> 'identifie'")
    chemin.unlink()
    con.execute(f"copy lu to '{chemin}' (format parquet)")
    assert etat_des_lieux([parc], AXES, registre) != etat
    chemin.unlink()
    assert etat_des_lieux([parc], AXES, registre) == etat


def test_tout_changement_fait_un_autre_fichier(parc, registre, monkeypatch):
    connus = {fichier_des_poses(parc, registre)}
    connus.add(fichier_des_poses(parc, replace(registre, a_la_date=date(2024, 12, 31))))
    connus.add(fichier_des_poses(replace(parc, sha="0" * 64), registre))
    con = duckdb.connect()
    con.execute(f"create table lu as from '{registre.chemin}' where ligne <> 2")
    con.execute(f"copy lu to '{registre.chemin}' (format parquet)")
    connus.add(fichier_des_poses(parc, registre))
    monkeypatch.setattr(poses, "SOURCES", poses.SOURCES[1:])
    connus.add(fichier_des_poses(parc, registre))
    assert len(connus) == 5
