"""The real RPLS file of Cannes, 2018: each defect named by the reference, with its exact count."""

from collections import Counter
from pathlib import Path

import pytest

from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import Lecture, lire_parc

SHARED = Path(__file__).parents[2].parent / "shared"
FICHIER = SHARED / "donnees/rpls/rpls_cannes_2018.csv"
pytestmark = pytest.mark.skipif(
    not FICHIER.is_file(), reason="le dossier ../shared n'est pas là : RPLS de Cannes non lu"
)


@pytest.fixture(scope="module")
def cannes() -> Lecture:
    return lire_parc(FICHIER, charger())


def test_toutes_les_lignes_sont_acceptees(cannes):
    assert (cannes.lignes, cannes.acceptees, cannes.table.num_rows) == (6374, 6374, 6374)
    assert cannes.source == "rpls_open_data"
    assert [constat for constat in cannes.constats if constat.gravite == "erreur"] == []


def test_chaque_defaut_reel_est_compte(cannes):
    comptes = {(constat.code, constat.colonne): constat.nombre for constat in cannes.constats}
    assert comptes == {
        ("colonnes_non_reprises", None): 20,
        ("zero_perdu", "DEP"): 6374,
        ("zero_perdu", "DEPCOM"): 6374,
        ("zero_perdu", "CODEPOSTAL"): 6374,
        ("caractere_perdu", "LIBEPCI"): 6374,
        ("date_dans_texte", "IMMEU"): 929,
        ("numero_dans_nomvoie", "NOMVOIE"): 678,
        ("valeur_bouche_trou", "CODSEGPATRIM"): 3399 + 405 + 311,
        ("valeur_bouche_trou", "NUMCONV"): 18 + 11,
        ("notation_scientifique", "NUMCONV"): 461,
        ("dpe_non_realise", "DPEDATE"): 941,
        ("colonne_presque_vide", "SRU_EXPIR"): 5113,
        ("colonne_presque_vide", "CUS"): 4838,
        ("identifiant_absent", None): 6374,
        ("doublon_strict", None): 162,
        ("programme_non_conventionne", "FINANAUTRE"): 83,
    }


def test_les_exemples_montrent_chaque_ecriture(cannes):
    segment = next(c for c in cannes.constats if c.colonne == "CODSEGPATRIM")
    assert {exemple.valeur for exemple in segment.exemples} == {"pas de code", "Pas de code", "x"}
    nomvoie = next(c for c in cannes.constats if c.code == "numero_dans_nomvoie")
    assert (nomvoie.exemples[0].ligne, nomvoie.exemples[0].valeur) == (2, "12 IMPASSE DENANS")
    assert "ligne 2, colonne « NOMVOIE »" in nomvoie.message


def test_les_codes_repares_rejoignent_le_cog(cannes):
    table = cannes.table
    assert Counter(table["commune"].to_pylist()) == {"06029": 6313, "06030": 61}
    assert set(table["departement"].to_pylist()) == {"06"}
    assert set(table["region"].to_pylist()) == {"93"}
    assert set(table["epci"].to_pylist()) == {"200039915"}


def test_les_effectifs_de_la_reference_se_retrouvent(cannes):
    table = cannes.table
    financements = {
        "52": 2743,
        "12": 1876,
        "14": 753,
        "13": 560,
        "10": 129,
        "49": 109,
        "16": 98,
        "11": 96,
        "17": 10,
    }
    assert Counter(table["financement"].to_pylist()) == financements
    assert Counter(table["qpv"].to_pylist()) == {True: 2011, False: 6374 - 2011}
    assert Counter(table["typologie"].to_pylist()) == {
        "T1": 319,
        "T2": 1232,
        "T3": 2797,
        "T4": 1697,
        "T5": 301,
        "T6": 28,
    }
    assert Counter(table["type_construction"].to_pylist()) == {"C": 6338, "I": 36}
    assert Counter(table["individuel"].to_pylist()) == {False: 6338, True: 36}
    assert table["convention"].null_count == 198 + 461 + 29


def test_ce_que_l_open_data_ne_dit_pas_reste_inconnu(cannes):
    absentes = (
        "numero_rpls",
        "bailleur",
        "mode",
        "date_bail",
        "contingent",
        "loyer_centimes",
        "en_vente",
        "pmr",
    )
    assert [nom for nom in absentes if cannes.table[nom].null_count != 6374] == []
    assert cannes.bailleur is None
