"""New programmes: the rights they bring, and the three regimes of their first lettings (D7)."""

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from partiteur.regles.faits import ProgrammeNeuf
from partiteur.regles.repartition import plus_forts_restes
from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, nombre, pourcentage, regle


class ProgrammeImpossible(ErreurUtilisateur):
    """A new programme whose rights do not fit."""


@regle("qe-17-2768", du="2018-01-01", au="2020-02-22")
def droits_garanties_programme(
    logements: int, garanties: Mapping[str, Fraction], plafond: Fraction
) -> Resultat:
    """Ancien droit : les garants d'un programme se partagent au plus 20 % de ses logements, selon ce que chacun garantit.

    Kept for the rights acquired under it, and for whoever still reasons by programme (S1). Returns {garant: dwellings}.
    """
    total = floor(plafond * logements)
    somme = sum(garanties.values(), Fraction(0))
    exacts = {code: total * part / somme for code, part in garanties.items()} if somme else {}
    entiers = plus_forts_restes(exacts, total if exacts else 0, (), None).valeur
    formule = f"{pourcentage(plafond)} × {nombre(logements)}, partagés selon les garanties"
    return Resultat(
        entiers, "ancien_droit", (Etape("Droits des garants du programme", formule, total, "qe-17-2768"),)
    )


@regle("r441-5-convention", "s0", "s1", du="2020-02-22")
def premiere_location(programme: ProgrammeNeuf) -> Resultat:
    """Les réservations s'exercent dès la première mise en location : dans le flux, sur l'année de livraison, ou pour un tour.

    Interpretation: the law puts first lettings in the flux; the other regimes are local practice. Returns
    {réservataire: rights}; code `flux`, `annee_livraison` (they raise the year's objectifs, or not: `litterale`)
    or `un_tour` (counted apart, extinguished at the first lease). Raises ProgrammeImpossible when the rights
    pass the dwellings.
    """
    droits = dict(programme.droits)
    etapes: tuple[Etape, ...] = ()
    if programme.garanties:
        garantis = droits_garanties_programme(programme.logements, programme.garanties, programme.plafond)
        etapes = garantis.etapes
        for code, n in ((c, n) for c, n in garantis.valeur.items() if c not in programme.garants_exclus):
            droits[code] = droits.get(code, 0) + n
    if sum(droits.values()) > programme.logements:
        raise ProgrammeImpossible(
            f"Programme neuf « {programme.programme} » : {nombre(sum(droits.values()))} droits pour "
            f"{nombre(programme.logements)} logements ; corrigez ses droits."
        )
    code = programme.regime
    if code == "annee_livraison" and not programme.majoration:
        code = "litterale"
    texte = {"flux": "r441-5-convention", "un_tour": "s1"}.get(programme.regime, "s0")
    etape = Etape(f"Neuf : {programme.programme}", f"régime {programme.regime}", programme.logements, texte)
    return Resultat(droits, code, (*etapes, etape))
