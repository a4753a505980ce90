"""Écarts entre nous: each side reads its own lines, makes remarks, answers; nobody else reads a word."""

import re
from datetime import date

import pytest
from django.db import connection
from fabriques import creer_organisation
from registre import CORRIGE, DROITS, page, remarquer, tenir
from test_parc import LE, importer

from partiteur.web.documents.aujourdhui import journee
from partiteur.web.models import Message, Millesime, Remarque

# Read-only costs PostgreSQL a savepoint, where SQLite sets a pragma (middleware.lecture_seule).
LECTURE = connection.vendor == "postgresql"
REQUETES_DES_LIGNES = 12 + LECTURE
REQUETES_DES_PARTIES = 14 + LECTURE


@pytest.fixture
def tenu(monde, settings, tmp_path):
    """A bailleur and its register, a commune, a co-réservataire (`co`)."""
    monde.co = tenir(monde, settings, tmp_path)
    return monde


def cles(texte):
    """The lines a page of lines links to."""
    return re.findall(r"\?cle=([^\"]+)", texte)


def test_chacun_ne_lit_que_ses_lignes(tenu, connecter):
    """The bailleur reads all; a réservataire its own; a co-réservataire's line is a 404, a stranger's bailleur too."""
    sienne = connecter(tenu.membres["reservataire_lecture"])
    lue = sienne.get(page("lignes", tenu.bailleur)).text
    assert cles(lue) == ["d%3Ad1", "d%3Ad2"]
    assert "autre-canari" not in lue
    assert "Co-réservataire" not in lue
    assert cles(connecter(tenu.co).get(page("lignes", tenu.bailleur)).text) == ["d%3Ad4"]
    toutes = connecter(tenu.membres["bailleur_lecture"]).get(page("lignes", tenu.bailleur)).text
    assert len(cles(toutes)) == 4
    assert sienne.get(page("ligne", tenu.bailleur, "?cle=d:d2")).status_code == 200
    for cle in ("d:d4", "d:d3", "d:inconnue", "%00", "l:x"):
        assert sienne.get(page("ligne", tenu.bailleur, f"?cle={cle}")).status_code in (400, 404), cle
    assert sienne.get(page("ligne", tenu.bailleur)).url == page("lignes", tenu.bailleur)
    etranger = connecter(tenu.etrangers["reservataire_designation"])
    for nom in ("lignes", "ecarts", "ligne", "remarquer"):
        assert etranger.get(page(nom, tenu.bailleur)).status_code == 404, nom
    assert connecter(tenu.membres["epci"]).get(page("lignes", tenu.bailleur)).status_code == 403


def test_filtrer_les_lignes(tenu, connecter):
    """By réservataire, commune, gap, words; totals follow; what is not offered is refused without falling."""
    client = connecter(tenu.membres["bailleur_lecture"])
    for demande, attendues in {
        "reservataire=c-lieu": 2,
        "commune=06030": 1,
        "q=p4": 1,
        "q=25&reservataire=c-lieu": 1,
        "ecart=non_compare": 4,
        "ecart=logement_absent": 0,
        "commune=99999": 4,
    }.items():
        lue = client.get(page("lignes", tenu.bailleur, f"?{demande}"))
        assert lue.status_code == 200
        trouvees = 4 if lue.context["formulaire"].errors else lue.context["total"]
        assert trouvees == (4 if "99999" in demande or "absent" in demande else attendues), demande


def test_les_totaux_de_la_page_s_additionnent(tenu, connecter):
    lue = connecter(tenu.membres["bailleur_lecture"]).get(page("lignes", tenu.bailleur))
    assert (lue.context["total"], lue.context["droits_comptes"]) == (4, 10)
    pied = lue.text.rpartition("<tfoot>")[2]
    assert re.findall(r'data-l="(\w+)">(\d+)', pied) == [("Lignes", "4"), ("Logements", "10")]


def test_la_liste_compte_ses_requetes(tenu, connecter, django_assert_num_queries):
    """As many for a hundred lines as for four, for six réservataires as for two."""
    client = connecter(tenu.membres["bailleur_lecture"])
    client.get(page("lignes", tenu.bailleur))
    client.get(page("ecarts", tenu.bailleur))
    with django_assert_num_queries(REQUETES_DES_LIGNES):
        client.get(page("lignes", tenu.bailleur))
    with django_assert_num_queries(REQUETES_DES_PARTIES):
        client.get(page("ecarts", tenu.bailleur))
    for rang in range(4):
        creer_organisation("commune", codes=[(f"c-{rang}", "commune")])
    beaucoup = DROITS + "".join(f"e{n};c-{n % 4};P3;;1;\n" for n in range(100))
    importer(tenu.bailleur, beaucoup, "droits", date(2024, 12, 31))
    client.get(page("lignes", tenu.bailleur))
    with django_assert_num_queries(REQUETES_DES_LIGNES):
        lue = client.get(page("lignes", tenu.bailleur, "?page=2"))
    assert (len(lue.context["lignes"]), lue.context["total"]) == (50, 104)
    client.get(page("ecarts", tenu.bailleur))
    with django_assert_num_queries(REQUETES_DES_PARTIES):
        assert client.get(page("ecarts", tenu.bailleur)).text.count("?avec=") == 6


def test_l_histoire_d_une_ligne(tenu, connecter):
    """Imported when, what changed; a person is named to its own organisation alone."""
    responsable = tenu.membres["bailleur_responsable"]
    registre = importer(tenu.bailleur, CORRIGE, "droits", date(2024, 12, 31))
    Millesime.objects.filter(pk=registre.pk).update(par=responsable)
    lue = connecter(tenu.membres["reservataire_lecture"]).get(page("ligne", tenu.bailleur, "?cle=d:d1"))
    assert [v.quoi for v, _ in lue.context["versions"]] == ["La ligne change.", "La ligne apparaît."]
    assert "Nombre\u202f: 4, puis 6." in lue.text
    assert responsable.utilisateur.nom not in lue.text
    chez_lui = connecter(tenu.membres["bailleur_lecture"])
    assert (
        f"importé par {responsable.utilisateur.nom}"
        in chez_lui.get(page("ligne", tenu.bailleur, "?cle=d:d1")).text
    )
    partie = chez_lui.get(page("ligne", tenu.bailleur, "?cle=d:d9"))
    assert [v.quoi for v, _ in partie.context["versions"]] == ["La ligne apparaît.", "La ligne n'y est pas."]


def test_une_ligne_passee_d_un_reservataire_a_l_autre(tenu, connecter):
    """Its new holder reads it from the day it has it: what it was before is another's."""
    importer(
        tenu.bailleur, DROITS.replace("d4;c-autre;P2;;2", "d4;c-lieu;P2;;5"), "droits", date(2024, 12, 31)
    )
    lue = connecter(tenu.membres["reservataire_lecture"]).get(page("ligne", tenu.bailleur, "?cle=d:d4"))
    assert [v.quoi for v, _ in lue.context["versions"]] == ["La ligne apparaît.", "La ligne n'y est pas."]
    assert connecter(tenu.co).get(page("ligne", tenu.bailleur, "?cle=d:d4")).status_code == 404


def test_contester_repondre_accepter_reporter(tenu, connecter):
    """The réservataire proposes, the bailleur asks, accepts; the next register holds it, and the thread says so."""
    commune, bailleur = tenu.membres["reservataire_designation"], tenu.membres["bailleur_responsable"]
    client, autre = connecter(commune), connecter(bailleur)
    assert remarquer(client, tenu.bailleur).url == page("ecarts", tenu.bailleur)
    remarque = Remarque.objects.get()
    assert (remarque.auteur, remarque.reservataire) == (tenu.commune, tenu.commune)
    (attente,) = [a for a in journee(bailleur, LE).attentes if "remarque" in a.phrase]
    assert attente.lien.adresse == page("remarque", remarque)
    assert journee(bailleur, LE).phrase.startswith(attente.phrase)
    assert not journee(commune, LE).attentes
    fil = autre.get(page("remarque", remarque)).text
    assert "La convention dit six." in fil
    assert commune.utilisateur.nom not in fil
    assert commune.utilisateur.nom in client.get(page("remarque", remarque)).text
    assert (
        autre.post(page("repondre_remarque", remarque), {"acte": "refuse"}).status_code == 200
    )  # it wants a reason
    autre.post(page("repondre_remarque", remarque), {"acte": "repond", "texte": "Quelle convention ?"})
    assert next(a.phrase for a in journee(commune, LE).attentes).startswith("Une remarque")
    client.post(page("repondre_remarque", remarque), {"acte": "accepte"})  # not the author's to accept
    assert Message.objects.count() == 2
    autre.post(page("repondre_remarque", remarque), {"acte": "accepte", "texte": ""})
    assert "à porter au registre" in client.get(page("remarque", remarque)).text
    assert (
        client.post(page("repondre_remarque", remarque), {"acte": "repond", "texte": "Merci"}).status_code
        == 200
    )
    assert Message.objects.count() == 3
    importer(tenu.bailleur, CORRIGE, "droits", date(2024, 12, 31))
    assert "portée au registre" in client.get(page("remarque", remarque)).text


def test_une_remarque_n_est_lue_que_des_deux_parties(tenu, connecter):
    """A co-réservataire, an EPCI, another bailleur: 404 or 403, and not a word anywhere."""
    remarquer(connecter(tenu.membres["reservataire_designation"]), tenu.bailleur, texte="mot-canari")
    adresse = page("remarque", Remarque.objects.get())
    assert connecter(tenu.co).get(adresse).status_code == 404
    assert connecter(tenu.membres["epci"]).get(adresse).status_code == 403
    assert connecter(tenu.etrangers["bailleur_responsable"]).get(adresse).status_code == 404
    for membre in (tenu.co, tenu.membres["epci"], tenu.membres["etat_departement"]):
        for nom in ("ecarts", "lignes", "etat_des_lieux"):
            texte = connecter(membre).get(page(nom, tenu.bailleur)).text
            assert "mot-canari" not in texte, (membre.role, nom)
            assert "remarque reste ouverte" not in texte, (membre.role, nom)
    lecture = tenu.membres["reservataire_lecture"]
    assert connecter(lecture).get(adresse).status_code == 200
    assert remarquer(connecter(lecture), tenu.bailleur).status_code == 403


@pytest.mark.parametrize(
    ("sorte", "cle", "corps", "dit"),
    [
        ("nombre", "d:d1", {"nombre": ""}, "obligatoire"),
        ("dates", "d:d1", {}, "au moins l"),
        ("dates", "d:d1", {"debut": "2030-01-01", "fin": "2020-01-01"}, "précède"),
        ("question", "d:d1", {"texte": ""}, "obligatoire"),
        ("manquante", "", {"nombre": "2"}, "au moins l"),
    ],
)
def test_une_remarque_incomplete_est_rendue(tenu, connecter, sorte, cle, corps, dit):
    reponse = remarquer(
        connecter(tenu.membres["reservataire_designation"]), tenu.bailleur, sorte, cle, **corps
    )
    assert reponse.status_code == 200
    assert dit in reponse.text
    assert not Remarque.objects.exists()


def test_le_bailleur_parle_aussi_le_premier(tenu, connecter):
    """A question to the réservataire of a line; a line that is missing, to whom the address names."""
    client = connecter(tenu.membres["bailleur_responsable"])
    suite = remarquer(client, tenu.bailleur, "question").url
    assert suite == page("ecarts", tenu.bailleur, f"?avec={tenu.commune.identifiant}")
    assert client.get(suite).status_code == 200
    corps = {"programme": "P3", "nombre": 2, "texte": ""}
    adresse = page("remarquer", tenu.bailleur, f"?avec={tenu.co.organisation.identifiant}")
    assert client.post(adresse, corps).status_code == 302
    assert set(Remarque.objects.values_list("reservataire__nom", flat=True)) == {
        "Commune du lieu",
        "Co-réservataire",
    }
    question = Remarque.objects.get(categorie="question")
    commune = connecter(tenu.membres["reservataire_designation"])
    assert "Accepter" not in commune.get(page("remarque", question)).text
    commune.post(page("repondre_remarque", question), {"acte": "repond", "texte": "La convention de 2010."})
    client.post(page("repondre_remarque", question), {"acte": "retire"})
    assert Remarque.objects.avec_etat().get(pk=question.pk).issue == "retire"
    assert (
        client.get(page("remarquer", tenu.bailleur, "?cle=d:d3&sorte=nombre")).status_code == 302
    )  # nobody is d3


def test_le_registre_corrige_porte_ce_qui_est_accepte(tenu, connecter):
    """Four corrections accepted, one refused: the file the bailleur downloads holds the four, and once imported says so."""
    client, autre = (connecter(tenu.membres[r]) for r in ("reservataire_designation", "bailleur_responsable"))
    remarquer(client, tenu.bailleur)
    remarquer(client, tenu.bailleur, "dates", fin="2050-12-31")
    remarquer(client, tenu.bailleur, "pas_a_nous", "d:d2")
    remarquer(client, tenu.bailleur, "manquante", "", programme="P3", nombre=2)
    remarquer(client, tenu.bailleur, "nature", nature="unique")
    for remarque in Remarque.objects.all():
        acte = "refuse" if remarque.categorie == "nature" else "accepte"
        autre.post(page("repondre_remarque", remarque), {"acte": acte, "texte": "Vu."})
    assert "attachment" not in client.get(page("lignes", tenu.bailleur, "?forme=corrige")).headers
    corrige = autre.get(page("lignes", tenu.bailleur, "?forme=corrige")).text
    lues = [ligne.split(";") for ligne in corrige.splitlines()]
    assert [(li[0], li[1], li[3], li[4], li[5], li[10]) for li in lues[1:]] == [
        ("d1", "c-lieu", "P1", "", "6", "2050-12-31"),
        ("d3", "autre-canari", "P4", "", "3", ""),
        ("d4", "c-autre", "P2", "", "2", ""),
        ("", "c-lieu", "P3", "", "2", ""),
    ]
    assert (
        autre.get(page("ecarts", tenu.bailleur, f"?avec={tenu.commune.identifiant}")).text.count("à porter")
        == 4
    )
    importer(tenu.bailleur, corrige, "droits", date(2024, 12, 31))
    lue = client.get(page("ecarts", tenu.bailleur)).text
    assert (lue.count("portée au registre"), lue.count("refusée")) == (4, 1)
    assert autre.get(page("lignes", tenu.bailleur, "?forme=corrige")).text.count("c-lieu") == 2
