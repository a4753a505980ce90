"""Reads a cadre, shipped or the user's own: a local method as dated, sourced data, with its inheritance."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from partiteur.moteur.schema import DocumentInvalide, Ecart, chemin_livre, ecarts, lire_toml, livres, valider
from partiteur.regles.faits import Cadre
from partiteur.regles.rotation import definition
from partiteur.regles.socle import RACINE, ErreurUtilisateur, textes

REMPLACABLES = ("volume", "mutations", "exclus")  # the tables of a cadre that a dossier may replace
DOSSIER = Path(str(RACINE / "cadres"))


def cadres_livres() -> tuple[str, ...]:
    """The codes of the cadres shipped."""
    return livres(DOSSIER)


def chemin_du_cadre(nom: str, base: Path) -> Path:
    """A shipped cadre by its code, else a path relative to `base`. Raises DocumentInvalide when there is neither."""
    return chemin_livre(DOSSIER, nom, base, f"Le cadre « {nom} » est inconnu. Cadres livrés")


def document_du_cadre(chemin: Path, lignage: tuple[str, ...] = ()) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The cadre's document, its tables laid over those it inherits, and the lineage of codes.

    Raises DocumentInvalide on a fault of form or a cycle.
    """
    document = lire_toml(chemin)
    valider(document, "cadre", chemin)
    if document["code"] in lignage:
        raise DocumentInvalide(f"{chemin} : les cadres {' → '.join(lignage)} héritent en rond.")
    lignage = (*lignage, document["code"])
    if "herite" not in document:
        return document, lignage
    parent, lignage = document_du_cadre(chemin_du_cadre(document["herite"], chemin.parent), lignage)
    return {**parent, **document}, lignage


def charger_cadre(nom: str, base: Path, remplace: Mapping[str, Any] | None = None) -> Cadre:
    """The `Cadre` of a code or path, with what a dossier replaces in it."""
    document, lignage = document_du_cadre(chemin_du_cadre(nom, base))
    return cadre_du_document(document, lignage, remplace or {})


def cadre_du_document(
    document: Mapping[str, Any], lignage: tuple[str, ...], remplace: Mapping[str, Any]
) -> Cadre:
    """The facts of a cadre from its document."""

    def lire(table: str, cle: str) -> Any:
        propre = remplace.get(table, {}) if table in REMPLACABLES else {}
        return propre.get(cle, document.get(table, {}).get(cle))

    return Cadre(
        code=document["code"],
        titre=document["titre"],
        texte=document["texte"],
        motifs_exclus=tuple(lire("exclus", "motifs") or ()),
        volume=lire("volume", "methode"),
        annees_volume=lire("volume", "annees"),
        definition=lire("rotation", "definition"),
        mutations=lire("mutations", "methode") or "valeur",
        annees_mutations=lire("mutations", "annees"),
        ordre=lire("volume", "ordre") or "rotation_d_abord",
        neuf=lire("neuf", "regime") or "flux",
        solde=lire("solde", "regle") or "efface",
        lignage=lignage,
    )


def verifier_cadre(chemin: Path) -> tuple[Ecart, ...]:
    """Everything wrong in a cadre file: its form, its inheritance, its period, its texts, its definition."""
    try:
        document = lire_toml(chemin)
    except DocumentInvalide as erreur:
        return (Ecart("", str(erreur)),)
    constats = list(ecarts(document, "cadre"))
    if constats:
        return tuple(constats)
    cites = {"": document["texte"]} | {t: v["texte"] for t, v in document.items() if isinstance(v, dict)}
    inconnus = [(table, texte) for table, texte in cites.items() if texte not in textes()]
    if "source" not in document:
        constats += [
            Ecart(
                table,
                f"le texte « {texte} » n'est pas dans textes.toml ; ajoutez « source » au cadre pour le décrire.",
            )
            for table, texte in inconnus
        ]
    try:
        debut = date.fromisoformat(document["du"])
        if "au" in document and date.fromisoformat(document["au"]) <= debut:
            constats.append(Ecart("au", "la fin de la période précède son début."))
        entier, lignage = document_du_cadre(chemin)
        cadre = cadre_du_document(entier, lignage, {})
        if cadre.definition:
            definition(cadre.definition, cadre.motifs_exclus)
    except (ErreurUtilisateur, ValueError) as erreur:
        constats.append(Ecart("", str(erreur)))
    return tuple(constats)
