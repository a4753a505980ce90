"""From a dossier to its facts: reads the files it names, counts what the rules need, and runs them."""

from collections.abc import Iterator
from pathlib import Path

from partiteur.moteur.cadre import charger_cadre
from partiteur.moteur.flux.comptes import Document, compter, date_parc, est_sem
from partiteur.moteur.flux.perimetres import lire_perimetre
from partiteur.moteur.flux.reservataires import lire_autorisations, lire_etat, lire_neuf, lire_reservataire
from partiteur.moteur.geographie import charger
from partiteur.moteur.schema import DocumentInvalide, valider
from partiteur.moteur.tableur import lire_document
from partiteur.regles.faits import Cadre, Definition, Dossier
from partiteur.regles.flux import flux as calculer
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.rotation import definition as definition_de
from partiteur.regles.socle import ErreurUtilisateur, fraction, taux

REMPLACE = ("volume", "mutations", "exclus")


def calculer_dossier(chemin: Path) -> Flux:
    """The flux of a dossier.toml or of a workbook that says the same. Raises a subclass of ErreurUtilisateur on whatever is wrong in it."""
    document = lire_document(chemin)
    valider(document, "dossier", chemin)
    try:
        return calculer(construire(document, chemin))
    except ErreurUtilisateur as erreur:
        if chemin.name in str(erreur):
            raise
        raise type(erreur)(f"{chemin} : {erreur}") from erreur


def construire(document: Document, chemin: Path, cadre: Cadre | None = None) -> Dossier:
    """The facts of a valid dossier document; the files it names are relative to `chemin`.

    `cadre` stands for the dossier's own, to compare.

    Raises DocumentInvalide when it contradicts itself, and what reading its files raises.
    """
    base = chemin.parent
    cadre = cadre or charger_cadre(document["cadre"], base, document)
    parc = document["parc"]
    if ("fichier" in parc) == ("total" in parc):
        raise DocumentInvalide(f"{chemin}, parc : donnez « total » ou « fichier », l'un des deux.")
    if "total" in parc:
        _refuser_les_fichiers(document, chemin)
    geographie = charger(base / document["geographie"]["fichier"] if "geographie" in document else None)
    definition = _definition(document, cadre)
    comptes = compter(document, base, cadre, definition, geographie) if "fichier" in parc else None
    territoires = [document["territoire"], *document.get("perimetres", [])]
    perimetres = tuple(
        lire_perimetre(t, rang, document, comptes, definition, geographie)
        for rang, t in enumerate(territoires)
    )
    reste = document.get("non_reserve", {})
    confirmes = parc.get("exclus", {})
    return Dossier(
        exercice=document["exercice"],
        cadre=cadre,
        bailleur=document["bailleur"]["nom"],
        perimetres=perimetres,
        reservataires=tuple(
            lire_reservataire(r, perimetres, comptes, cadre) for r in document.get("reservataires", [])
        ),
        definition=definition,
        date_parc=date_parc(document),
        source_parc=parc.get("source") or (comptes.source if comptes else None),
        periode_rotation=document.get("rotation", {}).get("periode"),
        fiche=document.get("fiche", {}),
        complet=document.get("complet", False),
        bailleur_sem=est_sem(document),
        etat=lire_etat(document, comptes),
        autorisations=lire_autorisations(document),
        neuf=lire_neuf(document, cadre, geographie),
        taux_non_reserve=taux(reste["taux"]) if "taux" in reste else None,
        report_non_reserve=fraction(reste.get("report", 0)),
        pieces=comptes.pieces if comptes else (),
        deduits=tuple(m for m in perimetres[0].exclus if comptes and m not in confirmes),
        ecarts_de_cadre=tuple(_ecarts_de_cadre(document, cadre)),
        constats=comptes.avertissements if comptes else (),
    )


def _refuser_les_fichiers(document: Document, chemin: Path) -> None:
    """Files that are counted against a parc need one. Raises DocumentInvalide rather than leave them unread."""
    pieces = {
        "droits": "droits" in document,
        "liberations": "liberations" in document.get("rotation", {}),
        "correspondance": "correspondance" in document["parc"],
    }
    for piece in (nom for nom, donnee in pieces.items() if donnee):
        raise DocumentInvalide(
            f"{chemin} : « {piece} » se lit avec le fichier du parc ; donnez parc.fichier."
        )


def _definition(document: Document, cadre: Cadre) -> Definition | None:
    """The definition the dossier names; the cadre's where the rate is to be computed; none for a rate given bare."""
    rotation = document.get("rotation", {})
    code = rotation.get("definition") or (cadre.definition if "liberations" in rotation else None)
    return definition_de(code, cadre.motifs_exclus) if code else None


def _ecarts_de_cadre(document: Document, cadre: Cadre) -> Iterator[str]:
    """What the dossier changes in its cadre, in words, with the reason it gives."""
    raisons = document.get("raisons", {})

    def dire(ecart: str, table: str) -> str:
        return f"{ecart}, au motif « {raisons[table]} »" if table in raisons else ecart

    for table in REMPLACE:
        for cle in document.get(table, {}):
            if cle != "baux":
                yield dire(f"[{table}] {cle}", table)
    definition = document.get("rotation", {}).get("definition")
    if definition and cadre.definition and definition != cadre.definition:
        yield dire(f"rotation « {definition} » au lieu de « {cadre.definition} »", "rotation")
    if cadre.mutations == "moyenne" and isinstance(document.get("soustraits", {}).get("mutations"), int):
        duree = f" de {cadre.annees_mutations} ans" if cadre.annees_mutations else ""
        yield dire(f"mutations données au lieu de la moyenne{duree}", "mutations")
