"""Properties of a score, on random valid grids and random demandes."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from grilles import bonne, critere, lue
from hypothesis import given, settings
from hypothesis import strategies as st
from tirages_cotation import AU, FAITS, demandes, documents, grilles

from partiteur.regles.cotation import (
    Demande,
    Grille,
    Preuve,
    Score,
    catalogue_livre,
    lire_grille,
    rang_de_classement,
    score_demande,
    verifier,
)

TIREE = settings(deadline=None, max_examples=40)


def noter(grille: Grille, demande: Demande, au: date = AU) -> Score:
    """A score, from the rule."""
    note: Score = score_demande(demande, grille, None, au).valeur
    return note


@settings(deadline=None, max_examples=25)
@given(documents())
def test_les_grilles_tirees_tiennent(document: dict[str, Any]) -> None:
    """What the other properties are tried on is what the lint lets through, cap and unreachable criteria apart."""
    permis = {"plafond_inferieur", "critere_inatteignable"}
    trouves = verifier(lire_grille(document, catalogue_livre()), catalogue_livre())
    assert {c.code for c in trouves if c.gravite == "erreur"} <= permis


@TIREE
@given(st.data())
def test_une_note_se_recompte_de_ses_lignes(data: st.DataObject) -> None:
    """Rubriques add up from what each criterion brings, within their bounds, up to the score; never below the floor."""
    grille = data.draw(grilles())
    score = noter(grille, data.draw(demandes(grille)))
    totaux = {t.rubrique: t for t in score.sous_totaux}
    racines = [r for r in grille.rubriques if r.parent is None]
    avant = sum(totaux[r.code].retenu for r in racines if not r.apres_plafond)
    apres = sum(totaux[r.code].retenu for r in racines if r.apres_plafond)
    assert score.score == max(min(avant, grille.plafond or avant) + apres, grille.plancher)
    for rubrique in racines:
        if not grille.enfants(rubrique.code):
            lignes = [li.points_retenus for li in score.lignes if li.rubrique == rubrique.code]
            assert sum(lignes) == totaux[rubrique.code].brut
            if rubrique.combinaison != "somme":
                assert sum(1 for p in lignes if p) <= 1


@TIREE
@given(st.data())
def test_la_note_verifiee_ne_compte_rien_que_l_autre_ignore(data: st.DataObject) -> None:
    """Without malus or freeze, what is verified is declared too: the verified score is never higher."""
    grille = data.draw(grilles())
    demande = data.draw(demandes(grille))
    demande = replace(demande, faits={**demande.faits, "refus_logement_adapte": ()})
    score = noter(grille, demande)
    assert score.score_verifie <= score.score


@TIREE
@given(st.data())
def test_tout_prouver_egale_les_deux_notes(data: st.DataObject) -> None:
    """With the highest proof on everything both scores are one; with no proof valid, as declared."""
    grille = data.draw(grilles())
    demande = data.draw(demandes(grille))
    prouvee = noter(grille, replace(demande, preuves={c.code: Preuve("transmise") for c in grille.criteres}))
    assert prouvee.score == prouvee.score_verifie


@TIREE
@given(st.data())
def test_la_note_ne_depend_que_de_la_demande(data: st.DataObject) -> None:
    """Scored with others, in any order, a demande has the score it has alone; and the same digest."""
    grille = data.draw(grilles())
    liste = [data.draw(demandes(grille, str(rang))) for rang in range(3)]
    seules = {d.numero_unique: noter(grille, d) for d in liste}
    for demande in data.draw(st.permutations(liste)):
        assert noter(grille, demande) == seules[demande.numero_unique]
    ordre = sorted(liste, key=lambda d: rang_de_classement(seules[d.numero_unique], d, grille).valeur)
    notes = [seules[d.numero_unique].score for d in ordre]
    assert notes == sorted(notes, reverse=True)


@TIREE
@given(st.data())
def test_monte_ou_descend_comme_la_grille_le_dit(data: st.DataObject) -> None:
    """A criterion that says `croissant` never gives less when its variable rises, all else equal."""
    grille = data.draw(grilles())
    demande = data.draw(demandes(grille))
    for rang, un in enumerate(grille.criteres):
        ligne = noter(grille, demande).lignes[rang]
        donnee: Any = demande.faits.get(ligne.variable or "")
        if un.sens != "croissant" or donnee is None:
            continue
        plus = {**demande.faits, ligne.variable: donnee + data.draw(st.integers(0, 90))}
        assert noter(grille, replace(demande, faits=plus)).lignes[rang].points >= ligne.points


@TIREE
@given(st.data())
def test_un_fait_inconnu_ne_donne_rien_de_plus(data: st.DataObject) -> None:
    """A criterion whose facts are missing gives nothing and names them; what nobody reads changes nothing."""
    grille = data.draw(grilles())
    demande = data.draw(demandes(grille))
    score = noter(grille, demande)
    for ligne in score.lignes:
        if ligne.manquantes:
            assert ligne.points == ligne.points_retenus == 0
        assert all(demande.faits.get(m) is None for m in ligne.manquantes)
    etranger = replace(demande, faits={**demande.faits, "surface_actuelle": Fraction(30)})
    assert noter(grille, etranger) == score


@TIREE
@given(st.data())
def test_l_empreinte_change_avec_ce_qui_est_lu(data: st.DataObject) -> None:
    """Same facts, same date, same digest; another fact, proof, date or version, another digest."""
    grille = data.draw(grilles())
    demande = data.draw(demandes(grille))
    empreinte = noter(grille, demande).empreinte
    autre = data.draw(FAITS["anciennete_mois"].filter(lambda n: n != demande.faits["anciennete_mois"]))
    changees = [
        noter(grille, replace(demande, faits={**demande.faits, "anciennete_mois": autre})),
        noter(grille, replace(demande, preuves={**demande.preuves, "dalo": Preuve("deposee", AU)})),
        noter(grille, demande, date(2024, 4, 1)),
        noter(replace(grille, version="2"), demande),
    ]
    attendues = [s.empreinte for s in changees]
    if demande.preuves.get("dalo") == Preuve("deposee", AU):
        attendues.pop(1)
    assert empreinte not in attendues


def test_egalites() -> None:
    """At equal scores: what the grid says, unknown last, then the oldest, then the number."""
    document = bonne() | {"departage": ["taux_effort", {"variable": "nb_personnes", "ordre": "croissant"}]}
    critere(document, "mois")["points_par_unite"] = 0
    grille = lue(document)
    liste = [
        Demande("e", None, {"taux_effort": Fraction(1, 10), "nb_personnes": 3}),
        Demande("d", date(2020, 1, 1), {"taux_effort": Fraction(1, 10), "nb_personnes": 3}),
        Demande("c", date(2020, 1, 1), {"taux_effort": Fraction(1, 10), "nb_personnes": 3}),
        Demande("f", date(2010, 1, 1), {"taux_effort": Fraction(1, 10)}),
        Demande("b", date(2024, 1, 1), {"taux_effort": Fraction(1, 10), "nb_personnes": 1}),
        Demande("a", date(2024, 1, 1), {"taux_effort": Fraction(2, 10), "nb_personnes": 9}),
        Demande("g", date(2000, 1, 1), {"nb_personnes": 1}),
    ]
    ordre = sorted(liste, key=lambda d: rang_de_classement(noter(grille, d), d, grille).valeur)
    assert [d.numero_unique for d in ordre] == ["a", "b", "c", "d", "e", "f", "g"]


def test_rubriques_emboitees_au_plus_fort() -> None:
    """A child rubrique that loses to a criterion of its mother counts for nothing, nor do its lines."""
    document = bonne()
    document["rubriques"] |= {
        "sous": {"libelle": "Sous", "parent": "publics"},
        "fond": {"libelle": "Fond", "parent": "sous"},
    }
    for code, rubrique, points in (("x", "sous", 20), ("y", "fond", 15)):
        si = {"variable": "handicap", "est": True}
        document["criteres"].append(
            {"code": code, "rubrique": rubrique, "libelle": code, "si": si, "points": points}
        )
    grille = lue(document)
    faits: dict[str, Any] = {"handicap": True, "publics_l441_1": ("a",)}
    perdue = noter(grille, Demande("1", None, faits))
    assert {li.critere: li.points_retenus for li in perdue.lignes if li.points} == {
        "publics": 40,
        "x": 0,
        "y": 0,
    }
    gagnee = noter(grille, Demande("1", None, {**faits, "publics_l441_1": ()}))
    assert {li.critere: li.points_retenus for li in gagnee.lignes if li.points_retenus} == {"x": 20, "y": 15}
    document["rubriques"]["publics"]["combinaison"] = "exclusif"
    (constat,) = noter(lue(document), Demande("1", None, faits)).constats
    assert constat.criteres == ("publics", "sous")
    assert constat.message.startswith("Rubrique « Publics » : une seule case est admise, 2 sont cochées")


def test_le_gel_ne_rend_pas_l_anciennete_negative() -> None:
    """Two months of waiting, six frozen: none left, and the line shows it."""
    document = bonne()
    critere(document, "refus").update(a_partir_de=1, fenetre_mois=24, effet={"gel_anciennete_mois": 6})
    faits: dict[str, Any] = {"anciennete_mois": 2, "refus_logement_adapte": (date(2023, 1, 1),)}
    score = noter(lue(document), Demande("1", None, faits))
    assert (score.lignes[0].valeur, score.lignes[0].points, score.mois_geles) == (0, 0, 6)
