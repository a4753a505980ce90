"""One cell at a time: what each writing gives, and what is said of it."""

from datetime import date
from decimal import Decimal

import pytest

from partiteur.moteur.lecture.cellule import LECTEURS, nettoyer, pieces, propre
from partiteur.moteur.lecture.colonne import colonnes, normaliser, semble_nominative
from partiteur.moteur.lecture.constat import MASQUE, charger_toml, montrable

TABLES = ("parc", "droits", "liberations")


def lu(nom: str, texte: str, table: str = "parc"):
    return nettoyer(colonnes(table)[nom], texte)


INCONNUS = [
    "NA",
    "N/A",
    "nc",
    "NR",
    "Z",
    "NA/NA",
    "#N/A",
    "#REF!",
    "#VALEUR!",
    "Non renseigné",
    "sans objet",
    "-",
    "?",
]


@pytest.mark.parametrize("texte", INCONNUS)
@pytest.mark.parametrize(
    "nom", ["numero_rpls", "surface", "date_bail", "mode", "qpv", "typologie", "convention", "usage"]
)
def test_les_mots_qui_veulent_dire_inconnu(nom, texte):
    assert lu(nom, texte) == (None, "valeur_inconnue")


@pytest.mark.parametrize(
    ("nom", "texte"),
    [
        ("surface", "0"),
        ("surface", "999"),
        ("surface", "0.0"),
        ("annee_construction", "9999"),
        ("annee_construction", "0"),
        ("loyer_centimes", "9999"),
        ("loyer_centimes", "9999,00"),
        ("date_bail", "01/1900"),
        ("date_bail", "99999"),
        ("commune", "99999"),
        ("epci", "ZZZZZZZZZ"),
        ("mode", "0"),
        ("typologie", "0"),
        ("dpe", "9"),
    ],
)
def test_les_nombres_qui_veulent_dire_inconnu_la_ou_ils_le_veulent_dire(nom, texte):
    assert lu(nom, texte) == (None, "valeur_inconnue")


@pytest.mark.parametrize("texte", ["", "   ", "\xa0\u202f"])
def test_une_cellule_vide_ne_dit_rien(texte):
    assert lu("surface", texte) == (None, None)


@pytest.mark.parametrize(
    ("texte", "valeur"),
    [
        ("oui", True),
        ("O", True),
        ("VRAI", True),
        ("1", True),
        ("1.0", True),
        ("x", True),
        ("Non", False),
        ("n", False),
        ("faux", False),
        ("2", False),
        ("0", False),
    ],
)
def test_oui_et_non(texte, valeur):
    assert lu("qpv", texte) == (valeur, None)


def test_zero_est_inconnu_dans_une_colonne_codee_1_et_2():
    assert nettoyer(colonnes("parc")["qpv"], "0", zero_inconnu=True) == (None, "valeur_inconnue")
    assert lu("qpv", "peut-être") == (None, "valeur_illisible")


@pytest.mark.parametrize(
    ("texte", "typologie", "detail"),
    [
        ("3", "T3", None),
        ("3.0", "T3", None),
        ("T3", "T3", None),
        ("F3", "T3", None),
        ("P 4", "T4", None),
        ("t2", "T2", None),
        ("T1 bis", "T1", "T1bis"),
        ("T1BIS", "T1", "T1bis"),
        ("T1'", "T1", "T1'"),
        ("F1B", "T1", "T1bis"),
        ("studio", "T1", "studio"),
        ("Studio 20m2", "T1", "studio"),
        ("T0", "T1", "T0"),
        ("T6+", "T6", "T6+"),
        ("T6P", "T6", "T6+"),
        ("5 et plus", "T5", "T5+"),
        ("3 pièces", "T3", None),
        ("T4 duplex", "T4", "duplex"),
        ("T12", None, None),
        ("T3 / T4", None, None),
        ("maison", None, None),
    ],
)
def test_les_typologies(texte, typologie, detail):
    assert pieces(texte) == (typologie, detail)
    assert lu("typologie", texte) == (typologie, None if typologie else "valeur_illisible")


@pytest.mark.parametrize(
    ("texte", "valeur", "constat"),
    [
        ("64", "64.00", None),
        ("64,5", "64.50", "virgule_decimale"),
        ("64.456", "64.46", None),
        ("64 m²", "64.00", None),
        ("6.4e+001", "64.00", "nombre_scientifique"),
        ("1.1144e+006", None, "valeur_hors_bornes"),
        ("1e400", None, "valeur_hors_bornes"),
        ("1e-400", None, "valeur_hors_bornes"),
        ("-12", None, "valeur_hors_bornes"),
        ("soixante", None, "valeur_illisible"),
        ("1,2,3", None, "valeur_illisible"),
        ("٣٤", None, "valeur_illisible"),
    ],
)
def test_les_surfaces(texte, valeur, constat):
    assert lu("surface", texte) == (Decimal(valeur) if valeur else None, constat)


@pytest.mark.parametrize(
    ("texte", "centimes", "constat"),
    [
        ("412", 41200, None),
        ("412,37", 41237, "virgule_decimale"),
        ("1 200,50 €", 120050, "virgule_decimale"),
        ("412.375", 41238, None),
        ("300 euros", 30000, None),
        ("-3", None, "valeur_hors_bornes"),
        ("gratuit", None, "valeur_illisible"),
    ],
)
def test_les_loyers_sont_en_centimes(texte, centimes, constat):
    assert lu("loyer_centimes", texte) == (centimes, constat)


@pytest.mark.parametrize(
    ("texte", "valeur", "constat"),
    [
        ("01/03/2020", date(2020, 3, 1), None),
        ("1/3/2020", date(2020, 3, 1), None),
        ("31.12.2019", date(2019, 12, 31), None),
        ("03/2020", date(2020, 3, 1), None),
        ("2020-03-15", date(2020, 3, 15), None),
        ("2020-03", date(2020, 3, 1), None),
        ("2020-03-15 00:00:00", date(2020, 3, 15), None),
        ("15/03/2020 00:00:00", date(2020, 3, 15), None),
        ("43831", date(2020, 1, 1), "date_excel"),
        ("43831.5", date(2020, 1, 1), "date_excel"),
        ("31/02/2020", None, "valeur_illisible"),
        ("13/2020", None, "valeur_illisible"),
        ("7190-01-01", None, "valeur_hors_bornes"),
        ("2020", None, "valeur_illisible"),
        ("01/03/20", None, "valeur_illisible"),
        ("hier", None, "valeur_illisible"),
    ],
)
def test_les_dates(texte, valeur, constat):
    assert lu("date_bail", texte) == (valeur, constat)


@pytest.mark.parametrize(
    ("texte", "valeur", "constat"),
    [
        ("1975", 1975, None),
        ("1975.0", 1975, None),
        ("01/07/1975", 1975, None),
        ("1975-07-01", 1975, None),
        ("32/13/1975", None, "valeur_illisible"),
        ("75", None, "valeur_hors_bornes"),
        ("1975,5", None, "valeur_illisible"),
        ("vers 1975", None, "valeur_illisible"),
    ],
)
def test_les_annees(texte, valeur, constat):
    lue, dit = lu("annee_construction", texte)
    assert (lue, dit if valeur is None else None) == (valeur, constat)


@pytest.mark.parametrize(
    ("nom", "texte", "valeur"),
    [
        ("financement", "13", "13"),
        ("financement", "13.0", "13"),
        ("financement", "PLUS", "13"),
        ("financement", "13 - PLUS", "13"),
        ("financement", "PLA d’intégration/LLTS dans les DOM", "10"),
        ("financement", "PLS/PPLS/PCLS/PLA CFF", "14"),
        ("famille_financement", "1_PLAI", "PLAI"),
        ("famille_financement", "plus", "PLUS"),
        ("mode", "Vacant", "2"),
        ("mode", "01", "1"),
        ("type_construction", "collectif", "C"),
        ("contingent", "7", "7"),
        ("contingent", "Action Logement", "3"),
        ("dpe", "d", "D"),
        ("dpe", "5", "D"),
        ("pmr", "non accessible", "1"),
        ("usage", "Foyer de travailleurs migrants", "foyer_migrants"),
        ("usage", "Gîte d'étape", "gite_d_etape"),
        ("specifique", "PLAI adapté", "plai_adapte"),
        ("bailleur", "123 456 789", "123456789"),
        ("bailleur", "12345678900012", "123456789"),
        ("bailleur", "Office 06", "Office 06"),
        ("bailleur", "12", "12"),
        ("commune", '="06029"', "06029"),
        ("commune", "'06029", "06029"),
        ("commune", "2a004", "2A004"),
        ("commune", "06029.0", "06029"),
        ("departement", "2A", "2A"),
        ("numero_rpls", "0012345678", "0012345678"),
        ("numero_rpls", "12345678.0", "12345678"),
    ],
)
def test_les_codes_et_leurs_autres_ecritures(nom, texte, valeur):
    assert lu(nom, texte) == (valeur, None)


@pytest.mark.parametrize(
    ("nom", "texte", "lue"),
    [
        ("commune", "6029", ("06029", "zero_perdu")),
        ("departement", "6", ("06", "zero_perdu")),
        ("region", "1", ("01", "zero_perdu")),
        ("controle_code_postal", "6400", ("06400", "zero_perdu")),
        ("bailleur", "55123456", ("055123456", "zero_perdu")),
        ("bailleur", "1.2345E+13", (None, "notation_scientifique")),
        ("numero_rpls", "1.1144e+006", (None, "notation_scientifique")),
        ("convention", "6,1992028512324E+020", (None, "notation_scientifique")),
        ("convention", "en cours", (None, "valeur_bouche_trou")),
        ("convention", "Programme NON CONVENTIONNE", (None, "programme_non_conventionne")),
        ("programme", "7190-01-01", (None, "date_dans_texte")),
        ("controle_date_dpe", "01/1900", (None, "dpe_non_realise")),
        ("epci", "CA Cannes", (None, "valeur_illisible")),
        ("mode", "8", (None, "valeur_illisible")),
        ("pmr", "oui", (None, "valeur_illisible")),
    ],
)
def test_ce_qui_est_repare_ou_perdu_est_dit(nom, texte, lue):
    assert lu(nom, texte) == lue


@pytest.mark.parametrize(
    ("texte", "lue"),
    [
        ("20 %", ("1/5", None)),
        ("1/5", ("1/5", None)),
        ("0,2", ("1/5", None)),
        ("100 %", ("1", None)),
        ("120 %", (None, "valeur_hors_bornes")),
        ("1/0", (None, "valeur_illisible")),
        ("un cinquième", (None, "valeur_illisible")),
    ],
)
def test_une_quotite_est_une_fraction_exacte(texte, lue):
    assert lu("quotite_garantie", texte, "droits") == lue


def test_l_identifiant_qui_ressemble_a_une_notation_scientifique_reste():
    assert lu("identifiant_interne", "12E3") == ("12E3", None)


@pytest.mark.parametrize("table", TABLES)
def test_chaque_table_se_tient(table):
    entetes: dict[str, str] = {}
    for nom, colonne in colonnes(table).items():
        assert colonne.type in LECTEURS
        assert (colonne.type == "code") == (bool(colonne.valeurs) and colonne.type != "usage")
        for code in set(colonne.valeurs.values()):
            assert colonne.valeurs[normaliser(code)] == code, (nom, code)
        for entete in colonne.noms:
            assert entetes.setdefault(entete, nom) == nom, f"« {entete} » désigne deux colonnes"
        assert set(colonne.bouche_trous.values()) <= set(charger_toml("constat"))


def test_les_constats_sont_tous_ecrits():
    for code, modele in charger_toml("constat").items():
        assert modele["gravite"] in ("erreur", "avertissement"), code
        assert "{fichier}" in modele["message"], code
        assert modele["message"].endswith("."), code


@pytest.mark.parametrize(
    "entete",
    [
        "Nom",
        "NOM_LOCATAIRE",
        "nomLocataire",
        "Prénom",
        "Téléphone portable",
        "E-mail",
        "Date de naissance",
        "NIR",
        "Civilité",
        "Numéro unique",
        "N° sécurité sociale",
        "Nom Prénom du titulaire",
        "NomPrenom",
        "Contact",
    ],
)
def test_les_intitules_nominatifs(entete):
    assert semble_nominative(entete)


@pytest.mark.parametrize(
    "entete", ["NOMVOIE", "Nom de la résidence", "Nom commune", "Étage", "LIBSEGPATRIM", ""]
)
def test_les_intitules_de_choses(entete):
    assert not semble_nominative(entete)


@pytest.mark.parametrize(
    "valeur",
    ["M. Dupont", "Mme DURAND", "a.b@exemple.fr", "06 12 34 56 78", "1 85 05 78 006 084 36", "veuve Martin"],
)
def test_une_personne_ne_se_montre_pas(valeur):
    assert montrable(valeur) == MASQUE


def test_une_valeur_longue_est_abregee():
    assert montrable("12 IMPASSE\nDENANS") == "12 IMPASSE DENANS"
    assert montrable("x" * 100) == "x" * 60 + "…"
    assert propre(' ="12" ') == "12"


@pytest.mark.parametrize(
    "texte", ["IDENT_REP", "N° RPLS", "Année d’achèvement", "  Code--Insee ", "cœur", "\t", "T1'"]
)
def test_la_normalisation_ne_depend_pas_du_chemin_pris(texte):
    """A header in ASCII takes a shorter way: the same result, whatever the way."""
    assert normaliser(texte) == normaliser(texte + "é").removesuffix("e").strip()
