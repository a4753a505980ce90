"""The compiled score is the readable one: on random grids and random demandes, line by line."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poche_cotation import AU, TYPES, demandes, en_table, grilles

from partiteur.moteur.cotation import CotationImpossible, Source, classement, concernees, noter, scores
from partiteur.moteur.execution import Connexion, connexion, lire, vue_table
from partiteur.regles.cotation import (
    Catalogue,
    Compteur,
    Critere,
    Demande,
    Grille,
    ParUnite,
    Rubrique,
    Score,
    rang_de_classement,
    score_demande,
)

CATALOGUE = Catalogue(variables={}, acces={}, examens={}, criteres={})
GARDER = ("date_depot", "anciennete_mois", "taux_effort")
CON = connexion()


def comparer(con: Connexion, grille: Grille, liste: list[Demande], absentes: tuple[str, ...] = ()) -> None:
    """Both evaluations say the same of each demande: every line, both scores, what is missing, the rank."""
    liste = [replace(d, faits={v: None if v in absentes else f for v, f in d.faits.items()}) for d in liste]
    table, source = en_table(grille, liste, absentes)
    vue_table(con, "demandes", table)
    garder = [nom for nom in GARDER if nom not in absentes]
    compilee = noter(con, source, grille, AU, garder, detail=True)
    nue = noter(con, source, grille, AU, garder, detail=False)
    rang = classement(grille, ("numero_unique", *garder), ())
    obtenus = lire(
        con, f"select *, {rang} as rang from ({compilee.sql}) c order by numero_unique"
    ).to_pylist()
    nus = lire(
        con, f"select score, score_verifie, hors from ({nue.sql}) c order by numero_unique"
    ).to_pylist()
    attendus: list[Score] = [score_demande(d, grille, CATALOGUE, AU).valeur for d in liste]
    for attendu, obtenu, nu in zip(attendus, obtenus, nus, strict=True):
        une_ligne(grille, attendu, obtenu, compilee.echelle, compilee.variables)
        assert {cle: obtenu[cle] for cle in nu} == nu
    classes = [(s, d) for s, d in zip(attendus, liste, strict=True) if s.hors_cotation is None]
    ordre = sorted(classes, key=lambda paire: rang_de_classement(paire[0], paire[1], grille).valeur)
    rangs = {s.numero_unique: n for n, (s, _) in enumerate(ordre, start=1)}
    assert {o["numero_unique"]: o["rang"] for o in obtenus if o["rang"]} == rangs


def une_ligne(grille: Grille, attendu: Score, obtenu: dict, echelle: int, variables: tuple[str, ...]) -> None:
    assert Fraction(obtenu["score"], echelle) == attendu.score
    assert Fraction(obtenu["score_verifie"], echelle) == attendu.score_verifie
    for rang, ligne in enumerate(attendu.lignes):
        lus = [Fraction(obtenu[f"{nom}_{rang}"], echelle) for nom in ("points", "retenus", "verifies")]
        assert lus == [ligne.points, ligne.points_retenus, ligne.points_verifies], ligne.critere
    manquantes = {v for rang, v in enumerate(variables) if obtenu.get(f"manque_{rang}")}
    assert manquantes == set(attendu.manquantes)
    exclusifs = {r.code for rang, r in enumerate(grille.rubriques) if obtenu.get(f"exclusif_{rang}")}
    assert exclusifs == {c.rubrique for c in attendu.constats}
    motif = None if obtenu["hors"] is None else grille.hors_cotation[obtenu["hors"]].motif
    assert motif == attendu.hors_cotation
    assert obtenu.get("gel_declare", 0) == attendu.mois_geles


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_la_note_compilee_est_la_note_lue(data):
    grille = data.draw(grilles())
    liste = data.draw(demandes(grille, 6))
    absentes = data.draw(st.lists(st.sampled_from(sorted(TYPES)), max_size=3).map(tuple))
    comparer(CON, grille, liste, absentes)


def test_un_gel_ne_rend_pas_connue_une_anciennete_inconnue():
    """The least of nothing and zero is nothing: an engine's `greatest` would say 0."""
    refus = Critere(
        "refus",
        "r",
        "Refus",
        "local",
        Compteur("refus_logement_adapte", Fraction(-10)),
        gel_anciennete_mois=6,
    )
    mois = Critere("mois", "r", "Mois", "local", ParUnite("anciennete_mois", Fraction(1)))
    grille = Grille(
        "g", "1", "G", "2", "toutes", AU, (Rubrique("r", "R"),), (refus, mois), plancher=Fraction(-10)
    )
    faits = dict.fromkeys(TYPES) | {"refus_logement_adapte": (date(2025, 12, 1),)}
    connue = faits | {"anciennete_mois": 5}
    comparer(CON, grille, [Demande("1", None, faits), Demande("2", None, connue)])


@pytest.mark.parametrize(
    ("population", "communes", "attendus"),
    [
        ("toutes", None, ["1", "2", "3"]),
        ("premiere_demande", None, ["2"]),
        ("mutation", None, ["1"]),
        ("toutes", ["31001"], ["1", "2"]),
        ("toutes", [], []),
        ("mutation", ["31002"], []),
    ],
)
def test_une_grille_ne_cote_que_ses_demandes(population, communes, attendus):
    """First demandes and mutations are never in one list; a mutation unknown is in neither."""
    table = pa.table({
        "numero_unique": ["1", "2", "3"],
        "mutation": pa.array([True, False, None]),
        "communes_demandees": [["31001"], ["31001", "31002"], None],
    })  # fmt: skip
    vue_table(CON, "demandes", table)
    grille = Grille("g", "1", "G", "2", population, AU, (Rubrique("r", "R"),), ())
    source = Source("demandes", tuple(table.column_names), {})
    vue = concernees(CON, source, grille, communes, "celles_de_la_grille")
    compilee = noter(CON, vue, grille, AU, [], detail=False)
    assert sorted(scores(CON, compilee).column("numero_unique").to_pylist()) == attendus


def test_ce_qu_un_fichier_ne_permet_pas_est_dit():
    grille = Grille("g", "1", "G", "2", "mutation", AU, (Rubrique("r", "R"),), ())
    sans = Source("demandes", ("numero_unique",), {})
    with pytest.raises(CotationImpossible, match="ajoutez au fichier la colonne « mutation »"):
        concernees(CON, sans, grille, None, "v")
    with pytest.raises(CotationImpossible, match="ajoutez au fichier la colonne « communes_demandees »"):
        concernees(CON, sans, replace(grille, population="toutes"), ["31001"], "v")


def test_une_date_vide_dans_une_liste_est_refusee():
    table = pa.table({"numero_unique": ["1"], "non_reponse": pa.array([[AU, None]], pa.list_(pa.date32()))})
    vue_table(CON, "demandes", table)
    critere = Critere("n", "r", "N", "local", Compteur("non_reponse", Fraction(1)))
    grille = Grille("g", "1", "G", "2", "toutes", AU, (Rubrique("r", "R"),), (critere,))
    with pytest.raises(CotationImpossible, match="« non_reponse » a 1 liste"):
        noter(CON, Source("demandes", tuple(table.column_names), TYPES), grille, AU, [], detail=False)
