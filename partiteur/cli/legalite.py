"""Contrôle de légalité on the screen: the texts, question by question, for one dossier or several."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.sortie import options_de_sortie, publier
from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.legalite import GRAVITES, VERDICTS, Controle, controler, json_du_controle
from partiteur.moteur.tableur import lire_document


@click.command(cls=Commande)
@click.argument("dossiers", type=click.Path(path_type=Path), nargs=-1, required=True)
@options_de_sortie
def commande(dossiers: tuple[Path, ...], forme: str, sortie: Path | None) -> None:
    """Vérifie chaque DOSSIER : plafonds, planchers, uniformité, autorisations, dates. L'inconnu n'est pas un non."""
    controles = [controler(json_du_flux(calculer_dossier(d)), lire_document(d)) for d in dossiers]
    publier(
        forme,
        sortie,
        texte=lambda: "\n\n".join(map(texte_du_controle, controles)),
        json_=lambda: [json_du_controle(c) for c in controles],
        tableau=lambda: tableau_des_controles(controles),
    )


def texte_du_controle(controle: Controle) -> str:
    """A question a line, what was found under it."""
    largeur = max(map(len, VERDICTS.values()))
    lignes = [f"Contrôle de légalité · {controle.bailleur} · {controle.exercice}"]
    for v in controle.verifications:
        gravite = f" ({GRAVITES[v.gravite]})" if v.gravite else ""
        lignes.append(f"  {VERDICTS[v.verdict].ljust(largeur)}  {v.question}{gravite} [{v.texte}]")
        lignes += [f"  {' ' * largeur}  {constat}" for constat in v.constats]
    return "\n".join(lignes)


def tableau_des_controles(controles: Sequence[Controle]) -> Iterator[Sequence[Any]]:
    """One question of one dossier a line."""
    yield ("bailleur", "exercice", "verification", "verdict", "gravite", "constat", "texte")
    for c in controles:
        for v in c.verifications:
            yield (
                c.bailleur,
                c.exercice,
                v.code,
                v.verdict,
                v.gravite or "",
                " ".join(v.constats),
                v.texte,
            )
