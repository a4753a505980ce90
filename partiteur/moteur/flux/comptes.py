"""What the files of a dossier say, counted once for all its perimeters."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from partiteur.moteur.appliquer import appliquer
from partiteur.moteur.droits import poser, registre_au
from partiteur.moteur.etats import compter_droits
from partiteur.moteur.execution import (
    Connexion,
    connexion,
    executer,
    identifiant,
    requete,
    vue_sql,
    vue_table,
)
from partiteur.moteur.fichiers import empreinte
from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture import Lecture, lire_droits, lire_liberations
from partiteur.moteur.millesime import TOUT, Territoire, ouvrir, vue
from partiteur.moteur.rotation import Comptage, compter_rotation
from partiteur.moteur.schema import DocumentInvalide, jour
from partiteur.regles.assiette import motif_retenu
from partiteur.regles.faits import Cadre, Definition, Piece
from partiteur.regles.socle import Avertissement, Resultat, avertir, nombre

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Comptes:
    """What the files of a dossier say, counted by territory: dwellings, rotation, rights; and the files themselves."""

    con: duckdb.DuckDBPyConnection
    dossier: Document
    cadre: Cadre
    parc: tuple[tuple[Any, ...], ...]
    reserves: tuple[tuple[Any, ...], ...] | None
    rotation: Comptage | None
    pieces: tuple[Piece, ...]
    source: str | None
    assiette_hors_qpv: int | None
    avertissements: tuple[Avertissement, ...]

    @property
    def sem(self) -> bool:
        """Whether the bailleur is a SEM (D20)."""
        return est_sem(self.dossier)

    @property
    def a_des_liberations(self) -> bool:
        """Whether the dossier names a file of libérations."""
        return "liberations" in self.dossier.get("rotation", {})


def est_sem(document: Document) -> bool:
    """Whether the bailleur of a dossier is a SEM."""
    return bool(document["bailleur"].get("categorie") == "sem")


def compter(
    document: Document, base: Path, cadre: Cadre, definition: Definition | None, geographie: Geographie
) -> Comptes:
    """Read the parc, the register and the libérations of a dossier, and count them once for all its perimeters."""
    con = connexion()
    pieces: list[Piece] = []
    avertissements: list[Avertissement] = []
    source = _lire_le_parc(con, document, base, geographie, pieces)
    vue_assiette(con, cadre, est_sem(document))
    rotation = document.get("rotation", {})
    if "liberations" in rotation:
        lecture = lire_liberations(base / rotation["liberations"], geographie)
        pieces.append(_piece(base / rotation["liberations"], lecture))
        vue_table(con, "liberations", lecture.table)
    reserves = None
    if "droits" in document:
        lecture = lire_droits(base / document["droits"]["fichier"])
        pieces.append(_piece(base / document["droits"]["fichier"], lecture))
        avertissements += poser(con, registre_au(lecture.table, date_des_droits(document)), "assiette")
        axes = ("commune", "epci", "departement", "reservataire", "conteste")
        reserves = tuple(compter_droits(con, axes, "assiette"))
    comptage = None
    comptable = "liberations" in rotation or (definition and definition.compte == "baux_rpls")
    if definition and comptable and "taux" not in rotation and cadre.volume != "moyenne_baux":
        comptage = compter_rotation(con, definition, document["exercice"], date_parc(document))
    parc = tuple(executer(con, requete("comptes", axes="commune, epci, departement", source="parc")))
    avertissements += [
        avertir("lignes_refusees", fichier=p.nom, nombre=nombre(p.refusees), lignes=nombre(p.lignes))
        for p in pieces
        if p.refusees
    ]
    return Comptes(
        con,
        document,
        cadre,
        parc,
        reserves,
        comptage,
        tuple(pieces),
        source,
        _hors_qpv(con, document),
        tuple(avertissements),
    )


def _lire_le_parc(
    con: duckdb.DuckDBPyConnection,
    document: Document,
    base: Path,
    geographie: Geographie,
    pieces: list[Piece],
) -> str | None:
    fichiers = document["parc"]
    correspondance = base / fichiers["correspondance"] if "correspondance" in fichiers else None
    chemin = base / fichiers["fichier"]
    parc = ouvrir(
        chemin, geographie, bailleur=document["bailleur"].get("siren"), correspondance=correspondance
    )
    pieces.append(Piece(chemin.name, empreinte(chemin), parc.lignes, parc.refusees))
    vue(con, parc, TOUT)
    return "RPLS" if parc.source.startswith("rpls") else None


def _hors_qpv(con: duckdb.DuckDBPyConnection, document: Document) -> int | None:
    """Dwellings of the territory's assiette outside QPV; unknown when the file never says."""
    territoire = document["territoire"]
    lignes = executer(
        con, requete("etat_des_lieux", axes=f"qpv, {identifiant(territoire['echelle'])}", source="assiette")
    )
    connus = [(qpv, n) for qpv, code, n in lignes if code == territoire["code"] and qpv is not None]
    return sum(n for qpv, n in connus if not qpv) if connus else None


def _piece(chemin: Path, lecture: Lecture) -> Piece:
    return Piece(chemin.name, empreinte(chemin), lecture.lignes, lecture.lignes - lecture.acceptees)


def vue_assiette(con: Connexion, cadre: Cadre, sem: bool) -> None:
    """The view `assiette`: the dwellings that no motif of the cadre takes out, the rule asked once a combination."""
    sorties = {"motif": (pa.string(), lambda r: r.valeur)}

    def motif_du_cadre(motifs: str) -> Resultat:
        return motif_retenu(motifs.split("|"), cadre.motifs_exclus, sem)

    vue_sql(con, "retenu", appliquer(con, "parc", ("motifs",), motif_du_cadre, sorties))
    vue_sql(con, "assiette", "select * from retenu where motif is null")


def parc_compte(comptes: Comptes, lieu: Territoire) -> tuple[int, dict[str, int], dict[str, int]]:
    """In a territory: dwellings, exclusions by the cadre's motifs, unknowns. Raises when it holds no dwelling."""
    parc = 0
    exclus: dict[str, int] = defaultdict(int)
    inconnus: dict[str, int] = defaultdict(int)
    for commune, epci, departement, motifs, indecis, logements in comptes.parc:
        if {"commune": commune, "epci": epci, "departement": departement}[lieu.echelle] != lieu.code:
            continue
        parc += logements
        motif = motif_retenu(motifs.split("|"), comptes.cadre.motifs_exclus, comptes.sem).valeur
        if motif:
            exclus[motif] += logements
        for inconnu in (i for i in indecis.split("|") if i and not motif):
            inconnus[inconnu] += logements
    if not parc:
        raise DocumentInvalide(
            f"{comptes.dossier['parc']['fichier']} : aucun logement dans le territoire « {lieu.code} » ({lieu.echelle}) ; "
            "vérifiez le code dans le dossier."
        )
    # In an order of ours: that in which an engine answers is not the same twice.
    return parc, dict(sorted(exclus.items())), dict(sorted(inconnus.items()))


def reserves_lues(lignes: tuple[tuple[Any, ...], ...], code: str, lieux: list[Territoire]) -> tuple[int, int]:
    """Dwellings reserved by a réservataire in its territories, and how many of them are contested."""
    reserves = contestes = 0
    for commune, epci, departement, reservataire, conteste, logements in lignes:
        ici = {"commune": commune, "epci": epci, "departement": departement}
        if reservataire == code and any(ici[lieu.echelle] == lieu.code for lieu in lieux):
            reserves += logements
            contestes += logements if conteste else 0
    return reserves, contestes


def date_parc(document: Document) -> date | None:
    """The date of the parc, if the dossier gives it."""
    return jour(document["parc"]["date"]) if "date" in document["parc"] else None


def date_des_droits(document: Document) -> date:
    """Rights are read at the date of the parc, else on 31 December of the year before."""
    return date_parc(document) or date(document["exercice"] - 1, 12, 31)
