"""The tables agree: the closed codes of the schemas are those of the barèmes, the cadres those of the cases."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from constructeur import CAS, DEFAUTS_CADRE, lire_cas
from depot import toml
from dossiers import TYPES

from partiteur.regles.rotation import definition
from partiteur.regles.socle import RACINE, bareme, textes

MOTIFS = list(bareme("exclus")["motifs"])
SOUSTRAITS = {code: ligne for code, ligne in bareme("soustraits").items() if isinstance(ligne, dict)}
DEFINITIONS = [code for code, ligne in bareme("rotation").items() if isinstance(ligne, dict)]
LIVRES = {chemin.name.removesuffix(".toml") for chemin in (RACINE / "cadres").iterdir()}


def schema(nom: str) -> dict[str, Any]:
    """A published schema's properties."""
    proprietes: dict[str, Any] = json.loads((RACINE / "schemas" / f"{nom}.json").read_text("utf-8"))[
        "properties"
    ]
    return proprietes


def sous(noeud: Any, cle: str) -> Iterator[Any]:
    """Every value under a key, at any depth."""
    if isinstance(noeud, dict):
        for nom, contenu in noeud.items():
            if nom == cle:
                yield contenu
            yield from sous(contenu, cle)
    elif isinstance(noeud, list):
        for membre in noeud:
            yield from sous(membre, cle)


def cadre_livre(code: str) -> dict[str, Any]:
    """A shipped cadre laid over those it inherits."""
    document = toml(RACINE / "cadres" / f"{code}.toml")  # type: ignore[arg-type]
    return {**cadre_livre(document["herite"]), **document} if "herite" in document else document


def test_les_exclus_d_un_dossier_sont_les_motifs_du_bareme() -> None:
    """Of the territory, of a perimeter, and of the list a dossier may choose."""
    dossier = schema("dossier")
    assert list(dossier["parc"]["properties"]["exclus"]["properties"]) == MOTIFS
    assert list(dossier["perimetres"]["items"]["properties"]["exclus"]["properties"]) == MOTIFS
    assert dossier["exclus"]["properties"]["motifs"]["items"]["enum"] == MOTIFS
    assert schema("cadre")["exclus"]["properties"]["motifs"]["items"]["enum"] == MOTIFS


def test_les_soustraits_d_un_dossier_sont_les_categories_du_bareme() -> None:
    """Of the territory, of a perimeter, of a cadre."""
    dossier, categories = schema("dossier"), list(SOUSTRAITS)
    assert list(dossier["soustraits"]["properties"]) == categories
    assert list(dossier["perimetres"]["items"]["properties"]["soustraits"]["properties"]) == categories
    assert schema("cadre")["soustraits"]["properties"]["categories"]["items"]["enum"] == categories


def test_les_types_de_reservataires_sont_ceux_du_bareme() -> None:
    """And those of the RPLS contingents are among them, but for the non-réservé."""
    assert schema("dossier")["reservataires"]["items"]["properties"]["type"]["enum"] == list(TYPES)
    contingents = {ligne["type"] for ligne in bareme("contingents")["codes"].values()}
    assert contingents - {"non_reserve"} <= set(TYPES)


def test_les_methodes_du_dossier_et_du_cadre_sont_les_memes() -> None:
    """A dossier can ask for whatever a cadre can."""
    dossier, cadre = schema("dossier"), schema("cadre")
    for table in ("volume", "mutations"):
        methodes = cadre[table]["properties"]["methode"]["enum"]
        assert dossier[table]["properties"]["methode"]["enum"] == methodes


def test_chaque_deduction_mene_a_un_motif() -> None:
    """And every fact that answers for a motif is a fact of a dwelling."""
    exclus = bareme("exclus")
    deduits = {m for fait, table in exclus["deductions"].items() if fait != "texte" for m in table.values()}
    assert deduits <= set(MOTIFS)
    repondants = {motif: faits for motif, faits in exclus["faits"].items() if motif != "texte"}
    assert set(repondants) <= set(MOTIFS)
    for motif, faits in repondants.items():
        assert all(motif in exclus["deductions"][fait].values() for fait in faits)


def test_les_plafonds_des_types_existent() -> None:
    """A type counts under caps that plafonds_reservation.toml gives."""
    assert {p for ligne in TYPES.values() for p in ligne["plafonds"]} <= set(bareme("plafonds_reservation"))


def test_les_definitions_de_rotation_n_ecartent_que_des_motifs_connus() -> None:
    """The motifs of libération are those the soustraits produce; the motifs of exclusion those of the barème."""
    liberations = {ligne.get("liberations") for ligne in SOUSTRAITS.values()}
    for code in DEFINITIONS:
        lue = definition(code, ("pli",))
        assert set(lue.motifs_exclus) <= liberations
        assert {*lue.hors, *lue.hors_denominateur} <= set(MOTIFS)
        assert lue.compte in ("departs", "entrees", "moyenne", "baux_rpls")
        assert lue.periode in ("annee_precedente", "douze_mois")
        assert lue.annees >= 1


def test_une_definition_qui_renvoie_au_cadre_prend_ses_exclus() -> None:
    """The others have their own."""
    assert definition("liberations_12_mois", ("pli", "chrs")).hors == ("pli", "chrs")
    assert "pli" not in definition("familial_hors_mutations", ("pli",)).hors


@pytest.mark.parametrize("code", sorted(LIVRES))
def test_un_cadre_livre_ne_nomme_que_ce_qui_existe(code: str) -> None:
    """Its motifs, categories, definition and texts."""
    cadre = cadre_livre(code)
    assert cadre["code"] == code
    assert set(cadre["exclus"]["motifs"]) <= set(MOTIFS)
    assert set(cadre["soustraits"]["categories"]) <= set(SOUSTRAITS)
    assert set(sous(cadre, "texte")) <= set(textes())
    if "rotation" in cadre:
        assert cadre["rotation"]["definition"] in DEFINITIONS
    assert isinstance(cadre["du"], date)


@pytest.mark.parametrize("chemin", sorted(CAS.glob("*.toml")), ids=lambda chemin: str(chemin.stem))
def test_les_cadres_des_cas_sont_les_cadres_livres(chemin: Any) -> None:
    """A case that names a shipped cadre reasons on what that cadre says today."""
    for code, donne in lire_cas(chemin)[1].items():
        if "rubriques" in donne:
            continue  # a grid of cotation, invented for its cases
        livre = cadre_livre(code)
        lu = {
            "volume": livre.get("volume", {}).get("methode"),
            "annees_volume": livre.get("volume", {}).get("annees"),
            "definition": livre.get("rotation", {}).get("definition"),
            "mutations": livre["mutations"]["methode"],
            "annees_mutations": livre["mutations"].get("annees"),
            "motifs_exclus": livre["exclus"]["motifs"],
        }
        complet = {cle: donne.get(cle, DEFAUTS_CADRE[cle]) for cle in lu}
        compares = lu if chemin.stem == "flux" else {"motifs_exclus": lu["motifs_exclus"]}
        assert {cle: complet[cle] for cle in compares} == compares


def test_les_quatre_methodes_regionales() -> None:
    """What each region does, in four lines."""
    lus = {code: cadre_livre(code) for code in LIVRES}
    assert {code: lus[code]["rotation"]["definition"] for code in lus if "rotation" in lus[code]} == {
        "occitanie-2023": "familial_hors_mutations",
        "paca-2024": "liberations_12_mois",
        "casa-2023": "rotation_commune_epci",
    } | {code: "rotation_commune_epci" for code in lus if code == "ddets06-2024"}
    assert lus["mtpm-2023"]["volume"] == {"methode": "moyenne_baux", "annees": 3, "texte": "s0"}
    assert {c: lus[c]["mutations"].get("annees") for c in ("mtpm-2023", "casa-2023")} == {
        "mtpm-2023": 3,
        "casa-2023": 2,
    }
    assert "rotation" not in lus["droit-commun"]
    assert "volume" not in lus["droit-commun"]


def test_chaque_avertissement_a_sa_gravite_et_une_phrase() -> None:
    """And its sentences name their values between braces, as French sentences do not."""
    for code, ligne in bareme("avertissements").items():
        if code == "source":
            continue
        assert ligne["gravite"] in ("illegal", "a_justifier", "information")
        for cle, phrase in ligne.items():
            if cle not in ("gravite", "texte"):
                assert re.search(r"[.]$", phrase), code
                assert not re.search(r"[{}]", re.sub(r"\{[a-z_]+\}", "", phrase)), code
