"""Who lives in the household: its category for the income ceilings, its consumption units."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, en_vigueur, fraction, nombre, regle


class MenageImpossible(ErreurUtilisateur):
    """The facts of a household cannot be true together."""


@dataclass(frozen=True)
class Menage:
    """The persons of a foyer (L442-12), by what the categories look at; None is unknown.

    `nb_personnes` counts everyone, children with a droit de visite included; `nb_a_charge` the dependents among
    them; `couple` is true for spouses, PACS partners and concubins; `somme_ages` adds the ages of the two.
    """

    nb_personnes: int | None = None
    nb_a_charge: int | None = None
    couple: bool | None = None
    somme_ages: int | None = None
    handicap: bool | None = None


@dataclass(frozen=True)
class Categorie:
    """A category from 1 to the last, and the persons beyond it."""

    numero: int
    personnes_supplementaires: int = 0


@regle("arrete-1987-07-29", du="2018-01-01")
def jeune_menage(menage: Menage, a_la_date: date) -> Resultat:
    """Un jeune ménage est un couple sans personne à charge dont la somme des âges ne dépasse pas 55 ans.

    Value True, False, or None when a fact that decides is unknown.
    """
    seuils = en_vigueur("categories_menage", "jeune_menage", a_la_date)
    conditions = (
        _egal(menage.nb_personnes, int(seuils["personnes"])),
        _egal(menage.nb_a_charge, 0),
        menage.couple,
        None if menage.somme_ages is None else menage.somme_ages <= int(seuils["somme_ages"]),
    )
    if False in conditions:
        return Resultat(False, "non")
    if None in conditions:
        return Resultat(None, "inconnu")
    etape = Etape("Jeune ménage", "somme des âges", menage.somme_ages, str(seuils["texte"]))
    return Resultat(True, "oui", (etape,))


@regle("arrete-1987-07-29", "l442-12", du="2018-01-01")
def categorie_menage(menage: Menage, a_la_date: date) -> Resultat:
    """Le ménage de n personnes est en catégorie n, une de plus si parent seul, jeune ménage ou handicap ; au-delà de 6, par personne.

    Value a Categorie, code `certaine`, or `au_moins` when an unknown fact could raise it by one; None, code
    `inconnu`, without the number of persons. Raises MenageImpossible when the facts contradict one another.
    """
    if menage.nb_personnes is None:
        return Resultat(None, "inconnu")
    _verifier(menage, menage.nb_personnes)
    ligne = en_vigueur("categories_menage", "categories", a_la_date)
    derniere, texte = int(ligne["derniere"]), str(ligne["texte"])
    majorations = {
        "une personne seule avec personnes à charge": _seul_avec_charges(menage),
        "jeune ménage sans personne à charge": jeune_menage(menage, a_la_date).valeur,
        "une personne au moins en situation de handicap": menage.handicap,
    }
    raisons = [libelle for libelle, vrai in majorations.items() if vrai]
    rang = menage.nb_personnes + bool(raisons)
    categorie = Categorie(min(rang, derniere), max(rang - derniere, 0))
    etapes = [Etape("Personnes du foyer", "personnes au sens de L442-12", menage.nb_personnes, "l442-12")]
    etapes += [Etape("Une catégorie de plus", raison, 1, texte) for raison in raisons[:1]]
    etapes.append(Etape("Catégorie de ménage", f"au plus {derniere}", categorie.numero, texte))
    if categorie.personnes_supplementaires:
        suite = categorie.personnes_supplementaires
        etapes.append(Etape("Personnes supplémentaires", f"au-delà de la catégorie {derniere}", suite, texte))
    douteux = not raisons and None in majorations.values()
    return Resultat(categorie, "au_moins" if douteux else "certaine", tuple(etapes))


@regle("famille-monoparentale", du="2018-01-01")
def famille_monoparentale(nb_adultes: int | None, couple: bool | None, nb_enfants: int | None) -> Resultat:
    """Une famille est monoparentale quand un adulte, sans conjoint au foyer, y vit avec un enfant à charge au moins.

    Value True, False, or None when a fact that decides is unknown.
    """
    enfants = None if nb_enfants is None else nb_enfants > 0
    conditions = (_egal(nb_adultes, 1), None if couple is None else not couple, enfants)
    if False in conditions:
        return Resultat(False, "non")
    if None in conditions:
        return Resultat(None, "inconnu")
    return Resultat(
        True, "oui", (Etape("Enfants à charge", "un adulte", nb_enfants, "famille-monoparentale"),)
    )


@regle("ocde-uc", du="2018-01-01")
def unites_consommation(
    nb_14_ans_et_plus: int | None, nb_moins_14_ans: int | None, a_la_date: date
) -> Resultat:
    """Les unités de consommation comptent 1 pour la première personne, 0,5 par autre de 14 ans ou plus, 0,3 par enfant de moins de 14 ans.

    Value an exact Fraction, or None when a number is unknown. Raises MenageImpossible without anyone of 14.
    """
    if nb_14_ans_et_plus is None or nb_moins_14_ans is None:
        return Resultat(None, "inconnu")
    if nb_14_ans_et_plus < 1 or nb_moins_14_ans < 0:
        raise MenageImpossible(
            f"{nb_14_ans_et_plus} personne(s) de 14 ans ou plus et {nb_moins_14_ans} de moins : vérifiez la composition du ménage."
        )
    ligne = en_vigueur("ressources", "unites_consommation", a_la_date)
    premiere, autre, enfant = (fraction(ligne[cle]) for cle in ("premiere", "autre", "enfant"))
    unites: Fraction = premiere + autre * (nb_14_ans_et_plus - 1) + enfant * nb_moins_14_ans
    formule = f"{nombre(premiere)} + {nombre(autre)} × {nb_14_ans_et_plus - 1} + {nombre(enfant)} × {nb_moins_14_ans}"
    return Resultat(unites, "calcule", (Etape("Unités de consommation", formule, unites, "ocde-uc"),))


def _egal(valeur: int | None, attendu: int) -> bool | None:
    return None if valeur is None else valeur == attendu


def _seul_avec_charges(menage: Menage) -> bool | None:
    """Whether everyone but one person is à charge, and there is someone."""
    if menage.nb_personnes == 1:
        return False
    return None if menage.nb_a_charge is None else menage.nb_a_charge + 1 == menage.nb_personnes


def _verifier(menage: Menage, personnes: int) -> None:
    """Raise MenageImpossible when there is nobody, or more dependents than others can have."""
    if personnes < 1:
        raise MenageImpossible(f"Un ménage compte au moins une personne ; « {personnes} » est donné.")
    charges = menage.nb_a_charge or 0
    if not 0 <= charges < personnes:
        raise MenageImpossible(
            f"{charges} personne(s) à charge pour un foyer de {personnes} : corrigez la composition du ménage."
        )
