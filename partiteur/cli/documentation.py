"""The generated pages of docs/: rules, texts, cadres, warnings. A test keeps them true."""

from collections.abc import Iterator
from typing import Any

from partiteur.cli.regles import charger_regles
from partiteur.moteur.cadre import DOSSIER, cadres_livres
from partiteur.moteur.schema import lire_toml
from partiteur.regles.cotation import Variable, catalogue_livre
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
        "docs/variables.md": _page("Les variables de la cotation", _variables()),
        "docs/criteres.md": _page("Les critères de la cotation", _criteres()),
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


def _variables() -> Iterator[str]:
    catalogue = catalogue_livre()
    yield "Ce qu'une grille peut lire d'une demande : le fichier des demandes a une colonne par variable. Les montants"
    yield "sont en euros, les taux s'écrivent « 0.33 », « 33 % » ou « 1/3 »."
    yield ""
    yield from (f"- Accès **{code}** : {qui}." for code, qui in catalogue.acces.items())
    permises = [v for v in catalogue.variables.values() if v.examen not in ("interdite", "uniformite")]
    yield ""
    yield from _tableau(
        ("variable", "ce que c'est", "type", "champ SNE", "rubrique du CERFA", "L441-1", "accès"),
        *(
            (f"`{v.code}`", v.libelle, _type(v), v.sne or "", v.cerfa or "", " ".join(v.publics), v.acces)
            for v in permises
        ),
    )
    for examen, titre in (("age", "À justifier"), ("residence", "À justifier"), ("interdite", "Interdites"),
                          ("uniformite", "Contraires à l'uniformité")):  # fmt: skip
        noms = ", ".join(f"`{v.code}`" for v in catalogue.variables.values() if v.examen == examen)
        yield from ("", f"**{titre}** : {noms}. {catalogue.examens[examen]}")
    listes = {tuple(v.codes.items()): v for v in reversed(catalogue.variables.values()) if v.codes}
    for codes, variable in reversed(listes.items()):
        yield from ("", f"## Codes de `{variable.code}`", "")
        yield from _tableau(("code", "libellé"), *codes)


def _type(variable: Variable) -> str:
    return f"{variable.type}, {variable.unite}" if variable.unite else variable.type


def _criteres() -> Iterator[str]:
    yield "Ce qu'une grille peut coter. La liste officielle du SNE n'a pas été lue : celle-ci vient des textes et des"
    yield "grilles publiées. `partiteur grille verifier --criteres FICHIER` prend la vôtre à sa place."
    yield ""
    yield from _tableau(
        ("critère", "libellé", "origine", "base", "variables", "confiance"),
        *(
            (
                f"`{c.code}`",
                c.libelle,
                c.origine,
                c.base,
                ", ".join(f"`{v}`" for v in c.variables),
                "article lu" if c.confiance == "lu" else "à vérifier",
            )
            for c in catalogue_livre().criteres.values()
        ),
    )
