"""The State's own keys: dérogation, uniformity, the floor outside QPV, article 5, PNRU, délégations (D8)."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from partiteur.regles.faits import Article5, Autorisation, Delegation, Derogation, Etat, Pnru
from partiteur.regles.socle import (
    Avertissement,
    Etape,
    Resultat,
    avertir,
    bareme,
    fraction,
    nombre,
    pourcentage,
    regle,
)


@regle("r441-5-2-plafond", du="2020-02-22")
def derogation_en_vigueur(derogation: Derogation | None, exercice: int) -> Resultat:
    """Un arrêté du préfet peut, à titre exceptionnel et pour un an au plus, déroger aux plafonds de l'État.

    Interpretation: it counts for an exercice when it is in force on some day of it. Returns the dérogation or None.
    """
    if derogation is None:
        return Resultat(None, "droit_commun")
    debut = date(exercice, 1, 1)
    trop_longue = derogation.au > _un_an_apres(derogation.du)
    if derogation.du.year > exercice or derogation.au < debut or trop_longue:
        cause = "dure plus d'un an" if trop_longue else "ne couvre pas l'exercice"
        return Resultat(
            None, "expiree", (), (avertir("derogation_expiree", arrete=derogation.arrete, cause=cause),)
        )
    formule = f"arrêté {derogation.arrete}, du {derogation.du:%d/%m/%Y} au {derogation.au:%d/%m/%Y}"
    etape = Etape("Plafond de l'État, dérogation", formule, derogation.plafond, "r441-5-2-plafond")
    return Resultat(derogation, "derogation", (etape,))


def _un_an_apres(jour: date) -> date:
    """The same day a year later; from a 29 February, the 28th; in the last year of the calendar, its last day."""
    if jour.year == date.max.year:
        return date.max
    try:
        return jour.replace(year=jour.year + 1)
    except ValueError:
        return jour.replace(year=jour.year + 1, day=jour.day - 1)


@regle("r441-5-2-repartition", du="2020-02-22")
def uniformite_communes(parts_communes: Mapping[str, Fraction], uniforme: bool) -> Resultat:
    """Sauf stipulation contraire, la part de l'État est la même dans chaque commune."""
    distinctes = sorted(set(parts_communes.values()))
    if len(distinctes) <= 1:
        return Resultat(True, "uniforme")
    if not uniforme:
        return Resultat(False, "stipulation_contraire")
    ecart = f"de {pourcentage(distinctes[0])} à {pourcentage(distinctes[-1])}"
    return Resultat(False, "non_uniforme", (), (avertir("uniformite_etat", ecart=ecart),))


@regle("r441-5-2-repartition", du="2020-02-22")
def plancher_hors_qpv(etat: Etat, part: Fraction, assiette: int) -> Resultat:
    """Sauf stipulation contraire, la part de l'État hors QPV n'est pas inférieure à 30 %.

    Interpretation: two readings, both shown. « taux »: the rate of the State's flux on the parc outside QPV is at
    least 30 %; « repartition »: at least 30 % of the State's flux is outside QPV. Confidence: low.
    `part` is the State's part, taken as uniform unless `part_hors_qpv` is given. Returns {reading: rate or None}.
    """
    plancher = fraction(bareme("plafonds_reservation")["plancher_hors_qpv"]["taux"])
    hors_qpv = part if etat.part_hors_qpv is None else etat.part_hors_qpv
    repartition = None
    if etat.assiette_hors_qpv is not None and assiette and part:
        repartition = hors_qpv * etat.assiette_hors_qpv / (part * assiette)
    lectures = {"taux": hors_qpv, "repartition": repartition}
    libelles = {
        "taux": "taux de l'État sur le parc hors QPV",
        "repartition": "part du flux de l'État située hors QPV",
    }
    etapes = tuple(
        Etape(f"Plancher hors QPV, lecture « {nom} »", libelles[nom], valeur, "r441-5-2-repartition")
        for nom, valeur in lectures.items()
    )
    retenue = lectures[etat.lecture_hors_qpv]
    if retenue is None:
        return Resultat(lectures, "inconnu", etapes)
    if retenue >= plancher:
        return Resultat(lectures, "respecte", etapes)
    dit = avertir(
        "plancher_etat_hors_qpv",
        lecture=etat.lecture_hors_qpv,
        part=pourcentage(retenue),
        plancher=pourcentage(plancher),
    )
    return Resultat(lectures, "non_respecte", etapes, (dit,))


@regle("s3", du="2018-01-01")
def retrocession_pnru(pnru: Pnru, prioritaires: Fraction, etat: Fraction, flux: Fraction) -> Resultat:
    """L'État rend à Action Logement, au titre du premier PNRU, une part du flux prise sur ses seuls publics prioritaires.

    Interpretation: taken on the prioritaires, S3 saying only « contingent État »; of the whole flux unless the
    dossier says of the State's part. Never more than the prioritaires have. Returns exact dwellings.
    """
    base = flux if pnru.base == "flux" else etat
    rendu = min(pnru.taux * base, prioritaires)
    quoi = "du flux" if pnru.base == "flux" else "de la part de l'État"
    formule = f"{pourcentage(pnru.taux)} {quoi} ({nombre(base)})"
    return Resultat(rendu, "calcule", (Etape("Rétrocession PNRU à Action Logement", formule, rendu, "s3"),))


@regle("decret-2020-145", du="2021-08-01")
def supplement_article5(article5: Article5, taux: Fraction, exercice: int) -> Resultat:
    """Faute de convention conforme, le préfet peut ajouter à son flux celui des logements réservés en stock.

    Interpretation: the flux of these dwellings is their number times the taux de rotation; whether it counts under
    the 30 % cap is open, the dossier says. Confidence: low. Returns exact dwellings, zero (`hors_periode`) when the
    decision comes after the exercice.
    """
    titre = f"Article 5 : {article5.reservataire}"
    if article5.du.year > exercice:
        formule = f"décision {article5.decision} du {article5.du:%d/%m/%Y}, après l'exercice"
        return Resultat(Fraction(0), "hors_periode", (Etape(titre, formule, Fraction(0), "decret-2020-145"),))
    supplement = article5.stock * taux
    dans = "dans le plafond" if article5.dans_le_plafond else "en sus du plafond"
    formule = f"{nombre(article5.stock)} × {pourcentage(taux)}, décision {article5.decision}, {dans}"
    etape = Etape(titre, formule, supplement, "decret-2020-145")
    return Resultat(supplement, "dans_le_plafond" if article5.dans_le_plafond else "hors_plafond", (etape,))


@regle("l301-5-1", du="2018-01-01")
def part_deleguee(delegation: Delegation, part: Fraction, flux: Fraction, exercice: int) -> Resultat:
    """Le préfet peut déléguer son contingent sur un territoire, agents de l'État exceptés : le compte reste celui de l'État.

    Returns the exact dwellings delegated, zero when the delegation does not run in the exercice.
    """
    debut, suivant = date(exercice, 1, 1), date(exercice + 1, 1, 1)
    if delegation.du >= suivant or (delegation.au is not None and delegation.au < debut):
        return Resultat(Fraction(0), "hors_periode")
    exact = part * flux
    formule = f"{pourcentage(part)} × {nombre(flux)}"
    return Resultat(
        exact, "deleguee", (Etape(f"Délégué à {delegation.delegataire}", formule, exact, "l301-5-1"),)
    )


@regle("s0", du="2018-01-01")
def autorisation_suffisante(
    categorie: str, combien: Fraction | int, autorisations: Sequence[Autorisation], exercice: int
) -> Resultat:
    """Certaines catégories ne se soustraient qu'avec une autorisation du préfet, en cours, dans la limite de son quota."""
    libelle = bareme("soustraits")[categorie]["libelle"]
    siennes = [a for a in autorisations if a.categorie == categorie and a.du.year <= exercice]
    debut = date(exercice, 1, 1)
    avertissements: list[Avertissement] = []
    if not siennes:
        avertissements.append(
            avertir("autorisation_prefet_manquante", categorie=libelle, nombre=nombre(combien))
        )
        return Resultat(False, "manquante", (), tuple(avertissements))
    suivant = date(exercice + 1, 1, 1)
    en_cours = [a for a in siennes if a.du < suivant and (a.jusqu_au is None or a.jusqu_au >= debut)]
    if not en_cours:
        arretes = ", ".join(a.arrete for a in siennes)
        return Resultat(
            False, "expiree", (), (avertir("autorisation_expiree", categorie=libelle, arretes=arretes),)
        )
    quotas = [a.quota for a in en_cours if a.quota is not None]
    if len(quotas) == len(en_cours) and combien > sum(quotas):
        dit = avertir(
            "autorisation_depassee", categorie=libelle, nombre=nombre(combien), quota=nombre(sum(quotas))
        )
        return Resultat(False, "depassee", (), (dit,))
    return Resultat(True, "autorisee")
