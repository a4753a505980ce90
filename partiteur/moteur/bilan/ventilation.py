"""The long table of a bilan: the counters of the account crossed by what the dwellings are, and its marginals."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from partiteur.regles.bilan import Cellule, Ventilation, periode_construction, recouper
from partiteur.regles.decompte import Decompte, LigneDecompte
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import LogementVacant

AXES: tuple[str, ...] = tuple(bareme("bilan")["table"]["axes"])
COMPTEURS: tuple[str, ...] = tuple(bareme("bilan")["table"]["compteurs"])
EN_CANDIDATS = "candidats_acceptes"
Lieu = tuple[Any, ...]
Candidats = Mapping[tuple[str, str], int]


def ventiler(
    decompte: Decompte, logements: Mapping[str, LogementVacant], candidats: Candidats
) -> Ventilation:
    """Cross the counters of an account by the six axes. Raises BilanIncoherent when they do not add up.

    `candidats`: how many were accepted, by réservataire and vacance. Each marginal is counted from the vacances, not
    from the table, and so is the total: that they agree is a check.
    """
    rangs_des_lieux: dict[Lieu, int] = {}
    places = {v: rangs_des_lieux.setdefault(lieu_de(lo), len(rangs_des_lieux)) for v, lo in logements.items()}
    lieux = tuple(rangs_des_lieux)
    nulle_part = lieu_de(LogementVacant(""))
    cellules: dict[Lieu, Counter[str]] = {}
    par_code: dict[Any, Counter[str]] = {}
    total: Counter[str] = Counter(dict.fromkeys(COMPTEURS, 0))
    for ligne in decompte.lignes:
        for nom in COMPTEURS:
            for place, nombre in _compter(ligne, nom, places, candidats).items():
                lieu = nulle_part if place is None else lieux[place]
                cellules.setdefault((ligne.code, *lieu), Counter())[nom] += nombre
        par_code[ligne.code] = Counter({nom: nombre_de(ligne, nom, candidats) for nom in COMPTEURS})
        total.update(par_code[ligne.code])
    marginaux = {"reservataire": par_code}
    for rang, axe in enumerate(AXES[1:]):
        valeurs = [lieu[rang] for lieu in lieux]
        marginaux[axe] = _marginal(decompte, {v: valeurs[place] for v, place in places.items()}, candidats)
    rangs = {axe: _cellules({(v,): c for v, c in marginaux[axe].items()}) for axe in AXES}
    ventilation: Ventilation = recouper(AXES, _cellules(cellules), rangs, total).valeur
    return ventilation


def _marginal(
    decompte: Decompte, valeurs: Mapping[str, Any], candidats: Candidats
) -> dict[Any, Counter[str]]:
    """The marginal of an axis of the dwellings, counted from the vacances by itself."""
    marginal: dict[Any, Counter[str]] = {}
    for ligne in decompte.lignes:
        for nom in COMPTEURS:
            for valeur, nombre in _compter(ligne, nom, valeurs, candidats).items():
                marginal.setdefault(valeur, Counter())[nom] += nombre
    return marginal


def _compter(ligne: LigneDecompte, nom: str, cles: Mapping[str, Any], candidats: Candidats) -> Counter[Any]:
    """A counter of a réservataire by the key of its vacances, None for one without."""
    if nom != EN_CANDIDATS:
        return Counter(map(cles.get, vacances_de(ligne, nom)))
    comptes: Counter[Any] = Counter()
    for vacance in ligne.attribution:
        comptes[cles.get(vacance)] += candidats.get((ligne.code, vacance), 0)
    return comptes


def vacances_de(ligne: LigneDecompte, nom: str) -> tuple[str, ...]:
    """The vacances of a counter of the bilan."""
    vacances: tuple[str, ...] = getattr(ligne, nom)
    return vacances


def nombre_de(ligne: LigneDecompte, nom: str, candidats: Candidats) -> int:
    """A counter of a réservataire, as a number."""
    if nom == EN_CANDIDATS:
        return sum(candidats.get((ligne.code, vacance), 0) for vacance in ligne.attribution)
    return len(vacances_de(ligne, nom))


def candidats_acceptes(decompte: Decompte, lus: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Accepted candidates by (réservataire, vacance) of the attributions of an account.

    `lus`: by (vacance, réservataire), '' for a candidate nobody designated, who is then that of the attribution.
    """
    return {
        (ligne.code, vacance): lus.get((vacance, ligne.code), 0) or lus.get((vacance, ""), 0)
        for ligne in decompte.lignes
        for vacance in ligne.attribution
    }


def restreindre(decompte: Decompte, vacances: frozenset[str]) -> Decompte:
    """The account of some vacances alone; the rates of its lines are left out."""

    def garder(lues: Iterable[str]) -> tuple[str, ...]:
        return tuple(v for v in lues if v in vacances)

    def garder_genres(genres: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        gardees = {genre: garder(lues) for genre, lues in genres.items()}
        return {genre: lues for genre, lues in gardees.items() if lues}

    def garder_listes(compte: LigneDecompte | Decompte) -> dict[str, Any]:
        listes = {
            nom: lues for nom, lues in vars(compte).items() if isinstance(lues, tuple) and nom != "lignes"
        }
        return {nom: garder(lues) for nom, lues in listes.items()}

    lignes = tuple(replace(ligne, chute=None, **garder_listes(ligne)) for ligne in decompte.lignes)
    offertes = {v for ligne in lignes for v in ligne.mise_a_disposition}
    return replace(
        decompte,
        soustraits=garder_genres(decompte.soustraits),
        hors_flux=garder_genres(decompte.hors_flux),
        surcompte=sum(len(ligne.mise_a_disposition) for ligne in lignes) - len(offertes),
        lignes=lignes,
        **garder_listes(decompte),
    )


def lieu_de(logement: LogementVacant) -> Lieu:
    """What the table says of a dwelling: commune, QPV, group of typologies, financing, period."""
    return (
        logement.commune,
        logement.qpv,
        _groupe(logement.typologie),
        logement.famille_financement,
        _periode(logement.annee_construction),
    )


@cache
def _groupe(typologie: str | None) -> str | None:
    """The group of a typologie (D16)."""
    groupes: Mapping[str, str] = bareme("typologies")["groupes"]
    return groupes.get(typologie) if typologie else None


@cache
def _periode(annee: int | None) -> str | None:
    code: str | None = periode_construction(annee).valeur
    return code


def _cellules(comptes: Mapping[Lieu, Mapping[str, int]]) -> tuple[Cellule, ...]:
    """Cells in the order of their keys, unknown last, every counter given."""
    return tuple(
        Cellule(cle, {nom: comptes[cle].get(nom, 0) for nom in COMPTEURS})
        for cle in sorted(comptes, key=rang_de)
    )


def rang_de(cle: Lieu) -> tuple[tuple[bool, str], ...]:
    """How keys are ordered: by their texts, unknown last."""
    return tuple((valeur is None, str(valeur)) for valeur in cle)


def inconnues(logements: Mapping[str, LogementVacant], vacances: Iterable[str]) -> dict[str, int]:
    """Of some vacances, how many have each fact of the table unknown."""
    lieux = [lieu_de(logements.get(vacance, LogementVacant(vacance))) for vacance in vacances]
    return {axe: sum(lieu[rang] is None for lieu in lieux) for rang, axe in enumerate(AXES[1:])}
