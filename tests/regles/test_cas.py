"""Every case of tests/cas, which a jurist can read, is what its rule answers."""

import importlib
import pkgutil
from typing import Any

import pytest
from constructeur import CAS, arguments, attendre, lire_cas, simple

from partiteur import regles
from partiteur.regles.cotation import Score
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import REGLES, ErreurUtilisateur, textes

for un_module in pkgutil.walk_packages(regles.__path__, "partiteur.regles."):
    importlib.import_module(un_module.name)  # each registers its rules
CLES = {"nom", "regle", "texte", "a_la_date", "faits", "attendu", "calcul"}
CLES_ATTENDUES = {"valeur", "code", "avertissements", "erreur"}


def tous() -> list[Any]:
    """A parameter for each case: its file's cadres, and the case, named by its sentence."""
    return [
        pytest.param(cas, cadres, id=f"{chemin.stem}-{cas['regle']}-{cas['nom']}")
        for chemin in sorted(CAS.glob("*.toml"))
        for liste, cadres in [lire_cas(chemin)]
        for cas in liste
    ]


@pytest.mark.parametrize(("cas", "cadres"), tous())
def test_cas(cas: dict[str, Any], cadres: dict[str, Any]) -> None:
    """Value, code and warnings are exactly those expected; an answer that cannot be given says why in full."""
    regle, attendu = REGLES[cas["regle"]], cas["attendu"]
    assert set(cas) <= CLES
    assert set(attendu) <= CLES_ATTENDUES
    assert cas["calcul"].strip()
    assert regle.du <= cas["a_la_date"]
    assert regle.au is None or cas["a_la_date"] < regle.au
    if "erreur" in attendu:
        with pytest.raises(ErreurUtilisateur) as erreur:
            regle.fonction(**arguments(regle, cas, cadres))
        assert str(erreur.value) == attendu["erreur"]
        return
    resultat = regle.fonction(**arguments(regle, cas, cadres))
    assert [a.code for a in resultat.avertissements] == attendu.get("avertissements", [])
    if isinstance(resultat, Flux):
        reel = {cle: v for cle, v in simple(resultat).items() if cle in attendu["valeur"]}
    else:
        assert resultat.code == attendu["code"]
        reel = simple(resultat.valeur)
        if isinstance(resultat.valeur, Score) and "verifie" not in attendu["valeur"]:
            del reel["verifie"]  # said by the cases about proofs
    assert reel == attendre(attendu["valeur"], reel)
    cites = {etape.texte for etape in resultat.etapes} | {a.texte for a in resultat.avertissements}
    assert cites <= set(textes())


def test_aucun_nom_en_double() -> None:
    """A case is named by its sentence: two cases cannot share it."""
    noms = [cas["nom"] for chemin in CAS.glob("*.toml") for cas in lire_cas(chemin)[0]]
    assert len(noms) == len(set(noms))
