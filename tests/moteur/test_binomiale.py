"""The sampler: the inverse of the exact binomial law, to the unit, on each side of every threshold."""

from fractions import Fraction
from itertools import accumulate
from math import comb, floor

from hypothesis import given
from hypothesis import strategies as st

from partiteur.moteur.simulation.binomiale import BITS_TIRAGE, Binomiale

F = Fraction
DERNIER = (1 << BITS_TIRAGE) - 1
TAUX = st.fractions(min_value=0, max_value=1, max_denominator=40)


def cumul_exact(n: int, p: Fraction) -> list[Fraction]:
    """P(X ≤ k) for k = 0 to n, from the definition."""
    return list(accumulate(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)))


@given(st.integers(0, 14), TAUX, st.data())
def test_l_inverse_est_celle_de_la_loi_exacte(n: int, p: Fraction, donnees: st.DataObject) -> None:
    """On each side of every threshold of the exact law, and anywhere else, the draw falls where the law says."""
    cumul, loi = cumul_exact(n, p), Binomiale(n, p)
    seuils = [min(max(floor(c * 2**BITS_TIRAGE) + d, 0), DERNIER) for c in cumul for d in (-1, 0, 1)]
    for tirage in [*seuils, donnees.draw(st.integers(0, DERNIER))]:
        attendu = next(k for k, c in enumerate(cumul) if c * 2**BITS_TIRAGE > tirage)
        assert loi.inverse(tirage) == attendu == loi.inverse_exacte(tirage)


def test_pile_ou_face_a_la_main() -> None:
    """Two dwellings at one half: 1/4, 1/2, 1/4 of the draws, to the unit."""
    loi, quart = Binomiale(2, F(1, 2)), 1 << (BITS_TIRAGE - 2)
    assert [loi.inverse(u) for u in (0, quart - 1, quart, 3 * quart - 1, 3 * quart, DERNIER)] == [
        0,
        0,
        1,
        1,
        2,
        2,
    ]


@given(st.integers(0, 3000), TAUX, st.integers(0, DERNIER), st.integers(0, DERNIER))
def test_l_inverse_croit(n: int, p: Fraction, un: int, deux: int) -> None:
    """A higher draw never frees fewer dwellings; none frees more than there are."""
    loi = Binomiale(n, p)
    bas, haut = sorted((un, deux))
    assert 0 <= loi.inverse(bas) <= loi.inverse(haut) <= n


def test_un_grand_parc_suit_aussi_la_loi_exacte() -> None:
    """Where weights are kept on 256 bits, the answer is still that of the exact whole numbers."""
    loi = Binomiale(900, F(67, 900))
    for tirage in (1, DERNIER // 10, DERNIER // 2, DERNIER - 1):
        assert loi.inverse(tirage) == loi.inverse_exacte(tirage)
