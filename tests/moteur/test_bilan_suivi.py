"""What the pack says of a year besides its bilan: what was late, by party, and what the commission did."""

import io
from datetime import date
from pathlib import Path
from typing import Any

from classeurs import feuilles
from poche_bilan import Pas, attribuee, bail, ecrire, offerte, refusee, vacance

from partiteur.cli.bilan.texte import texte_du_bilan
from partiteur.moteur.bilan import Demande, etablir, json_du_bilan
from partiteur.moteur.bilan.annuel import Piece, composer
from partiteur.moteur.tableur.bilan import ecrire_bilan

FIN = date(2024, 12, 31)
DOSSIER = """cadre = "occitanie-2023"
exercice = 2024
[bailleur]
nom = "OPH"
[territoire]
echelle = "departement"
code = "99"
[parc]
total = 1000
[rotation]
taux = "10 %"
[zone_tendue]
complet = true
communes = {}
[[reservataires]]
code = "A"
nom = "Ville A"
type = "commune"
part = "10 %"

[[reservataires]]
code = "B"
type = "action_logement"
part = "20 %"
validation = { delai = 5, silence = "vaut_validation" }
"""


def pieces(tmp_path: Path, lignes: list[dict[str, str]], suite: str = "") -> dict[str, Piece]:
    """The pieces of the pack of 2024, by folder and name."""
    dossier = tmp_path / "d.toml"
    dossier.write_text(DOSSIER + suite, encoding="utf-8")
    journal = ecrire(tmp_path / "j.csv", lignes)
    return {f"{p.dossier}/{p.nom}": p for p in composer(journal, dossier, Demande(FIN))}


def retards_de(tmp_path: Path, lignes: list[dict[str, str]]) -> dict[tuple[str, str], Any]:
    """The rows of the list of what is late, by code (or party) and obligation."""
    lues = pieces(tmp_path, lignes)["prefet/retards"].json
    return {(li["code"] or li["partie"], li["obligation"].split()[0]): li for li in lues}


def _preavis(nom: str, le: date, mois: int = 1) -> list[Pas]:
    """Made available with a notice of one month: ten days to designate, five jours ouvrés to answer."""
    return offerte(nom, le, preavis_mois=mois)


def test_les_retards_de_chacun(tmp_path: Path) -> None:
    """In time, late, never, awaited, and not due any more: each counted once, with the days late."""
    lundi = date(2024, 3, 4)  # answer by Monday 11, designate by Thursday 14
    validee = ("validation", date(2024, 3, 11), "A", "", {})
    designe = ("designation", date(2024, 3, 20), "A", "", {"candidats": ["c1", "c2", "c3"]})
    retire = ("retrait", date(2024, 3, 6), "A", "retrait_bailleur", {})
    expire = ("delai_expire", date(2024, 3, 14), "A", "", {"delai": "designation"})
    lignes = vacance("V1", *_preavis("V1", lundi), validee, designe)
    lignes += vacance("V2", *_preavis("V2", lundi), refusee(date(2024, 3, 13)))
    lignes += vacance("V3", *_preavis("V3", lundi), retire)
    lignes += vacance("V4", *_preavis("V4", lundi), expire)
    lignes += vacance("V5", *_preavis("V5", date(2024, 12, 18)))
    lignes += vacance("V6", *_preavis("V6", date(2024, 12, 30)))
    lignes += vacance("V7", *offerte("V7", lundi))  # an unknown notice: nothing sets the time to designate
    tacite = offerte("V8", lundi, "B", preavis_mois=1)  # silence is an agreement: no answer is due
    lignes += vacance("V8", *tacite)
    lues = retards_de(tmp_path, lignes)
    etats = ("dus", "a_temps", "hors_delai", "sans_suite", "en_attente", "sans_terme", "retard_median")
    assert {cle: tuple(ligne[e] for e in etats) for cle, ligne in lues.items()} == {
        ("A", "répondre"): (5, 1, 1, 1, 2, 0, 3),
        ("A", "désigner"): (3, 0, 1, 1, 1, 1, 3),
        ("B", "répondre"): (0, 0, 0, 0, 0, 0, None),
        ("B", "désigner"): (1, 0, 0, 0, 1, 0, 292),
        ("candidats", "répondre"): (0, 0, 0, 0, 0, 0, None),
        ("bailleur", "laisser"): (0, 0, 0, 0, 0, 0, None),
    }
    assert lues["A", "répondre"]["nom"] == "Ville A"


def test_les_offres_au_candidat(tmp_path: Path) -> None:
    """Ten days at least: an offer that leaves eight leaves ten; the answer of the twelfth day is late."""

    def offre(limite: date | None, reponse: date) -> tuple[Pas, Pas]:
        dite = {} if limite is None else {"date_limite": limite.isoformat()}
        return (
            ("offre", date(2024, 4, 1), "", "", {"candidat": "c1", **dite}),
            ("reponse_candidat", reponse, "", "", {"candidat": "c1", "reponse": "accepte"}),
        )

    lignes: list[dict[str, str]] = []
    for rang, (limite, reponse) in enumerate(
        [
            (date(2024, 4, 9), date(2024, 4, 10)),
            (date(2024, 4, 16), date(2024, 4, 16)),
            (None, date(2024, 4, 13)),
        ]
    ):
        nom = f"V{rang}"
        lignes += vacance(
            nom, *offerte(nom, date(2024, 3, 1)), *attribuee(date(2024, 3, 20)), *offre(limite, reponse)
        )
    lues = retards_de(tmp_path, lignes)
    candidats, bailleur = lues["candidats", "répondre"], lues["bailleur", "laisser"]
    assert (candidats["dus"], candidats["a_temps"], candidats["hors_delai"], candidats["retard_p90"]) == (
        3,
        2,
        1,
        2,
    )
    assert (bailleur["dus"], bailleur["a_temps"], bailleur["hors_delai"], bailleur["sans_terme"]) == (
        2,
        1,
        1,
        1,
    )


def test_la_commission(tmp_path: Path) -> None:
    """By réservataire, then all, then by sitting: dwellings, candidatures, decisions; what is missing is said."""
    non = [
        ("decision_caleol", date(2024, 3, 20), "", "", {"candidat": c, "decision": d, "seance": "S1"})
        for c, d in (("c2", "non_attribution"), ("c3", "irrecevabilite"))
    ]
    lignes = vacance(
        "V1", *offerte("V1", date(2024, 3, 1)), *attribuee(date(2024, 3, 20)), *non, bail(date(2024, 4, 2))
    )
    lignes += vacance("V2", *offerte("V2", date(2024, 8, 1), "B"), *attribuee(date(2024, 9, 2), "B"))
    lues = pieces(tmp_path, lignes)
    un, deux, tous = lues["caleol/bilan"].json
    assert un == {
        "reservataire": "Ville A", "logements": 1, "decisions": 3,
        "attribution": 1, "attribution_rang": 0, "condition_suspensive": 0, "non_attribution": 1,
        "irrecevabilite": 1, "refus_de_candidats": 0, "baux_signes": 1,
    }  # fmt: skip
    assert (deux["reservataire"], deux["logements"], deux["decisions"]) == ("B", 1, 1)
    assert (tous["logements"], tous["decisions"], tous["baux_signes"]) == (2, 4, 1)
    assert [(s["le"], s["seance"], s["decisions"]) for s in lues["caleol/seances"].json] == [
        ("2024-03-20", None, 1),
        ("2024-03-20", "S1", 2),
        ("2024-09-02", None, 1),
    ]
    dits = " ".join(lues["caleol/bilan"].manques)
    assert "séance n'est pas nommée : 2" in dits
    assert "Après la séance du 20/03/2024" in dits
    assert "Le quorum" in dits
    vide = pieces(tmp_path, vacance("V1", *offerte("V1", date(2024, 3, 1))))["caleol/bilan"]
    assert vide.manques[0] == "Aucune décision de commission au journal dans l'année."
    assert all(v in (0, "Ville A", "B", "Ensemble") for ligne in vide.json for v in ligne.values())


def test_le_journal_des_retards_est_celui_du_bilan(tmp_path: Path) -> None:
    """The events in force that the pack reads are those of the bilan: a rectified offer has the term of the new one."""
    deplacee = {
        "annule": "V1-2",
        "remplace": {"type": "mise_a_disposition", "reservataire": "A", "date_effet": "2024-03-11", "donnees": {}},
    }  # fmt: skip
    lignes = vacance(
        "V1",
        *_preavis("V1", date(2024, 3, 4)),
        ("rectification", date(2024, 3, 12), "", "", deplacee),
        ("validation", date(2024, 3, 18), "A", "", {}),
    )
    assert retards_de(tmp_path, lignes)["A", "répondre"]["a_temps"] == 1
    assert etablir(tmp_path / "j.csv", Demande(FIN)).bilan.vacances == 1


NEUF = """
[[neuf]]
programme = "Le Clos"
code = "P1"
commune = "99001"
logements = 18
date = 2024-06-15
[[neuf]]
programme = "Les Terrasses"
commune = "99001"
logements = 20
date = 2024-06-15
[[neuf]]
programme = "Demain"
commune = "99001"
logements = 9
date = 2025-06-15
"""


def test_les_programmes_neufs(tmp_path: Path) -> None:
    """First lettings joined to the dossier by the code of their programme; what cannot be is named, in every rendering."""
    neuve = {"origine": "premiere_location", "programme": "P1"}
    lignes = vacance(
        "V1", *offerte("V1", date(2024, 7, 1), **neuve), *attribuee(date(2024, 7, 20)), bail(date(2024, 8, 1))
    )
    lignes += vacance("V2", *offerte("V2", date(2024, 7, 1), **neuve, regime="flux"))
    lignes += vacance("V3", *offerte("V3", date(2024, 7, 1), origine="premiere_location", programme="P9"))
    lignes += vacance("V4", *offerte("V4", date(2024, 1, 5), **neuve))  # opened the year before
    bilan = pieces(tmp_path, lignes, NEUF)["prefet/bilan"].bilan
    assert bilan is not None
    assert [
        (s.code, s.programme, s.logements, s.ouvertes, s.louees, s.autre_regime) for s in bilan.programmes
    ] == [
        ("P1", "Le Clos", 18, 2, 1, 1),
        (None, "Les Terrasses", 20, 0, 0, 0),
        ("P9", None, None, 1, 0, 0),
    ]
    dits = {m.code: m for m in bilan.manques if m.code.startswith("programme")}
    assert "« Les Terrasses »" in dits["programme_sans_code"].message
    assert (dits["programme_hors_dossier"].nombre, dits["programme_autre_regime"].nombre) == (1, 1)
    assert json_du_bilan(bilan)["programmes"][0] == {
        "code": "P1", "programme": "Le Clos", "logements": 18, "ouvertes": 2, "louees": 1, "autre_regime": 1
    }  # fmt: skip
    tampon = io.BytesIO()
    ecrire_bilan(bilan, tampon)
    assert ["P9", "inconnu", 1.0] in [
        [ligne[1], ligne[2], ligne[3]]
        for ligne in feuilles(tampon.getvalue())["Premières locations"]
        if len(ligne) > 3
    ]
    assert "Les Terrasses" in texte_du_bilan(bilan)
    sans = pieces(tmp_path, lignes)["prefet/bilan"].bilan
    assert sans is not None
    assert [s.code for s in sans.programmes] == ["P1", "P9"]
