"""The classes of a millésime: what the law says of each dwelling, asked once and written beside it (E3).

With them go the columns that are counted, so that a count reads one file. Disposable, rebuilt on demand.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import cache
from itertools import chain, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partiteur.moteur import appliquer
from partiteur.moteur.appliquer import repondre
from partiteur.moteur.execution import noter, version
from partiteur.moteur.fichiers import sans_nom
from partiteur.regles.assiette import famille_financement, motifs_exclusion, typologie_groupee
from partiteur.regles.faits import Logement
from partiteur.regles.socle import RACINE

FAITS = tuple(champ.name for champ in fields(Logement))
SOURCES = (
    Path(__file__),
    Path(appliquer.__file__),
    RACINE / "assiette.py",
    *(RACINE / "baremes" / f"{nom}.toml" for nom in ("exclus", "financement", "typologies")),
)
# What is counted or named one by one; the rest of a dwelling stays in its millésime, read from there.
COMPTEES = (
    "numero_rpls", "identifiant_interne", "ligne", "bailleur", "programme", "commune", "epci", "departement",
    "region", "qpv", "typologie", "individuel", "financement", "famille_financement", "annee_construction",
    "annee_mise_en_location", "mode", "usage", "en_vente", "a_demolir", "conventionne", "pmr", "dpe", "contingent",
    "convention", "specifique",
)  # fmt: skip
LUES = tuple(dict.fromkeys((*COMPTEES, *FAITS, "date_bail")))
NOMS = ("numero_rpls", "identifiant_interne")  # one a dwelling: a dictionary of them would hold them all
FILTREES = ["departement", "epci", "commune"]  # their least and greatest spare groups of rows
LIGNES_D_UN_GROUPE = 122_880  # small enough for the groups of one bailleur to be shared between processors
EXCLUSION = {
    nom: (pa.string(), itemgetter(rang))
    for rang, nom in enumerate(("motifs", "inconnus", "famille_financement"))
}
TYPOLOGIE = {"typologie_groupe": (pa.string(), lambda r: r.valeur)}
Regle = Callable[..., Any]


def version_des_regles() -> str:
    """A short digest of all the classes come from: the rules and barèmes, and the code that asks them."""
    return version(SOURCES)


def classer(table: pa.Table) -> pa.Table:
    """The rows of a parc in memory with their classes: see `_classer`."""
    classee = _classer(table, table.column_names, exclusion_et_famille)
    types = [c.type.value_type if pa.types.is_dictionary(c.type) else c.type for c in classee.schema]
    return classee.cast(pa.schema(list(zip(classee.column_names, types, strict=True))))


def ecrire_classes(chemin: Path, classes: Path) -> None:
    """Write the classes of a millésime, with what is counted of each dwelling: a file whole or absent.

    Texts stay the dictionaries they are in the millésime, and a group of rows is classed while another is written.
    """
    textes = [c.name for c in pq.read_schema(chemin) if pa.types.is_string(c.type) and c.name not in NOMS]
    regle = cache(exclusion_et_famille)
    noter(f"{classes.name} : les classes de {chemin}")
    with pq.ParquetFile(chemin, read_dictionary=textes) as lus, sans_nom(classes.parent) as (fichier, nommer):

        def lire(groupe: int) -> pa.Table:
            return _classer(lus.read_row_group(groupe, LUES, use_threads=False), COMPTEES, regle)

        schema = _classer(lus.schema_arrow.empty_table(), COMPTEES, regle).schema
        with pq.ParquetWriter(
            f"/proc/self/fd/{fichier.fileno()}", schema, version="2.6", data_page_version="2.0",
            compression="snappy", use_dictionary=[c.name for c in schema if pa.types.is_dictionary(c.type)],
            write_statistics=FILTREES, store_schema=False, max_rows_per_page=LIGNES_D_UN_GROUPE,
        ) as ecrivain:  # fmt: skip
            for lot in _en_avance(lire, lus.num_row_groups):
                ecrivain.write_table(lot, LIGNES_D_UN_GROUPE)
        nommer(classes, premier=True)


def _en_avance(faire: Callable[[int], pa.Table], combien: int) -> Iterator[pa.Table]:
    """`faire` of 0, 1… in order, one of them made while the one before is used."""
    with ThreadPoolExecutor(1) as a_cote:
        futurs = (a_cote.submit(faire, rang) for rang in range(combien))
        for futur, _ in pairwise(chain(futurs, (None,))):  # the next is begun before this one is given
            assert futur
            yield futur.result()


def _classer(lot: pa.Table, colonnes: Sequence[str], regle: Regle) -> pa.Table:
    """The columns asked of some rows, in their order, with their classes.

    Adds `motifs` and `inconnus` (motifs of exclusion, found and undecidable, joined by « | »), the
    `famille_financement` where the file gave none, `typologie_groupe`, `annee_bail`.
    """
    dites = repondre(lot, FAITS, regle, EXCLUSION) | repondre(
        lot, ("typologie",), typologie_groupee, TYPOLOGIE
    )
    dites["annee_bail"] = pc.year(lot.column("date_bail")).cast(pa.int32())
    return pa.table({nom: lot.column(nom) for nom in colonnes} | dites)


def exclusion_et_famille(*faits: Any) -> tuple[str, str, str | None]:
    """What two rules say of the facts of a `Logement`: motifs of exclusion, undecidable ones, family of financing."""
    logement = Logement(*faits)
    exclusion = motifs_exclusion(logement).valeur
    famille = famille_financement(logement.financement, logement.famille_financement).valeur
    return "|".join(exclusion.motifs), "|".join(exclusion.inconnus), famille
