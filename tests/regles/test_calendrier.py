"""The calendar from 2018 to 2027, day by day: one version of each rule and of each value applies, or none and it says so."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from dossiers import CD, CENT, PREFET, dossier

from partiteur import regles
from partiteur.cli.regles import MODULES
from partiteur.regles.faits import Dossier
from partiteur.regles.flux import flux
from partiteur.regles.socle import (
    RACINE,
    REGLES,
    SUFFIXE_DATE,
    HorsPeriode,
    Regle,
    bareme,
    citer,
    en_vigueur,
    textes,
    version_en_vigueur,
)

for un_module in pkgutil.walk_packages(regles.__path__, "partiteur.regles."):
    importlib.import_module(un_module.name)  # each registers its rules
PREMIER, DERNIER = date(2018, 1, 1), date(2027, 12, 31)
DECRET = date(2020, 2, 22)
BAREMES = sorted(fichier.stem for fichier in (RACINE / "baremes").iterdir() if fichier.name.endswith(".toml"))
JOURS = [PREMIER + timedelta(days=n) for n in range((DERNIER - PREMIER).days + 1)]


def versions() -> dict[str, list[Regle]]:
    """Every rule by its name without a date, all its versions together."""
    par_nom: dict[str, list[Regle]] = defaultdict(list)
    for regle in REGLES.values():
        par_nom[SUFFIXE_DATE.sub("", regle.nom)].append(regle)
    return dict(par_nom)


VERSIONS = versions()


def series() -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Every dated table of the barèmes: the file, the key, its rows."""
    for nom in BAREMES:
        for cle, lignes in bareme(nom).items():
            if isinstance(lignes, list) and all(
                isinstance(ligne, dict) and "du" in ligne for ligne in lignes
            ):
                yield nom, cle, lignes


def en_cours(du: date, au: date | None, jour: date) -> bool:
    """Whether a half-open period [du, au[ holds a day."""
    return du <= jour and (au is None or jour < au)


@pytest.mark.parametrize("nom", VERSIONS)
def test_chaque_jour_une_seule_version_d_une_regle_ou_hors_periode(nom: str) -> None:
    """The version found is the only one of that day; without any, the sentence names the rule and the day."""
    for jour in JOURS:
        candidates = [r for r in VERSIONS[nom] if en_cours(r.du, r.au, jour)]
        assert len(candidates) <= 1, f"{nom} au {jour} : {[r.nom for r in candidates]}"
        if candidates:
            assert version_en_vigueur(nom, jour) is candidates[0]
        else:
            with pytest.raises(HorsPeriode, match=f"« {nom} » est hors période au {jour:%d/%m/%Y}"):
                version_en_vigueur(nom, jour)


def test_les_versions_d_une_regle_se_suivent_sans_trou() -> None:
    """A rule replaced is replaced the day it ends; a date in a name is the day its version begins."""
    for nom, suite in VERSIONS.items():
        ordre = sorted(suite, key=lambda r: r.du)
        assert [r.au for r in ordre[:-1]] == [r.du for r in ordre[1:]], nom
        assert all(r.nom in (nom, f"{nom}_{r.du:%Y_%m_%d}") for r in ordre)


def test_les_regles_du_flux_commencent_avec_le_decret_et_l_ancien_droit_finit_avec_lui() -> None:
    """The day before the decree the flux is out of period; the guarantees by programme end that day."""
    veille = DECRET - timedelta(days=1)
    for nom in ("flux", "plafond_etat", "plafond_garanties", "premiere_location", "derogation_en_vigueur"):
        assert version_en_vigueur(nom, DECRET).nom == nom
        with pytest.raises(HorsPeriode):
            version_en_vigueur(nom, veille)
    assert version_en_vigueur("droits_garanties_programme", veille).au == DECRET
    with pytest.raises(HorsPeriode):
        version_en_vigueur("droits_garanties_programme", DECRET)
    assert version_en_vigueur("supplement_article5", date(2021, 8, 1)).du == date(2021, 8, 1)
    with pytest.raises(HorsPeriode):
        version_en_vigueur("supplement_article5", date(2021, 7, 31))


def test_chaque_jour_une_seule_valeur_de_chaque_bareme_date() -> None:
    """As for the rules: one row, found, or HorsPeriode."""
    connues = list(series())
    assert {cle for _, cle, _ in connues} >= {"etat", "fonctionnaires", "garanties"}
    for nom, cle, lignes in connues:
        for une, autre in combinations(lignes, 2):
            assert not (en_cours(une["du"], une.get("au"), autre["du"]) and autre["du"] != une["du"])
        for jour in JOURS:
            valables = [ligne for ligne in lignes if en_cours(ligne["du"], ligne.get("au"), jour)]
            assert len(valables) <= 1, f"{nom}, {cle} au {jour}"
            if valables:
                assert en_vigueur(nom, cle, jour) == valables[0]
            else:
                with pytest.raises(HorsPeriode):
                    en_vigueur(nom, cle, jour)


def test_toutes_les_regles_sont_chargees() -> None:
    """`partiteur regles` knows every module that registers a rule."""
    assert {regle.module for regle in REGLES.values()} == set(MODULES)


def un_dossier(exercice: int) -> Dossier:
    """A préfet and a département, in an exercice."""
    modele = dossier(PREFET, CD, perimetres=(CENT,))
    return type(modele)(**{**vars(modele), "exercice": exercice})


@pytest.mark.parametrize("exercice", range(2018, 2028))
def test_un_texte_non_verifie_a_la_date_de_l_exercice_se_dit_une_fois(exercice: int) -> None:
    """One warning a sheet, naming each text once; none before the texts were read; out of period before the decree."""
    if date(exercice, 1, 1) < DECRET:
        with pytest.raises(HorsPeriode, match=f"01/01/{exercice}"):
            flux(un_dossier(exercice))
        return
    feuille = flux(un_dossier(exercice))
    dits = [a.message for a in feuille.avertissements if a.code == "texte_non_verifie_a_cette_date"]
    # our own conventions are not texts to verify
    lus = [t for t in feuille.cites if textes()[t]["confiance"] != "convention"]
    anciens = {citer(t) for t in lus if textes()[t]["verifie_le"] < date(exercice, 1, 1)}
    assert len(dits) == bool(anciens)
    for message in dits:
        assert message.startswith(f"Exercice {exercice} ")
        liste = message.partition(" : ")[2].rstrip(".").split(", ")
        assert len(liste) == len(set(liste))
        assert all(message.count(cite) >= 1 for cite in anciens)
    assert feuille.reservataires[1].exact == Fraction(20)
