"""GT1: a general mixture polarizes from any state."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import mcpolar as mp
from mcpolar.bounds import general_theorem1
from mcpolar.errors import InputError

TRIANGLE = {"components": 3, "dimension": 2, "distance": 2, "sigma": "0.2"}


@pytest.mark.parametrize(
    ("options", "log10"),
    [
        (
            {"m": 30, "r": 5, "components": 2, "dimension": 1},
            -143.616,
        ),  # the note's table, and T1g of the chain
        ({"m": 30, "r": 1, "components": 2, "dimension": 1, "sigma": "0.3"}, -36.994),
        ({"m": 6, "r": 3}, -26.979),
        ({"m": 30, "r": 5}, -220.913),
        ({"m": 30, "r": 5, "means": "line", "components": 30, "dimension": 1, "distance": 1}, -404.015),
        ({"m": 30, "r": 5, "means": "circle", "components": 30, "distance": 3, "sigma": 1}, -598.179),
        (
            {
                "m": 30,
                "r": 5,
                "means": "simplex",
                "components": 30,
                "dimension": 30,
                "distance": 8,
                "sigma": 1,
            },
            -3630.308,
        ),
    ],
)
def test_reference_values_of_the_note(options, log10):
    bound = general_theorem1(**TRIANGLE | options)
    assert bound.log10 == pytest.approx(log10, abs=6e-4)
    assert bound.horizon_steps == options["m"] * bound.parameters["updates"]


def slow(m, r, c, d, squared, sigma, level, *, share=None):
    """Log of GT1g at the working precision of mpmath, written anew: gamma functions, no balls."""
    gain = squared / (4 * sigma**2)
    a, odds, u = [mpmath.mpf(1) / c], -mpmath.log(c - 1), 0
    while u < r or (odds < level * gain if r > 1 else u < level):
        u += 1
        grown = odds + gain
        a.append(mpmath.mpf(min(u, r)) / r / (1 + mpmath.exp(-grown)))
        odds = grown if u >= r else mpmath.log(a[-1] / (1 - a[-1]))
    n = u

    def within(x):
        return mpmath.gammainc(mpmath.mpf(d) / 2, 0, x, regularized=True)

    total = mpmath.loggamma(n * m + 1) - m * mpmath.loggamma(n + 1) - n * m * mpmath.log(m)
    total += m * (
        r * mpmath.log(within(squared / sigma**2 / 288))
        + (n - r) * mpmath.log(within(squared / sigma**2 / 32))
    )
    first = mpmath.fsum(mpmath.log(x) for x in a[:n])
    if share is not None:
        return n, total + n * m * mpmath.log(share) + m * first
    second = mpmath.fsum(mpmath.log(x) for x in a[: n + 1]) * n / (n + 1)
    worst = mpmath.inf
    for q in range(1, min(c, m) + 1):
        size, more = divmod(m, q)
        split = more * (size + 1) * mpmath.log(mpmath.mpf(size + 1) / m) + (q - more) * size * mpmath.log(
            mpmath.mpf(size) / m
        )
        worst = min(worst, n * split + q * first + (m - q) * second)
    return n, total + worst


def test_law_random_parameters_by_other_means():
    """1000 random sets at 60 digits, every number of silos tried: none above, all close."""
    rng = np.random.default_rng(30)
    for trial in range(1000):
        m, r, c, d = (int(rng.integers(low, high)) for low, high in ((1, 12), (1, 7), (2, 9), (1, 7)))
        sigma, distance = Fraction(int(rng.integers(15, 120)), 100), Fraction(int(rng.integers(50, 400)), 100)
        level = int(rng.integers(1, 4))
        options, share = {}, None
        if m > 2 and trial % 4 == 0:
            options, share = {"k": 1}, mpmath.mpf(1) / 2
        if m > 2 and trial % 4 == 1:
            options, share = {"mirror": "0.25"}, mpmath.mpf(1) / 4
        bound = general_theorem1(
            m=m,
            r=r,
            sigma=str(float(sigma)),
            components=c,
            dimension=d,
            distance=str(float(distance)),
            level=level,
            **options,
        )
        squared = mpmath.mpf(distance.numerator) ** 2 / distance.denominator**2
        n, log = slow(
            m, r, c, d, squared, mpmath.mpf(sigma.numerator) / sigma.denominator, level, share=share
        )
        assert bound.parameters["updates"] == n
        value = mpmath.ldexp(mpmath.mpf(bound.value.mantissa), bound.value.exponent)
        assert (
            mpmath.exp(log) * (1 - mpmath.mpf(10) ** -25)
            < value
            <= mpmath.exp(log) * (1 + mpmath.mpf(10) ** -55)
        )


def test_control_a_sharper_recursion_would_be_above():
    """With min(u + 1, r) in place of min(u, r) the value is above what is proved, and the comparison sees it."""
    bound = general_theorem1(m=3, r=3, **TRIANGLE)
    _, log = slow(3, 3, 3, 2, mpmath.mpf(4), mpmath.mpf("0.21"), 1)
    assert bound.value.log10 * math.log(10) > log * (1 - 1e-6)


def test_sandwich_the_smallest_simulated_share_is_above_the_bound():
    """m = 1, r = 3 and m = 2, r = 1 on a triangle, from deep starts outside the balls: shares far above the bound."""
    for m, r in ((1, 3), (2, 1), (3, 1)):
        chain = mp.ChainParameters(m, r, "0.2")
        found = mp.validate("general-theorem1", chain, components=3, dimension=2, distance=2, replicas=2000)
        assert found.verdict == "validated"
        assert found.estimate.log_low > found.bound.log10 * math.log(10)


def test_sandwich_random_starts_of_few_agents():
    """20 random weights and memories, also far and just outside the ball: hits at least as often as the bound says."""
    from scipy.stats import binom

    from mcpolar.montecarlo.mixture_paths import polarized_ends

    rng = np.random.default_rng(8)
    bound = general_theorem1(m=2, r=1, **TRIANGLE)
    question = bound.question
    means = np.array(question.means.coordinates())
    for trial in range(20):
        weights = np.log(rng.dirichlet(np.full(3, rng.choice([0.1, 1, 30])), 2) + 1e-12)
        weights -= np.log(np.exp(weights).sum(axis=1, keepdims=True))
        memory = means[rng.integers(3, size=2)][:, None] + rng.normal(0, rng.choice([0.2, 0.6, 5]), (2, 1, 2))
        hits = int(polarized_ends(question, (weights, memory), replicas=2000, seed=trial).sum())
        assert binom.cdf(hits, 2000, float(bound.value.fraction)) > 1e-8


def test_reference_record():
    bound = general_theorem1(m=6, r=3, level=2, **TRIANGLE)
    assert (bound.statement, bound.horizon_steps) == ("general-theorem1", 6 * bound.parameters["updates"])
    assert bound.event.startswith(
        f"The probability that after {bound.horizon_steps} steps every agent is at level 2"
    )
    assert bound.assumptions[0].name == "self-sending"
    assert "b_{q}" in bound.formula_latex
    assert "g^{" in general_theorem1(m=6, r=3, k=2, **TRIANGLE).formula_latex


def test_reference_unrestricted_neighbourhoods_and_no_mirror():
    plain = general_theorem1(m=6, r=3, **TRIANGLE)
    assert general_theorem1(m=6, r=3, k=5, **TRIANGLE).value == plain.value
    none = general_theorem1(m=6, r=3, mirror=0, **TRIANGLE)
    assert none.value.is_zero
    assert not none.holds


def test_reference_many_components_are_bounded_and_not_simulated():
    many = general_theorem1(m=2, r=1, sigma="0.2", components=10**6, dimension=3, distance=1)
    assert many.log10 < -10
    assert many.question is None


def test_law_points_have_the_distance_that_counts():
    points = [[0, 0], [2, 0], [0, 3]]
    listed = general_theorem1(m=4, r=2, sigma="0.2", means=points)
    assert listed.value == general_theorem1(m=4, r=2, **TRIANGLE).value
    assert listed.parameters["distance"] == "2"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"components": 1}, "`components` must be a whole number from 2 to 1000000; got 1"),
        ({"distance": None}, "`distance` must be given, or `means`; got nothing"),
        ({"dimension": None}, "`dimension` must be given, or `means`; got nothing"),
        ({"level": 0}, "`level` must be a whole number from 1"),
        ({"m": 0}, "`m` must be"),
        ({"sigma": 40, "distance": "0.1"}, "`sigma` must be such that 20000 updates"),
        ({"means": "hexagon"}, "`means` must be line, circle, simplex"),
    ],
)
def test_rejects_bad_arguments(change, message):
    with pytest.raises(InputError) as caught:
        general_theorem1(**{"m": 4, "r": 2} | TRIANGLE | change)
    assert str(caught.value).startswith(message)
