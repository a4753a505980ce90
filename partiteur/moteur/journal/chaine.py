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
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.forme import CHAINE_ET_FAITS, EMPREINTES, FAITS, VERSION, contenu
from partiteur.regles.socle import ErreurUtilisateur

OCTETS_DU_SEL = 32
LOT = 100_000
HEXADECIMAL = "^[0-9a-f]{64}$"


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
    return hashlib.sha256(chaine.encode()).hexdigest()


def empreinte_contenu(sel: str, texte: str) -> str:
    """SHA-256 of the salt (its bytes, given in hexadecimal) followed by the content."""
    return hashlib.sha256(bytes.fromhex(sel) + texte.encode()).hexdigest()


def empreinte(numero: int, precedente: str, du_contenu: str) -> str:
    """SHA-256 of the number, the previous digest and the content's."""
    return hashlib.sha256(f"{numero}{precedente}{du_contenu}".encode()).hexdigest()


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
    precedente = racine(chaine)
    nues = effaces = 0
    for debut in range(0, lignes, LOT):
        lot = table.slice(debut, LOT).combine_chunks()
        faute = _premiere_faute(lot, chaine, precedente, debut)
        sans_sel = lot.filter(pc.equal(lot.column("sel"), ""))
        vides = _compter(pc.equal(_joindre([sans_sel.column(nom) for nom in FAITS]), ""))
        nues, effaces = nues + vides, effaces + sans_sel.num_rows - vides
        if faute is not None:
            fautif, cause = faute
            phrase = f"la chaîne est altérée à l'événement {fautif} : {CAUSES[cause]}"
            return Verdict("alteree", phrase, fautif, chaine, lignes, nues, effaces)
        precedente = str(empreintes[debut + lot.num_rows - 1].as_py())
    intacte = Verdict("intacte", "", None, chaine, lignes, nues, effaces, Tete(lignes, precedente))
    return _avec_tete(intacte, connue, empreintes)


def _premiere_faute(lot: pa.Table, chaine: str, precedente: str, debut: int) -> tuple[int, int] | None:
    """The first row at fault (its number, from 1) and the first cause of CAUSES that it shows; None when none."""
    taille = lot.num_rows
    numeros = pa.array(range(debut + 1, debut + taille + 1), pa.int64()).cast(pa.string())
    empreintes = _entier(lot.column("empreinte"))
    attendues = pa.concat_arrays([pa.array([precedente]), empreintes.slice(0, taille - 1)])
    chainees = _joindre([lot.column(nom) for nom in ("numero", "empreinte_precedente", "empreinte_contenu")])
    sans_sel = pc.equal(lot.column("sel"), "")
    lisible = pc.match_substring_regex(lot.column("sel"), HEXADECIMAL)
    contenu_lisible = pc.match_substring_regex(lot.column("empreinte_contenu"), HEXADECIMAL)
    causes = (
        pc.not_equal(lot.column("chaine"), chaine),
        pc.not_equal(lot.column("numero"), numeros),
        pc.not_equal(lot.column("empreinte_precedente"), attendues),
        pc.not_equal(empreintes, _hacher(chainees)),
        pc.invert(pc.and_(contenu_lisible, pc.or_(sans_sel, lisible))),
    )
    rangs = [(pc.index(masque, True).as_py(), cause) for cause, masque in enumerate(causes, start=1)]
    sales = lot.filter(lisible)
    sels = bytes.fromhex("".join(sales.column("sel").to_pylist()))
    altere = pc.index(pc.not_equal(sales.column("empreinte_contenu"), _hacher(_contenus(sales), sels)), True)
    if altere.as_py() >= 0:
        rangs.append((pc.indices_nonzero(lisible)[altere.as_py()].as_py(), len(causes) + 1))
    fautes = [(debut + rang + 1, cause) for rang, cause in rangs if rang >= 0]
    return min(fautes, default=None)


def _contenus(lot: pa.Table) -> pa.Array:
    """The canonical contents, assembled by columns as `forme.contenu` does row by row."""
    morceaux: list[Any] = []
    for rang, nom in enumerate(sorted(CHAINE_ET_FAITS)):
        colonne = _entier(lot.column(nom))
        tete = f'{"," if rang else "{"}"{nom}":'
        if nom == "donnees":
            morceaux += [tete, colonne]
        else:
            cite = _joindre([pa.scalar('"'), colonne, pa.scalar('"')])
            morceaux += [tete, pc.if_else(pc.equal(colonne, ""), "null", cite)]
    return _joindre([*morceaux, f',"version":{VERSION}}}'])


def _joindre(morceaux: Sequence[Any]) -> pa.Array:
    """Texts end to end, row by row."""
    return _entier(pc.binary_join_element_wise(*morceaux, ""))


def _entier(colonne: Any) -> pa.Array:
    """One array of a column of one batch."""
    return colonne.combine_chunks() if isinstance(colonne, pa.ChunkedArray) else colonne


def _hacher(messages: pa.Array, sels: bytes | None = None) -> pa.Array:
    """SHA-256 of each text, its salt before it when there are salts, in hexadecimal."""
    _, places, octets = messages.buffers()
    bornes = memoryview(places).cast("i")[messages.offset : messages.offset + len(messages) + 1].tolist()
    texte = memoryview(octets or b"")
    sha256 = hashlib.sha256
    if sels is None:
        return pa.array([sha256(texte[a:b]).hexdigest() for a, b in pairwise(bornes)], pa.string())
    empreintes = []
    for rang, (a, b) in enumerate(pairwise(bornes)):
        hache = sha256(sels[rang * OCTETS_DU_SEL : (rang + 1) * OCTETS_DU_SEL])
        hache.update(texte[a:b])
        empreintes.append(hache.hexdigest())
    return pa.array(empreintes, pa.string())


def _compter(masque: Any) -> int:
    return int(pc.sum(masque).as_py() or 0)


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
