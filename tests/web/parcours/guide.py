"""The screenshots of docs/guide/, taken again from a demo that is being served.

    .venv/bin/python tests/web/parcours/guide.py http://localhost:8000 docs/guide/images

A scene is a role, a width, and the links followed from its home; what is seen without scrolling is kept.
"""

import sys
from pathlib import Path
from urllib.parse import urljoin

from captures import CHROMIUM
from playwright.sync_api import Browser, sync_playwright

ORDINATEUR, TELEPHONE = {"width": 1280, "height": 860}, {"width": 360, "height": 740}
BAILLEUR, RESERVATAIRE, ETAT = "Bailleur, responsable", "Réservataire, désignation", "État, département"
COCHER = "les deux premières cases, puis le bouton"
SCENES = {
    "bailleur-aujourdhui": (BAILLEUR, ORDINATEUR, ()),
    "bailleur-parc": (BAILLEUR, ORDINATEUR, ("Parc",)),
    "bailleur-flux": (BAILLEUR, ORDINATEUR, ("Flux", "Aurette Habitat")),
    "bailleur-ecarts": (BAILLEUR, ORDINATEUR, ("Parc", "Écarts entre nous")),
    "reservataire-aujourdhui": (RESERVATAIRE, TELEPHONE, ()),
    "reservataire-parc": (RESERVATAIRE, TELEPHONE, ("Parc", "Aurette Habitat")),
    "reservataire-lignes": (RESERVATAIRE, TELEPHONE, ("Parc", "Aurette Habitat", "lignes")),
    "ddets-legalite": (ETAT, ORDINATEUR, ("Flux", "Contrôle de légalité")),
    "ddets-comparer": (ETAT, ORDINATEUR, ("Flux", "Comparer des flux", COCHER)),
}


def prendre(navigateur: Browser, base: str, dossier: Path) -> None:
    """One image a scene."""
    for nom, (role, taille, liens) in SCENES.items():
        contexte = navigateur.new_context(locale="fr-FR", viewport=taille, color_scheme="light")
        page = contexte.new_page()
        page.goto(urljoin(base, "compte/login/"))
        page.get_by_role("button", name=role, exact=True).click()
        for mots in liens:
            if mots == COCHER:
                for case in page.get_by_role("checkbox").all()[:2]:
                    case.check()
                page.locator("main form button").click()
                continue
            lien = page.locator("a", has_text=mots).first.get_attribute("href")
            assert lien, f"{nom} : aucun lien « {mots} »"
            page.goto(urljoin(page.url, lien))
        page.screenshot(path=dossier / f"{nom}.png")
        contexte.close()


if __name__ == "__main__":
    images = Path(sys.argv[2])
    images.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as outil:
        chromium = outil.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        prendre(chromium, sys.argv[1].rstrip("/") + "/", images)
        chromium.close()
    print(f"{len(SCENES)} images dans {images}")
