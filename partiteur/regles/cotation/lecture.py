"""Reads a grid from its TOML document: a table that fits schemas/grille.json becomes a frozen `Grille`.

What does not hold together (an unknown variable, a missing rubrique) is read all the same, and named by the lint;
what cannot be read raises GrilleInvalide, one French sentence that names the criterion.
"""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.regles.cotation.catalogue import Catalogue, GrilleInvalide, lire_valeur
from partiteur.regles.cotation.grille import (
    OPERATEURS,
    Axe,
    Borne,
    Coefficient,
    Comparaison,
    Compteur,
    Condition,
    Critere,
    Departage,
    Enumere,
    Forfait,
    Forme,
    Grille,
    HorsCotation,
    Palier,
    ParUnite,
    Reference,
    Rubrique,
    Sauf,
    Tableau,
    Tous,
    Tranche,
    Tranches,
    UnDe,
    Valeur,
)
from partiteur.regles.socle import ErreurUtilisateur, bareme, fraction

TELLES_QUELLES = (
    "version",
    "titre",
    "deliberation",
    "evaluation_mois",
    "etend",
    "refus_sans_effet",
    "source",
    "publie",
    "non_publie",
)


def lire_grille(document: Mapping[str, Any], catalogue: Catalogue) -> Grille:
    """A `Grille` from a document whose inheritance is resolved (heritage.py). Raises GrilleInvalide.

    `document`: what tomllib gives, decimals as strings or Fractions, dates as dates or ISO strings; it must fit
    schemas/grille.json, which the caller checks first. Booleans, integers, codes are read by the catalogue's types.
    """
    entete = {cle: document[cle] for cle in TELLES_QUELLES if cle in document}
    if "valide_au" in document:
        entete["valide_au"] = _date(document["valide_au"])
    if "plancher" in document:
        entete["plancher"] = fraction(document["plancher"])
    bornes = document.get("bornes", {})
    return Grille(
        code=document["grille"],
        epci=document.get("epci", ""),
        population=document.get("population", "toutes"),
        valide_du=_date(document["valide_du"]),
        plafond=_peut_etre(document.get("plafond")),
        departage=tuple(_departage(d) for d in document.get("departage", ())),
        rubriques=tuple(_rubrique(code, r) for code, r in document.get("rubriques", {}).items()),
        criteres=tuple(_critere(c, catalogue) for c in document.get("criteres", ())),
        hors_cotation=tuple(_hors_cotation(h, catalogue) for h in document.get("hors_cotation", ())),
        references={n: _reference(n, v, catalogue) for n, v in document.get("references", {}).items()},
        bornes={c: Borne(fraction(b["min"]), fraction(b["max"])) for c, b in bornes.items()},
        **entete,
    )


def _date(donnee: Any) -> date:
    try:
        return donnee if isinstance(donnee, date) else date.fromisoformat(donnee)
    except ValueError as erreur:
        raise GrilleInvalide(f"La date « {donnee} » n'existe pas au calendrier.") from erreur


def _peut_etre(donnee: Any) -> Fraction | None:
    return None if donnee is None else fraction(donnee)


def _departage(donnee: Any) -> Departage:
    if isinstance(donnee, str):
        return Departage(donnee)
    return Departage(donnee["variable"], donnee.get("ordre") == "croissant")


def _reference(nom: str, donnee: Any, catalogue: Catalogue) -> Valeur:
    valeur = lire_valeur(donnee, catalogue.variables.get(nom))
    if isinstance(valeur, Reference):
        raise GrilleInvalide(f"La référence « {nom} » renvoie à « {valeur.nom} » : donnez sa valeur.")
    return valeur


def _rubrique(code: str, donnee: Mapping[str, Any]) -> Rubrique:
    return Rubrique(
        code,
        donnee["libelle"],
        donnee.get("combinaison", "somme"),
        _peut_etre(donnee.get("plafond")),
        _peut_etre(donnee.get("plancher")),
        donnee.get("parent"),
        donnee.get("apres_plafond", False),
    )


def _hors_cotation(donnee: Mapping[str, Any], catalogue: Catalogue) -> HorsCotation:
    try:
        si = _condition(donnee["si"], catalogue)
    except ErreurUtilisateur as erreur:
        raise GrilleInvalide(f"Hors cotation « {donnee['code']} » : {erreur}") from erreur
    return HorsCotation(donnee["code"], donnee["libelle"], si, donnee["motif"], donnee.get("texte"))


def _critere(donnee: Mapping[str, Any], catalogue: Catalogue) -> Critere:
    """One criterion; what it leaves out, the catalogue of criteria says. Raises GrilleInvalide, naming it."""
    modele = catalogue.criteres.get(donnee.get("catalogue", ""))
    if "rubrique" not in donnee:
        raise GrilleInvalide(f"Critère « {donnee['code']} » : il manque « rubrique ».")
    propres = {
        cle: donnee[cle]
        for cle in ("preuve", "declaration_admise", "sens", "source", "catalogue")
        if cle in donnee
    }
    try:
        return Critere(
            code=donnee["code"],
            rubrique=donnee["rubrique"],
            libelle=donnee.get("libelle") or (modele.libelle if modele else donnee["code"]),
            origine=donnee.get("origine") or (modele.origine if modele else "local"),
            forme=_forme(donnee, catalogue),
            si=_condition(donnee["si"], catalogue) if "si" in donnee else None,
            coefficients=_coefficients(donnee.get("coefficient"), catalogue),
            plafond=_peut_etre(donnee.get("plafond")),
            gel_anciennete_mois=donnee.get("effet", {}).get("gel_anciennete_mois"),
            texte=donnee.get("texte") or (modele.base if modele else None),
            **propres,
        )
    except ErreurUtilisateur as erreur:
        raise GrilleInvalide(f"Critère « {donnee['code']} » : {erreur}") from erreur


def _coefficients(donnee: Any, catalogue: Catalogue) -> tuple[Coefficient, ...]:
    if donnee is None:
        return ()
    lignes = donnee if isinstance(donnee, list) else [donnee]
    return tuple(
        Coefficient(fraction(li["facteur"]), _condition(li["si"], catalogue) if "si" in li else None)
        if isinstance(li, Mapping)
        else Coefficient(fraction(li))
        for li in lignes
    )


def _forme(donnee: Mapping[str, Any], catalogue: Catalogue) -> Forme:
    """The form of points, by the key that marks it."""
    for cle, lire in FORMES.items():
        if cle in donnee:
            return lire(donnee, catalogue)
    raise GrilleInvalide(f"aucune forme de points ; donnez l'une des clés {', '.join(FORMES)}.")


def _principale(donnee: Mapping[str, Any], *types: str, catalogue: Catalogue) -> str:
    """The variable of the criterion, which must be of one of the types when the catalogue knows it."""
    if "variable" not in donnee:
        raise GrilleInvalide("il manque « variable », que la forme de points lit.")
    nom: str = donnee["variable"]
    connue = catalogue.variables.get(nom)
    if connue and connue.type not in types:
        raise GrilleInvalide(
            f"la variable « {nom} », de type {connue.type}, ne convient pas à cette forme de points "
            f"(attendu : {', '.join(types)})."
        )
    return nom


def _par_unite(donnee: Mapping[str, Any], catalogue: Catalogue) -> Forme:
    paliers = (Palier(p["a_partir_de"], fraction(p["points_par_unite"])) for p in donnee.get("paliers", ()))
    variable = _principale(donnee, "entier", catalogue=catalogue)
    return ParUnite(variable, fraction(donnee["points_par_unite"]), tuple(paliers))


def _tranches(donnee: Mapping[str, Any], catalogue: Catalogue) -> Forme:
    """Ranges in the file's order; one without `a_partir_de` starts where the one before ends."""
    lues: list[Tranche] = []
    for ligne in donnee["tranches"]:
        debut = _peut_etre(ligne.get("a_partir_de"))
        if debut is None and lues:
            debut = lues[-1].moins_de
        lues.append(Tranche(debut, _peut_etre(ligne.get("moins_de")), fraction(ligne["points"])))
    return Tranches(_principale(donnee, "entier", "nombre", catalogue=catalogue), tuple(lues))


def _enumere(donnee: Mapping[str, Any], catalogue: Catalogue) -> Forme:
    points = tuple((code, fraction(p)) for code, p in donnee["valeurs"].items())
    return Enumere(_principale(donnee, "code", catalogue=catalogue), points)


def _tableau(donnee: Mapping[str, Any], catalogue: Catalogue) -> Forme:
    table = donnee["tableau"]
    lignes, colonnes = _axe(table["lignes"], catalogue), _axe(table["colonnes"], catalogue)
    points = tuple(tuple(fraction(p) for p in ligne) for ligne in table["points"])
    if [len(ligne) for ligne in points] != [colonnes.taille] * lignes.taille:
        raise GrilleInvalide(
            f"le tableau doit avoir {lignes.taille} ligne(s) de {colonnes.taille} colonne(s) de points."
        )
    return Tableau(lignes, colonnes, points)


def _axe(donnee: Mapping[str, Any], catalogue: Catalogue) -> Axe:
    nom = donnee["variable"]
    connue = catalogue.variables.get(nom)
    if "moins_de" in donnee:
        _principale(donnee, "entier", "nombre", catalogue=catalogue)
        return Axe(nom, bornes=tuple(fraction(b) for b in donnee["moins_de"]))
    if "valeurs" not in donnee:
        raise GrilleInvalide(f"l'axe « {nom} » du tableau demande « valeurs » ou « moins_de ».")
    valeurs = (lire_valeur(v, connue) for v in donnee["valeurs"])
    return Axe(nom, valeurs=tuple(v for v in valeurs if not isinstance(v, Reference)))


def _compteur(donnee: Mapping[str, Any], catalogue: Catalogue) -> Forme:
    for nom in (donnee["compteur"], donnee.get("remise_a_zero")):
        connue = catalogue.variables.get(nom or "")
        if connue and connue.type != "evenements":
            raise GrilleInvalide(f"« {nom} » n'est pas un compteur d'événements datés.")
    limite = int(bareme("variables")["verification"]["entier_maximum"])
    for cle in ("fenetre_mois", "a_partir_de"):
        if donnee.get(cle, 0) > limite:
            raise GrilleInvalide(f"« {cle} » vaut {donnee[cle]} ; {limite} au plus.")
    return Compteur(
        donnee["compteur"],
        fraction(donnee["points"]),
        donnee.get("fenetre_mois"),
        donnee.get("a_partir_de", Compteur.a_partir_de),
        donnee.get("maximum"),
        donnee.get("remise_a_zero"),
    )


def _forfait(donnee: Mapping[str, Any], _catalogue: Catalogue) -> Forme:
    if "si" not in donnee:
        raise GrilleInvalide("des points fixes demandent une condition « si ».")
    return Forfait(fraction(donnee["points"]))


FORMES: Mapping[str, Callable[[Mapping[str, Any], Catalogue], Forme]] = {
    "points_par_unite": _par_unite,
    "tranches": _tranches,
    "valeurs": _enumere,
    "tableau": _tableau,
    "compteur": _compteur,
    "points": _forfait,
}


def _condition(donnee: Mapping[str, Any], catalogue: Catalogue) -> Condition:
    """A condition from its table."""
    if "tous" in donnee:
        return Tous(tuple(_condition(d, catalogue) for d in donnee["tous"]))
    if "un_de" in donnee:
        return UnDe(tuple(_condition(d, catalogue) for d in donnee["un_de"]))
    if "sauf" in donnee:
        return Sauf(_condition(donnee["sauf"], catalogue))
    nom = donnee["variable"]
    operateurs = [o for o in OPERATEURS if o in donnee]
    if len(operateurs) != 1:
        raise GrilleInvalide(
            f"la condition sur « {nom} » doit avoir une comparaison et une seule : {', '.join(OPERATEURS)}."
        )
    operateur = operateurs[0]
    brute = donnee[operateur]
    connue = catalogue.variables.get(nom)
    if connue and operateur not in OPERATEURS_DU_TYPE[connue.type]:
        raise GrilleInvalide(
            f"« {operateur} » ne s'applique pas à la variable « {nom} », de type {connue.type} ; "
            f"comparaisons possibles : {', '.join(OPERATEURS_DU_TYPE[connue.type]) or 'aucune'}."
        )
    valeurs = tuple(lire_valeur(v, connue) for v in (brute if isinstance(brute, list) else [brute]))
    return Comparaison(nom, operateur, valeurs)


_ORDRE = ("est", "egal", "different", "dans", "au_moins", "au_plus", "superieur_a", "inferieur_a")
OPERATEURS_DU_TYPE: Mapping[str, tuple[str, ...]] = {
    "booleen": ("est", "egal", "different"),
    "entier": _ORDRE,
    "nombre": _ORDRE,
    "date": _ORDRE,
    "code": ("est", "egal", "different", "dans"),
    "liste": ("contient",),
    "evenements": (),
}
