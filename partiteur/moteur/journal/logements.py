"""The dwelling of each vacance: what its opening says, and what a parc says where the opening is silent."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partiteur.moteur.geographie import Geographie, charger
from partiteur.moteur.journal.forme import FAITS, evenement_de, lire_json
from partiteur.moteur.journal.lecture import Journal
from partiteur.moteur.lecture import Constat, Exemple
from partiteur.moteur.millesime import Parc, ouvrir
from partiteur.moteur.schema import lire_toml, valider
from partiteur.regles.socle import nombre
from partiteur.regles.vacance import LogementVacant, effectifs
from partiteur.regles.vacance.etat import OUVERTURES

DITES = ("typologie", "famille_financement", "qpv", "commune", "annee_construction")
NOMS = {
    "typologie": "de la typologie",
    "famille_financement": "de la famille de financement",
    "qpv": "du QPV",
    "commune": "de la commune",
    "annee_construction": "de l'année de construction",
}
EXEMPLES = 5


@dataclass(frozen=True)
class Logements:
    """The dwelling of each vacance of a journal, by identifier of vacance, and where journal and parc disagree."""

    par_vacance: Mapping[str, LogementVacant]
    constats: tuple[Constat, ...] = ()


@dataclass
class _Ecarts:
    """Vacances where the parc says otherwise than the opening, by fact; and dwellings the parc does not have."""

    par_fait: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=lambda: defaultdict(list))
    absents: list[str] = field(default_factory=list)


def parc_du_dossier(dossier: Path, parc: Path | None = None) -> tuple[Parc | None, Geographie]:
    """The parc that a dossier names, or `parc` in its place (None when there is neither), and its geography.

    Raises DocumentInvalide, LectureImpossible and GeographieInvalide on what cannot be read.
    """
    document = lire_toml(dossier)
    valider(document, "dossier", dossier)
    base, fichiers = dossier.parent, document["parc"]
    geographie = charger(base / document["geographie"]["fichier"] if "geographie" in document else None)
    if parc is not None:
        return ouvrir(parc, geographie), geographie
    if "fichier" not in fichiers:
        return None, geographie
    correspondance = base / fichiers["correspondance"] if "correspondance" in fichiers else None
    siren = document["bailleur"].get("siren")
    lu = ouvrir(base / fichiers["fichier"], geographie, bailleur=siren, correspondance=correspondance)
    return lu, geographie


def joindre_parc(
    journal: Journal, parc: Parc | None = None, geographie: Geographie | None = None
) -> Logements:
    """A `LogementVacant` for each vacance of a journal, and the findings of the join.

    What the opening in force says wins, fact by fact; the parc (joined by numéro RPLS, else by internal identifier)
    completes it, and a disagreement is told with its first vacances. EPCI and département follow from the commune.
    Without a parc, what the opening does not say is unknown.
    """
    ouvertes = ouvertures(journal)
    du_parc = _lire_parc(parc, {logement for logement, _ in ouvertes.values() if logement})
    ecarts = _Ecarts()
    lieux = geographie or charger()
    par_vacance: dict[str, LogementVacant] = {}
    nus: dict[int, dict[str, Any]] = {}  # the facts of an opening that no parc completes: many say the same
    for vacance, (logement, dites) in ouvertes.items():
        connu = du_parc.get(logement or "")
        if connu is None:
            ecarts.absents.append(vacance)
            faits = nus.get(id(dites)) or nus.setdefault(id(dites), _faits(vacance, dites, {}, lieux, ecarts))
        else:
            faits = _faits(vacance, dites, connu, lieux, ecarts)
        par_vacance[vacance] = LogementVacant(vacance, logement, **faits)
    constats = _constats(journal.source.name, ecarts) if parc else ()
    return Logements(par_vacance, tuple(constats))


def ouvertures(journal: Journal) -> dict[str, tuple[str | None, Mapping[str, Any]]]:
    """(dwelling, data of the opening in force) of each vacance; a vacance whose opening is not readable has no data."""
    table = journal.table.select([*FAITS, "retenu"])
    if journal.acceptees < table.num_rows:
        table = table.filter(table.column("retenu"))
    reprises = pc.unique(table.column("vacance").filter(pc.equal(table.column("type"), "reprise")))
    table = table.filter(pc.invert(pc.is_in(table.column("vacance"), reprises)))  # balances are of no vacance
    rectifiees = pc.unique(table.column("vacance").filter(pc.equal(table.column("type"), "rectification")))
    situees = table.select(["vacance", "logement"]).filter(pc.not_equal(table.column("logement"), ""))
    situes: dict[str, str | None] = dict.fromkeys(pc.unique(table.column("vacance")).to_pylist())
    derniers = situees.group_by("vacance", use_threads=False).aggregate([("logement", "last")])
    situes |= dict(paires(derniers, "vacance", "logement_last"))
    lues: dict[str, tuple[str | None, Mapping[str, Any]]] = {v: (lo, {}) for v, lo in situes.items()}
    connues: dict[str, Mapping[str, Any]] = {}
    ouvertes = table.filter(pc.is_in(table.column("type"), pa.array(OUVERTURES)))
    for vacance, donnees in paires(ouvertes, "vacance", "donnees"):
        if donnees not in connues:
            connues[donnees] = lire_json(donnees)
        lues[vacance] = (lues[vacance][0], connues[donnees])
    retouchees = table.filter(pc.is_in(table.column("vacance"), rectifiees)).select(list(FAITS))
    histoires = defaultdict(list)
    for ligne in retouchees.to_pylist():
        histoires[ligne["vacance"]].append(evenement_de(ligne))
    for vacance, evenements in histoires.items():
        for evenement in effectifs(evenements):
            if evenement.type in OUVERTURES:
                lues[vacance] = (evenement.logement or lues[vacance][0], evenement.donnees)
    return lues


def paires(table: pa.Table, *noms: str) -> Iterator[tuple[Any, ...]]:
    """The values of some columns, row by row."""
    return zip(*(table.column(nom).to_pylist() for nom in noms), strict=True)


def _lire_parc(parc: Parc | None, voulus: set[str]) -> dict[str, Mapping[str, Any]]:
    """The dwellings of a parc that a journal names, by numéro RPLS and, where no other has it, internal identifier."""
    if parc is None or not voulus:
        return {}
    table = parc.table if parc.table is not None else _lire_classes(parc)
    noms = pa.array(sorted(voulus), pa.string())
    lus: dict[str, Mapping[str, Any]] = {}
    for identifiant in ("identifiant_interne", "numero_rpls"):  # the second wins
        trouves = table.filter(pc.is_in(table.column(identifiant), noms))
        for ligne in trouves.select([identifiant, *DITES]).to_pylist():
            lus[ligne[identifiant]] = ligne
    return lus


def _lire_classes(parc: Parc) -> pa.Table:
    return pq.read_table(parc.classes, columns=["numero_rpls", "identifiant_interne", *DITES])


def _faits(
    vacance: str,
    dites: Mapping[str, Any],
    connu: Mapping[str, Any],
    geographie: Geographie,
    ecarts: _Ecarts,
) -> dict[str, Any]:
    """What is known of one dwelling: the opening first, then the parc."""
    faits: dict[str, Any] = {}
    for nom in DITES:
        dit, lu = dites.get(nom), connu.get(nom)
        if nom == "commune":
            dit, lu = _actuelle(dit, geographie), _actuelle(lu, geographie)
        if dit is not None and lu is not None and dit != lu:
            ecarts.par_fait[nom].append((vacance, dit, lu))
        faits[nom] = lu if dit is None else dit
    commune = geographie.commune(faits["commune"]) if faits["commune"] else None
    epci = commune.epci if commune else None
    faits["epci"] = epci or dites.get("epci")
    faits["departement"] = commune.departement if commune else None
    return faits


def _actuelle(code: str | None, geographie: Geographie) -> str | None:
    """The current commune of a code, so that an arrondissement does not contradict its commune."""
    commune = geographie.commune(code) if code else None
    return commune.code if commune else code


def _constats(fichier: str, ecarts: _Ecarts) -> Iterable[Constat]:
    for nom, cas in ecarts.par_fait.items():
        vacance, dit, lu = cas[0]
        yield Constat(
            "logement_contredit",
            "avertissement",
            nom,
            len(cas),
            f"{fichier}, vacance « {vacance} » : le journal et le parc ne disent pas la même chose {NOMS[nom]} "
            f"(« {_dire(dit)} » et « {_dire(lu)} ») ; le journal l'emporte ({nombre(len(cas))} cas).",
            tuple(Exemple(0, v) for v, _, _ in cas[:EXEMPLES]),
        )
    if ecarts.absents:
        yield Constat(
            "logement_hors_parc",
            "avertissement",
            "logement",
            len(ecarts.absents),
            f"{fichier}, vacance « {ecarts.absents[0]} » : son logement n'est pas dans le parc ; seul le journal dit ce "
            f"qu'il est ({nombre(len(ecarts.absents))} cas).",
            tuple(Exemple(0, v) for v in ecarts.absents[:EXEMPLES]),
        )


def _dire(valeur: object) -> str:
    return {True: "oui", False: "non"}.get(valeur, str(valeur)) if isinstance(valeur, bool) else str(valeur)


__all__ = ["Logements", "joindre_parc", "ouvertures", "paires", "parc_du_dossier"]
