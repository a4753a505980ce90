"""Each row's commune of the COG 2026, hence its EPCI, département and région; the file's own are compared."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.geographie import Geographie
from partiteur.moteur.lecture.tableau import Tableau

NIVEAUX = ("epci", "departement", "region")


def rattacher(tableau: Tableau, geographie: Geographie, obligatoire: bool = True) -> None:
    """Put the current commune in place of the code read, and its territories (a parc alone has them).

    Old codes and arrondissements are reported, unknown codes leave the row out, so does an absent one when
    `obligatoire`. A territory of the file that differs from the COG's is reported; the COG's is kept.
    """
    if "commune" not in tableau.valeurs:
        return
    lues = tableau.valeurs["commune"].dictionary_encode()
    codes = lues.dictionary.to_pylist()
    trouvees = [geographie.commune(code) for code in codes]
    natures = [geographie.nature(code) for code in codes]

    def par_ligne(valeurs: list[Any], type_: Any) -> Any:
        return pa.array(valeurs, type_).take(lues.indices)

    def masque(valeurs: list[bool]) -> Any:
        return pc.fill_null(par_ligne(valeurs, pa.bool_()), False)

    if obligatoire:
        absente = pc.is_null(lues)
        tableau.refuser("essentiel_manquant", absente, "commune", attendu="le code Insee à cinq caractères")
    tableau.refuser("commune_inconnue", masque([commune is None for commune in trouvees]), "commune")
    tableau.avertir("commune_ancienne", masque([nature == "ancienne" for nature in natures]), "commune")
    tableau.avertir("arrondissement", masque([nature == "arrondissement" for nature in natures]), "commune")
    tableau.valeurs["commune"] = par_ligne([c.code if c else None for c in trouvees], pa.string())
    if tableau.table != "parc":
        return
    sans_epci = masque([c is not None and c.epci is None for c in trouvees])
    tableau.avertir("commune_sans_epci", sans_epci, "commune")
    for niveau in NIVEAUX:
        du_cog = par_ligne([getattr(c, niveau) if c else None for c in trouvees], pa.string())
        if niveau in tableau.valeurs:
            differe = pc.fill_null(pc.not_equal(tableau.valeurs[niveau], du_cog), False)
            tableau.avertir("territoire_different", differe, niveau)
        tableau.valeurs[niveau] = du_cog
