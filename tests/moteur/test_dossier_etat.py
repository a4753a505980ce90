"""From a dossier's keys to its facts: the État, the programmes, the balances, the volumes; and back, in the JSON."""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.flux import calculer_dossier, construire
from partiteur.moteur.schema import DocumentInvalide, lire_toml, valider
from partiteur.regles.faits import (
    Article5,
    Autorisation,
    Delegation,
    Derogation,
    Dossier,
    Etat,
    MouvementDroitUnique,
    Pnru,
    Reservataire,
    Solde,
)

BASE = """
cadre = "{cadre}"
exercice = 2024
[bailleur]
nom = "OPH"
[territoire]
echelle = "departement"
code = "31"
[parc]
total = 10000
date = 2023-12-31
[rotation]
taux = "10 %"
definition = "departs_1_an"
[[perimetres]]
code = "31555"
echelle = "commune"
parc = 400
baux = {{ 2021 = 40, 2022 = 40, 2023 = 40 }}
[volume]
baux = {{ 2021 = 900, 2022 = 1000, 2023 = 1100 }}
"""
PREFET = '[[reservataires]]\ncode = "prefet"\ntype = "etat_prioritaires"\npart = "{}"\n'
AGENTS = '[[reservataires]]\ncode = "agents"\ntype = "etat_fonctionnaires"\npart = "5 %"\n'
ALS = '[[reservataires]]\ncode = "als"\ntype = "action_logement"\npart = "25 %"\n'
VILLE = (
    '[[reservataires]]\ncode = "31555"\ntype = "commune"\npart = "20 %"\nperimetre = "31555"\n'
    'contrepartie = "garantie"\n'
)
AGGLO = '[[reservataires]]\ncode = "agglo"\ntype = "epci"\npart = "1 %"\n'
CD = '[[reservataires]]\ncode = "cd31"\ntype = "departement"\npart = "10 %"\ncontrepartie = "garantie"\n'


def ecrire(dossier: Path, *tables: str, cadre: str = "paca-2024") -> Path:
    chemin = dossier / "dossier.toml"
    chemin.write_text("\n".join([BASE.format(cadre=cadre), *tables]), encoding="utf-8")
    return chemin


def faits(dossier: Path, *tables: str, cadre: str = "paca-2024") -> Dossier:
    chemin = ecrire(dossier, *tables, cadre=cadre)
    document = lire_toml(chemin)
    valider(document, "dossier", chemin)
    return construire(document, chemin)


def publie(dossier: Path, *tables: str, cadre: str = "paca-2024") -> dict[str, Any]:
    return json_du_flux(calculer_dossier(ecrire(dossier, *tables, cadre=cadre)))


def objectifs(feuille: dict[str, Any]) -> dict[str, int | None]:
    return {r["code"]: r["objectif"] for r in feuille["reservataires"]}


# --- l'État


def test_chaque_cle_de_l_etat_devient_un_fait(tmp_path: Path) -> None:
    etat = faits(
        tmp_path,
        PREFET.format("30 %"),
        """
[etat]
uniforme_communes = false
parts_communes = { 31555 = "35 %", 31149 = "25 %" }
lecture_hors_qpv = "repartition"
part_hors_qpv = "28 %"
assiette_hors_qpv = 7000
derogation = { arrete = "2024-1", du = 2024-01-01, au = 2024-12-31, plafond = "35 %", plafond_fonctionnaires = "7 %" }
article5 = [{ reservataire = "31555", decision = "2024-2", du = 2024-02-01, stock = 120, dans_le_plafond = false }]
pnru = { taux = "1,37 %", base = "part_etat" }
delegations = [{ delegataire = "metropole", territoire = "31555", du = 2022-01-01, au = 2027-12-31 }]
""",
    ).etat
    assert etat == Etat(
        derogation=Derogation(
            "2024-1", date(2024, 1, 1), date(2024, 12, 31), Fraction(35, 100), Fraction(7, 100)
        ),
        uniforme_communes=False,
        parts_communes={"31555": Fraction(35, 100), "31149": Fraction(1, 4)},
        lecture_hors_qpv="repartition",
        part_hors_qpv=Fraction(28, 100),
        assiette_hors_qpv=7000,
        article5=(Article5("31555", "2024-2", date(2024, 2, 1), 120, False),),
        pnru=Pnru(Fraction(137, 10000), "part_etat"),
        delegations=(Delegation("metropole", "31555", date(2022, 1, 1), date(2027, 12, 31)),),
    )


def test_sans_cles_l_etat_est_au_droit_commun(tmp_path: Path) -> None:
    assert faits(tmp_path, PREFET.format("30 %")).etat == Etat()


def test_ce_qui_n_est_pas_dit_prend_sa_valeur_par_defaut(tmp_path: Path) -> None:
    etat = faits(
        tmp_path,
        '[etat]\npnru = { taux = "1,37 %" }\n'
        'derogation = { arrete = "A", du = 2024-01-01, au = 2024-12-31, plafond = "35 %" }\n'
        'article5 = [{ reservataire = "x", decision = "B", du = 2024-02-01, stock = 1 }]\n'
        'delegations = [{ delegataire = "m", territoire = "31", du = 2022-01-01 }]\n',
    ).etat
    assert (etat.pnru, etat.article5[0].dans_le_plafond) == (Pnru(Fraction(137, 10000), "flux"), True)
    assert etat.derogation is not None
    assert etat.derogation.plafond_fonctionnaires is None
    assert etat.delegations[0].au is None


def test_une_derogation_publie_la_part_au_dessus_du_plafond_a_justifier(tmp_path: Path) -> None:
    arrete = '[etat]\nderogation = { arrete = "A", du = 2024-01-01, au = 2024-12-31, plafond = "35 %" }\n'
    sous = publie(tmp_path, PREFET.format("33 %"), arrete)
    assert objectifs(sous) == {"prefet": 330}
    (dit,) = [a for a in sous["avertissements"] if a["code"] == "plafond_etat"]
    assert (dit["gravite"], dit["texte"]) == ("a_justifier", "R441-5-2 I")
    assert (
        dit["message"]
        == "L'État a 33 % du flux, au-dessus du plafond ordinaire de 30 %, par dérogation du préfet."
    )
    sans = publie(tmp_path, PREFET.format("33 %"))
    assert objectifs(sans) == {"prefet": 300}
    assert [a["gravite"] for a in sans["avertissements"] if a["code"] == "plafond_etat"] == ["illegal"]
    passe = publie(tmp_path, PREFET.format("38 %"), arrete)
    assert objectifs(passe) == {"prefet": 350}
    assert [a["gravite"] for a in passe["avertissements"] if a["code"] == "plafond_etat"] == ["illegal"]


def test_le_compte_de_l_etat_est_dans_le_json(tmp_path: Path) -> None:
    feuille = publie(
        tmp_path,
        PREFET.format("25 %"),
        AGENTS,
        ALS,
        '[etat]\nassiette_hors_qpv = 8000\npnru = { taux = "1,37 %" }\n'
        'article5 = [{ reservataire = "x", decision = "B", du = 2024-02-01, stock = 50 }]\n'
        'delegations = [{ delegataire = "m", territoire = "31555", du = 2022-01-01 }]\n',
    )
    # 250 + 50 agents + 5 (50 × 10 %) = 305, cut to 300 in proportion, then 13,7 given back
    assert feuille["etat"] == {
        "exact": "2863/10",
        "hors_qpv": {"taux": "2863/10000", "repartition": "4/5"},
        "pnru": "137/10",
        "article5": {"x": "5"},
        "delegations": [
            {
                "delegataire": "m",
                "territoire": "31555",
                "exact": str((Fraction(255 * 300, 305) - Fraction(137, 10)) / 1000 * 40),
            }
        ],
    }
    assert objectifs(feuille) == {"prefet": 237, "agents": 49, "als": 264}
    (dit,) = [a for a in feuille["avertissements"] if a["code"] == "plancher_etat_hors_qpv"]
    assert dit["message"].startswith("Hors QPV, l'État est à 28,63 %, au-dessous de 30 % (lecture « taux »)")


def test_un_dossier_sans_etat_a_un_compte_vide(tmp_path: Path) -> None:
    assert publie(tmp_path, CD)["etat"] == {
        "exact": "0",
        "hors_qpv": None,
        "pnru": None,
        "article5": {},
        "delegations": [],
    }


def test_une_date_impossible_de_l_etat_est_une_phrase(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalide, match="La date « 2024-02-31 » n'existe pas"):
        faits(
            tmp_path,
            '[etat]\nderogation = { arrete = "A", du = "2024-02-31", au = "2024-12-31", plafond = 1 }\n',
        )


# --- les autorisations


def test_les_autorisations_du_prefet_se_lisent_et_se_comptent(tmp_path: Path) -> None:
    tables = (
        "[soustraits]\ngens_du_voyage = 3\nhospitalier = 6\n",
        '[[autorisations]]\ncategorie = "hospitalier"\narrete = "H"\ndate = 2023-05-01\njusqu_au = 2024-06-30\nquota = 5\n',
        '[[autorisations]]\ncategorie = "gens_du_voyage"\narrete = "G"\ndate = 2023-05-01\n',
    )
    assert faits(tmp_path, *tables).autorisations == (
        Autorisation("hospitalier", "H", date(2023, 5, 1), date(2024, 6, 30), 5),
        Autorisation("gens_du_voyage", "G", date(2023, 5, 1)),
    )
    feuille = publie(tmp_path, *tables)
    assert feuille["flux"]["a_repartir"] == 991
    (dit,) = [a for a in feuille["avertissements"] if a["code"].startswith("autorisation")]
    assert dit["message"] == "« personnel hospitalier » : 6 logements soustraits pour un quota autorisé de 5."


# --- le neuf


NEUF = '[[neuf]]\nprogramme = "Les Tilleuls"\ncommune = "31555"\nlogements = 20\ndate = 2024-06-01\n'
GARANTIES = 'plafond = "20 %"\ngaranties = { 31555 = "25 %", agglo = "25 %", cd31 = "50 %" }\n'


@pytest.mark.parametrize(
    ("cadre", "regime", "flux", "majoration"),
    [
        ("paca-2024", "flux", "1020", 0),
        ("occitanie-2023", "un_tour", "1000", 0),
        ("mtpm-2023", "annee_livraison", "1000", 3),
    ],
)
def test_le_regime_du_neuf_vient_du_cadre(
    tmp_path: Path, cadre: str, regime: str, flux: str, majoration: int
) -> None:
    feuille = publie(tmp_path, CD, NEUF + "droits = { cd31 = 3 }\n", cadre=cadre)
    assert feuille["flux"]["a_repartir_exact"] == flux
    assert feuille["reservataires"][0]["majoration"] == majoration
    assert feuille["neuf"] == [
        {
            "programme": "Les Tilleuls",
            "commune": "31555",
            "logements": 20,
            "regime": regime,
            "droits": {"cd31": 3},
        }
    ]


def test_un_programme_livre_une_autre_annee_ne_majore_pas_celle_ci(tmp_path: Path) -> None:
    regime = 'regime = "annee_livraison"\ndroits = { cd31 = 3 }\n'
    ailleurs = NEUF.replace("2024-06-01", "2025-06-01") + regime
    feuille = publie(tmp_path, CD, NEUF + regime, ailleurs)
    assert feuille["reservataires"][0]["majoration"] == 3
    assert [n["droits"] for n in feuille["neuf"]] == [{"cd31": 3}, {"cd31": 3}]


def test_la_lecture_litterale_ne_majore_rien_et_le_dit(tmp_path: Path) -> None:
    feuille = publie(
        tmp_path, CD, NEUF + 'regime = "annee_livraison"\nmajoration = false\ndroits = { cd31 = 3 }\n'
    )
    assert feuille["reservataires"][0]["majoration"] == 0
    assert feuille["neuf"][0]["regime"] == "litterale"
    assert [a["gravite"] for a in feuille["avertissements"] if a["code"] == "neuf_lecture_litterale"] == [
        "information"
    ]


def test_un_departement_garant_ne_compte_que_si_le_dossier_le_dit(tmp_path: Path) -> None:
    """Example 5, former law: 1 / 1 / 2; without `garants_departement` nobody takes the département's two."""
    ancien = publie(tmp_path, VILLE, CD, AGGLO, NEUF + GARANTIES + "garants_departement = true\n")
    assert ancien["neuf"][0]["droits"] == {"31555": 1, "agglo": 1, "cd31": 2}
    assert "QE AN 17-2768 (ancien droit)" in {e["texte"] for e in ancien["etapes"]}
    nouveau = publie(tmp_path, VILLE, CD, AGGLO, NEUF + GARANTIES)
    assert nouveau["neuf"][0]["droits"] == {"31555": 1, "agglo": 1}


def test_le_neuf_sans_plafond_prend_celui_des_garanties(tmp_path: Path) -> None:
    seul = NEUF + 'garanties = { 31555 = "100 %" }\n'
    assert publie(tmp_path, VILLE, seul)["neuf"][0]["droits"] == {"31555": 4}


def test_un_garant_inconnu_du_dossier_est_refuse(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalide, match="le réservataire « vile » n'est pas défini"):
        publie(tmp_path, VILLE, NEUF + "droits = { vile = 3 }\n")


# --- volumes, soldes, reports


def test_les_methodes_d_un_reservataire_deviennent_des_faits(tmp_path: Path) -> None:
    dossier = faits(
        tmp_path,
        """
[[reservataires]]
code = "als"
type = "action_logement"
methode = "droits_uniques"
taux = "8 %"
negocies = 5
droits_de_suite = { "Les Tilleuls" = 500 }
ouverture_droits_uniques = 12
mouvements = [{ annee = 2023, nature = "acquis", nombre = 4, programme = "Les Tilleuls" }]
report = "2/5"
precedent = { compte = 30, du = 41 }
solde = "reporte_borne"
solde_borne = 5
[[reservataires]]
code = "region"
type = "region"
methode = "negocie"
volume = 12
justification = "accord du 03/04/2023"
precedent = { compte = 3, du = 4 }
[non_reserve]
taux = "5 %"
report = "-2/5"
""",
    )
    als, region = dossier.reservataires
    assert als == Reservataire(
        "als",
        "action_logement",
        methode="droits_uniques",
        taux=Fraction(8, 100),
        negocies=5,
        droits_de_suite={"Les Tilleuls": 500},
        ouverture_droits_uniques=12,
        mouvements=(MouvementDroitUnique(2023, "acquis", 4, "Les Tilleuls"),),
        report=Fraction(2, 5),
        solde=Solde(30, 41, "reporte_borne", 5),
    )
    assert (region.volume, region.justification) == (12, "accord du 03/04/2023")
    assert region.solde == Solde(3, 4, "efface", None)
    assert (dossier.taux_non_reserve, dossier.report_non_reserve) == (Fraction(1, 20), Fraction(-2, 5))


def test_trois_ans_de_droits_uniques_sont_dans_le_json(tmp_path: Path) -> None:
    (als,) = publie(
        tmp_path,
        """
[[reservataires]]
code = "als"
type = "action_logement"
methode = "droits_uniques"
droits_de_suite = { "Les Tilleuls" = 85, "Le Parc" = 40 }
negocies = 3
ouverture_droits_uniques = 12
mouvements = [
  { annee = 2022, nature = "acquis", nombre = 5 },
  { annee = 2022, nature = "consomme", nombre = 4 },
  { annee = 2023, nature = "negocie", nombre = 3 },
  { annee = 2023, nature = "consomme", nombre = 6 },
  { annee = 2023, nature = "expire", nombre = 2 },
  { annee = 2024, nature = "acquis", nombre = 5 },
  { annee = 2024, nature = "consomme", nombre = 6 },
]
""",
    )["reservataires"]
    assert (als["exact"], als["objectif"], als["engagement"], als["part"]) == (
        "31/2",
        16,
        "volume",
        "31/2000",
    )
    comptes = [(a["annee"], a["ouverture"], a["solde"]) for a in als["droits_uniques"]]
    assert comptes == [(2022, 12, 13), (2023, 13, 8), (2024, 8, 7)]


def test_le_solde_du_cadre_s_applique_sauf_convention_contraire(tmp_path: Path) -> None:
    cadre = (
        'code = "nous"\ntitre = "Nous"\nherite = "paca-2024"\ndu = 2024-01-01\ntexte = "s3"\n'
        '[solde]\nregle = "reporte"\ntexte = "d4"\n'
    )
    (tmp_path / "nous.toml").write_text(cadre, encoding="utf-8")
    retard = "precedent = { compte = 80, du = 100 }\n"
    feuille = publie(tmp_path, CD + retard, ALS + retard + 'solde = "efface"\n', cadre="nous.toml")
    assert objectifs(feuille) == {"cd31": 120, "als": 250}
    assert [r["solde_reporte"] for r in feuille["reservataires"]] == [20, 0]
    assert feuille["non_reserve"]["objectif"] == 630
    assert {e["valeur"] for e in feuille["etapes"] if e["libelle"] == "Solde de l'année précédente"} == {
        "-20"
    }


def test_les_reports_passent_d_un_dossier_au_suivant(tmp_path: Path) -> None:
    """What the JSON of a year leaves is what the dossier of the next takes."""
    region = '[[reservataires]]\ncode = "region"\ntype = "region"\npart = "1/3000"\nreport = "{}"\n[non_reserve]\nreport = "{}"\n'
    reste, libre, servis = "0", "0", []
    for _ in range(9):
        feuille = publie(tmp_path, region.format(reste, libre))
        (part,) = feuille["reservataires"]
        servis.append(part["objectif"])
        reste, libre = part["reste_a_reporter"], feuille["non_reserve"]["reste_a_reporter"]
        assert (part["exact"], part["tous_les_ans"]) == ("1/3", 3)
    assert sum(servis) == 3
    assert Fraction(reste) + Fraction(libre) == 0
