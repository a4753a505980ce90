"""`partiteur coter`: the scores of a file of demandes, or one of them explained."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from partiteur.cli.aide import Commande
from partiteur.cli.cotation_texte import json_de_l_explication, mot_de_valeur, texte_de_l_explication
from partiteur.cli.grille_demandes import AU, demandes_de, jour_de
from partiteur.cli.moteur import options_de_moteur
from partiteur.cli.sortie import en_colonnes, options_de_sortie, publier
from partiteur.moteur.cotation import (
    CotationImpossible,
    Note,
    coter,
    expliquer,
    lire_communes,
)
from partiteur.moteur.execution import Connexion
from partiteur.moteur.feuille import compte
from partiteur.moteur.grille import charger_grille
from partiteur.regles.cotation import Catalogue, Demande, Fait, Grille, catalogue_livre, score_demande
from partiteur.regles.socle import nombre

FICHIER = click.Path(path_type=Path)
ENTREE = "-"
NUMERO_MAX = 100  # characters read of a numéro unique


@click.command(cls=Commande)
@click.option(
    "--grille",
    "grilles",
    multiple=True,
    required=True,
    help="Grille : fichier .toml ou code livré ; répétable.",
)
@click.option(
    "--demandes", "fichier", type=FICHIER, required=True, help="Demandes : CSV, Parquet ou XML du SNE."
)
@AU
@click.option("--communes", type=FICHIER, help="Quelle grille pour quelle commune : CSV « commune;grille ».")
@click.option("--detail", is_flag=True, help="Donner aussi chaque ligne de chaque note.")
@click.option(
    "--expliquer",
    "numero",
    help="Expliquer une demande : son numéro unique, ou « - » pour le lire sur l'entrée.",
)
@click.option(
    "--expliquer-fichier", type=FICHIER, help="Expliquer la demande dont le numéro est dans ce fichier."
)
@click.option(
    "--attributions", type=FICHIER, help="Délais constatés : CSV « typologie;commune;attente_mois »."
)
@options_de_moteur
@options_de_sortie
def commande(
    *,
    grilles: tuple[str, ...],
    fichier: Path,
    au: datetime | None,
    communes: Path | None,
    detail: bool,
    numero: str | None,
    expliquer_fichier: Path | None,
    attributions: Path | None,
    moteur: Callable[[], Connexion],
    forme: str,
    sortie: Path | None,
) -> None:
    """Cote des demandes avec une ou plusieurs grilles, ou explique la note de l'une d'elles.

    Chaque demande reçoit deux notes, sur les faits déclarés et sur les faits vérifiés. Les listes de deux grilles ne
    sont jamais mêlées. Le numéro à expliquer peut venir de l'entrée ou d'un fichier, pour ne pas rester dans
    l'historique du terminal.
    """
    jour = jour_de(au)
    catalogue = catalogue_livre()
    lues = [charger_grille(nom, Path(), catalogue) for nom in grilles]
    par_grille = None if communes is None else lire_communes(communes)
    demandes = demandes_de(fichier, catalogue, jour)
    for grille in lues:  # what the rule says of a grid whatever the demande: whether it is in force
        for avertissement in score_demande(Demande(""), grille, catalogue, jour).avertissements:
            click.echo(avertissement.message, err=True)
    cherche = _numero(numero, expliquer_fichier)
    if cherche is not None:
        explications = expliquer(moteur(), demandes, lues, catalogue, jour, cherche, attributions, par_grille)
        publier(
            forme,
            sortie,
            texte=lambda: "\n\n".join(texte_de_l_explication(e) for e in explications),
            json_=lambda: [json_de_l_explication(e) for e in explications],
            tableau=lambda: _tableau_de_lignes(
                (e.score.numero_unique, e.grille, e.score.lignes) for e in explications
            ),
        )
        return
    notes = coter(moteur(), demandes, lues, catalogue, jour, par_grille, detail=detail)
    publier(
        forme,
        sortie,
        texte=lambda: texte_des_notes(list(notes), lues, catalogue, jour),
        json_=lambda: [json_de_la_note(note) for note in notes],
        tableau=lambda: tableau_des_notes(notes, detail=detail),
    )


def _numero(numero: str | None, fichier: Path | None) -> str | None:
    """The number of the demande to explain, from the option, the standard input or a file."""
    if numero is not None and fichier is not None:
        raise CotationImpossible("Donnez --expliquer ou --expliquer-fichier, pas les deux.")
    if fichier is not None:
        with fichier.open(encoding="utf-8-sig") as flux:
            numero = flux.readline(NUMERO_MAX)
    elif numero == ENTREE:
        numero = sys.stdin.readline(NUMERO_MAX)
    if numero is not None and not numero.strip():
        raise CotationImpossible(
            "Le numéro unique à expliquer est vide : écrivez-le seul, sur la première ligne."
        )
    return None if numero is None else numero.strip()


def json_de_la_note(note: Note) -> dict[str, Any]:
    """A note, in the shape other programs rely on."""
    contenu: dict[str, Any] = {
        "numero_unique": note.numero_unique,
        "grille": note.grille,
        "version": note.version,
        "au": note.au.isoformat(),
        "score": compte(note.score),
        "score_verifie": compte(note.score_verifie),
        "hors_cotation": note.hors_cotation,
        "manquantes": list(note.manquantes),
        "exclusifs": list(note.exclusifs),
    }
    if note.lignes is not None:
        contenu["lignes"] = [
            {
                "critere": ligne.critere,
                "rubrique": ligne.rubrique,
                "variable": ligne.variable,
                "valeur": valeur_json(ligne.valeur),
                "preuve": ligne.preuve,
                "points": compte(ligne.points),
                "points_retenus": compte(ligne.points_retenus),
                "points_verifies": compte(ligne.points_verifies),
                "texte": ligne.texte,
            }
            for ligne in note.lignes
        ]
    return contenu


def valeur_json(valeur: Fait) -> Any:
    """A fact in JSON: exact fractions as strings, dates as ISO strings."""
    match valeur:
        case tuple():
            return [valeur_json(v) for v in valeur]
        case Fraction():
            return str(valeur)
        case date():
            return valeur.isoformat()
    return valeur


def tableau_des_notes(notes: Iterable[Note], *, detail: bool) -> Iterator[Sequence[Any]]:
    """One note a row; with details, one line of a note a row."""
    if detail:
        yield ("numero_unique", "grille", "version", "critere", "rubrique", "valeur", "preuve", "points",
               "points_retenus", "points_verifies", "texte")  # fmt: skip
        for note in notes:
            for li in note.lignes or ():
                points = (compte(li.points), compte(li.points_retenus), compte(li.points_verifies))
                yield (note.numero_unique, note.grille, note.version, li.critere, li.rubrique,
                       mot_de_valeur(li.valeur), li.preuve, *points, li.texte or "")  # fmt: skip
        return
    yield (
        "numero_unique",
        "grille",
        "version",
        "au",
        "score",
        "score_verifie",
        "hors_cotation",
        "manquantes",
    )
    for note in notes:
        yield (note.numero_unique, note.grille, note.version, note.au.isoformat(), compte(note.score),
               compte(note.score_verifie), note.hors_cotation or "", "|".join(note.manquantes))  # fmt: skip


def _tableau_de_lignes(explications: Iterable[Any]) -> Iterator[Sequence[Any]]:
    yield (
        "numero_unique",
        "grille",
        "version",
        "critere",
        "valeur",
        "preuve",
        "points",
        "points_retenus",
        "texte",
    )
    for numero, grille, lignes in explications:
        for li in lignes:
            yield (numero, grille.code, grille.version, li.critere, mot_de_valeur(li.valeur), li.preuve,
                   compte(li.points), compte(li.points_retenus), li.texte or "")  # fmt: skip


def texte_des_notes(
    notes: Sequence[Note], grilles: Sequence[Grille], catalogue: Catalogue, jour: date
) -> str:
    """Each grid's notes, the highest first; the lines under each when asked."""
    morceaux = []
    for grille in grilles:
        siennes = [n for n in notes if (n.grille, n.version) == (grille.code, grille.version)]
        siennes.sort(key=lambda n: (n.hors_cotation is not None, -n.score, n.numero_unique))
        lignes = [("Numéro unique", "Déclarée", "Vérifiée", "À savoir")]
        for n in siennes:
            lignes.append(
                (n.numero_unique, nombre(n.score), nombre(n.score_verifie), _a_savoir(n, catalogue))
            )
            for li in n.lignes or ():
                if li.points or li.points_retenus:
                    lignes.append(
                        (f"  {li.libelle}", nombre(li.points_retenus), nombre(li.points_verifies), "")
                    )
        titre = (
            f"{grille.titre} · {grille.identifiant} · au {jour:%d/%m/%Y} · {nombre(len(siennes))} demandes"
        )
        morceaux.append("\n".join([titre, *en_colonnes(lignes, (False, True, True, False))]))
    return "\n\n".join(morceaux)


def _a_savoir(note: Note, catalogue: Catalogue) -> str:
    dits = [note.hors_cotation] if note.hors_cotation else []
    if note.manquantes:
        dits.append(f"manque : {', '.join(_libelle(v, catalogue.variables) for v in note.manquantes)}")
    if note.exclusifs:
        dits.append(f"plusieurs cases cochées : {', '.join(note.exclusifs)}")
    return " ; ".join(dits)


def _libelle(variable: str, variables: Mapping[str, Any]) -> str:
    return str(variables[variable].libelle) if variable in variables else variable
