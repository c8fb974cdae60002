"""The common factor of L1', L2' and T1'."""

from fractions import Fraction
from math import factorial

import pytest

from mcpolar.balls import ball, enclosure
from mcpolar.bounds.rounds import log_rounds, log_split_factor
from mcpolar.parameters import ChainParameters


def split_factor(chain, n):
    low, high = enclosure(lambda: log_split_factor(chain, n).exp())
    return low.fraction, high.fraction


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("m", [1, 2, 3, 4, 5, 8, 13])
@pytest.mark.parametrize("full", [False, True])
def test_reference_minimum_over_all_splits_by_brute_force(m, n, full):
    """The minimum is at floor(m/2): x log x is convex. 0^0 = 1."""
    chain = ChainParameters(m, 3, "0.3", k=m - 1 if full and m > 1 else None)
    brute = min(
        Fraction(p, m) ** (n * p) * Fraction(m - p, m) ** (n * (m - p)) if 0 < p < m else Fraction(1)
        for p in range(m + 1)
    )
    low, high = split_factor(chain, n)
    assert low <= brute <= high
    assert high - low <= brute / 2**90


@pytest.mark.parametrize(
    ("k", "mirror", "own"),
    [
        (2, None, Fraction(1, 3)),
        (1, None, Fraction(1, 2)),
        (None, "0.4", Fraction(2, 5)),
        (2, "0.25", Fraction(1, 4)),
    ],
)
def test_reference_self_sending(k, mirror, own):
    low, high = split_factor(ChainParameters(5, 3, "0.3", k=k, mirror=mirror), 2)
    assert low <= own**10 <= high
    assert high - low <= own**10 / 2**90


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 4), (2, 3), (3, 2), (7, 5)])
def test_reference_all_factors_together(m, n):
    chain, success = ChainParameters(m, 3, "0.3"), Fraction(2, 7)
    low, high = (end.fraction for end in enclosure(lambda: log_rounds(chain, n, ball(success)).exp()))
    p = m // 2
    split = Fraction(p, m) ** (n * p) * Fraction(m - p, m) ** (n * (m - p))
    exact = Fraction(factorial(n * m), factorial(n) ** m * m ** (n * m)) * split * success ** (n * m)
    assert low <= exact <= high
    assert high - low <= exact / 2**90
