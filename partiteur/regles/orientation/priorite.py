"""The order of an advice: who is excluded and why, and the lag that each choice would make up for."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from partiteur.regles.orientation.faits import (
    RESERVATAIRE,
    LogementAOrienter,
    Poids,
    Position,
    Solde,
)
from partiteur.regles.socle import bareme


@dataclass(frozen=True)
class Rang:
    """A destination in its order: its balance if nothing is done, its priority, or the codes that exclude it."""

    position: Position
    solde: Solde
    priorite: Fraction
    exclusions: tuple[str, ...] = ()


def classer(
    logement: LogementAOrienter, positions: Sequence[Position], poids: Poids, aboutissement: Fraction
) -> tuple[Rang, ...]:
    """The destinations in the order of the advice, those excluded last; see the rule `orientation`."""
    rangs = [_rang(logement, position, poids, aboutissement) for position in positions]
    return tuple(
        sorted(
            rangs, key=lambda r: (bool(r.exclusions), -r.priorite, r.position.gain, r.position.destination)
        )
    )


def _rang(logement: LogementAOrienter, position: Position, poids: Poids, aboutissement: Fraction) -> Rang:
    """The lag a destination would have once the dwelling joins the flux, were it turned to another.

    Without a target of structure, the lag on volume stands for both, so that soustraits and réservataires compare.
    """
    solde = solde_sans(position, aboutissement)
    classe = solde.retard if solde.retard_classe is None else solde.retard_classe
    priorite = poids.quantite * solde.retard + poids.structure * classe
    return Rang(position, solde, priorite, tuple(_exclusions(logement, position)))


def solde_sans(position: Position, aboutissement: Fraction) -> Solde:
    """The balance once the dwelling has joined the flux, turned to another."""
    attendu = position.attendu + position.gain
    compte = position.compte + position.en_cours * aboutissement
    if position.attendu_classe is None:
        return Solde(attendu, compte, attendu - compte)
    attendu_classe = position.attendu_classe + position.gain_classe
    compte_classe = position.compte_classe + position.en_cours_classe * aboutissement
    return Solde(
        attendu, compte, attendu - compte, attendu_classe, compte_classe, attendu_classe - compte_classe
    )


def _exclusions(logement: LogementAOrienter, position: Position) -> list[str]:
    """Every reason why a destination may not receive the dwelling, as codes of orientation.toml."""
    causes = (
        ("hors_flux", logement.motif_exclusion is not None),
        ("hors_territoire", logement.hors_territoire),
        ("identifie", position.type in bareme("orientation")["identifies"]["types"]),
        ("hors_perimetre", position.dans_le_perimetre is False),
        ("lieu_inconnu", position.dans_le_perimetre is None),
        ("sans_part", position.genre == RESERVATAIRE and not position.gain and position.dans_le_perimetre),
        (position.deja or "", position.deja is not None),
    )
    return [code for code, vrai in causes if vrai]
