"""What a parc says of the dwelling of a vacance beyond its class: motifs of exclusion, constraints."""

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partiteur.moteur.millesime import Parc
from partiteur.moteur.orientation.etat import Fiche
from partiteur.regles.vacance import LogementVacant

LUES = ("motifs", "individuel", "specifique", "pmr")
IDENTIFIANTS = ("identifiant_interne", "numero_rpls")  # the second wins


def fiches_du_parc(parc: Parc | None, logements: Iterable[LogementVacant]) -> dict[str, Fiche]:
    """The `Fiche` of each vacance whose dwelling the parc holds, by identifier of vacance."""
    vacances = {lo.vacance: lo.logement for lo in logements if lo.logement}
    if parc is None or not vacances:
        return {}
    noms = pa.array(sorted(set(vacances.values())), pa.string())
    table = parc.table
    if table is None:
        table = pq.read_table(parc.classes, columns=[*IDENTIFIANTS, *LUES])
    lues: dict[str, Mapping[str, object]] = {}
    for identifiant in IDENTIFIANTS:
        trouvees = table.filter(pc.is_in(table.column(identifiant), noms))
        for ligne in trouvees.select([identifiant, *LUES]).to_pylist():
            lues[ligne[identifiant]] = ligne
    return {vacance: _fiche(lues[nom]) for vacance, nom in vacances.items() if nom in lues}


def _fiche(ligne: Mapping[str, object]) -> Fiche:
    specifique = ligne["specifique"]
    individuel, pmr = ligne["individuel"], ligne["pmr"]
    return Fiche(
        tuple(motif for motif in str(ligne["motifs"] or "").split("|") if motif),
        individuel if isinstance(individuel, bool) else None,
        None if specifique is None else specifique == "plai_adapte",
        pmr if isinstance(pmr, bool) else None,
    )
