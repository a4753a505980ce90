"""Where a dwelling is: the communes of the COG 2026, their EPCI, département and région.

A file may hold the code of an arrondissement (75101) or of a commune merged since (01340): both lead to the
current commune. Tables and sources: see README.md beside.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from partiteur.regles.socle import ErreurUtilisateur

DOSSIER = resources.files("partiteur.moteur.geographie")
COLONNES_COMPLEMENT = ("code", "nom", "departement", "region", "epci", "nom_epci")
LONGUEUR_CODE = 5


class GeographieInvalide(ErreurUtilisateur):
    """The complement of communes cannot be used: one French sentence says where and why."""


@dataclass(frozen=True)
class Commune:
    """A current commune: COG codes, and the EPCI it belongs to (None for the few that have none)."""

    code: str
    nom: str
    departement: str
    region: str
    epci: str | None
    nom_epci: str | None


@cache
def _table(nom: str) -> dict[str, str]:
    """A shipped table as {code: the rest of its line}; lines are only split when asked for."""
    lignes = (DOSSIER / nom).read_text(encoding="utf-8").splitlines()[1:]
    paires = (ligne.partition(";") for ligne in lignes)
    return {code: reste for code, _, reste in paires}


@dataclass(frozen=True)
class Geographie:
    """The communes known to a run: those of the COG 2026 and those of a complement."""

    complement: Mapping[str, Commune] = field(default_factory=dict)

    def commune(self, code: str) -> Commune | None:
        """The current commune of a five-character code, old code or arrondissement; None when unknown."""
        if code in self.complement:
            return self.complement[code]
        return _commune_cog(_table("arrondissements.csv").get(code) or _actuel(code))

    def nom_epci(self, siren: str) -> str | None:
        """The name of an EPCI by its SIREN; None when unknown."""
        noms = (c.nom_epci for c in self.complement.values() if c.epci == siren)
        return next(noms, None) or _table("epci.csv").get(siren)

    def departements(self, epci: str) -> frozenset[str]:
        """The départements of the communes of an EPCI, by its SIREN: several where it spans them, none when unknown."""
        ajoutes = {c.departement for c in self.complement.values() if c.epci == epci}
        return _departements_des_epci().get(epci, frozenset()) | ajoutes

    def nom_departement(self, code: str) -> str | None:
        """The name of a département; None when unknown."""
        return _table("departements.csv").get(code)

    def nature(self, code: str) -> str | None:
        """What a code is: "actuelle", "arrondissement", "ancienne", or None when unknown."""
        if code in self.complement or code in _table("communes.csv"):
            return "actuelle"
        if code in _table("arrondissements.csv"):
            return "arrondissement"
        return "ancienne" if code in _table("anciens_codes.csv") else None


@cache
def _departements_des_epci() -> Mapping[str, frozenset[str]]:
    lus: dict[str, frozenset[str]] = {}
    for ligne in _table("communes.csv").values():
        _, departement, _, epci = ligne.split(";")
        lus[epci] = lus.get(epci, frozenset()) | {departement}
    return lus


def _actuel(code: str) -> str:
    """The code in force: a code borne by a current commune stands, whatever it meant before."""
    return code if code in _table("communes.csv") else _table("anciens_codes.csv").get(code, code)


def _commune_cog(code: str) -> Commune | None:
    ligne = _table("communes.csv").get(code)
    if ligne is None:
        return None
    nom, departement, region, epci = ligne.split(";")
    return Commune(code, nom, departement, region, epci or None, _table("epci.csv").get(epci))


def charger(complement: Path | None = None) -> Geographie:
    """The COG 2026, and the communes of `complement`: a CSV code;nom;departement;region;epci;nom_epci.

    Raises GeographieInvalide when the complement is missing, is not such a file, or redefines a commune.
    """
    return Geographie(_lire_complement(complement) if complement else {})


def _lire_complement(chemin: Path) -> dict[str, Commune]:
    try:
        texte = chemin.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as erreur:
        raise GeographieInvalide(
            f"Le fichier de communes « {chemin} » ne peut pas être lu : vérifiez qu'il existe et qu'il est "
            "enregistré en CSV UTF-8."
        ) from erreur
    lecteur = csv.reader(texte.splitlines(), delimiter=";")
    attendu = ";".join(COLONNES_COMPLEMENT)
    communes: dict[str, Commune] = {}
    try:
        entete = tuple(champ.strip() for champ in next(lecteur, []))
        if entete != COLONNES_COMPLEMENT:
            raise GeographieInvalide(
                f"Le fichier de communes « {chemin.name} » doit commencer par la ligne « {attendu} »."
            )
        for champs in lecteur:
            if champs:
                commune = _commune_complement(champs, f"{chemin.name}, ligne {lecteur.line_num}")
                if commune.code in communes:
                    raise GeographieInvalide(
                        f"{chemin.name}, ligne {lecteur.line_num} : la commune « {commune.code} » figure déjà "
                        "plus haut ; gardez une seule des deux lignes."
                    )
                communes[commune.code] = commune
    except csv.Error as erreur:
        raise GeographieInvalide(
            f"{chemin.name}, ligne {lecteur.line_num} : la ligne n'est pas du CSV lisible ({attendu})."
        ) from erreur
    return communes


def _commune_complement(champs: list[str], ou: str) -> Commune:
    if len(champs) != len(COLONNES_COMPLEMENT):
        raise GeographieInvalide(f"{ou} : {len(champs)} champ(s) au lieu de {len(COLONNES_COMPLEMENT)}.")
    code, nom, departement, region, epci, nom_epci = (champ.strip() for champ in champs)
    if len(code) != LONGUEUR_CODE or not code.isalnum():
        raise GeographieInvalide(
            f"{ou} : le code de commune « {code} » doit compter cinq caractères, chiffres ou lettres."
        )
    if not (nom and departement and region):
        raise GeographieInvalide(f"{ou} : le nom, le département et la région sont obligatoires.")
    if Geographie().nature(code):
        raise GeographieInvalide(
            f"{ou} : le code « {code} » existe déjà dans le code officiel géographique 2026 ; un complément ne "
            "peut qu'ajouter des communes."
        )
    return Commune(code, nom, departement, region, epci or None, nom_epci or None)


__all__ = ["Commune", "Geographie", "GeographieInvalide", "charger"]
