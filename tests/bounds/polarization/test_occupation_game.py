"""T1A0: the game against its value on single agents, in fractions."""

from fractions import Fraction

import numpy as np
import pytest

from mcpolar.bounds.polarization.occupation_game import Game
from proofs.theorem1.check import game

WEIGHTS = [Fraction(1, 2), Fraction(3, 8), Fraction(15, 16)]
"""Doubles exactly."""


@pytest.mark.parametrize(
    ("m", "split", "steps"), [(1, 1, 5), (2, 1, 6), (2, 0, 6), (3, 1, 8), (3, 2, 8), (4, 2, 9)]
)
def test_twin_values_on_single_agents(m, split, steps):
    found = Game(m, 2, np.array([float(weight) for weight in WEIGHTS])).values(split, steps)
    for n in range(steps + 1):
        exact = float(game(m, split, n, 2, WEIGHTS))
        assert found[n] <= exact
        assert found[n] == pytest.approx(exact, rel=2e-9, abs=0)


def test_law_the_split_is_symmetric():
    rules = Game(5, 2, np.array([0.5, 0.4, 0.9]))
    for split in range(3):
        assert rules.values(split, 14) == pytest.approx(rules.values(5 - split, 14), rel=1e-12)


def test_law_sending_to_oneself_helps_at_the_even_split():
    weights = np.array([0.5, 0.9])
    alone = Game(4, 1, weights, alpha=0.5, others=0.5).values(2, 8)
    shared = Game(4, 1, weights).values(2, 8)
    assert (alone[4:] > shared[4:]).all()


def test_law_all_alone_is_a_sum_over_orders():
    """alpha = 1: the chance of a step is a_u/m, whatever the others do."""
    found = Game(2, 1, np.array([0.5, 0.75]), alpha=1.0, others=0.0).values(1, 3)
    # two updates: 2 orders, each 1/4 * 1/2 * 1/2; three: 6 orders with one agent twice, 1/8 * 1/2 * 1/2 * 3/4
    assert found[2:] == pytest.approx([2 * 0.25 * 0.25, 6 * 0.125 * 0.25 * 0.75], rel=1e-8)


def test_law_underflow_only_lowers():
    tiny = Game(2, 1, np.array([1e-200, 1e-200])).values(1, 3)
    assert (tiny >= 0).all()
    assert np.isfinite(tiny).all()
