"""One dossier under several cadres, one dossier from a year to the next: what differs, where, and why."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from partiteur.demo.territoire import Territoire
from partiteur.moteur.cadre import cadres_livres
from partiteur.moteur.comparaison import (
    CONVERSIONS,
    ETAPES,
    Comparaison,
    Ecart,
    actualiser,
    comparer,
    comparer_conversions,
)
from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.schema import DocumentInvalide

EXEMPLE = Path(__file__).parents[2] / "docs/exemples/dossier.toml"
SIX = ("droit-commun", "paca-2024", "occitanie-2023", "casa-2023", "mtpm-2023", "ddets06-2024")
BAUX = "[volume.baux]\n2021 = 1400\n2022 = 1450\n2023 = 1500\n"
NEUF = '[[neuf]]\nprogramme = "Les Tilleuls"\ncommune = "31555"\nlogements = 20\ndate = 2024-06-01\n'


@pytest.fixture(scope="module")
def demo(territoire: Territoire) -> Comparaison:
    """The smallest bailleur of the demo under every cadre shipped."""
    return comparer(territoire.bailleurs[2].dossier, SIX)


def dossier(dossier_: Path, *ajouts: str, nom: str = "dossier.toml", **remplace: str) -> Path:
    """The published example, with words replaced and tables added."""
    texte = EXEMPLE.read_text(encoding="utf-8")
    for ancien, nouveau in remplace.items():
        texte = texte.replace(MOTS[ancien], nouveau)
    chemin = dossier_ / nom
    chemin.write_text("\n".join([texte, *ajouts]), encoding="utf-8")
    return chemin


MOTS = {
    "exercice": "exercice = 2024",
    "part": 'part = "20 %"',
    "taux": 'taux = "10 %"',
    "cadre": 'cadre = "occitanie-2023"',
    "mutations": "mutations = 400",
    "date": "date = 2023-12-31",
}


def par_etape(comparaison: Comparaison) -> dict[str, Ecart]:
    return {ecart.etape: ecart for ecart in comparaison.ecarts}


def test_les_six_cadres_sont_ceux_qui_sont_livres() -> None:
    assert set(SIX) == set(cadres_livres())


def test_un_refus_est_garde_a_sa_place_avec_sa_phrase(demo: Comparaison) -> None:
    assert [essai.cadre for essai in demo.essais] == list(SIX)
    refuses = {essai.cadre: essai.refus for essai in demo.essais if essai.flux is None}
    assert set(refuses) == {"droit-commun"}
    assert (refuses["droit-commun"] or "").startswith("Aucune rotation. Le cadre « droit-commun »")
    assert all(essai.refus is None for essai in demo.essais[1:])


def test_chaque_ecart_a_une_etape_une_cause_par_cadre_et_des_textes(demo: Comparaison) -> None:
    assert [e.etape for e in demo.ecarts] == ["exclus", "assiette", "rotation", "volume", "flux_a_repartir"]
    for ecart in demo.ecarts:
        assert ecart.etape in ETAPES
        assert ecart.cadres == SIX
        assert ecart.valeurs[0] is None  # refused
        assert len(set(ecart.valeurs[1:])) > 1
        assert ecart.textes
        cites = [
            cadre for cause in ecart.cause.split(" ; ") for cadre in cause.partition(" : ")[0].split(", ")
        ]
        assert sorted(cites) == sorted(SIX[1:])
        assert all(cause.partition(" : ")[2].strip() for cause in ecart.cause.split(" ; "))


def test_les_valeurs_sont_celles_du_flux(demo: Comparaison) -> None:
    chemins: dict[str, Any] = {
        "assiette": lambda f: f["assiette"]["total"],
        "exclus": lambda f: f["assiette"]["parc"] - f["assiette"]["total"],
        "rotation": lambda f: f["rotation"]["taux"],
        "volume": lambda f: f["flux"]["volume"],
        "flux_a_repartir": lambda f: f["flux"]["a_repartir_exact"],
    }
    for etape, ecart in par_etape(demo).items():
        for essai, valeur in zip(demo.essais, ecart.valeurs, strict=True):
            if essai.flux is not None:
                publie = chemins[etape](json_du_flux(essai.flux))
                assert valeur == (None if publie is None else Fraction(publie))


def test_sous_son_propre_cadre_la_comparaison_est_le_flux_du_dossier(
    demo: Comparaison, territoire: Territoire
) -> None:
    seul = calculer_dossier(territoire.bailleurs[2].dossier)
    essai = next(e for e in demo.essais if e.cadre == seul.dossier.cadre.code)
    assert essai.flux is not None
    assert json_du_flux(essai.flux) == json_du_flux(seul)


def test_l_ordre_publie_donne_1405_et_le_notre_1000() -> None:
    comparaison = comparer(EXEMPLE, ["occitanie-2023", "ddets06-2024"])
    (ecart,) = comparaison.ecarts
    assert ecart.etape == "flux_a_repartir"
    assert ecart.valeurs == (1000, 1405)
    assert "occitanie-2023 : soustraits retranchés après la rotation" in ecart.cause
    assert "ddets06-2024 : soustraits retranchés du stock avant la rotation" in ecart.cause
    publie = comparaison.essais[1].flux
    assert publie is not None
    (dit,) = [a for a in publie.avertissements if a.code == "unites_melangees"]
    assert (dit.gravite, dit.message.endswith("Rotation d'abord, le flux serait de 1 000.")) == (
        "a_justifier",
        True,
    )
    (etape,) = [e for e in publie.etapes if e.libelle == "Flux à répartir, ordre publié"]
    assert (etape.formule, etape.valeur) == ("(14 500 - 450) × 10 %", 1405)


def test_les_memes_chiffres_sous_deux_cadres_ne_font_aucun_ecart() -> None:
    assert comparer(EXEMPLE, ["occitanie-2023", "occitanie-2023"]).ecarts == ()


def test_sans_rotation_l_ecart_dit_les_baux(tmp_path: Path) -> None:
    comparaison = comparer(dossier(tmp_path, BAUX), ["paca-2024", "mtpm-2023"])
    ecarts = par_etape(comparaison)
    assert ecarts["rotation"].valeurs == (Fraction(1, 10), None)
    assert "mtpm-2023 : sans rotation" in ecarts["rotation"].cause
    assert comparaison.essais[1].flux is not None
    assert "volume" not in ecarts  # 1 450 by both ways
    autre = comparer(dossier(tmp_path, BAUX.replace("1500", "1530")), ["paca-2024", "mtpm-2023"])
    assert "mtpm-2023 : moyenne des baux signés" in par_etape(autre)["volume"].cause


def test_le_regime_du_neuf_explique_un_volume_different(tmp_path: Path) -> None:
    comparaison = comparer(dossier(tmp_path, NEUF), ["paca-2024", "occitanie-2023", "mtpm-2023"])
    volume = par_etape(comparaison)["volume"]
    assert volume.valeurs == (1470, 1450, None)
    assert "paca-2024 : assiette × rotation, plus 20 premières mises en location" in volume.cause
    assert "occitanie-2023 : assiette × rotation" in volume.cause


def test_une_majoration_de_l_annee_de_livraison_est_un_ecart(tmp_path: Path) -> None:
    chemin = dossier(tmp_path, BAUX, NEUF + "droits = { cd31 = 4 }\n")
    majoration = par_etape(comparer(chemin, ["paca-2024", "mtpm-2023"]))["majoration"]
    assert majoration.valeurs == (0, 4)
    assert majoration.cause == (
        "paca-2024 : premières mises en location dans le flux ; "
        "mtpm-2023 : premières mises en location en plus du flux, l'année de livraison"
    )
    assert majoration.textes == ("S3", "S0")


def test_des_soustraits_differents_disent_lesquels(tmp_path: Path) -> None:
    avant = dossier(tmp_path, nom="avant.toml", mutations="")
    constate = 'mutations = { methode = "moyenne", constate = { 2023 = 399, 2024 = 402 } }'
    apres = dossier(tmp_path, nom="apres.toml", exercice="exercice = 2025", mutations=constate)
    comparaison, _ = actualiser(avant, apres)
    soustraits = par_etape(comparaison)["soustraits"]
    assert soustraits.valeurs == (50, Fraction(901, 2))
    assert soustraits.cause == "2024 : ANRU 50 ; 2025 : mutations 400,5, ANRU 50"
    assert soustraits.textes == ("R441-5 I al. 5",)


def test_un_cadre_inconnu_est_refuse(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalide, match="Le cadre « bretagne » est inconnu"):
        comparer(EXEMPLE, ["paca-2024", "bretagne"])


def test_un_cadre_du_dossier_se_compare_par_son_chemin(tmp_path: Path) -> None:
    cadre = 'code = "a-nous"\ntitre = "À nous"\nherite = "paca-2024"\ndu = 2024-01-01\ntexte = "s3"\n'
    (tmp_path / "a-nous.toml").write_text(cadre, encoding="utf-8")
    comparaison = comparer(dossier(tmp_path), ["a-nous.toml", "paca-2024"])
    assert [e.titre for e in comparaison.essais] == ["À nous", "PACA 2024"]
    assert comparaison.ecarts == ()


# --- actualisation (D60)


def test_l_actualisation_nomme_ce_qui_a_change(tmp_path: Path) -> None:
    region = (
        '[[reservataires]]\ncode = "region"\nnom = "Conseil régional"\ntype = "region"\nreserves = 3000\n'
    )
    als = '[[reservataires]]\ncode = "als"\ntype = "action_logement"\nmethode = "{}"\n{}\n'
    avant = dossier(
        tmp_path,
        NEUF,
        region,
        als.format("negocie", 'volume = 40\njustification = "accord"'),
        nom="avant.toml",
    )
    apres = dossier(
        tmp_path,
        NEUF.replace("Les Tilleuls", "Le Parc").replace("2024", "2025"),
        region.replace("3000", "2950"),
        als.format("droits_uniques", 'negocies = 5\ndroits_de_suite = { "Les Tilleuls" = 1200 }'),
        '[[reservataires]]\ncode = "epf"\ntype = "autre"\npart = "1 %"\n',
        nom="apres.toml",
        exercice="exercice = 2025",
        part='part = "37/180"\nbase = "flux"',
        taux='taux = "9 %"',
        cadre='cadre = "paca-2024"',
    )
    comparaison, changements = actualiser(avant, apres)
    assert [e.cadre for e in comparaison.essais] == ["2024", "2025"]
    assert changements == (
        "Programme neuf « Le Parc » : 20 logements.",
        "« Les Tilleuls », livré en 2024, entre dans l'assiette.",
        "Conseil départemental : 20 % l'an dernier, ≈ 20,56 % (base « flux ») cette année.",
        "Conseil régional : 3 000 logements réservés l'an dernier, 2 950 logements réservés cette année.",
        "als : un volume négocié de 40 l'an dernier, 1 200 droits de suite et 5 droits négociés cette année.",
        "epf : nouveau réservataire.",
        "Cadre « paca-2024 » au lieu de « occitanie-2023 ».",
    )
    rotation = par_etape(comparaison)["rotation"]
    assert rotation.valeurs == (Fraction(1, 10), Fraction(9, 100))
    assert "taux donné par le bailleur" in rotation.cause


def test_un_reservataire_disparu_et_un_programme_deja_connu_se_disent(tmp_path: Path) -> None:
    avant = dossier(
        tmp_path, NEUF, '[[reservataires]]\ncode = "epf"\ntype = "autre"\npart = "1 %"\n', nom="a.toml"
    )
    apres = dossier(tmp_path, NEUF.replace("2024", "2025"), nom="b.toml", exercice="exercice = 2025")
    _, changements = actualiser(avant, apres)
    assert changements == (
        "« Les Tilleuls », livré en 2024, entre dans l'assiette.",
        "epf : n'est plus réservataire.",
    )


def test_deux_fois_le_meme_dossier_ne_changent_rien(tmp_path: Path) -> None:
    chemin = dossier(tmp_path)
    comparaison, changements = actualiser(chemin, chemin)
    assert (comparaison.ecarts, changements) == ((), ())


def test_un_dossier_sans_forme_est_refuse_avec_son_nom(tmp_path: Path) -> None:
    mauvais = tmp_path / "mauvais.toml"
    mauvais.write_text('cadre = "paca-2024"\n', encoding="utf-8")
    with pytest.raises(DocumentInvalide, match=r"mauvais\.toml, premier niveau : il manque « exercice »"):
        comparer(mauvais, ["paca-2024"])
    with pytest.raises(DocumentInvalide, match=r"mauvais\.toml"):
        actualiser(dossier(tmp_path), mauvais)


CONTINGENTS = """[[reservataires]]
code = "als"
type = "action_logement"
reserves = 1450
taux = "20 %"
droits_de_suite = { Tilleuls = 300 }
negocies = 2
[non_reserve]
taux = "10 %"
"""


def test_le_meme_stock_converti_de_quatre_facons(tmp_path: Path) -> None:
    """S2, by hand: 1 450 of 14 500 make 10 % of 1 000; weighted, 290 of 1 595; as droits uniques, 300 × 20 % + 2."""
    chemin = dossier(tmp_path, CONTINGENTS)
    entier = chemin.read_text("utf-8")
    chemin.write_text(
        entier.replace(entier[entier.index("[[reservataires]]") : entier.index(CONTINGENTS)], ""), "utf-8"
    )
    comparaison = comparer_conversions(chemin, list(CONVERSIONS))
    essais = {e.cadre: e for e in comparaison.essais}
    exacts = {c: e.flux.reservataires[0].exact for c, e in essais.items() if e.flux}
    assert exacts == {
        "assiette": Fraction(100),
        "rotation_ponderee": Fraction(290, 290 + 1305) * 1000,
        "droits_uniques": Fraction(62),
    }
    assert essais["negocie"].flux is None
    assert "un flux négocié demande « justification »" in str(essais["negocie"].refus)
    assert comparer_conversions(chemin, ["assiette"]).essais[0].flux == calculer_dossier(chemin)
    with pytest.raises(DocumentInvalide, match="conversion « au-hasard »"):
        comparer_conversions(chemin, ["au-hasard"])
