"""The communes of the COG 2026, old codes, arrondissements, and a complement."""

import csv
from pathlib import Path

import pytest

from partiteur.moteur.geographie import Commune, GeographieInvalide, charger

SHARED = Path(__file__).parents[2].parent / "shared"
ENTETE = "code;nom;departement;region;epci;nom_epci\n"


def complement(tmp_path: Path, texte: str, encodage: str = "utf-8") -> Path:
    chemin = tmp_path / "communes.csv"
    chemin.write_text(texte, encoding=encodage)
    return chemin


def test_une_commune_actuelle_porte_ses_territoires():
    attendue = Commune("06029", "Cannes", "06", "93", "200039915", "CA Cannes Pays de Lérins")
    assert charger().commune("06029") == attendue
    assert charger().nature("06029") == "actuelle"


@pytest.mark.parametrize(
    ("code", "nature", "actuelle"),
    [
        ("75101", "arrondissement", "75056"),
        ("69389", "arrondissement", "69123"),
        ("13216", "arrondissement", "13055"),
        ("01340", "ancienne", "01015"),
        ("14697", "ancienne", "14654"),
    ],
)
def test_un_autre_code_mene_a_la_commune_actuelle(code, nature, actuelle):
    trouvee = charger().commune(code)
    assert trouvee is not None
    assert trouvee.code == actuelle
    assert charger().nature(code) == nature


@pytest.mark.parametrize("code", ["", "99999", "6029", "code", "75056x", "55273", "60455"])
def test_un_code_inconnu_ne_donne_rien(code):
    assert charger().commune(code) is None
    assert charger().nature(code) is None


def test_une_commune_peut_n_avoir_aucun_epci():
    ile = charger().commune("29083")  # Île-de-Sein
    assert ile is not None
    assert (ile.epci, ile.nom_epci) == (None, None)


def test_les_communes_sans_zero_perdu_de_corse_et_d_outre_mer():
    ajaccio, saint_denis = charger().commune("2A004"), charger().commune("97411")
    assert ajaccio is not None
    assert saint_denis is not None
    assert (ajaccio.departement, saint_denis.departement) == ("2A", "974")


def test_le_complement_ajoute_des_communes(tmp_path):
    texte = ENTETE + "99001;Port-Fictif;99;99;999000001;CA Fictive\n\n99002;Bourg;99;99;;\n"
    geographie = charger(complement(tmp_path, texte, "utf-8-sig"))
    assert geographie.commune("99001") == Commune(
        "99001", "Port-Fictif", "99", "99", "999000001", "CA Fictive"
    )
    assert geographie.commune("99002") == Commune("99002", "Bourg", "99", "99", None, None)
    assert geographie.nature("99001") == "actuelle"
    assert geographie.commune("75101").code == "75056"
    assert charger().commune("99001") is None


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        ("code,nom\n", "doit commencer par la ligne « code;nom;departement;region;epci;nom_epci »"),
        ("", "doit commencer par la ligne"),
        (ENTETE + "99001;Port;99;99\n", "ligne 2 : 4 champ(s) au lieu de 6"),
        (
            ENTETE + "9901;Port;99;99;;\n",
            "ligne 2 : le code de commune « 9901 » doit compter cinq caractères",
        ),
        (ENTETE + "99-01;Port;99;99;;\n", "cinq caractères"),
        (ENTETE + "99001;;99;99;;\n", "ligne 2 : le nom, le département et la région sont obligatoires"),
        (ENTETE + "99001;A;99;99;;\n99001;B;99;99;;\n", "ligne 3 : la commune « 99001 » figure déjà"),
        (ENTETE + "06029;A;99;99;;\n", "ligne 2 : le code « 06029 » existe déjà"),
        (ENTETE + "75101;A;99;99;;\n", "« 75101 » existe déjà"),
        (ENTETE + "99001;" + "A" * 200_000 + ";99;99;;\n", "ligne 2 : la ligne n'est pas du CSV lisible"),
    ],
)
def test_un_complement_fautif_dit_ou(tmp_path, texte, phrase):
    with pytest.raises(GeographieInvalide) as erreur:
        charger(complement(tmp_path, texte))
    assert phrase in str(erreur.value)
    assert "communes.csv" in str(erreur.value)


def test_un_complement_absent_ou_illisible(tmp_path):
    with pytest.raises(GeographieInvalide, match=r"absent\.csv.*ne peut pas être lu"):
        charger(tmp_path / "absent.csv")
    with pytest.raises(GeographieInvalide, match="UTF-8"):
        charger(complement(tmp_path, ENTETE + "99001;Séville;99;99;;\n", "latin-1"))


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="le dossier ../shared n'est pas là : communes RPLS 2024 non lues"
)
def test_toutes_les_communes_du_rpls_2024_sont_rattachees():
    with (SHARED / "donnees/parc/parc_communes_2024.csv").open(encoding="utf-8-sig", newline="") as fichier:
        codes = [ligne["DEPCOM_ARM"] for ligne in csv.DictReader(fichier)]
    geographie = charger()
    assert len(codes) == 16_859
    assert [code for code in codes if geographie.commune(code) is None] == []
    assert sum(geographie.nature(code) == "arrondissement" for code in codes) > 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="le dossier ../shared n'est pas là : COG 2026 non comparé")
def test_la_table_livree_est_le_cog_2026():
    geographie = charger()
    with (SHARED / "donnees/geo/communes_cog2026.csv").open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    for ligne in lignes:
        commune = geographie.commune(ligne["code_commune"])
        assert commune is not None
        assert commune.code == ligne["code_commune_parent"]
        assert (commune.departement, commune.region) == (ligne["code_departement"], ligne["code_region"])
        assert (commune.epci or "", commune.nom_epci or "") == (ligne["siren_epci"], ligne["nom_epci"])
