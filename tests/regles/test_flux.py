"""What a whole sheet says beyond its figures: steps, sentences of the warnings, the State's account, refusals."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from dossiers import AGENTS, ALS, CADRE, CD, CENT, DIX_POUR_CENT, PREFET, TERRITOIRE, dossier, messages, refus

from partiteur.regles.assiette import Assiette
from partiteur.regles.faits import (
    MouvementDroitUnique,
    Perimetre,
    ProgrammeNeuf,
    Reservataire,
    Rotation,
)
from partiteur.regles.flux import flux
from partiteur.regles.rotation import definition

DEUX_VILLES = (CENT, Perimetre("A", "commune", 100), Perimetre("B", "commune", 200))


# --- la feuille


def test_la_feuille_se_lit_ligne_a_ligne() -> None:
    """Each step says what, how, how much, by which text; those of another perimeter say where."""
    perimetres = (
        replace(TERRITOIRE, parc=15000, exclus={"pli": 500}, soustraits={"mutations": 400, "lhi": 50}),
        Perimetre("A", "commune", 1500, nom="Aville", soustraits={}),
    )
    etapes = flux(dossier(CD, perimetres=perimetres, date_parc=date(2022, 12, 31))).etapes
    assert [(e.libelle, e.formule, e.valeur, e.texte) for e in etapes] == [
        ("Parc", "parc donné", 15000, "r441-5-convention"),
        ("Exclus : logements intermédiaires (PLI)", "à retrancher", 500, "l302-16"),
        ("Assiette", "15 000 - 500", 14500, "r441-5-convention"),
        (
            "Rotation",
            "départs de l'année N-1, sur les logements concernés par le flux",
            Fraction(1, 10),
            "s0",
        ),
        ("Volume attendu", "14 500 × 10 %", 1450, "s1"),
        ("Aville · Parc", "parc donné", 1500, "r441-5-convention"),
        ("Aville · Assiette", "1 500", 1500, "r441-5-convention"),
        (
            "Aville · Rotation",
            "départs de l'année N-1, sur les logements concernés par le flux",
            Fraction(1, 10),
            "s0",
        ),
        ("Aville · Volume attendu", "1 500 × 10 %", 150, "s1"),
        ("Soustraits : mutations", "à retrancher", 400, "r441-5-soustraits"),
        ("Soustraits : habitat indigne (L521-3-1 à L521-3-3)", "à retrancher", 50, "r441-5-soustraits"),
        ("Flux à répartir", "1 450 - 400 - 50", 1000, "r441-5-soustraits"),
        ("Aville · Flux à répartir", "150", 150, "r441-5-soustraits"),
        ("Part : Conseil départemental", "donnée, de l'assiette", Fraction(1, 5), "r441-5-convention"),
        ("Nombres entiers", "parties entières", 1000, "d2"),
    ]


def test_le_territoire_et_les_textes_cites_se_lisent_dans_la_feuille() -> None:
    """Each text once, in the order of the steps."""
    feuille = flux(dossier(CD, perimetres=(CENT,)))
    assert feuille.territoire is feuille.perimetres[0]
    assert feuille.territoire.a_repartir == 100
    assert feuille.cites == ("r441-5-convention", "s0", "s1", "r441-5-soustraits", "d2")


def test_un_exercice_posterieur_aux_lectures_nomme_les_textes() -> None:
    """Once, sorted, for the texts cited only."""
    feuille = flux(replace(dossier(CD, perimetres=(CENT,)), exercice=2024))
    assert messages(feuille)["texte_non_verifie_a_cette_date"] == (
        "Exercice 2024 postérieur à la vérification des textes cités : R441-5 I, R441-5 I al. 5, S0, S1."
    )


def test_un_meme_avertissement_ne_se_dit_qu_une_fois() -> None:
    """The exclusions of the territory and those of its communes call for one sentence."""
    perimetres = (
        replace(CENT, exclus={"non_eligibles": 100}),
        Perimetre("A", "commune", 100, exclus={"non_eligibles": 10}),
    )
    codes = [a.code for a in flux(dossier(CD, perimetres=perimetres)).avertissements]
    assert codes.count("exclus_non_detailles") == 1


def test_une_part_sous_un_logement_par_an_dit_au_bout_de_combien_d_annees() -> None:
    """About one every so many years (D4)."""
    ville = Reservataire("ville", "commune", part=Fraction(1, 5), perimetres=("A",))
    feuille = flux(dossier(ville, CD, perimetres=(CENT, Perimetre("A", "commune", 15))))
    assert [r.tous_les_ans for r in feuille.reservataires] == [3, None]


# --- les phrases des avertissements


def test_les_phrases_des_plafonds_sont_completes() -> None:
    """How much was asked, the cap, what is cut."""
    ville = Reservataire("ville", "commune", part=Fraction(1, 2), contrepartie="garantie", perimetres=("A",))
    prefet, agents = replace(PREFET, part=Fraction(35, 100)), replace(AGENTS, part=Fraction(10, 100))
    aville = Perimetre("A", "commune", 100, nom="Aville")
    feuille = flux(dossier(prefet, agents, ville, perimetres=(CENT, aville), date_parc=date(2022, 12, 31)))
    assert messages(feuille) == {
        "plafond_fonctionnaires": "Les agents de l'État auraient 10 % du flux, au-dessus du plafond de 5 % : leur part est "
        "publiée au plafond, l'excédent de 5 revient au non réservé.",
        "plafond_etat": "L'État aurait 40 % du flux, au-dessus du plafond de 30 % : sa part est publiée au plafond, "
        "l'excédent de 10 revient au non réservé.",
        "plafond_garanties": "Les garants auraient ensemble 50 % du flux du périmètre Aville (A), au-dessus du plafond de 20 % : leurs "
        "parts sont réduites en proportion, l'excédent de 3 revient au non réservé.",
    }


def test_les_phrases_des_parts_et_des_volumes_impossibles() -> None:
    """Where, how much, what to do."""
    feuille = flux(dossier(replace(CD, part=Fraction(6, 5)), perimetres=(CENT,)))
    assert messages(feuille)["parts_superieures_a_100"] == (
        "Les parts dépassent 100 % du flux (99 : 120 %) : aucune réduction ne peut être choisie à votre place, "
        "les volumes concernés ne sont pas publiés. Corrigez les parts."
    )
    uniques = Reservataire("als", "action_logement", methode="droits_uniques", negocies=90)
    feuille = flux(dossier(uniques, CD, perimetres=(CENT,)))
    assert messages(feuille)["objectif_superieur_capacite"] == (
        "Parts et volumes demandent 110 logements pour un flux de 100 : rien n'est réduit, il ne reste rien au non réservé."
    )


# --- les méthodes


def test_un_volume_est_un_engagement_en_volume() -> None:
    """A percentage is not (D68)."""
    negocie = Reservataire("als", "action_logement", methode="negocie", volume=7, justification="accord")
    en_part = replace(negocie, code="region", volume=None, part=Fraction(1, 10))
    feuille = flux(dossier(negocie, en_part, CD, perimetres=(CENT,)))
    assert [(r.engagement, r.objectif) for r in feuille.reservataires] == [
        ("volume", 7),
        ("pourcentage", 10),
        ("pourcentage", 20),
    ]
    assert feuille.reservataires[0].part == Fraction(7, 100)


def test_un_volume_sur_un_flux_nul_n_a_pas_de_part() -> None:
    """Seven of nothing is no percentage; the dwellings asked stay visible."""
    negocie = Reservataire("als", "action_logement", methode="negocie", volume=7, justification="accord")
    publie = flux(dossier(negocie, perimetres=(replace(CENT, parc=0),))).reservataires[0]
    assert (publie.part, publie.exact) == (0, 7)


def test_les_droits_uniques_prennent_le_taux_du_bailleur_ou_le_leur() -> None:
    """And need one."""
    als = Reservataire(
        "als", "action_logement", methode="droits_uniques", droits_de_suite={"Les Tilleuls": 50}
    )
    assert flux(dossier(als, perimetres=(CENT,))).reservataires[0].objectif == 5
    propre = replace(als, taux=Fraction(1, 5))
    assert flux(dossier(propre, perimetres=(CENT,))).reservataires[0].objectif == 10
    moyenne = {
        "perimetres": (replace(CENT, baux={2022: 50}),),
        "cadre": replace(CADRE, volume="moyenne_baux"),
    }
    assert refus(als, **moyenne) == (
        "Réservataire « als » : les droits uniques demandent une rotation ; donnez « taux »."
    )


def test_le_compte_des_droits_uniques_est_publie() -> None:
    """Year by year, beside the objectif."""
    mouvements = (MouvementDroitUnique(2022, "acquis", 4), MouvementDroitUnique(2022, "consomme", 1))
    als = replace(ALS, ouverture_droits_uniques=10, mouvements=mouvements)
    assert [a.solde for a in flux(dossier(als, perimetres=(CENT,))).reservataires[0].droits_uniques] == [13]


def test_la_rotation_ponderee_demande_tous_les_contingents() -> None:
    """The method is refused, never completed by a guess (D6)."""
    als = Reservataire(
        "als", "action_logement", methode="rotation_ponderee", reserves=400, taux=Fraction(1, 10)
    )
    sans_taux, sans_reserves = replace(CD, part=None, reserves=10), replace(CD, taux=Fraction(1, 10))
    for autre in (sans_taux, sans_reserves):
        assert refus(als, autre, perimetres=(CENT,)) == (
            "Rotation pondérée : il manque « reserves » ou « taux » à cd ; "
            "la méthode demande tous les contingents du périmètre."
        )
    assert refus(als, perimetres=(CENT,)) == (
        "Rotation pondérée : il manque « taux » sous [non_reserve], pour les logements non réservés."
    )


def test_la_rotation_ponderee_sans_logement_libre_n_a_pas_besoin_du_non_reserve() -> None:
    """The contingents make the whole of the assiette; those of another perimeter are not asked."""
    als = Reservataire(
        "als", "action_logement", methode="rotation_ponderee", reserves=400, taux=Fraction(3, 20)
    )
    cd = replace(als, code="cd", type="departement", reserves=600, taux=Fraction(1, 15))
    ville = Reservataire("ville", "commune", part=Fraction(0), perimetres=("A",))
    feuille = flux(dossier(als, cd, ville, perimetres=DEUX_VILLES))
    assert [r.part for r in feuille.reservataires] == [Fraction(3, 5), Fraction(2, 5), Fraction(0)]


# --- le neuf


def programme(regime: str, **autres: Any) -> ProgrammeNeuf:
    """Twenty dwellings delivered in the year."""
    return ProgrammeNeuf("Les Tilleuls", "A", 20, date(2023, 6, 1), regime, droits={"als": 5}, **autres)


@pytest.mark.parametrize(
    ("neuf", "regime", "majoration"),
    [
        (programme("flux"), "flux", 0),
        (programme("annee_livraison"), "annee_livraison", 5),
        (programme("annee_livraison", majoration=False), "litterale", 0),
        (programme("un_tour"), "un_tour", 0),
    ],
)
def test_le_neuf_majore_l_objectif_sous_un_seul_regime(
    neuf: ProgrammeNeuf, regime: str, majoration: int
) -> None:
    """Beside the objectif, never in it; the literal reading is said."""
    feuille = flux(dossier(ALS, perimetres=(CENT,), neuf=(neuf,)))
    assert [(n.programme, n.commune, n.logements, n.regime, n.droits) for n in feuille.neuf] == [
        ("Les Tilleuls", "A", 20, regime, {"als": 5})
    ]
    assert feuille.reservataires[0].majoration == majoration
    assert feuille.territoire.exact == (120 if regime == "flux" else 100)
    assert ("neuf_lecture_litterale" in messages(feuille)) == (regime == "litterale")


# --- périmètres


def test_une_rotation_propre_au_perimetre_l_emporte() -> None:
    """On that of its EPCI, and on the territory's."""
    perimetres = (
        TERRITOIRE,
        Perimetre("E", "epci", 1000, rotation=Rotation(taux=Fraction(1, 20))),
        Perimetre("A", "commune", 100, dans=("E",), rotation=Rotation(taux=Fraction(1, 50))),
        Perimetre("B", "commune", 100, dans=("E",)),
    )
    regle = definition("rotation_commune_epci", ())
    feuille = flux(dossier(perimetres=perimetres, definition=regle))
    assert [p.taux for p in feuille.perimetres] == [
        Fraction(1, 10),
        Fraction(1, 20),
        Fraction(1, 50),
        Fraction(1, 20),
    ]
    assert "rotation_prise_ailleurs" not in messages(feuille)


def test_une_definition_departementale_ignore_la_rotation_de_l_epci() -> None:
    """A rate is measured at the scale of its definition (D1)."""
    perimetres = (
        TERRITOIRE,
        Perimetre("E", "epci", 1000, rotation=Rotation(taux=Fraction(1, 20))),
        Perimetre("A", "commune", 100, dans=("E",)),
    )
    feuille = flux(dossier(perimetres=perimetres))
    assert feuille.perimetres[2].taux == Fraction(1, 10)


def test_un_garant_d_un_dossier_communal_est_plafonne_sur_la_commune_entiere() -> None:
    """The territory of a commune's or an EPCI's dossier holds all its guarantors."""
    commune = Perimetre("A", "commune", 1000, rotation=DIX_POUR_CENT)
    quartier = Perimetre("Q", "commune", 500)
    villes = [
        Reservataire("a", "commune", part=Fraction(15, 100), contrepartie="garantie"),
        Reservataire("e", "epci", part=Fraction(20, 100), contrepartie="garantie", perimetres=("Q",)),
    ]
    feuille = flux(dossier(*villes, perimetres=(commune, quartier)))
    assert [r.exact for r in feuille.reservataires] == [12, 8]
    assert [r.objectif for r in feuille.reservataires] == [12, 8]


def test_l_assiette_de_plusieurs_perimetres_est_leur_somme() -> None:
    """200 reserved out of 300."""
    ville = Reservataire(
        "ville", "commune", reserves=200, reserves_contestes=50, perimetres=("A", "B"), contrepartie="terrain"
    )
    publie = flux(dossier(ville, perimetres=DEUX_VILLES)).reservataires[0]
    assert publie.part == Fraction(2, 3)
    assert publie.part_sans_contestes == Fraction(1, 2)
    assert publie.exact == 20
    assert publie.perimetres == ("A", "B")


def test_le_non_reserve_est_publie_comme_les_autres() -> None:
    """Its part of the territory, its dwellings."""
    libre = flux(dossier(CD, perimetres=(CENT,))).non_reserve
    assert (libre.code, libre.part, libre.exact, libre.objectif) == ("non_reserve", Fraction(4, 5), 80, 80)
    assert libre.perimetres == ("99",)


def test_une_assiette_vide_donne_un_flux_nul() -> None:
    """Nobody gets anything, and nothing is divided by zero."""
    feuille = flux(dossier(CD, perimetres=(replace(CENT, parc=0),)))
    assert feuille.territoire.assiette == Assiette(0, {}, 0)
    assert [r.objectif for r in (*feuille.reservataires, feuille.non_reserve)] == [0, 0]
    assert feuille.non_reserve.part == 0


def garant(code: str, type_: str, part: int, *perimetres: str) -> Reservataire:
    """A guarantor with a part in per cent."""
    return Reservataire(code, type_, part=Fraction(part, 100), contrepartie="garantie", perimetres=perimetres)


def test_les_garants_sont_plafonnes_du_plus_petit_territoire_au_plus_grand() -> None:
    """The commune comes down to its 8 first; with the EPCI's 32 they are then just at the EPCI's 40."""
    perimetres = (TERRITOIRE, Perimetre("1E", "epci", 2000), Perimetre("9A", "commune", 400, dans=("1E",)))
    villes = garant("ville", "commune", 50, "9A"), garant("epci", "epci", 16, "1E")
    assert [r.exact for r in flux(dossier(*villes, perimetres=perimetres)).reservataires] == [8, 32]


def test_un_departement_n_est_le_territoire_de_garantie_de_personne() -> None:
    """Who names no perimeter is capped alone on it; a commune's guarantee counts on the commune."""
    perimetres = (TERRITOIRE, Perimetre("A", "commune", 400))
    villes = garant("ville", "commune", 20, "A"), garant("epci", "epci", 25)
    feuille = flux(dossier(*villes, perimetres=perimetres))
    assert [r.exact for r in feuille.reservataires] == [8, 200]
