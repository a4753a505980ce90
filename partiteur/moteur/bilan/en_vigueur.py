"""The events in force of a journal at the end of a period, as a table the bilan's queries read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal import Contexte, Journal
from partiteur.moteur.journal.forme import FAITS, ecrire_instant, evenement_de, textes
from partiteur.regles.vacance import Refus, Tenue, retenir, tenir

LUES = (
    "evenement",
    "vacance",
    "logement",
    "type",
    "date_effet",
    "auteur",
    "reservataire",
    "motif",
    "donnees",
)


@dataclass(frozen=True)
class EnVigueur:
    """`table`: texts of LUES, `rang` (order of the facts) and `jour` (days since 1970), of the events in force.

    `refus`: every event that cannot be, named. `connu_jusqu_a`: the latest entry taken into account, None for none.
    """

    table: pa.Table
    refus: tuple[Refus, ...]
    connu_jusqu_a: str | None

    def dans(self, vacances: frozenset[str] | None) -> pa.Table:
        """The rows of some vacances, of all for None."""
        if vacances is None:
            return self.table
        return self.table.filter(
            pc.is_in(self.table.column("vacance"), pa.array(sorted(vacances), pa.string()))
        )


def en_vigueur(
    journal: Journal, contexte: Contexte, au: date, connu_le: datetime | None, refuses: int
) -> EnVigueur:
    """The events in force at `au`, as known on `connu_le`; `refuses`: how many the account kept with `contexte` refused.

    A vacance with a rectification, or any when some event is refused, is folded event by event; others are read as they are.
    """
    table = journal.table.select([*FAITS, "retenu"])
    if journal.acceptees < table.num_rows:
        table = table.filter(table.column("retenu"))
    if connu_le is not None:
        table = table.filter(pc.less_equal(table.column("date_saisie"), ecrire_instant(connu_le)))
    refus: tuple[Refus, ...] = ()
    vacances = table.column("vacance")
    a_plier = pc.unique(vacances.filter(pc.equal(table.column("type"), "rectification")))
    if refuses:
        refus = _tenir(table.to_pylist(), contexte).refus
        fautifs = pc.is_in(table.column("evenement"), pa.array([r.evenement for r in refus], pa.string()))
        a_plier = pc.unique(pa.concat_arrays([a_plier, pc.unique(vacances.filter(fautifs))]))
    plies = pc.is_in(vacances, a_plier)
    gardees = pc.and_not(pc.less_equal(table.column("date_effet"), au.isoformat()), plies)
    directs = table.select(list(LUES)).filter(gardees)
    lus = [directs]
    lus.append(_plier(table.filter(plies), contexte, au))
    retenus = pa.concat_tables(lus)
    rangs = pa.array(range(retenus.num_rows), pa.int64())
    jours = pc.cast(pc.cast(retenus.column("date_effet"), pa.date32()), pa.int32())
    dernier = pc.max(table.column("date_saisie")).as_py()
    return EnVigueur(retenus.append_column("rang", rangs).append_column("jour", jours), tuple(refus), dernier)


def _tenir(lignes: Iterable[Mapping[str, Any]], contexte: Contexte) -> Tenue:
    """Rows judged as the account judges them."""
    return tenir([evenement_de(ligne) for ligne in lignes], contexte.organisations, contexte.limites)


def _plier(table: pa.Table, contexte: Contexte, au: date) -> pa.Table:
    """The rows in force of some vacances, each folded by the rules."""
    par_vacance: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for ligne in table.to_pylist():
        par_vacance[ligne["vacance"]].append(ligne)
    lignes = []
    for ecrits in par_vacance.values():
        tenue = _tenir(ecrits, contexte)
        lignes += [textes(e) for e in retenir(tenue.inscrits, au, None)]
    return pa.table({nom: pa.array([ligne[nom] for ligne in lignes], pa.string()) for nom in LUES})
