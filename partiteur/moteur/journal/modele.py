"""The model of an import: whose chain, which columns, which words of the ERP mean which codes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from partiteur.moteur.journal.forme import FormeRefusee, verifier_texte
from partiteur.moteur.lecture.colonne import normaliser
from partiteur.regles.socle import ErreurUtilisateur, bareme

CLES = {"journal", "colonnes", "reservataires", "motifs", "reprises"}
CLES_JOURNAL = {"chaine", "auteur", "canal"}
CLES_REPRISE = {"reservataire", "exercice", "solde", "preuve", "date"}


class ModeleIllisible(ErreurUtilisateur):
    """A model that cannot be read or used."""


@dataclass(frozen=True)
class Modele:
    """A model read. `reservataires` and `motifs` give the code of a word of the file (normalised)."""

    chemin: Path
    chaine: str
    auteur: str
    canal: str | None = None
    reservataires: Mapping[str, str] = field(default_factory=dict)
    motifs: Mapping[str, str] = field(default_factory=dict)
    reprises: tuple[Mapping[str, Any], ...] = ()


def lire_modele(chemin: Path) -> Modele:
    """Read a model (TOML): [journal] chaine, auteur, canal; [colonnes]; [reservataires]; [motifs]; [[reprises]].

    Raises ModeleIllisible.
    """
    try:
        with chemin.open("rb") as fichier:
            lu = tomllib.load(fichier)
    except OSError as erreur:
        raise ModeleIllisible(
            f"Le modèle « {chemin} » ne peut pas être ouvert : vérifiez son nom et son dossier."
        ) from erreur
    except ValueError as erreur:
        raise ModeleIllisible(f"{chemin.name} n'est pas un fichier TOML lisible ({erreur}).") from erreur
    for section, connues in ((lu, CLES), (_section(lu, "journal", chemin), CLES_JOURNAL)):
        for cle in sorted(set(section) - connues):
            raise ModeleIllisible(
                f"{chemin.name} : « {cle} » n'est pas une clé connue ; clés admises : {', '.join(sorted(connues))}."
            )
    journal = lu["journal"]
    try:
        verifier_texte("chaine", journal.get("chaine"))
        verifier_texte("auteur", journal.get("auteur"))
    except FormeRefusee as erreur:
        raise ModeleIllisible(
            f"{chemin.name}, [journal], « {erreur.colonne} » : {erreur.phrase}."
        ) from erreur
    chaine = str(journal.get("chaine") or str(journal["auteur"])[:9])
    return Modele(
        chemin,
        chaine,
        str(journal["auteur"]),
        journal.get("canal"),
        _codes(lu, "reservataires", chemin),
        {**{normaliser(m): m for m in bareme("motifs")["motifs"]}, **_motifs(lu, chemin)},
        tuple(_reprise(r, chemin) for r in lu.get("reprises", ())),
    )


def _section(lu: Mapping[str, Any], nom: str, chemin: Path) -> Mapping[str, Any]:
    section = lu.get(nom)
    if not isinstance(section, dict):
        raise ModeleIllisible(
            f'{chemin.name} : il manque la section [{nom}], avec par exemple auteur = "999000102:erp1".'
        )
    return section


def _codes(lu: Mapping[str, Any], nom: str, chemin: Path) -> dict[str, str]:
    codes = lu.get(nom, {})
    if not isinstance(codes, dict) or not all(isinstance(v, str) for v in codes.values()):
        raise ModeleIllisible(
            f'{chemin.name}, [{nom}] : écrivez une ligne par mot du fichier, par exemple "Préfecture" = "etat".'
        )
    return {normaliser(mot): code for mot, code in codes.items()}


def _motifs(lu: Mapping[str, Any], chemin: Path) -> dict[str, str]:
    motifs = _codes(lu, "motifs", chemin)
    connus = bareme("motifs")["motifs"]
    for code in motifs.values():
        if code not in connus:
            raise ModeleIllisible(
                f"{chemin.name}, [motifs] : « {code} » n'est pas un motif connu ; motifs : {', '.join(connus)}."
            )
    return motifs


def _reprise(lue: Any, chemin: Path) -> Mapping[str, Any]:
    """An opening balance: réservataire, exercice, solde (whole or fraction), proof, date."""
    if not isinstance(lue, dict) or set(lue) != CLES_REPRISE or not isinstance(lue["date"], date):
        raise ModeleIllisible(
            f"{chemin.name}, [[reprises]] : chaque solde de départ a cinq clés, {', '.join(sorted(CLES_REPRISE))} "
            "(date = 2024-01-01, sans guillemets)."
        )
    return lue
