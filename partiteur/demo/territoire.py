"""Write the fictitious territory: one folder a bailleur, the same bytes for the same seed."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from partiteur.demo.bati import Logement, batir
from partiteur.demo.depot_rpls import lignes_depot
from partiteur.demo.dossier import texte_dossier
from partiteur.demo.droits import attribuer, registre
from partiteur.demo.journal import raconter
from partiteur.demo.mouvements import ANNEES, liberer
from partiteur.demo.publie import BAILLEURS, COMMUNES, DEPARTEMENT, NOMS_EPCI, REGION, Organisme
from partiteur.demo.tableaux import tableau_b, tableau_c, tableau_droits, tableau_liberations
from partiteur.moteur.journal import ecrire_journal

PARCS = {"B": tableau_b, "C": tableau_c}
ENCODAGES = {"A": "utf-8", "B": "cp1252", "C": "utf-8"}


@dataclass(frozen=True)
class BailleurDemo:
    """A bailleur of the territory and its files; `dossier` is its dossier.toml."""

    nom: str
    siren: str
    dossier: Path
    parc: Path
    droits: Path
    liberations: Path

    @property
    def dossier_2023(self) -> Path:
        """The dossier of the last year of its journal, whose bilan is due."""
        return self.dossier.with_name("dossier-2023.toml")

    @property
    def journal(self) -> Path:
        """Its journal, beside the others."""
        return self.dossier.with_name("journal.csv")


@dataclass(frozen=True)
class Territoire:
    """The folder written, and its three bailleurs, the main one first."""

    dossier: Path
    bailleurs: tuple[BailleurDemo, ...]


def ecrire(dossier: Path, graine: int = 2024) -> Territoire:
    """Write 24 217 fictitious dwellings, their rights, libérations and dossiers in `dossier`, created if needed.

    The totals are the published ones (see `publie`) whatever the seed; the seed places them. The files:
    communes.csv, and for each bailleur parc.csv (A: RPLS deposit; B: its own table in cp1252; C: its own in
    UTF-8), droits.csv, liberations.csv, journal.csv (three years of events, chained), dossier.toml (2024) and
    dossier-2023.toml. Raises OSError if a file cannot be written.
    """
    rng = Random(graine)
    logements = batir(rng)
    attribues = attribuer(logements, rng)
    dossier.mkdir(parents=True, exist_ok=True)
    communes = [[c.code, c.nom, DEPARTEMENT, REGION, c.epci, NOMS_EPCI[c.epci]] for c in COMMUNES]
    _ecrire_csv(
        dossier / "communes.csv", [["code", "nom", "departement", "region", "epci", "nom_epci"], *communes]
    )
    bailleurs = []
    for organisme in BAILLEURS:
        siens = [lo for lo in logements if lo.programme.bailleur == organisme.lettre]
        bailleurs.append(
            _ecrire_bailleur(dossier / organisme.dossier, organisme, siens, attribues, rng, graine)
        )
    return Territoire(dossier, tuple(bailleurs))


def _ecrire_bailleur(
    dossier: Path,
    organisme: Organisme,
    logements: Sequence[Logement],
    attribues: dict[str, str],
    rng: Random,
    graine: int,
) -> BailleurDemo:
    """Draw a bailleur's register, libérations and journal, then write its six files."""
    droits = registre(logements, attribues, rng)
    liberations, occupations = liberer(organisme, logements, rng)
    if organisme.lettre in PARCS:
        parc = PARCS[organisme.lettre](logements, occupations, attribues)
    else:
        parc = lignes_depot(organisme, logements, occupations, attribues)
    dossier.mkdir(exist_ok=True)
    ecrit = BailleurDemo(
        nom=organisme.nom,
        siren=organisme.siren,
        dossier=dossier / "dossier.toml",
        parc=dossier / "parc.csv",
        droits=dossier / "droits.csv",
        liberations=dossier / "liberations.csv",
    )
    _ecrire_csv(ecrit.parc, parc, ENCODAGES[organisme.lettre])
    _ecrire_csv(ecrit.droits, tableau_droits(droits))
    _ecrire_csv(ecrit.liberations, tableau_liberations(liberations))
    ecrit.dossier.write_bytes(texte_dossier(organisme, droits, liberations).encode())
    ecrit.dossier_2023.write_bytes(texte_dossier(organisme, droits, liberations, ANNEES[-1]).encode())
    ecrire_journal(ecrit.journal, raconter(organisme, logements, liberations, graine))
    return ecrit


def _ecrire_csv(chemin: Path, lignes: Sequence[Sequence[str]], encodage: str = "utf-8") -> None:
    """Write lines separated by `;`, with the same bytes on every system."""
    tampon = io.StringIO()
    csv.writer(tampon, delimiter=";", lineterminator="\n").writerows(lignes)
    chemin.write_bytes(tampon.getvalue().encode(encodage))
