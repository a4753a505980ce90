"""Acts on a journal file as a whole: verify it, say its head, filter it for one réservataire, erase a vacance."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.chaine import Tete, Verdict, verifier_chaine
from partiteur.moteur.journal.ecriture import ecrire_journal
from partiteur.moteur.journal.forme import COLONNES, FAITS, ecrire_json, forme, lire_json
from partiteur.moteur.journal.lecture import Journal, lire_journal, nues_de
from partiteur.regles.socle import ErreurUtilisateur

ENVELOPPE = tuple(nom for nom in COLONNES if nom not in (*FAITS, "sel"))


class JournalAltere(ErreurUtilisateur):
    """A chain that does not verify, where the act needs it to."""


def verifier_journal(journal: Journal, connue: Tete | None = None) -> Verdict:
    """Verify the chain of a journal read; `connue`: a head known from elsewhere (mail, bilan, export).

    A file without digests is « inverifiable »; one with digests whose columns, order or lines are not those of the
    format is « alteree ».
    """
    if not journal.enchaine:
        return verifier_chaine(journal.table)
    if not journal.exact:
        return Verdict(
            "alteree",
            "le fichier n'a plus la forme exacte du format d'échange (colonnes, encodage ou lignes) : la chaîne ne peut "
            "pas y être intacte ; demandez à nouveau l'export d'origine",
            evenements=journal.lignes,
        )
    return verifier_chaine(journal.table, connue)


def exiger_intacte(journal: Journal) -> Verdict:
    """The verdict of an intact chain. Raises JournalAltere otherwise."""
    verdict = verifier_journal(journal)
    if verdict.etat != "intacte":
        raise JournalAltere(f"{journal.source.name} : {verdict.phrase}.")
    return verdict


@contextmanager
def en_verifiant(journal: Journal) -> Iterator[Future[Verdict | None]]:
    """Verify the chain while the block counts, on another core; a journal without digests has nothing to verify.

    What the block counted holds once it has ended. Raises JournalAltere at its end, whatever else went wrong in it.
    """
    with ThreadPoolExecutor(1) as fil:
        verdict = fil.submit(lambda: exiger_intacte(journal) if journal.enchaine else None)
        try:
            yield verdict
        finally:
            verdict.result()


def tete_de(journal: Journal) -> Tete:
    """The head of an intact chain. Raises JournalAltere when it is not."""
    tete = exiger_intacte(journal).tete
    assert tete is not None
    return tete


def exporter(source: Path, cible: Path, reservataire: str) -> int:
    """Write the journal as one réservataire may read it, and return how many events it reads.

    It reads the events that name it, and those that name nobody on the vacances offered to it; of the rest, the bare
    envelopes. The export verifies, and has the same head. Raises JournalAltere, LectureImpossible, EcritureImpossible.
    """
    journal = lire_journal(source)
    exiger_intacte(journal)
    table = journal.table
    noms = table.column("reservataire")
    siens = pc.equal(noms, reservataire)
    vacances = pc.unique(table.column("vacance").filter(siens))
    communs = pc.and_(pc.equal(noms, ""), pc.is_in(table.column("vacance"), vacances))
    lisibles = pc.and_(
        pc.or_(siens, pc.and_(communs, _sans_autre(table, reservataire))), pc.invert(nues_de(table))
    )
    ecrire_journal(cible, _masquer(table, lisibles), journal.forme, journal.separateur)
    return int(pc.sum(lisibles).as_py() or 0)


def _sans_autre(table: pa.Table, reservataire: str) -> Any:
    """Mask of the events whose data name no other réservataire (destinations, beneficiaries, replacements)."""
    cite = pc.match_substring_regex(table.column("donnees"), r'"(beneficiaire|remplace)":|"reservataire:')
    siens = pc.match_substring(table.column("donnees"), f'"reservataire:{reservataire}"')
    return pc.or_(pc.invert(cite), siens)


def _masquer(table: pa.Table, lisibles: Any) -> Iterator[dict[str, str]]:
    """The rows, reduced to their bare envelope where they may not be read."""
    for ligne, lisible in zip(table.select(list(COLONNES)).to_pylist(), lisibles.to_pylist(), strict=True):
        yield ligne if lisible else nue(ligne)


def nue(ligne: Mapping[str, str]) -> dict[str, str]:
    """The bare envelope of a row: its place in the chain and its digests, neither facts nor salt."""
    return {nom: ligne[nom] if nom in ENVELOPPE else "" for nom in COLONNES}


def effacer(source: Path, vacance: str, *, tout: bool = False) -> int:
    """Erase a vacance in its file, at once or not at all, and return how many events were.

    The salt goes, and with it any proof of the content; so do the agent, the proofs, the numbers of candidatures (they
    become e1, e2… in the vacance) and what of the household no counter reads. The rest stays, no longer provable:
    counters do not move, so that everyone may be purged and every bilan stay as it was (E6). With `tout`, nothing stays but the bare envelopes. Links and head are unchanged either way.
    Raises JournalAltere when the chain is not intact or holds no such vacance.
    """
    journal = lire_journal(source)
    exiger_intacte(journal)
    lignes = journal.table.select(list(COLONNES)).to_pylist()
    numeros: dict[str, str] = {}
    effacees = 0
    for rang, ligne in enumerate(lignes):
        if ligne["vacance"] == vacance:
            effacees += 1
            lignes[rang] = nue(ligne) if tout else effacee(ligne, numeros)
    if not effacees:
        raise JournalAltere(
            f"{source.name} : aucune vacance « {vacance} » dans ce journal ; vérifiez son identifiant."
        )
    ecrire_journal(source, lignes, journal.forme, journal.separateur)
    return effacees


def effacee(ligne: Mapping[str, str], numeros: dict[str, str]) -> dict[str, str]:
    """An event without salt, agent nor original numbers of candidatures, and little of the household.

    `numeros` keeps, from event to event of a vacance, what each candidature becomes.
    """
    donnees = _sans_menage(lire_json(ligne["donnees"]), numeros)
    siren = ligne["auteur"][:9]
    return {**ligne, "auteur": siren, "donnees": ecrire_json(donnees), "sel": ""}


def _sans_menage(valeur: Any, numeros: dict[str, str]) -> Any:
    """Data with the household cut down, candidatures numbered by first appearance; nested replacements too."""
    if not isinstance(valeur, dict):
        return valeur
    reste = {cle: _sans_menage(v, numeros) for cle, v in valeur.items() if cle != "piece"}
    if reste.get("menage"):
        gardees = forme()["effacement"]["menage"]
        lettres = reste["menage"].get("public_l441_1")
        if lettres is not None:
            reste["menage"]["public_prioritaire"] = bool(lettres)
        reste["menage"] = {cle: v for cle, v in reste["menage"].items() if cle in gardees}
    if reste.get("candidat") is not None:
        reste["candidat"] = _renumeroter(reste["candidat"], numeros)
    if reste.get("candidats"):
        reste["candidats"] = [
            _sans_menage(c, numeros) if isinstance(c, dict) else _renumeroter(c, numeros)
            for c in reste["candidats"]
        ]
    return reste


def _renumeroter(candidat: object, numeros: dict[str, str]) -> str:
    return numeros.setdefault(str(candidat), f"e{len(numeros) + 1}")


__all__ = [
    "JournalAltere",
    "effacee",
    "effacer",
    "en_verifiant",
    "exiger_intacte",
    "exporter",
    "nue",
    "tete_de",
    "verifier_journal",
]
