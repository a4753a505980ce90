"""The resources of a household, and what its housing leaves of them. Amounts are whole centimes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from partiteur.regles.menage.composition import MenageImpossible
from partiteur.regles.socle import (
    Etape,
    Resultat,
    bareme,
    en_vigueur,
    fraction,
    nombre,
    pourcentage,
    regle,
    taux,
)


@dataclass(frozen=True)
class Depense:
    """What a dwelling costs in a month, in centimes; None is unknown.

    `charges` are those recovered with the rent; `forfait_charges` stands for water or heating paid apart;
    `aide_logement` is the APL or allocation logement, deducted.
    """

    loyer: int | None = None
    charges: int | None = None
    aide_logement: int | None = None
    annexes: int = 0
    contribution_travaux: int = 0
    forfait_charges: int = 0


@regle("l441-1-requerant", du="2018-01-01")
def ressources_requerant_seul(situations: Sequence[str]) -> Resultat:
    """En instance de divorce, sous ordonnance de protection, après une rupture de PACS ou une plainte pour violences, seules comptent les ressources du requérant.

    `situations` are codes of ressources.toml, stated and attested. Value True or False; raises MenageImpossible
    on a code unknown here.
    """
    connues = bareme("ressources")["requerant_seul"]["situations"]
    if autres := [s for s in situations if s not in connues]:
        raise MenageImpossible(
            f"« {autres[0]} » n'est pas une situation de séparation connue. Situations : {', '.join(connues)}."
        )
    if not situations:
        return Resultat(False, "foyer")
    return Resultat(
        True, "requerant_seul", (Etape("Ressources", situations[0], "du requérant", "l441-1-requerant"),)
    )


@regle("arrete-1987-07-29", "r441-1-ressources", du="2018-01-01")
def ressources_retenues(
    annee_n_2: int | None,
    annee_n_1: int | None,
    douze_mois: int | None,
    hebergement_ehpad: int | None,
    a_la_date: date,
) -> Resultat:
    """Les ressources sont le revenu fiscal de référence N-2 du foyer, ou celui de N-1 ou des douze derniers mois s'il est plus bas d'au moins 10 %.

    Yearly centimes of all the persons of the foyer; `hebergement_ehpad` is what the nursing home of a spouse
    costs, deducted up to its cap (None: nothing to deduct). Value centimes, code `n_2`, `n_1` or `douze_mois`;
    None, code `inconnu`, without N-2.
    """
    if annee_n_2 is None:
        return Resultat(None, "inconnu")
    baisse = en_vigueur("ressources", "baisse", a_la_date)
    seuil = annee_n_2 * (1 - taux(baisse["part"]))
    recentes = {"n_1": annee_n_1, "douze_mois": douze_mois}
    plus_basses = {code: v for code, v in recentes.items() if v is not None and v <= seuil and v < annee_n_2}
    code, retenues = min(plus_basses.items(), key=lambda paire: paire[1], default=("n_2", annee_n_2))
    formule = (
        "revenu fiscal de référence N-2" if code == "n_2" else f"plus bas que N-2 d'au moins {baisse['part']}"
    )
    etapes = [Etape("Ressources, en euros par an", formule, _euros(retenues), str(baisse["texte"]))]
    if hebergement_ehpad:
        ligne = en_vigueur("ressources", "ehpad", a_la_date)
        deduit = min(hebergement_ehpad, int(ligne["plafond_euros"]) * _centimes())
        retenues = max(retenues - deduit, 0)
        etapes.append(
            Etape("Hébergement d'un conjoint en EHPAD", "déduit", _euros(deduit), str(ligne["texte"]))
        )
    return Resultat(retenues, code, tuple(etapes))


@regle("l441-1-quartile", "ocde-uc", du="2018-01-01")
def ressources_par_uc(ressources_mensuelles: int | None, unites: Fraction | None) -> Resultat:
    """Les ressources par unité de consommation rapportent douze mois de revenus et pensions aux unités du ménage.

    Value exact centimes a year for one unit (Fraction), or None.
    """
    if ressources_mensuelles is None or unites is None:
        return Resultat(None, "inconnu")
    mois = int(bareme("delais")["unites"]["mois_par_an"])
    par_uc = Fraction(ressources_mensuelles * mois) / unites
    formule = f"{_euros(ressources_mensuelles)} × {mois} ÷ {nombre(unites)}"
    return Resultat(
        par_uc, "calcule", (Etape("Ressources par UC, en euros par an", formule, _euros(par_uc), "ocde-uc"),)
    )


@regle("l441-1-quartile", du="2018-01-01")
def premier_quartile(ressources_uc: Fraction | None, seuil: int | None) -> Resultat:
    """Relève du premier quartile le ménage dont les ressources par UC sont inférieures au montant de l'arrêté de l'année, pour l'EPCI.

    Both in centimes a year. Value True, False, or None (codes `ressources_inconnues`, `seuil_non_charge`).
    """
    if ressources_uc is None:
        return Resultat(None, "ressources_inconnues")
    if seuil is None:
        return Resultat(None, "seuil_non_charge")
    dedans = ressources_uc < seuil
    etape = Etape(
        "Seuil du premier quartile, en euros",
        f"{_euros(ressources_uc)} par UC",
        _euros(seuil),
        "l441-1-quartile",
    )
    return Resultat(dedans, "premier_quartile" if dedans else "au_dessus", (etape,))


@regle("r441-3-1", "arrete-2011-03-10", du="2018-01-01")
def taux_effort(depense: Depense, ressources_mensuelles: int | None) -> Resultat:
    """Le taux d'effort rapporte le loyer et les charges, aide au logement déduite, aux ressources des personnes du foyer.

    Value an exact rate (Fraction), or None: code `inconnu`, or `sans_ressources` when there are none to divide by.
    """
    nette = _depense_nette(depense)
    if nette is None or ressources_mensuelles is None:
        return Resultat(None, "inconnu")
    if ressources_mensuelles <= 0:
        return Resultat(None, "sans_ressources")
    effort = Fraction(nette, ressources_mensuelles)
    formule = f"{_euros(nette)} ÷ {_euros(ressources_mensuelles)}"
    return Resultat(
        effort, "calcule", (Etape("Taux d'effort", formule, pourcentage(effort), "arrete-2011-03-10"),)
    )


@regle("reste-a-vivre", du="2018-01-01")
def reste_a_vivre(depense: Depense, ressources_mensuelles: int | None, unites: Fraction | None) -> Resultat:
    """Le reste à vivre est ce que le logement laisse des ressources du mois, par unité de consommation.

    Value exact centimes a month for one unit (Fraction), below zero when housing costs more; None if unknown.
    """
    nette = _depense_nette(depense)
    if nette is None or ressources_mensuelles is None or unites is None:
        return Resultat(None, "inconnu")
    reste = Fraction(ressources_mensuelles - nette) / unites
    formule = f"({_euros(ressources_mensuelles)} − {_euros(nette)}) ÷ {nombre(unites)}"
    return Resultat(
        reste, "calcule", (Etape("Reste à vivre par UC, en euros", formule, _euros(reste), "reste-a-vivre"),)
    )


def _depense_nette(depense: Depense) -> int | None:
    """What the household pays, the aide deducted, never below zero."""
    if depense.loyer is None or depense.charges is None or depense.aide_logement is None:
        return None
    brute = depense.loyer + depense.charges + depense.annexes + depense.contribution_travaux
    return max(brute + depense.forfait_charges - depense.aide_logement, 0)


def _centimes() -> int:
    return int(bareme("unites")["centimes"])


def _euros(centimes: int | Fraction) -> str:
    return nombre(fraction(centimes) / _centimes())
