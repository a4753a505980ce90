"""What a dossier says of each réservataire, set beside what the account counted."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from partiteur.moteur.bilan.ventilation import COMPTEURS, Candidats, nombre_de
from partiteur.regles.bilan import (
    Alerte,
    Chute,
    LigneBilan,
    Manque,
    alerte_desequilibre,
    atteinte,
    attendu_a_date,
    chutes,
    manquer,
)
from partiteur.regles.decompte import Decompte, LigneDecompte, Regime, part_requalifiee
from partiteur.regles.flux.feuille import Flux, FluxPerimetre, PartReservataire
from partiteur.regles.socle import Avertissement, Resultat
from partiteur.regles.vacance import LogementVacant

MIXTE = "mixte"
AUTRES = (
    "entree",
    "sans_bail",
    "refus_inadaptes",
    "echecs",
    "imputees",
    "requalifiees",
    "premieres_locations",
    "sorties",
    "qpv_maire",
)


@dataclass(frozen=True)
class Compte:
    """What the lines of a bilan are made from: the account, its counts of candidates, the dwellings, the dossier's
    sheet if there is one, the regimes, whether its volumes are those of this bilan, the account of the stock year, and
    the share to requalify in gestion mixte, by réservataire."""

    decompte: Decompte
    candidats: Candidats
    logements: Mapping[str, LogementVacant]
    flux: Flux | None
    regimes: Mapping[str, Regime]
    annee: int
    propre: bool = False
    stock: Decompte | None = None
    minimums: Mapping[str, Fraction] = field(default_factory=dict)


def lignes_du_bilan(compte: Compte) -> tuple[LigneBilan, ...]:
    """A line for each réservataire of the account or of the dossier."""
    parts = {part.code: part for part in compte.flux.reservataires} if compte.flux else {}
    stock = {ligne.code: ligne for ligne in compte.stock.lignes} if compte.stock else None
    par_perimetre = constates(compte)
    lignes = []
    for ligne in compte.decompte.lignes:
        part = parts.get(ligne.code)
        vus = _flux_vu(compte, part, par_perimetre)
        lignes.append(_ligne(compte, ligne, part, vus, _chutes_du_stock(stock, ligne.code)))
    return tuple(lignes)


def _chutes_du_stock(stock: Mapping[str, LigneDecompte] | None, code: str) -> tuple[Chute, ...] | None:
    return None if stock is None else chutes_de(stock.get(code, LigneDecompte(code)))


def chutes_de(ligne: LigneDecompte) -> tuple[Chute, ...]:
    """The chutes of a réservataire at each stage."""
    atteintes = {
        nom: frozenset(getattr(ligne, nom))
        for nom in ("validee", "candidats_proposes", "attribution", "bail_signe")
    }
    lues: tuple[Chute, ...] = chutes(
        frozenset(ligne.mise_a_disposition), frozenset((*ligne.en_cours, *ligne.sans_bail)), atteintes
    ).valeur
    return lues


def _ligne(
    compte: Compte,
    ligne: LigneDecompte,
    part: PartReservataire | None,
    flux_constate: int,
    stock: tuple[Chute, ...] | None,
) -> LigneBilan:
    """One line: the counters, then what the dossier allows to say of them."""
    regime = compte.regimes.get(ligne.code, Regime())
    engage = None if ligne.engage is None else len(ligne.engage)
    objectif = None
    if part and compte.propre and part.objectif is not None:
        objectif = part.objectif + part.majoration
    taux = part.part_appliquee if part else None
    attendu = None if taux is None else attendu_a_date(taux, flux_constate).valeur
    lues = chutes_de(ligne)
    return LigneBilan(
        ligne.code,
        part.nom if part else None,
        part.type if part else None,
        {nom: nombre_de(ligne, nom, compte.candidats) for nom in (*COMPTEURS, *AUTRES)},
        lues,
        next(c.taux for c in lues if c.etape == "attribution"),
        stock,
        regime.etape,
        engage,
        regime.gestion,
        taux,
        objectif,
        part.engagement if part else None,
        flux_constate if part else None,
        attendu,
        atteinte(engage, objectif, attendu).valeur if part else None,
        None if taux is None else _alerte(ligne, flux_constate, taux),
        _requalifiee(compte, ligne, part).valeur if regime.gestion == MIXTE else None,
        part.droits_uniques if part else (),
    )


def _requalifiee(compte: Compte, ligne: LigneDecompte, part: PartReservataire | None) -> Resultat:
    """In gestion mixte, what the bailleur requalified of what went to the réservataire (D34)."""
    siens = {*ligne.mise_a_disposition, *ligne.requalifiees}
    nom = (part.nom if part else None) or ligne.code
    return part_requalifiee(len(ligne.requalifiees), len(siens), compte.minimums.get(ligne.code), nom)


def avertissements_des_engagements(compte: Compte) -> Iterator[Avertissement]:
    """What a bilan warns of besides the account: too few dwellings requalified in gestion mixte."""
    parts = {part.code: part for part in compte.flux.reservataires} if compte.flux else {}
    for ligne in compte.decompte.lignes:
        if compte.regimes.get(ligne.code, Regime()).gestion == MIXTE:
            yield from _requalifiee(compte, ligne, parts.get(ligne.code)).avertissements


def _alerte(ligne: LigneDecompte, flux_constate: int, taux: Fraction) -> Alerte:
    """An imbalance of what is offered: dated as the flux seen is, whatever the stage that binds."""
    alerte: Alerte = alerte_desequilibre(len(ligne.mise_a_disposition), flux_constate, taux).valeur
    return alerte


def constates(compte: Compte) -> dict[str, int]:
    """The flux seen in each perimeter of the dossier, by its code."""
    if compte.flux is None:
        return {}
    territoire = compte.flux.territoire.code
    comptes = {p.code: 0 for p in compte.flux.perimetres}
    vus = [compte.logements.get(v, LogementVacant(v)) for v in compte.decompte.flux_constate]
    for perimetre in compte.flux.perimetres:
        if perimetre.code == territoire:
            comptes[perimetre.code] = len(vus)
        else:
            comptes[perimetre.code] = sum(_dedans(perimetre, logement) for logement in vus)
    return comptes


def _dedans(perimetre: FluxPerimetre, logement: LogementVacant) -> bool:
    """Whether a dwelling is in a perimeter; one whose commune is unknown is in none but the territory."""
    return perimetre.code in (logement.commune, logement.epci, logement.departement)


def _flux_vu(compte: Compte, part: PartReservataire | None, par_perimetre: Mapping[str, int]) -> int:
    if part is None:
        return len(compte.decompte.flux_constate)
    return sum(par_perimetre[code] for code in part.perimetres)


def manques_des_engagements(compte: Compte, lignes: Iterable[LigneBilan]) -> Iterator[Manque]:
    """What keeps a line from being compared with what is due."""
    a_imputer = sum(len(set(li.requalifiees) - set(li.imputees)) for li in compte.decompte.lignes)
    if a_imputer:
        yield manquer("requalification_sans_imputation", nombre=a_imputer)
    if compte.flux is None:
        yield manquer("sans_dossier")
        return
    exercice = compte.flux.dossier.exercice
    if exercice != compte.annee:
        yield manquer("autre_exercice", exercice=exercice, annee=compte.annee)
    publies = {part.code: part.objectif for part in compte.flux.reservataires}
    for ligne in lignes:
        nom = ligne.nom or ligne.code
        if ligne.code not in publies:
            yield manquer("reservataire_hors_dossier", nom=nom)
        elif publies[ligne.code] is None:
            yield manquer("objectif_non_publie", nom=nom)
        if ligne.code in publies and ligne.etape is None:
            yield manquer("etape_non_fixee", nom=nom)
    sans_commune = sum(
        compte.logements.get(v, LogementVacant(v)).commune is None for v in compte.decompte.flux_constate
    )
    if sans_commune and len(compte.flux.perimetres) > 1:
        yield manquer("sans_perimetre", nombre=sans_commune)
