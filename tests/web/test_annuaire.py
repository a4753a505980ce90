"""The directory: read from a workbook cell by cell, and who receives what when somebody is away (D55)."""

import io
from datetime import date, timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from fabriques import creer_contact, navigateur

from partiteur.web.actions import annuaire as actes
from partiteur.web.actions.horloge import aujourd_hui
from partiteur.web.documents import annuaire_importe as importe
from partiteur.web.documents.annuaire import destinataires
from partiteur.web.documents.aujourdhui import journee
from partiteur.web.droits import OPERATEUR
from partiteur.web.models import Absence, Contact

JOUR = date(2026, 5, 5)
ENTETES = ["Prénom et nom", "Fonction", "Courriel", "Téléphone", "Supplée", "Absent du", "De retour le"]
ALIX = ["Alix Rive", "Cheffe de service", "alix@exemple.fr", "0102030405", "", date(2026, 5, 1), "2026-05-12"]
NOA = ["Noa Gué", "Adjointe", "Noa@exemple.fr", "", "Alix Rive", "", ""]


def classeur(*rangees, titres=ENTETES, avant=()):
    """A workbook as people make them."""
    ecrit = io.BytesIO()
    with xlsxwriter.Workbook(ecrit, {"default_date_format": "dd/mm/yyyy"}) as livre:
        feuille = livre.add_worksheet()
        for rang, rangee in enumerate((*avant, titres, *rangees)):
            feuille.write_row(rang, 0, rangee)
    return SimpleUploadedFile("annuaire.xlsx", ecrit.getvalue())


def texte(contenu, nom="annuaire.csv"):
    return SimpleUploadedFile(nom, contenu if isinstance(contenu, bytes) else contenu.encode())


def envoyer(monde, fichier, role="bailleur_responsable"):
    client = navigateur(monde.membres[role])
    return client, client.post(reverse("importer_annuaire"), {"fichier": fichier})


def noms(reponse):
    return [contact.nom for contact in reponse]


def test_un_classeur_est_montre_puis_repris(monde):
    """Nothing is entered by the preview; a yes enters contacts, who stands in, and absences; twice changes nothing."""
    ancien = creer_contact(monde.bailleur, "Un ancien")
    client, page = envoyer(monde, classeur(ALIX, NOA, avant=[["Annuaire 2026"], []]))
    assert [c.quoi for c in page.context["apercu"].changements] == ["nouveau", "nouveau"]
    assert page.context["apercu"].gardes == 1
    assert Contact.objects.count() == 1
    scelle = page.context["formulaire"].initial["fiches"]
    assert client.post(reverse("confirmer_annuaire"), {"fiches": scelle}).url == reverse("annuaire")
    alix, noa = Contact.objects.get(nom="Alix Rive"), Contact.objects.get(nom="Noa Gué")
    assert (noa.courriel, noa.supplee, noa.organisation) == ("noa@exemple.fr", alix, monde.bailleur)
    assert [(a.du, a.au) for a in alix.absences.all()] == [(date(2026, 5, 1), date(2026, 5, 12))]
    assert Contact.objects.filter(pk=ancien.pk, au=None).exists()
    _, encore = envoyer(monde, classeur(ALIX, NOA))
    assert [c.quoi for c in encore.context["apercu"].changements] == ["inchangé", "inchangé"]
    client.post(reverse("confirmer_annuaire"), {"fiches": encore.context["formulaire"].initial["fiches"]})
    assert (Contact.objects.count(), Absence.objects.count()) == (3, 1)


@pytest.mark.parametrize(
    ("rangee", "colonne", "valeur", "message"),
    [
        (["", "", "x@exemple.fr"], "Prénom et nom", "", "il manque le nom"),
        (["Max", "", ""], "Courriel", "", "il manque l'adresse"),
        (["Max", "", "max@"], "Courriel", "max@", "ce n'est pas une adresse de courriel"),
        (["Max", "", "m@exemple.fr", "", "Personne"], "Supplée", "Personne", "personne de ce nom"),
        (["Max", "", "m@exemple.fr", "", "Max"], "Supplée", "Max", "ne se supplée pas elle-même"),
        (["Max", "", "m@exemple.fr", "", "", "demain"], "Absent du", "demain", "ce n'est pas une date"),
        (["Max", "", "m@exemple.fr", "", "", "", "12/05/2026"], "De retour le", "12/05/2026", "il manque le début"),
        (["Max", "", "m@exemple.fr", "", "", "12/05/2026", "01/05/2026"], "Absent du", "12/05/2026", "avant d'avoir commencé"),
        (["Alix Rive", "", "alix@exemple.fr"], "Prénom et nom", "Alix Rive", "déjà à la ligne 2"),
        (["M" * 121, "", "m@exemple.fr"], "Prénom et nom", f"{'M' * 40}…", "120 caractères au plus"),
    ],
)  # fmt: skip
def test_une_cellule_fautive_est_dite_et_le_reste_est_repris(monde, rangee, colonne, valeur, message):
    """The line, the column, what it holds, what is wrong; the other rows are good."""
    apercu = importe.lire(monde.bailleur, classeur(ALIX, rangee, NOA), JOUR)
    (refus,) = apercu.refus
    assert (refus.ligne, refus.colonne, refus.valeur) == (3, colonne, valeur)
    assert message in refus.message
    assert [c.fiche.nom for c in apercu.changements] == ["Alix Rive", "Noa Gué"]
    assert (apercu.lues, apercu.refusees) == (3, 1)
    _, page = envoyer(monde, classeur(ALIX, rangee, NOA))
    assert "2 acceptées, 1 refusée" in page.text.replace("\u202f", " ")


def test_ce_qu_un_fichier_corrige_est_dit(monde):
    """A mailbox's only person is renamed; an empty cell changes nothing; the columns changed are named."""
    creer = {"par": OPERATEUR, "organisation": monde.bailleur}
    actes.enregistrer(**creer, nom="Alix Riv", courriel="alix@exemple.fr", fonction="Cheffe", telephone="01")
    actes.enregistrer(**creer, nom="Service A", courriel="commun@exemple.fr")
    actes.enregistrer(**creer, nom="Service B", courriel="commun@exemple.fr")
    apercu = importe.lire(
        monde.bailleur,
        texte(
            "Nom;Prénom;Fonction;Mail;Portable;Couleur\nRive;Alix;;ALIX@exemple.fr;612345678;bleu\nC;;;commun@exemple.fr;;\n"
        ),
        aujourd_hui(),
    )
    assert [c.quoi for c in apercu.changements] == ["nom, Alix Riv jusqu'ici, téléphone", "nouveau"]
    assert apercu.changements[0].fiche.telephone == "0612345678"
    assert "Couleur" in apercu.ignorees
    actes.importer(**creer, fiches=[c.fiche for c in apercu.changements])
    alix = Contact.objects.get(courriel="alix@exemple.fr")
    assert (alix.nom, alix.fonction, alix.telephone) == ("Alix Rive", "Cheffe", "0612345678")
    assert Contact.objects.filter(courriel="commun@exemple.fr").count() == 3


@pytest.mark.parametrize(
    ("fichier", "dit"),
    [
        (texte("a;b\n1;2\n"), "aucune colonne reconnue"),
        (texte("Nom;Fonction\nAlix;x\n"), "la colonne « Courriel » manque"),
        (texte("Nom;Courriel\n"), "aucune ligne"),
        (texte(""), "vide"),
        (texte("x", "annuaire.exe"), "ni un CSV ni un classeur"),
        (texte(b"%PDF-1.4"), "un PDF"),
        (texte("Nom;Courriel\n" + "A;a@exemple.fr\n" * 501), "plus de 500 lignes"),
    ],
)
def test_un_fichier_qui_n_est_pas_un_annuaire_est_refuse(monde, fichier, dit):
    """One sentence, beside the field."""
    _, page = envoyer(monde, fichier)
    assert dit in " ".join(
        page.context["formulaire"].errors.get("fichier", [str(page.context["formulaire"].errors)])
    )


def test_un_apercu_ne_vaut_que_chez_soi_et_tel_quel(monde):
    """Changed, old, or of another organisation: nothing is entered."""
    client, page = envoyer(monde, classeur(ALIX))
    scelle = page.context["formulaire"].initial["fiches"]
    ailleurs = navigateur(monde.membres["administrateur"])
    for qui, donne in ((client, scelle[:-2] + "xx"), (client, ""), (ailleurs, scelle)):
        assert qui.post(reverse("confirmer_annuaire"), {"fiches": donne}).url == reverse("importer_annuaire")
    assert not Contact.objects.exists()
    modele = client.get(reverse("modele_annuaire")).content.decode("utf-8-sig")
    assert set(modele.strip().split(";")) == set(ENTETES)


def test_une_suppleance_ne_tourne_pas_en_rond(monde):
    """Two people who stand in for each other: refused, in a form as in a file; the file enters nothing at all."""
    creer = {"par": OPERATEUR, "organisation": monde.bailleur}
    a = actes.enregistrer(**creer, nom="A", courriel="a@exemple.fr")
    b = actes.enregistrer(**creer, nom="B", courriel="b@exemple.fr", supplee=a)
    with pytest.raises(actes.ActeRefuse, match="supplée déjà"):
        actes.enregistrer(**creer, nom="A", courriel="a@exemple.fr", supplee=b, contact=a)
    client, page = envoyer(
        monde, texte("Nom;Courriel;Supplée\nC;c@exemple.fr;D\nD;d@exemple.fr;C\nE;e@exemple.fr;\n")
    )
    client.post(reverse("confirmer_annuaire"), {"fiches": page.context["formulaire"].initial["fiches"]})
    assert set(Contact.objects.values_list("nom", flat=True)) == {"A", "B"}
    assert "supplée déjà" in client.get(reverse("annuaire")).text


# --- who receives what ------------------------------------------------------------------------------------------------


@pytest.fixture
def service(monde):
    """A titulaire, who is stood in for by a second, and he by a third; another titulaire alone."""
    creer = {"par": OPERATEUR, "organisation": monde.commune}
    alix = actes.enregistrer(**creer, nom="Alix", courriel="alix@exemple.fr")
    noa = actes.enregistrer(**creer, nom="Noa", courriel="noa@exemple.fr", supplee=alix)
    max_ = actes.enregistrer(**creer, nom="Max", courriel="max@exemple.fr", supplee=noa)
    seul = actes.enregistrer(**creer, nom="Seul", courriel="seul@exemple.fr")
    return {"alix": alix, "noa": noa, "max": max_, "seul": seul}


def absenter(contact, du=JOUR, jours=7):
    return actes.absenter(par=OPERATEUR, contact=contact, du=du, au=du + timedelta(days=jours))


def recoivent(monde, jour=JOUR):
    return noms(destinataires(monde.commune, jour).destinataires)


@pytest.fixture
def depuis_longtemps(service):
    """The contacts were there before the day of these tests."""
    Contact.objects.update(du=date(2020, 1, 1))
    return {nom: Contact.objects.get(pk=contact.pk) for nom, contact in service.items()}


def test_le_suppleant_recoit_quand_le_titulaire_est_absent(monde, depuis_longtemps):
    """Present, the titulaire alone; away, who stands in; both away, the next; on the day of return, the titulaire."""
    gens = depuis_longtemps
    assert recoivent(monde) == ["Alix", "Seul"]
    absenter(gens["alix"])
    assert recoivent(monde) == ["Noa", "Seul"]
    assert recoivent(monde, JOUR - timedelta(days=1)) == ["Alix", "Seul"]
    absenter(gens["noa"], jours=2)
    assert recoivent(monde) == ["Max", "Seul"]
    assert recoivent(monde, JOUR + timedelta(days=2)) == ["Noa", "Seul"]
    assert recoivent(monde, JOUR + timedelta(days=7)) == ["Alix", "Seul"]


def test_sans_releve_le_titulaire_recoit_et_c_est_dit(monde, depuis_longtemps):
    """Nobody left: written to all the same, and named; a mailbox that bounces counts as an absence."""
    gens = depuis_longtemps
    absenter(gens["seul"])
    reponse = destinataires(monde.commune, JOUR)
    assert (noms(reponse.destinataires), noms(reponse.delaisses)) == (["Alix", "Seul"], ["Seul"])
    Contact.objects.filter(pk=gens["alix"].pk).update(rejete_le="2026-05-01T00:00:00Z")
    assert recoivent(monde) == ["Noa", "Seul"]
    actes.retirer(par=OPERATEUR, contact=gens["alix"])
    assert recoivent(monde, aujourd_hui()) == ["Noa", "Seul"]


def test_aujourd_hui_le_dit_a_chacun(monde, depuis_longtemps):
    """To the suppléant, that it receives; to whoever is away, who receives; to the référent, who is not stood in for."""
    gens, lecteur, designe = (
        depuis_longtemps,
        monde.membres["reservataire_lecture"],
        monde.membres["reservataire_designation"],
    )
    lecteur.utilisateur.courriel, designe.utilisateur.courriel = "noa@exemple.fr", "alix@exemple.fr"
    designe.referent = True
    assert (journee(lecteur, JOUR).avis, journee(designe, JOUR).avis) == ((), ())
    absenter(gens["alix"])
    absenter(gens["seul"], du=JOUR + timedelta(days=3))
    (sien,) = journee(lecteur, JOUR).avis
    assert (sien.phrase, sien.le) == ("Vous suppléez Alix.", JOUR + timedelta(days=7))
    dits = [(a.phrase, a.suite) for a in journee(designe, JOUR).avis]
    assert dits == [
        ("Votre absence est notée.", "Noa reçoit alors ce qui vous est adressé."),
        ("Absence de Seul.", "Personne ne supplée : dites dans l'annuaire qui le fera."),
    ]
    assert journee(monde.membres["bailleur_lecture"], JOUR).avis == ()
    actes.revenir(par=OPERATEUR, contact=gens["seul"])
    absenter(gens["noa"])
    absenter(gens["max"])
    assert journee(designe, JOUR).avis[0].suite.startswith("Personne ne supplée")


def test_l_annuaire_dit_a_qui_ecrire_et_un_retour_efface_l_absence(monde):
    """The partners' page names who receives today; back, the absence is over."""
    creer = {"par": OPERATEUR, "organisation": monde.bailleur}
    alix = actes.enregistrer(**creer, nom="Alix", courriel="alix@exemple.fr")
    actes.enregistrer(**creer, nom="Noa", courriel="noa@exemple.fr", supplee=alix)
    hier = aujourd_hui() - timedelta(days=1)
    absenter(alix, du=hier)
    absenter(alix, du=hier + timedelta(days=30))
    commune = navigateur(monde.membres["reservataire_lecture"])
    assert "écrivez à Noa." in commune.get(reverse("annuaire")).text
    client = navigateur(monde.membres["bailleur_responsable"])
    assert client.post(reverse("retour", args=[alix.identifiant])).url == reverse("annuaire")
    assert [(a.du, a.au) for a in alix.absences.all()] == [(hier, aujourd_hui())]
    assert "écrivez à Alix." in commune.get(reverse("annuaire")).text
