"""The rights reserved: which are in force, and what share of the assiette they make."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from partiteur.regles.assiette import Assiette
from partiteur.regles.faits import MouvementDroitUnique, Reservataire
from partiteur.regles.socle import (
    ErreurUtilisateur,
    Etape,
    Resultat,
    avertir,
    bareme,
    nombre,
    pourcentage,
    regle,
)


class PartInconnue(ErreurUtilisateur):
    """Nothing says what share a réservataire holds."""


@dataclass(frozen=True)
class Tableau:
    """Cells by line and column, with the totals recomputed from them."""

    lignes: Mapping[str, int]
    colonnes: Mapping[str, int]
    total: int


@dataclass(frozen=True)
class AnneeDroitsUniques:
    """A year of the account of droits uniques."""

    annee: int
    ouverture: int
    acquis: int
    negocies: int
    consommes: int
    expires: int

    @property
    def solde(self) -> int:
        """What is left at the end of the year."""
        return self.ouverture + self.acquis + self.negocies - self.consommes - self.expires


@regle("d15", "r441-5-convention", du="2018-01-01")
def droit_en_vigueur(
    debut: date | None,
    fin: date | None,
    nature: str | None,
    statut: str | None,
    a_la_date: date,
    dernier_remboursement: date | None = None,
) -> Resultat:
    """Dit si un droit du registre compte dans l'état des lieux à une date : en cours, de suite, mobilisé.

    Droits uniques and rights for one letting are counted apart: they are not a share of the parc (D6, D7).
    """
    if debut is not None and a_la_date < debut:
        return Resultat(False, "pas_encore_ouvert")
    if fin is not None and fin < a_la_date:
        return Resultat(False, "expire")
    if dernier_remboursement is not None and extinction_garantie(dernier_remboursement).valeur < a_la_date:
        return Resultat(False, "eteint")
    if statut == "non_mobilise":
        return Resultat(False, "non_mobilise")
    if nature in ("unique", "un_tour"):
        return Resultat(False, nature)
    return Resultat(True, "conteste" if statut == "conteste" else "en_vigueur")


@regle("r441-5-convention", du="2020-02-22")
def convention_de_l_exercice(debut: date | None, fin: date | None, exercice: int) -> Resultat:
    """Le flux d'un exercice est réservé par une convention en cours cette année-là.

    Interpretation: in force on some day of the year. Without an end it runs. Value True, False, or None (`inconnue`)
    without a beginning.
    """
    if debut is None:
        return Resultat(None, "inconnue")
    if debut.year > exercice:
        return Resultat(False, "a_venir")
    if fin is not None and fin.year < exercice:
        return Resultat(False, "expiree")
    return Resultat(True, "en_cours")


@regle("r441-5-convention", "d3", du="2020-02-22")
def part_reservataire(reservataire: Reservataire, assiette: Assiette) -> Resultat:
    """La part d'un réservataire : le pourcentage de sa convention, ou ses logements réservés rapportés à l'assiette.

    Returns a Fraction of the assiette; a part given on the parc is converted. Raises PartInconnue when the
    réservataire has neither part nor reserved dwellings, or when the assiette is empty.
    """
    nom = reservataire.nom or reservataire.code
    if reservataire.part is not None and reservataire.reserves is not None:
        raise PartInconnue(
            f"Réservataire « {nom} » : « part » et « reserves » à la fois ; donnez l'un des deux."
        )
    if reservataire.part is not None:
        return _part_donnee(reservataire, assiette, nom)
    if reservataire.reserves is None:
        raise PartInconnue(
            f"Réservataire « {nom} » : ni « part », ni « reserves », ni registre des droits ; donnez l'un des trois."
        )
    if not assiette.total:
        raise PartInconnue(
            f"Réservataire « {nom} » : l'assiette de son périmètre est vide, sa part ne peut être calculée."
        )
    part = Fraction(reservataire.reserves, assiette.total)
    formule = f"{nombre(reservataire.reserves)} réservés ÷ {nombre(assiette.total)} de l'assiette"
    etapes = [Etape(f"Part : {nom}", formule, part, "d3")]
    if reservataire.reserves_contestes:
        sans = Fraction(reservataire.reserves - reservataire.reserves_contestes, assiette.total)
        formule = f"{nombre(reservataire.reserves_contestes)} réservés contestés"
        etapes.append(Etape(f"Part sans les droits contestés : {nom}", formule, sans, "d15"))
    return Resultat(part, "reserves", tuple(etapes))


def _part_donnee(reservataire: Reservataire, assiette: Assiette, nom: str) -> Resultat:
    part = reservataire.part or Fraction(0)
    if part < 0:
        raise PartInconnue(f"Réservataire « {nom} » : une part ne peut être négative ({pourcentage(part)}).")
    if reservataire.base == "assiette":
        etape = Etape(f"Part : {nom}", "donnée, de l'assiette", part, "r441-5-convention")
        return Resultat(part, "donnee", (etape,))
    formule = "donnée, du flux"
    if reservataire.base == "parc":
        if not assiette.total:
            raise PartInconnue(
                f"Réservataire « {nom} » : l'assiette est vide, sa part du parc ne peut être convertie."
            )
        formule = f"{pourcentage(part)} du parc × {nombre(assiette.parc)} ÷ {nombre(assiette.total)}"
        part = part * assiette.parc / assiette.total
    avertissement = avertir("base_differente", nom=nom, base=reservataire.base, part=pourcentage(part))
    return Resultat(part, "convertie", (Etape(f"Part : {nom}", formule, part, "d3"),), (avertissement,))


@regle("d3", du="2018-01-01")
def totaux_recalcules(
    cases: Mapping[str, Mapping[str, int]],
    totaux_lignes: Mapping[str, int],
    totaux_colonnes: Mapping[str, int],
    total: int | None,
) -> Resultat:
    """Les totaux d'un tableau se recalculent depuis ses cases ; tout écart avec les totaux publiés est signalé.

    Returns a `Tableau`; each published total that differs raises `totaux_incoherents`.
    """
    lignes = {ligne: sum(valeurs.values()) for ligne, valeurs in cases.items()}
    colonnes: dict[str, int] = {}
    for valeurs in cases.values():
        for colonne, n in valeurs.items():
            colonnes[colonne] = colonnes.get(colonne, 0) + n
    tableau = Tableau(lignes, colonnes, sum(lignes.values()))
    publies = [
        *((ligne, donne, lignes.get(ligne, 0)) for ligne, donne in totaux_lignes.items()),
        *((colonne, donne, colonnes.get(colonne, 0)) for colonne, donne in totaux_colonnes.items()),
        *((("total", total, tableau.total),) if total is not None else ()),
    ]
    ecarts = [
        avertir("totaux_incoherents", ou=ou, donne=nombre(donne), recalcule=nombre(somme))
        for ou, donne, somme in publies
        if donne != somme
    ]
    etape = Etape("Total", " + ".join(nombre(n) for n in lignes.values()), tableau.total, "d3")
    return Resultat(tableau, "incoherent" if ecarts else "coherent", (etape,), tuple(ecarts))


@regle("r441-6", du="2018-01-01")
def extinction_garantie(dernier_remboursement: date) -> Resultat:
    """Les droits attachés à une garantie d'emprunt sont prorogés de cinq ans après le dernier versement.

    Returns the last day of the right.
    """
    annees = bareme("droits")["prorogation_garantie"]["annees"]
    derniere = min(dernier_remboursement.year + annees, date.max.year)
    try:
        fin = dernier_remboursement.replace(year=derniere)
    except ValueError:  # from a 29 February to a year that has none
        fin = dernier_remboursement.replace(year=derniere, day=dernier_remboursement.day - 1)
    formule = f"{dernier_remboursement:%d/%m/%Y} + {annees} ans"
    return Resultat(
        fin, "calcule", (Etape("Extinction du droit de garantie", formule, f"{fin:%d/%m/%Y}", "r441-6"),)
    )


@regle("s2", du="2018-01-01")
def parts_ponderees(contingents: Mapping[str, tuple[int, Fraction]]) -> Resultat:
    """Chaque contingent est pondéré par sa propre rotation, et rapporté à la somme de tous, le non réservé compris.

    Interpretation: S2 names the method without its formula. Confidence: medium. `contingents` gives dwellings and
    rate by code; returns each one's part of the flux. Raises PartInconnue when none turns over.
    """
    poids = {code: nombre_reserve * taux for code, (nombre_reserve, taux) in contingents.items()}
    somme = sum(poids.values(), Fraction(0))
    if not somme:
        raise PartInconnue(
            "Parts pondérées : aucune rotation dans aucun contingent ; le calcul est impossible."
        )
    parts = {code: valeur / somme for code, valeur in poids.items()}
    etapes = tuple(
        Etape(
            f"Part pondérée : {code}",
            f"{nombre(contingents[code][0])} × {pourcentage(contingents[code][1])} ÷ {nombre(somme)}",
            part,
            "s2",
        )
        for code, part in parts.items()
    )
    return Resultat(parts, "calcule", etapes)


@regle("s1", "d6", du="2018-01-01")
def droits_uniques(droits_de_suite: Mapping[str, int], negocies: int, taux: Fraction) -> Resultat:
    """Les droits de suite de chaque programme, multipliés par la rotation, font des droits uniques ; les droits négociés s'y ajoutent.

    Interpretation: S1 writes « additionner les droits de suite », which its own formula contradicts: droits uniques
    are meant. Confidence: high. A volume, beside the percentages, whatever the assiette. Returns exact dwellings.
    """
    programmes = {programme: n * taux for programme, n in droits_de_suite.items()}
    volume = sum(programmes.values(), Fraction(0)) + negocies
    etapes = [
        Etape(
            f"Droits uniques : {programme}",
            f"{nombre(droits_de_suite[programme])} × {pourcentage(taux)}",
            valeur,
            "s1",
        )
        for programme, valeur in programmes.items()
    ]
    formule = f"{nombre(sum(programmes.values(), Fraction(0)))} + {nombre(negocies)} négociés"
    return Resultat(volume, "calcule", (*etapes, Etape("Droits uniques de l'année", formule, volume, "s1")))


@regle("d6", du="2018-01-01")
def compte_droits_uniques(ouverture: int, mouvements: Sequence[MouvementDroitUnique]) -> Resultat:
    """Le compte des droits uniques : acquis par programme, négociés, consommés, expirés, et le solde de chaque année.

    Returns one `AnneeDroitsUniques` a year, in order. Raises PartInconnue when more is consumed or expired than held.
    """
    solde, lignes = ouverture, []
    for annee in sorted({m.annee for m in mouvements}):
        sommes = {
            nature: sum(m.nombre for m in mouvements if m.annee == annee and m.nature == nature)
            for nature in ("acquis", "negocie", "consomme", "expire")
        }
        ligne = AnneeDroitsUniques(annee, solde, *sommes.values())
        if ligne.solde < 0:
            raise PartInconnue(
                f"Droits uniques {annee} : {nombre(ligne.consommes + ligne.expires)} consommés ou expirés "
                f"pour {nombre(solde + ligne.acquis + ligne.negocies)} détenus ; corrigez le compte."
            )
        solde = ligne.solde
        lignes.append(ligne)
    etapes = tuple(
        Etape(
            f"Droits uniques {li.annee}",
            f"{li.ouverture} + {li.acquis} + {li.negocies} - {li.consommes} - {li.expires}",
            li.solde,
            "d6",
        )
        for li in lignes
    )
    return Resultat(tuple(lignes), "calcule", etapes)


@regle("s2", du="2018-01-01")
def flux_negocie(reservataire: Reservataire) -> Resultat:
    """Un flux négocié est une part ou un volume convenu, dont la justification est obligatoire."""
    nom = reservataire.nom or reservataire.code
    if not reservataire.justification:
        raise PartInconnue(f"Réservataire « {nom} » : un flux négocié demande « justification ».")
    if (reservataire.part is None) == (reservataire.volume is None):
        raise PartInconnue(
            f"Réservataire « {nom} » : un flux négocié donne « part » ou « volume », l'un des deux."
        )
    valeur = reservataire.part if reservataire.volume is None else Fraction(reservataire.volume)
    if valeur is not None and valeur < 0:
        raise PartInconnue(
            f"Réservataire « {nom} » : un flux négocié ne peut être négatif ({nombre(valeur)})."
        )
    code = "part" if reservataire.volume is None else "volume"
    return Resultat(valeur, code, (Etape(f"Négocié : {nom}", reservataire.justification, valeur, "s2"),))
