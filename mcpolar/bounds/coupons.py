"""C(T, m, n) of T2ii': the chance that T uniform draws from m cells put at least n in every cell.

C = T!/m^T [z^T] (e^z - sum_{l<n} z^l/l!)^m. For n = 1 that is an alternating sum of m + 1 terms, whose
cancellation the rising precision of :mod:`mcpolar.balls` pays for. Otherwise, with z scaled by T/m and each
factor by e^{-T/m} the series becomes that of m independent Poisson(T/m) counts: its coefficients are chances,
all positive, so that balls lose nothing.
"""

from __future__ import annotations

from fractions import Fraction

import flint

from mcpolar.balls import Ball, ball, guard_bits

MOST_TERMS = 10_000
MOST_CELLS_ONCE = 2_000
_GUARD_BITS = 64


def is_exact(draws: int, cells: int, times: int) -> bool:
    """Return whether :func:`chance_of_all` evaluates C itself, and not the union bound below it."""
    return cells == 1 or _is_alternating(cells, times) or draws - times * cells < MOST_TERMS


def _is_alternating(cells: int, times: int) -> bool:
    return times == 1 and cells <= MOST_CELLS_ONCE


def chance_of_all(draws: int, cells: int, times: int) -> Ball:
    """Return a ball for C(draws, cells, times) at the working precision.

    Where :func:`is_exact` it contains C. Elsewhere it contains the union bound
    1 - cells * P(Binomial(draws, 1/cells) < times), or 0 if that is negative: a lower bound of C.
    """
    spare = draws - times * cells
    if spare < 0:
        return ball(0)
    if cells == 1 or times == 0:
        return ball(1)
    if not is_exact(draws, cells, times):
        return (1 - cells * _too_few(draws, cells, times)).max(ball(0))
    if _is_alternating(cells, times):
        return alternating_sum(draws, cells)
    return series_coefficient(draws, cells, times)


def alternating_sum(draws: int, cells: int) -> Ball:
    """C(draws, cells, 1) by inclusion and exclusion of empty cells."""
    total, choices = ball(0), 1
    for empty in range(cells):
        term = choices * ball(Fraction(cells - empty, cells)) ** draws
        total += term if empty % 2 == 0 else -term
        choices = choices * (cells - empty) // (empty + 1)
    return total


def series_coefficient(draws: int, cells: int, times: int) -> Ball:
    """C(draws, cells, times) by the power series; draws >= times * cells."""
    spare = draws - times * cells
    with guard_bits(_GUARD_BITS):
        counts = _shifted_poisson(ball(draws) / cells, times, spare)
        together = _power(counts, cells, spare + 1)[spare]
        return together / _poisson(ball(draws), draws)


def _poisson(rate: Ball, count: int) -> Ball:
    """P(Poisson(rate) = count)."""
    return (count * rate.log() - rate - ball(count + 1).lgamma()).exp()


def _shifted_poisson(rate: Ball, first: int, spare: int) -> flint.arb_poly:
    """P(Poisson(rate) = first + l) for l = 0..spare, as a polynomial in z^l."""
    term, coefficients = _poisson(rate, first), []
    for count in range(first + 1, first + spare + 2):
        coefficients.append(term)
        term = term * rate / count
    return flint.arb_poly(coefficients)


def _power(base: flint.arb_poly, exponent: int, length: int) -> flint.arb_poly:
    """Return base**exponent cut to `length` terms: squarings, with one product per binary digit that is 1."""
    result = base
    for digit in bin(exponent)[3:]:
        result = (result * result).truncate(length)
        if digit == "1":
            result = (result * base).truncate(length)
    return result


def _too_few(draws: int, cells: int, times: int) -> Ball:
    """P(Binomial(draws, 1/cells) < times)."""
    term = (draws * (-(1 / ball(cells))).log1p()).exp()
    total = ball(0)
    for count in range(times):
        total += term
        term = term * (draws - count) / ((count + 1) * (cells - 1))
    return total
