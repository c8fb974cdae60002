"""Reference agents of memory size 1: a walk on a grid, by +1 + sigma z or -1 + sigma z, rounded down."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from scipy import sparse

from mcpolar.balls import START_BITS, working_precision
from mcpolar.bounds.majority.reference import Reference, normal_between
from mcpolar.bounds.polarization.doubles import double_below

DEEP = Fraction(11, 2)
"""Draws are told apart up to so many standard deviations."""


def walk(sigma: Fraction, low: Fraction, high: Fraction, cells: int) -> Reference:
    """Return the walk of s = sigma^2 l / 2 on the multiples of 1/cells in [low, high]; below is dead, above stays.

    Adding a number rounds down to the grid, so that the walk is never above the agent's own.
    """
    first, last = math.ceil(low * cells), math.floor(high * cells)
    n = last - first + 1
    most = math.ceil(DEEP * sigma * cells)
    with working_precision(START_BITS):
        chances = [
            double_below(normal_between(*(Fraction(j + i, cells) / sigma for i in (0, 1))))
            for j in range(-most, most)
        ]
        chances.append(double_below(normal_between(Fraction(most, cells) / sigma, None)))

    def step(sign: int) -> sparse.coo_array:
        rows, columns, values = [], [], []
        for j, chance in zip(range(-most, most + 1), chances, strict=True):
            to = np.minimum(np.arange(n) + sign * cells + j, n - 1)
            kept = np.flatnonzero(to >= 0)
            rows.append(to[kept])
            columns.append(kept)
            values.append(np.full(kept.size, max(chance, 0.0)))
        where = (np.concatenate(rows), np.concatenate(columns))
        return sparse.coo_array((np.concatenate(values), where), shape=(n, n))

    places = [Fraction(first + i, cells) for i in range(n)]
    log_odds = np.array([rounded(2 * place / sigma**2) for place in places])
    return Reference.of(step(1), step(-1), log_odds, np.ones(n, dtype=np.bool_))


def rounded(number: Fraction) -> float:
    """Return the nearest double that is not above a number."""
    nearest = float(number)
    return nearest if Fraction(nearest) <= number else math.nextafter(nearest, -math.inf)
