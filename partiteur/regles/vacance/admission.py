"""What may be recorded: the impossible is refused, the irregular is recorded with its code (D28)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from partiteur.regles.socle import Etape, Resultat, bareme, regle
from partiteur.regles.vacance.etat import OUVERTURES, EtatVacance, suivant
from partiteur.regles.vacance.evenement import Evenement, effectifs
from partiteur.regles.vacance.irregularite import APRES_CLOTURE, Limites, irregularites

DESTINATIONS = ("reservataire", "soustrait", "hors_flux")
SUR_UNE_OFFRE = ("validation", "declinaison", "delai_expire")


@dataclass(frozen=True)
class Organisation:
    """Who writes an event: the code it bears in the dossier, and its type (« bailleur », or a type of réservataire).

    `autres`: (code, type) of what else it is, as a préfet with two contingents.
    """

    code: str
    type: str
    autres: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Refus:
    """An event refused: which, why (a code of evenements.toml), and the sentence its author reads."""

    evenement: str
    code: str
    phrase: str


@dataclass(frozen=True)
class Tenue:
    """A journal controlled: the events recorded, those refused, and the irregularities of those recorded."""

    inscrits: tuple[Evenement, ...]
    refus: tuple[Refus, ...]
    irregularites: Mapping[str, tuple[str, ...]]


@regle("d28", "r441-2-15", du="2018-01-01")
def admission(etat: EtatVacance, evenement: Evenement, organisation: Organisation | None = None) -> Resultat:
    """Refuse un fait impossible (vacance inconnue, bail avant l'ouverture, deux baux, auteur sans droit…).

    Returns True with the code « admis », or False with the code of the refusal and its sentence as a step. The
    author's right is looked at when `organisation` says who it is; a rectification is judged by `tenir`.
    """
    refus = next(iter(_refus(etat, evenement, organisation)), None)
    if refus is not None:
        code, valeurs = refus
        phrase = str(bareme("evenements")["refus"][code]).format(**valeurs)
        return Resultat(False, code, (Etape(f"Événement {evenement.evenement} refusé", phrase, None, "d28"),))
    return Resultat(True, "admis")


def _refus(
    etat: EtatVacance, evenement: Evenement, organisation: Organisation | None
) -> Iterable[tuple[str, dict[str, object]]]:
    """The reasons why an event cannot be, the gravest first."""
    types = bareme("evenements")["types"]
    type_ = types.get(evenement.type)
    if type_ is None or type_.get("reserve"):
        noms = ", ".join(nom for nom, t in types.items() if isinstance(t, Mapping) and not t.get("reserve"))
        code = "type_inconnu" if type_ is None else "type_reserve"
        return [(code, {"type": evenement.type, "types": noms})]
    return chain(
        _personnes(evenement, organisation, type_),
        _codes(evenement),
        () if type_.get("sans_vacance") else _moment(etat, evenement, bool(type_.get("ouverte"))),
    )


def _personnes(
    evenement: Evenement, organisation: Organisation | None, type_: Mapping[str, Any]
) -> Iterable[tuple[str, dict[str, object]]]:
    """The réservataire an event must name, and the right of its author."""
    if type_.get("reservataire") == "requis" and not evenement.reservataire:
        yield "reservataire_manquant", {}
    if organisation is not None and not a_le_droit(evenement.type, evenement.reservataire, organisation):
        yield "auteur_sans_droit", {"auteur": organisation.code, "auteurs": ", ".join(type_["auteurs"])}


def a_le_droit(type_: str, reservataire: str | None, organisation: Organisation) -> bool:
    """Whether an organisation may record an event: the bailleur, the réservataire named, or a type it is open to."""
    auteurs = bareme("evenements")["types"][type_]["auteurs"]
    nommes = ((organisation.code, organisation.type), *organisation.autres)
    return any(
        genre in auteurs or (code == reservataire and "reservataire" in auteurs) for code, genre in nommes
    )


def _codes(evenement: Evenement) -> Iterable[tuple[str, dict[str, object]]]:
    """The codes no barème knows."""
    evenements, motifs = bareme("evenements"), bareme("motifs")["motifs"]
    en_echec = evenement.type in ("declinaison", "delai_expire", "retrait")
    if en_echec and evenement.motif is not None and evenement.motif not in motifs:
        yield "motif_inconnu", {"motif": evenement.motif, "motifs": ", ".join(motifs)}
    nom = "vacance_ouverte" if evenement.type in OUVERTURES else evenement.type
    for cle, admises in evenements["donnees"].get(nom, {}).items():
        valeur = evenement.donnees.get(cle)
        if valeur is not None and valeur not in admises:
            yield "donnee_inconnue", {"cle": cle, "valeur": valeur, "valeurs": ", ".join(admises)}
    bases = evenements["imputations"]
    if evenement.type == "imputation" and evenement.donnees.get("base") not in bases:
        yield (
            "donnee_inconnue",
            {"cle": "base", "valeur": evenement.donnees.get("base"), "valeurs": ", ".join(bases)},
        )
    destination = evenement.donnees.get("destination")
    if destination is not None and not _destination_connue(str(destination)):
        yield "destination_inconnue", {"valeur": destination}


def _destination_connue(destination: str) -> bool:
    genre, _, precision = destination.partition(":")
    if genre == "soustrait":
        return isinstance(bareme("soustraits").get(precision), Mapping)
    return destination == "non_reserve" or (genre in DESTINATIONS and bool(precision))


def _moment(
    etat: EtatVacance, evenement: Evenement, avant_bail: bool
) -> Iterable[tuple[str, dict[str, object]]]:
    """What the vacance does not admit any more, or not yet."""
    ouverture, le = etat.ouverture, evenement.date_effet
    valeurs: dict[str, object] = {"vacance": evenement.vacance, "reservataire": evenement.reservataire}
    if evenement.type in OUVERTURES:
        return [("vacance_deja_ouverte", valeurs)] if ouverture is not None else []
    if ouverture is None:
        return [("vacance_inconnue", valeurs)]
    hors_delai = evenement.type not in APRES_CLOTURE
    bornes = (
        ("avant_ouverture", ouverture, le < ouverture),
        ("deux_baux", etat.bail, evenement.type == "bail_signe" and etat.bail is not None),
        ("conge_retracte", etat.retracte, etat.retracte is not None and evenement.type != "vacance_close"),
        ("apres_cloture", etat.cloture, _apres(le, etat.cloture) and hors_delai),
        ("apres_bail", etat.bail, _apres(le, etat.bail) and avant_bail),
    )
    refus = [
        (code, {**valeurs, "date": f"{le:%d/%m/%Y}", "borne": f"{borne:%d/%m/%Y}"})
        for code, borne, impossible in bornes
        if impossible and evenement.type != "rectification"
    ]
    if evenement.type in SUR_UNE_OFFRE and evenement.reservataire not in etat.offres:
        refus.append(("mise_a_disposition_absente", valeurs))
    return refus


def _apres(le: date, borne: date | None) -> bool:
    return borne is not None and le > borne


def tenir(
    evenements: Sequence[Evenement],
    organisations: Mapping[str, Organisation] | None = None,
    limites: Mapping[str, Limites] | None = None,
) -> Tenue:
    """Control a journal event by event, in its order: what is refused is left out, and what follows is judged without it.

    `organisations`: who each author is, by SIREN (the part of `auteur` before the first sign that is no digit). An
    author unknown there is the organisation under "", which bears every code nobody identified; without it, it may
    write nothing. None: rights are not looked at. `limites`: the last days to answer and to designate, by identifier
    of a mise à disposition. What a rectification cancels is no longer irregular, what it puts in place may be.
    """
    inscrits: dict[str, list[Evenement]] = {}
    etats: dict[str, EtatVacance] = {}
    noms: set[str] = set()
    refus: list[Refus] = []
    constats: dict[str, tuple[str, ...]] = {}
    retenus = []
    for evenement in evenements:
        vacance = evenement.vacance
        etat, deja = etats.get(vacance, EtatVacance()), inscrits.setdefault(vacance, [])
        auteur = _auteur(evenement, organisations)
        refuse = _refus_d_inscription(etat, evenement, auteur, deja, noms)
        if refuse is not None:
            refus.append(refuse)
            continue
        if evenement.type == "rectification":  # the vacance is judged anew, without what it cancels
            for ancien in deja:
                constats.pop(ancien.evenement, None)
            jugee = _juger(EtatVacance(), [], effectifs([*deja, evenement]), limites or {})
        else:
            jugee = _juger(etat, deja, [evenement], limites or {})
        etats[vacance], trouves = jugee
        constats |= trouves
        noms.add(evenement.evenement)
        deja.append(evenement)
        retenus.append(evenement)
    return Tenue(tuple(retenus), tuple(refus), constats)


def _juger(
    etat: EtatVacance, deja: Sequence[Evenement], suite: Sequence[Evenement], limites: Mapping[str, Limites]
) -> tuple[EtatVacance, dict[str, tuple[str, ...]]]:
    """The state after some more events of a vacance, and their irregularities, each seen from those before it."""
    constats = {}
    for evenement in suite:
        trouves = irregularites(etat, evenement, _limites(evenement, deja, limites)).valeur
        if trouves:
            constats[evenement.evenement] = trouves
        etat, deja = suivant(etat, evenement), [*deja, evenement]
    return etat, constats


def _refus_d_inscription(
    etat: EtatVacance,
    evenement: Evenement,
    auteur: Organisation | None,
    deja: Sequence[Evenement],
    noms: set[str],
) -> Refus | None:
    """Why a journal refuses an event, or None; a rectification is refused when the vacance would not hold after it."""
    phrases = bareme("evenements")["refus"]
    nom = evenement.evenement
    if nom in noms:
        return Refus(nom, "evenement_en_double", phrases["evenement_en_double"].format(evenement=nom))
    jugement = admission(etat, evenement, auteur)
    if not jugement.valeur:
        return Refus(nom, jugement.code, jugement.etapes[0].formule)
    if evenement.type != "rectification":
        return None
    annule = str(evenement.donnees.get("annule"))
    if annule not in _rectifiables(deja):
        code = "rectification_sans_objet"
        return Refus(nom, code, phrases[code].format(annule=annule))
    etat = EtatVacance()
    for effectif in effectifs([*deja, evenement]):
        jugement = admission(etat, effectif)
        if not jugement.valeur:
            cause = jugement.etapes[0].formule
            code = "rectification_impossible"
            return Refus(nom, code, phrases[code].format(cause=cause))
        etat = suivant(etat, effectif)
    return None


def _rectifiables(deja: Sequence[Evenement]) -> set[str]:
    """The events in force, and the rectifications no other has cancelled."""
    annules = {str(e.donnees["annule"]) for e in deja if e.type == "rectification"}
    rectifications = {e.evenement for e in deja if e.type == "rectification"}
    return {e.evenement for e in effectifs(deja)} | (rectifications - annules)


def _auteur(evenement: Evenement, organisations: Mapping[str, Organisation] | None) -> Organisation | None:
    if organisations is None:
        return None
    siren = evenement.auteur
    for signe in ":/._-":
        siren = siren.partition(signe)[0]
    inconnue = organisations.get("", Organisation(siren, "inconnu"))
    return organisations.get(siren, replace(inconnue, code=siren))


def _limites(
    evenement: Evenement, deja: Sequence[Evenement], limites: Mapping[str, Limites]
) -> Limites | None:
    """The last days that the réservataire's mise à disposition in force set."""
    if not limites:
        return None
    offres = [
        e.evenement
        for e in effectifs(deja)
        if e.type == "mise_a_disposition" and e.reservataire == evenement.reservataire
    ]
    return limites.get(offres[-1]) if offres else None
