"""A dossier of flux: deposited with its pieces, computed, frozen when it is adopted, read again, taken away (E1, E20)."""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q

from partiteur.moteur.dossier import Pieces, creer
from partiteur.moteur.feuille import json_du_flux
from partiteur.moteur.fichiers import empreinte
from partiteur.moteur.flux import calculer_dossier
from partiteur.moteur.pieces import COMMUNES
from partiteur.regles.flux.feuille import Flux
from partiteur.web import depot as fichiers
from partiteur.web.documents.feuille import cadres, feuille
from partiteur.web.models import Dossier, Millesime, Organisation
from partiteur.web.models.socle import tirer_identifiant

CLASSEUR = "feuille.xlsx"


# --- deposit


@dataclass(frozen=True)
class Recu:
    """A dossier on the disk with its pieces: what the act enters."""

    identifiant: str
    exercice: int
    cadre: str
    fichier: str
    sha: str
    refusees: int


def recevoir(bailleur: Organisation, dossier: UploadedFile, pieces: Sequence[UploadedFile]) -> Recu:
    """Gather a dossier and its pieces, compute it once, keep it; a parc already imported need not come again.

    Raises ErreurUtilisateur: nothing is then kept.
    """
    with TemporaryDirectory() as passage:
        ici = Path(passage)
        with fichiers.sans_chemin(ici):
            recues = dict(fichiers.importes(_importes(bailleur), ici))
            if fichiers.communes():
                recues[COMMUNES] = fichiers.communes()
            # A dossier names its pieces as they are called; nom_sur only decides what may be written.
            for rang, televerse in enumerate(pieces):
                recues[Path(str(televerse.name)).name] = ecrire(ici, televerse, rang)
            return ranger(ecrire(ici, dossier, len(pieces)), recues)


def _importes(bailleur: Organisation) -> list[tuple[str, str, str]]:
    return list(Millesime.objects.filter(bailleur=bailleur).values_list("nature", "sha", "fichier"))


def preparer(bailleur: Organisation, cadre: str, exercice: int) -> str:
    """A dossier.toml to correct, from the last parc and register imported. Raises ErreurUtilisateur."""
    lus = _importes(bailleur)
    parc = next((sha for nature, sha, _ in lus if nature == "parc"), None)
    if parc is None:
        raise fichiers.FichierRefuse(
            "Aucun parc n'est importé : importez-en un, le dossier se prépare à partir de lui."
        )
    with TemporaryDirectory() as passage:
        ici = Path(passage)
        droits = next((nom for nature, _, nom in lus if nature == "droits"), None)
        registre = fichiers.importes(lus, ici)[droits].rename(ici / droits) if droits else None
        pieces = Pieces(
            fichiers.chemin_du_parc(parc),
            cadre,
            exercice,
            droits=registre,
            geographie=fichiers.communes(),
            nom=str(bailleur),
        )
        with fichiers.sans_chemin(ici):
            texte = creer(pieces, fichiers.geographie(), ici)
    return "\n".join(_a_nu(ligne) for ligne in texte.splitlines()) + "\n"


def _a_nu(ligne: str) -> str:
    """The parc is named as the site knows it, not by where it is on the machine."""
    cle, egal, valeur = ligne.partition(" = ")
    if cle != "fichier":
        return ligne
    return f"{cle}{egal}{json.dumps(Path(json.loads(valeur)).name, ensure_ascii=False)}"


def ecrire(dossier: Path, televerse: UploadedFile, rang: int) -> Path:
    """Write what was sent into a folder of its own, under a safe name. Raises FichierRefuse."""
    chemin = dossier / str(rang) / fichiers.nom_sur(str(televerse.name))
    chemin.parent.mkdir()
    with chemin.open("xb") as ecrit:
        for bloc in televerse.chunks():
            ecrit.write(bloc)
    return chemin


def ranger(chemin: Path, recues: Mapping[str, Path]) -> Recu:
    """Keep a dossier and its pieces under a new identifier, once it has been computed. Raises ErreurUtilisateur."""
    identifiant = tirer_identifiant()
    lectures = fichiers.ranger(identifiant, chemin, recues)
    garde = fichiers.dossier(identifiant)
    try:
        with fichiers.sans_chemin(garde.parent):
            flux = calculer_dossier(garde)
    except BaseException:
        fichiers.jeter(identifiant)
        raise
    refusees = sum(lecture.lignes - lecture.acceptees for lecture in lectures.values())
    sha = empreinte(garde)
    return Recu(identifiant, flux.dossier.exercice, flux.dossier.cadre.code, chemin.name, sha, refusees)


# --- results


@lru_cache(maxsize=32)
def _calculer(identifiant: str, regles: str) -> Flux:
    """A dossier never changes: its flux is computed once by version of the rules."""
    return calculer_dossier(fichiers.dossier(identifiant))


def calculer(dossier: Dossier) -> Flux:
    """The flux of a dossier, now. Raises ErreurUtilisateur when its pieces are gone or no longer read."""
    with fichiers.sans_chemin(fichiers.dossier(dossier.identifiant).parent):
        return _calculer(dossier.identifiant, fichiers.versions()["regles"])


def resultat(dossier: Dossier) -> Mapping[str, Any]:
    """The JSON the page shows: frozen once adopted, never computed again silently."""
    lu: Mapping[str, Any] = (
        json.loads(dossier.resultat) if dossier.resultat else json_du_flux(calculer(dossier))
    )
    return lu


def versions_de(dossier: Dossier) -> list[Dossier]:
    """Every version of a dossier, the last first; a dossier never corrected has one."""
    siennes = Dossier.objects.filter(Q(serie=dossier.suite) | Q(identifiant=dossier.suite))
    return list(siennes.select_related("par__utilisateur", "adopte_par__utilisateur").order_by("-version"))


def en_cours(dossiers: Iterable[Dossier]) -> list[Dossier]:
    """Those a list shows: what is adopted, and of each draft its last version."""
    lus = list(dossiers)
    dernieres = {d.suite: d.version for d in sorted(lus, key=lambda d: d.version)}
    return [d for d in lus if d.adopte_le or d.version == dernieres[d.suite]]


@dataclass(frozen=True)
class Resume:
    """A dossier in a list: its flux, its warnings that matter; None where nothing is frozen yet."""

    dossier: Dossier
    a_repartir: int | None
    illegaux: int = 0
    a_justifier: int = 0


def resumer(dossier: Dossier) -> Resume:
    """What a list says of a dossier, from its frozen result: nothing is computed for a list."""
    if not dossier.resultat:
        return Resume(dossier, None)
    lu = json.loads(dossier.resultat)
    gravites = [a["gravite"] for a in lu["avertissements"]]
    return Resume(dossier, lu["flux"]["a_repartir"], gravites.count("illegal"), gravites.count("a_justifier"))


def en_json(flux: Flux) -> str:
    """The JSON of a flux, as the command line writes it."""
    return json.dumps(json_du_flux(flux), ensure_ascii=False, indent=2)


@dataclass(frozen=True)
class Relecture:
    """An adopted result against the same dossier computed now: the same, or what differs, and why."""

    identique: bool
    ecarts: tuple[tuple[str, str, str], ...]
    raisons: tuple[str, ...]


def relire(dossier: Dossier) -> Relecture:
    """Compute an adopted dossier again, and compare figure by figure (E20)."""
    gele = json.loads(dossier.resultat)
    ecarts = tuple(_ecarts(gele, json_du_flux(calculer(dossier))))
    avant, maintenant = json.loads(dossier.versions), fichiers.versions()
    raisons = []
    if avant["regles"] != maintenant["regles"]:
        raisons.append(
            f"Les règles et leurs barèmes ont changé depuis l'adoption (empreinte {avant['regles']}, aujourd'hui "
            f"{maintenant['regles']})."
        )
    if avant["partiteur"] != maintenant["partiteur"]:
        raisons.append(f"Partiteur est passé de la version {avant['partiteur']} à {maintenant['partiteur']}.")
    if empreinte(fichiers.dossier(dossier.identifiant)) != dossier.sha:
        raisons.append("Le fichier du dossier n'est plus celui qui a été adopté.")
    if ecarts and not raisons:
        raisons.append(
            "Ni les règles ni le dossier n'ont changé : une pièce a été altérée, prévenez l'exploitant."
        )
    return Relecture(not ecarts, ecarts, tuple(raisons))


def _ecarts(avant: Any, apres: Any, ou: str = "") -> Iterator[tuple[str, str, str]]:
    """The leaves that differ: where, before, after."""
    if isinstance(avant, dict) and isinstance(apres, dict):
        for cle in dict.fromkeys((*avant, *apres)):
            yield from _ecarts(avant.get(cle), apres.get(cle), f"{ou} › {cle}" if ou else cle)
    elif isinstance(avant, list) and isinstance(apres, list) and len(avant) == len(apres):
        for rang, (un, autre) in enumerate(zip(avant, apres, strict=True), start=1):
            nom = un.get("code") or un.get("libelle") if isinstance(un, dict) else None
            yield from _ecarts(un, autre, f"{ou} › {nom or rang}")
    elif avant != apres:
        yield ou, _court(avant), _court(apres)


def _court(valeur: Any) -> str:
    if isinstance(valeur, list | dict):
        return f"{len(valeur)} éléments"
    return "inconnu" if valeur is None else str(valeur)


def geler(dossier: Dossier) -> tuple[str, str]:
    """What an adoption keeps: the result and the versions, as text; the workbook is written beside the dossier."""
    flux = calculer(dossier)
    fichiers.ecrire(dossier.identifiant, CLASSEUR, classeur(flux))
    return en_json(flux), json.dumps(dict(fichiers.versions()))


# --- downloads


def classeur(flux: Flux) -> bytes:
    """The workbook of a flux."""
    from partiteur.moteur.tableur.flux import ecrire_flux  # slow to load

    fichier = BytesIO()
    ecrire_flux(flux, fichier)
    return fichier.getvalue()


def imprimer(dossier: Dossier) -> bytes:
    """The sheet to print, from the same result as the page; one for all its readers. Raises PdfRefuse."""
    from partiteur.web.documents import imprimes, pdf

    titre = dict(cadres()).get(dossier.cadre, dossier.cadre)
    return pdf.ecrire(imprimes.feuille_de_calcul(dossier, feuille(resultat(dossier), frozenset()), titre))


def telecharger(dossier: Dossier, forme: str) -> bytes:
    """The result in a PDF, as JSON or as a workbook, or the dossier.toml; those of an adopted dossier are those adopted."""
    ici = fichiers.dossier(dossier.identifiant)
    if forme == "toml":
        return ici.read_bytes()
    if forme == "pdf":
        return imprimer(dossier)
    if dossier.adopte_le:
        return dossier.resultat.encode() if forme == "json" else ici.with_name(CLASSEUR).read_bytes()
    flux = calculer(dossier)
    return en_json(flux).encode() if forme == "json" else classeur(flux)


def archive(dossier: Dossier) -> bytes:
    """The dossier and its pieces: « partiteur flux dossier.toml » inside gives the same figures."""
    fichier = BytesIO()
    with zipfile.ZipFile(fichier, "w", zipfile.ZIP_DEFLATED) as ecrite:
        for piece in fichiers.pieces(dossier.identifiant):
            if piece.name != CLASSEUR:
                ecrite.write(piece, piece.name)
    return fichier.getvalue()
