"""Builds the frozen facts of a case from its TOML, by the types the rules declare, and reads answers back.

A fact left out is unknown (None) where the rule admits it; a fact no rule knows is an error, so that a
misspelt case cannot pass. Rates and exact numbers are strings (« 10 % », « 5367/20 »); None, which TOML has
not, is expected under one of the words of RIEN.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from inspect import Parameter, signature
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from partiteur.regles.cotation import Demande, Grille, Preuve, Score, catalogue_livre, lire_grille
from partiteur.regles.decompte import (
    Clauses,
    CompteVacance,
    Decompte,
    Methode,
    Regime,
    methode_du_cadre,
    regime,
)
from partiteur.regles.delais import Delai, lire_delai
from partiteur.regles.faits import Cadre, Definition
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.orientation import Conseil
from partiteur.regles.rotation import definition
from partiteur.regles.socle import RACINE, Regle, fraction
from partiteur.regles.vacance import (
    EtatVacance,
    Evenement,
    Historique,
    effectifs,
    etat_vacance,
    historique_normalise,
)

CAS = Path(__file__).parents[1] / "cas"
RIEN = ("inconnu", "aucun", "non publié")
DEFAUTS_CADRE: dict[str, Any] = {
    "texte": "s1",
    "motifs_exclus": [],
    "volume": None,
    "annees_volume": None,
    "definition": None,
    "mutations": "valeur",
    "annees_mutations": None,
}


def lire_cas(chemin: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The cases of a file, and the cadres or the grids it defines once for all of them."""
    document = tomllib.loads(chemin.read_text(encoding="utf-8"))
    return document["cas"], document.get("cadres", {}) | document.get("grilles", {})


def arguments(regle: Regle, cas: Mapping[str, Any], cadres: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a rule, from the facts of a case; an unnamed one is None where the rule admits it."""
    types = get_type_hints(regle.fonction)
    faits = dict(cas.get("faits", {}))
    construits: dict[str, Any] = {}
    for nom, parametre in signature(regle.fonction).parameters.items():
        if nom == "a_la_date":
            construits[nom] = cas["a_la_date"]
        elif nom in faits:
            construits[nom] = construire(types[nom], faits.pop(nom), cadres)
        elif parametre.default is Parameter.empty:
            assert NoneType in get_args(types[nom]), f"{cas['nom']} : il manque le fait « {nom} »"
            construits[nom] = None
    assert not faits, f"{cas['nom']} : faits sans emploi {sorted(faits)}"
    return construits


def construire(type_voulu: Any, donne: Any, cadres: Mapping[str, Any]) -> Any:
    """One value of the type a rule declares, from what TOML gives."""
    origine, membres = get_origin(type_voulu), get_args(type_voulu)
    if origine in (Union, UnionType):
        return construire(_membre(membres, donne), donne, cadres)
    if origine is tuple and membres[-1] is not Ellipsis:
        return tuple(construire(m, d, cadres) for m, d in zip(membres, donne, strict=True))
    if origine is frozenset:
        return frozenset(donne)
    if type_voulu in JOURNAL:
        return JOURNAL[type_voulu](donne)
    if type_voulu is Grille:
        return grille(donne, cadres)
    if origine in (tuple, Sequence) and membres[0] is Evenement:
        return evenements(donne)
    if origine in (tuple, Sequence):
        return tuple(construire(membres[0], d, cadres) for d in donne)
    if origine is Mapping:
        return {membres[0](cle): construire(membres[1], d, cadres) for cle, d in donne.items()}
    if type_voulu is Fraction:
        return fraction(donne)
    if is_dataclass(type_voulu):
        return _dataclass(type_voulu, donne, cadres)
    assert type_voulu is Any or isinstance(donne, type_voulu), f"{donne!r} n'est pas un {type_voulu}"
    return donne


def evenements(donnes: Sequence[Mapping[str, Any]]) -> tuple[Evenement, ...]:
    """Events as a case writes them: `le` is the date, a key the journal does not know goes into `donnees`.

    Left out, the vacance is V1, the identifiers are e1, e2…, the author is the bailleur, and an event is entered
    at noon of its day.
    """
    connus = {champ.name for champ in fields(Evenement)}
    construits = []
    for rang, donne in enumerate(donnes, start=1):
        faits = {"evenement": f"e{rang}", "vacance": "V1", "auteur": "999000101:1", **donne}
        le = faits.pop("le")
        faits.setdefault("date_saisie", datetime.combine(le, time(12), UTC))
        libres = {cle: faits.pop(cle) for cle in set(faits) - connus}
        construits.append(Evenement(date_effet=le, donnees=libres, **faits))
    return tuple(construits)


def cadre_livre(code: str) -> dict[str, Any]:
    """A shipped cadre's document, laid over those it inherits."""
    document = tomllib.loads((RACINE / "cadres" / f"{code}.toml").read_text(encoding="utf-8"))
    return {**cadre_livre(document["herite"]), **document} if "herite" in document else document


def grille(donne: Any, grilles: Mapping[str, Any]) -> Grille:
    """A grid: one of the case file's, a shipped one, or given in full; what its header leaves out does not matter."""
    if isinstance(donne, str):
        chemin = RACINE / "grilles" / f"{donne}.toml"
        donne = grilles[donne] if donne in grilles else tomllib.loads(chemin.read_text(encoding="utf-8"))
    entete = {"grille": "cas", "version": "1", "titre": "Cas", "epci": "200000001", "valide_du": "2020-01-01"}
    return lire_grille({**entete, **donne}, catalogue_livre())


def demande(donne: Mapping[str, Any]) -> Demande:
    """A demande as a case writes it: its facts by variable, `depot`, `numero`, and `preuves` by criterion.

    An exact number is a string or an integer, a list is of codes or of dates, by the variable's type.
    """
    faits = {nom: _fait(nom, v) for nom, v in donne.items() if nom not in ("depot", "numero", "preuves")}
    preuves = {
        code: Preuve(p) if isinstance(p, str) else Preuve(*p) for code, p in donne.get("preuves", {}).items()
    }
    return Demande(donne.get("numero", "1"), donne.get("depot"), faits, preuves)


def _fait(nom: str, donne: Any) -> Any:
    type_ = catalogue_livre().variable(nom).type
    if type_ == "nombre":
        return fraction(donne)
    return tuple(donne) if type_ in ("liste", "evenements") else donne


def note(donne: Any) -> Score:
    """A score of which a case says only the points."""
    points = fraction(donne)
    return Score("1", "cas", "1", date.min, "", points, points, (), (), (), (), None, 0)


def _score(reel: Score) -> dict[str, Any]:
    """A score as a case reads it: what each criterion brings, both scores, the rest only where there is something to say."""
    dit = {
        "score": reel.score,
        "lignes": {li.critere: li.points_retenus for li in reel.lignes if li.points_retenus},
        "verifie": reel.score_verifie,
        "ecartes": {
            li.critere: li.points for li in reel.lignes if li.points and li.points != li.points_retenus
        },
        "rubriques": {t.rubrique: t.retenu for t in reel.sous_totaux if t.retenu != t.brut},
        "manquantes": list(reel.manquantes),
        "constats": [c.code for c in reel.constats],
        "hors_cotation": reel.hors_cotation,
        "mois_geles": reel.mois_geles,
    }
    return {cle: v for cle, v in dit.items() if v or cle in ("score", "verifie", "lignes")}


def _regime(donne: Any) -> Regime:
    """A regime: that of a shipped cadre by its name, with the clauses a convention adds, or given in full."""
    clauses = {"cadre": donne} if isinstance(donne, str) else dict(donne)
    methode = methode_du_cadre(cadre_livre(clauses.pop("cadre")))
    valeur: Regime = regime(methode, construire(Clauses, {"code": "A", **clauses}, {})).valeur
    return valeur


JOURNAL: dict[Any, Callable[[Any], Any]] = {
    EtatVacance: lambda donne: etat_vacance(effectifs(evenements(donne))),
    Evenement: lambda donne: evenements([donne])[0],
    Historique: lambda donne: historique_normalise(effectifs(evenements(donne))).historique,
    Methode: lambda donne: methode_du_cadre(cadre_livre(donne)),
    Regime: _regime,
    Delai: lambda donne: lire_delai(donne),
    Demande: lambda donne: demande(donne),
    Score: lambda donne: note(donne),
    Preuve: lambda donne: Preuve(donne) if isinstance(donne, str) else Preuve(*donne),
}


def _membre(membres: tuple[Any, ...], donne: Any) -> Any:
    """The member of a union a TOML value is meant for: a table is a dataclass, a string an exact number."""
    restants = [m for m in membres if m is not NoneType]
    if isinstance(donne, dict):
        restants = [m for m in restants if is_dataclass(m) or get_origin(m) is Mapping]
    elif int in restants:
        restants = [int if isinstance(donne, int) else Fraction]
    return restants[0]


def _dataclass(classe: Any, donne: Any, cadres: Mapping[str, Any]) -> Any:
    if classe is Cadre:
        donne = {"code": donne, **cadres[donne]} if isinstance(donne, str) else donne
        donne = {**DEFAUTS_CADRE, "titre": donne["code"], **donne}
    if classe is Definition:
        code, cadre = (donne, {}) if isinstance(donne, str) else (donne["code"], cadres[donne["cadre"]])
        return definition(code, tuple(cadre.get("motifs_exclus", ())))
    types = get_type_hints(classe)
    connus = {champ.name: champ for champ in fields(classe)}
    assert set(donne) <= set(connus), f"{classe.__name__} : {sorted(set(donne) - set(connus))}"
    construits = {
        nom: None if valeur is None else construire(types[nom], valeur, cadres)
        for nom, valeur in donne.items()
    }
    for nom, champ in connus.items():
        if nom not in donne and champ.default is MISSING and champ.default_factory is MISSING:
            assert NoneType in get_args(types[nom]), f"{classe.__name__} : il manque « {nom} »"
            construits[nom] = None
    return classe(**construits)


def simple(reel: Any) -> Any:
    """An answer as plain tables, lists and exact numbers, to be set beside what a case expects."""
    if isinstance(reel, Flux):
        return _flux(reel)
    if isinstance(reel, Score):
        return _score(reel)
    if isinstance(reel, Decompte):
        return _sans_vides(reel, {ligne.code: _sans_vides(ligne, {}, "code") for ligne in reel.lignes})
    if isinstance(reel, CompteVacance):
        return _sans_vides(
            reel, {str(c.reservataire): _sans_vides(c, {}, "reservataire") for c in reel.comptes}
        )
    if isinstance(reel, Conseil):
        return _conseil(reel)
    if is_dataclass(reel):
        return {champ.name: simple(getattr(reel, champ.name)) for champ in fields(reel)}
    if isinstance(reel, Mapping):
        return {str(cle): simple(valeur) for cle, valeur in reel.items()}
    if isinstance(reel, tuple | list):
        return [simple(valeur) for valeur in reel]
    return reel


def _sans_vides(reel: Any, lignes: Mapping[str, Any], *omis: str) -> dict[str, Any]:
    """What an account says: its lines by code, and its other figures, empty ones left out."""
    champs = {c.name: simple(getattr(reel, c.name)) for c in fields(reel)}
    omis = (*omis, "lignes", "comptes", "du", "au", "connu_le")
    dits = {
        cle: v
        for cle, v in champs.items()
        if cle not in omis and v is not False and v not in (None, [], {}, 0)
    }
    return {**dits, **{code: ligne for code, ligne in lignes.items() if ligne}}


def _conseil(conseil: Conseil) -> dict[str, Any]:
    """An advice: the destinations in their order, what each lags by before and after, why the others are excluded."""
    admises = [ligne for ligne in conseil.lignes if ligne.rang is not None]
    return {
        "ordre": [ligne.destination for ligne in admises],
        "retards": {
            li.destination: [li.avant.retard, li.apres.retard] for li in admises if li.avant and li.apres
        },
        "exclues": {li.destination: list(li.motifs) for li in conseil.lignes if li.exclue},
        "contraintes": list(conseil.contraintes),
        "residence": conseil.residence,
    }


def _flux(flux: Flux) -> dict[str, Any]:
    """A sheet's figures by code: the volumes and parts of each réservataire, the account of each perimeter."""
    publies = [*flux.reservataires, flux.non_reserve]
    return {
        "objectifs": {p.code: p.objectif for p in publies},
        "exacts": {p.code: p.exact for p in publies},
        "parts": {p.code: p.part for p in publies},
        "parts_appliquees": {p.code: p.part_appliquee for p in publies},
        "restes": {p.code: p.reste_a_reporter for p in publies},
        "sans_contestes": {p.code: p.part_sans_contestes for p in publies if p.part_sans_contestes},
        "assiettes": {p.code: p.assiette.total for p in flux.perimetres},
        "taux": {p.code: p.taux for p in flux.perimetres},
        "volumes": {p.code: p.volume for p in flux.perimetres},
        "soustraits": {p.code: dict(p.soustraits) for p in flux.perimetres},
        "flux": {p.code: p.exact for p in flux.perimetres},
        "a_repartir": {p.code: p.a_repartir for p in flux.perimetres},
        "partage": flux.a_repartir,
    }


def attendre(attendu: Any, reel: Any) -> Any:
    """What a case expects, its strings read as exact numbers, or as None, wherever the answer holds one."""
    if isinstance(attendu, dict) and isinstance(reel, dict):
        return {cle: attendre(valeur, reel.get(cle)) for cle, valeur in attendu.items()}
    if isinstance(attendu, list) and isinstance(reel, list) and len(attendu) == len(reel):
        return [attendre(a, r) for a, r in zip(attendu, reel, strict=True)]
    if isinstance(attendu, str) and attendu in RIEN and reel is None:
        return None
    if isinstance(attendu, str) and isinstance(reel, Fraction | int):
        return fraction(attendu)
    return attendu
