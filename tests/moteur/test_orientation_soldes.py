"""The balances kept event by event are those of the whole journal; policies tried again on a year hold together."""

import json
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from poche_orientation import AU, DU, LOGEMENT, cibles, etat, evenement

from partiteur.moteur.geographie import charger
from partiteur.moteur.journal import compter, joindre_parc, lire_journal, parc_du_dossier
from partiteur.moteur.millesime import ouvrir
from partiteur.moteur.orientation import (
    Beneficiaire,
    EtatOrientation,
    OrientationImpossible,
    Soldes,
    cibles_du_dossier,
)
from partiteur.moteur.orientation.cible import TERRITOIRE
from partiteur.moteur.orientation.etat import Fiche
from partiteur.moteur.orientation.fiches import fiches_du_parc
from partiteur.moteur.orientation.rejeu import annee_de
from partiteur.moteur.orientation.soldes import lieu_de
from partiteur.moteur.schema import DocumentInvalide
from partiteur.regles.orientation import Apport
from partiteur.regles.vacance import LogementVacant

RACINE = Path(__file__).parents[2]


def soldes_de(etat: EtatOrientation):
    s = etat.soldes
    vus = [+s.flux, +s.comptes, +s.en_cours]
    return [*vus, s.orientees, s.resolues, s.comptees]


@pytest.fixture(scope="module")
def demo(petit_bailleur):
    return petit_bailleur


@pytest.fixture(scope="module")
def lu(demo):
    parc, geographie = parc_du_dossier(demo.dossier)
    journal = lire_journal(demo.journal)
    return parc, journal, joindre_parc(journal, parc, geographie).par_vacance, cibles_du_dossier(demo.dossier)


def annee(lu) -> EtatOrientation:
    _, journal, logements, visees = lu
    rendu = EtatOrientation(visees, logements, date(2023, 1, 1), date(2023, 12, 31))
    rendu.charger(journal.evenements)
    return rendu


def test_evenement_par_evenement_ou_d_un_coup(lu):
    """The counters moved one event at a time are those of the journal read whole."""
    _, journal, logements, visees = lu
    retenus = [e for e in journal.evenements if e.date_effet.year == 2023][:1500]
    entier = EtatOrientation(visees, logements, date(2023, 1, 1), date(2023, 12, 31))
    entier.charger(retenus)
    suivi = EtatOrientation(visees, logements, date(2023, 1, 1), date(2023, 12, 31))
    for e in retenus:
        suivi.ajouter(e)
    assert soldes_de(suivi) == soldes_de(entier)
    assert entier.soldes.flux[TERRITOIRE, None] > 50


def test_les_comptes_sont_ceux_du_decompte(lu):
    """The flux is that of the décompte; who it counts for, in progress or not, is in its counters too."""
    _, journal, _, visees = lu
    soldes = annee(lu).soldes
    compte = compter(journal, visees.regimes, date(2023, 1, 1), date(2023, 12, 31)).decompte
    assert soldes.flux[TERRITOIRE, None] == len(compte.flux_constate)
    assert soldes.comptes["soustrait:mutations", None] == len(compte.soustraits["mutations"])
    lignes = {ligne.code: ligne for ligne in compte.lignes}
    compares = 0
    for b in visees.beneficiaires:
        if visees.regimes[b.code].etape != "mise_a_disposition":
            continue
        en_tout = soldes.comptes[b.code, None] + soldes.en_cours[b.code, None]
        assert en_tout == len(lignes[b.code].mise_a_disposition), b.code
        compares += en_tout
    etapes = {regime.etape for regime in visees.regimes.values()}
    assert compares or "mise_a_disposition" not in etapes


def test_ce_qui_est_du_fait_le_flux(lu):
    """Parts and the non-réservé share the flux, in all and in every class, whatever the places."""
    soldes = annee(lu).soldes
    for classe in {classe for _, classe in soldes.flux}:
        dus = sum(soldes.attendu(b, classe) for b in soldes.cibles.beneficiaires)
        assert dus + soldes.reste(classe) == soldes.flux[TERRITOIRE, classe]
    offerts = {o.code: o for o in soldes.offerts()}
    assert sum(sum(o.cible.values()) for o in offerts.values()) == soldes.flux[TERRITOIRE, None]


def test_un_conseil_ne_change_rien(lu):
    rendu = annee(lu)
    avant = soldes_de(rendu)
    ouverte = next(v for v, lue in rendu._vacances.items() if lue.etat.statut in ("ouverte", "orientee"))
    conseil = rendu.conseiller(ouverte)
    assert soldes_de(rendu) == avant
    destinations = [ligne.destination for ligne in conseil.valeur.lignes]
    attendues = {f"reservataire:{b.code}" for b in rendu.cibles.beneficiaires}
    assert {*attendues, "non_reserve", "soustrait:mutations"} <= set(destinations)


def test_le_conseil_suit_le_retard():
    """Ten dwellings went to nobody's reservation: A, owed 3, comes first; B only has rights in its commune."""
    logements = [replace(LOGEMENT, vacance=f"V{n}") for n in range(12)]
    logements[11] = replace(logements[11], commune="99002")
    faits = [evenement(f"V{n}", 1, "conge_recu") for n in range(12)]
    faits += [evenement(f"V{n}", 2, "orientation", destination="non_reserve") for n in range(10)]
    rendu = etat(faits, logements)
    lignes = rendu.conseiller("V10").valeur.lignes
    assert [li.destination for li in lignes] == ["reservataire:A", "reservataire:B", "non_reserve"]
    assert lignes[0].avant.attendu == 3
    assert lignes[0].apres.retard == Fraction(33, 10) - 1
    ailleurs = rendu.conseiller("V11").valeur
    assert [li.exclue for li in ailleurs.lignes if li.destination == "reservataire:B"] == [
        ("hors_perimetre",)
    ]


def test_deja_offert_deja_compte_neutralise():
    """Declined: it counts, and is not offered again; withdrawn by the bailleur: it may be."""
    offre = evenement("V1", 2, "mise_a_disposition", "A")
    debut = [evenement("V1", 1, "conge_recu"), offre]
    cas = {
        "offre_en_cours": [],
        "deja_compte": [evenement("V1", 3, "declinaison", "A", "declinaison")],
        None: [evenement("V1", 3, "retrait", "A", "retrait_bailleur")],
    }
    for attendu, suite in cas.items():
        resultat = etat(debut + suite).conseiller("V1")
        (ligne,) = [li for li in resultat.valeur.lignes if li.destination == "reservataire:A"]
        assert ligne.exclue == ((attendu,) if attendu else ())
        assert resultat.code == (attendu if attendu == "offre_en_cours" else "calcule")


def test_le_maire_apres_un_echec_en_qpv():
    """D24: its first line is the maire; once it was offered the dwelling, no more."""
    en_qpv = (replace(LOGEMENT, qpv=True),)
    faits = [
        evenement("V1", 1, "conge_recu", qpv=True),
        evenement("V1", 2, "mise_a_disposition", "A"),
        evenement("V1", 3, "declinaison", "A", "declinaison"),
    ]
    resultat = etat(faits, en_qpv).conseiller("V1")
    assert (resultat.code, resultat.valeur.premiere) == ("maire", "maire:99001")
    faits.append(evenement("V1", 4, "mise_a_disposition", "99001", "qpv_maire"))
    assert etat(faits, en_qpv).conseiller("V1").code != "maire"


def test_hors_du_flux_hors_du_territoire_lieu_inconnu():
    ouverte = [evenement("V1", 1, "conge_recu"), evenement("V1", 2, "orientation", destination="non_reserve")]
    pli = etat(ouverte, (replace(LOGEMENT, famille_financement="PLI"),)).conseiller("V1")
    assert pli.code == "sans_destination"
    dehors = etat(ouverte, (replace(LOGEMENT, commune="98001", epci=None, departement="98"),))
    assert all("hors_territoire" in li.exclue for li in dehors.conseiller("V1").valeur.lignes)
    assert not dehors.soldes.flux
    inconnu = etat(ouverte, (replace(LOGEMENT, commune=None, epci=None, departement=None),))
    exclusions = {li.destination: li.exclue for li in inconnu.conseiller("V1").valeur.lignes}
    assert exclusions == {"reservataire:A": (), "reservataire:B": ("lieu_inconnu",), "non_reserve": ()}
    assert inconnu.soldes.flux[TERRITOIRE, None] == 1


def test_la_fiche_du_parc_informe():
    """An exclusion read in the parc, and what constrains the dwelling."""
    fiches = {"V1": Fiche(("pli",), True, True, True)}
    rendu = EtatOrientation(cibles(), {"V1": LOGEMENT}, DU, AU, fiches)
    rendu.ajouter(evenement("V1", 1, "conge_recu"))
    resultat = rendu.conseiller("V1", "a_preserver")
    assert resultat.code == "sans_destination"
    assert len(resultat.valeur.contraintes) == 3
    assert resultat.valeur.residence.startswith("équilibre à préserver")


def test_les_soustraits_prevus_sont_classes():
    """10 forecast out of 100 a year: after ten vacances, one owed; one already gone leaves none."""
    logements = [replace(LOGEMENT, vacance=f"V{n}") for n in range(12)]
    faits = [evenement(f"V{n}", 1, "conge_recu") for n in range(12)]
    faits += [evenement(f"V{n}", 2, "orientation", destination="non_reserve") for n in range(9)]
    faits += [evenement("V9", 2, "orientation", destination="soustrait:mutations")]
    (ligne,) = [
        li
        for li in etat(faits, logements, soustraits=10).conseiller("V11").valeur.lignes
        if li.destination == "soustrait:mutations"
    ]
    assert (ligne.avant.attendu, ligne.avant.compte, ligne.avant.retard) == (1, 1, 0)
    assert ligne.avant.retard_classe is None


@pytest.mark.parametrize(
    ("faits", "phrase"),
    [
        ([], "n'est pas ouverte"),
        (
            [evenement("V1", 1, "conge_recu"), evenement("V1", 2, "vacance_close", issue="vendue")],
            "est close",
        ),
        ([evenement("V1", 1, "conge_recu"), evenement("V1", 2, "conge_retracte")], "est annulée"),
    ],
)
def test_rien_a_orienter(faits, phrase):
    with pytest.raises(OrientationImpossible, match=phrase):
        etat(faits).conseiller("V1")


def test_sans_cible_de_structure():
    rendu = etat([evenement("V1", 1, "conge_recu")], cible="aucune").conseiller("V1")
    assert all(li.avant.retard_classe is None for li in rendu.valeur.lignes)


def test_un_solde_reporte_s_ajoute_a_ce_qui_est_du():
    b = Beneficiaire("A", None, "autre", "directe", Fraction(1, 2), (TERRITOIRE,), ouverture=Fraction(3))
    soldes = Soldes(cibles(b))
    assert soldes.attendu(b) == 3
    soldes.ajouter(lieu_de(LOGEMENT, "T3"), Apport(dans_le_flux=True))
    assert soldes.attendu(b) == Fraction(7, 2)
    assert soldes.reste() == 0  # never below zero


def test_l_annee_d_un_journal(lu):
    """Its dwellings are those of the flux, its rate of failure that of the mises à disposition resolved."""
    rendu = annee(lu)
    lue = annee_de(rendu)
    assert len(lue.vacances) == rendu.soldes.flux[TERRITOIRE, None]
    assert 0 < lue.echec < 1
    with pytest.raises(OrientationImpossible, match="Aucune vacance"):
        annee_de(etat())
    sans_tour = etat(
        [evenement("V1", 1, "conge_recu"), evenement("V1", 2, "orientation", destination="non_reserve")]
    )
    assert annee_de(sans_tour).echec == 0


def test_la_cible_du_stock_initial(demo, tmp_path):
    """A cadre that targets the initial stock: parts of classes, whose mean over the parc is the part of the flux."""
    assert not any(b.classes for b in cibles_du_dossier(demo.dossier).beneficiaires)
    viser(demo, tmp_path, "stock_initial")
    visees = cibles_du_dossier(demo.dossier.with_name("autre.toml"))
    garnies = [b for b in visees.beneficiaires if b.classes]
    assert garnies
    for b in garnies:
        assert b.part_de(("jamais", None, None)) == b.part
        assert min(b.classes.values()) <= b.part <= max(b.classes.values())
    sans_parc = (RACINE / "docs/exemples/dossier.toml").read_text(encoding="utf-8")
    nomme = sans_parc.partition('cadre = "')[2].partition('"')[0]
    viser(demo, tmp_path, "stock_initial")
    simple = tmp_path / "simple.toml"
    simple.write_text(sans_parc.replace(f'cadre = "{nomme}"', 'cadre = "vise.toml"'), encoding="utf-8")
    with pytest.raises(DocumentInvalide, match="stock initial"):
        cibles_du_dossier(simple)


def test_la_cible_des_attentes(demo, tmp_path):
    """A réservataire that wishes large PLAI gets more of these and as much in all; the others follow the parc."""
    viser(demo, tmp_path, "attentes")
    autre = demo.dossier.with_name("autre.toml")
    with pytest.raises(DocumentInvalide, match="« attentes » à un réservataire au moins"):
        cibles_du_dossier(autre)
    texte = autre.read_text(encoding="utf-8")
    voulues = 'attentes = { typologies = { T4 = "60 %" }, financements = { PLAI = "50 %" }, qpv = "10 %" }'
    assert texte.count('code = "cd99"\n') == 1
    autre.write_text(texte.replace('code = "cd99"\n', f'code = "cd99"\n{voulues}\n'), encoding="utf-8")
    par_code = {b.code: b for b in cibles_du_dossier(autre).beneficiaires}
    trop = autre.with_name("trop.toml")
    trop.write_text(
        autre.read_text(encoding="utf-8").replace('qpv = "10 %"', 'qpv = "110 %"'), encoding="utf-8"
    )
    with pytest.raises(DocumentInvalide, match=r"réservataire « cd99 » : Attentes, « qpv » : .* 110 %"):
        cibles_du_dossier(trop)
    sien = par_code.pop("cd99")
    assert not any(b.classes for b in par_code.values())
    la_plus, la_moins = (choix(sien.classes, key=sien.classes.__getitem__) for choix in (max, min))
    assert (la_plus[0], la_plus[2]) == ("PLAI", "T4")
    assert la_moins[0] != "PLAI"
    assert la_moins[2] != "T4"
    assert sien.classes[la_moins] < sien.part < sien.classes[la_plus]


def viser(demo, dossier, cible: str) -> None:
    """A cadre that only changes the target, and the demo's dossier under it."""
    texte = demo.dossier.read_text(encoding="utf-8")
    ancien = texte.partition('cadre = "')[2].partition('"')[0]
    cadre = dossier / "vise.toml"
    cadre.write_text(
        f'code = "vise"\ntitre = "Vise"\nherite = "{ancien}"\ndu = 2023-01-01\ntexte = "s0"\n'
        f'[structure_cible]\nvaleur = "{cible}"\ntexte = "d61"\n',
        encoding="utf-8",
    )
    neuf = texte.replace(f'cadre = "{ancien}"', f"cadre = {json.dumps(str(cadre))}")
    demo.dossier.with_name("autre.toml").write_text(neuf, encoding="utf-8")


def test_les_fiches_du_parc(demo, lu, tmp_path):
    """Read in memory or in an imported millésime; a dwelling the parc does not hold has none."""
    parc, _, logements, _ = lu
    connus = [*list(logements.values())[:40], LogementVacant("X", "ailleurs"), LogementVacant("Y")]
    fiches = fiches_du_parc(parc, connus)
    assert 30 < len(fiches) <= 40
    assert fiches_du_parc(None, connus) == {}
    assert "X" not in fiches
    classes = tmp_path / "classes.parquet"
    ecrire_classes(parc, classes)
    assert fiches_du_parc(replace(parc, table=None, classes=classes), connus) == fiches
    assert {type(f.individuel) for f in fiches.values()} <= {bool, type(None)}


def ecrire_classes(parc, chemin) -> None:
    import pyarrow.parquet as pq

    pq.write_table(parc.table, chemin)


def test_un_parc_lu_a_part(demo):
    """The parc may be given in place of the dossier's."""
    geographie = charger(demo.dossier.parent.parent / "communes.csv")
    assert parc_du_dossier(demo.dossier, demo.parc)[0].lignes == ouvrir(demo.parc, geographie).lignes


def test_la_reprise_ouvre_les_soldes():
    """The balance of the year before, from the journal, unless the dossier says it; another year's is not taken (D29)."""
    reprise = evenement("reprise-2023", 2, "reprise", "A", exercice=2023, solde="-5/2", preuve="p1")
    ancienne = evenement("reprise-2021", 2, "reprise", "B", exercice=2021, solde="-4", preuve="p2")
    a, b = cibles().beneficiaires
    ouverte = etat([reprise, ancienne])
    assert [ouverte.soldes.attendu(x) for x in ouverte.soldes.cibles.beneficiaires] == [Fraction(5, 2), 0]
    dite = replace(a, ouverture=Fraction(0))
    rendu = EtatOrientation(cibles(dite, b), {}, DU, AU)
    rendu.ajouter(reprise)
    assert rendu.soldes.attendu(rendu.soldes.cibles.beneficiaires[0]) == 0
    ferme = EtatOrientation(cibles(), {}, DU, date(2024, 1, 1))
    ferme.ajouter(reprise)
    assert ferme.soldes.attendu(ferme.soldes.cibles.beneficiaires[0]) == 0
