"""What a bailleur owes the State and has not given: the bilan due, the convention ended, the mise en demeure."""

from dataclasses import dataclass
from datetime import date, timedelta

from partiteur.regles.delais import Delai, echeance, jour_limite
from partiteur.regles.socle import Etape, Resultat, bareme, en_vigueur, regle


@dataclass(frozen=True)
class BilanDu:
    """The bilan of a year, and the last day to send it."""

    exercice: int
    terme: date


@regle("r441-5-1", "d47", du="2020-02-22")
def dernier_bilan_du(au: date) -> Resultat:
    """Le bilan annuel d'une année est dû avant le 28 février de la suivante : le dernier qui devait être transmis à une date.

    Each term is that of the text in force that very day. Returns a `BilanDu`; None (`aucun`) before the first that the
    decree made due.
    """
    for annee in (au.year, au.year - 1):
        terme = _terme_du_bilan(annee)
        if terme is not None and terme < au:
            etape = Etape("Bilan annuel dû", f"année {annee - 1}", f"{terme:%d/%m/%Y}", "r441-5-1")
            return Resultat(BilanDu(annee - 1, terme), "du", (etape,))
    return Resultat(None, "aucun")


def _terme_du_bilan(annee: int) -> date | None:
    """The last day to send a bilan in a year, under the row that holds that day; None where none does."""
    for ligne in bareme("delais")["bilan_annuel"]:
        terme: date = jour_limite("bilan_annuel", annee, ligne["du"]).valeur
        if ligne["du"] <= terme and ("au" not in ligne or terme < ligne["au"]):
            return terme
    return None


@regle("r441-5-convention", du="2020-02-22")
def convention_a_la_date(debut: date | None, fin: date | None, au: date) -> Resultat:
    """À une date, une convention est en cours, à venir, ou échue depuis le lendemain de sa fin ; sans date de début, on ne sait pas.

    Interpretation: without an end it runs, and an end that is said is not prolonged. Confidence: medium. Returns the
    first day without a convention, None where there is none (`en_cours`, `a_venir`) or where it is `inconnue`.
    """
    if fin is not None and fin < au:
        depuis = fin + timedelta(days=1)
        etape = Etape("Convention échue", f"fin le {fin:%d/%m/%Y}", f"{depuis:%d/%m/%Y}", "r441-5-convention")
        return Resultat(depuis, "expiree", (etape,))
    if debut is None:
        return Resultat(None, "inconnue")
    return Resultat(None, "a_venir" if debut > au else "en_cours")


@regle("r441-5-2-demeure", "d47", du="2020-02-22")
def terme_mise_en_demeure(depart: date, a_la_date: date) -> Resultat:
    """Le préfet peut résilier sa convention après une mise en demeure restée sans suite pendant deux mois, de date à date.

    `depart`: the day it was received, or sent when that day is not known. Returns the last day the bailleur has; the
    préfet may act from the next.
    """
    delai = delai_mise_en_demeure(a_la_date)
    terme = echeance(depart, delai).valeur
    etape = Etape("Sans suite", f"{depart:%d/%m/%Y} + {delai}", f"{terme:%d/%m/%Y}", "r441-5-2-demeure")
    return Resultat(terme, "deux_mois", (etape,))


def delai_mise_en_demeure(a_la_date: date) -> Delai:
    """How long a mise en demeure stays without suite before the préfet may act (barème `delais`, R441-5-2 IV)."""
    ligne = en_vigueur("delais", "mise_en_demeure", a_la_date)
    return Delai(ligne["nombre"], ligne["unite"])
