"""RPLS open data and the bailleur's own table: what is joined, derived, compared, refused."""

from pathlib import Path

import pytest

from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import Constat, Lecture, LectureImpossible, lire_parc

ENTETE_2018 = (
    "REG;LIBREG;DEP;LIBDEP;EPCI;LIBEPCI;DROIT;DEPCOM;CODEPOSTAL;LIBCOM;NUMVOIE;INDREP;TYPVOIE;NOMVOIE;QPV;TYPECONST;"
    "NBPIECE;SURFHAB;CONSTRUCT;LOCAT;PATRIMOINE;ORIGINE;FINAN;FINANAUTRE;CONV;NUMCONV;DATCONV;CUS;DPEDATE;DPEENERGIE;"
    "SRU_EXPIR;CODSEGPATRIM"
)
ENTETE_2025 = (
    "REG_CODE;REG_LIBELLE;DEP_CODE;EPCI_CODE;EPCI_LIBELLE;DROIT_CODE;DEPCOM;CODEPOSTAL;LIBCOM;NUMVOIE;NOMVOIE;QPV_CODE;"
    "QPV_LIBELLE;TYPECONST_CODE;TYPECONST_LIBELLE;NBPIECE;SURFHAB;CONSTRUCT;LOCAT;PATRIMOINE;FINAN_CODE;FINAN_LIBELLE;CONV;"
    "NUMCONV;PMR_CODE;PMR_LIBELLE;PLG_QP24;X;Y"
)


def ecrire(tmp_path: Path, texte: str, nom: str = "parc.csv") -> Path:
    chemin = tmp_path / nom
    chemin.write_text(texte, encoding="utf-8")
    return chemin


def lire(tmp_path: Path, texte: str, **options: object) -> Lecture:
    return lire_parc(ecrire(tmp_path, texte), charger(), **options)  # type: ignore[arg-type]


def constat(lecture: Lecture, code: str, colonne: str | None = None) -> Constat:
    trouves = [c for c in lecture.constats if c.code == code and colonne in (None, c.colonne)]
    assert len(trouves) == 1, [c.code for c in lecture.constats]
    return trouves[0]


def codes(lecture: Lecture) -> set[str]:
    return {c.code for c in lecture.constats}


def ligne(entete: str, **valeurs: object) -> str:
    return ";".join(str(valeurs.get(nom, "")) for nom in entete.split(";")) + "\n"


# ---- open data


@pytest.mark.parametrize(
    ("entete", "valeurs"),
    [
        (
            ENTETE_2018,
            {"REG": "93", "DEP": "06", "EPCI": "200039915", "QPV": "1", "TYPECONST": "C", "FINAN": "10"},
        ),
        (
            ENTETE_2025,
            {
                "REG_CODE": "93",
                "DEP_CODE": "06",
                "EPCI_CODE": "200039915",
                "QPV_CODE": "1",
                "TYPECONST_CODE": "C",
                "TYPECONST_LIBELLE": "Individuel",
                "QPV_LIBELLE": "Logement hors QPV",
                "FINAN_CODE": "10",
                "FINAN_LIBELLE": "PLI",
                "PMR_CODE": "3",
            },
        ),
    ],
)
def test_l_open_data_de_2018_et_de_2025(tmp_path, entete, valeurs):
    lecture = lire(tmp_path, entete + "\n" + ligne(entete, DEPCOM="06029", NBPIECE=3, SURFHAB=60, **valeurs))
    (lu,) = lecture.table.to_pylist()
    assert lecture.source == "rpls_open_data"
    assert (lu["qpv"], lu["type_construction"], lu["individuel"], lu["financement"]) == (
        True,
        "C",
        False,
        "10",
    )
    assert (lu["typologie"], lu["commune"], lu["region"]) == ("T3", "06029", "93")
    assert lu["pmr"] == ("3" if entete is ENTETE_2025 else None)
    assert not {"territoire_different", "colonne_en_double"} & codes(lecture)
    assert constat(lecture, "identifiant_absent").nombre == 1


def test_un_zero_est_inconnu_quand_la_colonne_code_1_et_2(tmp_path):
    lecture = lire(tmp_path, "ref logement;insee;QPV\nA;06029;1\nB;06029;2\nC;06029;0\n")
    assert lecture.table["qpv"].to_pylist() == [True, False, None]
    lecture = lire(tmp_path, "ref logement;insee;QPV\nA;06029;1\nC;06029;0\n")
    assert lecture.table["qpv"].to_pylist() == [True, False]


# ---- the bailleur's own table


def test_les_intitules_du_bailleur_sont_reconnus(tmp_path):
    lecture = lire(
        tmp_path,
        "N° RPLS,Référence logement,SIREN,Résidence,CODE_INSEE,En QPV,Type de logement,Conventionné,À démolir,En vente,Usage\n"
        "0600000001,A1,123456789,Les Pins,06029,non,T1 bis,oui,OUI,non,Étudiants\n",
    )
    (lu,) = lecture.table.to_pylist()
    assert lecture.source == "bailleur"
    assert lecture.bailleur == "123456789"
    assert (lu["typologie"], lu["typologie_detail"], lu["usage"]) == ("T1", "T1bis", "etudiant")
    assert (lu["qpv"], lu["conventionne"], lu["a_demolir"], lu["en_vente"]) == (False, True, True, False)


def test_plusieurs_bailleurs_dans_un_fichier(tmp_path):
    texte = "ref logement;insee;siren\nA;06029;123456789\nB;06029;987654321\n"
    lecture = lire(tmp_path, texte)
    assert lecture.bailleur is None
    assert lecture.table["bailleur"].to_pylist() == ["123456789", "987654321"]
    assert constat(lire(tmp_path, texte, bailleur="123456789"), "bailleur_different").nombre == 1
    assert lire(tmp_path, texte.replace("987654321", "")).bailleur is None


@pytest.mark.parametrize(
    ("entete", "valeur", "en_vente"),
    [
        ("MISCOMMERCIAL", "1", True),
        ("MISCOMMERCIAL", "2", None),
        ("DATMISEVENTE", "01/2023", True),
        ("DATMISEVENTE", "", None),
        ("en vente", "non", False),
        ("en vente", "NC", None),
    ],
)
def test_la_vente_se_deduit_sans_jamais_inventer_un_non(tmp_path, entete, valeur, en_vente):
    lecture = lire(tmp_path, f"ref logement;insee;{entete}\nA;06029;{valeur}\n")
    assert lecture.table["en_vente"].to_pylist() == [en_vente]
    assert "mise_en_commercialisation" not in lecture.table.column_names


def test_la_colonne_propre_l_emporte_sur_la_deduction(tmp_path):
    texte = "ref logement;insee;individuel;TYPECONST;detail typologie;NBPIECE;en vente;MISCOMMERCIAL\n"
    lecture = lire(tmp_path, texte + "A;06029;non;I;loggia;2;non;1\n")
    (lu,) = lecture.table.to_pylist()
    assert (lu["individuel"], lu["typologie_detail"], lu["en_vente"]) == (False, "loggia", False)


def test_deux_colonnes_pour_une_donnee(tmp_path):
    lecture = lire(tmp_path, "ref logement;commune;DEPCOM\nA;Cannes;06029\n")
    assert lecture.table["commune"].to_pylist() == ["06029"]
    double = constat(lecture, "colonne_en_double")
    assert double.colonne == "commune"
    assert "« DEPCOM » est lue" in double.message


def test_les_colonnes_nominatives_sont_ecartees_et_dites(tmp_path):
    lecture = lire(
        tmp_path, "ref logement;insee;Nom locataire;Tél.;Nom de l'agence\nA;06029;DURAND;0612345678;Ouest\n"
    )
    nominatives = constat(lecture, "colonnes_nominatives")
    assert nominatives.nombre == 2
    assert "« Nom locataire », « Tél. »" in nominatives.message
    assert "DURAND" not in str(lecture)
    assert "0612345678" not in str(lecture)
    assert "« Nom de l'agence »" in constat(lecture, "colonnes_non_reprises").message


def test_un_exemple_ne_montre_personne(tmp_path):
    lecture = lire(tmp_path, "ref logement;insee;NUMVOIE;NOMVOIE\nA;06029;;12 chez Mme DURAND\n")
    assert constat(lecture, "numero_dans_nomvoie").exemples[0].valeur == "(valeur masquée)"
    assert "DURAND" not in str(lecture.constats)


# ---- the mapping


def test_la_correspondance_nomme_les_colonnes_inconnues(tmp_path):
    carte = ecrire(tmp_path, '[colonnes]\ncommune = "Lieu"\nprogramme = "Nom du site"\n', "carte.toml")
    lecture = lire(
        tmp_path, "ref logement;LIEU;nom du site;insee\nA;06029;Pins;99999\n", correspondance=carte
    )
    assert lecture.table.select(["commune", "programme"]).to_pylist() == [
        {"commune": "06029", "programme": "Pins"}
    ]
    assert constat(lecture, "colonne_en_double").colonne == "insee"


@pytest.mark.parametrize(
    ("texte", "phrase"),
    [
        (
            "[colonnes]\ncomune = 'insee'",
            "« comune » n'est pas une donnée connue ; vouliez-vous « commune » ?",
        ),
        (
            "[colonnes]\nzzzzzz = 'insee'",
            "« zzzzzz » n'est pas une donnée connue. Données connues : numero_rpls",
        ),
        (
            "[colonnes]\ncommune = 'lieu'",
            "la colonne « lieu » demandée pour « commune » n'existe pas dans parc.csv",
        ),
        ("[colonnes]\ncommune = 3", "la colonne « 3 »"),
        ("[colonnes]\nprogramme = 'nom locataire'", "semble nominative"),
        ("colonnes = 3", "il manque la section [colonnes]"),
        ("", "il manque la section [colonnes]"),
        ("[colonnes\n", "n'est pas un fichier TOML lisible"),
    ],
)
def test_une_correspondance_fautive(tmp_path, texte, phrase):
    carte = ecrire(tmp_path, texte, "carte.toml")
    with pytest.raises(LectureImpossible) as erreur:
        lire(tmp_path, "ref logement;insee;nom locataire\nA;06029;x\n", correspondance=carte)
    assert phrase in str(erreur.value)
    assert "carte.toml" in str(erreur.value)


def test_une_correspondance_absente(tmp_path):
    with pytest.raises(LectureImpossible, match="ne peut pas être ouvert"):
        lire(tmp_path, "ref logement;insee\nA;06029\n", correspondance=tmp_path / "absente.toml")


# ---- the territory


def test_codes_anciens_arrondissements_et_inconnus(tmp_path):
    texte = "ref logement;insee\nA;01340\nB;75101\nC;06999\nD;NC\nE;\nF;06400\nG;29083\n"
    lecture = lire(tmp_path, texte)
    assert lecture.table["commune"].to_pylist() == ["01015", "75056", "29083"]
    assert (lecture.lignes, lecture.acceptees) == (7, 3)
    assert constat(lecture, "commune_ancienne").exemples[0].valeur == "01340"
    assert constat(lecture, "arrondissement").nombre == 1
    assert constat(lecture, "commune_inconnue").nombre == 2
    assert constat(lecture, "commune_inconnue").exemples[0].valeur == "06999"
    assert constat(lecture, "essentiel_manquant").nombre == 2
    assert constat(lecture, "commune_sans_epci").nombre == 1


def test_le_territoire_du_fichier_est_compare_a_celui_du_cog(tmp_path):
    lecture = lire(tmp_path, "ref logement;insee;dep;epci;region\nA;06029;83;200054781;93\nB;06029;;;\n")
    assert lecture.table.select(["departement", "epci"]).to_pylist()[0] == {
        "departement": "06",
        "epci": "200039915",
    }
    assert constat(lecture, "territoire_different", "dep").nombre == 1
    assert constat(lecture, "territoire_different", "epci").exemples[0].valeur == "200054781"
    assert "region" not in {c.colonne for c in lecture.constats}


# ---- the duplicates


def test_un_identifiant_deja_vu_ecarte_la_ligne(tmp_path):
    texte = "IDENT_REP;IDENT_INT;insee\nR1;I1;06029\nR1;I2;06029\nR2;I1;06029\n;I9;06029\n;I9;06029\n;;06029\nR3;I3;x\nR3;I3;06030\n"
    lecture = lire(tmp_path, texte)
    assert lecture.table["ligne"].to_pylist() == [2, 4, 5, 7, 9]
    assert constat(lecture, "doublon_identifiant", "IDENT_REP").exemples[0].ligne == 3
    assert constat(lecture, "doublon_identifiant", "IDENT_INT").exemples[0].ligne == 6
    assert constat(lecture, "interne_en_double").exemples[0].ligne == 4
    assert constat(lecture, "identifiant_manquant").exemples[0].ligne == 7
    assert (
        lecture.lignes - lecture.acceptees
        == sum(c.nombre for c in lecture.constats if c.gravite == "erreur")
        == 3
    )


def test_sans_identifiant_les_lignes_identiques_sont_comptees_et_dites(tmp_path):
    lecture = lire(tmp_path, "insee;typologie\n06029;T2\n06029;T3\n06029;T2\n06029;T2\n")
    assert lecture.acceptees == 4
    assert constat(lecture, "doublon_strict").nombre == 2
    assert [exemple.ligne for exemple in constat(lecture, "doublon_strict").exemples] == [4, 5]


def test_les_erreurs_viennent_en_premier_et_les_exemples_sont_cinq_au_plus(tmp_path):
    lignes = "".join(f"A{n};9999{n % 9};999\n" for n in range(20))
    lecture = lire(tmp_path, "ref logement;insee;surface\n" + lignes)
    assert lecture.acceptees == 0
    assert lecture.constats[0].gravite == "erreur"
    assert max(len(c.exemples) for c in lecture.constats) == 5
    assert len({exemple.valeur for exemple in constat(lecture, "commune_inconnue").exemples}) == 5


def test_la_table_a_les_types_du_parc_canonique(tmp_path):
    schema = lire(tmp_path, "ref logement;insee\nA;06029\n").table.schema
    types = {champ.name: str(champ.type) for champ in schema}
    assert list(types)[:5] == ["numero_rpls", "identifiant_interne", "bailleur", "programme", "commune"]
    assert list(types)[-1] == "ligne"
    assert len(types) == 37
    attendus = {
        "surface": "decimal128(7, 2)",
        "qpv": "bool",
        "annee_construction": "int32",
        "loyer_centimes": "int64",
    }
    attendus |= {
        "date_bail": "date32[day]",
        "ligne": "int32",
        "mode": "string",
        "en_vente": "bool",
        "individuel": "bool",
    }
    assert {nom: types[nom] for nom in attendus} == attendus
