"""Chances of one draw (theory.md, section 2), as balls at the working precision; each with its complement.

A chance close to 1 is computed from its complement by `erfc`, so that neither loses its digits.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mcpolar.balls import Ball, ball
from mcpolar.questions import FAR, INNER, NEAR

WIDTH = (FAR - NEAR) / 2  # half the width of I


def _half_width(half_width: Fraction, sigma: Decimal) -> Ball:
    """Return `half_width / (sqrt2 sigma)`, the argument of erf."""
    return ball(half_width / Fraction(sigma)) / ball(2).sqrt()


def own_interval(sigma: Decimal) -> Ball:
    """P = P(|Z| <= 1/(2 sigma)): a component's own draw lands in its interval I."""
    return _half_width(WIDTH, sigma).erf()


def own_interval_missed(sigma: Decimal) -> Ball:
    """1 - P."""
    return _half_width(WIDTH, sigma).erfc()


def inner_interval(sigma: Decimal) -> Ball:
    """P_J = P(|Z| <= 1/(6 sigma)): a component's own draw lands in the inner interval J."""
    return _half_width(INNER, sigma).erf()


def other_interval(sigma: Decimal) -> Ball:
    """P_x = Phi(5/(2 sigma)) - Phi(3/(2 sigma)): a component's draw lands in the other one's interval."""
    return (_half_width(1 + NEAR, sigma).erfc() - _half_width(1 + FAR, sigma).erfc()) / 2


def other_half_line(sigma: Decimal) -> Ball:
    """Phi(-1/sigma): a component's draw lands on the other one's half-line."""
    return _half_width(Fraction(1), sigma).erfc() / 2


def level_missed(sigma: Decimal, log_odds: Fraction) -> Ball:
    """Chance that a draw of weight logistic(log_odds) on its own side misses that side's interval (T2')."""
    other = ball(-log_odds).exp()
    return (own_interval_missed(sigma) + other * (1 - other_interval(sigma))) / (1 + other)


def half_line_missed(sigma: Decimal, log_odds: Fraction) -> Ball:
    """Chance that a draw of weight logistic(log_odds) on its own side misses that half-line (SP)."""
    other, missed = ball(-log_odds).exp(), other_half_line(sigma)
    return (missed + other * (1 - missed)) / (1 + other)


def ball_hit_and_missed(dimension: int, radius_over_sigma: Fraction) -> tuple[Ball, Ball]:
    """P(chi_d <= radius/sigma) and its complement: a draw in R^d lands in the ball about its mean (GT2)."""
    order, argument = ball(Fraction(dimension, 2)), ball(radius_over_sigma**2 / 2)
    return argument.gamma_lower(order, 1), argument.gamma_upper(order, 1)


def log_power(missed: Ball, exponent: int) -> Ball:
    """Return log((1 - missed)^exponent)."""
    return exponent * (-missed).log1p()


def within(sigma: Decimal, half_width: Fraction) -> Ball:
    """P(|Z| <= half_width/sigma): a component's own draw lands within `half_width` of its mean."""
    return _half_width(half_width, sigma).erf()
