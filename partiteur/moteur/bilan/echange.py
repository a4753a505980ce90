"""The exchange schema of a bilan or of an état des lieux: rows written, read back from another bailleur, added up (D29)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from partiteur.moteur.bilan.ventilation import AXES, COMPTEURS, rang_de
from partiteur.moteur.lecture.cellule import propre
from partiteur.moteur.lecture.colonne import planifier
from partiteur.moteur.lecture.constat import Rapport
from partiteur.moteur.lecture.tableau import ouvrir
from partiteur.regles.bilan import Bilan, Cellule, Ventilation, recouper
from partiteur.regles.socle import ErreurUtilisateur, bareme, nombre

TETE: tuple[str, ...] = tuple(bareme("bilan")["echange"]["tete"])
MOTS = {"oui": True, "non": False, "inconnu": None, "": None, "true": True, "false": False, "null": None}


class BilanIllisible(ErreurUtilisateur):
    """A bilan that cannot be read back: where, why, what to do."""


@dataclass(frozen=True)
class Schema:
    """What a file of exchange holds after TETE: axes, counters, and the columns it cannot do without."""

    axes: tuple[str, ...]
    compteurs: tuple[str, ...]
    obligatoires: tuple[str, ...]


BILAN = Schema(AXES, COMPTEURS, tuple(bareme("bilan")["echange"]["obligatoires"]))
ETAT = Schema(**{nom: tuple(v) for nom, v in bareme("bilan")["echange"]["etat"].items()})


@dataclass(frozen=True)
class BilanEchange:
    """A bilan read back, or an état des lieux, which has a day and no first one: whose it is, its period, its long table.

    `lignes` counts the rows of the file; `refusees`: the rows left out, in words. A column it does not have is in
    `absents`: an axis reads as unknown, a counter as 0.
    """

    source: str
    bailleur: str | None
    du: date | None
    au: date | None
    ventilation: Ventilation
    lignes: int
    absents: tuple[str, ...]
    refusees: tuple[str, ...]


def entete_d_echange(ventilation: Ventilation) -> tuple[str, ...]:
    """The columns of the exchange schema, for a long table."""
    return (*TETE, *ventilation.axes, *ventilation.total)


def lignes_d_echange(bilan: Bilan) -> Iterator[Sequence[Any]]:
    """The long table as rows of the exchange schema, its header first."""
    yield entete_d_echange(bilan.ventilation)
    tete = (bilan.bailleur or "", bilan.du.isoformat(), bilan.au.isoformat())
    yield from lignes_de(bilan.ventilation, tete)


def lignes_de(ventilation: Ventilation, tete: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a long table, each after `tete`; unknown is said."""
    for cellule in ventilation.lignes:
        cle = ["inconnu" if valeur is None else valeur for valeur in cellule.cle]
        yield (*tete, *cle, *(cellule.compteurs[nom] for nom in ventilation.total))


def lire_bilan(chemin: Path) -> BilanEchange:
    """Read a bilan, or an état des lieux, in the exchange schema, CSV or Excel: cells controlled one by one, bad rows
    left out, named. A file that counts « logements » and no mise à disposition is an état des lieux.

    Raises BilanIllisible or LectureImpossible when nothing can be read.
    """
    rapport = Rapport(chemin.name)
    ouvert = ouvrir("bilan", chemin, rapport)
    ligne_entete, entetes = ouvert.apercu[ouvert.rang_entete]
    plan = planifier("bilan", entetes, {})
    schema = _schema(chemin.name, ligne_entete, plan.positions)
    lecture = _Lecture(chemin.name, plan.positions, schema)
    suite = islice(ouvert.source.enregistrements(len(entetes), []), ouvert.rang_entete + 1, None)
    for numero, champs in suite:
        if any(map(str.strip, champs)):
            lecture.lire(numero, champs)
    if not lecture.cellules and not lecture.refusees:
        raise BilanIllisible(f"{chemin.name} ne contient aucune ligne de bilan : vérifiez l'export.")
    ventilation = ventilation_de(lecture.cellules, schema)
    lecture.recouper(ventilation.total)
    absents = tuple(nom for nom in (*schema.axes, *schema.compteurs) if nom not in plan.positions)
    return BilanEchange(
        chemin.name,
        lecture.un("bailleur"),
        _date(lecture.un("du")),
        _date(lecture.un("au")),
        ventilation,
        lecture.lignes,
        absents,
        tuple(lecture.refusees),
    )


def _schema(fichier: str, ligne: int, positions: Mapping[str, int]) -> Schema:
    """Which of the two a header is. Raises BilanIllisible when a column it cannot do without is absent."""
    schema = ETAT if "logements" in positions and "mise_a_disposition" not in positions else BILAN
    manquent = [nom for nom in schema.obligatoires if nom not in positions]
    if manquent:
        raise BilanIllisible(
            f"{fichier}, ligne {ligne} : colonnes absentes : {', '.join(manquent)} ; un bilan échangé a les colonnes "
            f"{', '.join((*TETE, *BILAN.axes, *BILAN.compteurs))}, un état des lieux "
            f"{', '.join((*TETE, *ETAT.axes, *ETAT.compteurs))}."
        )
    return schema


class _Lecture:
    """Rows being read: the cells kept, the rows left out, what the head columns say."""

    def __init__(self, fichier: str, positions: Mapping[str, int], schema: Schema) -> None:
        self.fichier = fichier
        self.positions = positions
        self.schema = schema
        self.cellules: dict[tuple[Any, ...], Counter[str]] = {}
        self.tetes: dict[str, set[str]] = {nom: set() for nom in TETE}
        self.refusees: list[str] = []
        self.totaux: list[tuple[int, dict[str, int]]] = []
        self.lignes = 0

    def lire(self, numero: int, champs: Sequence[str]) -> None:
        """One row, kept whole or left out whole."""
        self.lignes += 1
        textes = {
            nom: propre(champs[place]).removeprefix("'")
            for nom, place in self.positions.items()
            if place < len(champs)
        }
        try:
            cle = tuple(_valeur(axe, textes.get(axe, "")) for axe in self.schema.axes)
            comptes = {nom: _entier(nom, textes.get(nom, "")) for nom in self.schema.compteurs}
            for nom in ("du", "au"):
                if textes.get(nom):
                    date.fromisoformat(textes[nom])
        except ValueError as erreur:
            self.refusees.append(f"{self.fichier}, ligne {numero} : {erreur}")
            return
        if textes["reservataire"].lower() == "total" and not any(
            textes.get(axe) for axe in self.schema.axes[1:]
        ):
            self.lignes -= 1
            self.totaux.append((numero, comptes))
            return
        self.cellules.setdefault(cle, Counter()).update(comptes)
        for nom in TETE:
            if textes.get(nom):
                self.tetes[nom].add(textes[nom])

    def recouper(self, total: Mapping[str, int]) -> None:
        """A total that the file gives must be the sum of its rows: one that is not is named."""
        for numero, donne in self.totaux:
            faux = [nom for nom in self.positions if nom in total and donne[nom] != total[nom]]
            self.refusees += [
                f"{self.fichier}, ligne {numero} : total « {nom} » {donne[nom]}, la somme des lignes est {total[nom]}"
                for nom in faux
            ]

    def un(self, nom: str) -> str | None:
        """What every row says; None when nothing is said. Raises BilanIllisible when they differ."""
        dits = self.tetes[nom]
        if len(dits) > 1:
            raise BilanIllisible(
                f"{self.fichier}, colonne « {nom} » : {nombre(len(dits))} valeurs différentes ({', '.join(sorted(dits)[:3])}) ; "
                "un fichier est le bilan d'un bailleur pour une période."
            )
        return next(iter(dits), None)


def _valeur(axe: str, texte: str) -> Any:
    """An axis: a code, oui / non, or unknown. Raises ValueError."""
    if axe == "reservataire":
        if not texte:
            raise ValueError("colonne « reservataire » : le code manque")
        return texte
    if axe == "qpv":
        if texte.lower() not in MOTS:
            raise ValueError(f"colonne « qpv » : « {texte} » ; écrivez oui, non ou inconnu")
        return MOTS[texte.lower()]
    if texte.lower() in ("", "inconnu", "null"):
        return None
    texte = _codes().get(texte, texte)
    admises = _admises(axe)
    if admises and texte not in admises:
        raise ValueError(f"colonne « {axe} » : « {texte} » n'est pas admis ; valeurs : {', '.join(admises)}")
    return texte


@cache
def _codes() -> Mapping[str, str]:
    """The codes of the periods by the labels a workbook writes."""
    return {c["libelle"]: c["code"] for c in bareme("periodes_construction")["classes"]}


def _admises(axe: str) -> tuple[str, ...]:
    """The closed values of an axis; none for a commune."""
    if axe == "typologie":
        return tuple(dict.fromkeys(bareme("typologies")["groupes"].values()))
    if axe == "famille_financement":
        return tuple(dict.fromkeys(bareme("financement")["familles"].values()))
    if axe == "periode_construction":
        return tuple(c["code"] for c in bareme("periodes_construction")["classes"])
    return ()


def _entier(nom: str, texte: str) -> int:
    """A counter; an empty cell is 0. Raises ValueError."""
    if not texte.isdecimal() and texte:
        raise ValueError(f"colonne « {nom} » : « {texte} » ; un nombre entier est attendu")
    return int(texte or 0)


def _date(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None


def ventilation_de(cellules: Mapping[tuple[Any, ...], Mapping[str, int]], schema: Schema) -> Ventilation:
    """A long table with its marginals, from its cells."""
    total: Counter[str] = Counter(dict.fromkeys(schema.compteurs, 0))
    marginaux: dict[str, dict[Any, Counter[str]]] = {axe: {} for axe in schema.axes}
    for cle, comptes in cellules.items():
        total.update(comptes)
        for rang, axe in enumerate(schema.axes):
            marginaux[axe].setdefault(cle[rang], Counter()).update(comptes)
    return _recoupee(cellules, marginaux, total)


def _recoupee(
    cellules: Mapping[tuple[Any, ...], Mapping[str, int]],
    marginaux: Mapping[str, Mapping[Any, Mapping[str, int]]],
    total: Mapping[str, int],
) -> Ventilation:
    """A long table once its cells, its marginals and its total agree. Raises BilanIncoherent when they do not."""
    axes = tuple(marginaux)
    rangs = {
        axe: _cellules({(valeur,): comptes for valeur, comptes in lus.items()}, total)
        for axe, lus in marginaux.items()
    }
    ventilation: Ventilation = recouper(axes, _cellules(cellules, total), rangs, total).valeur
    return ventilation


def _cellules(
    comptes: Mapping[tuple[Any, ...], Mapping[str, int]], compteurs: Iterable[str]
) -> list[Cellule]:
    """Cells in the order of their keys, every counter given."""
    noms = tuple(compteurs)
    return [
        Cellule(cle, {nom: comptes[cle].get(nom, 0) for nom in noms}) for cle in sorted(comptes, key=rang_de)
    ]


@dataclass(frozen=True)
class Territoire:
    """The bilans of a territory added up, or its états des lieux: `ventilation` of all, `bilans` one by one."""

    du: date | None
    au: date
    ventilation: Ventilation
    bilans: tuple[BilanEchange, ...]


def consolider(bilans: Sequence[BilanEchange]) -> Territoire:
    """Add up the bilans of several bailleurs over one period, or their états des lieux on one day.

    The rows, the marginals and the totals are added up apart, and must agree. Raises BilanIllisible when kinds, periods
    or names differ, BilanIncoherent when the sums do.
    """
    if len({b.ventilation.axes for b in bilans}) > 1:
        raise BilanIllisible(
            "Un bilan ne s'additionne pas avec un état des lieux : donnez les uns sans les autres."
        )
    periodes = {(b.du, b.au) for b in bilans}
    du, au = next(iter(periodes))
    etats = bilans[0].ventilation.axes == ETAT.axes
    if len(periodes) > 1 or au is None or (du is None and not etats):
        dites = " ; ".join(f"{b.source} : {b.du or 'inconnu'} au {b.au or 'inconnu'}" for b in bilans)
        raise BilanIllisible(
            f"Ces bilans ne portent pas sur une même période connue ({dites}) ; demandez-les aux mêmes dates."
        )
    noms = Counter(b.bailleur or b.source for b in bilans)
    doubles = [nom for nom, fois in noms.items() if fois > 1]
    if doubles:
        raise BilanIllisible(f"Le bilan de « {doubles[0]} » est donné deux fois : n'en gardez qu'un.")
    return Territoire(du, au, _additionner([b.ventilation for b in bilans]), tuple(bilans))


def _additionner(lues: Sequence[Ventilation]) -> Ventilation:
    """The sum of long tables: rows with rows, marginals with marginals, totals with totals, each added up by itself."""
    cellules: dict[tuple[Any, ...], Counter[str]] = {}
    marginaux: dict[str, dict[Any, Counter[str]]] = {axe: {} for axe in lues[0].axes}
    total: Counter[str] = Counter()
    for lue in lues:
        total.update(lue.total)
        for cellule in lue.lignes:
            cellules.setdefault(cellule.cle, Counter()).update(cellule.compteurs)
        for axe, rangs in lue.marginaux.items():
            for marginal in rangs:
                marginaux[axe].setdefault(marginal.cle[0], Counter()).update(marginal.compteurs)
    return _recoupee(cellules, marginaux, total)
