"""The long table of the bilan and its marginals: they add up in every direction, or there is no bilan (D41)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from partiteur.regles.socle import ErreurUtilisateur, Resultat, bareme, regle


class BilanIncoherent(ErreurUtilisateur):
    """Two totals of one bilan differ: it is not published."""


@dataclass(frozen=True)
class Cellule:
    """One combination of the axes, unknown as None, and its counters."""

    cle: tuple[Any, ...]
    compteurs: Mapping[str, int]


@dataclass(frozen=True)
class Ventilation:
    """The long table: one row a combination met; the marginals by axis; the total of each counter."""

    axes: tuple[str, ...]
    lignes: tuple[Cellule, ...]
    marginaux: Mapping[str, tuple[Cellule, ...]]
    total: Mapping[str, int]


@regle("d41", "r441-5-1", du="2018-01-01")
def periode_construction(annee: int | None) -> Resultat:
    """Range une année de construction dans une période du bilan ; aucun texte n'en fixe les classes.

    Returns the code of periodes_construction.toml, None for an unknown year.
    """
    if annee is None:
        return Resultat(None, "inconnue")
    classes = bareme("periodes_construction")["classes"]
    code = next(c["code"] for c in classes if "derniere" not in c or annee <= c["derniere"])
    return Resultat(code)


@regle("d41", "d40", "r441-5-1", du="2018-01-01")
def recouper(
    axes: Sequence[str],
    cellules: Sequence[Cellule],
    marginaux: Mapping[str, Sequence[Cellule]],
    total: Mapping[str, int],
) -> Resultat:
    """Le bilan croisé se recoupe dans tous les sens : chaque marginal et le total sont la somme des cellules.

    `marginaux`: counted apart, by axis, each cell with a key of one value; `total`: that of the décompte. Returns a
    `Ventilation`. Raises BilanIncoherent on the first figure that differs.
    """
    for rang, axe in enumerate(axes):
        sommes: dict[Any, dict[str, int]] = {}
        for cellule in cellules:
            _ajouter(sommes.setdefault(cellule.cle[rang], {}), cellule.compteurs)
        lues = {cellule.cle[0]: dict(cellule.compteurs) for cellule in marginaux[axe]}
        for valeur in {*sommes, *lues}:
            _comparer(f"{axe} « {valeur} »", sommes.get(valeur, {}), lues.get(valeur, {}))
    general: dict[str, int] = {}
    for cellule in cellules:
        _ajouter(general, cellule.compteurs)
    _comparer("total", general, total)
    ranges = {axe: tuple(marginaux[axe]) for axe in axes}
    return Resultat(Ventilation(tuple(axes), tuple(cellules), ranges, dict(total)), "recoupe")


def _ajouter(somme: dict[str, int], compteurs: Mapping[str, int]) -> None:
    for nom, nombre in compteurs.items():
        somme[nom] = somme.get(nom, 0) + nombre


def _comparer(ou: str, somme: Mapping[str, int], lue: Mapping[str, int]) -> None:
    for nom in {*somme, *lue}:
        if somme.get(nom, 0) != lue.get(nom, 0):
            raise BilanIncoherent(
                f"Le bilan ne se recoupe pas : {ou}, « {nom} » vaut {lue.get(nom, 0)} d'un côté et "
                f"{somme.get(nom, 0)} en sommant les lignes ; il n'est pas publié, signalez-le avec le journal."
            )


@regle("d46", du="2018-01-01")
def dates_intermediaires(du: date, au: date, dates: Sequence[str] | None = None) -> Resultat:
    """Les bilans intermédiaires s'arrêtent aux dates de la convention, à défaut à la fin de chaque trimestre.

    `dates`: month and day, « 06-30 ». Returns those from `du` to `au` included.
    """
    voulues = tuple(dates) if dates is not None else tuple(bareme("bilan")["intermediaires"]["dates"])
    lues = [
        date.fromisoformat(f"{annee}-{jour}") for annee in range(du.year, au.year + 1) for jour in voulues
    ]
    return Resultat(
        tuple(sorted(le for le in lues if du <= le <= au)), "defaut" if dates is None else "clause"
    )
