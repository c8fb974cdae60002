"""The twist: its interpolation, its cells, and how well it fits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from mcpolar.chain import Ensemble, Start
from mcpolar.compiled.memory.sorted import replace_sorted
from mcpolar.compiled.montecarlo.twist import (
    Twist,
    add_equations,
    draw_cell,
    log_guess,
    stray_interval,
)
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.twist_fit import (
    _Fit,
    cells_of,
    fitted_twist,
    is_fitted_for,
    self_share,
    twist_of_start,
)
from mcpolar.parameters import ChainParameters

REALS = st.floats(-4, 4)


def some_twist(r, seed=1):
    rng = np.random.default_rng(seed)
    tables = (-rng.random((r, 3, 4)), -rng.random((r, 2, 4)), -rng.random((3, 2)))
    return Twist(np.array([0.0, 2, 7]), np.array([-9.0, -1]), -1.0, 0.7, *tables)


@given(st.lists(REALS, min_size=1, max_size=6), REALS)
def test_twin_an_arrival_replaces_the_farthest_element(elements, y):
    memory = np.sort(elements)
    distance = np.abs(memory - y)
    if np.isclose(distance[0], distance[-1]) and memory[0] != memory[-1]:
        return  # a tie
    out = np.empty(memory.size)
    out[:] = memory
    replace_sorted(out, 0, out.size, y)
    expected = memory.copy()
    expected[distance.argmax()] = y
    assert (out == np.sort(expected)).all()


@given(st.floats(0.01, 7), st.lists(st.floats(-1, 1.1), min_size=3, max_size=3), st.floats(-9, -1))
def test_twin_the_guess_interpolates(log_odds, memory, log_stray):
    twist, knots = some_twist(3), np.linspace(-1, 1.1, 4)
    expected = RegularGridInterpolator((twist.log_odds, twist.log_stray), twist.joint)((log_odds, log_stray))
    for h, x in enumerate(memory):
        by_log_odds = RegularGridInterpolator(
            (twist.log_odds, knots), twist.by_log_odds[h], bounds_error=False, fill_value=None
        )
        by_stray = RegularGridInterpolator(
            (twist.log_stray, knots), twist.by_stray[h], bounds_error=False, fill_value=None
        )
        expected = expected + by_log_odds((log_odds, x)) + by_stray((log_stray, x))
    found = log_guess(twist, log_odds, np.array(memory), *stray_interval(log_stray, twist.log_stray))
    assert found == pytest.approx(float(expected), rel=1e-6)
    assert log_guess(twist, -log_odds, np.array(memory), 0, 0.0) == 0.0


@pytest.mark.parametrize("sigma", [0.2, 0.5, 2.0])
def test_law_the_tilted_masses_sum_to_one(sigma):
    cells = cells_of(sigma)
    assert cells.own.sum() == pytest.approx(1, rel=1e-13)
    assert cells.other.sum() == pytest.approx(1, rel=1e-13)
    rng, stray, plain = np.random.default_rng(3), 0.2, 0.1
    logs = -50 * rng.random(cells.own.size)
    seen, n_draws = {}, 5000
    for u in (np.arange(n_draws) + 0.5) / n_draws:
        cell, is_own, log_tilt, log_mean = draw_cell(cells, logs.copy(), stray, plain, u)
        mass = seen.get((cell, is_own), (0.0,))[0]
        seen[cell, is_own] = (mass + 1 / n_draws, log_tilt, log_mean)
    masses = {True: (1 - stray) * cells.own, False: stray * cells.other}
    for (cell, is_own), (mass, log_tilt, log_mean) in seen.items():
        assert mass == pytest.approx(masses[is_own][cell] * math.exp(log_tilt), abs=1.1 / n_draws)
        both = masses[True] + masses[False]
        assert log_mean == pytest.approx(math.log(both @ np.exp(logs)), rel=1e-12)
        expected = (1 - plain) * math.exp(logs[cell] - log_mean) + plain
        assert log_tilt == pytest.approx(math.log(expected), rel=1e-9, abs=1e-12)


def test_twin_the_equations_are_those_of_least_squares():
    # the guess is linear in the values: differences by one value are the columns of the design
    twist, r = some_twist(2), 2
    rng = np.random.default_rng(5)
    states = np.empty((30, r + 4))
    states[:, 0], states[:, 1] = 7 * rng.random(30), -9 + 8 * rng.random(30)
    states[:, 4:] = np.sort(-1 + 2 * rng.random((30, r)), axis=1)
    tables = [twist.by_log_odds, twist.by_stray, twist.joint]

    def guesses():
        return np.array(
            [log_guess(twist, s[0], s[4:].copy(), *stray_interval(s[1], twist.log_stray)) for s in states]
        )

    states[:, 2] = guesses()
    states[:, 3] = rng.random(30)
    columns = []
    for table in tables:
        for place in np.ndindex(table.shape):
            table[place] -= 1.0
            columns.append(states[:, 2] - guesses())
            table[place] += 1.0
    design = np.array(columns).T
    matrix, right = np.zeros((design.shape[1],) * 2), np.zeros(design.shape[1])
    add_equations(twist, states, matrix, right)
    assert matrix == pytest.approx(design.T @ design, abs=1e-12)
    assert right == pytest.approx(design.T @ (states[:, 3] - states[:, 2]), abs=1e-12)


def test_reference_one_agent_with_one_element():
    # the chance to fall on own draws lies below e^-L, and its ratio to that is bounded below (overshoot)
    found = fitted_twist(1, 0.7, [12.0])
    at, part = stray_interval(-690.0, found.twist.log_stray)
    for log_odds in (5.0, 8.0, 12.0):
        guess = log_guess(found.twist, log_odds, np.array([0.5]), at, part)
        assert -log_odds - 3.0 < guess < -log_odds + 0.3
    assert found.misfit < 0.5


def test_reference_self_share_and_the_start():
    assert self_share(ChainParameters(30, 1, "0.5", k=14)) == pytest.approx(1 / 15)
    assert self_share(ChainParameters(30, 1, "0.5")) == pytest.approx(1 / 30)
    assert self_share(ChainParameters(30, 1, "0.5", mirror="0.2")) == pytest.approx(0.2)
    assert self_share(ChainParameters(1, 1, "0.5")) == 1.0
    ensemble = Ensemble.of(ChainParameters(4, 1, "0.7"), Start("boundary", level=4), 1)
    assert twist_of_start(ensemble, 1.0).rounds < 80


def test_law_fits_are_remembered_and_what_they_are_for_is_known():
    assert fitted_twist(1, 0.7, [12.0]) is fitted_twist(1, 0.7, np.array([12]))
    assert is_fitted_for(ChainParameters(3, 20, "0.1"))
    assert not is_fitted_for(ChainParameters(3, 21, "0.1"))
    assert not is_fitted_for(ChainParameters(3, 20, "0.09"))


def test_reference_a_fit_that_does_not_settle_is_used_as_it_is(monkeypatch):
    monkeypatch.setattr("mcpolar.montecarlo.estimators.twist_fit._MOST_ROUNDS", 2)
    fit = _Fit(2, 0.5, np.array([20.0]), 0.1, 0.0)
    assert fit.run().rounds == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((21, 0.5, [4.0]), "`r` must be a whole number from 1 to 20"),
        ((2, 0.05, [4.0]), "`sigma` must be at least 0.1 for a twist"),
        ((2, 0.5, []), "`log_odds` must be positive numbers"),
        ((2, 0.5, [0.0]), "`log_odds` must be positive numbers"),
        ((2, 0.5, [4.0], 1.5), "`self_share` must be a number from 0 to 1"),
        ((2, 0.5, [4.0], 0.1, -1), "`threshold` must be a number that is at least 0"),
    ],
)
def test_rejects_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        fitted_twist(*arguments)
