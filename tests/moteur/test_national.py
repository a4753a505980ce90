"""The flux of everyone is the flux of each: the same figures as a dossier, in one table, whatever is missing said."""

import json
import re
from fractions import Fraction
from pathlib import Path

import duckdb
import nationaux
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from partiteur.cli import commandes
from partiteur.demo.national import ecrire_national
from partiteur.moteur.execution import ecouter
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.geographie import charger
from partiteur.moteur.millesime import ouvrir
from partiteur.moteur.national import COLONNES, DossierNationalInvalide, flux_de_tous, trouver
from partiteur.moteur.national.faits import ETAPES
from partiteur.moteur.schema import DocumentInvalide

EXERCICE = nationaux.EXERCICE
COUPLE = "2A"


@pytest.fixture(scope="module")
def dossier(tmp_path_factory) -> Path:
    chemin = tmp_path_factory.mktemp("national")
    nationaux.national(chemin)
    return chemin


@pytest.fixture(scope="module")
def table(dossier) -> pa.Table:
    return flux_de_tous(dossier, "occitanie-2023", EXERCICE)


def test_une_ligne_par_bailleur_departement_reservataire(table):
    assert {nom: table.schema.field(nom).type for nom in table.column_names} == COLONNES
    cles = list(zip(*(table[c].to_pylist() for c in ("bailleur", "departement")), strict=True))
    assert cles == sorted(cles)
    triplets = {(*cle, r) for cle, r in zip(cles, table["reservataire"].to_pylist(), strict=True)}
    assert len(triplets) == table.num_rows
    assert {"2A", "971"} <= {departement for _, departement in cles}


def test_les_nombres_s_ajoutent(table):
    par_couple: dict[tuple[str, str], list[dict]] = {}
    for ligne in table.to_pylist():
        par_couple.setdefault((ligne["bailleur"], ligne["departement"]), []).append(ligne)
    for lignes in par_couple.values():
        if lignes[0]["empechement"]:
            assert len(lignes) == 1
            continue
        assert lignes[-1]["reservataire"] == "non_reserve"
        assert sum(Fraction(li["exact"]) for li in lignes) == Fraction(lignes[0]["flux"])
        if all(li["objectif"] is not None for li in lignes):
            assert sum(li["objectif"] for li in lignes) == lignes[0]["a_repartir"]


def test_le_parc_et_l_assiette_se_recomptent(dossier, table):
    parc = trouver(dossier, EXERCICE).parc
    attendu = duckdb.execute(
        f"select count(*) from '{parc}' where bailleur is not null and departement is not null"
    ).fetchone()
    couples = {(li["bailleur"], li["departement"]): li["parc"] for li in table.to_pylist()}
    assert sum(couples.values()) == attendu[0]


def test_les_chiffres_d_un_couple_sont_ceux_de_son_dossier(table, tmp_path):
    """A dossier given the figures of a row computes the rest of the row."""
    ligne = next(
        li
        for li in table.to_pylist()
        if li["departement"] == COUPLE and li["reservataire"] == "etat-prioritaires"
    )
    document = f"""
cadre = "occitanie-2023"
exercice = {EXERCICE}
[bailleur]
nom = "{ligne["bailleur"]}"
[territoire]
echelle = "departement"
code = "{COUPLE}"
[parc]
total = {ligne["parc"]}
date = {EXERCICE - 1}-12-31
[rotation]
definition = "familial_hors_mutations"
taux = "{ligne["taux"]}"
[[reservataires]]
code = "etat-prioritaires"
type = "etat_prioritaires"
reserves = {ligne["reserves"]}
"""
    chemin = tmp_path / "dossier.toml"
    exclus = ligne["parc"] - ligne["assiette"]
    chemin.write_text(
        document.replace("[rotation]", f"exclus = {{ non_eligibles = {exclus} }}\n[rotation]"), "utf-8"
    )
    flux = calculer_dossier(chemin)
    assert str(flux.territoire.exact) == ligne["flux"]
    assert str(flux.reservataires[0].part) == ligne["part"]


def test_la_moyenne_des_baux_n_a_pas_de_taux(dossier):
    table = flux_de_tous(dossier, "mtpm-2023", EXERCICE)
    assert table["taux"].null_count == table.num_rows
    assert pc.sum(table["objectif"]).as_py() > 0


def test_un_cadre_sans_rotation_le_dit_a_chaque_ligne(dossier):
    table = flux_de_tous(dossier, "droit-commun", EXERCICE)
    assert table["empechement"].null_count == 0
    assert table["empechement"][0].as_py().startswith("Aucune rotation")


def test_la_rotation_de_chaque_epci(dossier, table):
    autre = flux_de_tous(dossier, "ddets06-2024", EXERCICE)
    assert autre.num_rows >= 1
    assert autre["flux"].to_pylist() != table["flux"].to_pylist()


def test_les_etapes_se_suivent(dossier):
    dites: list[tuple[str, int, int]] = []
    flux_de_tous(dossier, "occitanie-2023", EXERCICE, suivi=lambda *etape: dites.append(etape))
    assert tuple(dict.fromkeys(etape for etape, _, _ in dites)) == ETAPES
    assert dites[-1][1] == dites[-1][2]


def test_ce_qui_s_execute_se_montre(dossier):
    montre: list[str] = []
    with ecouter(montre.append):
        flux_de_tous(dossier, "occitanie-2023", EXERCICE)
    ensemble = "\n".join(montre)
    for nom in (
        "-- liberations\n",
        "-- reserves\n",
        "-- droits_poses\n",
        "reponse_motif_du_cadre",
        "-- ? = 2025-01-01",
    ):
        assert nom in ensemble


def test_ce_qui_est_montre_se_refait(dossier):
    """A reader runs again what --montrer-sql prints, views first, and finds the table."""
    parc = trouver(dossier, EXERCICE).parc
    ouvrir(parc, charger())  # its classes written: what remains is the count
    options = f"parc etat-des-lieux {parc} --par departement,qpv --format json --montrer-sql"
    rendu = CliRunner().invoke(commandes, options.split())
    assert rendu.exit_code == 0, rendu.output
    con = duckdb.connect()
    for vue, chemin in re.findall(r"^-- (\w+) : (.+\.parquet)$", rendu.stderr, re.MULTILINE):
        con.from_parquet(chemin).create_view(vue)
    *vues, comptage = [bloc for bloc in rendu.stderr.split("\n;\n") if bloc.strip()]
    assert "-- etat_des_lieux\n" in comptage
    for vue in vues:
        con.execute(vue)
    lignes = [tuple(ligne.values()) for ligne in json.loads(rendu.stdout)]
    assert sorted(con.execute(comptage).fetchall(), key=str) == sorted(lignes, key=str)


@pytest.mark.parametrize("manque", ["droits", "liberations"])
def test_un_fichier_manquant_est_dit(dossier, tmp_path, manque):
    for chemin in dossier.iterdir():
        if chemin.stem != manque:
            (tmp_path / chemin.name).symlink_to(chemin)
    with pytest.raises(DossierNationalInvalide, match=f"il manque le fichier « {manque}.parquet »"):
        flux_de_tous(tmp_path, "occitanie-2023", EXERCICE)


def test_un_exercice_sans_millesime_est_dit(dossier, tmp_path):
    with pytest.raises(DossierNationalInvalide, match=rf"exercices possibles : {EXERCICE}\."):
        trouver(dossier, 1999)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "parc-sans-annee.parquet")
    with pytest.raises(DossierNationalInvalide, match="exercices possibles : aucun"):
        trouver(tmp_path, EXERCICE)
    (tmp_path / "parc-x.parquet").write_text("x", "utf-8")
    with pytest.raises(DossierNationalInvalide, match="pas un millésime lisible"):
        trouver(tmp_path, EXERCICE)


def test_un_cadre_inconnu_est_dit(dossier):
    with pytest.raises(DocumentInvalide, match="Le cadre « rien » est inconnu"):
        flux_de_tous(dossier, "rien", EXERCICE)


def test_la_demonstration_est_la_meme_deux_fois(tmp_path):
    un, deux, autre = (
        ecrire_national(tmp_path / nom, 2000, graine)
        for nom, graine in (("un", 1), ("deux", 1), ("autre", 2))
    )
    assert un.parcs[EXERCICE].name == deux.parcs[EXERCICE].name != autre.parcs[EXERCICE].name
    assert un.droits.read_bytes() == deux.droits.read_bytes()
    assert un.liberations.read_bytes() == deux.liberations.read_bytes()


def test_la_demonstration_par_annee(tmp_path, monkeypatch):
    monkeypatch.setattr("partiteur.demo.national.LOGEMENTS", 1000)
    ecrit = ecrire_national(tmp_path, 3000)
    assert list(ecrit.parcs) == [EXERCICE - 2, EXERCICE - 1, EXERCICE]
    numeros = [set(pq.read_table(p, columns=["numero_rpls"])[0].to_pylist()) for p in ecrit.parcs.values()]
    assert numeros[0] == numeros[1] == numeros[2]
    assert {len(n) for n in numeros} == {1000}
    assert flux_de_tous(tmp_path, "occitanie-2023", EXERCICE - 2).num_rows > 1
