"""Points from an order: a territory ranks its criteria, and a published method turns the ranks into weights.

Nothing here is the law: R441-2-10 asks a grid to state its weights, not where they come from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, nombre, pourcentage, regle

SIMOS = "simos"


class OrdreImpossible(ErreurUtilisateur):
    """An order of criteria from which no weight can be computed."""


@dataclass(frozen=True)
class Poids:
    """What a criterion weighs: its rank (1 first, shared by equals), its exact share of the whole, its points."""

    critere: str
    rang: int
    poids: Fraction
    points: int


def _centroide(position: int, n: int) -> Fraction:
    return sum((Fraction(1, k) for k in range(position, n + 1)), Fraction(0)) / n


def _somme(position: int, n: int) -> Fraction:
    return Fraction(n + 1 - position)


def _reciproque(position: int, _n: int) -> Fraction:
    return Fraction(1, position)


PAR_POSITION: Mapping[str, Callable[[int, int], Fraction]] = {
    "centroide": _centroide,
    "somme": _somme,
    "reciproque": _reciproque,
}
METHODES = (*PAR_POSITION, SIMOS)


@regle("r441-2-10", "s2", du="2019-12-19")
def poids_par_ordre(
    ordre: Sequence[Sequence[str]], methode: str, premier: int, rapport: Fraction | None = None
) -> Resultat:
    """Des critères rangés par priorité reçoivent des poids, puis des points entiers, d'après leur seul ordre.

    `ordre`: groups of equal criteria, the first weighs most; an empty group is a white card, that widens the gap
    between its neighbours (Simos alone). `methode`: `centroide` (the mean weight of all those the order allows),
    `somme` (n, n-1, … 1), `reciproque` (1, 1/2, … 1/n); equals share the mean of their positions; `simos`
    (Figueira and Roy, 2002): `rapport` is how many times the first group outweighs the last. `premier`: the points
    of the first; the others follow in proportion, to the nearest whole, halves to the even one. Returns a tuple of
    `Poids`, code `rangs_confondus` when rounding gives two ranks the same points. Raises OrdreImpossible.
    """
    _controler(ordre, methode, premier, rapport)
    bruts = _simos(ordre, rapport) if rapport is not None else _par_position(ordre, methode)
    groupes = [groupe for groupe in ordre if groupe]
    total = sum((brut * len(groupe) for groupe, brut in zip(groupes, bruts, strict=True)), Fraction(0))
    lignes, etapes = [], []
    for rang, (groupe, brut) in enumerate(zip(groupes, bruts, strict=True), start=1):
        points = round(premier * brut / bruts[0])
        lignes += [Poids(critere, rang, brut / total, points) for critere in groupe]
        formule = f"{nombre(premier)} × {nombre(brut)} ÷ {nombre(bruts[0])}, soit {pourcentage(brut / total)} du tout"
        etapes.append(Etape(f"Rang {rang} : {', '.join(groupe)}", formule, points, "s2"))
    confondus = len({ligne.points for ligne in lignes}) < len(groupes)
    return Resultat(tuple(lignes), "rangs_confondus" if confondus else "calcule", tuple(etapes))


def _par_position(ordre: Sequence[Sequence[str]], methode: str) -> list[Fraction]:
    """The weight of each group: the mean of the positions its members hold together."""
    n = sum(map(len, ordre))
    bruts, avant = [], 0
    for groupe in ordre:
        poids = [PAR_POSITION[methode](avant + i, n) for i in range(1, len(groupe) + 1)]
        bruts.append(sum(poids, Fraction(0)) / len(groupe))
        avant += len(groupe)
    return bruts


def _simos(ordre: Sequence[Sequence[str]], rapport: Fraction) -> list[Fraction]:
    """The last group weighs 1, the first `rapport`; between them as many equal steps as cards."""
    rangs = [rang for rang, groupe in enumerate(reversed(ordre)) if groupe]  # 0 for the least important
    pas = (rapport - 1) / rangs[-1] if rangs[-1] else Fraction(0)
    return [1 + pas * rang for rang in reversed(rangs)]


def _controler(ordre: Sequence[Sequence[str]], methode: str, premier: int, rapport: Fraction | None) -> None:
    codes = [code for groupe in ordre for code in groupe]
    if not codes:
        raise OrdreImpossible(
            "L'ordre ne nomme aucun critère : donnez-les du plus important au moins important."
        )
    doubles = sorted({code for code in codes if codes.count(code) > 1})
    if doubles:
        raise OrdreImpossible(f"Le critère « {doubles[0]} » est rangé deux fois : gardez un seul rang.")
    if methode not in METHODES:
        raise OrdreImpossible(
            f"La méthode « {methode} » est inconnue : choisissez parmi {', '.join(METHODES)}."
        )
    if premier < 1:
        raise OrdreImpossible("Le premier critère vaut au moins un point.")
    if methode == SIMOS:
        if not ordre[0] or not ordre[-1]:
            raise OrdreImpossible("Une carte blanche se place entre deux critères, ni en tête ni à la fin.")
        if rapport is None or rapport < 1:
            raise OrdreImpossible(
                "La méthode de Simos demande combien de fois le premier critère pèse plus que le dernier : "
                "un nombre d'au moins 1."
            )
    elif rapport is not None:
        raise OrdreImpossible("Le rapport du premier au dernier critère ne sert qu'à la méthode de Simos.")
    elif not all(ordre):
        raise OrdreImpossible("Les cartes blanches ne servent qu'à la méthode de Simos.")
