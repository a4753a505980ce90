"""From a dossier of figures to its facts, and what a dossier may not say."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from partiteur.moteur.flux import calculer_dossier, construire
from partiteur.moteur.schema import DocumentInvalide
from partiteur.regles.faits import Mutations, Rotation
from partiteur.regles.flux.volume import FluxImpossible
from partiteur.regles.rotation import RotationImpossible
from partiteur.regles.socle import ErreurUtilisateur

CHEMIN = Path("dossier.toml")


def document(**remplace: Any) -> dict[str, Any]:
    return {
        "cadre": "occitanie-2023",
        "exercice": 2024,
        "bailleur": {"nom": "OPH d'exemple"},
        "territoire": {"echelle": "departement", "code": "31", "nom": "Haute-Garonne"},
        "parc": {"total": 15_000, "exclus": {"non_eligibles": 500}},
        "rotation": {"taux": "10 %"},
        "soustraits": {"mutations": 400, "relogements_anru": 50},
        **remplace,
    }


def faits(**remplace: Any):
    return construire(document(**remplace), CHEMIN)


def test_les_chiffres_du_dossier_deviennent_des_faits():
    dossier = faits(
        reservataires=[{"code": "cd31", "type": "departement", "part": "20 %", "contrepartie": "financement"}]
    )
    (territoire,) = dossier.perimetres
    assert (territoire.code, territoire.echelle, territoire.nom) == ("31", "departement", "Haute-Garonne")
    assert (territoire.parc, territoire.exclus, territoire.dans) == (15_000, {"non_eligibles": 500}, ())
    assert territoire.soustraits == {"mutations": 400, "relogements_anru": 50}
    assert territoire.rotation == Rotation(taux=Fraction(1, 10))
    assert (territoire.baux, territoire.inconnus) == ({}, {})
    assert (dossier.exercice, dossier.bailleur, dossier.cadre.code) == (
        2024,
        "OPH d'exemple",
        "occitanie-2023",
    )
    assert (dossier.date_parc, dossier.source_parc, dossier.definition) == (None, None, None)
    assert (dossier.bailleur_sem, dossier.complet, dossier.deduits, dossier.constats) == (
        False,
        False,
        (),
        (),
    )
    assert dossier.ecarts_de_cadre == ()
    (cd,) = dossier.reservataires
    assert (cd.code, cd.type, cd.part, cd.base) == ("cd31", "departement", Fraction(1, 5), "assiette")
    assert (cd.reserves, cd.contrepartie, cd.perimetres, cd.methode) == (None, "financement", (), "assiette")


def test_le_minimum_ne_suppose_rien():
    dossier = construire(
        {
            "cadre": "droit-commun",
            "exercice": 2024,
            "bailleur": {"nom": "SEM", "categorie": "sem"},
            "territoire": {"echelle": "commune", "code": "06029"},
            "parc": {"total": 10, "date": "2023-12-31", "source": "RPLS"},
        },
        CHEMIN,
    )
    (territoire,) = dossier.perimetres
    assert (territoire.nom, territoire.rotation, territoire.soustraits) == ("Cannes", None, {})
    assert (dossier.bailleur_sem, dossier.date_parc, dossier.source_parc) == (
        True,
        date(2023, 12, 31),
        "RPLS",
    )
    assert dossier.reservataires == ()


@pytest.mark.parametrize("parc", [{}, {"total": 10, "fichier": "parc.csv"}])
def test_le_parc_est_un_nombre_ou_un_fichier(parc):
    with pytest.raises(
        DocumentInvalide, match=r"dossier\.toml, parc : donnez « total » ou « fichier », l'un"
    ):
        faits(parc=parc)


def test_un_parc_sans_logement_est_un_nombre_comme_un_autre():
    assert faits(parc={"total": 0}).perimetres[0].parc == 0


@pytest.mark.parametrize("mauvaise", ["2023-02-30", "2023-13-01"])
def test_une_date_impossible_est_une_phrase(mauvaise):
    with pytest.raises(ErreurUtilisateur, match="date"):
        faits(parc={"total": 10, "date": mauvaise})


def test_les_perimetres_donnes_en_chiffres():
    dossier = faits(
        perimetres=[
            {
                "code": "31555",
                "echelle": "commune",
                "parc": 4000,
                "exclus": {"pli": 12},
                "soustraits": {"mutations": 7},
                "rotation": {"taux": "1/20"},
                "dans": ["243100518"],
            },
            {"code": "243100518", "echelle": "epci", "nom": "Toulouse Métropole", "parc": 9000},
            {"code": "31149", "echelle": "commune", "parc": 100},
        ]
    )
    _, toulouse, metropole, colomiers = dossier.perimetres
    assert (toulouse.parc, toulouse.exclus, toulouse.dans) == (4000, {"pli": 12}, ("243100518",))
    assert (toulouse.soustraits, toulouse.rotation) == ({"mutations": 7}, Rotation(taux=Fraction(1, 20)))
    assert toulouse.nom == "Toulouse"
    assert (metropole.nom, metropole.soustraits, metropole.rotation) == ("Toulouse Métropole", None, None)
    assert (metropole.dans, metropole.exclus) == ((), {})
    assert colomiers.dans == ("243100518",)  # said by the COG, for the EPCI is a perimeter of the dossier


def test_dans_vient_du_cog_pour_les_epci_du_dossier_seulement():
    assert faits(perimetres=[{"code": "31555", "echelle": "commune", "parc": 1}]).perimetres[1].dans == ()
    par_territoire = faits(
        territoire={"echelle": "epci", "code": "243100518"},
        perimetres=[{"code": "31555", "echelle": "commune", "parc": 1}],
    )
    assert par_territoire.perimetres[1].dans == ("243100518",)
    inconnue = faits(perimetres=[{"code": "00000", "echelle": "commune", "parc": 1}]).perimetres[1]
    assert (inconnue.dans, inconnue.nom) == ((), None)


def test_un_perimetre_sans_parc_est_refuse():
    with pytest.raises(
        DocumentInvalide, match="Périmètre « 31555 » : donnez « parc », son nombre de logements"
    ):
        faits(perimetres=[{"code": "31555", "echelle": "commune"}])


def test_un_perimetre_inconnu_est_refuse(tmp_path):
    chemin = tmp_path / "d.toml"
    chemin.write_text(
        'cadre = "droit-commun"\nexercice = 2024\nbailleur = {nom = "O"}\nparc = {total = 10}\nrotation = {taux = "10 %"}\n'
        'territoire = {echelle = "departement", code = "31"}\n'
        '[[reservataires]]\ncode = "v"\ntype = "commune"\npart = "10 %"\nperimetre = "31555"\n',
        encoding="utf-8",
    )
    with pytest.raises(FluxImpossible, match="« v » : le périmètre « 31555 » n'est pas défini"):
        calculer_dossier(chemin)


def test_un_reservataire_de_plusieurs_perimetres():
    dossier = faits(
        perimetres=[{"code": c, "echelle": "commune", "parc": 5} for c in ("31555", "31149")],
        reservataires=[
            {"code": "a", "type": "autre", "reserves": 3, "perimetre": ["31555", "31149"]},
            {"code": "b", "type": "autre", "part": 1, "base": "flux", "perimetre": "31149", "nom": "B"},
        ],
    )
    a, b = dossier.reservataires
    assert (a.perimetres, a.reserves, a.part) == (("31555", "31149"), 3, None)
    assert (b.perimetres, b.part, b.base, b.nom) == (("31149",), Fraction(1), "flux", "B")


@pytest.mark.parametrize(
    ("remplace", "ecarts"),
    [
        ({"volume": {"methode": "moyenne_baux", "annees": 3}}, ("[volume] methode", "[volume] annees")),
        ({"volume": {"baux": {"2023": 5}}}, ()),
        ({"exclus": {"motifs": ["pli"]}}, ("[exclus] motifs",)),
        ({"rotation": {"taux": "10 %", "definition": "familial_hors_mutations"}}, ()),
        ({"cadre": "droit-commun", "rotation": {"taux": "10 %", "definition": "departs_1_an"}}, ()),
        ({"cadre": "mtpm-2023"}, ("mutations données au lieu de la moyenne de 3 ans",)),
    ],
)
def test_ce_qui_remplace_le_cadre_est_dit(remplace, ecarts):
    assert faits(**remplace).ecarts_de_cadre == ecarts


def test_une_definition_autre_que_celle_du_cadre_est_dite():
    dossier = faits(rotation={"taux": "10 %", "definition": "departs_1_an"})
    assert dossier.ecarts_de_cadre == ("rotation « departs_1_an » au lieu de « familial_hors_mutations »",)


def test_aucun_none_dans_une_phrase():
    ecarts = faits(mutations={"methode": "moyenne"}).ecarts_de_cadre
    assert not [ecart for ecart in ecarts if "None" in ecart]


def test_ce_qui_remplace_le_cadre_agit():
    assert faits(exclus={"motifs": ["pli"]}).cadre.motifs_exclus == ("pli",)
    assert faits(volume={"methode": "moyenne_baux", "annees": 2}).cadre.annees_volume == 2
    dossier = faits(rotation={"taux": "10 %", "definition": "departs_1_an"})
    assert dossier.definition.code == "departs_1_an"


def test_une_definition_inconnue_est_refusee():
    with pytest.raises(RotationImpossible, match=r"« au_pif » est inconnue\. Définitions connues : familial"):
        faits(rotation={"taux": "10 %", "definition": "au_pif"})


@pytest.mark.parametrize(
    ("table", "attendues"),
    [
        ({"constate": {"2022": 10, "2023": 20}}, Mutations("moyenne", None, (), {2022: 10, 2023: 20}, None)),
        ({"valeur": 12}, Mutations("valeur", 12, (), {}, None)),
        (
            {"methode": "moyenne", "annees": [2021], "constate": {"2021": 3}, "valeur": 4, "source": "cus"},
            Mutations("moyenne", 4, (2021,), {2021: 3}, "cus"),
        ),
    ],
)
def test_les_mutations_en_table(table, attendues):
    assert faits(soustraits={"mutations": table}).perimetres[0].soustraits == {"mutations": attendues}


def test_les_baux_signes_donnes():
    dossier = faits(
        cadre="mtpm-2023",
        volume={"baux": {"2021": 1, "2022": 2, "2023": 3}},
        perimetres=[{"code": "31555", "echelle": "commune", "parc": 5, "baux": {"2023": 9}}],
    )
    assert dossier.perimetres[0].baux == {2021: 1, 2022: 2, 2023: 3}
    assert dossier.perimetres[1].baux == {2023: 9}


def test_des_reserves_en_tableau_sont_recomptees():
    tableau = {"PLAI": {"T1": 12, "T2": 29}, "PLUS": {"T1": 22, "T2": 107}}
    (juste,) = faits(
        reservataires=[
            {
                "code": "a",
                "type": "autre",
                "reserves": tableau,
                "totaux": {"PLAI": 41, "T1": 34, "total": 170},
            }
        ]
    ).reservataires
    assert (juste.reserves, juste.constats) == (170, ())
    (faux,) = faits(
        reservataires=[
            {
                "code": "a",
                "type": "autre",
                "reserves": tableau,
                "totaux": {"PLUS": 130, "T2": 135, "total": 171},
            }
        ]
    ).reservataires
    assert faux.reserves == 170
    assert [(a.code, a.message.split(" ;")[0]) for a in faux.constats] == [
        ("totaux_incoherents", "PLUS : total donné 130, somme des cases 129"),
        ("totaux_incoherents", "T2 : total donné 135, somme des cases 136"),
        ("totaux_incoherents", "total : total donné 171, somme des cases 170"),
    ]
    (sans,) = faits(reservataires=[{"code": "a", "type": "autre", "reserves": tableau}]).reservataires
    assert (sans.reserves, sans.constats) == (170, ())


def test_deux_fois_le_meme_reservataire_est_refuse():
    doubles = [{"code": "a", "type": "autre", "part": part} for part in ("20 %", "10 %")]
    with pytest.raises(ErreurUtilisateur, match="« a »"):
        faits(reservataires=doubles)


def test_deux_fois_le_meme_perimetre_est_refuse():
    with pytest.raises(ErreurUtilisateur, match="« 31 »"):
        faits(perimetres=[{"code": "31", "echelle": "departement", "parc": 10}])
