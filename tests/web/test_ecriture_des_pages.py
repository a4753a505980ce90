"""How the pages are written: French as it is printed, no word of the glossary's list, cards on a phone, contrast."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from test_depot_pages import mots_employes, mots_interdits

from partiteur import web
from partiteur.web.templatetags.typographie import FINE, jour, nombre, pourcent, typo

RACINE = Path(web.__file__).parent
GABARITS = sorted(p for p in (RACINE / "templates").rglob("*") if p.suffix in (".html", ".txt"))
CSS = RACINE / "static/web/partiteur.css"
CODE = re.compile(r"<!--.*?-->|<[^>]*>|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.S)
MAL_ESPACE = re.compile("[ \u00a0][;:!?%»]|«[ \u00a0]|\\d[ \u00a0]\\d{3}\\b")
EN_LIGNE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\s(?:style|on[a-z]+)\s*=", re.I)


def mots(gabarit):
    """What a template says to a person, its code taken out."""
    return CODE.sub("¤", gabarit.read_text("utf-8"))


def test_les_espaces_fines():
    """« ; : ! ? % » and the quotes follow a narrow no-break space, in every template."""
    fautes = [
        f"{gabarit.relative_to(RACINE)} : « {mots(gabarit)[max(0, f.start() - 20) : f.end()]} »"
        for gabarit in GABARITS
        for f in MAL_ESPACE.finditer(mots(gabarit))
    ]
    assert fautes == []


def test_rien_en_ligne():
    """The security policy takes no inline style nor script."""
    assert [str(g) for g in GABARITS if EN_LIGNE.search(g.read_text("utf-8"))] == []


def test_les_tableaux_ont_legende_et_portees():
    """A caption, scoped headers; each cell says its column, for the card it becomes at 360 px."""
    fautes = []
    for gabarit in GABARITS:
        lu = gabarit.read_text("utf-8")
        for table in re.findall(r"<table.*?</table>", lu, re.S):
            if "<caption" not in table:
                fautes.append(f"{gabarit.name} : tableau sans légende")
            fautes += [f"{gabarit.name} : {th}" for th in re.findall(r"<th(?![^>]*scope=)[ >][^>]*>?", table)]
    assert fautes == []


def test_aucun_mot_interdit():
    """D74: the glossary's list, in every template; test_depot_pages reads the code."""
    interdits = mots_interdits((RACINE.parents[1] / "GLOSSARY.md").read_text("utf-8"))
    assert interdits
    lus = {gabarit.name: gabarit.read_text("utf-8").replace(FINE, " ") for gabarit in GABARITS}
    assert [(nom, mot) for nom, texte in lus.items() for mot in mots_employes(texte, interdits)] == []


def _luminance(couleur):
    canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    lineaires = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux]
    return sum(poids * c for poids, c in zip((0.2126, 0.7152, 0.0722), lineaires, strict=True))


def contraste(a, b):
    """The ratio of two colours, from 1 to 21."""
    haut, bas = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (haut + 0.05) / (bas + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["clair", "sombre"])
def test_le_contraste_des_couleurs(theme):
    """Text at 7:1 on every ground it lies on; the edge of a field and the accent at 3:1."""
    couleurs = dict(
        re.findall(
            r"--([a-z0-9-]+): (#[0-9a-f]{6})",
            re.findall(r":root \{(.*?)\}", CSS.read_text("utf-8"), re.S)[theme],
        )
    )
    for fond in ("paper", "sand"):
        for texte in ("ink", "ink-2", "lien", "amber", "red", "green"):
            assert contraste(couleurs[texte], couleurs[fond]) >= 7, (texte, fond)
        for trait in ("water", "edge", "step-1"):
            assert contraste(couleurs[trait], couleurs[fond]) >= 3, (trait, fond)
    for fond in ("water-2", "amber-2", "red-2", "green-2"):
        assert contraste(couleurs["ink"], couleurs[fond]) >= 7, fond


def test_la_feuille_de_style_reste_petite():
    """One stylesheet, of at most 400 lines."""
    assert len(CSS.read_text("utf-8").splitlines()) <= 400
    assert [p.name for p in CSS.parent.glob("*.css")] == [CSS.name]


def test_la_typographie():
    """Spaces, numbers, dates as they are printed; what is unknown says so, zero is 0."""
    assert typo("« Toulon » : 12 450 ; 10 %") == f"«{FINE}Toulon{FINE}»{FINE}: 12{FINE}450{FINE}; 10{FINE}%"
    assert typo("https://exemple.fr:8000/a") == "https://exemple.fr:8000/a"
    assert (nombre(12450), nombre(0), nombre(None)) == (f"12{FINE}450", "0", "inconnu")
    assert (pourcent(None), jour("2024-05-01"), jour("2024-05-06"), jour(None)) == (
        "inconnue",
        "1er mai 2024",
        "6 mai 2024",
        "",
    )


def test_un_gabarit_rend_les_filtres_partout():
    """No template has to load what it is written with."""
    assert "partiteur.web.templatetags.typographie" in settings.TEMPLATES[0]["OPTIONS"]["builtins"]
