"""What a new parc changes against the last one: dwellings that appear, that leave, that are not told the same way."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.execution import connexion, identifiant, lire, requete, vue_table

MONTRES = 20
# What is told of a dwelling and worth saying when it changes; rents and surfaces move every year.
COMPARES = (
    "programme", "commune", "qpv", "typologie", "individuel", "financement", "mode", "usage", "en_vente", "a_demolir",
    "conventionne", "dpe", "contingent", "convention", "specifique",
)  # fmt: skip


@dataclass(frozen=True)
class Changement:
    """A dwelling: nouveau, disparu or change, how it is known, and the columns that differ."""

    quoi: str
    logement: str
    programme: str | None
    colonnes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changements:
    """How many dwellings of each kind, how many by column that differs, the first of each kind; those nobody can match."""

    nouveaux: int
    disparus: int
    changes: int
    identiques: int
    sans_identifiant: int
    colonnes: Mapping[str, int]
    exemples: tuple[Changement, ...]


def comparer_parcs(avant: pa.Table, apres: pa.Table) -> Changements:
    """Compare two canonical parcs, matched on `numero_rpls`, else on `identifiant_interne`."""
    con = connexion()
    vue_table(con, "avant", avant)
    vue_table(con, "apres", apres)
    differe = {c: f"a.{identifiant(c)} is distinct from n.{identifiant(c)}" for c in COMPARES}
    sql = requete(
        "parc_changements",
        ecarts="".join(f",\n    {condition} as change_{c}" for c, condition in differe.items()),
        differe=" or ".join(differe.values()),
    )
    table = lire(con, sql).sort_by([("programme", "ascending"), ("numero_rpls", "ascending")])
    nombres: Counter[Any] = Counter(table.column("quoi").to_pylist())
    changes = table.filter(pc.equal(table.column("quoi"), "change"))
    par_colonne = {c: pc.sum(changes.column(f"change_{c}")).as_py() or 0 for c in COMPARES}
    exemples: list[Changement] = []
    for quoi in ("nouveau", "disparu", "change"):
        lignes = table.filter(pc.equal(table.column("quoi"), quoi)).slice(0, MONTRES).to_pylist()
        exemples += [_changement(ligne) for ligne in lignes]
    sans = sum(1 for ligne in _cles(apres) if ligne is None)
    return Changements(
        nombres["nouveau"],
        nombres["disparu"],
        nombres["change"],
        apres.num_rows - sans - nombres["nouveau"] - nombres["change"],
        sans,
        {c: n for c, n in par_colonne.items() if n},
        tuple(exemples),
    )


def _cles(table: pa.Table) -> list[str | None]:
    cles: list[str | None] = pc.coalesce(
        table.column("numero_rpls"), table.column("identifiant_interne")
    ).to_pylist()
    return cles


def _changement(ligne: Mapping[str, Any]) -> Changement:
    colonnes = tuple(c for c in COMPARES if ligne[f"change_{c}"]) if ligne["quoi"] == "change" else ()
    logement = ligne["identifiant_interne"] or ligne["numero_rpls"]
    return Changement(ligne["quoi"], logement, ligne["programme"], colonnes)
