"""Adds to the demandes what their territory says: the délai of the département, the first quartile of the EPCI.

A column the file already holds is left as it is: what the SNE computed is not computed again.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from partiteur.moteur.demandes.lecture import Demandes
from partiteur.moteur.demandes.references import DelaisAnormaux, SeuilsQuartile
from partiteur.moteur.demandes.schema import schema_demandes
from partiteur.moteur.geographie import Commune, Geographie
from partiteur.regles.cotation.catalogue import Catalogue
from partiteur.regles.menage import delai_anormalement_long, premier_quartile

CENT = 100
DEDUITES = (
    "delai_anormalement_long_mois",
    "delai_anormalement_long",
    "seuil_premier_quartile",
    "premier_quartile",
)


def completer(
    demandes: Demandes,
    catalogue: Catalogue,
    geographie: Geographie,
    annee: int,
    seuils: SeuilsQuartile,
    delais: DelaisAnormaux,
) -> Demandes:
    """The demandes of a CSV or of the SNE, with the columns of DEDUITES that they lack.

    The commune is commune_demandee, else the first of communes_demandees. Where it is unknown, or nothing was
    loaded for it, the new cells are unknown. Those of a Parquet are given back as they are.
    """
    nouvelles = [nom for nom in DEDUITES if nom in catalogue.variables and nom not in demandes.colonnes]
    if demandes.table is None or not nouvelles:
        return demandes
    lignes = [
        _deduire(ligne, _commune(ligne, geographie), annee, seuils, delais)
        for ligne in demandes.table.to_pylist()
    ]
    schema = schema_demandes(catalogue, nouvelles)
    table = demandes.table
    for rang, nom in enumerate(nouvelles):
        colonne = pa.array([ligne[nom] for ligne in lignes], schema.field(nom).type)
        table = table.add_column(len(demandes.colonnes) + rang, nom, colonne)
    return replace(demandes, colonnes=(*demandes.colonnes, *nouvelles), table=table)


def _commune(ligne: dict[str, Any], geographie: Geographie) -> Commune | None:
    premiere = next(iter(ligne.get("communes_demandees") or ()), None)
    code = ligne.get("commune_demandee") or premiere
    return geographie.commune(code) if code else None


def _deduire(
    ligne: dict[str, Any], commune: Commune | None, annee: int, seuils: SeuilsQuartile, delais: DelaisAnormaux
) -> dict[str, Any]:
    """The four facts of one demande, as the rules answer them."""
    mois = delais.delai(commune.departement, None) if commune else None
    seuil = seuils.seuil(commune.epci, commune.region, annee) if commune else None
    par_uc = ligne.get("ressources_uc")
    centimes = None if par_uc is None else Fraction(par_uc) * CENT
    return {
        "delai_anormalement_long_mois": mois,
        "delai_anormalement_long": delai_anormalement_long(ligne.get("anciennete_mois"), mois).valeur,
        "seuil_premier_quartile": None if seuil is None else Decimal(seuil) / CENT,
        "premier_quartile": premier_quartile(centimes, seuil).valeur,
    }
