"""What the check scripts share: the memory rule on exact fractions, the normal law in balls, the recursion of P2'."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import comb
from typing import Literal

import flint

from mcpolar.balls import ball, working_precision

BITS = 256
HALF = Fraction(1, 2)


def replace_farthest(memory: Sequence[Fraction], y: Fraction) -> tuple[Fraction, ...]:
    """Return the memory after `y` has replaced its farthest element; among ties the smaller index goes."""
    gone = max(range(len(memory)), key=lambda h: (abs(memory[h] - y), -h))
    return (*memory[:gone], y, *memory[gone + 1 :])


def replace_any_farthest(memory: Sequence[Fraction], y: Fraction) -> Iterator[tuple[Fraction, ...]]:
    """Yield the memory after every choice of a farthest element: what holds for all of them holds for any tie rule."""
    far = max(abs(x - y) for x in memory)
    for h, x in enumerate(memory):
        if abs(x - y) == far:
            yield (*memory[:h], y, *memory[h + 1 :])


def fractions_between(
    rng: random.Random, low: Fraction, high: Fraction, count: int, grain: int = 60
) -> list[Fraction]:
    """Return `count` random fractions of [low, high] on a grid with `grain` cells, ends included."""
    return [low + (high - low) * Fraction(rng.randint(0, grain), grain) for _ in range(count)]


def grid(low: Fraction, high: Fraction, cells: int) -> list[Fraction]:
    """Return the nodes of an even grid of [low, high]."""
    return [low + (high - low) * Fraction(n, cells) for n in range(cells + 1)]


def logistic(x: flint.arb) -> flint.arb:
    """Return 1 / (1 + e^-x)."""
    return 1 / (1 + (-x).exp())


def logit(w: flint.arb) -> flint.arb:
    """Return log(w / (1 - w))."""
    return (w / (1 - w)).log()


def normal_cdf(x: flint.arb) -> flint.arb:
    """Return Phi(x)."""
    return (-x / flint.arb(2).sqrt()).erfc() / 2


def interval_mass(low: Fraction, high: Fraction, mean: Fraction, sigma: Fraction) -> flint.arb:
    """Return the mass that N(mean, sigma^2) gives to [low, high]."""
    return normal_cdf(ball((high - mean) / sigma)) - normal_cdf(ball((low - mean) / sigma))


def updated_log_odds(log_odds: flint.arb, memory: Sequence[Fraction], sigma: Fraction) -> flint.arb:
    """Return the log-odds after a weight step on `memory`; both means are summed, so nothing rounds to 1."""
    z = [log_odds + ball(2 * x / sigma**2) for x in memory]
    return (sum(map(logistic, z)) / sum(logistic(-v) for v in z)).log()


def own_log_odds(r: int, sigma: Fraction, updates: int) -> list[flint.arb]:
    """Return lambda_0, ..., lambda_updates of P2'."""
    s, found = ball(1 / sigma**2), [ball(0)]
    for u in range(1, updates + 1):
        grown = found[-1] + s
        found.append(grown if u >= r else logit(ball(Fraction(u, r)) * logistic(grown)))
    return found


def own_weight(r: int, sigma: Fraction, updates: int) -> list[flint.arb]:
    """Return a_0, ..., a_updates of P2'."""
    return [logistic(log_odds) for log_odds in own_log_odds(r, sigma, updates)]


def updates_to_level(r: int, sigma: Fraction, level: int) -> int:
    """Return n(h) of P2': the first u >= r with lambda_u >= h / sigma^2."""
    for n in itertools.count(r):
        if bool(own_log_odds(r, sigma, n)[-1] >= ball(level / sigma**2)):
            return n
    raise AssertionError


def least_own_weight(r: int, sigma: Fraction, updates: int) -> flint.arb:
    """Return min of a_0, ..., a_{updates-1}."""
    return min(own_weight(r, sigma, updates)[:updates], key=lambda a: a.mid())


def worst_split(m: int, n: int) -> Fraction:
    """Return b = min over p of (p/m)^(np) ((m-p)/m)^(n(m-p))."""
    return min(Fraction(p, m) ** (n * p) * Fraction(m - p, m) ** (n * (m - p)) for p in range(m + 1))


def orders(m: int, n: int) -> int:
    """Return (nm)! / (n!)^m: the orders in which m agents can be updated n times each."""
    return _product(comb(n * i, n) for i in range(1, m + 1))


def _product(factors: Iterator[int]) -> int:
    total = 1
    for factor in factors:
        total *= factor
    return total


Rounding = Literal["down", "up", "nearest"]


def agrees(value: Callable[[], flint.arb], text: str, digits: int, rounding: Rounding = "down") -> bool:
    """Return whether the ball that `value` evaluates to rounds to the decimal `text` of so many significant digits.

    A printed lower bound is rounded down, so it is at most the value and less than one unit of its last place below.
    """
    with working_precision(BITS):
        number, given, unit = value(), _decimal(text), _unit(text, digits)
        low, high = {"down": (0, 1), "up": (-1, 0), "nearest": (-HALF, HALF)}[rounding]
        return bool(number >= ball(given + low * unit)) and bool(number <= ball(given + high * unit))


def _unit(text: str, digits: int) -> Fraction:
    """Return one unit of the last of so many significant digits."""
    return Fraction(10) ** (Decimal(text).adjusted() - digits + 1)


def _decimal(text: str) -> Fraction:
    mantissa, _, exponent = text.partition("e")
    return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)


def run_checks(names: dict[str, object]) -> None:
    """Run every function named check_*, printing its name; for `python -m proofs.<statement>.check`."""
    for name, check in sorted(names.items()):
        if name.startswith("check_") and callable(check):
            check()
            print(f"ok {name}")
