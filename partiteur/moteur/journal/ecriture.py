"""Writing exchange files, whole or not at all: CSV or JSON lines, the same texts."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import IO

from partiteur.moteur.fichiers import tout_ou_rien
from partiteur.moteur.journal.forme import COLONNES
from partiteur.regles.socle import ErreurUtilisateur

LOT = 10_000


class EcritureImpossible(ErreurUtilisateur):
    """The file asked for cannot be written."""


def ecrire_journal(
    chemin: Path, lignes: Iterable[Mapping[str, str]], forme: str | None = None, separateur: str = ","
) -> None:
    """Write rows of COLONNES. `forme`: csv or jsonl, by the suffix when None. Raises EcritureImpossible."""
    en_lignes = (forme or ("jsonl" if chemin.suffix in (".jsonl", ".ndjson") else "csv")) == "jsonl"
    try:
        with tout_ou_rien(chemin, prive=True) as fichier:
            if en_lignes:
                _ecrire_jsonl(fichier, lignes)
            else:
                _ecrire_csv(fichier, lignes, separateur or ",")
    except OSError as erreur:
        raise EcritureImpossible(
            f"{chemin} : écriture impossible ({erreur.strerror}) ; choisissez un autre emplacement."
        ) from erreur


def _ecrire_jsonl(fichier: IO[bytes], lignes: Iterable[Mapping[str, str]]) -> None:
    for ligne in lignes:
        dite = {nom: ligne[nom] for nom in COLONNES if ligne[nom]}
        fichier.write((json.dumps(dite, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def _ecrire_csv(fichier: IO[bytes], lignes: Iterable[Mapping[str, str]], separateur: str) -> None:
    tampon = io.StringIO()
    ecrivain = csv.writer(tampon, delimiter=separateur, lineterminator="\n")
    ecrivain.writerow(COLONNES)
    restantes = iter(lignes)
    while lot := [[ligne[nom] for nom in COLONNES] for ligne in islice(restantes, LOT)]:
        ecrivain.writerows(lot)
        fichier.write(tampon.getvalue().encode())
        tampon.seek(0)
        tampon.truncate()
