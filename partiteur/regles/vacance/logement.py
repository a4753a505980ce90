"""The dwelling of a vacance: what a bilan looks at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LogementVacant:
    """What is known of the dwelling of a vacance when it opened; None is unknown, never « no ».

    `logement`: its numéro RPLS or internal identifier. `typologie`: T1 to T9. `famille_financement`: PLAI, PLUS, PLS,
    PLI or autre. `commune`, `epci` and `departement` are codes. `annee_construction`: a year.
    """

    vacance: str
    logement: str | None = None
    typologie: str | None = None
    famille_financement: str | None = None
    qpv: bool | None = None
    commune: str | None = None
    epci: str | None = None
    departement: str | None = None
    annee_construction: int | None = None
