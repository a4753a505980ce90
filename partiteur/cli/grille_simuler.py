"""`grille simuler`: what a grid does to demandes, before a council votes it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.grille_demandes import AU, TETE, demandeurs_de, jour_de
from partiteur.cli.moteur import options_de_moteur
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.moteur.cotation.explication import seuil_de_secret
from partiteur.moteur.execution import Connexion
from partiteur.moteur.feuille import compte
from partiteur.moteur.grille import charger_grille
from partiteur.moteur.grilles import Part, Simulation, Tete, simuler
from partiteur.regles.cotation import catalogue_livre
from partiteur.regles.socle import citer, en_vigueur, nombre, pourcentage, taux

PUBLICS = {
    "dalo": "DALO", "l441_1": "L441-1", "premier_quartile": "1er quartile", "enfants": "avec enfants",
    "handicap": "handicap", "mutation": "mutations",
}  # fmt: skip
BORNES = ("la plus basse", "premier quart", "médiane", "dernier quart", "la plus haute")


@click.command(cls=Commande)
@click.argument("grille")
@click.option(
    "--demandes", "fichier", type=click.Path(path_type=Path), required=True, help="Demandes à coter."
)
@AU
@TETE
@click.option("--communes", is_flag=True, help="Regarder aussi la tête de liste commune par commune.")
@click.option("--variation", default="10 %", show_default=True, help="De combien changer chaque poids.")
@options_de_moteur
@options_de_sortie
def commande(
    *,
    grille: str,
    fichier: Path,
    au: datetime | None,
    tete: int,
    communes: bool,
    variation: str,
    moteur: Callable[[], Connexion],
    forme: str,
    sortie: Path | None,
) -> None:
    """Simule GRILLE sur des demandes : notes, ex æquo, publics en tête de liste, effet de chaque poids.

    Une liste réunit les demandes qui cherchent la même typologie. Les petits comptes ne sont pas montrés.
    """
    catalogue, jour = catalogue_livre(), jour_de(au)
    lue = charger_grille(grille, Path(), catalogue)
    demandeurs = demandeurs_de(moteur(), fichier, catalogue, jour)
    simulation = simuler(demandeurs, lue, tete, seuil_de_secret(jour), taux(variation), communes=communes)
    secret = citer(en_vigueur("secret_statistique", "seuil", jour)["texte"])
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join(_texte(simulation, secret)),
        json_=lambda: _json(simulation),
        tableau=lambda: _tableau(simulation),
    )


def _texte(s: Simulation, secret: str) -> Iterator[str]:
    yield f"{s.grille.titre} · {s.grille.identifiant} · {nombre(s.demandes)} demandes, {nombre(s.hors_cotation)} hors des listes"
    yield ""
    yield "  Notes : " + " · ".join(f"{b} {nombre(q)}" for b, q in zip(BORNES, s.quantiles, strict=False))
    yield ""
    yield from _bloc(
        [("Liste", "Demandes", "Notes distinctes", "Ex æquo", "Plus grand groupe", "Tête coupée par une égalité")],
        [
            (e.liste, nombre(e.demandes), nombre(e.notes_distinctes), nombre(e.a_egalite), nombre(e.plus_grand_groupe),
             "oui" if e.tete_departagee else "non")
            for e in s.egalites
        ],
    )  # fmt: skip
    yield ""
    yield "  Part de chaque public en tête de liste, et parmi toutes les demandes de la liste"
    presents = [p.public for p in s.tetes[0].parts] if s.tetes else []
    yield from _bloc(
        [("Liste", "Commune", "Demandes", "Tête", *(PUBLICS[p] for p in presents))],
        [
            (
                t.liste,
                t.commune or "toutes",
                nombre(t.demandes),
                nombre(t.tete),
                *(_part(p, t) for p in t.parts),
            )
            for t in s.tetes
        ],
    )
    yield ""
    yield f"  Si les points d'un critère augmentent de {pourcentage(s.variation)}"
    yield from _bloc(
        [("Critère", "Changent de rang", "Sortent de la tête", "Places en tête")],
        [(x.critere, nombre(x.bougent), nombre(x.sortent), nombre(x.places)) for x in s.sensibilites],
    )
    yield ""
    yield (
        f"  Un compte de moins de {s.minimum} n'est pas montré (–), ni un compte qui le ferait deviner ; "
        f"{nombre(s.masquees)} groupes entiers sont trop petits [{secret}]."
    )


def _bloc(entete: Sequence[Sequence[str]], lignes: Sequence[Sequence[str]]) -> list[str]:
    tout = [*entete, *lignes]
    return [f"    {ligne}" for ligne in en_colonnes(tout, [False] + [True] * (len(tout[0]) - 1))]


def _part(part: Part, tete: Tete) -> str:
    def taux_(compte_: int | None, total: int) -> str:
        return "–" if compte_ is None or not total else f"{round(Fraction(compte_ * 100, total))} %"

    return f"{taux_(part.tete, tete.tete)} / {taux_(part.ensemble, tete.demandes)}"


def _json(s: Simulation) -> dict[str, Any]:
    return {
        "grille": s.grille.code,
        "version": s.grille.version,
        "demandes": s.demandes,
        "hors_cotation": s.hors_cotation,
        "minimum": s.minimum,
        "groupes_masques": s.masquees,
        "notes": [compte(q) for q in s.quantiles],
        "egalites": [
            {"liste": e.liste, "demandes": e.demandes, "notes_distinctes": e.notes_distinctes, "a_egalite": e.a_egalite,
             "plus_grand_groupe": e.plus_grand_groupe, "tete_departagee": e.tete_departagee}
            for e in s.egalites
        ],
        "tetes": [
            {"liste": t.liste, "commune": t.commune, "demandes": t.demandes, "tete": t.tete,
             "publics": {p.public: {"tete": p.tete, "ensemble": p.ensemble, "inconnues": p.inconnues} for p in t.parts}}
            for t in s.tetes
        ],
        "variation": str(s.variation),
        "sensibilites": [
            {"critere": x.critere, "bougent": x.bougent, "sortent": x.sortent, "places": x.places} for x in s.sensibilites
        ],
    }  # fmt: skip


def _tableau(s: Simulation) -> Iterator[Sequence[Any]]:
    yield ("liste", "commune", "demandes", "tete", "public", "en_tete", "ensemble", "inconnues")
    for t in s.tetes:
        for p in t.parts:
            comptes = ("" if n is None else n for n in (p.tete, p.ensemble, p.inconnues))
            yield (t.liste, t.commune or "", t.demandes, t.tete, p.public, *comptes)
