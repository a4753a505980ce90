"""Screenshots of every page of a demo that is being served, to be looked at.

    .venv/bin/python tests/web/parcours/captures.py http://localhost:8000 captures

Each role enters by the login page and follows its links; a kind of page is shot once a role's menu shows it first, at
1280 and 360 pixels, light and dark.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from playwright.sync_api import Browser, Error, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
LARGEURS = (1280, 360)
THEMES = ("light", "dark")
IDENTIFIANT = re.compile(r"/[23456789abcdefghjkmnpqrstuvwxyz]{16}(?=/)")
PUBLIQUES = (
    "",
    "accessibilite/",
    "mentions-legales/",
    "donnees-personnelles/",
    "compte/login/",
    "compte/password/reset/",
    "nulle-part/",
)


def sorte(adresse: str) -> str:
    """The kind of page of an address: without identifiers."""
    return IDENTIFIANT.sub("/-", urlsplit(adresse).path).strip("/").replace("/", "_") or "accueil"


def photographier(page: Page, dossier: Path | str, nom: str) -> None:
    """Four images of the page as it is."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for largeur in LARGEURS:
            page.set_viewport_size({"width": largeur, "height": 800})
            page.screenshot(path=Path(dossier) / f"{nom}-{largeur}-{theme}.png", full_page=True)


def liens(page: Page) -> Iterator[str]:
    """Where a page leads, on the same site."""
    for lien in page.eval_on_selector_all("a[href]", "tous => tous.map(a => a.href)"):
        adresse = urldefrag(lien).url
        if urlsplit(adresse).netloc == urlsplit(page.url).netloc:
            yield adresse


def ouvrir(page: Page, adresse: str) -> bool:
    """Go to a page; False where a file is sent instead."""
    try:
        page.goto(adresse)
    except Error as erreur:
        if "Download is starting" not in str(erreur):
            raise
        return False
    return True


def parcourir(page: Page, dossier: Path, prefixe: str, vues: set[str]) -> None:
    """Shoot today's page of a role, then every kind of page it leads to that was not yet shot."""
    photographier(page, dossier, f"{prefixe}-aujourdhui")
    file, vues_ici = [*liens(page), urljoin(page.url, "/composants/")], {"aujourdhui"}
    while file:
        adresse = file.pop(0)
        if "?" in adresse or sorte(adresse) in vues_ici:
            continue
        vues_ici.add(sorte(adresse))
        if not ouvrir(page, adresse) or page.locator("main h1").inner_text().startswith("Vous n'avez pas"):
            continue
        vues_ici.add(sorte(page.url))
        if sorte(page.url) not in vues | {"aujourdhui"}:
            vues.add(sorte(page.url))
            photographier(page, dossier, sorte(page.url))
        file += liens(page)


def tout(navigateur: Browser, base: str, dossier: Path) -> None:
    """Public pages, then each role's."""
    contexte = navigateur.new_context(locale="fr-FR")
    page = contexte.new_page()
    for adresse in PUBLIQUES:
        page.goto(urljoin(base, adresse))
        photographier(page, dossier, f"public-{sorte(page.url)}")
    page.goto(urljoin(base, "compte/login/"))
    roles = page.locator(".roles button").all_inner_texts()
    contexte.close()
    vues: set[str] = set()
    for role in roles:
        contexte = navigateur.new_context(locale="fr-FR")
        page = contexte.new_page()
        page.goto(urljoin(base, "compte/login/"))
        page.get_by_role("button", name=role, exact=True).click()
        parcourir(page, dossier, re.sub(r"\W+", "-", role.lower()), vues)
        contexte.close()


if __name__ == "__main__":
    base, dossier = sys.argv[1].rstrip("/") + "/", Path(sys.argv[2])
    dossier.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as outil:
        chromium = outil.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tout(chromium, base, dossier)
        chromium.close()
    print(f"{len(list(dossier.glob('*.png')))} images dans {dossier}")
