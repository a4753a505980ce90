"""What a réservataire says it would like to be offered, and the part of each class of dwellings it comes to (D59)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from partiteur.regles.orientation.faits import Classe
from partiteur.regles.socle import ErreurUtilisateur, Etape, Resultat, bareme, nombre, pourcentage, regle

Axe = tuple[
    str, Mapping[str, Fraction], Sequence[str | None]
]  # its name, the shares wished, the values in the parc


class AttentesImpossibles(ErreurUtilisateur):
    """Shares asked for of one axis that pass the whole."""


@dataclass(frozen=True)
class Attentes:
    """Shares wished of what is offered, by typology grouped and by famille de financement, and in QPV; None: no wish.

    Principles, not dwellings; nothing contractual. What is left of an axis goes to its other values as the parc has them.
    """

    typologies: Mapping[str, Fraction] = field(default_factory=dict)
    financements: Mapping[str, Fraction] = field(default_factory=dict)
    qpv: Fraction | None = None


@dataclass(frozen=True)
class LogementsDeClasse:
    """The dwellings of one class in the places of a réservataire; an axis unknown is None."""

    logements: int
    famille_financement: str | None = None
    qpv: bool | None = None
    typologie: str | None = None

    @property
    def classe(self) -> Classe:
        """Its class."""
        return self.famille_financement, self.qpv, self.typologie


@regle("d59", "d61", du="2018-01-01")
def parts_attendues(attentes: Attentes, part: Fraction, parc: Sequence[LogementsDeClasse]) -> Resultat:
    """Les attentes d'un réservataire disent quelle part de chaque classe de logements il vise ; en tout, sa part du flux.

    Interpretation: the parc is brought to the shares wished one axis after the other, again and again (calage sur
    marges), so that each is met where the parc allows it; what the parc has not is spread over the rest. Confidence:
    low. Returns a part for each of `parc`, in its order; their mean over the parc is `part`; code `sans_logement` when
    the parc has nothing of what is wished. Raises AttentesImpossibles.
    """
    qpv = {} if attentes.qpv is None else {"en": attentes.qpv, "hors": 1 - attentes.qpv}
    lieux = {True: "en", False: "hors", None: None}
    axes = (
        ("typologies", attentes.typologies, [c.typologie for c in parc]),
        ("financements", attentes.financements, [c.famille_financement for c in parc]),
        ("qpv", qpv, [lieux[c.qpv] for c in parc]),
    )
    entier = sum(c.logements for c in parc)
    logements = _caler([Fraction(c.logements) for c in parc], [axe for axe in axes if axe[1]])
    if not sum(logements):
        return Resultat(tuple(part for _ in parc), "sans_logement")
    pese = sum(logements, Fraction(0))
    parts = tuple(part * n * entier / (pese * c.logements) for c, n in zip(parc, logements, strict=True))
    etapes = tuple(
        Etape(f"Part attendue, {'|'.join(map(str, c.classe))}", f"{nombre(c.logements)} logements", p, "d59")
        for c, p in zip(parc, parts, strict=True)
    )
    return Resultat(parts, "calcule", etapes)


def _caler(logements: list[Fraction], axes: Sequence[Axe]) -> list[Fraction]:
    """The dwellings brought to the shares wished on every axis in turn, several times over."""
    for nom, voulues, _ in axes:
        somme = sum((voulue for voulue in voulues.values() if voulue > 0), Fraction(0))
        if somme > 1:
            raise AttentesImpossibles(
                f"Attentes, « {nom} » : les parts demandées font {pourcentage(somme)}, plus que le tout ; réduisez-les."
            )
    calage = bareme("orientation")["attentes"]
    for _ in range(calage["tours"]):
        for _, voulues, valeurs in axes:
            logements = _a_la_marge(logements, voulues, valeurs, calage["precision"])
    return logements


def _a_la_marge(
    logements: list[Fraction], voulues: Mapping[str, Fraction], valeurs: Sequence[str | None], precision: int
) -> list[Fraction]:
    """The same dwellings, with the shares wished of one axis; the values nobody named share what is left."""
    comptes: dict[str | None, Fraction] = {}
    for valeur, n in zip(valeurs, logements, strict=True):
        nomme = valeur if valeur in voulues else None
        comptes[nomme] = comptes.get(nomme, Fraction(0)) + n
    parts: dict[str | None, Fraction] = {None: 1 - sum(voulues.values(), Fraction(0))}
    parts.update(voulues)
    possible = sum((parts[nomme] for nomme, n in comptes.items() if n), Fraction(0))
    if not possible:
        return [Fraction(0)] * len(logements)
    entier = sum(comptes.values(), Fraction(0))
    facteurs = {
        nomme: parts[nomme] * entier / (possible * n) if n else Fraction(0) for nomme, n in comptes.items()
    }
    return [
        (n * facteurs[valeur if valeur in voulues else None]).limit_denominator(precision)
        for valeur, n in zip(valeurs, logements, strict=True)
    ]
