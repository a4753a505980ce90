"""A flux from its dossier to its adoption: the same figures as the command line, frozen, open to those it concerns."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings as reglages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from fabriques import DOSSIER, creer_dossier
from python_calamine import CalamineWorkbook

from partiteur.cli import comparer as cli_comparer
from partiteur.cli import flux as cli
from partiteur.moteur.cadre import cadres_livres
from partiteur.regles.socle import bareme
from partiteur.web import depot as fichiers
from partiteur.web.actions import dossier as actes
from partiteur.web.actions.acte import ActeRefuse
from partiteur.web.documents import feuille as feuilles
from partiteur.web.documents import flux as documents
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Dossier

PIECES = {
    "parc.csv": "ref logement;INSEE;programme;QPV;locataire\n"
    + "".join(f"L{n};06029;P{n // 20};non;Mme X\n" for n in range(200)),
    "droits.csv": "droit;reservataire;programme;nombre\nd1;c-lieu;P1;20\n",
    "liberations.csv": "logement;commune;date_liberation;motif;usage\n"
    + "".join(f"L{n};06029;2023-05-{n + 1:02};conge;familial\n" for n in range(21)),
}
AVEC_PIECES = """cadre = "paca-2024"
exercice = 2024
[bailleur]
nom = "Office d'essai"
siren = "123456789"
[territoire]
echelle = "departement"
code = "06"
[parc]
fichier = "parc.csv"
date = 2023-12-31
[droits]
fichier = "droits.csv"
[rotation]
liberations = "liberations.csv"
[soustraits]
mutations = 2
[[perimetres]]
code = "06029"
echelle = "commune"
[[reservataires]]
code = "c-lieu"
nom = "Commune du lieu"
type = "commune"
perimetre = "06029"
contrepartie = "terrain"
"""
# Read-only costs PostgreSQL a savepoint, where SQLite sets a pragma (middleware.lecture_seule).
REQUETES_DE_LA_LISTE = 9 + (connection.vendor == "postgresql")


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"


def televerser(contenu: str, nom: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu.encode())


def deposer(client, texte=DOSSIER, pieces=(), nom="dossier.toml"):
    envoi = {"dossier": televerser(texte, nom), "pieces": [televerser(PIECES[p], p) for p in pieces]}
    return client.post(reverse("deposer_dossier"), envoi)


def adresse(nom: str, **forme: str) -> str:
    suite = f"?forme={forme['forme']}" if forme else ""
    return reverse(nom, args=[Dossier.objects.get().identifiant]) + suite


def en_ligne_de_commande(chemin: Path) -> dict:
    """What `partiteur flux` says of the same dossier."""
    fait = CliRunner().invoke(cli.commande, [str(chemin), "--format", "json"])
    assert fait.exit_code == 0, fait.output
    return json.loads(fait.output)


def test_les_memes_chiffres_que_la_ligne_de_commande(monde, connecter, tmp_path):
    """E1: the archive, computed by the command line; the page, the JSON and the workbook say the same."""
    client = connecter(monde.membres["bailleur_responsable"])
    assert deposer(client, AVEC_PIECES, PIECES).url == adresse("dossier")
    archive = client.get(adresse("pieces_dossier"))
    with zipfile.ZipFile(io.BytesIO(archive.content)) as pieces:
        pieces.extractall(tmp_path / "repris")
        assert not any(b"Mme X" in pieces.read(nom) for nom in pieces.namelist())
    attendu = en_ligne_de_commande(tmp_path / "repris" / "dossier.toml")
    assert (attendu["assiette"]["parc"], attendu["rotation"]["taux"]) == (200, "21/200")
    assert client.get(adresse("telecharger_dossier", forme="json")).json() == attendu
    for nom, contenu in (*PIECES.items(), ("dossier.toml", AVEC_PIECES)):
        (tmp_path / nom).write_text(contenu, "utf-8")
    d_origine = en_ligne_de_commande(tmp_path / "dossier.toml")
    for cle in ("assiette", "rotation", "flux", "reservataires", "non_reserve", "perimetres", "etapes"):
        assert attendu[cle] == d_origine[cle], cle
    page = client.get(adresse("dossier")).text
    assert f"<h1>{attendu['flux']['a_repartir']} logements à répartir en 2024</h1>" in page
    part = attendu["reservataires"][0]
    ligne = page.partition('<th scope="row">Commune du lieu')[2].partition("</tr>")[0]
    assert f'data-l="Volume indicatif">{part["objectif"]}</td>' in ligne
    for etape in attendu["etapes"]:
        assert etape["libelle"].split(" : ")[0].split(" ")[0] in page
    livre = CalamineWorkbook.from_filelike(
        io.BytesIO(client.get(adresse("telecharger_dossier", forme="xlsx")).content)
    )
    calcul = {li[0]: li[1] for li in livre.get_sheet_by_name("Feuille de calcul").to_python()}
    assert calcul["Assiette"] == attendu["assiette"]["total"]
    assert calcul["Flux à répartir"] == attendu["flux"]["a_repartir"]


def test_la_rotation_est_nommee_par_sa_definition(monde, connecter):
    """In words, never by its code; a definition the barème no longer holds keeps its code."""
    client = connecter(monde.membres["bailleur_responsable"])
    deposer(client, AVEC_PIECES, PIECES)
    page = client.get(adresse("dossier")).text
    nom = bareme("rotation")["liberations_12_mois"]["libelle"]
    ouvert = page.partition("Rotation</span>")[2].partition("</details>")[0]
    assert "<dt>Formule</dt><dd>21 ÷ 200</dd>" in ouvert
    assert re.search(f"<dt>Méthode</dt><dd>Définition\u202f: {nom}</dd>", ouvert)
    assert "liberations_12_mois" not in page
    lu = {**documents.resultat(Dossier.objects.get())}
    lu["rotation"] = {**lu["rotation"], "definition": "oubliee"}
    assert [c.methode for c in feuilles.feuille(lu, frozenset()).calcul if c.nom == "Rotation"] == [
        "Définition : oubliee"
    ]


def test_chaque_chiffre_s_ouvre(monde, connecter):
    """Formula, text with its date, command line, under each line of the account."""
    client = connecter(monde.membres["bailleur_responsable"])
    deposer(client, AVEC_PIECES, PIECES)
    corps = client.get(adresse("dossier")).text
    calcul = corps.partition('<div class="calcul">')[2].partition("<h2")[0]
    ouverts = calcul.split("<details>")[1:]
    assert len(ouverts) == calcul.count('class="ligne')
    for ouvert in ouverts:
        assert "<dt>Formule</dt>" in ouvert
        assert "<code>partiteur flux dossier.toml</code>" in ouvert
    assert re.search(r"R441-5 I.*vérifié le \d\d/\d\d/\d{4}", ouverts[0])
    assert "200 lignes, empreinte" in ouverts[0].replace("\u202f", " ")


def test_un_brouillon_n_est_vu_que_chez_soi_puis_adopte_il_est_ouvert(monde, connecter):
    """D67: co-réservataires read the sheet, its parts and its files, never its pieces; strangers nothing."""
    bailleur = connecter(monde.membres["bailleur_responsable"])
    commune = connecter(monde.membres["reservataire_lecture"])
    loin = connecter(monde.etrangers["reservataire_lecture"])
    deposer(bailleur)
    assert commune.get(adresse("dossier")).status_code == 404
    assert "Aucun flux adopté" in commune.get(reverse("dossiers")).text
    assert bailleur.post(adresse("adopter_dossier")).status_code == 302
    page = commune.get(adresse("dossier")).text
    assert "identique" in page
    assert ">300<" in page.partition('<th scope="row">Commune du lieu')[2].partition("</tr>")[0]
    assert "vous</span>" in page
    assert monde.membres["bailleur_responsable"].utilisateur.nom not in page
    for forme in ("json", "xlsx", "toml"):
        assert commune.get(adresse("telecharger_dossier", forme=forme)).status_code == 200
    assert commune.get(adresse("pieces_dossier")).status_code == 404
    assert commune.post(adresse("adopter_dossier")).status_code == 403
    assert loin.get(adresse("dossier")).status_code == 404
    assert commune.get(adresse("telecharger_dossier", forme="docx")).status_code == 404


def test_une_version_adoptee_ne_se_recalcule_pas_en_silence(monde, connecter):
    """E20: other rules, another figure: the page keeps what was adopted, and says what differs and why."""
    client = connecter(monde.membres["bailleur_lecture"])
    dossier = creer_dossier(monde.bailleur)
    assert "identique" in client.get(adresse("dossier")).text
    ancien = json.loads(dossier.resultat)
    ancien["flux"]["a_repartir"], ancien["reservataires"][0]["objectif"] = 999, 199
    versions = json.dumps({"partiteur": "0.0.1", "regles": "ancienne"})
    autre = creer_dossier(monde.bailleur, gele={"resultat": json.dumps(ancien), "versions": versions})
    page = client.get(reverse("dossier", args=[autre.identifiant])).text
    assert "<h1>999 logements à répartir en 2024</h1>" in page
    assert "<strong>différent</strong>" in page
    assert "2 valeurs diffèrent" in page
    assert "reservataires › c-lieu › objectif" in page
    assert "Les règles et leurs barèmes ont changé" in page
    assert "version 0.0.1" in page
    telecharge = reverse("telecharger_dossier", args=[autre.identifiant])
    assert client.get(telecharge, {"forme": "json"}).json() == ancien
    remplace = creer_dossier(monde.bailleur, gele={"resultat": json.dumps(ancien), "sha": "0" * 64})
    assert "n&#x27;est plus celui" in client.get(reverse("dossier", args=[remplace.identifiant])).text


def test_des_pieces_perdues_laissent_lire_ce_qui_est_adopte(monde, connecter):
    client = connecter(monde.membres["bailleur_lecture"])
    dossier = creer_dossier(monde.bailleur)
    fichiers.jeter(dossier.identifiant)
    documents._calculer.cache_clear()
    page = client.get(adresse("dossier"))
    assert page.status_code == 200
    assert "logements à répartir en 2024</h1>" in page.text
    assert "fichier illisible" in page.text
    assert str(reglages.MEDIA_ROOT) not in page.text
    assert client.get(adresse("telecharger_dossier", forme="json")).status_code == 200
    assert client.get(adresse("telecharger_dossier", forme="xlsx")).status_code == 302


def test_on_n_adopte_qu_une_fois_et_ce_qui_est_adopte_ne_se_retire_pas(monde):
    dossier = creer_dossier(monde.bailleur)
    for acte, plus in ((actes.adopter, {"resultat": "{}", "versions": "{}"}), (actes.retirer, {})):
        with pytest.raises(ActeRefuse, match="déjà adopté"):
            acte(par=OPERATEUR, dossier=dossier, **plus)
    assert Dossier.objects.get().resultat == dossier.resultat


def test_un_dossier_retire_ne_laisse_rien(monde, connecter):
    client = connecter(monde.membres["bailleur_responsable"])
    deposer(client)
    dossier = fichiers.dossier(Dossier.objects.get().identifiant).parent
    assert dossier.is_dir()
    assert client.post(adresse("retirer_dossier")).status_code == 302
    assert not Dossier.objects.exists()
    assert not dossier.exists()


@pytest.mark.parametrize(
    ("texte", "nom", "dit"),
    [
        ("cadre = ", "dossier.toml", "TOML incorrect"),
        (DOSSIER.replace("total = 15000", 'fichier = "/etc/passwd"'), "dossier.toml", "passwd"),
        (DOSSIER.replace("occitanie-2023", "../../x.toml"), "dossier.toml", "livré"),
        (DOSSIER.replace("15000", "-1"), "dossier.toml", "parc › total"),
        (DOSSIER, "dossier.exe", "ni un CSV ni un classeur"),
        ("x", "dossier.xlsx", "classeur"),
    ],
)
def test_un_dossier_faux_est_refuse_d_une_phrase(monde, connecter, texte, nom, dit):
    reponse = deposer(connecter(monde.membres["bailleur_responsable"]), texte, nom=nom)
    assert reponse.status_code == 200
    assert dit in reponse.text
    assert "/tmp" not in reponse.text
    assert not Dossier.objects.exists()
    dossiers = reglages.MEDIA_ROOT / "dossiers"
    assert not dossiers.is_dir() or list(dossiers.iterdir()) == []


def test_les_cadres_cote_a_cote(monde, connecter, tmp_path):
    """The same columns as `partiteur comparer`; a cadre that is not shipped is not read."""
    dossier = creer_dossier(monde.bailleur)
    client = connecter(monde.membres["bailleur_lecture"])
    page = client.get(adresse("dossier") + "?cadres=paca-2024&cadres=droit-commun").text
    chemin = tmp_path / "dossier.toml"
    chemin.write_bytes(fichiers.dossier(dossier.identifiant).read_bytes())
    codes = "occitanie-2023,paca-2024,droit-commun"
    fait = CliRunner().invoke(cli_comparer.commande, [str(chemin), "--cadres", codes, "--format", "json"])
    attendu = [f["flux"]["a_repartir"] for f in json.loads(fait.output)["flux"]]
    ligne = (
        page.partition('id="cadres"')[2]
        .partition('<th scope="row">Flux à répartir</th>')[2]
        .partition("</tr>")[0]
    )
    assert [int(re.sub(r"\D", "", n)) for n in re.findall(r">([^<]+)</td>", ligne)] == attendu
    assert "<caption>Le même dossier" not in client.get(adresse("dossier") + "?cadres=../x.toml").text
    assert [code for code, _ in feuilles.cadres()] == list(cadres_livres())


def test_la_liste_des_flux_compte_ses_requetes(monde, connecter, django_assert_num_queries):
    """As many queries for three dossiers as for one."""
    client = connecter(monde.membres["reservataire_lecture"])
    creer_dossier(monde.bailleur)
    client.get(reverse("dossiers"))
    for _ in range(2):
        with django_assert_num_queries(REQUETES_DE_LA_LISTE):
            assert client.get(reverse("dossiers")).status_code == 200
        creer_dossier(monde.bailleur)


def test_le_prefet_voit_qui_s_ecarte_des_textes(monde, connecter):
    """The list says, bailleur by bailleur, what is illegal: the State above its cap (R441-5-2)."""
    etat = DOSSIER.replace('type = "departement"', 'type = "etat_prioritaires"').replace("20 %", "45 %")
    creer_dossier(monde.bailleur, texte=etat)
    creer_dossier(monde.bailleur, adopte=False)
    prefet = connecter(monde.membres["etat_departement"]).get(reverse("dossiers")).text
    assert "1 illégal</span>" in prefet
    assert "à adopter" not in prefet
    assert "à adopter" in connecter(monde.membres["bailleur_lecture"]).get(reverse("dossiers")).text


def test_un_dossier_se_prepare_du_parc_et_du_registre_importes(monde, connecter):
    """Made from what is imported, corrected, deposited alone: the site knows its pieces."""
    client = connecter(monde.membres["bailleur_responsable"])
    preparer = reverse("preparer_dossier") + "?cadre=paca-2024&exercice=2024"
    assert client.get(preparer).url == reverse("deposer_dossier")
    for nature in ("parc", "droits"):
        fichier = televerser(PIECES[f"{nature}.csv"], f"{nature}.csv")
        depose = client.post(reverse("deposer_parc"), {"nature": nature, "fichier": fichier})
        donnees = {"le": "2023-12-31", "lu": "on"}
        assert client.post(depose.url + "confirmer/", donnees).status_code == 302
    texte = client.get(preparer).text
    assert str(reglages.MEDIA_ROOT) not in texte
    assert "Bailleur du lieu" in texte
    assert re.search(r'fichier = "parc-[0-9a-f]{64}\.parquet"', texte)
    corrige = re.sub(r"\[rotation\].*?\n\n", '[rotation]\ntaux = "10 %"\n\n', texte, flags=re.DOTALL)
    assert deposer(client, corrige).status_code == 302
    lu = client.get(adresse("telecharger_dossier", forme="json")).json()
    assert (lu["assiette"]["parc"], lu["flux"]["a_repartir"]) == (200, 20)
    assert lu["reservataires"][0]["part"] == "1/10"
    assert client.get(preparer.replace("2024&exercice", "x&exercice")).status_code == 302
