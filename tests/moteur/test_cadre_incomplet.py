"""A cadre without a key it needs says which one, whatever the cadre and the key."""

import json
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partiteur.moteur.cadre import DOSSIER, cadres_livres, verifier_cadre
from partiteur.moteur.flux import calculer_dossier
from partiteur.regles.socle import RACINE, ErreurUtilisateur

SCHEMA = json.loads((RACINE / "schemas" / "cadre.json").read_text("utf-8"))


def lu(code: str) -> dict[str, Any]:
    return tomllib.loads((DOSSIER / f"{code}.toml").read_text("utf-8"))


def necessaires(document: dict[str, Any]) -> list[tuple[str, str]]:
    """(table, key) of every key the schema wants among those a cadre has; the top level is the table ''."""
    tables = [("", cle) for cle in SCHEMA["required"]]
    for table in (t for t, v in document.items() if isinstance(v, dict)):
        tables += [(table, cle) for cle in SCHEMA["properties"][table]["required"]]
    return tables


def en_toml(document: dict[str, Any]) -> str:
    def valeur(v: Any) -> str:
        return v.isoformat() if isinstance(v, date) else json.dumps(v, ensure_ascii=False)

    plats = [f"{cle} = {valeur(v)}" for cle, v in document.items() if not isinstance(v, dict)]
    tables = [
        "\n".join([f"[{cle}]", *(f"{k} = {valeur(w)}" for k, w in v.items())])
        for cle, v in document.items()
        if isinstance(v, dict)
    ]
    return "\n".join([*plats, *tables])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_une_cle_otee_est_nommee(tmp_path: Path, data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(cadres_livres()))
    document = lu(code)
    table, cle = data.draw(st.sampled_from(necessaires(document)))
    chemin = tmp_path / "cadre.toml"
    chemin.write_text(en_toml(document), encoding="utf-8")
    assert verifier_cadre(chemin) == ()
    del (document[table] if table else document)[cle]
    chemin.write_text(en_toml(document), encoding="utf-8")
    assert [(c.chemin, c.message) for c in verifier_cadre(chemin)] == [(table, f"il manque « {cle} ».")]


@pytest.mark.parametrize("code", cadres_livres())
def test_sans_rotation_ni_volume_la_phrase_nomme_ce_qui_manque(tmp_path: Path, code: str) -> None:
    (tmp_path / "d.toml").write_text(
        f'cadre = "{code}"\nexercice = 2024\nbailleur = {{ nom = "OPH" }}\n'
        'territoire = { echelle = "departement", code = "31" }\nparc = { total = 100 }\n',
        encoding="utf-8",
    )
    with pytest.raises(ErreurUtilisateur, match=r"\[rotation\]|\[volume\]"):
        calculer_dossier(tmp_path / "d.toml")
