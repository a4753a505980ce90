"""Reading a file of demandes: CSV as text, Parquet by its types; each column is a variable of the catalogue.

A column that is none of them is not taken; one that looks nominative is dropped and reported by its header alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from partiteur.moteur.demandes.cellule import lire_cellule, sorte
from partiteur.moteur.demandes.schema import NUMERO, TYPES, connue, schema_demandes, variable_de
from partiteur.moteur.lecture import fichier
from partiteur.moteur.lecture.cellule import propre
from partiteur.moteur.lecture.colonne import COLONNES_MAX, citer, normaliser, semble_nominative
from partiteur.moteur.lecture.constat import EXEMPLES_MAX, Constat, Exemple, LectureImpossible, Rapport
from partiteur.regles.cotation.catalogue import Catalogue

LOT = 20_000
MAGIE_PARQUET = b"PAR1"
ATTENDUS = {
    "booleen": "oui ou non",
    "entier": "un nombre entier",
    "nombre": "un nombre",
    "code": "un code de la liste",
    "liste": "des codes de la liste, séparés par |",
    "date": "une date aaaa-mm-jj",
    "evenements": "des dates aaaa-mm-jj, séparées par |",
}


@dataclass(frozen=True)
class Demandes:
    """A file of demandes read.

    `colonnes`: what the file gives, `numero_unique` first. `table` holds the accepted rows of a CSV or of the SNE,
    in these columns then `ligne` (1-based, source); of a Parquet it is None, and `chemin` is to be registered as a
    view, its types checked. `lignes` counts the rows, `acceptees` those kept.
    """

    colonnes: tuple[str, ...]
    lignes: int
    acceptees: int
    constats: tuple[Constat, ...]
    table: Any = None
    chemin: Path | None = None


def lire_demandes(chemin: Path, catalogue: Catalogue) -> Demandes:
    """Read a CSV (any usual separator, dates aaaa-mm-jj, lists and dated counters separated by |) or a Parquet.

    A row without numero_unique, or whose number was met above, is left out. Cells that cannot be read are unknown.
    Raises LectureImpossible when nothing can be read, or when a column of a Parquet has another type.
    """
    try:
        with chemin.open("rb") as flux:
            debut = flux.read(len(MAGIE_PARQUET))
    except OSError:
        debut = b""  # fichier.nature says what is wrong
    return _lire_parquet(chemin, catalogue) if debut == MAGIE_PARQUET else _lire_csv(chemin, catalogue)


def reunir(
    rapport: Rapport, catalogue: Catalogue, noms: Sequence[str], lots: Iterable[Any], lignes: int
) -> Demandes:
    """The demandes of batches whose columns are `noms` then `ligne`: rows without a number, or met twice, left out."""
    vus: set[str] = set()
    gardes: list[Any] = []
    sans, doubles = Compte(), Compte()
    for lot in lots:
        masque = []
        for numero, ligne in zip(
            lot.column(NUMERO).to_pylist(), lot.column("ligne").to_pylist(), strict=True
        ):
            garde = numero is not None and numero not in vus
            if numero is None:
                sans.ajouter(ligne, "")
            elif not garde:
                doubles.ajouter(ligne, "")
            else:
                vus.add(numero)
            masque.append(garde)
        gardes.append(lot.filter(pa.array(masque, pa.bool_())))
    rapport.noter("demande_sans_numero", sans.nombre, NUMERO, sans.exemples)
    rapport.noter("demande_en_double", doubles.nombre, NUMERO, doubles.exemples)
    table = pa.concat_tables(gardes) if gardes else schema_demandes(catalogue, noms).empty_table()
    return Demandes(tuple(noms), lignes, table.num_rows, tuple(rapport.constats), table)


class Compte:
    """How many cells have a fault, and the first of them: a line and a kind, never a value."""

    def __init__(self) -> None:
        self.nombre = 0
        self.exemples: list[Exemple] = []

    def ajouter(self, ligne: int, quoi: str) -> None:
        """One more at this line; `quoi` is the kind of thing read."""
        self.nombre += 1
        if len(self.exemples) < EXEMPLES_MAX:
            self.exemples.append(Exemple(ligne, quoi))


def _lire_csv(chemin: Path, catalogue: Catalogue) -> Demandes:
    rapport = Rapport(chemin.name)
    if fichier.nature(chemin) != "texte":
        raise LectureImpossible(
            f"{chemin.name} est un classeur : enregistrez les demandes en CSV (UTF-8) ou donnez un fichier Parquet."
        )
    codage = fichier.encodage(chemin, rapport)
    entetes, source, ligne_entete = _ouvrir(chemin, codage, catalogue)
    positions = _planifier(entetes, catalogue, rapport, ligne_entete, chemin.name)
    noms = [NUMERO, *(nom for nom in positions if nom != NUMERO)]
    fautes: dict[tuple[str, str], Compte] = {}
    largeur = _Largeur(len(entetes))
    lots = _lots(source, ligne_entete, positions, noms, catalogue, fautes, largeur)
    demandes = reunir(rapport, catalogue, noms, lots, 0)
    for (nom, code), compte in fautes.items():
        attendu = _attendu(catalogue, nom)
        rapport.noter(f"demande_{code}", compte.nombre, nom, compte.exemples, attendu=attendu)
    rapport.noter(
        "nombre_de_champs", largeur.fautes.nombre, exemples=largeur.fautes.exemples, attendus=largeur.champs
    )
    if not largeur.lues:
        raise LectureImpossible(
            f"{chemin.name} ne contient que des noms de colonnes, aucune ligne : vérifiez l'export."
        )
    return Demandes(
        demandes.colonnes, largeur.lues, demandes.acceptees, tuple(rapport.constats), demandes.table
    )


def _ouvrir(chemin: Path, codage: str, catalogue: Catalogue) -> tuple[list[str], fichier.Texte, int]:
    """The header, under the separator that gives the most known columns, and its line."""
    meilleur: tuple[int, list[str], fichier.Texte, int] | None = None
    for separateur in fichier.SEPARATEURS:
        source = fichier.Texte(chemin, codage, separateur)
        for ligne, champs in islice(source.enregistrements(), 1):
            connus = sum(_colonne(champ, catalogue) is not None for champ in champs)
            if meilleur is None or connus > meilleur[0]:
                meilleur = (connus, champs, source, ligne)
    if meilleur is None:
        raise LectureImpossible(f"{chemin.name} est vide : vérifiez l'export qui l'a produit.")
    return meilleur[1], meilleur[2], meilleur[3]


def _colonne(entete: str, catalogue: Catalogue) -> str | None:
    """The column a header names: its code as it is, whatever the case and the accents."""
    nom = normaliser(entete).replace(" ", "_")
    return nom if connue(catalogue, nom) else None


def _nominative(entete: str, catalogue: Catalogue) -> bool:
    """A header that announces persons, or what no grid may read."""
    return normaliser(entete).replace(" ", "_") in catalogue.variables or semble_nominative(entete)


def _planifier(
    entetes: Sequence[str], catalogue: Catalogue, rapport: Rapport, ligne: int, nom_fichier: str
) -> dict[str, int]:
    """Where each column is; what is left aside is reported by its header."""
    if len(entetes) > COLONNES_MAX:
        raise LectureImpossible(
            f"{nom_fichier}, ligne {ligne} : {len(entetes)} colonnes ; un fichier de demandes en compte "
            f"{COLONNES_MAX} au plus. Vérifiez que le fichier est le bon."
        )
    positions: dict[str, int] = {}
    nominatives: list[str] = []
    autres: list[str] = []
    for rang, entete in enumerate(entetes):
        nom = _colonne(entete, catalogue)
        if nom is not None and nom not in positions:
            positions[nom] = rang
        elif nom is not None:
            rapport.noter("colonne_en_double", 1, nom, [Exemple(ligne, "")], canonique=nom, retenue=nom)
        elif entete.strip():
            (nominatives if _nominative(entete, catalogue) else autres).append(entete)
    if NUMERO not in positions:
        raise LectureImpossible(
            f"{nom_fichier}, ligne {ligne} : la colonne « {NUMERO} » manque. Une ligne est une demande, et ses "
            "colonnes sont les variables du catalogue."
        )
    exemple = [Exemple(ligne, "")]
    rapport.noter("colonnes_nominatives", len(nominatives), exemples=exemple, noms=citer(nominatives))
    rapport.noter("colonnes_non_reprises", len(autres), exemples=exemple, noms=citer(autres))
    return positions


class _Largeur:
    """How many rows were met, and those that have another number of fields."""

    def __init__(self, champs: int) -> None:
        self.champs, self.lues = champs, 0
        self.fautes = Compte()


def _lots(
    source: fichier.Texte,
    entete: int,
    positions: dict[str, int],
    noms: Sequence[str],
    catalogue: Catalogue,
    fautes: dict[tuple[str, str], Compte],
    largeur: _Largeur,
) -> Iterator[Any]:
    """The rows by batches, each cell read once per distinct text of its column."""
    memoires: dict[str, dict[str, Any]] = {nom: {} for nom in noms}
    schema = schema_demandes(catalogue, noms)
    enregistrements = (r for r in source.enregistrements(largeur.champs) if r[0] > entete)
    while lot := list(islice(enregistrements, LOT)):
        lignes, champs = [], []
        for numero, cellules in lot:
            if not any(map(str.strip, cellules)):
                continue
            largeur.lues += 1
            if len(cellules) != largeur.champs:
                largeur.fautes.ajouter(numero, f"{len(cellules)} champ(s)")
            else:
                lignes.append(numero)
                champs.append(cellules)
        colonnes = {
            nom: _lire_colonne(
                nom, [c[positions[nom]] for c in champs], lignes, catalogue, memoires[nom], fautes
            )
            for nom in noms
        }
        yield pa.table({**colonnes, "ligne": lignes}, schema=schema)


def _lire_colonne(
    nom: str,
    bruts: Sequence[str],
    lignes: Sequence[int],
    catalogue: Catalogue,
    memoire: dict[str, Any],
    fautes: dict[tuple[str, str], Compte],
) -> list[Any]:
    if nom == NUMERO:
        return [propre(brut) or None for brut in bruts]
    variable = variable_de(catalogue, nom)
    valeurs = []
    for brut, ligne in zip(bruts, lignes, strict=True):
        lue = memoire.get(brut)
        if lue is None:
            lue = memoire[brut] = lire_cellule(variable, brut)
        if lue[1] is not None:
            fautes.setdefault((nom, lue[1]), Compte()).ajouter(ligne, sorte(brut))
        valeurs.append(lue[0])
    return valeurs


def _attendu(catalogue: Catalogue, nom: str) -> str:
    """What a column expects, with the codes when they are few."""
    variable = variable_de(catalogue, nom)
    codes = citer(list(variable.codes)) if variable.codes else ""
    return f"{ATTENDUS[variable.type]} ({codes})" if codes else ATTENDUS[variable.type]


def _lire_parquet(chemin: Path, catalogue: Catalogue) -> Demandes:
    """Check the columns and the types of a Parquet; its rows are left to the engine."""
    rapport = Rapport(chemin.name)
    try:
        with pq.ParquetFile(chemin) as lu:
            schema, lignes = lu.schema_arrow, lu.metadata.num_rows
    except (pa.ArrowException, OSError):
        raise LectureImpossible(
            f"{chemin.name} n'est pas un fichier Parquet lisible ; refaites l'export."
        ) from None
    positions = _planifier(schema.names, catalogue, rapport, 1, chemin.name)
    for nom in positions:
        attendu, reel = TYPES[variable_de(catalogue, nom).type], schema.field(positions[nom]).type
        if schema.names[positions[nom]] != nom or not _compatible(reel, attendu):
            raise LectureImpossible(
                f"{chemin.name}, colonne « {nom} » : le type {reel} est lu, {attendu} est attendu ; réécrivez cette colonne."
            )
    noms = (NUMERO, *(nom for nom in positions if nom != NUMERO))
    return Demandes(noms, lignes, lignes, tuple(rapport.constats), None, chemin)


def _compatible(reel: pa.DataType, attendu: pa.DataType) -> bool:
    """Whether a column can be read as another type without losing anything."""
    types = pa.types
    if types.is_list(attendu):
        liste = types.is_list(reel) or types.is_large_list(reel)
        return bool(liste) and _compatible(reel.value_type, attendu.value_type)
    if types.is_string(attendu):
        return bool(types.is_string(reel) or types.is_large_string(reel))
    if types.is_integer(attendu):
        return bool(types.is_integer(reel))
    if types.is_decimal(attendu):
        return bool(types.is_decimal(reel) or types.is_integer(reel))
    return bool(reel == attendu)
