"""Reads the register of rights against a parc: which dwellings are reserved, to whom, and what does not fit (D15)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa

from partiteur.moteur.appliquer import appliquer
from partiteur.moteur.execution import (
    Connexion,
    executer,
    garder,
    requete,
    table_de,
    vue_parquet,
    vue_sql,
    vue_table,
)
from partiteur.regles.droits import droit_en_vigueur
from partiteur.regles.socle import Avertissement, Resultat, avertir

TYPES_IDENTIFIES = {"numero": pa.string(), "reservataire": pa.string(), "conteste": pa.bool_()}
TYPES_NOMBRES = {
    "programme": pa.string(),
    "reservataire": pa.string(),
    "conteste": pa.bool_(),
    "nombre": pa.int64(),
}
FAITS_DU_DROIT = ("debut", "fin", "nature", "statut", "dernier_remboursement")


@dataclass(frozen=True)
class Registre:
    """The rights in force at a date: on identified dwellings, and as numbers in a programme."""

    identifies: tuple[tuple[str, str, bool], ...]
    nombres: tuple[tuple[str, str, bool, int], ...]
    comptes_a_part: dict[str, int]


@dataclass(frozen=True)
class RegistreEnFichier:
    """A register of the size of a country, as Parquet (columns of D15, `ligne`), read at a date by the engine itself."""

    chemin: Path
    a_la_date: date


def registre_au(table: pa.Table, a_la_date: date) -> Registre:
    """The rights of a register that count at a date, each held by the one it was ceded to, if any."""
    identifies, nombres = [], []
    a_part: dict[str, int] = defaultdict(int)
    for droit in table.to_pylist():
        etat = droit_en_vigueur(
            droit["debut"],
            droit["fin"],
            droit["nature"],
            droit["statut"],
            a_la_date,
            droit["dernier_remboursement"],
        )
        titulaire, conteste = droit["cede_a"] or droit["reservataire"], etat.code == "conteste"
        if not etat.valeur:
            a_part[etat.code] += droit["nombre"]
        elif droit["logement"]:
            identifies.append((droit["logement"], titulaire, conteste))
        else:
            nombres.append((droit["programme"], titulaire, conteste, droit["nombre"]))
    return Registre(tuple(identifies), tuple(nombres), dict(a_part))


def poser(con: Connexion, registre: Registre | RegistreEnFichier, source: str) -> tuple[Avertissement, ...]:
    """Register `identifies` and `nombres` for the dwellings of the view `source`; say what does not fit.

    A dwelling holds one right, the first of the register; a programme holds no more rights than free dwellings.
    """
    situer(con, registre, source)
    return dire(con)


def situer(con: Connexion, registre: Registre | RegistreEnFichier, source: str) -> None:
    """The views of `poser`; `numeros`, its dwellings by number; `depassements` and `ecarts`, what does not fit.

    One kind of register a connection.
    """
    if isinstance(registre, Registre):
        vue_table(con, "droits_identifies", _en_table(registre.identifies, TYPES_IDENTIFIES))
        vue_table(con, "droits_nombres", _en_table(registre.nombres, TYPES_NOMBRES))
    else:
        _lire_au(con, registre)
    vue_sql(con, "numeros", requete("droits_numeros", source=source))
    vue_sql(con, "numeros_du_parc", requete("droits_numeros", source="parc"))
    garder(con, "droits_situes", requete("droits_situes"))
    garder(con, "identifies", requete("droits_poses"))
    garder(con, "libres", requete("droits_libres", source=source))
    garder(con, "nombres", requete("droits_bornes"))
    vue_sql(con, "depassements", requete("droits_depassements"))
    vue_sql(con, "ecarts", requete("droits_ecarts"))


def dire(con: Connexion) -> tuple[Avertissement, ...]:
    """What does not fit, of the rights posed."""
    avertissements = [
        avertir("droits_superieurs_programme", programme=programme, droits=demandes, logements=logements)
        for programme, demandes, logements, _ in sorted(
            executer(con, "select programme, demandes, logements, premier from depassements"),
            key=itemgetter(3),
        )
    ]
    sans = dict(executer(con, "select connu, nombre from ecarts"))
    for connu, code in ((1, "droits_hors_assiette"), (0, "droits_sans_logement")):
        avertissements += [avertir(code, nombre=sans[connu])] if connu in sans else []
    return tuple(avertissements)


def _en_table(lignes: Sequence[tuple[Any, ...]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """The rights of a register in its order, `rang`."""
    colonnes = {nom: [ligne[i] for ligne in lignes] for i, nom in enumerate(types)}
    return table_de({"rang": range(len(lignes)), **colonnes}, {"rang": pa.int32(), **types})


def _lire_au(con: Connexion, registre: RegistreEnFichier) -> None:
    """The rights that count at a date, the rule asked once a combination; the view `droits_lus` holds them all."""

    def en_vigueur(*faits: Any) -> Resultat:
        debut, fin, nature, statut, dernier_remboursement = faits
        return droit_en_vigueur(debut, fin, nature, statut, registre.a_la_date, dernier_remboursement)

    sorties = {
        "compte": (pa.bool_(), lambda r: r.valeur),
        "conteste": (pa.bool_(), lambda r: r.code == "conteste"),
        "etat": (pa.string(), lambda r: r.code),
    }
    vue_parquet(con, "droits", registre.chemin)
    vue_sql(con, "droits_lus", appliquer(con, "droits", FAITS_DU_DROIT, en_vigueur, sorties))
    commun = "select d.ligne as rang, coalesce(d.cede_a, d.reservataire) as reservataire, d.conteste"
    comptes = "from droits_lus d where d.compte and d.logement"
    vue_sql(con, "droits_identifies", f"{commun}, d.logement as numero {comptes} is not null")
    en_nombre = f"{commun}, d.programme, cast(d.nombre as bigint) as nombre"
    garder(con, "droits_nombres", f"{en_nombre} {comptes} is null")  # four queries read them
