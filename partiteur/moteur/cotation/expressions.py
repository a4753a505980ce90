"""What a grid says, as SQL of the portable subset: literals, conditions in three values, counts of dated events.

SQL's own three values are those of the readable evaluation: unknown and false is false, unknown or true is true.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from types import MappingProxyType

from partiteur.moteur.execution import identifiant
from partiteur.regles.cotation.grille import (
    Comparaison,
    Compteur,
    Condition,
    Reference,
    Sauf,
    Tous,
    UnDe,
    Valeur,
)
from partiteur.regles.delais import Delai, rebours

VRAI = "true"
SIGNES = {
    "est": "=",
    "egal": "=",
    "different": "<>",
    "au_moins": ">=",
    "au_plus": "<=",
    "superieur_a": ">",
    "inferieur_a": "<",
}
ECHAPPES = "'\\$"  # what an engine may read otherwise than as written, inside quotes
JOUR = len("2024-01-01")
PAS = len("2024-01-01, ")  # from an event to the next, in a list cast to text


@dataclass(frozen=True)
class Lecture:
    """How the facts are read: the grid's own references, the date, the most events each dated column holds.

    `noms`: the column a variable is read in, when it is not its own. `absentes`: the variables no column gives.
    `compteurs`: the columns where the events of a counter are already counted.
    """

    references: Mapping[str, Valeur]
    au: date
    evenements: Mapping[str, int]
    noms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    absentes: Collection[str] = ()
    compteurs: Mapping[Compteur, "Occurrences"] = field(default_factory=lambda: MappingProxyType({}))

    def colonne(self, variable: str) -> str:
        """The column of a variable."""
        return identifiant(self.noms.get(variable, variable))


def litteral(valeur: Valeur) -> str:
    """A value as SQL. A text is safe whatever it holds; a fraction with no finite decimals has none: ValueError."""
    match valeur:
        case bool():
            return "true" if valeur else "false"
        case date():
            return f"date '{valeur:%Y-%m-%d}'"
        case int():
            return str(valeur)
        case Fraction():
            return _decimal(valeur)
    return _texte(valeur)


def _texte(valeur: str) -> str:
    morceaux: list[str] = []
    courant = ""
    for signe in valeur:
        if signe in ECHAPPES or not signe.isprintable():
            morceaux += [f"'{courant}'", f"chr({ord(signe)})"]
            courant = ""
        else:
            courant += signe
    texte = f"'{courant}'"
    return f"({' || '.join([*morceaux, texte])})" if morceaux else texte


def _decimal(valeur: Fraction) -> str:
    decimales = 0
    while (valeur * 10**decimales).denominator != 1:
        decimales += 1
        if decimales > 18:
            raise ValueError(f"{valeur} has no finite decimals")
    entier = abs(int(valeur * 10**decimales))
    signe = "-" if valeur < 0 else ""
    chiffres = str(entier).rjust(decimales + 1, "0")
    return (
        f"{signe}{chiffres}" if not decimales else f"{signe}{chiffres[:-decimales]}.{chiffres[-decimales:]}"
    )


def ordre(colonne: str, signe: str, valeur: Fraction) -> str:
    """A number compared with an exact threshold: multiplied out when the threshold has no finite decimals."""
    try:
        return f"{colonne} {signe} {_decimal(valeur)}"
    except ValueError:
        return f"{colonne} * {valeur.denominator} {signe} {valeur.numerator}"


def cas(quand: Sequence[str]) -> str:
    """The first case that holds, 0 when none does or when there is none."""
    return f"case {' '.join(quand)} else 0 end" if quand else "0"


def condition(si: Condition | None, lecture: Lecture) -> str:
    """A condition as a boolean expression, null when unknown facts leave it undecided."""
    match si:
        case None:
            return VRAI
        case Sauf(dedans):
            return f"(not {condition(dedans, lecture)})"
        case Tous(conditions):
            return f"({' and '.join(condition(c, lecture) for c in conditions)})"
        case UnDe(conditions):
            return f"({' or '.join(condition(c, lecture) for c in conditions)})"
        case Comparaison():
            return _comparaison(si, lecture)


def _comparaison(si: Comparaison, lecture: Lecture) -> str:
    colonne = lecture.colonne(si.variable)
    valeurs = [lecture.references.get(v.nom, v) if isinstance(v, Reference) else v for v in si.valeurs]
    if si.operateur == "contient" and si.variable in lecture.absentes:
        return "cast(null as boolean)"  # an empty list has no type common to the engines
    if si.operateur == "contient":
        return _un_de(
            [f"array_contains({colonne}, {litteral(v)})" for v in valeurs if not isinstance(v, Reference)]
        )
    signe = SIGNES.get(si.operateur, "=")
    connues = [v for v in valeurs if not isinstance(v, Reference)]
    dits = [f"{colonne} {signe} {lecture.colonne(v.nom)}" for v in valeurs if isinstance(v, Reference)]
    if si.operateur == "dans" and connues and all(isinstance(v, str) for v in connues):
        return _un_de([*dits, f"{colonne} in ({', '.join(map(litteral, connues))})"])
    dits += [
        ordre(colonne, signe, Fraction(v))
        if isinstance(v, int | Fraction) and not isinstance(v, bool)
        else f"{colonne} {signe} {litteral(v)}"
        for v in connues
    ]
    return _un_de(dits)


def _un_de(dits: list[str]) -> str:
    return dits[0] if len(dits) == 1 else f"({' or '.join(dits)})"


@dataclass(frozen=True)
class Occurrences:
    """The events a counter counts, as SQL: their number, the last one's date ('' if none), and `connu`, if known."""

    nombre: str
    derniere: str
    connu: str


def occurrences(compteur: Compteur, lecture: Lecture) -> Occurrences:
    """The events of the window, up to the date, after the last reset.

    A list of dates is read cast to text, « [2024-01-01, 2024-02-01] » on every engine: each date is at a known
    place, and ISO dates compare as texts. `lecture.noms` gives the column of the text.
    """
    depuis = ""
    if compteur.fenetre_mois is not None:
        depuis = f"{rebours(lecture.au, Delai(compteur.fenetre_mois, 'mois')).valeur:%Y-%m-%d}"
    bas, connus = f"'{depuis}'", [f"{lecture.colonne(compteur.variable)} is not null"]
    au = f"'{lecture.au:%Y-%m-%d}'"
    if compteur.remise_a_zero is not None:
        remises = _jours(compteur.remise_a_zero, lecture)
        bas = plus_grand([bas, *(f"case when {j} <= {au} then {j} else '' end" for j in remises)])
        connus.append(f"{lecture.colonne(compteur.remise_a_zero)} is not null")
    jours = [(jour, f"{jour} > {bas} and {jour} <= {au}") for jour in _jours(compteur.variable, lecture)]
    somme = " + ".join(f"cast({compte} as int)" for _, compte in jours) or "0"
    return Occurrences(
        # most households have no event: nothing is then looked for
        f"case when {lecture.colonne(compteur.variable)} <> '[]' then {somme} else 0 end",
        plus_grand(["''", *(f"case when {compte} then {jour} else '' end" for jour, compte in jours)]),
        " and ".join(connus),
    )


def plus_grand(expressions: Sequence[str]) -> str:
    """The greatest of expressions; greatest() of one alone is refused by Spark."""
    return expressions[0] if len(expressions) == 1 else f"greatest({', '.join(expressions)})"


def _jours(variable: str, lecture: Lecture) -> list[str]:
    colonne, combien = lecture.colonne(variable), lecture.evenements.get(variable, 0)
    return [f"substr({colonne}, {len('[') + 1 + rang * PAS}, {JOUR})" for rang in range(combien)]
