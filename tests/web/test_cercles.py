"""Who sees what: three circles (D67), perimeters, fields, canaries; and a GET that cannot write (E10, E13)."""

from datetime import date

import pytest
from django.db import DatabaseError, connection
from django.http import HttpResponse
from django.urls import reverse
from fabriques import creer_contact, creer_organisation
from test_compte import CANDIDATS, ecrire

from partiteur.moteur.millesime import TOUT, Territoire
from partiteur.web.actions import organisation as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.droits import (
    OPERATEUR,
    Cercle,
    Permission,
    bailleurs,
    cercle,
    champs,
    codes,
    perimetres,
)
from partiteur.web.middleware import lecture_seule
from partiteur.web.models import Acces, Chaine, Organisation
from partiteur.web.pages import PAGES

JOUR = date(2024, 6, 1)


def test_les_cercles_d_un_bailleur(monde):
    """Mine, open, stranger: by rights, by territory, by region; nothing for who sees no total."""
    attendus = {
        "bailleur_lecture": Cercle.MIEN,
        "reservataire_lecture": Cercle.OUVERT,
        "epci": Cercle.OUVERT,
        "etat_departement": Cercle.OUVERT,
        "etat_region": Cercle.OUVERT,
        "ar_hlm": Cercle.OUVERT,
        "guichet": Cercle.ETRANGER,
        "administrateur": Cercle.ETRANGER,
    }
    for role, voulu in attendus.items():
        assert (role, cercle(monde.membres[role], monde.bailleur, JOUR)) == (role, voulu)
    for role in ("reservataire_lecture", "epci", "etat_departement", "bailleur_responsable"):
        assert cercle(monde.etrangers[role], monde.bailleur, JOUR) is Cercle.ETRANGER, role


def test_un_droit_eteint_ferme_le_cercle(monde):
    """A right that ended yesterday opens nothing today."""
    membre = monde.membres["reservataire_lecture"]
    reservation = monde.bailleur.reservations.get()
    reservation.au = date(2024, 5, 31)
    reservation.save()
    assert cercle(membre, monde.bailleur, date(2024, 5, 30)) is Cercle.OUVERT
    assert cercle(membre, monde.bailleur, JOUR) is Cercle.ETRANGER


def test_les_perimetres_donnes_au_moteur(monde):
    """What `vue` may read: the whole for the bailleur, one's own territory for others, nothing for a stranger."""
    lu = {role: perimetres(m, monde.bailleur, JOUR) for role, m in monde.membres.items()}
    assert lu["bailleur_lecture"] == lu["ar_hlm"] == lu["etat_region"] == (TOUT,)
    assert lu["reservataire_lecture"] == (Territoire("commune", "99001"),)
    assert lu["epci"] == (Territoire("departement", "99"), Territoire("epci", "200000001"))
    assert lu["guichet"] == lu["administrateur"] == lu["membre_caleol"] == ()
    assert perimetres(monde.etrangers["reservataire_lecture"], monde.bailleur, JOUR) == ()


def test_les_champs_d_un_menage(monde):
    """Health, violence, priority: only for who may act on households."""
    donnees = {"candidat": "c1", "menage": {"dalo": True}, "decision": "attribution"}
    assert champs(monde.membres["bailleur_lecture"], donnees) == {"decision": "attribution"}
    assert champs(monde.membres["bailleur_attribution"], donnees) == donnees


def test_la_page_du_journal_ne_montre_que_le_sien(monde, connecter):
    """A commune reads the lines that name it; an authority none; the lease's household is masked to a reader."""
    ecrire(monde, vacance="v-canari")
    ecrire(monde, vacance="v-canari", type_="mise_a_disposition", reservataire="c-lieu")
    ecrire(monde, vacance="v-canari", type_="designation", reservataire="c-lieu", donnees=CANDIDATS)
    ecrire(monde, vacance="v-autre")
    ecrire(monde, vacance="v-autre", type_="mise_a_disposition", reservataire="tiers-canari")
    adresse = reverse("journal", args=[monde.bailleur.identifiant])
    commune = connecter(monde.membres["reservataire_designation"]).get(adresse).text
    assert "v-canari" in commune
    assert "tiers-canari" not in commune
    assert "v-autre" not in commune
    epci = connecter(monde.membres["epci"]).get(adresse)
    assert epci.context["tete"].numero == 5
    assert "v-canari" not in epci.text
    lecteur = connecter(monde.membres["bailleur_lecture"]).get(adresse).text
    assert "tiers-canari" in lecteur
    assert "candidats :" not in lecteur
    verifiee = connecter(monde.membres["bailleur_lecture"]).get(adresse + "?verifier")
    assert "haîne intacte" in verifiee.text
    assert verifiee.context["verdict"].evenements == 5


def test_un_canari_par_organisation(monde, connecter):
    """A word sown in each stranger's data appears on no page a member may open, in no access of its journal."""
    semes = []
    for role, membre in monde.etrangers.items():
        mot = f"canari-{role.replace('_', '-')}"
        Organisation.objects.filter(pk=membre.organisation_id).update(nom=mot)
        creer_contact(membre.organisation, nom=f"{mot}-contact")
        membre.utilisateur.nom = f"{mot}-personne"
        membre.utilisateur.save()
        semes.append(mot)
    ecrire_chez_voisin(monde)
    vues = 0
    for role, membre in monde.membres.items():
        if role in ("administrateur", "ar_hlm", "etat_region"):
            continue  # their business is the whole instance
        client = connecter(membre)
        for nom, page in PAGES.items():
            if page.objet is None and not nom.startswith(("account_", "mfa_", "social")):
                texte = client.get(reverse(nom)).text if isinstance(page.acces, Permission) else ""
                vues += bool(texte)
                assert not [mot for mot in [*semes, "v-voisine"] if mot in texte], f"{role} {nom}"
    assert vues > 20


def ecrire_chez_voisin(monde):
    from partiteur.web.actions.journal import inscrire

    inscrire(par=OPERATEUR, bailleur=monde.voisin, vacance="v-voisine", type_="conge_recu", date_effet=JOUR)


def test_un_get_ne_peut_rien_ecrire(monde, connecter, monkeypatch):
    """A view that writes on a GET is stopped by the database itself; its POST is not."""

    def vue(requete):
        Chaine.objects.create(nom="x", bailleur=creer_organisation("commune"))
        return HttpResponse("écrit")

    from partiteur.web import urls

    motif = next(m for m in urls.urlpatterns if m.name == "annuaire")
    monkeypatch.setattr(motif, "callback", vue)
    client = connecter(monde.membres["bailleur_lecture"])
    client.raise_request_exception = False
    avant = Acces.objects.count()
    for methode in ("get", "head", "options"):
        assert getattr(client, methode)(reverse("annuaire")).status_code == 500
    assert not Chaine.objects.filter(nom="x").exists()
    assert client.post(reverse("annuaire")).text == "écrit"
    assert Acces.objects.count() == avant


def test_la_lecture_seule_finit_avec_la_requete(monde):
    """Inside nothing is written; after, everything may be."""
    with pytest.raises(DatabaseError), lecture_seule(), connection.cursor() as curseur:
        curseur.execute("update web_organisation set nom = 'x'")
    creer_organisation("commune")


def test_les_pages_qui_ecrivent_en_get_disent_pourquoi():
    """Three pages alone: one by its protocol, two where allauth makes the recovery codes it shows."""
    assert {nom for nom, page in PAGES.items() if page.ecrit_en_get} == {
        "openid_connect_callback",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
    }


def test_une_fusion_met_fin_a_l_organisation_et_a_ses_droits(monde, connecter):
    """Members of the merged one no longer enter for it; rights end the same day; its journal stays."""
    client = connecter(monde.membres["reservataire_designation"])
    assert client.get(reverse("annuaire")).status_code == 200
    nouvelle = creer_organisation("commune")
    actes.succeder(
        par=OPERATEUR, cedante=monde.commune, beneficiaire=nouvelle, nature="fusion", le=aujourd_hui()
    )
    assert client.get(reverse("annuaire")).status_code == 403
    assert codes(monde.membres["reservataire_designation"], aujourd_hui()) == []
    assert bailleurs(monde.membres["reservataire_designation"], aujourd_hui()).count() == 0
    actes.succeder(
        par=OPERATEUR,
        cedante=monde.voisin,
        beneficiaire=monde.bailleur,
        nature="transfert",
        le=JOUR,
        echelle="commune",
        code="99002",
    )
    assert monde.voisin.au is None
    with pytest.raises(actes.ActeRefuse, match="même type"):
        actes.succeder(par=OPERATEUR, cedante=nouvelle, beneficiaire=monde.bailleur, nature="fusion", le=JOUR)
    with pytest.raises(actes.ActeRefuse, match="elle-même"):
        actes.succeder(par=OPERATEUR, cedante=nouvelle, beneficiaire=nouvelle, nature="fusion", le=JOUR)
