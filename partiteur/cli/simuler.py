"""The chance of a flux on the screen: what a good and a bad year give to each réservataire."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.flux import ECHELLES
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.moteur.feuille import exact
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.simulation import simuler
from partiteur.moteur.simulation.feuille import Attente, PartSimulee, Simulation, json_de_la_simulation
from partiteur.regles.socle import nombre, pourcentage

RESTE = "Non réservé"
EXPLICATION = (
    "  P10, P50, P90 : ce que ne dépassent pas une année sur dix, une sur deux, neuf sur dix, en logements entiers.",
    "  Non atteint : part des années tirées où le réservataire a moins que son volume indicatif, arrondi comme sur la feuille.",
)
ATTENTE = (
    "  Avec report : la fraction non servie s'ajoute à l'année suivante [Partiteur D4] ; durées lues dans les tirages.",
    "  Sans report : une chance par an, égale à la part exacte (loi géométrique).",
)


@click.command(cls=Commande)
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option(
    "--tirages",
    type=int,
    default=10_000,
    show_default=True,
    help="Nombre d'années tirées au sort.",
)
@click.option(
    "--graine", type=int, default=1, show_default=True, help="Graine : la même redonne les mêmes tirages."
)
@options_de_sortie
def commande(dossier: Path, tirages: int, graine: int, forme: str, sortie: Path | None) -> None:
    """Tire au sort les libérations de DOSSIER et dit ce que chaque réservataire peut en attendre."""
    simulation = simuler(calculer_dossier(dossier), tirages, graine)
    publier(
        forme,
        sortie,
        texte=lambda: texte_de_la_simulation(simulation),
        json_=lambda: json_de_la_simulation(simulation),
        tableau=lambda: tableau_de_la_simulation(simulation),
    )


def tableau_de_la_simulation(simulation: Simulation) -> Iterator[Sequence[Any]]:
    """One réservataire a line, the non-réservé last."""
    yield ("code", "nom", "exact", "objectif", "p10", "p50", "p90", "non_atteint", "attente_moyenne", "attente_p90",
           "attente_moyenne_sans_report", "attente_p90_sans_report")  # fmt: skip
    for p in simulation.parts:
        q, a, non_atteint = p.quantiles, p.attente, simulation.probabilite(p)
        volumes = (q.p10, q.p50, q.p90) if q else (None, None, None)
        attente = (a.moyenne, a.p90, a.moyenne_sans_report, a.p90_sans_report) if a else (None,) * 4
        ligne = (p.code, p.nom, exact(p.exact), p.objectif, *volumes, non_atteint, *attente)
        yield ["" if valeur is None else str(valeur) for valeur in ligne]


def texte_de_la_simulation(simulation: Simulation) -> str:
    """The perimeters, then the réservataires, then those who wait; what must be said at the end."""
    feuille = simulation.feuille
    territoire, dossier = feuille.territoire, feuille.dossier
    ou = territoire.nom or f"{ECHELLES[territoire.echelle]} {territoire.code}"
    lignes = [
        f"Simulation {dossier.exercice} · {dossier.bailleur} · {ou} · cadre {dossier.cadre.titre}",
        f"  {nombre(simulation.tirages)} années tirées, graine {simulation.graine} : chaque logement de l'assiette "
        "se libère ou non, selon la rotation.",
        "",
        *_en_retrait(_perimetres(simulation)),
        "",
        *_en_retrait(_parts(simulation)),
        "",
        *EXPLICATION,
    ]
    attendent = [(p, p.attente) for p in simulation.parts if p.attente]
    if attendent:
        lignes += ["", *_en_retrait(_attentes(attendent)), "", *ATTENTE]
    return "\n".join([*lignes, *(f"  ! {mention}" for mention in simulation.mentions)])


def _en_retrait(lignes: Sequence[Sequence[str]]) -> list[str]:
    """Aligned columns under an indent: words on the left, numbers on the right."""
    return [f"    {ligne}" for ligne in en_colonnes(lignes, [False] + [True] * (len(lignes[0]) - 1))]


def _perimetres(simulation: Simulation) -> list[Sequence[str]]:
    lignes: list[Sequence[str]] = [
        ("Périmètre", "assiette", "rotation", "libérations P10", "P50", "P90", "flux P10", "P50", "P90")
    ]
    for p in simulation.perimetres:
        comptes = (
            p.liberations.p10,
            p.liberations.p50,
            p.liberations.p90,
            p.flux.p10,
            p.flux.p50,
            p.flux.p90,
        )
        lignes.append(
            (p.nom or p.code, nombre(p.assiette), pourcentage(p.taux), *(nombre(n) for n in comptes))
        )
    return lignes


def _parts(simulation: Simulation) -> list[Sequence[str]]:
    lignes: list[Sequence[str]] = [("", "volume indicatif", "exact", "P10", "P50", "P90", "non atteint")]
    for p in simulation.parts:
        q, probabilite = p.quantiles, simulation.probabilite(p)
        if q is None or probabilite is None:
            lignes.append((_nom(p), "non publié", nombre(p.exact), "", "", "", ""))
        else:
            comptes = (nombre(q.p10), nombre(q.p50), nombre(q.p90))
            lignes.append((_nom(p), nombre(p.objectif), nombre(p.exact), *comptes, pourcentage(probabilite)))
    return lignes


def _attentes(attendent: Sequence[tuple[PartSimulee, Attente]]) -> list[Sequence[str]]:
    tete = (
        "Attente du premier logement",
        "par an",
        "avec report",
        "9 fois sur 10",
        "sans report",
        "9 fois sur 10",
    )
    lignes: list[Sequence[str]] = [tete]
    for p, a in attendent:
        annees = (a.moyenne, a.p90, a.moyenne_sans_report, a.p90_sans_report)
        lignes.append((_nom(p), nombre(p.exact), *(_ans(n) for n in annees)))
    return lignes


def _ans(annees: Fraction | int | None) -> str:
    """A number of years; None is too far to be said."""
    if annees is None:
        return "trop loin"
    return f"{nombre(annees)} an" + ("s" if annees >= 2 else "")


def _nom(part: PartSimulee) -> str:
    return RESTE if part.code == "non_reserve" else part.nom or part.code
