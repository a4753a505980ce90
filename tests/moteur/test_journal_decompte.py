"""The count of a whole journal is the rule's, to the last vacance, however many histories are judged."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poche_journal import ecrire, evenement, histoire, lignes

from partiteur.demo.territoire import Territoire
from partiteur.moteur.journal import (
    Contexte,
    compter,
    ecrire_journal,
    enchainer,
    joindre_parc,
    lire_journal,
)
from partiteur.moteur.journal.forme import textes
from partiteur.moteur.journal.lecture import Journal
from partiteur.moteur.journal.regimes import dossier_et_cadre, regimes_des_documents
from partiteur.regles.decompte import Decompte, Regime, decompte
from partiteur.regles.vacance import Evenement, Limites, LogementVacant, Organisation, retenir, tenir

REGIMES = {
    "A": Regime(etape="mise_a_disposition", reinjection="toutes"),
    "B": Regime(etape="entree", gestion="deleguee"),
    "C": Regime(reinjection="derniere", ecartees=("candidats_insuffisants",)),
}
PERIODES = [
    (None, None, None),
    (date(2022, 1, 1), date(2022, 12, 31), None),
    (date(2023, 1, 1), date(2023, 6, 30), datetime(2023, 6, 15, tzinfo=UTC)),
]


def directement(
    evenements: list[Evenement],
    regimes: dict[str, Regime],
    du: date | None,
    au: date | None,
    connu: datetime | None,
) -> Decompte:
    """The rule over every event, one by one."""
    tenue = tenir([e for e in evenements if connu is None or e.date_saisie <= connu])
    valeur: Decompte = decompte(tenue.inscrits, regimes, du, au, connu, tenue.irregularites).valeur
    return valeur


@pytest.fixture(scope="module")
def journaux(territoire: Territoire) -> list[tuple[Journal, dict[str, Regime]]]:
    return [
        (lire_journal(b.journal), regimes_des_documents(*dossier_et_cadre(b.dossier)))
        for b in territoire.bailleurs[1:]
    ]


@pytest.mark.parametrize(("du", "au", "connu"), PERIODES)
def test_la_regle_sur_chaque_evenement(
    journaux: list[tuple[Journal, dict[str, Regime]]],
    du: date | None,
    au: date | None,
    connu: datetime | None,
) -> None:
    """The demo's three years: same counters, same vacances, fewer histories."""
    for journal, regimes in journaux:
        regimes = {**regimes, "99001": Regime(reinjection="derniere"), "cd99": Regime(neuf="un_tour")}
        compte = compter(journal, regimes, du, au, connu)
        attendu = directement(list(journal.evenements), regimes, du, au, connu)
        assert compte.decompte == attendu
        assert compte.refuses == 0
        assert not {a.code for a in compte.avertissements} - {"surcompte", "entree_par_bail"}


def test_chaque_compteur_s_ouvre(journaux: list[tuple[Journal, dict[str, Regime]]]) -> None:
    """The demo shows every kind of failure and form: no counter is empty everywhere."""
    lignes_ = [li for journal, regimes in journaux for li in compter(journal, regimes).decompte.lignes]
    for nom in (
        "mise_a_disposition", "validee", "candidats_proposes", "attribution", "bail_signe", "entree", "neutralisees",
        "refus_adaptes", "refus_inadaptes", "en_cours", "echecs", "imputees", "requalifiees", "sorties", "qpv_maire",
        "premieres_locations",
    ):  # fmt: skip
        assert any(getattr(li, nom) for li in lignes_), nom


TYPES = ("orientation", "mise_a_disposition", "validation", "declinaison", "delai_expire", "retrait", "designation",
         "decision_caleol", "reponse_candidat", "bail_signe", "imputation", "requalification", "conge_retracte",
         "vacance_close", "rectification", "inscription_caleol")  # fmt: skip


def au_hasard(graine: int, vacances: int) -> list[Evenement]:
    """Journals no one would keep: any event after any other, dates that go back, candidates of all forms."""
    rng = Random(graine)
    faits = []
    for v in range(vacances):
        jour = date(2022, 11, 1) + timedelta(days=rng.randrange(30))
        noms = [
            f"c{rng.getrandbits(48):012x}" if rng.random() < 0.7 else f"C{rng.randrange(9)}" for _ in range(3)
        ]
        type_ = rng.choice(("conge_recu", "vacance_ouverte"))
        neuf = {"origine": "premiere_location", "regime": rng.choice(("flux", "un_tour", None))}
        dites = {"qpv": rng.choice((True, False, None)), **(neuf if type_ == "vacance_ouverte" else {})}
        ouverture = evenement(1, type_, f"V{v}", donnees=dites)
        faits.append(replace(ouverture, evenement=f"V{v}-0", date_effet=jour))
        for rang in range(rng.randrange(9)):
            jour += timedelta(days=rng.choice((-3, 0, 0, 1, 9, 20)))
            faits.append(_un_fait(rng, f"V{v}", rang + 1, jour, noms))
    return faits


def _un_fait(rng: Random, vacance: str, rang: int, jour: date, noms: list[str]) -> Evenement:
    type_ = rng.choice(TYPES)
    qui = rng.choice(("A", "B", "C", "D"))
    candidat = rng.choice(noms)
    origine = rng.choice(("reservataire", "bailleur_pour_compte", "autre"))
    donnees = {
        "orientation": {"destination": rng.choice((f"reservataire:{qui}", "non_reserve", "soustrait:mutations", "hors_flux:vente"))},
        "designation": {"candidats": rng.sample(noms, rng.randrange(1, 4)), "origine": origine},
        "decision_caleol": {"candidat": candidat, "decision": rng.choice(("attribution", "attribution_rang", "non_attribution"))},
        "reponse_candidat": {"candidat": candidat, "reponse": rng.choice(("accepte", "refuse", "sans_reponse")), "proposition": rng.choice(("adaptee", "inadaptee"))},
        "bail_signe": {"candidat": candidat, "entree": (jour + timedelta(days=rng.randrange(40))).isoformat(),
                       "menage": rng.choice((None, {"deja_locataire": "bailleur", "dalo": True}, {"relogement": "anru"}, {"deja_locataire": "non"}))},
        "imputation": {"base": rng.choice(("deleguee", "dalo", "requalification_mixte"))},
        "vacance_close": {"issue": rng.choice(("relouee", "travaux", "annulee"))},
        "inscription_caleol": {"candidats": noms, "seance": f"S{rng.randrange(99)}"},
        "rectification": {"annule": f"{vacance}-{rng.randrange(rang + 1)}",
                          "remplace": rng.choice((None, {"date_effet": jour.isoformat(), "type": "retrait", "reservataire": qui}))},
    }.get(type_, {})  # fmt: skip
    motif = (
        rng.choice((None, "refus_caleol", "retrait_bailleur"))
        if type_ in ("retrait", "delai_expire")
        else None
    )
    nomme = qui if rng.random() < 0.8 or type_ in ("mise_a_disposition", "requalification") else None
    saisie = datetime(jour.year, jour.month, jour.day, rang, tzinfo=UTC)
    fait = evenement(1, type_, vacance, reservataire=nomme, motif=motif, donnees=donnees, date_effet=jour)
    return replace(fait, evenement=f"{vacance}-{rang}", date_saisie=saisie)


def contexte_au_hasard(faits: list[Evenement], rng: Random) -> Contexte:
    """Rights, délais and dwellings drawn at random, for journals drawn at random."""
    organisations = {
        "999000102": Organisation("bailleur", "bailleur"),
        "999000201": Organisation("A", "commune", (("B", "etat_prioritaires"),)),
        "": Organisation("", "inconnu", (("C", "autre"),)),
    }
    jours = [None, *(date(2022, 11, 1) + timedelta(days=n) for n in range(0, 60, 7))]
    offres = [e.evenement for e in faits if e.type in ("mise_a_disposition", "rectification")]
    limites = {nom: Limites(rng.choice(jours), rng.choice(jours)) for nom in offres}
    logements = {
        e.vacance: LogementVacant(e.vacance, qpv=rng.choice((True, False, None)))
        for e in faits
        if rng.random() < 0.7
    }
    return Contexte(REGIMES_AVEC_ECARTS, rng.choice((organisations, None)), limites, logements)


def vacances(faits: Sequence[Evenement]) -> list[list[Evenement]]:
    """The events of each vacance."""
    par_vacance: dict[str, list[Evenement]] = {}
    for fait in faits:
        par_vacance.setdefault(fait.vacance, []).append(fait)
    return list(par_vacance.values())


REGIMES_AVEC_ECARTS = {
    **REGIMES,
    "B": Regime(ecartees=("reponse_tardive", "designation_tardive", "qpv_sans_maire")),
}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_n_importe_quel_contexte(tmp_path_factory: pytest.TempPathFactory, graine: int) -> None:
    """Rights, délais and what the parc adds are those of every vacance, not of the one judged for the others."""
    rng = Random(graine)
    auteurs = ("999000102:7", "999000201:1", "999000404:2")
    faits = [replace(e, auteur=rng.choice(auteurs)) for e in au_hasard(graine, 40)]
    contexte = contexte_au_hasard(faits, rng)
    chemin = tmp_path_factory.getbasetemp() / "contexte.csv"
    ecrire_journal(chemin, enchainer("999000102", map(textes, faits)))
    journal = lire_journal(chemin)
    completes = [
        replace(e, donnees={**e.donnees, "qpv": contexte.logements[e.vacance].qpv})
        if e.type in ("conge_recu", "vacance_ouverte")
        and e.donnees.get("qpv") is None
        and e.vacance in contexte.logements
        else e
        for e in faits
    ]
    for du, au, _ in PERIODES[:2]:
        compte = compter(journal, contexte, du, au)
        tenue = tenir(completes, contexte.organisations, contexte.limites)
        attendu = decompte(tenue.inscrits, contexte.regimes, du, au, None, tenue.irregularites).valeur
        assert compte.decompte == attendu
        assert compte.refuses == len(tenue.refus)
        dites: dict[str, set[str]] = {}
        for e in (e for v in vacances(tenue.inscrits) for e in retenir(v, au, None)):
            if du is None or du <= e.date_effet:
                for code in tenue.irregularites.get(e.evenement, ()):
                    dites.setdefault(code, set()).add(e.vacance)
        assert {code: set(v) for code, v in compte.irregularites.items()} == dites


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9))
def test_n_importe_quel_journal(tmp_path_factory: pytest.TempPathFactory, graine: int) -> None:
    """Whatever was recorded, admitted or not: the engine counts as the rule does, over any period."""
    faits = au_hasard(graine, 40)
    chemin = tmp_path_factory.getbasetemp() / "hasard.csv"
    ecrire_journal(chemin, enchainer("999000102", map(textes, faits)))
    journal = lire_journal(chemin)
    assert journal.acceptees == len(faits)
    for du, au, connu in (
        *PERIODES[:2],
        (date(2022, 11, 15), date(2022, 12, 10), datetime(2022, 12, 1, tzinfo=UTC)),
    ):
        compte = compter(journal, REGIMES, du, au, connu)
        connus = [e for e in faits if connu is None or e.date_saisie <= connu]
        assert compte.decompte == directement(faits, REGIMES, du, au, connu)
        assert compte.refuses == len(tenir(connus).refus)


def test_rectification_et_son_inverse(tmp_path: Path) -> None:
    """A rectification cancelled leaves every counter as it was."""
    avant = compter(lire_journal(ecrire(tmp_path / "j.csv")), REGIMES).decompte
    rectifie = evenement(10, "rectification", donnees={"annule": "E9", "remplace": None})
    inverse = evenement(11, "rectification", donnees={"annule": "E10", "remplace": None})
    entre = compter(
        lire_journal(ecrire(tmp_path / "r.csv", lignes([*histoire(), rectifie]))), REGIMES
    ).decompte
    apres = compter(
        lire_journal(ecrire(tmp_path / "i.csv", lignes([*histoire(), rectifie, inverse]))), REGIMES
    ).decompte
    assert replace(apres, vacances=()) == replace(avant, vacances=())
    assert entre.lignes != avant.lignes


def test_deux_programmes_de_regimes_differents(tmp_path: Path) -> None:
    """First lettings told in the same words but for the regime of their programme are not one history (D7)."""
    faits = [
        fait
        for n, neuf in ((1, "flux"), (3, "un_tour"), (5, None))
        for fait in (
            evenement(
                n, "vacance_ouverte", f"V{n}", donnees={"origine": "premiere_location", "regime": neuf}
            ),
            evenement(n + 1, "mise_a_disposition", f"V{n}", reservataire="A"),
        )
    ]
    (ligne,) = compter(lire_journal(ecrire(tmp_path / "j.csv", lignes(faits))), {}).decompte.lignes
    assert (ligne.mise_a_disposition, ligne.premieres_locations) == (("V1", "V5"), ("V3",))


def test_le_solde_d_ouverture_est_dit(tmp_path: Path) -> None:
    """The last one known on the day asked, mended if it was rectified; it is of no vacance."""
    repris = [
        replace(
            evenement(n, "reprise", f"reprise-{n}", reservataire="A"),
            donnees={"exercice": 2023, "solde": solde},
        )
        for n, solde in ((10, -3), (12, "5/2"))
    ]
    corrige = {"type": "reprise", "date_effet": "2024-01-12", "reservataire": "A", "donnees": {"solde": 2}}
    rectifie = replace(
        evenement(14, "rectification", "reprise-12"), donnees={"annule": "E12", "remplace": corrige}
    )
    journal = lire_journal(ecrire(tmp_path / "j.csv", lignes([*histoire(), *repris, rectifie])))
    soldes = [compter(journal, REGIMES, None, date(2024, 1, n)).soldes for n in (9, 11, 31)]
    assert [{code: s.solde for code, s in lus.items()} for lus in soldes] == [{}, {"A": -3}, {"A": 2}]
    avant = compter(journal, REGIMES, None, None, datetime(2024, 1, 13, tzinfo=UTC)).soldes["A"]
    assert (avant.solde, avant.exercice) == (Fraction(5, 2), 2023)
    assert set(joindre_parc(journal).par_vacance) == {"V1", "V2"}


def test_avertissement_d_entree(tmp_path: Path) -> None:
    """Counted by entry without an entry date: the lease's is used, and said (D33)."""
    compte = compter(lire_journal(ecrire(tmp_path / "j.csv")), {"A": Regime(etape="entree")})
    assert [a.code for a in compte.avertissements] == ["entree_par_bail"]
    assert compte.decompte.lignes[0].engage == ("V1",)
