"""What is deduced of a household: its category, its resources, its occupation, the publics it belongs to, its wait.

Facts are coarse and may be unknown (None); unknown is never « no ». Amounts are whole centimes.
"""

from partiteur.regles.menage.attente import anciennete_mois, delai_anormalement_long
from partiteur.regles.menage.composition import (
    Categorie,
    Menage,
    MenageImpossible,
    categorie_menage,
    famille_monoparentale,
    jeune_menage,
    unites_consommation,
)
from partiteur.regles.menage.occupation import (
    LigneTypologie,
    pieces_adequates,
    sous_occupation,
    sur_occupation,
    typologie_adequate,
)
from partiteur.regles.menage.publics import Publics, publics_l441_1, sortant_ase
from partiteur.regles.menage.ressources import (
    Depense,
    premier_quartile,
    ressources_par_uc,
    ressources_requerant_seul,
    ressources_retenues,
    reste_a_vivre,
    taux_effort,
)

__all__ = [
    "Categorie",
    "Depense",
    "LigneTypologie",
    "Menage",
    "MenageImpossible",
    "Publics",
    "anciennete_mois",
    "categorie_menage",
    "delai_anormalement_long",
    "famille_monoparentale",
    "jeune_menage",
    "pieces_adequates",
    "premier_quartile",
    "publics_l441_1",
    "ressources_par_uc",
    "ressources_requerant_seul",
    "ressources_retenues",
    "reste_a_vivre",
    "sortant_ase",
    "sous_occupation",
    "sur_occupation",
    "taux_effort",
    "typologie_adequate",
    "unites_consommation",
]
