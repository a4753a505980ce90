"""A file of parc, or a register, from its upload to its millésime: what was found, what would change."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.parquet as pq
from django.core.files.uploadedfile import UploadedFile

from partiteur.moteur.changements import COMPARES, comparer_parcs
from partiteur.moteur.feuille import json_de_la_lecture
from partiteur.moteur.lecture import Lecture
from partiteur.moteur.tableur.etats import mots
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web import depot as fichiers
from partiteur.web.actions import parc as actes
from partiteur.web.actions.parc import Ecrit
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Depot, Millesime, Organisation
from partiteur.web.models.socle import tirer_identifiant

QUOI = {"nouveau": "Nouveau", "disparu": "Disparu", "change": "Changé"}


@dataclass(frozen=True)
class Recu:
    """A file that waits: its identifier, its name, what was found in it (JSON, see `apercu`; "": it is to be read)."""

    identifiant: str
    fichier: str
    apercu: str


def recevoir(bailleur: Organisation, nature: str, televerse: UploadedFile) -> Recu:
    """Keep a file until somebody says yes; unless it is heavy, read it and say what it would change. Raises FichierRefuse."""
    identifiant = tirer_identifiant()
    try:
        chemin = fichiers.recevoir(identifiant, televerse)
        lu = "" if fichiers.lourd(identifiant) else lire(identifiant, bailleur, nature)
    except BaseException:
        fichiers.oublier(identifiant)
        raise
    return Recu(identifiant, chemin.name, lu)


def lire(identifiant: str, bailleur: Organisation, nature: str) -> str:
    """Read a file that waits: what was found in it, and what it would change, as JSON. Raises FichierRefuse."""
    with fichiers.sans_chemin(fichiers.attente(identifiant)):
        lecture = fichiers.lire(nature, fichiers.recu(identifiant), bailleur.siren)
    return json.dumps(apercu(bailleur, nature, lecture), ensure_ascii=False)


ECHEC = "Ce fichier n'a pas pu être traité, rien n'est importé : l'erreur est enregistrée, dites-le à l'administrateur."


def traiter(identifiant: str) -> None:
    """Do the next step of a deposit, read or import, apart from any request; what it cannot do, the deposit says."""
    depot = Depot.objects.filter(identifiant=identifiant).select_related("bailleur", "confirme_par").first()
    if depot is None or not depot.reste_a_faire:
        return
    try:
        if not depot.apercu:
            lu = lire(identifiant, depot.bailleur, depot.nature)
            actes.noter_lecture(par=OPERATEUR, depot=depot, apercu=lu)
        elif depot.le is not None:
            ecrit = ecrire(depot, depot.le)
            par = depot.confirme_par or OPERATEUR
            actes.importer(par=par, bailleur=depot.bailleur, ecrit=ecrit, depot=depot)
            fichiers.oublier(identifiant)
    except Exception as erreur:
        phrase = str(erreur) if isinstance(erreur, ErreurUtilisateur) else ECHEC
        if phrase == ECHEC:
            logging.getLogger(__name__).exception("dépôt %s", identifiant)
        if Depot.objects.filter(pk=depot.pk).exists():  # else it was given up meanwhile
            actes.refuser(par=OPERATEUR, depot=depot, phrase=phrase)


def apercu(bailleur: Organisation, nature: str, lecture: Lecture) -> Mapping[str, Any]:
    """What a reading found, its year, and for a parc what differs from the last millésime (None: there is none)."""
    dernier = dernier_millesime(bailleur, nature)
    changements = None
    if nature == "parc" and dernier is not None:
        avant = pq.read_table(fichiers.chemin_du_parc(dernier.sha))
        trouves = comparer_parcs(avant, lecture.table)
        changements = vars(trouves) | {"exemples": [vars(c) for c in trouves.exemples]}
    return {
        **json_de_la_lecture(lecture),
        "annee": lecture.annee,
        "source": lecture.source,
        "precedent": str(dernier) if dernier else None,
        "changements": changements,
    }


def dernier_millesime(bailleur: Organisation, nature: str) -> Millesime | None:
    """The last picture of a parc, or of its register, by the day it is of."""
    return Millesime.objects.filter(bailleur=bailleur, nature=nature).first()


def le_propose(lu: Mapping[str, Any]) -> date | None:
    """The day a file is of: the 31 December before the year of an RPLS; None when it does not say."""
    return date(lu["annee"] - 1, 12, 31) if lu["annee"] else None


def montrer(depot: Depot) -> Mapping[str, Any]:
    """What the page of a deposit shows: the findings by gravity, what changes, column by column, dwelling by dwelling."""
    lu = json.loads(depot.apercu)
    changements = lu["changements"]
    return {
        "lu": lu,
        "refusees": lu["lignes"] - lu["acceptees"],
        "erreurs": [c for c in lu["constats"] if c["gravite"] == "erreur"],
        "avertissements": [c for c in lu["constats"] if c["gravite"] != "erreur"],
        "changements": changements,
        "colonnes": [
            (mots()["axes"][c], changements["colonnes"][c]) for c in COMPARES if c in changements["colonnes"]
        ]
        if changements
        else [],
        "exemples": [_exemple(e) for e in changements["exemples"]] if changements else [],
    }


def _exemple(exemple: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "quoi": QUOI[exemple["quoi"]],
        "logement": exemple["logement"],
        "programme": exemple["programme"] or "inconnu",
        "colonnes": ", ".join(mots()["axes"][c] for c in exemple["colonnes"]),
    }


def lignes_du_rapport(depot: Depot) -> list[tuple[Any, ...]]:
    """The report as a table: a row a place where something was found, cell by cell."""
    lignes: list[tuple[Any, ...]] = [
        ("gravite", "code", "colonne", "nombre", "ligne", "valeur", "message"),
    ]
    for c in json.loads(depot.apercu)["constats"]:
        commun = (c["gravite"], c["code"], c["colonne"] or "", c["nombre"])
        places = [(e["ligne"], e["valeur"]) for e in c["exemples"]] or [("", "")]
        lignes += [(*commun, *place, c["message"]) for place in places]
    return lignes


def ecrire(depot: Depot, le: date) -> Ecrit:
    """Write the millésime of a deposit, whole or not at all; entering it is for the act. Raises FichierRefuse."""
    with fichiers.sans_chemin(fichiers.attente(depot.identifiant)):
        chemin = fichiers.recu(depot.identifiant)
        lecture = fichiers.lire(depot.nature, chemin, depot.bailleur.siren)
        sha = fichiers.garder(depot.nature, lecture, chemin)
    constats = json.dumps(json_de_la_lecture(lecture)["constats"], ensure_ascii=False)
    refusees = lecture.lignes - lecture.acceptees
    return Ecrit(depot.nature, sha, le, depot.fichier, lecture.acceptees, refusees, constats)
