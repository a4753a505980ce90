"""Contrôle de légalité of the flux adopted in a territory: each question of each bailleur, from its frozen result."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from partiteur.moteur.legalite import (
    INCONNU,
    NON,
    OUI,
    VERDICTS,
    Controle,
    Verification,
    controler,
    questions,
)
from partiteur.moteur.schema import lire_toml
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web import depot as fichiers
from partiteur.web.documents import flux
from partiteur.web.models import Dossier

TONS = {OUI: "fait", NON: "non", INCONNU: "attente"}


@dataclass(frozen=True)
class Reponse:
    """A question asked of a dossier, as a page shows it."""

    dossier: Dossier
    verification: Verification

    @property
    def mots(self) -> str:
        """The verdict, in a word."""
        return VERDICTS[self.verification.verdict]

    @property
    def ton(self) -> str:
        """How it is coloured; the word says it all."""
        return TONS.get(self.verification.verdict, "")


@dataclass(frozen=True)
class Controles:
    """The contrôle of several flux: what was asked for, how many of each verdict by dossier."""

    reponses: tuple[Reponse, ...]
    bilans: tuple[tuple[Dossier, Mapping[str, int], int], ...]
    questions: Mapping[str, str]
    exercices: tuple[int, ...]


def controle_du_dossier(dossier: Dossier) -> Controle:
    """Every question asked of a dossier. Raises ErreurUtilisateur when its draft no longer computes."""
    if not dossier.resultat:
        return controler(flux.resultat(dossier), _document(dossier))
    return _controler(dossier.identifiant, dossier.resultat, fichiers.versions()["regles"])


@lru_cache(maxsize=256)
def _controler(identifiant: str, resultat: str, regles: str) -> Controle:
    """What is adopted does not change: it is read once by version of the rules."""
    return controler(json.loads(resultat), _document(Dossier(identifiant=identifiant)))


def _document(dossier: Dossier) -> Mapping[str, Any]:
    """The dossier as it was deposited; nothing where its file is gone: what it said is then unknown."""
    try:
        return lire_toml(fichiers.dossier(dossier.identifiant))
    except ErreurUtilisateur:
        return {}


def reponses(dossier: Dossier) -> tuple[Reponse, ...]:
    """Every question asked of a dossier, as its page shows them."""
    return tuple(Reponse(dossier, v) for v in controle_du_dossier(dossier).verifications)


def derniers(dossiers: Iterable[Dossier]) -> list[Dossier]:
    """Of each bailleur and year, the version adopted last: the others were replaced."""
    gardes: dict[tuple[int, int], Dossier] = {}
    for dossier in dossiers:
        cle = dossier.bailleur_id, dossier.exercice
        if dossier.adopte_le and (cle not in gardes or _quand(gardes[cle]) < _quand(dossier)):
            gardes[cle] = dossier
    return list(gardes.values())


def _quand(dossier: Dossier) -> tuple[Any, ...]:
    return dossier.adopte_le, dossier.pk


def controles(dossiers: Iterable[Dossier], jour: date, verification: str, verdict: str) -> Controles:
    """The contrôle of adopted dossiers, the answers kept that are asked for ("": all)."""
    retenus = derniers(dossiers)
    lus = [(dossier, reponses(dossier)) for dossier in retenus]
    bilans = [
        (
            dossier,
            {v: sum(r.verification.verdict == v for r in siennes) for v in VERDICTS},
            sum(r.verification.gravite == "illegal" for r in siennes),
        )
        for dossier, siennes in lus
    ]
    bilans.sort(key=lambda b: (-b[2], -b[1][NON], -b[0].exercice, str(b[0].bailleur)))
    ordre = [dossier for dossier, _, _ in bilans]
    return Controles(
        tuple(sorted(_retenir(lus, verification, verdict), key=lambda r: ordre.index(r.dossier))),
        tuple(bilans),
        questions(jour),
        tuple(sorted({dossier.exercice for dossier in retenus}, reverse=True)),
    )


def _retenir(
    lus: Iterable[tuple[Dossier, tuple[Reponse, ...]]], verification: str, verdict: str
) -> Iterator[Reponse]:
    for _, siennes in lus:
        for reponse in siennes:
            if verification in ("", reponse.verification.code) and verdict in (
                "",
                reponse.verification.verdict,
            ):
                yield reponse
