"""A perimeter and filters: what is kept, what cannot be placed, and nothing from elsewhere."""

from datetime import date
from pathlib import Path

import pytest

from partiteur.moteur.droits import RegistreEnFichier
from partiteur.moteur.etats import AxeInconnu, etat_des_lieux
from partiteur.moteur.geographie import charger
from partiteur.moteur.lecture import lire_droits, lire_parc
from partiteur.moteur.millesime import TOUT, Parc, Territoire, importer, importer_droits, ouvrir
from partiteur.moteur.selection import mot, selectionner

PARC = """numero rpls;code insee;qpv;typologie;programme;contingent
1;06029;oui;T2;P;2
2;06029;non;T3;P;2
3;06029;;T3;Q;
4;06030;non;T2;R;7
"""
DROITS = "droit;reservataire;programme;logement;nombre\nd1;prefet;P;;1\nd2;commune;;3;1\n"


@pytest.fixture
def parc(tmp_path: Path) -> Parc:
    fichier = tmp_path / "parc.csv"
    fichier.write_text(PARC, "utf-8")
    return ouvrir(importer(lire_parc(fichier, charger()), fichier, tmp_path / "depot"), charger())


@pytest.fixture
def registre(tmp_path: Path) -> RegistreEnFichier:
    fichier = tmp_path / "droits.csv"
    fichier.write_text(DROITS, "utf-8")
    ecrit = importer_droits(lire_droits(fichier), fichier, tmp_path / "depot")
    assert ecrit.name.startswith("droits-")
    return RegistreEnFichier(ecrit, date(2023, 12, 31))


def test_sans_filtre_c_est_l_etat_des_lieux(parc, registre):
    choisi = selectionner(parc, TOUT, ("qpv", "reservataire"), {}, registre)
    assert choisi.etat == etat_des_lieux([parc], ("qpv", "reservataire"), registre)
    assert (choisi.ensemble, choisi.indecis) == (4, 0)


def test_un_filtre_garde_met_a_part_l_inconnu(parc):
    choisi = selectionner(parc, TOUT, ("typologie",), {"qpv": "non"}, None)
    assert choisi.etat.lignes == (("T2", 1), ("T3", 1))
    assert (choisi.etat.total, choisi.ensemble, choisi.indecis) == (2, 4, 1)
    inconnus = selectionner(parc, TOUT, ("typologie",), {"qpv": "inconnu"}, None)
    assert inconnus.etat.lignes == (("T3", 1),)


def test_un_perimetre_ne_laisse_rien_voir_d_ailleurs(parc, registre):
    cannes = selectionner(parc, Territoire("commune", "06029"), ("commune", "reservataire"), {}, registre)
    assert cannes.ensemble == 3
    assert {ligne[0] for ligne in cannes.etat.lignes} == {"06029"}
    assert {ligne[1]: ligne[2] for ligne in cannes.etat.lignes} == {
        "commune": 1,
        "prefet": 1,
        "non_reserve": 1,
    }
    assert cannes.etat.avertissements == ()
    assert selectionner(parc, Territoire("commune", "99999"), ("commune",), {}, registre).ensemble == 0


def test_des_droits_en_nombre_ne_disent_pas_quels_logements(parc, registre):
    """The register says one dwelling of the two of programme P, not which: no typology is made up."""
    choisi = selectionner(parc, TOUT, ("reservataire",), {"typologie": "T2"}, registre)
    assert choisi.etat.lignes == (("non_reserve", 1),)
    assert choisi.indecis == 2


def test_sans_registre_les_contingents(parc):
    choisi = selectionner(parc, TOUT, ("reservataire",), {"commune": "06029"}, None)
    assert choisi.etat.lignes == (("État, prioritaires", 2), (None, 1))
    assert [a.code for a in choisi.etat.avertissements] == ["contingents_rpls"]


def test_un_axe_inconnu_est_refuse(parc):
    with pytest.raises(AxeInconnu):
        selectionner(parc, TOUT, ("commune",), {"couleur": "x"}, None)
    assert [mot(v) for v in (True, False, None, "T2")] == ["oui", "non", "inconnu", "T2"]
