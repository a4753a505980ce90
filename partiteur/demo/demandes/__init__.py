"""Synthetic demandes: 20,000 for the fictitious territory, millions for the country. Nobody in them exists.

Households, waits, motifs, resources and housing are drawn together by hashes of a number and of the seed; what the
law deduces of them (category, units, occupation, publics, wait) is what the rules answer on the distinct facts.
Figures are plausible orders of size, not statistics: mutations about 43 %, DALO about 3 %.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from partiteur.demo.publie import COMMUNES, DEPARTEMENT
from partiteur.demo.tirage import parts
from partiteur.moteur.appliquer import appliquer
from partiteur.moteur.execution import connexion, garder, lire, vue_table
from partiteur.moteur.geographie import DOSSIER as GEOGRAPHIE
from partiteur.regles.menage import (
    Categorie,
    Menage,
    anciennete_mois,
    categorie_menage,
    famille_monoparentale,
    jeune_menage,
    publics_l441_1,
    sous_occupation,
    sur_occupation,
    unites_consommation,
)
from partiteur.regles.plafonds import plafond_ressources

DEMANDES, DEMANDES_NATIONALES = 20_000, 2_800_000
JOUR = date(2026, 11, 22)
LOT = 200_000
DELAI = 30  # months, of the fictitious département
DIX_MILLE = 10_000


@dataclass(frozen=True)
class Lieu:
    """A commune where demandes are made, and its weight among the others."""

    code: str
    epci: str
    departement: str
    delai: int
    poids: int


def ecrire_demandes(chemin: Path, nombre: int = DEMANDES, graine: int = 2024, jour: date = JOUR) -> Path:
    """Write the demandes of the fictitious territory as a CSV whose columns are the catalogue's variables."""
    lieux = [Lieu(c.code, c.epci, DEPARTEMENT, DELAI, sum(c.parc.values())) for c in COMMUNES]
    con = _ouvrir(lieux)
    table = _lot(con, 0, nombre, graine, jour, None).drop_columns(["epci"])
    colonnes = ", ".join(_texte(champ) for champ in table.schema)
    con.from_arrow(table).project(colonnes).to_csv(str(chemin), sep=";", header=True)
    con.close()
    return chemin


def ecrire_demandes_nationales(
    chemin: Path, nombre: int = DEMANDES_NATIONALES, graine: int = 2024, jour: date = JOUR
) -> Path:
    """Write demandes of the size of France as one Parquet, lot by lot: the same columns, and the EPCI.

    Communes are those of the COG that have an EPCI, one in a hundred heavier than the others.
    """
    con = _ouvrir(_lieux_nationaux())
    seuil: int | None = None
    ecrivain: Any = None
    for du in range(0, nombre, LOT):
        table = _lot(con, du, min(du + LOT, nombre), graine, jour, seuil)
        if ecrivain is None:
            seuil = int(table.column("seuil_premier_quartile")[0].as_py())
            ecrivain = pq.ParquetWriter(chemin, table.schema, compression="zstd")
        ecrivain.write_table(table)
        del table
    ecrivain.close()
    con.close()
    return chemin


def _ouvrir(lieux: Sequence[Lieu]) -> duckdb.DuckDBPyConnection:
    """A connection that knows the ten thousand places to draw from, a commune once for each of its shares."""
    con = connexion()
    con.execute("set preserve_insertion_order = true")
    par_code = {lieu.code: lieu for lieu in lieux}
    combien = parts(DIX_MILLE, {lieu.code: lieu.poids for lieu in lieux})
    tires = [par_code[code] for code, nombre in combien.items() for _ in range(nombre)]
    colonnes = {
        "h": list(range(len(tires))),
        "code": [lieu.code for lieu in tires],
        "epci": [lieu.epci for lieu in tires],
        "departement": [lieu.departement for lieu in tires],
        "delai": [lieu.delai for lieu in tires],
    }
    vue_table(con, "lieux", pa.table(colonnes))
    return con


def _lieux_nationaux() -> list[Lieu]:
    """The communes with an EPCI; a few weigh much more, and each département has a délai of its own."""
    lieux = []
    for rang, ligne in enumerate((GEOGRAPHIE / "communes.csv").read_text("utf-8").splitlines()[1:]):
        code, _, departement, _, epci = ligne.split(";")[:5]
        if epci:
            delai = 12 + 6 * (sum(map(ord, departement)) % 8)
            lieux.append(Lieu(code, epci, departement, delai, 400 if rang % 97 == 0 else 1))
    return lieux


def _lot(
    con: duckdb.DuckDBPyConnection, du: int, au: int, graine: int, jour: date, seuil: int | None
) -> pa.Table:
    """The demandes [du, au[, in order. Without `seuil`, the first quartile is that of the lot itself."""
    nombres = {"du": du, "au": au, "graine": graine, "jour": f"'{jour.isoformat()}'"}
    garder(con, "tires", _sql("tirage", **nombres))
    vue = "tires"
    for nom, faits, regle, sorties in _regles(jour):
        suivante = f"regles_{nom}"
        garder(con, suivante, appliquer(con, vue, faits, regle, sorties))
        vue = suivante
    if seuil is None:
        quart = (
            "select quantile_disc(round(ressources * 120 / unites_dixiemes), 0.25) as q from regles_publics"
        )
        seuil = int(lire(con, quart).column("q")[0].as_py())
    return lire(con, _sql("faits", seuil=seuil, **nombres))


def _regles(jour: date) -> list[tuple[str, list[str], Callable[..., Any], dict[str, Any]]]:
    """What the rules are asked, in order: the facts each reads, and the columns its answer gives."""

    def prendre(nom: str) -> Callable[[Any], Any]:
        return lambda reponse: reponse[nom]

    def colonnes(**types: pa.DataType) -> dict[str, Any]:
        return {nom: (type_, prendre(nom)) for nom, type_ in types.items()}

    booleen, entier = pa.bool_(), pa.int64()

    def attente(depot: date) -> dict[str, Any]:
        return {"anciennete_mois": anciennete_mois(depot, jour).valeur}

    def foyer(
        personnes: int, enfants: int, enfants_14: int, couple: bool, ages: int, handicap: bool
    ) -> dict[str, Any]:
        menage = Menage(personnes, enfants, couple, ages, handicap)
        categorie: Categorie = categorie_menage(menage, jour).valeur
        adultes = personnes - enfants
        unites = unites_consommation(adultes + enfants_14, enfants - enfants_14, jour).valeur
        return {
            "categorie": categorie.numero,
            "plafond": plafond_ressources("PLUS", "autres_regions", categorie, jour).valeur // 100,
            "unites_dixiemes": int(unites * 10),
            "jeune_menage": jeune_menage(menage, jour).valeur,
            "famille_monoparentale": famille_monoparentale(adultes, couple, enfants).valeur,
        }

    def occupation(surface: int | None, pieces: int | None, occupants: int) -> dict[str, Any]:
        return {
            "sur_occupation": sur_occupation(surface, occupants, jour).valeur,  # type: ignore[arg-type]
            "sous_occupation": sous_occupation(pieces if pieces != 6 else None, occupants, jour).valeur,
        }

    faits_publics = [
        "statut", "handicap", "sortie_act", "pdalhpd", "reprise_activite", "habitat_indigne", "violences", "viol_agression",
        "sortie_prostitution", "victime_traite", "mineurs", "sur_occupation", "non_decent", "menace_expulsion",
        "sortant_ase",
    ]  # fmt: skip

    @cache
    def publics(statut: str, *vrais: bool | None) -> dict[str, Any]:
        f = dict(zip(faits_publics[1:], vrais, strict=True))
        situation = {
            **{
                n: f[n]
                for n in (
                    "handicap",
                    "sortie_act",
                    "reprise_activite",
                    "habitat_indigne",
                    "sortie_prostitution",
                )
            },
            **{n: f[n] for n in ("victime_traite", "non_decent", "menace_expulsion", "sortant_ase")},
            "mal_loge": f["pdalhpd"],
            "violences_couple": f["violences"],
            "ordonnance_protection": f["violences"],
            "viol_agression_domicile": f["viol_agression"],
            "interdiction_judiciaire": f["viol_agression"],
            "enfant_mineur_a_charge": f["mineurs"],
            "manifestement_suroccupe": f["sur_occupation"],
            "sans_relogement": f["menace_expulsion"],
        }
        return {"publics_l441_1": list(publics_l441_1(situation, statut, ()).valeur.reconnus)}

    return [
        ("attente", ["date_depot"], attente, colonnes(anciennete_mois=entier)),
        (
            "foyer",
            ["personnes", "enfants", "enfants_14", "couple", "somme_ages", "handicap"],
            foyer,
            colonnes(
                categorie=entier,
                plafond=entier,
                unites_dixiemes=entier,
                jeune_menage=booleen,
                famille_monoparentale=booleen,
            ),
        ),
        (
            "occupation",
            ["surface", "pieces", "occupants"],
            occupation,
            colonnes(sur_occupation=booleen, sous_occupation=booleen),
        ),
        ("publics", faits_publics, publics, colonnes(publics_l441_1=pa.list_(pa.string()))),
    ]


def _texte(champ: pa.Field) -> str:
    """How a column is written in a CSV: lists with bars, « aucun » for none, numbers without idle zeros."""
    nom = champ.name
    if pa.types.is_list(champ.type):
        liste = f"array_to_string({nom}::varchar[], '|')"
        return f"case when len({nom}) = 0 then 'aucun' else {liste} end as {nom}"
    if pa.types.is_decimal(champ.type):
        return f"rtrim(rtrim({nom}::varchar, '0'), '.') as {nom}"
    if pa.types.is_boolean(champ.type):
        return f"case when {nom} then 'oui' when not {nom} then 'non' end as {nom}"
    return nom


def _sql(nom: str, **trous: object) -> str:
    """The text of a query beside, its $names filled with what this module builds."""
    texte = resources.files(__package__).joinpath(f"{nom}.sql").read_text("utf-8")
    for cle, valeur in sorted(trous.items(), reverse=True):
        texte = texte.replace(f"${cle}", str(valeur))
    return texte.strip()
