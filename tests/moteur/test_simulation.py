"""Years drawn: the sampler against the exact law, hand-counted years, and what every draw conserves."""

from fractions import Fraction
from math import floor
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_binomiale import cumul_exact

from partiteur.moteur.flux import construire
from partiteur.moteur.simulation import simuler
from partiteur.moteur.simulation.binomiale import Binomiale
from partiteur.moteur.simulation.feuille import PartSimulee, Quantiles, Simulation, json_de_la_simulation
from partiteur.moteur.simulation.parts import (
    attente,
    durees_avec_report,
    dus,
    p90_geometrique,
    quantiles,
    restes,
    serres_par_un_plafond,
)
from partiteur.moteur.simulation.strates import (
    SimulationImpossible,
    attendues,
    flux_nets,
    strates_de,
    tirer,
)
from partiteur.regles.flux import flux as calculer
from partiteur.regles.flux.feuille import Flux

F = Fraction


def flux_de(**remplace: Any) -> Flux:
    """A sheet of figures: 1,000 dwellings, one in ten freed, nothing subtracted, unless said otherwise."""
    document = {
        "cadre": "paca-2024",
        "exercice": 2024,
        "bailleur": {"nom": "OPH d'exemple"},
        "territoire": {"echelle": "departement", "code": "31"},
        "parc": {"total": 1000, "date": "2023-12-31"},
        "rotation": {"taux": "10 %"},
        "reservataires": [{"code": "cd31", "type": "departement", "part": "20 %"}],
        **remplace,
    }
    return calculer(construire(document, Path("dossier.toml")))


def reservataire(code: str, part: str, **cles: Any) -> dict[str, Any]:
    return {"code": code, "type": "autre", "part": part, **cles}


EMBOITES = {
    "perimetres": [
        {"code": "31555", "echelle": "commune", "parc": 300, "dans": ["E"]},
        {"code": "31069", "echelle": "commune", "parc": 100, "dans": ["E"]},
        {"code": "E", "echelle": "epci", "parc": 600},
    ],
    "soustraits": {"mutations": 20},
    "reservataires": [
        reservataire("cd31", "20 %"),
        reservataire("ville", "20 %", perimetre="31555"),
        reservataire("epci", "7 %", perimetre="E"),
        reservataire("syndicat", "3 %", perimetre=["31555", "31069"]),
        reservataire("petite", "2 %", perimetre="31069"),
    ],
}


def part(simulation: Simulation, code: str) -> PartSimulee:
    return next(p for p in simulation.parts if p.code == code)


def test_les_quantiles_sont_des_valeurs_tirees() -> None:
    """The nearest rank: of ten years, the first, the fifth and the ninth; of one, the same."""
    assert quantiles([10, 1, 9, 2, 8, 3, 7, 4, 6, 5]) == Quantiles(1, 5, 9)
    assert quantiles([7]) == Quantiles(7, 7, 7)
    assert quantiles([2, 1]) == Quantiles(1, 1, 2)


@given(st.lists(st.integers(0, 50), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_les_quantiles_croissent(valeurs: list[int], ajouts: list[int]) -> None:
    """P10 ≤ P50 ≤ P90, and years that all give more have higher quantiles."""
    q = quantiles(valeurs)
    assert q.p10 <= q.p50 <= q.p90
    plus = quantiles([v + ajouts[i % len(ajouts)] for i, v in enumerate(valeurs)])
    assert (plus.p10, plus.p50, plus.p90) >= (q.p10, q.p50, q.p90)
    assert plus.p50 >= q.p50
    assert plus.p90 >= q.p90


@pytest.mark.parametrize(("taux", "liberes"), [("0 %", 0), ("100 %", 1000)])
def test_sans_hasard_la_simulation_est_la_feuille(taux: str, liberes: int) -> None:
    """When nothing or everything is freed, each year gives the volumes of the sheet, and never less."""
    parts = [reservataire(code, p) for code, p in (("a", "1/3"), ("b", "1/7"), ("c", "17/90"))]
    feuille = flux_de(rotation={"taux": taux}, reservataires=parts)
    simulation = simuler(feuille, 7, 1)
    (territoire,) = simulation.perimetres
    assert territoire.liberations == territoire.flux == Quantiles(liberes, liberes, liberes)
    for publiee, simulee in zip((*feuille.reservataires, feuille.non_reserve), simulation.parts, strict=True):
        volume = publiee.objectif
        assert simulee.quantiles == Quantiles(volume, volume, volume)
        assert simulation.probabilite(simulee) == 0


def test_un_seul_logement() -> None:
    """One dwelling at one half, all of it reserved: it is freed or not, and the years without it are counted."""
    feuille = flux_de(
        parc={"total": 1, "date": "2023-12-31"},
        rotation={"taux": "50 %"},
        reservataires=[reservataire("tout", "100 %", report="1/2")],
    )
    strates = strates_de(feuille.perimetres)
    libres = tirer(feuille.perimetres, strates, 200, 3)["31"]
    assert set(libres) == {0, 1}
    # what is carried, 1/2, with the dwelling or without it, to the nearest: 2 or 1; the sheet's volume is 1
    entiers = dus(feuille.reservataires[0], feuille, frozenset(), {"31": [F(n) for n in libres]})
    assert entiers == [1 + n for n in libres]
    simulee = part(simuler(feuille, 200, 3), "tout")
    assert (simulee.objectif, simulee.annees_non_atteint) == (1, 0)
    assert simulee.quantiles == quantiles([1 + n for n in libres])


def test_non_atteint_compte_les_annees() -> None:
    """The years under the volume, counted on the draws themselves, and the fraction they make."""
    feuille = flux_de()
    libres = tirer(feuille.perimetres, strates_de(feuille.perimetres), 400, 5)["31"]
    simulation = simuler(feuille, 400, 5)
    simulee = part(simulation, "cd31")
    # 20 % of n dwellings rounded to the nearest is under 20 when n < 97.5
    manquees = sum(n < 98 for n in libres)
    assert 0 < manquees < 400
    assert simulee.annees_non_atteint == manquees
    assert simulation.probabilite(simulee) == F(manquees, 400)


def test_memes_tirages_avec_la_meme_graine() -> None:
    """The same seed gives the same simulation; another seed, other years."""
    feuille = flux_de(**EMBOITES)
    assert simuler(feuille, 50, 1) == simuler(feuille, 50, 1)
    strates = strates_de(feuille.perimetres)
    assert tirer(feuille.perimetres, strates, 50, 1) != tirer(feuille.perimetres, strates, 50, 2)


def test_des_tirages_que_chacun_peut_refaire() -> None:
    """The first years of a seed, by the exact law on Python's own bits, and fixed: no release may change them."""
    feuille = flux_de(**EMBOITES)
    strates = strates_de(feuille.perimetres)
    annees = tirer(feuille.perimetres, strates, 3, 2024)
    alea = Random(2024)
    for annee in range(3):
        refaits = {}
        for s in strates:
            tirage = F(alea.getrandbits(64), 2**64)
            cumul = cumul_exact(s.loi.logements, s.loi.taux)
            refaits[s.perimetre] = next(k for k, c in enumerate(cumul) if c > tirage)
        assert sum(refaits.values()) == annees["31"][annee]
        assert refaits["31555"] == annees["31555"][annee]
        assert sum(refaits.values()) - refaits["31"] == annees["E"][annee]
    assert annees == {"31": [95, 109, 103], "31555": [31, 34, 28], "31069": [7, 10, 10], "E": [60, 65, 59]}


def test_les_tirages_sont_partages_entre_perimetres() -> None:
    """Every year, the EPCI has its communes' libérations and those of its rest; the territory has them all."""
    feuille = flux_de(**EMBOITES)
    strates = {s.perimetre: s for s in strates_de(feuille.perimetres)}
    assert {c: s.loi.logements for c, s in strates.items()} == {
        "31": 400,
        "31555": 300,
        "31069": 100,
        "E": 200,
    }
    assert strates["31555"].comptent_dans == {"31555", "E", "31"}
    assert strates["E"].comptent_dans == {"E", "31"}
    annees = tirer(feuille.perimetres, tuple(strates.values()), 100, 9)
    for annee in range(100):
        dans_l_epci = annees["31555"][annee] + annees["31069"][annee]
        assert dans_l_epci <= annees["E"][annee] <= dans_l_epci + 200
        assert annees["E"][annee] <= annees["31"][annee] <= annees["E"][annee] + 400


def test_chaque_annee_conserve_les_logements() -> None:
    """Réservataires and non-réservé add up to the whole flux of each year drawn."""
    feuille = flux_de(**EMBOITES)
    annees = tirer(feuille.perimetres, strates_de(feuille.perimetres), 300, 4)
    nets = {p.code: flux_nets(p, annees[p.code]) for p in feuille.perimetres}
    serres = serres_par_un_plafond(feuille)
    entiers = {p.code: dus(p, feuille, serres, nets) for p in feuille.reservataires}
    reste = restes(feuille, entiers, nets)
    for annee in range(300):
        assert sum(n[annee] for n in entiers.values()) + reste[annee] == floor(nets["31"][annee])
        assert nets["31"][annee] == max(annees["31"][annee] - 20, 0)


def test_les_fractions_et_les_soldes_reportes_comptent() -> None:
    """What last year left is owed each year drawn as on the sheet, and the non-réservé gives way to it."""
    feuille = flux_de(
        rotation={"taux": "100 %"},
        reservataires=[
            reservataire("a", "1/3", report="2/3"),
            reservataire("b", "1/4", solde="reporte", precedent={"compte": 7, "du": 10}),
        ],
        non_reserve={"report": "1/3"},
    )
    # 1,001 dwellings: 333 1/3 + 2/3, 250 + 3, and what is left
    assert feuille.a_repartir == 1001
    assert [p.quantiles for p in simuler(feuille, 3, 1).parts] == [
        Quantiles(n, n, n) for n in (334, 253, 414)
    ]
    # a flux of 1,002: 250.5 + 3, to the nearest
    assert dus(feuille.reservataires[1], feuille, frozenset(), {"31": [F(1002)]}) == [254]


def test_des_taux_differents_gardent_l_attendu_du_territoire() -> None:
    """A commune freed at 20 % leaves the rest at the rate that keeps the territory's 10 %, so nothing is to be said."""
    perimetres = [{"code": "31555", "echelle": "commune", "parc": 200, "rotation": {"taux": "20 %"}}]
    feuille = flux_de(perimetres=perimetres)
    rest, commune = strates_de(feuille.perimetres)
    assert (commune.loi.taux, rest.loi.logements, rest.loi.taux) == (F(1, 5), 800, F(60, 800))
    assert simuler(feuille, 1, 1).mentions == ()


def test_un_attendu_intenable_est_dit() -> None:
    """A commune that alone expects more than its territory: it is drawn as given, and a sentence says so."""
    perimetres = [{"code": "31555", "echelle": "commune", "parc": 1000, "rotation": {"taux": "20 %"}}]
    (mention,) = simuler(flux_de(perimetres=perimetres), 1, 1).mentions
    assert mention.endswith("n'ont pas les libérations attendues de Haute-Garonne (200 au lieu de 100).")


def test_moyenne_des_baux() -> None:
    """Without a rate, the mean of leases ÷ assiette is drawn, and it is said."""
    feuille = flux_de(rotation={}, volume={"methode": "moyenne_baux", "annees": 1, "baux": {"2023": 250}})
    (strate,) = strates_de(feuille.perimetres)
    assert strate.loi == Binomiale(1000, F(1, 4))
    assert "moyenne des baux ÷ assiette" in simuler(feuille, 1, 1).mentions[0]
    neuf = {"programme": "Neuf", "commune": "31555", "logements": 30, "date": "2024-06-01", "regime": "flux"}
    avec = flux_de(
        rotation={}, volume={"methode": "moyenne_baux", "annees": 1, "baux": {"2023": 250}}, neuf=[neuf]
    ).territoire
    # first lettings are certain: they are not drawn, they are added
    assert (avec.volume, attendues(avec), flux_nets(avec, [240])) == (280, 250, [270])
    vide = flux_de(
        rotation={},
        parc={"total": 0},
        volume={"methode": "moyenne_baux", "annees": 1, "baux": {"2023": 0}},
    )
    assert attendues(vide.territoire) == 0
    assert simuler(vide, 3, 1).perimetres[0].liberations == Quantiles(0, 0, 0)


def test_un_perimetre_plus_petit_que_ce_qu_il_contient() -> None:
    """A commune that holds more than its EPCI cannot be drawn inside it."""
    perimetres = [
        {"code": "243100518", "echelle": "epci", "parc": 500},
        {"code": "31555", "echelle": "commune", "parc": 600, "dans": ["243100518"]},
    ]
    with pytest.raises(SimulationImpossible, match="moins que les périmètres qu'il contient"):
        simuler(flux_de(perimetres=perimetres), 1, 1)


def test_aucun_tirage() -> None:
    """No year, no answer."""
    with pytest.raises(SimulationImpossible, match="au moins un"):
        simuler(flux_de(), 0, 1)


def test_soustraits_au_dela_du_volume() -> None:
    """A flux held at zero on the sheet still has good years: what is subtracted is what the sheet says, not less."""
    feuille = flux_de(soustraits={"mutations": 110})
    assert feuille.territoire.exact == 0
    assert flux_nets(feuille.territoire, [105, 110, 112, 130]) == [0, 0, 2, 20]
    assert flux_nets(flux_de(soustraits={"mutations": 30}).territoire, [20, 100]) == [0, 70]


def test_un_volume_ne_suit_pas_le_flux() -> None:
    """A negotiated volume is the same in every year; only a flux that cannot hold it cuts it."""
    negocie = {
        "code": "als",
        "type": "action_logement",
        "methode": "negocie",
        "volume": 12,
        "justification": "avenant",
    }
    feuille = flux_de(reservataires=[negocie], soustraits={"mutations": 60})
    (publiee,) = feuille.reservataires
    nets = {"31": [F(n) for n in (40, 12, 5, 0)]}
    assert dus(publiee, feuille, frozenset(), nets) == [12, 12, 5, 0]
    simulation = simuler(feuille, 20, 1)
    assert "seul un flux trop faible l'entame" in simulation.mentions[-1]
    assert part(simulation, "als").attente is None


def test_un_plafond_qui_serre_arrondit_vers_le_bas() -> None:
    """At 30 % of the flux the State is never rounded above its cap, whatever the year."""
    parts = [{"code": "etat", "type": "etat_prioritaires", "part": "30 %"}, reservataire("autre", "10 %")]
    feuille = flux_de(reservataires=parts)
    assert serres_par_un_plafond(feuille) == {"etat"}
    etat, autre = feuille.reservataires
    nets = {"31": [F(n) for n in (100, 102, 106)]}
    assert dus(etat, feuille, serres_par_un_plafond(feuille), nets) == [30, 30, 31]
    assert dus(autre, feuille, serres_par_un_plafond(feuille), nets) == [10, 10, 11]


def test_des_parts_impossibles_ne_sont_pas_simulees() -> None:
    """Over 100 %, volumes are void: nothing is drawn for them, nor for what is left."""
    simulation = simuler(flux_de(reservataires=[reservataire("a", "60 %"), reservataire("b", "50 %")]), 5, 1)
    assert [(p.code, p.quantiles, p.annees_non_atteint, p.attente) for p in simulation.parts] == [
        ("a", None, None, None),
        ("b", None, None, None),
    ]
    assert simulation.probabilite(simulation.parts[0]) is None
    assert json_de_la_simulation(simulation)["reservataires"][0]["p50"] is None


def test_attente_avec_report_a_la_main() -> None:
    """Parts of 0.4 a year: the third year passes one; with a half carried, the second."""
    assert durees_avec_report([F(2, 5)] * 7, F(0)) == [3, 3]
    assert durees_avec_report([F(2, 5)] * 7, F(1, 2)) == [2, 2, 2]
    assert durees_avec_report([F(0), F(1), F(1, 2), F(1, 2)], F(0)) == [2, 2]
    assert durees_avec_report([F(1, 10)] * 9, F(0)) == []


def test_attente_sans_report_a_la_main() -> None:
    """(1 − p)^n ≤ 1/10: at one half four years (1/16), at 0.17 thirteen; a tenth exactly is enough; never past 1,000."""
    assert p90_geometrique(F(1, 2)) == 4
    assert p90_geometrique(F(17, 100)) == 13
    assert p90_geometrique(F(9, 10)) == 1
    assert p90_geometrique(F(1, 1000)) is None


def test_une_commune_a_qui_il_est_du_moins_d_un_logement() -> None:
    """0.17 a year: every six years with its fractions carried when nothing is left to chance, 100/17 years without."""
    feuille = flux_de(
        parc={"total": 100, "date": "2023-12-31"},
        rotation={"taux": "100 %"},
        reservataires=[reservataire("petite", "0,17 %")],
    )
    a = part(simuler(feuille, 60, 1), "petite").attente
    assert a is not None
    assert (a.moyenne, a.p90, a.moyenne_sans_report, a.p90_sans_report) == (F(6), 6, F(100, 17), 13)
    avec = simuler(
        flux_de(
            parc={"total": 100, "date": "2023-12-31"},
            rotation={"taux": "100 %"},
            reservataires=[reservataire("petite", "0,17 %", report="1/2")],
        ),
        60,
        1,
    )
    deja = part(avec, "petite").attente
    assert deja is not None
    assert deja.moyenne == 3  # 1/2 + 3 × 0.17 passes 1


def test_une_attente_trop_longue_pour_les_tirages() -> None:
    """When no year drawn completes a dwelling, the wait with carried fractions is not said."""
    feuille = flux_de(reservataires=[reservataire("petite", "0,01 %")])
    nets = {"31": [F(100)] * 3}
    a = attente(feuille.reservataires[0], feuille.dossier, nets)
    assert a is not None
    assert (a.moyenne, a.p90, a.moyenne_sans_report) == (None, None, 100)
    assert json_de_la_simulation(simuler(feuille, 2, 1))["reservataires"][0]["attente"]["moyenne"] is None


def test_personne_n_attend_un_logement_par_an() -> None:
    """One dwelling a year or more, or nothing at all, has no waiting time."""
    parts = [reservataire("un", "1 %"), reservataire("rien", "0 %")]
    assert [p.attente for p in simuler(flux_de(reservataires=parts), 3, 1).parts] == [None, None, None]


def test_sans_reservataire_tout_est_non_reserve() -> None:
    """Nobody else: the non-réservé has the whole flux of each year."""
    simulation = simuler(flux_de(reservataires=[]), 9, 1)
    assert [p.code for p in simulation.parts] == ["non_reserve"]
    assert simulation.parts[0].quantiles == simulation.perimetres[0].flux
