"""What was counted against what was due: to date, over the year, soustraits included; and whether chance explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from partiteur.regles.socle import Etape, Resultat, bareme, fraction, regle


@dataclass(frozen=True)
class Atteinte:
    """Counted ÷ objectif of the year, counted ÷ what the flux seen calls for, and their difference in dwellings."""

    du_volume: Fraction | None
    du_flux: Fraction | None
    ecart: Fraction | None


@dataclass(frozen=True)
class Alerte:
    """An imbalance: « retard » or « avance » when chance alone would do so less often than the threshold, else None.

    `probabilite`: of a count as far or farther on that side, rounded up to the barème's precision.
    """

    sens: str | None
    probabilite: Fraction
    petits_nombres: bool

    @property
    def mots(self) -> str:
        """« retard, petits nombres », or nothing to say."""
        return ", ".join(filter(None, (self.sens, "petits nombres" if self.petits_nombres else None)))


@dataclass(frozen=True)
class LigneSoustraits:
    """A category of soustraits: forecast (None: nothing given), realised, and realised minus forecast."""

    categorie: str
    prevu: Fraction | None
    realise: int
    ecart: Fraction | None


@regle("d45", du="2018-01-01")
def attendu_a_date(part: Fraction, flux_constate: int) -> Resultat:
    """L'attendu à une date est la part du réservataire dans le flux constaté, non le prorata des jours écoulés."""
    attendu = part * flux_constate
    etape = Etape("Attendu à date", f"{part} × {flux_constate}", attendu, "d45")
    return Resultat(attendu, "calcule", (etape,))


@regle("d45", "s3", du="2018-01-01")
def atteinte(compte: int | None, objectif: int | None, attendu: Fraction | None) -> Resultat:
    """Le compté se rapporte au volume de l'année et à l'attendu du flux constaté ; le second fait foi pour un pourcentage.

    `compte`: at the stage that binds, None when nothing sets it. What cannot be divided is None.
    """
    if compte is None:
        return Resultat(Atteinte(None, None, None), "etape_non_fixee")
    du_volume = Fraction(compte, objectif) if objectif else None
    du_flux = compte / attendu if attendu else None
    ecart = None if attendu is None else compte - attendu
    etapes = (
        Etape("Atteinte du volume", f"{compte} ÷ {objectif}", du_volume, "d45"),
        Etape("Atteinte du flux constaté", f"{compte} ÷ {attendu}", du_flux, "d45"),
    )
    return Resultat(Atteinte(du_volume, du_flux, ecart), "calcule", etapes)


@regle("d45", du="2018-01-01")
def alerte_desequilibre(compte: int, flux_constate: int, part: Fraction) -> Resultat:
    """Un déséquilibre est annoncé quand le hasard seul l'expliquerait rarement ; les petits nombres sont dits petits.

    Exact binomial tail: as if each dwelling of the flux seen had gone to the réservataire with its part as chance.
    Returns an `Alerte`. Raises nothing; a part above 1 is taken as 1.
    """
    table = bareme("bilan")["alerte"]
    part = min(part, Fraction(1))
    attendu = part * flux_constate
    retard = compte < attendu
    a, b = part.numerator, part.denominator
    exacte = (
        _queue(compte, flux_constate, a, b)
        if retard
        else _queue(flux_constate - compte, flux_constate, b - a, b)
    )
    sens = None
    if exacte < fraction(table["seuil"]):
        sens = "retard" if retard else "avance"
    precision = table["precision"]
    majoree = Fraction(-(-exacte.numerator * precision // exacte.denominator), precision)
    petits = min(attendu, flux_constate - attendu) < table["petits_nombres"]
    etape = Etape("Probabilité d'un tel écart", f"{compte} sur {flux_constate}, part {part}", majoree, "d45")
    return Resultat(Alerte(sens, majoree, petits), sens or "equilibre", (etape,))


def _queue(au_plus: int, essais: int, a: int, b: int) -> Fraction:
    """P(X ≤ au_plus), X binomial of `essais` and a ÷ b: a sum of integers over b ** essais."""
    if au_plus < 0 or a == b:
        return Fraction(int(au_plus >= essais))
    terme = total = (b - a) ** essais
    for rang in range(min(au_plus, essais)):
        terme = terme * (essais - rang) * a // ((rang + 1) * (b - a))
        total += terme
    return Fraction(total, b**essais)


@regle("d22", "r441-5-soustraits", du="2018-01-01")
def soustraits_realises(prevus: Mapping[str, Fraction] | None, realises: Mapping[str, int]) -> Resultat:
    """Le prévisionnel des soustraits se rapproche du réalisé, catégorie par catégorie, celles de la loi même à zéro.

    `prevus` None: nothing was forecast, or it is unknown. Returns a `LigneSoustraits` a category.
    """
    categories = {code: c for code, c in bareme("soustraits").items() if isinstance(c, Mapping)}
    lignes = []
    for code, categorie in categories.items():
        if categorie.get("autorisation") and code not in {*(prevus or ()), *realises}:
            continue
        prevu = None if prevus is None else prevus.get(code, Fraction(0))
        realise = realises.get(code, 0)
        lignes.append(LigneSoustraits(code, prevu, realise, None if prevu is None else realise - prevu))
    etapes = tuple(
        Etape(f"Soustraits, {categories[li.categorie]['libelle']}", f"prévu {li.prevu}", li.realise, "d22")
        for li in lignes
    )
    return Resultat(tuple(lignes), "calcule" if prevus is not None else "sans_prevision", etapes)
