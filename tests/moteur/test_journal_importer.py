"""Starting an account: rows of an ERP become events, opening balances too; what contradicts itself is said."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from poche_journal import csv_de, ecrire, lignes

from partiteur.moteur.journal import compter, ecrire_journal, enchainer, lire_journal, verifier_journal
from partiteur.moteur.journal.importer import importer
from partiteur.moteur.journal.modele import ModeleIllisible, lire_modele
from partiteur.moteur.journal.reprise import RepriseImpossible, reprendre

SAISIE = datetime(2024, 6, 1, tzinfo=UTC)
MODELE = """
[journal]
auteur = "999000102:erp1"
canal = "papier"
[colonnes]
logement = "N° UG"
conge = "Préavis reçu"
mise_a_disposition = "Envoyé le"
[reservataires]
"Préfecture" = "etat"
[motifs]
"Pas de retour" = "sans_reponse"
"""
LIGNE = {"N° UG": "L1", "Préavis reçu": "05/01/2024", "Réservataire": "Préfecture", "Envoyé le": "08/01/2024"}
COMPLETE = {
    **LIGNE, "Réponse": "10/01/2024", "Suite": "oui", "Désignation": "15/01/2024", "Candidats": "3",
    "CALEOL": "22/01/2024", "Décision": "Attribué", "Réponse candidat": "30/01/2024", "Suite candidat": "Accepté",
    "Bail": "05/02/2024", "Entrée": "15/02/2024", "Code Insee": "99001", "QPV": "oui", "Typologie": "T3",
}  # fmt: skip


def tirage() -> Callable[[int], str]:
    rangs = count(1)
    return lambda octets: f"{next(rangs):0{2 * octets}x}"


@pytest.fixture
def modele(tmp_path: Path) -> Path:
    chemin = tmp_path / "modele.toml"
    chemin.write_text(MODELE)
    return chemin


def fichier(tmp_path: Path, *rangs: dict[str, str]) -> Path:
    chemin = tmp_path / "erp.csv"
    chemin.write_text(csv_de(*rangs), encoding="cp1252")
    return chemin


def test_une_proposition_menee_a_bien(tmp_path: Path, modele: Path) -> None:
    """One row: from the congé to the lease, each event marked as imported, candidates drawn at random."""
    lu = importer(fichier(tmp_path, COMPLETE), modele, SAISIE, tirage())
    assert (lu.lignes, lu.acceptees, lu.chaine) == (1, 1, "999000102")
    faits = lu.evenements
    assert [f.type for f in faits] == [
        "vacance_ouverte", "orientation", "mise_a_disposition", "validation", "designation", "decision_caleol",
        "reponse_candidat", "bail_signe",
    ]  # fmt: skip
    assert {f.vacance for f in faits} == {"999000102-L1-20240105"}
    assert all(f.donnees["source"] == "import" and f.donnees["canal"] == "papier" for f in faits)
    assert {f.reservataire for f in faits[1:]} == {"etat"}
    assert faits[0].donnees["typologie"] == "T3"
    assert faits[0].donnees["qpv"] is True
    assert len(set(faits[4].donnees["candidats"])) == 3
    assert faits[-1].donnees["candidat"] == faits[4].donnees["candidats"][0]
    assert faits[-1].donnees["entree"] == "2024-02-15"


def test_plusieurs_lignes_une_vacance(tmp_path: Path, modele: Path) -> None:
    """Two proposals of one dwelling are one vacance: opened once, A failed, B signed."""
    echec = {**LIGNE, "Échec": "18/01/2024", "Motif": "Pas de retour"}
    seconde = {**LIGNE, "Réservataire": "cd99", "Envoyé le": "20/01/2024", "CALEOL": "30/01/2024",
               "Décision": "attribution", "Bail": "10/02/2024"}  # fmt: skip
    repris = reprendre(fichier(tmp_path, echec, seconde), modele, SAISIE, tirer=tirage())
    assert repris.constats[0].code == "encodage"
    sortie = tmp_path / "j.csv"
    ecrire_journal(sortie, enchainer(repris.chaine, repris.ecrits))
    journal = lire_journal(sortie)
    assert verifier_journal(journal).etat == "intacte"
    compte = compter(journal, {}, date(2024, 1, 1), date(2024, 12, 31)).decompte
    etat, cd = ({li.code: li for li in compte.lignes}[code] for code in ("etat", "cd99"))
    assert (len(etat.mise_a_disposition), len(etat.bail_signe)) == (1, 0)
    assert (len(cd.mise_a_disposition), len(cd.bail_signe)) == (1, 1)
    assert len(compte.vacances) == 1


@pytest.mark.parametrize(
    ("suite", "types"),
    [
        ({"Suite": "non", "Réponse": "10/01/2024"}, ["declinaison"]),
        ({"Suite": "pas de réponse", "Réponse": "20/01/2024", "Motif": "Pas de retour"}, ["delai_expire"]),
        ({"Échec": "20/01/2024", "Motif": "logement_indisponible"}, ["retrait"]),
        ({"Échec": "20/01/2024", "Motif": "sans_candidat"}, ["declinaison"]),
        (
            {"CALEOL": "20/01/2024", "Décision": "refus", "Motif": "refus_caleol"},
            ["designation", "decision_caleol"],
        ),
        (
            {"CALEOL": "20/01/2024", "Décision": "accord", "Réponse candidat": "25/01/2024",
             "Suite candidat": "refus", "Proposition": "inadaptée", "Motif": "refus_candidat_inadaptee"},
            ["designation", "decision_caleol", "reponse_candidat"],
        ),
    ],
)  # fmt: skip
def test_chaque_echec(tmp_path: Path, modele: Path, suite: dict[str, str], types: list[str]) -> None:
    lu = importer(fichier(tmp_path, {**LIGNE, **suite}), modele, SAISIE, tirage())
    assert [f.type for f in lu.evenements[3:]] == types
    assert lu.evenements[-1].motif in (None, suite.get("Motif"), "sans_reponse")


def test_cellules_et_lignes_refusees(tmp_path: Path, modele: Path) -> None:
    """Each fault with its row: an unreadable cell is unknown, a row that contradicts itself is left out."""
    rangs = [
        LIGNE,
        {**LIGNE, "N° UG": ""},
        {**LIGNE, "N° UG": "L3", "Préavis reçu": ""},
        {**LIGNE, "N° UG": "L4", "Envoyé le": "01/01/2024"},
        {**LIGNE, "N° UG": "L5", "Réservataire": ""},
        {**LIGNE, "N° UG": "L6", "Motif": "mauvaise humeur"},
        {**LIGNE, "N° UG": "L7", "Réservataire": "Mairie de X"},
        {**LIGNE, "N° UG": "L8", "CALEOL": "un mardi"},
    ]
    lu = importer(fichier(tmp_path, *rangs), modele, SAISIE, tirage())
    assert (lu.lignes, lu.acceptees) == (8, 2)
    messages = "\n".join(c.message for c in lu.constats)
    for dit in ("ligne 3", "ligne 4", "(01/01/2024) précède celle de « conge »", "remplissez la cellule", "mauvaise humeur",
                "un code court", "un mardi"):  # fmt: skip
        assert dit in messages, dit


def test_une_proposition_impossible_se_retrouve_a_sa_ligne(tmp_path: Path, modele: Path) -> None:
    """Offered again once a lease is signed: its row is named, and is not an accepted one."""
    trop_tard = {
        **COMPLETE,
        "Envoyé le": "01/12/2024",
        "Désignation": "",
        "CALEOL": "",
        "Bail": "",
        "Entrée": "",
    }
    repris = reprendre(fichier(tmp_path, COMPLETE, trop_tard), modele, SAISIE)
    assert (repris.lignes, repris.acceptees) == (2, 1)
    (impossible,) = (c for c in repris.constats if c.code == "apres_bail")
    assert [e.ligne for e in impossible.exemples] == [3, 3]
    assert "ligne 3 : l'événement est daté du 01/12/2024" in impossible.message


def test_soldes_de_depart(tmp_path: Path, modele: Path) -> None:
    modele.write_text(
        MODELE
        + '[[reprises]]\nreservataire = "etat"\nexercice = 2023\nsolde = "-5/2"\npreuve = "P12"\ndate = 2024-01-01\n'
    )
    premier = importer(fichier(tmp_path, COMPLETE), modele, SAISIE, tirage()).evenements[0]
    assert (premier.type, premier.reservataire, premier.vacance) == ("reprise", "etat", "reprise-2023")
    assert premier.donnees["solde"] == "-5/2"


@pytest.mark.parametrize(
    ("texte", "dit"),
    [
        ("[journal", "TOML lisible"),
        ("[colonnes]\n", "section \\[journal\\]"),
        ('[journal]\nauteur = "Dupont"\n', "auteur"),
        ('[journal]\nauteur = "999000102"\nnom = "x"\n', "« nom »"),
        ('[journal]\nauteur = "999000102"\n[autre]\n', "« autre »"),
        ('[journal]\nauteur = "999000102"\n[motifs]\na = "b"\n', "pas un motif connu"),
        ('[journal]\nauteur = "999000102"\n[motifs]\na = 3\n', "une ligne par mot"),
        ('[journal]\nauteur = "999000102"\n[[reprises]]\nsolde = 3\n', "cinq clés"),
    ],
)
def test_modele_refuse(tmp_path: Path, texte: str, dit: str) -> None:
    chemin = tmp_path / "m.toml"
    chemin.write_text(texte)
    with pytest.raises(ModeleIllisible, match=dit):
        lire_modele(chemin)
    with pytest.raises(ModeleIllisible, match="ne peut pas être ouvert"):
        lire_modele(tmp_path / "absent.toml")


def test_prolonger_un_journal(tmp_path: Path) -> None:
    """Events nobody chained continue a chain; the impossible ones are refused and said; what is there is not taken twice."""
    suite = ecrire(tmp_path / "j.csv")
    base = {"vacance": "V3", "date_saisie": "2024-02-01", "auteur": "999000102:7"}
    nouveau = tmp_path / "n.csv"
    nouveau.write_text(
        csv_de(
            {**base, "type": "conge_recu", "date_effet": "2024-02-01", "evenement": ""},
            {**base, "type": "bail_signe", "date_effet": "2024-02-09", "vacance": "V9", "evenement": "F2"},
            {**base, "type": "bail_signe", "date_effet": "2024-02-09", "vacance": "V1", "evenement": "F3"},
        )
    )
    repris = reprendre(nouveau, None, SAISIE, suite=suite, tirer=tirage())
    assert {c.code for c in repris.constats} == {"vacance_inconnue", "deux_baux"}
    assert [c.message.partition(" : ")[0] for c in repris.constats] == ["n.csv, ligne 3", "n.csv, ligne 4"]
    assert (repris.lignes, repris.acceptees) == (3, 1)
    (ecrit,) = repris.ecrits
    assert ecrit["evenement"] == "e0000000000000001"
    ecrire_journal(suite, [*repris.deja, *enchainer(repris.chaine, repris.ecrits, repris.tete)])
    assert verifier_journal(lire_journal(suite)).evenements == 10
    nouveau.write_text(csv_de({**base, "type": "conge_recu", "date_effet": "2024-02-01", "evenement": "E1"}))
    with pytest.raises(RepriseImpossible, match="figure déjà"):
        reprendre(nouveau, None, SAISIE, suite=suite)
    with pytest.raises(RepriseImpossible, match="--chaine"):
        reprendre(nouveau, None, SAISIE)
    with pytest.raises(RepriseImpossible, match="Colonne"):
        reprendre(nouveau, None, SAISIE, chaine="deux mots")
    with pytest.raises(RepriseImpossible, match="déjà enchaîné"):
        reprendre(suite, None, SAISIE)
    assert lignes()
