"""A dossier prepared from files: it names what it read, it marks what is missing, and it computes."""

import tomllib
from pathlib import Path

import poche
import pytest

from partiteur.moteur.dossier import Pieces, creer, territoire_de
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.geographie import charger
from partiteur.moteur.millesime import Territoire
from partiteur.moteur.schema import DocumentInvalide

PARC = """numero rpls;code insee;programme;usage;financement;contingent{autres}
1;99001;A;familial;13;2{fin}
2;99001;A;familial;13;2{fin}
3;99001;A;etudiant;13;2{fin}
4;99002;B;familial;13;7{fin}
5;99003;C;familial;13;3{fin}
6;98001;D;familial;13;3{fin}
"""
DROITS = """reservataire;programme;nombre;contrepartie;cede_a
99001;A;1;garantie;
99001;A;1;garantie;
99001;B;1;terrain;
999000011;B;1;;
ancien;C;1;financement;cd99
"""
LIBERATIONS = "logement;date_liberation;motif;date_entree\n1;15/03/2023;conge;01/05/2023\n"


def preparer(tmp_path: Path, autres: str = "", fin: str = "", **pieces):
    poche.ecrire(
        tmp_path,
        {
            "parc.csv": PARC.format(autres=autres, fin=fin),
            "droits.csv": DROITS,
            "liberations.csv": LIBERATIONS,
        },
    )
    communes = tmp_path / "communes.csv"
    base = tmp_path / "ici"
    base.mkdir()
    demande = Pieces(
        tmp_path / "parc.csv",
        pieces.pop("cadre", "paca-2024"),
        2024,
        geographie=communes,
        **{c: tmp_path / v if isinstance(v, str) and v.endswith(".csv") else v for c, v in pieces.items()},
    )
    texte = creer(demande, charger(communes), base)
    chemin = base / "dossier.toml"
    chemin.write_text(texte, encoding="utf-8")
    return texte, tomllib.loads(texte), chemin


def test_un_dossier_complet_nomme_ses_fichiers_et_se_calcule(tmp_path):
    texte, document, chemin = preparer(
        tmp_path, droits="droits.csv", liberations="liberations.csv", nom="OPH"
    )
    assert (document["cadre"], document["exercice"], document["complet"]) == ("paca-2024", 2024, False)
    assert document["bailleur"] == {"nom": "OPH"}
    assert document["territoire"] == {"echelle": "departement", "code": "99"}
    assert document["parc"]["fichier"] == "../parc.csv"
    assert document["parc"]["source"] == "Fichier du bailleur"
    assert document["droits"] == {"fichier": "../droits.csv"}
    assert document["rotation"] == {"liberations": "../liberations.csv"}
    assert document["geographie"] == {"fichier": "../communes.csv"}
    assert document["soustraits"] == {}
    assert document["perimetres"] == [
        {"code": "99001", "echelle": "commune"},
        {"code": "999000011", "echelle": "epci"},
    ]
    assert document["reservataires"] == [
        {"code": "99001", "type": "commune", "perimetre": "99001", "contrepartie": "garantie"},
        {"code": "999000011", "type": "epci", "perimetre": "999000011", "contrepartie": "sans"},
        {"code": "cd99", "type": "autre", "contrepartie": "financement"},
    ]
    assert "à corriger" in texte
    flux = calculer_dossier(chemin)
    assert flux.territoire.assiette.total == 4
    assert [r.part for r in flux.reservataires if r.code == "cd99"] == [flux.reservataires[2].part]
    assert flux.reservataires[0].objectif is not None


def test_sans_registre_les_contingents_de_l_assiette(tmp_path):
    texte, document, chemin = preparer(tmp_path, liberations="liberations.csv")
    assert document["reservataires"] == [
        {
            "code": "contingent-2",
            "nom": "État, prioritaires",
            "type": "etat_prioritaires",
            "reserves": 2,  # the third is a student's, out of the assiette
        },
        {
            "code": "contingent-3",
            "nom": "Employeurs et Action Logement",
            "type": "action_logement",
            "reserves": 1,  # the other is in another département
        },
    ]
    assert "Contingents du RPLS : remplacez-les" in texte
    assert "droits" not in document
    assert calculer_dossier(chemin).territoire.exact == 1


def test_le_bailleur_du_fichier(tmp_path):
    _, document, _ = preparer(tmp_path, ";siren", ";999000102")
    assert document["bailleur"] == {"nom": "999000102", "siren": "999000102"}


def test_un_bailleur_inconnu_est_a_corriger(tmp_path):
    _, document, _ = preparer(tmp_path)
    assert document["bailleur"] == {"nom": "à corriger"}


def test_un_nom_a_guillemets_reste_du_toml(tmp_path):
    _, document, _ = preparer(tmp_path, nom='L\'« OPH » dit "le Vieux" \\ é')
    assert document["bailleur"]["nom"] == 'L\'« OPH » dit "le Vieux" \\ é'


def test_un_cadre_sans_definition_la_demande(tmp_path):
    texte, document, _ = preparer(tmp_path, liberations="liberations.csv", cadre="droit-commun")
    assert "definition" not in document["rotation"]
    assert '# definition = "…"' in texte


def test_la_rotation_se_lit_dans_les_baux_s_il_y_en_a(tmp_path):
    _, document, chemin = preparer(
        tmp_path, ";mode;annee de mise en location;date du bail", ";1;1990;02/2023"
    )
    assert document["rotation"] == {"definition": "emmenagements_rpls"}
    assert calculer_dossier(chemin).territoire.taux == 1


@pytest.mark.parametrize(
    ("autres", "fin"), [("", ""), (";mode", ";1"), (";annee de mise en location", ";1990")]
)
def test_sans_baux_la_rotation_est_a_corriger(tmp_path, autres, fin):
    texte, document, _ = preparer(tmp_path, autres, fin)
    assert document["rotation"] == {}
    assert '# taux = "… %"' in texte


def test_le_territoire_demande(tmp_path):
    _, document, _ = preparer(tmp_path, territoire=Territoire("commune", "99003"))
    assert document["territoire"] == {"echelle": "commune", "code": "99003"}
    assert [r["code"] for r in document["reservataires"]] == ["contingent-3"]


def test_territoire_de():
    assert territoire_de("departement:31") == Territoire("departement", "31")
    for faux in ("31", "departement:", "region:93", ":31", ""):
        with pytest.raises(DocumentInvalide, match="s'écrit echelle:code, par exemple departement:31"):
            territoire_de(faux)


def test_un_territoire_sans_logement_est_refuse(tmp_path):
    with pytest.raises(DocumentInvalide):
        preparer(tmp_path, territoire=Territoire("departement", "75"))
