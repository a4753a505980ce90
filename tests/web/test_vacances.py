"""The vacances of a bailleur: what is in course first, each to its own, at a cost that does not grow with the page."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from fabriques import navigateur
from test_compte import ecrire

from partiteur.web.actions.journal import effacer
from partiteur.web.contexte import MENU
from partiteur.web.documents import vacances as documents
from partiteur.web.droits import OPERATEUR, ROLES, permissions

OUVERTURE = ("conge_recu", None, {"typologie": "T3", "commune": "99001"})
OFFRE = ("mise_a_disposition", "c-lieu", {})
CANDIDAT = {"candidat": "c0123456789ab"}
LOUEE = (
    OUVERTURE,
    OFFRE,
    ("designation", "c-lieu", {"candidats": ["c0123456789ab"]}),
    ("decision_caleol", "c-lieu", {**CANDIDAT, "decision": "attribution"}),
    ("bail_signe", "c-lieu", CANDIDAT),
)
# v5: let, then its lease cancelled; v6: declined by the commune, then offered to the other.
HISTOIRES = {
    "v1": (OUVERTURE,),
    "v2": (OUVERTURE, OFFRE),
    "v3": LOUEE,
    "v4": (OUVERTURE, ("mise_a_disposition", "c-ailleurs", {})),
    "v5": (*LOUEE, ("rectification", None, {"annule": "v5-4"})),
    "v6": (OUVERTURE, OFFRE, ("declinaison", "c-lieu", {}), ("mise_a_disposition", "c-ailleurs", {})),
    "v7": (OUVERTURE, ("vacance_close", None, {"issue": "vendue"})),
}


def inscrire(monde, histoires, annee=2026):
    """The events of some vacances, a day each."""
    for vacance, suite in histoires.items():
        for rang, (type_, qui, donnees) in enumerate(suite):
            ecrire(
                monde, vacance=vacance, type_=type_, reservataire=qui, donnees=donnees, logement=f"L-{vacance}",
                date_effet=date(annee, 4, 1 + rang), evenement=f"{vacance}-{rang}",
            )  # fmt: skip


@pytest.fixture
def compte(monde):
    """The account of the near bailleur."""
    inscrire(monde, HISTOIRES)
    return monde


def lire(monde, role="bailleur_lecture", **filtres):
    """The vacances a role reads, and their states, as the page lists them."""
    page = navigateur(monde.membres[role]).get(adresse(monde), filtres)
    assert page.status_code == 200
    return {ligne.code: ligne.statut for ligne in page.context["lignes"]}


def adresse(monde):
    return reverse("vacances_du_bailleur", args=[monde.bailleur.identifiant])


@pytest.mark.parametrize(
    ("filtres", "attendu"),
    [
        ({}, {"v6": "mis à disposition", "v5": "attribué", "v4": "mis à disposition", "v2": "mis à disposition", "v1": "libéré"}),
        ({"etat": "attribuee"}, {"v5": "attribué"}),
        ({"etat": "terminees"}, {"v7": "close", "v3": "loué"}),
        ({"etat": "terminees", "annee": "2019"}, {"v7": "close", "v3": "loué"}),
        ({"etat": "toutes", "cherche": "l-V3"}, {"v3": "loué"}),
        ({"reservataire": "c-lieu"}, {"v6": "mis à disposition", "v5": "attribué", "v2": "mis à disposition"}),
        ({"etat": "n'importe quoi", "annee": "2026"}, {"v6", "v5", "v4", "v2", "v1"}),
    ],
)  # fmt: skip
def test_le_bailleur_suit_ses_vacances(compte, filtres, attendu):
    """Those in course by default; a lease a rectification cancelled is in course again; each filter alone."""
    lues = lire(compte, **filtres)
    assert (lues if isinstance(attendu, dict) else set(lues)) == attendu
    assert list(lues) == sorted(lues, reverse=True)


def test_le_reservataire_ne_suit_que_ce_qui_lui_fut_offert(compte):
    """What was never offered to it does not exist; what it declined is no longer in course, whatever became of it."""
    assert lire(compte, "reservataire_lecture") == {"v5": "attribué", "v2": "mis à disposition"}
    toutes = lire(compte, "reservataire_lecture", etat="toutes")
    assert toutes == {
        "v6": "ne vous est plus offert",
        "v5": "attribué",
        "v3": "loué",
        "v2": "mis à disposition",
    }
    page = navigateur(compte.membres["reservataire_lecture"]).get(adresse(compte), {"etat": "toutes"}).text
    for interdit in ("L-v1", "L-v4", "L-v7", "Commune d&#x27;ailleurs", "c-ailleurs"):
        assert interdit not in page


def test_chaque_vacance_mene_a_ses_evenements(compte):
    """The row leads to the journal, cut to this vacance."""
    client = navigateur(compte.membres["bailleur_lecture"])
    liens = re.findall(r'href="(/journal/[^"]*vacance=v5)"', client.get(adresse(compte)).text)
    lus = client.get(liens[0])
    assert {fait.vacance for fait in lus.context["lignes"]} == {"v5"}
    assert len(lus.context["lignes"]) == len(HISTOIRES["v5"])
    sien = navigateur(compte.membres["reservataire_lecture"]).get(liens[0])
    assert [fait.quoi for fait in sien.context["lignes"]] == [
        "Bail signé",
        "Décision de la commission",
        "Candidats désignés",
        "Mise à disposition",
    ]
    autre = reverse("journal", args=[compte.bailleur.identifiant]) + "?vacance=v4"
    assert navigateur(compte.membres["reservataire_lecture"]).get(autre).context["lignes"] == []


def test_une_page_longue_ne_coute_pas_plus(compte):
    """As many queries for five rows as for fifty, and a second page."""
    client = navigateur(compte.membres["bailleur_lecture"])

    def couts(**filtres):
        with CaptureQueriesContext(connection) as requetes:
            page = client.get(adresse(compte), filtres)
        return len(requetes), len(page.context["lignes"])

    avant, peu = couts()
    inscrire(compte, {f"w{rang:02}": (OUVERTURE, OFFRE) for rang in range(60)}, 2025)
    apres, beaucoup = couts()
    assert (peu, beaucoup) == (5, documents_par_page())
    assert avant == apres == REQUETES
    assert couts(page=2)[1] == 15
    assert len(lire(compte, annee="2025", etat="toutes", page="2")) == 10


def documents_par_page():
    from partiteur.web.views.vacances import PAR_PAGE

    return PAR_PAGE


# Read-only costs PostgreSQL a savepoint, where SQLite sets a pragma (middleware.lecture_seule).
REQUETES = 17 + (connection.vendor == "postgresql")


def test_une_vacance_effacee_reste_nommee_sans_rien_dire(compte):
    """Erased whole, only its number stays."""
    effacer(par=OPERATEUR, bailleur=compte.bailleur, vacance="v3", tout=True)
    assert lire(compte, etat="terminees") == {"v7": "close", "v3": "effacée"}
    assert documents.annees(compte.bailleur.chaine) == [2026]


def test_sans_vacance_la_page_dit_quoi_faire(monde):
    for role, dit in (
        ("bailleur_lecture", "s&#x27;ouvre par un congé"),
        ("reservataire_lecture", "ne vous est offert"),
    ):
        page = navigateur(monde.membres[role]).get(adresse(monde)).text
        assert 'class="vide"' in page
        assert dit in page.replace("s'ouvre", "s&#x27;ouvre")
    liste = navigateur(monde.membres["reservataire_lecture"]).get(reverse("vacances"))
    assert liste.url == adresse(monde)


@pytest.mark.parametrize("role", ROLES)
def test_chaque_entree_du_menu_mene_quelque_part(monde, role):
    """Shown to whoever may, hidden from the others; behind each, a page or the one object there is."""
    client = navigateur(monde.membres[role])
    menu = [entree["page"] for entree in client.get(reverse("aujourdhui")).context["menu"]]
    droits = permissions(monde.membres[role])
    assert menu == [nom for nom, _, droit in MENU if droit is None or droit in droits]
    for nom in menu:
        page = client.get(reverse(nom), follow=True)
        assert page.status_code == 200, nom
        assert "<h1>" in page.text
        assert f'href="{reverse(nom)}" aria-current=' in page.text, nom
