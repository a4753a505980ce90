"""The pack of a year, written in a folder: three forms of each piece, and an index of what is complete."""

import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from partiteur.cli.sortie import SortieImpossible, ecrire, ecrire_octets
from partiteur.moteur.bilan.annuel import Piece
from partiteur.moteur.lignes_csv import en_csv
from partiteur.regles.socle import citer, nombre

INDEX = ("fichier", "titre", "texte", "complet", "manques", "sha256")


def ecrire_les_pieces(pieces: Iterable[Piece], sortie: Path, titre: str) -> int:
    """Write every piece and the index; returns how many pieces are not complete. Raises SortieImpossible."""
    if sortie.exists() and any(sortie.iterdir()):
        raise SortieImpossible(
            f"« {sortie} » n'est pas vide : donnez un dossier neuf, pour que rien d'ancien ne soit envoyé avec le reste."
        )
    ecrits: list[dict[str, Any]] = []
    connus: dict[int, bytes] = {}
    incomplets = 0
    for piece in pieces:
        incomplets += not piece.complet
        for suffixe, octets in _formes(piece, connus):
            fichier = f"{piece.dossier}/{piece.nom}.{suffixe}"
            (sortie / piece.dossier).mkdir(parents=True, exist_ok=True)
            ecrire_octets(sortie / fichier, octets)
            empreinte = hashlib.sha256(octets).hexdigest()
            ecrits.append(
                dict(
                    zip(
                        INDEX,
                        (
                            fichier,
                            piece.titre,
                            citer(piece.texte),
                            piece.complet,
                            list(piece.manques),
                            empreinte,
                        ),
                        strict=True,
                    )
                )
            )
    ecrire(
        sortie / "index.json",
        json.dumps({"titre": titre, "pieces": ecrits}, ensure_ascii=False, indent=2) + "\n",
    )
    ecrire(sortie / "index.csv", en_csv(_lignes(ecrits)) + "\n")
    ecrire(sortie / "LISEZ-MOI.txt", _lisez_moi(titre, ecrits))
    return incomplets


def _formes(piece: Piece, connus: dict[int, bytes]) -> Iterable[tuple[str, bytes]]:
    """The forms of a piece; a workbook sent to several addressees is written once."""
    yield "json", (json.dumps(piece.json, ensure_ascii=False, indent=2) + "\n").encode()
    yield "csv", (en_csv(piece.lignes) + "\n").encode()
    cle = id(piece.json)
    if cle not in connus:
        tampon = io.BytesIO()
        piece.ecrire_classeur(tampon)
        connus[cle] = tampon.getvalue()
    yield "xlsx", connus[cle]
    if piece.page is not None:
        yield "html", piece.page.encode()


def _lignes(ecrits: Sequence[dict[str, Any]]) -> Iterable[Sequence[Any]]:
    yield INDEX
    for ecrit in ecrits:
        yield [" ".join(v) if isinstance(v, list) else v for v in ecrit.values()]


def _lisez_moi(titre: str, ecrits: Sequence[dict[str, Any]]) -> str:
    """What a person opens first: each piece, its addressees, what is complete, what is missing.

    The same piece, sent as it is to many réservataires, is told once.
    """
    dossiers: dict[tuple[str, ...], list[str]] = {}
    for ecrit in ecrits:
        dossier, _, nom = ecrit["fichier"].rpartition("/")
        piece, _, suffixe = nom.rpartition(".")
        if suffixe == "json":
            genre, _, qui = dossier.partition("/")
            commun = genre if genre == "reservataires" else dossier
            etat = "complet" if ecrit["complet"] else "incomplet"
            cle = (commun, piece, f"{ecrit['titre']} [{ecrit['texte']}], {etat}", *ecrit["manques"])
            dossiers.setdefault(cle, []).append(qui)
    lignes = [titre, "", "Chaque pièce est en JSON, en CSV et en classeur ; ce sont les mêmes nombres.", ""]
    for (commun, piece, dit, *manques), codes in dossiers.items():
        chacun = f"/… ({len(codes)} dossiers, un par réservataire)" if commun == "reservataires" else ""
        lignes += [f"{commun}{chacun}/{piece} : {dit}", *(f"    {manque}" for manque in manques)]
    return "\n".join(lignes) + "\n"


def dire(sortie: Path, incomplets: int) -> None:
    """What the command says at its end."""
    reste = f" {nombre(incomplets)} pièces incomplètes, chacune dit ce qui lui manque." if incomplets else ""
    click.echo(f"{sortie} : dossier écrit ; ouvrez LISEZ-MOI.txt.{reste}")
