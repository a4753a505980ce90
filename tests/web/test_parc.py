"""A parc from its file to its millésime, and its état des lieux: who sees what, the same figures everywhere."""

import csv
import io
import json
import random
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest
from django.conf import settings as reglages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from fabriques import DU, creer_membre, creer_organisation, navigateur
from python_calamine import CalamineWorkbook

from partiteur.moteur.millesime import Territoire
from partiteur.web import depot as fichiers
from partiteur.web.actions import organisation
from partiteur.web.actions import parc as actes
from partiteur.web.actions.acte import ActeRefuse
from partiteur.web.documents import etat_des_lieux as etats
from partiteur.web.documents import parc as documents
from partiteur.web.droits import OPERATEUR
from partiteur.web.management.commands import preparer
from partiteur.web.models import Depot, Millesime

PARC = "numero rpls;code insee;qpv;typologie;programme;financement\n" + "".join(
    f"{n};{'06029' if n <= 30 else '06030'};{'oui' if n % 3 else 'non'};T{2 + n % 3};P{n // 10};13\n"
    for n in range(1, 51)
)
DROITS = "droit;reservataire;programme;logement;nombre\nd1;c-lieu;P1;;4\nd2;c-lieu;;25;1\nd3;autre;P4;;3\n"
LE = date(2023, 12, 31)
# Read-only costs PostgreSQL a savepoint, where SQLite sets a pragma (middleware.lecture_seule).
REQUETES_DE_LA_LISTE = 10 + (connection.vendor == "postgresql")


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own, and nothing remembered of another's."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"
    etats._compter.cache_clear()


def televerser(contenu: str | bytes, nom: str = "parc.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(nom, contenu.encode() if isinstance(contenu, str) else contenu)


def deposer(client, contenu, nature="parc", nom="parc.csv"):
    return client.post(reverse("deposer_parc"), {"nature": nature, "fichier": televerser(contenu, nom)})


def importer(bailleur, contenu=PARC, nature="parc", le=LE):
    """A millésime, as the pages make one."""
    recu = documents.recevoir(bailleur, nature, televerser(contenu, f"{nature}.csv"))
    donnees = {
        "identifiant": recu.identifiant,
        "nature": nature,
        "fichier": recu.fichier,
        "apercu": recu.apercu,
    }
    depot = actes.deposer(par=OPERATEUR, bailleur=bailleur, **donnees)
    return actes.importer(par=OPERATEUR, bailleur=bailleur, ecrit=documents.ecrire(depot, le), depot=depot)


def attendent() -> list[str]:
    dossier = reglages.MEDIA_ROOT / ".attente"
    return [chemin.name for chemin in dossier.iterdir()] if dossier.is_dir() else []


@pytest.fixture
def tenu(monde):
    """A bailleur with its parc and its register, and a commune with rights on one of its two communes."""
    organisation.reserver(
        par=OPERATEUR,
        bailleur=monde.bailleur,
        reservataire=monde.codes["c-lieu"],
        echelle="commune",
        code="06029",
        du=DU,
    )
    importer(monde.bailleur)
    importer(monde.bailleur, DROITS, "droits")
    return monde


def test_du_fichier_au_millesime(monde, connecter):
    """Read, report, preview, yes; then a second file says what it changes."""
    client = connecter(monde.membres["bailleur_responsable"])
    reponse = deposer(client, PARC + "99;00000;oui;T2;P9;13\n")
    depot = Depot.objects.get()
    assert reponse.url == reverse("depot", args=[depot.identifiant])
    page = client.get(reponse.url).text
    assert "51 lignes lues, 50 acceptées, 1 refusées" in page
    assert "premier millésime" in page
    rapport = client.get(reverse("rapport_depot", args=[depot.identifiant]))
    lignes = list(csv.DictReader(io.StringIO(rapport.content.decode("utf-8-sig")), delimiter=";"))
    assert next((li["gravite"], li["ligne"], li["valeur"]) for li in lignes) == ("erreur", "52", "00000")
    confirmer = reverse("confirmer_depot", args=[depot.identifiant])
    assert "J&#x27;ai lu" in client.post(confirmer, {"le": "2023-12-31"}).text
    assert not Millesime.objects.exists()
    assert client.post(confirmer, {"le": "2023-12-31", "lu": "on"}).status_code == 302
    millesime = Millesime.objects.get()
    assert (millesime.lignes, millesime.refusees, millesime.le) == (50, 1, LE)
    assert fichiers.chemin_du_parc(millesime.sha).is_file()
    assert (Depot.objects.count(), attendent()) == (0, [])
    change = (
        PARC.replace("1;06029;oui;T3;P0;13\n", "").replace(";T2;P0;", ";T5;P0;") + "77;06029;oui;T2;P7;13\n"
    )
    suivant = client.get(deposer(client, change).url).text
    fiche = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", suivant))
    assert (fiche["Nouveaux"], fiche["Disparus"], fiche["Changés"], fiche["Identiques"]) == (
        "1",
        "1",
        "3",
        "46",
    )
    assert client.post(reverse("abandonner_depot", args=[Depot.objects.get().identifiant])).status_code == 302
    assert (Depot.objects.count(), attendent(), Millesime.objects.count()) == (0, [], 1)


@pytest.mark.parametrize(
    ("contenu", "nom", "dit"),
    [
        (b"%PDF-1.4", "parc.csv", "un PDF"),
        (b"", "parc.csv", "vide"),
        (b"x;y\n1;2\n", "parc.csv", "colonne"),
        (b"x", "parc.exe", "ni un CSV ni un classeur"),
        (b"PK\x03\x04" + b"\x00" * 60, "parc.xlsx", "parc.xlsx"),
    ],
)
def test_un_fichier_impossible_est_refuse_d_une_phrase(monde, connecter, contenu, nom, dit):
    reponse = deposer(connecter(monde.membres["bailleur_responsable"]), contenu, nom=nom)
    assert reponse.status_code == 200
    assert dit in reponse.text
    assert str(reglages.MEDIA_ROOT) not in reponse.text
    assert (Depot.objects.count(), attendent()) == (0, [])


def test_un_fichier_trop_lourd(monde, connecter, settings):
    settings.CORPS_MAX = 2**20
    reponse = deposer(connecter(monde.membres["bailleur_responsable"]), b"x" * 2**20)
    assert reponse.status_code == 413
    assert attendent() == []


def test_des_fichiers_hostiles_ne_font_pas_tomber_le_site(monde, connecter):
    """Bytes from a fuzzer, some under the header of a real file: a page each time, nothing kept but what was read."""
    client = connecter(monde.membres["bailleur_responsable"])
    rng = random.Random(8)
    for rang in range(40):
        octets = rng.randbytes(rng.randint(1, 400))
        debut = (b"", PARC[:70].encode(), b"PK\x03\x04", b"\xef\xbb\xbf")[rang % 4]
        nom = rng.choice(("parc.csv", "parc.xlsx", "..\\a.csv", "\u202e.txt", ";=1+1.csv"))
        nature = rng.choice(("parc", "droits"))
        assert deposer(client, debut + octets, nature, nom).status_code in (200, 302)
    assert len(attendent()) == Depot.objects.count()


def test_un_fichier_dont_rien_n_est_acceptable_se_lit_mais_ne_s_importe_pas(monde, connecter):
    client = connecter(monde.membres["bailleur_responsable"])
    adresse = deposer(client, "numero rpls;code insee\n1;00000\n").url
    assert "ne peut pas être importé" in client.get(adresse).text
    reponse = client.post(adresse + "confirmer/", {"le": "2023-12-31", "lu": "on"})
    assert "ne peut pas être importé" in reponse.text
    assert not Millesime.objects.exists()


def test_deux_importations_a_la_fois(monde):
    """The second finds the deposit over; the same content twice is one millésime."""
    recu = documents.recevoir(monde.bailleur, "parc", televerser(PARC))
    commun = {"par": OPERATEUR, "bailleur": monde.bailleur}
    depots = [
        actes.deposer(identifiant=i, nature="parc", fichier="parc.csv", apercu=recu.apercu, **commun)
        for i in (recu.identifiant, "autre")
    ]
    ecrit = documents.ecrire(depots[0], LE)
    actes.importer(ecrit=ecrit, depot=depots[0], **commun)
    with pytest.raises(ActeRefuse, match="déjà terminé"):
        actes.importer(ecrit=ecrit, depot=depots[0], **commun)
    with pytest.raises(ActeRefuse, match="déjà importé"):
        actes.importer(ecrit=ecrit, depot=depots[1], **commun)
    assert list(Depot.objects.all()) == [depots[1]]
    assert Millesime.objects.count() == 1


def test_mourir_entre_le_fichier_et_la_base(monde, connecter, monkeypatch):
    """The millésime is on the disk, no row knows it, the deposit still waits: the yes can be said again."""
    client = connecter(monde.membres["bailleur_responsable"], raise_request_exception=False)
    deposer(client, PARC)
    adresse = reverse("confirmer_depot", args=[Depot.objects.get().identifiant])
    with monkeypatch.context() as mort:
        mort.setattr(actes, "importer", lambda **_: 1 / 0)
        assert client.post(adresse, {"le": "2023-12-31"}).status_code == 500
    assert (Millesime.objects.count(), Depot.objects.count()) == (0, 1)
    assert client.post(adresse, {"le": "2023-12-31"}).status_code == 302
    assert (Millesime.objects.count(), len(list((reglages.MEDIA_ROOT / "parc").glob("parc-*.parquet")))) == (
        1,
        1,
    )


def test_la_page_le_json_le_csv_et_le_classeur_disent_la_meme_chose(tenu, connecter):
    """E1: one result, read back from each of its renderings."""
    client = connecter(tenu.membres["bailleur_lecture"])
    page = reverse("etat_des_lieux", args=[tenu.bailleur.identifiant])
    fichier = reverse("exporter_etat", args=[tenu.bailleur.identifiant])
    demande = "lignes=commune&colonnes=typologie_groupe&qpv=oui"
    lu = json.loads(client.get(f"{fichier}?{demande}&forme=json").content)
    par_csv = list(
        csv.DictReader(io.StringIO(client.get(f"{fichier}?{demande}&forme=csv").text), delimiter=";")
    )
    assert [{**g, "logements": str(g["logements"])} for g in lu] == par_csv
    livre = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{fichier}?{demande}&forme=xlsx").content))
    lignes = [li for li in livre.get_sheet_by_name("État des lieux").to_python() if isinstance(li[2], float)]
    assert [tuple(li[:3]) for li in lignes[:-1]] == [
        (g["commune"], g["typologie_groupe"], g["logements"]) for g in lu
    ]
    assert lignes[-1][2] == sum(g["logements"] for g in lu) == 34
    corps = client.get(f"{page}?{demande}").text
    cases = [
        int(n) for n in re.findall(r'<td class="n" data-l="T\d">(\d+)</td>', corps.partition("<tfoot>")[0])
    ]
    assert sorted(n for n in cases if n) == sorted(g["logements"] for g in lu)
    assert '<td class="n" data-l="Logements">34</td>' in corps.partition("<tfoot>")[2]


def test_chacun_compte_dans_son_perimetre(tenu, connecter):
    """D67 and E5: a commune counts at home; another's perimeter is a 404; the cache does not mix them."""
    adresse = reverse("exporter_etat", args=[tenu.bailleur.identifiant]) + "?forme=json&lignes=commune"
    entier = connecter(tenu.membres["bailleur_lecture"]).get(adresse).json()
    assert {g["commune"]: g["logements"] for g in entier} == {"06029": 30, "06030": 20}
    commune = connecter(tenu.membres["reservataire_lecture"])
    sienne = commune.get(f"{adresse}&perimetre=commune:06029").json()
    assert {g["commune"]: g["logements"] for g in sienne} == {"06029": 30}
    for autre in ("commune:06030", "tout:", "departement:06", "x"):
        assert commune.get(f"{adresse}&perimetre={autre}").status_code == 404
    assert commune.get(f"{adresse}&millesime=inconnu").status_code == 404
    reservataires = commune.get(
        adresse.replace("commune", "reservataire") + "&perimetre=commune:06029"
    ).json()
    assert {g["reservataire"]: g["logements"] for g in reservataires} == {"c-lieu": 5, "non_reserve": 25}


def test_la_cle_du_cache_contient_tout_ce_dont_le_compte_depend(tenu):
    """Leave one out and two readers would share a count (E5)."""
    parc = Millesime.objects.get(nature="parc")
    demande = etats.Demande(parc.sha, None, LE, Territoire("commune", "06029"), "commune", None, ())
    autres = [
        etats.Demande(parc.sha, None, LE, Territoire("commune", "06030"), "commune", None, ()),
        etats.Demande(parc.sha, None, LE, Territoire("commune", "06029"), "qpv", None, ()),
        etats.Demande(parc.sha, None, LE, Territoire("commune", "06029"), "commune", None, (("qpv", "oui"),)),
    ]
    tous = [etats.compter(d, d.axes, d.filtres).etat.lignes for d in (demande, *autres, demande)]
    assert tous[0] == tous[-1] == (("06029", 30),)
    assert len(set(tous)) == 4
    assert (etats._compter.cache_info().hits, etats._compter.cache_info().misses) == (1, 4)


def test_la_part_et_les_totaux_de_la_page(tenu, connecter):
    page = (
        connecter(tenu.membres["bailleur_lecture"])
        .get(reverse("etat_des_lieux", args=[tenu.bailleur.identifiant]))
        .text
    )
    assert "8 logements réservés, 42 non réservés" in page
    assert '<rect class="pas-1"' in page
    assert "style=" not in page


def test_une_mise_a_jour_refait_les_classes(tenu):
    """With the new rules the classes are missing: `preparer` makes them, and says of a lost millésime that it is."""
    chemin = fichiers.chemin_du_parc(Millesime.objects.get(nature="parc").sha)
    (classes,) = chemin.parent.glob("classes-*")
    classes.unlink()
    dit = io.StringIO()
    preparer.Command(stdout=dit).classer()
    assert classes.exists()
    assert dit.getvalue() == ""
    chemin.unlink()
    preparer.Command(stdout=dit).classer()
    assert (
        dit.getvalue()
        == "Le millésime Parc au 31/12/2023 ne se lit pas : remettez-le depuis une sauvegarde.\n"
    )


def test_un_millesime_altere_est_dit(tenu, connecter):
    """The file no longer matches its name: a sentence, not a figure."""
    chemin = fichiers.chemin_du_parc(Millesime.objects.get(nature="parc").sha)
    chemin.chmod(0o600)
    octets = bytearray(chemin.read_bytes())
    octets[10] ^= 1
    chemin.write_bytes(octets)
    etats._compter.cache_clear()
    reponse = connecter(tenu.membres["bailleur_lecture"]).get(
        reverse("etat_des_lieux", args=[tenu.bailleur.identifiant])
    )
    assert reponse.status_code == 200
    assert "ne correspond plus à son empreinte" in reponse.text
    assert str(reglages.MEDIA_ROOT) not in reponse.text


def test_la_fiche_d_une_commune(tenu, connecter):
    """The mayor reads its own; others choose among those they may see."""
    tenu.commune.reservataires.get().reservations.filter(code="99001").delete()
    page = connecter(tenu.membres["reservataire_lecture"]).get(reverse("fiche_commune")).text
    assert "30 logements sociaux, dont 20 en quartier prioritaire" in page
    assert "droits de réservation sur 5 de ces logements" in page
    assert "n&#x27;est pas encore adopté" in page
    bailleur = connecter(tenu.membres["bailleur_lecture"])
    assert "Lire cette fiche" in bailleur.get(reverse("fiche_commune")).text
    assert "20 logements sociaux" in bailleur.get(reverse("fiche_commune") + "?commune=06030").text
    assert bailleur.get(reverse("fiche_commune") + "?commune=75056").status_code == 404


@pytest.mark.parametrize("role", ["ar_hlm", "etat_region"])
def test_la_liste_des_parcs_compte_ses_requetes(tenu, connecter, role, django_assert_num_queries):
    """As many queries for three bailleurs as for two."""
    client = connecter(tenu.membres[role])
    client.get(reverse("parcs"))
    with django_assert_num_queries(REQUETES_DE_LA_LISTE):
        client.get(reverse("parcs"))
    importer(creer_organisation("bailleur"))
    with django_assert_num_queries(REQUETES_DE_LA_LISTE):
        assert client.get(reverse("parcs")).status_code == 200


def test_un_bailleur_sans_parc_sait_quoi_faire(monde, connecter):
    client = connecter(monde.membres["bailleur_responsable"])
    adresse = client.get(reverse("parcs")).url
    assert "Importer le fichier RPLS" in client.get(adresse).text
    lecture = creer_membre(monde.bailleur, "bailleur_lecture")
    assert "Importer le fichier" not in navigateur(lecture).get(adresse).text


def test_le_depot_d_un_autre_n_existe_pas(monde, connecter):
    deposer(connecter(monde.membres["bailleur_responsable"]), PARC)
    autre = connecter(monde.etrangers["bailleur_responsable"])
    assert autre.get(reverse("depot", args=[Depot.objects.get().identifiant])).status_code == 404
    assert Path(fichiers.recu(Depot.objects.get().identifiant)).name == "parc.csv"


def test_le_moteur_du_site_ne_lit_que_les_millesimes(tenu, tmp_path):
    """E5: another file of the machine is refused, and nothing reopens it."""
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    con = fichiers.moteur()
    con.execute(f"select count(*) from '{fichiers.chemin_du_parc(Millesime.objects.get(nature='parc').sha)}'")
    for ordre in (f"select * from '{secret}'", "set enable_external_access = true", "set threads = 8"):
        with pytest.raises(duckdb.Error):
            con.execute(ordre)
