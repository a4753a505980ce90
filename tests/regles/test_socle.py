"""What every rule stands on: dated values, registered rules, and numbers read and written in French."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from partiteur.regles import socle
from partiteur.regles.assiette import assiette as regle_assiette
from partiteur.regles.repartition import plafond_etat, plafond_garanties
from partiteur.regles.rotation import RotationImpossible, definition
from partiteur.regles.socle import (
    REGLES,
    Avertissement,
    ErreurUtilisateur,
    HorsPeriode,
    avertir,
    bareme,
    citer,
    en_vigueur,
    fraction,
    interpretations,
    nombre,
    pourcentage,
    regle,
    taux,
    textes,
    version_en_vigueur,
)

PLAFONDS = ("etat", "fonctionnaires", "garanties")
VEILLE = "Aucune valeur de « {} » (barème plafonds_reservation) n'est en vigueur au 21/02/2020."


@pytest.fixture
def deux_taux(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that changed on 1 July 2022 and ended with 2023."""
    lignes: list[dict[str, Any]] = [
        {"du": date(2020, 1, 1), "au": date(2022, 7, 1), "taux": "20 %"},
        {"du": date(2022, 7, 1), "au": date(2024, 1, 1), "taux": "25 %"},
    ]
    monkeypatch.setattr(socle, "bareme", {"essai": {"taux": lignes}}.__getitem__)


@pytest.mark.parametrize(
    ("jour", "taux"),
    [
        (date(2020, 1, 1), "20 %"),
        (date(2022, 6, 30), "20 %"),
        (date(2022, 7, 1), "25 %"),
        (date(2023, 12, 31), "25 %"),
    ],
)
@pytest.mark.usefixtures("deux_taux")
def test_une_valeur_vaut_de_son_premier_jour_a_la_veille_de_la_suivante(jour: date, taux: str) -> None:
    """Periods are half-open: [du, au[."""
    assert en_vigueur("essai", "taux", jour)["taux"] == taux


@pytest.mark.parametrize(
    ("jour", "ecrit"), [(date(2019, 12, 31), "31/12/2019"), (date(2024, 1, 1), "01/01/2024")]
)
@pytest.mark.usefixtures("deux_taux")
def test_une_valeur_n_est_jamais_portee_hors_de_sa_periode(jour: date, ecrit: str) -> None:
    """Before the first day, from the last one on, the rule says that it has no value."""
    with pytest.raises(HorsPeriode) as erreur:
        en_vigueur("essai", "taux", jour)
    assert str(erreur.value) == f"Aucune valeur de « taux » (barème essai) n'est en vigueur au {ecrit}."
    assert isinstance(erreur.value, ErreurUtilisateur)


@pytest.mark.parametrize("cle", PLAFONDS)
def test_les_plafonds_du_flux_commencent_au_22_fevrier_2020(cle: str) -> None:
    """The decree's day, and the day before."""
    assert en_vigueur("plafonds_reservation", cle, date(2020, 2, 22))["taux"] in ("30 %", "5 %", "20 %")
    with pytest.raises(HorsPeriode) as erreur:
        en_vigueur("plafonds_reservation", cle, date(2020, 2, 21))
    assert str(erreur.value) == VEILLE.format(cle)


def test_avant_le_flux_les_regles_de_plafond_refusent() -> None:
    """No cap is guessed for a year before the decree."""
    with pytest.raises(HorsPeriode):
        plafond_etat({}, (), Fraction(0), date(2020, 2, 21))
    with pytest.raises(HorsPeriode):
        plafond_garanties({}, {}, date(2020, 2, 21))


@pytest.mark.parametrize("cle", PLAFONDS)
def test_aucun_trou_ni_double_dans_les_plafonds(cle: str) -> None:
    """From the first row on, each day has one value: a row begins where the one before ends, the last is open."""
    lignes = sorted(bareme("plafonds_reservation")[cle], key=lambda ligne: ligne["du"])
    fins = [ligne.get("au") for ligne in lignes]
    assert fins == [*(ligne["du"] for ligne in lignes[1:]), None]


def test_une_regle_s_enregistre_sous_son_nom_avec_ses_textes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its module's stem, its period and the first line of its docstring are read from it."""
    monkeypatch.setattr(socle, "REGLES", {})

    @regle("s1", "s3", du="2020-02-22", au="2024-01-01")
    def essai() -> None:
        """Dit quelque chose.

        And something else in English.
        """

    enregistree = socle.REGLES["essai"]
    assert enregistree.fonction is essai
    assert enregistree.textes == ("s1", "s3")
    assert (enregistree.du, enregistree.au) == (date(2020, 2, 22), date(2024, 1, 1))
    assert enregistree.resume == "Dit quelque chose."
    assert REGLES["assiette"].fonction is regle_assiette
    assert REGLES["assiette"].module == "assiette"
    assert REGLES["flux_a_repartir"].module == "flux"
    assert REGLES["assiette"].au is None


def test_une_regle_sans_docstring_n_a_pas_de_resume(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says nothing rather than fail."""
    monkeypatch.setattr(socle, "REGLES", {})
    regle("s1", du="2020-02-22")(essai_muet)
    assert socle.REGLES["essai_muet"].resume == ""


def essai_muet() -> None:
    return None


def test_les_resumes_des_regles_disent_le_droit_en_francais() -> None:
    """One full sentence each, that a sheet can print."""
    fautifs = [r.nom for r in REGLES.values() if not r.resume or not r.resume.rstrip().endswith(".")]
    assert fautifs == []


def test_les_periodes_des_regles_ne_sont_pas_vides() -> None:
    """A rule ends after it begins."""
    assert [r.nom for r in REGLES.values() if r.au is not None and r.au <= r.du] == []


def test_un_avertissement_dit_sa_gravite_sa_phrase_et_son_texte() -> None:
    """The sentence is complete, the text is its own unless another is given."""
    assert avertir("plafond_etat", part="35 %", plafond="30 %", excedent="50") == Avertissement(
        "plafond_etat",
        "illegal",
        "L'État aurait 35 % du flux, au-dessus du plafond de 30 % : sa part est publiée au plafond, "
        "l'excédent de 50 revient au non réservé.",
        "r441-5-2-plafond",
    )
    assert avertir("date_parc_inconnue", texte="s1").texte == "s1"
    assert avertir("double_deduction", phrase="conditionnel", categories="mutations et ANRU").message == (
        "Si la rotation donnée exclut déjà les libérations par mutations et ANRU, comme celle du cadre, "
        "elles sont soustraites deux fois."
    )


def test_les_textes_sont_dates_et_se_citent() -> None:
    """What a sheet prints, and when it was read."""
    assert citer("r441-5-soustraits") == "R441-5 I al. 5"
    assert all(isinstance(t["verifie_le"], date) and t["titre"] and t["cite"] for t in textes().values())
    assert {t["confiance"] for t in textes().values()} <= {"lu", "doctrine", "convention"}
    a_venir = [
        i for i, t in textes().items() if "version" in t and t["version"] > t["verifie_le"] + timedelta(1)
    ]
    assert a_venir == []


@pytest.mark.parametrize(
    ("ecrit", "exact"),
    [
        ("20 %", Fraction(1, 5)),
        ("20%", Fraction(1, 5)),
        ("1,37 %", Fraction(137, 10000)),
        ("1.37 %", Fraction(137, 10000)),
        ("1\u202f234,5", Fraction(2469, 2)),
        ("12\xa0000", Fraction(12000)),
        ("1/73", Fraction(1, 73)),
        ("0", Fraction(0)),
        ("-3", Fraction(-3)),
        (7, Fraction(7)),
        (Fraction(2, 3), Fraction(2, 3)),
    ],
)
def test_un_taux_se_lit_comme_on_l_ecrit(ecrit: str | int | Fraction, exact: Fraction) -> None:
    """Comma or point, per cent or fraction, any kind of space."""
    assert fraction(ecrit) == exact


@pytest.mark.parametrize("ecrit", ["vingt", "", "%", "1/0", "20 % environ", "1/2/3", "--1", "nan"])
def test_ce_qui_n_est_pas_un_nombre_se_dit(ecrit: str) -> None:
    """In one sentence that shows how to write it."""
    with pytest.raises(ErreurUtilisateur) as erreur:
        fraction(ecrit)
    assert str(erreur.value) == (
        f"« {ecrit} » n'est pas un nombre : écrivez par exemple « 20 % », « 1,37 % » ou « 1/73 »."
    )


@pytest.mark.parametrize(
    ("exact", "ecrit"),
    [
        (None, "inconnu"),
        (0, "0"),
        (1450, "1 450"),
        (1234567, "1 234 567"),
        (Fraction(5367, 20), "268,35"),
        (Fraction(1, 2), "0,5"),
        (Fraction(1, 20), "0,05"),
        (Fraction(-3, 2), "-1,5"),
        (Fraction(536000, 5367), "≈ 99,87"),
        (Fraction(-1, 3), "≈ -0,33"),
        (Fraction(1, 1000), "≈ 0"),
    ],
)
def test_un_nombre_s_ecrit_en_francais(exact: Fraction | int | None, ecrit: str) -> None:
    """Thousands apart, a comma, two decimals at most, « ≈ » when rounded."""
    assert nombre(exact) == ecrit


@pytest.mark.parametrize(
    ("exact", "ecrit"),
    [
        (Fraction(1, 5), "20 %"),
        (Fraction(137, 10000), "1,37 %"),
        (Fraction(1, 200), "0,5 %"),
        (Fraction(21, 2000), "1,05 %"),
        (Fraction(0), "0 %"),
        (Fraction(6, 5), "120 %"),
        (Fraction(-1, 40), "-2,5 %"),
        (Fraction(2000, 5367), "≈ 37,26 %"),
        (Fraction(1, 3), "≈ 33,33 %"),
    ],
)
def test_un_taux_s_ecrit_en_pour_cent(exact: Fraction, ecrit: str) -> None:
    """As it is read in French."""
    assert pourcentage(exact) == ecrit


def test_une_definition_inconnue_donne_celles_qu_on_connait() -> None:
    """The reader can choose among them."""
    with pytest.raises(RotationImpossible) as erreur:
        definition("inventee", ())
    assert str(erreur.value) == (
        "La définition de rotation « inventee » est inconnue. Définitions connues : familial_hors_mutations, "
        "familial_mutations_incluses, liberations_12_mois, rotation_commune_epci, departs_1_an, departs_3_ans, "
        "entrees_1_an, entrees_3_ans, moyenne_1_an, moyenne_3_ans, emmenagements_rpls."
    )


def test_deux_versions_d_une_regle_se_suivent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law changed on 1 January 2024: the new version bears the date, each has its days."""
    monkeypatch.setattr(socle, "REGLES", {})

    @regle("s1", du="2020-02-22", au="2024-01-01")
    def essai() -> None:
        """Ancienne."""

    @regle("s1", du="2024-01-01")
    def essai_2024_01_01() -> None:
        """Nouvelle."""

    assert version_en_vigueur("essai", date(2020, 2, 22)).fonction is essai
    assert version_en_vigueur("essai", date(2023, 12, 31)).fonction is essai
    assert version_en_vigueur("essai", date(2024, 1, 1)).fonction is essai_2024_01_01
    for nom, jour in (("essai", date(2020, 2, 21)), ("inventee", date(2024, 1, 1))):
        with pytest.raises(HorsPeriode) as erreur:
            version_en_vigueur(nom, jour)
        assert str(erreur.value) == f"La règle « {nom} » est hors période au {jour:%d/%m/%Y}."


def test_une_interpretation_porte_sur_un_chiffre_qui_existe() -> None:
    """A rule or a barème; the reading in force first; each with its question, its date, its confidence."""
    for chiffre, lectures in interpretations().items():
        connu = chiffre in REGLES or (socle.RACINE / f"{chiffre}.toml").is_file()
        assert connu, chiffre
        assert [lecture["du"] for lecture in lectures] == sorted((li["du"] for li in lectures), reverse=True)
        for lecture in lectures:
            assert lecture["confiance"] in ("haute", "moyenne", "faible")
            assert lecture["texte"] in textes()
            assert all(lecture[cle].strip() for cle in ("question", "lecture"))


@pytest.mark.parametrize(("ecrit", "lu"), [("20 %", "1/5"), ("0,2", "1/5"), (1, "1"), ("120 %", "6/5")])
def test_un_taux_se_lit_exactement(ecrit, lu):
    """A rate is a number from 0 to 1, or any percentage written as one."""
    assert taux(ecrit) == Fraction(lu)


def test_un_taux_sans_pourcent_au_dessus_de_un_est_refuse():
    """« 20 » is a slip more often than 2000 %."""
    with pytest.raises(ErreurUtilisateur) as refus:
        taux(20)
    assert str(refus.value) == "« 20 » vaut 2000 % : écrivez « 20 % », ou un nombre de 0 à 1."
