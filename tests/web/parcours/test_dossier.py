"""What issue 9 asks to see of the flux: a bailleur's first visit, an EPCI's comparison, a préfet's contrôle.

With a pointer, by keyboard alone, without JavaScript; every page met is read by axe, in both themes and on a phone.
"""

import re
from contextlib import ExitStack

import pytest
from fabriques import DOSSIER, creer_dossier, creer_organisation
from gestes import Clavier
from test_flux_web import PIECES
from test_parcours import FACONS, controler, ouvrir

from partiteur.web.models import Dossier

AU_DESSUS = DOSSIER.replace('type = "departement"', 'type = "etat_prioritaires"').replace("20 %", "45 %")
DEUX = {
    "pointeur": FACONS["pointeur"],
    "clavier, sans JavaScript": (Clavier, {"java_script_enabled": False}),
}


@pytest.fixture(autouse=True)
def ailleurs(settings, tmp_path):
    """Files of each test in a place of its own."""
    settings.MEDIA_ROOT = tmp_path / "fichiers"


class Lecteur:
    """Somebody at a browser, in a way; each page met is read by axe once, when JavaScript lets it."""

    def __init__(self, pile, chromium, site, membre, facon):
        maniere, options = DEUX[facon]
        self.page = ouvrir(pile, chromium, site, membre, **options)
        self.page.set_default_timeout(10_000)
        self.geste, self.site = maniere(self.page), site
        self.lit = facon == "pointeur"
        self.fautes = []

    def aller(self, chemin):
        self.page.goto(f"{self.site}{chemin}")
        self.lire()

    def lire(self):
        if self.lit:
            self.fautes += [f"{self.page.url} : {faute}" for faute in controler(self.page)]
            self.page.set_viewport_size({"width": 1280, "height": 800})

    def activer(self, nom):
        self.geste.activer(nom)
        self.lire()

    def choisir(self, champ, choix):
        """A choice of a list: the pointer takes it, the keyboard types its first letters."""
        if isinstance(self.geste, Clavier):
            self.geste.remplir(champ, choix)
        else:
            self.page.get_by_label(champ, exact=True).select_option(label=choix)

    def corriger(self, champ, texte):
        """From the summary of the faults: its link leads to the field, which is then filled afresh."""
        lien = self.page.locator(".alerte").get_by_role("link", name=champ, exact=True)
        if not isinstance(self.geste, Clavier):
            lien.click()
            ici = self.page.get_by_label(champ, exact=True)
            ici.select_option(label=texte) if ici.evaluate("e => e.tagName") == "SELECT" else ici.fill(texte)
            return
        lien.focus()
        self.page.keyboard.press("Enter")
        assert self.page.evaluate("() => document.activeElement.labels[0].innerText.trim()") == champ
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(texte)

    def joindre(self, champ, nom, contenu):
        """A file: the one gesture a keyboard cannot do without the system's own window."""
        self.page.get_by_label(champ, exact=True).set_input_files(
            {"name": nom, "mimeType": "text/csv", "buffer": contenu.encode()}
        )

    def dit(self):
        return re.sub("[\\s\u202f]+", " ", self.page.locator("main").inner_text())


@pytest.fixture
def lecteur(chromium, site):
    """Make a reader; at the end, nothing was wrong with any page."""
    with ExitStack() as pile:
        lecteurs = []

        def faire(membre, facon):
            lecteurs.append(Lecteur(pile, chromium, site, membre, facon))
            return lecteurs[-1]

        yield faire
        assert [faute for lu in lecteurs for faute in lu.fautes] == []


@pytest.mark.long
@pytest.mark.parametrize("facon", DEUX)
def test_de_la_premiere_visite_au_flux_adopte(lecteur, monde, facon):
    """Import the parc and the register; make the dossier by forms; correct a fault; adopt."""
    lu = lecteur(monde.membres["bailleur_responsable"], facon)
    for nature, mots in (("parc", "Parc"), ("droits", "Registre des droits")):
        lu.aller("/parc/importer/")
        lu.page.get_by_label(mots, exact=True).check()
        lu.joindre("Fichier", f"{nature}.csv", PIECES[f"{nature}.csv"])
        lu.activer("Lire et contrôler")
        lu.page.get_by_label("Situation au").fill("2023-12-31")
        if lu.page.get_by_label("J'ai lu le rapport de contrôle").count():
            lu.geste.cocher("J'ai lu le rapport de contrôle")
        lu.activer("Importer ce fichier")
    lu.aller("/flux/")
    lu.activer("Faire ou déposer un dossier")
    lu.page.get_by_label("Année du flux", exact=True).fill("2024")
    lu.choisir("Cadre", "PACA 2024")
    lu.activer("Commencer")
    lu.joindre("Fichier des libérations", "departs.csv", PIECES["liberations.csv"])
    lu.activer("Enregistrer")
    assert "Version 1 enregistrée" in lu.dit()
    lu.activer("Ajouter un réservataire")
    lu.geste.remplir("Code du réservataire", "als")
    lu.geste.remplir("Part", "beaucoup")
    lu.activer("Enregistrer")
    assert "Type de réservataire : Ce champ est obligatoire." in lu.dit()
    assert "« beaucoup » n'est pas un nombre" in lu.dit()
    assert lu.page.get_by_label("Code du réservataire").input_value() == "als"
    for champ, texte in (("Type de réservataire", "Action Logement Services"), ("Part", "10 %")):
        lu.corriger(champ, texte)
    lu.activer("Enregistrer")
    assert "Version 2 enregistrée" in lu.dit()
    lu.activer("Voir le flux de cette version")
    assert "21 logements à répartir en 2024" in lu.dit()
    lu.activer("Adopter cette version")
    assert "ses chiffres ne bougeront plus" in lu.dit()
    assert "identique" in lu.dit()
    adopte = Dossier.objects.get(adopte_le__isnull=False)
    assert adopte.version == 2
    assert adopte.adopte_par == monde.membres["bailleur_responsable"]


@pytest.mark.parametrize("facon", DEUX)
def test_un_epci_compare_deux_bailleurs(lecteur, monde, facon):
    """From the list of flux to the figures of both, side by side."""
    second = creer_organisation("bailleur", nom="Second bailleur", territoires=[("epci", "200000001")])
    creer_dossier(monde.bailleur)
    creer_dossier(second, texte=DOSSIER.replace("15000", "12000"))
    lu = lecteur(monde.membres["epci"], facon)
    lu.aller("/flux/")
    lu.activer("Comparer des flux")
    noms = [texte.strip() for texte in lu.page.locator("main .case label").all_inner_texts()]
    assert len(noms) == 2
    for nom in noms:
        lu.geste.cocher(nom)
    lu.activer("Comparer")
    ligne = lu.page.get_by_role("row", name=re.compile("^Flux à répartir")).first.inner_text()
    assert {re.sub(r"\D", "", n) for n in ligne.split("\t")[1:]} == {"1500", "1200"}


@pytest.mark.parametrize("facon", DEUX)
def test_la_ddets_trouve_le_bailleur_au_dessus_de_30_pour_cent(lecteur, monde, facon):
    """From the list of flux to the figure that passes the cap."""
    fautif = creer_organisation("bailleur", nom="Second bailleur", territoires=[("departement", "99")])
    creer_dossier(monde.bailleur)
    creer_dossier(fautif, texte=AU_DESSUS)
    lu = lecteur(monde.membres["etat_departement"], facon)
    lu.aller("/flux/")
    lu.activer("Contrôle de légalité")
    lu.choisir("Vérification", "L'État ne dépasse pas 30 % du flux")
    lu.activer("Chercher")
    reponses = lu.page.locator("#reponses ~ .defile tbody tr")
    assert reponses.count() == 1
    assert "Second bailleur, 2024" in reponses.inner_text()
    assert "45" in reponses.inner_text()
    lien = reponses.get_by_role("link")
    lien.focus()
    with lu.page.expect_navigation():
        lu.page.keyboard.press("Enter")
    lu.lire()
    assert lu.page.url.endswith("#parts")
    assert "L'État aurait 45 % du flux, au-dessus du plafond de 30 %" in lu.dit()
