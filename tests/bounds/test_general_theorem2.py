"""GT2: level h is kept in a general mixture."""

from fractions import Fraction

import pytest
from scipy import stats

from mcpolar.balls import Dyadic
from mcpolar.bounds import general_theorem2, theorem2
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption
from mcpolar.steps import Steps
from tests.bounds.exact import assert_sandwiched, formula_value

MIXTURE = {"components": 3, "dimension": 2, "distance": 4, "sigma": "0.5", "level": 1, "steps": 1000}


@pytest.mark.parametrize(
    ("components", "dimension", "distance", "sigma", "level", "steps"),
    [
        (2, 1, "2", "0.3", 1, 1021),
        (30, 30, "40", "1", 1, 7),
        (5, 2, "1.5", "0.2", 3, 9),
        (3, 5, "4", "0.9", 2, 2),
        (4, 7, "1", "1", 2, 3),
    ],
)
def test_twin_formula(components, dimension, distance, sigma, level, steps):
    bound = general_theorem2(
        components=components, dimension=dimension, distance=distance, sigma=sigma, level=level, steps=steps
    )
    values = {"c": components, "d": dimension, "D": distance, "sigma": sigma, "h": level, "T": steps}
    assert_sandwiched(bound, formula_value("general_theorem2", "certified", values))


def test_reference_chi_against_scipy():
    bound = general_theorem2(**MIXTURE | {"dimension": 6, "level": 100, "steps": 1})
    assert float(bound.value.fraction) == pytest.approx(stats.chi(6).cdf(2), rel=1e-12, abs=0)


def test_sandwich_two_components_on_a_line_are_below_theorem2():
    """Means -1 and +1: GT2 gives up the other component's chance of landing in the interval."""
    general = general_theorem2(components=2, dimension=1, distance=2, sigma="0.5", level=1, steps=50)
    chain = theorem2(ChainParameters(30, 5, "0.5"), level=1, steps=50)
    assert 0 < general.value.fraction < chain.value.fraction
    assert general.log10 == pytest.approx(chain.log10, rel=1e-3, abs=0)


def test_reference_tiny_and_nearly_certain_values():
    tiny = general_theorem2(components=30, dimension=10_000, distance=1, sigma=1, level=1, steps=10)
    assert tiny.log10 == pytest.approx(-238527.62294908238, rel=1e-12, abs=0)
    sure = general_theorem2(components=30, dimension=10_000, distance=1000, sigma=1, level=1, steps=1021)
    assert sure.failure_upper(4) == "1.623e-7421"


def test_reference_record():
    bound = general_theorem2(**MIXTURE | {"steps": Steps.read("10*m*log(m)", 30), "level": 2})
    assert (bound.statement, bound.variant, bound.horizon_steps) == ("general-theorem2", "certified", 1021)
    assert bound.notes == ("steps 10*m*log(m) = 1020.36 rounded up to 1021",)
    assert bound.parameters == {
        "components": 3,
        "dimension": 2,
        "distance": "4",
        "sigma": "0.5",
        "level": 2,
        "steps": "10*m*log(m)",
        "smallest_silo": None,
        "k": None,
    }
    assert bound.event == (
        "The probability that level 2 holds at every one of the steps 0 to 1021 (every agent's weight on its silo's "
        "component is >= e^(2*gamma) times any other, and its memory within D/4 of that component's mean), from any "
        "state at level 2."
    )
    assert bound.assumptions == (
        Assumption("neighbourhood", "all agents are in one silo, so that every sender is in it", True),
        Assumption("separation", "there is one silo: nothing has to be told apart", True),
    )
    assert r"\Gamma" in bound.formula_latex


@pytest.mark.parametrize(
    ("smallest_silo", "k", "holds", "text"),
    [
        (4, 3, True, "k + 1 <= the smallest silo: 3 + 1 against 4"),
        (4, 4, False, "k + 1 <= the smallest silo: 4 + 1 against 4"),
        (
            4,
            None,
            False,
            "several silos need a neighbourhood k with k + 1 <= the smallest silo = 4; none was given",
        ),
        (None, 3, True, "all agents are in one silo, so that every sender is in it"),
    ],
)
def test_reference_neighbourhood(smallest_silo, k, holds, text):
    bound = general_theorem2(**MIXTURE | {"steps": 3}, smallest_silo=smallest_silo, k=k)
    assert bound.assumptions[0] == Assumption("neighbourhood", text, holds)
    assert bound.assumptions[1].holds
    assert bound.value.is_zero is not holds
    assert (bound.failure == Dyadic(1, 0)) is not holds
    assert bound.parameters["smallest_silo"] == smallest_silo
    assert bound.parameters["k"] == k


@pytest.mark.parametrize(("distance", "holds"), [("2.355", True), ("2.354", False)])
def test_reference_separation(distance, holds):
    """e^{gamma} > 2 (c-1): D^2/4 > log 4 for c = 3 and sigma = 1, D > 2.35482."""
    bound = general_theorem2(**MIXTURE | {"sigma": 1, "distance": distance, "steps": 1}, smallest_silo=4, k=3)
    assert bound.assumptions[1] == Assumption(
        "separation",
        "alpha = (c-1) e^{-h gamma} / (1 + (c-1) e^{-h gamma}) < 1/3, that is e^{h gamma} > 2 (c-1), so that silos are "
        "farther apart than each is wide",
        holds,
    )
    assert bound.value.is_zero is not holds


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"components": 1}, "`components` must be a whole number from 2 to 1000000; got 1"),
        ({"dimension": 0}, "`dimension` must be a whole number from 1 to 10000; got 0"),
        ({"distance": 0}, "`distance` must be a number from 1e-6 to 1000000; got 0"),
        ({"sigma": 0}, "`sigma` must be a number from 1e-6 to 1000000; got 0"),
        ({"level": 0}, "`level` must be a whole number from 1 to 1000000; got 0"),
        (
            {"steps": "10*m"},
            "`steps` must be a number, or Steps.read(expression, m): there is no m here; got 10*m",
        ),
        ({"steps": 2.5}, "`steps` must be a whole number from 0 to 2^53"),
        ({"smallest_silo": 0}, "`smallest_silo` must be a whole number >= 1; got 0"),
        ({"k": 0}, "`k` must be a whole number >= 1; got 0"),
    ],
)
def test_rejects_bad_arguments(change, message):
    with pytest.raises(InputError) as caught:
        general_theorem2(**MIXTURE | change)
    assert str(caught.value).startswith(message)


def test_reference_extremes_are_allowed():
    extremes = {"components": 10**6, "dimension": 10_000, "distance": "1e6", "sigma": "1e6"}
    assert general_theorem2(**MIXTURE | extremes | {"steps": 1}).log10 < -1000
    cells = general_theorem2(**MIXTURE | extremes | {"steps": 1, "sigma": "1e5", "region": "cells"})
    assert cells.question is None


SIMPLEX = {
    "means": "simplex",
    "components": 30,
    "dimension": 30,
    "distance": 8,
    "sigma": 1,
    "level": 40,
    "steps": 1,
}


@pytest.mark.parametrize(
    ("change", "chance", "form"),
    [
        ({}, 0.7646109, "exact on a simplex"),
        ({"distance": 6}, 0.5362638, "exact on a simplex"),
        ({"sigma": "0.5"}, 0.9992044, "exact on a simplex"),
        ({"means": "line", "dimension": 1, "distance": 1, "sigma": "0.2"}, 0.7887004, "exact on a line"),
        ({"means": "line", "dimension": 9, "distance": 1, "sigma": "0.2"}, 0.7887004, "exact on a line"),
        (
            {"means": "line", "dimension": 1, "components": 2, "distance": 1, "sigma": "0.2"},
            0.8943502,
            "exact on a line",
        ),
        ({"means": "circle", "dimension": 2, "distance": 3}, 0.5467453, "exact on a circle"),
        ({"means": None, "region": "cells"}, 0.34024617, "union"),
        ({"means": None, "region": "ball"}, 3.871230e-9, "ball"),
        ({"means": "simplex", "region": "ball"}, 3.871230e-9, "ball"),
    ],
)
def test_reference_chances_of_cells(change, chance, form):
    """The note's table, at a level where the other weights do not matter: 0.765 a step where the ball gives 4e-9."""
    bound = general_theorem2(**SIMPLEX | change)
    assert float(bound.value.fraction) == pytest.approx(chance, rel=2e-7, abs=0)
    if form != "ball":
        assert bound.notes[-1].startswith(f"chance of an own draw in its cell: {form}")
        assert bound.parameters["region"] == "cells"


def test_law_random_cells_by_other_means():
    """1000 random sets of union, Sidak and Slepian at 60 digits: none above; 15 integrals by mpmath's quadrature."""
    import mpmath
    import numpy as np

    from mcpolar.bounds.mixtures.cells import least_chance
    from mcpolar.means import Gap, Means

    rng = np.random.default_rng(40)

    def tail(x):
        return mpmath.erfc(x / mpmath.sqrt(2)) / 2

    for _ in range(1000):
        c, d = int(rng.integers(2, 40)), int(rng.integers(1, 9))
        distance, sigma = (
            Fraction(int(rng.integers(50, 900)), 100),
            Fraction(int(rng.integers(10, 200)), 100),
        )
        found = least_chance(None, c, d, Gap.of(distance), sigma)
        b = (
            mpmath.mpf(distance.numerator)
            / distance.denominator
            * sigma.denominator
            / (4 * mpmath.mpf(sigma.numerator))
        )
        ball = mpmath.gammainc(mpmath.mpf(d) / 2, 0, b * b / 2, regularized=True)
        best = max(1 - (c - 1) * tail(b), (1 - 2 * tail(b)) ** (c - 1), ball)
        hit = mpmath.ldexp(mpmath.mpf(found.hit.mantissa), found.hit.exponent)
        assert best * (1 - mpmath.mpf(10) ** -30) < hit <= best * (1 + mpmath.mpf(10) ** -55)
    for _ in range(15):
        c, sigma = int(rng.integers(3, 30)), Fraction(int(rng.integers(50, 200)), 100)
        means = Means.read("simplex", components=c, distance=4)
        found = least_chance(means, c, c - 1, means.nearest, sigma)
        b = mpmath.sqrt(2) / (mpmath.mpf(sigma.numerator) / sigma.denominator)
        with mpmath.workdps(25):
            exact = mpmath.quad(
                lambda t, b=b, c=c: mpmath.npdf(t) * (1 - tail(b - t)) ** (c - 1), [-20, -4, 0, 4, 20]
            )
        hit = mpmath.ldexp(mpmath.mpf(found.hit.mantissa), found.hit.exponent)
        assert exact * (1 - mpmath.mpf(10) ** -12) < hit <= exact * (1 + mpmath.mpf(10) ** -12)


@pytest.mark.parametrize("own", range(4))
def test_law_forms_are_below_a_simulated_share(own):
    """Points in the plane and in space: every form at most the share of draws in the cell, at 6 standard deviations."""
    import numpy as np

    from mcpolar.balls import working_precision
    from mcpolar.bounds.mixtures.cells import forms
    from mcpolar.means import Means

    for points in (
        [[0, 0], [2, 0], [0, 3], [-1, -2]],
        [[0, 0, 0], [2, 0, 0], [0, 2, 0], [1, 1, 3]],
        [[0], [1], [3], [7]],
    ):
        means = Means.read(points)
        mu = np.array(means.coordinates())
        draws = np.random.default_rng(9).normal(0, 0.6, (100_000, means.dimension))
        gaps = np.delete(mu - mu[own], own, axis=0)
        share = (4 * draws @ gaps.T <= (gaps**2).sum(axis=1)).all(axis=1).mean()
        with working_precision(128):
            for form in forms(means, Fraction(3, 5), own):
                assert float(form.hit().mid()) <= share + 6 * np.sqrt(share * (1 - share) / 100_000)
                assert float(form.missed().mid()) >= 1 - share - 6 * np.sqrt(share * (1 - share) / 100_000)
                if form.form.startswith("exact"):
                    assert float(form.hit().mid()) >= share - 6 * np.sqrt(share * (1 - share) / 100_000)


def test_control_slepian_needs_acute_angles():
    """Two means on opposite sides: Slepian's product is above the chance, and is not among the forms."""
    from mcpolar.balls import working_precision
    from mcpolar.bounds.mixtures.cells import _product, forms
    from mcpolar.means import Means

    means = Means.read([[0], [1], [-1]])
    assert "Slepian" not in [form.form for form in forms(means, Fraction(1, 2), 0)]
    with working_precision(128):
        exact = next(form for form in forms(means, Fraction(1, 2), 0) if form.form == "exact on a line")
        assert bool(_product("Slepian", means.profiles()[0], Fraction(1, 2), 1).hit() > exact.hit())


def test_sandwich_cells_are_at_least_balls_and_at_most_the_ceiling():
    for means in ("line", "circle", "simplex"):
        options = {"means": means, "components": 5, "distance": 3, "sigma": 1, "level": 3, "steps": 20}
        cells, balls = general_theorem2(**options), general_theorem2(**options, region="ball")
        assert cells.value.fraction >= balls.value.fraction
        assert (cells.ceiling is None) == (means == "circle")
        assert balls.ceiling is not None
        if cells.ceiling is not None:
            assert cells.value.fraction <= cells.ceiling.value.fraction
        assert "in its cell" in cells.event
        assert "P_{K}" in cells.formula_latex


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"region": "box"}, "`region` must be ball or cells; got box"),
        ({"means": "ring"}, "`means` must be line, circle, simplex"),
        ({"components": None}, "`components` must be given for means on a simplex; got nothing"),
    ],
)
def test_rejects_bad_cells(change, message):
    with pytest.raises(InputError) as caught:
        general_theorem2(**SIMPLEX | change)
    assert str(caught.value).startswith(message)
