"""The same dossier under several cadres, or conversions of the stock: where the results part, at which step, by which text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from partiteur.moteur.cadre import charger_cadre
from partiteur.moteur.flux import construire
from partiteur.moteur.flux.comptes import Document
from partiteur.moteur.schema import DocumentInvalide, valider
from partiteur.moteur.tableur import lire_document
from partiteur.regles.faits import Cadre, Dossier, Reservataire
from partiteur.regles.flux import flux as calculer
from partiteur.regles.flux.feuille import Flux
from partiteur.regles.socle import ErreurUtilisateur, bareme, citer, nombre, pourcentage

REGIMES = {
    "flux": "dans le flux",
    "annee_livraison": "en plus du flux, l'année de livraison",
    "litterale": "dans les droits de l'année, sans les augmenter",
    "un_tour": "à part, pour un tour",
}

CONVERSIONS = {
    "assiette": "Part de l'assiette",
    "rotation_ponderee": "Part pondérée par la rotation",
    "droits_uniques": "Droits uniques",
    "negocie": "Flux négocié",
}

LIBELLES = {
    "exclus": "Exclus",
    "assiette": "Assiette",
    "rotation": "Rotation",
    "volume": "Volume attendu",
    "soustraits": "Soustraits",
    "flux_a_repartir": "Flux à répartir",
    "majoration": "Majoration au titre du neuf",
}


@dataclass(frozen=True)
class Essai:
    """A dossier under one cadre, or one conversion: its flux, or the sentence that says why there is none."""

    cadre: str
    titre: str
    flux: Flux | None
    refus: str | None


@dataclass(frozen=True)
class Ecart:
    """One step at which cadres differ: the value of each (None when it gives no flux), and why."""

    etape: str
    cadres: tuple[str, ...]
    valeurs: tuple[Fraction | None, ...]
    cause: str
    textes: tuple[str, ...]


@dataclass(frozen=True)
class Comparaison:
    """The dossier under each cadre, and the steps at which they part."""

    essais: tuple[Essai, ...]
    ecarts: tuple[Ecart, ...]


def comparer(chemin: Path, cadres: Sequence[str]) -> Comparaison:
    """Compute a dossier under its own cadre's figures replaced by each of `cadres`.

    A cadre the dossier's figures do not suffice for is kept, with its refusal. Raises DocumentInvalide on a bad
    dossier or an unknown cadre.
    """
    document = _lire(chemin)
    charges = [charger_cadre(code, chemin.parent, document) for code in cadres]
    essais = [_essayer(cadre.code, cadre.titre, document, chemin, cadre) for cadre in charges]
    return Comparaison(tuple(essais), tuple(_ecarts(essais)))


def comparer_conversions(chemin: Path, methodes: Sequence[str]) -> Comparaison:
    """Compute a dossier with the stock of every réservataire converted into flux by each of `methodes` (S2).

    A conversion the dossier's figures do not suffice for is kept, with its refusal. Raises DocumentInvalide on a bad
    dossier or an unknown conversion.
    """
    document = _lire(chemin)
    inconnues = [m for m in methodes if m not in CONVERSIONS]
    if inconnues:
        raise DocumentInvalide(
            f"La conversion « {inconnues[0]} » est inconnue. Conversions : {', '.join(CONVERSIONS)}."
        )
    cadre = charger_cadre(document["cadre"], chemin.parent, document)
    essais = []
    for methode in methodes:
        convertis = [{**r, "methode": methode} for r in document.get("reservataires", [])]
        essais.append(
            _essayer(methode, CONVERSIONS[methode], {**document, "reservataires": convertis}, chemin, cadre)
        )
    return Comparaison(tuple(essais), tuple(_ecarts(essais)))


def _lire(chemin: Path) -> Document:
    document = lire_document(chemin)
    valider(document, "dossier", chemin)
    return document


def _essayer(code: str, titre: str, document: Document, chemin: Path, cadre: Cadre) -> Essai:
    try:
        return Essai(code, titre, calculer(construire(document, chemin, cadre)), None)
    except ErreurUtilisateur as refus:
        return Essai(code, titre, None, str(refus))


def _ecarts(essais: Sequence[Essai]) -> list[Ecart]:
    calcules = [(essai.cadre, essai.flux) for essai in essais if essai.flux is not None]
    ecarts = []
    for etape, (lire, expliquer, sources) in ETAPES.items():
        if len({lire(flux) for _, flux in calcules}) > 1:
            valeurs = tuple(lire(essai.flux) if essai.flux else None for essai in essais)
            par_cause: dict[str, list[str]] = {}
            for cadre, flux in calcules:
                par_cause.setdefault(expliquer(flux), []).append(cadre)
            causes = [f"{', '.join(cadres)} : {cause}" for cause, cadres in par_cause.items()]
            cites = dict.fromkeys(citer(texte) for _, flux in calcules for texte in sources(flux))
            ecarts.append(
                Ecart(etape, tuple(e.cadre for e in essais), valeurs, " ; ".join(causes), tuple(cites))
            )
    return ecarts


def _explique_exclus(flux: Flux) -> str:
    motifs = bareme("exclus")["motifs"]
    exclus = flux.territoire.assiette.exclus
    return ", ".join(f"{motifs[m]['libelle']} {nombre(n)}" for m, n in exclus.items()) or "rien d'exclu"


def _explique_assiette(flux: Flux) -> str:
    assiette = flux.territoire.assiette
    return f"{nombre(assiette.parc)} - {nombre(assiette.parc - assiette.total)} exclus"


def _explique_rotation(flux: Flux) -> str:
    if flux.territoire.taux is None:
        return "sans rotation"
    definition = flux.dossier.definition
    return definition.libelle if definition else "taux donné par le bailleur"


def _explique_volume(flux: Flux) -> str:
    dossier = flux.dossier
    methode = "moyenne des baux signés" if flux.territoire.taux is None else "assiette × rotation"
    neuf = [p for p in dossier.neuf if p.regime == "flux" and p.livraison.year == dossier.exercice]
    if not neuf:
        return methode
    return f"{methode}, plus {nombre(sum(p.logements for p in neuf))} premières mises en location"


def _explique_soustraits(flux: Flux) -> str:
    categories = bareme("soustraits")
    soustraits = {c: n for c, n in flux.territoire.soustraits.items() if n}
    dits = (f"{categories[c]['libelle']} {nombre(n)}" for c, n in soustraits.items())
    return ", ".join(dits) or "rien de soustrait"


def _explique_flux(flux: Flux) -> str:
    if flux.dossier.cadre.ordre == "soustraits_d_abord":
        return "soustraits retranchés du stock avant la rotation"
    return "soustraits retranchés après la rotation"


def _explique_neuf(flux: Flux) -> str:
    regimes = dict.fromkeys(REGIMES[p.regime] for p in flux.neuf)
    return "premières mises en location " + " et ".join(regimes)


def _textes_exclus(flux: Flux) -> list[str]:
    return [bareme("exclus")["motifs"][m]["texte"] for m in flux.territoire.assiette.exclus]


def _texte_rotation(flux: Flux) -> list[str]:
    return [flux.dossier.definition.texte] if flux.dossier.definition else []


def _textes_soustraits(flux: Flux) -> list[str]:
    return [bareme("soustraits")[c]["texte"] for c, n in flux.territoire.soustraits.items() if n]


def _texte_cadre(flux: Flux) -> list[str]:
    return [flux.dossier.cadre.texte]


Lecture = Callable[[Flux], Any]
ETAPES: dict[str, tuple[Lecture, Callable[[Flux], str], Callable[[Flux], list[str]]]] = {
    "exclus": (lambda f: Fraction(sum(f.territoire.assiette.exclus.values())), _explique_exclus, _textes_exclus),
    "assiette": (lambda f: Fraction(f.territoire.assiette.total), _explique_assiette, _textes_exclus),
    "rotation": (lambda f: f.territoire.taux, _explique_rotation, _texte_rotation),
    "volume": (lambda f: f.territoire.volume, _explique_volume, _texte_cadre),
    "soustraits": (
        lambda f: sum(f.territoire.soustraits.values(), Fraction(0)), _explique_soustraits, _textes_soustraits
    ),
    "flux_a_repartir": (lambda f: f.territoire.exact, _explique_flux, _texte_cadre),
    "majoration": (lambda f: Fraction(sum(p.majoration for p in f.reservataires)), _explique_neuf, _texte_cadre),
}  # fmt: skip


def actualiser(ancien: Path, nouveau: Path) -> tuple[Comparaison, tuple[str, ...]]:
    """Two years of a dossier: where the results part, and what changed in the facts (D60).

    New programmes, rights of each réservataire, rotation, parc, exclusions.
    """
    essais, dossiers = [], []
    for chemin in (ancien, nouveau):
        document = lire_document(chemin)
        valider(document, "dossier", chemin)
        dossier = construire(document, chemin)
        dossiers.append(dossier)
        essais.append(Essai(str(dossier.exercice), dossier.cadre.titre, calculer(dossier), None))
    return Comparaison(tuple(essais), tuple(_ecarts(essais))), tuple(_changements(*dossiers))


def _changements(avant: Dossier, apres: Dossier) -> list[str]:
    changements = []
    connus = {p.programme for p in avant.neuf}
    for programme in apres.neuf:
        if programme.programme not in connus:
            changements.append(f"Programme neuf « {programme.programme} » : {programme.logements} logements.")
    livres = [p for p in avant.neuf if p.livraison.year == avant.exercice]
    changements += [f"« {p.programme} », livré en {avant.exercice}, entre dans l'assiette." for p in livres]
    anciens = {r.code: r for r in avant.reservataires}
    for r in apres.reservataires:
        ancien = anciens.pop(r.code, None)
        nom = r.nom or r.code
        if ancien is None:
            changements.append(f"{nom} : nouveau réservataire.")
        elif _droits(ancien) != _droits(r):
            changements.append(f"{nom} : {_engagement(ancien)} l'an dernier, {_engagement(r)} cette année.")
    changements += [f"{r.nom or r.code} : n'est plus réservataire." for r in anciens.values()]
    if avant.cadre.code != apres.cadre.code:
        changements.append(f"Cadre « {apres.cadre.code} » au lieu de « {avant.cadre.code} ».")
    return changements


def _droits(r: Reservataire) -> tuple[Any, ...]:
    """What a réservataire holds, however its convention says it."""
    return r.methode, r.base, r.part, r.volume, r.reserves, dict(r.droits_de_suite), r.negocies


def _engagement(r: Reservataire) -> str:
    if r.part is not None:
        return pourcentage(r.part) + ("" if r.base == "assiette" else f" (base « {r.base} »)")
    if r.volume is not None:
        return f"un volume négocié de {nombre(r.volume)}"
    if r.methode == "droits_uniques":
        suite = sum(r.droits_de_suite.values())
        return f"{nombre(suite)} droits de suite et {nombre(r.negocies)} droits négociés"
    return f"{nombre(r.reserves)} logements réservés"
