"""A millésime is written whole, once, under the name of its content; its classes are disposable."""

import hashlib
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import poche
import pyarrow.parquet as pq
import pytest

from partiteur.moteur import classes
from partiteur.moteur.classes import COMPTEES, classer, ecrire_classes, version_des_regles
from partiteur.moteur.execution import connexion, executer
from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import LectureImpossible, lire_parc
from partiteur.moteur.millesime import TOUT, Territoire, importer, ouvrir, parc_lu, vue
from partiteur.regles.socle import ErreurUtilisateur

CONTENU = "numero rpls;code insee;financement\n1;06029;13\n2;06029;16\n3;06030;\n"
IMPORT = """
import os, signal, sys
from pathlib import Path
from partiteur.moteur import millesime
from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import lire_parc
fichier, depot, tuer_au_lien = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
lecture = lire_parc(fichier, charger())
lier, liens = os.link, []
def lien(*arguments, **options):
    if len(liens) == tuer_au_lien:
        os.kill(os.getpid(), signal.SIGKILL)
    liens.append(arguments)
    lier(*arguments, **options)
os.link = lien
print("prêt", flush=True)
print(millesime.importer(lecture, fichier, depot), flush=True)
"""


@pytest.fixture
def fichier(tmp_path: Path) -> Path:
    chemin = tmp_path / "parc.csv"
    chemin.write_text(CONTENU, encoding="utf-8")
    return chemin


def lancer(fichier: Path, depot: Path, tuer_au_lien: int = -1) -> subprocess.Popen[str]:
    commande = [sys.executable, "-c", IMPORT, str(fichier), str(depot), str(tuer_au_lien)]
    return subprocess.Popen(commande, stdout=subprocess.PIPE, text=True)


def noms(depot: Path) -> list[str]:
    """What a depot holds, classes set apart."""
    return sorted(chemin.name for chemin in depot.iterdir() if not chemin.name.startswith("classes-"))


def millesime(tmp_path: Path) -> Path:
    lue = poche.lecture({"lieu": "99001"}, {"lieu": "98001"}, bailleur="999000102", annee=2024)
    original = tmp_path / "origine.csv"
    original.write_text("origine", encoding="utf-8")
    return importer(lue, original, tmp_path / "depot")


def test_un_millesime_et_son_original_portent_l_empreinte(tmp_path):
    chemin = millesime(tmp_path)
    sha = hashlib.sha256(chemin.read_bytes()).hexdigest()
    assert noms(chemin.parent) == [f"parc-{sha}.original.csv", f"parc-{sha}.parquet"]
    assert (chemin.parent / f"parc-{sha}.original.csv").read_text("utf-8") == "origine"
    mention = pq.read_schema(chemin).metadata
    assert mention[b"schema"] == b"1"
    parc = ouvrir(chemin, charger())
    assert (parc.sha, parc.source, parc.bailleur, parc.annee) == (sha, "bailleur", "999000102", 2024)


def test_un_millesime_sans_bailleur_ni_annee(tmp_path, fichier):
    parc = ouvrir(importer(poche.lecture({"lieu": "99001"}), fichier, tmp_path), charger())
    assert (parc.bailleur, parc.annee) == (None, None)


def test_un_millesime_est_en_lecture_seule(tmp_path):
    for chemin in millesime(tmp_path).parent.iterdir():
        assert chemin.stat().st_mode & 0o777 == 0o444


def test_le_meme_contenu_deux_fois_fait_un_seul_fichier(tmp_path):
    premier = millesime(tmp_path)
    avant = {chemin.name: chemin.stat().st_mtime_ns for chemin in premier.parent.iterdir()}
    assert millesime(tmp_path) == premier
    assert {chemin.name: chemin.stat().st_mtime_ns for chemin in premier.parent.iterdir()} == avant


def test_un_contenu_different_a_un_autre_nom(tmp_path, fichier):
    un = importer(poche.lecture({"lieu": "99001"}), fichier, tmp_path / "depot")
    deux = importer(poche.lecture({"lieu": "99002"}), fichier, tmp_path / "depot")
    assert un != deux
    assert len(noms(tmp_path / "depot")) == 4


def test_un_contenu_altere_est_refuse(tmp_path):
    chemin = millesime(tmp_path)
    chemin.chmod(0o644)
    table = pq.read_table(chemin)
    pq.write_table(table.slice(0, 1), chemin)
    with pytest.raises(LectureImpossible, match="ne correspond plus à son empreinte ; importez de nouveau"):
        ouvrir(chemin, charger())


def test_reimporter_repare_un_contenu_altere(tmp_path):
    chemin = millesime(tmp_path)
    chemin.chmod(0o644)
    chemin.write_bytes(b"altere")
    assert ouvrir(millesime(tmp_path), charger()).sha == chemin.stem.removeprefix("parc-")


def test_un_millesime_renomme_est_refuse(tmp_path):
    chemin = millesime(tmp_path)
    autre = chemin.with_name("parc-2024.parquet")
    shutil.copy(chemin, autre)
    with pytest.raises(LectureImpossible, match=r"parc-2024\.parquet.*empreinte"):
        ouvrir(autre, charger())


@pytest.mark.parametrize("contenu", [None, b"", b"PAR1 mais pas du Parquet"])
def test_ce_qui_n_est_pas_un_millesime_est_refuse(tmp_path, contenu):
    chemin = tmp_path / "parc-0.parquet"
    if contenu is not None:
        chemin.write_bytes(contenu)
    with pytest.raises(LectureImpossible, match="ce n'est pas un millésime lisible"):
        ouvrir(chemin, charger())


def test_les_classes_effacees_sont_refaites_a_l_identique(tmp_path):
    chemin = millesime(tmp_path)
    classes = ouvrir(chemin, charger()).classes
    assert classes is not None
    assert classes.name == f"classes-{chemin.stem.removeprefix('parc-')}-{version_des_regles()}.parquet"
    avant = pq.read_table(classes).sort_by("ligne")
    classes.unlink()
    assert ouvrir(chemin, charger()).classes == classes
    assert pq.read_table(classes).sort_by("ligne").equals(avant)
    assert avant["commune"].to_pylist() == ["99001", "98001"]
    assert avant["motifs"].to_pylist() == ["", ""]


def test_les_classes_ecrites_sont_celles_de_la_memoire(tmp_path):
    """Groups of rows, each with its own dictionaries, say what one table says."""
    lignes = [
        {
            "numero_rpls": str(n),
            "financement": (None, "13", "16")[n % 3],
            "usage": ("familial", "chrs")[n // 5],
        }
        | ({"date_bail": date(2020 + n, 6, 1), "typologie": f"T{n}", "en_vente": n > 6} if n > 4 else {})
        for n in range(9)
    ]
    table = poche.table_parc(lignes)
    pq.write_table(table, tmp_path / "parc.parquet", row_group_size=2)
    ecrire_classes(tmp_path / "parc.parquet", tmp_path / "classes.parquet")
    attendues = classer(table)
    assert pq.read_table(tmp_path / "classes.parquet").equals(
        attendues.select([*COMPTEES, *(c for c in attendues.column_names if c not in table.column_names)])
    )
    assert len(set(attendues["motifs"].to_pylist())) > 3


def test_d_autres_regles_font_un_autre_fichier(monkeypatch):
    """The rules, the lists they read, and the code that asks them."""
    versions = {version_des_regles()}
    for rang, source in enumerate(classes.SOURCES):
        assert source.is_file()
        autres = (*classes.SOURCES[:rang], *classes.SOURCES[rang + 1 :])
        monkeypatch.setattr(classes, "SOURCES", autres)
        versions.add(version_des_regles())
        monkeypatch.undo()
    assert len(versions) == 7


def test_les_classes_presentes_ne_sont_pas_refaites(tmp_path):
    chemin = millesime(tmp_path)
    classes = ouvrir(chemin, charger()).classes
    avant = classes.stat().st_mtime_ns
    ouvrir(chemin, charger())
    assert classes.stat().st_mtime_ns == avant


def test_un_fichier_sans_ligne_acceptee_est_refuse(tmp_path):
    chemin = tmp_path / "parc.csv"
    chemin.write_text("numero rpls;code insee\n1;00000\n2;zzzzz\n", encoding="utf-8")
    with pytest.raises(
        LectureImpossible, match=r"aucune des 2 lignes n'est acceptée ; « partiteur parc controler"
    ):
        ouvrir(chemin, charger())
    with pytest.raises(LectureImpossible):
        importer(poche.lecture(), chemin, tmp_path / "depot")
    assert not (tmp_path / "depot").exists()


def test_un_fichier_lu_sur_place_donne_les_memes_classes(tmp_path, fichier):
    lu = ouvrir(fichier, charger(), bailleur="999000102")
    importe = ouvrir(_importer(fichier, tmp_path), charger())
    assert lu.sha is None
    assert lu.bailleur == importe.bailleur == "999000102"
    colonnes = ["ligne", "commune", "motifs", "inconnus", "famille_financement"]
    attendu = pq.read_table(importe.classes).select(colonnes).sort_by("ligne").to_pylist()
    assert lu.table.select(colonnes).sort_by("ligne").to_pylist() == attendu
    assert [ligne["motifs"] for ligne in attendu] == ["", "pli", ""]
    assert parc_lu(poche.lecture({}, raison_sociale="OPH"), fichier).raison_sociale == "OPH"


def _importer(fichier: Path, dossier: Path) -> Path:
    return importer(lire_parc(fichier, charger(), bailleur="999000102"), fichier, dossier / "depot")


@pytest.mark.parametrize("importe", [False, True])
def test_vue_demande_un_perimetre_et_s_y_tient(tmp_path, importe):
    parc = (
        ouvrir(millesime(tmp_path), charger())
        if importe
        else poche.parc({"lieu": "99001"}, {"lieu": "98001"})
    )
    with pytest.raises(TypeError, match="perimetre"):
        vue(connexion(), parc)
    attendus = {
        TOUT: {"99001", "98001"},
        Territoire("departement", "99"): {"99001"},
        Territoire("epci", "999000029"): {"98001"},
        Territoire("commune", "99001"): {"99001"},
        Territoire("commune", "99'001"): set(),
    }
    for perimetre, communes in attendus.items():
        con = connexion()
        vue(con, parc, perimetre)
        assert {commune for (commune,) in executer(con, "select commune from parc")} == communes


def test_vue_laisse_dehors_les_communes_inconnues():
    con = connexion()
    vue(con, poche.parc({}, {"lieu": "99003"}), Territoire("epci", "999000011"))
    assert executer(con, "select count(*) from parc") == [(0,)]


@pytest.mark.parametrize("echelle", ["Commune", "commune; drop", "1=1 --"])
def test_vue_ne_prend_qu_un_nom_de_colonne(echelle):
    with pytest.raises(ValueError, match="is not a column name"):
        vue(connexion(), poche.parc({}), Territoire(echelle, "99"))


@pytest.mark.parametrize("lien", [0, 1])
def test_un_import_tue_avant_de_nommer_ne_laisse_aucun_millesime(tmp_path, fichier, lien):
    depot = tmp_path / "depot"
    tue = lancer(fichier, depot, tuer_au_lien=lien)
    assert tue.communicate()[0] == "prêt\n"
    assert tue.returncode == -signal.SIGKILL
    assert list(depot.glob("*.parquet")) == []
    assert len(list(depot.iterdir())) == lien  # the original is named first
    repris = lancer(fichier, depot)
    chemin = Path(repris.communicate()[0].splitlines()[1])
    assert noms(depot) == [f"{chemin.stem}.original.csv", chemin.name]
    assert ouvrir(chemin, charger()).sha == chemin.stem.removeprefix("parc-")


def test_un_import_tue_a_tout_moment_laisse_tout_ou_rien(tmp_path):
    fichier = tmp_path / "parc.csv"
    lignes = "".join(f"{i};06029;13\n" for i in range(20_000))
    fichier.write_text("numero rpls;code insee;financement\n" + lignes, encoding="utf-8")
    entier = lancer(fichier, tmp_path / "entier")
    entier.stdout.readline()
    depart = time.monotonic()
    entier.communicate()
    duree = time.monotonic() - depart
    complet = noms(tmp_path / "entier")
    assert len(complet) == 2
    hasard = random.Random(2024)
    for essai in range(4):
        depot = tmp_path / f"depot-{essai}"
        processus = lancer(fichier, depot)
        processus.stdout.readline()
        time.sleep(hasard.uniform(0, duree))
        processus.kill()
        processus.communicate()
        restes = noms(depot) if depot.exists() else []
        assert restes in ([], complet[:1], complet)  # the original is named first, never the millésime alone


def test_un_depot_impossible_est_une_phrase(tmp_path, fichier):
    with pytest.raises(ErreurUtilisateur, match=r"parc\.csv"):
        importer(poche.lecture({"lieu": "99001"}), fichier, fichier)
