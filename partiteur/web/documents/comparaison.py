"""Bailleurs side by side: their frozen flux and their états des lieux, each figure that of the bailleur's own page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.moteur.millesime import Territoire as Perimetre
from partiteur.regles.socle import nombre, pourcentage
from partiteur.web.documents import etat_des_lieux as etats
from partiteur.web.documents.feuille import COMPTES, perimetre_en_mots, publie
from partiteur.web.droits import perimetres
from partiteur.web.models import Dossier, Membre

ETENDUE = ("tout", "departement", "epci", "commune")  # from the widest
AXES = ("reservataire", "famille_financement", "qpv")
ABSENT = "—"


@dataclass(frozen=True)
class Tableau:
    """A table of which each bailleur is a column: its sentence, its lines."""

    legende: str
    lignes: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Comparaison:
    """Bailleurs side by side; `sans_parc` are those whose parc is not imported, or not in the perimeter."""

    dossiers: tuple[Dossier, ...]
    flux: tuple[Tableau, ...]
    etats: tuple[Tableau, ...]
    ou: str
    sans_parc: tuple[str, ...]

    @property
    def titres(self) -> tuple[str, ...]:
        """The heads of the columns."""
        return tuple(f"{d.bailleur}, {d.exercice}" for d in self.dossiers)


def comparer_bailleurs(membre: Membre, dossiers: Sequence[Dossier], jour: date) -> Comparaison:
    """Adopted dossiers side by side, then what a member may count of their parcs, in the perimeter they share.

    Raises ErreurUtilisateur when a millésime was altered.
    """
    lus = [json.loads(d.resultat) for d in dossiers]
    perimetre = _commun(membre, dossiers, jour)
    tableaux, sans = (
        _etats(dossiers, perimetre) if perimetre else ((), tuple(str(d.bailleur) for d in dossiers))
    )
    return Comparaison(
        tuple(dossiers),
        tuple(_flux(lus)),
        tableaux,
        etats.nommer_perimetre(perimetre) if perimetre else "",
        sans,
    )


def _flux(lus: Sequence[Mapping[str, Any]]) -> Iterator[Tableau]:
    lignes = tuple((nom, tuple(lire(lu) for lu in lus)) for nom, lire in COMPTES.items())
    yield Tableau("Le flux, sur le territoire de chaque dossier", lignes)
    noms = {r["code"]: r["nom"] or r["code"] for lu in lus for r in lu["reservataires"]}
    parts = [{r["code"]: r for r in lu["reservataires"]} for lu in lus]
    siennes = [
        (nom, tuple(_part(p[code]) if code in p else ABSENT for p in parts)) for code, nom in noms.items()
    ]
    reste = tuple(publie(lu["non_reserve"]["objectif"]) for lu in lus)
    yield Tableau(
        "Ce qui revient à chaque réservataire : logements, et part du flux de son périmètre",
        (*siennes, ("Autres réservataires et non réservé", reste)),
    )
    yield from _perimetres(lus)


def _part(r: Mapping[str, Any]) -> str:
    return f"{publie(r['objectif'])} ({pourcentage(Fraction(r['part_appliquee']))})"


def _perimetres(lus: Sequence[Mapping[str, Any]]) -> Iterator[Tableau]:
    """The same perimeter at each bailleur, where they share some."""
    par_code = [{p["code"]: perimetre_en_mots(p) for p in lu["perimetres"]} for lu in lus]
    partages = [c for c in par_code[0] if all(c in autres for autres in par_code[1:])]
    lignes = tuple(
        (par_code[0][code]["nom"], tuple(nombre(lu[code]["exact"]) for lu in par_code)) for code in partages
    )
    if lignes:
        yield Tableau("Le flux exact de chaque périmètre que tous partagent", lignes)


# --- états des lieux


def _commun(membre: Membre, dossiers: Sequence[Dossier], jour: date) -> Perimetre | None:
    """The widest perimeter a member may count in at every bailleur."""
    siens = [set(perimetres(membre, d.bailleur, jour)) for d in dossiers]
    communs = sorted(set.intersection(*siens), key=lambda p: (ETENDUE.index(p.echelle), p.code))
    return communs[0] if communs else None


def _etats(dossiers: Sequence[Dossier], perimetre: Perimetre) -> tuple[tuple[Tableau, ...], tuple[str, ...]]:
    """One table an axis; a bailleur counted once, whatever the number of its dossiers."""
    demandes: list[etats.Demande | None] = []
    for dossier in dossiers:
        parcs, droits = etats.millesimes(dossier.bailleur)
        demandes.append(
            etats.Demande(
                parcs[0].sha, droits.sha if droits else None, parcs[0].le, perimetre, "reservataire", None, ()
            )
            if parcs
            else None
        )
    sans = tuple(str(d.bailleur) for d, demande in zip(dossiers, demandes, strict=True) if demande is None)
    if all(demande is None for demande in demandes):
        return (), sans
    noms = etats.Noms()
    return tuple(_tableau(demandes, axe, noms) for axe in AXES), sans


def _tableau(demandes: Sequence[etats.Demande | None], axe: str, dire: etats.Noms) -> Tableau:
    """The rows of the état des lieux on an axis, as the page of each bailleur says them."""
    lus = [_compter(demande, axe, dire) if demande else None for demande in demandes]
    noms = {r.ecrit: r.nom for lu in lus if lu for r in lu.rangees}
    lignes = [
        (nom, tuple(_case(lu, ecrit) if lu else "inconnu" for lu in lus)) for ecrit, nom in noms.items()
    ]
    totaux = ("Total", tuple(nombre(lu.total) if lu else "inconnu" for lu in lus))
    axe_dit = etats.LIGNES[axe]
    return Tableau(f"Logements, par {axe_dit[0].lower()}{axe_dit[1:]}", (*lignes, totaux))


def _compter(demande: etats.Demande, axe: str, noms: etats.Noms) -> etats.Tableau:
    sienne = replace(demande, lignes=axe)
    return etats.tableau(sienne, etats.compter(sienne, sienne.axes, ()), noms)


def _case(tableau: etats.Tableau, ecrit: str) -> str:
    siennes = [r for r in tableau.rangees if r.ecrit == ecrit]
    return f"{nombre(siennes[0].total)} ({pourcentage(siennes[0].part)})" if siennes else "0"
