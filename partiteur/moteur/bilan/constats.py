"""What a bilan counts event by event: delays, days of vacancy, refusals, candidates accepted (D43, D44)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import duckdb

from partiteur.moteur.bilan.ventilation import rang_de
from partiteur.moteur.execution import executer, requete
from partiteur.regles.bilan import DelaiConstate, LigneRefus, duree_mediane, jours_dus
from partiteur.regles.decompte import Regime
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import LogementVacant

EPOQUE = date(1970, 1, 1)


def numero(le: date) -> int:
    """A day as a number, as the view of facts has it."""
    return (le - EPOQUE).days


def jour(numero_: int) -> date:
    """The reverse of `numero`."""
    return EPOQUE + timedelta(days=numero_)


def delais(
    con: duckdb.DuckDBPyConnection, regimes: Mapping[str, Regime], du: date, au: date
) -> tuple[DelaiConstate, ...]:
    """Median and P90 of each delay that ends in the period: for all, by gestion, by réservataire."""
    histogrammes: dict[tuple[str, str | None, str | None], dict[int, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for delai, qui, jours, nombre in executer(con, requete("bilan_delais"), [numero(du), numero(au)]):
        cles: list[tuple[str, str | None, str | None]] = [(delai, None, None)]
        if qui:
            cles += [(delai, qui, None), (delai, None, regimes.get(qui, Regime()).gestion)]
        for cle in cles:
            histogrammes[cle][jours] += nombre
    ordre = bareme("bilan")["delais"]["codes"]
    vides = [(delai, None, None) for delai in ordre if (delai, None, None) not in histogrammes]
    cles_lues = sorted([*histogrammes, *vides], key=lambda c: (ordre.index(c[0]), c[1] or "", c[2] or ""))
    return tuple(DelaiConstate(*cle, duree_mediane(histogrammes[cle]).valeur) for cle in cles_lues)


def jours(con: duckdb.DuckDBPyConnection, du: date, au: date) -> dict[str, int]:
    """The days of vacancy of the period due to each party."""
    lendemain = numero(au) + 1
    lus = executer(con, requete("bilan_jours"), [lendemain, lendemain, numero(du)])
    dus: dict[str, int] = jours_dus(dict(lus)).valeur
    return dus


def candidats(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """How many candidates the commission accepted, by (vacance, réservataire)."""
    return {(vacance, qui): nombre for vacance, qui, nombre in executer(con, requete("bilan_candidats"))}


def refus(
    con: duckdb.DuckDBPyConnection,
    logements: Mapping[str, LogementVacant],
    dpe: Mapping[str, str | None],
    du: date,
    au: date,
) -> tuple[LigneRefus, ...]:
    """Refusals by motif and by what the dwelling is; `dpe`: the energy label of dwellings, by vacance.

    A silence without a motif is « silence_candidat », a refusal « refus_candidat » (R441-10).
    """
    groupes: dict[tuple[Any, ...], list[tuple[str, str, int]]] = defaultdict(list)
    for vacance, qui, le, auteur, motif, proposition, reponse in executer(
        con, requete("bilan_refus"), [numero(du), numero(au)]
    ):
        logement = logements.get(vacance, LogementVacant(vacance))
        dit = motif or ("silence_candidat" if reponse == "silence" else "refus_candidat")
        cle = (dit, qui or None, logement.typologie, logement.qpv, dpe.get(vacance))
        groupes[cle].append((proposition, auteur[:9], le))
    return tuple(_ligne_de_refus(cle, groupes[cle]) for cle in sorted(groupes, key=rang_de))


def _ligne_de_refus(cle: tuple[Any, ...], lus: list[tuple[str, str, int]]) -> LigneRefus:
    """One kind of refusal; an author judged it if it says what the proposal was."""
    qualifies = [proposition for proposition, _, _ in lus]
    adaptes, inadaptes = qualifies.count("adaptee"), qualifies.count("inadaptee")
    motif, qui, typologie, qpv, energie = cle
    return LigneRefus(
        motif,
        qui,
        typologie,
        qpv,
        energie,
        adaptes,
        inadaptes,
        len(lus) - adaptes - inadaptes,
        tuple(sorted({auteur for proposition, auteur, _ in lus if proposition})),
        jour(min(le for _, _, le in lus)),
        jour(max(le for _, _, le in lus)),
    )
