"""Pocket journals for the tests: a few events written by hand, chained with known salts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from partiteur.moteur.journal import ecrire_journal, enchainer
from partiteur.moteur.journal.forme import textes
from partiteur.regles.vacance import Evenement

CHAINE = "999000102"
SAISIE = datetime(2024, 1, 5, 10, tzinfo=UTC)


def evenement(numero: int, type_: str, vacance: str = "V1", **autres: Any) -> Evenement:
    """An event of January 2024, one day after the one numbered before it."""
    faits: dict[str, Any] = {
        "date_effet": date(2024, 1, numero),
        "date_saisie": SAISIE.replace(day=numero),
        "auteur": f"{CHAINE}:7",
        "logement": "L1",
        **autres,
    }
    return Evenement(evenement=f"E{numero}", vacance=vacance, type=type_, **faits)


def histoire() -> list[Evenement]:
    """A is offered V1 and designates, its candidate signs; V2 goes to B."""
    vers_a = {"destination": "reservataire:A"}
    menage = {"dalo": True, "deja_locataire": "non", "public_l441_1": ["a"]}
    return [
        evenement(1, "conge_recu", donnees={"qpv": False, "typologie": "T3", "commune": "99001"}),
        evenement(2, "orientation", reservataire="A", donnees=vers_a),
        evenement(3, "mise_a_disposition", reservataire="A"),
        evenement(4, "designation", reservataire="A", donnees={"candidats": ["c0123456789ab", "c2", "c3"]}),
        evenement(5, "decision_caleol", donnees={"candidat": "c0123456789ab", "decision": "attribution"}),
        evenement(6, "conge_recu", "V2", logement="L2"),
        evenement(7, "mise_a_disposition", "V2", logement="L2", reservataire="B"),
        evenement(8, "declinaison", "V2", logement="L2", reservataire="B", motif="declinaison"),
        evenement(9, "bail_signe", donnees={"candidat": "c0123456789ab", "menage": menage}),
    ]


def sels() -> Iterator[str]:
    """Known salts: 0101…, 0202…"""
    return (f"{rang:02x}" * 32 for rang in range(1, 256))


def lignes(evenements: list[Evenement] | None = None) -> list[dict[str, str]]:
    """Chained rows."""
    return list(enchainer(CHAINE, map(textes, evenements or histoire()), sels=sels()))


def ecrire(chemin: Path, chainees: list[dict[str, str]] | None = None) -> Path:
    """A chained file."""
    ecrire_journal(chemin, lignes() if chainees is None else chainees)
    return chemin


def csv_de(*evenements: Mapping[str, str], separateur: str = ";") -> str:
    """A file as people write it: a header made of the keys met, one line an event."""
    noms = list(dict.fromkeys(nom for e in evenements for nom in e))
    return (
        "\n".join([separateur.join(noms), *(separateur.join(e.get(n, "") for n in noms) for e in evenements)])
        + "\n"
    )
