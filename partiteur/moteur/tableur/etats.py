"""The workbook of an état des lieux: the table asked, réservataires × financement × typologie, the dwellings one by one."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import IO, Any

from partiteur.moteur.etats import EtatDesLieux
from partiteur.moteur.tableur.classeur import (
    Cellule,
    Classeur,
    Feuille,
    Formule,
    Nombre,
    adresse,
    classeur,
    plage,
    vive,
)
from partiteur.moteur.tableur.indicateurs import Indicateurs
from partiteur.moteur.tableur.mentions import ecrire_avertissements, ecrire_textes
from partiteur.regles.socle import Avertissement

CROISEMENT = ("reservataire", "famille_financement", "typologie_groupe")
INCONNU = "inconnu"
PREMIERE = 2  # the column of T1; before it, the réservataire and the financing


@cache
def mots() -> Mapping[str, Any]:
    """The words of the workbook, as data."""
    return tomllib.loads((resources.files(__package__) / "etats.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Classement:
    """What a workbook of états holds: the table asked, the crossed one (axes of CROISEMENT), the dwellings if wanted."""

    titre: str
    demande: EtatDesLieux
    croise: EtatDesLieux
    indicateurs: Indicateurs | None = None


def ecrire_etat(classement: Classement, fichier: IO[bytes]) -> None:
    """Write the workbook; the dwellings are streamed, so that their number does not matter."""
    with classeur(fichier, classement.titre) as livre:
        axes = classement.demande.axes
        largeurs = [*(max(18, len(mots()["axes"][a]) + 4) for a in axes), 14]
        _par_axes(livre.feuille("État des lieux", largeurs), classement)
        _croise(livre, classement)
        dits = {
            **dict.fromkeys(classement.demande.avertissements),
            **dict.fromkeys(classement.croise.avertissements),
        }
        textes = [a.texte for a in dits]
        if classement.indicateurs is not None:
            _logements(livre, classement.indicateurs)
            textes += classement.indicateurs.textes
        _mentions(livre, dits, textes)


def _mentions(livre: Classeur, dits: Iterable[Avertissement], textes: Iterable[str]) -> None:
    ecrire_avertissements(livre.feuille("Avertissements", (14, 96, 26, 30)), dits)
    ecrire_textes(livre.feuille("Textes", (30, 92, 13, 13, 22)), dict.fromkeys(textes))


def mot(valeur: Any) -> str:
    """A value as a sheet writes it: oui, non, inconnu."""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    return INCONNU if valeur is None else str(valeur)


def _par_axes(feuille: Feuille, classement: Classement) -> None:
    """(a) The table asked, one group a row, and its live total."""
    etat = classement.demande
    colonne = len(etat.axes)
    feuille.titre(
        classement.titre, "Logements comptés selon les axes demandés ; les inconnus sont comptés et dits."
    )
    entete = feuille.entete((*(mots()["axes"][axe] for axe in etat.axes), "Logements"), nombres=(colonne,))
    for *valeurs, logements in etat.lignes:
        feuille.ligne([*(Nombre(v, "libre") if type(v) is int else mot(v) for v in valeurs), logements])
    feuille.filtrer(entete)
    total: Cellule = 0
    if etat.lignes:
        total = vive(etat.total, (f"=SUM({plage(entete + 1, feuille.rang, colonne)})", etat.total))
    vides: list[Cellule] = [None] * (colonne - 1)
    feuille.ligne(["Total", *vides, total], "resultat")


@dataclass(frozen=True)
class Croisement:
    """The crossed table: its cells, and which réservataires, families and typologies it shows."""

    cases: Mapping[tuple[Any, Any, Any], int]
    reservataires: Sequence[Any]
    familles: Sequence[Any]
    typologies: Sequence[Any]

    def somme(self, reservataire: Any = ..., famille: Any = ..., typologie: Any = ...) -> int:
        """The dwellings of some cells; an axis not given is summed over."""
        voulu = (reservataire, famille, typologie)
        return sum(
            n
            for cle, n in self.cases.items()
            if all(v is ... or v == c for v, c in zip(voulu, cle, strict=True))
        )


def croiser(etat: EtatDesLieux) -> Croisement:
    """Read an état on the axes of CROISEMENT; the usual rows and columns always, the others where they hold dwellings."""
    cases = {(r, f, t): n for r, f, t, n in etat.lignes}
    reservataires, familles, typologies = (list(dict.fromkeys(cle[i] for cle in cases)) for i in range(3))
    reservataires.sort(
        key=lambda r: (r == "non_reserve", r is None)
    )  # stable: the order of the état otherwise
    toujours = mots()["familles_toujours"]
    lignes = [f for f in mots()["familles"] if f in toujours or f in familles]
    return Croisement(
        cases,
        reservataires,
        [*lignes, *([None] if None in familles else [])],
        [*mots()["typologies"], *([None] if None in typologies else [])],
    )


def _croise(livre: Classeur, classement: Classement) -> None:
    """(b) One block a réservataire, as exchanged: families in rows, typologies in columns, live totals both ways."""
    table = croiser(classement.croise)
    total = PREMIERE + len(table.typologies)
    largeurs = [34, 16, *[10] * len(table.typologies), 12]
    feuille = livre.feuille("Réservataires × financement", largeurs)
    feuille.titre(
        "Réservataires, financement et typologie",
        "Chaque total est une formule ; ils se recoupent en lignes et en colonnes.",
    )
    feuille.entete(
        ("Réservataire", "Financement", *map(mot, table.typologies), "TOTAL"),
        figees=2,
        nombres=range(PREMIERE, total + 1),
    )
    premiere = feuille.rang + 1
    for reservataire in table.reservataires:
        _bloc(feuille, table, reservataire, total)
    _ensemble(feuille, table, premiere, total)
    logements = classement.croise.total
    vides: list[Cellule] = [None] * (len(table.typologies) + 1)
    feuille.saut()
    rang = feuille.ligne(["NB logements du bailleur", *vides, logements], "total")
    ecart = vive(0, (f"={adresse(rang, total)}-{adresse(rang - 2, total)}", 0))
    feuille.ligne(["Écart avec le tableau", *vides, ecart], "detail")


def nommer(reservataire: Any) -> str:
    """A réservataire as the table calls it."""
    return str(mots()["non_reserve"]) if reservataire == "non_reserve" else mot(reservataire)


def _bloc(feuille: Feuille, table: Croisement, reservataire: Any, total: int) -> None:
    nom, debut = nommer(reservataire), feuille.rang + 1
    for famille in table.familles:
        cases: list[Cellule] = [
            Nombre(table.somme(reservataire, famille, t), "case") for t in table.typologies
        ]
        feuille.ligne(
            [
                nom,
                mot(famille),
                *cases,
                _en_ligne(feuille.rang + 1, total, table.somme(reservataire, famille), "case"),
            ]
        )
    fin = feuille.rang
    colonnes = [
        vive(n, (f"=SUM({plage(debut, fin, PREMIERE + i)})", n))
        for i, n in enumerate(table.somme(reservataire, ..., t) for t in table.typologies)
    ]
    feuille.ligne([nom, "TOTAL", *colonnes, _en_ligne(fin + 1, total, table.somme(reservataire))], "total")


def _en_ligne(rang: int, total: int, attendu: int, style: str = "entier") -> Formule:
    """The total of a row."""
    return vive(
        attendu, (f"=SUM({adresse(rang, PREMIERE)}:{adresse(rang, total - 1)})", attendu), style=style
    )


def _ensemble(feuille: Feuille, table: Croisement, premiere: int, total: int) -> None:
    """All the blocks together, by family; their own totals must be the same both ways."""
    derniere, debut = feuille.rang, feuille.rang + 2
    feuille.saut()
    for famille in table.familles:
        cases = []
        for i, typologie in enumerate(table.typologies):
            n = table.somme(..., famille, typologie)
            familles = f"$B${premiere}:$B${derniere}"
            cases.append(
                vive(n, (f'=SUMIF({familles},"{mot(famille)}",{plage(premiere, derniere, PREMIERE + i)})', n))
            )
        feuille.ligne(
            ["Ensemble", mot(famille), *cases, _en_ligne(feuille.rang + 1, total, table.somme(..., famille))]
        )
    colonnes = [
        vive(n, (f"=SUM({plage(debut, feuille.rang, PREMIERE + i)})", n))
        for i, n in enumerate(table.somme(..., ..., t) for t in table.typologies)
    ]
    rang = feuille.rang + 1
    feuille.ligne(["Ensemble", "TOTAL", *colonnes, _en_ligne(rang, total, table.somme())], "resultat")


def _logements(livre: Classeur, indicateurs: Indicateurs) -> None:
    """(c) One dwelling a row, its 13 indicators; the header is the first row, so that the sheet is a table."""
    feuille = livre.feuille("Logements", (24, 30, 13, 13, 11, 11, 11, 16, 14, 18, 18, 14, 14))
    entete = feuille.entete(tuple(mots()["indicateurs"].values()), nombres=(9, 10))
    for logement in indicateurs.lignes():
        feuille.ligne([INCONNU if cellule is None else cellule for cellule in logement])
    feuille.filtrer(entete)
    a_propos = livre.feuille("Rotation et droits", (110,))
    a_propos.titre("Comment lire la feuille « Logements »")
    for phrase in indicateurs.phrases:
        a_propos.ligne((phrase,))
