"""Pocket parcs for the tests: a few dwellings written by hand, unknown wherever nothing is said."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from partiteur.moteur.classes import classer
from partiteur.moteur.lecture import Lecture
from partiteur.moteur.millesime import Parc

TEXTES = (
    "numero_rpls", "identifiant_interne", "bailleur", "programme", "commune", "epci", "departement", "region",
    "typologie", "typologie_detail", "type_construction", "financement", "famille_financement", "mode", "usage",
    "sortie_patrimoine", "pmr", "dpe", "contingent", "reservataire", "convention", "specifique",
)  # fmt: skip
BOOLEENS = ("qpv", "individuel", "en_vente", "a_demolir", "conventionne")
DATES = ("date_bail", "date_offre", "date_depart", "debut_droit", "fin_droit")
TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(TEXTES, pa.string()),
    **dict.fromkeys(BOOLEENS, pa.bool_()),
    **dict.fromkeys(DATES, pa.date32()),
    "surface": pa.decimal128(7, 2),
    "loyer_centimes": pa.int64(),
    "annee_construction": pa.int32(),
    "annee_mise_en_location": pa.int32(),
    "ligne": pa.int32(),
}
TYPES_DROITS = {
    "reservataire": pa.string(), "programme": pa.string(), "logement": pa.string(), "nombre": pa.int32(),
    "nature": pa.string(), "debut": pa.date32(), "fin": pa.date32(), "cede_a": pa.string(), "statut": pa.string(),
    "dernier_remboursement": pa.date32(), "contrepartie": pa.string(), "quotite_garantie": pa.string(),
}  # fmt: skip
TYPES_LIBERATIONS = {
    "logement": pa.string(), "commune": pa.string(), "date_liberation": pa.date32(), "motif": pa.string(),
    "date_entree": pa.date32(),
}  # fmt: skip
COMMUNES = """code;nom;departement;region;epci;nom_epci
99001;Aurevielle;99;99;999000011;Métropole d'Aurevielle
99002;Valcombrane;99;99;999000011;Métropole d'Aurevielle
99003;Les Orpiers;99;99;;
98001;Ailleurs;98;99;999000029;Communauté d'Ailleurs
"""
LIEUX = {
    "99001": {"commune": "99001", "epci": "999000011", "departement": "99", "region": "99"},
    "99002": {"commune": "99002", "epci": "999000011", "departement": "99", "region": "99"},
    "99003": {"commune": "99003", "epci": None, "departement": "99", "region": "99"},
    "98001": {"commune": "98001", "epci": "999000029", "departement": "98", "region": "99"},
}


def table(types: Mapping[str, pa.DataType], lignes: Sequence[Mapping[str, Any]]) -> pa.Table:
    """An Arrow table of these types; what a row does not say is null."""
    inconnues = {cle for ligne in lignes for cle in ligne} - set(types)
    assert not inconnues, f"colonnes inconnues : {inconnues}"
    return pa.table({nom: pa.array([ligne.get(nom) for ligne in lignes], t) for nom, t in types.items()})


def table_parc(lignes: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows of a parc; `lieu` stands for a commune and its territories, `ligne` counts from 2."""
    completes = []
    for rang, ligne in enumerate(lignes):
        lieu = LIEUX[ligne["lieu"]] if "lieu" in ligne else {}
        completes.append({"ligne": rang + 2, **lieu, **{c: v for c, v in ligne.items() if c != "lieu"}})
    return table(TYPES, completes)


def parc(*lignes: Mapping[str, Any], **attributs: Any) -> Parc:
    """A classified parc in memory."""
    return Parc("bailleur", attributs.pop("bailleur", None), None, classer(table_parc(lignes)), **attributs)


def lecture(*lignes: Mapping[str, Any], **attributs: Any) -> Lecture:
    """What reading a file of these dwellings would give."""
    lue = table_parc(lignes)
    return Lecture(lue, len(lignes), len(lignes), (), attributs.pop("source", "bailleur"), **attributs)


def droits(*lignes: Mapping[str, Any]) -> pa.Table:
    """A register of rights: one dwelling a right unless said otherwise."""
    return table(TYPES_DROITS, [{"nombre": 1, **ligne} for ligne in lignes])


def liberations(*lignes: Mapping[str, Any]) -> pa.Table:
    """Libérations."""
    return table(TYPES_LIBERATIONS, lignes)


def ecrire(dossier: Path, fichiers: Mapping[str, str]) -> Path:
    """Write text files in a folder, communes.csv among them; returns the folder."""
    for nom, texte in {"communes.csv": COMMUNES, **fichiers}.items():
        (dossier / nom).write_text(texte, encoding="utf-8")
    return dossier
