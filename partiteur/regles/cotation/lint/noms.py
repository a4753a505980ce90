"""Names: what a grid refers to exists, once, and goes round no circle."""

from collections import Counter
from collections.abc import Iterable, Iterator

from partiteur.regles.cotation.catalogue import NUMERIQUES, Catalogue
from partiteur.regles.cotation.constat import Constat, erreur
from partiteur.regles.cotation.grille import (
    Comparaison,
    Condition,
    Critere,
    Enumere,
    Grille,
    Reference,
    Tableau,
    comparaisons,
    variables_de_condition,
    variables_du_critere,
)


def constats_de_noms(grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    """Codes in double, rubriques missing or in circle, variables and codes the catalogue does not know."""
    yield from _doubles(grille)
    yield from _rubriques(grille)
    for critere in grille.criteres:
        yield from _critere(critere, grille, catalogue)
    for hors in grille.hors_cotation:
        chemin = f"hors_cotation.{hors.code}"
        lues = variables_de_condition(hors.si, grille.references)
        yield from _variables(lues, chemin, f"Hors cotation « {hors.code} »", catalogue)
        yield from _codes(hors.si, chemin, f"Hors cotation « {hors.code} »", catalogue)
    for d in grille.departage:
        yield from _departage(d.variable, catalogue)
    for nom in grille.references:
        yield from _variables([nom], "references", "Références", catalogue)
    for code in grille.bornes:
        if code not in {c.code for c in grille.criteres}:
            yield erreur(
                "borne_sans_critere", f"bornes.{code}", f"Bornes : aucun critère n'a le code « {code} »."
            )


def _doubles(grille: Grille) -> Iterator[Constat]:
    for table, codes in (("criteres", grille.criteres), ("hors_cotation", grille.hors_cotation)):
        for code, nombre in Counter(c.code for c in codes).items():
            if nombre > 1:
                yield erreur(
                    "code_double",
                    f"{table}.{code}",
                    f"Le code « {code} » est donné {nombre} fois : un code, un critère.",
                )


def _rubriques(grille: Grille) -> Iterator[Constat]:
    parents = {r.code: r.parent for r in grille.rubriques}
    for rubrique in grille.rubriques:
        chemin = f"rubriques.{rubrique.code}"
        if rubrique.parent is None:
            continue
        if rubrique.parent not in parents:
            yield erreur(
                "parent_absent",
                f"{chemin}.parent",
                f"Rubrique « {rubrique.code} » : son parent « {rubrique.parent} » n'existe pas.",
            )
        elif boucle := _boucle(rubrique.code, parents):
            yield erreur(
                "cycle_rubriques",
                f"{chemin}.parent",
                f"Rubrique « {rubrique.code} » : ses parents tournent en rond ({' → '.join(boucle)}).",
            )
        if rubrique.apres_plafond:
            yield erreur(
                "apres_plafond_imbrique",
                f"{chemin}.apres_plafond",
                f"Rubrique « {rubrique.code} » : seule une rubrique sans parent passe après le plafond.",
            )


def _boucle(code: str, parents: dict[str, str | None]) -> list[str]:
    """The circle a rubrique stands in, from itself back to itself; empty when it stands in none."""
    vus, ici = [code], parents[code]
    while ici is not None and ici in parents and ici not in vus:
        vus.append(ici)
        ici = parents[ici]
    return [*vus, code] if ici == code else []


def _critere(critere: Critere, grille: Grille, catalogue: Catalogue) -> Iterator[Constat]:
    chemin, qui = f"criteres.{critere.code}", f"Critère « {critere.code} »"
    if critere.rubrique not in {r.code for r in grille.rubriques}:
        yield erreur(
            "rubrique_absente",
            f"{chemin}.rubrique",
            f"{qui} : la rubrique « {critere.rubrique} » n'existe pas.",
        )
    if critere.catalogue is not None and critere.catalogue not in catalogue.criteres:
        yield erreur(
            "hors_catalogue",
            f"{chemin}.catalogue",
            f"{qui} : « {critere.catalogue} » n'est pas au catalogue des critères.",
        )
    yield from _variables(variables_du_critere(critere, grille.references), chemin, qui, catalogue)
    for condition in (critere.si, *(c.si for c in critere.coefficients)):
        yield from _codes(condition, chemin, qui, catalogue)
    yield from _codes_de_forme(critere, chemin, qui, catalogue)


def _variables(lues: Iterable[str], chemin: str, qui: str, catalogue: Catalogue) -> Iterator[Constat]:
    """A forbidden variable, by its name or by the beginning of its name; an unknown one."""
    interdites = [v.code for v in catalogue.variables.values() if v.examen == "interdite"]
    for nom in lues:
        racine = next((i for i in interdites if nom == i or nom.startswith(f"{i}_")), None)
        if racine and (nom == racine or nom not in catalogue.variables):
            yield erreur("variable_interdite", chemin, f"{qui} : « {nom} ». {catalogue.examens['interdite']}")
        elif nom not in catalogue.variables:
            yield erreur(
                "variable_inconnue",
                chemin,
                f"{qui} : la variable « {nom} » n'est pas au catalogue des variables.",
            )


def _codes(condition: Condition | None, chemin: str, qui: str, catalogue: Catalogue) -> Iterator[Constat]:
    for une in comparaisons(condition):
        yield from _codes_inconnus(
            une.variable, [v for v in _litteraux(une) if isinstance(v, str)], chemin, qui, catalogue
        )


def _litteraux(comparaison: Comparaison) -> list[object]:
    return [v for v in comparaison.valeurs if not isinstance(v, Reference)]


def _codes_de_forme(critere: Critere, chemin: str, qui: str, catalogue: Catalogue) -> Iterator[Constat]:
    match critere.forme:
        case Enumere(variable, points):
            yield from _codes_inconnus(variable, [c for c, _ in points], chemin, qui, catalogue)
        case Tableau(lignes, colonnes):
            for axe in (lignes, colonnes):
                codes = [v for v in axe.valeurs if isinstance(v, str)]
                yield from _codes_inconnus(axe.variable, codes, chemin, qui, catalogue)
        case _:
            pass


def _codes_inconnus(
    variable: str, codes: Iterable[str], chemin: str, qui: str, catalogue: Catalogue
) -> Iterator[Constat]:
    connue = catalogue.variables.get(variable)
    if connue is None or not connue.codes:
        return
    for code in codes:
        if code not in connue.codes:
            yield erreur(
                "code_inconnu",
                chemin,
                f"{qui} : « {code} » n'est pas un code de « {variable} » ; codes : {', '.join(connue.codes)}.",
            )


def _departage(nom: str, catalogue: Catalogue) -> Iterator[Constat]:
    connue = catalogue.variables.get(nom)
    yield from _variables([nom], "departage", "Départage", catalogue)
    if connue is not None and connue.type not in (*NUMERIQUES, "booleen"):
        yield erreur(
            "departage_sans_ordre",
            "departage",
            f"Départage : « {nom} », de type {connue.type}, ne se classe pas ; prenez un nombre.",
        )
