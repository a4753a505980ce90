"""What one vacance brings to the balances of the orientation: a place in the flux, and who holds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partiteur.regles.decompte import CompteVacance
from partiteur.regles.decompte.vacance import Compte
from partiteur.regles.orientation.faits import SOUSTRAIT

MISE_A_DISPOSITION, QPV_MAIRE = "mise_a_disposition", "qpv_maire"


@dataclass(frozen=True)
class Apport:
    """A vacance in the balances: in the flux or not; the réservataires it counts for, or is on offer to.

    `sortie`: the category of soustraits it left by. `non_reserve`: it ends with nobody's reservation. `resolues` and
    `comptees`: mises à disposition whose end is known, and those of them that count.
    """

    dans_le_flux: bool = False
    sortie: str | None = None
    comptes: tuple[str, ...] = ()
    en_cours: tuple[str, ...] = ()
    non_reserve: bool = False
    resolues: int = 0
    comptees: int = 0


def apport(compte: CompteVacance, reservataires: Sequence[str], etapes: Mapping[str, str | None]) -> Apport:
    """What the account of a vacance brings, each réservataire at the stage its convention binds to.

    `reservataires`: the codes, by number; `etapes`: the binding stage by code, a mise à disposition where none is set.
    An orientation that no mise à disposition followed yet is an offer in progress.
    """
    genre, numero = compte.destination or ("", 0)
    if compte.oriente is None or compte.annulee:
        return Apport()
    if not compte.dans_le_flux:
        nature, _, categorie = genre.partition(":")
        return Apport(sortie=categorie if nature == SOUSTRAIT else None)
    ouverts = [c.reservataire for c in compte.comptes if c.en_cours]
    juges = [c for c in compte.comptes if not c.en_cours and c.statut != QPV_MAIRE]
    comptes = [c.reservataire for c in juges if _atteint(c, etapes.get(reservataires[c.reservataire - 1]))]
    if numero and numero not in {c.reservataire for c in compte.comptes}:
        ouverts.append(numero)
    au_maire = any(c.statut == QPV_MAIRE and c.reservataire == numero for c in compte.comptes)
    nommer = dict(enumerate(reservataires, start=1))
    return Apport(
        True,
        None,
        tuple(nommer[n] for n in comptes),
        tuple(nommer[n] for n in ouverts),
        not ouverts and (genre == "non_reserve" or au_maire),
        len(juges),
        len(comptes),
    )


def _atteint(compte: Compte, etape: str | None) -> bool:
    """Whether it counts; an entry is dated by the lease, which alone says it will be."""
    voulue = {"entree": "bail_signe", None: MISE_A_DISPOSITION}.get(etape, etape)
    return voulue in dict(compte.etapes)
