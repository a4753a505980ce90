"""`grille comparer`: what changes from a grid to another, and who moves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.grille_demandes import AU, TETE, demandeurs_de, jour_de
from partiteur.cli.grille_mots import mot_de_condition, mot_de_forme, mot_du_critere
from partiteur.cli.moteur import options_de_moteur
from partiteur.cli.sortie import en_colonnes, mot, options_de_sortie, publier
from partiteur.moteur.cotation.explication import seuil_de_secret
from partiteur.moteur.execution import Connexion
from partiteur.moteur.feuille import compte
from partiteur.moteur.grille import charger_grille
from partiteur.moteur.grilles import Changement, Comparaison, comparer
from partiteur.regles.cotation import Catalogue, Critere, Rubrique, catalogue_livre
from partiteur.regles.socle import nombre

CHAMPS = {
    "forme": "points", "si": "condition", "coefficients": "coefficients", "preuve": "preuve", "plafond": "plafond",
    "declaration_admise": "déclaration admise", "rubrique": "rubrique", "libelle": "libellé", "origine": "origine",
    "combinaison": "combinaison", "plancher": "plancher", "departage": "départage", "population": "population",
    "valide_du": "valide du", "valide_au": "valide jusqu'au", "evaluation_mois": "évaluation, en mois",
    "hors_cotation": "hors cotation", "references": "références", "deliberation": "délibération",
    "gel_anciennete_mois": "gel de l'ancienneté, en mois", "apres_plafond": "après le plafond", "texte": "texte",
}  # fmt: skip


@click.command(cls=Commande)
@click.argument("avant")
@click.argument("apres")
@click.option("--demandes", "fichier", type=click.Path(path_type=Path), help="Demandes : dire qui bouge.")
@AU
@TETE
@options_de_moteur
@options_de_sortie
def commande(
    *,
    avant: str,
    apres: str,
    fichier: Path | None,
    au: datetime | None,
    tete: int,
    moteur: Callable[[], Connexion],
    forme: str,
    sortie: Path | None,
) -> None:
    """Compare deux grilles : ce qui change, et, avec des demandes, qui monte, qui descend, qui sort de la tête."""
    catalogue, jour = catalogue_livre(), jour_de(au)
    grilles = [charger_grille(nom, Path(), catalogue) for nom in (avant, apres)]
    demandeurs = None if fichier is None else demandeurs_de(moteur(), fichier, catalogue, jour)
    comparaison = comparer(grilles[0], grilles[1], demandeurs, tete, seuil_de_secret(jour))
    publier(
        forme,
        sortie,
        texte=lambda: "\n".join(_texte(comparaison, catalogue)),
        json_=lambda: _json(comparaison, catalogue),
        tableau=lambda: _tableau(comparaison, catalogue),
    )


def _dire(valeur: Any, catalogue: Catalogue) -> str:
    """A field of a grid in French words."""
    variables = catalogue.variables
    match valeur:
        case None:
            return "aucun"
        case Critere():
            return mot_du_critere(valeur, variables)
        case Rubrique():
            return valeur.libelle
        case bool():
            return mot(valeur)
        case Fraction() | int():
            return nombre(valeur)
        case date():
            return f"{valeur:%d/%m/%Y}"
        case str():
            return valeur
        case tuple():
            return (
                ", ".join(
                    getattr(v, "libelle", None) or getattr(v, "variable", None) or _coefficient(v, catalogue)
                    for v in valeur
                )
                or "aucun"
            )
    if is_dataclass(valeur):
        return _forme_ou_condition(valeur, catalogue)
    return ", ".join(f"{cle} {_dire(v, catalogue)}" for cle, v in valeur.items()) or "aucun"


def _coefficient(valeur: Any, catalogue: Catalogue) -> str:
    quand = f" si {mot_de_condition(valeur.si, catalogue.variables)}" if valeur.si else ""
    return f"× {nombre(valeur.facteur)}{quand}"


def _forme_ou_condition(valeur: Any, catalogue: Catalogue) -> str:
    condition = mot_de_condition(valeur, catalogue.variables)
    return condition or mot_de_forme(valeur, catalogue.variables)


def _phrase(c: Changement, catalogue: Catalogue) -> str:
    nom = f"{'Grille' if c.quoi == 'entete' else c.quoi.capitalize().replace('Critere', 'Critère')} « {c.code} »"
    if c.champ is None:
        quoi, lequel = ("ajouté", c.apres) if c.avant is None else ("retiré", c.avant)
        accord = "e" if c.quoi == "rubrique" else ""
        return f"{nom} : {quoi}{accord} ({_dire(lequel, catalogue)})"
    return (
        f"{nom}, {CHAMPS.get(c.champ, c.champ)} : {_dire(c.avant, catalogue)} → {_dire(c.apres, catalogue)}"
    )


def _texte(comparaison: Comparaison, catalogue: Catalogue) -> Iterator[str]:
    yield f"De {comparaison.avant.identifiant} à {comparaison.apres.identifiant} : {len(comparaison.changements)} différences"
    yield from (f"  {_phrase(c, catalogue)}" for c in comparaison.changements)
    if comparaison.mouvements is None:
        return
    lignes: list[Sequence[str]] = [
        ("Liste", "Demandes", "Même rang", "Montent", "Descendent", "Écart moyen", "Tête", "En sortent")
    ]
    for m in comparaison.mouvements:
        if m.demandes is None or m.ecart_moyen is None:
            lignes.append((m.liste, f"moins de {comparaison.minimum}", "", "", "", "", "", ""))
        else:
            comptes = (m.demandes, m.stables, m.montent, m.descendent, m.ecart_moyen, m.tete, m.sortent)
            lignes.append((m.liste, *(nombre(n) for n in comptes)))
    yield ""
    yield from (f"  {ligne}" for ligne in en_colonnes(lignes, [False] + [True] * 7))


def _json(comparaison: Comparaison, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "avant": comparaison.avant.identifiant,
        "apres": comparaison.apres.identifiant,
        "changements": [
            {"quoi": c.quoi, "code": c.code, "champ": c.champ,
             "avant": None if c.avant is None else _dire(c.avant, catalogue),
             "apres": None if c.apres is None else _dire(c.apres, catalogue)}
            for c in comparaison.changements
        ],
        "mouvements": None if comparaison.mouvements is None else [
            {"liste": m.liste, "demandes": m.demandes, "stables": m.stables, "montent": m.montent,
             "descendent": m.descendent, "tete": m.tete, "sortent": m.sortent,
             "ecart_moyen": None if m.ecart_moyen is None else compte(m.ecart_moyen)}
            for m in comparaison.mouvements
        ],
    }  # fmt: skip


def _tableau(comparaison: Comparaison, catalogue: Catalogue) -> Iterator[Sequence[Any]]:
    """The movements when demandes are given, else the changes."""
    if comparaison.mouvements is None:
        yield ("quoi", "code", "champ", "avant", "apres")
        for c in comparaison.changements:
            yield (c.quoi, c.code, c.champ or "", _dire(c.avant, catalogue), _dire(c.apres, catalogue))
        return
    yield ("liste", "demandes", "stables", "montent", "descendent", "ecart_moyen", "tete", "sortent")
    for m in comparaison.mouvements:
        ecart = None if m.ecart_moyen is None else compte(m.ecart_moyen)
        valeurs = (m.demandes, m.stables, m.montent, m.descendent, ecart, m.tete, m.sortent)
        yield (m.liste, *("" if v is None else v for v in valeurs))
