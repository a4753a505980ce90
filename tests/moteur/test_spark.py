"""Spark says what DuckDB says: every table of the engine, row by row, from one text of SQL."""

import re
from datetime import date
from importlib import resources
from pathlib import Path

import nationaux
import poche
import pyarrow as pa
import pytest

from partiteur.moteur.cadre import charger_cadre
from partiteur.moteur.droits import RegistreEnFichier, poser, registre_au
from partiteur.moteur.etats import AXES, compter_droits, etat_des_lieux
from partiteur.moteur.execution import connexion, executer, lire, requete, vue_parquet, vue_table
from partiteur.moteur.flux.comptes import vue_assiette
from partiteur.moteur.geographie import charger
from partiteur.moteur.millesime import TOUT, Territoire, ouvrir, vue
from partiteur.moteur.national import flux_de_tous
from partiteur.moteur.rotation import compter_rotation, liberations
from partiteur.moteur.spark import SparkImpossible, ouvrir_spark
from partiteur.regles.rotation import definition

AXES_PROPRES = tuple(axe for axe in AXES if axe != "reservataire")
NOEL = date(2025, 12, 31)
pytestmark = pytest.mark.xdist_group("spark")  # one session for the module, whatever the workers
REQUETES = resources.files("partiteur.moteur") / "requetes"


@pytest.fixture(scope="module")
def dossier(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("national")


@pytest.fixture(scope="module")
def national(dossier):
    return nationaux.national(dossier)


@pytest.fixture(scope="module")
def moteurs(spark, national):
    """Both engines, with the same views posed."""
    parc = ouvrir(national.parcs[nationaux.EXERCICE], charger())
    cadre = charger_cadre("occitanie-2023", Path())
    dits = []
    for con in (connexion(), spark):
        vue(con, parc, TOUT)
        vue_parquet(con, "liberations", national.liberations)
        vue_assiette(con, cadre, sem=False)
        avertissements = poser(con, RegistreEnFichier(national.droits, NOEL), "assiette")
        dits.append((con, avertissements))
    return dits


def triees(lignes) -> list[tuple]:
    return sorted(lignes, key=lambda ligne: [(v is not None, str(v)) for v in ligne])


def memes(moteurs, sql: str, parametres=()) -> list[tuple]:
    """The rows of a query, the same on both engines, with the same Arrow types."""
    (duckdb, _), (spark, _) = moteurs
    attendue, obtenue = lire(duckdb, sql, parametres), lire(spark, sql, parametres)
    assert obtenue.schema.equals(attendue.schema), sql
    lignes = triees(zip(*(c.to_pylist() for c in attendue.columns), strict=True))
    assert triees(zip(*(c.to_pylist() for c in obtenue.columns), strict=True)) == lignes, sql
    return lignes


def test_le_parc_a_de_quoi_diviser_les_moteurs(moteurs):
    departements = dict(memes(moteurs, requete("etat_des_lieux", axes="departement", source="parc")))
    assert min(departements["2A"], departements["971"], departements[None]) > 0
    assert len(memes(moteurs, "select ligne, motifs, inconnus, annee_bail from parc")) == nationaux.LOGEMENTS


@pytest.mark.parametrize("table", ["droits_identifies", "droits_nombres", "droits_situes", "libres"])
def test_les_droits_lus(moteurs, table):
    assert memes(moteurs, f"select * from {table}")


def test_les_droits_poses(moteurs):
    lignes = memes(moteurs, requete("poses"))
    assert {ligne[0] for ligne in lignes} == {"identifie", "nombre", "depassement", "ecart"}


def test_les_ecarts_du_registre(moteurs):
    (_, attendus), (_, obtenus) = moteurs
    assert obtenus == attendus
    assert {a.code for a in attendus} == {
        "droits_superieurs_programme", "droits_hors_assiette", "droits_sans_logement",
    }  # fmt: skip


def test_les_etats_des_lieux_et_l_assiette(moteurs):
    axes = "bailleur, epci, contingent, financement, typologie, qpv"
    memes(moteurs, requete("etat_des_lieux", axes=axes, source="parc"))
    lignes = memes(
        moteurs, requete("etat_des_lieux", axes="bailleur, departement, motif, inconnus", source="retenu")
    )
    assert {None} < {motif for _, _, motif, _, _ in lignes}


def test_chaque_axe(moteurs):
    memes(moteurs, requete("etat_des_lieux", axes=", ".join(AXES_PROPRES), source="parc"))


def test_les_etats_des_lieux_du_registre(moteurs):
    axes = ("bailleur", "epci", "reservataire", "conteste", "financement", "typologie", "qpv")
    (duckdb, _), (spark, _) = moteurs
    lignes = triees(compter_droits(duckdb, axes, "assiette"))
    assert triees(compter_droits(spark, axes, "assiette")) == lignes
    assert sum(ligne[-1] for ligne in lignes) == executer(duckdb, "select count(*) from assiette")[0][0]


def test_l_etat_des_lieux_du_parc_et_de_son_registre(spark, national):
    parc = ouvrir(national.parcs[nationaux.EXERCICE], charger())
    axes, registre = ("bailleur", "reservataire", "epci", "qpv"), RegistreEnFichier(national.droits, NOEL)
    attendu = etat_des_lieux([parc], axes, registre)
    assert etat_des_lieux([parc], axes, registre, lambda: spark) == attendu
    assert attendu.total == nationaux.LOGEMENTS


def test_la_rotation(moteurs):
    (duckdb, _), (spark, _) = moteurs
    for axes in (("commune", "epci", "departement"), ("bailleur", "departement")):
        attendues = triees(liberations(duckdb, date(2025, 1, 1), date(2026, 1, 1), axes))
        assert triees(liberations(spark, date(2025, 1, 1), date(2026, 1, 1), axes)) == attendues
        assert any(ligne[0] is None for ligne in attendues)
        memes(moteurs, requete("baux", axes=", ".join(axes), source="parc"))
        memes(moteurs, requete("comptes", axes=", ".join(axes), source="parc"))
    vide = (date(1900, 1, 1), date(1901, 1, 1))
    assert liberations(spark, *vide) == liberations(duckdb, *vide) == []
    for code in ("familial_hors_mutations", "moyenne_3_ans", "emmenagements_rpls"):
        definie = definition(code, ("pli",))
        attendu, obtenu = (
            compter_rotation(c, definie, 2026, NOEL).rotation(Territoire("departement", "2A"))
            for c, _ in moteurs
        )
        assert obtenu == attendu


def test_le_detail_et_la_rotation_par_reservataire(moteurs):
    titulaires = pa.table({"ligne": pa.array([4, 7], pa.int32()), "reservataire": ["als", "ville"]})
    titulaires = titulaires.append_column("debut", pa.array([NOEL, None])).append_column(
        "fin", pa.array([None, NOEL])
    )
    for con, _ in moteurs:
        vue_table(con, "titulaires", titulaires)
        vue_table(con, "programmes", pa.table({"programme": ["P0000001"]}))
    memes(moteurs, requete("detail"))
    sql = requete("rotation_reservataires", titulaire="coalesce(t.reservataire, 'non_reserve')")
    du, au = date(2025, 1, 1), date(2026, 1, 1)
    memes(moteurs, sql, [du, au, du, au])


def test_le_flux_de_tous(spark, national, dossier):
    attendue = flux_de_tous(dossier, "occitanie-2023", nationaux.EXERCICE)
    assert flux_de_tous(dossier, "occitanie-2023", nationaux.EXERCICE, moteur=lambda: spark).equals(attendue)
    assert {"2A", "971"} <= set(attendue["departement"].to_pylist())


def test_un_parc_lu_sur_place(spark):
    parcs = [
        poche.parc(
            {"numero_rpls": "1", "qpv": True}, {"programme": "P"}, {"programme": "P", "lieu": "99001"}
        ),
        poche.parc(),
    ]
    registre = registre_au(
        poche.droits({"logement": "1", "reservataire": "ville"}, {"programme": "P", "reservataire": "etat"}),
        NOEL,
    )
    axes = ("reservataire", "qpv", "commune")
    for lus, lu in (parcs[:1], registre), (parcs, None):
        assert etat_des_lieux(lus, axes, lu, lambda: spark) == etat_des_lieux(lus, axes, lu)


def test_vue_d_un_perimetre(spark, national):
    parc = ouvrir(national.parcs[nationaux.EXERCICE], charger())
    comptes = []
    for con in (connexion(), spark):
        vue(con, parc, Territoire("departement", "2A"))
        comptes.append(executer(con, "select departement, count(*) from parc group by departement"))
    assert comptes[0] == comptes[1]
    assert comptes[0][0][1] > 0


@pytest.mark.parametrize("adresse", ["spark://127.0.0.1:1", "n'importe quoi"])
def test_une_adresse_sans_spark_est_dite(adresse, monkeypatch):
    from pyspark.sql import SparkSession

    def refuser(_):
        raise RuntimeError("no master")

    monkeypatch.setattr(SparkSession.Builder, "getOrCreate", refuser)
    with pytest.raises(SparkImpossible, match=re.escape(f"Spark ne répond pas à « {adresse} »")):
        ouvrir_spark(adresse)


def test_sans_pyspark_on_dit_comment_l_avoir(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    with pytest.raises(SparkImpossible, match=r"pip install 'partiteur\[spark\]'"):
        ouvrir_spark("local[2]")


FAUTES = {
    "un nom entre guillemets": r'"',
    "une barre oblique inverse": r"\\",
    "un tri de fenêtre sans NULLS": r"order by (?:(?!nulls (?:first|last))[^)])*\)",
    "une somme non bornée": r"(?<!cast\()(?<!cast\(\n)\bsum\((?!.*\bover\b)[^)]*\)(?! > )",
    "un nom de fichier": r"parquet|read_csv|\.csv",
    "une arithmétique de dates": r"interval|date_diff|datediff|date_add|date_sub",
    "un arrondi ou un flottant": r"\bround\(|\bdouble\b|\bfloat\b",
    "une agrégation ordonnée de textes": r"string_agg|group_concat|listagg|array_agg",
    "un type qu'un seul moteur connaît": r"\bvarchar\b|\bhugeint\b|::",
    "une division": r"(?<!-)/(?!\*)",
}


def requetes() -> list[str]:
    """The queries that count dwellings; those of the journal's events say for themselves what they need."""
    noms = sorted(r.name for r in REQUETES.iterdir())
    return [nom for nom in noms if nom.endswith(".sql") and not nom.startswith(("journal", "bilan"))]


@pytest.mark.parametrize("nom", requetes())
def test_le_sql_est_portable(nom):
    lignes = (REQUETES / nom).read_text("utf-8").splitlines()
    texte = "\n".join(ligne for ligne in lignes if not ligne.lstrip().startswith("--"))
    fautes = {quoi for quoi, motif in FAUTES.items() if re.search(motif, texte, re.IGNORECASE)}
    if nom in ("droits_bornes.sql", "etat_des_lieux_droits.sql"):
        fautes -= {"une somme non bornée"}  # inner sums, cast where they come out
    assert fautes == set()


@pytest.mark.parametrize(
    ("quoi", "fautif"),
    [
        ("un nom entre guillemets", 'select "a" from p'),
        ("une barre oblique inverse", "select '\\d'"),
        ("un tri de fenêtre sans NULLS", "row_number() over (partition by a order by b desc)"),
        ("une somme non bornée", "select sum(n) as n from p"),
        ("un nom de fichier", "select * from read_parquet('x')"),
        ("une arithmétique de dates", "select d + interval 1 day"),
        ("un arrondi ou un flottant", "select round(a)"),
        ("une agrégation ordonnée de textes", "select string_agg(a)"),
        ("un type qu'un seul moteur connaît", "cast(a as varchar)"),
        ("une division", "select a / b"),
    ],
)
def test_chaque_faute_de_sql_se_voit(quoi, fautif):
    assert re.search(FAUTES[quoi], fautif)
