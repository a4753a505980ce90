"""Where and in what form a result goes: text, JSON, CSV or workbook, on the screen or in a file written whole."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from partiteur.moteur.fichiers import tout_ou_rien
from partiteur.moteur.lignes_csv import en_csv
from partiteur.regles.socle import ErreurUtilisateur, raison

Commande = Callable[..., Any]


class SortieImpossible(ErreurUtilisateur):
    """The file asked for cannot be written."""


def options_de_sortie(commande: Commande) -> Commande:
    """Add --format and --sortie to a command."""
    return _options(commande, ["texte", "json", "csv"])


def options_de_sortie_et_classeur(commande: Commande) -> Commande:
    """Add --format, workbook included, and --sortie to a command."""
    return _options(commande, ["texte", "json", "csv", "xlsx"])


def _options(commande: Commande, formats: Sequence[str]) -> Commande:
    commande = click.option(
        "--sortie", type=click.Path(path_type=Path), help="Fichier où écrire, plutôt que l'écran."
    )(commande)
    return click.option(
        "--format",
        "forme",
        type=click.Choice(formats),
        default="texte",
        show_default=True,
        help="Forme du résultat.",
    )(commande)


def publier(
    forme: str,
    sortie: Path | None,
    *,
    texte: Callable[[], str],
    json_: Callable[[], Any],
    tableau: Callable[[], Iterable[Sequence[Any]]],
    classeur: Callable[[IO[bytes]], None] | None = None,
) -> None:
    """Render a result in the form asked and put it where asked. Raises SortieImpossible for a workbook without a file."""
    if forme == "xlsx":
        if classeur is None:
            raise SortieImpossible("Ce résultat ne s'écrit pas en classeur : choisissez texte, json ou csv.")
        if sortie is None:
            raise SortieImpossible("Un classeur ne s'affiche pas à l'écran : ajoutez --sortie FICHIER.xlsx.")
        ecrire_classeur(sortie, classeur)
        return
    if forme == "json":
        contenu = json.dumps(json_(), ensure_ascii=False, indent=2)
    elif forme == "csv":
        contenu = en_csv(tableau())
    else:
        contenu = texte()
    if sortie is None:
        click.echo(contenu)
    else:
        ecrire(sortie, contenu.rstrip("\n") + "\n")


def ecrire(chemin: Path, contenu: str) -> None:
    """Write a whole text file or nothing. Raises SortieImpossible."""
    with _tout_ou_rien(chemin) as fichier:
        fichier.write(contenu.encode())


def ecrire_octets(chemin: Path, contenu: bytes) -> None:
    """Write a whole file or nothing. Raises SortieImpossible."""
    with _tout_ou_rien(chemin) as fichier:
        fichier.write(contenu)


def ecrire_classeur(chemin: Path, remplir: Callable[[IO[bytes]], None]) -> None:
    """Write a whole workbook or nothing. Raises SortieImpossible."""
    with _tout_ou_rien(chemin) as fichier:
        remplir(fichier)


@contextmanager
def _tout_ou_rien(chemin: Path) -> Iterator[IO[bytes]]:
    try:
        with tout_ou_rien(chemin) as fichier:
            yield fichier
    except OSError as erreur:
        raise SortieImpossible(
            f"{chemin} : écriture impossible ({raison(erreur)}) ; choisissez un autre emplacement."
        ) from erreur


def en_colonnes(lignes: Sequence[Sequence[str]], droite: Sequence[bool]) -> list[str]:
    """Align text cells; `droite` says which columns are numbers."""
    largeurs = [max(len(ligne[i]) for ligne in lignes) for i in range(len(droite))]
    return [
        "  ".join(
            cellule.rjust(largeur) if a_droite else cellule.ljust(largeur)
            for cellule, largeur, a_droite in zip(ligne, largeurs, droite, strict=True)
        ).rstrip()
        for ligne in lignes
    ]


def mot(valeur: Any, inconnu: str = "inconnu") -> str:
    """A value as it is read: oui, non, inconnu."""
    mots: Mapping[Any, str] = {True: "oui", False: "non", None: inconnu}
    return mots[valeur] if valeur is None or isinstance(valeur, bool) else str(valeur)
