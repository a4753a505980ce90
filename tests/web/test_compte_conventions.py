"""The account a page shows is the one the command line counts on the export, with the same dossier (E1)."""

import json
from datetime import date

import pytest
from click.testing import CliRunner
from django.core.management import call_command
from fabriques import creer_dossier
from test_compte import ecrire

from partiteur.cli.decompte import commande
from partiteur.regles.socle import ErreurUtilisateur
from partiteur.web import depot
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import compte as comptes
from partiteur.web.documents.aujourdhui import journee
from partiteur.web.documents.compte import conventions_de, derniere_annee
from partiteur.web.documents.journal import exporter_journal
from partiteur.web.droits import OPERATEUR

JOUR = date(2026, 5, 5)
DOSSIER = """cadre = "droit-commun"
exercice = {exercice}
[bailleur]
nom = "OPH d'exemple"
[territoire]
echelle = "departement"
code = "31"
[parc]
total = 15000
[rotation]
taux = "10 %"
[[reservataires]]
code = "c-lieu"
nom = "Commune du lieu"
type = "commune"
part = "20 %"
contrepartie = "financement"
etape = "mise_a_disposition"
validation = {{ delai = 5, unite = "calendaires", silence = "{silence}" }}
"""
CANDIDAT = "c0123456789ab"
DECIDE = {"candidat": CANDIDAT, "decision": "attribution"}
# Vacance: each event, its day, its réservataire, its data. v1 is silent across the new year; v4's lease is cancelled.
HISTOIRES = {
    "v1": [("conge_recu", "2025-12-01", None, {}), ("mise_a_disposition", "2025-12-29", "c-lieu", {})],
    "v2": [("conge_recu", "2026-02-01", None, {}), ("mise_a_disposition", "2026-05-03", "c-lieu", {})],
    "v3": [
        ("conge_recu", "2026-02-01", None, {}),
        ("mise_a_disposition", "2026-02-03", "c-lieu", {}),
        ("declinaison", "2026-02-05", "c-lieu", {}),
        ("mise_a_disposition", "2026-03-02", "c-ailleurs", {}),
    ],
    "v4": [
        ("conge_recu", "2025-10-01", None, {}),
        ("mise_a_disposition", "2025-10-02", "c-lieu", {}),
        ("designation", "2025-10-03", "c-lieu", {"candidats": [CANDIDAT]}),
        ("decision_caleol", "2025-10-20", "c-lieu", DECIDE),
        ("bail_signe", "2025-11-02", "c-lieu", {"candidat": CANDIDAT}),
        ("rectification", "2025-11-09", None, {"annule": "v4-4"}),
    ],
    "v5": [
        ("conge_recu", "2025-03-01", None, {}),
        ("vacance_close", "2025-04-01", None, {"issue": "vendue"}),
    ],
}


@pytest.fixture
def compte(monde, settings, tmp_path):
    """A dossier whose convention makes silence an agreement, and an account that is silent."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"
    for vacance, suite in HISTOIRES.items():
        for rang, (type_, le, qui, donnees) in enumerate(suite):
            ecrire(
                monde,
                vacance=vacance,
                type_=type_,
                reservataire=qui,
                donnees=donnees,
                date_effet=date.fromisoformat(le),
                evenement=f"{vacance}-{rang}",
            )
    return monde


def adopter(monde, exercice=2026, silence="vaut_validation"):
    """A dossier of a year, adopted."""
    return creer_dossier(monde.bailleur, texte=DOSSIER.format(exercice=exercice, silence=silence))


def en_ligne_de_commande(monde, dossier, au, tmp_path):
    """What `partiteur decompte` says of the export, with the dossier that the site keeps."""
    export = tmp_path / f"journal-{monde.bailleur.siren}.csv"
    exporter_journal(par=OPERATEUR, bailleur=monde.bailleur, a_la_date=JOUR, cible=export)
    arguments = [str(export), "--dossier", str(depot.dossier(dossier.identifiant)), "--au", au.isoformat()]
    fait = CliRunner().invoke(commande, [*arguments, "--vacances", "--format", "json"])
    assert fait.exit_code == 0, fait.output
    return json.loads(fait.output)


@pytest.mark.parametrize("jour", [date(2025, 12, 30), JOUR, date(2026, 5, 20), date(2027, 6, 1)])
def test_le_site_compte_comme_la_ligne_de_commande(compte, tmp_path, jour):
    """Every counter of every réservataire, vacance by vacance, silences and rectifications included."""
    dossier = adopter(compte)
    lue = derniere_annee(compte.bailleur.chaine, jour)
    attendu = en_ligne_de_commande(compte, dossier, lue.au, tmp_path)
    assert lue.au == min(jour, date(jour.year if jour.year < 2027 else 2026, 12, 31))
    assert {
        ligne.code: {nom: list(getattr(ligne, nom)) for nom in ("validee", "mise_a_disposition")}
        for ligne in lue.decompte.lignes
    } == {
        ligne["code"]: {nom: ligne["detail"][nom] for nom in ("validee", "mise_a_disposition")}
        for ligne in attendu["reservataires"]
    }
    for ligne in attendu["reservataires"]:
        sienne = next(autre for autre in lue.decompte.lignes if autre.code == ligne["code"])
        for nom, vacances in ligne["detail"].items():
            assert list(getattr(sienne, nom)) == vacances, (ligne["code"], nom)
        assert ligne["engage"] == (None if sienne.engage is None else len(sienne.engage))
    for nom in ("vacances", "flux_constate", "annulees", "echecs"):
        assert len(getattr(lue.decompte, nom)) == attendu[nom], nom
    assert {code: len(v) for code, v in lue.decompte.soustraits.items()} == attendu["soustraits"]
    assert {code: list(v) for code, v in lue.compte.irregularites.items()} == attendu["irregularites"]
    assert lue.compte.refuses == attendu["refuses"]


def test_le_silence_compte_ou_la_convention_le_dit(compte):
    """v1, offered in December, validated by silence in January: the convention decides, and another is another count."""
    sans = derniere_annee(compte.bailleur.chaine, JOUR)
    assert (sans.dossier, sans.remarques[0][:12]) == (None, "Aucun dossie")
    assert validees(compte) == ()
    adopter(compte)
    assert validees(compte) == ("v1",)
    adopter(compte, silence="ne_vaut_pas")
    assert validees(compte) == ()


def validees(monde):
    lignes = derniere_annee(monde.bailleur.chaine, JOUR).decompte.lignes
    return next(ligne.validee for ligne in lignes if ligne.code == "c-lieu")


def test_le_dossier_de_l_annee_sinon_le_plus_proche(compte):
    """Adopted for the year; else the last before; else the first after; the last adopted of a year; never a draft."""
    creer_dossier(compte.bailleur, adopte=False, texte=DOSSIER.format(exercice=2026, silence="ne_vaut_pas"))
    assert conventions_de(compte.bailleur.pk, 2026) is None
    for exercice, attendu in ((2028, 2028), (2027, 2027), (2024, 2024), (2025, 2025), (2026, 2026)):
        adopter(compte, exercice)
        assert conventions_de(compte.bailleur.pk, 2026).exercice == attendu
    assert derniere_annee(compte.bailleur.chaine, JOUR).objectifs.keys() == {"c-lieu"}
    assert derniere_annee(compte.bailleur.chaine, date(2025, 12, 31)).dossier.exercice == 2025


def test_l_objectif_adopte_se_voit_et_celui_d_une_autre_annee_non(compte):
    """The mark on the bars is the objectif adopted for the year the account tells of."""
    membre = compte.membres["bailleur_lecture"]
    adopter(compte, 2025)
    assert {solde.objectif for solde in journee(membre, JOUR).soldes} == {None}
    adopter(compte)
    marques = {solde.nom: (solde.objectif, solde.phrase) for solde in journee(membre, JOUR).soldes}
    assert marques["Commune d'ailleurs"] == (None, "")
    assert marques["Commune du lieu"][0] == 100
    assert marques["Commune du lieu"][1].startswith("Objectif : ")
    (sien,) = journee(compte.membres["reservataire_lecture"], JOUR).soldes
    assert sien.phrase == marques["Commune du lieu"][1]


def test_des_conventions_illisibles_sont_dites_au_bailleur_seul(compte):
    """Its files gone, the account is counted with the default regime, and says so to whoever can mend it."""
    dossier = adopter(compte)
    depot.jeter(dossier.identifiant)
    lue = derniere_annee(compte.bailleur.chaine, JOUR)
    assert validees(compte) == ()
    assert "Les conventions ne peuvent pas être lues" in lue.remarques[0]
    assert "/" not in lue.remarques[0]
    assert journee(compte.membres["bailleur_lecture"], JOUR).remarques == lue.remarques
    assert journee(compte.membres["reservataire_lecture"], JOUR).remarques == ()


def test_les_comptes_du_jour_se_font_d_avance(compte, monkeypatch, capsys):
    """Counted by the night, then read by every worker; an account that cannot be counted is named, the others are made."""
    call_command("compter")
    assert capsys.readouterr().out == "Comptes faits d'avance : 1.\n"
    comptes._compter.cache_clear()  # another worker's memory
    monkeypatch.setattr(comptes, "_compter_l_annee", lambda *_: pytest.fail("counted a second time"))
    assert derniere_annee(compte.bailleur.chaine, aujourd_hui()).annee == 2026

    def tomber(*_):
        raise faute

    ecrire(compte, vacance="v9", evenement="v9-0")
    monkeypatch.setattr(comptes, "_compter_l_annee", tomber)
    faute = ErreurUtilisateur("Ce journal ne peut pas être compté.")
    call_command("compter")
    assert capsys.readouterr().out.splitlines() == [
        f"{compte.bailleur.chaine} : Ce journal ne peut pas être compté.",
        "Comptes faits d'avance : 0.",
    ]
    faute = ValueError("une faute de chez nous")
    with pytest.raises(SystemExit, match="1"):
        call_command("compter")
    assert capsys.readouterr().out == "Comptes faits d'avance : 0.\n"
