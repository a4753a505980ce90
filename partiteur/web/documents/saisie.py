"""A dossier made by forms: from the millésime and the register, or from a dossier there is; each save is a version."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from partiteur.moteur.cadre import cadres_livres, charger_cadre
from partiteur.moteur.pieces import COMMUNES, en_toml
from partiteur.moteur.schema import lire_toml
from partiteur.regles.socle import bareme, nombre
from partiteur.web import depot as fichiers
from partiteur.web.documents import flux
from partiteur.web.models import Dossier, Millesime, Organisation
from partiteur.web.saisie import LIBERATIONS_JOINTES, Partie, dire, parties, textes, valeur_de

Choix = dict[str, Sequence[tuple[str, str]]]
MILLESIMES_MAX = 10


def base_nouvelle(bailleur: Organisation, cadre: str, exercice: int) -> dict[str, Any]:
    """A dossier to begin with: from what is imported, else empty but for the bailleur and its département.

    Raises ErreurUtilisateur on what is imported and no longer read.
    """
    parcs, registre = _importes(bailleur)
    if parcs:
        base = tomllib.loads(flux.preparer(bailleur, cadre, exercice), parse_float=str)
        base["parc"]["date"] = str(parcs[0].le)
        if registre and "droits" in base:
            base["droits"]["fichier"] = _nom_du_registre(registre)
        return base
    lieux = [t for t in bailleur.territoires.all() if t.echelle == "departement"]
    territoire = {"echelle": "departement", "code": lieux[0].code} if lieux else {"echelle": "departement"}
    return {
        "cadre": cadre,
        "exercice": exercice,
        "bailleur": {"nom": bailleur.nom, "siren": bailleur.siren},
        "territoire": territoire,
        "parc": {},
    }


def base_de(dossier: Dossier) -> dict[str, Any]:
    """The document of a dossier there is. Raises DocumentInvalide when its file is gone."""
    with fichiers.sans_chemin(fichiers.dossier(dossier.identifiant).parent):
        return lire_toml(fichiers.dossier(dossier.identifiant))


def _importes(bailleur: Organisation) -> tuple[list[Millesime], Millesime | None]:
    lus = list(Millesime.objects.filter(bailleur=bailleur))
    parcs = [m for m in lus if m.nature == "parc"][:MILLESIMES_MAX]
    return parcs, next((m for m in lus if m.nature == "droits"), None)


def _nom_du_registre(registre: Millesime) -> str:
    """An imported register as a piece: by its content, that no other piece takes its name."""
    return f"registre-{registre.sha[:12]}.csv"


def choix(bailleur: Organisation, base: Mapping[str, Any], dossier: Dossier | None) -> Choix:
    """What the choices of the first part offer: cadres, files, definitions."""
    parcs, registre = _importes(bailleur)
    fichiers_parc = {
        fichiers.chemin_du_parc(m.sha).name: f"Parc au {m.le:%d/%m/%Y}, {nombre(m.lignes)} logements"
        for m in parcs
    }
    ici = base.get("parc", {}).get("fichier")
    if ici and dossier is not None:
        fichiers_parc.setdefault(ici, "Le parc de cette version")
    registres = {_nom_du_registre(registre): "Registre importé"} if registre else {}
    if dossier is not None and "droits" in base:
        registres = {base["droits"]["fichier"]: "Le registre de cette version", **registres}
    liberations = {}
    if dossier is not None and "liberations" in base.get("rotation", {}):
        liberations[base["rotation"]["liberations"]] = "Les libérations de cette version"
    definitions = {c: d["libelle"] for c, d in bareme("rotation").items() if isinstance(d, Mapping)}
    return {
        "cadre": [(code, charger_cadre(code, Path()).titre) for code in cadres_livres()],
        "parc.fichier": [("", "aucun : je donne le nombre de logements"), *fichiers_parc.items()],
        "droits.fichier": [("", "aucun"), *registres.items()],
        "rotation.liberations": [("", "aucune"), *liberations.items()],
        "rotation.definition": [("", "celle du cadre"), *definitions.items()],
    }


def definition_du_cadre(code: str) -> str | None:
    """The definition of the rotation a shipped cadre fixes."""
    return charger_cadre(code, Path()).definition if code in cadres_livres() else None


def enregistrer(
    bailleur: Organisation, document: Mapping[str, Any], dossier: Dossier | None, liberations: Any = None
) -> flux.Recu:
    """Keep a document as a new dossier, with the pieces of the one it comes from and what is imported.

    It is computed first. Raises ErreurUtilisateur: nothing is then kept.
    """
    with TemporaryDirectory() as passage:
        ici = Path(passage)
        with fichiers.sans_chemin(ici):
            recues = _pieces(bailleur, document, dossier, ici)
            if liberations is not None:
                recues[LIBERATIONS_JOINTES] = flux.ecrire(ici, liberations, 0)
            chemin = ici / "dossier.toml"
            chemin.write_text(en_toml(document), "utf-8")
            return flux.ranger(chemin, recues)


def _pieces(
    bailleur: Organisation, document: Mapping[str, Any], dossier: Dossier | None, ici: Path
) -> dict[str, Path]:
    """The files a document may name: the parcs imported, the register if it is asked for, those of the dossier before."""
    parcs, registre = _importes(bailleur)
    recues = {chemin.name: chemin for chemin in (fichiers.chemin_du_parc(m.sha) for m in parcs)}
    if registre and document.get("droits", {}).get("fichier") == _nom_du_registre(registre):
        lu = fichiers.importes([("droits", registre.sha, _nom_du_registre(registre))], ici)
        recues |= lu
    if fichiers.communes():
        recues[COMMUNES] = fichiers.communes()
    if dossier is not None:
        recues |= {piece.name: piece for piece in fichiers.pieces(dossier.identifiant)}
    return recues


# --- what the page of corrections shows


@dataclass(frozen=True)
class Ligne:
    """An item of a list, in words: its rank, its name, what it holds."""

    rang: int
    nom: str
    dit: str


@dataclass(frozen=True)
class Resume:
    """A part of a dossier as it is: what is filled, or its items."""

    partie: Partie
    lignes: tuple[Ligne, ...]
    dit: str


NOMS = ("nom", "programme", "delegataire", "decision", "arrete", "categorie", "code")


def resumer(document: Mapping[str, Any]) -> list[Resume]:
    """Every part, with what it holds."""
    resumes = []
    for partie in parties():
        if partie.liste:
            elements = valeur_de(document, partie.code) or ()
            lignes = tuple(_ligne(rang, element, partie) for rang, element in enumerate(elements))
            resumes.append(Resume(partie, lignes, ""))
        else:
            dits = [
                f"{partie.champ(cle)['mots']} : {_court(partie, cle, texte)}"
                for cle, texte in textes(document, partie).items()
            ]
            resumes.append(Resume(partie, (), " ; ".join(dits)))
    return resumes


def _ligne(rang: int, element: Mapping[str, Any], partie: Partie) -> Ligne:
    nom = next((str(element[c]) for c in NOMS if c in element), str(rang + 1))
    dits = [
        f"{partie.champ(cle)['mots'].lower()} : {_court(partie, cle, texte)}"
        for cle, texte in textes(element, partie).items()
        if texte != nom
    ]
    return Ligne(rang, nom, " ; ".join(dits))


def _court(partie: Partie, cle: str, texte: Any) -> str:
    """A value in a summary: the words of a choice, a file by what it is."""
    if cle in ("parc.fichier", "droits.fichier", "rotation.liberations"):
        return "joint"
    if isinstance(texte, list):
        return nombre(len(texte))
    dit = dict(dire(cle, [texte]))[texte]
    return ", ".join(dit.splitlines())
