"""The account: properties over any admissible histories, and what cases say badly."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from constructeur import cadre_livre, evenements
from hypothesis import given
from hypothesis import strategies as st

from partiteur.regles.decompte import (
    Decompte,
    MotifInconnu,
    Regime,
    clauses_du_dossier,
    decompte,
    decompter,
    methode_du_cadre,
)
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import Evenement, historique_normalise, tenir

ETAPES = tuple(bareme("decompte")["etapes"]["ordre"])
REGLES = ("motif", "toutes", "derniere")
QUI = ("A", "B", "C")
MOTIFS = [m for m in bareme("motifs")["motifs"] if m != "qpv_maire"]


EN_COURS = [
    "mise_a_disposition",
    "mise_a_disposition",
    "mise_a_disposition",
    "validation",
    "declinaison",
    "designation",
    "designation",
    "delai_expire",
    "retrait",
    "decision_caleol",
    "decision_caleol",
    "offre",
    "reponse_candidat",
    "reponse_candidat",
    "imputation",
    "orientation",
    "requalification",
]
FINS = (
    [],
    ["bail_signe"],
    ["bail_signe"],
    ["bail_signe", "imputation"],
    ["vacance_close"],
    ["conge_retracte"],
)


@st.composite
def un_fait(tirage: st.DrawFn, type_: str | None = None) -> dict[str, Any]:
    """One event of a type, or of any that may come before the end, with plausible data."""
    type_ = type_ or tirage(st.sampled_from(EN_COURS))
    fait: dict[str, Any] = {"type": type_, "reservataire": tirage(st.sampled_from(QUI))}
    if type_ in ("declinaison", "delai_expire", "retrait"):
        fait["motif"] = tirage(st.sampled_from([None, *MOTIFS]))
    if type_ == "mise_a_disposition":
        fait["motif"] = tirage(st.sampled_from([None, None, "qpv_maire"]))
    if type_ in ("designation", "decision_caleol", "offre", "reponse_candidat", "bail_signe"):
        fait["candidats"] = tirage(st.lists(st.sampled_from(["c1", "c2", "c3", "c4"]), unique=True))
        fait["reservataire"] = tirage(st.sampled_from([None, *QUI]))
    choix = {
        "designation": ("origine", [None, "reservataire", "bailleur_pour_compte", "autre"]),
        "decision_caleol": ("decision", ["attribution", "non_attribution", "irrecevabilite"]),
        "reponse_candidat": ("reponse", ["accepte", "refuse", "sans_reponse"]),
        "imputation": ("base", list(bareme("evenements")["imputations"])),
        "vacance_close": ("issue", ["relouee", "vendue", "annulee"]),
        "orientation": ("destination", ["non_reserve", "soustrait:mutations", "hors_flux:defense_securite"]),
        "bail_signe": ("menage", [{}, {"deja_locataire": "bailleur"}, {"relogement": "lhi"}]),
    }
    if type_ in choix:
        cle, valeurs = choix[type_]
        fait[cle] = tirage(st.sampled_from(valeurs))
    if type_ == "reponse_candidat":
        fait["proposition"] = tirage(st.sampled_from([None, "adaptee", "inadaptee"]))
    if type_ == "imputation":
        fait["reservataire"] = tirage(st.sampled_from([None, *QUI]))
    return fait


@st.composite
def journaux(tirage: st.DrawFn) -> tuple[Evenement, ...]:
    """A journal of a few vacances, its impossible events refused."""
    donnes: list[dict[str, Any]] = []
    for vacance in ("V1", "V2", "V3"):
        origine = tirage(st.sampled_from(["conge", "premiere_location"]))
        faits = tirage(st.lists(un_fait(), max_size=9))
        faits += [tirage(un_fait(type_)) for type_ in tirage(st.sampled_from(FINS))]
        for rang, fait in enumerate([{"type": "vacance_ouverte", "origine": origine}, *faits]):
            donnes.append({**fait, "vacance": vacance, "le": date(2024, 1, 1) + timedelta(days=20 * rang)})
    return tenir(evenements(donnes)).inscrits


def regimes(reinjection: str, **cles: Any) -> dict[str, Regime]:
    """The same regime for everybody."""
    return dict.fromkeys(QUI, Regime(reinjection=reinjection, **cles))


def compter(journal: tuple[Evenement, ...], reinjection: str = "motif", **bornes: Any) -> Decompte:
    """The account of a journal."""
    valeur: Decompte = decompte(journal, regimes(reinjection), **bornes).valeur
    return valeur


@given(journaux(), st.sampled_from(REGLES), st.randoms(use_true_random=False))
def test_entrelacer_les_vacances_ne_change_rien(
    journal: tuple[Evenement, ...], reinjection: str, hasard: Random
) -> None:
    """Any interleaving that keeps each vacance's own order gives the same counts."""
    files = {v: [e for e in journal if e.vacance == v] for v in ("V1", "V2", "V3")}
    melange = []
    while any(files.values()):
        file = hasard.choice([f for f in files.values() if f])
        melange.append(file.pop(0))
    assert compter(tuple(melange), reinjection) == compter(journal, reinjection)


@given(journaux(), st.data())
def test_une_rectification_et_son_inverse_ne_changent_rien(
    journal: tuple[Evenement, ...], tirage: st.DataObject
) -> None:
    """Whatever event it cancels, whatever it would have put in its place."""
    cible = tirage.draw(st.sampled_from(journal))
    remplace = tirage.draw(
        st.sampled_from([None, {"type": "retrait", "date_effet": "2024-05-01", "reservataire": "B"}])
    )
    rectification = replace(
        cible, evenement="r1", type="rectification", donnees={"annule": cible.evenement, "remplace": remplace}
    )
    inverse = replace(rectification, evenement="r2", donnees={"annule": "r1", "remplace": None})
    assert compter((*journal, rectification, inverse)) == compter(journal)


@given(journaux(), st.sampled_from(REGLES))
def test_sommes_des_compteurs(journal: tuple[Evenement, ...], reinjection: str) -> None:
    """D40: under « derniere » no counter passes the vacances; leases never do; surcompte is what is counted twice."""
    compte = compter(journal, reinjection)
    combien = len(compte.vacances)
    for etape in ETAPES if reinjection == "derniere" else ("bail_signe",):
        comptees = [v for ligne in compte.lignes for v in getattr(ligne, etape)]
        assert len(comptees) == len(set(comptees)) <= combien
    offertes = Counter(v for ligne in compte.lignes for v in ligne.mise_a_disposition)
    assert compte.surcompte == sum(n - 1 for n in offertes.values())
    if reinjection == "derniere":
        assert compte.surcompte == 0


@given(journaux(), st.sampled_from(REGLES))
def test_les_compteurs_decroissent_d_etape_en_etape(journal: tuple[Evenement, ...], reinjection: str) -> None:
    """But for what is imputed without a mise à disposition; and nobody is counted twice for one vacance."""
    for ligne in compter(journal, reinjection).lignes:
        listes = [getattr(ligne, etape) for etape in ETAPES]
        assert all(len(liste) == len(set(liste)) for liste in listes)
        for avant, apres in itertools.pairwise(listes):
            assert set(apres) - set(ligne.imputees) <= set(avant)


@given(journaux())
def test_la_regle_toutes_compte_au_moins_autant(journal: tuple[Evenement, ...]) -> None:
    """Neutralising, or keeping the last one only, never adds a mise à disposition."""
    toutes = {ligne.code: set(ligne.mise_a_disposition) for ligne in compter(journal, "toutes").lignes}
    for reinjection in ("motif", "derniere"):
        for ligne in compter(journal, reinjection).lignes:
            assert set(ligne.mise_a_disposition) <= toutes[ligne.code]


@given(journaux(), st.dates(date(2024, 1, 1), date(2024, 8, 1)))
def test_une_periode_plus_courte_ne_compte_rien_de_plus(journal: tuple[Evenement, ...], du: date) -> None:
    """As known on one date, each stage is dated once: a later start only takes away."""
    for entiere, ligne in zip(compter(journal).lignes, compter(journal, du=du).lignes, strict=True):
        for etape in ETAPES:
            assert set(getattr(ligne, etape)) <= set(getattr(entiere, etape))


@given(journaux())
def test_connu_a_la_fin_rien_ne_manque(journal: tuple[Evenement, ...]) -> None:
    """`connu_le` at the last entry changes nothing; before the first, nothing is known."""
    fin = max(e.date_saisie for e in journal)
    assert replace(compter(journal, connu_le=fin), connu_le=None) == compter(journal)
    avant = compter(journal, connu_le=datetime.combine(date(2023, 1, 1), time(12), UTC))
    assert avant.vacances == ()


def test_une_saisie_tardive_n_entre_que_dans_le_bilan_qui_la_connait() -> None:
    """An event of March entered in June: the bilan known in May ignores it, the next one has it in March."""
    tardive = datetime.combine(date(2024, 6, 1), time(12), UTC)
    journal = evenements(
        [
            {"le": date(2024, 2, 20), "type": "conge_recu"},
            {
                "le": date(2024, 3, 1),
                "type": "mise_a_disposition",
                "reservataire": "A",
                "date_saisie": tardive,
            },
        ]
    )
    mars = {"du": date(2024, 3, 1), "au": date(2024, 3, 31)}
    en_mai = compter(journal, connu_le=datetime.combine(date(2024, 5, 1), time(12), UTC), **mars)
    en_juin = compter(journal, connu_le=tardive, **mars)
    assert [ligne.mise_a_disposition for ligne in en_mai.lignes] == [(), (), ()]
    assert en_juin.lignes[0].mise_a_disposition == ("V1",)


def test_deux_vacances_de_meme_histoire_ont_le_meme_compte() -> None:
    """Whoever the réservataires and candidates are, whenever it happened: the fact is the normalised history (E9)."""
    histoires = []
    for qui, candidat, jour in (("A", "c1", 1), ("ville", "k9", 12)):
        journal = evenements(
            [
                {"le": date(2024, 1, jour), "type": "conge_recu"},
                {"le": date(2024, 2, jour), "type": "mise_a_disposition", "reservataire": qui},
                {
                    "le": date(2024, 3, jour),
                    "type": "designation",
                    "reservataire": qui,
                    "candidats": [candidat],
                },
            ]
        )
        normalise = historique_normalise(journal)
        assert normalise.reservataires == (qui,)
        assert normalise.dates == tuple(date(2024, mois, jour) for mois in (1, 2, 3))
        histoires.append(normalise.historique)
    assert histoires[0] == histoires[1]
    assert decompter(histoires[0], (Regime(),)).valeur is decompter(histoires[1], (Regime(),)).valeur


def test_un_motif_inconnu_se_dit() -> None:
    """In a journal nobody controlled."""
    journal = evenements(
        [
            {"le": date(2024, 2, 20), "type": "conge_recu"},
            {"le": date(2024, 3, 1), "type": "mise_a_disposition", "reservataire": "A"},
            {"le": date(2024, 3, 2), "type": "retrait", "reservataire": "A", "motif": "erreur"},
        ]
    )
    with pytest.raises(MotifInconnu, match="« erreur » n'existe pas ; motifs : sans_reponse"):
        compter(journal)


def test_les_cles_d_un_dossier() -> None:
    """What a convention says of the account (D30), and what a cadre does."""
    lues = clauses_du_dossier(
        {
            "code": "als",
            "type": "action_logement",
            "gestion": "mixte",
            "part_requalifiee": "30 %",
            "etape": "entree",
            "validation": {"delai": 5, "silence": "vaut_validation"},
            "reinjection": "toutes",
            "mutation_presentee_par_reservataire": "reservataire",
            "irregularites_ecartees": ["reponse_tardive"],
        }
    )
    assert (lues.gestion, lues.silence, str(lues.part_requalifiee)) == ("mixte", "vaut_validation", "3/10")
    assert (lues.mutation, lues.ecartees) == ("reservataire", ("reponse_tardive",))
    assert clauses_du_dossier({"code": "a", "type": "autre"}).part_requalifiee is None
    lue = methode_du_cadre(cadre_livre("paca-2024"))
    assert lue.silence == "ne_vaut_pas"
    assert lue.textes["etape"] == "s3"
