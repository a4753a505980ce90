"""What a journal is begun or continued from: rows of an ERP, or events nobody chained yet."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from partiteur.moteur.journal.chaine import Tete
from partiteur.moteur.journal.controle import tete_de
from partiteur.moteur.journal.forme import (
    COLONNES,
    FAITS,
    FormeRefusee,
    evenement_de,
    textes,
    verifier_texte,
)
from partiteur.moteur.journal.importer import importer
from partiteur.moteur.journal.lecture import lire_journal
from partiteur.moteur.lecture.constat import ERREUR, EXEMPLES_MAX, Constat, Exemple
from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.regles.vacance import Refus, tenir


class RepriseImpossible(ErreurUtilisateur):
    """A journal that cannot be begun or continued from this file."""


@dataclass(frozen=True)
class Repris:
    """Events to chain (`ecrits`, texts), what they follow (`deja`, whole rows, and `tete`), and what was found."""

    chaine: str
    ecrits: tuple[dict[str, str], ...]
    deja: Sequence[dict[str, str]]
    tete: Tete | None
    lignes: int
    acceptees: int
    constats: tuple[Constat, ...]


def reprendre(
    chemin: Path,
    modele: Path | None,
    saisie: datetime,
    *,
    chaine: str | None = None,
    suite: Path | None = None,
    tirer: Callable[[int], str] = secrets.token_hex,
) -> Repris:
    """Read what is to be chained: rows of an ERP with a `modele`, else an exchange file without digests.

    `suite`: a chained journal that the events continue. What cannot be (D28) is left out and reported.
    Raises RepriseImpossible, LectureImpossible, ModeleIllisible, JournalAltere.
    """
    precedent = lire_journal(suite) if suite else None
    deja = precedent.table.select(list(COLONNES)).to_pylist() if precedent else []
    tete = tete_de(precedent) if precedent else None
    if modele:
        importe = importer(chemin, modele, saisie, tirer)
        ecrits = [textes(evenement) for evenement in importe.evenements]
        nom, lignes, acceptees, constats = importe.chaine, importe.lignes, importe.acceptees, importe.constats
        rangees = importe.rangees
    else:
        journal = lire_journal(chemin)
        if journal.enchaine:
            raise RepriseImpossible(
                f"{chemin.name} est déjà enchaîné ; vérifiez-le avec « partiteur journal verifier {chemin.name} »."
            )
        ecrits = [_identifier(ligne, tirer) for ligne in journal.table.select(list(FAITS)).to_pylist()]
        noms = {n for n in journal.table.column("chaine").to_pylist() if n}
        nom = noms.pop() if len(noms) == 1 else ""
        lignes, acceptees, constats = journal.lignes, journal.acceptees, journal.constats
        rangs = journal.table.column("ligne").to_pylist()
        rangees = {ecrit["evenement"]: rang for ecrit, rang in zip(ecrits, rangs, strict=True)}
    nom = _nommer(chaine or (deja[0]["chaine"] if deja else nom), chemin)
    connus = {ligne["evenement"] for ligne in deja}
    doubles = [ecrit for ecrit in ecrits if ecrit["evenement"] in connus]
    if doubles:
        raise RepriseImpossible(
            f"{chemin.name} : l'événement « {doubles[0]['evenement']} » figure déjà dans le journal prolongé "
            f"({len(doubles)} cas) ; retirez ce qui a déjà été importé."
        )
    admis, refuses = _admettre(deja, ecrits)
    acceptees -= len({rangees[refus.evenement] for refus in refuses})
    impossibles = _impossibles(refuses, rangees, chemin.name)
    return Repris(nom, tuple(admis), deja, tete, lignes, acceptees, (*impossibles, *constats))


def _admettre(
    deja: Sequence[Mapping[str, str]], ecrits: Sequence[dict[str, str]]
) -> tuple[list[dict[str, str]], list[Refus]]:
    """The events that can be (D28), after those already there, and the others' refusals."""
    lisibles = [ligne for ligne in deja if ligne["type"]]
    tenue = tenir([evenement_de(ligne) for ligne in (*lisibles, *ecrits)])
    nouveaux = {ecrit["evenement"] for ecrit in ecrits}
    refuses = {refus.evenement: refus for refus in tenue.refus if refus.evenement in nouveaux}
    return [ecrit for ecrit in ecrits if ecrit["evenement"] not in refuses], list(refuses.values())


def _impossibles(refuses: Sequence[Refus], rangees: Mapping[str, int], fichier: str) -> tuple[Constat, ...]:
    """One finding for each kind of refusal, with its first row."""
    par_code: dict[str, list[Refus]] = {}
    for refus in refuses:
        par_code.setdefault(refus.code, []).append(refus)
    return tuple(
        Constat(
            code,
            ERREUR,
            None,
            len(lus),
            f"{fichier}, ligne {rangees[lus[0].evenement]} : {lus[0].phrase.rstrip('.')} ; l'événement n'est pas inscrit "
            f"({nombre(len(lus))} cas).",
            tuple(Exemple(rangees[refus.evenement], refus.evenement) for refus in lus[:EXEMPLES_MAX]),
        )
        for code, lus in par_code.items()
    )


def _identifier(ligne: dict[str, str], tirer: Callable[[int], str]) -> dict[str, str]:
    """An event nobody named gets a random identifier, never its line's number."""
    return {**ligne, "evenement": f"e{tirer(8)}"} if ligne["evenement"].startswith("ligne-") else ligne


def _nommer(chaine: str, chemin: Path) -> str:
    """The name of the chain. Raises RepriseImpossible when nothing gives one."""
    try:
        verifier_texte("chaine", chaine)
    except FormeRefusee as erreur:
        raise RepriseImpossible(f"{chemin.name} : {erreur}") from erreur
    if not chaine:
        raise RepriseImpossible(
            f"{chemin.name} ne dit pas à quel bailleur est la chaîne : ajoutez --chaine, suivi de son SIREN."
        )
    return chaine
