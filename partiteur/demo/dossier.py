"""The dossier.toml of a bailleur: its files, the territories that hold rights and the réservataires."""

from collections.abc import Sequence

from partiteur.demo.droits import Droit
from partiteur.demo.mouvements import ANNEES, Liberation
from partiteur.demo.publie import (
    DEPARTEMENT,
    IDENTIFIES,
    NOM_DEPARTEMENT,
    NOMS_EPCI,
    RESERVATAIRES,
    Organisme,
)

# Every share is counted in the register, but for those that a convention already gives.
PARTS = {("A", "region99"): "1 %", ("C", "cd99"): "3 %"}
SOURCES = {
    "A": "RPLS 01/01/2024",
    "B": "Fichier du bailleur au 31/12/2023",
    "C": "Fichier du bailleur au 31/12/2023",
}

# What each dossier shows beside the common case: a commune under article 5, a new programme under each regime (D75).
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


# What conventions say of the account (D30, D75): the préfet delegates to B, mixed management and entry for ALS.
CLAUSES = {
    ("B", "etat-prioritaires"): ['gestion = "deleguee"', 'etape = "attribution"'],
    ("A", "action-logement"): ['gestion = "mixte"', 'part_requalifiee = "30 %"', 'etape = "entree"'],
    ("B", "action-logement"): ['gestion = "mixte"', 'part_requalifiee = "30 %"', 'etape = "entree"'],
    ("C", "action-logement"): ['etape = "entree"'],
}


def texte_dossier(organisme: Organisme, droits: Sequence[Droit], liberations: Sequence[Liberation]) -> str:
    """Write the dossier; the soustraits are those of the last year, whose libérations had the same motifs.

    Defence and R314 dwellings are identified and out of flux: they stay in the register, not here.
    """
    titulaires = {droit.cede_a or droit.reservataire for droit in droits}
    retenus = [r for r in RESERVATAIRES if r.code in titulaires and r.code not in IDENTIFIES]
    motifs = [
        lib.motif for lib in liberations if lib.date_liberation.year == ANNEES[-1] and lib.usage == "familial"
    ]
    soustraits = [
        ("mutations", "mutation"),
        ("relogements_anru", "relogement_anru"),
        ("lhi", "relogement_lhi"),
    ]
    blocs = [
        f'# Territoire fictif, engendré : aucun lieu, aucun organisme réel.\ncadre = "{organisme.cadre}"\nexercice = 2024',
        f'[bailleur]\nnom = "{organisme.nom}"\nsiren = "{organisme.siren}"',
        f'[territoire]\nechelle = "departement"\ncode = "{DEPARTEMENT}"\nnom = "{NOM_DEPARTEMENT}"',
        '[geographie]\nfichier = "../communes.csv"',
        f'[parc]\nfichier = "parc.csv"\ndate = 2023-12-31\nsource = "{SOURCES[organisme.lettre]}"',
        '[droits]\nfichier = "droits.csv"',
        '[rotation]\nliberations = "liberations.csv"',
        "\n".join(["[soustraits]", *(f"{cle} = {motifs.count(m)}" for cle, m in soustraits if m in motifs)]),
    ]
    blocs.append(PARTICULARITES[organisme.lettre])
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
