"""The advice on the command line: the same figures in every form, and what is refused."""

import csv
import io
import json
import re
from fractions import Fraction

import pytest

from partiteur.moteur.journal import lire_journal
from partiteur.regles.vacance import etat_vacance, retenir


@pytest.fixture(scope="module")
def ouvertes(territoire):
    """Vacances of the third bailleur still to turn at the end of its journal; the last one is louée."""
    journal = lire_journal(territoire.bailleurs[2].journal)
    par_vacance = {}
    for e in journal.evenements:
        par_vacance.setdefault(e.vacance, []).append(e)
    statuts = {v: etat_vacance(retenir(siens, None, None)).statut for v, siens in par_vacance.items()}
    voulues = [v for v, statut in statuts.items() if statut in ("ouverte", "orientee")]
    return [*voulues, next(v for v, statut in statuts.items() if statut == "close")]


@pytest.fixture
def orienter(lancer, territoire):
    bailleur = territoire.bailleurs[2]
    return lambda *autres: lancer("orienter", bailleur.journal, "--dossier", bailleur.dossier, *autres)


def test_le_conseil_sous_toutes_ses_formes(orienter, ouvertes):
    """Text, JSON and CSV have the same lines and balances."""
    lignes = json.loads(orienter("--vacance", ouvertes[0], "--format", "json").sortie)
    assert set(lignes[0]) == {
        "destination", "rang", "motifs", "soldes_avant", "soldes_apres", "soldes_sinon", "exclue"
    }  # fmt: skip
    admises = [li for li in lignes if li["rang"]]
    assert [li["rang"] for li in admises] == list(range(1, len(admises) + 1))
    assert {"non_reserve", "soustrait:mutations"} <= {li["destination"] for li in lignes}
    assert all(li["motifs"] and (li["exclue"] is None) == (li["rang"] is not None) for li in lignes)
    for li in admises:
        avant, apres = (Fraction(li[nom]["compte"]) for nom in ("soldes_avant", "soldes_apres"))
        assert apres == avant + 1
    tableau = list(
        csv.DictReader(
            io.StringIO(orienter("--vacance", ouvertes[0], "--format", "csv").sortie), delimiter=";"
        )
    )
    assert [li["destination"] for li in tableau] == [li["destination"] for li in lignes]
    assert [li["avant_retard"] for li in tableau] == [li["soldes_avant"]["retard"] for li in lignes]
    rendu = orienter("--vacance", ouvertes[0])
    assert (rendu.code, rendu.erreur) == (0, "")
    assert rendu.sortie.startswith(f"Orientation de la vacance {ouvertes[0]}, au 31/12/2023")
    assert len(re.findall(r"^ *\d+\. ", rendu.sortie, re.MULTILINE)) == len(admises)
    assert "Les parts sont celles du dossier de l'exercice 2024." in rendu.sortie
    assert "Écartées" in rendu.sortie
    assert "Non réservé" in rendu.sortie


def test_la_residence_se_montre(orienter, ouvertes):
    rendu = orienter("conseiller_n_est_pas_dit", "--vacance", ouvertes[0])
    assert rendu.code == 2
    dit = orienter("--vacance", ouvertes[0], "--residence", "a_reequilibrer").sortie
    assert "Résidence : équilibre à rétablir." in dit


JOURNAL = """vacance;logement;type;date_effet;date_saisie;auteur;reservataire;motif;donnees
V1;X1;conge_recu;2024-01-02;2024-01-02;999000300:1;;;{"qpv": true, "commune": "99001", "famille_financement": "PLUS", "typologie": "T3"}
V1;X1;mise_a_disposition;2024-01-03;2024-01-03;999000300:1;99001;;
V1;X1;declinaison;2024-01-09;2024-01-09;999000300:1;99001;declinaison;
V2;X2;conge_recu;2024-01-10;2024-01-10;999000300:1;;;{"qpv": false, "commune": "99001"}
V2;X2;mise_a_disposition;2024-01-11;2024-01-11;999000300:1;99001;;
V3;X3;conge_recu;2024-01-12;2024-01-12;999000300:1;;;{"famille_financement": "PLI"}
"""


def test_le_maire_une_offre_en_cours_un_pli(lancer, territoire, tmp_path):
    """What is said of a failure in QPV, of an offer that nobody ended, of a dwelling that is nobody's."""
    (tmp_path / "j.csv").write_text(JOURNAL, encoding="utf-8")
    commande = ("orienter", "j.csv", "--dossier", territoire.bailleurs[2].dossier, "--vacance")
    dit = lancer(*commande, "V1").sortie
    assert "X1 : PLUS, en QPV, T3, commune 99001" in dit
    assert "  1. Le maire (99001)\n" in dit
    assert "Commune d'Aurevielle : Ce logement lui a déjà été mis à disposition et compte pour lui." in dit
    assert "exercice" not in dit.partition("Écartées")[0]
    dit = lancer(*commande, "V2").sortie
    assert "X2 : financement inconnu, hors QPV, typologie inconnue, commune 99001" in dit
    assert "Une mise à disposition est en cours" in dit
    assert "Écartées" in dit
    dit = lancer(*commande, "V3").sortie
    assert "Aucune destination n'est possible." in dit
    assert "  1. " not in dit


def test_conseiller_peut_se_dire(lancer, territoire, ouvertes):
    """« orienter JOURNAL » is « orienter conseiller JOURNAL »."""
    b = territoire.bailleurs[2]
    options = ("--dossier", b.dossier, "--vacance", ouvertes[0])
    assert (
        lancer("orienter", "conseiller", b.journal, *options).sortie
        == lancer("orienter", *options, b.journal).sortie
        != ""
    )
    assert "rejouer" in lancer("orienter", "--help").sortie


def test_ce_qui_est_refuse(orienter, ouvertes):
    """One sentence, exit code 2."""
    for options, phrase in (
        (("--vacance", "X"), "La vacance « X » n'est pas ouverte"),
        (("--vacance", ouvertes[-1]), "est close : il n'y a plus de logement à orienter."),
        ((), "il manque « vacance »"),
    ):
        rendu = orienter(*options)
        assert rendu.code == 2
        assert phrase in rendu.erreur
        assert rendu.erreur.count("\n") == 1


def test_le_dernier_jour_du_conseil(orienter, ouvertes):
    """Before its opening, a vacance is not there."""
    assert (
        "n'est pas ouverte au 31/01/2021" in orienter("--vacance", ouvertes[0], "--au", "2021-01-31").erreur
    )


def test_rejouer_une_annee(lancer, territoire):
    """Distances of every policy, exact, medians over the seeds."""
    b = territoire.bailleurs[2]
    options = ("--dossier", b.dossier, "--du", "2023-01-01", "--au", "2023-03-31", "--graines", 2)
    lu = json.loads(lancer("orienter", "rejouer", b.journal, *options, "--format", "json").sortie)
    assert [p["politique"] for p in lu["politiques"]] == ["plus_en_retard", "hasard", "conseil"]
    assert lu["graines"] == 2
    assert 0 < Fraction(lu["echec"]) <= 1
    for politique in lu["politiques"]:
        assert Fraction(politique["distance_volume"]) >= 0
        assert 0 <= Fraction(politique["distance_structure"]) <= 1
        assert politique["borne_structure"] is None


def test_rejouer_avec_l_optimum(lancer, territoire, tmp_path):
    """The same lines as text and as a table; what the optimum knows is said; a year without a vacance is refused."""
    (tmp_path / "j.csv").write_text(JOURNAL, encoding="utf-8")
    commande = ("orienter", "rejouer", "j.csv", "--dossier", territoire.bailleurs[2].dossier, "--graines", 1)
    rendu = lancer(*commande, "--optimum")
    assert (rendu.code, rendu.erreur) == (0, "")
    assert "L'optimum connaît d'avance toute l'année" in rendu.sortie
    assert re.search(r"^l'optimum +\S", rendu.sortie, re.MULTILINE)
    tableau = lancer(*commande, "--format", "csv").sortie.splitlines()
    assert [ligne.partition(";")[0] for ligne in tableau[1:]] == ["plus_en_retard", "hasard", "conseil"]
    assert "L'optimum" not in lancer(*commande).sortie
    vide = lancer(*commande, "--au", "2019-12-31")
    assert vide.code == 2
    assert "Aucune vacance n'est entrée dans le flux" in vide.erreur
