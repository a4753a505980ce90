"""Two ways to use a page: with a pointer, or with the keyboard alone."""

import re

from playwright.sync_api import Page

TABULATIONS_MAX = 80
ICI = """() => {
    const ici = document.activeElement;
    if (ici === document.body) return null;
    const mots = ici.labels && ici.labels.length ? ici.labels[0] : ici;
    return {nom: (mots.innerText || ici.value || "").trim(), visible: getComputedStyle(ici).outlineStyle !== "none"};
}"""


class Pointeur:
    """Fields and buttons found by what they say."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def remplir(self, champ: str, texte: str) -> None:
        """Type in a field."""
        self.page.get_by_label(champ, exact=True).fill(texte)

    def cocher(self, champ: str) -> None:
        """Tick a box."""
        self.page.get_by_label(champ, exact=True).check()

    def activer(self, nom: str) -> None:
        """Follow a link or press a button."""
        exact = re.compile(f"^{re.escape(nom)}$")
        self.page.get_by_role("button", name=exact).or_(
            self.page.get_by_role("link", name=exact)
        ).first.click()
        self.page.wait_for_load_state()


class Clavier(Pointeur):
    """The same with Tab, Enter and letters; the focus must always be seen."""

    def _aller(self, nom: str) -> None:
        for _ in range(TABULATIONS_MAX):
            self.page.keyboard.press("Tab")
            ici = self.page.evaluate(ICI)
            if ici and ici["nom"]:
                assert ici["visible"], f"le focus ne se voit pas sur « {ici['nom']} »"
            if ici and ici["nom"] == nom:
                return
        raise AssertionError(f"« {nom} » ne s'atteint pas au clavier sur {self.page.url}")

    def remplir(self, champ: str, texte: str) -> None:
        """Reach the field, type."""
        self._aller(champ)
        self.page.keyboard.type(texte)

    def cocher(self, champ: str) -> None:
        """Reach the box, press Space."""
        self._aller(champ)
        self.page.keyboard.press("Space")

    def activer(self, nom: str) -> None:
        """Reach the button or the link, press Enter."""
        self._aller(nom)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
