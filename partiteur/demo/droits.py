"""Who holds each dwelling, and the register of rights that says the same (D15)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from partiteur.demo.bati import Logement, Programme
from partiteur.demo.publie import IDENTIFIES, METROPOLE, RESERVATAIRES, ReservataireDemo, perimetre_contient
from partiteur.demo.tirage import parts, urne

STATUTS = {"declare_bailleur": 60, "confirme": 35, "conteste": 4, "non_mobilise": 1}
PAR_CODE = {r.code: r for r in RESERVATAIRES}
EXPIRES_PAR_BAILLEUR = {"A": 8, "B": 5, "C": 3}


@dataclass(frozen=True, slots=True)
class Droit:
    """A line of droits.csv, its columns in the order of the file; an empty text or None is an empty cell."""

    droit: str
    reservataire: str
    convention_origine: str
    programme: str
    logement: str
    nombre: int
    contrepartie: str
    quotite_garantie: str
    nature: str
    debut: date
    fin: date | None
    dernier_remboursement: date | None
    cede_a: str
    statut: str
    piece: str


def attribuer(logements: Sequence[Logement], rng: Random) -> dict[str, str]:
    """Give each reserved dwelling its réservataire: numero_rpls → code, in the exact totals of `publie`.

    The rights of a réservataire are spread over the bailleurs and communes of its perimeter in proportion to
    the dwellings there, so that its share is the same everywhere; inside a commune they come in small blocks.
    """
    cellules: dict[tuple[str, str], list[Logement]] = defaultdict(list)
    communes = {}
    attribues = {lo.numero: lo.particularite for lo in logements if lo.particularite in IDENTIFIES}
    for logement in logements:
        if logement.en_flux:
            programme = logement.programme
            cellules[programme.bailleur, programme.commune.code].append(logement)
            communes[programme.commune.code] = programme.commune
    reserves: dict[tuple[str, str], dict[str, int]] = {cle: {} for cle in cellules}
    for reservataire in RESERVATAIRES:
        if reservataire.code in IDENTIFIES:
            continue
        zone = {
            c: len(p)
            for c, p in cellules.items()
            if perimetre_contient(reservataire.perimetre, communes[c[1]])
        }
        for cle, nombre in parts(reservataire.droits, zone).items():
            reserves[cle][reservataire.code] = nombre
    for cle, parc in cellules.items():
        libres = len(parc) - sum(reserves[cle].values())
        blocs = _blocs({**reserves[cle], "": libres}, rng)
        attribues |= {lo.numero: code for lo, code in zip(parc, blocs, strict=True) if code}
    return attribues


def _blocs(nombres: dict[str, int], rng: Random) -> list[str]:
    """Lay each code in blocks of 2 to 8, shuffled, so that a programme holds a few réservataires."""
    blocs = []
    for code, nombre in nombres.items():
        while nombre:
            taille = min(nombre, rng.randint(2, 8))
            blocs.append([code] * taille)
            nombre -= taille
    rng.shuffle(blocs)
    return [code for bloc in blocs for code in bloc]


def registre(logements: Sequence[Logement], attribues: dict[str, str], rng: Random) -> tuple[Droit, ...]:
    """Write one bailleur's register: by programme and réservataire, a number or the dwellings identified.

    Contested and unused rights are there too; rights that ended before the parc's date come last, where
    dwellings not reserved leave room for them, so that no programme has more rights than dwellings.
    """
    programmes = {lo.programme.code: lo.programme for lo in logements}
    groupes: dict[tuple[str, str], list[str]] = {}
    libres = dict.fromkeys(programmes, 0)
    for logement in logements:
        code = attribues.get(logement.numero)
        if code:
            groupes.setdefault((logement.programme.code, code), []).append(logement.numero)
        elif logement.en_flux:
            libres[logement.programme.code] += 1
    statuts = urne(len(groupes), STATUTS, rng)
    lignes: list[Droit] = []
    cession_faite = False
    for ((nom, code), numeros), statut in zip(groupes.items(), statuts, strict=True):
        programme = programmes[nom]
        # One transfer: the commune's right went to the métropole with the competence.
        cede = code == METROPOLE and not cession_faite
        cession_faite |= cede
        identifies = code in IDENTIFIES or (len(numeros) <= 3 and rng.random() < 0.2)
        modele = _droit(programme, PAR_CODE[code], programme.commune.code if cede else code, statut, rng)
        for numero, nombre in [(n, 1) for n in numeros] if identifies else [("", len(numeros))]:
            lignes.append(_ligne(modele, len(lignes), numero, nombre, METROPOLE if cede else ""))
    anciens = [
        p for p in programmes.values() if libres[p.code] >= 3 and p.annee <= 1986 and p.nature == "ordinaire"
    ]
    bailleur = logements[0].programme.bailleur
    for programme in rng.sample(anciens, min(len(anciens), EXPIRES_PAR_BAILLEUR[bailleur])):
        lignes.append(_expire(programme, len(lignes), rng.randint(1, min(6, libres[programme.code])), rng))
    return tuple(lignes)


def _droit(
    programme: Programme, titulaire: ReservataireDemo, inscrit: str, statut: str, rng: Random
) -> Droit:
    """Draw the terms of a right in force at 31/12/2023; `inscrit` is the réservataire the register names."""
    etat = titulaire.type.startswith("etat_")
    annee = max(programme.annee, 1996 + rng.randint(0, 14))
    debut = date(annee, 1 if annee == 2023 else rng.randint(1, 12), 1)
    duree = rng.randint(30, 45)
    garantie = titulaire.contrepartie == "garantie"
    # The right lives five years after the guaranteed loan is repaid (L441-1).
    remboursement = debut.replace(year=annee + duree) if garantie else None
    if etat or titulaire.code in IDENTIFIES:
        fin, nature = None, "suite"
    else:
        fin, nature = debut.replace(year=annee + duree + 5 * garantie), "suite"
        if programme.nature == "neuf":
            nature = "un_tour"
        elif titulaire.type == "action_logement" and rng.random() < 0.15:
            nature = "unique"
    convention = f"CONV-{annee}-{rng.randint(1, 240):03d}"
    return Droit(
        droit=f"{programme.bailleur}-D",
        reservataire=inscrit,
        convention_origine=convention,
        programme=programme.code,
        logement="",
        nombre=0,
        contrepartie=titulaire.contrepartie,
        quotite_garantie=rng.choice(("1", "1/2", "1/2", "1/3")) if garantie else "",
        nature=nature,
        debut=debut,
        fin=fin,
        dernier_remboursement=remboursement,
        cede_a="",
        statut=statut,
        piece=f"{convention.lower()}.pdf" if statut != "conteste" else "",
    )


def _ligne(modele: Droit, rang: int, logement: str, nombre: int, cede_a: str) -> Droit:
    """Make a line of a right's terms: its number in the register, its dwelling or its count."""
    valeurs = {nom: getattr(modele, nom) for nom in Droit.__slots__}
    valeurs |= {
        "droit": f"{modele.droit}{rang + 1:05d}",
        "logement": logement,
        "nombre": nombre,
        "cede_a": cede_a,
    }
    return Droit(**valeurs)


def _expire(programme: Programme, rang: int, nombre: int, rng: Random) -> Droit:
    """Write a right of Action Logement that ended before the date of the parc."""
    annee = programme.annee + 1
    convention = f"CONV-{annee}-{rng.randint(1, 240):03d}"
    return Droit(
        droit=f"{programme.bailleur}-D{rang + 1:05d}",
        reservataire="action-logement",
        convention_origine=convention,
        programme=programme.code,
        logement="",
        nombre=nombre,
        contrepartie="financement",
        quotite_garantie="",
        nature="suite",
        debut=date(annee, 1, 1),
        fin=date(rng.randint(2008, 2022), 12, 31),
        dernier_remboursement=None,
        cede_a="",
        statut="declare_bailleur",
        piece=f"{convention.lower()}.pdf",
    )
