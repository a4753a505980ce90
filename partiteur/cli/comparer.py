"""The same dossier under several cadres or conversions, side by side; two years of a dossier, one against the other."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.moteur.comparaison import (
    CONVERSIONS,
    LIBELLES,
    Comparaison,
    Essai,
    comparer,
    comparer_conversions,
)
from partiteur.moteur.feuille import exact, json_du_flux
from partiteur.regles.flux.feuille import PartReservataire
from partiteur.regles.socle import ErreurUtilisateur, nombre, pourcentage


class ComparaisonImpossible(ErreurUtilisateur):
    """Nothing to set side by side."""


@click.command(cls=Commande)
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option("--cadres", help="Codes ou chemins, séparés par des virgules.")
@click.option("--conversions", help=f"Conversions du stock en flux : {', '.join(CONVERSIONS)}.")
@options_de_sortie
def commande(
    dossier: Path, cadres: str | None, conversions: str | None, forme: str, sortie: Path | None
) -> None:
    """Calcule DOSSIER sous plusieurs cadres, ou plusieurs conversions, et explique chaque écart par son étape et son texte."""
    if (cadres is None) == (conversions is None):
        raise ComparaisonImpossible("Donnez --cadres ou --conversions, l'un des deux.")
    codes = [c.strip() for c in (cadres or conversions or "").split(",") if c.strip()]
    if not codes:
        raise ComparaisonImpossible("Donnez au moins un code : « partiteur cadre » dit ceux des cadres.")
    comparaison = comparer(dossier, codes) if cadres else comparer_conversions(dossier, codes)
    publier(
        forme,
        sortie,
        texte=lambda: texte_de_la_comparaison(comparaison),
        json_=lambda: json_de_la_comparaison(comparaison),
        tableau=lambda: tableau_de_la_comparaison(comparaison),
    )


def texte_de_la_comparaison(comparaison: Comparaison) -> str:
    """One column a cadre: the account, then each réservataire; then the gaps and their causes."""
    lignes = [list(ligne) for ligne in _lignes(comparaison)]
    rendu = en_colonnes(lignes, [False, *([True] * len(comparaison.essais))])
    for essai in comparaison.essais:
        if essai.refus:
            rendu += ["", f"  ! {essai.cadre} : {essai.refus}"]
    if comparaison.ecarts:
        rendu += ["", "Écarts"]
    for ecart in comparaison.ecarts:
        rendu.append(f"  {LIBELLES[ecart.etape]} [{', '.join(ecart.textes)}]")
        rendu += [f"      {cause}" for cause in ecart.cause.split(" ; ")]
    return "\n".join(rendu)


def _lignes(comparaison: Comparaison) -> Iterable[Sequence[str]]:
    essais = comparaison.essais
    yield ("", *(essai.cadre for essai in essais))
    comptes = {
        "Parc": lambda f: nombre(f.territoire.assiette.parc),
        "Exclus": lambda f: nombre(sum(f.territoire.assiette.exclus.values())),
        "Assiette": lambda f: nombre(f.territoire.assiette.total),
        "Rotation": lambda f: pourcentage(f.territoire.taux) if f.territoire.taux is not None else "baux",
        "Volume attendu": lambda f: nombre(f.territoire.volume),
        "Soustraits": lambda f: nombre(sum(f.territoire.soustraits.values())),
        "Flux à répartir": lambda f: nombre(f.a_repartir),
    }
    for libelle, lire in comptes.items():
        yield (libelle, *(lire(essai.flux) if essai.flux else "—" for essai in essais))
    noms = {p.code: p.nom or p.code for essai in essais if essai.flux for p in essai.flux.reservataires}
    for code, nom in noms.items():
        yield (nom, *(_objectif_de(code, essai) for essai in essais))
    yield ("Non réservé", *(_objectif(essai.flux.non_reserve) if essai.flux else "—" for essai in essais))


def _objectif_de(code: str, essai: Essai) -> str:
    siens = [p for p in essai.flux.reservataires if p.code == code] if essai.flux else []
    return _objectif(siens[0]) if siens else "—"


def _objectif(part: PartReservataire) -> str:
    return "non publié" if part.objectif is None else nombre(part.objectif)


def json_de_la_comparaison(comparaison: Comparaison) -> dict[str, Any]:
    """The flux under each cadre, and the gaps."""
    return {
        "flux": [
            json_du_flux(essai.flux) if essai.flux else {"cadre": essai.cadre, "refus": essai.refus}
            for essai in comparaison.essais
        ],
        "ecarts": [
            {
                "etape": ecart.etape,
                "cadres": list(ecart.cadres),
                "valeurs": [None if v is None else exact(v) for v in ecart.valeurs],
                "cause": ecart.cause,
                "textes": list(ecart.textes),
            }
            for ecart in comparaison.ecarts
        ],
    }


def tableau_de_la_comparaison(comparaison: Comparaison) -> Iterable[Sequence[Any]]:
    """The gaps, one line a step and a cadre, exact."""
    yield ("etape", "cadre", "valeur", "cause")
    for ecart in comparaison.ecarts:
        for cadre, valeur in zip(ecart.cadres, ecart.valeurs, strict=True):
            dite: Fraction | None = valeur
            yield (ecart.etape, cadre, "" if dite is None else exact(dite), ecart.cause)
