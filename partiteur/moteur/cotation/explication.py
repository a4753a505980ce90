"""What a demandeur may know of a score (R441-2-17): its lines, the scores of analogous demandes, the observed wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from partiteur.moteur.cotation.calcul import (
    COMMUNES,
    NUMERO,
    TYPOLOGIES,
    CotationImpossible,
    concernees,
    noter,
    poser,
)
from partiteur.moteur.cotation.expressions import litteral
from partiteur.moteur.cotation.notes import demande, lire_colonnes
from partiteur.moteur.demandes import Demandes
from partiteur.moteur.execution import Connexion, executer, lire
from partiteur.regles.cotation import Catalogue, Demande, Grille, Score, Variable, score_demande
from partiteur.regles.socle import bareme, en_vigueur

CLASSES = 10  # of the distribution, at most


@dataclass(frozen=True)
class Classe:
    """The demandes whose score is in [de, a[; classes too small to be shown are joined to a neighbour."""

    de: int
    a: int
    demandes: int


@dataclass(frozen=True)
class Position:
    """Where a score stands among the analogous demandes: same grid, same typologie.

    `demandes`: how many they are, the person's own included, None when too few; `au_dessus`, `egales`: how many
    have more points, as many, None when too few to be shown (none at all is 0).
    """

    typologie: str
    demandes: int | None
    au_dessus: int | None
    egales: int | None
    classes: tuple[Classe, ...]


@dataclass(frozen=True)
class DelaiConstate:
    """The wait of the households housed in a typologie and a commune, in months; None when too few, or not given."""

    typologie: str
    commune: str | None
    attributions: int | None
    moyenne: Fraction | None


@dataclass(frozen=True)
class Explication:
    """A score explained: the readable evaluation, the positions by typologie asked, the observed waits.

    `delais_fournis` says whether a file of attributions was given; `minimum`, under how many nothing is shown;
    `information` holds the sentences due, each with its text; `variables` the words of the catalogue.
    """

    grille: Grille
    demande: Demande
    score: Score
    positions: tuple[Position, ...]
    delais: tuple[DelaiConstate, ...]
    delais_fournis: bool
    minimum: int
    information: Mapping[str, Mapping[str, str]]
    variables: Mapping[str, Variable]


def seuil_de_secret(au: date) -> int:
    """Under how many demandes a count is not shown."""
    return int(en_vigueur("secret_statistique", "seuil", au)["minimum"])


def expliquer(
    con: Connexion,
    demandes: Demandes,
    grilles: Sequence[Grille],
    catalogue: Catalogue,
    au: date,
    numero: str,
    attributions: Path | None = None,
    communes: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Explication, ...]:
    """One explanation by grid that concerns the demande. Raises CotationImpossible when it is not in the file.

    `attributions`: a CSV of past attributions, « typologie;commune;attente_mois », one row each, nobody named.
    """
    source = poser(con, demandes, catalogue)
    constates = None if attributions is None else lire_attributions(attributions)
    minimum, explications = seuil_de_secret(au), []
    trouvee = bool(lire(con, f"select {NUMERO} from demandes where {NUMERO} = ?", [numero]).num_rows)
    for grille in grilles:
        siennes = (
            None if communes is None else communes.get(grille.identifiant, communes.get(grille.code, ()))
        )
        vue = concernees(con, source, grille, siennes, "demandes_de_la_grille")
        lignes = lire(con, f"select * from {vue.vue} where {NUMERO} = ?", [numero]).to_pylist()
        if not lignes:
            continue
        sienne = demande(lignes[0], grille, vue)
        score: Score = score_demande(sienne, grille, catalogue, au).valeur
        compilee = noter(con, vue, grille, au, (TYPOLOGIES,), detail=False)
        typologies = _textes(sienne, TYPOLOGIES)
        positions = [
            _position(con, compilee.sql, compilee.echelle, score.score, typologie, minimum)
            for typologie in typologies
            if TYPOLOGIES in vue.colonnes
        ]
        delais = _delais(constates or {}, typologies, _textes(sienne, COMMUNES), minimum)
        explications.append(
            Explication(
                grille, sienne, score, tuple(positions), tuple(delais), constates is not None, minimum,
                bareme("cotation_information"), catalogue.variables,
            )
        )  # fmt: skip
    if not explications:
        pourquoi = (
            "aucune des grilles données ne la concerne" if trouvee else "elle n'est pas dans le fichier"
        )
        raise CotationImpossible(
            f"La demande ne peut être expliquée : {pourquoi}. Vérifiez son numéro et les grilles."
        )
    return tuple(explications)


def _textes(sienne: Demande, variable: str) -> tuple[str, ...]:
    lus = sienne.faits.get(variable)
    return tuple(str(v) for v in lus) if isinstance(lus, tuple) else ()


def _position(
    con: Connexion, sql: str, echelle: int, score: Fraction, typologie: str, minimum: int
) -> Position:
    """The distribution of the scores used among those who ask a typologie, in classes of whole points."""
    analogues = f"select score from ({sql}) c where hors is null and array_contains({TYPOLOGIES}, {litteral(typologie)})"
    mien = int(score * echelle)
    ((nombre, bas, haut, dessus, egales),) = executer(
        con,
        f"select count(*), min(score), max(score), count(*) filter (where score > {mien}), "
        f"count(*) filter (where score = {mien}) from ({analogues}) a",
    )
    if nombre < minimum:
        return Position(typologie, None, None, None, ())
    debut, fin = bas // echelle, haut // echelle + 1
    pas = max(-(-(fin - debut) // CLASSES), 1)
    bornes = list(range(debut, fin, pas))
    quand = " ".join(f"when score < {(b + pas) * echelle} then {rang}" for rang, b in enumerate(bornes))
    comptes = dict(
        executer(con, f"select case {quand} end as classe, count(*) from ({analogues}) a group by 1")
    )
    classes = [Classe(b, b + pas, comptes.get(rang, 0)) for rang, b in enumerate(bornes)]
    return Position(
        typologie, nombre, _visible(dessus, minimum), _visible(egales, minimum), _joindre(classes, minimum)
    )


def _joindre(classes: Sequence[Classe], minimum: int) -> tuple[Classe, ...]:
    """Neighbouring classes joined until each can be shown: a hidden one could be found by subtraction."""
    jointes: list[Classe] = []
    for classe in classes:
        if jointes and (jointes[-1].demandes < minimum or classe.demandes < minimum):
            avant = jointes.pop()
            classe = Classe(avant.de, classe.a, avant.demandes + classe.demandes)
        jointes.append(classe)
    return tuple(jointes)


def _visible(compte: int, minimum: int) -> int | None:
    return compte if compte == 0 or compte >= minimum else None


def lire_attributions(chemin: Path) -> Mapping[tuple[str, str], tuple[int, ...]]:
    """The waits by (typologie, commune). Raises CotationImpossible, with the line."""
    attentes: dict[tuple[str, str], tuple[int, ...]] = {}
    for ou, (typologie, commune, attente) in lire_colonnes(chemin, ("typologie", "commune", "attente_mois")):
        if not attente.isascii() or not attente.isdecimal():
            raise CotationImpossible(
                f"{ou}, colonne « attente_mois » : un nombre entier de mois est attendu."
            )
        attentes[typologie, commune] = (*attentes.get((typologie, commune), ()), int(attente))
    return attentes


def _delais(
    constates: Mapping[tuple[str, str], tuple[int, ...]],
    typologies: Sequence[str],
    communes: Sequence[str],
    minimum: int,
) -> list[DelaiConstate]:
    """The mean wait of each typologie asked, in each commune asked, and in all of the file."""
    delais = []
    for typologie in typologies:
        for commune in (*communes, None):
            attentes = [
                mois
                for (t, c), liste in constates.items()
                if t == typologie and commune in (c, None)
                for mois in liste
            ]
            assez = len(attentes) >= minimum
            moyenne = Fraction(sum(attentes), len(attentes)) if assez else None
            delais.append(DelaiConstate(typologie, commune, len(attentes) if assez else None, moyenne))
    return delais
