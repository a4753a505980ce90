"""The chain: digests, and what a verification finds.

Byte layout, in full (E6); a digest is always written as 64 lowercase hexadecimal characters:

- `empreinte_contenu`  = SHA-256( the 32 bytes of `sel` , then the bytes of the content in UTF-8 )
- `empreinte`          = SHA-256( ASCII: numero in decimal without leading zero , empreinte_precedente , empreinte_contenu )
  with nothing between the three: the last two have a fixed length;
- `empreinte_precedente` of event n is the `empreinte` of event n-1; that of event 1 is SHA-256( the bytes of `chaine` ).

An event whose `sel` is empty keeps its links: it is either a bare envelope (no fact left: filtered export, or full
erasure) or an erased one (facts of the account left, no longer provable).
"""

import hashlib
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.execution import connexion, executer, requete, vue_table
from partiteur.moteur.journal.forme import (
    CHAINE_ET_FAITS,
    COLONNES,
    EMPREINTES,
    FAITS,
    VERSION,
    contenu,
)
from partiteur.regles.socle import ErreurUtilisateur

OCTETS_DU_SEL = 32
PEU = 500  # rows, read one by one
HEXADECIMAL = re.compile("[0-9a-f]{64}")


class TeteIllisible(ErreurUtilisateur):
    """A head that is not NUMERO:EMPREINTE."""


@dataclass(frozen=True)
class Tete:
    """The last event of a chain: its number and its digest. Number 0 and the digest of the name before any event."""

    numero: int
    empreinte: str

    def __str__(self) -> str:
        return f"{self.numero}:{self.empreinte}"


@dataclass(frozen=True)
class Verdict:
    """What a verification found.

    `etat`: intacte, alteree, tronquee, reecrite or inverifiable; `numero` is the first event at fault, when one is;
    `phrase` says it in French. `nues` counts bare envelopes, `effaces` events erased whose facts are kept.
    """

    etat: str
    phrase: str
    numero: int | None = None
    chaine: str | None = None
    evenements: int = 0
    nues: int = 0
    effaces: int = 0
    tete: Tete | None = None


def racine(chaine: str) -> str:
    """What stands for the digest before the first event."""
    return _sha256(chaine)


def empreinte_contenu(sel: str, texte: str) -> str:
    """SHA-256 of the salt (its bytes, given in hexadecimal) followed by the content."""
    return hashlib.sha256(bytes.fromhex(sel) + texte.encode()).hexdigest()


def empreinte(numero: int, precedente: str, du_contenu: str) -> str:
    """SHA-256 of the number, the previous digest and the content's."""
    return _sha256(f"{numero}{precedente}{du_contenu}")


def tirer_sel() -> str:
    """32 random bytes, in hexadecimal."""
    return secrets.token_hex(OCTETS_DU_SEL)


def enchainer(
    chaine: str,
    ecrits: Iterable[Mapping[str, str]],
    tete: Tete | None = None,
    sels: Iterator[str] | None = None,
) -> Iterator[dict[str, str]]:
    """Number, salt and chain events (texts already checked) after `tete`; yields whole rows of the exchange file."""
    dernier = tete or Tete(0, racine(chaine))
    for ecrit in ecrits:
        numero = dernier.numero + 1
        sel = next(sels) if sels else tirer_sel()
        du_contenu = empreinte_contenu(sel, contenu(chaine, ecrit))
        suivante = empreinte(numero, dernier.empreinte, du_contenu)
        yield {
            "chaine": chaine,
            "numero": str(numero),
            **{nom: ecrit[nom] for nom in FAITS},
            "sel": sel,
            "empreinte_contenu": du_contenu,
            "empreinte_precedente": dernier.empreinte,
            "empreinte": suivante,
        }
        dernier = Tete(numero, suivante)


def lire_tete(texte: str) -> Tete:
    """Read NUMERO:EMPREINTE, as printed on a bilan. Raises TeteIllisible."""
    numero, _, du_dernier = texte.strip().partition(":")
    du_dernier = du_dernier.strip().lower()
    chiffres = "0123456789abcdef"
    if not numero.isdecimal() or len(du_dernier) != OCTETS_DU_SEL * 2 or du_dernier.strip(chiffres):
        raise TeteIllisible(
            f"La tête « {texte} » n'est pas lisible : recopiez NUMERO:EMPREINTE comme sur le bilan (l'empreinte compte "
            "64 chiffres hexadécimaux)."
        )
    return Tete(int(numero), du_dernier)


def verifier_chaine(table: pa.Table, connue: Tete | None = None) -> Verdict:
    """Verify the rows of an exchange file, texts as read, in the order of the file.

    Every row must follow the one above, hold the digest of its own content unless its salt was removed, and the row
    numbered as `connue` must bear its digest.
    """
    lignes = table.num_rows
    if not _porte_des_empreintes(table):
        return Verdict(
            "inverifiable",
            "aucune empreinte dans ce fichier : il est invérifiable ; demandez à son auteur l'export chaîné du journal",
            evenements=lignes,
        )
    chaine = str(table.column("chaine")[0].as_py())
    empreintes = table.column("empreinte")
    sans_sel = table.filter(pc.equal(table.column("sel"), ""))
    nues = _compter(pc.equal(pc.binary_join_element_wise(*(sans_sel.column(n) for n in FAITS), ""), ""))
    effaces = sans_sel.num_rows - nues
    faute = _premiere_faute(table, chaine)
    if faute is not None:
        fautif, cause = faute
        phrase = f"la chaîne est altérée à l'événement {fautif} : {CAUSES[cause]}"
        return Verdict("alteree", phrase, fautif, chaine, lignes, nues, effaces)
    tete = Tete(lignes, str(empreintes[-1].as_py()))
    return _avec_tete(Verdict("intacte", "", None, chaine, lignes, nues, effaces, tete), connue, empreintes)


def _premiere_faute(table: pa.Table, chaine: str) -> tuple[int, int] | None:
    """The first row at fault (its number, from 1) and the first cause of CAUSES that it shows; None when none."""
    if table.num_rows <= PEU:
        return _premiere_faute_une_a_une(table, chaine)
    rangs = pc.cumulative_sum(pa.repeat(pa.scalar(1, pa.int64()), table.num_rows))
    precedentes = table.column("empreinte").slice(0, table.num_rows - 1).chunks
    attendues = pa.chunked_array([pa.array([racine(chaine)]), *precedentes])
    lue = table.select(list(COLONNES)).append_column("rang", rangs).append_column("attendue", attendues)
    con = connexion()
    if threading.current_thread() is not threading.main_thread():
        con.execute("set threads = 1")  # whoever counts or serves meanwhile has the other cores
    vue_table(con, "chaine_lue", lue)
    ((faute,),) = executer(con, requete("journal_verifier", contenu=_contenu()), [chaine])
    return None if faute is None else divmod(int(faute), CAUSES_MAX)


def _premiere_faute_une_a_une(table: pa.Table, chaine: str) -> tuple[int, int] | None:
    """The same, in Python: the query costs more than a short file."""
    precedente = racine(chaine)
    for rang, ligne in enumerate(table.select(list(COLONNES)).to_pylist(), start=1):
        cause = _cause(ligne, rang, chaine, precedente)
        if cause:
            return rang, cause
        precedente = ligne["empreinte"]
    return None


def _cause(ligne: Mapping[str, str], rang: int, chaine: str, precedente: str) -> int:
    """What is wrong with a row, as a number of CAUSES; 0 when nothing is."""
    sel, du_contenu = ligne["sel"], ligne["empreinte_contenu"]
    faux = (
        ligne["chaine"] != chaine,
        ligne["numero"] != str(rang),
        ligne["empreinte_precedente"] != precedente,
        ligne["empreinte"] != _sha256(ligne["numero"] + ligne["empreinte_precedente"] + du_contenu),
        not HEXADECIMAL.fullmatch(sel or du_contenu),
    )
    if any(faux):
        return faux.index(True) + 1
    altere = sel and du_contenu != empreinte_contenu(sel, contenu(chaine, ligne))
    return len(CAUSES) if altere else 0


def _sha256(texte: str) -> str:
    return hashlib.sha256(texte.encode()).hexdigest()


def _contenu() -> str:
    """SQL for the canonical content of a row, as `forme.contenu` assembles it."""
    paires = (
        f"\"{nom}\":' || donnees || '"
        if nom == "donnees"
        else f"\"{nom}\":' || case when {nom} = '' then 'null' else '\"' || {nom} || '\"' end || '"
        for nom in sorted(CHAINE_ET_FAITS)
    )
    return f"'{{{','.join(paires)},\"version\":{VERSION}}}'"


def _compter(masque: Any) -> int:
    return int(pc.sum(masque).as_py() or 0)


CAUSES_MAX = 10  # the query gives a row and a cause in one number
CAUSES = {
    1: "il n'appartient pas à la même chaîne que les autres",
    2: "son numéro ne suit pas celui de la ligne qui précède (ligne retirée, ajoutée ou déplacée)",
    3: "il ne suit pas l'événement qui le précède",
    4: "son empreinte ne correspond pas à ce qu'il porte",
    5: "il a un sel ou une empreinte qui ne s'écrit pas en 64 chiffres hexadécimaux",
    6: "son contenu n'est plus celui qui a été inscrit",
}


def _porte_des_empreintes(table: pa.Table) -> bool:
    """False when no row has any digest."""
    return any(pc.any(pc.not_equal(table.column(nom), "")).as_py() for nom in EMPREINTES)


def _avec_tete(verdict: Verdict, connue: Tete | None, empreintes: pa.ChunkedArray) -> Verdict:
    """An intact chain against a head known from elsewhere: as long, and the same?"""
    tete = verdict.tete
    assert tete is not None
    details = vars(verdict)
    if connue is None:
        phrase = f"chaîne intacte : {verdict.evenements} événements, tête {tete}"
    elif connue.numero > tete.numero:
        phrase = (
            f"la chaîne est tronquée : elle s'arrête à l'événement {tete.numero} alors que l'événement "
            f"{connue.numero} est connu"
        )
        return Verdict(**{**details, "etat": "tronquee", "phrase": phrase, "numero": tete.numero + 1})
    elif connue.empreinte != _empreinte_au(connue.numero, verdict, empreintes):
        phrase = f"la chaîne a été réécrite : l'événement {connue.numero} ne porte plus l'empreinte connue"
        return Verdict(**{**details, "etat": "reecrite", "phrase": phrase, "numero": connue.numero})
    else:
        phrase = (
            f"chaîne intacte : {verdict.evenements} événements, tête {tete} ; elle prolonge la tête connue "
            f"(événement {connue.numero})"
        )
    return Verdict(**{**details, "phrase": phrase})


def _empreinte_au(numero: int, verdict: Verdict, empreintes: pa.ChunkedArray) -> str:
    return racine(str(verdict.chaine)) if numero == 0 else str(empreintes[numero - 1].as_py())
