"""The lint finds each planted fault and says where; a good grid has none."""

from collections.abc import Callable
from typing import Any

import pytest
from grilles import bonne, constats, critere, trouves

from partiteur.regles.cotation import lire_catalogue, lire_grille, valide, verifier
from partiteur.regles.socle import bareme

Faute = Callable[[dict[str, Any]], object]
MUT = {"variable": "mutation", "est": True}


def change(code: str, **cles: Any) -> Faute:
    """Set keys of a criterion; None takes a key away."""

    def casser(document: dict[str, Any]) -> None:
        cible = critere(document, code)
        cible.update(cles)
        for cle in [c for c, v in cles.items() if v is None]:
            del cible[cle]

    return casser


def rubrique(code: str, **cles: Any) -> Faute:
    """Set keys of a rubrique, new or not."""
    return lambda d: d["rubriques"].setdefault(code, {"libelle": code}).update(cles)


def tete(**cles: Any) -> Faute:
    """Set keys of the header."""
    return lambda d: d.update(cles)


def ajoute(**cles: Any) -> Faute:
    """Add a criterion, « x » in situation unless said."""
    return lambda d: d["criteres"].append({"code": "x", "rubrique": "situation", "libelle": "X", **cles})


def sans(code: str) -> Faute:
    """Take a criterion away."""
    return lambda d: d["criteres"].remove(critere(d, code))


def si(variable: str, **comparaison: Any) -> dict[str, Any]:
    return {"variable": variable, **comparaison}


TABLEAU = {
    "lignes": {"variable": "nb_personnes", "moins_de": [3, 2]},
    "colonnes": {"variable": "typologie_actuelle", "valeurs": ["T1"]},
    "points": [[1], [1], [1]],
}
ERREURS: list[tuple[str, Faute, str, str]] = [
    ("pas de DALO", sans("dalo"), "dalo_absent", "criteres"),
    ("un DALO sans point", change("dalo", points=0), "dalo_absent", "criteres"),
    (
        "trou dans les tranches",
        change("effort", tranches=[{"moins_de": "0.3", "points": 0}, {"a_partir_de": "0.4", "points": 9}]),
        "tranches_trou",
        "criteres.effort.tranches",
    ),
    (
        "rien au-dessus",
        change("effort", tranches=[{"moins_de": "0.3", "points": 1}]),
        "tranches_trou",
        "criteres.effort.tranches",
    ),
    (
        "rien au-dessous",
        change("effort", tranches=[{"a_partir_de": "0.3", "points": 1}]),
        "tranches_trou",
        "criteres.effort.tranches",
    ),
    (
        "recouvrement",
        change("effort", tranches=[{"moins_de": "0.5", "points": 1}, {"a_partir_de": "0.4", "points": 9}]),
        "tranches_recouvrement",
        "criteres.effort.tranches",
    ),
    (
        "tranche jamais lue",
        change("effort", tranches=[{"points": 1}, {"points": 9}]),
        "tranches_recouvrement",
        "criteres.effort.tranches",
    ),
    (
        "tranche à l'envers",
        change(
            "effort", tranches=[{"moins_de": 2, "points": 1}, {"moins_de": 1, "points": 2}, {"points": 3}]
        ),
        "tranches_recouvrement",
        "criteres.effort.tranches",
    ),
    (
        "nationalité",
        ajoute(si=si("nationalite", egal="1"), points=5),
        "variable_interdite",
        "criteres.x",
    ),
    (
        "nationalité sous un autre nom",
        ajoute(si=si("nationalite_francaise", est=True), points=5),
        "variable_interdite",
        "criteres.x",
    ),
    (
        "poids par commune demandée",
        ajoute(si=si("commune_demandee", egal="99001"), points=5),
        "poids_par_territoire",
        "criteres.x",
    ),
    (
        "poids par bailleur, hors cotation",
        lambda d: d.update(
            hors_cotation=[{"code": "h", "libelle": "H", "si": si("bailleur", egal="B"), "motif": "m"}]
        ),
        "poids_par_territoire",
        "hors_cotation.h",
    ),
    (
        "poids par commune de résidence",
        ajoute(variable="commune_residence", valeurs={"99001": 5, "99002": 9}),
        "poids_par_territoire",
        "criteres.x",
    ),
    (
        "conditions contraires",
        ajoute(si={"tous": [si("nb_personnes", au_moins=5), si("nb_personnes", inferieur_a=3)]}, points=5),
        "critere_inatteignable",
        "criteres.x",
    ),
    (
        "mutation dans une grille de premières demandes",
        lambda d: (d.update(population="premiere_demande"), ajoute(si=MUT, points=5)(d)),
        "critere_inatteignable",
        "criteres.x",
    ),
    ("code inconnu", ajoute(si=si("motifs", contient="99"), points=5), "code_inconnu", "criteres.x"),
    (
        "code inconnu, donc inatteignable",
        ajoute(si=si("statut_occupation", egal="ZZ"), points=5),
        "critere_inatteignable",
        "criteres.x",
    ),
    (
        "code inconnu dans un tableau",
        ajoute(
            tableau={
                "lignes": {"variable": "typologie_actuelle", "valeurs": ["T12"]},
                "colonnes": {"variable": "handicap", "valeurs": [True]},
                "points": [[1]],
            }
        ),
        "code_inconnu",
        "criteres.x",
    ),
    (
        "variable inconnue",
        ajoute(si=si("couleur_des_volets", est=True), points=5),
        "variable_inconnue",
        "criteres.x",
    ),
    ("départage inconnu", tete(departage=["chance"]), "variable_inconnue", "departage"),
    ("départage sans ordre", tete(departage=["motifs"]), "departage_sans_ordre", "departage"),
    ("code en double", ajoute(code="dalo", si=MUT, points=5), "code_double", "criteres.dalo"),
    (
        "rubriques en rond",
        lambda d: (rubrique("a", parent="b")(d), rubrique("b", parent="a")(d)),
        "cycle_rubriques",
        "rubriques.a.parent",
    ),
    ("parent absent", rubrique("a", parent="zz"), "parent_absent", "rubriques.a.parent"),
    ("rubrique absente", change("effort", rubrique="zz"), "rubrique_absente", "criteres.effort.rubrique"),
    (
        "plafond de rubrique trop bas",
        rubrique("publics", plafond=40),
        "plafond_inferieur",
        "rubriques.publics.plafond",
    ),
    ("plafond total trop bas", tete(plafond=45), "plafond_inferieur", "plafond"),
    (
        "plafond de critère trop bas",
        change("effort", plafond=8),
        "plafond_inferieur",
        "criteres.effort.plafond",
    ),
    (
        "plafond sous un compteur",
        lambda d: (
            ajoute(compteur="proposition_sans_suite", points=5, maximum=3)(d),
            rubrique("situation", plafond=12)(d),
        ),
        "plafond_inferieur",
        "rubriques.situation.plafond",
    ),
    ("pas d'évaluation", lambda d: d.pop("evaluation_mois"), "evaluation_absente", "evaluation_mois"),
    (
        "aucun public",
        lambda d: (sans("publics")(d), sans("graves")(d)),
        "l441_1_absent",
        "criteres",
    ),
    (
        "malus dans un maximum",
        change("refus", rubrique="publics"),
        "malus_dans_maximum",
        "criteres.refus",
    ),
    (
        "malus imbriqué après plafond",
        rubrique("sous", parent="malus", apres_plafond=True),
        "apres_plafond_imbrique",
        "rubriques.sous.apres_plafond",
    ),
    (
        "plancher au-dessus du plafond",
        rubrique("situation", plancher=60, plafond=50),
        "plancher_superieur",
        "rubriques.situation",
    ),
    (
        "paliers en désordre",
        change(
            "mois",
            paliers=[{"a_partir_de": 60, "points_par_unite": 2}, {"a_partir_de": 60, "points_par_unite": 3}],
        ),
        "paliers_desordonnes",
        "criteres.mois.paliers",
    ),
    ("tableau en désordre", ajoute(tableau=TABLEAU), "tranches_recouvrement", "criteres.x.tableau"),
    ("période à l'envers", tete(valide_au="2023-01-01"), "periode_inversee", "valide_au"),
    (
        "gel sans compteur",
        change("effort", effet={"gel_anciennete_mois": 6}),
        "effet_sans_compteur",
        "criteres.effort.effet",
    ),
    ("sens contredit", change("effort", sens="decroissant"), "sens_contredit", "criteres.effort.sens"),
    ("sens d'un code", change("publics", sens="croissant"), "sens_impossible", "criteres.publics.sens"),
    ("hors catalogue", change("effort", catalogue="zz"), "hors_catalogue", "criteres.effort.catalogue"),
    (
        "bornes sans critère",
        tete(bornes={"zz": {"min": 0, "max": 1}}),
        "borne_sans_critere",
        "bornes.zz",
    ),
    ("bornes inversées", tete(bornes={"dalo": {"min": 9, "max": 1}}), "bornes_inversees", "bornes.dalo"),
    ("hors de ses bornes", tete(bornes={"dalo": {"min": 0, "max": 1}}), "hors_bornes", "criteres.dalo"),
    (
        "référence inconnue",
        tete(references={"chance": 3}),
        "variable_inconnue",
        "references",
    ),
]
AVERTISSEMENTS: list[tuple[str, Faute, str, str]] = [
    (
        "lettre non lue",
        change("graves", si=si("publics_l441_1", contient=["g", "h"])),
        "lettre_non_lue",
        "criteres",
    ),
    ("âge", ajoute(si=si("age_demandeur", inferieur_a=30), points=5), "critere_age", "criteres.x"),
    (
        "commune de résidence",
        ajoute(si=si("commune_residence", egal="99001"), points=5),
        "critere_residence",
        "criteres.x",
    ),
    ("refus non dit", sans("refus"), "refus_non_dit", "criteres"),
    (
        "malus local",
        ajoute(compteur="incivilite", points=-5),
        "malus_local",
        "criteres.x",
    ),
    ("coefficient", change("effort", coefficient=2), "coefficient", "criteres.effort.coefficient"),
    ("sans point", ajoute(si=MUT, points=0), "critere_sans_point", "criteres.x"),
    (
        "DALO sur déclaration",
        change("dalo", declaration_admise=True),
        "declaration_admise",
        "criteres.dalo",
    ),
    (
        "g sur déclaration",
        change("graves", declaration_admise=True),
        "declaration_admise",
        "criteres.graves",
    ),
    (
        "gel effacé",
        change("refus", effet={"gel_anciennete_mois": 12}),
        "gel_efface",
        "criteres.refus.effet",
    ),
    (
        "origine différente",
        change("dalo", catalogue="dalo", origine="local"),
        "origine_differente",
        "criteres.dalo.origine",
    ),
]


def cas(fautes: list[tuple[str, Faute, str, str]]) -> list[Any]:
    return [pytest.param(casser, code, chemin, id=nom) for nom, casser, code, chemin in fautes]


def test_une_bonne_grille_n_a_aucun_constat() -> None:
    """Nothing is said where there is nothing to say."""
    assert constats(bonne()) == ()


@pytest.mark.parametrize(("casser", "code", "chemin"), cas(ERREURS))
def test_chaque_erreur_est_trouvee(casser: Faute, code: str, chemin: str) -> None:
    """A planted fault is found where it is, and the grid is not valid."""
    document = bonne()
    casser(document)
    assert (code, chemin) in trouves(document)
    assert not valide(constats(document))
    assert next(c for c in constats(document) if c.code == code).gravite == "erreur"


@pytest.mark.parametrize(("casser", "code", "chemin"), cas(AVERTISSEMENTS))
def test_chaque_avertissement_est_dit(casser: Faute, code: str, chemin: str) -> None:
    """What must be known or justified is said alone, and the grid stays valid."""
    document = bonne()
    casser(document)
    assert trouves(document) == {(code, chemin)}
    assert valide(constats(document))


@pytest.mark.parametrize(
    "casser",
    [
        ajoute(si=si("motifs", contient="08"), points=5),  # raisons de santé
        ajoute(si=si("handicap", est=True), points=5),
        lambda d: (sans("refus")(d), d.update(refus_sans_effet=True)),
        lambda d: d.update(population="mutation") or ajoute(si=MUT, points=5)(d),
        ajoute(si=si("anciennete_mois", superieur_a={"reference": "delai_anormalement_long_mois"}), points=5),
        ajoute(
            si={
                "tous": [
                    si("nb_personnes", superieur_a={"reference": "nb_a_charge"}),
                    si("handicap", est=True),
                ]
            },
            points=5,
        ),
        ajoute(si=si("seuil_premier_quartile", superieur_a={"reference": "ressources_uc"}), points=5),
        ajoute(si={"tous": [si("motifs", contient="08"), si("motifs", contient="09")]}, points=5),
        ajoute(si={"sauf": {"un_de": [si("handicap", est=True), si("mutation", est=True)]}}, points=5),
        ajoute(compteur="proposition_sans_suite", points=5),
        ajoute(variable="statut_occupation", valeurs={"SD": 5}, plafond=9),
        tete(departage=["anciennete_mois", {"variable": "ressources_uc", "ordre": "croissant"}]),
        lambda d: (rubrique("enfant", parent="situation")(d), change("effort", rubrique="enfant")(d)),
    ],
)
def test_ce_qui_est_permis_passe(casser: Faute) -> None:
    """Nor must the lint forbid what is right: health, handicap, thresholds of an arrêté, nested rubriques."""
    document = bonne()
    casser(document)
    assert constats(document) == ()


def test_une_reference_de_la_grille_est_un_seuil() -> None:
    """A threshold set by the grid is tried like a number: 36 months and more than 36 contradict each other."""
    document = bonne() | {"references": {"delai_anormalement_long_mois": 36}}
    contraire = [
        si("anciennete_mois", au_plus=36),
        si("anciennete_mois", superieur_a={"reference": "delai_anormalement_long_mois"}),
    ]
    ajoute(si={"tous": contraire}, points=5)(document)
    assert trouves(document) == {("critere_inatteignable", "criteres.x")}


def test_trop_de_combinaisons_ne_disent_rien() -> None:
    """What cannot be tried in a reasonable time is not accused."""
    document = bonne()
    tous = [si("nb_personnes", au_moins=5), si("nb_personnes", inferieur_a=3)]
    tous += [si(v, dans=list(range(40))) for v in ("anciennete_mois", "nb_a_charge", "nb_enfants_mineurs")]
    ajoute(si={"tous": tous}, points=5)(document)
    assert constats(document) == ()


@pytest.mark.parametrize(("fin", "codes"), [("2024-02-01", set()), ("2023-12-01", {"critere_inatteignable"})])
def test_les_dates_sont_essayees(fin: str, codes: set[str]) -> None:
    """A criterion between two days that cross is unreachable; a catalogue of one's own may have dates."""
    propres = {**bareme("variables")["variables"], "fin_bail": {"type": "date", "libelle": "Fin du bail"}}
    catalogue = lire_catalogue({**bareme("variables"), "variables": propres}, bareme("criteres"))
    document = bonne()
    entre = [si("fin_bail", superieur_a="2024-01-01"), si("fin_bail", inferieur_a=fin)]
    ajoute(si={"tous": entre}, points=5)(document)
    assert {c.code for c in verifier(lire_grille(document, catalogue), catalogue)} == codes
