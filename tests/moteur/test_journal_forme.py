"""The canonical form: the same bytes for the same event, and nothing about a person can enter."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from poche_journal import CHAINE, evenement

from partiteur.moteur.journal.forme import (
    CONTROLES,
    FAITS,
    TYPES,
    FormeRefusee,
    contenu,
    ecrire_instant,
    ecrire_json,
    evenement_de,
    forme,
    lire_instant,
    lire_json,
    textes,
    verifier,
    verifier_donnees,
    verifier_texte,
)
from partiteur.moteur.journal.schema import table_schema
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import Evenement

CODES = st.from_regex(r"\A[A-Za-zéÉœ0-9][A-Za-zé0-9_.:/+-]{0,20}\Z")
CANDIDATS = st.from_regex(r"\Ac[0-9a-f]{12}\Z") | st.integers(0, 999)
INSTANTS = st.integers(0, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
DONNEES = {
    "designation": st.fixed_dictionaries({"candidats": st.lists(CANDIDATS, max_size=4)}),
    "decision_caleol": st.fixed_dictionaries(
        {"candidat": CANDIDATS, "decision": st.sampled_from(forme()["choix"]["decision"])},
        optional={
            "rang": st.integers(1, 9),
            "menage": st.fixed_dictionaries({"dalo": st.booleans() | st.none()}),
        },
    ),
    "mise_a_disposition": st.just({}),
    "orientation": st.fixed_dictionaries({"destination": CODES.map("reservataire:{}".format)}),
}


@st.composite
def evenements(tirer: st.DrawFn) -> Evenement:
    type_ = tirer(st.sampled_from(sorted(DONNEES)))
    return Evenement(
        tirer(CODES),
        tirer(CODES),
        type_,
        tirer(st.dates(date(1990, 1, 1), date(2100, 1, 1))),
        tirer(INSTANTS),
        f"{tirer(st.integers(100_000_000, 999_999_999))}:{tirer(st.integers(0, 99))}",
        tirer(st.none() | CODES),
        tirer(st.none() | CODES),
        tirer(st.none() | CODES),
        tirer(DONNEES[type_]),
    )


@given(evenements())
def test_aller_retour(fait: Evenement) -> None:
    """An event, written and read, is the same event; written again, the same bytes; and they are plain JSON."""
    ecrit = textes(fait)
    verifier(ecrit)
    relu = evenement_de(ecrit)
    assert relu == fait
    octets = contenu(CHAINE, ecrit).encode()
    assert contenu(CHAINE, textes(relu)).encode() == octets
    lu = json.loads(octets)
    assert ecrire_json(lu).encode() == octets
    assert lu["version"] == 1
    assert lu["donnees"] == json.loads(json.dumps(dict(fait.donnees)))


def test_forme_exacte() -> None:
    fait = evenement(3, "designation", reservataire="métropole", donnees={"candidats": ["c2", "c1"]})
    assert contenu(CHAINE, textes(fait)) == (
        '{"auteur":"999000102:7","chaine":"999000102","date_effet":"2024-01-03","date_saisie":"2024-01-03T10:00:00Z",'
        '"donnees":{"candidats":["c2","c1"]},"evenement":"E3","logement":"L1","motif":null,'
        '"reservataire":"métropole","type":"designation","vacance":"V1","version":1}'
    )


def test_instants() -> None:
    paris = timezone(timedelta(hours=2))
    assert ecrire_instant(datetime(2024, 7, 1, 1, 30, 15, 999, tzinfo=paris)) == "2024-06-30T23:30:15Z"
    assert ecrire_instant(datetime(2024, 7, 1)) == "2024-07-01T00:00:00Z"  # noqa: DTZ001
    assert lire_instant("2024-06-30T23:30:15Z") == datetime(2024, 6, 30, 23, 30, 15, tzinfo=UTC)
    with pytest.raises(ValueError, match="2024"):
        lire_instant("2024-06-30 23:30:15")


def test_valeurs_simples() -> None:
    assert ecrire_json({"b": Fraction(5, 2), "a": date(2024, 1, 2)}) == '{"a":"2024-01-02","b":"5/2"}'
    assert ecrire_json({"i": datetime(2024, 1, 2, tzinfo=UTC)}) == '{"i":"2024-01-02T00:00:00Z"}'
    for impossible in (float("nan"), object()):
        with pytest.raises(FormeRefusee):
            ecrire_json({"a": impossible})


@pytest.mark.parametrize(
    ("texte", "dit"),
    [
        ('{"a":1.5}', "virgule"),
        ('{"a":NaN}', "virgule"),
        ('{"a":1,"a":2}', "deux fois"),
        ("[1]", "objet"),
        ("{a}", "JSON lisible"),
        ("[" * 5_000, "JSON lisible"),
        ('{"a":"' + "x" * 9_000 + '"}', "dépassent"),
    ],
)
def test_json_refuse(texte: str, dit: str) -> None:
    with pytest.raises(FormeRefusee, match=dit):
        lire_json(texte)


@pytest.mark.parametrize(
    ("type_", "donnees"),
    [
        ("designation", {"candidats": ["Dupont"]}),
        ("designation", {"candidats": ["Jean Dupont"]}),
        ("designation", {"candidats": ["075051112345678901"]}),
        ("designation", {"candidats": [175051234567890 * 1000]}),
        ("designation", {"candidats": [{"origine": "autre"}]}),
        ("designation", {"candidats": [{"candidat": "c1", "nom": "Dupont"}]}),
        ("designation", {"candidats": "c1"}),
        ("designation", {"candidats": [True]}),
        ("designation", {}),
        ("designation", {"candidats": [], "commentaire": "appeler"}),
        ("mise_a_disposition", {"numero_unique": "075051112345678901"}),
        ("mise_a_disposition", {"piece": "175051234567890"}),
        ("mise_a_disposition", {"piece": "vu avec Mme Dupont"}),
        ("mise_a_disposition", {"date_limite": "2024-02-30"}),
        ("mise_a_disposition", {"date_limite": "30/01/2024"}),
        ("mise_a_disposition", {"preavis_mois": -1}),
        ("mise_a_disposition", {"echec_reservataire": "oui"}),
        ("decision_caleol", {"decision": "peut-être"}),
        ("decision_caleol", {"decision": "attribution", "menage": {"nom": "Dupont"}}),
        ("decision_caleol", {"decision": "attribution", "menage": {"public_l441_1": ["z"]}}),
        ("decision_caleol", {"decision": "attribution", "menage": "DALO"}),
        ("vacance_ouverte", {"typologie": "4 pièces"}),
        ("vacance_ouverte", {"annee_construction": 0}),
        ("rectification", {"annule": "E1", "remplace": {"commentaire": "erreur"}}),
        ("rectification", {"annule": "E1", "remplace": {"type": "rectification"}}),
        ("rectification", {"annule": "E1", "remplace": {"type": "inconnu"}}),
        ("rectification", {"annule": "E1", "remplace": {"donnees": {"candidats": []}}}),
        (
            "rectification",
            {"annule": "E1", "remplace": {"type": "designation", "donnees": {"candidats": ["Dupont"]}}},
        ),
        ("rectification", {"annule": "E1", "remplace": ["E2"]}),
        ("reprise", {"solde": "deux"}),
        ("reprise", {"compteurs": {"a b": 1}}),
    ],
)
def test_rien_de_personnel_n_entre(type_: str, donnees: dict[str, Any]) -> None:
    """Names, numéros uniques, NIR, free texts, unknown keys: one French sentence each, and never the value itself."""
    with pytest.raises(FormeRefusee) as refus:
        verifier_donnees(type_, donnees)
    assert str(refus.value).startswith("Colonne « donnees » : ")
    assert "Dupont" not in str(refus.value)
    assert "0750511" not in str(refus.value)


@pytest.mark.parametrize(
    ("type_", "donnees"),
    [
        (
            "designation",
            {"candidats": ["c1", 2, {"candidat": "c3", "origine": "autre"}], "par": "commission_qpv"},
        ),
        (
            "decision_caleol",
            {"decision": "attribution", "menage": {"public_l441_1": ["a", "gbis"], "dalo": None}},
        ),
        ("bail_signe", {"candidat": "A", "entree": "2024-02-29", "menage": None}),
        ("rectification", {"annule": "E1", "remplace": None}),
        ("rectification", {"annule": "999000102-2024-000000001", "remplace": {"date_effet": "2024-01-01"}}),
        (
            "rectification",
            {
                "annule": "E1",
                "remplace": {"type": "designation", "motif": None, "donnees": {"candidats": ["c1"]}},
            },
        ),
        ("reprise", {"exercice": 2023, "solde": "-5/2", "compteurs": {"bail_signe": 12}, "preuve": "P-12"}),
        ("reprise", {"solde": -3}),
        ("conge_retracte", {"source": "import", "canal": "alin", "piece": "P12"}),
    ],
)
def test_ce_qui_entre(type_: str, donnees: dict[str, Any]) -> None:
    verifier_donnees(type_, donnees)


@pytest.mark.parametrize(
    ("nom", "texte"),
    [
        ("auteur", "Jean Dupont"),
        ("auteur", "999000102:dupont"),
        ("auteur", "99900010"),
        ("auteur", ""),
        ("vacance", ""),
        ("vacance", 'V1","motif":"x'),
        ("logement", "12 rue des Cistes"),
        ("type", "mise_en_bourse"),
        ("type", "bail"),
        ("date_effet", "2023-02-29"),
        ("date_saisie", "2023-02-28T25:00:00Z"),
        ("date_saisie", "2023-02-28"),
        ("motif", 3),
    ],
)
def test_colonnes_refusees(nom: str, texte: Any) -> None:
    with pytest.raises(FormeRefusee, match=f"Colonne « {nom} »"):
        verifier_texte(nom, texte)


def test_les_types_sont_ceux_des_regles() -> None:
    """The engine's closed types and codes are the law's, the reserved one left out."""
    connus = bareme("evenements")["types"]
    assert set(TYPES) == {nom for nom, t in connus.items() if not t.get("reserve")}
    assert set(forme()["choix"]["base"]) == set(bareme("evenements")["imputations"])
    for type_, cles in bareme("evenements")["donnees"].items():
        for cle, valeurs in cles.items() if isinstance(cles, dict) else ():
            controle, _, liste = forme()["types"][type_][cle].partition(" ")
            assert controle == "choix"
            assert set(forme()["choix"][liste]) == set(valeurs)
    motifs = {motif for liste in forme()["echecs"].values() for motif in liste}
    assert motifs <= set(bareme("motifs")["motifs"])


def test_table_schema() -> None:
    """The Table Schema names the sixteen columns; every control it stands on exists."""
    champs = {champ["name"]: champ for champ in table_schema()["fields"]}
    assert list(champs)[2:12] == list(FAITS)
    assert champs["type"]["constraints"]["enum"] == list(TYPES)
    assert champs["date_saisie"]["format"] == "%Y-%m-%dT%H:%M:%SZ"
    assert champs["vacance"]["constraints"]["required"]
    json.dumps(table_schema())
    controles = {c.partition(" ")[0] for _, cles in forme()["types"].items() for c in cles.values()}
    assert controles <= set(CONTROLES)
    assert tuple(forme()["types"]["conge_retracte"]) == ()
