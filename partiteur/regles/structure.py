"""The indicative structure of a flux: a whole number spread over a two-way table, right both ways (D12)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, nombre, regle

Exactes = Mapping[str, Mapping[str, Fraction]]
Noeud = tuple[str, str]
Arc = tuple[Noeud, Noeud]
LIGNE, COLONNE = "ligne", "colonne"
DEPART, ARRIVEE = ("total", LIGNE), ("total", COLONNE)


class ArrondiImpossible(ErreurUtilisateur):
    """The totals imposed cannot be held without moving a cell by 1 or more."""


@dataclass(frozen=True)
class TableauEntier:
    """Whole cells by line and column, the exact cells they come from, and totals right both ways."""

    cases: Mapping[str, Mapping[str, int]]
    exactes: Exactes
    lignes: Mapping[str, int]
    colonnes: Mapping[str, int]
    total: int


@regle("d12", du="2018-01-01")
def structure_du_flux(
    objectif: int, reserves: Mapping[str, Mapping[str, int]], parc: Mapping[str, Mapping[str, int]]
) -> Resultat:
    """Répartit un volume indicatif selon les logements réservés, ou à défaut selon le parc ; non contractuel.

    `reserves` and `parc`: dwellings by line and column. Returns a `TableauEntier` adding up to `objectif`, its code
    says which stock was followed: `reserves`, `parc`, or `inconnu` (value None) when both are empty.
    """
    for code, stock in (("reserves", reserves), ("parc", parc)):
        total = sum(n for cases in stock.values() for n in cases.values())
        if total:
            exactes = {
                li: {co: Fraction(n * objectif, total) for co, n in c.items()} for li, c in stock.items()
            }
            arrondi = arrondi_controle(exactes, None, None, objectif)
            base = {"reserves": "logements réservés", "parc": "logements du parc"}[code]
            formule = f"{nombre(objectif)} × case ÷ {nombre(total)} {base}, non contractuel"
            return Resultat(arrondi.valeur, code, (Etape("Structure indicative", formule, objectif, "d12"),))
    return Resultat(None, "inconnu")


@regle("d12", du="2018-01-01")
def arrondi_controle(
    exactes: Exactes,
    totaux_lignes: Mapping[str, int] | None,
    totaux_colonnes: Mapping[str, int] | None,
    total: int | None,
) -> Resultat:
    """Arrondit un tableau croisé : chaque case à l'entier inférieur ou supérieur, lignes et colonnes justes.

    A total that is not imposed is the whole number just below or above its exact value, the grand total the nearest
    one. Of all such tables the nearest is taken (least sum of the gaps of cells and totals); a tie gives the dwelling
    to the smallest exact cell, then by alphabetical order. There is one answer, whatever the order of reading.
    Returns a `TableauEntier`. Raises ArrondiImpossible when no table holds the totals imposed.
    """
    arcs = {((LIGNE, li), (COLONNE, co)): v for li, cases in exactes.items() for co, v in cases.items()}
    marges: dict[Arc, Fraction] = defaultdict(Fraction)
    for (ligne, colonne), valeur in arcs.items():
        marges[DEPART, ligne] += valeur
        marges[colonne, ARRIVEE] += valeur
    imposes = {(DEPART, (LIGNE, nom)): n for nom, n in (totaux_lignes or {}).items()}
    imposes |= {((COLONNE, nom), ARRIVEE): n for nom, n in (totaux_colonnes or {}).items()}
    imposes[ARRIVEE, DEPART] = _grand_total(marges, imposes, total)
    _verifier(arcs, imposes)
    entiers = _au_plus_pres(arcs, marges, imposes)
    tableau = TableauEntier(
        {li: {co: entiers[(LIGNE, li), (COLONNE, co)] for co in cases} for li, cases in exactes.items()},
        exactes,
        {vers[1]: n for (de, vers), n in entiers.items() if de == DEPART},
        {de[1]: n for (de, vers), n in entiers.items() if vers == ARRIVEE},
        imposes[ARRIVEE, DEPART],
    )
    formule = "cases à l'entier inférieur ou supérieur, lignes et colonnes justes"
    return Resultat(tableau, "calcule", (Etape("Arrondi contrôlé", formule, tableau.total, "d12"),))


def _grand_total(marges: Mapping[Arc, Fraction], imposes: Mapping[Arc, int], total: int | None) -> int:
    """The total imposed, else the sum of the lines or of the columns where all are imposed, else the nearest."""
    if total is not None:
        return total
    for cote in (DEPART, ARRIVEE):
        siens = [arc for arc in marges if cote in arc]
        if siens and all(arc in imposes for arc in siens):
            return sum(n for arc, n in imposes.items() if cote in arc)
    exact = sum((v for arc, v in marges.items() if DEPART in arc), Fraction(0))
    bas = floor(exact)
    return bas + (exact - bas >= bas + 1 - exact)


def _verifier(arcs: Mapping[Arc, Fraction], imposes: Mapping[Arc, int]) -> None:
    """Name the total that its own cells cannot make."""
    for arc, impose in imposes.items():
        cote, nom = arc[0] if arc[1] == ARRIVEE else arc[1]
        siennes = [v for cellule, v in arcs.items() if (cote, nom) in cellule or (cote, nom) == DEPART]
        bas, haut = sum(floor(v) for v in siennes), sum(ceil(v) for v in siennes)
        if not bas <= impose <= haut:
            ou = f"de la {cote} « {nom} »" if cote in (LIGNE, COLONNE) else "général"
            raise ArrondiImpossible(
                f"Le total {ou} est fixé à {nombre(impose)}, mais ses cases arrondies donnent de {nombre(bas)} à "
                f"{nombre(haut)} : corrigez ce total, ou ne le fixez pas."
            )


def _au_plus_pres(
    arcs: Mapping[Arc, Fraction], marges: Mapping[Arc, Fraction], imposes: Mapping[Arc, int]
) -> dict[Arc, int]:
    """The nearest whole table, as a flow of least cost from the total to lines, to columns, to the total.

    Everything starts at its nearest whole number; where a line, a column or the total does not add up, the cheapest
    chain of cells and totals is moved by one, from where there is too much to where there is too little.
    """
    entiers = {arc: floor(valeur) for arc, valeur in {**marges, **arcs}.items()} | dict(imposes)
    residuel: dict[Arc, int] = {}
    for arc, cout in _couts(arcs, {a: v for a, v in marges.items() if a not in imposes}).items():
        entiers[arc] += cout < 0
        residuel[arc if cout >= 0 else arc[::-1]] = abs(cout)
    soldes: dict[Noeud, int] = defaultdict(int)
    for (de, vers), entier in entiers.items():
        soldes[de] -= entier
        soldes[vers] += entier
    while exces := [noeud for noeud, solde in soldes.items() if solde > 0]:
        chemin = _moins_cher(residuel, exces, {noeud for noeud, solde in soldes.items() if solde < 0})
        for arc in chemin:
            residuel[arc[::-1]] = -residuel.pop(arc)
            entiers[arc if arc in entiers else arc[::-1]] += 1 if arc in entiers else -1
        soldes[chemin[-1][0]] -= 1
        soldes[chemin[0][1]] += 1
    return entiers


def _couts(arcs: Mapping[Arc, Fraction], libres: Mapping[Arc, Fraction]) -> dict[Arc, int]:
    """What rounding up rather than down adds to the gaps, in whole units; the low bits of a cell break ties."""
    unite = lcm(*(v.denominator for v in {**arcs, **libres}.values()))
    premiers = sorted(arcs, key=lambda arc: (arcs[arc], sorted((arc[0][1], arc[1][1])), arc))
    bits = {arc: 1 << rang for rang, arc in enumerate(reversed(premiers))}
    return {
        arc: (int((floor(v) + ceil(v) - v - v) * unite) << len(premiers)) - bits.get(arc, 0)
        for arc, v in {**arcs, **libres}.items()
        if v.denominator > 1
    }


def _moins_cher(residuel: Mapping[Arc, int], exces: Iterable[Noeud], manques: set[Noeud]) -> list[Arc]:
    """The cheapest chain of moves from an excess to a lack, last move first (Bellman-Ford: moves may be undone)."""
    distance: dict[Noeud, int] = dict.fromkeys(exces, 0)
    par: dict[Noeud, Arc] = {}
    change = True
    while change:
        change = False
        for arc, cout in residuel.items():
            de, vers = arc
            if de in distance and (vers not in distance or distance[de] + cout < distance[vers]):
                distance[vers], par[vers], change = distance[de] + cout, arc, True
    atteints = [noeud for noeud in manques if noeud in distance]
    if not atteints:
        raise ArrondiImpossible(
            "Les totaux fixés ne vont pas ensemble : aucun tableau ne les tient tous sans déplacer une case d'un "
            "logement entier. Corrigez-les, ou ne fixez que les lignes ou que les colonnes."
        )
    noeud = min(atteints, key=distance.__getitem__)
    chemin = []
    while noeud in par:
        chemin.append(par[noeud])
        noeud = par[noeud][0]
    return chemin
