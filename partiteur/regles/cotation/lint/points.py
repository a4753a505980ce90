"""Points: ranges without hole nor overlap, caps that leave room, maluses where they can count."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from partiteur.regles.cotation.constat import Constat, avertissement, erreur
from partiteur.regles.cotation.grille import (
    Compteur,
    Critere,
    Enumere,
    Forfait,
    Grille,
    ParUnite,
    Rubrique,
    Tableau,
    Tranches,
)
from partiteur.regles.socle import nombre


def constats_de_points(grille: Grille) -> Iterator[Constat]:
    """Everything that the numbers of a grid show by themselves."""
    for critere in grille.criteres:
        yield from _forme(critere)
        yield from _effet(critere)
    yield from _plafonds(grille)
    for rubrique in grille.rubriques:
        if not _croissants((rubrique.plancher, rubrique.plafond)):
            yield erreur(
                "plancher_superieur",
                f"rubriques.{rubrique.code}",
                f"Rubrique « {rubrique.code} » : le plancher doit être inférieur au plafond.",
            )
    yield from _bornes(grille)


def montants(critere: Critere) -> tuple[Fraction, ...]:
    """The amounts a criterion may give, before its coefficients and cap; by unit or by event for those that grow."""
    match critere.forme:
        case Forfait(points):
            return (points,)
        case ParUnite(_, points, paliers):
            return (points, *(p.points_par_unite for p in paliers))
        case Tranches(_, tranches):
            return tuple(t.points for t in tranches)
        case Enumere(_, points):
            return tuple(p for _, p in points)
        case Tableau(points=points):
            return tuple(p for ligne in points for p in ligne)
        case _:
            return (critere.forme.points,)


def plus_grand(critere: Critere) -> Fraction | None:
    """The most a criterion may give by itself; None when nothing bounds it."""
    forme, facteurs = critere.forme, [Fraction(1), *(c.facteur for c in critere.coefficients)]
    bruts = montants(critere)
    if isinstance(forme, ParUnite) and max(bruts) > 0:
        return critere.plafond
    if isinstance(forme, Compteur) and max(bruts) > 0:
        if forme.maximum is None:
            return critere.plafond
        bruts = tuple(b * forme.maximum for b in bruts)
    haut = max(b * f for b in bruts for f in facteurs)
    return haut if critere.plafond is None else min(haut, critere.plafond)


def _forme(critere: Critere) -> Iterator[Constat]:
    chemin, qui = f"criteres.{critere.code}", f"Critère « {critere.code} »"
    match critere.forme:
        case Tranches():
            yield from _tranches(critere.forme, f"{chemin}.tranches", qui)
        case ParUnite(paliers=paliers):
            if not _croissants([0, *(p.a_partir_de for p in paliers)]):
                yield erreur(
                    "paliers_desordonnes",
                    f"{chemin}.paliers",
                    f"{qui} : les paliers doivent partir de seuils croissants, au-dessus de 0.",
                )
        case Tableau(lignes, colonnes):
            for axe in (lignes, colonnes):
                if not _croissants(axe.bornes) or len(set(axe.valeurs)) < len(axe.valeurs):
                    yield erreur(
                        "tranches_recouvrement",
                        f"{chemin}.tableau",
                        f"{qui} : les valeurs de « {axe.variable} » se recouvrent ; donnez-les croissantes, une fois.",
                    )
        case _:
            pass
    if not any(montants(critere)):
        yield avertissement(
            "critere_sans_point", chemin, f"{qui} : il ne donne aucun point, il ne sert à rien."
        )
    brut = plus_grand(_sans_plafond(critere))
    if critere.plafond is not None and brut is not None and critere.plafond < brut:
        yield erreur(
            "plafond_inferieur",
            f"{chemin}.plafond",
            f"{qui} : son plafond ({nombre(critere.plafond)}) est inférieur aux {nombre(brut)} points qu'il donne.",
        )


def _sans_plafond(critere: Critere) -> Critere:
    return replace(critere, plafond=None)


def _croissants(bornes: Iterable[Fraction | int | None]) -> bool:
    """True when the numbers rise, each above the one before; None is left out."""
    return all(avant < apres for avant, apres in pairwise(b for b in bornes if b is not None))


def _tranches(forme: Tranches, chemin: str, qui: str) -> Iterator[Constat]:
    premiere, derniere = forme.tranches[0], forme.tranches[-1]
    if premiere.a_partir_de is not None and premiere.a_partir_de > 0:
        yield _trou(chemin, qui, f"au-dessous de {nombre(premiere.a_partir_de)}")
    if derniere.moins_de is not None:
        yield _trou(chemin, qui, f"à partir de {nombre(derniere.moins_de)}")
    for rang, (avant, apres) in enumerate(pairwise(forme.tranches), start=1):
        if avant.moins_de is None:
            yield _recouvrement(
                chemin, qui, f"la tranche n° {rang} n'a pas de fin, la suivante ne sert jamais"
            )
        elif apres.a_partir_de is not None and apres.a_partir_de > avant.moins_de:
            yield _trou(chemin, qui, f"de {nombre(avant.moins_de)} à {nombre(apres.a_partir_de)}")
        elif apres.a_partir_de is not None and apres.a_partir_de < avant.moins_de:
            yield _recouvrement(
                chemin,
                qui,
                f"de {nombre(apres.a_partir_de)} à {nombre(avant.moins_de)}, deux tranches valent",
            )
    for rang, tranche in enumerate(forme.tranches, start=1):
        if not _croissants((tranche.a_partir_de, tranche.moins_de)):
            yield _recouvrement(chemin, qui, f"la tranche n° {rang} finit avant de commencer")


def _trou(chemin: str, qui: str, ou: str) -> Constat:
    return erreur("tranches_trou", chemin, f"{qui} : trou dans les tranches, {ou} aucune ne vaut.")


def _recouvrement(chemin: str, qui: str, quoi: str) -> Constat:
    return erreur("tranches_recouvrement", chemin, f"{qui} : recouvrement de tranches, {quoi}.")


def _effet(critere: Critere) -> Iterator[Constat]:
    chemin, forme = f"criteres.{critere.code}.effet", critere.forme
    if critere.gel_anciennete_mois is None:
        return
    if not isinstance(forme, Compteur):
        yield erreur(
            "effet_sans_compteur",
            chemin,
            f"Critère « {critere.code} » : seul un compteur d'événements peut geler l'ancienneté.",
        )
    elif forme.fenetre_mois is not None and forme.fenetre_mois <= critere.gel_anciennete_mois:
        yield avertissement(
            "gel_efface",
            chemin,
            f"Critère « {critere.code} » : le gel de {critere.gel_anciennete_mois} mois disparaît avec l'événement "
            f"au bout de {forme.fenetre_mois} mois ; allongez « fenetre_mois ».",
        )


def _plafonds(grille: Grille) -> Iterator[Constat]:
    """A cap under what one criterion may give by itself; a malus that a `max` or an `exclusif` would never see."""
    par_code = {r.code: r for r in grille.rubriques}
    for critere in grille.criteres:
        haut, bas = plus_grand(critere), min(montants(critere))
        lignee = list(_lignee(critere.rubrique, par_code))
        for rubrique in lignee:
            if rubrique.plafond is not None and haut is not None and haut > rubrique.plafond:
                yield _plafond_bas(
                    f"rubriques.{rubrique.code}.plafond",
                    f"Rubrique « {rubrique.code} »",
                    rubrique.plafond,
                    critere,
                    haut,
                )
            if rubrique.combinaison != "somme" and bas < 0:
                yield erreur(
                    "malus_dans_maximum",
                    f"criteres.{critere.code}",
                    f"Critère « {critere.code} » : un malus ne compte jamais dans la rubrique « {rubrique.code} », "
                    f"qui garde la plus haute valeur.",
                )
        apres = bool(lignee) and lignee[-1].apres_plafond
        if grille.plafond is not None and haut is not None and haut > grille.plafond and not apres:
            yield _plafond_bas("plafond", "Total", grille.plafond, critere, haut)


def _lignee(code: str, par_code: dict[str, Rubrique]) -> Iterator[Rubrique]:
    """A rubrique and those above it, up to the root; stops at a circle or at a missing parent."""
    vus: set[str] = set()
    ici: str | None = code
    while ici is not None and ici in par_code and ici not in vus:
        vus.add(ici)
        yield par_code[ici]
        ici = par_code[ici].parent


def _plafond_bas(chemin: str, ou: str, plafond: Fraction, critere: Critere, haut: Fraction) -> Constat:
    return erreur(
        "plafond_inferieur",
        chemin,
        f"{ou} : le plafond ({nombre(plafond)}) est inférieur au seul critère « {critere.code} » ({nombre(haut)} points).",
    )


def _bornes(grille: Grille) -> Iterator[Constat]:
    """A socle within its own bounds; of a grid that extends one, heritage.py says it."""
    if grille.etend is not None:
        return
    par_code = {c.code: c for c in grille.criteres}
    for code, borne in grille.bornes.items():
        if borne.minimum > borne.maximum:
            yield erreur(
                "bornes_inversees", f"bornes.{code}", f"Bornes de « {code} » : le minimum dépasse le maximum."
            )
        elif code in par_code and any(
            not borne.minimum <= m <= borne.maximum for m in montants(par_code[code])
        ):
            yield erreur(
                "hors_bornes",
                f"criteres.{code}",
                f"Critère « {code} » : ses points sortent des bornes de {nombre(borne.minimum)} à {nombre(borne.maximum)}.",
            )
