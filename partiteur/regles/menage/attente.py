"""How long a demande has waited, and whether this is abnormally long in its département."""

from datetime import date

from partiteur.regles.socle import Etape, Resultat, bareme, regle


@regle("l441-1-anciennete", du="2018-01-01")
def anciennete_mois(date_depot: date | None, a_la_date: date) -> Resultat:
    """L'ancienneté d'une demande est le nombre de mois entiers écoulés depuis son dépôt, conservée lors d'une séparation.

    Value whole months, 0 before the day of the dépôt; None when it is unknown.
    """
    if date_depot is None:
        return Resultat(None, "inconnu")
    annees = a_la_date.year - date_depot.year
    mois = annees * int(bareme("delais")["unites"]["mois_par_an"]) + a_la_date.month - date_depot.month
    if a_la_date.day < date_depot.day:
        mois -= 1
    etape = Etape("Ancienneté en mois", "mois entiers depuis le dépôt", max(mois, 0), "l441-1-anciennete")
    return Resultat(max(mois, 0), "calcule", (etape,))


@regle("l441-1-4", du="2018-01-01")
def delai_anormalement_long(anciennete: int | None, delai_mois: int | None) -> Resultat:
    """Le délai est anormalement long au-delà du nombre de mois fixé par l'arrêté du préfet pour le département.

    Both in whole months; value True, False, or None (codes `anciennete_inconnue`, `delai_non_charge`).
    """
    if anciennete is None:
        return Resultat(None, "anciennete_inconnue")
    if delai_mois is None:
        return Resultat(None, "delai_non_charge")
    depasse = anciennete > delai_mois
    etape = Etape("Délai du département, en mois", f"ancienneté de {anciennete} mois", delai_mois, "l441-1-4")
    return Resultat(depasse, "depasse" if depasse else "non_depasse", (etape,))
