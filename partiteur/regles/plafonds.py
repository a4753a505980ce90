"""Income ceilings: by family of financing, zone, year and category; and where a household's resources stand."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.regles.menage import Categorie
from partiteur.regles.socle import (
    ErreurUtilisateur,
    Etape,
    Resultat,
    bareme,
    en_vigueur,
    nombre,
    pourcentage,
    regle,
    taux,
)

FAMILLES = ("PLAI", "PLUS", "PLS")


class PlafondImpossible(ErreurUtilisateur):
    """A family of financing, or a zone, that the ceilings do not know."""


@regle("arrete-1987-07-29", du="2018-01-01")
def zone_plafond(commune: str | None, region: str | None) -> Resultat:
    """La zone du plafond est Paris et les communes limitrophes, le reste de l'Île-de-France, ou les autres régions.

    `commune` and `region` are codes of the COG. Value paris_limitrophes, ile_de_france, autres_regions, or None:
    code `inconnu`, or `outre_mer`, whose ceilings are not typed.
    """
    zones = bareme("plafonds_zones")
    if commune is not None and (
        commune in zones["limitrophes"]["codes"]
        or commune in zones["paris"]["codes"]
        or commune.startswith(zones["paris"]["arrondissements"])
    ):
        return Resultat("paris_limitrophes", "zone")
    if region is None:
        return Resultat(None, "inconnu")
    if region in zones["outre_mer"]:
        return Resultat(None, "outre_mer")
    if region != zones["ile_de_france"]:
        return Resultat("autres_regions", "zone")
    return Resultat("ile_de_france", "zone") if commune is not None else Resultat(None, "inconnu")


@regle("arrete-1987-07-29", "r441-1-ressources", "arrete-2025-12-19", du="2022-01-01")
def plafond_ressources(
    famille: str, zone: str | None, categorie: Categorie | None, a_la_date: date
) -> Resultat:
    """Le plafond de ressources d'un logement dépend de son financement, de sa zone, de la catégorie du ménage et de l'année.

    Value whole centimes a year, code `officiel` when published, `calcule` when it is not (PLS: 130 % of the
    PLUS); None, code `inconnu`, without a zone or a category. Raises PlafondImpossible on another family or zone,
    HorsPeriode for a year whose ceilings are not typed.
    """
    if famille not in FAMILLES:
        raise PlafondImpossible(
            f"Le financement « {famille} » n'a pas de plafond de ressources ici. Connus : {', '.join(FAMILLES)}."
        )
    if zone is None or categorie is None:
        return Resultat(None, "inconnu")
    pls = famille == "PLS"
    cle = "plus" if pls else famille.lower()
    ligne = en_vigueur(f"plafonds_{cle}", cle, a_la_date)
    if zone not in ligne or not isinstance(ligne[zone], Mapping):
        raise PlafondImpossible(
            f"La zone « {zone} » est inconnue. Zones : paris_limitrophes, ile_de_france, autres_regions."
        )
    base, supplement = _base(ligne[zone], categorie), int(ligne[zone]["supplementaire"])
    texte = str(ligne["texte"])
    etapes = [Etape(f"Plafond {cle.upper()}, en euros", f"catégorie {categorie.numero}", base, texte)]
    if pls:
        base, supplement = _pls(base, a_la_date), _pls(supplement, a_la_date)
        formule = f"{en_vigueur('plafonds_pls', 'pls', a_la_date)['taux']} du PLUS, à l'euro le plus proche"
        etapes.append(Etape("Plafond PLS, en euros", formule, base, "arrete-1987-07-29"))
    suite = categorie.personnes_supplementaires
    if suite:
        etapes.append(
            Etape("Personnes supplémentaires", f"{suite} × {nombre(supplement)}", suite * supplement, texte)
        )
    plafond = (base + suite * supplement) * int(bareme("unites")["centimes"])
    return Resultat(plafond, "calcule" if pls else str(ligne[zone]["origine"]), tuple(etapes))


@regle("r441-1-ressources", du="2018-01-01")
def respect_plafond(ressources: int | None, plafond: int | None, categorie_certaine: bool) -> Resultat:
    """Un logement est attribué à un ménage dont les ressources n'excèdent pas le plafond.

    Yearly centimes, as in `part_du_plafond`. `categorie_certaine` is False when an unknown fact could raise the category, and the ceiling
    with it: above the ceiling is then unknown. Value True, False or None.
    """
    if ressources is None or plafond is None:
        return Resultat(None, "inconnu")
    etapes = part_du_plafond(ressources, plafond).etapes
    if ressources <= plafond:
        return Resultat(True, "sous_plafond", etapes)
    if not categorie_certaine:
        return Resultat(None, "categorie_incertaine", etapes)
    return Resultat(False, "au_dessus", etapes)


@regle("r441-1-ressources", du="2018-01-01")
def part_du_plafond(ressources: int | None, plafond: int | None) -> Resultat:
    """Les ressources d'un ménage se disent en part du plafond qui lui est applicable.

    Yearly centimes. Value an exact rate (Fraction), or None. Raises PlafondImpossible on a ceiling of zero or less.
    """
    if ressources is None or plafond is None:
        return Resultat(None, "inconnu")
    if plafond <= 0:
        raise PlafondImpossible(f"Un plafond de ressources est positif ; « {plafond} » est donné.")
    part = Fraction(ressources, plafond)
    etape = Etape("Part du plafond", "ressources ÷ plafond", pourcentage(part), "r441-1-ressources")
    return Resultat(part, "calcule", (etape,))


def _base(zone: Mapping[str, Any], categorie: Categorie) -> int:
    """The ceiling of a category, in euros. Raises PlafondImpossible when there is no such category."""
    plafonds = zone["categories"]
    if not 1 <= categorie.numero <= len(plafonds):
        raise PlafondImpossible(
            f"La catégorie de ménage « {categorie.numero} » n'existe pas : de 1 à {len(plafonds)}."
        )
    return int(plafonds[categorie.numero - 1])


def _pls(plus: int, a_la_date: date) -> int:
    """The PLS of a PLUS ceiling, rounded to the nearest euro, half up."""
    exact = plus * taux(en_vigueur("plafonds_pls", "pls", a_la_date)["taux"])
    return (exact.numerator + exact.numerator + exact.denominator) // (exact.denominator + exact.denominator)
