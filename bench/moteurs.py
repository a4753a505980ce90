"""The same counts by other means: hand-written SQL on DuckDB, Polars, pandas, and the bound, reading the columns.

Each engine reads the millésime itself, and restates the exclusions of one cadre: that is what the engine of Partiteur
is compared with. A case returns sorted rows (keys then counts), so that engines can be compared row by row.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from partiteur.moteur.execution import MEMOIRE

CLES = ("bailleur", "epci", "contingent", "financement", "typologie", "qpv")
PROPRES = ("bailleur", "epci", "financement", "typologie", "qpv")
FAITS = (
    "usage", "type_construction", "financement", "mode", "contingent", "en_vente", "sortie_patrimoine", "specifique",
)  # fmt: skip
SPECIFIQUES = ("jeunes", "seniors", "plai_adapte")
EXCLU = """(coalesce(contingent = '5', false) or coalesce(financement = '16', false)
    or coalesce(usage in ('etudiant', 'logement_fonction', 'sous_location'), false)
    or coalesce(type_construction = 'E', false) or coalesce(mode = '4', false)
    or coalesce(sortie_patrimoine = '4', false) or coalesce(en_vente, false))"""
NON_FAMILIAL = """(coalesce(usage in ('etudiant', 'foyer_migrants'), false) or coalesce(type_construction = 'E', false)
    or specifique is not null)"""
A_PART = "(coalesce(en_vente, false) or coalesce(sortie_patrimoine = '4', false))"
DU, AU = date(2025, 1, 1), date(2026, 1, 1)
ECARTES = ("mutation", "relogement_anru")
COLONNES = {
    "etat": CLES,
    "assiette": ("bailleur", "departement", *FAITS),
    "rotation": ("numero_rpls", "bailleur", "departement", *FAITS),
    "registre": ("numero_rpls", "programme", *PROPRES),
    "relu": ("numero_rpls", "programme", *PROPRES),
}
LIBERATIONS = ("logement", "date_liberation", "motif")
DROITS = (
    "logement",
    "programme",
    "reservataire",
    "cede_a",
    "nombre",
    "nature",
    "statut",
    "debut",
    "fin",
    "ligne",
)
EN_VIGUEUR = """(debut is null or debut <= date '2025-12-31') and (fin is null or fin >= date '2025-12-31')
    and (dernier_remboursement is null or dernier_remboursement + interval 5 year >= date '2025-12-31')
    and coalesce(statut <> 'non_mobilise', true) and coalesce(nature not in ('unique', 'un_tour'), true)"""
LE = date(2025, 12, 31)
NUMEROS = ("numero_rpls", "logement")
Cas = dict[str, Callable[[], Any]]


def duckdb_a_la_main(dossier: Path) -> Cas:
    """SQL as one would write it for one answer, on the Parquet files."""
    import duckdb

    con = duckdb.connect(config={"memory_limit": MEMOIRE, "preserve_insertion_order": "false"})
    for nom, motif in (("parc", "parc-*"), ("droits", "droits"), ("liberations", "liberations")):
        con.execute(f"create view {nom} as from '{dossier}/{motif}.parquet'")
    familial = f"count(*) filter (not {NON_FAMILIAL} and not {A_PART})"
    sql = {
        "etat": f"select {', '.join(CLES)}, count(*) as logements from parc group by all",
        "assiette": f"""select bailleur, departement, count(*) as parc, count(*) filter (not {EXCLU}) as assiette
            from parc group by all""",
        "rotation": f"""with sorties as (
                select logement, count(*) as n from liberations
                where date_liberation >= date '{DU}' and date_liberation < date '{AU}'
                    and coalesce(motif not in {ECARTES}, true)
                group by logement)
            select bailleur, departement,
                coalesce(sum(n) filter (not {NON_FAMILIAL}), 0)::bigint as departs, {familial} as logements
            from parc left join sorties on logement = numero_rpls group by all having departs + logements > 0""",
        "registre": f"""with vigueur as (select *, coalesce(cede_a, reservataire) as qui from droits where {EN_VIGUEUR}),
            poses as (
                select logement, arg_min(qui, ligne) as qui from vigueur where logement is not null group by logement),
            occupe as (
                select p.bailleur, p.epci, p.financement, p.typologie, p.qpv, p.programme, i.qui
                from parc p left join poses i on i.logement = p.numero_rpls),
            demandes as (select programme, qui, ligne, nombre from vigueur where logement is null),
            libres as (
                select programme, count(*) as n,
                    case when count(distinct bailleur) = 1 and count(bailleur) = count(*) then min(bailleur) end as bailleur,
                    case when count(distinct epci) = 1 and count(epci) = count(*) then min(epci) end as epci,
                    case when count(distinct financement) = 1 and count(financement) = count(*) then min(financement) end
                        as financement,
                    case when count(distinct typologie) = 1 and count(typologie) = count(*) then min(typologie) end
                        as typologie,
                    case when count(distinct qpv) = 1 and count(qpv) = count(*) then min(qpv) end as qpv
                from occupe where qui is null and programme in (select programme from demandes) group by programme),
            retenus as (
                select *, greatest(0, least(nombre, n - coalesce(sum(nombre) over (
                    partition by programme order by ligne rows between unbounded preceding and 1 preceding), 0))) as pris
                from demandes join libres using (programme)),
            lignes as (
                select bailleur, epci, coalesce(qui, 'non_reserve') as qui, financement, typologie, qpv, 1 as n
                from occupe where qui is not null or programme is null or programme not in (select programme from libres)
                union all
                select bailleur, epci, qui, financement, typologie, qpv, pris from retenus
                union all
                select any_value(bailleur), any_value(epci), 'non_reserve', any_value(financement), any_value(typologie),
                    any_value(qpv), any_value(n) - sum(pris) from retenus group by programme)
            select bailleur, epci, qui, financement, typologie, qpv, sum(n)::bigint as logements
            from lignes where n > 0 group by all""",
    }
    sql["relu"] = sql["registre"]  # nothing of it is kept from one run to the next
    return {cas: (lambda texte=texte: con.sql(texte).to_arrow_table()) for cas, texte in sql.items()}


def polars(dossier: Path) -> Cas:
    """Lazy frames, streaming engine."""
    import polars as pl

    parc = pl.scan_parquet(f"{dossier}/parc-*.parquet")
    col = pl.col
    etudiant = (col("usage") == "etudiant").fill_null(False) | (col("type_construction") == "E").fill_null(
        False
    )
    a_part = col("en_vente").fill_null(False) | (col("sortie_patrimoine") == "4").fill_null(False)
    exclu = (
        (col("contingent") == "5").fill_null(False)
        | (col("financement") == "16").fill_null(False)
        | col("usage").is_in(["logement_fonction", "sous_location"]).fill_null(False)
        | etudiant
        | (col("mode") == "4").fill_null(False)
        | a_part
    )
    non_familial = (
        etudiant | (col("usage") == "foyer_migrants").fill_null(False) | col("specifique").is_not_null()
    )

    def rotation() -> Any:
        periode = (col("date_liberation") >= DU) & (col("date_liberation") < AU)
        sorties = (
            pl.scan_parquet(f"{dossier}/liberations.parquet")
            .filter(periode & ~col("motif").is_in(ECARTES).fill_null(False))
            .group_by("logement").agg(pl.len().alias("n"))
        )  # fmt: skip
        joint = parc.join(sorties, left_on="numero_rpls", right_on="logement", how="left")
        departs = col("n").filter(~non_familial).sum().cast(pl.Int64).alias("departs")
        comptes = (~non_familial & ~a_part).sum().cast(pl.Int64).alias("logements")
        return (
            joint.group_by("bailleur", "departement")
            .agg(departs, comptes)
            .filter(col("departs") + col("logements") > 0)
            .collect(engine="streaming")
            .to_arrow()
        )

    def registre() -> Any:
        droits = pl.scan_parquet(f"{dossier}/droits.parquet")
        rembourse = col("dernier_remboursement")
        vigueur = droits.filter(
            (col("debut").is_null() | (col("debut") <= LE)) & (col("fin").is_null() | (col("fin") >= LE))
            & (rembourse.is_null() | (rembourse.dt.offset_by("5y") >= LE))
            & (col("statut") != "non_mobilise").fill_null(True)
            & ~col("nature").is_in(["unique", "un_tour"]).fill_null(False)
        ).with_columns(pl.coalesce("cede_a", "reservataire").alias("qui"))  # fmt: skip
        poses = (
            vigueur.filter(col("logement").is_not_null())
            .group_by("logement").agg(col("qui").sort_by("ligne").first())
        )  # fmt: skip
        demandes = vigueur.filter(col("logement").is_null()).select("programme", "qui", "ligne", "nombre")
        occupe = parc.select("numero_rpls", "programme", *PROPRES).join(
            poses, left_on="numero_rpls", right_on="logement", how="left"
        )
        communs = [
            pl.when((col(c).n_unique() == 1) & (col(c).null_count() == 0)).then(col(c).first()).alias(c)
            for c in PROPRES
        ]
        libres = (
            occupe.filter(col("qui").is_null())
            .join(demandes.select("programme").unique(), on="programme", how="semi")
            .group_by("programme").agg(pl.len().cast(pl.Int64).alias("n"), *communs)
        )  # fmt: skip
        avant = col("nombre").cum_sum() - col("nombre")
        retenus = (
            demandes.join(libres, on="programme").sort("programme", "ligne")
            .with_columns((col("n") - avant.over("programme")).clip(0, col("nombre")).alias("pris"))
        )  # fmt: skip
        reste = retenus.group_by("programme").agg(
            *(col(c).first() for c in PROPRES), pl.lit("non_reserve").alias("qui"),
            (col("n").first() - col("pris").sum()).alias("logements"),
        )  # fmt: skip
        un_a_un = (
            occupe.join(libres.select("programme", pl.lit(1).alias("en_nombre")), on="programme", how="left")
            .filter(col("qui").is_not_null() | col("en_nombre").is_null())
            .with_columns(col("qui").fill_null("non_reserve"))
            .group_by(*PROPRES, "qui").agg(pl.len().cast(pl.Int64).alias("logements"))
        )  # fmt: skip
        cles = (*PROPRES, "qui", "logements")
        lignes = pl.concat(
            [un_a_un.select(cles), retenus.rename({"pris": "logements"}).select(cles), reste.select(cles)]
        )
        comptees = lignes.filter(col("logements") > 0).group_by(*PROPRES, "qui").agg(col("logements").sum())
        return comptees.collect(engine="streaming").to_arrow()

    return {
        "registre": registre,
        "etat": lambda: parc.group_by(CLES).agg(pl.len()).collect(engine="streaming").to_arrow(),
        "assiette": lambda: (
            parc.group_by("bailleur", "departement").agg(pl.len(), (~exclu).sum())
            .collect(engine="streaming").to_arrow()
        ),
        "rotation": rotation,
    }  # fmt: skip


def pandas(dossier: Path) -> Cas:
    """In memory, the columns needed only."""
    import pandas as pd
    import pyarrow as pa

    chemin = next(dossier.glob("parc-*.parquet"))

    def lire(cas: str) -> Any:
        return pd.read_parquet(chemin, columns=list(dict.fromkeys(COLONNES[cas])))

    def masques(p: Any) -> tuple[Any, Any, Any]:
        a_part = (p["en_vente"] == True) | (p["sortie_patrimoine"] == "4")  # noqa: E712
        etudiant = (p["usage"] == "etudiant") | (p["type_construction"] == "E")
        exclu = (p["contingent"] == "5") | (p["financement"] == "16") | (p["mode"] == "4") | etudiant | a_part
        exclu |= p["usage"].isin(["logement_fonction", "sous_location"])
        return exclu, etudiant | (p["usage"] == "foyer_migrants") | p["specifique"].notna(), a_part

    def table(groupes: Any) -> Any:
        return pa.Table.from_pandas(groupes.reset_index(), preserve_index=False)

    def assiette() -> Any:
        p = lire("assiette")
        p["assiette"] = ~masques(p)[0]
        groupes = p.groupby(["bailleur", "departement"], dropna=False)["assiette"]
        return table(groupes.agg(["size", "sum"]))

    def rotation() -> Any:
        p = lire("rotation")
        lus = pd.read_parquet(dossier / "liberations.parquet", columns=list(LIBERATIONS))
        sorties = lus[
            (lus["date_liberation"] >= DU) & (lus["date_liberation"] < AU) & ~lus["motif"].isin(ECARTES)
        ]
        p = p.merge(
            sorties.groupby("logement").size().rename("n"),
            how="left",
            left_on="numero_rpls",
            right_index=True,
        )
        _, non_familial, a_part = masques(p)
        p["departs"] = p["n"].fillna(0).where(~non_familial, 0).astype("int64")
        p["logements"] = (~non_familial & ~a_part).astype("int64")
        sommes = p.groupby(["bailleur", "departement"], dropna=False)[["departs", "logements"]].sum()
        return table(sommes[sommes.sum(axis=1) > 0])

    def registre() -> Any:
        droits = pd.read_parquet(dossier / "droits.parquet")
        rembourse = pd.to_datetime(droits["dernier_remboursement"]) + pd.DateOffset(years=5)
        vigueur = droits[
            (droits["debut"].isna() | (droits["debut"] <= LE)) & (droits["fin"].isna() | (droits["fin"] >= LE))
            & (rembourse.isna() | (rembourse >= pd.Timestamp(LE)))
            & (droits["statut"] != "non_mobilise") & ~droits["nature"].isin(["unique", "un_tour"])
        ].sort_values("ligne")  # fmt: skip
        vigueur = vigueur.assign(qui=vigueur["cede_a"].fillna(vigueur["reservataire"]))
        poses = vigueur[vigueur["logement"].notna()].drop_duplicates("logement")[["logement", "qui"]]
        demandes = vigueur.loc[vigueur["logement"].isna(), ["programme", "qui", "nombre"]]
        p = lire("registre").merge(poses, how="left", left_on="numero_rpls", right_on="logement")
        reserve = p["qui"].notna()
        libres = p[~reserve & p["programme"].isin(demandes["programme"])].groupby("programme")
        communs = {c: libres[c].first().where(libres[c].nunique(dropna=False) == 1) for c in PROPRES}
        par_programme = pd.DataFrame({"n": libres.size(), **communs})
        retenus = demandes.merge(par_programme, left_on="programme", right_index=True)
        avant = retenus.groupby("programme")["nombre"].cumsum() - retenus["nombre"]
        retenus["logements"] = (retenus["n"] - avant).clip(lower=0).clip(upper=retenus["nombre"])
        reste = par_programme["n"] - retenus.groupby("programme")["logements"].sum()
        restes = par_programme.assign(qui="non_reserve", logements=reste)
        un_a_un = p[reserve | ~p["programme"].isin(par_programme.index)].fillna({"qui": "non_reserve"})
        cles = [*PROPRES, "qui"]
        comptes = un_a_un.groupby(cles, dropna=False).size().rename("logements").reset_index()
        lignes = pd.concat([d[[*cles, "logements"]] for d in (comptes, retenus, restes)])
        lignes["logements"] = lignes["logements"].astype("int64")
        return table(lignes[lignes["logements"] > 0].groupby(cles, dropna=False)["logements"].sum())

    return {
        "registre": registre,
        "etat": lambda: table(lire("etat").groupby(list(CLES), dropna=False).size().rename("logements")),
        "assiette": assiette,
        "rotation": rotation,
    }


def borne(dossier: Path, *, numeros: bool = True) -> Cas:
    """What reading costs: the columns of each case, and nothing else.

    Texts are read as dictionaries; `numeros`: those of the dwellings too, though each is said once. Without them, only
    the cases that read some.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    def lire_de(motif: str, colonnes: tuple[str, ...]) -> Any:
        chemin = next(dossier.glob(f"{motif}.parquet"))
        voulues = [champ for champ in pq.read_schema(chemin) if champ.name in colonnes]
        textes = [
            c.name for c in voulues if pa.types.is_string(c.type) and (numeros or c.name not in NUMEROS)
        ]
        return pq.read_table(chemin, columns=[c.name for c in voulues], read_dictionary=textes)

    def lire(cas: str) -> Any:
        table = lire_de("parc-*", COLONNES[cas])
        if cas == "rotation":
            lire_de("liberations", LIBERATIONS)
        if cas in ("registre", "relu"):
            lire_de("droits", DROITS)
        return table.slice(0, 0)

    avec = [cas for cas, colonnes in COLONNES.items() if numeros or not {*NUMEROS}.isdisjoint(colonnes)]
    return {cas: (lambda cas=cas: lire(cas)) for cas in avec}
