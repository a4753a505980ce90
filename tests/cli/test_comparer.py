"""`partiteur comparer` and `partiteur flux --actualiser`: text, JSON and CSV say the same figures."""

import csv
import io
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from partiteur.cli.comparer import (
    json_de_la_comparaison,
    tableau_de_la_comparaison,
    texte_de_la_comparaison,
)
from partiteur.demo.territoire import Territoire
from partiteur.moteur import comparaison as moteur
from partiteur.moteur.comparaison import Comparaison, comparer
from partiteur.moteur.lignes_csv import en_csv
from partiteur.regles.socle import nombre, pourcentage

EXEMPLE = Path(__file__).parents[2] / "docs/exemples/dossier.toml"
CADRES = ["droit-commun", "paca-2024", "mtpm-2023", "ddets06-2024"]
Lancer = Callable[..., Any]


@pytest.fixture(scope="module")
def demo(territoire: Territoire) -> Comparaison:
    """The smallest bailleur of the demo under four cadres; the first is refused."""
    return comparer(territoire.bailleurs[2].dossier, CADRES)


def colonnes(texte: str) -> dict[str, list[str]]:
    """The cells of the side-by-side table, by their line's title."""
    lignes = texte.split("\n\n")[0].splitlines()
    entete = lignes[0].split()
    trouvees = {"": entete}
    for ligne in lignes[1:]:
        (*titre,) = [c.strip() for c in ligne.replace("≈ ", "≈").split("  ") if c.strip()]
        trouvees[titre[0]] = titre[1:]
    return trouvees


def lire(contenu: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(contenu), delimiter=";"))


def test_texte_json_et_csv_disent_les_memes_chiffres(demo: Comparaison) -> None:
    table = colonnes(texte_de_la_comparaison(demo))
    document = json_de_la_comparaison(demo)
    assert table[""] == CADRES == [f["cadre"] for f in document["flux"]]
    for rang, feuille in enumerate(document["flux"]):
        if "refus" in feuille:
            assert {cellules[rang] for titre, cellules in table.items() if titre} == {"—"}
            continue
        taux = feuille["rotation"]["taux"]
        attendues = {
            "Parc": nombre(feuille["assiette"]["parc"]),
            "Exclus": nombre(sum(feuille["assiette"]["exclus"].values())),
            "Assiette": nombre(feuille["assiette"]["total"]),
            "Rotation": "baux" if taux is None else pourcentage(Fraction(taux)),
            "Volume attendu": nombre(Fraction(feuille["flux"]["volume"])),
            "Soustraits": nombre(sum(feuille["flux"]["soustraits"].values())),
            "Flux à répartir": nombre(feuille["flux"]["a_repartir"]),
            "Non réservé": nombre(feuille["non_reserve"]["objectif"]),
        } | {r["nom"]: nombre(r["objectif"]) for r in feuille["reservataires"]}
        assert {t: cellules[rang] for t, cellules in table.items() if t} == {
            t: v.replace("≈ ", "≈") for t, v in attendues.items()
        }


def test_les_ecarts_du_csv_sont_ceux_du_json(demo: Comparaison) -> None:
    lignes = lire(en_csv(tableau_de_la_comparaison(demo)))
    attendues = [
        {"etape": e["etape"], "cadre": cadre, "valeur": valeur or "", "cause": e["cause"]}
        for e in json_de_la_comparaison(demo)["ecarts"]
        for cadre, valeur in zip(e["cadres"], e["valeurs"], strict=True)
    ]
    assert lignes == attendues
    assert len(lignes) == 5 * len(CADRES)


def test_le_texte_dit_le_refus_puis_chaque_ecart_avec_ses_textes(demo: Comparaison) -> None:
    texte = texte_de_la_comparaison(demo)
    assert "\n  ! droit-commun : Aucune rotation. " in texte
    for ecart in demo.ecarts:
        assert f"\n  {moteur.LIBELLES[ecart.etape]} [{', '.join(ecart.textes)}]\n" in texte
        assert all(f"\n      {cause}" in texte for cause in ecart.cause.split(" ; "))


def test_chaque_etape_comparee_a_un_libelle() -> None:
    assert list(moteur.LIBELLES) == list(moteur.ETAPES)


def test_la_commande_compare_l_ordre_publie_et_le_notre(lancer: Lancer, tmp_path: Path) -> None:
    cadres = "occitanie-2023, ddets06-2024,mtpm-2023"
    rendu = lancer("comparer", EXEMPLE, "--cadres", cadres)
    assert (rendu.code, rendu.erreur) == (0, "")
    table = colonnes(rendu.sortie)
    assert table["Flux à répartir"] == ["1 000", "1 405", "—"]
    assert table["Conseil départemental"] == ["200", "281", "—"]
    assert "ddets06-2024 : soustraits retranchés du stock avant la rotation" in rendu.sortie
    assert "! mtpm-2023 : Baux signés, Haute-Garonne : il manque 2021, 2022, 2023" in rendu.sortie
    document = json.loads(lancer("comparer", EXEMPLE, "--cadres", cadres, "--format", "json").sortie)
    (ecart,) = document["ecarts"]
    assert (ecart["etape"], ecart["valeurs"]) == ("flux_a_repartir", ["1000", "1405", None])
    assert document["flux"][2] == {
        "cadre": "mtpm-2023",
        "refus": "Baux signés, Haute-Garonne : il manque 2021, 2022, 2023 pour faire la moyenne ; donnez chaque année (« baux » de [volume] ou du périmètre, « constate » de [soustraits.mutations]).",
    }
    lancer("comparer", EXEMPLE, "--cadres", cadres, "--format", "csv", "--sortie", tmp_path / "ecarts.csv")
    lignes = lire((tmp_path / "ecarts.csv").read_text(encoding="utf-8"))
    assert [(li["cadre"], li["valeur"]) for li in lignes] == [
        ("occitanie-2023", "1000"),
        ("ddets06-2024", "1405"),
        ("mtpm-2023", ""),
    ]


def test_un_volume_non_publie_n_est_pas_un_zero(lancer: Lancer, tmp_path: Path) -> None:
    trop = '\n[[reservataires]]\ncode = "als"\ntype = "action_logement"\npart = "90 %"\n'
    (tmp_path / "trop.toml").write_text(EXEMPLE.read_text("utf-8") + trop, encoding="utf-8")
    table = colonnes(lancer("comparer", tmp_path / "trop.toml", "--cadres", "occitanie-2023").sortie)
    assert {table[titre][0] for titre in ("Conseil départemental", "als", "Non réservé")} == {"non publié"}


def test_sans_ecart_rien_n_est_explique(lancer: Lancer) -> None:
    assert "Écarts" not in lancer("comparer", EXEMPLE, "--cadres", "occitanie-2023,paca-2024").sortie


@pytest.mark.parametrize(
    ("arguments", "phrase"),
    [
        (["--cadres", "bretagne"], "Le cadre « bretagne » est inconnu."),
        ([], "Donnez --cadres ou --conversions, l'un des deux."),
        (["--cadres", "paca-2024", "--conversions", "negocie"], "l'un des deux."),
        (["--conversions", "au-hasard"], "La conversion « au-hasard » est inconnue. Conversions : assiette,"),
        (["--conversions", " , "], "Donnez au moins un code"),
    ],
)
def test_ce_qui_ne_se_compare_pas_se_dit(lancer: Lancer, arguments: list[str], phrase: str) -> None:
    rendu = lancer("comparer", EXEMPLE, *arguments)
    assert rendu.code == 2
    assert phrase in rendu.erreur


def test_l_actualisation_dit_la_meme_chose_en_texte_et_en_json(lancer: Lancer, tmp_path: Path) -> None:
    texte = EXEMPLE.read_text("utf-8").replace("2024", "2025", 1).replace('"20 %"', '"18 %"')
    nouveau = tmp_path / "nouveau.toml"
    neuf = '[[neuf]]\nprogramme = "Les Tilleuls"\ncommune = "31555"\nlogements = 20\ndate = 2025-06-01\n'
    nouveau.write_text(texte.replace("occitanie-2023", "paca-2024") + neuf, encoding="utf-8")
    rendu = lancer("flux", nouveau, "--actualiser", EXEMPLE)
    assert (rendu.code, rendu.erreur) == (0, "")
    table = colonnes(rendu.sortie)
    assert table[""] == ["2024", "2025"]
    assert (table["Volume attendu"], table["Flux à répartir"]) == (["1 450", "1 470"], ["1 000", "1 020"])
    document = json.loads(lancer("flux", nouveau, "--actualiser", EXEMPLE, "--format", "json").sortie)
    assert document["changements"] == [
        "Programme neuf « Les Tilleuls » : 20 logements.",
        "Conseil départemental : 20 % l'an dernier, 18 % cette année.",
        "Cadre « paca-2024 » au lieu de « occitanie-2023 ».",
    ]
    dits = rendu.sortie.partition("Ce qui a changé\n")[2].splitlines()
    assert [li.strip() for li in dits] == document["changements"]
    assert [(e["etape"], e["valeurs"]) for e in document["ecarts"]] == [
        ("volume", ["1450", "1470"]),
        ("flux_a_repartir", ["1000", "1020"]),
    ]
    lignes = lire(lancer("flux", nouveau, "--actualiser", EXEMPLE, "--format", "csv").sortie)
    assert [(li["etape"], li["cadre"], li["valeur"]) for li in lignes] == [
        ("volume", "2024", "1450"),
        ("volume", "2025", "1470"),
        ("flux_a_repartir", "2024", "1000"),
        ("flux_a_repartir", "2025", "1020"),
    ]
