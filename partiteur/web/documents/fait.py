"""An event of the account as a page tells it: words, never codes alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from partiteur.regles.socle import bareme, nombre
from partiteur.regles.vacance import jour
from partiteur.web.depot import geographie
from partiteur.web.documents.mots import mots
from partiteur.web.models import Contenu


@dataclass(frozen=True)
class Fait:
    """A row of the journal: its number and day, the vacance, what happened, to whom, and what is known more."""

    numero: int
    le: str
    vacance: str
    quoi: str
    qui: str
    precisions: str


# What is told of an opening, in this order, and how.
LOGEMENT = ("typologie", "famille_financement", "qpv", "annee_construction", "commune")
DITS = {"annee_construction": "construit en {}"}
VALEURS = ("decision", "reponse", "proposition", "issue", "origine", "base", "critere")


def fait(contenu: Contenu, donnees: Mapping[str, Any], noms: Mapping[str, tuple[str, str]]) -> Fait:
    """Tell an event, with the data its reader may read and the names of the réservataires by code."""
    qui = noms.get(contenu.reservataire, (contenu.reservataire, ""))[0]
    return Fait(
        contenu.enveloppe.numero,
        contenu.date_effet,
        contenu.vacance,
        mots()["evenements"].get(contenu.type, contenu.type),
        qui,
        ", ".join(_precisions(contenu, donnees, noms)),
    )


def _precisions(
    contenu: Contenu, donnees: Mapping[str, Any], noms: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    yield from logement(donnees)
    yield from (_valeur(str(donnees[cle])) for cle in VALEURS if donnees.get(cle))
    if destination := donnees.get("destination"):
        yield _destination(str(destination), noms)
    if candidats := donnees.get("candidats"):
        yield f"{nombre(len(candidats))} candidats" if len(candidats) > 1 else "un candidat"
    if entree := jour(donnees.get("entree")):
        yield f"entrée le {entree:%d/%m/%Y}"
    if donnees.get("annule"):
        yield f"annule l'événement {donnees['annule']}"
    if contenu.motif:
        yield bareme("motifs")["motifs"].get(contenu.motif, {}).get("libelle", _valeur(contenu.motif))


def logement(donnees: Mapping[str, Any]) -> Iterator[str]:
    """What an opening says of its dwelling."""
    for cle in LOGEMENT:
        if cle == "qpv" and cle in donnees:
            yield {True: "en QPV", False: "hors QPV"}.get(donnees[cle], "QPV inconnu")
        elif cle == "commune" and donnees.get(cle):
            connue = geographie().commune(str(donnees[cle]))
            yield connue.nom if connue else f"commune {donnees[cle]}"
        elif donnees.get(cle):
            yield DITS.get(cle, "{}").format(donnees[cle])


def _valeur(code: str) -> str:
    return str(mots()["valeurs"].get(code, code.replace("_", " ")))


def _destination(code: str, noms: Mapping[str, tuple[str, str]]) -> str:
    genre, _, quoi = code.partition(":")
    if genre == "reservataire":
        return f"vers {noms.get(quoi, (quoi, ''))[0]}"
    return f"{_valeur(genre)} : {_valeur(quoi)}" if quoi else _valeur(genre)
