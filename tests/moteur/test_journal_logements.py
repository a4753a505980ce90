"""The dwelling of each vacance: the opening wins, the parc completes, a disagreement is told."""

from pathlib import Path

import pytest
from poche_journal import ecrire, evenement, lignes

from partiteur.moteur.geographie import Geographie
from partiteur.moteur.journal import joindre_parc, lire_journal, parc_du_dossier
from partiteur.moteur.journal.lecture import Journal
from partiteur.moteur.lecture import lire_parc
from partiteur.moteur.millesime import Parc, importer, ouvrir
from partiteur.regles.vacance import LogementVacant

PARC = """numero_rpls;identifiant_interne;bailleur;commune;qpv;typologie;financement;annee_construction
N1;L1;999000102;67482;oui;T3;PLUS;1970
N2;L2;999000102;75056;non;T2;PLAI;2015
L2;X9;999000102;33063;non;T5;PLS;1990
"""


@pytest.fixture
def parc(tmp_path: Path) -> Parc:
    chemin = tmp_path / "parc.csv"
    chemin.write_text(PARC)
    return ouvrir(chemin, Geographie())


def journal(tmp_path: Path, *faits: object) -> Journal:
    return lire_journal(ecrire(tmp_path / "j.csv", lignes(list(faits))))


def test_le_parc_complete_et_l_evenement_l_emporte(tmp_path: Path, parc: Parc) -> None:
    """Fact by fact; the internal identifier is a second choice."""
    lu = journal(
        tmp_path,
        evenement(1, "conge_recu", donnees={"qpv": False, "typologie": "T4"}),
        evenement(2, "conge_recu", "V2", logement="L2"),
        evenement(3, "conge_recu", "V3", logement="N1", donnees={"epci": "246700488"}),
    )
    logements = joindre_parc(lu, parc)
    assert logements.par_vacance["V1"] == LogementVacant(
        "V1", "L1", "T4", "PLUS", False, "67482", "246700488", "67", 1970
    )
    assert (logements.par_vacance["V2"].typologie, logements.par_vacance["V2"].commune) == ("T5", "33063")
    assert logements.par_vacance["V3"].qpv is True
    dits = {constat.colonne: constat.message for constat in logements.constats}
    assert set(dits) == {"qpv", "typologie"}
    assert dits["qpv"] == (
        "j.csv, vacance « V1 » : le journal et le parc ne disent pas la même chose du QPV (« non » et « oui ») ; "
        "le journal l'emporte (1 cas)."
    )


def test_sans_parc_ce_qui_n_est_pas_dit_reste_inconnu(tmp_path: Path) -> None:
    """An arrondissement leads to its commune; without a parc nothing is missing from it."""
    lu = journal(
        tmp_path,
        evenement(1, "conge_recu", donnees={"commune": "75112"}),
        evenement(2, "mise_a_disposition", reservataire="A"),
    )
    logements = joindre_parc(lu)
    assert logements.constats == ()
    assert logements.par_vacance == {
        "V1": LogementVacant("V1", "L1", commune="75056", epci="200054781", departement="75")
    }


def test_une_ouverture_rectifiee(tmp_path: Path, parc: Parc) -> None:
    """The opening in force is the one that counts; a dwelling that the parc has not is told."""
    remplace = {"type": "conge_recu", "date_effet": "2024-01-01", "logement": "L7", "donnees": {"qpv": True}}
    lu = journal(
        tmp_path,
        evenement(1, "conge_recu", donnees={"qpv": False}),
        evenement(2, "rectification", donnees={"annule": "E1", "remplace": remplace}),
        evenement(3, "mise_a_disposition", "V2", logement=None, reservataire="A"),
    )
    logements = joindre_parc(lu, parc)
    assert logements.par_vacance["V1"] == LogementVacant("V1", "L7", qpv=True)
    assert logements.par_vacance["V2"] == LogementVacant("V2")
    (constat,) = logements.constats
    assert (constat.code, constat.nombre) == ("logement_hors_parc", 2)


def test_un_millesime_et_un_dossier_sans_fichier(tmp_path: Path, parc: Parc) -> None:
    """An imported parc is read from its file; a dossier without a file has no parc, but may be given one."""
    lecture = lire_parc(tmp_path / "parc.csv", Geographie())
    millesime = importer(lecture, tmp_path / "parc.csv", tmp_path / "depot")
    dossier = tmp_path / "dossier.toml"
    dossier.write_text(
        'cadre = "droit-commun"\nexercice = 2024\n[bailleur]\nnom = "B"\n[territoire]\nechelle = "departement"\n'
        'code = "67"\n[parc]\ntotal = 100\n'
    )
    assert parc_du_dossier(dossier)[0] is None
    lu = journal(tmp_path, evenement(1, "conge_recu"))
    donne, geographie = parc_du_dossier(dossier, millesime)
    assert joindre_parc(lu, donne, geographie) == joindre_parc(lu, parc)
