"""Reading a journal: events checked one by one, in their order, what cannot be taken said with its line."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.journal.brut import Brut, lire_brut, table_de_textes
from partiteur.moteur.journal.distincts import distincts, encoder
from partiteur.moteur.journal.forme import (
    COLONNES,
    EMPREINTES,
    FAITS,
    FormeRefusee,
    attendu,
    ecrire_instant,
    ecrire_json,
    evenement_de,
    lire_instant,
    lire_json,
    refuser,
    verifier,
    verifier_donnees,
    verifier_texte,
)
from partiteur.moteur.lecture.cellule import nettoyer, propre
from partiteur.moteur.lecture.colonne import colonnes, normaliser
from partiteur.moteur.lecture.constat import (
    ERREUR,
    EXEMPLES_MAX,
    Constat,
    Exemple,
    LectureImpossible,
    Rapport,
    montrable,
)
from partiteur.regles.socle import nombre
from partiteur.regles.vacance import Evenement

# Candidatures as we draw them, and dates that surely exist: once masked, two designations are one shape.
CANDIDATURE = r'"c[0-9a-f]{12}"'
MASQUE = '"c000000000000"'
MASQUES = (
    (CANDIDATURE, MASQUE),
    (r'"20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"', '"2000-01-01"'),
)


@dataclass(frozen=True)
class Journal:
    """A journal read. `table` holds the texts of the exchange columns and three more: `ligne` (int32, source),
    `retenu` (bool: an event that counts) and `gabarit` (a dictionary: `donnees` with candidatures and dates masked).

    `enchaine`: rows bear digests, and the order is that of the chain; else rows are ordered by date_effet,
    date_saisie, evenement. `exact`: the file has the exact columns, so that its chain can be verified. `lignes`
    counts the rows of the file, `acceptees` the events that count, `nues` the bare envelopes. `refusees`: every row
    refused for what a cell holds, its line and why.
    """

    source: Path
    table: pa.Table
    enchaine: bool
    exact: bool
    forme: str
    separateur: str
    lignes: int
    acceptees: int
    nues: int
    constats: tuple[Constat, ...]
    refusees: tuple[tuple[int, str], ...] = ()

    @cached_property
    def evenements(self) -> tuple[Evenement, ...]:
        """The events that count, in order. Built on demand: a year of France is counted without them."""
        retenus = self.table.filter(self.table.column("retenu")).select(list(FAITS)).to_pylist()
        return tuple(evenement_de(ligne) for ligne in retenus)


class Refus:
    """Refused rows, gathered by column and sentence into constats."""

    def __init__(self, fichier: str, effet: str = "l'événement est laissé de côté") -> None:
        self.fichier, self.effet = fichier, effet
        self._par_cause: dict[tuple[str, str], list[Exemple]] = defaultdict(list)

    def noter(self, ligne: int, colonne: str, phrase: str, valeur: str) -> None:
        """One row refused."""
        self._par_cause[colonne, phrase].append(Exemple(ligne, montrable(valeur)))

    def constats(self) -> tuple[Constat, ...]:
        """One constat a cause, each with its first examples."""
        return tuple(
            Constat(
                "evenement_refuse",
                ERREUR,
                colonne,
                len(exemples),
                f"{self.fichier}, ligne {exemples[0].ligne}, colonne « {colonne} »{_citee(exemples[0])} : {phrase} ; "
                f"{self.effet} ({nombre(len(exemples))} cas).",
                tuple(exemples[:EXEMPLES_MAX]),
            )
            for (colonne, phrase), exemples in self._par_cause.items()
        )

    def lignes(self) -> tuple[tuple[int, str], ...]:
        """Every row refused, in the order of the file: its line, and why."""
        return tuple(
            sorted(
                (exemple.ligne, f"colonne « {colonne} »{_citee(exemple)} : {phrase}")
                for (colonne, phrase), exemples in self._par_cause.items()
                for exemple in exemples
            )
        )


def _citee(exemple: Exemple) -> str:
    """The value at fault, where the cell holds one."""
    return f" : « {exemple.valeur} »" if exemple.valeur else ""


def lire_journal(chemin: Path) -> Journal:
    """Read an exchange file, CSV (any separator or encoding), JSON lines or Excel; events that cannot be taken are
    left out and reported. The chain is not verified here: see `verifier_journal`.

    Raises LectureImpossible when nothing can be read.
    """
    rapport = Rapport(chemin.name)
    return _lire(chemin, lire_brut(chemin, rapport), rapport)


def journal_en_colonnes(table: pa.Table, nom: str) -> Journal:
    """The journal of a base: its rows as `lire_journal` would read them in its export, no file between.

    `table`: the columns of COLONNES, texts, in the order of the chain. Raises LectureImpossible when it is empty.
    """
    lignes = pa.array(range(2, table.num_rows + 2), pa.int32())
    brut = Brut(table.append_column("ligne", lignes), exact=True, forme="csv", separateur=";")
    return _lire(Path(nom), brut, Rapport(nom))


def _lire(chemin: Path, brut: Brut, rapport: Rapport) -> Journal:
    enchaine = any(pc.any(pc.not_equal(brut.table.column(nom), "")).as_py() for nom in EMPREINTES)
    refus = Refus(chemin.name)
    table = _controler(brut.table, refus) if enchaine else _ordonner(brut, refus)
    acceptees = pc.sum(table.column("retenu")).as_py() or 0
    nues = pc.sum(nues_de(table)).as_py() or 0
    constats = (*refus.constats(), *sorted(rapport.constats, key=lambda c: c.gravite != ERREUR))
    lignes = brut.table.num_rows + brut.ecartees
    if not table.num_rows and not brut.ecartees and not constats:
        raise LectureImpossible(f"{chemin.name} ne contient aucun événement : vérifiez l'export.")
    return Journal(
        chemin,
        table,
        enchaine,
        brut.exact,
        brut.forme,
        brut.separateur,
        lignes,
        acceptees,
        nues,
        constats,
        refus.lignes(),
    )


def nues_de(table: pa.Table) -> Any:
    """Mask of the bare envelopes: rows without type nor vacance."""
    return pc.and_(pc.equal(table.column("type"), ""), pc.equal(table.column("vacance"), ""))


def masquer(donnees: Any) -> pa.DictionaryArray:
    """`donnees` with candidatures and dates masked: the few shapes there are, and which each row has."""
    if donnees.num_chunks == 1:
        return encoder(_masquer(donnees))
    with ThreadPoolExecutor() as fils:
        return encoder(pa.chunked_array(fils.map(_masquer, donnees.chunks), donnees.type))


def _masquer(donnees: Any) -> Any:
    for motif, masque in MASQUES:
        donnees = pc.replace_substring_regex(donnees, motif, masque)
    return donnees


# --- a file that is not chained: each row is made canonical ----------------------------------------------------------


def _ordonner(brut: Brut, refus: Refus) -> pa.Table:
    """Canonical rows of a file without digests, ordered by date_effet, date_saisie, evenement."""
    lues: list[tuple[int, dict[str, str]]] = []
    connus: set[str] = set()
    for ligne in brut.table.to_pylist():
        try:
            ecrit = canonique(ligne)
            verifier(ecrit)
            if ecrit["evenement"] in connus:
                raise FormeRefusee("evenement", "cet identifiant figure déjà plus haut")
        except FormeRefusee as erreur:
            refus.noter(ligne["ligne"], erreur.colonne, erreur.phrase, ligne[erreur.colonne])
            continue
        connus.add(ecrit["evenement"])
        lues.append(
            (ligne["ligne"], {**ecrit, "chaine": propre(ligne["chaine"]), "numero": propre(ligne["numero"])})
        )
    lues.sort(key=lambda lue: (lue[1]["date_effet"], lue[1]["date_saisie"], lue[1]["evenement"]))
    table = table_de_textes(lues)
    return _completer(table, pa.repeat(True, table.num_rows), masquer(table.column("donnees")))


def _completer(table: pa.Table, retenus: Any, gabarits: Any) -> pa.Table:
    """The two columns a Journal adds to the texts."""
    return table.append_column("retenu", retenus).append_column("gabarit", gabarits)


def canonique(ligne: Mapping[str, Any]) -> dict[str, str]:
    """The texts of an event in canonical writing, from cells as people write them. Raises FormeRefusee.

    Dates jj/mm/aaaa become ISO, an instant without zone is UTC, a day stands for its midnight; an event without
    identifier takes its line's.
    """
    ecrit = {nom: propre(ligne[nom]) for nom in FAITS}
    ecrit["evenement"] = ecrit["evenement"] or f"ligne-{ligne['ligne']:07}"
    ecrit["type"] = normaliser(ecrit["type"]).replace(" ", "_")
    if ecrit["date_effet"]:
        ecrit["date_effet"] = _jour("date_effet", ecrit["date_effet"])
    if ecrit["date_saisie"]:
        ecrit["date_saisie"] = _instant(ecrit["date_saisie"])
    ecrit["donnees"] = ecrire_json(lire_json(ecrit["donnees"]))
    return ecrit


def _jour(nom: str, texte: str) -> str:
    valeur, _ = nettoyer(colonnes("journal")[nom], texte)
    if valeur is None:
        verifier_texte(nom, texte)  # says what is expected
        raise refuser(nom, "colonne", attendu=attendu("date"))
    return str(valeur.isoformat())


def _instant(texte: str) -> str:
    try:
        return ecrire_instant(lire_instant(texte))
    except ValueError:
        pass
    if ":" not in texte:
        return _jour("date_saisie", texte) + "T00:00:00Z"
    for forme_lue in ("", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"):
        try:
            lu = datetime.strptime(texte, forme_lue) if forme_lue else datetime.fromisoformat(texte)  # noqa: DTZ007
            return ecrire_instant(lu)
        except ValueError:
            continue
    raise refuser("date_saisie", "colonne", attendu=attendu("instant"))


# --- a chained file: texts stay as they are, by columns --------------------------------------------------------------


def _controler(table: pa.Table, refus: Refus) -> pa.Table:
    """The rows of a chained file with those whose texts can be taken; judged by distinct texts, never changed."""
    gabarits = masquer(table.column("donnees"))
    nues = nues_de(table)
    retenus = pc.invert(nues)
    for nom in FAITS[:-1]:
        retenus = pc.and_(retenus, _bons(table, nom, retenus, refus))
    retenus = pc.and_(retenus, _bonnes_donnees(table, gabarits, retenus, refus))
    doubles = _doubles(table.column("evenement"), retenus)
    for rang in doubles:
        refus.noter(
            table.column("ligne")[rang].as_py(),
            "evenement",
            "cet identifiant figure déjà plus haut",
            table.column("evenement")[rang].as_py(),
        )
    if doubles:
        retenus = pc.and_(retenus, pc.invert(pc.is_in(pa.array(range(table.num_rows)), pa.array(doubles))))
    return _completer(table, retenus, gabarits)


# What most texts of a column are; only the others are looked at one by one.
COURANTS = {
    "evenement": r"^[0-9A-Za-z][0-9A-Za-z_.:/+-]{0,79}$",
    "vacance": r"^[0-9A-Za-z][0-9A-Za-z_.:/+-]{0,79}$",
    "logement": r"^[0-9A-Za-z][0-9A-Za-z_.:/+-]{0,79}$",
    "date_saisie": r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z$",
}


def _bons(table: pa.Table, nom: str, candidats: Any, refus: Refus) -> Any:
    """Mask of the rows whose text in a column can be taken."""
    colonne = table.column(nom)
    douteux = candidats
    if nom in COURANTS:
        douteux = pc.and_(candidats, pc.invert(pc.match_substring_regex(colonne, COURANTS[nom])))
    mauvais: dict[str, str] = {}
    for texte in pc.unique(colonne.filter(douteux)).to_pylist():
        try:
            verifier_texte(nom, texte)
        except FormeRefusee as erreur:
            mauvais[texte] = erreur.phrase
    if not mauvais:
        return pa.repeat(True, table.num_rows)
    fautes = pc.and_(candidats, pc.is_in(colonne, pa.array(list(mauvais), pa.string())))
    _refuser_lignes(table.filter(fautes).select([nom, "ligne"]).to_pylist(), nom, mauvais, refus)
    return pc.invert(fautes)


def _refuser_lignes(
    lignes: Sequence[Mapping[str, Any]], nom: str, mauvais: Mapping[str, str], refus: Refus
) -> None:
    for ligne in lignes:
        refus.noter(ligne["ligne"], nom, mauvais[ligne[nom]], ligne[nom])


def _bonnes_donnees(table: pa.Table, gabarits: Any, candidats: Any, refus: Refus) -> Any:
    """Mask of the rows whose `donnees` can be taken: one check a distinct (type, shape)."""
    rangs, textes = distincts(table.column("type"), gabarits)
    mauvaises: dict[int, FormeRefusee] = {}
    for cle in pc.unique(rangs.filter(candidats)).to_pylist():
        type_, gabarit = textes[cle]
        try:
            verifier_donnees(type_, lire_json(gabarit))
        except FormeRefusee as erreur:
            mauvaises[cle] = erreur
    if not mauvaises:
        return pa.repeat(True, table.num_rows)
    fautes = pc.and_(candidats, pc.is_in(rangs, pa.array(list(mauvaises), pa.int64())))
    for rang in pc.indices_nonzero(fautes).to_pylist():
        ligne, texte = (table.column(nom)[rang].as_py() for nom in ("ligne", "donnees"))
        refus.noter(ligne, "donnees", mauvaises[rangs[rang].as_py()].phrase, texte)
    return pc.invert(fautes)


def _doubles(evenements: Any, retenus: Any) -> list[int]:
    """Rows whose identifier was met above; none is searched when all differ."""
    gardes = evenements.filter(retenus)
    if pc.count_distinct(gardes).as_py() == len(gardes):
        return []
    vus: set[str] = set()
    doubles = []
    for rang, (texte, garde) in enumerate(zip(evenements.to_pylist(), retenus.to_pylist(), strict=True)):
        if garde and texte in vus:
            doubles.append(rang)
        elif garde:
            vus.add(texte)
    return doubles


__all__ = ["COLONNES", "Journal", "canonique", "lire_journal", "masquer", "nues_de"]
