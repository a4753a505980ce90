"""A grid as one query: the same order of work as the readable evaluation, a layer of columns at a time.

faits (typed, dated lists as texts) → gel (waiting frozen) → apports (points of each criterion) → admis (by proof)
→ rubriques, children first → total, cap, what comes after it, floor. Every number is a whole multiple of 1 ÷ echelle.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from partiteur.moteur.cotation.expressions import (
    Lecture,
    Occurrences,
    cas,
    condition,
    occurrences,
    plus_grand,
)
from partiteur.moteur.cotation.points import Apport, apport, echelle, fois, manques
from partiteur.moteur.demandes.schema import VALIDITE
from partiteur.moteur.execution import identifiant
from partiteur.regles.cotation import (
    ANCIENNETE,
    Compteur,
    Critere,
    Grille,
    Preuve,
    Rubrique,
    fait_compte,
    preuve_en_vigueur,
    variables_de_grille,
    variables_du_critere,
)
from partiteur.regles.cotation.grille import NIVEAUX
from partiteur.regles.delais import Delai, rebours
from partiteur.regles.menage.attente import anciennete_mois

PASSES = ("declare", "verifie")
TYPES_SQL = {
    "booleen": "boolean",
    "entier": "bigint",
    "nombre": "decimal(18, 6)",
    "code": "string",
    "date": "date",
    "liste": "string",  # of a column that is not there
}


@dataclass(frozen=True)
class Compilation:
    """The query of a grid, and how to read its columns.

    Columns: those kept from the source, `score` and `score_verifie` (whole multiples of 1 ÷ `echelle`), `hors`
    (the rank of the first case hors cotation, null if none). With details, for the criterion of rank i:
    `points_i`, `retenus_i`, `verifies_i`; for a rubrique of rank i: `exclusif_i`, more than one box ticked;
    `manque_i`: the variable of rank i in `variables` is unknown and was needed; `gel`: months frozen.
    """

    sql: str
    echelle: int
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What is read: a view, the columns it has, the most events each dated column holds, the types of variables."""

    vue: str
    colonnes: Collection[str]
    types: Mapping[str, str]
    evenements: Mapping[str, int] = field(default_factory=dict)


def compiler(grille: Grille, source: Source, au: date, garder: Sequence[str], *, detail: bool) -> Compilation:
    """The query that scores every row of a view under a grid, at a date.

    `garder`: columns of the source carried through. `detail`: the columns of each criterion too. A variable the
    source has not is unknown for all; a criterion without its proof column is declared.
    """
    return _Compilateur(grille, source, au, tuple(garder), detail).compiler()


class _Compilateur:
    """The layers of one query, each a `select` over the one before."""

    def __init__(
        self, grille: Grille, source: Source, au: date, garder: tuple[str, ...], detail: bool
    ) -> None:
        self.grille, self.source, self.au, self.detail = grille, source, au, detail
        self.garder = tuple(identifiant(nom) for nom in garder)
        self.unite = echelle(grille)
        self.variables = variables_de_grille(grille)
        self.portes = list(self.garder)  # the columns every layer carries
        self.compteurs: dict[Compteur, Occurrences] = {}
        self.geleurs = [
            c for c in grille.criteres if c.gel_anciennete_mois is not None and isinstance(c.forme, Compteur)
        ]

    def compiler(self) -> Compilation:
        sql = self._gel(self._compteurs(self._faits()))
        sql = self._apports(sql)
        sql = self._rubriques(self._admis(sql))
        return Compilation(self._total(sql), self.unite, self.variables)

    def _lecture(self, passe: str) -> Lecture:
        noms = {v: f"texte_{v}" for v in self.variables if self.source.types.get(v) == "evenements"}
        if self.geleurs:
            noms[ANCIENNETE] = f"anciennete_{passe}"
        return self._nue(noms)

    def _nue(self, noms: Mapping[str, str]) -> Lecture:
        absentes = set(self.variables) - set(self.source.colonnes)
        return Lecture(
            self.grille.references, self.au, self.source.evenements, noms, absentes, self.compteurs
        )

    def _faits(self) -> str:
        """The facts read, typed; dated lists as texts; the waiting once for each score when a counter freezes it."""
        colonnes = list(self.garder)
        lues = dict.fromkeys((*self.variables, *((ANCIENNETE,) if self.geleurs else ())))
        for variable in lues:
            nom = identifiant(variable)
            presente = variable in self.source.colonnes
            type_ = self.source.types.get(variable, "code")
            if type_ == "evenements":
                lu = f"cast({nom} as string)" if presente else "cast(null as string)"
                colonnes.append(f"{lu} as texte_{nom}")
            elif not presente:
                colonnes.append(f"cast(null as {TYPES_SQL[type_]}) as {nom}")
            elif nom not in self.garder:
                colonnes.append(nom)
        colonnes += [
            nom
            for critere in self.grille.criteres
            for nom in (
                f"preuve_{identifiant(critere.code)}",
                f"preuve_{identifiant(critere.code)}{VALIDITE}",
            )
            if nom in self.source.colonnes and nom not in self.garder
        ]
        return f"select {', '.join(colonnes)}\nfrom {identifiant(self.source.vue)}"

    def _compteurs(self, faits: str) -> str:
        """The events each counter counts, and the last one's date when it freezes the waiting."""
        lecture, colonnes = self._lecture(PASSES[0]), []
        gelent = {c.forme for c in self.geleurs}
        for critere in self.grille.criteres:
            forme = critere.forme
            if isinstance(forme, Compteur) and forme not in self.compteurs:
                rang, comptes = len(self.compteurs), occurrences(forme, lecture)
                colonnes.append(f"{comptes.nombre} as compte_{rang}")
                if forme in gelent:
                    colonnes.append(f"{comptes.derniere} as derniere_{rang}")
                self.compteurs[forme] = Occurrences(f"compte_{rang}", f"derniere_{rang}", comptes.connu)
        return _couche(["*", *colonnes], faits, "c") if colonnes else faits

    def _gel(self, faits: str) -> str:
        """The waiting less the months frozen, once for each score: proof says which counters apply."""
        if not self.geleurs:
            return faits
        colonnes = []
        for passe in PASSES:
            gels = [self._un_gel(critere, passe == "verifie") for critere in self.geleurs]
            colonnes.append(f"{plus_grand(['0', *gels])} as gel_{passe}")
        gele = _couche(["*", *colonnes], faits, "g")
        ancien = [
            f"case when gel_{p} > 0 and {ANCIENNETE} is not null then greatest({ANCIENNETE} - gel_{p}, 0) else {ANCIENNETE} end as anciennete_{p}"
            for p in PASSES
        ]
        return _couche(["*", *ancien], gele, "m")

    def _un_gel(self, critere: Critere, verifie: bool) -> str:
        """The months a counter freezes: those run since its last event, at most its own."""
        forme, mois = critere.forme, critere.gel_anciennete_mois
        assert isinstance(forme, Compteur)
        assert mois is not None
        nus = self._nue({v: nom for v, nom in self._lecture(PASSES[0]).noms.items() if v != ANCIENNETE})
        comptes = self.compteurs[forme]
        ecoules = [
            f"when {comptes.derniere} <= '{self._limite(n):%Y-%m-%d}' then {n}" for n in range(mois, 0, -1)
        ]
        joue = [
            f"{comptes.derniere} <> ''", comptes.connu, f"{fois(forme, comptes.nombre)} > 0",
            f"({condition(critere.si, nus)})", self._compte(critere, verifie),
        ]  # fmt: skip
        return f"case when {' and '.join(joue)} then {cas(ecoules)} else 0 end"

    def _limite(self, mois: int) -> date:
        """The last day that is at least so many whole months before the date of the score."""
        jour: date = rebours(self.au, Delai(mois, "mois")).valeur
        while anciennete_mois(jour, self.au).valeur < mois:
            jour = date.fromordinal(jour.toordinal() - 1)
        while anciennete_mois(date.fromordinal(jour.toordinal() + 1), self.au).valeur >= mois:
            jour = date.fromordinal(jour.toordinal() + 1)
        return jour

    def _compte(self, critere: Critere, verifie: bool) -> str:
        """When a criterion's fact counts in a score, by its proof: the rule is asked for each level."""
        preuve, validite = (f"preuve_{identifiant(critere.code)}{suffixe}" for suffixe in ("", VALIDITE))
        admis = [n for n in NIVEAUX if fait_compte(critere, n, verifie).valeur]
        if preuve not in self.source.colonnes:
            return "true" if NIVEAUX[0] in admis else "false"
        if validite not in self.source.colonnes:
            return _parmi(preuve, admis)
        hier = date.fromordinal(self.au.toordinal() - 1)
        expires = [n for n in NIVEAUX if preuve_en_vigueur(Preuve(n, hier), self.au).valeur in admis]
        perime = f"coalesce({validite} < date '{self.au:%Y-%m-%d}', false)"
        return f"case when {perime} then {_parmi(preuve, expires)} else {_parmi(preuve, admis)} end"

    def _apports(self, sql: str) -> str:
        """What each criterion brings; twice for those a freeze may change."""
        colonnes: list[str] = []
        manquent: dict[str, list[str]] = {}
        for rang, critere in enumerate(self.grille.criteres):
            for passe in self._passes(critere):
                lecture = self._lecture(passe)
                apporte = apport(critere, lecture, self.unite)
                colonnes.append(f"{apporte.points} as points_{rang}{_suffixe(passe)}")
                if self.detail and passe == PASSES[0]:
                    _noter_manques(manquent, critere, lecture, apporte)
        for rang, variable in enumerate(self.variables):
            if variable in manquent:
                colonnes.append(f"({' or '.join(manquent[variable])}) as manque_{rang}")
                self.portes.append(f"manque_{rang}")
        if self.grille.hors_cotation:
            nus = self._nue({})
            lus = [
                f"when {condition(h.si, nus)} then {rang}" for rang, h in enumerate(self.grille.hors_cotation)
            ]
            colonnes.append(f"case {' '.join(lus)} end as hors")
        else:
            colonnes.append("cast(null as int) as hors")
        self.portes.append("hors")
        if self.detail and self.geleurs:
            self.portes.append("gel_declare")
        preuves = {f"preuve_{c.code}{s}" for s in ("", VALIDITE) for c in self.grille.criteres}
        lues = [n for n in self.portes if n != "hors" and not n.startswith("manque_")]
        lues += sorted((preuves & set(self.source.colonnes)) - set(lues))
        return _couche([*lues, *colonnes], sql, "l")

    def _passes(self, critere: Critere) -> tuple[str, ...]:
        gele = self.geleurs and ANCIENNETE in variables_du_critere(critere, self.grille.references)
        return PASSES if gele else PASSES[:1]

    def _admis(self, sql: str) -> str:
        """The points that proof admits, in each score."""
        colonnes = []
        for rang, critere in enumerate(self.grille.criteres):
            if self.detail:
                colonnes.append(f"points_{rang}")
                self.portes.append(f"points_{rang}")
            for passe in PASSES:
                points = f"points_{rang}{_suffixe(passe) if passe in self._passes(critere) else ''}"
                compte = self._compte(critere, passe == "verifie")
                colonnes.append(f"{_si(compte, points)} as admis_{rang}_{passe}")
        portes = [nom for nom in self.portes if not nom.startswith("points_")]
        return _couche([*portes, *colonnes], sql, "a")

    def _rubriques(self, sql: str) -> str:
        """The rubriques, the deepest first: a layer holds those whose children are done."""
        criteres = [f"admis_{rang}_{p}" for rang in range(len(self.grille.criteres)) for p in PASSES]
        faites: list[str] = []
        restent = list(self.grille.rubriques)
        while restent:
            pretes = [r for r in restent if not any(e in restent for e in self.grille.enfants(r.code))]
            colonnes = [
                f"{self._rubrique(r, passe)} as rubrique_{self._rang(r)}_{passe}"
                for r in pretes
                for passe in PASSES
            ]
            sql = _couche([*self.portes, *criteres, *faites, *colonnes], sql, "r")
            faites += [f"rubrique_{self._rang(r)}_{passe}" for r in pretes for passe in PASSES]
            restent = [r for r in restent if r not in pretes]
        return sql

    def _rang(self, rubrique: Rubrique) -> int:
        return self.grille.rubriques.index(rubrique)

    def _membres(self, rubrique: Rubrique, passe: str) -> list[str]:
        criteres = [
            f"admis_{self.grille.criteres.index(c)}_{passe}" for c in self.grille.criteres_de(rubrique.code)
        ]
        return criteres + [f"rubrique_{self._rang(r)}_{passe}" for r in self.grille.enfants(rubrique.code)]

    def _brut(self, rubrique: Rubrique, passe: str) -> str:
        membres = self._membres(rubrique, passe)
        if rubrique.combinaison == "somme":
            return " + ".join(membres) or "0"
        return plus_grand(membres) if membres else "0"

    def _rubrique(self, rubrique: Rubrique, passe: str) -> str:
        return _borner(self._brut(rubrique, passe), rubrique.plafond, rubrique.plancher, self.unite)

    def _total(self, sql: str) -> str:
        """The roots, the cap, what comes after it, the floor; and the details."""
        grille, colonnes = self.grille, []
        racines = grille.enfants(None)
        for passe, nom in zip(PASSES, ("score", "score_verifie"), strict=True):
            avant = [f"rubrique_{self._rang(r)}_{passe}" for r in racines if not r.apres_plafond]
            apres = [f"rubrique_{self._rang(r)}_{passe}" for r in racines if r.apres_plafond]
            total = " + ".join([_borner(" + ".join(avant) or "0", grille.plafond, None, self.unite), *apres])
            colonnes.append(f"cast({_borner(total, None, grille.plancher, self.unite)} as bigint) as {nom}")
        if self.detail:
            for rang, critere in enumerate(grille.criteres):
                for passe, prefixe in zip(PASSES, ("retenus", "verifies"), strict=True):
                    gagne = self._gagne(critere, passe)
                    retenu = _si(" and ".join(gagne) or "true", f"admis_{rang}_{passe}")
                    colonnes.append(f"cast({retenu} as int) as {prefixe}_{rang}")
            colonnes += [
                f"({self._coches(r)}) > 1 as exclusif_{self._rang(r)}"
                for r in grille.rubriques
                if r.combinaison == "exclusif"
            ]
        return _couche([*map(_publie, self.portes), *colonnes], sql, "t")

    def _gagne(self, critere: Critere, passe: str) -> list[str]:
        """When every combination above a criterion keeps it: it, or its rubrique, is the first of the highest."""
        membre = f"admis_{self.grille.criteres.index(critere)}_{passe}"
        code: str | None = critere.rubrique
        gagne = []
        while code is not None:
            rubrique = self.grille.rubrique(code)
            if rubrique.combinaison != "somme":
                membres = self._membres(rubrique, passe)
                rang = membres.index(membre)
                gagne += [f"{membre} > {m}" for m in membres[:rang]]
                gagne += [f"{membre} >= {m}" for m in membres[rang + 1 :]]
            membre, code = f"rubrique_{self._rang(rubrique)}_{passe}", rubrique.parent
        return gagne

    def _coches(self, rubrique: Rubrique) -> str:
        """How many members of a rubrique bring points."""
        return " + ".join(f"cast({m} <> 0 as int)" for m in self._membres(rubrique, PASSES[0])) or "0"


def _publie(colonne: str) -> str:
    return f"cast({colonne} as int) as {colonne}" if colonne.startswith("points_") else colonne


def _couche(colonnes: Sequence[str], sql: str, nom: str) -> str:
    """One more layer of columns over a query."""
    liste = ",\n    ".join(colonnes)
    return f"select\n    {liste}\nfrom (\n{sql}\n) {nom}"


def _noter_manques(
    manquent: dict[str, list[str]], critere: Critere, lecture: Lecture, apporte: Apport
) -> None:
    for variable, quand in manques(critere, lecture, apporte):
        manquent.setdefault(variable, []).append(quand)


def _suffixe(passe: str) -> str:
    return "" if passe == PASSES[0] else f"_{passe}"


def _si(quand: str, points: str) -> str:
    """Points under a condition that is often known beforehand."""
    return {"true": points, "false": "0"}.get(quand, f"case when {quand} then {points} else 0 end")


def _parmi(preuve: str, niveaux: Sequence[str]) -> str:
    """When a proof is one of these levels; a missing one is the weakest."""
    if len(niveaux) == len(NIVEAUX):
        return "true"
    if not niveaux:
        return "false"
    parmi = f"{preuve} in ({', '.join(repr(n) for n in niveaux)})"
    return f"coalesce({parmi}, {'true' if NIVEAUX[0] in niveaux else 'false'})"


def _borner(points: str, plafond: Fraction | None, plancher: Fraction | None, unite: int) -> str:
    if plafond is not None:
        points = f"least({points}, {int(plafond * unite)})"
    return points if plancher is None else f"greatest({points}, {int(plancher * unite)})"
