"""The sharing: parts held under their caps, then whole numbers that add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import ceil, floor

from partiteur.regles.faits import Derogation, Reservataire, Solde
from partiteur.regles.socle import (
    Avertissement,
    Etape,
    Resultat,
    avertir,
    bareme,
    en_vigueur,
    fraction,
    nombre,
    pourcentage,
    regle,
)

TROP = "parts_superieures_a_100"


@dataclass(frozen=True)
class Borne:
    """A cap on a group of réservataires: their codes and the exact number of dwellings they may not pass."""

    codes: tuple[str, ...]
    limite: Fraction


@regle("r441-5-2-plafond", "r441-5-3-garanties", "d2", du="2020-02-22")
def plafonner(exacts: Mapping[str, Fraction], codes: Sequence[str], limite: Fraction) -> Resultat:
    """Ramène un groupe de réservataires à son plafond, chacun en proportion de sa part.

    Takes and returns exact dwellings by code; the cut goes to the non-réservé, not to the others (D2).
    """
    somme = sum((exacts[code] for code in codes), Fraction(0))
    if somme <= limite:
        return Resultat(dict(exacts), "sous_le_plafond")
    reduction = limite / somme
    reduits = {code: exact * reduction if code in codes else exact for code, exact in exacts.items()}
    formule = f"{nombre(somme)} ramené à {nombre(limite)}"
    return Resultat(reduits, "plafonne", (Etape("Plafond", formule, limite, "d2"),))


@dataclass(frozen=True)
class Plafonnement:
    """Exact dwellings after caps, and the caps that the rounding must respect."""

    exacts: Mapping[str, Fraction]
    bornes: tuple[Borne, ...]


@regle("r441-5-2-plafond", du="2020-02-22")
def plafond_etat(
    exacts: Mapping[str, Fraction],
    reservataires: Sequence[Reservataire],
    flux: Fraction,
    a_la_date: date,
    derogation: Derogation | None = None,
) -> Resultat:
    """L'État ne reçoit pas plus de 30 % du flux annuel du bailleur, dont 5 % au plus pour ses agents.

    Interpretation: tested on the flux of the dossier's territory, "de chaque organisme bailleur" (D13).
    `derogation`: an arrêté in force, whose caps replace these; what passes the ordinary ones is then to be
    justified. Returns a `Plafonnement`.
    """
    types = bareme("reservataires")
    leves: dict[str, Fraction | None] = {}
    if derogation:
        leves = {"etat": derogation.plafond, "fonctionnaires": derogation.plafond_fonctionnaires}
    resultats = []
    for groupe in ("fonctionnaires", "etat"):
        ligne = en_vigueur("plafonds_reservation", groupe, a_la_date)
        codes = tuple(r.code for r in reservataires if groupe in types[r.type]["plafonds"])
        plafond = leves.get(groupe) or fraction(ligne["taux"])
        avant = sum((exacts[code] for code in codes), Fraction(0))
        resultats.append(_sous_plafond(exacts, codes, flux, plafond, f"plafond_{groupe}", ""))
        exacts = resultats[-1].valeur.exacts
        if leves.get(groupe) and fraction(ligne["taux"]) * flux < avant <= plafond * flux:
            dit = _depassement(
                f"plafond_{groupe}",
                avant,
                fraction(ligne["taux"]) * flux,
                flux,
                ligne["taux"],
                "",
                "derogation",
            )
            resultats.append(
                Resultat(resultats[-1].valeur, avertissements=(replace(dit, gravite="a_justifier"),))
            )
    return _ensemble(exacts, resultats)


@regle("r441-5-3-garanties", "r441-5-4", du="2020-02-22")
def plafond_garanties(
    exacts: Mapping[str, Fraction],
    garants_par_territoire: Mapping[str, tuple[tuple[str, ...], Fraction]],
    a_la_date: date,
) -> Resultat:
    """Les garants d'une commune ou d'un EPCI ne reçoivent pas ensemble plus de 20 % du flux de leur territoire.

    `garants_par_territoire` gives, for each territory from the smallest to the largest, the codes of the
    guarantors it holds and its exact flux (D1); what land or money bought is not capped. Returns a `Plafonnement`.
    """
    plafond = fraction(en_vigueur("plafonds_reservation", "garanties", a_la_date)["taux"])
    resultats = []
    for ou, (codes, flux) in garants_par_territoire.items():
        resultats.append(_sous_plafond(exacts, codes, flux, plafond, "plafond_garanties", ou))
        exacts = resultats[-1].valeur.exacts
    return _ensemble(exacts, resultats)


def _sous_plafond(
    exacts: Mapping[str, Fraction],
    codes: Sequence[str],
    flux: Fraction,
    plafond: Fraction,
    code: str,
    ou: str,
) -> Resultat:
    """One group under one cap, and the warning when it was above."""
    limite = plafond * flux
    borne = Borne(tuple(codes), plafond * floor(flux))
    resultat = plafonner(exacts, codes, limite)
    if resultat.code != "plafonne":
        return Resultat(Plafonnement(exacts, (borne,)))
    avant = sum((exacts[membre] for membre in codes), Fraction(0))
    dit = _depassement(code, avant, limite, flux, pourcentage(plafond), ou)
    titre = f"Plafond des garanties : {ou}" if ou else f"Plafond : {code.removeprefix('plafond_')}"
    etapes = tuple(Etape(titre, e.formule, e.valeur, dit.texte) for e in resultat.etapes)
    return Resultat(Plafonnement(resultat.valeur, (borne,)), "plafonne", etapes, (dit,))


def _ensemble(exacts: Mapping[str, Fraction], resultats: Sequence[Resultat]) -> Resultat:
    """Several caps applied one after the other, as one result."""
    bornes = dict.fromkeys(borne for r in resultats for borne in r.valeur.bornes)
    return Resultat(
        Plafonnement(exacts, tuple(bornes)),
        "calcule",
        tuple(etape for r in resultats for etape in r.etapes),
        tuple(a for r in resultats for a in r.avertissements),
    )


def _depassement(
    code: str,
    avant: Fraction,
    limite: Fraction,
    flux: Fraction,
    plafond: str,
    ou: str,
    phrase: str = "message",
) -> Avertissement:
    part = pourcentage(avant / flux) if flux else "plus que le flux"
    return avertir(code, phrase=phrase, part=part, plafond=plafond, excedent=nombre(avant - limite), ou=ou)


@regle("l441-1-flux", du="2020-02-22")
def parts_possibles(parts: Mapping[str, Fraction], ou: str) -> Resultat:
    """Les parts de ceux qui se partagent un même flux ne peuvent dépasser 100 % : aucun plafond n'y remédie.

    Interpretation: nobody is scaled down; the volumes concerned are not published (D73).
    """
    somme = sum(parts.values(), Fraction(0))
    if somme <= 1:
        return Resultat(True, "possibles")
    return Resultat(False, TROP, (), (avertir(TROP, ou=ou, part=pourcentage(somme)),))


@regle("d2", du="2018-01-01")
def plus_forts_restes(
    exacts: Mapping[str, Fraction], total: int, bornes: Sequence[Borne], reste: str | None
) -> Resultat:
    """Répartit un nombre entier aux plus forts restes, sans qu'un groupe plafonné dépasse son plafond.

    `exacts` are exact dwellings by code; each gets its integer part, never below zero nor above its caps, then one
    more by decreasing remainder, ties to the smallest exact number, then to the alphabetical order; without a
    remainder, no more. What no one may take goes to `reste`, one of the codes; what is too much is taken back by
    increasing remainder. The whole numbers add up to `total`.
    """
    entiers = _entiers_bornes(exacts, bornes)
    a_donner = total - sum(entiers.values())
    ordre = sorted(exacts, key=lambda code: (entiers[code] - exacts[code], exacts[code], code))
    servis = []
    for code in ordre:
        if a_donner > 0 and entiers[code] < exacts[code] and _peut_recevoir(code, entiers, bornes):
            entiers[code] += 1
            a_donner -= 1
            servis.append(code)
    while a_donner < 0:
        repris = max(
            (code for code in exacts if entiers[code]), key=lambda c: (entiers[c] - exacts[c], exacts[c], c)
        )
        entiers[repris] -= 1
        a_donner += 1
    if a_donner and reste is not None:
        entiers[reste] += a_donner
        servis.append(reste)
    noms = dict.fromkeys("le non réservé" if code == reste else code for code in servis)
    formule = "parties entières" + (", puis un de plus pour " + ", ".join(noms) if noms else "")
    return Resultat(entiers, "calcule", (Etape("Nombres entiers", formule, sum(entiers.values()), "d2"),))


def _entiers_bornes(exacts: Mapping[str, Fraction], bornes: Sequence[Borne]) -> dict[str, int]:
    """Integer parts, then under each cap: the smallest remainders give way first."""
    entiers = {code: max(floor(exact), 0) for code, exact in exacts.items()}
    for borne in bornes:
        membres = [code for code in borne.codes if code in entiers]
        while sum(entiers[code] for code in membres) > max(floor(borne.limite), 0):
            cede = min(
                (c for c in membres if entiers[c]), key=lambda c: (exacts[c] - entiers[c], -exacts[c], c)
            )
            entiers[cede] -= 1
    return entiers


def _peut_recevoir(code: str, entiers: Mapping[str, int], bornes: Sequence[Borne]) -> bool:
    """Whether one more dwelling keeps every group of this réservataire within the integer part of its cap."""
    return all(
        sum(entiers.get(membre, 0) for membre in borne.codes) < floor(borne.limite)
        for borne in bornes
        if code in borne.codes
    )


@regle("d4", du="2018-01-01")
def restes_a_reporter(
    quotas: Mapping[str, Fraction], entiers: Mapping[str, int], non_reserve: str
) -> Resultat:
    """La fraction non servie d'un réservataire est reportée sur l'année suivante ; un logement entier coupé par un plafond va au non réservé.

    Returns the carried fractions by code, the non-réservé's included: they add up to what was not shared.
    """
    restes = {code: quota - entiers[code] for code, quota in quotas.items()}
    for code in restes:
        if code != non_reserve and restes[code] >= 1:
            coupes = floor(restes[code])
            restes[code] -= coupes
            restes[non_reserve] += coupes
    return Resultat(restes, "reporte")


@regle("d4", du="2018-01-01")
def un_logement_tous_les(exact: Fraction) -> Resultat:
    """À moins d'un logement par an, dit au bout de combien d'années environ un logement est dû."""
    attente = 1 / exact if exact > 0 else Fraction(0)
    annees = ceil(attente) if ceil(attente) - attente <= attente - floor(attente) else floor(attente)
    if annees <= 1:
        return Resultat(None, "chaque_annee" if exact > 0 else "rien")
    return Resultat(annees, "tous_les_ans", (Etape("Rythme", f"1 ÷ {nombre(exact)}", annees, "d4"),))


@regle("d4", du="2018-01-01")
def solde_reporte(solde: Solde | None) -> Resultat:
    """Le solde au 31 décembre (compté moins dû) s'efface, se reporte, ou se reporte jusqu'à une borne, selon la convention.

    Interpretation: no text; it is wiped unless the convention says so, and always shown. Returns what next year's
    objectif gains (owed and not served) or loses.
    """
    if solde is None:
        return Resultat(0, "aucun")
    ecart = solde.compte - solde.du
    formule = f"{nombre(solde.compte)} comptés - {nombre(solde.du)} dus, {solde.regle}"
    reporte = 0
    if solde.regle == "reporte":
        reporte = -ecart
    elif solde.regle == "reporte_borne":
        borne = solde.borne or 0
        reporte = max(-borne, min(borne, -ecart))
    return Resultat(reporte, solde.regle, (Etape("Solde de l'année précédente", formule, ecart, "d4"),))
