"""The law: the DALO and the L441-1 are covered, the grid is one for its territory, what it must say is said (D63)."""

from collections.abc import Iterator
from fractions import Fraction

from partiteur.regles.cotation.catalogue import PUBLICS, Catalogue
from partiteur.regles.cotation.constat import Constat, avertissement, erreur
from partiteur.regles.cotation.grille import (
    Compteur,
    Critere,
    Grille,
    comparaisons,
    variables_de_condition,
    variables_du_critere,
)
from partiteur.regles.cotation.lint.points import montants

DALO = "dalo"
REFUS = "refus_logement_adapte"
SUR_DECISION = ("dalo", "g", "h", "i")  # publics that a mere declaration does not make (D62)


def constats_de_droit(grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    """What R441-2-10 11° and L441-1 ask of a grid, and what local practice adds to them."""
    yield from _publics(grille, catalogue)
    yield from _entete(grille)
    yield from _refus(grille)
    for critere in grille.criteres:
        yield from _examens(critere, grille, catalogue)
        yield from _pratiques(critere, catalogue)
    for hors in grille.hors_cotation:
        yield from _lues(
            variables_de_condition(hors.si, grille.references),
            f"hors_cotation.{hors.code}",
            f"Hors cotation « {hors.code} »",
            catalogue,
        )
    yield from _communes(grille, catalogue)


def lettres_lues(critere: Critere, grille: Grille, catalogue: Catalogue) -> frozenset[str]:
    """The publics a criterion is about: letters of L441-1, « dalo »; none when it gives no point."""
    if not any(montants(critere)):
        return frozenset()
    lues = {
        lettre
        for nom in variables_du_critere(critere, grille.references)
        if nom in catalogue.variables
        for lettre in catalogue.variables[nom].publics
    }
    for condition in (critere.si, *(c.si for c in critere.coefficients)):
        for une in comparaisons(condition):
            if une.variable == PUBLICS:
                lues |= {v for v in une.valeurs if isinstance(v, str)}
    return frozenset(lues)


def _publics(grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    lues = {lettre for c in grille.criteres for lettre in lettres_lues(c, grille, catalogue)}
    if DALO not in lues:
        yield erreur(
            "dalo_absent",
            "criteres",
            "Aucun critère ne cote le droit au logement opposable (variable « dalo_reconnu ») : R441-2-10 11° l'exige.",
        )
    lettres = list(catalogue.variables[PUBLICS].codes)
    if not lues & set(lettres):
        yield erreur(
            "l441_1_absent",
            "criteres",
            f"Aucun critère ne cote un public prioritaire du L441-1 (variable « {PUBLICS} ») : R441-2-10 11° l'exige.",
        )
        return
    for lettre, libelle in catalogue.variables[PUBLICS].codes.items():
        if lettre not in lues:
            yield avertissement(
                "lettre_non_lue",
                "criteres",
                f"L441-1 {lettre.replace('bis', ' bis')} : aucun critère ne lit ce public ({libelle}).",
            )


def _entete(grille: Grille) -> Iterator[Constat]:
    if grille.evaluation_mois is None:
        yield erreur(
            "evaluation_absente",
            "evaluation_mois",
            "La grille ne dit pas quand elle est évaluée : ajoutez « evaluation_mois » (R441-2-10 11°).",
        )
    if grille.valide_au is not None and grille.valide_au <= grille.valide_du:
        yield erreur("periode_inversee", "valide_au", "La fin de validité ne suit pas son début.")


def _refus(grille: Grille) -> Iterator[Constat]:
    lus = {v for c in grille.criteres for v in variables_du_critere(c, grille.references)}
    if REFUS not in lus and not grille.refus_sans_effet:
        yield avertissement(
            "refus_non_dit",
            "criteres",
            "La grille ne dit pas ce que change le refus d'un logement adapté (L441-2-8) : ajoutez un critère sur "
            f"« {REFUS} », ou « refus_sans_effet = true ».",
        )


def _examens(critere: Critere, grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    lues = variables_du_critere(critere, grille.references)
    yield from _lues(lues, f"criteres.{critere.code}", f"Critère « {critere.code} »", catalogue)


def _lues(lues: tuple[str, ...], chemin: str, qui: str, catalogue: Catalogue) -> Iterator[Constat]:
    for nom in lues:
        variable = catalogue.variables.get(nom)
        if variable is None or variable.examen is None:
            continue
        phrase = (
            f"{qui} : il lit « {variable.code} » ({variable.libelle}). {catalogue.examens[variable.examen]}"
        )
        if variable.examen == "uniformite":
            yield erreur("poids_par_territoire", chemin, phrase)
        elif variable.examen in ("age", "residence"):
            yield avertissement(f"critere_{variable.examen}", chemin, phrase)


def _communes(grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    """Weights by commune through the commune of residence: criteria that name communes and give other points."""
    poids = {
        c.code: set(montants(c)) - {Fraction(0)}
        for c in grille.criteres
        if any(_commune(v, catalogue) for v in variables_du_critere(c, grille.references))
    }
    if len(set().union(*poids.values())) > 1:
        yield erreur(
            "poids_par_territoire",
            f"criteres.{next(iter(poids))}",
            f"Les points changent selon la commune ({', '.join(f'« {c} »' for c in poids)}). "
            f"{catalogue.examens['uniformite']}",
        )


def _commune(nom: str, catalogue: Catalogue) -> bool:
    variable = catalogue.variables.get(nom)
    return variable is not None and variable.examen == "residence" and variable.type == "code"


def _pratiques(critere: Critere, catalogue: Catalogue) -> Iterator[Constat]:
    chemin, qui = f"criteres.{critere.code}", f"Critère « {critere.code} »"
    refus = isinstance(critere.forme, Compteur) and critere.forme.variable == REFUS
    if min(montants(critere)) < 0 and not refus:
        yield avertissement(
            "malus_local",
            chemin,
            f"{qui} : un malus autre que le refus d'un logement adapté est une pratique locale, que le code ne "
            "prévoit pas (L441-2-8).",
        )
    if critere.coefficients:
        yield avertissement(
            "coefficient",
            f"{chemin}.coefficient",
            f"{qui} : un coefficient se lit moins bien qu'une addition ; vérifiez qu'il s'explique au demandeur.",
        )
    modele = catalogue.criteres.get(critere.catalogue or "")
    if modele is not None and modele.origine != critere.origine:
        yield avertissement(
            "origine_differente",
            f"{chemin}.origine",
            f"{qui} : son origine est « {critere.origine} », celle du catalogue « {modele.origine} ».",
        )
    for une in comparaisons(critere.si):
        publics = catalogue.variables[une.variable].publics if une.variable in catalogue.variables else ()
        lus = {*publics, *(v for v in une.valeurs if une.variable == PUBLICS and isinstance(v, str))}
        if lus & set(SUR_DECISION) and critere.declaration_admise:
            yield avertissement(
                "declaration_admise",
                chemin,
                f"{qui} : ce public se reconnaît sur décision ; une simple déclaration ne devrait pas suffire "
                "(declaration_admise = false).",
            )
            return
