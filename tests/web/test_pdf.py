"""Documents to print: the figures of the page, the JSON and the workbook; tagged; closed to what a name may try."""

import io
import re
from datetime import date
from fractions import Fraction

import pytest
import typst
from django.urls import reverse
from fabriques import creer_dossier
from lecture_pdf import lire, plat, texte
from python_calamine import CalamineWorkbook
from test_flux_web import AVEC_PIECES, PIECES, televerser
from test_parc import DROITS, LE, importer

from partiteur.demo.publie import BAILLEURS, COMMUNES
from partiteur.regles.socle import nombre, pourcentage
from partiteur.web.actions import organisation as organisations
from partiteur.web.documents import commune as communes
from partiteur.web.documents import composer, imprimes, pdf
from partiteur.web.documents import etat_des_lieux as etats
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Acces, Dossier, Organisation

HOSTILES = (
    '#read("/etc/passwd")',
    "*gras* _italique_ $x^2$ @cle <nom> `code` // \\ #[x] ~ -- ---",
    "#panic() ] } ) #import \"@preview/x:0.1.0\": *",
)  # fmt: skip


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own, and nothing remembered of another's."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"
    etats._compter.cache_clear()


@pytest.fixture
def tenu(monde):
    """A bailleur with its parc, its register and an adopted flux; a commune with rights there."""
    organisations.reserver(
        par=OPERATEUR,
        bailleur=monde.bailleur,
        reservataire=monde.codes["c-lieu"],
        echelle="commune",
        code="06029",
        du=date(2020, 1, 1),
    )
    importer(monde.bailleur)
    importer(monde.bailleur, DROITS, "droits")
    return monde


def feuille(reponse, nom):
    """The rows of a sheet of a workbook."""
    return CalamineWorkbook.from_filelike(io.BytesIO(reponse.content)).get_sheet_by_name(nom).to_python()


def dit(n):
    """A number as it is read back."""
    return plat(nombre(n))


def part(n):
    """A share as it is read back."""
    return plat(pourcentage(Fraction(n)))


def fiche(chez, sienne=True, nom="Vaux"):
    """A sheet of some bailleurs."""
    somme = sum(c.logements for c in chez)
    return communes.FicheCommune(LE, "06029", nom, tuple(chez), somme, 0, 0, "Une phrase.", sienne)


def bailleur_lu(nom, logements=100, qpv=40, reserves=5):
    """What a bailleur has in a commune."""
    du = "≈ 16,67 % des logements à répartir dans la commune en 2024 : environ un logement tous les 6 ans."
    return communes.ChezUnBailleur(
        Organisation(nom=nom), LE, logements, qpv, reserves, Fraction(reserves, logements), du, 0
    )


# --- the same figures everywhere


@pytest.mark.parametrize("axes", ["lignes=commune&colonnes=typologie_groupe&qpv=oui", "lignes=reservataire"])
def test_l_etat_des_lieux_dit_les_memes_chiffres(tenu, connecter, tmp_path, axes):
    """E1: page, JSON, workbook and PDF of what is on the screen."""
    client = connecter(tenu.membres["bailleur_lecture"])
    fichier = f"{reverse('exporter_etat', args=[tenu.bailleur.identifiant])}?{axes}&forme="
    groupes = client.get(f"{fichier}json").json()
    lu = lire(client.get(f"{fichier}pdf").content, tmp_path)
    (tableau,) = lu.tableaux
    total = sum(g["logements"] for g in groupes)
    par_ligne: dict[str, int] = {}
    for groupe in groupes:
        cle = str(next(iter(groupe.values())))
        par_ligne[cle] = par_ligne.get(cle, 0) + groupe["logements"]
    assert sorted(li[-2] for li in tableau.lignes) == sorted(map(dit, par_ligne.values()))
    assert [li[-1] for li in tableau.lignes] == [part(Fraction(int(li[-2]), total)) for li in tableau.lignes]
    assert tableau.pied[0][-2:] == [dit(total), "100 %"]
    if "colonnes" in axes:
        cases = [n for li in tableau.lignes for n in li[1:-2] if n != "0"]
        assert sorted(cases) == sorted(dit(g["logements"]) for g in groupes)
        assert "Filtres : Quartier prioritaire (QPV) : oui." in lu.texte
    lignes = feuille(client.get(f"{fichier}xlsx"), "État des lieux")
    au_classeur = [int(li[-1]) for li in lignes if isinstance(li[-1], float)]
    assert sorted(au_classeur) == sorted([*(g["logements"] for g in groupes), total])
    page = client.get(f"{reverse('etat_des_lieux', args=[tenu.bailleur.identifiant])}?{axes}").text
    lue = plat(re.sub(r"<[^>]*>", " ", page))
    for ligne in (*tableau.lignes, *tableau.pied):
        assert f"{plat(' '.join(ligne))} " in lue
    assert plat(tableau.legende) in lue


def test_la_fiche_d_une_commune_dit_les_memes_chiffres(tenu, connecter, tmp_path):
    """E1: page, JSON, workbook and PDF; what is owed comes from the adopted flux, in words."""
    tenu.commune.reservataires.get().reservations.filter(code="99001").delete()
    creer_dossier(tenu.bailleur)
    client = connecter(tenu.membres["reservataire_lecture"])
    fichier = f"{reverse('exporter_fiche')}?forme="
    lue = client.get(f"{fichier}json").json()
    assert (lue["logements"], lue["qpv"], lue["reserves"]) == (30, 20, 5)
    (chez,) = lue["bailleurs"]
    lu = lire(client.get(f"{fichier}pdf").content, tmp_path)
    (tableau,) = lu.tableaux
    chiffres = [chez["logements"], chez["qpv"], chez["reserves"]]
    assert tableau.lignes[0][1:] == [*map(dit, chiffres), part(chez["part"])]
    assert tableau.pied[0][1:4] == [dit(lue[cle]) for cle in ("logements", "qpv", "reserves")]
    assert f"{chez['nom']} : {plat(chez['du'])}" in lu.texte
    assert chez["objectif"] == 300
    assert f"soit {dit(300)} logements" in lu.texte
    lignes = feuille(client.get(f"{fichier}xlsx"), "Fiche commune")
    bailleur = next(li for li in lignes if li[0] == chez["nom"])
    assert [int(n) for n in bailleur[2:5]] == chiffres
    assert (Fraction(bailleur[5]).limit_denominator(100), bailleur[6]) == (Fraction(chez["part"]), 300)
    assert next(li[2:5] for li in lignes if li[0] == "Ensemble") == [30, 20, 5]
    page = plat(client.get(reverse("fiche_commune")).text)
    assert "30 logements sociaux, dont 20 en quartier" in page
    assert "?commune=06029&amp;forme=pdf" in page
    assert lu.infos["Pages"] == "1"


def test_la_feuille_de_calcul_dit_les_memes_chiffres(monde, connecter, tmp_path):
    """E1: JSON, workbook and PDF of a draft, then of what was adopted."""
    client = connecter(monde.membres["bailleur_responsable"])
    pieces = [televerser(contenu, nom) for nom, contenu in PIECES.items()]
    client.post(
        reverse("deposer_dossier"), {"dossier": televerser(AVEC_PIECES, "dossier.toml"), "pieces": pieces}
    )
    dossier = Dossier.objects.get()
    fichier = reverse("telecharger_dossier", args=[dossier.identifiant]) + "?forme="
    lu = client.get(f"{fichier}json").json()
    document = lire(client.get(f"{fichier}pdf").content, tmp_path)
    assert "Brouillon" in document.texte
    calcul, parts, perimetres, etapes = document.tableaux
    compte = {li[0]: li[1] for li in calcul.lignes}
    assert compte["Parc au 31/12/2023"] == dit(lu["assiette"]["parc"])
    assert compte["= Assiette"] == dit(lu["assiette"]["total"])
    assert compte["× Rotation"] == part(lu["rotation"]["taux"])
    assert compte["= Flux à répartir"].startswith(dit(lu["flux"]["a_repartir"]))
    attendues = [
        [part(r["part_appliquee"]), dit(Fraction(r["exact"])), dit(r["objectif"])]
        for r in lu["reservataires"]
    ]
    assert [li[1:4] for li in parts.lignes] == attendues
    assert [li[3] for li in parts.pied] == [dit(lu["non_reserve"]["objectif"]), dit(lu["a_partager"])]
    assert [li[1] for li in perimetres.lignes] == [dit(p["assiette"]["parc"]) for p in lu["perimetres"]]
    valeurs = [li[2] for li in etapes.lignes]
    assert valeurs == ["inconnu" if e["valeur"] is None else plat(e["valeur"]) for e in lu["etapes"]]
    lignes = feuille(client.get(f"{fichier}xlsx"), "Réservataires")
    au_classeur = [li[9] for li in lignes if li[0] in {r["code"] for r in lu["reservataires"]}]
    assert au_classeur == [r["objectif"] for r in lu["reservataires"]]
    client.post(reverse("adopter_dossier", args=[dossier.identifiant]))
    adopte = client.get(f"{fichier}pdf").content
    assert "Version adoptée le" in texte(adopte, tmp_path)
    assert connecter(monde.membres["reservataire_lecture"]).get(f"{fichier}pdf").content == adopte


def test_chacun_imprime_dans_son_perimetre(tenu, connecter, tmp_path):
    """D67: a commune prints what it counts at home, which is said; elsewhere does not exist."""
    client = connecter(tenu.membres["reservataire_lecture"])
    fichier = reverse("exporter_etat", args=[tenu.bailleur.identifiant]) + "?lignes=commune&forme="
    lu = lire(client.get(f"{fichier}pdf&perimetre=commune:06029").content, tmp_path)
    assert [li[1] for li in lu.tableaux[0].lignes] == ["30"]
    assert "Périmètre : Commune Cannes." in lu.texte
    (titre, *_) = feuille(client.get(f"{fichier}xlsx&perimetre=commune:06029"), "État des lieux")
    assert titre[0].endswith("Commune Cannes")
    for adresse in (f"{fichier}pdf&perimetre=tout:", f"{reverse('exporter_fiche')}?forme=pdf&commune=06030"):
        assert client.get(adresse).status_code == 404
    assert client.get(f"{reverse('exporter_fiche')}?forme=docx").status_code == 404


# --- a document that can be read aloud, and kept


def test_le_document_est_balise(tenu, connecter, tmp_path):
    """PDF/UA-1 and PDF/A-2a: title, language, headings, captions, scoped headers, fonts inside."""
    client = connecter(tenu.membres["bailleur_lecture"])
    reponse = client.get(reverse("exporter_etat", args=[tenu.bailleur.identifiant]) + "?forme=pdf")
    assert reponse["Content-Type"] == "application/pdf"
    assert reponse["Content-Disposition"].endswith('.pdf"')
    lu = lire(reponse.content, tmp_path)
    assert (lu.infos["Tagged"], plat(lu.infos["Title"])) == (
        "yes",
        f"{tenu.bailleur.nom} : état des lieux",
    )
    assert lu.infos["CreationDate"].startswith("Sun Dec 31")
    assert "A4" in lu.infos["Page size"]
    for trace in (b"/Lang(fr-FR)", b"<pdfuaid:part>1<", b"<pdfaid:part>2<", b"<pdfaid:conformance>A<"):
        assert trace in reponse.content
    assert lu.mots("H1") == [f"{tenu.bailleur.nom} : état des lieux"]
    assert lu.mots("H2") == ["D'où viennent ces nombres"]
    (tableau,) = lu.tableaux
    assert (tableau.entetes, set(tableau.portees)) == (["Réservataire", "Logements", "Part"], {"Column"})
    assert tableau.legende
    assert "Personne" not in lu.texte  # E13: no person, in the words nor in what describes them
    assert lu.infos["Author"] == "Partiteur"
    acces = Acces.objects.latest("pk")
    assert (acces.page, acces.genre) == ("exporter_etat", "telechargement")


def test_le_meme_resultat_fait_les_memes_octets():
    """Nothing of the clock nor of the machine; another day of the result is another document."""
    document = imprimes.fiche_commune(fiche([bailleur_lu("Office")]))
    autre = imprimes.fiche_commune(fiche([bailleur_lu("Office", qpv=41)]))
    une = pdf.ecrire(document)
    assert une == pdf.ecrire(document)
    assert une != pdf.ecrire(autre)


def test_tout_ce_qui_est_imprimable_s_imprime(tmp_path):
    """Each character kept is in the fonts; each of the others is replaced, and nothing fails."""
    gardes = [chr(c) for c in range(0x20, 0x3000) if pdf.imprimable(chr(c)) == chr(c)]
    assert {"\u202f", "œ", "≈", "−", "×", "’", "«", "€", "Ÿ"} <= set(gardes)
    autres = "漢 👩‍👩‍👧 \ue000 \u202e \ufeff \0 \U0010ffff"
    blocs = [pdf.Paragraphe(" ".join(gardes)), pdf.Paragraphe(autres)]
    lu = texte(pdf.ecrire(pdf.Document(f"Titre {autres}", "", LE, blocs)), tmp_path)
    assert {g for g in gardes if not g.isspace()} - set(lu) == set()
    assert "Titre � ��� � � �" in plat(lu)
    assert pdf.imprimable("12 450 ; ≈ 5,9 %\n« fin »") == (
        "12\u202f450\u202f; ≈\u00a05,9\u202f% «\u202ffin\u202f»"
    )


# --- what a name may try


@pytest.mark.parametrize("nom", HOSTILES)
def test_un_nom_hostile_est_un_nom(tmp_path, nom):
    """It is printed as it is written, in the title, a heading, a cell and a list: never read as markup."""
    lu = lire(pdf.ecrire(imprimes.fiche_commune(fiche([bailleur_lu(nom)], nom=nom))), tmp_path)
    attendu = plat(pdf.imprimable(nom))
    assert plat(lu.infos["Title"]).startswith(attendu)
    assert lu.mots("H1")[0].startswith(attendu)
    assert lu.tableaux[0].lignes[0][0].startswith(attendu)
    assert f"{attendu} : ≈ 16,67 %" in lu.texte
    assert "root:" not in lu.texte


@pytest.mark.parametrize("ordre", ['read("/etc/passwd")', 'read("../secret")', 'image("../secret")'])
def test_le_gabarit_ne_lit_que_son_dossier(tmp_path, monkeypatch, ordre):
    """Even a template could not open a file of the instance."""
    (tmp_path / "gabarits").mkdir()
    (tmp_path / "secret").write_text("canari")
    (tmp_path / "gabarits/document.typ").write_text(f"#{ordre}")
    monkeypatch.setattr(composer, "GABARITS", tmp_path / "gabarits")
    with pytest.raises(typst.TypstError):
        composer.composer(io.StringIO('{"le": "2024-01-01", "donnees": {}}'), io.BytesIO())


def test_le_gabarit_n_evalue_rien():
    """No text becomes code, no package is fetched, no clock is read."""
    for gabarit in composer.GABARITS.glob("*.typ"):
        lu = gabarit.read_text("utf-8")
        assert not re.search(r"\b(eval|read|import|include|plugin|today)\b\s*[(\"@]", lu)


def test_les_donnees_d_un_document_ne_vont_qu_a_typst(monkeypatch):
    """The program that sets it has none of the instance's secrets in its environment."""
    vus = {}
    courir = pdf.subprocess.run
    monkeypatch.setattr(pdf.subprocess, "run", lambda *a, **k: vus.update(k) or courir(*a, **k))
    assert pdf.ecrire(pdf.Document("Titre", "", LE)).startswith(b"%PDF-1.7")
    assert vus["env"] == {}


# --- what does not hold


def test_un_tableau_trop_long_est_refuse_en_une_phrase(tenu, connecter, monkeypatch):
    """It says how many rows a PDF holds, and goes back to the page as it was asked."""
    monkeypatch.setattr(pdf, "CASES_MAX", 4)
    adresse = reverse("exporter_etat", args=[tenu.bailleur.identifiant])
    client = connecter(tenu.membres["bailleur_lecture"])
    reponse = client.get(f"{adresse}?lignes=commune&qpv=oui&forme=pdf")
    page = reverse("etat_des_lieux", args=[tenu.bailleur.identifiant])
    assert reponse.url == f"{page}?lignes=commune&qpv=oui"
    assert "Ce document aurait 2 lignes, un PDF de ces colonnes en tient 1" in plat(
        client.get(reponse.url).text
    )
    dossier = creer_dossier(tenu.bailleur)
    reponse = client.get(reverse("telecharger_dossier", args=[dossier.identifiant]) + "?forme=pdf")
    assert reponse.url == reverse("dossier", args=[dossier.identifiant])
    assert "téléchargez le classeur" in plat(client.get(reponse.url).text)


@pytest.mark.parametrize("borne", [{"DUREE_MAX": 0.001}, {"COMPOSER": "absent.py"}])
def test_un_document_qui_ne_se_compose_pas_renvoie_au_classeur(monkeypatch, caplog, borne):
    for nom, valeur in borne.items():
        monkeypatch.setattr(pdf, nom, valeur)
    with pytest.raises(pdf.PdfRefuse, match="téléchargez le classeur"):
        pdf.ecrire(pdf.Document("Titre", "", LE))
    assert "PDF refusé" in caplog.text


# --- one page for a mayor


def pages(chez, nom="Vaux"):
    """How many pages the sheet of a commune takes, as it says of itself; set here, without another process."""
    sortie = io.BytesIO()
    composer.composer(io.StringIO(pdf.demander(imprimes.fiche_commune(fiche(chez, nom=nom)))), sortie)
    assert b"/MediaBox[0 0 595.2756 841.8898]" in sortie.getvalue()  # A4
    return int(re.search(rb"NPages>(\d+)<", sortie.getvalue())[1])


def test_la_fiche_de_chaque_commune_de_la_demo_tient_sur_une_page():
    """With its bailleurs of the invented territory, a sentence due by each."""
    noms = {o.lettre: o.nom for o in BAILLEURS}
    for commune in COMMUNES:
        lettres = {lettre: n for (lettre, _), n in commune.parc.items()}
        chez = [bailleur_lu(noms[lettre], logements=max(n, 6)) for lettre, n in lettres.items()]
        assert pages(chez, commune.nom) == 1, commune.nom


@pytest.mark.parametrize(("combien", "voulues"), [(0, 1), (12, 1), (30, 3)])
def test_la_fiche_d_une_grande_ville(combien, voulues):
    """Written smaller rather than on a second page; beyond what can be read, on several."""
    assert (
        pages([bailleur_lu(f"Société anonyme d'habitations numéro {n}") for n in range(combien)]) == voulues
    )
