"""The structure of each volume: the stock it follows, counted by hand on a dozen dwellings."""

from pathlib import Path

import poche
import pytest

from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.structure import Structure, StructureImpossible, json_de_la_structure, structures

# Ten dwellings: one student's (10) is out of the assiette; the financing of 9 and the QPV of 8 are unknown.
PARC = """numero rpls;code insee;programme;usage;financement;typologie;qpv
1;99001;A;familial;10;T2;oui
2;99001;A;familial;13;T2;oui
3;99001;A;familial;13;T3;non
4;99001;A;familial;13;T3;non
5;99002;B;familial;13;T3;non
6;99002;B;familial;13;T4;non
7;99002;B;familial;14;T4;non
8;99002;B;familial;14;T7;
9;99003;C;familial;;T3;non
10;99003;C;etudiant;13;T1;non
"""
DROITS = """droit;reservataire;programme;logement;nombre
D1;etat;;1;1
D2;etat;;3;1
D3;etat;;7;1
D4;99001;A;;1
D5;99002;;5;1
"""
TETE = """cadre = "paca-2024"
exercice = 2024
bailleur = {nom = "OPH"}
territoire = {echelle = "departement", code = "99"}
geographie = {fichier = "communes.csv"}
parc = {fichier = "parc.csv", date = 2023-12-31}
rotation = {taux = "100 %"}
"""
PERIMETRE = '[[perimetres]]\ncode = "99001"\nechelle = "commune"\n'


def reservataire(code: str, type_: str = "autre", **cles: str) -> str:
    lignes = "".join(f"{cle} = {valeur}\n" for cle, valeur in cles.items())
    return f'[[reservataires]]\ncode = "{code}"\ntype = "{type_}"\n{lignes}'


def calculees(dossier: Path, texte: str) -> dict[str, Structure]:
    poche.ecrire(dossier, {"parc.csv": PARC, "droits.csv": DROITS, "dossier.toml": texte})
    chemin = dossier / "dossier.toml"
    return {s.reservataire: s for s in structures(calculer_dossier(chemin), chemin)}


def test_ses_logements_reserves(tmp_path: Path) -> None:
    """The État holds three identified dwellings of nine: at a rate of 100 %, its three are these."""
    texte = TETE + 'droits = {fichier = "droits.csv"}\n' + reservataire("etat", part='"1/3"')
    structure = calculees(tmp_path, texte)["etat"]
    assert structure.financement is not None
    assert structure.localisation is not None
    assert structure.financement.base == structure.localisation.base == "reserves"
    assert structure.financement.tableau.cases == {
        "PLAI": {"T2": 1, "T3": 0, "T4": 0},
        "PLUS": {"T2": 0, "T3": 1, "T4": 0},
        "PLS": {"T2": 0, "T3": 0, "T4": 1},
    }
    assert structure.localisation.tableau.cases == {
        "99001": {"hors_qpv": 1, "qpv": 1},
        "99002": {"hors_qpv": 1, "qpv": 0},
    }


def test_un_droit_sans_logement_designe_reste_inconnu(tmp_path: Path) -> None:
    """A number in a programme of mixed dwellings: its commune is known, its financing, typologie and QPV are not."""
    texte = TETE + 'droits = {fichier = "droits.csv"}\n' + reservataire("99001", part='"2/9"')
    structure = calculees(tmp_path, texte)["99001"]
    assert structure.financement is not None
    assert structure.localisation is not None
    # the programme's free dwellings, 2 and 4, are both PLUS: the family is shared, the typologie is not
    assert structure.financement.tableau.cases == {"PLUS": {"inconnu": 2}}
    assert structure.localisation.tableau.cases == {"99001": {"inconnu": 2}}


def test_sans_reservation_le_parc_du_perimetre(tmp_path: Path) -> None:
    """Nothing reserved: the assiette of its territory, the student's dwelling out, the unknown on its own line."""
    texte = TETE + 'droits = {fichier = "droits.csv"}\n' + reservataire("cd", part='"100 %"')
    structure = calculees(tmp_path, texte)["cd"]
    assert structure.financement is not None
    assert structure.localisation is not None
    assert structure.financement.base == "parc"
    assert structure.financement.tableau.cases == {
        "PLAI": {"T2": 1, "T3": 0, "T4": 0, "T6+": 0},
        "PLUS": {"T2": 1, "T3": 3, "T4": 1, "T6+": 0},
        "PLS": {"T2": 0, "T3": 0, "T4": 1, "T6+": 1},
        "inconnu": {"T2": 0, "T3": 1, "T4": 0, "T6+": 0},
    }
    assert structure.localisation.tableau.cases == {
        "99001": {"hors_qpv": 2, "qpv": 2, "inconnu": 0},
        "99002": {"hors_qpv": 3, "qpv": 0, "inconnu": 1},
        "99003": {"hors_qpv": 1, "qpv": 0, "inconnu": 0},
    }


def test_son_perimetre_seulement(tmp_path: Path) -> None:
    """A commune follows its own territory: rights it holds elsewhere are not there."""
    texte = TETE + 'droits = {fichier = "droits.csv"}\n' + PERIMETRE
    texte += reservataire("99002", "commune", part='"50 %"', perimetre='"99001"')
    structure = calculees(tmp_path, texte)["99002"]
    assert structure.localisation is not None
    assert structure.localisation.base == "parc"
    assert structure.localisation.tableau.cases == {"99001": {"hors_qpv": 1, "qpv": 1}}


def test_sans_registre(tmp_path: Path) -> None:
    """Without a register, everyone follows the parc."""
    structure = calculees(tmp_path, TETE + reservataire("cd", part='"1/9"'))["cd"]
    assert structure.financement is not None
    assert (structure.financement.base, structure.financement.tableau.total) == ("parc", 1)


def test_reserves_donnees_en_tableau(tmp_path: Path) -> None:
    """Figures only: the table given is followed, its place is unknown; who gives none has no structure."""
    texte = TETE.replace('fichier = "parc.csv"', "total = 100").replace("100 %", "10 %")
    texte += reservataire("A", reserves="{PLUS = {T2 = 10, T3 = 30}, PLAI = {T2 = 0, T3 = 10}}")
    texte += reservataire("B", part='"10 %"')
    (structure,) = calculees(tmp_path, texte).values()
    assert structure.reservataire == "A"
    assert structure.financement is not None
    # 5 dwellings: exactly 1, 3, 0 and 1
    assert structure.financement.tableau.cases == {"PLUS": {"T2": 1, "T3": 3}, "PLAI": {"T2": 0, "T3": 1}}
    assert structure.localisation is None


def test_rien_ne_dit_la_structure(tmp_path: Path) -> None:
    """Parts alone have no structure, and the sentence says what to give."""
    texte = TETE.replace('fichier = "parc.csv"', "total = 100") + reservataire("cd", part='"20 %"')
    with pytest.raises(StructureImpossible, match="données en tableau, par financement et typologie"):
        calculees(tmp_path, texte)


def test_un_volume_nul_n_a_pas_de_structure(tmp_path: Path) -> None:
    """Where parts pass 100 %, volumes are not published, nor what they would be made of."""
    with pytest.raises(StructureImpossible):
        calculees(tmp_path, TETE + reservataire("a", part='"70 %"') + reservataire("b", part='"60 %"'))


def test_json(tmp_path: Path) -> None:
    """Cells as in an état des lieux: unknown is null, QPV true or false, exact numbers as fractions."""
    texte = TETE + 'droits = {fichier = "droits.csv"}\n' + reservataire("99001", part='"2/9"')
    assert json_de_la_structure(calculees(tmp_path, texte)["99001"]) == {
        "contractuelle": False,
        "famille_financement_typologie_groupe": {
            "base": "reserves",
            "cases": [
                {"famille_financement": "PLUS", "typologie_groupe": None, "exact": "2", "logements": 2}
            ],
        },
        "commune_qpv": {
            "base": "reserves",
            "cases": [{"commune": "99001", "qpv": None, "exact": "2", "logements": 2}],
        },
    }
    assert json_de_la_structure(None) is None
    assert json_de_la_structure(Structure("x", None, None)) == {
        "contractuelle": False,
        "famille_financement_typologie_groupe": None,
        "commune_qpv": None,
    }
