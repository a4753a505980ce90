"""On the demo territory, the bilan says what the account says; purging everyone changes none; a year is complete."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from partiteur.demo.territoire import BailleurDemo, Territoire
from partiteur.moteur.bilan import Demande, Etabli, etablir, json_du_bilan
from partiteur.moteur.bilan.annuel import Piece
from partiteur.moteur.bilan.ventilation import COMPTEURS, EN_CANDIDATS
from partiteur.moteur.journal import COLONNES, compter, conventions_du_dossier, ecrire_journal, lire_journal
from partiteur.moteur.journal.controle import effacee

FIN = date(2023, 12, 31)
DEMANDE = Demande(FIN, objectifs=True, stock=2022, dates=())
pytestmark = pytest.mark.xdist_group("dossiers annuels")


@pytest.fixture(scope="module", params=["A", "B", "C"])
def bailleur(request: pytest.FixtureRequest, territoire: Territoire) -> BailleurDemo:
    return territoire.bailleurs["ABC".index(request.param)]


@pytest.fixture(scope="module")
def etabli(bailleur: BailleurDemo) -> Etabli:
    return etablir(bailleur.journal, replace(DEMANDE, dossier=bailleur.dossier_2023))


def test_le_bilan_compte_comme_le_decompte(etabli: Etabli, bailleur: BailleurDemo) -> None:
    """Every counter of every réservataire, with the rights, délais and QPV that the dossier sets."""
    journal = lire_journal(bailleur.journal)
    contexte = conventions_du_dossier(bailleur.dossier_2023, journal).contexte
    assert contexte.organisations
    assert contexte.limites
    tenu = compter(journal, contexte, date(2023, 1, 1), FIN).decompte
    assert etabli.decompte == tenu
    for ligne, comptee in zip(etabli.bilan.reservataires, tenu.lignes, strict=True):
        noms = [nom for nom in COMPTEURS if nom != EN_CANDIDATS]
        assert {n: ligne.compteurs[n] for n in noms} == {n: len(getattr(comptee, n)) for n in noms}
        assert ligne.taux_chute == comptee.chute
        assert not set(comptee.en_cours) & {*comptee.attribution, *comptee.sans_bail}


def test_une_annee_complete(etabli: Etabli) -> None:
    """The dossier of the year gives volumes, forecast soustraits and what was reached of them."""
    bilan = etabli.bilan
    assert {m.code for m in bilan.manques}.isdisjoint({"autre_exercice", "prevision_absente"})
    for ligne in bilan.reservataires:
        assert ligne.objectif is not None
        assert ligne.atteinte is not None
        if ligne.objectif and ligne.engage is not None:
            assert ligne.atteinte.du_volume == Fraction(ligne.engage, ligne.objectif)
    prevus = {li.categorie: (li.prevu, li.ecart) for li in bilan.soustraits}
    assert prevus["mutations"][0]
    assert all(ecart is not None for _, ecart in prevus.values())


def test_chaque_piece_du_dossier_annuel(bailleur: BailleurDemo, etabli: Etabli, pieces_de: Any) -> None:
    """What is not complete says why, and none says that the year was not planned."""
    pieces: list[Piece] = pieces_de(bailleur)
    (previsionnel,) = {id(p.json): p for p in pieces if p.nom == "previsionnel"}.values()
    assert previsionnel.complet
    assert {"prevu_2023", "realise_2023", "prevu_2024"} <= set(previsionnel.json[0])
    assert all(li["prevu_2023"] is not None for li in previsionnel.json)
    (prefet,) = (p for p in pieces if (p.dossier, p.nom) == ("prefet", "bilan"))
    assert prefet.bilan == etabli.bilan
    (sne,) = (p for p in pieces if p.nom == "saisies")
    assert all(str(li["numero_rpls"]).startswith("99") for li in sne.json)
    assert all(p.manques for p in pieces if not p.complet)


def test_purger_tout_le_monde_ne_change_aucun_bilan(territoire: Territoire, tmp_path: Path) -> None:
    """Every event of every vacance erased: salts, agents, candidates and letters gone, the whole bilan the same (E6)."""
    bailleur = territoire.bailleurs[2]
    demande = replace(DEMANDE, dossier=bailleur.dossier_2023)
    journal = lire_journal(bailleur.journal)
    numeros: dict[str, dict[str, str]] = defaultdict(dict)
    lignes = journal.table.select(list(COLONNES)).to_pylist()
    purgees = [effacee(ligne, numeros[ligne["vacance"]]) for ligne in lignes]
    assert all(not ligne["sel"] and ":" not in ligne["auteur"] for ligne in purgees)
    assert '"public_l441_1"' in "".join(ligne["donnees"] for ligne in lignes)
    assert '"public_l441_1"' not in "".join(ligne["donnees"] for ligne in purgees)
    (tmp_path / "p").mkdir()
    purge = tmp_path / "p" / bailleur.journal.name
    ecrire_journal(purge, purgees, journal.forme, journal.separateur)
    avant: dict[str, Any] = json_du_bilan(etablir(bailleur.journal, demande).bilan)
    assert json_du_bilan(etablir(purge, demande).bilan) == avant
    assert avant["objectifs"]


def test_chaque_convention_a_ses_dates(petit_bailleur: BailleurDemo) -> None:
    """A convention that sets its interim dates has them and no other, the rest those of the cadre; dates asked for on the spot replace all (D46)."""
    bailleur = petit_bailleur
    texte = bailleur.dossier_2023.read_text("utf-8")
    assert texte.count('code = "cd99"\n') == 1
    dossier = bailleur.dossier_2023.with_name("dates.toml")
    dossier.write_text(
        texte.replace('code = "cd99"\n', 'code = "cd99"\nbilans = ["05-15", "12-31"]\n'), "utf-8"
    )
    rendus = etablir(bailleur.journal, Demande(FIN, dossier=dossier, dates=())).bilan.intermediaires
    assert list(rendus) == [date(2023, *le) for le in ((5, 15), (6, 30), (12, 31))]
    assert list(rendus[date(2023, 5, 15)]) == ["cd99"]
    assert "cd99" not in rendus[date(2023, 6, 30)]
    assert len(rendus[FIN]) > len(rendus[date(2023, 6, 30)]) > 1
    demandes = etablir(bailleur.journal, Demande(FIN, dossier=dossier, dates=("06-30",))).bilan.intermediaires
    assert list(demandes) == [date(2023, 6, 30)]
    assert "cd99" in demandes[date(2023, 6, 30)]
