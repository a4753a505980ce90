"""The synthetic demandes: the same for a seed, read back without a fault, plausible, and true to the rules."""

from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from partiteur.demo.demandes import DEMANDES, JOUR, ecrire_demandes, ecrire_demandes_nationales
from partiteur.demo.publie import COMMUNES
from partiteur.moteur.demandes import Demandes, lire_demandes
from partiteur.regles.cotation.catalogue import catalogue_livre
from partiteur.regles.menage import anciennete_mois, delai_anormalement_long, sous_occupation, sur_occupation

CATALOGUE = catalogue_livre()
SEULES_DEMANDES_EN_COMMISSION = 3  # months: nobody refused before
PETIT = 1_500


@pytest.fixture(scope="module")
def demandes(tmp_path_factory: pytest.TempPathFactory) -> Demandes:
    """Those of the demo, read back."""
    return lire_demandes(ecrire_demandes(tmp_path_factory.mktemp("demo") / "demandes.csv"), CATALOGUE)


@pytest.fixture(scope="module")
def lignes(demandes: Demandes) -> list[dict[str, Any]]:
    """Their rows."""
    return [dict(ligne) for ligne in demandes.table.to_pylist()]


def part(lignes: list[dict[str, Any]], colonne: str) -> float:
    """The share of rows where a boolean is true."""
    return sum(ligne[colonne] is True for ligne in lignes) / len(lignes)


def test_elles_se_relisent_sans_une_faute(demandes: Demandes) -> None:
    """Every column is a variable of the catalogue or a proof, every cell is read, every number is unique."""
    assert (demandes.lignes, demandes.acceptees, demandes.constats) == (DEMANDES, DEMANDES, ())
    interdites = {v.code for v in CATALOGUE.variables.values() if v.examen == "interdite"}
    assert not interdites & set(demandes.colonnes)


def test_meme_graine_memes_octets(tmp_path: Path) -> None:
    """And another seed, others."""
    un, deux, autre = (
        ecrire_demandes(tmp_path / nom, PETIT, graine).read_bytes()
        for nom, graine in (("a", 1), ("b", 1), ("c", 2))
    )
    assert un == deux != autre


def test_les_parts_sont_plausibles(lignes: list[dict[str, Any]]) -> None:
    """Mutations 35 to 50 %, DALO about 3 %, the first quartile a quarter; every motif and every status is met."""
    assert 0.35 <= part(lignes, "mutation") <= 0.50
    assert 0.025 <= part(lignes, "dalo_reconnu") <= 0.035
    assert abs(part(lignes, "premier_quartile") - 0.25) < 0.01
    assert 0.05 <= part(lignes, "handicap") <= 0.15
    motifs = Counter(code for ligne in lignes for code in ligne["motifs"])
    assert set(motifs) == set(CATALOGUE.variables["motifs"].codes)
    assert {ligne["statut_occupation"] for ligne in lignes} == set(
        CATALOGUE.variables["statut_occupation"].codes
    )
    lettres = {lettre for ligne in lignes for lettre in ligne["publics_l441_1"]}
    assert lettres == set("abcdefghijklm") | {"gbis"}
    assert all(1 <= len(ligne["motifs"]) == len(set(ligne["motifs"])) <= 3 for ligne in lignes)


def test_la_demande_suit_le_parc_des_communes(lignes: list[dict[str, Any]]) -> None:
    """All twelve are asked for, the largest the most."""
    demandees = Counter(ligne["commune_demandee"] for ligne in lignes)
    assert set(demandees) == {commune.code for commune in COMMUNES}
    parc = {commune.code: sum(commune.parc.values()) for commune in COMMUNES}
    assert demandees.most_common(1)[0][0] == max(parc, key=lambda code: parc[code])


def test_les_distributions_sont_jointes(lignes: list[dict[str, Any]]) -> None:
    """The homeless and the sheltered are DALO more often, large households wait for large dwellings, age and wealth go along."""
    precaires = [ligne for ligne in lignes if ligne["statut_occupation"] in ("SD", "SH", "HOT")]
    assert part(precaires, "dalo_reconnu") > 2 * part(lignes, "dalo_reconnu")
    etudiants = [
        li["ressources_mensuelles"]
        for li in lignes
        if li["type_contrat"] == "ETU" and li["ressources_mensuelles"]
    ]
    salaries = [
        li["ressources_mensuelles"]
        for li in lignes
        if li["type_contrat"] == "CDI" and li["ressources_mensuelles"]
    ]
    assert sum(salaries) / len(salaries) > sum(etudiants) / len(etudiants)
    assert all("T5" in ligne["typologies_demandees"] for ligne in lignes if ligne["nb_personnes"] >= 5)
    assert all(ligne["nb_a_charge"] < ligne["nb_personnes"] for ligne in lignes)
    assert any(ligne["taux_effort"] is None for ligne in lignes)


def test_ce_qui_est_deduit_est_ce_que_disent_les_regles(lignes: list[dict[str, Any]]) -> None:
    """On the first of them: wait, délai, occupation."""
    pieces = {f"T{n}": n for n in range(1, 6)}
    for ligne in lignes[:PETIT]:
        surface = ligne["surface_actuelle"]
        assert ligne["anciennete_mois"] == anciennete_mois(ligne["date_depot"], JOUR).valeur
        long = delai_anormalement_long(ligne["anciennete_mois"], ligne["delai_anormalement_long_mois"]).valeur
        assert ligne["delai_anormalement_long"] == long
        occupants = ligne["nb_occupants"]
        assert (
            ligne["sur_occupation"] == sur_occupation(surface and Fraction(surface), occupants, JOUR).valeur
        )
        occupees = pieces.get(ligne["typologie_actuelle"])
        assert ligne["sous_occupation"] == sous_occupation(occupees, occupants, JOUR).valeur


def test_les_dates_se_suivent(lignes: list[dict[str, Any]]) -> None:
    """Nothing is after the day, no refusal before the demande; most have refused nothing."""
    for ligne in lignes:
        evenements = [
            *ligne["refus_logement_adapte"],
            *ligne["non_reponse"],
            *ligne["proposition_sans_suite"],
        ]
        assert all(ligne["date_depot"] <= jour <= JOUR for jour in evenements)
        assert not evenements or ligne["anciennete_mois"] >= SEULES_DEMANDES_EN_COMMISSION
    assert 0.05 <= sum(bool(ligne["refus_logement_adapte"]) for ligne in lignes) / len(lignes) <= 0.15
    assert max(len(ligne["refus_logement_adapte"]) for ligne in lignes) == 3


def test_les_preuves_suivent_les_faits(lignes: list[dict[str, Any]]) -> None:
    """A DALO is mostly transmitted; what is not claimed has no proof."""
    preuves = Counter(ligne["preuve_dalo"] for ligne in lignes if ligne["dalo_reconnu"])
    assert set(preuves) == {"transmise", "declaree"}
    assert preuves["transmise"] > 9 * preuves["declaree"]
    assert {ligne["preuve_dalo"] for ligne in lignes if not ligne["dalo_reconnu"]} == {None}
    fins = [ligne["preuve_effort_jusqu_au"] for ligne in lignes if ligne["preuve_effort_jusqu_au"]]
    assert min(fins) < JOUR < max(fins)
    assert {ligne["preuve_effort"] for ligne in lignes if ligne["preuve_effort_jusqu_au"]} == {"verifiee"}


def test_un_fichier_national_se_lit_comme_l_autre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lot after lot, one Parquet: the same columns and the EPCI, numbers all different, one threshold."""
    monkeypatch.setattr("partiteur.demo.demandes.LOT", 600)
    chemin = ecrire_demandes_nationales(tmp_path / "demandes.parquet", PETIT, jour=date(2026, 1, 1))
    lues = lire_demandes(chemin, CATALOGUE)
    assert (lues.lignes, [c.code for c in lues.constats]) == (PETIT, ["colonnes_non_reprises"])
    table = pq.read_table(chemin)
    assert len(set(table.column("numero_unique").to_pylist())) == PETIT
    assert len(set(table.column("epci").to_pylist())) > 50
    assert len(set(table.column("seuil_premier_quartile").to_pylist())) == 1
    assert max(table.column("date_depot").to_pylist()) <= date(2026, 1, 1)
    with pq.ParquetFile(chemin) as lu:
        assert lu.num_row_groups == 3
