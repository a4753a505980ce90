"""The score of one demande: line by line, declared and verified, in the order of work of D62."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from partiteur.regles.cotation.catalogue import Catalogue, catalogue_livre
from partiteur.regles.cotation.faits import (
    ConstatDonnees,
    Demande,
    Fait,
    LigneScore,
    Preuve,
    Score,
    SousTotal,
)
from partiteur.regles.cotation.grille import (
    NIVEAUX,
    Compteur,
    Critere,
    Grille,
    Rubrique,
    variables_de_grille,
    variables_du_critere,
)
from partiteur.regles.cotation.points import Apport, Faits, apport, evenements_comptes, fois, vrai
from partiteur.regles.menage.attente import anciennete_mois
from partiteur.regles.socle import Avertissement, Etape, Resultat, avertir, nombre, regle

ANCIENNETE = "anciennete_mois"  # the variable that `effet.gel_anciennete_mois` freezes
ZERO = Fraction(0)


@dataclass(frozen=True)
class _Passe:
    """One of the two scores: what each criterion brings, and what it counts for in the end."""

    apports: Mapping[str, Apport]
    admis: Mapping[str, Fraction]
    retenus: Mapping[str, Fraction]
    bruts: Mapping[str, Fraction]
    bornes: Mapping[str, Fraction]
    score: Fraction
    gel: int


@regle("d64", "d62", du="2018-01-01")
def preuve_en_vigueur(preuve: Preuve, a_la_date: date) -> Resultat:
    """Une preuve dont la date de validité est passée ne vaut plus que pièce déposée.

    Value one of NIVEAUX; code `valide`, or `expiree` the day after the last day of validity. A fact merely
    declared stays so.
    """
    if preuve.valide_jusqu_au is None or a_la_date <= preuve.valide_jusqu_au:
        return Resultat(preuve.niveau, "valide")
    rang = min(NIVEAUX.index(preuve.niveau), NIVEAUX.index("deposee"))
    return Resultat(NIVEAUX[rang], "expiree")


@regle("d62", du="2018-01-01")
def fait_compte(critere: Critere, niveau: str, verifie: bool) -> Resultat:
    """Dit si un fait compte : dans la note déclarée, sauf simple déclaration non admise ; dans la note vérifiée, au niveau de preuve voulu.

    Value True or False; code `compte`, `declaration_non_admise` or `preuve_insuffisante`. Interpretation: where a
    declaration is not admitted, any pièce déposée is enough for the declared score. The verified score counts
    nothing that the declared one refuses.
    """
    if not critere.declaration_admise and niveau == NIVEAUX[0]:
        return Resultat(False, "declaration_non_admise")
    if verifie and NIVEAUX.index(niveau) < NIVEAUX.index(critere.preuve):
        return Resultat(False, "preuve_insuffisante")
    return Resultat(True, "compte")


@regle("r441-2-10", "l441-2-8", "d62", du="2018-01-01")
def score_demande(demande: Demande, grille: Grille, catalogue: Catalogue | None, a_la_date: date) -> Resultat:
    """La note d'une demande est la somme bornée des points de ses critères, deux fois : sur les faits déclarés et sur les faits vérifiés.

    Order of work: each criterion, its coefficient and its cap; proof; combination and bounds of each rubrique,
    children to parents; sum of the roots; total cap; rubriques `apres_plafond`; floor. An unknown fact gives no
    point and is named. A grid not in force at the date raises `grille_hors_periode`. Value a Score; code `calcule`, or `hors_cotation` when the score is not to be used. The grid
    must be valid (lint), or KeyError and the like may come. `catalogue`: the one shipped when None.
    """
    catalogue = catalogue or catalogue_livre()
    preuves = {
        c.code: str(preuve_en_vigueur(demande.preuves.get(c.code, Preuve()), a_la_date).valeur)
        for c in grille.criteres
    }
    declaree = _passe(demande, grille, preuves, a_la_date, verifie=False)
    verifiee = _passe(demande, grille, preuves, a_la_date, verifie=True)
    hors = (h.motif for h in grille.hors_cotation if vrai(h.si, demande.faits, grille.references))
    motif = next(hors, None)
    score = Score(
        demande.numero_unique,
        grille.code,
        grille.version,
        a_la_date,
        empreinte_des_faits(demande, grille, a_la_date),
        declaree.score,
        verifiee.score,
        tuple(_ligne(c, demande, grille, catalogue, preuves, declaree, verifiee) for c in grille.criteres),
        tuple(_sous_total(r, declaree, verifiee) for r in grille.rubriques),
        tuple(dict.fromkeys(v for a in declaree.apports.values() for v in a.manquantes)),
        tuple(_exclusifs(grille, declaree)),
        motif,
        declaree.gel,
    )
    etape = Etape("Note", f"grille {grille.identifiant}", score.score, "r441-2-10")
    return Resultat(score, "hors_cotation" if motif else "calcule", (etape,), _periode(grille, a_la_date))


def _periode(grille: Grille, a_la_date: date) -> tuple[Avertissement, ...]:
    """A warning when the grid is not in force at the date of the score."""
    if grille.valide_du <= a_la_date and (grille.valide_au is None or a_la_date < grille.valide_au):
        return ()
    periode = f"du {grille.valide_du:%d/%m/%Y}"
    periode += f" au {grille.valide_au:%d/%m/%Y} exclu" if grille.valide_au else ", sans fin"
    return (
        avertir(
            "grille_hors_periode", grille=grille.identifiant, jour=f"{a_la_date:%d/%m/%Y}", periode=periode
        ),
    )


def _passe(
    demande: Demande, grille: Grille, preuves: Mapping[str, str], a_la_date: date, *, verifie: bool
) -> _Passe:
    """One score: the criteria that proof admits, the waiting they freeze, then the rubriques up to the total."""
    comptes = {c.code: fait_compte(c, preuves[c.code], verifie).valeur for c in grille.criteres}
    gel = _mois_geles(demande.faits, grille, comptes, a_la_date)
    faits = _geler(demande.faits, gel)
    apports = {c.code: apport(c, faits, grille.references, a_la_date) for c in grille.criteres}
    admis = {code: a.points if comptes[code] else ZERO for code, a in apports.items()}
    bruts: dict[str, Fraction] = {}
    bornes: dict[str, Fraction] = {}
    gagnants: dict[str, bool] = {}
    racines = grille.enfants(None)
    for racine in racines:
        _combiner(racine, grille, admis, bruts, bornes, gagnants)
    avant = sum((bornes[r.code] for r in racines if not r.apres_plafond), ZERO)
    total = avant if grille.plafond is None else min(avant, grille.plafond)
    total += sum((bornes[r.code] for r in racines if r.apres_plafond), ZERO)
    retenus = {code: p if gagnants[code] else ZERO for code, p in admis.items()}
    return _Passe(apports, admis, retenus, bruts, bornes, max(total, grille.plancher), gel)


def _combiner(
    rubrique: Rubrique,
    grille: Grille,
    admis: Mapping[str, Fraction],
    bruts: dict[str, Fraction],
    bornes: dict[str, Fraction],
    gagnants: dict[str, bool],
) -> None:
    """Fill the totals of a rubrique and of those under it, and which criteria its combination keeps.

    Under `max` and `exclusif` the highest of its criteria then of its child rubriques wins, the first in a tie.
    """
    membres = {f"c {c.code}": admis[c.code] for c in grille.criteres_de(rubrique.code)}
    for enfant in grille.enfants(rubrique.code):
        _combiner(enfant, grille, admis, bruts, bornes, gagnants)
        membres[f"r {enfant.code}"] = bornes[enfant.code]
    gardes = set(membres)
    if rubrique.combinaison != "somme" and membres:
        gardes = {max(membres, key=lambda m: membres[m])}
    brut = sum((membres[m] for m in gardes), ZERO)
    bruts[rubrique.code] = brut
    bornes[rubrique.code] = _borner(brut, rubrique)
    for critere in grille.criteres_de(rubrique.code):
        gagnants[critere.code] = f"c {critere.code}" in gardes
    for enfant in grille.enfants(rubrique.code):
        if f"r {enfant.code}" not in gardes:
            gagnants |= dict.fromkeys(_criteres_sous(enfant, grille), False)


def _criteres_sous(rubrique: Rubrique, grille: Grille) -> Iterator[str]:
    yield from (c.code for c in grille.criteres_de(rubrique.code))
    for enfant in grille.enfants(rubrique.code):
        yield from _criteres_sous(enfant, grille)


def _borner(points: Fraction, rubrique: Rubrique) -> Fraction:
    plafonnes = points if rubrique.plafond is None else min(points, rubrique.plafond)
    return plafonnes if rubrique.plancher is None else max(plafonnes, rubrique.plancher)


def _mois_geles(faits: Faits, grille: Grille, comptes: Mapping[str, bool], a_la_date: date) -> int:
    """The months of waiting frozen: of the counters that apply, the longest freeze run since its last event."""
    longs = [0]
    for critere in grille.criteres:
        forme, gel = critere.forme, critere.gel_anciennete_mois
        if gel is None or not isinstance(forme, Compteur) or not comptes[critere.code]:
            continue
        jours = evenements_comptes(forme, faits, a_la_date)
        if jours and fois(forme, len(jours)) and vrai(critere.si, faits, grille.references):
            ecoules = anciennete_mois(jours[-1], a_la_date).valeur
            longs.append(min(gel, ecoules))
    return max(longs)


def _geler(faits: Faits, gel: int) -> Faits:
    """The facts with the waiting frozen months taken off, never below zero."""
    anciennete: Any = faits.get(ANCIENNETE)
    return {**faits, ANCIENNETE: max(anciennete - gel, 0)} if gel and anciennete is not None else faits


def _exclusifs(grille: Grille, passe: _Passe) -> Iterator[ConstatDonnees]:
    """The rubriques where one box at most may be ticked, and several are."""
    for rubrique in grille.rubriques:
        if rubrique.combinaison != "exclusif":
            continue
        coches = [c for c in grille.criteres_de(rubrique.code) if passe.admis[c.code]]
        enfants = [r for r in grille.enfants(rubrique.code) if passe.bornes[r.code]]
        membres: list[Critere | Rubrique] = [*coches, *enfants]
        libelles = [f"« {m.libelle} »" for m in membres]
        if len(libelles) > 1:
            gardes = nombre(passe.bruts[rubrique.code])
            yield ConstatDonnees(
                "exclusif",
                rubrique.code,
                tuple(m.code for m in membres),
                f"Rubrique « {rubrique.libelle} » : une seule case est admise, {len(libelles)} sont cochées "
                f"({', '.join(libelles)}) ; la plus haute est retenue ({gardes} points). Vérifiez la demande.",
            )


def _ligne(
    critere: Critere,
    demande: Demande,
    grille: Grille,
    catalogue: Catalogue,
    preuves: Mapping[str, str],
    declaree: _Passe,
    verifiee: _Passe,
) -> LigneScore:
    lues = variables_du_critere(critere, grille.references)
    faits = _geler(demande.faits, declaree.gel)
    principale = lues[0] if lues else None
    connue = catalogue.variables.get(principale or "")
    apporte = declaree.apports[critere.code]
    return LigneScore(
        critere.code,
        critere.rubrique,
        critere.libelle,
        principale,
        faits.get(principale) if principale else None,
        (connue.sne or connue.cerfa) if connue else None,
        tuple((v, faits.get(v)) for v in lues[1:]),
        preuves[critere.code],
        apporte.points,
        declaree.retenus[critere.code],
        verifiee.retenus[critere.code],
        apporte.manquantes,
        critere.texte,
    )


def _sous_total(rubrique: Rubrique, declaree: _Passe, verifiee: _Passe) -> SousTotal:
    code = rubrique.code
    return SousTotal(
        code,
        rubrique.libelle,
        declaree.bruts[code],
        declaree.bornes[code],
        verifiee.bruts[code],
        verifiee.bornes[code],
    )


def empreinte_des_faits(demande: Demande, grille: Grille, a_la_date: date) -> str:
    """SHA-256 of what the score was made from: the date, the facts and the proofs the grid reads, in canonical text."""
    faits = {v: _canonique(demande.faits.get(v)) for v in variables_de_grille(grille)}
    preuves = {
        c.code: [p.niveau, p.valide_jusqu_au.isoformat() if p.valide_jusqu_au else None]
        for c in grille.criteres
        if (p := demande.preuves.get(c.code, Preuve()))
    }
    contenu = {
        "au": a_la_date.isoformat(),
        "date_depot": _canonique(demande.date_depot),
        "faits": faits,
        "grille": grille.identifiant,
        "preuves": preuves,
    }
    texte = json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(texte.encode()).hexdigest()


def _canonique(fait: Fait) -> Any:
    match fait:
        case None | bool() | str():
            return fait
        case tuple():
            return [_canonique(f) for f in fait]
        case date():
            return fait.isoformat()
        case _:
            return str(Fraction(fait))


@regle("d62", du="2018-01-01")
def rang_de_classement(score: Score, demande: Demande, grille: Grille) -> Resultat:
    """À notes égales, la grille dit ce qui départage, puis la demande la plus ancienne, puis le numéro unique.

    Value a tuple to sort by, the first demande first; unknown values come last. The declared score is ranked.
    """
    cles: list[Any] = [-score.score]
    for d in grille.departage:
        fait: Any = demande.faits.get(d.variable)
        cles.append((fait is None, 0 if fait is None else fait if d.croissant else -fait))
    depot = demande.date_depot
    cles += [(depot is None, depot or date.max), demande.numero_unique]
    return Resultat(tuple(cles), "calcule")
