"""Two grids compared: what changed in the text, and who moves in each list."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from partiteur.moteur.cotation.calcul import NUMERO
from partiteur.moteur.execution import executer
from partiteur.moteur.grilles.listes import Demandeurs, lister
from partiteur.regles.cotation import Critere, Grille, Rubrique

# Compared apart, or of no effect on a score.
HORS_ENTETE = (
    "rubriques",
    "criteres",
    "code",
    "titre",
    "version",
    "bornes",
    "etend",
    "source",
    "publie",
    "non_publie",
)


@dataclass(frozen=True)
class Changement:
    """One thing that differs: `quoi` (entete, rubrique, critere), its code, the field; None on the side without it.

    A criterion or rubrique only on one side has field None, and is there whole.
    """

    quoi: str
    code: str
    champ: str | None
    avant: Any
    apres: Any


@dataclass(frozen=True)
class Mouvement:
    """What a list becomes: how many demandes are in both, keep their rank, rise, fall, and who leaves the top.

    `ecart_moyen`: the mean number of ranks moved. `tete`: the size of the top, `sortent` how many of it are replaced.
    None when the list is too small to be shown.
    """

    liste: str
    demandes: int | None
    stables: int | None
    montent: int | None
    descendent: int | None
    ecart_moyen: Fraction | None
    tete: int
    sortent: int | None


@dataclass(frozen=True)
class Comparaison:
    """Grid A against grid B; `mouvements` is None without demandes."""

    avant: Grille
    apres: Grille
    changements: tuple[Changement, ...]
    mouvements: tuple[Mouvement, ...] | None
    minimum: int


def comparer(
    avant: Grille, apres: Grille, demandeurs: Demandeurs | None, tete: int, minimum: int
) -> Comparaison:
    """What changed from a grid to another, and, given demandes, who moves in each list."""
    mouvements = None
    if demandeurs is not None:
        lister(demandeurs, avant, "liste_avant")
        lister(demandeurs, apres, "liste_apres")
        mouvements = tuple(mouvements_entre(demandeurs, "liste_avant", "liste_apres", tete, minimum))
    return Comparaison(avant, apres, tuple(changements(avant, apres)), mouvements, minimum)


def changements(avant: Grille, apres: Grille) -> list[Changement]:
    """Every field that differs, the header first, then rubriques and criteria in their order."""
    lus = _champs("entete", avant.code, avant, apres, HORS_ENTETE)
    for quoi, gauche, droite in (
        ("rubrique", _par_code(avant.rubriques), _par_code(apres.rubriques)),
        ("critere", _par_code(avant.criteres), _par_code(apres.criteres)),
    ):
        for code in dict.fromkeys((*gauche, *droite)):
            ici, la = gauche.get(code), droite.get(code)
            if ici is None or la is None:
                lus.append(Changement(quoi, code, None, ici, la))
            else:
                lus += _champs(quoi, code, ici, la, ("code", "source", "catalogue"))
    return lus


def _par_code(lignes: Any) -> dict[str, Critere | Rubrique]:
    return {ligne.code: ligne for ligne in lignes}


def _champs(quoi: str, code: str, avant: Any, apres: Any, omis: tuple[str, ...]) -> list[Changement]:
    return [
        Changement(quoi, code, champ, getattr(avant, champ), getattr(apres, champ))
        for champ in avant.__dataclass_fields__
        if champ not in omis and getattr(avant, champ) != getattr(apres, champ)
    ]


def mouvements_entre(
    demandeurs: Demandeurs, avant: str, apres: str, tete: int, minimum: int
) -> list[Mouvement]:
    """The movements of each list between two tables of ranks; a count too small to be shown is None."""
    lignes = executer(
        demandeurs.con,
        f"""select a.liste, count(*), count(*) filter (where a.rang = b.rang), count(*) filter (where b.rang < a.rang),
    count(*) filter (where b.rang > a.rang), cast(sum(abs(a.rang - b.rang)) as bigint),
    count(*) filter (where a.rang <= {tete}), count(*) filter (where a.rang <= {tete} and b.rang > {tete})
from {avant} a join {apres} b on a.{NUMERO} = b.{NUMERO} and a.liste = b.liste
group by a.liste order by a.liste""",
    )
    dits = []
    for liste, nombre, stables, montent, descendent, ecart, haut, sortent in lignes:
        if nombre < minimum:
            dits.append(Mouvement(liste, None, None, None, None, None, tete, None))
        else:
            dits.append(
                Mouvement(liste, nombre, stables, montent, descendent, Fraction(ecart, nombre), haut, sortent)
            )
    return dits
