"""Contrôle de légalité: what a sheet says of the texts, question by question, read in its frozen result.

Nothing is computed again: the rules have warned already, and the barème `legalite` says which warning answers what.
Unknown is not no: a question the dossier does not allow to answer stays open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.moteur.flux.comptes import Document
from partiteur.moteur.schema import jour
from partiteur.regles.droits import convention_de_l_exercice
from partiteur.regles.socle import bareme, citer, en_vigueur, nombre, pourcentage

OUI, NON, INCONNU, SANS_OBJET = "oui", "non", "inconnu", "sans_objet"
VERDICTS = {OUI: "Oui", NON: "Non", INCONNU: "Inconnu", SANS_OBJET: "Sans objet"}
GRAVITES = {"illegal": "illégal", "a_justifier": "à justifier"}
CONVENTIONS = {
    "a_venir": "À venir",
    "expiree": "Échues",
    "inconnue": "Dates inconnues",
    "en_cours": "En cours",
}
Lu = Mapping[str, Any]


@dataclass(frozen=True)
class Verification:
    """A question asked of a flux: verdict (VERDICTS), what was found, gravity of a no, text, part of the sheet."""

    code: str
    question: str
    verdict: str
    constats: tuple[str, ...]
    gravite: str | None
    texte: str
    ancre: str


@dataclass(frozen=True)
class Controle:
    """Every question asked of the flux of a bailleur for a year."""

    bailleur: str
    exercice: int
    verifications: tuple[Verification, ...]

    def compter(self, verdict: str) -> int:
        """How many questions have this verdict."""
        return sum(v.verdict == verdict for v in self.verifications)


def controler(resultat: Lu, document: Document) -> Controle:
    """Answer every question from a result (the JSON of `json_du_flux`) and the dossier it came from."""
    le = date(resultat["exercice"], 1, 1)
    lignes = bareme("legalite")["verifications"].items()
    verifications = tuple(_verifier(code, ligne, resultat, document, le) for code, ligne in lignes)
    return Controle(resultat["bailleur"], resultat["exercice"], verifications)


def questions(a_la_date: date) -> Mapping[str, str]:
    """The questions by code, with the rates in force."""
    return {code: _question(ligne, a_la_date) for code, ligne in bareme("legalite")["verifications"].items()}


def _question(ligne: Lu, a_la_date: date) -> str:
    if "plafond" not in ligne:
        return str(ligne["question"])
    rangs = bareme("plafonds_reservation")[ligne["plafond"]]
    taux = (
        rangs
        if isinstance(rangs, Mapping)
        else en_vigueur("plafonds_reservation", ligne["plafond"], a_la_date)
    )
    return str(ligne["question"].format(plafond=taux["taux"]))


def _verifier(code: str, ligne: Lu, resultat: Lu, document: Document, le: date) -> Verification:
    """A warning answers first; then what the dossier does not say; then yes."""
    dits = [a for a in resultat["avertissements"] if a["code"] in ligne["avertissements"]]
    tus = [a["message"] for a in resultat["avertissements"] if a["code"] in ligne.get("inconnus", ())]
    verdict, constats = REPONSES.get(code, _repondre_oui)(resultat, document)
    gravites = [a["gravite"] for a in dits]
    if dits:
        constats = [a["message"] for a in dits]
        # A dérogation makes of what is illegal something to justify: the cap that applies is respected (D73).
        leves = all(a["gravite"] != bareme("avertissements")[a["code"]]["gravite"] for a in dits)
        verdict = OUI if leves else NON
    elif tus:
        verdict, constats = INCONNU, tus
    gravite = None
    if verdict == NON:
        gravite = "illegal" if "illegal" in gravites else "a_justifier"
    return Verification(
        code, _question(ligne, le), verdict, tuple(constats), gravite, citer(ligne["texte"]), ligne["ancre"]
    )


# --- what the sheet says where no rule has warned: a verdict, and the figures that make it


Reponse = tuple[str, list[str]]


def _repondre_oui(resultat: Lu, document: Document) -> Reponse:
    return OUI, []


def _absent(document: Document, quoi: str) -> Reponse:
    """Nobody is concerned: there is nobody if the dossier names everyone, else we do not know."""
    if document.get("complet", False):
        return SANS_OBJET, [f"Le dossier nomme tous les réservataires, et {quoi}."]
    return INCONNU, [f"Le dossier ne nomme pas tous les réservataires, et {quoi}."]


def _groupe(groupe: str, quoi: str) -> Callable[[Lu, Document], Reponse]:
    def repondre(resultat: Lu, document: Document) -> Reponse:
        """The share of the réservataires under a cap, of the flux of the territory."""
        types = bareme("reservataires")
        siens = [r for r in resultat["reservataires"] if groupe in types[r["type"]]["plafonds"]]
        if not siens:
            return _absent(document, f"{quoi} n'y est pas")
        exact = sum((Fraction(r["exact"]) for r in siens), Fraction(0))
        flux = Fraction(resultat["flux"]["a_repartir_exact"])
        part = f" : {pourcentage(exact / flux)}" if flux else ""
        return OUI, [f"{nombre(exact)} sur {nombre(flux)}{part}."]

    return repondre


def _garants(resultat: Lu, document: Document) -> Reponse:
    types = bareme("reservataires")
    garants = [
        r["nom"] or r["code"]
        for r in resultat["reservataires"]
        if r["contrepartie"] == "garantie" and "garanties" in types[r["type"]]["plafonds"]
    ]
    if not garants:
        return _absent(document, "aucun n'y est garant")
    return OUI, [f"Garants : {', '.join(garants)}."]


def _derogation(resultat: Lu, document: Document) -> Reponse:
    derogation = document.get("etat", {}).get("derogation")
    if derogation is None:
        return SANS_OBJET, ["Le dossier ne donne aucune dérogation."]
    return OUI, [f"{derogation['arrete']}."]


def _plancher(resultat: Lu, document: Document) -> Reponse:
    lectures = resultat["etat"]["hors_qpv"]
    if lectures is None:
        return _absent(document, "l'État n'y est pas")
    lecture = document.get("etat", {}).get("lecture_hors_qpv", "taux")
    if lectures[lecture] is None:
        return INCONNU, [f"La lecture « {lecture} » demande les logements de l'assiette hors QPV."]
    return OUI, [f"{pourcentage(Fraction(lectures[lecture]))} (lecture « {lecture} »)."]


def _uniformite(resultat: Lu, document: Document) -> Reponse:
    etat = document.get("etat", {})
    if not etat.get("parts_communes"):
        return INCONNU, ["Le dossier ne donne pas la part de l'État commune par commune."]
    if not etat.get("uniforme_communes", True):
        return OUI, ["La convention stipule autrement."]
    return OUI, [f"{nombre(len(etat['parts_communes']))} communes."]


def _territoire(resultat: Lu, document: Document) -> Reponse:
    types = bareme("reservataires")
    if not any(types[r["type"]].get("territoire_propre") for r in resultat["reservataires"]):
        return _absent(document, "aucune commune ni aucun EPCI n'y est")
    return OUI, []


def _exclus(resultat: Lu, document: Document) -> Reponse:
    motifs = bareme("exclus")["motifs"]
    exclus = resultat["assiette"]["exclus"]
    if not any(exclus.values()):
        return SANS_OBJET, ["Rien n'est exclu."]
    return OUI, [", ".join(f"{motifs[m]['libelle']} {nombre(n)}" for m, n in exclus.items()) + "."]


def _autorisations(resultat: Lu, document: Document) -> Reponse:
    categories = bareme("soustraits")
    sur_autorisation = {
        categories[c]["libelle"]: Fraction(n)
        for c, n in resultat["flux"]["soustraits"].items()
        if Fraction(n) and categories[c].get("autorisation")
    }
    if not sur_autorisation:
        return SANS_OBJET, ["Rien ne se soustrait sur autorisation."]
    return OUI, [", ".join(f"{libelle} {nombre(n)}" for libelle, n in sur_autorisation.items()) + "."]


def _date_parc(resultat: Lu, document: Document) -> Reponse:
    le = date.fromisoformat(resultat["parc"]["date"]) if resultat["parc"]["date"] else None
    return OUI, [f"Parc au {le:%d/%m/%Y}."] if le else []


def dates_de_la_convention(reservataire: Lu) -> tuple[date | None, date | None]:
    """When the convention of a réservataire of a dossier begins (its signature, failing that) and ends; None: not said."""
    dates = {cle: jour(dite) for cle, dite in reservataire.get("convention", {}).items()}
    return dates.get("debut") or dates.get("date_signature"), dates.get("fin")


def _conventions(resultat: Lu, document: Document) -> Reponse:
    """The dates of each convention, by the rule."""
    lues: dict[str, list[str]] = {code: [] for code in CONVENTIONS}
    for reservataire in document.get("reservataires", []):
        lue = convention_de_l_exercice(*dates_de_la_convention(reservataire), resultat["exercice"])
        lues[lue.code].append(reservataire.get("nom") or reservataire["code"])
    dites = [f"{CONVENTIONS[code]} : {', '.join(qui)}." for code, qui in lues.items() if qui]
    if not dites:
        return _absent(document, "aucun n'y est")
    if lues["a_venir"] or lues["expiree"]:
        return NON, dites
    return (INCONNU if lues["inconnue"] else OUI), dites


REPONSES: Mapping[str, Callable[[Lu, Document], Reponse]] = {
    "plafond_etat": _groupe("etat", "l'État"),
    "plafond_fonctionnaires": _groupe("fonctionnaires", "l'État, pour ses agents,"),
    "derogation": _derogation,
    "plancher_hors_qpv": _plancher,
    "uniformite": _uniformite,
    "plafond_garanties": _garants,
    "territoire": _territoire,
    "exclus": _exclus,
    "autorisations": _autorisations,
    "date_parc": _date_parc,
    "conventions": _conventions,
}


def json_du_controle(controle: Controle) -> dict[str, Any]:
    """A contrôle, in the shape other programs rely on."""
    return {
        "bailleur": controle.bailleur,
        "exercice": controle.exercice,
        "verifications": [
            {
                "code": v.code,
                "question": v.question,
                "verdict": v.verdict,
                "gravite": v.gravite,
                "constats": list(v.constats),
                "texte": v.texte,
            }
            for v in controle.verifications
        ],
    }
