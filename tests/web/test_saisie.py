"""A dossier made by forms: every key of the schema, the same document back, errors at their field, a version a save."""

import json
import re
from html import unescape
from pathlib import Path
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from fabriques import DOSSIER, creer_dossier
from hostile import JOURS, TEXTES, Champs
from test_flux_web import AVEC_PIECES, PIECES, deposer, en_ligne_de_commande

from partiteur.moteur.schema import ecarts, lire_toml
from partiteur.moteur.tableur.cles import aplatir, schema, situer
from partiteur.web import depot as fichiers
from partiteur.web.actions import dossier as actes
from partiteur.web.documents import saisie as documents
from partiteur.web.droits import OPERATEUR
from partiteur.web.forms.saisie import SaisieForm
from partiteur.web.models import Dossier
from partiteur.web.saisie import NON_SAISIES, Partie, parties, sans_element

RICHE = Path(__file__).with_name("dossier_riche.toml").read_text("utf-8")


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"


def document(texte, tmp_path):
    chemin = tmp_path / "lu.toml"
    chemin.write_text(texte, "utf-8")
    lu = lire_toml(chemin)
    assert list(ecarts(lu, "dossier")) == []
    return lu


def feuilles(place, prefixe=""):
    """Every key of the schema a form must hold: values, maps of free keys, lists."""
    if place.get("type") == "object" and place.get("properties"):
        for cle, sous in place["properties"].items():
            yield from feuilles(sous, f"{prefixe}.{cle}" if prefixe else cle)
    else:
        yield prefixe, place


def tenir(cle, cles):
    return any(cle == c or cle.startswith(f"{c}.") for c in cles)


def test_chaque_cle_du_schema_a_son_champ():
    """A new key of a dossier has a field at once, or is said to have none; no field is of a key that is gone."""
    par_partie = {p.code: {c for _, cles in p.groupes() for c in cles} for p in parties()}
    listes = {p.code for p in parties() if p.liste}
    tenues = set().union(*(cles for code, cles in par_partie.items() if code not in listes))
    connues = dict(feuilles(schema().formes[0]))
    for cle, place in connues.items():
        if cle in listes:
            for sous, _ in feuilles(place["items"]):
                assert tenir(sous, par_partie[cle]), f"{cle}.{sous}"
        else:
            assert tenir(cle, tenues) or cle in NON_SAISIES, cle
    for partie in parties():
        for cle in par_partie[partie.code]:
            assert situer(partie.noeud(), cle)
            assert partie.champ(cle)["mots"]


def postees(formulaire):
    """What a browser sends when nothing is changed."""
    lues = {champ.name: champ.value() for champ in formulaire}
    return {nom: valeur for nom, valeur in lues.items() if valeur not in (None, "", [])}


@pytest.mark.parametrize("texte", [RICHE, DOSSIER, AVEC_PIECES], ids=["riche", "petit", "pieces"])
def test_un_formulaire_enregistre_sans_rien_changer_rend_le_meme_dossier(texte, tmp_path):
    """Each part, each item: shown, sent back, the document is the same, key by key."""
    base = document(texte, tmp_path)
    essais = 0
    for resume in documents.resumer(base):
        rangs = [ligne.rang for ligne in resume.lignes] if resume.partie.liste else [None]
        for rang in rangs:
            choix = {
                cle: [(valeur, valeur)]
                for cle, valeur in aplatir(base)
                if cle.endswith("fichier") or cle in ("cadre", "rotation.liberations", "rotation.definition")
            }
            montre = SaisieForm(partie=resume.partie, base=base, rang=rang, choix=choix)
            donnees = postees(montre) | {
                c: "Une raison" for c in ("raisons.mutations",) if c in montre.fields
            }
            renvoye = SaisieForm(donnees, partie=resume.partie, base=base, rang=rang, choix=choix)
            assert renvoye.is_valid(), renvoye.errors
            lu = dict(renvoye.lu)
            attendu = base
            if "raisons.mutations" in donnees:
                attendu = {**base, "raisons": {**base.get("raisons", {}), "mutations": "Une raison"}}
            assert json.loads(json.dumps(lu)) == attendu, resume.partie.code
            essais += 1
    assert essais >= len([p for p in parties() if not p.liste])


@pytest.mark.parametrize(
    ("partie", "champ", "valeur", "dit"),
    [
        ("dossier", "exercice", "deux mille", "devrait être un nombre entier"),
        ("dossier", "exercice", "", "Ce champ est obligatoire."),
        ("dossier", "bailleur.siren", "12", "n&#x27;a pas la forme attendue"),
        ("dossier", "rotation.taux", "beaucoup", "n&#x27;est pas un nombre"),
        ("dossier", "parc.date", "hier", "date aaaa-mm-jj"),
        ("volume", "volume.baux", "2023", "devrait être une table"),
        ("volume", "volume.baux", "2023 = x", "devrait être un nombre entier"),
        ("volume", "volume.baux", "2023 = 1\n2023 = 2", "donné deux fois"),
        ("volume", "soustraits.mutations", "constat.2023 = 1", "n&#x27;est pas connue ici"),
        ("volume", "soustraits.mutations", "constate.2023 = " + "9" * 6000, "trop long"),
        ("volume", "soustraits.lhi", "-1", "au-dessous de 0"),
        ("volume", "volume.annees", "3", "raisons.volume : dites pourquoi"),
        ("exclus", "exclus.motifs", "pli", "raisons.exclus : dites pourquoi"),
        ("reservataires", "type", "", "Ce champ est obligatoire."),
        ("reservataires", "convention.debut", "2024", "date aaaa-mm-jj"),
        ("etat.article5", "stock", "", "Ce champ est obligatoire."),
    ],
)
def test_une_faute_se_dit_a_son_champ_et_ce_qui_est_ecrit_reste(monde, connecter, partie, champ, valeur, dit):
    client = connecter(monde.membres["bailleur_responsable"])
    dossier = creer_dossier(monde.bailleur, adopte=False)
    adresse = f"{reverse('corriger_dossier', args=[dossier.identifiant])}?partie={partie}"
    base = lire_toml(fichiers.dossier(dossier.identifiant))
    lue = Partie(partie)
    donnees = {} if lue.liste else postees(SaisieForm(partie=lue, base=base))
    temoin = {"reservataires": ("nom", "Un nom écrit"), "etat.article5": ("decision", "Une décision écrite")}
    donnees |= dict([temoin[partie]]) if partie in temoin else {}
    reponse = client.post(adresse, {**donnees, champ: valeur})
    assert reponse.status_code == 200
    *ailleurs, dit = dit.split(" : ")  # the field the fault is said at, when it is another
    (ou,) = ailleurs or [champ]
    erreurs = re.search(
        rf'<ul class="errorlist" id="id_{re.escape(ou)}_error">(.*?)</ul>', reponse.text, re.S
    )
    assert erreurs, reponse.text
    assert dit in erreurs[1].replace("\u202f", " ")
    ecrits = [v for v in (donnees | {champ: valeur}).values() if isinstance(v, str)]
    assert all(v.replace("\n", "\r\n")[:50].split("\r")[0] in unescape(reponse.text) for v in ecrits)
    assert Dossier.objects.count() == 1


def importer(client):
    for nature in ("parc", "droits"):
        fichier = SimpleUploadedFile(f"{nature}.csv", PIECES[f"{nature}.csv"].encode())
        depose = client.post(reverse("deposer_parc"), {"nature": nature, "fichier": fichier})
        assert client.post(depose.url + "confirmer/", {"le": "2023-12-31", "lu": "on"}).status_code == 302


def champs_montres(client, adresse):
    """The fields of a page's form, as a browser would send them back."""
    lecteur = Champs()
    page = client.get(adresse)
    assert page.status_code == 200, page.url if page.status_code == 302 else page.status_code
    lecteur.feed(page.text)
    envoi = {}
    for nom in lecteur.champs:
        choisi = re.search(rf'<select name="{re.escape(nom)}".*?</select>', page.text, re.S)
        if choisi:
            option = re.search(r'<option value="([^"]*)" selected', choisi[0])
            envoi[nom] = unescape(option[1]) if option else ""
        else:
            ecrit = re.search(rf'<input [^>]*name="{re.escape(nom)}"[^>]*>', page.text)
            valeur = re.search(r'value="([^"]*)"', ecrit[0]) if ecrit else None
            envoi[nom] = unescape(valeur[1]) if valeur else ""
    return {nom: valeur for nom, valeur in envoi.items() if nom not in ("retirer", "csrfmiddlewaretoken")}


def test_du_parc_importe_au_flux_adopte_par_formulaires(monde, connecter, tmp_path):
    """Parc and register imported; the first part, a rotation by a file, soustraits, a réservataire; then adopted."""
    client = connecter(monde.membres["bailleur_responsable"])
    importer(client)
    nouveau = reverse("nouveau_dossier") + "?cadre=paca-2024&exercice=2024"
    envoi = champs_montres(client, nouveau)
    assert envoi["parc.date"] == "2023-12-31"
    assert envoi["bailleur.nom"] == "Bailleur du lieu"
    envoi["liberations"] = SimpleUploadedFile("mes départs.csv", PIECES["liberations.csv"].encode())
    fait = client.post(reverse("nouveau_dossier"), envoi)
    premier = Dossier.objects.get()
    assert fait.url == reverse("corriger_dossier", args=[premier.identifiant])
    assert (premier.version, premier.serie) == (1, "")
    volume = f"{fait.url}?partie=volume"
    fait = client.post(volume, {**champs_montres(client, volume), "soustraits.mutations": "2"})
    second = Dossier.objects.get(version=2)
    assert second.serie == premier.identifiant
    reservataire = f"{fait.url}?partie=reservataires"
    fait = client.post(
        reservataire,
        {**champs_montres(client, reservataire), "code": "als", "type": "action_logement", "part": "10 %"},
    )
    troisieme = Dossier.objects.get(version=3)
    page = client.get(reverse("dossier", args=[troisieme.identifiant])).text
    assert "Version 2</a>" in page
    lu = client.get(reverse("telecharger_dossier", args=[troisieme.identifiant]) + "?forme=json").json()
    assert lu["assiette"]["parc"] == 200
    assert lu["rotation"]["taux"] == "21/200"
    assert lu["flux"]["soustraits"] == {"mutations": 2}
    assert [(r["code"], r["part"]) for r in lu["reservataires"]] == [("c-lieu", "1/10"), ("als", "1/10")]
    assert lu == en_ligne_de_commande(fichiers.dossier(troisieme.identifiant))
    # The list shows the last version alone; adopted, it is corrected beside.
    assert client.get(reverse("dossiers")).text.count("à adopter") == 1
    assert client.post(reverse("adopter_dossier", args=[troisieme.identifiant])).status_code == 302
    corriger = reverse("corriger_dossier", args=[troisieme.identifiant])
    retirer = f"{corriger}?partie=reservataires&rang=1"
    assert client.post(retirer, {"retirer": "oui"}).status_code == 302
    quatrieme = Dossier.objects.get(version=4)
    assert [r["code"] for r in lire_toml(fichiers.dossier(quatrieme.identifiant))["reservataires"]] == [
        "c-lieu"
    ]
    troisieme.refresh_from_db()
    assert json.loads(troisieme.resultat)["reservataires"][1]["code"] == "als"


def test_sans_parc_importe_on_donne_les_nombres(monde, connecter):
    client = connecter(monde.membres["bailleur_responsable"])
    nouveau = reverse("nouveau_dossier") + "?cadre=occitanie-2023&exercice=2024"
    envoi = champs_montres(client, nouveau)
    assert envoi["territoire.code"] == "99"
    vide = client.post(reverse("nouveau_dossier"), envoi)
    assert "donnez « total » ou « fichier »" in vide.text.replace("\u202f", " ")
    assert not Dossier.objects.exists()
    envoi |= {"parc.total": "15 000", "rotation.taux": "10 %"}
    assert client.post(reverse("nouveau_dossier"), envoi).status_code == 302
    dossier = Dossier.objects.get()
    lu = client.get(reverse("telecharger_dossier", args=[dossier.identifiant]) + "?forme=json").json()
    assert lu["flux"]["a_repartir"] == 1500
    assert client.get(reverse("nouveau_dossier")).url == reverse("deposer_dossier")


def test_s_ecarter_du_cadre_demande_une_raison_que_la_feuille_dit(monde, connecter):
    """An override is said on the sheet with its reason, as the command line says it."""
    client = connecter(monde.membres["bailleur_responsable"])
    dossier = creer_dossier(monde.bailleur, adopte=False)
    adresse = f"{reverse('corriger_dossier', args=[dossier.identifiant])}?partie=exclus"
    assert "dites pourquoi" in client.post(adresse, {"exclus.motifs": ["pli"]}).text
    fait = client.post(adresse, {"exclus.motifs": ["pli"], "raisons.exclus": "Accord du 3 mai"})
    neuf = Dossier.objects.get(version=2)
    assert fait.url.endswith(f"{neuf.identifiant}/corriger/")
    ecart = "Le dossier s'écarte du cadre : [exclus] motifs, au motif « Accord du 3 mai »."
    page = client.get(reverse("dossier", args=[neuf.identifiant])).text
    assert ecart in unescape(page).replace("\u202f", " ")
    lu = en_ligne_de_commande(fichiers.dossier(neuf.identifiant))
    assert ecart in [a["message"] for a in lu["avertissements"]]
    autre = f"{reverse('corriger_dossier', args=[neuf.identifiant])}?partie=dossier"
    envoi = champs_montres(client, autre) | {"rotation.definition": "departs_3_ans"}
    assert "pas celle du cadre : dites pourquoi" in unescape(client.post(autre, envoi).text).replace(
        "\u202f", " "
    )


@pytest.mark.parametrize(
    "suite",
    ["partie=rien", "partie=dossier&rang=0", "partie=reservataires&rang=9", "partie=reservataires&rang=-1"],
)
def test_ce_qui_n_est_pas_dans_le_dossier_n_existe_pas(monde, connecter, suite):
    client = connecter(monde.membres["bailleur_responsable"])
    dossier = creer_dossier(monde.bailleur)
    assert client.get(f"{reverse('corriger_dossier', args=[dossier.identifiant])}?{suite}").status_code == 404


def test_corriger_est_au_responsable_du_bailleur_seul(monde, connecter):
    dossier = creer_dossier(monde.bailleur)
    corriger = reverse("corriger_dossier", args=[dossier.identifiant])
    assert connecter(monde.membres["reservataire_lecture"]).get(corriger).status_code == 403
    assert connecter(monde.membres["bailleur_lecture"]).post(corriger + "?partie=volume").status_code == 403
    assert connecter(monde.etrangers["bailleur_responsable"]).get(corriger).status_code == 404


def test_des_pieces_perdues_ne_se_corrigent_pas(monde, connecter):
    client = connecter(monde.membres["bailleur_responsable"])
    dossier = creer_dossier(monde.bailleur)
    fichiers.jeter(dossier.identifiant)
    fait = client.get(reverse("corriger_dossier", args=[dossier.identifiant]))
    assert fait.url == reverse("dossier", args=[dossier.identifiant])


def test_deux_corrections_d_une_version_font_deux_versions(monde):
    dossier = creer_dossier(monde.bailleur, adopte=False)
    donnees = {
        "bailleur": monde.bailleur,
        "exercice": 2024,
        "cadre": "x",
        "fichier": "dossier.toml",
        "sha": "0" * 64,
    }
    faits = [
        actes.deposer(par=OPERATEUR, identifiant=nom, corrige=dossier, **donnees).version
        for nom in ("a" * 16, "b" * 16)
    ]
    assert faits == [2, 3]


def test_oter_le_dernier_element_ote_la_liste(tmp_path):
    base = document(DOSSIER, tmp_path)
    assert "reservataires" not in sans_element(base, Partie("reservataires"), 0)
    assert sans_element(base, Partie("etat.article5"), 0) == base


def test_un_dossier_depose_en_fichier_se_corrige_par_formulaires(monde, connecter):
    """Uploaded, then corrected: its pieces stay, its figures are the command line's."""
    client = connecter(monde.membres["bailleur_responsable"])
    deposer(client, AVEC_PIECES, PIECES)
    dossier = Dossier.objects.get()
    adresse = f"{reverse('corriger_dossier', args=[dossier.identifiant])}?partie=dossier"
    envoi = champs_montres(client, adresse)
    assert client.post(adresse, {**envoi, "bailleur.nom": "Un autre nom"}).status_code == 302
    neuf = Dossier.objects.get(version=2)
    lu = en_ligne_de_commande(fichiers.dossier(neuf.identifiant))
    ancien = en_ligne_de_commande(fichiers.dossier(dossier.identifiant))
    assert lu["bailleur"] == "Un autre nom"
    assert {**lu, "bailleur": ""} == {**ancien, "bailleur": ""}


EXTREMES = (
    *TEXTES,
    *JOURS,
    "1e9999999",
    "1/0",
    "9" * 5000,
    "-5",
    "200 %",
    "{}",
    "a = b",
    "= =",
    "1.1.1 = 2",
    '"',
    "x.y = 1",
    "2023 = ",
)
ESSAIS_PAR_PARTIE = 12


@pytest.mark.parametrize("partie", parties(), ids=lambda p: p.code)
def test_aucune_valeur_hostile_ne_fait_tomber_un_formulaire(monde, connecter, partie):
    """A few fields of a good form hold anything: an answer, never an error of ours."""
    hasard = Random(partie.code)
    client = connecter(monde.membres["bailleur_responsable"])
    dossier = creer_dossier(monde.bailleur, adopte=False)
    base = lire_toml(fichiers.dossier(dossier.identifiant))
    corriger = f"{reverse('corriger_dossier', args=[dossier.identifiant])}?partie={partie.code}"
    bons = postees(SaisieForm(partie=partie, base=base))
    noms = [cle for _, cles in partie.groupes() for cle in cles]
    codes = set()
    for _ in range(ESSAIS_PAR_PARTIE):
        mauvais = {nom: hasard.choice(EXTREMES) for nom in hasard.sample(noms, min(len(noms), 3))}
        adresse = (
            reverse("nouveau_dossier") if partie.code == "dossier" and hasard.random() < 0.5 else corriger
        )
        codes.add(client.post(adresse, bons | mauvais).status_code)
    assert codes <= {200, 302}


def test_une_derogation_a_la_fin_des_temps_se_calcule(monde, connecter):
    """A date nobody can add a year to."""
    client = connecter(monde.membres["bailleur_responsable"])
    dossier = creer_dossier(monde.bailleur, adopte=False)
    adresse = f"{reverse('corriger_dossier', args=[dossier.identifiant])}?partie=etat"
    cles = {"arrete": "A1", "du": "9999-02-01", "au": "9999-12-31", "plafond": "40 %"}
    envoi = {f"etat.derogation.{cle}": valeur for cle, valeur in cles.items()}
    assert client.post(adresse, envoi).status_code == 302
