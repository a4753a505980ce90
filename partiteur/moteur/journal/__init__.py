"""The shared account as a file: events, their chain, their exchange format, and what is counted from them."""

from partiteur.moteur.journal.chaine import Tete, Verdict, enchainer, lire_tete
from partiteur.moteur.journal.controle import (
    JournalAltere,
    effacer,
    exiger_intacte,
    exporter,
    tete_de,
    verifier_journal,
)
from partiteur.moteur.journal.decompte import Compte, compter
from partiteur.moteur.journal.ecriture import EcritureImpossible, ecrire_journal
from partiteur.moteur.journal.forme import COLONNES, FormeRefusee
from partiteur.moteur.journal.lecture import Journal, lire_journal

__all__ = [
    "COLONNES",
    "Compte",
    "EcritureImpossible",
    "FormeRefusee",
    "Journal",
    "JournalAltere",
    "Tete",
    "Verdict",
    "compter",
    "ecrire_journal",
    "effacer",
    "enchainer",
    "exiger_intacte",
    "exporter",
    "lire_journal",
    "lire_tete",
    "tete_de",
    "verifier_journal",
]
