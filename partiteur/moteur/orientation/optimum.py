"""The best a year could have ended, known in advance: integer programming over every dwelling of the year.

It knows all that nobody knows when a dwelling is turned: every dwelling the year will free, in what place and class, and
which mises à disposition will fail. It keeps each réservataire within `marge` dwellings of its part of the flux seen
(what cannot be kept costs more than any structure) and brings the structure as near to the target as whole dwellings
allow. It may not avoid what no policy avoids: a dwelling in QPV whose first offer would fail, or one that would fail
with everybody, ends with the non-réservé.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from importlib import import_module
from typing import Any

from partiteur.moteur.orientation.cible import Cibles
from partiteur.moteur.orientation.rejeu import Issue, Tirage, issue
from partiteur.moteur.orientation.soldes import Soldes
from partiteur.regles.orientation import NON_RESERVE, Apport, Classe, Offert

MARGE = 2
ECART, NOEUDS = 0.2, 2_000  # where the search stops: within 20 % of its bound, or so many nodes


@dataclass
class _Modele:
    """A programme being written: one whole variable a (destination, class, group of dwellings)."""

    highs: Any
    entier: Any
    variables: dict[tuple[str, Classe], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def ecart(self, de: Any, cout: float) -> None:
        """Charge the absolute value of an expression."""
        plus = self.highs.addVariable(0, self.highs.inf, cout)
        self.highs.addConstr(plus - de >= 0)
        self.highs.addConstr(plus + de >= 0)


def optimum(
    cibles: Cibles, tirage: Tirage, marge: int = MARGE, ecart: float = ECART, noeuds: int = NOEUDS
) -> Issue:
    """The best end of a year drawn, with `borne`: no end within the margin has a lower distance of structure."""
    highspy: Any = import_module("highspy")  # slow to import, and of no other use

    soldes = Soldes(replace(cibles, soustraits={}))
    groupes: Counter[tuple[tuple[str, ...], Classe]] = Counter()
    for (_, lieu), echecs in zip(tirage.vacances, tirage.echecs, strict=True):
        soldes.ajouter(lieu, Apport(dans_le_flux=True))
        admis = [b for b in cibles.beneficiaires if b.part and lieu.dans(b.places)]
        tentes = [b for b in admis if b.gestion != "deleguee"]
        perdu = echecs and (lieu.classe[1] or echecs >= len(tentes))
        ouverts = [b.code for b in admis if b not in tentes or not perdu]
        groupes[(*ouverts, NON_RESERVE), lieu.classe] += 1
    dus = {o.code: o for o in soldes.offerts()}
    modele = _Modele(highspy.Highs(), highspy.HighsVarType.kInteger)
    _regler(modele.highs, ecart, noeuds)
    for (codes, classe), nombre in sorted(groupes.items(), key=repr):
        choix = [modele.highs.addVariable(0, nombre, 0, modele.entier) for _ in codes]
        modele.highs.addConstr(_somme(choix) == nombre)
        for code, variable in zip(codes, choix, strict=True):
            modele.variables[code, classe].append(variable)
    for code, du in dus.items():
        _viser(modele, code, du, marge, len(tirage.vacances))
    modele.highs.run()
    offerts = tuple(_recus(modele, code, du) for code, du in dus.items())
    trouve = issue("optimum", offerts, len(tirage.vacances))
    borne = max(modele.highs.getInfo().mip_dual_bound, 0.0)
    return replace(trouve, borne=Fraction(borne).limit_denominator(10**6) / len(tirage.vacances))


def _regler(highs: Any, ecart: float, noeuds: int) -> None:
    """The same search each time: one thread, and an end that no clock decides."""
    for nom, valeur in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 1),
        ("mip_rel_gap", ecart),
        ("mip_max_nodes", noeuds),
    ):
        highs.setOptionValue(nom, valeur)


def _viser(modele: _Modele, code: str, du: Offert, marge: int, flux: int) -> None:
    """Charge a destination for its gaps of structure, and a réservataire for what passes the margin."""
    siennes = {"|".join(map(str, c)): v for (qui, c), v in modele.variables.items() if qui == code}
    variables = [v for liste in siennes.values() for v in liste]
    if not variables:
        return
    compte = modele.highs.addVariable(0, modele.highs.inf)
    modele.highs.addConstr(_somme(variables) - compte == 0)
    if code != NON_RESERVE:
        trop = modele.highs.addVariable(0, modele.highs.inf, flux)
        modele.highs.addConstr(compte - trop <= float(du.attendu + marge))
        modele.highs.addConstr(compte + trop >= float(du.attendu - marge))
    entiere = sum(du.cible.values(), Fraction(0))
    if not entiere:
        return
    for nom in {**siennes, **du.cible}:
        part = float(du.cible.get(nom, Fraction(0)) / entiere)
        ecart = compte * part
        for variable in siennes.get(nom, ()):
            ecart = ecart - variable
        modele.ecart(ecart, 1 / 2)


def _somme(variables: Iterable[Any]) -> Any:
    premiere, *autres = variables
    total = premiere * 1
    for variable in autres:
        total = total + variable
    return total


def _recus(modele: _Modele, code: str, du: Offert) -> Offert:
    """What the solution gives a destination, in whole dwellings."""
    valeurs = modele.highs.getSolution().col_value
    recus: Mapping[str, int] = {
        "|".join(map(str, classe)): sum(round(valeurs[v.index]) for v in liste)
        for (qui, classe), liste in modele.variables.items()
        if qui == code
    }
    return replace(du, compte=sum(recus.values()), classes={nom: n for nom, n in recus.items() if n})
