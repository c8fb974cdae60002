"""Doubles below and above balls: where ball arithmetic meets arrays."""

from __future__ import annotations

import math

from mcpolar.balls import Ball, ball


def double_below(value: Ball) -> float:
    """Return the largest double that is certainly at most `value`, or a neighbour of it."""
    found = float(value.lower())
    while not bool(ball_of(found) <= value):
        found = math.nextafter(found, -math.inf)
    return found


def double_above(value: Ball) -> float:
    """Return the smallest double that is certainly at least `value`, or a neighbour of it."""
    found = float(value.upper())
    while not bool(ball_of(found) >= value):
        found = math.nextafter(found, math.inf)
    return found


def ball_of(exact: float) -> Ball:
    """Return the ball of a double, taken as the exact binary number that it is."""
    numerator, denominator = exact.as_integer_ratio()
    return ball(numerator) / denominator
