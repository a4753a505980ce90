"""The canonical form of an event: what may enter the chain, and the exact bytes it enters as.

The content of an event is one line of JSON: UTF-8, keys sorted, no space, no float, no escape of non-ASCII letters,
ISO dates, UTC instants to the second, all keys present, null where nothing is said. Keys of `donnees` are closed by
type (forme.toml): a name, a numéro unique or a free text has nowhere to go.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from partiteur.regles.socle import ErreurUtilisateur
from partiteur.regles.vacance import Evenement

LONGUEUR_MAX = 8_192
ENTIER_MAX = 10**9

CODE = re.compile(r"[^\W_][\w.:/+-]{0,79}")
AUTEUR = re.compile(r"\d{9}(?:[:/._-](?=[\w-]*\d)[A-Za-z0-9-]{1,32})?", re.ASCII)
CANDIDAT = re.compile(r"(?=[A-Za-z]{0,2}$|[\w-]*\d)[A-Za-z0-9][\w-]{0,31}", re.ASCII)
PERSONNE = re.compile(r"(?<!\d)(?:\d{13}|\d{15}|\d{18})(?!\d)")  # the lengths of a NIR and of a numéro unique
JOUR = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
TYPOLOGIE = re.compile(r"T[1-9]")
LETTRE = re.compile(r"[a-m]|gbis")


class FormeRefusee(ErreurUtilisateur):
    """An event that cannot enter the chain; the sentence says which column or key, and what is expected."""

    def __init__(self, colonne: str, phrase: str) -> None:
        super().__init__(f"Colonne « {colonne} » : {phrase}.")
        self.colonne = colonne
        self.phrase = phrase


@cache
def forme() -> Mapping[str, Any]:
    """The tables of forme.toml."""
    with (resources.files(__package__) / "forme.toml").open("rb") as fichier:
        return tomllib.load(fichier)


VERSION = int(forme()["version"])
COLONNES = tuple(colonne["nom"] for colonne in forme()["colonne"])
CHAINE_ET_FAITS = tuple(colonne["nom"] for colonne in forme()["colonne"] if colonne.get("contenu"))
FAITS = CHAINE_ET_FAITS[1:]  # the columns of an Evenement
FAITS_TRIES = tuple(sorted(FAITS))
RANG_CHAINE = sorted(CHAINE_ET_FAITS).index("chaine")
EMPREINTES = COLONNES[-3:]
TYPES = tuple(forme()["types"])


def refuser(colonne: str, code: str, **valeurs: object) -> FormeRefusee:
    """The refusal of a column, its sentence taken from forme.toml."""
    return FormeRefusee(colonne, str(forme()["phrases"][code]).format(**valeurs))


def ecrire_json(valeur: Any) -> str:
    """Canonical JSON: keys sorted, no space, non-ASCII letters as they are. Raises FormeRefusee on what JSON has not."""
    try:
        return json.dumps(
            valeur,
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
            allow_nan=False,
            default=_simple,
        )
    except ValueError as erreur:  # NaN
        raise refuser("donnees", "decimal") from erreur


def _simple(valeur: object) -> object:
    """Mappings and dates, as JSON has them."""
    if isinstance(valeur, Mapping):
        return dict(valeur)
    if isinstance(valeur, datetime):
        return ecrire_instant(valeur)
    if isinstance(valeur, date):
        return valeur.isoformat()
    if isinstance(valeur, Fraction):
        return str(valeur)
    raise refuser("donnees", "json")


def lire_json(texte: str) -> dict[str, Any]:
    """The object a text holds; an empty text is an empty object. Raises FormeRefusee (float, key twice, no object)."""
    if not texte:
        return {}
    if len(texte) > LONGUEUR_MAX:
        raise refuser("donnees", "longueur", limite=LONGUEUR_MAX)
    try:
        lu = LECTEUR.decode(texte)
    except (ValueError, RecursionError) as erreur:
        raise refuser("donnees", "json") from erreur
    if not isinstance(lu, dict):
        raise refuser("donnees", "objet")
    return lu


def _sans_double(paires: list[tuple[str, Any]]) -> dict[str, Any]:
    lu = dict(paires)
    if len(lu) != len(paires):
        cles = [cle for cle, _ in paires]
        raise refuser("donnees", "double", cle=next(cle for cle in cles if cles.count(cle) > 1))
    return lu


def _sans_decimal(texte: str) -> None:
    raise refuser("donnees", "decimal")


# Made once: half of what a short text costs to read.
LECTEUR = json.JSONDecoder(
    object_pairs_hook=_sans_double, parse_float=_sans_decimal, parse_constant=_sans_decimal
)


def ecrire_instant(instant: datetime) -> str:
    """An instant in UTC, to the second: 2024-03-01T09:30:00Z. A naive one is taken as UTC."""
    en_utc = instant.astimezone(UTC) if instant.tzinfo else instant
    return en_utc.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def lire_instant(texte: str) -> datetime:
    """The instant written by `ecrire_instant`. Raises ValueError on any other writing."""
    if not INSTANT.fullmatch(texte):
        raise ValueError(texte)
    return datetime.fromisoformat(texte)


def verifier_donnees(type_: str, donnees: Mapping[str, Any]) -> None:
    """Check that `donnees` holds the keys of its type and nothing else. Raises FormeRefusee."""
    admises = {**forme()["commun"], **forme()["types"].get(type_, {})}
    for cle, valeur in donnees.items():
        _verifier_cle(cle, valeur, admises, type_)
    for cle in forme()["exigees"].get(type_, ()):
        if cle not in donnees:
            raise refuser("donnees", "exigee", cle=cle, type=type_)


def _verifier_cle(cle: str, valeur: Any, admises: Mapping[str, str], type_: str) -> None:
    if cle not in admises:
        montree = cle if CODE.fullmatch(cle) and not PERSONNE.search(cle) else "(masquée)"
        raise refuser("donnees", "cle", cle=montree, type=type_, admises=", ".join(sorted(admises)))
    nom, _, liste = admises[cle].partition(" ")
    if valeur is not None and not CONTROLES[nom](valeur, liste):
        raise refuser("donnees", "valeur", cle=cle, attendu=attendu(nom, liste))


def attendu(nom: str, liste: str = "") -> str:
    """What a control expects, in French."""
    if nom == "choix":
        return "l'un de : " + ", ".join(forme()["choix"][liste])
    return str(forme()["attendu"][nom])


def _motif(motif: re.Pattern[str]) -> Callable[[Any, str], bool]:
    return lambda v, _: isinstance(v, str) and bool(motif.fullmatch(v)) and not PERSONNE.search(v)


def _jour(valeur: Any, _: str = "") -> bool:
    if not (isinstance(valeur, str) and JOUR.fullmatch(valeur)):
        return False
    try:
        date.fromisoformat(valeur)
    except ValueError:
        return False
    return True


def _entier(valeur: Any, _: str = "") -> bool:
    return isinstance(valeur, int) and not isinstance(valeur, bool) and 0 <= valeur <= ENTIER_MAX


def _candidat(valeur: Any, _: str = "") -> bool:
    if isinstance(valeur, str):
        return bool(CANDIDAT.fullmatch(valeur)) and not PERSONNE.search(valeur)
    return _entier(valeur)


def _objet(table: str) -> Callable[[Any, str], bool]:
    def controler(valeur: Any, _: str = "") -> bool:
        if not isinstance(valeur, dict):
            return False
        try:
            for cle, contenu in valeur.items():
                _verifier_cle(cle, contenu, forme()[table], table)
        except FormeRefusee:
            return False
        return True

    return controler


def _candidats(valeur: Any, _: str = "") -> bool:
    un_candidat = _objet("candidat")
    return isinstance(valeur, list) and all(
        un_candidat(v, "") and "candidat" in v if isinstance(v, dict) else _candidat(v) for v in valeur
    )


def _lettres(valeur: Any, _: str = "") -> bool:
    return isinstance(valeur, list) and all(isinstance(v, str) and LETTRE.fullmatch(v) for v in valeur)


def _nombre(valeur: Any, _: str = "") -> bool:
    if isinstance(valeur, str):
        return bool(re.fullmatch(r"-?\d{1,9}(?:/[1-9]\d{0,8})?", valeur, re.ASCII))
    return isinstance(valeur, int) and _entier(abs(valeur))


def _compteurs(valeur: Any, _: str = "") -> bool:
    return isinstance(valeur, dict) and all(CODE.fullmatch(c) and _entier(v) for c, v in valeur.items())


def _evenement(valeur: Any, _: str = "") -> bool:
    """What replaces a cancelled event: its facts, without identity of its own."""
    if not isinstance(valeur, dict) or not set(valeur) <= set(REMPLACANT):
        return False
    donnees = valeur.get("donnees") or {}
    type_ = valeur.get("type")
    if not isinstance(donnees, dict) or type_ == "rectification" or (donnees and type_ is None):
        return False
    try:
        for nom, texte in valeur.items():
            if nom != "donnees":
                verifier_texte(nom, "" if texte is None and nom not in ("type", "date_effet") else texte)
        verifier_donnees(str(type_), donnees)
    except FormeRefusee:
        return False
    return True


REMPLACANT = ("type", "date_effet", "logement", "reservataire", "motif", "donnees")
CONTROLES: Mapping[str, Callable[[Any, str], bool]] = {
    "code": _motif(CODE),
    "reference": lambda v, _: isinstance(v, str) and bool(CODE.fullmatch(v)),
    "typologie": _motif(TYPOLOGIE),
    "choix": lambda v, liste: isinstance(v, str) and v in forme()["choix"][liste],
    "booleen": lambda v, _: isinstance(v, bool),
    "date": _jour,
    "entier": _entier,
    "annee": lambda v, _: _entier(v) and date.min.year <= v <= date.max.year,
    "nombre": _nombre,
    "lettres": _lettres,
    "candidat": _candidat,
    "candidats": _candidats,
    "menage": _objet("menage"),
    "evenement": _evenement,
    "compteurs": _compteurs,
}


def verifier_texte(nom: str, texte: Any) -> None:
    """Check the text of a column but `donnees`; an empty one is « nothing is said ». Raises FormeRefusee."""
    colonne = _colonnes()[nom]
    controle = colonne["forme"]
    if texte in ("", None):
        if colonne.get("exigee"):
            raise refuser(nom, "vide", attendu=attendu(controle))
        return
    if controle == "type" and texte == "mise_en_bourse":
        raise refuser(nom, "reserve")
    if not (isinstance(texte, str) and TEXTES[controle](texte)):
        raise refuser(nom, "colonne", attendu=attendu(controle))


@cache
def _colonnes() -> Mapping[str, Mapping[str, Any]]:
    return {colonne["nom"]: colonne for colonne in forme()["colonne"]}


def _instant(texte: str) -> bool:
    try:
        lire_instant(texte)
    except ValueError:
        return False
    return True


TEXTES: Mapping[str, Callable[[str], object]] = {
    "code": CODE.fullmatch,
    "type": TYPES.__contains__,
    "date": _jour,
    "instant": _instant,
    "auteur": AUTEUR.fullmatch,
}


def textes(evenement: Evenement) -> dict[str, str]:
    """The columns of an event as the exchange file writes them, `donnees` in canonical JSON, "" where nothing is said."""
    return {
        "evenement": evenement.evenement,
        "vacance": evenement.vacance,
        "logement": evenement.logement or "",
        "type": evenement.type,
        "date_effet": evenement.date_effet.isoformat(),
        "date_saisie": ecrire_instant(evenement.date_saisie),
        "auteur": evenement.auteur,
        "reservataire": evenement.reservataire or "",
        "motif": evenement.motif or "",
        "donnees": ecrire_json(evenement.donnees),
    }


def evenement_de(ecrit: Mapping[str, str]) -> Evenement:
    """The event that checked texts describe, the reverse of `textes`."""
    return Evenement(
        evenement=ecrit["evenement"],
        vacance=ecrit["vacance"],
        type=ecrit["type"],
        date_effet=date.fromisoformat(ecrit["date_effet"]),
        date_saisie=lire_instant(ecrit["date_saisie"]),
        auteur=ecrit["auteur"],
        logement=ecrit["logement"] or None,
        reservataire=ecrit["reservataire"] or None,
        motif=ecrit["motif"] or None,
        donnees=lire_json(ecrit["donnees"]),
    )


def verifier(ecrit: Mapping[str, str]) -> None:
    """Check every text of an event before it enters the chain. Raises FormeRefusee on the first that cannot."""
    for nom in FAITS[:-1]:
        verifier_texte(nom, ecrit[nom])
    donnees = lire_json(ecrit["donnees"])
    verifier_donnees(ecrit["type"], donnees)


def contenu(chaine: str, ecrit: Mapping[str, str]) -> str:
    """The canonical content of an event of a chain, from its texts as they are: never parsed, never written anew.

    The texts hold no quote nor backslash (`verifier`), so that plain assembly is JSON; `donnees` is taken verbatim.
    """
    paires = [
        f'"{nom}":{ecrit[nom]}'
        if nom == "donnees"
        else f'"{nom}":"{ecrit[nom]}"'
        if ecrit[nom]
        else f'"{nom}":null'
        for nom in FAITS_TRIES
    ]
    paires.insert(RANG_CHAINE, f'"chaine":"{chaine}"')
    return f'{{{",".join(paires)},"version":{VERSION}}}'
