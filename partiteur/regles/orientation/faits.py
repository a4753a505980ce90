"""What the advice looks at: the dwelling, where each destination stands, and the weights of the cadre."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from partiteur.regles.socle import bareme, fraction

Classe = tuple[
    str | None, bool | None, str | None
]  # famille de financement, QPV, typologie grouped; None unknown
NON_RESERVE = "non_reserve"
RESERVATAIRE, SOUSTRAIT, MAIRE = "reservataire", "soustrait", "maire"


@dataclass(frozen=True)
class LogementAOrienter:
    """The dwelling to turn: its class, what keeps it out, what happened already, and what informs the choice.

    `motif_exclusion`: a motif of exclus.toml that the cadre retains. `maire`: the code of the commune, when a failure
    in QPV sends the dwelling to the maire (D24). `individuel`, `plai_adapte`, `pmr`: constraints, None unknown.
    `residence`: a code of [residences].
    """

    famille_financement: str | None = None
    qpv: bool | None = None
    typologie: str | None = None
    motif_exclusion: str | None = None
    hors_territoire: bool = False
    maire: str | None = None
    individuel: bool | None = None
    plai_adapte: bool | None = None
    pmr: bool | None = None
    residence: str | None = None


@dataclass(frozen=True)
class Position:
    """Where a destination stands without the dwelling to turn.

    `destination`: reservataire:<code>, non_reserve or soustrait:<category>. `attendu`: dwellings its part of the flux
    really seen comes to; `gain`: what one more dwelling here adds to it. `compte`: dwellings counted, `en_cours` those
    offered whose end is not known. The same in the dwelling's class, None where the cadre sets no target. `deja`:
    what became of this dwelling for it (offre_en_cours or deja_compte). `dans_le_perimetre`: None is unknown.
    """

    destination: str
    attendu: Fraction
    gain: Fraction
    compte: int = 0
    en_cours: int = 0
    attendu_classe: Fraction | None = None
    gain_classe: Fraction = Fraction(0)
    compte_classe: int = 0
    en_cours_classe: int = 0
    nom: str | None = None
    type: str | None = None
    gestion: str = "directe"
    dans_le_perimetre: bool | None = True
    deja: str | None = None
    prevus: int | None = None

    @property
    def genre(self) -> str:
        """What comes before the colon: reservataire, non_reserve, soustrait."""
        return self.destination.partition(":")[0]


@dataclass(frozen=True)
class Poids:
    """What a cadre says of the orientation: the target of structure, the weights of volume and of structure."""

    cible: str
    quantite: Fraction
    structure: Fraction


@dataclass(frozen=True)
class Solde:
    """The balance of a destination: dwellings owed, counted (those in progress at their chance), and the lag.

    `retard` = attendu − compte; below zero it is ahead. The same in the dwelling's class, None without a target.
    """

    attendu: Fraction
    compte: Fraction
    retard: Fraction
    attendu_classe: Fraction | None = None
    compte_classe: Fraction | None = None
    retard_classe: Fraction | None = None


def poids_du_cadre(document: Mapping[str, Any]) -> Poids:
    """The `Poids` of a cadre's document, its inheritance already laid; what it does not say is the default."""
    defaut, poids = bareme("orientation")["defaut"], document.get("poids", {})
    return Poids(
        document.get("structure_cible", {}).get("valeur", defaut["cible"]),
        fraction(poids.get("quantite", defaut["quantite"])),
        fraction(poids.get("structure", defaut["structure"])),
    )
