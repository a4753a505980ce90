"""The account of one vacance, fact by fact: turns, failures, who signs, where the dwelling goes."""

from datetime import date, timedelta
from typing import Any

import pytest
from constructeur import evenements

from partiteur.regles.decompte import Decompte, Regime, decompte, decompter
from partiteur.regles.socle import bareme
from partiteur.regles.vacance import Evenement, historique_normalise

ETAPES = tuple(bareme("decompte")["etapes"]["ordre"])


def compter(journal: tuple[Evenement, ...], **bornes: Any) -> Decompte:
    """The account of a journal under the default regime."""
    valeur: Decompte = decompte(journal, {}, **bornes).valeur
    return valeur


def comptes(*donnes: dict[str, Any], regime: Regime | None = None) -> list[tuple[Any, ...]]:
    """Statut, stages and motif of each account of one vacance, its events a day apart, controlled by nobody."""
    jours = [{"le": date(2024, 3, 1) + timedelta(days=n), **d} for n, d in enumerate(donnes)]
    normalise = historique_normalise(evenements(jours))
    regimes = tuple(regime or Regime() for _ in normalise.reservataires)
    valeur = decompter(normalise.historique, regimes).valeur
    return [(c.statut, [e for e, _ in c.etapes], c.motif) for c in valeur.comptes]


OUVERTE = {"type": "conge_recu"}
A = {"type": "mise_a_disposition", "reservataire": "A"}
DESIGNE = {"type": "designation", "reservataire": "A", "candidats": ["c1"]}
ATTRIBUE = {"type": "decision_caleol", "candidat": "c1", "decision": "attribution"}
BAIL = {"type": "bail_signe", "candidat": "c1"}
TOUT = list(ETAPES)


def test_des_faits_qui_ne_visent_personne_ne_comptent_pas() -> None:
    """Nor do they fail: an answer without an offer, a candidate nobody knows."""
    assert comptes(OUVERTE, {"type": "orientation"}, {"type": "mise_a_disposition"}) == []
    assert comptes(OUVERTE, {"type": "validation", "reservataire": "A"}) == []
    assert (
        comptes(
            OUVERTE,
            {"type": "designation", "candidats": ["c1"]},
            ATTRIBUE,
            {"type": "offre", "candidat": "c1"},
        )
        == []
    )
    perdu = {"type": "reponse_candidat", "candidat": "c1", "reponse": "refuse"}
    assert comptes(OUVERTE, perdu, {"type": "decision_caleol", "decision": "non_attribution"}) == []
    assert comptes(OUVERTE, {"type": "requalification", "reservataire": "A"}) == [("en_attente", [], None)]


def test_le_delai_de_validation_expire() -> None:
    """An agreement where silence is one, a failure elsewhere."""
    expire = {"type": "delai_expire", "reservataire": "A", "delai": "validation"}
    valant = Regime(silence="vaut_validation")
    assert comptes(OUVERTE, A, expire, regime=valant) == [("compte", TOUT[:2], None)]
    assert comptes(OUVERTE, A, expire) == [("compte", TOUT[:1], "delai_expire")]


def test_un_refus_sans_candidat_nomme_perd_tous_les_candidats() -> None:
    """And a motif the decision gives is kept."""
    refus = {"type": "decision_caleol", "reservataire": "A", "decision": "non_attribution"}
    assert comptes(OUVERTE, A, DESIGNE, refus) == [("neutralise", [], "refus_caleol")]
    manque = {**refus, "motif": "piece_manquante"}
    assert comptes(OUVERTE, A, DESIGNE, manque) == [("compte", TOUT[:3], "piece_manquante")]


def test_un_refus_non_qualifie_compte() -> None:
    """Nobody said whether the proposal was adapted; the offer accepted is an attribution."""
    refus = {"type": "reponse_candidat", "candidat": "c1", "reponse": "refuse"}
    assert comptes(OUVERTE, A, DESIGNE, ATTRIBUE, refus) == [("compte", TOUT[:4], "refus_candidat")]
    rang = {**ATTRIBUE, "decision": "attribution_rang", "rang": 2}
    accepte = {**refus, "reponse": "accepte"}
    assert comptes(OUVERTE, A, DESIGNE, rang) == [("compte", TOUT[:3], None)]
    assert comptes(OUVERTE, A, DESIGNE, rang, accepte) == [("compte", TOUT[:4], None)]


def test_un_retrait_general_n_atteint_que_ce_qui_tenait_encore() -> None:
    """A had declined: that remains its motif."""
    decline = {"type": "declinaison", "reservataire": "A"}
    b = {"type": "mise_a_disposition", "reservataire": "B"}
    assert comptes(OUVERTE, A, decline, b, {"type": "retrait"}) == [
        ("compte", TOUT[:1], "declinaison"),
        ("neutralise", [], "retrait_bailleur"),
    ]


def test_un_candidat_suffit_a_faire_compter() -> None:
    """One refused by the commission, one who gave up: the whole turn counts; both refused: it is neutralised."""
    deux = {"type": "designation", "reservataire": "A", "candidats": ["c1", "c2"]}
    non = {"type": "decision_caleol", "candidat": "c1", "decision": "non_attribution"}
    autre = {
        "type": "decision_caleol",
        "candidat": "c2",
        "decision": "non_attribution",
        "motif": "desistement",
    }
    assert comptes(OUVERTE, A, deux, autre, non) == [("compte", TOUT[:3], "desistement")]
    assert comptes(OUVERTE, A, deux, non, {**non, "candidat": "c2"}) == [("neutralise", [], "refus_caleol")]


def test_ce_que_la_convention_ecarte_n_atteint_pas_son_etape() -> None:
    """Each stage at its turn; the lease is signed all the same."""
    ecarte = Regime(ecartees=("saisie_apres_cloture",))
    tard = {"irregularite": "saisie_apres_cloture"}
    valide = {"type": "validation", "reservataire": "A", **tard}
    assert comptes(OUVERTE, A, valide, regime=ecarte) == [("compte", TOUT[:1], None)]
    assert comptes(OUVERTE, A, DESIGNE, {**ATTRIBUE, **tard}, regime=ecarte) == [("compte", TOUT[:3], None)]
    assert comptes(OUVERTE, A, DESIGNE, ATTRIBUE, {**BAIL, **tard}, regime=ecarte) == [
        ("compte", TOUT[:4], None)
    ]


def test_qui_signe_quand_le_bail_ne_nomme_pas_son_candidat() -> None:
    """The réservataire it names, else the only one whose attribution holds; a third named as such, nobody."""
    sans_nom = {"type": "bail_signe"}
    assert comptes(OUVERTE, A, DESIGNE, ATTRIBUE, sans_nom) == [("compte", TOUT, None)]
    assert comptes(OUVERTE, A, sans_nom) == [("compte", TOUT[:1], "sans_reponse")]
    assert comptes(OUVERTE, A, {**sans_nom, "reservataire": "A"}) == [("compte", TOUT, None)]
    tiers = {**BAIL, "candidat": "c9", "reservataire": "A", "origine": "autre"}
    assert comptes(OUVERTE, A, tiers) == [("compte", TOUT[:1], "sans_reponse")]


def test_un_echec_laisse_a_lui_meme_se_presume() -> None:
    """From what is missing in the turn when the dwelling went elsewhere."""
    clos = {"type": "vacance_close"}
    valide = {"type": "validation", "reservataire": "A"}
    assert comptes(OUVERTE, A, clos)[0][2] == "sans_reponse"
    assert comptes(OUVERTE, A, valide, clos)[0][2] == "sans_candidat"
    assert comptes(OUVERTE, A, DESIGNE, clos)[0][2] == "echec_sans_motif"


def test_imputer_sur_le_bailleur_ne_laisse_d_attribution_a_personne() -> None:
    """The réservataire keeps its mise à disposition; the dwelling is not reserved."""
    au_bailleur = {"type": "imputation", "base": "cia"}
    assert comptes(OUVERTE, A, DESIGNE, ATTRIBUE, au_bailleur) == [("compte", TOUT[:3], None)]


def test_sans_mise_a_disposition_un_tour_commence_avec_ce_qu_on_en_sait() -> None:
    """In gestion directe with the designation; in gestion déléguée with the imputation, else the attribution."""
    delegue = Regime(gestion="deleguee")
    pour_compte = {**DESIGNE, "origine": "bailleur_pour_compte"}
    assert comptes(OUVERTE, pour_compte) == [("compte", TOUT[:3], None)]
    assert comptes(OUVERTE, pour_compte, regime=delegue) == [("en_attente", [], None)]
    assert comptes(OUVERTE, pour_compte, ATTRIBUE, regime=delegue) == [("compte", TOUT[:4], None)]
    decision = {**ATTRIBUE, "decision": "non_attribution"}
    ecarte = Regime(ecartees=("candidats_insuffisants",), neutralise=())
    irregulier = {**DESIGNE, "irregularite": "candidats_insuffisants"}
    assert comptes(OUVERTE, irregulier, decision, regime=ecarte) == [("en_attente", [], "refus_caleol")]


@pytest.mark.parametrize(("base", "comptent"), [("deleguee", ["B"]), ("dalo", ["A", "B"])])
def test_la_derniere_mise_a_disposition_peut_etre_une_imputation(base: str, comptent: list[str]) -> None:
    """Where the imputation moves the mise à disposition, the one before it is no longer the last."""
    impute = {"type": "imputation", "reservataire": "B", "base": base}
    lus = comptes(OUVERTE, A, impute, regime=Regime(reinjection="derniere"))
    assert [nom for nom, (statut, _, _) in zip("AB", lus, strict=True) if statut == "compte"] == comptent


@pytest.mark.parametrize(
    ("destination", "faits"),
    [
        (None, []),
        ("non_reserve", [{"type": "orientation", "destination": "non_reserve"}]),
        ("reservataire", [A]),
        (
            "hors_flux:sante",
            [{"type": "orientation", "destination": "hors_flux:sante"}, {"type": "bail_signe"}],
        ),
        ("soustrait:lhi", [{"type": "orientation", "destination": "soustrait:lhi"}, {"type": "bail_signe"}]),
        ("soustrait:vente", [{"type": "bail_signe", "destination": "soustrait:vente"}]),
        ("reservataire", [A, {"type": "bail_signe", "destination": "reservataire:A"}]),
        ("non_reserve", [A, {"type": "imputation", "base": "cia"}]),
        (
            "reservataire",
            [
                {"type": "imputation", "base": "dalo", "reservataire": "E"},
                {"type": "bail_signe", "menage": {"deja_locataire": "bailleur"}},
            ],
        ),
    ],
)
def test_destination(destination: str | None, faits: list[dict[str, Any]]) -> None:
    """The orientation, then the imputation or the household really housed (D22)."""
    jours = [{"le": date(2024, 3, 1), **fait} for fait in [OUVERTE, *faits]]
    normalise = historique_normalise(evenements(jours))
    valeur = decompter(normalise.historique, (Regime(),) * len(normalise.reservataires)).valeur
    assert (valeur.destination or (None,))[0] == destination


def test_hors_flux_et_periode() -> None:
    """What leaves the flux is listed by motif, in the period it entered; a journal may be read from a date."""
    journal = evenements(
        [
            {"le": date(2024, 2, 20), **OUVERTE},
            {"le": date(2024, 3, 1), "type": "orientation", "destination": "hors_flux:defense_securite"},
        ]
    )
    assert compter(journal).hors_flux == {"defense_securite": ("V1",)}
    assert compter(journal, du=date(2024, 3, 2)).hors_flux == {}
    assert compter(journal, du=date(2024, 3, 2)).vacances == ()


def test_deux_refus_sur_une_vacance_la_comptent_une_fois() -> None:
    """The unit of account is the vacance."""
    refus = {"type": "reponse_candidat", "reponse": "refuse", "proposition": "adaptee"}
    faits = [
        OUVERTE,
        A,
        DESIGNE,
        {**DESIGNE, "candidats": ["c2"]},
        {**refus, "candidat": "c1"},
        {**refus, "candidat": "c2"},
    ]
    journal = evenements([{"le": date(2024, 3, 1), **fait} for fait in faits])
    assert compter(journal).lignes[0].refus_adaptes == ("V1",)
