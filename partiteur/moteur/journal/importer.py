"""Starting an account (D29): rows of an ERP, one a proposal, become events; opening balances come with their proof."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from partiteur.moteur.journal.forme import FormeRefusee, forme, textes, verifier
from partiteur.moteur.journal.lecture import Refus
from partiteur.moteur.journal.modele import Modele, lire_modele
from partiteur.moteur.lecture.colonne import normaliser
from partiteur.moteur.lecture.constat import ERREUR, Constat, Rapport
from partiteur.moteur.lecture.tableau import lire_tableau, ouvrir
from partiteur.regles.vacance import Evenement

EXIGEES = {
    "« logement »": ("logement",),
    "« conge » (date du congé ou de l'ouverture)": ("conge",),
    "« mise_a_disposition » ou « bail »": ("mise_a_disposition", "bail"),
}
CANDIDATS_PAR_DEFAUT = 1
SUITES = {"valide": "validation", "decline": "declinaison", "sans_reponse": "delai_expire"}


@dataclass(frozen=True)
class Import:
    """What an import made: events in order, the row each comes from (by identifier), rows read and accepted, findings."""

    evenements: tuple[Evenement, ...]
    chaine: str
    lignes: int
    acceptees: int
    constats: tuple[Constat, ...]
    rangees: Mapping[str, int]


@dataclass
class Fabrique:
    """Makes the events of one row after another; `tirer` gives random identifiers."""

    modele: Modele
    saisie: datetime
    tirer: Callable[[int], str]
    ouvertes: dict[str, date] = field(default_factory=dict)

    def evenement(
        self, ligne: Mapping[str, Any], type_: str, le: date, donnees: Mapping[str, Any], **autres: str | None
    ) -> Evenement:
        """One event, marked as imported, with the channel it reached us by."""
        canal = ligne["canal"] or self.modele.canal
        marque = {"source": "import", **({"canal": canal} if canal else {})}
        dites = {cle: v for cle, v in donnees.items() if v is not None}
        return Evenement(
            f"i{self.tirer(8)}",
            str(ligne["vacance"]),
            type_,
            le,
            self.saisie,
            self.modele.auteur,
            ligne["logement"],
            donnees={**marque, **dites},
            **autres,
        )

    def candidatures(self, nombre: int) -> list[str]:
        """Random numbers of candidatures, drawn for one vacance."""
        return [f"c{self.tirer(6)}" for _ in range(nombre)]


def importer(
    chemin: Path, modele: Path, saisie: datetime, tirer: Callable[[int], str] = secrets.token_hex
) -> Import:
    """Read rows of an ERP (CSV, Excel) into events, by a model. `saisie`: the instant all are recorded at, in UTC.

    A row whose dates contradict one another, without réservataire known of the model, or of an unknown motif is left
    out and reported; so are unreadable cells, one by one. Raises LectureImpossible, ModeleIllisible.
    """
    lu = lire_modele(modele)
    rapport = Rapport(chemin.name)
    ouvert = ouvrir("propositions", chemin, rapport)
    tableau = lire_tableau("propositions", chemin, rapport, ouvert, EXIGEES, ("logement",), modele)
    for nom in ("logement", "conge"):
        tableau.refuser("essentiel_manquant", tableau.colonne(nom).is_null(), nom, attendu=ATTENDUS[nom])
    refus = Refus(chemin.name, "la ligne est laissée de côté")
    fabrique = Fabrique(lu, saisie, tirer)
    evenements = list(_reprises(fabrique))
    acceptees = 0
    rangees: dict[str, int] = {}
    for ligne in tableau.canonique().to_pylist():
        try:
            faits = list(_evenements(ligne, fabrique))
            for fait in faits:
                verifier(textes(fait))
        except FormeRefusee as erreur:
            refus.noter(ligne["ligne"], erreur.colonne, erreur.phrase, str(ligne.get(erreur.colonne) or ""))
            continue
        acceptees += 1
        evenements += faits
        rangees |= {fait.evenement: ligne["ligne"] for fait in faits}
    evenements.sort(key=lambda e: e.date_effet)  # stable: the events of a row keep their order
    constats = (*refus.constats(), *sorted(rapport.constats, key=lambda c: c.gravite != ERREUR))
    return Import(tuple(evenements), lu.chaine, tableau.total, acceptees, constats, rangees)


ATTENDUS = {
    "logement": "le numéro RPLS ou l'identifiant interne du logement",
    "conge": "la date du congé, ou de l'ouverture de la vacance",
}


def _reprises(fabrique: Fabrique) -> Iterator[Evenement]:
    """The opening balances of the model."""
    for reprise in fabrique.modele.reprises:
        ligne = {"vacance": f"reprise-{reprise['exercice']}", "logement": None, "canal": None}
        donnees = {"exercice": reprise["exercice"], "solde": reprise["solde"], "preuve": reprise["preuve"]}
        fait = fabrique.evenement(
            ligne, "reprise", reprise["date"], donnees, reservataire=str(reprise["reservataire"])
        )
        verifier(textes(fait))
        yield fait


def _evenements(ligne: dict[str, Any], fabrique: Fabrique) -> Iterator[Evenement]:
    """The events one row tells, in the order they must have happened. Raises FormeRefusee."""
    conge = ligne["conge"]
    ligne["vacance"] = ligne["vacance"] or f"{fabrique.modele.chaine}-{ligne['logement']}-{conge:%Y%m%d}"
    reservataire = _code(fabrique.modele.reservataires, ligne["reservataire"])
    motif = _motif(ligne, fabrique.modele)
    _verifier_dates(ligne)
    if ligne["vacance"] not in fabrique.ouvertes:
        cles = ("typologie", "qpv", "commune")
        donnees = {"origine": ligne["origine"] or "conge", **{cle: ligne[cle] for cle in cles}}
        yield fabrique.evenement(ligne, "vacance_ouverte", conge, donnees)
        fabrique.ouvertes[ligne["vacance"]] = conge
    offre = ligne["mise_a_disposition"]
    if offre and not reservataire:
        raise FormeRefusee(
            "reservataire", "une mise à disposition nomme un réservataire ; remplissez la cellule"
        )
    if offre:
        destination = {"destination": f"reservataire:{reservataire}"}
        yield fabrique.evenement(ligne, "orientation", offre, destination, reservataire=reservataire)
        yield fabrique.evenement(ligne, "mise_a_disposition", offre, {}, reservataire=reservataire)
        if ligne["suite"] and ligne["reponse"]:
            yield fabrique.evenement(
                ligne, SUITES[ligne["suite"]], ligne["reponse"], {}, reservataire=reservataire, motif=motif
            )
    yield from _candidature(ligne, fabrique, reservataire, motif)


def _candidature(
    ligne: Mapping[str, Any], fabrique: Fabrique, reservataire: str | None, motif: str | None
) -> Iterator[Evenement]:
    """From the designation to the lease, or to the failure."""
    numeros: list[str] = []
    if ligne["designation"] or ligne["caleol"]:
        numeros = fabrique.candidatures(ligne["candidats"] or CANDIDATS_PAR_DEFAUT)
        le = ligne["designation"] or ligne["caleol"]
        donnees = {"candidats": numeros, "origine": "reservataire" if reservataire else "autre"}
        yield fabrique.evenement(ligne, "designation", le, donnees, reservataire=reservataire)
    candidat: dict[str, Any] = {"candidat": numeros[0] if numeros else None}
    echec = _type_echec(motif)
    if ligne["caleol"] and ligne["decision"]:
        tous = (
            {"candidats": numeros} if ligne["decision"] in ("non_attribution", "irrecevabilite") else candidat
        )
        cause = motif if echec == "decision_caleol" else None
        yield fabrique.evenement(
            ligne, "decision_caleol", ligne["caleol"], {**tous, "decision": ligne["decision"]},
            reservataire=reservataire, motif=cause,
        )  # fmt: skip
    if ligne["reponse_candidat"] and ligne["suite_candidat"]:
        donnees = {**candidat, "reponse": ligne["suite_candidat"], "proposition": ligne["proposition"]}
        cause = motif if echec == "reponse_candidat" else None
        yield fabrique.evenement(
            ligne,
            "reponse_candidat",
            ligne["reponse_candidat"],
            donnees,
            reservataire=reservataire,
            motif=cause,
        )
    if ligne["bail"]:
        entree = {"entree": ligne["entree"].isoformat() if ligne["entree"] else None}
        yield fabrique.evenement(
            ligne, "bail_signe", ligne["bail"], {**candidat, **entree}, reservataire=reservataire
        )
    elif ligne["echec"] and reservataire and echec in ("retrait", "declinaison", "delai_expire"):
        yield fabrique.evenement(ligne, echec, ligne["echec"], {}, reservataire=reservataire, motif=motif)


def _type_echec(motif: str | None) -> str:
    for type_, motifs in forme()["echecs"].items():
        if motif in motifs:
            return str(type_)
    return "retrait"


def _code(table: Mapping[str, str], mot: str | None) -> str | None:
    """The code of a word of the file; a word the model does not know must be a code already."""
    return table.get(normaliser(mot), mot) if mot else None


def _motif(ligne: Mapping[str, Any], modele: Modele) -> str | None:
    mot = ligne["motif"]
    if not mot:
        return None
    code = modele.motifs.get(normaliser(mot))
    if code is None:
        raise FormeRefusee(
            "motif", f"ce motif n'est pas connu ; donnez son code dans {modele.chemin.name}, [motifs]"
        )
    return code


ORDRE = ("conge", "mise_a_disposition", "designation", "caleol", "bail", "entree")


def _verifier_dates(ligne: Mapping[str, Any]) -> None:
    """Dates of one proposal follow one another; the first that does not is refused with its row."""
    precedente, nom = ligne["conge"], "conge"
    for suivante in ORDRE[1:]:
        le = ligne[suivante]
        if le is None:
            continue
        if le < precedente:
            raise FormeRefusee(
                suivante,
                f"cette date ({le:%d/%m/%Y}) précède celle de « {nom} » ({precedente:%d/%m/%Y}) ; corrigez l'une des deux",
            )
        precedente, nom = le, suivante
