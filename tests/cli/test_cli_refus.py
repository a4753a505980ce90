"""Bad input: one French sentence on stderr, exit code 2, no traceback, nothing half-written."""

import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PARTITEUR = Path(sys.executable).with_name("partiteur")
PARC = "numero rpls;code insee\n1;06029\n"
DOSSIER = """cadre = "droit-commun"
exercice = 2024
bailleur = {nom = "OPH"}
territoire = {echelle = "departement", code = "06"}
parc = {total = 10}
rotation = {taux = "10 %"}
"""
# A PNG of one pixel.
IMAGE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)
ANGLAIS = re.compile(
    r"\b(?:is not|no such|does not|not a valid|missing|invalid|file exists|directory|denied|expected|traceback)\b",
    re.I,
)


@pytest.fixture(autouse=True)
def _fichiers(tmp_path):
    (tmp_path / "parc.csv").write_text(PARC, encoding="utf-8")
    (tmp_path / "d.toml").write_text(DOSSIER, encoding="utf-8")


@pytest.fixture
def refuser(lancer, tmp_path):
    """Run a command that must be refused; returns its sentence."""

    def refuser_(*arguments: object) -> str:
        avant = sorted(tmp_path.rglob("*"))
        rendu = lancer(*arguments)
        assert rendu.code == 2
        assert rendu.sortie == ""
        assert rendu.erreur.startswith("Erreur : ")
        assert rendu.erreur.count("\n") == 1
        assert rendu.erreur.rstrip("\n").endswith((".", "»."))
        assert sorted(tmp_path.rglob("*")) == avant
        return rendu.erreur

    return refuser_


def bombe(chemin: Path) -> None:
    """A workbook of 80 KB that would take 80 MB."""
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as feuille:
            for _ in range(80):
                feuille.write(b" " * 2**20)


@pytest.mark.parametrize("commande", [("controler",), ("etat-des-lieux",), ("importer", "--depot", "depot")])
@pytest.mark.parametrize(
    ("nom", "contenu", "attendu"),
    [
        ("vide.csv", b"", "vide"),
        ("blanc.csv", b" \n\n ;\n", "blanc.csv"),
        ("image.csv", IMAGE, "image.csv"),
        ("image.xlsx", IMAGE, "image.xlsx"),
        ("binaire.csv", bytes(range(256)) * 64, "binaire.csv"),
        ("autre.csv", b"nom;prenom;age\na;b;3\n", "aucune colonne reconnue"),
        (
            "sans.csv",
            b"numero rpls;programme\n1;A\n",
            "la colonne de la commune (DEPCOM ou « code Insee ») manque",
        ),
        ("entete.csv", b"numero rpls;code insee\n", "aucune ligne"),
        ("coupe.xlsx", b"PK\x03\x04coupe", "coupe.xlsx"),
        ("absent.csv", None, "absent.csv"),
    ],
)
def test_un_fichier_illisible(refuser, tmp_path, commande, nom, contenu, attendu):
    if contenu is not None:
        (tmp_path / nom).write_bytes(contenu)
    phrase = refuser("parc", commande[0], nom, *commande[1:])
    assert attendu in phrase
    assert not ANGLAIS.search(phrase)


def test_un_dossier_a_la_place_d_un_fichier(refuser, tmp_path):
    (tmp_path / "rep.csv").mkdir()
    assert "rep.csv" in refuser("parc", "controler", "rep.csv")


def test_une_bombe_dans_un_classeur(refuser, tmp_path):
    bombe(tmp_path / "bombe.xlsx")
    assert (tmp_path / "bombe.xlsx").stat().st_size < 200_000
    assert "se décompresse sans mesure" in refuser("parc", "controler", "bombe.xlsx")


def test_une_ligne_de_100_mo(refuser, tmp_path):
    with (tmp_path / "long.csv").open("wb") as fichier:
        for _ in range(100):
            fichier.write(b"a" * 1_000_000)
    assert "long.csv" in refuser("parc", "controler", "long.csv")


def test_une_ligne_de_100_mo_apres_un_entete(refuser, tmp_path):
    with (tmp_path / "long.csv").open("wb") as fichier:
        fichier.write(b"numero rpls;code insee\n")
        for _ in range(100):
            fichier.write(b"a" * 1_000_000)
    assert "long.csv" in refuser("parc", "etat-des-lieux", "long.csv", "--par", "commune")


def test_des_identifiants_repetes_sont_refuses_ligne_a_ligne(lancer, refuser, tmp_path):
    (tmp_path / "p.csv").write_text("numero rpls;code insee\n1;06029\n1;06029\n", encoding="utf-8")
    rendu = lancer("parc", "controler", "p.csv")
    assert rendu.code == 0
    assert "2 lignes lues, 1 acceptées, 1 refusées" in rendu.sortie
    (tmp_path / "q.csv").write_text("numero rpls;code insee\n1;0\n1;0\n", encoding="utf-8")
    assert "aucune des 2 lignes n'est acceptée" in refuser(
        "parc", "etat-des-lieux", "q.csv", "--par", "commune"
    )


@pytest.mark.parametrize(
    ("remplace", "attendu"),
    [
        (('"droit-commun"', '"nulle-part-2030"'), "Le cadre « nulle-part-2030 » est inconnu. Cadres livrés : "),
        (("exercice = 2024", "exercice = 2024\nexrcice = 1"), "clé inconnue « exrcice » ; clés possibles : cadre, exercice"),
        (("total = 10", "totl = 10"), "parc : clé inconnue « totl »"),
        (("exercice = 2024", 'exercice = "2024"'), "exercice : « 2024 » devrait être un nombre entier."),
        (("exercice = 2024\n", ""), "il manque « exercice »."),
        (("10 %", "dix"), "« dix » n'est pas un nombre"),
        (("10 %", "110 %"), "Une rotation de 110 % n'est pas possible"),
        (("rotation = ", "# "), "Aucune rotation."),
        (("total = 10", 'fichier = "absent.csv"'), "absent.csv"),
        (("total = 10", 'total = 10, fichier = "parc.csv"'), "donnez « total » ou « fichier »"),
        (("total = 10", "total = 10, exclus = {pli = 11}"), "11 logements exclus pour un parc de 10"),
        (("total = 10", 'fichier = "parc.csv"'), None),
        (('code = "06"', 'code = "07"'), None),
        (("{taux = \"10 %\"}", '{definition = "departs_1_an"}'), "Aucune rotation."),
        (("total = 10", 'total = 10, date = "2023-02-30"'), "« 2023-02-30 » n'existe pas au calendrier"),
        (("exercice = 2024", "exercice = ="), "TOML incorrect"),
    ],
)  # fmt: skip
def test_un_dossier_fautif(lancer, refuser, tmp_path, remplace, attendu):
    (tmp_path / "d.toml").write_text(DOSSIER.replace(*remplace), encoding="utf-8")
    if attendu is None:
        assert lancer("flux", "d.toml").code == 0
    else:
        assert attendu in refuser("flux", "d.toml")


def test_un_dossier_absent(refuser):
    assert "absent.toml : fichier illisible" in refuser("flux", "absent.toml")


@pytest.mark.parametrize("fichier", ["parc.csv", "image.png"])
def test_un_dossier_qui_n_en_est_pas_un(refuser, tmp_path, fichier):
    (tmp_path / "image.png").write_bytes(IMAGE)
    assert fichier in refuser("flux", fichier)


@pytest.mark.parametrize("sortie", ["absent/flux.json", "parc.csv/flux.json"])
def test_une_sortie_impossible(refuser, sortie):
    phrase = refuser("flux", "d.toml", "--sortie", sortie)
    assert f"{sortie} : écriture impossible" in phrase
    assert "choisissez un autre emplacement" in phrase


def test_une_sortie_qui_est_un_dossier_ne_laisse_rien(refuser, tmp_path):
    (tmp_path / "rep").mkdir()
    refuser("flux", "d.toml", "--sortie", "rep")


def test_une_erreur_n_ecrase_pas_la_sortie(refuser, tmp_path):
    (tmp_path / "flux.json").write_text("ancien", encoding="utf-8")
    (tmp_path / "d.toml").write_text("cadre = 3", encoding="utf-8")
    refuser("flux", "d.toml", "--sortie", "flux.json")
    assert (tmp_path / "flux.json").read_text("utf-8") == "ancien"


@pytest.mark.parametrize(
    ("arguments", "attendu"),
    [
        (("parc", "etat-des-lieux", "parc.csv", "--par", "age"), "L'axe « age » est inconnu. Axes possibles : "),
        (("parc", "etat-des-lieux", "parc.csv", "--par", ","), "Aucun axe n'est demandé"),
        (("parc", "etat-des-lieux", "parc.csv", "--droits", "absent.csv"), "absent.csv"),
        (("parc", "etat-des-lieux"), "il manque « FICHIERS »"),
        (("parc", "importer", "parc.csv"), "il manque « depot »"),
        (("parc", "controler", "parc.csv", "--bidon"), "l'option « --bidon » n'existe pas"),
        (("parc", "controler", "parc.csv", "--geographie", "absent.csv"), "absent.csv"),
        (("parc", "controler", "parc.csv", "--correspondance", "absent.toml"), "absent.toml"),
        (("flux",), "il manque « DOSSIER »"),
        (("regles", "inconnue"), "La règle « inconnue » est inconnue. Règles : "),
        (("cadre", "verifier", "inconnu"), "Le cadre « inconnu » est inconnu"),
        (
            ("dossier", "creer", "--parc", "parc.csv", "--exercice", 2024, "--cadre", "paca-2024", "--territoire", "06"),
            "Le territoire « 06 » s'écrit echelle:code",
        ),
        (("dossier", "creer", "--parc", "absent.csv", "--exercice", 2024, "--cadre", "paca-2024"), "absent.csv"),
        (("dossier", "creer", "--parc", "parc.csv", "--exercice", 2024, "--cadre", "bidon"), "« bidon » est inconnu"),
        (("dossier", "creer", "--exercice", 2024, "--cadre", "paca-2024"), "il manque « parc »"),
    ],
)  # fmt: skip
def test_une_demande_fautive(refuser, arguments, attendu):
    assert attendu in refuser(*arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ("inconnue",),
        ("parc", "inconnue"),
        ("flux", "d.toml", "--format", "pdf"),
        ("demo", "--graine", "x"),
        ("parc", "etat-des-lieux", "parc.csv", "--au", "2024-13-01"),
    ],
)
def test_une_demande_fautive_est_refusee_en_francais(refuser, arguments):
    assert not ANGLAIS.search(refuser(*arguments))


@pytest.mark.parametrize(
    "arguments", [("flux", "absent.toml"), ("flux", "d.toml", "--sortie", "absent/f.json")]
)
def test_le_motif_du_systeme_est_en_francais(refuser, arguments):
    assert not ANGLAIS.search(refuser(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ("parc", "importer", "parc.csv", "--depot", "d.toml"),
        ("demo", "--sortie", "parc.csv"),
        ("regles", "--documentation", "parc.csv"),
    ],
)
def test_un_dossier_de_sortie_impossible(refuser, arguments):
    assert arguments[-1] in refuser(*arguments)


def test_la_commande_installee_refuse_pareil(tmp_path):
    """Once as installed, in its own process: the code, the sentence, no traceback."""
    for arguments in (["flux", "absent.toml"], ["parc", "controler", "parc.csv", "--bidon"]):
        fini = subprocess.run(
            [PARTITEUR, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (fini.returncode, fini.stdout) == (2, "")
        assert fini.stderr.startswith("Erreur : ")
        assert fini.stderr.count("\n") == 1


def test_un_lecteur_qui_part_n_est_pas_une_erreur(tmp_path):
    lignes = "".join(f"{i};06029;P{i}\n" for i in range(20_000))
    (tmp_path / "p.csv").write_text("numero rpls;code insee;programme\n" + lignes, encoding="utf-8")
    commande = [PARTITEUR, "parc", "etat-des-lieux", "p.csv", "--par", "programme"]
    processus = subprocess.Popen(commande, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert isinstance(processus.stdout, io.BufferedReader)
    processus.stdout.readline()
    processus.stdout.close()
    assert processus.stderr.read() == b""
    processus.stderr.close()
    assert processus.wait() != 2
