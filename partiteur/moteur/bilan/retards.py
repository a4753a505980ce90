"""What was late in a year, by party: answers, designations, the candidates' answers, offers too short (D42, D43)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.forme import lire_json
from partiteur.regles.bilan import duree_mediane, retard
from partiteur.regles.delais import terme_offre
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import Limites

REPONSES = ("validation", "declinaison", "designation")
FINS = ("conge_retracte", "bail_signe", "vacance_close", "mise_a_disposition")
REPRISES = ("retrait", "requalification")
LUS = (*REPONSES, *FINS, *REPRISES, "delai_expire", "offre", "reponse_candidat")
DUS = ("a_temps", "hors_delai", "sans_suite", "en_attente")
Pas = Mapping[str, Any]
Cle = tuple[str, str, str]  # the party, its code, what it must do


@dataclass
class _Releve:
    """What each party owed in the period: how it ended, how many days late; what had no term."""

    du: date
    au: date
    etats: dict[Cle, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    jours: dict[Cle, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def noter(self, cle: Cle, terme: date | None, fait: date | None, fini: date | None) -> None:
        """One thing due, of a term in the period; or of no term."""
        if terme is None:
            self.etats[cle]["sans_terme"] += 1
        elif self.du <= terme <= self.au:
            lu = retard(terme, fait, fini, self.au)
            self.etats[cle][lu.code] += 1
            if lu.valeur:
                self.jours[cle][lu.valeur] += 1


def retards(
    faits: pa.Table, limites: Mapping[str, Limites], codes: Sequence[str], du: date, au: date
) -> list[dict[str, Any]]:
    """One row a party and a thing due, zeros included; `faits`: events in force, `codes`: the réservataires.

    Counts bear on what was due by a day of the period; `sans_terme`, on the mises à disposition of the period that no
    délai bears on; days are those late.
    """
    releve = _Releve(du, au)
    for code in codes:
        releve.etats.update({("reservataire", code, quoi): Counter() for quoi in ("repondre", "designer")})
    releve.etats.update({("candidat", "", "accepter"): Counter(), ("bailleur", "", "laisser"): Counter()})
    for pas in _par_vacance(faits):
        for rang, fait in enumerate(pas):
            if fait["type"] == "mise_a_disposition" and fait["reservataire"]:
                _offerte(releve, fait, pas[rang + 1 :], limites.get(fait["evenement"], Limites()))
            elif fait["type"] == "offre":
                _proposee(releve, fait, pas[rang + 1 :])
    return [_ligne(releve, cle) for cle in sorted(releve.etats, key=_rang)]


def _rang(cle: Cle) -> tuple[int, str, int]:
    libelles = bareme("bilan")["retards"]
    return list(libelles["parties"]).index(cle[0]), cle[1], list(libelles["obligations"]).index(cle[2])


def _par_vacance(faits: pa.Table) -> Iterator[list[Pas]]:
    """The events looked at, vacance by vacance, in their order."""
    lus = faits.filter(pc.is_in(faits.column("type"), pa.array(LUS, pa.string())))
    vacances: dict[str, list[Pas]] = defaultdict(list)
    noms = ["vacance", "evenement", "type", "date_effet", "reservataire", "donnees", "rang"]
    for ligne in lus.select(noms).to_pylist():
        vacances[ligne["vacance"]].append({**ligne, "le": date.fromisoformat(ligne["date_effet"])})
    for vacance in sorted(vacances):
        yield sorted(vacances[vacance], key=lambda ligne: ligne["rang"])


def _premier(suite: Sequence[Pas], voulu: Callable[[Pas], bool]) -> date | None:
    return next((fait["le"] for fait in suite if voulu(fait)), None)


def _offerte(releve: _Releve, offre: Pas, suite: Sequence[Pas], limites: Limites) -> None:
    """The answer and the designation of whom a dwelling is made available to; where silence is an agreement, no answer
    is due."""
    qui = offre["reservataire"]
    siens = [f for f in suite if f["reservataire"] in (qui, "") or f["type"] in FINS]
    repris = _premier(siens, lambda f: f["type"] in (*FINS, *REPRISES))
    decline = _premier(siens, lambda f: f["type"] == "declinaison")
    expire = _premier(siens, lambda f: f["type"] == "delai_expire")
    repondu = _premier(siens, lambda f: f["type"] in REPONSES)
    designe = _premier(siens, lambda f: f["type"] == "designation")
    dans_la_periode = releve.du <= offre["le"] <= releve.au
    for quoi, terme, fait, fini in (
        ("repondre", limites.reponse, repondu, repris),
        ("designer", limites.designation, designe, _tot(repris, decline)),
    ):
        if limites.silence and quoi == "repondre":
            continue
        if terme is not None or dans_la_periode:
            echu = None if terme is None or expire is None else max(expire, terme + timedelta(days=1))
            releve.noter(("reservataire", qui, quoi), terme, fait, _tot(fini, echu))


def _tot(*jours: date | None) -> date | None:
    return min((jour for jour in jours if jour is not None), default=None)


def _proposee(releve: _Releve, offre: Pas, suite: Sequence[Pas]) -> None:
    """The candidate's answer to an offer, and the ten days the bailleur leaves (R441-10)."""
    donnees = lire_json(offre["donnees"])
    candidat = donnees.get("candidat")
    limite = date.fromisoformat(donnees["date_limite"]) if donnees.get("date_limite") else None
    lu = terme_offre(offre["le"], None if limite is None else (limite - offre["le"]).days, offre["le"])
    repondu = _premier(suite, lambda f: f["type"] == "bail_signe" or _repond(f, candidat))
    fini = _premier(suite, lambda f: f["type"] in (*FINS, *REPRISES))
    releve.noter(("candidat", "", "accepter"), lu.valeur, repondu, fini)
    if releve.du <= offre["le"] <= releve.au:
        cle: Cle = ("bailleur", "", "laisser")
        dit = "hors_delai" if lu.code == "minimum" else "a_temps"
        releve.etats[cle]["sans_terme" if limite is None else dit] += 1


def _repond(fait: Pas, candidat: str | None) -> bool:
    """Whether a fact is the answer of a candidate."""
    if fait["type"] != "reponse_candidat":
        return False
    donnees = lire_json(fait["donnees"])
    return candidat in (donnees.get("candidat"), *donnees.get("candidats", ()))


def _ligne(releve: _Releve, cle: Cle) -> dict[str, Any]:
    """A row: what was due, how it ended, and the days late."""
    partie, code, quoi = cle
    libelles, etats = bareme("bilan")["retards"], releve.etats[cle]
    duree = duree_mediane(releve.jours[cle]).valeur
    return {
        "partie": libelles["parties"][partie],
        "code": code,
        "obligation": libelles["obligations"][quoi],
        "dus": sum(etats[etat] for etat in DUS),
        **{etat: etats[etat] for etat in DUS},
        "sans_terme": etats["sans_terme"],
        "retard_median": duree.mediane,
        "retard_p90": duree.p90,
    }
