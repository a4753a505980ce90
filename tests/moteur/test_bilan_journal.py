"""A bilan counts what the account counts, crosses it, and says what it does not know."""

import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from classeurs import feuilles, table
from poche_bilan import attribuee, bail, ecrire, mille, offerte, refusee, vacance

from partiteur.cli.bilan.texte import texte_du_bilan
from partiteur.demo.territoire import BailleurDemo
from partiteur.moteur.bilan import (
    BilanRefuse,
    DateIllisible,
    Demande,
    etablir,
    json_du_bilan,
    lire_dates,
    lire_source,
)
from partiteur.moteur.bilan.attributions import retour_hors_qpv, saisies_sne
from partiteur.moteur.bilan.ventilation import AXES, COMPTEURS, lieu_de
from partiteur.moteur.journal import ecrire_journal, enchainer, exporter
from partiteur.moteur.tableur.bilan import ecrire_bilan
from partiteur.regles.bilan import Bilan

FIN, MARS = date(2024, 12, 31), date(2024, 3, 31)


@pytest.fixture(scope="module")
def bailleur(petit_bailleur: BailleurDemo) -> BailleurDemo:
    return petit_bailleur


@pytest.fixture(scope="module")
def etabli(bailleur: BailleurDemo) -> Any:
    """The bilan of the smallest bailleur of the demo, with everything it can hold."""
    demande = Demande(date(2023, 12, 31), dossier=bailleur.dossier, objectifs=True, stock=2022, dates=())
    return etablir(bailleur.journal, demande)


def test_mille_mises_a_disposition(tmp_path: Path) -> None:
    """1,000 offered and 800 attributed: 20 %. At 31/03, 250 still open: the same rate, they are not lost."""
    journal = ecrire(tmp_path / "j.csv", mille())
    fin = json_du_bilan(etablir(journal, Demande(FIN)).bilan)
    mars = json_du_bilan(etablir(journal, Demande(MARS)).bilan)
    ligne, alors = fin["reservataires"][0], mars["reservataires"][0]
    assert (ligne["mise_a_disposition"], ligne["attribution"], ligne["en_cours"]) == (1000, 800, 0)
    assert ligne["taux_chute"] == "1/5"
    assert (alors["mise_a_disposition"], alors["attribution"], alors["en_cours"]) == (1000, 600, 250)
    assert alors["taux_chute"] == "1/5"
    assert fin["vacances"] == 1000


def test_connu_le(tmp_path: Path) -> None:
    """A bilan as known on 28/02 is the same once April's late entries are there; the other one is not."""
    fevrier = datetime(2024, 2, 28, 23, 59, 59, tzinfo=UTC)
    lignes = vacance("V1", *offerte("V1", date(2024, 1, 20)), refusee(date(2024, 2, 10)))
    demande = Demande(MARS, connu_le=fevrier)
    avant = etablir(ecrire(tmp_path / "a.csv", lignes), demande).bilan
    tard = vacance("V2", *offerte("V2", date(2024, 1, 20)), saisie=date(2024, 4, 9))
    journal = ecrire(tmp_path / "a.csv", [*lignes, *tard])
    apres = etablir(journal, demande).bilan
    assert replace(apres, preuve=avant.preuve) == avant
    assert etablir(journal, Demande(MARS)).bilan.vacances == 2
    assert avant.connu_jusqu_a == "2024-02-10T12:00:00Z"
    assert avant.connu_au == date(2024, 2, 28)
    assert etablir(journal, Demande(MARS)).bilan.connu_au == date(2024, 4, 9)


def test_le_bilan_croise_est_celui_des_vacances(etabli: Any) -> None:
    """Each row, each marginal and the total, counted again by hand from the account and the dwellings."""
    attendu: Counter[Any] = Counter()
    for ligne in etabli.decompte.lignes:
        for nom in ("mise_a_disposition", "attribution", "bail_signe", "neutralisees"):
            for v in getattr(ligne, nom):
                attendu[(ligne.code, *lieu_de(etabli.source.logements[v])), nom] += 1
    ventilation = etabli.bilan.ventilation
    lu = {
        (c.cle, nom): c.compteurs[nom]
        for c in ventilation.lignes
        for nom in ("mise_a_disposition", "attribution", "bail_signe", "neutralisees")
        if c.compteurs[nom]
    }
    assert lu == dict(attendu)
    assert len({c.cle for c in ventilation.lignes}) == len(ventilation.lignes)
    for axe in AXES:
        for nom in COMPTEURS:
            assert sum(c.compteurs[nom] for c in ventilation.marginaux[axe]) == ventilation.total[nom]
    assert tuple(ventilation.marginaux) == AXES


def test_zeros_et_inconnus_sont_dits(etabli: Any) -> None:
    """A réservataire nothing was offered to is there, with its zeros; an unknown QPV is a row, and is named."""
    bilan: Bilan = etabli.bilan
    codes = [c.cle[0] for c in bilan.ventilation.marginaux["reservataire"]]
    assert codes == [ligne.code for ligne in bilan.reservataires]
    vides = [ligne for ligne in bilan.reservataires if not ligne.compteurs["mise_a_disposition"]]
    assert vides
    assert all(ligne.taux_chute is None for ligne in vides if not ligne.compteurs["mise_a_disposition"])
    dits = json_du_bilan(bilan)
    assert {"plafond_cus", "autre_exercice", "loyer_non_calcule"} <= {m["code"] for m in dits["manques"]}
    assert all(li["prevu"] is None for li in dits["soustraits"])
    assert {d["delai"] for d in dits["delais"]} == {
        "ouverture_orientation",
        "orientation_mise_a_disposition",
        "mise_a_disposition_reponse",
        "reponse_caleol",
        "caleol_bail",
        "ouverture_bail",
    }
    assert sum(dits["jours_dus"].values()) > 0


def test_l_attendu_est_la_part_du_flux_de_son_perimetre(etabli: Any, bailleur: BailleurDemo) -> None:
    """Part × flux seen on its own commune; counted − expected; the parts of the dossier, whatever its exercice."""
    logements = etabli.source.logements
    for ligne in etabli.bilan.reservataires:
        if ligne.type != "commune":
            continue
        vus = [v for v in etabli.decompte.flux_constate if logements[v].commune == ligne.code]
        assert ligne.flux_constate == len(vus)
        assert ligne.attendu == ligne.part * len(vus)
        assert ligne.atteinte.ecart == (None if ligne.engage is None else ligne.engage - ligne.attendu)
        assert ligne.objectif is None
    autre = bailleur.dossier.parent / "2023.toml"
    autre.write_text(
        bailleur.dossier.read_text("utf-8").replace("exercice = 2024", "exercice = 2023"), "utf-8"
    )
    bilan = etablir(bailleur.journal, Demande(date(2023, 12, 31), dossier=autre)).bilan
    assert all(ligne.objectif is not None for ligne in bilan.reservataires if ligne.part)
    assert any(li.prevu for li in bilan.soustraits)
    assert "autre_exercice" not in {m.code for m in bilan.manques}
    als = next(ligne for ligne in bilan.reservataires if ligne.type == "action_logement")
    assert als.atteinte is not None
    assert als.atteinte.du_volume == Fraction(als.engage or 0, als.objectif or 1)
    assert als.part_requalifiee is None


def test_un_dossier_de_chiffres(tmp_path: Path) -> None:
    """Without a parc: parts void above 100 %, an ALS in mixed management, a réservataire the dossier does not name."""
    entete = 'cadre = "paca-2024"\nexercice = 2024\n[bailleur]\nnom = "OPH"\n[territoire]\nechelle = "departement"\ncode = "99"\n'
    parc = '[parc]\ntotal = 1000\n[rotation]\ntaux = "10 %"\n'
    als = '[[reservataires]]\ncode = "A"\ntype = "action_logement"\npart = "60 %"\ngestion = "mixte"\npart_requalifiee = "30 %"\n'
    trop = '[[reservataires]]\ncode = "B"\ntype = "autre"\npart = "60 %"\n'
    perimetre = '[[perimetres]]\ncode = "99001"\nechelle = "commune"\nparc = 100\n'
    dossier = tmp_path / "d.toml"
    dossier.write_text(entete + parc + perimetre + als + trop, encoding="utf-8")
    requalifie = ("requalification", date(2024, 1, 25), "A", "", {"critere": "mobilite"})
    lignes = vacance("V1", *offerte("V1", date(2024, 1, 20), commune=None), requalifie)
    lignes += vacance("V2", *offerte("V2", date(2024, 1, 20), "C"))
    bilan = etablir(ecrire(tmp_path / "j.csv", lignes), Demande(FIN, dossier=dossier)).bilan
    par_code = {ligne.code: ligne for ligne in bilan.reservataires}
    assert par_code["A"].part_requalifiee == 1
    assert par_code["A"].compteurs["echecs"] == 0
    assert "requalification_insuffisante" not in {a.code for a in bilan.avertissements}
    assert par_code["A"].objectif is None
    assert par_code["C"].part is None
    codes = {m.code for m in bilan.manques}
    assert {"objectif_non_publie", "reservataire_hors_dossier", "sans_perimetre", "fait_inconnu"} <= codes
    assert "requalification_sans_imputation" in codes


def test_trop_peu_de_requalifies(tmp_path: Path) -> None:
    """In mixed management, one dwelling in four against the 30 % of the convention: warned of, by name."""
    dossier = tmp_path / "d.toml"
    dossier.write_text(
        'cadre = "occitanie-2023"\nexercice = 2024\n[bailleur]\nnom = "OPH"\n'
        '[territoire]\nechelle = "departement"\ncode = "99"\n[parc]\ntotal = 1000\n[rotation]\ntaux = "10 %"\n'
        '[[reservataires]]\ncode = "A"\nnom = "ALS"\ntype = "action_logement"\npart = "30 %"\ngestion = "mixte"\n'
        'part_requalifiee = "30 %"\n',
        encoding="utf-8",
    )
    lignes = [e for v in ("V1", "V2", "V3") for e in vacance(v, *offerte(v, date(2024, 1, 20)))]
    requalifie = ("requalification", date(2024, 1, 25), "A", "", {"critere": "mobilite"})
    lignes += vacance("V4", *offerte("V4", date(2024, 1, 20)), requalifie)
    bilan = etablir(ecrire(tmp_path / "j.csv", lignes), Demande(FIN, dossier=dossier)).bilan
    dits = [a.message for a in bilan.avertissements if a.code == "requalification_insuffisante"]
    assert dits == [
        "ALS : la part requalifiée par le bailleur est de 25 %, au-dessous des 30 % de la convention."
    ]
    assert bilan.reservataires[0].part_requalifiee == Fraction(1, 4)
    assert bilan.reservataires[0].compteurs["mise_a_disposition"] == 3


def test_les_droits_uniques(tmp_path: Path) -> None:
    """The account of the dossier, year by year, in the JSON and in the workbook, beside what the journal counts."""
    dossier = tmp_path / "d.toml"
    dossier.write_text(
        'cadre = "paca-2024"\nexercice = 2024\n[bailleur]\nnom = "OPH"\n[territoire]\nechelle = "departement"\ncode = "99"\n'
        '[parc]\ntotal = 1000\n[rotation]\ntaux = "10 %"\n[[reservataires]]\ncode = "A"\ntype = "action_logement"\n'
        'etape = "bail_signe"\nmethode = "droits_uniques"\ndroits_de_suite = { "Les Tilleuls" = 120 }\n'
        'ouverture_droits_uniques = 12\nmouvements = [{ annee = 2024, nature = "consomme", nombre = 3 }]\n',
        encoding="utf-8",
    )
    lignes = vacance(
        "V1", *offerte("V1", date(2024, 1, 20)), *attribuee(date(2024, 2, 20)), bail(date(2024, 3, 1))
    )
    bilan = etablir(ecrire(tmp_path / "j.csv", lignes), Demande(FIN, dossier=dossier)).bilan
    (ligne,) = json_du_bilan(bilan)["reservataires"]
    assert [(a["annee"], a["ouverture"], a["consommes"], a["solde"]) for a in ligne["droits_uniques"]] == [
        (2024, 12, 3, 9)
    ]
    assert ligne["engage"] == 1
    tampon = io.BytesIO()
    ecrire_bilan(bilan, tampon)
    (compte,) = table(feuilles(tampon.getvalue())["Droits uniques"], "Réservataire")
    assert (compte["Solde"], compte["Au journal"]) == (9, 1)
    assert "Droits uniques 2024, A : ouverture 12" in texte_du_bilan(bilan)


def test_une_attribution_sert_plusieurs_objectifs(tmp_path: Path) -> None:
    """A DALO household of the first quartile under an agreement serves all three; the SNE list says so."""
    menage = {"dalo": True, "premier_quartile": True, "accord": "acd"}
    lignes = vacance(
        "V1",
        *offerte("V1", date(2024, 1, 20)),
        *attribuee(date(2024, 2, 20)),
        bail(date(2024, 3, 1), **menage),
    )
    lignes += vacance("V2", *offerte("V2", date(2024, 1, 20), qpv=True), *attribuee(date(2024, 2, 20)))
    dossier = tmp_path / "d.toml"
    dossier.write_text(
        'cadre = "paca-2024"\nexercice = 2024\n[bailleur]\nnom = "OPH"\n[territoire]\nechelle = "departement"\ncode = "99"\n'
        '[parc]\ntotal = 1000\n[rotation]\ntaux = "10 %"\n[[reservataires]]\ncode = "A"\ntype = "commune"\npart = "20 %"\n',
        encoding="utf-8",
    )
    fait = etablir(ecrire(tmp_path / "j.csv", lignes), Demande(FIN, dossier=dossier, objectifs=True))
    un, deux = saisies_sne(fait.faites, fait.source.types, {"V1": "99000001"})
    assert un["objectifs"] == "quartile_hors_qpv|quart_collectivite|accord_acd"
    assert (un["numero_rpls"], deux["numero_rpls"]) == ("99000001", None)
    assert (un["imputation"], un["type"], un["bail"], deux["bail"]) == ("A", "commune", "2024-03-01", None)
    comptes = {(o.code, o.ou): (o.servies, o.autres, o.inconnues) for o in fait.bilan.objectifs or ()}
    assert comptes["quart_collectivite", "A"] == (1, 0, 1)
    assert comptes["mixite_qpv", None] == (0, 0, 1)
    assert comptes["accord_acd", None] == (1, 0, 0)
    assert comptes["quart_als", None] == (0, 0, 0)
    (retour,) = retour_hors_qpv(fait.faites, "OPH", date(2024, 1, 1), date(2024, 6, 30))
    assert (retour["baux_hors_qpv"], retour["premier_quartile_ou_reloges"]) == (1, 1)
    assert not list(retour_hors_qpv(fait.faites, "OPH", date(2024, 7, 1), FIN))
    codes = {m.code for m in fait.bilan.manques}
    assert {"menage_inconnu", "objectif_accord_inconnu"} <= codes


def test_avant_et_apres_et_intermediaires(etabli: Any, bailleur: BailleurDemo) -> None:
    """The chutes of the year in stock are those of its own bilan; the last interim bilan is the bilan."""
    stock = etablir(bailleur.journal, Demande(date(2022, 12, 31), dossier=bailleur.dossier)).bilan
    avant = {ligne.code: ligne.chutes for ligne in stock.reservataires}
    assert {ligne.code: ligne.chutes_stock for ligne in etabli.bilan.reservataires} == avant
    dernier = etabli.bilan.intermediaires[date(2023, 12, 31)]
    for ligne in etabli.bilan.reservataires:
        assert all(ligne.compteurs[nom] == n for nom, n in dernier[ligne.code].items())
    assert list(etabli.bilan.intermediaires) == [date(2023, 6, 30), date(2023, 12, 31)]  # those of its cadre


def test_par_epci_les_bilans_s_additionnent(etabli: Any, bailleur: BailleurDemo) -> None:
    """The bilans of the EPCI add up to the whole, counter by counter."""
    epcis = {lo.epci for lo in etabli.source.logements.values()}
    assert None not in epcis
    locaux = [
        etablir(
            etabli.source, Demande(date(2023, 12, 31), objectifs=True, stock=2022, dates=(), epci=epci)
        ).bilan
        for epci in epcis
    ]
    for nom in COMPTEURS:
        assert sum(b.ventilation.total[nom] for b in locaux) == etabli.bilan.ventilation.total[nom]
    for nom in ("flux_constate", "surcompte", "non_offertes", "vacances"):
        assert sum(getattr(b, nom) for b in locaux) == getattr(etabli.bilan, nom)
    assert {c for b in locaux for ligne in b.soustraits for c in [ligne.realise]}
    for parti in etabli.bilan.jours_dus:
        assert sum(b.jours_dus[parti] for b in locaux) == etabli.bilan.jours_dus[parti]


def test_lignes_mauvaises(tmp_path: Path) -> None:
    """Each is named with its line; counted without them only when asked."""
    bonnes = vacance(
        "V1", *offerte("V1", date(2024, 1, 20)), *attribuee(date(2024, 2, 20)), bail(date(2024, 3, 1))
    )
    deux_baux = vacance("V1", bail(date(2024, 3, 5)))[0] | {"evenement": "V1-bis"}
    fausses = [
        {**bonnes[1], "evenement": f"X{rang}", "vacance": f"X{rang}", "date_effet": "le 32 mars"}
        for rang in range(7)
    ]
    journal = ecrire(tmp_path / "j.csv", [*bonnes, *fausses, deux_baux])
    with pytest.raises(BilanRefuse) as erreur:
        etablir(journal, Demande(FIN))
    dit = str(erreur.value)
    for ligne in range(len(bonnes) + 2, len(bonnes) + 9):
        assert f"ligne {ligne}, colonne « date_effet »" in dit
    assert "« V1-bis »" in dit
    bilan = etablir(journal, Demande(FIN, malgre_refus=True)).bilan
    assert bilan.refuses == 8
    assert bilan.ventilation.total["bail_signe"] == 1
    assert "lignes_refusees" in {m.code for m in bilan.manques}


def test_lignes_coupees(tmp_path: Path) -> None:
    """Lines of another width are named as far as they are kept, then counted."""
    journal = ecrire(tmp_path / "j.csv", vacance("V1", *offerte("V1", date(2024, 1, 20))))
    journal.write_text(journal.read_text("utf-8") + "a,b,c\n" * 7, encoding="utf-8")
    with pytest.raises(BilanRefuse) as erreur:
        etablir(journal, Demande(FIN))
    assert all(f"ligne {rang} : 3 champs" in str(erreur.value) for rang in range(4, 9))
    assert "comptées : 7 ;" in str(erreur.value)
    assert "et 2 autres lignes" in str(erreur.value)
    assert etablir(journal, Demande(FIN, malgre_refus=True)).bilan.refuses == 7


def test_l_export_d_un_reservataire(tmp_path: Path) -> None:
    """Filtered for one réservataire, a journal still makes its bilan, and says what it could not read."""
    lignes = vacance("V1", *offerte("V1", date(2024, 1, 20))) + vacance(
        "V2", *offerte("V2", date(2024, 1, 20), "B")
    )
    ecrire_journal(tmp_path / "j.csv", enchainer("999000102", lignes))
    exporter(tmp_path / "j.csv", tmp_path / "a.csv", "A")
    bilan = etablir(tmp_path / "a.csv", Demande(FIN)).bilan
    assert [ligne.code for ligne in bilan.reservataires] == ["A"]
    assert {m.code: m.nombre for m in bilan.manques}["enveloppes_nues"] == 2


def test_refus_candidats_et_rectification(tmp_path: Path) -> None:
    """A refusal is said with who judged it; accepted candidates are counted in candidates; a rectified lease moves."""
    refus = (
        "reponse_candidat",
        date(2024, 2, 1),
        "",
        "",
        {"candidat": "c1", "reponse": "refuse", "proposition": "adaptee"},
    )
    second = (
        "decision_caleol",
        date(2024, 1, 31),
        "A",
        "",
        {"candidats": ["c2", "c3"], "decision": "attribution_rang", "rang": 2},
    )
    signe = ("bail_signe", date(2024, 3, 1), "", "", {"candidat": "c2"})
    lignes = vacance(
        "V1", *offerte("V1", date(2024, 1, 15), qpv=None), *attribuee(date(2024, 1, 31)), second, refus, signe,
        ("rectification", date(2024, 3, 2), "", "", {"annule": "V1-7", "remplace": {"date_effet": "2024-04-02", "donnees": {"candidat": "c2"}, "type": "bail_signe"}}),
    )  # fmt: skip
    silence = ("reponse_candidat", date(2024, 2, 1), "", "", {"candidat": "c1", "reponse": "sans_reponse"})
    lignes += vacance("V2", *offerte("V2", date(2024, 1, 15)), *attribuee(date(2024, 1, 31)), silence)
    journal = ecrire(tmp_path / "j.csv", lignes)
    bilan = etablir(journal, Demande(FIN)).bilan
    (ligne,) = bilan.reservataires
    assert ligne.compteurs["candidats_acceptes"] == 4
    par_motif = {li.motif: li for li in bilan.refus}
    assert par_motif["refus_candidat"].juges == ("999000102",)
    assert par_motif["refus_candidat"].part_adaptee == 1
    assert par_motif["refus_candidat"].qpv is None
    assert par_motif["silence_candidat"].part_adaptee is None
    assert {li.reservataire for li in bilan.refus} == {"A"}
    assert {m.code for m in bilan.manques} >= {
        "fait_inconnu",
        "refus_non_qualifies",
        "sans_dossier",
        "journal_sans_empreintes",
    }
    duree = next(d.duree for d in bilan.delais if d.delai == "caleol_bail" and d.reservataire is None)
    assert duree.nombre == 0  # the lease names nobody: its delay is that of the vacance
    ouverture = next(d.duree for d in bilan.delais if d.delai == "ouverture_bail")
    assert (ouverture.nombre, ouverture.mediane) == (1, 88)
    assert etablir(journal, Demande(MARS)).bilan.ventilation.total["bail_signe"] == 0


def test_la_tete_est_imprimee(tmp_path: Path) -> None:
    """A chained journal gives its head, and the name of its chain for the bailleur."""
    lignes = vacance("V1", *offerte("V1", date(2024, 1, 20)), refusee(date(2024, 2, 1)))
    chemin = tmp_path / "j.csv"
    ecrire_journal(chemin, enchainer("999000102", lignes))
    with lire_source(chemin, None, "toutes") as source:
        bilan = etablir(source, Demande(FIN, reinjection="toutes")).bilan
    assert bilan.preuve.tete is not None
    assert bilan.preuve.tete.startswith("3:")
    assert bilan.bailleur == "999000102"


def test_dates_intermediaires() -> None:
    """Month and day, or a sentence."""
    assert lire_dates(None) is None
    assert lire_dates("defaut") == ()
    assert lire_dates("06-30, 12-31") == ("06-30", "12-31")
    with pytest.raises(DateIllisible, match="30-06"):
        lire_dates("30-06")
