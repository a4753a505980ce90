"""Inheritance from a socle: points move within its bounds, its mandatory criteria never disappear."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from partiteur.regles.cotation.constat import Constat, erreur
from partiteur.regles.socle import fraction, nombre

POINTS = ("points", "points_par_unite")  # the keys that hold points, at any depth of a form
REGLABLES = ("points", "points_par_unite", "paliers", "tranches", "valeurs", "tableau", "plafond")


def heriter(
    document: Mapping[str, Any], socle: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Constat, ...]]:
    """A grid's document laid over its socle's, and what the socle forbids in it.

    Both documents fit schemas/grille.json; the socle's own inheritance is resolved. A criterion of the socle named
    again takes the new points; `retire` drops others; new criteria and rubriques come after. The result has no
    `etend` left to follow, but says it.
    """
    constats = [*_version(document, socle), *_retraits(document, socle), *_rubriques(document, socle)]
    retires = {code for code in document.get("retire", ()) if not _obligatoire(socle, code)}
    nouveaux = {c["code"]: c for c in document.get("criteres", ())}
    criteres: list[Mapping[str, Any]] = []
    for critere in socle.get("criteres", ()):
        propre = nouveaux.pop(critere["code"], None)
        if propre is not None:
            constats += _modifications(critere, propre, socle)
            criteres.append({**critere, **propre})
        elif critere["code"] not in retires:
            criteres.append(critere)
    criteres += [c for c in document.get("criteres", ()) if c["code"] in nouveaux]
    reuni = {**socle, **{cle: v for cle, v in document.items() if cle != "retire"}}
    reuni |= {
        "criteres": criteres,
        "rubriques": {**socle.get("rubriques", {}), **document.get("rubriques", {})},
        "hors_cotation": [*socle.get("hors_cotation", ()), *document.get("hors_cotation", ())],
        "references": {**socle.get("references", {}), **document.get("references", {})},
        "bornes": socle.get("bornes", {}),
    }
    return reuni, tuple(constats)


def _version(document: Mapping[str, Any], socle: Mapping[str, Any]) -> Iterator[Constat]:
    voulu, donne = document["etend"], f"{socle['grille']}@{socle['version']}"
    if voulu != donne:
        yield erreur(
            "socle_absent", "etend", f"La grille étend « {voulu} », mais le socle lu est « {donne} »."
        )


def _obligatoire(socle: Mapping[str, Any], code: str) -> bool:
    return any(c["code"] == code and c.get("origine") == "obligatoire" for c in socle.get("criteres", ()))


def _retraits(document: Mapping[str, Any], socle: Mapping[str, Any]) -> Iterator[Constat]:
    connus = {c["code"] for c in socle.get("criteres", ())}
    for code in document.get("retire", ()):
        if code not in connus:
            yield erreur("retrait_inconnu", "retire", f"Le socle n'a pas de critère « {code} » à retirer.")
        elif _obligatoire(socle, code):
            yield erreur(
                "obligatoire_retire",
                "retire",
                f"Le critère « {code} » est obligatoire dans le socle : il ne peut être retiré.",
            )


def _rubriques(document: Mapping[str, Any], socle: Mapping[str, Any]) -> Iterator[Constat]:
    siennes = socle.get("rubriques", {})
    for code, rubrique in document.get("rubriques", {}).items():
        if code in siennes and rubrique != siennes[code]:
            yield erreur(
                "heritage_modifie",
                f"rubriques.{code}",
                f"La rubrique « {code} » est celle du socle : une grille qui l'étend ne la change pas.",
            )


def _modifications(
    critere: Mapping[str, Any], propre: Mapping[str, Any], socle: Mapping[str, Any]
) -> Iterator[Constat]:
    """What a grid may not change in a criterion of its socle."""
    code = critere["code"]
    for cle, valeur in propre.items():
        permis = cle in REGLABLES and cle in critere and _squelette(valeur) == _squelette(critere[cle])
        if valeur != critere.get(cle) and not permis:
            yield erreur(
                "heritage_modifie",
                f"criteres.{code}.{cle}",
                f"Critère « {code} » : « {cle} » vient du socle ; seuls les points peuvent changer.",
            )
        elif permis and valeur != critere[cle]:
            yield from _bornes(code, cle, valeur, socle)


def _bornes(code: str, cle: str, valeur: Any, socle: Mapping[str, Any]) -> Iterator[Constat]:
    bornes = socle.get("bornes", {}).get(code)
    chemin = f"criteres.{code}.{cle}"
    if bornes is None:
        yield erreur(
            "hors_bornes",
            chemin,
            f"Critère « {code} » : le socle ne donne pas de bornes, ses points sont fixes.",
        )
        return
    minimum, maximum = fraction(bornes["min"]), fraction(bornes["max"])
    for points in _points(cle, valeur):
        if not minimum <= points <= maximum:
            yield erreur(
                "hors_bornes",
                chemin,
                f"Critère « {code} » : {nombre(points)} points, hors des bornes du socle, de {nombre(minimum)} à "
                f"{nombre(maximum)}.",
            )


def _squelette(valeur: Any) -> Any:
    """A form without its points: what must stay as the socle says."""
    if isinstance(valeur, Mapping):
        return {cle: None if cle in POINTS else _squelette(v) for cle, v in valeur.items()}
    if isinstance(valeur, list):
        return [_squelette(v) for v in valeur]
    return None


def _points(cle: str, valeur: Any) -> Iterator[Fraction]:
    """Every number of points a key sets."""
    if isinstance(valeur, Mapping):
        for sous_cle, v in valeur.items():
            if cle == "valeurs" or sous_cle in POINTS:
                yield from _points(POINTS[0], v)
    elif isinstance(valeur, list):
        for v in valeur:
            yield from _points(cle, v)
    else:
        yield fraction(valeur)
