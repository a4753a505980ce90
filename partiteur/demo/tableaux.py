"""The bailleurs' own tables, each with its habits: columns, encoding, decimal mark, ways to write a date or a « oui »."""

from collections.abc import Sequence
from datetime import date

from partiteur.demo.bati import Logement
from partiteur.demo.depot_rpls import contingent, mois
from partiteur.demo.droits import Droit
from partiteur.demo.mouvements import Liberation, Occupation

TYPES = {"C": "Collectif", "I": "Individuel", "E": "Étudiant"}
NATURES = {"etudiant": "Logement étudiant", "fonction": "Logement de fonction"}
LIBERATIONS = ["logement", "commune", "date_liberation", "motif", "date_entree", "usage"]
ENTETE_B = [
    "N° RPLS",
    "Référence interne",
    "Programme",
    "Code INSEE commune",
    "Libellé commune",
    "Adresse",
    "En QPV",
    "Nature du logement",
    "Type de construction",
    "Typologie",
    "Surface habitable (m²)",
    "Année de construction",
    "Année de mise en location",
    "Financement",
    "Conventionné",
    "Mode d'occupation",
    "Date du bail",
    "Loyer (€)",
    "DPE",
    "En vente",
    "À démolir",
    "Contingent",
    "Réservataire",
]
ENTETE_C = [
    "Identifiant RPLS",
    "Programme",
    "Code commune",
    "QPV",
    "Type de construction",
    "Nombre de pièces",
    "Surface habitable",
    "Année de construction",
    "Code financement",
    "Conventionné",
    "Mode d'occupation",
    "Date du bail",
    "Date d'offre",
    "En vente",
    "Contingent",
]


def oui_non(valeur: bool) -> str:
    """Write « Oui » or « Non »."""
    return "Oui" if valeur else "Non"


def jour(valeur: date | None) -> str:
    """Write jj/mm/aaaa, or an empty cell."""
    return f"{valeur.day:02d}/{valeur.month:02d}/{valeur.year}" if valeur else ""


def decimale(centiemes: int | None) -> str:
    """Write hundredths with a decimal comma, or an empty cell."""
    return "" if centiemes is None else f"{centiemes // 100},{centiemes % 100:02d}"


def tableau_b(
    logements: Sequence[Logement], occupations: dict[str, Occupation], attribues: dict[str, str]
) -> list[list[str]]:
    """Table of bailleur B, header first: the family of financing in words, decimal commas, whole dates."""
    lignes = [ENTETE_B]
    for logement in logements:
        programme, occupation = logement.programme, occupations[logement.numero]
        code = attribues.get(logement.numero)
        lignes.append(
            [
                logement.numero,
                logement.interne,
                programme.code,
                programme.commune.code,
                programme.commune.nom,
                f"{programme.numero_voie} {programme.typvoie} {programme.voie}",
                oui_non(programme.qpv) if logement.qpv_connu else "",
                NATURES.get(logement.particularite, "Logement familial"),
                TYPES[logement.type_construction],
                f"T{logement.typologie}",
                decimale(logement.surface),
                str(programme.annee),
                str(programme.annee),
                logement.famille,
                oui_non(logement.famille != "PLI"),
                occupation.mode,
                jour(occupation.bail),
                decimale(logement.loyer),
                logement.dpe,
                oui_non(logement.particularite == "en_vente"),
                oui_non(logement.particularite == "demolition"),
                contingent(code),
                code or "",
            ]
        )
    return lignes


def tableau_c(
    logements: Sequence[Logement], occupations: dict[str, Occupation], attribues: dict[str, str]
) -> list[list[str]]:
    """Table of bailleur C, header first: RPLS codes, months, and no column on demolitions (so: unknown)."""
    lignes = [ENTETE_C]
    for logement in logements:
        programme, occupation = logement.programme, occupations[logement.numero]
        lignes.append(
            [
                logement.numero,
                programme.code,
                programme.commune.code,
                oui_non(programme.qpv) if logement.qpv_connu else "",
                logement.type_construction,
                str(logement.typologie),
                decimale(logement.surface),
                str(programme.annee),
                logement.finan,
                oui_non(logement.famille != "PLI"),
                occupation.mode,
                mois(occupation.bail),
                mois(occupation.offre),
                oui_non(logement.particularite == "en_vente"),
                contingent(attribues.get(logement.numero)),
            ]
        )
    return lignes


def tableau_droits(droits: Sequence[Droit]) -> list[list[str]]:
    """Register of rights (D15), header first."""
    colonnes = list(Droit.__slots__)
    return [colonnes, *([_cellule(getattr(droit, c)) for c in colonnes] for droit in droits)]


def tableau_liberations(liberations: Sequence[Liberation]) -> list[list[str]]:
    """Libérations, header first. Bailleur B knows its dwellings by its own reference."""
    lignes = [LIBERATIONS]
    for liberation in liberations:
        logement = liberation.logement
        lignes.append(
            [
                logement.interne if logement.programme.bailleur == "B" else logement.numero,
                logement.programme.commune.code,
                jour(liberation.date_liberation),
                liberation.motif,
                jour(liberation.date_entree),
                liberation.usage,
            ]
        )
    return lignes


def _cellule(valeur: str | int | date | None) -> str:
    """Write a value of the register in a cell."""
    return jour(valeur) if valeur is None or isinstance(valeur, date) else str(valeur)
