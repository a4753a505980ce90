"""The décompte: for every vacance and réservataire the stage reached, and the counters of a period."""

from partiteur.regles.decompte.compte import (
    COMPTEURS,
    Decompte,
    LigneDecompte,
    SoldeRepris,
    avertissements_du_decompte,
    decompte,
    part_requalifiee,
    soldes_repris,
    taux_chute,
)
from partiteur.regles.decompte.regime import (
    Clauses,
    Methode,
    Regime,
    clauses_du_dossier,
    methode_du_cadre,
    regime,
)
from partiteur.regles.decompte.tours import MotifInconnu
from partiteur.regles.decompte.vacance import Compte, CompteVacance, decompter

__all__ = [
    "COMPTEURS",
    "Clauses",
    "Compte",
    "CompteVacance",
    "Decompte",
    "LigneDecompte",
    "Methode",
    "MotifInconnu",
    "Regime",
    "SoldeRepris",
    "avertissements_du_decompte",
    "clauses_du_dossier",
    "decompte",
    "decompter",
    "methode_du_cadre",
    "part_requalifiee",
    "regime",
    "soldes_repris",
    "taux_chute",
]
