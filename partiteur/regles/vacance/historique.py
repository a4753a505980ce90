"""The normalised history of a vacance (E9): what the décompte looks at, so coarse that a country has few of them.

Dates become an order, réservataires and candidates numbers by first appearance; identifiers, authors and dates are
kept aside, one for each fact, for whoever needs to know when a stage was reached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from partiteur.regles.vacance.etat import OUVERTURES
from partiteur.regles.vacance.evenement import Evenement, candidats, jour

PREMIERE_LOCATION = "premiere_location"
SANS_EFFET = ("inscription_caleol", "reprise", "rectification")


@dataclass(frozen=True)
class Fait:
    """One event without its date: réservataire and candidates are numbers from 1, 0 for nobody in particular.

    `valeur` is what qualifies it: origine, destination, decision, answer, base, issue. `origines` goes with
    `candidats`.
    """

    type: str
    reservataire: int = 0
    motif: str | None = None
    valeur: str | None = None
    candidats: tuple[int, ...] = ()
    origines: tuple[str | None, ...] = ()
    irregularites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Historique:
    """The facts of a vacance in their order."""

    faits: tuple[Fait, ...]
    qpv: bool | None = None


@dataclass(frozen=True)
class Normalise:
    """A history, and what was set aside: the réservataires by number, and for each fact its event and its dates."""

    historique: Historique
    reservataires: tuple[str, ...]
    evenements: tuple[str, ...]
    dates: tuple[date, ...]
    entrees: tuple[date | None, ...]


def historique_normalise(
    evenements: Sequence[Evenement],
    irregularites: Mapping[str, tuple[str, ...]] | None = None,
    qpv: bool | None = None,
) -> Normalise:
    """The normalised history of one vacance's events in force (`retenir`), in their order.

    `irregularites`: codes by identifier, as `tenir` finds them; those an event bears in its data are added. `qpv`:
    what the parc says of the dwelling, when the opening says nothing.
    """
    numeros: dict[str, int] = {}
    candidatures: dict[str, int] = {}
    retenus = [e for e in evenements if e.type not in SANS_EFFET]
    faits = []
    for e in retenus:
        nommes = list(candidats(e))
        propres = (irregularites or {}).get(e.evenement, ())
        portee = e.donnees.get("irregularite")
        codes = dict.fromkeys((*propres, portee) if portee else propres)
        faits.append(
            Fait(
                "vacance_ouverte" if e.type in OUVERTURES else e.type,
                _numero(numeros, _reservataire(e)),
                None if e.type in OUVERTURES else e.motif,
                _valeur(e),
                tuple(_numero(candidatures, nom) for nom, _ in nommes),
                tuple(origine for _, origine in nommes) if e.type in ("designation", "bail_signe") else (),
                tuple(codes),
            )
        )
    ouvertures = [e.donnees["qpv"] for e in retenus if e.type in OUVERTURES and "qpv" in e.donnees]
    return Normalise(
        Historique(tuple(faits), ouvertures[0] if ouvertures else qpv),
        tuple(numeros),
        tuple(e.evenement for e in retenus),
        tuple(e.date_effet for e in retenus),
        tuple(jour(e.donnees.get("entree")) if e.type == "bail_signe" else None for e in retenus),
    )


def _numero(numeros: dict[str, int], nom: str | None) -> int:
    return numeros.setdefault(nom, len(numeros) + 1) if nom else 0


def _reservataire(evenement: Evenement) -> str | None:
    """The réservataire an event bears on; that of an orientation may be in its destination alone."""
    genre, _, code = str(evenement.donnees.get("destination", "")).partition(":")
    return evenement.reservataire or (code if genre == "reservataire" else None)


def _valeur(evenement: Evenement) -> str | None:
    """What qualifies an event, in one code."""
    donnees = evenement.donnees
    match evenement.type:
        case "vacance_ouverte" | "conge_recu":
            return _ouverture(donnees) or ("conge" if evenement.type == "conge_recu" else None)
        case "orientation":
            return _destination(donnees.get("destination"))
        case "validation":
            return "tacite" if donnees.get("tacite") else None
        case "delai_expire":
            return donnees.get("delai")
        case "decision_caleol":
            suivante = donnees.get("decision") == "attribution_rang" and (donnees.get("rang") or 1) > 1
            return "attribution_rang" if suivante else _immediate(donnees.get("decision"))
        case "reponse_candidat":
            return ":".join(filter(None, (donnees.get("reponse"), donnees.get("proposition"))))
        case "bail_signe":
            return _menage(donnees.get("menage") or {}, donnees.get("destination"))
        case "imputation":
            return donnees.get("base")
        case "vacance_close":
            return donnees.get("issue")
    return None


def _ouverture(donnees: Mapping[str, Any]) -> str | None:
    """Why the dwelling is free; of a first letting, the regime of its programme where the opening gives it (D7)."""
    origine, neuf = donnees.get("origine"), donnees.get("regime")
    return f"{origine}:{neuf}" if origine == PREMIERE_LOCATION and neuf else origine


def _immediate(decision: str | None) -> str | None:
    """Three decisions give the dwelling to the candidate at once (R441-3 a, b in first rank, c)."""
    donnees = ("attribution", "attribution_rang", "condition_suspensive")
    return "attribution" if decision in donnees else decision


def _destination(destination: str | None) -> str | None:
    """A destination without the code of its réservataire, which is a number."""
    return "reservataire" if str(destination).startswith("reservataire:") else destination


def _menage(menage: Mapping[str, object], destination: str | None) -> str | None:
    """What the household really housed says of the dwelling's destination (D22); None when it is unknown."""
    if destination:
        return f"destination:{_destination(destination)}"
    if menage.get("relogement"):
        return f"relogement:{menage['relogement']}"
    deja = menage.get("deja_locataire")
    return {"bailleur": "mutation", "autre": "exterieur", "non": "exterieur"}.get(str(deja))
