"""The income ceilings: the figures typed are those published, the PLS is 130 % of the PLUS, the zones are real."""

import csv
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partiteur.moteur.geographie import Geographie
from partiteur.regles.menage import Categorie
from partiteur.regles.plafonds import part_du_plafond, plafond_ressources, respect_plafond, zone_plafond
from partiteur.regles.socle import bareme

PUBLIES = Path(__file__).parents[3] / "shared/donnees/plafonds/plafonds_ressources_plus_plai_2022_2026.csv"
ZONES = {
    "paris_communes_limitrophes": "paris_limitrophes",
    "ile_de_france": "ile_de_france",
    "autres_regions": "autres_regions",
}
COQUILLE = {("PLAI", "2022-01-01", "paris_communes_limitrophes", "categorie_2"): 21_805}  # 218805 in the file


def plafond(famille: str, zone: str, categorie: Categorie, annee: int) -> int:
    """The ceiling of a year, in centimes."""
    valeur = plafond_ressources(famille, zone, categorie, date(annee, 7, 1)).valeur
    assert isinstance(valeur, int)
    return valeur


def test_les_plafonds_types_sont_ceux_du_fichier_publie() -> None:
    """Every row of the published file, but for its known slip."""
    if not PUBLIES.exists():
        pytest.skip("no ../shared")
    with PUBLIES.open(encoding="utf-8") as flux:
        lignes = list(csv.DictReader(flux, delimiter=";"))
    assert len(lignes) == 126
    for ligne in lignes:
        cle = (ligne["produit"], ligne["date_effet"], ligne["zone"], ligne["categorie"])
        attendu = COQUILLE.get(cle, int(ligne["plafond_eur"])) * 100
        annee, zone = int(ligne["date_effet"][:4]), ZONES[ligne["zone"]]
        if ligne["categorie"] == "par_personne_supplementaire":
            six = plafond(ligne["produit"], zone, Categorie(6), annee)
            assert plafond(ligne["produit"], zone, Categorie(6, 1), annee) - six == attendu
        else:
            assert plafond(ligne["produit"], zone, Categorie(int(ligne["categorie"][-1])), annee) == attendu


@given(st.sampled_from(sorted(ZONES.values())), st.integers(1, 6), st.integers(0, 9), st.integers(2022, 2026))
def test_les_plafonds_sont_ranges(zone: str, numero: int, suite: int, annee: int) -> None:
    """PLAI below PLUS below PLS, the PLS at 130 % of the PLUS within half a euro a term, and more with more persons."""
    categorie = Categorie(numero, suite if numero == 6 else 0)
    plai, plus, pls = (plafond(famille, zone, categorie, annee) for famille in ("PLAI", "PLUS", "PLS"))
    assert plai < plus < pls
    assert abs(pls - plus * Fraction(13, 10)) <= 50 * (1 + categorie.personnes_supplementaires)
    assert plafond("PLUS", zone, Categorie(6, 10), annee) > plus


def test_le_plai_calcule_redonne_le_publie_a_un_euro_pres() -> None:
    """The chain of revisions, on 2025 outside Île-de-France."""
    revisions = Fraction("1.0349") ** 2 * Fraction("1.0247")
    lignes = {ligne["du"].year: ligne for ligne in bareme("plafonds_plai")["plai"]}
    assert lignes[2025]["autres_regions"]["origine"] == "officiel"
    depart, arrivee = (lignes[annee]["autres_regions"]["categories"] for annee in (2022, 2025))
    for avant, apres in zip(depart, arrivee, strict=True):
        assert abs(round(avant * revisions) - apres) <= 1


def test_ce_qui_est_calcule_est_dit() -> None:
    """The PLUS is published, the PLS never, the PLAI in two cases."""
    un = Categorie(1)
    jour = date(2026, 7, 1)
    codes = {f: plafond_ressources(f, "autres_regions", un, jour).code for f in ("PLAI", "PLUS", "PLS")}
    assert codes == {"PLAI": "calcule", "PLUS": "officiel", "PLS": "calcule"}


def test_les_communes_limitrophes_sont_29_et_existent() -> None:
    """Each is a current commune of Île-de-France, in one of the three départements around Paris."""
    codes = bareme("plafonds_zones")["limitrophes"]["codes"]
    assert len(set(codes)) == len(codes) == 29
    geographie = Geographie()
    for code in codes:
        commune = geographie.commune(code)
        assert commune is not None
        assert commune.code == code
        assert commune.departement in ("92", "93", "94")
        assert zone_plafond(code, commune.region).valeur == "paris_limitrophes"
    assert {"92012", "93066", "94080"} <= set(codes)


@given(st.integers(0, 10**8), st.integers(1, 10**8))
def test_respecter_un_plafond_c_est_ne_pas_depasser_sa_part(ressources: int, plafond: int) -> None:
    """At most 100 % of it."""
    assert respect_plafond(ressources, plafond, True).valeur == (
        part_du_plafond(ressources, plafond).valeur <= 1
    )
    assert respect_plafond(ressources, plafond, False).valeur in (True, None)
