"""One agent, slowly: the farthest memory element is replaced, then the weight takes one EM step (theory.md, section 1).

Memories and updates are fractions, so that distances and ties are exact; the odds are mpmath numbers, whose exponents
are unlimited.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import mpmath


def replace_farthest(memory: Sequence[Fraction], update: Fraction) -> tuple[Fraction, ...]:
    """Return the memory with the element farthest from `update` replaced by it; a tie goes to the smaller index."""
    distances = [abs(element - update) for element in memory]
    farthest = distances.index(max(distances))
    return (*memory[:farthest], update, *memory[farthest + 1 :])


def reweigh(log_odds: mpmath.mpf, memory: Sequence[Fraction], sigma: Fraction) -> mpmath.mpf:
    """Return the log-odds of the mean over the memory of g(w, x) = w / (w + (1 - w) e^{-2x/sigma^2})."""
    odds = [
        mpmath.exp(log_odds + mpmath.mpf(2 * x.numerator) / x.denominator / to_mpf(sigma) ** 2)
        for x in memory
    ]
    own, other = sum(o / (1 + o) for o in odds), sum(1 / (1 + o) for o in odds)
    return mpmath.log(own) - mpmath.log(other)


def step(
    log_odds: mpmath.mpf, memory: Sequence[Fraction], update: Fraction, sigma: Fraction
) -> tuple[mpmath.mpf, tuple[Fraction, ...]]:
    """Return the log-odds and the memory after one update."""
    memory = replace_farthest(memory, update)
    return reweigh(log_odds, memory, sigma), memory


def to_mpf(value: Fraction) -> mpmath.mpf:
    return mpmath.mpf(value.numerator) / value.denominator
