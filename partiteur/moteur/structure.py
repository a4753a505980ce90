"""The indicative structure of each volume: counts the stock it follows, by financing and by place (D12)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partiteur.moteur.etats import compter_droits
from partiteur.moteur.execution import executer, requete
from partiteur.moteur.feuille import exact
from partiteur.moteur.flux.comptes import Document, compter
from partiteur.moteur.geographie import charger
from partiteur.moteur.tableur import lire_document
from partiteur.regles.flux.feuille import Flux, PartReservataire
from partiteur.regles.socle import ErreurUtilisateur, bareme
from partiteur.regles.structure import TableauEntier, structure_du_flux

INCONNU = "inconnu"
QPV = {False: "hors_qpv", True: "qpv", None: INCONNU}
LIEUX = ("commune", "epci", "departement")
AXES = (*LIEUX, "qpv", "famille_financement", "typologie_groupe")
Stock = Mapping[str, Mapping[str, int]]
Ligne = Mapping[str, Any]


class StructureImpossible(ErreurUtilisateur):
    """Nothing in the dossier says what the volumes are made of."""


@dataclass(frozen=True)
class Repartition:
    """A volume spread over a two-way table, and the stock it follows: `reserves` or `parc`."""

    base: str
    tableau: TableauEntier


@dataclass(frozen=True)
class Structure:
    """A réservataire's volume by famille de financement × typologie, and by commune × QPV; None where unknown."""

    reservataire: str
    financement: Repartition | None
    localisation: Repartition | None


def structures(flux: Flux, chemin: Path) -> tuple[Structure, ...]:
    """The structure of each published volume of a flux computed from the dossier `chemin`.

    Without a file of the parc, only réservataires whose reserved dwellings are given as a table have one.
    Raises StructureImpossible when none has, and what reading the files raises.
    """
    document = lire_document(chemin)
    reserves, parc = _lire(document, chemin.parent, flux) if "fichier" in document["parc"] else ([], [])
    donnes = {r["code"]: r.get("reserves") for r in document.get("reservataires", [])}
    publiees = []
    for part in flux.reservataires:
        dedans, donne = _dans(part, flux), donnes[part.code]
        siens = [x for x in reserves if x["reservataire"] == part.code and dedans(x)]
        stocks = (siens, [x for x in parc if dedans(x)])
        par_financement, du_parc = (_financement(stock) for stock in stocks)
        tableau = donne if isinstance(donne, Mapping) else par_financement
        structure = Structure(
            part.code,
            _repartir(part, tableau, du_parc),
            _repartir(part, *(_localisation(stock) for stock in stocks)),
        )
        publiees += [structure] if structure.financement or structure.localisation else []
    if not publiees:
        raise StructureImpossible(
            f"{chemin} : la structure demande le fichier du parc (« fichier » dans [parc]), ou des « reserves » "
            "données en tableau, par financement et typologie."
        )
    return tuple(publiees)


def _lire(document: Document, base: Path, flux: Flux) -> tuple[list[Ligne], list[Ligne]]:
    """The assiette counted by AXES: what each réservataire holds, then all of it."""
    geographie = charger(base / document["geographie"]["fichier"] if "geographie" in document else None)
    con = compter(document, base, flux.dossier.cadre, None, geographie).con
    comptes = executer(con, requete("etat_des_lieux", axes=", ".join(AXES), source="assiette"))
    parc: list[Ligne] = [dict(zip((*AXES, "logements"), ligne, strict=True)) for ligne in comptes]
    if "droits" not in document:
        return [], parc
    axes = (*AXES, "reservataire")
    droits = compter_droits(con, axes, "assiette")
    return [dict(zip((*axes, "logements"), ligne, strict=True)) for ligne in droits], parc


def _dans(part: PartReservataire, flux: Flux) -> Callable[[Ligne], bool]:
    """Whether a line of counts is in one of a réservataire's perimeters."""
    siens = {(p.echelle, p.code) for p in flux.perimetres if p.code in part.perimetres}
    return lambda ligne: any((echelle, ligne[echelle]) in siens for echelle in LIEUX)


def _repartir(part: PartReservataire, reserves: Stock, parc: Stock) -> Repartition | None:
    """A volume spread by the rule; None when the volume is void or nothing is known of its stock."""
    if part.objectif is None:
        return None
    reparti = structure_du_flux(part.objectif, reserves, parc)
    return Repartition(reparti.code, reparti.valeur) if reparti.valeur else None


def _financement(lignes: Iterable[Ligne]) -> Stock:
    """Dwellings by famille de financement, in the order of the barème, then by typologie."""
    familles = dict.fromkeys(bareme("financement")["familles"].values())
    rangs = {famille: rang for rang, famille in enumerate(familles)}
    cles = ((x["famille_financement"], x["typologie_groupe"] or INCONNU, x["logements"]) for x in lignes)
    return _croiser(cles, lambda famille: (famille == INCONNU, rangs.get(famille, len(rangs)), famille))


def _localisation(lignes: Iterable[Ligne]) -> Stock:
    """Dwellings by commune, then outside and inside QPV."""
    cles = ((x["commune"], QPV[x["qpv"]], x["logements"]) for x in lignes)
    return _croiser(cles, lambda commune: (commune == INCONNU, commune))


def _croiser(cles: Iterable[tuple[str | None, str, int]], rang: Callable[[str], Any]) -> Stock:
    """A full table: every line in its order, every column in alphabetical order, the unknown last."""
    sommes: dict[tuple[str, str], int] = {}
    for ligne, colonne, logements in cles:
        cle = (ligne or INCONNU, colonne)
        sommes[cle] = sommes.get(cle, 0) + logements
    colonnes = sorted({colonne for _, colonne in sommes}, key=lambda nom: (nom == INCONNU, nom))
    lignes = sorted({ligne for ligne, _ in sommes}, key=rang)
    return {ligne: {colonne: sommes.get((ligne, colonne), 0) for colonne in colonnes} for ligne in lignes}


def json_de_la_structure(structure: Structure | None) -> dict[str, Any] | None:
    """A structure: two lists of cells with their exact and whole dwellings; an unknown value is null."""
    if structure is None:
        return None
    qpv = {nom: valeur for valeur, nom in QPV.items()}
    return {
        "contractuelle": False,
        "famille_financement_typologie_groupe": _json(
            structure.financement, "famille_financement", "typologie_groupe", {INCONNU: None}
        ),
        "commune_qpv": _json(structure.localisation, "commune", "qpv", qpv),
    }


def _json(
    repartition: Repartition | None, lignes: str, colonnes: str, connus: Mapping[str, Any]
) -> dict[str, Any] | None:
    if repartition is None:
        return None
    tableau = repartition.tableau
    cases = [
        {
            lignes: None if ligne == INCONNU else ligne,
            colonnes: connus.get(colonne, colonne),
            "exact": exact(tableau.exactes[ligne][colonne]),
            "logements": n,
        }
        for ligne, valeurs in tableau.cases.items()
        for colonne, n in valeurs.items()
    ]
    return {"base": repartition.base, "cases": cases}
