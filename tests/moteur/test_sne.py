"""The SNE's XML: what is taken, what is deduced, what is refused, and that nothing nominative ever comes out."""

import logging
import traceback
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from exports_sne import CANARIS, ESPACE, conjoint, demande, exporter

from partiteur.moteur.demandes import Demandes, lire_sne
from partiteur.moteur.demandes.sne_xml import ELEMENTS_MAX, LONGUEUR_MAX, PROFONDEUR_MAX, demandes_sne
from partiteur.moteur.lecture import LectureImpossible
from partiteur.regles.cotation.catalogue import catalogue_livre

JOUR = date(2026, 11, 22)


def lire(chemin: Path) -> Demandes:
    """The demandes of a file, at the day of the tests."""
    return lire_sne(chemin, catalogue_livre(), JOUR)


def une(dossier: Path, **options: Any) -> dict[str, Any]:
    """The one row of an export of one demande."""
    (ligne,) = lire(exporter(dossier, demande(**options))).table.to_pylist()
    return dict(ligne)


def test_une_demande_entiere(tmp_path: Path) -> None:
    """Every column an export fills, copied or deduced."""
    assert une(tmp_path) == {
        "numero_unique": "099112400000019900",
        "date_depot": date(2024, 11, 22),
        "motifs": ["03", "13"],
        "typologies_demandees": ["T2", "T3"],
        "communes_demandees": ["99001"],
        "accord_collectif": None,
        "statut_dalo": None,
        "situation_familiale": "C",
        "type_contrat": "CDI",
        "commune_residence": "99001",
        "statut_occupation": "LP",
        "typologie_actuelle": "T3",
        "surface_actuelle": Decimal("52.5"),
        "nb_occupants": 2,
        "loyer_actuel": Decimal(640),
        "anciennete_mois": 24,
        "mutation": False,
        "dalo_reconnu": None,
        "handicap": None,
        "sans_logement": False,
        "sortie_structure": False,
        "non_decent": True,
        "nb_personnes": 2,
        "nb_a_charge": 1,
        "nb_enfants_mineurs": 1,
        "famille_monoparentale": True,
        "jeune_menage": False,
        "age_demandeur": 36,
        "categorie_menage": 3,
        "ressources_mensuelles": Decimal("1400.5"),
        "ressources_uc": Decimal("12927.69"),
        "revenu_fiscal_reference": Decimal(17000),
        "sur_occupation": False,
        "sous_occupation": False,
        "ligne": 4,
    }


def test_un_couple_jeune_sans_enfant(tmp_path: Path) -> None:
    """Ages add up; the revenus of the two do too; a conjoint makes no single parent."""
    lue = une(
        tmp_path,
        situation="M",
        naissance="1999-11-23",
        charges=(),
        cotitulaire=conjoint("1998-01-01", revenu="0"),
    )
    assert (lue["nb_personnes"], lue["age_demandeur"], lue["jeune_menage"]) == (2, 26, True)
    assert (lue["categorie_menage"], lue["famille_monoparentale"]) == (3, False)
    assert lue["revenu_fiscal_reference"] == 17000


def test_un_revenu_manquant_laisse_la_somme_inconnue(tmp_path: Path) -> None:
    """A cotitulaire who says nothing is not one who has nothing."""
    lue = une(tmp_path, cotitulaire=conjoint(revenu=""))
    assert lue["revenu_fiscal_reference"] is None
    assert lue["ressources_mensuelles"] == Decimal("1400.5")


def test_un_age_inconnu_laisse_les_unites_inconnues(tmp_path: Path) -> None:
    """And the number of minors, not the number of persons."""
    lue = une(tmp_path, charges=(("", "E"),))
    assert lue["nb_personnes"] == 2
    assert lue["nb_enfants_mineurs"] is lue["ressources_uc"] is None


def test_enfants_en_garde_et_ascendants(tmp_path: Path) -> None:
    """Children in alternating custody or visiting count in the foyer; a dependent parent is no child."""
    lue = une(tmp_path, charges=(("1950-01-01", "P"),), garde=(("2014-01-01", "G"), ("2016-01-01", "D")))
    assert (lue["nb_personnes"], lue["nb_a_charge"], lue["nb_enfants_mineurs"]) == (4, 3, 2)


def test_sans_ressource_declaree_les_ressources_sont_inconnues(tmp_path: Path) -> None:
    """Nothing written is not zero."""
    lue = une(tmp_path, recues=())
    assert lue["ressources_mensuelles"] is lue["ressources_uc"] is None


def test_colocataires_sans_lien_de_couple(tmp_path: Path) -> None:
    """Two flatmates, single: no couple; the situation of a married one alone in the file leaves it unknown."""
    assert une(tmp_path, charges=(), cotitulaire=conjoint(lien="L"))["jeune_menage"] is False
    assert une(tmp_path, situation="M")["famille_monoparentale"] is None


@pytest.mark.parametrize(
    ("statut", "attendu"),
    [("HLM", (True, False, False)), ("SD", (False, True, False)), ("SH", (False, False, True))],
)
def test_ce_que_dit_le_logement_actuel(tmp_path: Path, statut: str, attendu: tuple[bool, ...]) -> None:
    """Mutation, without housing, in a structure."""
    lue = une(tmp_path, statut=statut)
    assert (lue["mutation"], lue["sans_logement"], lue["sortie_structure"]) == attendu


def test_sans_statut_rien_n_est_dit(tmp_path: Path) -> None:
    """A code outside the list is unknown, and reported without being shown."""
    lues = lire(exporter(tmp_path, demande(statut="ZZSECRET")))
    (ligne,) = lues.table.to_pylist()
    assert ligne["statut_occupation"] is ligne["mutation"] is ligne["sans_logement"] is None
    (constat,) = lues.constats
    assert (constat.code, constat.colonne, constat.exemples[0].ligne) == (
        "demande_code_inconnu",
        "statut_occupation",
        4,
    )
    assert "ZZSECRET" not in str(lues.constats)


def test_dalo_et_handicap(tmp_path: Path) -> None:
    """An active DALO is recognised, a lapsed one is not; motif 07 declares a handicap and raises the category."""
    suite = '<n:dalo><n:statutDalo code="ACTIF"/></n:dalo>'
    lue = une(tmp_path, suite=suite, motifs=("07",))
    assert (lue["dalo_reconnu"], lue["handicap"], lue["categorie_menage"]) == (True, True, 3)
    assert une(tmp_path, suite=suite.replace("ACTIF", "CADUC"))["dalo_reconnu"] is False


def test_deux_demandes_du_meme_numero(tmp_path: Path) -> None:
    """The first is kept; one without a number is left out."""
    lues = lire(exporter(tmp_path, demande(), demande(statut="HLM"), demande("")))
    assert (lues.lignes, lues.acceptees) == (3, 1)
    assert lues.table.column("statut_occupation").to_pylist() == ["LP"]
    assert [c.code for c in lues.constats] == ["demande_sans_numero", "demande_en_double"]


def test_aucun_canari_nulle_part(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Names, NIR, nationality, birthplace, mails, streets: in no row, finding, log or error, nor out of the parser."""
    caplog.set_level(logging.DEBUG)
    bon = exporter(tmp_path, demande(cotitulaire=conjoint(), statut="ZZSTATUT", depot="ZZDATE"))
    lues = lire(bon)
    assert {c.code for c in lues.constats} == {"demande_code_inconnu", "demande_valeur_illisible"}
    sorties = [str(lues), str(lues.table.to_pylist())]
    texte = bon.read_text("utf-8")
    for rang, mauvais in enumerate(
        (
            texte.replace("</n:nom>", "</n:prenom>", 1),
            texte.replace("<n:nom>", "<n:nom>&ZZCANARINOM;", 1),
            f'<!DOCTYPE n [<!ENTITY x "ZZCANARINOM">]>{texte.partition("?>")[2]}',
            texte.replace("<n:numUnique>", "<n:numUnique>" + "ZZCANARINOM" * 40, 1),
            texte[: len(texte) // 2],
        )
    ):
        chemin = tmp_path / f"mauvais-{rang}.xml"
        chemin.write_text(mauvais, encoding="utf-8")
        with pytest.raises(LectureImpossible) as erreur:
            lire(chemin)
        assert erreur.value.__suppress_context__  # what the parser quotes is not shown either
        sorties.append("".join(traceback.format_exception(erreur.value)))
    sorties.append(caplog.text)
    for sortie in sorties:
        assert not [mot for mot in (*CANARIS, "ZZSTATUT", "ZZDATE") if mot in sortie]
    brutes = str(list(demandes_sne(bon)))
    assert "ZZSTATUT" in brutes  # taken, then judged
    assert not [canari for canari in CANARIS if canari in brutes]


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        ("<a/>", "n'est pas un export du SNE"),
        ("pas du xml", "le XML est mal formé"),
        ("", "le XML est mal formé"),
        (
            f'<n:interfaceNuu versionInterface="03.00" xmlns:n="{ESPACE}"/>',
            "la version de l'interface du SNE",
        ),
        (f'<n:interfaceNuu versionInterface="02.01" xmlns:n="{ESPACE}"/>', "ne contient aucune demande"),
        ('<n:interfaceNuu versionInterface="02.01" xmlns:n="autre"/>', "n'est pas un export du SNE"),
        ('<?xml version="1.0" encoding="inconnu-9"?><a/>', "encodage"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "déclare une DTD"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "déclare une DTD"),
        ('<!DOCTYPE a [<!ENTITY % b SYSTEM "http://x.example/b">%b;]><a/>', "déclare une DTD"),
    ],
)
def test_ce_qui_est_refuse(tmp_path: Path, contenu: str, phrase: str) -> None:
    """One French sentence, the file's name in it."""
    chemin = tmp_path / "export.xml"
    chemin.write_text(contenu, encoding="utf-8")
    with pytest.raises(LectureImpossible, match=phrase) as erreur:
        lire(chemin)
    assert str(erreur.value).startswith("export.xml")


def test_un_milliard_de_rires(tmp_path: Path) -> None:
    """Entities that multiply are refused before the first is expanded."""
    entites = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    chemin = exporter(tmp_path, demande("&a9;"), entete=f"<!DOCTYPE n [{entites}]>\n")
    with pytest.raises(LectureImpossible, match="déclare une DTD ou une entité"):
        lire(chemin)


@pytest.mark.parametrize(
    ("demesure", "phrase"),
    [
        (demande(suite="<a>" * PROFONDEUR_MAX + "</a>" * PROFONDEUR_MAX), "niveaux"),
        (demande(suite="<a/>" * (ELEMENTS_MAX + 1)), "une demande de plus de"),
        (demande("9" * (LONGUEUR_MAX + 1)), "une valeur de plus de"),
        (demande(statut="H" * (LONGUEUR_MAX + 1)), "une valeur de plus de"),
        (demande(suite=f'<a b="{"x" * (5 * 2**20)}"/>'), "sans une balise"),
    ],
    ids=["profondeur", "elements", "texte", "attribut", "balise"],
)
def test_ce_qui_est_demesure_est_refuse(tmp_path: Path, demesure: str, phrase: str) -> None:
    """Too deep, too many, too long: a limit, and where."""
    with pytest.raises(LectureImpossible, match=phrase):
        lire(exporter(tmp_path, demesure))


def test_un_fichier_trop_gros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read."""
    monkeypatch.setattr("partiteur.moteur.demandes.sne_xml.OCTETS_MAX", 10)
    with pytest.raises(LectureImpossible, match="plus de 0 Gio"):
        lire(exporter(tmp_path, demande()))


def test_un_fichier_absent(tmp_path: Path) -> None:
    """What the system says, in French."""
    with pytest.raises(LectureImpossible, match="fichier ou dossier absent"):
        lire(tmp_path / "absent.xml")


def test_un_texte_nominatif_demesure_est_ignore(tmp_path: Path) -> None:
    """What is not read cannot fill the memory: a long free text is passed over."""
    lue = une(tmp_path, suite="<n:commentaire>" + "bla " * 10_000 + "</n:commentaire>")
    assert lue["nb_personnes"] == 2


def test_les_demandes_viennent_une_a_une(tmp_path: Path) -> None:
    """The second is not yet parsed when the first is handed over."""
    nombreuses = [demande(f"0991124{n:07}9900") for n in range(100)]
    chemin = exporter(tmp_path, *nombreuses)
    chemin.write_text(chemin.read_text("utf-8").replace("</n:interfaceNuu>", "<cassé"), encoding="utf-8")
    suite = demandes_sne(chemin)
    assert next(suite).premier("numero_unique") == "09911240000000" + "9900"
    with pytest.raises(LectureImpossible):
        list(suite)
