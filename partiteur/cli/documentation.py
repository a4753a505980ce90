"""The generated pages of docs/: rules, texts, cadres, warnings. A test keeps them true."""

from collections.abc import Iterator
from typing import Any

from partiteur.cli.regles import charger_regles
from partiteur.moteur.cadre import DOSSIER, cadres_livres
from partiteur.moteur.schema import lire_toml
from partiteur.regles.socle import bareme, interpretations, textes

ENTETE = (
    "<!-- Page engendrée par « partiteur regles --documentation docs » : ne la modifiez pas à la main. -->\n"
)
GRAVITES = {"illegal": "illégal", "a_justifier": "à justifier", "information": "information"}
CONFIANCES = {"lu": "article lu", "doctrine": "doctrine", "convention": "convention de calcul"}


def pages() -> dict[str, str]:
    """Relative path → content of every generated page."""
    return {
        "docs/regles.md": _page("Les règles", _regles()),
        "docs/textes.md": _page("Les textes cités", _textes()),
        "docs/cadres.md": _page("Les cadres", _cadres()),
        "docs/interpretations.md": _page("Les interprétations", _interpretations()),
        "docs/avertissements.md": _page("Les avertissements", _avertissements()),
    }


def _page(titre: str, lignes: Iterator[str]) -> str:
    return "\n".join([ENTETE, f"# {titre}", "", *lignes]).rstrip() + "\n"


def _tableau(*lignes: tuple[Any, ...]) -> Iterator[str]:
    yield "| " + " | ".join(str(c) for c in lignes[0]) + " |"
    yield "|" + "---|" * len(lignes[0])
    for ligne in lignes[1:]:
        yield "| " + " | ".join(str(c).replace("|", "\\|") for c in ligne) + " |"


def _regles() -> Iterator[str]:
    yield "Chaque règle est une fonction de `partiteur/regles/` ; ses cas sont dans `tests/cas/`."
    module = None
    for regle in charger_regles().values():
        if regle.module != module:
            module = regle.module
            yield from ("", f"## {module}", "")
        depuis = f"depuis le {regle.du:%d/%m/%Y}" + (
            f", jusqu'au {regle.au:%d/%m/%Y} exclu" if regle.au else ""
        )
        cites = ", ".join(textes()[t]["cite"] for t in regle.textes)
        yield f"- **`{regle.nom}`** : {regle.resume} ({depuis} ; {cites})"


def _textes() -> Iterator[str]:
    yield from _tableau(
        ("texte", "titre", "vérifié le", "confiance"),
        *(
            (t["cite"], t["titre"], f"{t['verifie_le']:%d/%m/%Y}", CONFIANCES[t["confiance"]])
            for t in textes().values()
        ),
    )


def _cadres() -> Iterator[str]:
    yield "Un cadre est une méthode locale, datée et sourcée. `partiteur cadre verifier` vérifie le vôtre."
    for code in cadres_livres():
        document = lire_toml(DOSSIER / f"{code}.toml")
        herite = f", hérite de `{document['herite']}`" if "herite" in document else ""
        source = textes()[document["texte"]]["titre"]
        yield from (
            "",
            f"## {document['titre']} (`{code}`)",
            "",
            f"Depuis le {document['du']}{herite}. Source : {source}.",
            "",
        )
        tables = [(nom, table) for nom, table in document.items() if isinstance(table, dict)]
        lignes = [
            (nom, cle, _valeur(v), textes()[t["texte"]]["cite"])
            for nom, t in tables
            for cle, v in t.items()
            if cle != "texte"
        ]
        yield from _tableau(("matière", "clé", "valeur", "texte"), *lignes)


def _valeur(valeur: Any) -> str:
    return ", ".join(valeur) if isinstance(valeur, list) else str(valeur)


def _interpretations() -> Iterator[str]:
    yield "Là où un texte se tait ou hésite : ce qui est lu, depuis quand, avec quelle confiance, et l'autre lecture."
    for chiffre, lectures in interpretations().items():
        yield from ("", f"## `{chiffre}`")
        for i in lectures:
            yield from ("", f"**{i['question']}** [{textes()[i['texte']]['cite']}]", "")
            yield f"- depuis le {i['du']:%d/%m/%Y} : {i['lecture']} (confiance {i['confiance']})"
            yield f"- autre lecture : {i['autre']}"


def _avertissements() -> Iterator[str]:
    lignes = [
        (f"`{code}`", GRAVITES[a["gravite"]], a["message"], textes()[a["texte"]]["cite"])
        for code, a in bareme("avertissements").items()
        if isinstance(a, dict)
    ]
    yield from _tableau(("code", "gravité", "phrase", "texte"), *lignes)
