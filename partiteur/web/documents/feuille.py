"""The calculation sheet as a page shows it: read in the JSON of a result, nothing computed; cadres side by side (E1)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from partiteur.moteur.cadre import cadres_livres, charger_cadre
from partiteur.moteur.comparaison import CONVERSIONS, LIBELLES, Comparaison, comparer, comparer_conversions
from partiteur.moteur.feuille import json_du_flux
from partiteur.regles.socle import bareme, nombre, pourcentage, textes
from partiteur.web import depot as fichiers
from partiteur.web.composants import Chiffre, Lien
from partiteur.web.models import Dossier

COMMANDE = "partiteur flux dossier.toml"
GRAVITES = {"illegal": "Illégal", "a_justifier": "À justifier", "information": "À savoir"}


@dataclass(frozen=True)
class Part:
    """A réservataire's line: exact and whole dwellings, what limits it, one every so many years."""

    code: str
    nom: str
    ou: str
    part: Fraction
    exact: Fraction
    objectif: int | None
    notes: tuple[str, ...]
    mienne: bool = False


@dataclass(frozen=True)
class FeuilleFlux:
    """The page: its account, its shares, its perimeters, its warnings, its texts; `titre` is the figure of all."""

    titre: str
    calcul: tuple[Chiffre, ...]
    parts: tuple[Part, ...]
    reste: Chiffre
    part_du_reste: Fraction
    a_partager: int
    colonne: str
    perimetres: tuple[Mapping[str, Any], ...]
    avertissements: tuple[tuple[str, str, str, str], ...]
    etapes: tuple[Mapping[str, Any], ...]
    neuf: tuple[Mapping[str, Any], ...]
    pieces: tuple[Mapping[str, Any], ...]
    verifie_le: Any

    @property
    def legende(self) -> str:
        """What the column of whole dwellings commits to."""
        if self.colonne == "Objectif":
            return "L'engagement est un volume"
        return "Volume indicatif : l'engagement est le pourcentage"


def feuille(lu: Mapping[str, Any], siens: frozenset[str]) -> FeuilleFlux:
    """The sheet of a result (the JSON of `json_du_flux`); `siens` are the reader's own codes, shown as such."""
    noms = {p["code"]: p["nom"] or p["code"] for p in (lu["territoire"], *lu["perimetres"])}
    reste = lu["non_reserve"]
    engagements = {r["engagement"] for r in lu["reservataires"]}
    cites = dict.fromkeys(e["texte"] for e in lu["etapes"])
    lus = [t["verifie_le"] for t in textes().values() if t["cite"] in cites and t["confiance"] == "lu"]
    return FeuilleFlux(
        f"{nombre(lu['flux']['a_repartir'])} logements à répartir en {lu['exercice']}",
        tuple(_calcul(lu)),
        tuple(_part(r, lu["territoire"]["code"], noms, siens) for r in lu["reservataires"]),
        Chiffre("Autres réservataires et non réservé", reste["objectif"]),
        Fraction(reste["part"]),
        lu["a_partager"],
        "Objectif" if engagements == {"volume"} else "Volume indicatif",
        tuple(perimetre_en_mots(p) for p in lu["perimetres"]),
        tuple((GRAVITES[a["gravite"]], a["gravite"], a["message"], a["texte"]) for a in _par_gravite(lu)),
        tuple(lu["etapes"]),
        tuple(lu["neuf"]),
        tuple(lu["pieces"]),
        min(lus, default=None),
    )


def _par_gravite(lu: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(lu["avertissements"], key=lambda a: list(GRAVITES).index(a["gravite"]))


def _calcul(lu: Mapping[str, Any]) -> Iterator[Chiffre]:
    """The account of the territory; what each line opens on comes from the steps of the same result."""
    etapes = _Etapes(lu["etapes"])
    assiette, flux, rotation = lu["assiette"], lu["flux"], lu["rotation"]
    motifs, categories = bareme("exclus")["motifs"], bareme("soustraits")
    soustraits = {c: n for c, n in flux["soustraits"].items() if Fraction(n)}
    le = (
        f" au {lu['parc']['date'][8:]}/{lu['parc']['date'][5:7]}/{lu['parc']['date'][:4]}"
        if lu["parc"]["date"]
        else ""
    )
    yield etapes.chiffre(f"Parc{le}", assiette["parc"], ("Parc",), donnees=_pieces(lu))
    yield etapes.somme("Exclus du flux", assiette["exclus"], motifs, "Exclus : ")
    yield etapes.chiffre("Assiette", assiette["total"], ("Assiette",), signe="=", total=True)
    if rotation["taux"] is not None:
        yield _rotation(rotation, etapes)
    if flux.get("neuf"):
        yield etapes.chiffre(
            "Premières mises en location", flux["neuf"], ("Premières mises en location",), signe="+"
        )
    volume = Fraction(flux["volume"])
    baux = (
        ()
        if rotation["taux"] is not None
        else tuple(e["libelle"] for e in lu["etapes"] if e["libelle"].startswith("Baux signés"))[:1]
    )
    yield etapes.chiffre("Volume attendu", volume, (*baux, "Volume attendu"), signe="=", total=True)
    yield etapes.somme("Soustraits", soustraits, categories, "Soustraits : ")
    exact = Fraction(flux["a_repartir_exact"])
    unite = "" if exact == flux["a_repartir"] else f"exact {nombre(exact)}"
    yield etapes.chiffre(
        "Flux à répartir", flux["a_repartir"], ("Flux à répartir",), unite=unite, signe="=", total=True
    )


def _rotation(rotation: Mapping[str, Any], etapes: "_Etapes") -> Chiffre:
    """The rate, and the definition it was counted by: its name, or its code where the barème no longer holds it."""
    code, nom = rotation["definition"], "Taux donné par le bailleur"
    if code is not None:
        nom = bareme("rotation").get(code, {"libelle": code})["libelle"]
    chiffre = etapes.chiffre("Rotation", pourcentage(Fraction(rotation["taux"])), ("Rotation",), signe="×")
    formule = chiffre.formule.removesuffix(nom).removesuffix(" · ")  # the step says the name too
    return replace(chiffre, formule=formule, methode=f"Définition : {nom}" if code is not None else nom)


class _Etapes:
    """The steps of a result, by label, and the figures made of them."""

    def __init__(self, etapes: Sequence[Mapping[str, Any]]) -> None:
        self.par_libelle = {e["libelle"]: e for e in reversed(etapes)}

    def chiffre(self, nom: str, valeur: Any, libelles: Sequence[str], **autres: Any) -> Chiffre:
        """A figure that opens on the formulas and texts of its steps."""
        siennes = [self.par_libelle[lib] for lib in libelles if lib in self.par_libelle]
        return Chiffre(
            nom,
            valeur,
            formule=" ; ".join(e["formule"] for e in siennes),
            textes=tuple(Lien(t) for t in dict.fromkeys(citation(e["texte"]) for e in siennes)),
            commande=COMMANDE,
            **autres,
        )

    def somme(
        self, nom: str, quantites: Mapping[str, Any], libelles: Mapping[str, Any], prefixe: str
    ) -> Chiffre:
        """What is taken off: its sum, motif by motif, each under its text."""
        dites = [(libelles[c]["libelle"], Fraction(n)) for c, n in quantites.items()]
        siennes = [self.par_libelle.get(f"{prefixe}{libelle}") for libelle, _ in dites]
        return Chiffre(
            nom,
            sum((n for _, n in dites), Fraction(0)),
            signe="−",
            formule=" + ".join(f"{libelle} {nombre(n)}" for libelle, n in dites) or "aucun",
            textes=tuple(Lien(t) for t in dict.fromkeys(citation(e["texte"]) for e in siennes if e)),
            commande=COMMANDE,
        )


def citation(cite: str) -> str:
    """A text as a page says it: its citation, its title, when it was last read."""
    texte = next((t for t in textes().values() if t["cite"] == cite), None)
    if texte is None:
        return cite
    nature = "" if texte["confiance"] == "lu" else " Non opposable."
    return f"{cite}, {texte['titre']}, vérifié le {texte['verifie_le']:%d/%m/%Y}.{nature}"


def _pieces(lu: Mapping[str, Any]) -> tuple[Lien, ...]:
    return tuple(
        Lien(f"{p['nom'][:24]}, {nombre(p['lignes'])} lignes, empreinte {p['sha256'][:12]}…")
        for p in lu["pieces"]
    )


def _part(r: Mapping[str, Any], territoire: str, noms: Mapping[str, str], siens: frozenset[str]) -> Part:
    lieux = r["perimetre"] if isinstance(r["perimetre"], list) else [r["perimetre"]]
    ou = "" if lieux == [territoire] else ", ".join(noms.get(lieu, lieu) for lieu in lieux)
    notes = []
    if r["part"] != r["part_appliquee"]:
        notes.append(f"demandée {pourcentage(Fraction(r['part']))}")
    if r["part_sans_contestes"] is not None:
        notes.append(f"sans les droits contestés {pourcentage(Fraction(r['part_sans_contestes']))}")
    if r["tous_les_ans"]:
        notes.append(f"environ un logement tous les {r['tous_les_ans']} ans")
    if r["majoration"]:
        notes.append(f"neuf + {nombre(r['majoration'])}")
    if r["solde_reporte"]:
        notes.append(f"solde reporté {nombre(r['solde_reporte'])}")
    return Part(
        r["code"],
        r["nom"] or r["code"],
        ou,
        Fraction(r["part_appliquee"]),
        Fraction(r["exact"]),
        r["objectif"],
        tuple(notes),
        r["code"] in siens,
    )


def perimetre_en_mots(p: Mapping[str, Any]) -> Mapping[str, Any]:
    """The account of a perimeter: counts, the rate in words."""
    taux = p["rotation"]["taux"]
    return {
        "nom": p["nom"] or p["code"],
        "parc": p["assiette"]["parc"],
        "assiette": p["assiette"]["total"],
        "taux": pourcentage(Fraction(taux)) if taux is not None else "baux signés",
        "volume": Fraction(p["flux"]["volume"]),
        "soustraits": sum((Fraction(n) for n in p["flux"]["soustraits"].values()), Fraction(0)),
        "exact": Fraction(p["flux"]["a_repartir_exact"]),
    }


# --- cadres side by side


def cadres() -> list[tuple[str, str]]:
    """The cadres shipped: code and title."""
    return [(code, charger_cadre(code, Path()).titre) for code in cadres_livres()]


CONVERSIONS_DU_STOCK = list(CONVERSIONS.items())


@lru_cache(maxsize=32)
def _comparer(identifiant: str, regles: str, codes: tuple[str, ...], conversions: bool) -> Comparaison:
    faire = comparer_conversions if conversions else comparer
    return faire(fichiers.dossier(identifiant), codes)


def comparer_dossier(dossier: Dossier, codes: Sequence[str], conversions: bool = False) -> Mapping[str, Any]:
    """The dossier under several cadres shipped, or conversions of the stock: one column each, where they part and why.

    Raises ErreurUtilisateur when the dossier is no longer read.
    """
    with fichiers.sans_chemin(fichiers.dossier(dossier.identifiant).parent):
        comparaison = _comparer(dossier.identifiant, fichiers.versions()["regles"], tuple(codes), conversions)
    essais = comparaison.essais
    calcules = [(e, json_du_flux(e.flux) if e.flux else None) for e in essais]
    noms = {r["code"]: r["nom"] or r["code"] for _, lu in calcules if lu for r in lu["reservataires"]}
    lignes = [(nom, [lire(lu) if lu else "—" for _, lu in calcules]) for nom, lire in COMPTES.items()]
    lignes += [
        (nom, [_objectif(lu, code) if lu else "—" for _, lu in calcules]) for code, nom in noms.items()
    ]
    reste = [publie(lu["non_reserve"]["objectif"]) if lu else "—" for _, lu in calcules]
    lignes.append(("Autres et non réservé", reste))
    return {
        "titres": [e.titre for e in essais],
        "lignes": lignes,
        "refus": [(e.titre, _sans_dossier(dossier, e.refus)) for e in essais if e.refus],
        "ecarts": [
            (LIBELLES[e.etape], e.cause.split(" ; "), ", ".join(e.textes)) for e in comparaison.ecarts
        ],
    }


def _sans_dossier(dossier: Dossier, phrase: str) -> str:
    return phrase.replace(f"{fichiers.dossier(dossier.identifiant).parent}/", "")


COMPTES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "Parc": lambda lu: nombre(lu["assiette"]["parc"]),
    "Exclus": lambda lu: nombre(sum(lu["assiette"]["exclus"].values())),
    "Assiette": lambda lu: nombre(lu["assiette"]["total"]),
    "Rotation": lambda lu: (
        pourcentage(Fraction(lu["rotation"]["taux"])) if lu["rotation"]["taux"] else "baux signés"
    ),
    "Volume attendu": lambda lu: nombre(Fraction(lu["flux"]["volume"])),
    "Soustraits": lambda lu: nombre(sum(map(Fraction, lu["flux"]["soustraits"].values()))),
    "Flux à répartir": lambda lu: nombre(lu["flux"]["a_repartir"]),
}


def _objectif(lu: Mapping[str, Any], code: str) -> str:
    siennes = [r for r in lu["reservataires"] if r["code"] == code]
    return publie(siennes[0]["objectif"]) if siennes else "—"


def publie(objectif: int | None) -> str:
    """A volume; a void one is not published."""
    return "non publié" if objectif is None else nombre(objectif)
