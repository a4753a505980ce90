"""Pocket journals for the tests of the bilan: many vacances of one kind, as people write them, without digests."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

COLONNES = (
    "evenement",
    "vacance",
    "logement",
    "type",
    "date_effet",
    "date_saisie",
    "auteur",
    "reservataire",
    "motif",
    "donnees",
)
AUTEUR = "999000102:1"
Pas = tuple[str, date, str, str, Mapping[str, Any]]


def vacance(nom: str, *pas: Pas, saisie: date | None = None) -> list[dict[str, str]]:
    """The rows of a vacance: (type, day, réservataire, motif, data), entered the same day unless `saisie` says when."""
    return [
        {
            "evenement": f"{nom}-{rang}",
            "vacance": nom,
            "logement": f"L{nom}",
            "type": type_,
            "date_effet": le.isoformat(),
            "date_saisie": f"{(saisie or le).isoformat()}T12:00:00Z",
            "auteur": AUTEUR,
            "reservataire": qui,
            "motif": motif,
            "donnees": json.dumps(donnees, sort_keys=True, separators=(",", ":")),
        }
        for rang, (type_, le, qui, motif, donnees) in enumerate(pas, start=1)
    ]


def offerte(nom: str, le: date, qui: str = "A", **lieu: Any) -> list[Pas]:
    """Opened ten days before, made available on a day."""
    ouvert = {
        "commune": "99001",
        "qpv": False,
        "typologie": "T3",
        "famille_financement": "PLUS",
        "annee_construction": 1980,
    }
    return [
        ("vacance_ouverte", le - timedelta(days=10), "", "", {"origine": "conge", **ouvert, **lieu}),
        ("mise_a_disposition", le, qui, "", {}),
    ]


def attribuee(le: date, qui: str = "A") -> list[Pas]:
    """Designated, then attributed, a week apart."""
    return [
        (
            "designation",
            le - timedelta(days=7),
            qui,
            "",
            {"candidats": ["c1", "c2", "c3"], "origine": "reservataire"},
        ),
        ("decision_caleol", le, "", "", {"candidat": "c1", "decision": "attribution"}),
    ]


def bail(le: date, **menage: Any) -> Pas:
    """A lease, with what is known of the household."""
    return ("bail_signe", le, "", "", {"candidat": "c1", "menage": {"deja_locataire": "non", **menage}})


def refusee(le: date, qui: str = "A") -> Pas:
    """Declined by the réservataire."""
    return ("declinaison", le, qui, "declinaison", {})


def mille(saisie: date | None = None) -> list[dict[str, str]]:
    """1,000 mises à disposition of 2024: 600 attributed and 150 declined by 31/03, 200 and 50 more afterwards."""
    lignes: list[dict[str, str]] = []
    for rang in range(1000):
        debut = date(2024, 1, 15) + timedelta(days=rang % 40)
        tard = rang % 4 == 3
        fin = date(2024, 5, 6) if tard else date(2024, 3, 20)
        fini = [refusee(fin)] if rang % 20 < 4 else attribuee(fin)
        lignes += vacance(
            f"V{rang:04}", *offerte(f"V{rang:04}", debut), *fini, saisie=saisie if tard else None
        )
    return lignes


def ecrire(chemin: Path, lignes: Iterable[Mapping[str, str]]) -> Path:
    """A CSV file of events."""
    from csv import DictWriter

    with chemin.open("w", encoding="utf-8", newline="") as flux:
        ecrivain = DictWriter(flux, COLONNES)
        ecrivain.writeheader()
        ecrivain.writerows(lignes)
    return chemin
