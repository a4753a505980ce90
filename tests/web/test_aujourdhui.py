"""The home page: what waits is what the account says, each to its own; when there is nothing, what to do first."""

import re
from dataclasses import fields
from datetime import date

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from fabriques import creer_contact, creer_invitation, navigateur

from partiteur.moteur.journal.forme import FAITS, evenement_de
from partiteur.regles.decompte import decompte
from partiteur.regles.vacance import tenir
from partiteur.web.actions.journal import inscrire
from partiteur.web.composants import Chiffre, barres
from partiteur.web.documents.aujourdhui import dans, journee
from partiteur.web.documents.compte import ETAPES, derniere_annee
from partiteur.web.droits import OPERATEUR, ROLES
from partiteur.web.models import Contenu

JOUR = date(2026, 5, 5)
MENAGE = {"candidat": "c0123456789ab"}
# Three vacances: one freed, one offered, one designated for and attributed; the other commune is offered the last too.
HISTOIRES = {
    "v1": [("conge_recu", "", {})],
    "v2": [("conge_recu", "", {}), ("mise_a_disposition", "c-lieu", {})],
    "v3": [
        ("conge_recu", "", {}),
        ("mise_a_disposition", "c-lieu", {}),
        ("designation", "c-lieu", {"candidats": ["c0123456789ab"]}),
        ("decision_caleol", "c-lieu", {**MENAGE, "decision": "attribution"}),
    ],
    "v4": [("conge_recu", "", {}), ("mise_a_disposition", "c-ailleurs", {})],
}


@pytest.fixture
def compte(monde):
    """The account of the near bailleur, a month before."""
    for vacance, suite in HISTOIRES.items():
        for type_, qui, donnees in suite:
            with transaction.atomic():
                inscrire(
                    par=OPERATEUR, bailleur=monde.bailleur, vacance=vacance, type_=type_, reservataire=qui or None,
                    donnees=donnees, date_effet=date(2026, 4, 1),
                )  # fmt: skip
    return monde


def phrases(membre):
    """What waits for a member, on the day."""
    return [attente.phrase for attente in journee(membre, JOUR).attentes]


def test_le_bailleur_voit_ce_qui_attend(compte):
    """By state of the vacances that are not over."""
    lue = journee(compte.membres["bailleur_attribution"], JOUR)
    assert [attente.phrase for attente in lue.attentes] == [
        "Un logement libéré attend une orientation.",
        "2 logements mis à disposition attendent une réponse.",
        "Un logement attribué attend la signature du bail.",
    ]
    assert lue.phrase.startswith("4 logements attendent une suite.")
    assert {attente.le for attente in lue.attentes} == {date(2026, 4, 1)}


def test_le_reservataire_ne_voit_que_le_sien(compte):
    """What was offered to the other commune does not exist for this one."""
    assert phrases(compte.membres["reservataire_designation"]) == [
        "Un logement vous est proposé et attend votre réponse.",
        "Un logement attribué à l'un de vos candidats attend la signature du bail.",
    ]
    assert phrases(compte.etrangers["reservataire_designation"]) == []


@pytest.mark.parametrize(
    "role", [r for r, role in ROLES.items() if "VOIR_LIGNES" not in {p.name for p in role.permissions}]
)
def test_sans_les_lignes_rien_n_en_est_dit(compte, role):
    """No vacancy, no balance for whoever may not see the dwellings."""
    lue = journee(compte.membres[role], JOUR)
    assert (lue.attentes, lue.soldes, lue.chiffres) == ((), (), ())
    assert lue.vide is not None


def test_une_vacance_finie_n_attend_plus(compte):
    """Signed, the dwelling leaves the list."""
    with transaction.atomic():
        inscrire(par=OPERATEUR, bailleur=compte.bailleur, vacance="v3", type_="bail_signe", reservataire="c-lieu",
                 donnees=MENAGE, date_effet=date(2026, 4, 30))  # fmt: skip
    assert "Un logement attribué attend la signature du bail." not in phrases(
        compte.membres["bailleur_lecture"]
    )


def test_les_soldes_sont_ceux_de_la_regle(compte):
    """The page's bars are the décompte of the whole journal; the memory of it follows the chain's head."""
    evenements = [evenement_de(c) for c in Contenu.objects.order_by("pk").values(*FAITS)]
    tenue = tenir(evenements)
    attendu = decompte(
        tenue.inscrits, {}, date(2026, 1, 1), date(2026, 12, 31), None, tenue.irregularites
    ).valeur
    lue = journee(compte.membres["bailleur_lecture"], JOUR)
    nombres = {solde.nom: [barre.nombre for barre in solde.barres] for solde in lue.soldes}
    noms = {"c-lieu": "Commune du lieu", "c-ailleurs": "Commune d'ailleurs"}
    assert nombres == {
        noms[ligne.code]: [len(getattr(ligne, etape)) for etape in ETAPES] for ligne in attendu.lignes
    }
    assert nombres["Commune du lieu"] == [2, 1, 1, 0]
    siens = journee(compte.membres["reservataire_lecture"], JOUR).soldes
    assert [(solde.nom, [b.nombre for b in solde.barres]) for solde in siens] == [
        ("Bailleur du lieu", [2, 1, 1, 0])
    ]
    with transaction.atomic():
        inscrire(par=OPERATEUR, bailleur=compte.bailleur, vacance="v1", type_="mise_a_disposition", reservataire="c-lieu",
                 date_effet=date(2026, 4, 2))  # fmt: skip
    assert (
        len(derniere_annee(compte.bailleur.chaine, JOUR).lignes(frozenset({"c-lieu"}))[0].mise_a_disposition)
        == 3
    )


def test_l_annee_d_avant_n_en_dit_rien(compte):
    """Read before its first event, the account tells of no year."""
    assert derniere_annee(compte.bailleur.chaine, date(2026, 3, 1)) is None


@pytest.mark.parametrize("role", ROLES)
def test_la_page_vide_dit_quoi_faire_et_chaque_lien_s_ouvre(monde, role):
    """Each link of the home page leads this role to a page that opens."""
    client = navigateur(monde.membres[role])
    reponse = client.get(reverse("aujourdhui"))
    corps = reponse.text.partition("<main")[2].partition("</main>")[0]
    assert 'class="vide"' in corps
    for adresse in re.findall(r'href="(/[^"]*)"', corps):
        assert client.get(adresse).status_code in (200, 302), adresse


def test_une_invitation_qui_expire_est_une_echeance(monde):
    """Whoever may invite is told who has not come yet."""
    invitation, _ = creer_invitation(monde.bailleur, "bailleur_lecture")
    lue = journee(monde.membres["bailleur_responsable"], invitation.cree_le.date())
    assert "Personne invitée n'a pas encore accepté votre invitation." in [e.phrase for e in lue.echeances]
    assert journee(monde.membres["bailleur_lecture"], JOUR).echeances != lue.echeances


def test_les_obligations_de_l_annee(monde):
    """The bailleur's duties at their last day; a region's services have none."""
    dues = [e.le for e in journee(monde.membres["bailleur_lecture"], JOUR).echeances]
    assert dues == [date(2027, 2, 27), date(2027, 2, 27), date(2027, 3, 30)]
    assert [e.le for e in journee(monde.membres["epci"], JOUR).echeances] == [date(2027, 3, 30)]
    assert journee(monde.membres["etat_region"], JOUR).echeances == ()


@pytest.mark.parametrize(
    ("jours", "dit"),
    [(0, "aujourd'hui"), (1, "demain"), (-1, "hier"), (-3, "il y a 3 jours"), (13, "dans 13 jours"), (14, "dans 2 semaines"), (57, "dans 8 semaines"), (100, "dans 3 mois")],
)  # fmt: skip
def test_dans(jours, dit):
    """A distance in days, weeks or months."""
    assert dans(date.fromordinal(JOUR.toordinal() + jours), JOUR) == dit


def test_sans_organisation(monde, client):
    """Somebody who belongs nowhere is told whom to ask."""
    lue = journee(None, JOUR)
    assert "demandez une invitation" in lue.vide.phrase


def test_les_composants(monde):
    """A figure opens when there is something inside; a bar never leaves its scale; the page shows each of them."""
    assert not Chiffre("Parc", 1).s_ouvre
    assert all(Chiffre("Parc", 1, **{f.name: "x" if f.type in ("str",) else ("x",)}).s_ouvre
               for f in fields(Chiffre) if f.name in ("formule", "methode", "commande", "donnees", "textes"))  # fmt: skip
    assert [b.longueur for b in barres((("a", 3), ("b", 12), ("c", 0)), 6)] == [50, 100, 0]
    assert [b.longueur for b in barres((("a", 0),), 0)] == [0]
    page = navigateur(monde.membres["administrateur"]).get(reverse("composants"))
    for classe in (
        "calcul",
        "chiffre",
        "solde",
        "echeances",
        "fil",
        "graphique",
        "fiche",
        "vide",
        "alerte",
        "choix",
        "formulaire",
    ):
        assert f'class="{classe}' in page.text, classe


@pytest.mark.parametrize("page", ["accessibilite", "mentions_legales", "confidentialite"])
def test_ce_que_l_exploitant_n_a_pas_dit_est_nomme(db, settings, tmp_path, page):
    """Placeholders say that they are; what exploitant.toml says takes their place."""
    settings.DONNEES = tmp_path
    client = navigateur()
    assert "[à compléter par l" in client.get(reverse(page)).text
    cles = (
        "nom",
        "adresse",
        "contact",
        "directeur",
        "hebergeur",
        "accessibilite",
        "accord",
        "delegue",
    )
    (tmp_path / "exploitant.toml").write_text("\n".join(f'{cle} = "Dit {cle} <b>"' for cle in cles), "utf-8")
    lue = client.get(reverse(page)).text
    assert "[à compléter" not in lue
    assert "Dit nom &lt;b&gt;" in lue


@pytest.mark.parametrize("contenu", ["nom = ", 'inconnu = "x"', "nom = 1"])
def test_un_exploitant_illisible_est_dit(tmp_path, contenu):
    """What cannot be read is named."""
    from partiteur.web.exploitant import ExploitantIllisible, lire_exploitant

    (tmp_path / "exploitant.toml").write_text(contenu, "utf-8")
    with pytest.raises(ExploitantIllisible, match=r"exploitant\.toml"):
        lire_exploitant(tmp_path)


def test_une_page_d_un_contact(monde):
    """The directory tells who answers, and names the organisations that told nothing."""
    creer_contact(monde.bailleur, "Alix Rive")
    page = navigateur(monde.membres["bailleur_responsable"]).get(reverse("annuaire")).text
    assert "Alix Rive" in page
    assert page.index("Sans contact inscrit") < page.index("Commune du lieu")


def test_la_maintenance_ferme_le_site_et_le_dit(db, settings, tmp_path):
    """A file closes every page, and nothing else does."""
    settings.DONNEES = tmp_path
    client = navigateur()
    assert client.get(reverse("presentation")).status_code == 200
    (tmp_path / "maintenance").touch()
    for page in ("presentation", "aujourdhui", "account_login"):
        reponse = client.get(reverse(page))
        assert (reponse.status_code, reponse.headers["Retry-After"]) == (503, "300")
        assert "en maintenance" in reponse.text
    assert "en maintenance" not in client.get(reverse("sante")).text


def test_les_pages_d_erreur_disent_quoi_faire(monde):
    """What happened and where to go, in the dress of the site, even without a request to lean on."""
    client = navigateur(monde.membres["guichet"])
    for chemin, code, dit in (
        ("/nulle-part/", 404, "n'existe pas"),
        (reverse("journaux"), 403, "ne permet pas"),
    ):
        reponse = client.get(chemin)
        assert reponse.status_code == code
        assert dit in reponse.text
        assert "Revenir à l'accueil" in reponse.text
    for gabarit in ("400.html", "500.html", "503.html"):
        assert "<h1>" in render_to_string(gabarit)
