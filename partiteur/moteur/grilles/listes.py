"""The lists a grid makes: the demandes that seek a typologie, in order; a score not used is in no list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from partiteur.moteur.cotation import Source, classement, concernees, noter
from partiteur.moteur.cotation.calcul import COMMUNES, DEPOT, TYPOLOGIES, CotationImpossible
from partiteur.moteur.execution import Connexion, garder, vue_table
from partiteur.regles.cotation import Catalogue, Grille


@dataclass(frozen=True)
class Demandeurs:
    """Where the demandes are: an engine with the view posed, its columns, the catalogue, the date."""

    con: Connexion
    source: Source
    catalogue: Catalogue
    au: date
    garder: Sequence[str] = field(default=())


def lister(demandeurs: Demandeurs, grille: Grille, nom: str) -> int:
    """Keep as the table `nom` each demande scored, in each list it is in, with its rank; returns the scale of scores.

    Columns: those of `demandeurs.garder`, score, score_verifie, liste (a typologie), rang. Raises CotationImpossible
    when the file does not say which typologies are sought.
    """
    if TYPOLOGIES not in demandeurs.source.colonnes:
        raise CotationImpossible(
            f"Pour classer les demandes, ajoutez au fichier la colonne « {TYPOLOGIES} », par exemple T2|T3."
        )
    con, source = demandeurs.con, demandeurs.source
    vue = concernees(con, source, grille, None, f"{nom}_demandes")
    departage = [d.variable for d in grille.departage]
    gardees = [
        n
        for n in dict.fromkeys((TYPOLOGIES, COMMUNES, DEPOT, *departage, *demandeurs.garder))
        if n in source.colonnes
    ]
    compilation = noter(con, vue, grille, demandeurs.au, gardees, detail=False)
    codes = list(demandeurs.catalogue.variable(TYPOLOGIES).codes)
    vue_table(con, "typologies", pa.table({"liste": pa.array(codes, pa.string())}))
    rang = classement(grille, gardees, ("liste",))
    garder(
        con,
        nom,
        f"select c.*, t.liste, {rang} as rang from ({compilation.sql}) c "
        f"join typologies t on array_contains(c.{TYPOLOGIES}, t.liste) where hors is null",
    )
    return compilation.echelle
