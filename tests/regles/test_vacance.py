"""The journal of a vacance: what is in force after rectifications, what is refused, what is set aside."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from constructeur import evenements
from depot import PARTITEUR, toml

from partiteur.regles.socle import bareme
from partiteur.regles.vacance import (
    Evenement,
    Limites,
    Organisation,
    candidats,
    effectifs,
    etat_vacance,
    historique_normalise,
    retenir,
    tenir,
)

OUVERTURE = {"le": date(2024, 2, 20), "type": "conge_recu"}
OFFRE = {"le": date(2024, 3, 1), "type": "mise_a_disposition", "reservataire": "A"}
RETRAIT = {"le": date(2024, 3, 5), "type": "retrait", "reservataire": "A"}


def rectifier(annule: str, remplace: dict[str, Any] | None = None) -> dict[str, Any]:
    """A rectification of 1 June."""
    return {"le": date(2024, 6, 1), "type": "rectification", "annule": annule, "remplace": remplace}


def en_vigueur(*donnes: dict[str, Any]) -> list[tuple[str, str]]:
    """Identifier and type of the events in force."""
    return [(e.evenement, e.type) for e in effectifs(evenements(donnes))]


def codes(*donnes: dict[str, Any], **cles: Any) -> list[str]:
    """The refusals of a journal."""
    return [refus.code for refus in tenir(evenements(donnes), **cles).refus]


# --- rectifications


def test_un_evenement_annule_n_est_plus_la() -> None:
    """The rectification itself is no fact of the vacance."""
    assert en_vigueur(OUVERTURE, OFFRE, rectifier("e2")) == [("e1", "conge_recu")]


def test_un_remplacant_prend_la_place() -> None:
    """It bears the identifier of its rectification, and can be rectified in its turn."""
    remplace = {"type": "mise_a_disposition", "date_effet": "2024-03-02", "reservataire": "B"}
    journal = evenements([OUVERTURE, OFFRE, RETRAIT, rectifier("e2", remplace)])
    assert [(e.evenement, e.reservataire) for e in effectifs(journal)] == [
        ("e1", None),
        ("e4", "B"),
        ("e3", "A"),
    ]
    nouveau = effectifs(journal)[1]
    assert nouveau.date_effet == date(2024, 3, 2)
    assert nouveau.date_saisie == journal[3].date_saisie
    encore = rectifier("e4", {"type": "mise_a_disposition", "reservataire": "C"})
    suivants = effectifs(evenements([OUVERTURE, OFFRE, RETRAIT, rectifier("e2", remplace), encore]))
    assert [(e.evenement, e.reservataire) for e in suivants][1] == ("e5", "C")
    assert suivants[1].date_effet == OFFRE["le"]


def test_annuler_une_rectification_retablit_ce_qu_elle_annulait() -> None:
    """And cancelling that again restores the first rectification."""
    assert en_vigueur(OUVERTURE, OFFRE, rectifier("e2"), rectifier("e3")) == en_vigueur(OUVERTURE, OFFRE)
    trois = en_vigueur(OUVERTURE, OFFRE, rectifier("e2"), rectifier("e3"), rectifier("e4"))
    assert trois == en_vigueur(OUVERTURE)


def test_de_deux_rectifications_du_meme_evenement_la_derniere_tient() -> None:
    """In a journal nobody controlled: `tenir` refuses the second."""
    premiere = rectifier("e2", {"type": "mise_a_disposition", "reservataire": "B"})
    assert en_vigueur(OUVERTURE, OFFRE, premiere, rectifier("e2")) == [("e1", "conge_recu")]
    assert codes(OUVERTURE, OFFRE, premiere, rectifier("e2")) == ["rectification_sans_objet"]


def test_une_rectification_de_rien_ou_d_elle_meme_ne_fait_rien() -> None:
    """Nor does it loop."""
    assert en_vigueur(OUVERTURE, rectifier("e9", {"type": "retrait"})) == en_vigueur(OUVERTURE)
    assert en_vigueur(OUVERTURE, rectifier("e2")) == en_vigueur(OUVERTURE)


def test_une_rectification_vaut_des_qu_elle_est_connue() -> None:
    """Made in June of an event of March, it mends the account at 31 March as known in June, not as known in May."""
    journal = evenements([OUVERTURE, OFFRE, rectifier("e2")])
    au = date(2024, 3, 31)
    assert len(retenir(journal, au, datetime.combine(date(2024, 5, 1), time(12), UTC))) == 2
    assert len(retenir(journal, au, None)) == 1


# --- tenir


def test_un_journal_garde_ce_qui_peut_etre_et_dit_ce_qui_ne_le_peut_pas() -> None:
    """What follows a refusal is judged without it."""
    bail = {"le": date(2024, 4, 2), "type": "bail_signe", "candidat": "c1"}
    tenue = tenir(evenements([OFFRE, OUVERTURE, OFFRE, bail, bail]))
    assert [e.evenement for e in tenue.inscrits] == ["e2", "e3", "e4"]
    assert [(r.evenement, r.code) for r in tenue.refus] == [("e1", "vacance_inconnue"), ("e5", "deux_baux")]
    assert tenue.refus[0].phrase == "la vacance « V1 » n'a pas été ouverte ; inscrivez d'abord son ouverture."
    assert tenue.irregularites == {"e4": ("bail_sans_attribution", "bail_candidat_non_designe")}


def test_un_identifiant_ne_sert_qu_une_fois() -> None:
    """Whatever the vacance."""
    assert codes(OUVERTURE, {**OUVERTURE, "vacance": "V2", "evenement": "e1"}) == ["evenement_en_double"]


def test_une_rectification_ne_defait_pas_la_vacance() -> None:
    """Cancelling the opening would leave a mise à disposition on nothing."""
    tenue = tenir(evenements([OUVERTURE, OFFRE, rectifier("e1")]))
    assert tenue.refus[0].code == "rectification_impossible"
    assert tenue.refus[0].phrase.startswith(
        "une fois rectifiée, la vacance ne se tient plus : la vacance « V1 »"
    )


def test_apres_une_rectification_la_vacance_reprend_ou_elle_en_est() -> None:
    """A lease cancelled may be signed again; a rectification may be cancelled too."""
    bail = {"le": date(2024, 4, 2), "type": "bail_signe"}
    assert codes(OUVERTURE, bail, rectifier("e2"), bail) == []
    assert codes(OUVERTURE, bail, rectifier("e2"), rectifier("e3"), bail) == ["deux_baux"]


def test_ce_qu_une_rectification_annule_n_est_plus_irregulier() -> None:
    """Nor is the rectification itself, after the close; what it puts in place is judged as if it had been there."""
    deux = {"le": date(2024, 3, 4), "type": "designation", "reservataire": "A", "candidats": ["c1", "c2"]}
    close = {"le": date(2024, 4, 2), "type": "vacance_close", "issue": "relouee"}
    faits = [OUVERTURE, OFFRE, deux, close]
    assert tenir(evenements(faits)).irregularites == {"e3": ("candidats_insuffisants",)}
    trois = {
        "type": "designation",
        "date_effet": "2024-03-04",
        "reservataire": "A",
        "donnees": {"candidats": ["c1", "c2", "c3"]},
    }
    assert tenir(evenements([*faits, rectifier("e3", trois)])).irregularites == {}
    un = {**trois, "donnees": {"candidats": ["c1"]}}
    assert tenir(evenements([*faits, rectifier("e3", un)])).irregularites == {
        "e5": ("candidats_insuffisants",)
    }
    rejuges = tenir(evenements([*faits, rectifier("e3", trois), rectifier("e5")])).irregularites
    assert rejuges == {"e3": ("candidats_insuffisants",)}


def test_chacun_n_ecrit_que_ce_qui_lui_revient() -> None:
    """By SIREN; an author nobody knows may write nothing."""
    organisations = {
        "999000101": Organisation("bailleur", "bailleur"),
        "999000202": Organisation("A", "commune"),
    }
    reponse = {"le": date(2024, 3, 2), "type": "validation", "reservataire": "A", "auteur": "999000202:4"}
    inconnu = {**reponse, "auteur": "999000303"}
    assert codes(OUVERTURE, OFFRE, reponse, inconnu, organisations=organisations) == ["auteur_sans_droit"]


def test_les_delais_d_une_mise_a_disposition() -> None:
    """Looked at where they are given, by the identifier of the mise à disposition in force."""
    reponse = {"le": date(2024, 3, 11), "type": "validation", "reservataire": "A"}
    designation = {
        "le": date(2024, 3, 12),
        "type": "designation",
        "reservataire": "A",
        "candidats": ["c1", "c2", "c3"],
    }
    journal = evenements([OUVERTURE, OFFRE, reponse, designation])
    limites = {"e2": Limites(date(2024, 3, 8), date(2024, 3, 11))}
    assert tenir(journal, limites=limites).irregularites == {
        "e3": ("reponse_tardive",),
        "e4": ("designation_tardive",),
    }
    assert tenir(journal).irregularites == {}


# --- état


@pytest.mark.parametrize(
    ("statut", "suite"),
    [
        ("ouverte", []),
        ("orientee", [{"type": "orientation", "destination": "non_reserve"}]),
        ("mise_a_disposition", [OFFRE]),
        ("orientee", [OFFRE, {"type": "declinaison", "reservataire": "A"}]),
        ("orientee", [OFFRE, {"type": "retrait"}]),
        ("mise_a_disposition", [OFFRE, {"type": "retrait", "reservataire": "B"}]),
        ("mise_a_disposition", [OFFRE, {"type": "validation", "reservataire": "B"}]),
        ("candidats_proposes", [{"type": "designation", "candidats": ["c1"]}]),
        ("ouverte", [{"type": "reponse_candidat", "candidat": "c1", "reponse": "accepte"}]),
        (
            "candidats_proposes",
            [
                OFFRE,
                {"type": "designation", "reservataire": "A", "candidats": ["c1", "c2"]},
                {"type": "decision_caleol", "candidat": "c1", "decision": "non_attribution"},
            ],
        ),
        ("attribuee", [{"type": "decision_caleol", "decision": "attribution"}]),
        ("louee", [{"type": "bail_signe"}]),
        (
            "louee",
            [{"type": "bail_signe"}, {"type": "imputation", "base": "dalo"}, {"type": "requalification"}],
        ),
        ("close", [{"type": "vacance_close", "issue": "vendue"}]),
        ("annulee", [{"type": "vacance_close", "issue": "annulee"}]),
        ("annulee", [{"type": "conge_retracte"}]),
    ],
)
def test_statut(statut: str, suite: list[dict[str, Any]]) -> None:
    """The state is a fold of the events."""
    jours = [{"le": date(2024, 3, 10), **fait} for fait in suite]
    assert etat_vacance(evenements([OUVERTURE, *jours])).statut == statut


def test_sans_evenement_la_vacance_est_inconnue() -> None:
    """Nothing is presumed."""
    assert etat_vacance(()).statut == "inconnue"


# --- histoire normalisée


def normaliser(*donnes: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The facts of a history, in short."""
    faits = historique_normalise(evenements([{"le": date(2024, 3, 1), **d} for d in donnes])).historique.faits
    return [(f.type, f.reservataire, f.valeur, f.candidats) for f in faits]


def test_chaque_fait_garde_ce_qui_le_qualifie() -> None:
    """Codes only: réservataires and candidates are numbers by first appearance."""
    assert normaliser(
        {"type": "conge_recu"},
        {"type": "orientation", "destination": "reservataire:B"},
        {"type": "orientation", "destination": "hors_flux:defense_securite"},
        {"type": "orientation"},
        {"type": "mise_a_disposition", "reservataire": "A"},
        {"type": "inscription_caleol", "candidat": "c1"},
        {
            "type": "designation",
            "reservataire": "A",
            "candidats": ["c7", {"candidat": "c8", "origine": "autre"}],
        },
        {"type": "delai_expire", "reservataire": "A", "delai": "validation"},
        {"type": "decision_caleol", "candidat": "c8", "decision": "attribution_rang", "rang": 2},
        {"type": "decision_caleol", "candidat": "c7", "decision": "attribution_rang", "rang": 1},
        {"type": "decision_caleol", "candidat": "c7", "decision": "condition_suspensive"},
        {"type": "decision_caleol", "candidat": "c7", "decision": "non_attribution"},
        {"type": "reponse_candidat", "candidat": "c7", "reponse": "refuse", "proposition": "adaptee"},
        {"type": "bail_signe", "destination": "reservataire:B"},
        {"type": "bail_signe", "menage": {"deja_locataire": "autre"}},
    ) == [
        ("vacance_ouverte", 0, "conge", ()),
        ("orientation", 1, "reservataire", ()),
        ("orientation", 0, "hors_flux:defense_securite", ()),
        ("orientation", 0, None, ()),
        ("mise_a_disposition", 2, None, ()),
        ("designation", 2, None, (1, 2)),
        ("delai_expire", 2, "validation", ()),
        ("decision_caleol", 0, "attribution_rang", (2,)),
        ("decision_caleol", 0, "attribution", (1,)),
        ("decision_caleol", 0, "attribution", (1,)),
        ("decision_caleol", 0, "non_attribution", (1,)),
        ("reponse_candidat", 0, "refuse:adaptee", (1,)),
        ("bail_signe", 1, "destination:reservataire", ()),
        ("bail_signe", 0, "exterieur", ()),
    ]


def test_le_qpv_vient_de_l_ouverture_sinon_du_parc() -> None:
    """Unknown is None."""
    sans = evenements([OUVERTURE])
    assert historique_normalise(sans).historique.qpv is None
    assert historique_normalise(sans, qpv=True).historique.qpv is True
    assert historique_normalise(evenements([{**OUVERTURE, "qpv": False}]), qpv=True).historique.qpv is False


def test_les_irregularites_trouvees_et_portees_se_joignent() -> None:
    """Each code once."""
    journal = evenements([OUVERTURE, {**OFFRE, "irregularite": "offre_simultanee"}])
    faits = historique_normalise(journal, {"e2": ("offre_simultanee", "qpv_sans_maire")}).historique.faits
    assert faits[1].irregularites == ("offre_simultanee", "qpv_sans_maire")


def test_l_origine_d_un_candidat_est_la_sienne_sinon_celle_de_tous() -> None:
    """D31."""
    (designation,) = evenements(
        [
            {
                "le": date(2024, 3, 1),
                "type": "designation",
                "origine": "reservataire",
                "candidats": [1, {"candidat": "c2", "origine": "autre"}, {"candidat": "c3"}],
            }
        ]
    )
    assert list(candidats(designation)) == [("1", "reservataire"), ("c2", "autre"), ("c3", "reservataire")]


# --- les barèmes se tiennent


def test_les_codes_du_journal_sont_ceux_de_la_chaine() -> None:
    """What may enter the chain and what the law knows are the same closed codes."""
    forme = toml(PARTITEUR / "moteur/journal/forme.toml")
    types = {t for t, ligne in bareme("evenements")["types"].items() if not ligne.get("reserve")}
    assert set(forme["types"]) == types
    choix = forme["choix"]
    assert set(choix["base"]) == set(bareme("evenements")["imputations"])
    assert set(choix["relogement"]) == set(bareme("evenements")["relogements"]) - {"texte"}
    for type_, cles in bareme("evenements")["donnees"].items():
        if type_ != "texte":
            for cle, admises in cles.items():
                assert choix[forme["types"][type_][cle].split()[1]] == admises


def test_chaque_motif_a_une_imputabilite_connue() -> None:
    """The five of D25, those a cadre may neutralise."""
    imputables = {"reservataire", "bailleur", "candidat", "commission", "force_majeure"}
    assert {ligne["imputable"] for ligne in bareme("motifs")["motifs"].values()} == imputables
    assert set(bareme("motifs")["neutralise"]["imputabilites"]) < imputables


def test_evenement_sans_donnees() -> None:
    """Nothing said is an empty table."""
    instant = datetime.combine(date(2024, 3, 1), time(12), UTC)
    assert Evenement("e1", "V1", "offre", date(2024, 3, 1), instant, "999000101:1").donnees == {}
