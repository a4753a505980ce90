"""The JSON of a bilan, the shape other programs rely on (conception §6), and what it adds."""

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from partiteur.moteur.bilan.ventilation import COMPTEURS
from partiteur.moteur.feuille import exact, json_de_l_avertissement
from partiteur.regles.bilan import (
    Bilan,
    Cellule,
    Chute,
    DelaiConstate,
    LigneBilan,
    LigneRefus,
    LigneSoustraits,
    Ventilation,
)
from partiteur.regles.objectifs import Objectif


def json_du_bilan(bilan: Bilan) -> dict[str, Any]:
    """The whole bilan: exact fractions as text, counts as integers, unknown as null, zeros written."""
    return {
        "du": bilan.du.isoformat(),
        "au": bilan.au.isoformat(),
        "connu_le": bilan.connu_le.isoformat() if bilan.connu_le else None,
        "connu_jusqu_a": bilan.connu_jusqu_a,
        "bailleur": bilan.bailleur,
        "territoire": bilan.territoire,
        "reinjection": bilan.reinjection,
        "preuve": asdict(bilan.preuve),
        "vacances": bilan.vacances,
        "flux_constate": bilan.flux_constate,
        "non_offertes": bilan.non_offertes,
        "reservataires": [_ligne(ligne, bilan.stock) for ligne in bilan.reservataires],
        "ventilation": [cellule_en_json(bilan.ventilation, c) for c in bilan.ventilation.lignes],
        "marginaux": marginaux_en_json(bilan.ventilation),
        "total": dict(bilan.ventilation.total),
        "surcompte": bilan.surcompte,
        "soustraits": [_soustraits(ligne) for ligne in bilan.soustraits],
        "hors_flux": dict(bilan.hors_flux),
        "annulees": bilan.annulees,
        "echecs": bilan.echecs,
        "imputations_particulieres": list(bilan.imputations_particulieres),
        "programmes": [asdict(suivi) for suivi in bilan.programmes],
        "delais": [_delai(delai) for delai in bilan.delais],
        "jours_dus": dict(bilan.jours_dus),
        "refus": [_refus(ligne) for ligne in bilan.refus],
        "intermediaires": [
            {"au": le.isoformat(), "reservataires": [{"code": c, **n} for c, n in lignes.items()]}
            for le, lignes in bilan.intermediaires.items()
        ],
        "objectifs": None if bilan.objectifs is None else [_objectif(o) for o in bilan.objectifs],
        "refuses": bilan.refuses,
        "manques": [asdict(manque) for manque in bilan.manques],
        "avertissements": [json_de_l_avertissement(a) for a in bilan.avertissements],
    }


def cellule_en_json(ventilation: Ventilation, cellule: Cellule) -> dict[str, Any]:
    """A row of the long table: its axes, then its counters."""
    return {**dict(zip(ventilation.axes, cellule.cle, strict=True)), **cellule.compteurs}


def marginaux_en_json(ventilation: Ventilation) -> dict[str, list[dict[str, Any]]]:
    """The marginals, by axis: one object a value."""
    return {
        axe: [{axe: cellule.cle[0], **cellule.compteurs} for cellule in ventilation.marginaux[axe]]
        for axe in ventilation.axes
    }


def _ou_rien(valeur: Fraction | int | None) -> str | None:
    return None if valeur is None else exact(valeur)


def _ligne(ligne: LigneBilan, stock: int | None) -> dict[str, Any]:
    """A réservataire: the counters other programs read first."""
    comptes = ligne.compteurs
    lue: dict[str, Any] = {
        "code": ligne.code,
        "nom": ligne.nom,
        "type": ligne.type,
        **{nom: comptes[nom] for nom in COMPTEURS},
        "taux_chute": _ou_rien(ligne.taux_chute),
        **({} if ligne.objectif is None else {"objectif": ligne.objectif}),
        "etape": ligne.etape,
        "engage": ligne.engage,
        "gestion": ligne.gestion,
        "part": _ou_rien(ligne.part),
        "engagement": ligne.engagement,
        "flux_constate": ligne.flux_constate,
        "attendu": _ou_rien(ligne.attendu),
        "atteinte_volume": _ou_rien(ligne.atteinte.du_volume) if ligne.atteinte else None,
        "atteinte_flux": _ou_rien(ligne.atteinte.du_flux) if ligne.atteinte else None,
        "ecart": _ou_rien(ligne.atteinte.ecart) if ligne.atteinte else None,
        "alerte": _alerte(ligne),
        "chutes": [_chute(c) for c in ligne.chutes],
        "part_requalifiee": _ou_rien(ligne.part_requalifiee),
        "droits_uniques": [{**asdict(a), "solde": a.solde} for a in ligne.droits_uniques],
        **{nom: n for nom, n in comptes.items() if nom not in COMPTEURS},
    }
    if ligne.chutes_stock is not None:
        lue["avant"] = {"annee": stock, "chutes": [_chute(c) for c in ligne.chutes_stock]}
    return lue


def _alerte(ligne: LigneBilan) -> dict[str, Any] | None:
    if ligne.alerte is None:
        return None
    return {
        "sens": ligne.alerte.sens,
        "probabilite": exact(ligne.alerte.probabilite),
        "petits_nombres": ligne.alerte.petits_nombres,
    }


def _chute(chute: Chute) -> dict[str, Any]:
    return {**asdict(chute), "taux": _ou_rien(chute.taux)}


def _soustraits(ligne: LigneSoustraits) -> dict[str, Any]:
    return {**asdict(ligne), "prevu": _ou_rien(ligne.prevu), "ecart": _ou_rien(ligne.ecart)}


def _delai(delai: DelaiConstate) -> dict[str, Any]:
    fini: Mapping[str, Any] = asdict(delai.duree)
    return {
        "delai": delai.delai,
        "reservataire": delai.reservataire,
        "gestion": delai.gestion,
        **fini,
    }


def _refus(ligne: LigneRefus) -> dict[str, Any]:
    return {
        **asdict(ligne),
        "nombre": ligne.nombre,
        "part_adaptee": _ou_rien(ligne.part_adaptee),
        "juges": list(ligne.juges),
        "premier": ligne.premier.isoformat(),
        "dernier": ligne.dernier.isoformat(),
    }


def _objectif(objectif: Objectif) -> dict[str, Any]:
    return {
        **asdict(objectif),
        "cible": _ou_rien(objectif.cible),
        "minimum": _ou_rien(objectif.minimum),
        "maximum": _ou_rien(objectif.maximum),
    }
