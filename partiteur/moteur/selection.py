"""An état des lieux inside a perimeter, of the dwellings some filters keep: what a page shows of a millésime (E5)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from partiteur.moteur.droits import RegistreEnFichier
from partiteur.moteur.etats import (
    EtatDesLieux,
    Moteur,
    compter_la_vue,
    en_contingents,
    verifier_axes,
)
from partiteur.moteur.execution import connexion
from partiteur.moteur.millesime import TOUT, Parc, Territoire, vue
from partiteur.regles.socle import Avertissement, avertir

INCONNU = "inconnu"
MOTS: Mapping[Any, str] = {True: "oui", False: "non", None: INCONNU}


@dataclass(frozen=True)
class Selection:
    """The état of the dwellings kept; those of the perimeter (`ensemble`), and of them those a filter cannot place."""

    etat: EtatDesLieux
    ensemble: int
    indecis: int


def mot(valeur: Any) -> str:
    """A value as a filter writes it: « oui », « non », « inconnu », else as it is."""
    return MOTS[valeur] if valeur is None or isinstance(valeur, bool) else str(valeur)


def selectionner(
    parc: Parc,
    perimetre: Territoire,
    axes: Sequence[str],
    filtres: Mapping[str, str],
    registre: RegistreEnFichier | None,
    moteur: Moteur = connexion,
) -> Selection:
    """Count by axes the dwellings of a perimeter that have, on each axis of `filtres`, the value written there.

    A dwelling whose value is unknown is kept by the filter « inconnu » alone, else counted in `indecis`. What of the
    register does not fit the parc is said of the whole parc only. Raises AxeInconnu.
    """
    axes = verifier_axes(axes)
    tous = verifier_axes((*axes, *filtres))
    con = moteur()
    vue(con, parc, perimetre)
    table, dits = compter_la_vue(con, parc, tous, registre)
    avertissements: tuple[Avertissement, ...] = dits if perimetre is TOUT else ()
    if registre is None and "reservataire" in tous:
        table, _ = en_contingents(table, tous.index("reservataire"))
        avertissements = (avertir("contingents_rpls"),)
    gardes: Counter[tuple[Any, ...]] = Counter()
    ensemble = indecis = 0
    rangs = {tous.index(axe): voulu for axe, voulu in filtres.items()}
    for *valeurs, logements in zip(*(colonne.to_pylist() for colonne in table.columns), strict=True):
        ensemble += logements
        ecarts = [valeurs[rang] for rang, voulu in rangs.items() if mot(valeurs[rang]) != voulu]
        if not ecarts:
            gardes[tuple(valeurs[: len(axes)])] += logements
        elif all(valeur is None for valeur in ecarts):
            indecis += logements
    lignes = sorted(gardes, key=lambda ligne: [(valeur is None, str(valeur)) for valeur in ligne])
    etat = EtatDesLieux(
        axes, tuple((*ligne, gardes[ligne]) for ligne in lignes), sum(gardes.values()), avertissements
    )
    return Selection(etat, ensemble, indecis)
