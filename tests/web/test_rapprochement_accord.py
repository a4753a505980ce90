"""Écarts entre nous: the list of a réservataire, the lines both agree, what cannot be done, what cannot be rewritten."""

import hashlib
import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from fabriques import DU, creer_membre, creer_registre, creer_remarque
from registre import CORRIGE, DROITS, page, remarquer, tenir
from test_parc import LE, PARC, importer, televerser

from partiteur.web import depot as fichiers
from partiteur.web.actions import organisation, purge
from partiteur.web.actions import rapprochement as actes
from partiteur.web.actions.acte import ActeRefuse
from partiteur.web.documents import rapprochement as documents
from partiteur.web.documents.aujourdhui import journee
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Accord, Message, Millesime, Remarque


@pytest.fixture
def tenu(monde, settings, tmp_path):
    """A bailleur and its register, a commune, a co-réservataire (`co`)."""
    monde.co = tenir(monde, settings, tmp_path)
    return monde


LISTE = "droit;reservataire;programme;logement;nombre;fin\nd1;c-lieu;P1;;6;\n;c-lieu;P3;;2;\n"


def deposer(client, bailleur, contenu=LISTE):
    return client.post(page("deposer_liste", bailleur), {"fichier": televerser(contenu, "liste.csv")})


def test_la_liste_du_reservataire(tenu, connecter):
    """Each line of both is counted once; a gap leads to its line, or to a remark already filled."""
    client = connecter(tenu.membres["reservataire_designation"])
    assert deposer(client, tenu.bailleur).status_code == 302
    lue = client.get(page("ecarts", tenu.bailleur))
    assert {(nom, n) for nom, n, _ in lue.context["nombres"]} == {
        ("Le nombre de logements diffère", 1),
        ("Au registre, absente de la liste", 1),
        ("Dans la liste, absente du registre", 1),
    }
    assert lue.context["total_de_liste"] == 3
    signaler = re.search(r'href="([^"]+programme=P3[^"]+)"', lue.text)[1].replace("&amp;", "&")
    formulaire = client.get(signaler).text
    assert 'value="P3"' in formulaire
    assert 'value="2"' in formulaire
    chez_lui = connecter(tenu.membres["bailleur_lecture"]).get(
        page("ecarts", tenu.bailleur, f"?avec={tenu.commune.identifiant}")
    )
    assert "liste.csv" in chez_lui.text
    assert "liste.csv" not in connecter(tenu.co).get(page("ecarts", tenu.bailleur)).text


@pytest.mark.parametrize(
    ("contenu", "dit"),
    [
        (LISTE + "d4;c-autre;P2;;2;\n", "c-autre"),
        ("x", "colonne"),
        ("", "vide"),
        ("reservataire;nombre\n;1\n", "aucune ligne"),
    ],
)
def test_une_liste_refusee_d_une_phrase(tenu, connecter, contenu, dit):
    """Another's lines, a file that is none: said on the page, nothing kept."""
    reponse = deposer(connecter(tenu.membres["reservataire_designation"]), tenu.bailleur, contenu)
    assert reponse.status_code == 200
    assert dit in reponse.text
    assert documents.derniere_liste(tenu.bailleur, tenu.commune) is None


def arreter(client, bailleur, suite="", **corps):
    lue = client.get(page("ecarts", bailleur, suite))
    donnees = {"empreinte": lue.context["extrait"].empreinte, "lu": "on"} | corps
    return client.post(page("arreter_droits", bailleur, suite), donnees)


def test_arreter_d_un_commun_accord(tenu, connecter):
    """One side, then the other; frozen; said by the état des lieux; the file one downloads has the digest agreed."""
    commune, bailleur = tenu.membres["reservataire_designation"], tenu.membres["bailleur_responsable"]
    client, autre = connecter(commune), connecter(bailleur)
    etat = page("etat_des_lieux", tenu.bailleur)
    assert "ne sont pas encore arrêtées" in client.get(etat).text
    assert arreter(client, tenu.bailleur, lu="").status_code == 200  # it must be read
    assert arreter(client, tenu.bailleur, empreinte="0" * 64).status_code == 302  # not these lines
    assert not Accord.objects.exists()
    arreter(client, tenu.bailleur)
    assert "Le réservataire a arrêté ces lignes" in client.get(etat).text
    assert [a.phrase for a in journee(bailleur, LE).attentes if "accord" in a.phrase]
    avec = f"?avec={tenu.commune.identifiant}"
    assert arreter(autre, tenu.bailleur, avec).url.endswith(avec)
    assert "État arrêté d&#x27;un commun accord le" in client.get(etat).text
    assert "avec 1 réservataire sur 2" in autre.get(etat).text
    assert not [a.phrase for a in journee(bailleur, LE).attentes if "accord" in a.phrase]
    assert "Arrêter ces lignes</button>" not in client.get(page("ecarts", tenu.bailleur)).text
    fichier = client.get(page("lignes", tenu.bailleur, "?forme=csv")).content
    assert hashlib.sha256(fichier).hexdigest() == Accord.objects.first().empreinte
    assert {a.lignes for a in Accord.objects.all()} == {2}
    arreter(client, tenu.bailleur)
    assert Accord.objects.count() == 2


def test_un_nouveau_registre_et_l_accord(tenu, connecter):
    """Others' lines may change; ours, and the agreement is to be made again."""
    client, autre = (connecter(tenu.membres[r]) for r in ("reservataire_designation", "bailleur_responsable"))
    arreter(client, tenu.bailleur)
    arreter(autre, tenu.bailleur, f"?avec={tenu.commune.identifiant}")
    importer(
        tenu.bailleur,
        DROITS.replace("autre-canari;P4;;3", "autre-canari;P4;;1"),
        "droits",
        date(2024, 12, 31),
    )
    assert "commun accord" in client.get(page("ecarts", tenu.bailleur)).context["etat"].phrase
    importer(tenu.bailleur, CORRIGE, "droits", date(2025, 12, 31))
    assert "ont changé depuis" in client.get(page("ecarts", tenu.bailleur)).context["etat"].phrase
    remarquer(client, tenu.bailleur)
    assert client.get(page("ecarts", tenu.bailleur)).context["etat"].phrase == "Une remarque reste ouverte."
    arreter(client, tenu.bailleur)
    assert Accord.objects.count() == 2


def test_ce_que_les_actes_refusent(tenu):
    """Twice the same remark, an old register, a side that is none, an answer after the end."""
    moi = tenu.membres["reservataire_designation"]
    ancien = Millesime.objects.get(nature="droits")
    commun = {
        "par": moi, "registre": ancien, "reservataire": tenu.commune, "cle": "d:d1", "ligne": {},
        "categorie": "nombre", "propose": {"nombre": 6}, "texte": "x",
    }  # fmt: skip
    remarque = actes.ouvrir(**commun)
    for change, dit in (
        ({}, "déjà fait"),
        ({"categorie": "manquante"}, "ne va pas"),
        ({"cle": ""}, "ne va pas"),
        ({"categorie": "inconnue"}, "ne va pas"),
        ({"par": tenu.co}, "Seuls"),
        ({"par": OPERATEUR}, "Seuls"),
    ):
        with pytest.raises(ActeRefuse, match=dit):
            actes.ouvrir(**commun | change)
    actes.repondre(par=moi, remarque=remarque, acte="retire", texte="")
    for acte in ("retire", "repond"):
        with pytest.raises(ActeRefuse, match="close"):
            actes.repondre(par=moi, remarque=remarque, acte=acte, texte="x")
    creer_registre(tenu.bailleur)
    Millesime.objects.filter(pk=ancien.pk).update(le=date(2019, 12, 31))
    with pytest.raises(ActeRefuse, match="plus récent"):
        actes.arreter(par=moi, registre=ancien, reservataire=tenu.commune, extrait=actes.Extrait(1, 1, "0"))
    with pytest.raises(ActeRefuse, match="registre"):
        actes.deposer_liste(
            par=tenu.membres["bailleur_responsable"], bailleur=tenu.bailleur, sha="0", fichier="x", lignes=1,
            refusees=0, constats="[]",
        )  # fmt: skip


def test_la_base_ne_laisse_rien_recrire(monde):
    """Remarks, messages and agreements: no update, no deletion, no replacement; a message loses its words alone."""
    remarque = creer_remarque(monde.bailleur, monde.commune)
    Accord.objects.create(
        bailleur=monde.bailleur, reservataire=monde.commune, auteur=monde.commune, registre=remarque.registre,
        empreinte="0" * 64, lignes=1, droits=1, le=remarque.messages.get().le, par=remarque.messages.get().par,
    )  # fmt: skip
    attaques = [
        "update web_remarque set propose = '{}'",
        "update web_remarque set cle = ''",
        "update web_message set texte = 'autre'",
        "update web_message set texte = '', acte = 'accepte'",
        "update web_accord set empreinte = 'x'",
        "delete from web_accord",
        "delete from web_message",
        "delete from web_remarque",
    ]
    if connection.vendor == "sqlite":
        attaques += [
            f"insert or replace into web_{t} select * from web_{t}" for t in ("accord", "message", "remarque")
        ]
    else:
        attaques += [f"truncate web_{t} cascade" for t in ("accord", "message", "remarque")]
    for ordre in attaques:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as curseur:
            curseur.execute(ordre)
    Message.objects.update(texte="")
    assert (Message.objects.get().texte, Accord.objects.get().empreinte) == ("", "0" * 64)


def test_sans_registre_ni_parc_la_page_dit_quoi_faire(monde, connecter, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = connecter(monde.membres["bailleur_responsable"])
    for nom in ("lignes", "ecarts"):
        assert "importé les deux" in client.get(page(nom, monde.bailleur)).text
    importer(monde.bailleur, PARC)
    assert "importé les deux" in client.get(page("lignes", monde.bailleur)).text
    assert client.post(page("arreter_droits", monde.bailleur)).status_code == 302
    sans_droit = creer_membre(monde.membres["etat_departement"].organisation, "reservataire_designation")
    importer(monde.bailleur, DROITS, "droits")
    assert "aucun droit de réservation" in connecter(sans_droit).get(page("ecarts", monde.bailleur)).text


def test_les_mots_d_une_remarque_close_s_effacent(monde, tmp_path, monkeypatch):
    """After their time the words go, who decided what stays; an open remark keeps them."""
    close, ouverte = (creer_remarque(monde.bailleur, monde.commune, mot=mot) for mot in ("canari", "encore"))
    par = creer_membre(monde.commune, "reservataire_designation")
    organisation.reserver(
        par=OPERATEUR,
        bailleur=monde.bailleur,
        reservataire=monde.codes["c-lieu"],
        echelle="commune",
        code="06029",
        du=DU,
    )
    actes.repondre(par=par, remarque=close, acte="retire", texte="canari")
    faire = {"par": OPERATEUR, "depot": tmp_path, "simulation": False}
    assert {o.nom: o.nombre for o in purge.purger(**faire)}["remarques"] == 0
    monkeypatch.setattr(
        purge, "limite", lambda nom, jour: jour + timedelta(days=1 if nom == "remarques" else -9999)
    )
    assert {o.nom: o.nombre for o in purge.purger(**faire | {"simulation": True})}["remarques"] == 1
    assert not Message.objects.filter(texte="").exists()
    purge.purger(**faire)
    assert [m.texte for m in close.messages.all()] == ["", ""]
    assert ouverte.messages.get().texte == "encore"
    assert Remarque.objects.avec_etat().get(pk=close.pk).issue == "retire"


def test_un_parc_altere_est_dit_sur_chaque_page(tenu, connecter):
    """The file no longer matches its name: a sentence, wherever one comes by, never a 500."""
    chemin = fichiers.chemin_du_parc(Millesime.objects.get(nature="parc").sha)
    chemin.chmod(0o600)
    octets = bytearray(chemin.read_bytes())
    octets[10] ^= 1
    chemin.write_bytes(octets)
    client = connecter(tenu.membres["reservataire_designation"])
    for nom, suite in (
        ("lignes", ""),
        ("ecarts", ""),
        ("ligne", "?cle=d:d1"),
        ("remarquer", "?cle=d:d1&sorte=nombre"),
    ):
        lue = client.get(page(nom, tenu.bailleur, suite), follow=True)
        assert "ne correspond plus à son empreinte" in lue.text, nom
    assert (
        client.post(page("arreter_droits", tenu.bailleur), {"empreinte": "0", "lu": "on"}).status_code == 302
    )
    assert not Accord.objects.exists()
