"""The dossiers of a bailleur, of 2024 and of the year its journal ends: its files, territories and réservataires."""

from collections.abc import Sequence
from datetime import date

from partiteur.demo.droits import Droit
from partiteur.demo.mouvements import ANNEES, DATE_PARC, Liberation
from partiteur.demo.publie import (
    COMMUNES,
    DEPARTEMENT,
    IDENTIFIES,
    METROPOLE,
    NOM_DEPARTEMENT,
    NOMS_EPCI,
    RESERVATAIRES,
    Organisme,
)

# Every share is counted in the register, but for those that a convention already gives.
PARTS = {("A", "region99"): "1 %", ("C", "cd99"): "3 %"}
ZONE_TENDUE = date(2013, 8, 25)
SOURCES = {
    "A": "RPLS 01/01/2024",
    "B": "Fichier du bailleur au 31/12/2023",
    "C": "Fichier du bailleur au 31/12/2023",
}

# What each dossier of 2024 shows beside the common case: a commune under article 5, a new programme under each regime (D75).
PARTICULARITES = {
    "A": """[etat]
article5 = [{ reservataire = "99009", decision = "arrêté fictif 2024-05", du = 2024-01-15, stock = 24 }]

[[neuf]]
programme = "Les Jardins de l'Aurette"
commune = "99001"
logements = 24
date = 2024-09-01
regime = "flux\"""",
    "B": """[[neuf]]
programme = "Le Clos des Orpiers"
commune = "99003"
logements = 18
date = 2024-06-15
regime = "un_tour"
droits = { etat-prioritaires = 5, action-logement = 4, 99003 = 3 }""",
    "C": """[[neuf]]
programme = "Les Terrasses de Castelbrune"
commune = "99001"
logements = 20
date = 2024-10-01
regime = "annee_livraison"
droits = { etat-prioritaires = 6, action-logement = 5, cd99 = 1, 99001 = 4 }""",
}


# The programmes delivered in 2023, whose first lettings the journals tell under the same code.
NEUFS_2023 = {
    "A": """[[neuf]]
programme = "Les Allées de l'Aurette"
code = "NEUF-99001"
commune = "99001"
logements = 40
date = 2023-07-01
regime = "flux"

[[neuf]]
programme = "Le Mas Roquaubert"
code = "NEUF-99003"
commune = "99003"
logements = 28
date = 2023-07-01
regime = "flux\"""",
    "B": """[[neuf]]
programme = "La Cour des Amandiers"
code = "NEUF-99004"
commune = "99004"
logements = 36
date = 2023-07-01
regime = "un_tour"
droits = { etat-prioritaires = 10, action-logement = 8, 99004 = 4 }""",
    "C": """[[neuf]]
programme = "Les Balcons de Montaurelle"
code = "NEUF-99005"
commune = "99005"
logements = 30
date = 2023-07-01
regime = "annee_livraison"
droits = { etat-prioritaires = 9, action-logement = 7, 99005 = 3 }""",
}

# What conventions say of the account (D30, D75): the préfet delegates to B, mixed management and entry for ALS.
CLAUSES = {
    ("B", "etat-prioritaires"): ['gestion = "deleguee"', 'etape = "attribution"'],
    ("A", "action-logement"): ['gestion = "mixte"', 'part_requalifiee = "30 %"', 'etape = "entree"'],
    ("B", "action-logement"): ['gestion = "mixte"', 'part_requalifiee = "30 %"', 'etape = "entree"'],
    ("C", "action-logement"): ['etape = "entree"'],
}


def _zone_tendue() -> str:
    """The communes of the métropole are in zone tendue, by an invented decree; the list is complete."""
    communes = ", ".join(f"{c.code} = {ZONE_TENDUE.isoformat()}" for c in COMMUNES if c.epci == METROPOLE)
    return f"[zone_tendue]\ncommunes = {{ {communes} }}\ncomplet = true"


def _rotation(organisme: Organisme, annee: int) -> str:
    """The rate of a year, as the bailleur gives it."""
    pour_mille = organisme.departs[ANNEES.index(annee)]
    return f'taux = "{pour_mille // 10},{pour_mille % 10} %"\ndefinition = "liberations_12_mois"'


def texte_dossier(
    organisme: Organisme, droits: Sequence[Droit], liberations: Sequence[Liberation], exercice: int = 2024
) -> str:
    """Write the dossier of 2024, or of 2023; the soustraits are those of the year before, by the motifs of libération.

    Defence and R314 dwellings are identified and out of flux: they stay in the register, not here. The parc has one
    photograph, at the end of 2023: the dossier of 2023 says so, and gives the rate of 2022, which the file cannot count.
    """
    titulaires = {droit.cede_a or droit.reservataire for droit in droits}
    retenus = [r for r in RESERVATAIRES if r.code in titulaires and r.code not in IDENTIFIES]
    motifs = [
        lib.motif
        for lib in liberations
        if lib.date_liberation.year == exercice - 1 and lib.usage == "familial"
    ]
    soustraits = [
        ("mutations", "mutation"),
        ("relogements_anru", "relogement_anru"),
        ("lhi", "relogement_lhi"),
    ]
    dernier = exercice > ANNEES[-1]
    rotation = 'liberations = "liberations.csv"' if dernier else _rotation(organisme, exercice - 1)
    blocs = [
        f'# Territoire fictif, engendré : aucun lieu, aucun organisme réel.\ncadre = "{organisme.cadre}"\n'
        f"exercice = {exercice}",
        f'[bailleur]\nnom = "{organisme.nom}"\nsiren = "{organisme.siren}"',
        f'[territoire]\nechelle = "departement"\ncode = "{DEPARTEMENT}"\nnom = "{NOM_DEPARTEMENT}"',
        '[geographie]\nfichier = "../communes.csv"',
        f'[parc]\nfichier = "parc.csv"\ndate = {DATE_PARC.isoformat()}\nsource = "{SOURCES[organisme.lettre]}"',
        '[droits]\nfichier = "droits.csv"',
        f"[rotation]\n{rotation}",
        _zone_tendue(),
        "\n".join(["[soustraits]", *(f"{cle} = {motifs.count(m)}" for cle, m in soustraits if m in motifs)]),
    ]
    blocs.append((PARTICULARITES if dernier else NEUFS_2023)[organisme.lettre])
    for reservataire in retenus:
        if reservataire.perimetre != DEPARTEMENT:
            echelle = "epci" if reservataire.perimetre in NOMS_EPCI else "commune"
            blocs.append(f'[[perimetres]]\ncode = "{reservataire.perimetre}"\nechelle = "{echelle}"')
    for reservataire in retenus:
        lignes = [
            "[[reservataires]]",
            f'code = "{reservataire.code}"',
            f'nom = "{reservataire.nom}"',
            f'type = "{reservataire.type}"',
            f'contrepartie = "{reservataire.contrepartie}"',
        ]
        part = PARTS.get((organisme.lettre, reservataire.code))
        if part:
            lignes.append(f'part = "{part}"')
        lignes += CLAUSES.get((organisme.lettre, reservataire.code), [])
        if reservataire.perimetre != DEPARTEMENT:
            lignes.append(f'perimetre = "{reservataire.perimetre}"')
        blocs.append("\n".join(lignes))
    return "\n\n".join(blocs) + "\n"
