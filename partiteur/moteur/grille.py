"""Reads a grid of cotation, shipped or the user's own, with the socle it extends, and checks it line by line."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from partiteur.moteur.schema import DocumentInvalide, chemin_livre, ecarts, lire_toml, livres
from partiteur.regles.cotation import (
    Catalogue,
    Constat,
    Grille,
    GrilleInvalide,
    catalogue_livre,
    heriter,
    lire_catalogue,
    lire_grille,
    verifier,
    verifier_couverture,
)
from partiteur.regles.cotation.constat import ERREUR, erreur
from partiteur.regles.socle import RACINE, ErreurUtilisateur, bareme, raison

DOSSIER = Path(str(RACINE / "grilles"))
RANG = re.compile(r"^(criteres|hors_cotation) › n° (\d+)")


def grilles_livrees() -> tuple[str, ...]:
    """The codes of the grids shipped."""
    return livres(DOSSIER)


def chemin_de_grille(nom: str, base: Path) -> Path:
    """A shipped grid by its code, else a path relative to `base`. Raises DocumentInvalide when there is neither."""
    return chemin_livre(DOSSIER, nom, base, f"La grille « {nom} » est inconnue. Grilles livrées")


def catalogue_de(variables: Path | None, criteres: Path | None) -> Catalogue:
    """The catalogue shipped, or with the variables or the criteria of a file in its place. Raises DocumentInvalide."""
    if variables is None and criteres is None:
        return catalogue_livre()
    documents = [bareme("variables"), bareme("criteres")]
    for rang, chemin in enumerate((variables, criteres)):
        if chemin is not None:
            documents[rang] = _catalogue(chemin)
    try:
        return lire_catalogue(documents[0], documents[1])
    except (KeyError, TypeError, AttributeError) as faute:
        raise DocumentInvalide(
            f"{variables or criteres} : ce catalogue n'a pas la forme attendue ({faute}) ; voir docs/variables.md "
            "et docs/criteres.md."
        ) from faute


def _catalogue(chemin: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(chemin.read_text("utf-8-sig"), parse_float=Fraction)
    except OSError as faute:
        raise DocumentInvalide(
            f"{chemin} : fichier illisible ({raison(faute)}) ; vérifiez le chemin."
        ) from faute
    except (ValueError, RecursionError) as faute:
        raise DocumentInvalide(f"{chemin} : TOML incorrect ({faute}).") from faute


def charger_grille(nom: str, base: Path, catalogue: Catalogue | None = None) -> Grille:
    """The `Grille` of a shipped code or of a path, its inheritance resolved, valid. Raises DocumentInvalide.

    The first error found is said; « partiteur grille verifier » says them all.
    """
    chemin = chemin_de_grille(nom, base)
    grille, constats = lire_et_verifier(chemin, catalogue or catalogue_livre())
    fautes = [c for c in constats if c.gravite == ERREUR]
    if grille is None or fautes:
        raise DocumentInvalide(fautes[0].message)
    return grille


def verifier_grilles(chemins: Sequence[Path], catalogue: Catalogue) -> tuple[Constat, ...]:
    """Everything found in each grid, then between those of one EPCI."""
    constats: list[Constat] = []
    grilles = []
    for chemin in chemins:
        grille, trouves = lire_et_verifier(chemin, catalogue)
        constats += trouves
        if grille is not None:
            grilles.append(grille)
    if len(grilles) == len(chemins):
        constats += verifier_couverture(grilles)
    return tuple(constats)


def lire_et_verifier(chemin: Path, catalogue: Catalogue) -> tuple[Grille | None, tuple[Constat, ...]]:
    """A grid and everything found in it, each message with its file and line; None when it cannot be read."""
    try:
        document = lire_toml(chemin)
    except DocumentInvalide as faute:
        return None, (erreur("toml", "", str(faute)),)
    texte = chemin.read_text("utf-8-sig")
    formes = [_de_forme(document, e.chemin, e.message) for e in ecarts(document, "grille")]
    if formes:
        return None, tuple(_situer(c, chemin, texte) for c in formes)
    try:
        entier, constats = _heriter(document, chemin, (str(document["grille"]),))
        grille = lire_grille(entier, catalogue)
    except DocumentInvalide as faute:
        return None, (erreur("socle_absent", "etend", str(faute)),)
    except ErreurUtilisateur as faute:
        return None, (_situer(_de_lecture(faute), chemin, texte),)
    trouves = (*constats, *verifier(grille, catalogue))
    return grille, tuple(_situer(c, chemin, texte) for c in trouves)


def _heriter(
    document: Mapping[str, Any], chemin: Path, lignage: tuple[str, ...]
) -> tuple[Mapping[str, Any], tuple[Constat, ...]]:
    """A document over those it extends. Raises DocumentInvalide when a socle is missing, unfit or goes in circle."""
    if "etend" not in document:
        return document, ()
    code = str(document["etend"]).partition("@")[0]
    if code in lignage:
        raise DocumentInvalide(
            f"{chemin.name} : les grilles {' → '.join((*lignage, code))} s'étendent en rond."
        )
    voisine = chemin.parent / f"{code}.toml"
    ou = voisine if voisine.is_file() else chemin_de_grille(code, chemin.parent)
    socle = lire_toml(ou)
    for ecart in ecarts(socle, "grille"):
        raise DocumentInvalide(f"{ou}, {ecart.chemin or 'premier niveau'} : {ecart.message}")
    entier, _ = _heriter(socle, ou, (*lignage, code))
    return heriter(document, entier)


def _de_forme(document: Mapping[str, Any], chemin: str, message: str) -> Constat:
    """A departure from the schema, its path by the code of the criterion rather than by its rank."""
    rang = RANG.match(chemin)
    if rang:
        code = document[rang[1]][int(rang[2]) - 1].get("code", f"n° {rang[2]}")
        reste = chemin[rang.end() :].replace(" › ", ".")
        return erreur("forme", f"{rang[1]}.{code}{reste}", f"Critère « {code} » : {message}")
    return erreur("forme", chemin.replace(" › ", "."), message[:1].upper() + message[1:])


def _de_lecture(faute: ErreurUtilisateur) -> Constat:
    nomme = re.match(r"Critère « (.+?) »", str(faute))
    return erreur("lecture", f"criteres.{nomme[1]}" if nomme else "", str(faute))


def _situer(constat: Constat, chemin: Path, texte: str) -> Constat:
    """The constat with its file, and its line when the text shows it."""
    ligne = ligne_du_chemin(texte, constat.chemin)
    ou = f"{chemin.name}, ligne {ligne}" if ligne else chemin.name
    return replace(constat, message=f"{ou} : {constat.message}")


def ligne_du_chemin(texte: str, chemin: str) -> int | None:
    """The line of a TOML text where a path such as « criteres.dalo.points » stands, None when it is not found.

    TOML readers forget their lines: the tables are found again by their headers. Of a code given twice the last
    line is said: it is the one to mend.
    """
    table, *reste = chemin.split(".")
    lignes = list(enumerate(texte.splitlines(), start=1))
    if table in ("criteres", "hors_cotation"):
        blocs = [b for b in _blocs(lignes, rf"\[\[{table}\]\]") if reste and _cle(b, "code", reste[0])]
        return _dans(blocs[-1] if blocs else [], reste[1:], "code")
    if reste:
        blocs = list(_blocs(lignes, rf"\[{table}\.{re.escape(reste[0])}\]"))
        return _dans(blocs[-1], reste[1:], None) if blocs else None
    return _cle([li for li in lignes if li[1].strip()], table) if table else None


def _blocs(lignes: Sequence[tuple[int, str]], entete: str) -> Iterator[list[tuple[int, str]]]:
    """The lines of each table of a header, up to the next header."""
    bloc: list[tuple[int, str]] | None = None
    for numero, ligne in lignes:
        if re.match(r"\s*\[+[^\[\],]+\]+\s*(#.*)?$", ligne):
            if bloc:
                yield bloc
            bloc = [] if re.match(rf"\s*{entete}", ligne) else None
        if bloc is not None:
            bloc.append((numero, ligne))
    if bloc:
        yield bloc


def _dans(bloc: Sequence[tuple[int, str]], cles: Sequence[str], defaut: str | None) -> int | None:
    """The line of a key of a block, else that of the key that names it, else its first."""
    if not bloc:
        return None
    for cle in (*cles[:1], *([defaut] if defaut else [])):
        if ligne := _cle(bloc, cle):
            return ligne
    return bloc[0][0]


def _cle(bloc: Sequence[tuple[int, str]], cle: str, valeur: str | None = None) -> int | None:
    suite = r"" if valeur is None else rf"[\"']{re.escape(valeur)}[\"']"
    for numero, ligne in bloc:
        if re.match(rf"\s*[\"']?{re.escape(cle)}[\"']?\s*=\s*{suite}", ligne):
            return numero
    return None


__all__ = [
    "GrilleInvalide",
    "catalogue_de",
    "charger_grille",
    "chemin_de_grille",
    "grilles_livrees",
    "ligne_du_chemin",
    "lire_et_verifier",
    "verifier_grilles",
]
