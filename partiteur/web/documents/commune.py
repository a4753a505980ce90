"""The sheet of a commune, for its mayor: the parc there, its rights, what it is owed, in words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from partiteur.regles.socle import nombre, pourcentage
from partiteur.web import depot as fichiers
from partiteur.web.documents.etat_des_lieux import Demande, compter, millesimes
from partiteur.web.droits import bailleurs, dossiers, perimetres
from partiteur.web.models import Membre, Organisation, Reservation


@dataclass(frozen=True)
class ChezUnBailleur:
    """What a bailleur has in the commune: dwellings, in QPV, reserved by the commune; and what it owes, in a sentence."""

    bailleur: Organisation
    le: date
    logements: int
    qpv: int
    reserves: int
    part: Fraction
    du: str
    objectif: int | None


@dataclass(frozen=True)
class FicheCommune:
    """The sheet: a commune, its bailleurs, their sums."""

    code: str
    nom: str
    chez: tuple[ChezUnBailleur, ...]
    logements: int
    qpv: int
    reserves: int
    phrase: str
    sienne: bool


def communes_possibles(membre: Membre, jour: date) -> list[tuple[str, str]]:
    """The communes a member may ask the sheet of: those where its bailleurs have dwellings, in its perimeters."""
    codes: set[str] = set()
    for bailleur in bailleurs(membre, jour):
        for demande in _demandes(membre, bailleur, jour, "commune"):
            codes |= {
                str(groupe[0]) for groupe in compter(demande, ("commune",), ()).etat.lignes if groupe[0]
            }
    nommees = ((code, fichiers.geographie().commune(code)) for code in codes)
    return sorted(((code, commune.nom if commune else code) for code, commune in nommees), key=lambda c: c[1])


def sa_commune(membre: Membre, jour: date) -> str | None:
    """The commune an organisation is, by the perimeter of its rights."""
    siennes = Reservation.objects.au(jour).filter(
        reservataire__organisation=membre.organisation, reservataire__type="commune", echelle="commune"
    )
    return siennes.values_list("code", flat=True).order_by("code").first()


def _demandes(membre: Membre, bailleur: Organisation, jour: date, lignes: str) -> list[Demande]:
    """The last parc of a bailleur, in each perimeter the member may count in."""
    parcs, droits = millesimes(bailleur)
    if not parcs:
        return []
    return [
        Demande(parcs[0].sha, droits.sha if droits else None, parcs[0].le, perimetre, lignes, None, ())
        for perimetre in perimetres(membre, bailleur, jour)
    ]


def fiche(membre: Membre, code: str, jour: date) -> FicheCommune:
    """The sheet of a commune, of what the member may see there."""
    siens = codes_de_la_commune(code, jour)
    chez = []
    for bailleur in bailleurs(membre, jour):
        vus = [
            _chez(membre, bailleur, demande, code, siens, jour)
            for demande in _demandes(membre, bailleur, jour, "commune")
        ]
        vus = [vu for vu in vus if vu.logements]
        if vus:  # the same dwellings through several perimeters: the widest says all
            chez.append(max(vus, key=lambda vu: vu.logements))
    commune = fichiers.geographie().commune(code)
    logements, reserves = sum(c.logements for c in chez), sum(c.reserves for c in chez)
    return FicheCommune(
        code,
        commune.nom if commune else code,
        tuple(chez),
        logements,
        sum(c.qpv for c in chez),
        reserves,
        _phrase(logements, reserves),
        sa_commune(membre, jour) == code,
    )


def _phrase(logements: int, reserves: int) -> str:
    if not reserves:
        return "La commune n'a de droit de réservation sur aucun de ces logements."
    part = pourcentage(Fraction(reserves, logements))
    return f"La commune a des droits de réservation sur {nombre(reserves)} de ces logements, soit {part}."


def codes_de_la_commune(code: str, jour: date) -> frozenset[str]:
    """The codes under which a commune has rights."""
    siennes = Reservation.objects.au(jour).filter(echelle="commune", code=code, reservataire__type="commune")
    return frozenset(siennes.values_list("reservataire__code", flat=True))


def _chez(
    membre: Membre, bailleur: Organisation, demande: Demande, code: str, siens: frozenset[str], jour: date
) -> ChezUnBailleur:
    ici = (("commune", code),)
    qpv = dict(compter(demande, ("qpv",), ici).etat.lignes)
    par_reservataire = (
        dict(compter(demande, ("reservataire",), ici).etat.lignes) if demande.sha_droits else {}
    )
    reserves = sum(n for titulaire, n in par_reservataire.items() if titulaire in siens)
    logements = sum(qpv.values())
    du, objectif = _du(membre, bailleur, siens, jour)
    return ChezUnBailleur(
        bailleur,
        demande.le,
        logements,
        qpv.get(True, 0),
        reserves,
        Fraction(reserves, logements or 1),
        du,
        objectif,
    )


def _du(membre: Membre, bailleur: Organisation, siens: frozenset[str], jour: date) -> tuple[str, int | None]:
    """What the last adopted flux owes the commune, in words, and in whole dwellings."""
    adopte = dossiers(membre, jour).filter(bailleur=bailleur, adopte_le__isnull=False).first()
    if adopte is None:
        return "Le flux de l'année n'est pas encore adopté.", None
    resultat = json.loads(adopte.resultat)
    parts = [r for r in resultat["reservataires"] if r["code"] in siens]
    if not parts:
        return f"Le flux {adopte.exercice} ne prévoit aucune part pour la commune.", None
    return _en_mots(parts, adopte.exercice)


def _en_mots(parts: Sequence[dict[str, object]], exercice: int) -> tuple[str, int | None]:
    (part, *_) = parts
    applique, objectif = Fraction(str(part["part_appliquee"])), part["objectif"]
    flux = f"{pourcentage(applique)} des logements à répartir dans la commune en {exercice}"
    if objectif is None:
        return (
            f"Le flux {exercice} ne publie pas d'objectif pour la commune : sa convention est à revoir.",
            None,
        )
    ans = part["tous_les_ans"]
    if ans:
        return f"{flux} : environ un logement tous les {ans} ans.", int(str(objectif))
    logements = int(str(objectif))
    pluriel = "s" if logements > 1 else ""
    return (
        f"{flux}, soit {nombre(logements)} logement{pluriel} à proposer à la commune dans l'année.",
        logements,
    )
