"""From records to columns: batches of raw cells, each column kept as its distinct texts, cleaned once each."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partiteur.moteur.lecture import classeur, fichier
from partiteur.moteur.lecture.cellule import TYPES, nettoyer, propre
from partiteur.moteur.lecture.colonne import (
    COLONNES_MAX,
    Colonne,
    citer,
    colonnes,
    lire_correspondance,
    planifier,
    reconnues,
)
from partiteur.moteur.lecture.constat import EXEMPLES_MAX, Exemple, LectureImpossible, Rapport

LOT = 10_000
APERCU = 20  # rows searched for the header
PART_VIDE = 75  # percent of empty cells from which a column is reported

Source = fichier.Texte | classeur.Feuille


@dataclass(frozen=True)
class Ouvert:
    """A file opened: where its records are, and those where its header was searched."""

    source: Source
    apercu: tuple[tuple[int, list[str]], ...]
    rang_entete: int
    reconnues: int


def ouvrir(table: str, chemin: Path, rapport: Rapport) -> Ouvert:
    """Find the sheet or the separator, and the row, whose cells name the most columns of the table."""
    nature = fichier.nature(chemin)
    sources: Iterable[Source]
    if nature == "texte":
        codage = fichier.encodage(chemin, rapport)
        sources = [fichier.Texte(chemin, codage, separateur) for separateur in fichier.SEPARATEURS]
    else:
        sources = classeur.ouvrir(chemin, nature)
    ouverts = [_apercevoir(table, source) for source in sources]
    meilleur = max(ouverts, key=lambda o: (o.reconnues, _largeur(o)), default=None)
    if meilleur is None or not meilleur.apercu:
        raise LectureImpossible(f"{chemin.name} est vide : vérifiez l'export qui l'a produit.")
    if nature != "texte" and len(ouverts) > 1 and isinstance(meilleur.source, classeur.Feuille):
        autres = [s.nom for o in ouverts if isinstance(s := o.source, classeur.Feuille) and o is not meilleur]
        rapport.noter("autres_feuilles", len(autres), feuille=meilleur.source.nom, autres=citer(autres))
    return meilleur


def _apercevoir(table: str, source: Source) -> Ouvert:
    apercu = tuple(islice(source.enregistrements(), APERCU))
    notes = [reconnues(table, champs) for _, champs in apercu]
    rang = notes.index(max(notes)) if notes else 0
    return Ouvert(source, apercu, rang, max(notes, default=0))


def _largeur(ouvert: Ouvert) -> int:
    return sum(len(champs) for _, champs in ouvert.apercu)


@dataclass
class Tableau:
    """The rows of a file while they are judged.

    `brutes` holds the raw texts of each column read (dictionary arrays), `valeurs` their cleaned values,
    `lignes` the line of each row, `gardees` which rows are still accepted, `intitules` the header of each
    canonical column, `empreintes` one number per row for the search of identical rows (empty when not asked).
    """

    table: str
    rapport: Rapport
    intitules: Mapping[str, str]
    brutes: dict[str, Any]
    lignes: Any
    total: int
    empreintes: "array[int]"
    valeurs: dict[str, Any] = field(default_factory=dict)
    gardees: Any = None

    def __post_init__(self) -> None:
        self.gardees = pa.array([True] * len(self.lignes), pa.bool_())
        for nom in self.brutes:
            self._nettoyer(colonnes(self.table)[nom])

    def _nettoyer(self, colonne: Colonne) -> None:
        """Clean the distinct texts of a column, and report what was found with the rows it concerns."""
        brute = self.brutes[colonne.nom]
        distincts = brute.dictionary.to_pylist()
        zero_inconnu = colonne.type == "booleen" and "2" in {propre(texte) for texte in distincts}
        lues = [nettoyer(colonne, texte, zero_inconnu) for texte in distincts]
        valeurs = pa.array([valeur for valeur, _ in lues], TYPES.get(colonne.type, pa.string()))
        self.valeurs[colonne.nom] = valeurs.take(brute.indices)
        self._signaler_vides(colonne, [not propre(texte) for texte in distincts])
        perdus = ["\ufffd" in texte for texte in distincts]
        if any(perdus):
            self.avertir("caractere_perdu", self.etendre(colonne.nom, perdus), colonne.nom)
        for code in dict.fromkeys(constat for _, constat in lues if constat):
            touches = self.etendre(colonne.nom, [constat == code for _, constat in lues])
            self.avertir(code, touches, colonne.nom, attendu=colonne.attendu)

    def _signaler_vides(self, colonne: Colonne, vides: Sequence[bool]) -> None:
        if colonne.vide_normal or not any(vides):
            return
        masque = self.etendre(colonne.nom, vides)
        nombre, total = compter(masque), len(self.lignes)
        if nombre * 100 >= PART_VIDE * total:
            part = nombre * 100 // total
            self.avertir("colonne_presque_vide", masque, colonne.nom, lignes=total, part=part)

    def etendre(self, nom: str, par_distinct: Sequence[Any], type_: Any = None) -> Any:
        """One value per distinct raw text becomes one value per row; a mask unless `type_` is given."""
        return pa.array(par_distinct, type_ or pa.bool_()).take(self.brutes[nom].indices)

    def exemples(self, masque: Any, nom: str | None) -> list[Exemple]:
        """Rows of a mask with their raw text: the first of each distinct text, then the first rows."""
        rangs = pc.indices_nonzero(masque).slice(0, EXEMPLES_MAX).to_pylist()
        if nom not in self.brutes:
            return [Exemple(self.lignes[rang].as_py(), "") for rang in rangs]
        indices = self.brutes[nom].indices
        distincts = pc.unique(indices.filter(masque)).slice(0, EXEMPLES_MAX)
        premiers = [
            pc.index(pc.and_(masque, pc.equal(indices, distinct)), True).as_py() for distinct in distincts
        ]
        choisis = sorted(list(dict.fromkeys([*premiers, *rangs]))[:EXEMPLES_MAX])
        return [Exemple(self.lignes[rang].as_py(), str(self.brutes[nom][rang].as_py())) for rang in choisis]

    def avertir(self, code: str, masque: Any, nom: str | None = None, **details: Any) -> None:
        """Report the rows of a mask; they stay."""
        nombre = compter(masque)
        if nombre:
            intitule = self.intitules.get(nom, nom) if nom else None
            self.rapport.noter(code, nombre, intitule, self.exemples(masque, nom), **details)

    def refuser(self, code: str, masque: Any, nom: str | None = None, **details: Any) -> None:
        """Report the rows of a mask that are still accepted, and leave them out: a row is refused once."""
        masque = pc.and_(pc.fill_null(masque, False), self.gardees)
        self.avertir(code, masque, nom, **details)
        self.gardees = pc.and_not(self.gardees, masque)

    def colonne(self, nom: str) -> Any:
        """The cleaned values of a column, nulls when the file has none."""
        type_ = TYPES.get(colonnes(self.table)[nom].type, pa.string())
        return self.valeurs.get(nom, pa.nulls(len(self.lignes), type_))

    def canonique(self) -> Any:
        """The accepted rows: canonical columns in canonical order, then `ligne` (int32)."""
        gardees = {nom: self.colonne(nom) for nom, colonne in colonnes(self.table).items() if colonne.gardee}
        return pa.table({**gardees, "ligne": self.lignes}).filter(self.gardees)


def compter(masque: Any) -> int:
    """The number of true values of a mask."""
    return int(pc.sum(masque, min_count=0).as_py() or 0)


def lire_tableau(
    table: str,
    chemin: Path,
    rapport: Rapport,
    ouvert: Ouvert,
    exigees: Mapping[str, Sequence[str]],
    identifiants: Sequence[str],
    correspondance: Path | None = None,
) -> Tableau:
    """Read a file whose header names its columns; rows identical in all are searched when no identifier is.

    `exigees`: what must be there, in French, and the columns of which one is enough.
    Raises LectureImpossible when no column is recognised, one is missing, or no row follows the header.
    """
    ligne_entete, entetes = ouvert.apercu[ouvert.rang_entete]
    if len(entetes) > COLONNES_MAX:
        raise LectureImpossible(
            f"{chemin.name}, ligne {ligne_entete} : {len(entetes)} colonnes ; un tableau en compte {COLONNES_MAX} "
            "au plus. Vérifiez que le fichier est le bon."
        )
    demande = lire_correspondance(correspondance, table, entetes, chemin.name) if correspondance else {}
    plan = planifier(table, entetes, demande)
    if not plan.positions:
        gardees = [nom for nom, colonne in colonnes(table).items() if colonne.gardee]
        raise LectureImpossible(
            f"{chemin.name} : aucune colonne reconnue. Attendues, par exemple : {citer(gardees)}. Trouvées à la ligne "
            f"{ligne_entete} : {citer(entetes) or 'aucune'}. Vérifiez le fichier, ou donnez une correspondance."
        )
    for attendue, noms in exigees.items():
        if not any(nom in plan.positions for nom in noms):
            raise LectureImpossible(
                f"{chemin.name}, ligne {ligne_entete} : la colonne {attendue} manque. Trouvées : {citer(entetes)}. "
                "Ajoutez-la, ou donnez une correspondance."
            )
    exemple = [Exemple(ligne_entete, "")]
    rapport.noter("lignes_avant_entete", ouvert.rang_entete, exemples=exemple)
    rapport.noter(
        "colonnes_nominatives", len(plan.nominatives), exemples=exemple, noms=citer(plan.nominatives)
    )
    rapport.noter(
        "colonnes_non_reprises", len(plan.non_reprises), exemples=exemple, noms=citer(plan.non_reprises)
    )
    for canonique, ecartee, retenue in plan.en_double:
        rapport.noter(
            "colonne_en_double", 1, entetes[ecartee], exemple, canonique=canonique, retenue=entetes[retenue]
        )
    enregistrements = _apres(ouvert, len(entetes), rapport)
    empreintes = not any(nom in plan.positions for nom in identifiants)
    intitules = {nom: " ".join(entetes[position].split()) for nom, position in plan.positions.items()}
    return remplir(table, rapport, enregistrements, len(entetes), plan.positions, intitules, empreintes)


def _apres(ouvert: Ouvert, largeur: int, rapport: Rapport) -> Iterator[tuple[int, list[str]]]:
    """The records that follow the header; quotes never closed are reported at the end."""
    reprises: list[int] = []
    yield from islice(ouvert.source.enregistrements(largeur, reprises), ouvert.rang_entete + 1, None)
    exemples = [Exemple(ligne, "") for ligne in reprises]
    rapport.noter("enregistrement_sur_plusieurs_lignes", len(reprises), exemples=exemples)


def remplir(
    table: str,
    rapport: Rapport,
    enregistrements: Iterable[tuple[int, list[str]]],
    largeur: int,
    positions: Mapping[str, int],
    intitules: Mapping[str, str],
    empreintes: bool,
) -> Tableau:
    """Gather records by batches into columns of distinct texts; records of another width are left out."""
    lots: dict[str, list[Any]] = {nom: [] for nom in positions}
    lignes, marques = array("i"), array("q")
    vides: list[Exemple] = []
    nombre_vides = nombre_faux = 0
    faux: list[Exemple] = []
    lot: list[list[str]] = []
    marquer: Callable[[list[str]], None] = (
        (lambda champs: marques.append(hash(tuple(champs)))) if empreintes else (lambda champs: None)
    )

    def verser() -> None:
        cellules = list(zip(*lot, strict=True))
        for nom, position in positions.items():
            lots[nom].append(pa.array(cellules[position], pa.string()).dictionary_encode())
        lot.clear()

    for numero, champs in enregistrements:
        if len(champs) > largeur and not any(map(str.strip, champs[largeur:])):
            del champs[largeur:]
        if not champs:
            continue
        if not any(champs) or not any(map(str.strip, champs)):
            nombre_vides += 1
            if len(vides) < EXEMPLES_MAX:
                vides.append(Exemple(numero, ""))
        elif len(champs) != largeur:
            nombre_faux += 1
            if len(faux) < EXEMPLES_MAX:
                faux.append(Exemple(numero, f"{len(champs)} champ" + "s" * (len(champs) > 1)))
        else:
            lignes.append(numero)
            marquer(champs)
            lot.append(champs)
            if len(lot) == LOT:
                verser()
    if lot:
        verser()
    rapport.noter("lignes_vides", nombre_vides, exemples=vides)
    rapport.noter("nombre_de_champs", nombre_faux, exemples=faux, attendus=largeur)
    total = len(lignes) + nombre_faux
    if not total:
        raise LectureImpossible(
            f"{rapport.fichier} ne contient que des noms de colonnes, aucune ligne : vérifiez l'export."
        )
    brutes = {nom: _reunir(morceaux) for nom, morceaux in lots.items()}
    return Tableau(table, rapport, intitules, brutes, pa.array(lignes, pa.int32()), total, marques)


def _reunir(morceaux: list[Any]) -> Any:
    """One dictionary array from those of the batches."""
    type_ = pa.dictionary(pa.int32(), pa.string())
    return pa.chunked_array(morceaux, type_).unify_dictionaries().combine_chunks()
