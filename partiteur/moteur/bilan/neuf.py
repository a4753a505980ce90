"""The programmes of a dossier beside the first lettings that a journal opened in the period (D7, D26)."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.bilan.source import Source
from partiteur.moteur.journal.forme import lire_json
from partiteur.regles.bilan import Manque, manquer
from partiteur.regles.decompte import Regime
from partiteur.regles.neuf import Ouverture, SuiviProgramme, suivi_des_programmes
from partiteur.regles.vacance.etat import OUVERTURES
from partiteur.regles.vacance.historique import PREMIERE_LOCATION


def programmes(faits: pa.Table, source: Source, du: date, au: date) -> tuple[SuiviProgramme, ...]:
    """Each programme of the dossier that the period may see, and each that only the journal names; none without a dossier.

    `faits`: the events in force. A programme delivered after `au` is left out.
    """
    if source.flux is None:
        return ()
    ici = pc.and_(
        pc.is_in(faits.column("type"), pa.array(OUVERTURES, pa.string())),
        pc.match_substring(faits.column("donnees"), f'"{PREMIERE_LOCATION}"'),
    )
    neuves = faits.filter(ici).select(["vacance", "date_effet", "donnees"]).to_pylist()
    loues = pc.equal(faits.column("type"), "bail_signe")
    louees = set(faits.filter(loues).column("vacance").to_pylist())
    ouvertures = []
    for ligne in neuves:
        donnees = lire_json(ligne["donnees"])
        if (
            du <= date.fromisoformat(ligne["date_effet"]) <= au
            and donnees.get("origine") == PREMIERE_LOCATION
        ):
            ouvertures.append(
                Ouverture(donnees.get("programme"), donnees.get("regime"), ligne["vacance"] in louees)
            )
    livres = [p for p in source.flux.dossier.neuf if p.livraison <= au]
    regime = next((r.neuf for r in source.regimes.values()), Regime.neuf)
    suivis: tuple[SuiviProgramme, ...] = suivi_des_programmes(livres, ouvertures, regime).valeur
    return suivis


def manques_du_neuf(suivis: tuple[SuiviProgramme, ...]) -> Iterator[Manque]:
    """What keeps first lettings from being told programme by programme."""
    sans_code = [s.programme for s in suivis if s.programme and s.code is None]
    if sans_code:
        yield manquer("programme_sans_code", noms=", ".join(f"« {nom} »" for nom in sans_code))
    hors = sum(s.ouvertes for s in suivis if s.programme is None)
    if hors:
        yield manquer("programme_hors_dossier", nombre=hors)
    autres = sum(s.autre_regime for s in suivis)
    if autres:
        yield manquer("programme_autre_regime", nombre=autres)
