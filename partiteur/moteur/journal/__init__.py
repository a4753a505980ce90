"""The shared account as a file: events, their chain, their exchange format, and what is counted from them."""

from partiteur.moteur.journal.chaine import Tete, Verdict, enchainer, lire_tete
from partiteur.moteur.journal.controle import (
    JournalAltere,
    effacer,
    en_verifiant,
    exiger_intacte,
    exporter,
    tete_de,
    verifier_journal,
)
from partiteur.moteur.journal.conventions import Conventions, conventions_du_dossier
from partiteur.moteur.journal.decompte import Compte, compter
from partiteur.moteur.journal.ecriture import EcritureImpossible, ecrire_journal
from partiteur.moteur.journal.forme import COLONNES, FormeRefusee
from partiteur.moteur.journal.histoires import Contexte
from partiteur.moteur.journal.lecture import Journal, journal_en_colonnes, lire_journal
from partiteur.moteur.journal.logements import Logements, joindre_parc, parc_du_dossier

__all__ = [
    "COLONNES",
    "Compte",
    "Contexte",
    "Conventions",
    "EcritureImpossible",
    "FormeRefusee",
    "Journal",
    "JournalAltere",
    "Logements",
    "Tete",
    "Verdict",
    "compter",
    "conventions_du_dossier",
    "ecrire_journal",
    "effacer",
    "en_verifiant",
    "enchainer",
    "exiger_intacte",
    "exporter",
    "joindre_parc",
    "journal_en_colonnes",
    "lire_journal",
    "lire_tete",
    "parc_du_dossier",
    "tete_de",
    "verifier_journal",
]
