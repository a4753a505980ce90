"""What a préfet controls, what an EPCI compares, what is drawn: the figures of the sheets and of the command line."""

import json
import re
from html import unescape

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from fabriques import DOSSIER, creer_dossier, creer_membre, creer_organisation
from test_flux_web import PIECES

from partiteur.cli import comparer as cli_comparer
from partiteur.cli import legalite as cli_legalite
from partiteur.cli import simuler as cli_simuler
from partiteur.moteur.legalite import VERDICTS
from partiteur.regles.socle import nombre
from partiteur.web import depot as fichiers
from partiteur.web.documents import simulation as simulations
from partiteur.web.models import Dossier

AU_DESSUS = DOSSIER.replace('type = "departement"', 'type = "etat_prioritaires"').replace("20 %", "45 %")
CONTINGENT = (
    DOSSIER.replace('part = "20 %"', 'reserves = 1500\ntaux = "5 %"') + '[non_reserve]\ntaux = "10 %"\n'
)
LIGNE = re.compile(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', re.S)


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"


def cli(commande, *arguments):
    fait = CliRunner().invoke(commande, [*map(str, arguments), "--format", "json"])
    assert fait.exit_code == 0, fait.output
    return json.loads(fait.output)


def texte(html):
    """What a fragment says, its spaces made plain."""
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html))).replace("\u202f", " ").strip()


def lignes(page, apres):
    """The rows of the first table after an anchor: head, cells."""
    table = page.partition(apres)[2].partition("</table>")[0]
    return {
        texte(tete): [texte(c) for c in re.findall("<td[^>]*>(.*?)</td>", suite, re.S)]
        for tete, suite in LIGNE.findall(table)
    }


@pytest.fixture
def deux_bailleurs(monde):
    """Two bailleurs of the préfet's territory: the first within the caps, the second above 30 %."""
    second = creer_organisation(
        "bailleur", nom="Second bailleur", territoires=[("departement", "99"), ("epci", "200000001")]
    )
    return creer_dossier(monde.bailleur), creer_dossier(second, texte=AU_DESSUS)


def test_la_ddets_trouve_le_bailleur_au_dessus_de_30_pour_cent(monde, connecter, deux_bailleurs):
    """By the question and the answer; the same words as the command line; the figure is a link away."""
    _, fautif = deux_bailleurs
    prefet = connecter(monde.membres["etat_departement"])
    assert reverse("controle_legalite") in prefet.get(reverse("dossiers")).text
    page = prefet.get(reverse("controle_legalite") + "?verification=plafond_etat&verdict=non").text
    (trouvee,) = lignes(page, 'id="reponses"').items()
    (vu,) = cli(cli_legalite.commande, fichiers.dossier(fautif.identifiant))
    dit = next(v for v in vu["verifications"] if v["code"] == "plafond_etat")
    assert trouvee[0] == "Second bailleur, 2024"
    assert trouvee[1][:3] == [dit["question"], "Non, illégal", dit["constats"][0]]
    assert f'href="{reverse("dossier", args=[fautif.identifiant])}#parts"' in page
    assert 'id="parts"' in prefet.get(reverse("dossier", args=[fautif.identifiant])).text
    bilans = lignes(page, "<main")
    compte = [
        sum(v["verdict"] == verdict for v in vu["verifications"]) for verdict in ("non", "inconnu", "oui")
    ]
    assert [int(bilans["Second bailleur, 2024"][i]) for i in (0, 2, 3)] == compte
    assert next(iter(bilans)) == "Second bailleur, 2024"
    inconnus = prefet.get(reverse("controle_legalite") + "?verification=plafond_etat&verdict=inconnu").text
    assert list(lignes(inconnus, 'id="reponses"')) == ["Bailleur du lieu, 2024"]


def test_le_controle_ne_montre_ni_brouillon_ni_version_remplacee_ni_voisin(monde, connecter, deux_bailleurs):
    creer_dossier(monde.voisin, texte=AU_DESSUS)
    creer_dossier(deux_bailleurs[1].bailleur)  # adopted after: it replaces the first
    creer_dossier(monde.bailleur, texte=AU_DESSUS, adopte=False)
    sans = creer_organisation("bailleur", nom="Sans flux", territoires=[("departement", "99")])
    prefet = connecter(monde.membres["etat_departement"])
    page = prefet.get(reverse("controle_legalite") + "?verification=plafond_etat&verdict=non").text
    assert "Aucune réponse de cette sorte" in page
    assert str(monde.voisin) not in page
    assert str(sans) in page.partition("Sans flux adopté")[2]
    tout = prefet.get(reverse("controle_legalite") + "?verdict=tout&exercice=2024").text
    assert texte(tout).count("Second bailleur, 2024") > len(VERDICTS)
    for role in ("bailleur_responsable", "epci", "reservataire_lecture", "administrateur"):
        assert connecter(monde.membres[role]).get(reverse("controle_legalite")).status_code == 403


def test_le_controle_vide_le_dit(monde, connecter):
    page = connecter(monde.membres["etat_departement"]).get(reverse("controle_legalite")).text
    assert "Aucun flux adopté n'est encore ouvert" in unescape(page)


def test_des_pieces_perdues_laissent_les_faits_inconnus(monde, connecter):
    """The frozen result still answers; what only the dossier said is unknown."""
    dossier = creer_dossier(monde.bailleur)
    fichiers.jeter(dossier.identifiant)
    page = connecter(monde.membres["etat_departement"]).get(
        reverse("controle_legalite") + "?verification=conventions&verdict=inconnu"
    )
    assert list(lignes(page.text, 'id="reponses"')) == ["Bailleur du lieu, 2024"]


def test_un_epci_compare_deux_bailleurs(monde, connecter):
    """Flux: the frozen JSON of each. État des lieux: the page of each, in the perimeter they share."""
    lieu = [("epci", fichiers.geographie().commune("06029").epci)]
    bailleurs = [
        creer_organisation("bailleur", nom=f"Bailleur {n}", territoires=lieu) for n in ("un", "deux")
    ]
    dossiers = [creer_dossier(bailleurs[0]), creer_dossier(bailleurs[1], texte=AU_DESSUS)]
    responsable = connecter(creer_membre(bailleurs[0], "bailleur_responsable"))
    for nature in ("parc", "droits"):
        fichier = SimpleUploadedFile(f"{nature}.csv", PIECES[f"{nature}.csv"].encode())
        depose = responsable.post(reverse("deposer_parc"), {"nature": nature, "fichier": fichier})
        donnees = {"le": "2023-12-31", "lu": "on"}
        assert responsable.post(depose.url + "confirmer/", donnees).status_code == 302
    epci = connecter(creer_membre(creer_organisation("epci", territoires=lieu), "epci"))
    choisis = "&".join(f"dossiers={d.identifiant}" for d in dossiers)
    page = epci.get(f"{reverse('comparer_bailleurs')}?{choisis}").text
    comptes, parts = lignes(page, "Le flux, sur le territoire"), lignes(page, "Ce qui revient à chaque")
    titres = re.findall(r'<th scope="col" class="n">(.*?)</th>', page.partition("Le flux, sur le")[2])[:2]
    for dossier in dossiers:
        lu = epci.get(reverse("telecharger_dossier", args=[dossier.identifiant]) + "?forme=json").json()
        i = titres.index(f"{dossier.bailleur}, 2024")
        assert comptes["Flux à répartir"][i] == texte(nombre(lu["flux"]["a_repartir"]))
        assert comptes["Assiette"][i] == texte(nombre(lu["assiette"]["total"]))
        assert parts["Commune du lieu"][i].startswith(f"{lu['reservataires'][0]['objectif']} (")
    assert "Bailleur deux" in page.partition("Sans parc à compter")[2]
    etat = epci.get(reverse("exporter_etat", args=[bailleurs[0].identifiant]) + "?forme=json").json()
    i, compte = titres.index("Bailleur un, 2024"), lignes(page, "Logements, par réservataire")
    assert compte["Total"][i] == str(sum(groupe["logements"] for groupe in etat)) == "200"
    assert compte["Total"][1 - i] == "inconnu"
    (des_droits,) = (g["logements"] for g in etat if g["reservataire"] == "c-lieu")
    assert compte["Commune du lieu"][i] == f"{des_droits} (10 %)"


def test_un_seul_flux_ne_se_compare_pas_ni_celui_d_un_autre(monde, connecter, deux_bailleurs):
    epci = connecter(monde.membres["epci"])
    comparer = reverse("comparer_bailleurs")
    assert "au moins deux" in epci.get(f"{comparer}?dossiers={deux_bailleurs[0].identifiant}").text
    loin = creer_dossier(monde.voisin)
    page = epci.get(f"{comparer}?dossiers={deux_bailleurs[0].identifiant}&dossiers={loin.identifiant}").text
    assert "Bailleur d'ailleurs" not in unescape(page)
    assert "<caption>Le flux" not in page
    assert "Il faut deux flux" in connecter(monde.membres["reservataire_lecture"]).get(comparer).text


def test_la_simulation_est_celle_de_la_ligne_de_commande(monde, connecter):
    dossier = creer_dossier(monde.bailleur)
    client = connecter(monde.membres["reservataire_lecture"])
    page = client.get(reverse("simuler_dossier", args=[dossier.identifiant]) + "?tirages=1000&graine=7").text
    vu = cli(
        cli_simuler.commande, fichiers.dossier(dossier.identifiant), "--tirages", "1000", "--graine", "7"
    )
    lues = lignes(page, "<h2>Réservataires")
    for p in vu["reservataires"]:
        nom = "Non réservé" if p["code"] == "non_reserve" else p["nom"]
        assert [int(texte(n).replace(" ", "")) for n in lues[nom][1:5]] == [
            p["objectif"],
            p["p10"],
            p["p50"],
            p["p90"],
        ]
    assert simulations.simulation(dossier, 1000, 7) == vu
    for faux in ("?tirages=5", "?graine=0", "?graine=x", "?tirages=9999999999"):
        assert client.get(reverse("simuler_dossier", args=[dossier.identifiant]) + faux).status_code == 200
    fichiers.jeter(dossier.identifiant)
    from partiteur.web.documents import flux

    flux._calculer.cache_clear()
    simulations._simuler.cache_clear()
    assert "fichier illisible" in client.get(reverse("simuler_dossier", args=[dossier.identifiant])).text


def test_les_conversions_cote_a_cote(monde, connecter, tmp_path):
    """The same columns as `partiteur comparer --conversions`; the refusal of one is said."""
    dossier = creer_dossier(monde.bailleur, texte=CONTINGENT)
    client = connecter(monde.membres["bailleur_lecture"])
    adresse = reverse("dossier", args=[Dossier.objects.get().identifiant])
    page = client.get(
        adresse + "?conversions=assiette&conversions=rotation_ponderee&conversions=negocie"
    ).text
    vu = cli(
        cli_comparer.commande,
        fichiers.dossier(dossier.identifiant),
        "--conversions",
        "assiette,rotation_ponderee,negocie",
    )
    lues = lignes(page, "conversion par conversion</caption>")
    attendus = [str(f["reservataires"][0]["objectif"]) if "reservataires" in f else "—" for f in vu["flux"]]
    assert lues["Commune du lieu"] == attendus
    assert len(set(attendus)) == 3
    assert "demande « justification »" in unescape(page).replace("\u202f", " ")
