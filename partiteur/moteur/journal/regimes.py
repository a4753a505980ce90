"""How the account of each réservataire of a dossier is kept: its convention's clauses over the cadre's method."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from partiteur.moteur.cadre import chemin_du_cadre, document_du_cadre
from partiteur.moteur.schema import lire_toml, valider
from partiteur.regles.decompte import Regime, clauses_du_dossier, methode_du_cadre, regime

Document = Mapping[str, Any]


def dossier_et_cadre(chemin: Path) -> tuple[Document, Document]:
    """The documents of a dossier and of its cadre. Raises DocumentInvalide when one cannot be read."""
    document = lire_toml(chemin)
    valider(document, "dossier", chemin)
    return document, document_du_cadre(chemin_du_cadre(document["cadre"], chemin.parent))[0]


def regimes_des_documents(
    document: Document, cadre: Document, reinjection: str | None = None
) -> dict[str, Regime]:
    """The regime of each réservataire, by code; `reinjection`, asked for on the spot, overrides all (D30)."""
    methode = methode_du_cadre(cadre)
    return {
        donne["code"]: regime(methode, clauses_du_dossier(donne), reinjection).valeur
        for donne in document.get("reservataires", ())
    }
