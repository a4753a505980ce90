"""How far what was offered is from what was owed: in volume, and in structure (D61)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from partiteur.regles.socle import Etape, Resultat, bareme, nombre, pourcentage, regle


@dataclass(frozen=True)
class Offert:
    """What a destination received and was owed, in all and by class of dwelling (any name)."""

    code: str
    compte: int
    attendu: Fraction
    classes: Mapping[str, int] = field(default_factory=dict)
    cible: Mapping[str, Fraction] = field(default_factory=dict)


@regle("d61", "d45", du="2018-01-01")
def distance_quantitative(offerts: Sequence[Offert], flux: int) -> Resultat:
    """La distance en volume est la somme des écarts entre le compté et la part du flux constaté, sur ce flux.

    `offerts`: the réservataires. Returns a rate, None for an empty flux.
    """
    if not flux:
        return Resultat(None, "flux_vide")
    ecarts = [(o, abs(o.compte - o.attendu)) for o in offerts]
    distance = sum((ecart for _, ecart in ecarts), Fraction(0)) / flux
    etapes = [
        Etape(o.code, f"|{nombre(o.compte)} − {nombre(o.attendu)}|", ecart, "d45") for o, ecart in ecarts
    ]
    etapes.append(Etape("Distance en volume", f"somme des écarts ÷ {nombre(flux)}", distance, "d61"))
    return Resultat(distance, "calcule", tuple(etapes))


@regle("d61", du="2018-01-01")
def distance_structure(offerts: Sequence[Offert]) -> Resultat:
    """La distance de structure est la part des logements offerts qu'il faudrait échanger pour atteindre la cible.

    Half the sum of the gaps between the structure offered and the target, each destination at its volume. Targets
    need not add up to 1: only their proportions matter; a destination without any is left out. Returns a rate, None
    when nothing was offered to a destination that has a target.
    """
    cotes = bareme("orientation")["distance"]["cotes"]
    a_deplacer = Fraction(0)
    volume = 0
    etapes = []
    for offert in offerts:
        entiere = sum(offert.cible.values(), Fraction(0))
        if not entiere or not offert.compte:
            continue
        noms = {**offert.classes, **offert.cible}
        ecart = sum(
            (
                abs(offert.classes.get(nom, 0) - offert.compte * offert.cible.get(nom, Fraction(0)) / entiere)
                for nom in noms
            ),
            Fraction(0),
        )
        propre = ecart / cotes
        formule = f"{pourcentage(propre / offert.compte)} de {nombre(offert.compte)} logements"
        etapes.append(Etape(offert.code, formule, propre, "d61"))
        a_deplacer += propre
        volume += offert.compte
    if not volume:
        return Resultat(None, "sans_cible")
    etapes.append(
        Etape("Distance de structure", f"{nombre(a_deplacer)} ÷ {nombre(volume)}", a_deplacer / volume, "d61")
    )
    return Resultat(a_deplacer / volume, "calcule", tuple(etapes))
