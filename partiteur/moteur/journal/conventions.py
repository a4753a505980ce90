"""What a dossier says of the account of a journal: regimes, délais, who its authors are, what its dwellings are."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from partiteur.moteur.feries import feries
from partiteur.moteur.journal.forme import lire_json
from partiteur.moteur.journal.histoires import SIREN, Contexte
from partiteur.moteur.journal.lecture import Journal
from partiteur.moteur.journal.logements import Logements, joindre_parc, ouvertures, paires, parc_du_dossier
from partiteur.moteur.journal.regimes import Document, dossier_et_cadre, regimes_des_documents
from partiteur.moteur.millesime import Parc
from partiteur.regles.delais import Delais, Departs, delais_du_cadre, limites
from partiteur.regles.socle import ErreurUtilisateur, nombre
from partiteur.regles.vacance import Limites, LogementVacant, Organisation
from partiteur.regles.vacance.evenement import jour
from partiteur.regles.vacance.historique import PREMIERE_LOCATION


class DossierEtranger(ErreurUtilisateur):
    """The dossier is not that of the bailleur whose journal it is."""


@dataclass(frozen=True)
class Conventions:
    """What the account of a journal is kept with, the dwelling of each vacance, what the reader must know, the parc."""

    contexte: Contexte
    logements: Logements
    remarques: tuple[str, ...]
    parc: Parc | None = None


def conventions_du_dossier(
    chemin: Path, journal: Journal, reinjection: str | None = None, parc: Path | None = None
) -> Conventions:
    """All that a dossier says of the account of `journal`: see `Contexte`. `parc`: a file in place of the dossier's.

    Rights are looked at once the bailleur's SIREN is known, by the dossier or by the name of the chain; an author may
    be any réservataire whose SIREN the dossier does not give. Délais are looked at where the cadre or the convention
    sets some. Raises DossierEtranger, DocumentInvalide, and what reading the parc raises.
    """
    document, cadre = dossier_et_cadre(chemin)
    lu, geographie = parc_du_dossier(chemin, parc)
    logements = joindre_parc(journal, lu, geographie)
    organisations = _organisations(document, journal, chemin)
    delais = {r["code"]: delais_du_cadre(cadre, r) for r in document.get("reservataires", ())}
    zones = _Zones(document.get("zone_tendue", {}))
    contexte = Contexte(
        regimes_des_documents(document, cadre, reinjection),
        organisations,
        limites_du_journal(journal, delais, logements.par_vacance, zones.tendue),
        logements.par_vacance,
    )
    remarques = (
        *(constat.message for constat in logements.constats),
        *_remarques(journal, organisations),
        *zones.remarques(),
    )
    return Conventions(contexte, logements, remarques, lu)


# --- who writes


def _organisations(document: Document, journal: Journal, chemin: Path) -> dict[str, Organisation] | None:
    """Who each author is, by SIREN; under "", whoever the dossier does not identify. None when nobody is known."""
    chaine = str(journal.table.column("chaine")[0].as_py()) if journal.table.num_rows else ""
    du_journal = chaine if chaine.isdecimal() and len(chaine) == SIREN else None
    bailleur = document["bailleur"].get("siren") or du_journal
    if bailleur is None:
        return None
    if du_journal not in (None, bailleur):
        raise DossierEtranger(
            f"{journal.source.name} est le journal du bailleur « {du_journal} » et {chemin.name} le dossier de "
            f"« {bailleur} » : donnez le dossier de ce bailleur."
        )
    roles: dict[str, list[tuple[str, str]]] = {bailleur: [("bailleur", "bailleur")]}
    declares = document.get("reservataires", ())
    for donne in declares:
        roles.setdefault(donne.get("siren", ""), []).append((donne["code"], donne["type"]))
    connus = {donne["code"] for donne in declares}
    cites = pc.unique(journal.table.column("reservataire")).to_pylist()
    roles.setdefault("", []).extend((code, "autre") for code in cites if code and code not in connus)
    return {siren: Organisation(siren, "inconnu", tuple(tenus)) for siren, tenus in roles.items()}


def _remarques(journal: Journal, organisations: Mapping[str, Organisation] | None) -> Iterator[str]:
    """The authors whose right could not be told."""
    if organisations is None:
        yield (
            "Le SIREN du bailleur n'est ni dans le dossier ni dans le journal : le droit des auteurs n'est pas vérifié."
        )
        return
    auteurs = journal.table.column("auteur").filter(journal.table.column("retenu"))
    sirens = pc.unique(pc.utf8_slice_codeunits(auteurs, 0, SIREN)).to_pylist()
    inconnus = sorted(siren for siren in sirens if siren not in organisations)
    if inconnus:
        yield (
            f"Auteurs que le dossier n'identifie pas : {', '.join(inconnus)} ; ils sont tenus pour l'un des réservataires "
            "dont « siren » manque."
        )


# --- délais


class _Zones:
    """Whether a commune is in zone tendue on a day: yes from the day given, no once the list is complete, else unknown."""

    def __init__(self, donnees: Document) -> None:
        self.communes = {code: date.fromisoformat(du) for code, du in donnees.get("communes", {}).items()}
        self.complet = bool(donnees.get("complet"))
        self.inconnues: Counter[str | None] = Counter()

    def tendue(self, commune: str | None, le: date) -> bool | None:
        du = self.communes.get(commune or "")
        if du is not None:
            return du <= le
        if self.complet and commune:
            return False
        self.inconnues[commune] += 1
        return None

    def remarques(self) -> Iterator[str]:
        """What could not be looked at."""
        if self.inconnues:
            yield (
                f"Zone tendue inconnue pour {nombre(sum(self.inconnues.values()))} mises à disposition : le mois légal "
                "pour proposer n'y est pas vérifié ; donnez [zone_tendue] dans le dossier."
            )


def limites_du_journal(
    journal: Journal,
    delais: Mapping[str, Delais],
    logements: Mapping[str, LogementVacant],
    tendue: Any,
) -> dict[str, Limites]:
    """The last days that each mise à disposition leaves to answer and to designate, by identifier of the event.

    `delais`: by réservataire; a réservataire without any is not looked at. `tendue(commune, day)`: True, False or None.
    Interpretation: a mise à disposition is sent, received and known on its date_effet, but where its data say
    otherwise (`envoi`, `reception`, `information`). Confidence: medium.
    """
    voulus = {code: d for code, d in delais.items() if d.reponse or d.validation or d.designation}
    if not voulus:
        return {}
    ouvertes = ouvertures(journal)
    trouvees: dict[str, Limites] = {}
    connues: dict[Any, Limites] = {}
    for evenement, vacance, qui, le, donnees in _mises_a_disposition(journal):
        if qui not in voulus:
            continue
        commune = logements[vacance].commune if vacance in logements else None
        departs = _departs(le, donnees)
        cas = _cas(donnees, ouvertes[vacance][1])
        zone = tendue(commune, le)
        cle = (departs, qui, cas, zone, (commune or "")[:3], le)
        if cle not in connues:
            fermes = feries(commune, le.year) | feries(commune, le.year + 1)
            connues[cle] = limites(departs, voulus[qui], cas, zone, le, fermes)
        trouvees[evenement] = connues[cle]
    return trouvees


def _mises_a_disposition(journal: Journal) -> Iterator[tuple[str, str, str, date, Mapping[str, Any]]]:
    """(event, vacance, réservataire, day, data) of each, those that a rectification puts in place included."""
    table = journal.table.filter(journal.table.column("retenu"))
    noms = ("evenement", "vacance", "reservataire", "date_effet", "donnees")
    offres = table.filter(pc.equal(table.column("type"), "mise_a_disposition"))
    for evenement, vacance, qui, le, donnees in paires(offres, *noms):
        yield evenement, vacance, qui, date.fromisoformat(le), lire_json(donnees)
    rectifications = table.filter(pc.equal(table.column("type"), "rectification"))
    for evenement, vacance, _, le, donnees in paires(rectifications, *noms):
        remplace = lire_json(donnees).get("remplace") or {}
        if remplace.get("type", "mise_a_disposition") == "mise_a_disposition" and remplace.get(
            "reservataire"
        ):
            depuis = jour(remplace.get("date_effet")) or date.fromisoformat(le)
            yield evenement, vacance, remplace["reservataire"], depuis, remplace.get("donnees") or {}


def _departs(le: date, donnees: Mapping[str, Any]) -> Departs:
    return Departs(*(jour(donnees.get(nom)) or le for nom in ("envoi", "reception", "information")))


def _cas(offre: Mapping[str, Any], ouverture: Mapping[str, Any]) -> str | None:
    """The case a délai of designation depends on: a first letting, or the notice of the leaving tenant."""
    if ouverture.get("origine") == PREMIERE_LOCATION:
        return "neuf"
    preavis = offre.get("preavis_mois") or ouverture.get("preavis_mois")
    return f"preavis_{preavis}_mois" if preavis else None
