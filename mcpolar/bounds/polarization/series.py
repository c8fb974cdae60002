"""Powers of power series in balls."""

from __future__ import annotations

from collections.abc import Sequence

import flint

from mcpolar.balls import Ball, ball


def power_series(coefficients: list[Ball], exponent: int) -> flint.arb_poly:
    """Return the power of a polynomial, cut to the polynomial's own length.

    Products of polynomials lose few bits of each coefficient, however different their sizes are.
    """
    size, base = len(coefficients), flint.arb_poly(coefficients)
    result = flint.arb_poly([1])
    while exponent:
        if exponent & 1:
            result = (result * base).truncate(size)
        exponent >>= 1
        if exponent:
            base = (base * base).truncate(size)
    return result


def multinomial(steps: int, sides: Sequence[tuple[int, list[Ball]]]) -> Ball:
    """Return the mean of a product over agents of q_u, u their numbers of updates in so many uniform steps.

    N!/m^N [z^N] of the product over the sides of (sum_u q_u z^u/u!)^agents, m all agents together.

    Parameters
    ----------
    steps : int
        N.
    sides : sequence of (int, list of balls)
        The number of agents, and q_0, q_1, … up to q_N.
    """
    agents, product, shift = 0, flint.arb_poly([1]), 0
    for number, chances in sides:
        first = next((u for u, chance in enumerate(chances) if not chance.is_zero()), None)
        if first is None:
            return ball(0)
        agents, shift = agents + number, shift + first * number
        term, terms = 1 / ball(first + 1).gamma(), []
        for u in range(first, len(chances)):
            terms.append(chances[u] * term)
            term /= u + 1
        product *= power_series(terms, number)
    rest = steps - shift
    if not 0 <= rest < product.length():
        return ball(0)
    return (ball(steps + 1).lgamma() - steps * ball(agents).log()).exp() * product.coeffs()[rest]
