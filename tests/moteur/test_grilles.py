"""The studio's figures, counted again by hand from the readable scores."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

from partiteur.demo.demandes import JOUR, ecrire_demandes
from partiteur.moteur.cotation import CotationImpossible, coter, lire_fichier, poser
from partiteur.moteur.cotation.explication import Classe, _joindre, seuil_de_secret
from partiteur.moteur.cotation.notes import demande
from partiteur.moteur.execution import connexion, vue_table
from partiteur.moteur.grille import charger_grille
from partiteur.moteur.grilles import Demandeurs, comparer, simuler
from partiteur.moteur.grilles.simulation import peser
from partiteur.regles.cotation import catalogue_livre, rang_de_classement, score_demande

CATALOGUE = catalogue_livre()
TETE = 8


@pytest.fixture(scope="module")
def lues(tmp_path_factory):
    return lire_fichier(ecrire_demandes(tmp_path_factory.mktemp("d") / "d.csv", nombre=300), CATALOGUE, JOUR)


@pytest.fixture(scope="module")
def demandeurs(lues):
    con = connexion()
    return Demandeurs(con, poser(con, lues, CATALOGUE), CATALOGUE, JOUR)


def listes_a_la_main(demandeurs, grille, table) -> dict[str, list]:
    """Each list in order, by the readable evaluation alone."""
    lus = []
    for ligne in table.to_pylist():
        if ligne["mutation"] is (grille.population == "mutation") or grille.population == "toutes":
            une = demande(ligne, grille, demandeurs.source)
            score = score_demande(une, grille, CATALOGUE, JOUR).valeur
            if score.hors_cotation is None:
                lus.append((rang_de_classement(score, une, grille).valeur, score, une))
    lus.sort(key=lambda ligne: ligne[0])
    codes = CATALOGUE.variable("typologies_demandees").codes
    listes = {c: [(s, d) for _, s, d in lus if c in (d.faits["typologies_demandees"] or ())] for c in codes}
    return {code: liste for code, liste in listes.items() if liste}


def test_la_simulation_compte_comme_a_la_main(demandeurs, lues):
    grille = charger_grille("territoire-exemple", Path(), CATALOGUE)
    simulation = simuler(demandeurs, grille, TETE, 1, Fraction(1, 10), communes=True)
    listes = listes_a_la_main(demandeurs, grille, lues.table)
    for egalites in simulation.egalites:
        notes = Counter(s.score for s, _ in listes[egalites.liste])
        assert egalites.demandes == notes.total()
        assert egalites.notes_distinctes == len(notes)
        assert egalites.a_egalite == sum(n for n in notes.values() if n > 1)
        assert egalites.plus_grand_groupe == max(notes.values())
        tete, reste = listes[egalites.liste][:TETE], listes[egalites.liste][TETE:]
        assert egalites.tete_departagee == bool(reste and tete[-1][0].score == reste[0][0].score)
    faits = {"dalo": "dalo_reconnu", "handicap": "handicap", "premier_quartile": "premier_quartile"}
    for tete in simulation.tetes:
        membres = [
            d
            for _, d in listes[tete.liste]
            if tete.commune is None or tete.commune in d.faits["communes_demandees"]
        ]
        parts = {p.public: p for p in tete.parts}
        assert (tete.demandes, tete.tete) == (len(membres), min(len(membres), TETE))
        for public, variable in faits.items():
            assert parts[public].tete == sum(d.faits[variable] is True for d in membres[:TETE])
            assert parts[public].ensemble == sum(d.faits[variable] is True for d in membres)
            assert parts[public].inconnues == sum(d.faits[variable] is None for d in membres)
    assert {t.commune for t in simulation.tetes} > {None}
    assert list(simulation.quantiles) == sorted(simulation.quantiles)


def test_les_petits_comptes_ne_sont_pas_montres(demandeurs):
    grille = charger_grille("territoire-exemple", Path(), CATALOGUE)
    minimum = seuil_de_secret(JOUR)
    simulation = simuler(demandeurs, grille, TETE, minimum, Fraction(1, 10), communes=True)
    assert simulation.masquees > 0
    assert all(t.demandes >= minimum for t in simulation.tetes)
    comptes = [n for t in simulation.tetes for p in t.parts for n in (p.tete, p.ensemble, p.inconnues)]
    assert None in comptes
    assert all(n is None or n == 0 or n >= minimum for n in comptes)


def test_changer_un_poids_c_est_changer_la_grille(demandeurs, lues):
    """The sensitivity of a criterion is what the readable evaluation says of the grid with its points changed."""
    grille = charger_grille("territoire-exemple", Path(), CATALOGUE)
    simulation = simuler(demandeurs, grille, TETE, 1, Fraction(1), communes=False)
    dalo = next(s for s in simulation.sensibilites if s.critere == "dalo")
    doublee = replace(
        grille, criteres=tuple(peser(c, Fraction(2)) if c.code == "dalo" else c for c in grille.criteres)
    )
    bougent = sortent = 0
    apres = listes_a_la_main(demandeurs, doublee, lues.table)
    for code, liste in listes_a_la_main(demandeurs, grille, lues.table).items():
        rangs = {d.numero_unique: n for n, (_, d) in enumerate(apres[code])}
        for rang, (_, d) in enumerate(liste):
            bougent += rangs[d.numero_unique] != rang
            sortent += rang < TETE <= rangs[d.numero_unique]
    assert (dalo.bougent, dalo.sortent) == (bougent, sortent)
    assert bougent


def test_la_comparaison_compte_comme_a_la_main(demandeurs, lues):
    avant = charger_grille("territoire-exemple", Path(), CATALOGUE)
    apres = replace(charger_grille("toulouse-extrait", Path(), CATALOGUE), population="premiere_demande")
    comparaison = comparer(avant, apres, demandeurs, TETE, 1)
    gauche, droite = (listes_a_la_main(demandeurs, g, lues.table) for g in (avant, apres))
    for m in comparaison.mouvements:
        a = {d.numero_unique: n for n, (_, d) in enumerate(gauche[m.liste])}
        b = {d.numero_unique: n for n, (_, d) in enumerate(droite[m.liste])}
        ecarts = [b[n] - a[n] for n in a if n in b]
        assert (m.demandes, m.stables) == (len(ecarts), ecarts.count(0))
        assert (m.montent, m.descendent) == (sum(e < 0 for e in ecarts), sum(e > 0 for e in ecarts))
        assert m.ecart_moyen == Fraction(sum(map(abs, ecarts)), len(ecarts))
        assert m.sortent == sum(a[n] < TETE <= b[n] for n in a if n in b)
    assert any(m.demandes is None for m in comparer(avant, apres, demandeurs, TETE, 10_000).mouvements)


def test_une_grille_ne_differe_pas_d_elle_meme(demandeurs):
    grille = charger_grille("territoire-exemple", Path(), CATALOGUE)
    comparaison = comparer(grille, grille, demandeurs, TETE, 1)
    assert comparaison.changements == ()
    assert all(m.stables == m.demandes and m.sortent == 0 for m in comparaison.mouvements)


def test_ce_qui_change_est_nomme():
    grille = charger_grille("territoire-exemple", Path(), CATALOGUE)
    dalo = next(c for c in grille.criteres if c.code == "dalo")
    plus = replace(dalo, plafond=Fraction(100))
    sans = replace(
        grille, criteres=tuple(plus if c.code == "dalo" else c for c in grille.criteres if c.code != "effort")
    )
    dits = [(c.quoi, c.code, c.champ) for c in comparer(grille, sans, None, TETE, 1).changements]
    assert dits == [("critere", "dalo", "plafond"), ("critere", "effort", None)]


def test_sans_typologies_aucune_liste():
    con = connexion()
    vue_table(con, "demandes", pa.table({"numero_unique": ["1"]}))
    grille = replace(charger_grille("toulouse-extrait", Path(), CATALOGUE), population="toutes")
    demandeurs = Demandeurs(con, replace(poser_vide(con), colonnes=("numero_unique",)), CATALOGUE, JOUR)
    with pytest.raises(CotationImpossible, match="« typologies_demandees »"):
        simuler(demandeurs, grille, TETE, 1, Fraction(1, 10), communes=False)


def poser_vide(con):
    from partiteur.moteur.cotation import Source

    return Source("demandes", (), {c: v.type for c, v in CATALOGUE.variables.items()})


def test_une_classe_trop_petite_rejoint_sa_voisine():
    """Hidden alone, it would be found by subtraction."""
    classes = [Classe(0, 10, 3), Classe(10, 20, 30), Classe(20, 30, 40), Classe(30, 40, 2)]
    assert _joindre(classes, 11) == (Classe(0, 20, 33), Classe(20, 40, 42))


def test_coter_dit_ce_que_dit_la_lecture(lues):
    """The notes streamed from the engine, with their lines, are those of the readable evaluation."""
    grille = charger_grille("territoire-exemple-mutation", Path(), CATALOGUE)
    con = connexion()
    source = poser(con, lues, CATALOGUE)
    lignes = {li["numero_unique"]: li for li in lues.table.to_pylist()}
    vues = 0
    for note in coter(con, lues, [grille], CATALOGUE, JOUR, detail=True):
        attendue = score_demande(
            demande(lignes[note.numero_unique], grille, source), grille, CATALOGUE, JOUR
        ).valeur
        assert (note.score, note.score_verifie) == (attendue.score, attendue.score_verifie)
        assert set(note.manquantes) == set(attendue.manquantes)
        for lue, voulue in zip(note.lignes, attendue.lignes, strict=True):
            assert (lue.valeur, lue.preuve, lue.points, lue.points_retenus, lue.points_verifies) == (
                voulue.valeur, voulue.preuve, voulue.points, voulue.points_retenus, voulue.points_verifies,
            )  # fmt: skip
        vues += 1
    assert vues > 50
