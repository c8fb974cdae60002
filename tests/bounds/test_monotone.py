"""The directions in the statements' records: seen at many values, and a wrong one is caught."""

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest

from mcpolar.bounds import STATEMENTS

VALUES = {
    "steps": [6, 8, 12, 60, 200, 1000],
    "level": [1, 2, 3, 7],
    "log_odds": ["0.8", "1", "2.5", "10", "40"],
    "sigma": ["0.05", "0.11", "0.2", "0.3", "0.45", "0.7", "1.1", "2", "5", "20"],
    "k": [1, 2, 3, 5],
    "distance": ["0.5", "1", "2", "3"],
    "components": [2, 3, 10],
    "dimension": [1, 2, 5, 20],
}
CASES = [(name, one) for name, record in STATEMENTS.items() for one in record.monotone]


def bounds_along(name, option, split):
    """The statement's bounds as one number grows, all else fixed; None where the statement takes no split."""
    statement = STATEMENTS[name]
    population = {"m": 6, "r": 1, "sigma": "0.6", "k": 2}
    given = {"level": 1, "steps": 50} if option != "log_odds" else {"steps": 50}
    if name == "permanence" and option == "steps":
        given["level"] = 5
    given |= {"components": 3, "dimension": 2, "distance": "2", "split": split, "theta": "0.5"}
    if option == "k" and name == "general_theorem2":
        given["smallest_silo"] = 3
    taken = {key: value for key, value in given.items() if key in statement.arguments and value is not None}
    if name in ("theorem1", "lemma1"):
        population.pop("k")
    for value in VALUES[option]:
        if option in population or option == "k":
            yield statement.evaluate({**population, option: value}, taken)
        else:
            yield statement.evaluate(population, {**taken, option: value})


def goes(bounds, *, rises):
    """Whether no bound contradicts the direction: the lower end of one above the upper end of the other."""
    pairs = itertools.pairwise(bounds)
    ordered = [(a, b) if rises else (b, a) for a, b in pairs]
    return all(less.value.fraction <= more.upper.fraction for less, more in ordered)


@pytest.mark.parametrize("split", [None, 3])
@pytest.mark.parametrize(("name", "one"), CASES, ids=[f"{name} {one.option}" for name, one in CASES])
def test_law_the_bound_goes_as_its_record_says(name, one, split):
    bounds = list(bounds_along(name, one.option, split))
    assert goes(bounds, rises=one.rises)
    assert all(bound.value.fraction <= bound.upper.fraction for bound in bounds)


# k enters by an assumption alone, and PM1, which memories of one number have, is for all time whatever the steps
SEEN_TO_MOVE = [
    (name, one) for name, one in CASES if one.option != "k" and (name, one.option) != ("permanence", "steps")
]


@pytest.mark.parametrize(
    ("name", "one"), SEEN_TO_MOVE, ids=[f"{name} {one.option}" for name, one in SEEN_TO_MOVE]
)
def test_control_the_other_direction_is_caught(name, one):
    bounds = list(bounds_along(name, one.option, None))
    assert not goes(bounds, rises=replace(one, rises=not one.rises).rises)


def test_reference_every_reason_is_a_line():
    for _, one in CASES:
        assert 10 < len(one.reason) < 110
        assert one.option in VALUES


def test_law_the_derivative_of_theorem2_in_sigma():
    """With x = 1/(2 sigma): (P + P_x)' = phi(x) (2 - 3u + 5u^3), u = e^(-4 x^2), and that is positive on [0, 1]."""
    import sympy

    x, u = sympy.symbols("x u", positive=True)
    normal = (1 + sympy.erf(x / sympy.sqrt(2))) / 2
    own, other = 2 * normal - 1, normal.subs(x, 5 * x) - normal.subs(x, 3 * x)
    density = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    polynomial = 2 - 3 * u + 5 * u**3
    claimed = density * polynomial.subs(u, sympy.exp(-4 * x**2))
    assert sympy.simplify(sympy.expand(sympy.diff(own + other, x) - claimed)) == 0
    assert sympy.Poly(polynomial, u).count_roots(0, 1) == 0
    assert polynomial.subs(u, Fraction(1, 2)) > 0
