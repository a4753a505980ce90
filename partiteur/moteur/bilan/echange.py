"""The exchange schema of a bilan: the long table as rows, written, read back from another bailleur, added up (D29)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
OBLIGATOIRES: tuple[str, ...] = tuple(bareme("bilan")["echange"]["obligatoires"])
MOTS = {"oui": True, "non": False, "inconnu": None, "": None, "true": True, "false": False, "null": None}


class BilanIllisible(ErreurUtilisateur):
    """A bilan that cannot be read back: where, why, what to do."""


@dataclass(frozen=True)
class BilanEchange:
    """A bilan read back: whose it is, its period, its long table; `refusees`: the rows left out, in words.

    `lignes` counts the rows of the file; a counter it does not have is in `absents` and reads as unknown, 0 here.
    """

    source: str
    bailleur: str | None
    du: date | None
    au: date | None
    ventilation: Ventilation
    lignes: int
    absents: tuple[str, ...]
    refusees: tuple[str, ...]


def entete_d_echange() -> tuple[str, ...]:
    """The columns of the exchange schema."""
    return (*TETE, *AXES, *COMPTEURS)


def lignes_d_echange(bilan: Bilan) -> Iterator[Sequence[Any]]:
    """The long table as rows of the exchange schema, its header first."""
    yield entete_d_echange()
    tete = (bilan.bailleur or "", bilan.du.isoformat(), bilan.au.isoformat())
    yield from lignes_de(bilan.ventilation, tete)


def lignes_de(ventilation: Ventilation, tete: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a long table, each after `tete`; unknown is said."""
    for cellule in ventilation.lignes:
        cle = ["inconnu" if valeur is None else valeur for valeur in cellule.cle]
        yield (*tete, *cle, *(cellule.compteurs[nom] for nom in COMPTEURS))


def lire_bilan(chemin: Path) -> BilanEchange:
    """Read a bilan written in the exchange schema, CSV or Excel: cells controlled one by one, bad rows left out, named.

    Raises BilanIllisible or LectureImpossible when nothing can be read.
    """
    rapport = Rapport(chemin.name)
    ouvert = ouvrir("bilan", chemin, rapport)
    ligne_entete, entetes = ouvert.apercu[ouvert.rang_entete]
    plan = planifier("bilan", entetes, {})
    manquent = [nom for nom in OBLIGATOIRES if nom not in plan.positions]
    if manquent:
        raise BilanIllisible(
            f"{chemin.name}, ligne {ligne_entete} : colonnes absentes : {', '.join(manquent)} ; un bilan échangé a les "
            f"colonnes {', '.join((*TETE, *AXES, *COMPTEURS))}."
        )
    lecture = _Lecture(chemin.name, plan.positions)
    suite = islice(ouvert.source.enregistrements(len(entetes), []), ouvert.rang_entete + 1, None)
    for numero, champs in suite:
        if any(map(str.strip, champs)):
            lecture.lire(numero, champs)
    if not lecture.cellules and not lecture.refusees:
        raise BilanIllisible(f"{chemin.name} ne contient aucune ligne de bilan : vérifiez l'export.")
    ventilation = ventilation_de(lecture.cellules)
    lecture.recouper(ventilation.total)
    absents = tuple(nom for nom in (*AXES, *COMPTEURS) if nom not in plan.positions)
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


class _Lecture:
    """Rows being read: the cells kept, the rows left out, what the head columns say."""

    def __init__(self, fichier: str, positions: Mapping[str, int]) -> None:
        self.fichier = fichier
        self.positions = positions
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
            cle = tuple(_valeur(axe, textes.get(axe, "")) for axe in AXES)
            comptes = {nom: _entier(nom, textes.get(nom, "")) for nom in COMPTEURS}
            for nom in ("du", "au"):
                if textes.get(nom):
                    date.fromisoformat(textes[nom])
        except ValueError as erreur:
            self.refusees.append(f"{self.fichier}, ligne {numero} : {erreur}")
            return
        if textes["reservataire"].lower() == "total" and not any(textes.get(axe) for axe in AXES[1:]):
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
            faux = [nom for nom in self.positions if nom in COMPTEURS and donne[nom] != total[nom]]
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


def ventilation_de(cellules: Mapping[tuple[Any, ...], Mapping[str, int]]) -> Ventilation:
    """A long table with its marginals, from its cells."""
    total: Counter[str] = Counter(dict.fromkeys(COMPTEURS, 0))
    marginaux: dict[str, dict[Any, Counter[str]]] = {axe: {} for axe in AXES}
    for cle, comptes in cellules.items():
        total.update(comptes)
        for rang, axe in enumerate(AXES):
            marginaux[axe].setdefault(cle[rang], Counter()).update(comptes)
    lignes = [Cellule(cle, _comptes(cellules[cle])) for cle in sorted(cellules, key=rang_de)]
    rangs = {
        axe: [Cellule((v,), _comptes(lus[v])) for v in sorted(lus, key=lambda v: rang_de((v,)))]
        for axe, lus in marginaux.items()
    }
    ventilation: Ventilation = recouper(AXES, lignes, rangs, total).valeur
    return ventilation


def _comptes(comptes: Mapping[str, int]) -> dict[str, int]:
    return {nom: comptes.get(nom, 0) for nom in COMPTEURS}


@dataclass(frozen=True)
class Territoire:
    """The bilans of a territory added up: `ventilation` of all, `bilans` one by one."""

    du: date
    au: date
    ventilation: Ventilation
    bilans: tuple[BilanEchange, ...]


def consolider(bilans: Sequence[BilanEchange]) -> Territoire:
    """Add up the bilans of several bailleurs over one period. Raises BilanIllisible when periods or names differ."""
    periodes = {(b.du, b.au) for b in bilans}
    if len(periodes) > 1 or None in next(iter(periodes), (None,)):
        dites = " ; ".join(f"{b.source} : {b.du or 'inconnu'} au {b.au or 'inconnu'}" for b in bilans)
        raise BilanIllisible(
            f"Ces bilans ne portent pas sur une même période connue ({dites}) ; demandez-les aux mêmes dates."
        )
    noms = Counter(b.bailleur or b.source for b in bilans)
    doubles = [nom for nom, fois in noms.items() if fois > 1]
    if doubles:
        raise BilanIllisible(f"Le bilan de « {doubles[0]} » est donné deux fois : n'en gardez qu'un.")
    cellules: dict[tuple[Any, ...], Counter[str]] = {}
    for bilan in bilans:
        for cellule in bilan.ventilation.lignes:
            cellules.setdefault(cellule.cle, Counter()).update(cellule.compteurs)
    du, au = next(iter(periodes))
    assert du is not None
    assert au is not None
    return Territoire(du, au, ventilation_de(cellules), tuple(bilans))
