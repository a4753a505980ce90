"""The yearly activity of the commission d'attribution, as its journal tells it: by réservataire, by sitting (R441-9)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from partiteur.moteur.bilan.attributions import Faite
from partiteur.moteur.bilan.constats import jour, numero
from partiteur.moteur.execution import connexion, executer, requete, vue_table
from partiteur.regles.bilan import Bilan, seances_espacees

DECISIONS = ("attribution", "attribution_rang", "condition_suspensive", "non_attribution", "irrecevabilite")


@dataclass(frozen=True)
class _Examen:
    """Candidatures of one dwelling decided alike in one sitting; `seance` is '' where nobody named it."""

    vacance: str
    seance: str
    le: date
    reservataire: str
    decision: str
    candidatures: int


@dataclass(frozen=True)
class Activite:
    """The activity of a commission in a period: a row a réservataire then one for all, a row a sitting, what is missing."""

    reservataires: list[dict[str, Any]]
    seances: list[dict[str, Any]]
    manques: tuple[str, ...]


def activite(faits: pa.Table, bilan: Bilan, faites: Iterable[Faite]) -> Activite:
    """Count the decisions of the period of a bilan; `faits`: the events in force; `faites`: its attributions."""
    con = connexion()
    vue_table(con, "faits", faits)
    lues = executer(con, requete("bilan_caleol"), [numero(bilan.du), numero(bilan.au)])
    examens = [_Examen(v, s, jour(le), qui, decision, n) for v, s, le, qui, decision, n in lues]
    baux = Counter(faite.imputation or "" for faite in faites if faite.bail is not None)
    codes = sorted({*bilan.noms, *(e.reservataire for e in examens), *baux})
    refus = {code: sum(r.nombre for r in bilan.refus if (r.reservataire or "") == code) for code in codes}
    lignes = []
    for code in codes:
        siens = [e for e in examens if e.reservataire == code]
        nom = bilan.noms.get(code) or code or "sans réservataire connu"
        suite = {"refus_de_candidats": refus[code], "baux_signes": baux[code]}
        lignes.append({"reservataire": nom, **_compter(siens), **suite})
    tous = {"refus_de_candidats": sum(refus.values()), "baux_signes": baux.total()}
    lignes.append({"reservataire": "Ensemble", **_compter(examens), **tous})
    cles = sorted({(e.le, e.seance) for e in examens})
    seances = [
        {"le": le.isoformat(), "seance": seance or None, **_compter(_de_la_seance(examens, le, seance))}
        for le, seance in cles
    ]
    return Activite(lignes, seances, tuple(_manques(examens, bilan.au)))


def _de_la_seance(examens: Iterable[_Examen], le: date, seance: str) -> list[_Examen]:
    return [e for e in examens if (e.le, e.seance) == (le, seance)]


def _compter(examens: Sequence[_Examen]) -> dict[str, int]:
    """Dwellings, decisions on a candidature, and these by kind."""
    return {
        "logements": len({e.vacance for e in examens}),
        "decisions": sum(e.candidatures for e in examens),
        **{d: sum(e.candidatures for e in examens if e.decision == d) for d in DECISIONS},
    }


def _manques(examens: Sequence[_Examen], au: date) -> Iterable[str]:
    """What the journal does not say of the commission, and the sittings that were too far apart."""
    if not examens:
        yield "Aucune décision de commission au journal dans l'année."
    sans_seance = sum(e.candidatures for e in examens if not e.seance)
    if sans_seance:
        yield f"Décisions dont la séance n'est pas nommée : {sans_seance} ; leur jour en tient lieu."
    for le in seances_espacees([e.le for e in examens], au, au).valeur:
        yield f"Après la séance du {le:%d/%m/%Y}, aucune décision pendant plus de deux mois : la commission se réunit au moins tous les deux mois."
    yield "Le quorum, les présents et le sens de leurs voix sont dans les procès-verbaux, non au journal : à joindre."
