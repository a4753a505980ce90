"""What nobody entered: a mise à disposition validated by the silence of its réservataire (D47).

Where a convention says that silence is an agreement, the validation is put in the account on the last day to answer,
without anybody's writing. It is in no file and no chain.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.forme import FAITS, evenement_de, textes
from partiteur.moteur.journal.lecture import masquer
from partiteur.regles.decompte.regime import VAUT_VALIDATION
from partiteur.regles.delais import effet_du_silence
from partiteur.regles.vacance import Evenement, Limites, retenir

REPONSES = ("validation", "declinaison", "designation", "delai_expire")
FINS = ("conge_retracte", "bail_signe", "vacance_close", "mise_a_disposition")


def avec_silences(table: pa.Table, limites: Mapping[str, Limites], au: date | None) -> pa.Table:
    """The events that count, then the validations that silence makes by `au`; none without a date."""
    if au is None:
        return table
    termes = {nom: lues.silence for nom, lues in limites.items() if lues.silence and lues.silence < au}
    if not termes:
        return table
    offres = pc.is_in(table.column("evenement"), pa.array(list(termes), pa.string()))
    vises = pc.is_in(table.column("vacance"), pc.unique(table.column("vacance").filter(offres)))
    vacances = defaultdict(list)
    for ligne in table.filter(vises).select(list(FAITS)).to_pylist():
        vacances[ligne["vacance"]].append(evenement_de(ligne))
    tacites = [textes(e) for evenements in vacances.values() for e in _tacites(evenements, termes, au)]
    if not tacites:
        return table
    lues = pa.table({nom: pa.array([t[nom] for t in tacites], pa.string()) for nom in FAITS})
    lues = lues.append_column("gabarit", masquer(lues.column("donnees")))
    lues = lues.append_column("retenu", pa.repeat(pa.scalar(True), lues.num_rows))
    return pa.concat_tables([table, lues.select(table.column_names)]).unify_dictionaries().combine_chunks()


def _tacites(evenements: list[Evenement], termes: Mapping[str, date], au: date) -> Iterator[Evenement]:
    """The validations by silence of one vacance: no answer, nor any end, between the offer and its term."""
    effectifs = retenir(evenements, None, None)
    for rang, offre in enumerate(effectifs):
        terme = termes.get(offre.evenement)
        if terme is None or offre.type != "mise_a_disposition":
            continue
        suite = effectifs[rang + 1 :]
        reponse = next((e.date_effet for e in suite if _repond(e, offre.reservataire)), None)
        le = effet_du_silence(terme, VAUT_VALIDATION, reponse, au).valeur
        if le is not None:
            yield Evenement(
                f"{offre.evenement}:silence",
                offre.vacance,
                "validation",
                le,
                datetime.combine(le + timedelta(days=1), time()),
                offre.auteur,
                reservataire=offre.reservataire,
                donnees={"tacite": True},
            )


def _repond(evenement: Evenement, reservataire: str | None) -> bool:
    """Whether an event is the réservataire's answer, or takes the dwelling from it."""
    if evenement.type in REPONSES:
        return evenement.reservataire == reservataire
    if evenement.type == "retrait":
        return evenement.reservataire in (reservataire, None)
    return evenement.type in FINS
