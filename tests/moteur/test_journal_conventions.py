"""What a dossier says of an account: who may write, the délais with the holidays of the place, zone tendue."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from poche_journal import ecrire, evenement, lignes

from partiteur.moteur.feries import feries
from partiteur.moteur.journal import (
    Conventions,
    compter,
    conventions_du_dossier,
    ecrire_journal,
    enchainer,
    lire_journal,
)
from partiteur.moteur.journal.conventions import DossierEtranger
from partiteur.moteur.journal.forme import textes
from partiteur.regles.vacance import Evenement, Limites

DOSSIER = """cadre = "droit-commun"
exercice = 2024
[bailleur]
nom = "B"
{siren}
[territoire]
echelle = "departement"
code = "67"
[parc]
total = 100
{suite}
[[reservataires]]
code = "A"
type = "commune"
{a}
[[reservataires]]
code = "P"
type = "etat_prioritaires"
siren = "999000201"
[[reservataires]]
code = "F"
type = "etat_fonctionnaires"
siren = "999000201"
"""
CINQ_JOURS = 'delais = { reponse = "5 jours ouvrés", designation_preavis_1_mois = "10 jours calendaires" }'


def conventions(tmp_path: Path, faits: list[Evenement], **cles: str) -> Conventions:
    """Those of a journal and of the dossier above."""
    dites = {"siren": 'siren = "999000102"', "suite": "", "a": "", **cles}
    (tmp_path / "dossier.toml").write_text(DOSSIER.format(**dites))
    journal = lire_journal(ecrire(tmp_path / "j.csv", lignes(faits)))
    return conventions_du_dossier(tmp_path / "dossier.toml", journal)


def offerte(commune: str = "67482", le: date = date(2024, 3, 25), **donnees: object) -> list[Evenement]:
    """A dwelling offered to A."""
    return [
        evenement(1, "conge_recu", donnees={"commune": commune, "preavis_mois": 1}),
        evenement(2, "mise_a_disposition", reservataire="A", date_effet=le, donnees=donnees),
    ]


def test_les_feries_du_lieu() -> None:
    """Good Friday and 26 December in Alsace-Moselle, the abolition of slavery overseas, the country's elsewhere."""
    vendredi_saint, saint_etienne = date(2024, 3, 29), date(2024, 12, 26)
    for code in ("67482", "68066", "57463"):
        assert {vendredi_saint, saint_etienne} <= feries(code, 2024)
    abolitions = {"97105": (5, 27), "97209": (5, 22), "97302": (6, 10), "97411": (12, 20), "97608": (4, 27)}
    for code, (mois, jour) in abolitions.items():
        assert date(2024, mois, jour) in feries(code, 2024)
    assert len(feries("31555", 2024)) == 11
    assert feries(None, 2024) == feries("31555", 2024)


@pytest.mark.parametrize(("commune", "terme"), [("67482", date(2024, 4, 3)), ("31555", date(2024, 4, 2))])
def test_un_delai_saute_les_feries_du_logement(tmp_path: Path, commune: str, terme: date) -> None:
    """Five open days from Monday 25 March 2024: Easter Monday everywhere, Good Friday in Alsace."""
    lues = conventions(tmp_path, offerte(commune), a=CINQ_JOURS)
    assert lues.contexte.limites == {"E2": Limites(terme, date(2024, 4, 4))}
    assert "Zone tendue inconnue pour 1 mises à disposition" in lues.remarques[-1]


def test_une_reponse_tardive_est_inscrite_et_dite(tmp_path: Path) -> None:
    """Only where a convention gives a délai; the first day late is."""
    for jour, attendu in ((3, {}), (4, {"reponse_tardive": ("V1",)})):
        reponse = evenement(3, "validation", reservataire="A", date_effet=date(2024, 4, jour))
        faits = [*offerte(), reponse]
        lues = conventions(tmp_path, faits, a=CINQ_JOURS)
        assert compter(lire_journal(tmp_path / "j.csv"), lues.contexte).irregularites == attendu
        sans = conventions(tmp_path, faits)
        assert sans.contexte.limites == {}
        assert compter(lire_journal(tmp_path / "j.csv"), sans.contexte).irregularites == {}


SILENCE = 'validation = { delai = 5, unite = "calendaires", silence = "vaut_validation" }'
TERME = date(2024, 3, 30)  # five days after the 25th


def validees(
    tmp_path: Path, faits: list[Evenement], au: date | None, du: date | None = None, **cles: Any
) -> int:
    """How many vacances A validated, by itself or by its silence."""
    a = cles.pop("a", SILENCE)
    lues = conventions(tmp_path, faits, a=a)
    compte = compter(lire_journal(tmp_path / "j.csv"), lues.contexte, du, au, **cles)
    assert compte.refuses == 0
    assert not set(compte.irregularites) - {"reponse_tardive"}
    return next(len(ligne.validee) for ligne in compte.decompte.lignes if ligne.code == "A")


def test_le_silence_vaut_validation_ou_la_convention_le_dit(tmp_path: Path) -> None:
    """At the term, with nobody writing it, and once it is past; by default it is worth nothing (D47)."""
    lendemain = TERME + timedelta(days=1)
    assert validees(tmp_path, offerte(), lendemain) == 1
    assert validees(tmp_path, offerte(), TERME) == 0
    assert validees(tmp_path, offerte(), None) == 0
    assert validees(tmp_path, offerte(), lendemain, du=lendemain) == 0
    assert validees(tmp_path, offerte(), lendemain, a=SILENCE.replace("vaut_validation", "ne_vaut_pas")) == 0
    veille = datetime(2024, 3, 30, 12, tzinfo=UTC)
    assert validees(tmp_path, offerte(), lendemain, connu_le=veille) == 0
    designe = evenement(
        3, "designation", reservataire="A", date_effet=lendemain, donnees={"candidats": ["c1", "c2", "c3"]}
    )
    assert validees(tmp_path, [*offerte(), designe], lendemain, du=lendemain) == 0
    avance = {"type": "mise_a_disposition", "date_effet": "2024-03-27", "reservataire": "A"}
    rectifiee = evenement(3, "rectification", donnees={"annule": "E2", "remplace": avance})
    assert validees(tmp_path, [*offerte(), rectifiee], lendemain) == 0
    assert validees(tmp_path, [*offerte(), rectifiee], date(2024, 4, 2)) == 1


@pytest.mark.parametrize(
    ("type_", "qui", "retard", "valide"),
    [
        ("declinaison", "A", 0, 0),
        ("declinaison", "A", 1, 1),
        ("delai_expire", "A", 0, 0),
        ("retrait", "A", 0, 0),
        ("retrait", None, 0, 0),
        ("retrait", "P", 0, 1),
        ("conge_retracte", None, 0, 0),
        ("vacance_close", None, 0, 0),
        ("vacance_close", None, 1, 1),
        ("inscription_caleol", None, 0, 1),
    ],
)
def test_ce_qui_vient_avant_le_terme_rompt_le_silence(
    tmp_path: Path, type_: str, qui: str | None, retard: int, valide: int
) -> None:
    """The réservataire's own answer, or what takes the dwelling from it."""
    fait = evenement(3, type_, reservataire=qui, date_effet=TERME + timedelta(days=retard))
    assert validees(tmp_path, [*offerte(), fait], date(2024, 4, 10)) == valide


def test_un_delai_part_de_ce_que_l_evenement_en_dit(tmp_path: Path) -> None:
    """Received later than sent; a mise à disposition put in place by a rectification has its own terms."""
    delais = 'delais = { depart = "reception", reponse = "2 jours calendaires" }'
    remplace = {"type": "mise_a_disposition", "date_effet": "2024-05-02", "reservataire": "A"}
    faits = [
        *offerte(reception="2024-04-10"),
        evenement(3, "rectification", donnees={"annule": "E2", "remplace": remplace}),
        evenement(4, "rectification", donnees={"annule": "E3", "remplace": None}),
    ]
    lues = conventions(tmp_path, faits, a=delais)
    assert lues.contexte.limites == {"E2": Limites(date(2024, 4, 12)), "E3": Limites(date(2024, 5, 4))}


def test_le_mois_legal_en_zone_tendue(tmp_path: Path) -> None:
    """A maximum from the day given; none elsewhere once the list is complete."""
    delais = 'delais = { designation_preavis_1_mois = "2 mois" }'
    zone = "[zone_tendue]\ncommunes = { 67482 = 2024-01-01 }\ncomplet = true"
    for commune, le, terme in (
        ("67482", date(2024, 3, 25), date(2024, 4, 25)),
        ("67482", date(2023, 12, 25), date(2024, 2, 25)),
        ("31555", date(2024, 3, 25), date(2024, 5, 25)),
    ):
        lues = conventions(tmp_path, offerte(commune, le), a=delais, suite=zone)
        assert lues.contexte.limites == {"E2": Limites(None, terme)}
        assert not [r for r in lues.remarques if "Zone tendue" in r]


def test_un_premier_logement_et_un_reservataire_sans_delai(tmp_path: Path) -> None:
    """A first letting has its own délai; who has none is not looked at."""
    faits = [
        evenement(1, "vacance_ouverte", donnees={"origine": "premiere_location"}),
        evenement(2, "mise_a_disposition", reservataire="A"),
        evenement(3, "mise_a_disposition", reservataire="P"),
        evenement(4, "conge_recu", "V2"),
        evenement(5, "mise_a_disposition", "V2", reservataire="A"),
    ]
    lues = conventions(tmp_path, faits, a='delais = { designation_neuf = "1 mois" }')
    assert lues.contexte.limites == {"E2": Limites(None, date(2024, 2, 2)), "E5": Limites()}


def test_qui_peut_ecrire(tmp_path: Path) -> None:
    """A SIREN may bear two contingents; one that the dossier does not know may be A, whose SIREN is missing."""
    faits = [
        *offerte(le=date(2024, 1, 2)),
        evenement(3, "validation", reservataire="A", auteur="999000404:1"),
        evenement(4, "mise_a_disposition", reservataire="F"),
        evenement(5, "validation", reservataire="F", auteur="999000201:1"),
        evenement(6, "validation", reservataire="F", auteur="999000404:1"),
        evenement(7, "bail_signe", auteur="999000201:1"),
        evenement(8, "mise_a_disposition", reservataire="H"),
        evenement(9, "validation", reservataire="H", auteur="999000404:1"),
    ]
    lues = conventions(tmp_path, faits)
    compte = compter(lire_journal(tmp_path / "j.csv"), lues.contexte)
    assert [(r.evenement, r.code) for r in compte.refus] == [
        ("E6", "auteur_sans_droit"),
        ("E7", "auteur_sans_droit"),
    ]
    assert lues.remarques == (
        "Auteurs que le dossier n'identifie pas : 999000404 ; ils sont tenus pour l'un des réservataires dont « siren » "
        "manque.",
    )
    tous = conventions(tmp_path, faits, a='siren = "999000303"')
    refus = compter(lire_journal(tmp_path / "j.csv"), tous.contexte).refus
    assert [r.evenement for r in refus] == ["E3", "E6", "E7"]


def test_le_bailleur_du_journal(tmp_path: Path) -> None:
    """The chain is named after its bailleur: another's dossier is refused; without any SIREN, rights are not looked at."""
    faits = offerte()
    assert conventions(tmp_path, faits, siren="").contexte.organisations is not None
    with pytest.raises(DossierEtranger, match="donnez le dossier de ce bailleur"):
        conventions(tmp_path, faits, siren='siren = "999000300"')
    ecrire_journal(tmp_path / "k.csv", enchainer("ma-chaine", map(textes, faits)))
    lues = conventions_du_dossier(tmp_path / "dossier.toml", lire_journal(tmp_path / "k.csv"))
    assert lues.contexte.organisations is not None
    (tmp_path / "dossier.toml").write_text(DOSSIER.format(siren="", suite="", a=""))
    sans = conventions_du_dossier(tmp_path / "dossier.toml", lire_journal(tmp_path / "k.csv"))
    assert sans.contexte.organisations is None
    assert "le droit des auteurs n'est pas vérifié" in sans.remarques[0]
