"""The notes of a file of demandes: one frozen result by (demande, grid, version), read from the engine by batches."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from partiteur.moteur.cotation.calcul import DEPOT, NUMERO, CotationImpossible, concernees, noter, poser
from partiteur.moteur.cotation.compilation import Compilation, Source
from partiteur.moteur.demandes import Demandes, lire_demandes, lire_sne
from partiteur.moteur.demandes.schema import VALIDITE
from partiteur.moteur.execution import Connexion, lire_par_lots
from partiteur.regles.cotation import (
    ANCIENNETE,
    Catalogue,
    Critere,
    Demande,
    Fait,
    Grille,
    Preuve,
    preuve_en_vigueur,
    variables_du_critere,
)
from partiteur.regles.socle import raison


@dataclass(frozen=True)
class LigneNote:
    """One criterion of a note: the principal variable and its value, the proof in force, the points given and kept."""

    critere: str
    rubrique: str
    libelle: str
    variable: str | None
    valeur: Fait
    preuve: str
    points: Fraction
    points_retenus: Fraction
    points_verifies: Fraction
    texte: str | None


@dataclass(frozen=True)
class Note:
    """The score of a demande under a grid: declared, verified, what is missing, why it is not used (or None).

    `exclusifs`: the rubriques where several boxes are ticked and one is admitted. `lignes` is None without detail.
    """

    numero_unique: str
    grille: str
    version: str
    au: date
    score: Fraction
    score_verifie: Fraction
    hors_cotation: str | None
    manquantes: tuple[str, ...]
    exclusifs: tuple[str, ...]
    lignes: tuple[LigneNote, ...] | None


def lire_fichier(chemin: Path, catalogue: Catalogue, au: date) -> Demandes:
    """A file of demandes: an export of the SNE (.xml), a CSV or a Parquet. Raises LectureImpossible."""
    if chemin.suffix.lower() == ".xml":
        return lire_sne(chemin, catalogue, au)
    return lire_demandes(chemin, catalogue)


def coter(
    con: Connexion,
    demandes: Demandes,
    grilles: Sequence[Grille],
    catalogue: Catalogue,
    au: date,
    communes: Mapping[str, Sequence[str]] | None = None,
    *,
    detail: bool = False,
) -> Iterator[Note]:
    """The notes of every demande under every grid that concerns it, a grid after the other, lists never merged.

    `communes`: the communes of each grid, by its identifier or its code; None when every demande is of the
    territory. Raises CotationImpossible.
    """
    source = poser(con, demandes, catalogue)
    for grille in grilles:
        siennes = None
        if communes is not None:
            siennes = communes.get(grille.identifiant, communes.get(grille.code, ()))
        vue = concernees(con, source, grille, siennes, "demandes_de_la_grille")
        compilation = noter(con, vue, grille, au, colonnes_lues(grille), detail=True)
        ordre = f"select * from ({compilation.sql}) c order by {NUMERO}"
        for ligne in lire_par_lots(con, ordre):
            yield note(grille, compilation, ligne, au, detail=detail)


def colonnes_lues(grille: Grille) -> list[str]:
    """The columns a detailed line shows: the principal variable of each criterion, its proof and the proof's end."""
    colonnes: list[str] = []
    for critere in grille.criteres:
        lues = variables_du_critere(critere, grille.references)
        colonnes += [*lues[:1], f"preuve_{critere.code}", f"preuve_{critere.code}{VALIDITE}"]
    return colonnes


def note(
    grille: Grille, compilation: Compilation, ligne: Mapping[str, Any], au: date, *, detail: bool
) -> Note:
    """A row of the compiled query as a note."""
    echelle = compilation.echelle
    hors = None if ligne["hors"] is None else grille.hors_cotation[ligne["hors"]].motif
    return Note(
        ligne[NUMERO],
        grille.code,
        grille.version,
        au,
        Fraction(ligne["score"], echelle),
        Fraction(ligne["score_verifie"], echelle),
        hors,
        tuple(v for rang, v in enumerate(compilation.variables) if ligne.get(f"manque_{rang}")),
        tuple(r.code for rang, r in enumerate(grille.rubriques) if ligne.get(f"exclusif_{rang}")),
        tuple(_ligne(grille, rang, c, echelle, ligne, au) for rang, c in enumerate(grille.criteres))
        if detail
        else None,
    )


def _ligne(
    grille: Grille, rang: int, critere: Critere, echelle: int, ligne: Mapping[str, Any], au: date
) -> LigneNote:
    lues = variables_du_critere(critere, grille.references)
    variable = lues[0] if lues else None
    valeur = fait(ligne.get(variable)) if variable else None
    gel = ligne.get("gel_declare") or 0
    if variable == ANCIENNETE and isinstance(valeur, int):
        valeur = max(valeur - gel, 0) if gel else valeur
    points, retenus, verifies = (
        Fraction(ligne[f"{nom}_{rang}"], echelle) for nom in ("points", "retenus", "verifies")
    )
    preuve = str(preuve_en_vigueur(_preuve(critere.code, ligne), au).valeur)
    return LigneNote(
        critere.code, critere.rubrique, critere.libelle, variable, valeur, preuve, points, retenus, verifies,
        critere.texte,
    )  # fmt: skip


def _preuve(code: str, ligne: Mapping[str, Any]) -> Preuve:
    niveau = ligne.get(f"preuve_{code}")
    return Preuve(niveau or Preuve.niveau, ligne.get(f"preuve_{code}{VALIDITE}"))


def fait(brut: Any) -> Fait:
    """A cell of the engine as a fact of the rules."""
    match brut:
        case Decimal():
            return Fraction(brut)
        case list():
            return tuple(brut)
    lu: Fait = brut
    return lu


def demande(ligne: Mapping[str, Any], grille: Grille, source: Source) -> Demande:
    """A row of a file as the demande the readable evaluation takes."""
    codes = [c.code for c in grille.criteres if ligne.get(f"preuve_{c.code}") is not None]
    return Demande(
        ligne[NUMERO],
        ligne.get(DEPOT),
        {nom: fait(brut) for nom, brut in ligne.items() if nom in source.types},
        {code: _preuve(code, ligne) for code in codes},
    )


def lire_communes(chemin: Path) -> Mapping[str, tuple[str, ...]]:
    """The communes of each grid, from a CSV « commune;grille ». Raises CotationImpossible, with the line."""
    lues: dict[str, tuple[str, ...]] = {}
    for ou, (commune, grille) in lire_colonnes(chemin, ("commune", "grille")):
        if not commune or not grille:
            raise CotationImpossible(f"{ou} : il faut une commune et une grille.")
        lues[grille] = (*lues.get(grille, ()), commune)
    return lues


def lire_colonnes(chemin: Path, noms: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The named columns of a small CSV (; or ,), row by row, with where each row is. Raises CotationImpossible."""
    try:
        texte = chemin.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as faute:
        pourquoi = raison(faute) if isinstance(faute, OSError) else "il n'est pas en UTF-8"
        raise CotationImpossible(f"{chemin} : fichier illisible ({pourquoi}) ; vérifiez-le.") from faute
    entete, *lignes = texte.splitlines() or [""]
    separateur = ";" if ";" in entete else ","
    colonnes = [nom.strip() for nom in next(csv.reader([entete], delimiter=separateur), [])]
    for nom in noms:
        if nom not in colonnes:
            raise CotationImpossible(
                f"{chemin.name}, ligne 1 : la colonne « {nom} » manque. Colonnes attendues : {', '.join(noms)}."
            )
    for numero, ligne in enumerate(csv.reader(lignes, delimiter=separateur), start=2):
        if ligne:
            valeurs = dict(zip(colonnes, map(str.strip, ligne), strict=False))
            yield f"{chemin.name}, ligne {numero}", [valeurs.get(nom, "") for nom in noms]
