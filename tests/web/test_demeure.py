"""What the State follows: conventions as the adopted flux say them, the bilan the site does not keep, the letter to sign."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse
from fabriques import DOSSIER as AILLEURS
from fabriques import DU, creer_dossier, creer_organisation
from lecture_pdf import lire, plat
from test_aujourdhui import JOUR

from partiteur.moteur.geographie import Commune, Geographie
from partiteur.regles.delais import jour_limite
from partiteur.regles.demeure import dernier_bilan_du, terme_mise_en_demeure
from partiteur.regles.socle import bareme
from partiteur.web import demo
from partiteur.web.actions import organisation
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import demeure, pdf
from partiteur.web.documents.aujourdhui import RETARDS_MONTRES, journee
from partiteur.web.droits import OPERATEUR, ROLES, Permission
from partiteur.web.templatetags.typographie import jour as en_lettres

# The préfet of the tests is that of 99.
DOSSIER = AILLEURS.replace('"31"', '"99"')
ETAT = """[[reservataires]]
code = "etat"
nom = "État"
type = "etat_prioritaires"
part = "25 %"
"""
ECHUE = DOSSIER + ETAT + "convention = { debut = 2023-01-01, fin = 2025-12-31 }\n"
EN_COURS = DOSSIER + ETAT + "convention = { date_signature = 2024-01-15 }\n"
SUIT = [r for r, role in ROLES.items() if Permission.SUIVRE in role.permissions]


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"


def un_bailleur(nom):
    """A bailleur of the préfet's département."""
    return creer_organisation("bailleur", nom=nom, territoires=[("departement", "99")])


def etats(monde, jour=JOUR, role="etat_departement"):
    """What is known of each bailleur, in the order of the page."""
    return {str(s.bailleur): (s.etat, plat(s.constat)) for s in demeure.suivis(monde.membres[role], jour)}


def page(client, nom, *ou, **demande):
    """What a page says, its spaces made plain."""
    lue = client.get(reverse(nom, args=ou), demande)
    assert lue.status_code == 200
    return plat(unescape(re.sub("<[^>]*>", " ", lue.text.partition("<main")[2])))


# --- what is known


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        (ECHUE, ("expiree", "Échue depuis le 1er janvier 2026, d'après le flux adopté de 2024.")),
        (EN_COURS, ("en_cours", "Sans date de fin, d'après le flux adopté de 2024.")),
        (ECHUE.replace("2025-12-31", "2026-12-31"), ("en_cours", "Jusqu'au 31 décembre 2026, d'après le flux adopté de 2024.")),
        (EN_COURS.replace("2024-01-15", "2027-01-01"), ("a_venir", "Elle commence le 1er janvier 2027, d'après le flux adopté de 2024.")),
        (DOSSIER + ETAT, ("inconnue", "Le flux adopté de 2024 n'en donne pas les dates.")),
        (DOSSIER, ("inconnue", "Le flux adopté de 2024 ne nomme pas l'État.")),
        ("complet = true\n" + DOSSIER, ("sans_etat", "Le flux adopté de 2024 nomme tous les réservataires, sans l'État.")),
        # One convention for both lines of the State: what one says, the other need not repeat.
        (EN_COURS + ETAT.replace('"etat"', '"etat-agents"').replace("prioritaires", "fonctionnaires").replace("25", "5"),
         ("en_cours", "Sans date de fin, d'après le flux adopté de 2024.")),
    ],
)  # fmt: skip
def test_la_convention_est_celle_que_dit_le_flux_adopte(monde, texte, attendu):
    creer_dossier(monde.bailleur, texte=texte)
    assert etats(monde) == {"Bailleur du lieu": attendu}


def test_ce_que_le_site_ne_sait_pas_est_inconnu(monde):
    """No flux, a draft, a lost or altered file: unknown, never late; a draft that says more changes nothing."""
    sans = ("inconnue", "Aucun flux n'est adopté : le site ne sait rien de cette convention.")
    assert etats(monde) == {"Bailleur du lieu": sans}
    creer_dossier(monde.bailleur, texte=ECHUE, adopte=False)
    assert etats(monde) == {"Bailleur du lieu": sans}
    perdu = creer_dossier(monde.bailleur, texte=ECHUE)
    chemin = demeure.fichiers.dossier(perdu.identifiant)
    adopte = chemin.read_bytes()
    illisible = (
        "inconnue",
        "Le fichier du flux adopté de 2024 ne se lit pas : le site ne sait rien de cette convention.",
    )
    for altere in (b"cadre = ", DOSSIER.encode(), None):
        chemin.unlink() if altere is None else chemin.write_bytes(altere)
        for role in SUIT:
            assert etats(monde, role=role)["Bailleur du lieu"] == illisible
    chemin.write_bytes(adopte)
    assert etats(monde)["Bailleur du lieu"][0] == "expiree"


def test_le_flux_lu_est_celui_de_l_annee_sinon_le_dernier_d_avant(monde):
    """Never one to come where one is past, but for a convention that a later flux says is running."""
    creer_dossier(monde.bailleur, texte=ECHUE)
    a_venir = EN_COURS.replace("exercice = 2024", "exercice = 2027").replace("2024-01", "2027-01")
    creer_dossier(monde.bailleur, texte=a_venir)
    assert etats(monde)["Bailleur du lieu"][0] == "expiree"
    assert etats(monde, date(2027, 3, 1))["Bailleur du lieu"][0] == "en_cours"
    creer_dossier(monde.bailleur, texte=EN_COURS.replace("exercice = 2024", "exercice = 2028"))
    en_cours = ("en_cours", "Sans date de fin, d'après le flux adopté de 2028.")
    assert etats(monde)["Bailleur du lieu"] == en_cours


def test_les_lignes_de_l_etat_qui_se_contredisent_sont_dites(monde):
    """One convention: a line that runs, or may, is not undone by an old date forgotten on another."""
    agents = (
        ETAT.replace('"etat"', '"etat-agents"').replace("prioritaires", "fonctionnaires").replace("25", "5")
    )
    divergent = "Les lignes de l'État n'y ont pas toutes les mêmes dates : vérifiez."
    for autre, attendu in (
        ("debut = 2024-01-15", ("en_cours", f"Sans date de fin, d'après le flux adopté de 2024. {divergent}")),
        ("fin = 2027-12-31", ("inconnue", f"Le flux adopté de 2024 n'en donne pas la date de début. {divergent}")),
        ("fin = 2026-01-31", ("expiree", f"Échue depuis le 1er février 2026, d'après le flux adopté de 2024. {divergent}")),
        ("debut = 2023-01-01, fin = 2025-12-31", ("expiree", "Échue depuis le 1er janvier 2026, d'après le flux adopté de 2024.")),
    ):  # fmt: skip
        creer_dossier(monde.bailleur, texte=f"{ECHUE}{agents}convention = {{ {autre} }}\n")
        assert etats(monde) == {"Bailleur du lieu": attendu}


@pytest.mark.parametrize(
    ("echelle", "code", "lue"),
    [
        ("departement", "99", True),
        ("departement", "31", False),
        ("commune", "99001", True),  # added by the instance
        ("commune", "31555", False),
        ("commune", "99999", False),  # unknown
        ("epci", "200000001", True),
        ("epci", "243100518", False),
        ("epci", "200000003", False),  # it spans two départements: nobody knows whose convention it is
        ("epci", "999999999", False),
    ],
)
def test_le_prefet_ne_lit_que_les_conventions_de_son_departement(monde, monkeypatch, echelle, code, lue):
    """Adopted last, the flux of another département hides nothing and says nothing (R441-5 I)."""
    lieux = (("99001", "99", "200000001"), ("99002", "99", "200000003"), ("98001", "98", "200000003"))
    complement = {code: Commune(code, "Bourg", dep, "99", epci, "EPCI") for code, dep, epci in lieux}
    monkeypatch.setattr(demeure.fichiers, "geographie", lambda: Geographie(complement))
    ailleurs = EN_COURS.replace('"departement"\ncode = "99"', f'"{echelle}"\ncode = "{code}"')
    creer_dossier(monde.bailleur, texte=ailleurs)
    sans = "Aucun flux adopté n'est propre à votre département : le site ne sait rien de cette convention."
    dit = "Sans date de fin, d'après le flux adopté de 2024."
    assert etats(monde)["Bailleur du lieu"] == (("en_cours", dit) if lue else ("inconnue", sans))
    assert etats(monde, role="etat_region")["Bailleur du lieu"] == ("en_cours", dit)
    creer_dossier(monde.bailleur, texte=ECHUE)
    creer_dossier(monde.bailleur, texte=ailleurs)
    assert etats(monde)["Bailleur du lieu"][0] == ("en_cours" if lue else "expiree")


def test_le_prefet_lit_sa_convention(monde):
    """Under its own codes, and no other's; the région has none, and reads every line."""
    sienne = EN_COURS.removeprefix(DOSSIER).replace('"etat"', '"etat-99"')
    creer_dossier(monde.bailleur, texte=ECHUE + sienne.replace("2024-01-15", "2027-01-01"))
    assert etats(monde)["Bailleur du lieu"][0] == "expiree"
    prefet = monde.membres["etat_departement"].organisation
    organisation.coder(par=OPERATEUR, organisation=prefet, code="etat-99", type_="etat_prioritaires", du=DU)
    assert etats(monde)["Bailleur du lieu"][0] == "a_venir"
    assert etats(monde, role="etat_region")["Bailleur du lieu"][0] == "expiree"
    sous = ("inconnue", "Le flux adopté de 2024 ne nomme pas l'État sous l'un de vos codes.")
    for complet in ("", "complet = true\n"):
        creer_dossier(monde.bailleur, texte=complet + ECHUE)
        assert etats(monde)["Bailleur du lieu"] == sous


# --- who sees what


@pytest.mark.parametrize("role", ROLES)
def test_l_accueil_ne_le_dit_qu_a_l_etat(monde, role):
    """The conventions that ended and the bilan, with what the site does not know; nothing to the others."""
    creer_dossier(monde.bailleur, texte=ECHUE)
    lue = journee(monde.membres[role], JOUR)
    if role not in SUIT:
        assert lue.retards == ()
        return
    echue, bilan = lue.retards
    assert echue.phrase == "La convention de l'État avec Bailleur du lieu est échue."
    assert (echue.le, echue.etat, echue.dans) == (date(2026, 1, 1), "tard", "il y a 124 jours")
    assert lue.phrase.startswith(echue.phrase)
    assert (echue.lien is not None) == (role == "etat_departement")
    assert (bilan.le, bilan.etat) == (jour_limite("bilan_annuel", 2026, JOUR).valeur, "")
    assert "bilan de 2025" in bilan.phrase
    assert "il ne sait pas lesquels sont parvenus" in bilan.suite


def test_l_accueil_en_montre_quelques_unes_et_compte_les_autres(monde):
    for rang in range(RETARDS_MONTRES + 2):
        creer_dossier(un_bailleur(f"Office {rang}"), texte=ECHUE)
    phrases = [r.phrase for r in journee(monde.membres["etat_departement"], JOUR).retards]
    assert len(phrases) == RETARDS_MONTRES + 2
    assert phrases[-2] == "Conventions de l'État échues, chez d'autres bailleurs : 2."


def test_la_liste_est_celle_du_territoire_les_echues_d_abord(monde, connecter):
    """Another territory's bailleur is on no list, and has no letter; the région reads and does not write."""
    creer_dossier(monde.voisin, texte=ECHUE)
    tard = un_bailleur("Zèbre habitat")
    creer_dossier(tard, texte=ECHUE)
    creer_dossier(monde.bailleur, texte=EN_COURS)
    assert list(etats(monde)) == ["Zèbre habitat", "Bailleur du lieu"]
    prefet = connecter(monde.membres["etat_departement"])
    lue = page(prefet, "retards")
    assert str(monde.voisin) not in lue
    bilan = demeure.bilan_du(aujourd_hui())
    assert f"Bilan de {bilan.exercice}. Il était dû au plus tard le {en_lettres(bilan.terme)}" in lue
    assert "Préparer une mise en demeure" in lue
    assert prefet.get(reverse("mise_en_demeure", args=[monde.voisin.identifiant])).status_code == 404
    region = connecter(monde.membres["etat_region"])
    assert "Préparer une mise en demeure" not in page(region, "retards")
    assert region.get(reverse("mise_en_demeure", args=[tard.identifiant])).status_code == 403


def test_un_territoire_sans_bailleur_le_dit(monde, connecter):
    monde.bailleur.territoires.all().delete()
    prefet = monde.membres["etat_departement"]
    assert "Aucun bailleur n'est encore inscrit" in page(connecter(prefet), "retards")
    assert journee(prefet, JOUR).retards == ()


# --- the letter


def test_le_courrier_dit_ce_qui_manque_et_le_terme_de_la_regle(monde, connecter, tmp_path):
    """Recipient, ground, what is missing, last day; the PDF holds the same words; nothing is recorded."""
    creer_dossier(monde.bailleur, texte=EN_COURS)
    prefet, ou = connecter(monde.membres["etat_departement"]), monde.bailleur.identifiant
    demande = {"manques": "bilan", "envoi": "2026-12-31"}
    lue = page(prefet, "mise_en_demeure", ou, **demande)
    terme = en_lettres(terme_mise_en_demeure(date(2026, 12, 31), date(2026, 12, 31)).valeur)
    assert terme == "28 février 2027"
    for dit in (
        f"représentant légal de Bailleur du lieu, SIREN {monde.bailleur.siren}",
        "Objet : mise en demeure, bilan annuel de 2025.",
        "L'article R441-5-1 du code",
        "dû au plus tard le 27 février 2026",
        "dans un délai de 2 mois à compter de la réception",
        f"jusqu'au {terme} inclus",
        "je pourrai résilier la convention de réservation de l'État",
        "article R441-5-2 IV",
        "Le site ne tient pas les bilans",
        "31/12/2026 + 2 mois",
        "Partiteur n'envoie rien",
    ):
        assert dit in lue, dit
    assert "rend obligatoire une convention" not in lue
    reponse = prefet.get(reverse("imprimer_demeure", args=[ou]), demande)
    assert f"mise-en-demeure-{monde.bailleur.siren}-20261231.pdf" in reponse["Content-Disposition"]
    imprime = plat(lire(reponse.content, tmp_path).texte)
    for paragraphe in demeure.lettre(
        monde.membres["etat_departement"], monde.bailleur, ["bilan"], date(2026, 12, 31), JOUR
    ).paragraphes:
        assert plat(pdf.imprimable(paragraphe)) in imprime
        assert plat(paragraphe) in lue


def test_une_convention_qui_manque_ne_se_resilie_pas(monde, connecter):
    """The préfet settles it by arrêté; the text sets no délai, and the page says so."""
    creer_dossier(monde.bailleur, texte=ECHUE)
    prefet, ou = connecter(monde.membres["etat_departement"]), monde.bailleur.identifiant
    manques = ["convention", "bilan", "bilan"]
    lue = page(prefet, "mise_en_demeure", ou, manques=manques, envoi="2026-11-22")
    assert "demeure, bilan annuel de 2025 et convention de réservation de l'État." in lue
    assert "échue depuis le 1er janvier 2026" in lue
    assert "il m'appartiendra de régler par arrêté" in lue
    assert "je pourrai résilier" not in lue
    assert "ne fixe pas de délai : 2 mois sont proposés" in lue
    seul = page(prefet, "mise_en_demeure", ou, manques="bilan", envoi="2026-11-22")
    assert "Une convention échue ne se résilie pas" in seul
    creer_dossier(monde.bailleur, texte=EN_COURS)
    autre = page(prefet, "mise_en_demeure", ou, manques="convention", envoi="2026-11-22")
    assert "aucune convention en cours n'est signée" in autre
    assert "Sans date de fin" in autre


@pytest.mark.parametrize(
    ("texte", "bilan", "convention"),
    [
        (ECHUE, "Une convention échue ne se résilie pas", None),
        (EN_COURS, None, "Le flux adopté dit cette convention en cours : vérifiez avant d'écrire."),
        (EN_COURS.replace("2024-01-15", "2027-01-01"), "n'a pas commencé n'engage pas", "vérifiez qu'elle n'est pas déjà signée"),
        ("complet = true\n" + DOSSIER, "aucune convention de l'État à résilier : cochez aussi la convention", None),
        (DOSSIER, "Le site ne sait pas si une convention est en cours", None),
    ],
)  # fmt: skip
def test_les_rappels_sont_ceux_de_l_etat_de_la_convention(monde, texte, bilan, convention):
    """A convention that does not run is not ended, one that runs is not asked for, without a word."""
    creer_dossier(monde.bailleur, texte=texte)
    prefet, envoi = monde.membres["etat_departement"], date(2026, 11, 22)
    tous = {*demeure.RESILIER.values(), *demeure.VERIFIER.values()}
    for manques, attendu in (
        (["bilan"], bilan),
        (["convention"], convention),
        (["bilan", "convention"], convention),
    ):
        dits = [r for r in demeure.lettre(prefet, monde.bailleur, manques, envoi, envoi).rappels if r in tous]
        assert len(dits) == (attendu is not None)
        assert attendu is None or attendu in dits[0]


def test_avant_le_premier_bilan_du_seule_la_convention_se_demande(monde, connecter, monkeypatch):
    """A bilan the decree had not made due is not asked for; the letter of a convention still is written."""
    (ligne,) = bareme("delais")["bilan_annuel"]
    monkeypatch.setitem(bareme("delais"), "bilan_annuel", [{**ligne, "du": date(2026, 6, 1)}])
    prefet, ou = connecter(monde.membres["etat_departement"]), monde.bailleur.identifiant
    refuse = page(prefet, "mise_en_demeure", ou, manques=["bilan", "convention"], envoi="2026-11-22")
    assert "Aucun bilan n'était encore dû à cette date" in refuse
    assert "Veuillez agréer" not in refuse
    seule = page(prefet, "mise_en_demeure", ou, manques="convention", envoi="2026-11-22")
    assert "Objet : mise en demeure, convention de réservation de l'État." in seule
    assert "Bilan de" not in page(prefet, "retards")


def test_un_terme_qui_change_ne_change_pas_les_bilans_deja_dus(monkeypatch):
    """Each year has the term of the text in force that day."""
    (ligne,) = bareme("delais")["bilan_annuel"]
    change = date(2026, 7, 1)
    lignes = [{**ligne, "au": change}, {**ligne, "du": change, "mois": 3, "jour": 15}]
    avant = {au: dernier_bilan_du(au) for au in (date(2026, 5, 5), date(2026, 11, 22), date(2027, 1, 10))}
    monkeypatch.setitem(bareme("delais"), "bilan_annuel", lignes)
    assert {au: dernier_bilan_du(au) for au in avant} == avant
    assert dernier_bilan_du(date(2027, 3, 14)).valeur.exercice == 2025
    assert dernier_bilan_du(date(2027, 3, 15)).valeur.terme == date(2027, 3, 14)
    assert dernier_bilan_du(date(2020, 2, 25)).code == "aucun"


def test_la_demonstration_n_ajoute_que_la_ou_il_y_a_place():
    """A dossier that names the préfet otherwise stops the demo, rather than losing what it shows."""
    assert demo._avec("part = 1\n", f"a\n{demo.PREFET}b") == f"a\n{demo.PREFET}part = 1\nb"
    for sans_place in ("a\n", demo.PREFET * 2):
        with pytest.raises(ValueError, match="written once"):
            demo._avec("", sans_place)
    assert all(set(dits) <= set(demo.ADOPTES[nom]) for nom, dits in demo.DU_PREFET.items())


def test_sans_rien_cocher_ou_hors_des_dates_aucun_courrier(monde, connecter):
    """The day proposed is today; what is not asked well says what to do, and gives no PDF."""
    prefet, ou = connecter(monde.membres["etat_departement"]), monde.bailleur.identifiant
    vide = prefet.get(reverse("mise_en_demeure", args=[ou])).text
    assert f'value="{aujourd_hui().isoformat()}"' in vide
    assert "csrfmiddlewaretoken" not in vide.partition("<main")[2]
    assert 'class="lettre"' not in vide
    lien = prefet.get(reverse("mise_en_demeure", args=[ou]), {"manques": "convention"}).text
    assert 'class="lettre"' in lien
    assert "Cochez ce qui manque" in page(prefet, "mise_en_demeure", ou, envoi="2026-11-22")
    for envoi in ("2020-12-31", "2101-01-01"):
        dit = page(prefet, "mise_en_demeure", ou, manques="bilan", envoi=envoi)
        assert "Donnez une date entre 2021 et 2100" in dit
    for envoi in ("2021-01-01", "2100-12-31"):
        assert "Le préfet" in page(prefet, "mise_en_demeure", ou, manques="bilan", envoi=envoi)
    renvoye = prefet.get(reverse("imprimer_demeure", args=[ou]))
    assert renvoye.url.startswith(reverse("mise_en_demeure", args=[ou]))


def test_un_courrier_qui_ne_s_imprime_pas_renvoie_a_la_page(monde, connecter, monkeypatch):
    prefet, ou = connecter(monde.membres["etat_departement"]), monde.bailleur.identifiant
    monkeypatch.setattr(pdf, "DUREE_MAX", 0.001)
    demande = {"manques": "bilan", "envoi": "2026-11-22"}
    renvoye = prefet.get(reverse("imprimer_demeure", args=[ou]), demande)
    assert renvoye.url.startswith(reverse("mise_en_demeure", args=[ou]) + "?")
    assert "imprimez cette page" in plat(unescape(prefet.get(renvoye.url).text))
