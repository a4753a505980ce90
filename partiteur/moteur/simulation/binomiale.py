"""Draws how many dwellings of a stock are freed in a year: the exact inverse of the binomial distribution.

A draw is 64 random bits u, read as the number u ÷ 2^64; the answer is the least k whose probability P(X ≤ k)
passes it. That probability is first bracketed by whole numbers on 256 bits; where the bracket cannot tell, which
fewer than one draw in 2^50 meets, the exact fraction is computed. So an answer depends on no rounding and no machine.
"""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

BITS_TIRAGE = 64
BITS_POIDS = 256


@dataclass(frozen=True)
class Binomiale:
    """The number freed among `logements`, each with probability `taux` (between 0 and 1), apart from the others."""

    logements: int
    taux: Fraction

    def inverse(self, tirage: int) -> int:
        """The number freed for a draw of 64 bits: the least k with P(X ≤ k) > tirage ÷ 2^64."""
        premier, sous, sur = self._encadrement
        au_plus, au_moins = bisect_right(sous, tirage), bisect_right(sur, tirage)
        return premier + au_plus if au_plus == au_moins else self.inverse_exacte(tirage)

    def inverse_exacte(self, tirage: int) -> int:
        """The same answer by the definition, on exact whole numbers: slow on a large stock."""
        succes, echec = self.taux.numerator, self.taux.denominator - self.taux.numerator
        poids, cumul, libres = echec**self.logements, 0, 0
        if not echec:
            return self.logements
        cible = tirage * self.taux.denominator**self.logements
        while (cumul := cumul + poids) << BITS_TIRAGE <= cible:
            poids = poids * (self.logements - libres) * succes // ((libres + 1) * echec)
            libres += 1
        return libres

    @cached_property
    def _encadrement(self) -> tuple[int, list[int], list[int]]:
        """The first k of any weight, then bounds below and above of 2^64 × P(X ≤ k) for it and the following ones.

        Weights are rounded down from the most likely k, set to 2^256: each misses its true value by less than the
        stock plus one, so their sums miss theirs by less than its square.
        """
        premier, poids = self._poids()
        manque = (self.logements + 1) ** 2
        total, cumul = sum(poids), 0
        sous, sur = [], []
        for un_poids in poids:
            cumul += un_poids
            sous.append((cumul << BITS_TIRAGE) // (total + manque))
            sur.append(-((cumul + manque << BITS_TIRAGE) // -total))
        return premier, sous, sur

    def _poids(self) -> tuple[int, list[int]]:
        """The first k whose weight is not nil on 256 bits, and the weights from it on, relative to the likeliest."""
        succes, echec = self.taux.numerator, self.taux.denominator - self.taux.numerator
        mode = min((self.logements + 1) * succes // self.taux.denominator, self.logements)
        avant: list[int] = []
        apres = [1 << BITS_POIDS]
        for k in range(mode, self.logements):
            if not (suivant := apres[-1] * (self.logements - k) * succes // ((k + 1) * echec)):
                break
            apres.append(suivant)
        precedent = apres[0]
        for k in range(mode, 0, -1):
            precedent = precedent * k * echec // ((self.logements - k + 1) * succes)
            if not precedent:
                break
            avant.append(precedent)
        return mode - len(avant), [*reversed(avant), *apres]
