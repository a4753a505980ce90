"""What a grid does to demandes: the scores, the ties, who is at the top of each list, what each weight decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from partiteur.moteur.cotation.calcul import COMMUNES, NUMERO
from partiteur.moteur.cotation.expressions import litteral
from partiteur.moteur.execution import executer
from partiteur.moteur.grilles.comparaison import mouvements_entre
from partiteur.moteur.grilles.listes import Demandeurs, lister
from partiteur.regles.cotation import Coefficient, Critere, Grille

# Who is looked for at the top: the columns read, and the condition in SQL; unknown is counted neither way.
PUBLICS: Mapping[str, tuple[str, str]] = {
    "dalo": ("dalo_reconnu", "dalo_reconnu = true"),
    "l441_1": ("publics_l441_1", "cardinality(publics_l441_1) > 0"),
    "premier_quartile": ("premier_quartile", "premier_quartile = true"),
    "enfants": ("nb_enfants_mineurs", "nb_enfants_mineurs > 0"),
    "handicap": ("handicap", "handicap = true"),
    "mutation": ("mutation", "mutation = true"),
}
COLONNES = tuple(colonne for colonne, _ in PUBLICS.values())


@dataclass(frozen=True)
class Egalites:
    """Scores that do not part demandes: distinct scores, demandes that share theirs, the largest group, and whether
    the top of the list is cut inside a tie (the grid's départage decides there)."""

    liste: str
    demandes: int
    notes_distinctes: int
    a_egalite: int
    plus_grand_groupe: int
    tete_departagee: bool


@dataclass(frozen=True)
class Part:
    """A public in a group and at its top: counts, None when too small to be shown; `inconnues` in the group."""

    public: str
    tete: int | None
    ensemble: int | None
    inconnues: int | None


@dataclass(frozen=True)
class Tete:
    """A list (in a commune, or everywhere), its size and that of its top, and the publics in both."""

    liste: str
    commune: str | None
    demandes: int
    tete: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Sensibilite:
    """What a criterion's weight decides: with its points changed, demandes that change rank, seats of the top that do."""

    critere: str
    bougent: int
    sortent: int
    places: int


@dataclass(frozen=True)
class Simulation:
    """Everything a simulation found. `quantiles`: least, quartiles and highest of the scores.

    `masquees`: the groups under `minimum`, not shown. `variation`: by how much each weight was changed.
    """

    grille: Grille
    demandes: int
    hors_cotation: int
    quantiles: tuple[Fraction, ...]
    egalites: tuple[Egalites, ...]
    tetes: tuple[Tete, ...]
    sensibilites: tuple[Sensibilite, ...]
    masquees: int
    variation: Fraction
    minimum: int


def simuler(
    demandeurs: Demandeurs, grille: Grille, tete: int, minimum: int, variation: Fraction, *, communes: bool
) -> Simulation:
    """A grid on demandes. `tete`: the size of the top of a list; `communes`: also list by commune asked.

    Raises CotationImpossible when the file lacks the columns that make lists.
    """
    tous = replace(demandeurs, garder=(*COLONNES, *demandeurs.garder))
    echelle = lister(tous, grille, "liste_simulee")
    con = tous.con
    ((cotees,),) = executer(con, "select count(*) from liste_simulee_demandes")
    notes = executer(
        con, f"select score, count(distinct {NUMERO}) from liste_simulee group by score order by score"
    )
    ((classees,),) = executer(con, f"select count(distinct {NUMERO}) from liste_simulee")
    egalites = [e for e in _egalites(tous, tete) if e.demandes >= minimum]
    tetes, masquees = _tetes(tous, tete, minimum, communes=communes)
    sensibilites = [_sensibilite(tous, grille, c, tete, variation) for c in grille.criteres]
    return Simulation(
        grille, cotees, cotees - classees, _quantiles(notes, echelle), tuple(egalites), tuple(tetes),
        tuple(sorted(sensibilites, key=lambda s: (-s.sortent, -s.bougent, s.critere))), masquees, variation, minimum,
    )  # fmt: skip


def _quantiles(notes: Sequence[tuple[int, int]], echelle: int) -> tuple[Fraction, ...]:
    """Least, first quartile, median, third quartile, highest: scores that some demande has."""
    total = sum(nombre for _, nombre in notes)
    lus = []
    for quart in range(5):
        rang, cumul = max(-(-total * quart // 4), 1), 0
        for score, nombre in notes:
            cumul += nombre
            if cumul >= rang:
                lus.append(Fraction(score, echelle))
                break
    return tuple(lus)


def _egalites(demandeurs: Demandeurs, tete: int) -> list[Egalites]:
    lignes = executer(
        demandeurs.con,
        f"""select liste, cast(sum(n) as bigint), count(*), cast(coalesce(sum(n) filter (where n > 1), 0) as bigint),
    max(n), max(case when premier <= {tete} and dernier > {tete} then 1 else 0 end)
from (select liste, score, count(*) as n, min(rang) as premier, max(rang) as dernier from liste_simulee group by liste, score) g
group by liste order by liste""",
    )
    return [
        Egalites(liste, n, distinctes, egales, groupe, bool(coupe))
        for liste, n, distinctes, egales, groupe, coupe in lignes
    ]


def _tetes(demandeurs: Demandeurs, tete: int, minimum: int, *, communes: bool) -> tuple[list[Tete], int]:
    """The publics of each list, everywhere then by commune; how many groups were too small."""
    presents = [p for p, (colonne, _) in PUBLICS.items() if colonne in demandeurs.source.colonnes]
    comptes = ", ".join(
        f"count(*) filter (where rang <= {tete} and {PUBLICS[p][1]}), count(*) filter (where {PUBLICS[p][1]}), "
        f"count(*) filter (where {PUBLICS[p][0]} is null)"
        for p in presents
    )
    comptes = f", {comptes}" if comptes else ""
    haut = f"count(*), count(*) filter (where rang <= {tete}){comptes}"
    sql = f"select liste, cast(null as string) as commune, {haut} from liste_simulee group by liste order by liste"
    lignes = executer(demandeurs.con, sql)
    if communes and COMMUNES in demandeurs.source.colonnes:
        lignes += _par_commune(demandeurs, haut)
    visibles = [ligne for ligne in lignes if ligne[2] >= minimum]
    tetes = [
        Tete(
            ligne[0], ligne[1], ligne[2], ligne[3],
            tuple(
                Part(p, *(_visible(n, minimum) for n in ligne[4 + 3 * rang : 7 + 3 * rang]))
                for rang, p in enumerate(presents)
            ),
        )
        for ligne in visibles
    ]  # fmt: skip
    return tetes, len(lignes) - len(visibles)


def _par_commune(demandeurs: Demandeurs, haut: str) -> list[tuple[object, ...]]:
    """The same in each commune asked, its own ranks."""
    con, lignes = demandeurs.con, []
    codes = executer(con, f"select distinct {COMMUNES} from liste_simulee")
    for commune in sorted({code for (liste,) in codes for code in liste or ()}):
        sql = f"""select liste, {litteral(commune)} as commune, {haut}
from (select l.{", l.".join(_colonnes(demandeurs))}, l.liste,
        row_number() over (partition by l.liste order by l.rang asc nulls last, l.{NUMERO} asc nulls last) as rang
    from liste_simulee l where array_contains(l.{COMMUNES}, {litteral(commune)})) c
group by liste order by liste"""
        lignes += executer(con, sql)
    return lignes


def _colonnes(demandeurs: Demandeurs) -> list[str]:
    return [NUMERO, *(c for c in COLONNES if c in demandeurs.source.colonnes)]


def _visible(compte: int, minimum: int) -> int | None:
    return compte if compte == 0 or compte >= minimum else None


def _sensibilite(
    demandeurs: Demandeurs, grille: Grille, critere: Critere, tete: int, variation: Fraction
) -> Sensibilite:
    """The grid with one criterion's points, and its cap, multiplied by 1 + variation."""
    autre = replace(
        grille,
        criteres=tuple(peser(c, 1 + variation) if c.code == critere.code else c for c in grille.criteres),
    )
    lister(demandeurs, autre, "liste_changee")
    mouvements = mouvements_entre(demandeurs, "liste_simulee", "liste_changee", tete, 0)
    bougent = sum((m.montent or 0) + (m.descendent or 0) for m in mouvements)
    return Sensibilite(
        critere.code, bougent, sum(m.sortent or 0 for m in mouvements), sum(m.tete for m in mouvements)
    )


def peser(critere: Critere, facteur: Fraction) -> Critere:
    """A criterion whose points, and whose cap, are multiplied."""
    coefficients = tuple(Coefficient(c.facteur * facteur, c.si) for c in critere.coefficients)
    plafond = None if critere.plafond is None else critere.plafond * facteur
    return replace(critere, coefficients=(*coefficients, Coefficient(facteur)), plafond=plafond)
