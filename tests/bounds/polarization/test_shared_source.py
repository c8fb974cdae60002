"""T1A: its parts against lists of all sequences, and the sum of roots against balls."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from mcpolar.balls import ball, working_precision
from mcpolar.bounds.polarization import shared_source
from mcpolar.bounds.polarization.shared_source import Source, log_chance
from proofs.theorem1.check import closed_form, served, visits

WEIGHTS = [Fraction(1, 2), Fraction(2, 5), Fraction(9, 10)]


def source(m, steps, alpha=Fraction(0)):
    return Source(m, 2, [ball(weight) for weight in WEIGHTS], steps, alpha)


@pytest.mark.parametrize(("agents", "updates"), [(1, 4), (2, 6), (3, 7)])
def test_twin_moments_of_the_sum_of_weights(agents, updates):
    orders = served(agents, updates, 2)
    with working_precision(128):
        side = source(agents, updates).side(agents, updates)
        for i in range(updates + 1):
            sums = [sum(WEIGHTS[min(order[:i].count(a), 2)] for a in range(agents)) for order in orders]
            mean = sum(sums, Fraction(0)) / len(sums)
            variance = sum(((value - mean) ** 2 for value in sums), Fraction(0)) / len(sums)
            assert abs(side.mean[i] - ball(mean)) < ball(1) / 2**90
            assert ball(variance) <= side.variance[i] + ball(1) / 2**90
            assert side.variance[i] - ball(variance) < ball(1) / 2**90


@pytest.mark.parametrize(("n", "rest"), [(1, 1), (3, 5), (0, 4), (40, 25)])
def test_twin_visits(n, rest):
    found = shared_source._visits(n, rest)
    for i, j in product(range(n + 1), range(rest + 1)):
        exact = float(visits(n, rest, i, j)) if (i, j) != (n, rest) else 0.0
        assert found[i, j] == pytest.approx(exact, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("m", "split", "steps"), [(2, 1, 4), (2, 1, 6), (2, 2, 5), (3, 1, 7), (3, 0, 6), (3, 2, 7)]
)
def test_twin_closed_form_summed_over_the_sides_numbers(m, split, steps):
    ends = range(2 * split, steps - 2 * (m - split) + 1) if 0 < split < m else [steps if split else 0]
    with working_precision(128):
        at = source(m, steps)
        total = sum(float(log_chance(at, split, n, steps).exp().mid()) for n in ends)
    expected = closed_form(m, split, steps, 2, WEIGHTS)
    assert total <= expected * (1 + 1e-12)
    assert total == pytest.approx(expected, rel=1e-7)


def roots_in_balls(up, down, n, rest):
    total = ball(0)
    for i, j in product(range(n + 1), range(rest + 1)):
        if (i, j) == (n, rest):
            continue
        f = ball(Fraction(n - i, n + rest - i - j))
        difference = f * (up.own[i] - down.other[j]) + (1 - f) * (up.other[i] - down.own[j])
        x = f * up.own_spread[i] - (1 - f) * up.other_spread[i]
        y = (1 - f) * down.own_spread[j] - f * down.other_spread[j]
        total += ball(visits(n, rest, i, j)) * (difference**2 + x**2 + y**2).sqrt()
    return total


@pytest.mark.parametrize(("m", "split", "n", "rest"), [(2, 1, 2, 3), (5, 2, 9, 12), (6, 1, 4, 20)])
def test_twin_sum_of_roots_is_rounded_up_and_no_more(m, split, n, rest):
    with working_precision(128):
        at = source(m, n + rest)
        up, down = (shared_source._terms(at.side(*side)) for side in ((split, n), (m - split, rest)))
        exact, found = roots_in_balls(up, down, n, rest), shared_source._roots(up, down, n, rest)
        assert exact <= found
        assert found <= exact * (1 + ball(2) / 10**9)


def test_control_roots_without_slack_are_not_certified(monkeypatch):
    """The comparison above does see a sum that is too small."""
    monkeypatch.setattr(shared_source, "ROOT_SLACK", -1e-9)
    with working_precision(128):
        at = source(5, 21)
        up, down = (shared_source._terms(at.side(*side)) for side in ((2, 9), (3, 12)))
        assert not roots_in_balls(up, down, 9, 12) <= shared_source._roots(up, down, 9, 12)


def test_law_curvature_bounds_the_logarithm():
    with working_precision(128):
        for k in range(1, 40):
            y = -ball(Fraction(k, 41))
            for x in np.linspace(-(k - 1e-3) / 41, 3, 12):
                point = ball(Fraction(float(x)))
                assert point.log1p() >= point - shared_source._curvature(y) * point**2 - ball(1) / 2**100
        tiny = -ball(1) / 2**30
        assert shared_source._curvature(tiny) >= ball(1) / 2
