"""The points of a criterion as SQL, in whole multiples of 1 ÷ `echelle`: exact, whatever the grid's fractions."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from partiteur.moteur.cotation.expressions import VRAI, Lecture, cas, condition, litteral, ordre
from partiteur.regles.cotation.grille import (
    Axe,
    Compteur,
    Critere,
    Enumere,
    Forfait,
    Forme,
    Grille,
    ParUnite,
    Tableau,
    Tranche,
    Tranches,
    variables_de_condition,
    variables_de_forme,
)


def echelle(grille: Grille) -> int:
    """The common denominator of every number of points a grid can give: 1 for a grid in whole points."""
    denominateur = 1
    for critere in grille.criteres:
        propres = lcm(*(p.denominator for p in _points(critere.forme)))
        facteurs = lcm(*(c.facteur.denominator for c in critere.coefficients))
        denominateur = lcm(denominateur, propres * facteurs)
    bornes = [grille.plafond, grille.plancher, *(c.plafond for c in grille.criteres)]
    for rubrique in grille.rubriques:
        bornes += [rubrique.plafond, rubrique.plancher]
    return lcm(denominateur, *(b.denominator for b in bornes if b is not None))


def _points(forme: Forme) -> Iterator[Fraction]:
    match forme:
        case Forfait(points) | Compteur(points=points):
            yield points
        case ParUnite(points_par_unite=points, paliers=paliers):
            yield points
            yield from (palier.points_par_unite for palier in paliers)
        case Tranches(tranches=tranches):
            yield from (tranche.points for tranche in tranches)
        case Enumere(points=par_code):
            yield from (points for _, points in par_code)
        case Tableau(points=lignes):
            yield from (points for ligne in lignes for points in ligne)


@dataclass(frozen=True)
class Apport:
    """What a criterion brings, as SQL: its points once capped, whether it applies, whether its form is known."""

    points: str
    applicable: str
    connu: str


def apport(critere: Critere, lecture: Lecture, unite: int) -> Apport:
    """A criterion's points in multiples of 1 ÷ `unite`; 0 when it does not apply, or when a fact is unknown."""
    applicable = condition(critere.si, lecture)
    donne, connu = _forme(critere.forme, lecture, unite)
    denominateur = lcm(*(c.facteur.denominator for c in critere.coefficients))
    if critere.coefficients:
        brut, _ = _forme(critere.forme, lecture, unite // denominateur)  # `echelle` holds the product of both
        donne = f"({brut}) * ({_facteur(critere, lecture, denominateur)})"
    if critere.plafond is not None:
        donne = f"least({donne}, {_entier(critere.plafond, unite)})"
    quand = " and ".join(c for c in (applicable, connu) if c != VRAI) or VRAI
    return Apport(donne if quand == VRAI else f"case when {quand} then {donne} else 0 end", applicable, connu)


def manques(critere: Critere, lecture: Lecture, apporte: Apport) -> Iterator[tuple[str, str]]:
    """Each variable whose absence keeps the criterion from being judged, with when it does, as SQL."""
    lues = [*variables_de_condition(critere.si, lecture.references), *variables_de_forme(critere.forme)]
    if lues:
        indecis = _indecis(apporte)
        yield from ((v, f"({indecis}) and {lecture.colonne(v)} is null") for v in lues)
    jugee = f"{apporte.applicable} and {apporte.connu}"
    for coefficient in critere.coefficients:
        tient = condition(coefficient.si, lecture)
        for v in variables_de_condition(coefficient.si, lecture.references):
            yield v, f"{jugee} and ({tient}) is null and {lecture.colonne(v)} is null"
        jugee = f"{jugee} and not coalesce({tient}, false)"


def _indecis(apporte: Apport) -> str:
    if apporte.applicable == VRAI:
        return f"not ({apporte.connu})"
    inconnu = f"({apporte.applicable}) is null"
    return (
        inconnu if apporte.connu == VRAI else f"{inconnu} or {apporte.applicable} and not ({apporte.connu})"
    )


def _facteur(critere: Critere, lecture: Lecture, denominateur: int) -> str:
    quand = [
        f"when {condition(c.si, lecture)} then {_entier(c.facteur, denominateur)}"
        for c in critere.coefficients
    ]
    return f"case {' '.join(quand)} else {denominateur} end"


def _entier(points: Fraction, unite: int) -> str:
    exact = points * unite
    assert exact.denominator == 1, (points, unite)
    return str(exact.numerator)


def _forme(forme: Forme, lecture: Lecture, unite: int) -> tuple[str, str]:
    """A form's points as SQL, and the condition under which the facts it reads are known."""
    connu = " and ".join(f"{lecture.colonne(v)} is not null" for v in variables_de_forme(forme)) or VRAI
    match forme:
        case Forfait(points):
            return _entier(points, unite), VRAI
        case Compteur():
            comptes = lecture.compteurs[forme]
            return f"{_entier(forme.points, unite)} * {fois(forme, comptes.nombre)}", comptes.connu
        case ParUnite():
            return _par_unite(forme, lecture, unite), connu
        case Tranches():
            return _par_tranche(forme, lecture, unite), connu
        case Enumere(variable, points):
            colonne = lecture.colonne(variable)
            quand = [f"when {colonne} = {litteral(code)} then {_entier(p, unite)}" for code, p in points]
            return cas(quand), connu
        case Tableau():
            return _tableau(forme, lecture, unite), connu


def fois(compteur: Compteur, nombre: str) -> str:
    """How many times a counter applies, as SQL, from the number of its events."""
    applicables = f"greatest({nombre} - {compteur.a_partir_de - 1}, 0)"
    return applicables if compteur.maximum is None else f"least({applicables}, {compteur.maximum})"


def _par_unite(forme: ParUnite, lecture: Lecture, unite: int) -> str:
    unites = lecture.colonne(forme.variable)
    termes, tarif, depuis = [], forme.points_par_unite, 0
    for palier in forme.paliers:
        dedans = f"least(greatest({unites}, {depuis}), {palier.a_partir_de}) - {depuis}"
        termes.append(f"{_entier(tarif, unite)} * ({dedans})")
        tarif, depuis = palier.points_par_unite, palier.a_partir_de
    termes.append(f"{_entier(tarif, unite)} * (greatest({unites}, {depuis}) - {depuis})")
    return " + ".join(termes) if len(termes) == 1 else f"({' + '.join(termes)})"


def _par_tranche(forme: Tranches, lecture: Lecture, unite: int) -> str:
    """The first range that holds the value; a lower bound is not asked again where the range before stopped."""
    colonne, quand = lecture.colonne(forme.variable), []
    continue_, avant = True, None
    for tranche in forme.tranches:
        continue_ = continue_ and tranche.a_partir_de == avant
        quand.append(f"when {_dans(tranche, colonne, continue_)} then {_entier(tranche.points, unite)}")
        avant = tranche.moins_de
        continue_ = continue_ and avant is not None
    return cas(quand)


def _dans(tranche: Tranche, colonne: str, continue_: bool) -> str:
    bornes = []
    if tranche.a_partir_de is not None and not continue_:
        bornes.append(ordre(colonne, ">=", tranche.a_partir_de))
    if tranche.moins_de is not None:
        bornes.append(ordre(colonne, "<", tranche.moins_de))
    return " and ".join(bornes) or VRAI


def _tableau(forme: Tableau, lecture: Lecture, unite: int) -> str:
    quand = [
        f"when {_rang(forme.lignes, ligne, lecture)} and {_rang(forme.colonnes, colonne, lecture)} "
        f"then {_entier(points, unite)}"
        for ligne, rangee in enumerate(forme.points)
        for colonne, points in enumerate(rangee)
    ]
    return cas(quand)


def _rang(axe: Axe, rang: int, lecture: Lecture) -> str:
    """When a value falls on the row or column `rang` of a side."""
    colonne = lecture.colonne(axe.variable)
    if axe.valeurs:
        valeur = axe.valeurs[rang]
        if isinstance(valeur, int | Fraction) and not isinstance(valeur, bool):
            return ordre(colonne, "=", Fraction(valeur))
        return f"{colonne} = {litteral(valeur)}"
    dessus = [ordre(colonne, ">=", axe.bornes[rang - 1])] if rang else []
    dessous = [ordre(colonne, "<", axe.bornes[rang])] if rang < len(axe.bornes) else []
    return " and ".join([*dessus, *dessous])
