"""The indicative structure of each volume, on the screen and in a table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from partiteur.cli.sortie import en_colonnes, publier
from partiteur.moteur.feuille import exact, json_du_flux
from partiteur.moteur.structure import Repartition, Structure, json_de_la_structure, structures
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import nombre

BASES = {"reserves": "selon ses logements réservés", "parc": "selon le parc de son périmètre"}
COLONNES = {"hors_qpv": "hors QPV", "qpv": "en QPV"}


def publier_avec_la_structure(
    flux: Flux, dossier: Path, forme: str, sortie: Path | None, texte_du_flux: Callable[[], str]
) -> None:
    """The sheet and the structure of its volumes; as a table, the structure alone."""
    reparties = structures(flux, dossier)
    publier(
        forme,
        sortie,
        texte=lambda: f"{texte_du_flux()}\n{texte_des_structures(reparties, flux)}",
        json_=lambda: _json(reparties, flux),
        tableau=lambda: tableau_des_structures(reparties),
    )


def _json(reparties: Iterable[Structure], flux: Flux) -> dict[str, Any]:
    """The sheet's JSON, each réservataire with its structure, null where there is none."""
    par_code = {s.reservataire: s for s in reparties}
    feuille = json_du_flux(flux)
    for reservataire in feuille["reservataires"]:
        reservataire["structure"] = json_de_la_structure(par_code.get(reservataire["code"]))
    return feuille


def texte_des_structures(structures: Sequence[Structure], flux: Flux) -> str:
    """Both tables of each réservataire, with their totals; what holds no dwelling is left out."""
    noms = {part.code: part.nom or part.code for part in flux.reservataires}
    lieux = {p.code: f"{p.code} {p.nom}" for p in flux.perimetres if p.nom}
    lignes = [
        "",
        "Structure des volumes : indicative, non contractuelle, par arrondi contrôlé [Partiteur D12]",
    ]
    for s in structures:
        for titre, repartition in (("financement", s.financement), ("commune", s.localisation)):
            if repartition and repartition.tableau.total:
                lignes += ["", f"  {noms[s.reservataire]}, {BASES[repartition.base]}"]
                lignes += [f"    {ligne}" for ligne in _tableau(titre, repartition, lieux)]
    return "\n".join(lignes)


def _tableau(titre: str, repartition: Repartition, lieux: dict[str, str]) -> list[str]:
    tableau = repartition.tableau
    colonnes = [nom for nom, n in tableau.colonnes.items() if n]
    tete = (titre, *(COLONNES.get(nom, nom) for nom in colonnes), "total")
    corps = [
        (lieux.get(ligne, ligne), *(nombre(cases[c]) for c in colonnes), nombre(tableau.lignes[ligne]))
        for ligne, cases in tableau.cases.items()
        if tableau.lignes[ligne]
    ]
    pied = ("Total", *(nombre(tableau.colonnes[c]) for c in colonnes), nombre(tableau.total))
    return en_colonnes([tete, *corps, pied], [False] + [True] * (len(colonnes) + 1))


def tableau_des_structures(structures: Iterable[Structure]) -> Iterator[Sequence[Any]]:
    """One line a cell: réservataire, table, line, column, exact and whole dwellings."""
    yield ("code", "tableau", "base", "ligne", "colonne", "exact", "logements")
    for s in structures:
        for nom, r in (
            ("famille_financement_typologie_groupe", s.financement),
            ("commune_qpv", s.localisation),
        ):
            for ligne, cases in r.tableau.cases.items() if r else ():
                for colonne, n in cases.items():
                    exacte = exact(r.tableau.exactes[ligne][colonne]) if r else ""
                    yield (s.reservataire, nom, r.base if r else "", ligne, colonne, exacte, n)
