"""The délais: dates counted as the law and the conventions count them, holidays given as facts."""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from partiteur.regles.decompte.regime import VAUT_VALIDATION
from partiteur.regles.socle import (
    Avertissement,
    ErreurUtilisateur,
    Etape,
    Resultat,
    avertir,
    bareme,
    en_vigueur,
    regle,
)
from partiteur.regles.vacance.irregularite import Limites

UNITES = ("ouvres", "calendaires", "mois")


class DelaiIllisible(ErreurUtilisateur):
    """A délai is not written as a number and a unit."""


@dataclass(frozen=True)
class Delai:
    """A number of jours ouvrés (« ouvres »), of jours calendaires (« calendaires ») or of months (« mois »)."""

    nombre: int
    unite: str

    def __str__(self) -> str:
        mots = bareme("delais")["unites"][self.unite]
        return f"{self.nombre} {mots[0] if self.nombre > 1 else mots[-1]}"


@dataclass(frozen=True)
class Departs:
    """When a réservataire was told of a vacancy: mail sent, mail received, known otherwise; None is unknown."""

    envoi: date | None = None
    reception: date | None = None
    information: date | None = None


@dataclass(frozen=True)
class Delais:
    """What a cadre or a convention sets: what starts the clock, the time to answer, to designate by case, to validate.

    `designation`: by case, preavis_1_mois | preavis_3_mois | neuf. `silence`: what no answer means at the end of
    `validation`.
    """

    depart: str = "information"
    reponse: Delai | None = None
    designation: Mapping[str, Delai] = field(default_factory=dict)
    validation: Delai | None = None
    silence: str = "ne_vaut_pas"


def lire_delai(texte: str) -> Delai:
    """« 5 jours ouvrés », « 10 jours calendaires », « 1 mois ». Raises DelaiIllisible."""
    lu = re.fullmatch(r"(\d+) (.+)", texte)
    for unite in UNITES:
        if lu and lu[lu.re.groups] in bareme("delais")["unites"][unite]:
            return Delai(int(lu[1]), unite)
    raise DelaiIllisible(
        f"« {texte} » n'est pas un délai : écrivez par exemple « 5 jours ouvrés », « 10 jours calendaires » "
        "ou « 1 mois »."
    )


def delais_du_cadre(document: Mapping[str, Any], propre: Mapping[str, Any] | None = None) -> Delais:
    """The `Delais` of a cadre's document, under what a réservataire's convention says of `delais` and `validation` (D30)."""
    convention = propre or {}
    table = {**document.get("delais", {}), **convention.get("delais", {})}
    validation = {**document.get("validation", {}), **convention.get("validation", {})}
    prefixe = "designation_"
    return Delais(
        table.get("depart", Delais.depart),
        lire_delai(table["reponse"]) if "reponse" in table else None,
        {c.removeprefix(prefixe): lire_delai(v) for c, v in table.items() if c.startswith(prefixe)},
        Delai(validation["delai"], validation.get("unite", "calendaires")) if "delai" in validation else None,
        validation.get("silence", Delais.silence),
    )


def _mois(depart: date, nombre: int) -> date:
    """The same day so many months later (or earlier), the last of the month when there is none."""
    annee, mois = divmod(
        depart.year * _par_an() + depart.month - 1 + nombre,
        _par_an(),
    )
    dernier = monthrange(annee, mois + 1)[1]
    return date(annee, mois + 1, min(depart.day, dernier))


def _par_an() -> int:
    return int(bareme("delais")["unites"]["mois_par_an"])


def _ouvres(depart: date, nombre: int, sens: int, feries: frozenset[date]) -> date:
    """So many open days later (or earlier), the day of the start not counted."""
    fermes, jour = bareme("delais")["unites"]["fermes"], depart
    while nombre:
        jour += timedelta(days=sens)
        nombre -= jour.weekday() not in fermes and jour not in feries
    return jour


@regle("d47", du="2018-01-01")
def echeance(depart: date, delai: Delai, feries: frozenset[date] = frozenset()) -> Resultat:
    """Le dernier jour d'un délai : jours ouvrés (ni week-end ni férié), jours calendaires, ou mois de date à date.

    Interpretation: the day of the start is not counted, and a term that falls on a closed day is not carried over.
    From the last of a month, a month ends on the last of the next when it is shorter.
    """
    terme = _decaler(depart, delai, 1, feries)
    return Resultat(
        terme, delai.unite, (Etape("Échéance", f"{depart:%d/%m/%Y} + {delai}", _jour(terme), "d47"),)
    )


@regle("d47", "s1", du="2018-01-01")
def rebours(terme: date, delai: Delai, feries: frozenset[date] = frozenset()) -> Resultat:
    """Le jour où agir au plus tard avant un terme, par exemple trois mois avant une mise en service."""
    jour = _decaler(terme, delai, -1, feries)
    return Resultat(
        jour, delai.unite, (Etape("Au plus tard", f"{terme:%d/%m/%Y} − {delai}", _jour(jour), "d47"),)
    )


def _decaler(depart: date, delai: Delai, sens: int, feries: frozenset[date]) -> date:
    if delai.unite == "mois":
        return _mois(depart, sens * delai.nombre)
    if delai.unite == "ouvres":
        return _ouvres(depart, delai.nombre, sens, feries)
    return depart + timedelta(days=sens * delai.nombre)


def _jour(jour: date) -> str:
    return f"{jour:%d/%m/%Y}"


@regle("d47", du="2018-01-01")
def depart_du_delai(departs: Departs, depart: str) -> Resultat:
    """Un délai part de l'envoi, de la réception ou de l'information du réservataire, selon le cadre ; inconnue, la date le reste.

    The information is the day the réservataire knew of the vacancy, by whatever means: the earliest of those known.
    """
    connus = [jour for jour in (departs.information, departs.reception) if jour is not None]
    jours = {
        "envoi": departs.envoi,
        "reception": departs.reception,
        "information": min(connus, default=None),
    }
    jour = jours[depart]
    if jour is None:
        return Resultat(None, "depart_inconnu")
    return Resultat(jour, depart, (Etape("Départ du délai", depart, _jour(jour), "d47"),))


@regle("l441-1-delai", "d47", du="2015-08-07")
def terme_designation(
    depart: date | None,
    delai: Delai | None,
    information: date | None,
    zone_tendue: bool | None,
    a_la_date: date,
    feries: frozenset[date] = frozenset(),
) -> Resultat:
    """En zone tendue, le réservataire propose ses candidats dans le mois où il est informé, même si le cadre donne plus.

    Public policy: the earlier of the convention's term and of the legal one. `zone_tendue` None is unknown, said,
    and never presumed. None when nothing sets a term.
    """
    convenu = echeance(depart, delai, feries).valeur if depart and delai else None
    dits: tuple[Avertissement, ...] = ()
    if zone_tendue is None:
        dits = (avertir("zone_tendue_inconnue"),)
    if not zone_tendue or information is None:
        etapes = _etape_designation(convenu, str(delai), "d47") if convenu else ()
        return Resultat(convenu, "convention" if convenu else "aucun", etapes, dits)
    ligne = en_vigueur("delais", "designation_zone_tendue", a_la_date)
    maximum = Delai(ligne["nombre"], ligne["unite"])
    legal = echeance(information, maximum).valeur
    if convenu is not None and convenu <= legal:
        return Resultat(convenu, "convention", _etape_designation(convenu, str(delai), "d47"))
    if convenu is not None:
        dits = (avertir("delai_superieur_au_legal", delai=delai, maximum=maximum, terme=_jour(legal)),)
    return Resultat(legal, "legal", _etape_designation(legal, str(maximum), ligne["texte"]), dits)


def _etape_designation(terme: date, delai: str, texte: str) -> tuple[Etape, ...]:
    return (Etape("Désignation au plus tard", delai, _jour(terme), texte),)


@regle("d47", du="2018-01-01")
def effet_du_silence(terme: date, silence: str, reponse: date | None, au: date) -> Resultat:
    """Sans réponse à la fin du délai, la mise à disposition est validée ou non selon la convention ; par défaut, non.

    `terme`: the last day to answer. Returns the day it is validated by silence, None otherwise; the code says
    « repondu », « en_cours », « validee », « repondu_tard » or « sans_reponse ».
    Interpretation: where silence is an agreement, what is answered after the term bears on a mise à disposition that
    is already validated. Confidence: medium.
    """
    if reponse is not None and reponse <= terme:
        return Resultat(None, "repondu")
    if au <= terme:
        return Resultat(None, "en_cours")
    if silence == VAUT_VALIDATION:
        return Resultat(
            terme, "validee", (Etape("Validée par silence", "délai expiré", _jour(terme), "d47"),)
        )
    tard = reponse is not None and reponse <= au
    return Resultat(None, "repondu_tard" if tard else "sans_reponse")


@regle("r441-10", du="2018-01-01")
def terme_offre(offre: date, jours: int | None, a_la_date: date) -> Resultat:
    """Une offre laisse au candidat dix jours au moins ; passé le délai, son silence équivaut à un refus.

    `jours`: what the offer says, the legal minimum when it says nothing; less is void and the minimum applies.
    """
    ligne = en_vigueur("delais", "reponse_candidat", a_la_date)
    minimum = int(ligne["nombre"])
    trop_court = jours is not None and jours < minimum
    delai = Delai(minimum if jours is None else max(jours, minimum), ligne["unite"])
    dits = (avertir("delai_offre_insuffisant", jours=jours, minimum=minimum),) if trop_court else ()
    return Resultat(echeance(offre, delai).valeur, "minimum" if trop_court else "offre", (), dits)


@regle("r441-5-1", "r441-5-soustraits", "d47", du="2020-02-22")
def jour_limite(obligation: str, annee: int, a_la_date: date) -> Resultat:
    """Ce qui est dû « avant le 28 février » l'est le 27 au plus tard ; « avant le 31 mars », le 30.

    `obligation`: bilan_annuel, prevision_soustraits or bilan_cil.
    """
    ligne = en_vigueur("delais", obligation, a_la_date)
    jour = date(annee, ligne["mois"], ligne["jour"])
    veille = jour - timedelta(days=1)
    return Resultat(
        veille, "veille", (Etape("Au plus tard", f"avant le {_jour(jour)}", _jour(veille), ligne["texte"]),)
    )


def limites(
    departs: Departs,
    delais: Delais,
    cas: str | None,
    zone_tendue: bool | None,
    a_la_date: date,
    feries: frozenset[date] = frozenset(),
) -> Limites:
    """The last days that a mise à disposition leaves to answer and to designate, and the one its silence validates.

    `cas`: preavis_1_mois, preavis_3_mois or neuf; None when unknown, and then the term is the one that every notice
    has, if it is the same. Where no time to answer is set, the time to validate is one.
    """
    depart = depart_du_delai(departs, delais.depart).valeur
    information = depart_du_delai(departs, "information").valeur
    accorde = delais.reponse or delais.validation
    reponse = echeance(depart, accorde, feries).valeur if depart and accorde else None
    delai = _delai_de_designation(delais, cas)
    terme = terme_designation(depart, delai, information, zone_tendue, a_la_date, feries)
    silence = None
    if depart and delais.validation and delais.silence == VAUT_VALIDATION:
        silence = echeance(depart, delais.validation, feries).valeur
    return Limites(reponse, terme.valeur, silence)


PREAVIS = ("preavis_1_mois", "preavis_3_mois")


def _delai_de_designation(delais: Delais, cas: str | None) -> Delai | None:
    """The délai of a case; of an unknown notice, the délai that both notices share."""
    if cas is not None:
        return delais.designation.get(cas)
    selon_preavis = {delais.designation.get(preavis) for preavis in PREAVIS}
    return selon_preavis.pop() if len(selon_preavis) == 1 else None
