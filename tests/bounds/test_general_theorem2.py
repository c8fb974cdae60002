"""GT2: level h is kept in a general mixture."""

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
