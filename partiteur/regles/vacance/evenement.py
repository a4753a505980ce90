"""An event of a vacance, and the events in force once rectifications are applied."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any


@dataclass(frozen=True)
class Evenement:
    """One event of a vacance, as the journal keeps it; `donnees` holds no person, only opaque candidates.

    `date_effet` is when it happened, `date_saisie` (UTC, to the second) when it was recorded; `auteur` is a SIREN
    and an opaque agent number.
    """

    evenement: str
    vacance: str
    type: str
    date_effet: date
    date_saisie: datetime
    auteur: str
    logement: str | None = None
    reservataire: str | None = None
    motif: str | None = None
    donnees: Mapping[str, Any] = field(default_factory=dict)


def jour(valeur: Any) -> date | None:
    """A date of `donnees`, which JSON writes as ISO text; None when it is not there."""
    return date.fromisoformat(valeur) if isinstance(valeur, str) else valeur


def candidats(evenement: Evenement) -> Iterator[tuple[str, str | None]]:
    """The candidates an event names, each with its origin where it says so (D31)."""
    commune = evenement.donnees.get("origine")
    nommes = [*(evenement.donnees.get("candidats") or ())]
    if evenement.donnees.get("candidat") is not None:
        nommes.append(evenement.donnees["candidat"])
    for nomme in nommes:
        if isinstance(nomme, Mapping):
            yield str(nomme["candidat"]), nomme.get("origine", commune)
        else:
            yield str(nomme), commune


def effectifs(evenements: Sequence[Evenement]) -> tuple[Evenement, ...]:
    """The events in force, in their order: what a rectification cancels is gone, what replaces it is in its place.

    A rectification of a rectification restores what the first had cancelled, unless it replaces it in its turn; of
    two that bear on the same event, the last holds. A replacement bears the identifier, author and entry date of
    its rectification.
    """
    rectifications = [e for e in evenements if e.type == "rectification"]
    if not rectifications:
        return tuple(evenements)
    par_nom = {e.evenement: e for e in evenements}
    annules: set[str] = set()
    decides: set[str] = set()
    remplacants: dict[str, Evenement] = {}
    for rectification in reversed(rectifications):
        annule, cible = str(rectification.donnees["annule"]), _racine(rectification, par_nom)
        if rectification.evenement in annules or cible in decides:
            continue
        annules.add(annule)
        remplace = rectification.donnees.get("remplace")
        if remplace is not None or annule == cible:
            decides.add(cible)
            annules.add(cible)
        if remplace is not None and cible in par_nom:
            remplacants[cible] = _remplacant(rectification, par_nom[cible])
    retenus = (remplacants.get(e.evenement, e) for e in evenements if e.type != "rectification")
    return tuple(e for e in retenus if e.evenement not in annules)


def _racine(rectification: Evenement, par_nom: Mapping[str, Evenement]) -> str:
    """The event, itself no rectification, that a chain of rectifications bears on."""
    vus: set[str] = set()
    courant: Evenement | None = rectification
    nom = rectification.evenement
    while courant is not None and courant.type == "rectification" and nom not in vus:
        vus.add(nom)
        nom = str(courant.donnees["annule"])
        courant = par_nom.get(nom)
    return nom


def _remplacant(rectification: Evenement, remplace: Evenement) -> Evenement:
    donne = rectification.donnees["remplace"]
    effet = jour(donne.get("date_effet")) or remplace.date_effet
    return Evenement(
        rectification.evenement,
        remplace.vacance,
        donne.get("type", remplace.type),
        effet,
        rectification.date_saisie,
        rectification.auteur,
        donne.get("logement", remplace.logement),
        donne.get("reservataire"),
        donne.get("motif"),
        donne.get("donnees") or {},
    )


def retenir(
    evenements: Sequence[Evenement], au: date | None, connu_le: datetime | None
) -> tuple[Evenement, ...]:
    """The events in force on a date, as known on another (D39): entered by `connu_le`, then dated up to `au`.

    A rectification is taken once it is entered, whatever its own date: it mends what the account says of the past.
    They come by the date they happened, those of one day in the journal's order, so that a late entry counts as if
    it had been made in time.
    """
    connus = [e for e in evenements if connu_le is None or e.date_saisie <= connu_le]
    retenus = [e for e in effectifs(connus) if au is None or e.date_effet <= au]
    return tuple(sorted(retenus, key=attrgetter("date_effet")))
