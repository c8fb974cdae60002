"""Paths of a general mixture on which silos are kept: against the bound, the chain of two components, one draw."""

import math

import numpy as np
import pytest
from scipy.stats import binom

import mcpolar as mp
from mcpolar.bounds import general_permanence
from mcpolar.errors import InputError
from mcpolar.montecarlo.mixture_paths import boundary, paths, silos_of
from mcpolar.questions import MixtureSilosKept

ERROR = 1e-7
TRIANGLE = {"m": 5, "r": 1, "sigma": "0.6", "means": "circle", "components": 3, "distance": 2}


def bound_of(**options):
    return general_permanence(**TRIANGLE | options)


@pytest.mark.parametrize("level", [2, 3])
def test_sandwich_failures_are_at_most_the_bound(level):
    """Triangle, r = 1: about 0.0575 and 0.0051 (the note) against 0.195 and 0.0141."""
    bound = bound_of(level=level)
    found = paths(bound.question, replicas=4000, seed=1, steps=300)
    failed = 4000 - found.spotless
    assert binom.sf(failed - 1, 4000, float(bound.failure.fraction)) > ERROR
    expected = {2: 0.0575, 3: 0.0051}[level]
    assert binom.cdf(failed, 4000, 1.2 * expected) > ERROR
    assert binom.sf(failed - 1, 4000, expected / 1.4) > ERROR


def test_control_a_bound_that_is_too_high_would_be_caught():
    found = paths(bound_of(level=2).question, replicas=4000, seed=1, steps=300)
    assert binom.sf(4000 - found.spotless - 1, 4000, 0.195 / 8) < ERROR


def test_statistics_a_draw_of_another_component_is_as_rare_as_its_weight():
    """m = 1, one step: the chance of another component's draw is u = 2p/(1 + 2p), p = e^{-h gamma}."""
    question = bound_of(m=1, level=1, sigma=1).question
    found = paths(question, replicas=20_000, seed=2, steps=1)
    p = math.exp(-1)
    strayed = int((found.strayed == 1).sum())
    assert ERROR < binom.cdf(strayed, 20_000, 2 * p / (1 + 2 * p)) < 1 - ERROR


def test_statistics_two_components_on_a_line_are_the_chain():
    """c = 2, D = 2: shares of paths on which a silo is left, here and in the chain of two components."""
    bound = general_permanence(m=4, r=3, sigma="0.9", level=1, means="line", components=2, distance=2)
    ours = paths(bound.question, replicas=6000, seed=3, steps=60)
    chain = mp.ChainParameters(4, 3, "0.9")
    theirs = mp.estimate(
        "permanence", chain, level=1, steps=60, start="boundary", method="crude", replicas=6000, seed=4
    )
    share = math.exp(theirs.log_probability)
    kept, spread = ours.kept / 6000, math.sqrt(2 * share * (1 - share) / 6000)
    assert 0.05 < share < 0.95
    assert abs(kept - share) < 5.5 * spread


def test_law_silos_and_start():
    question = general_permanence(
        m=11, r=2, sigma="0.2", level=2, means="line", components=5, distance=1, smallest_silo=3, k=2
    ).question
    silo = silos_of(question)
    assert sorted(np.bincount(silo, minlength=5)) == [0, 0, 3, 3, 5]
    assert (silo == question.own).sum() == 5
    log_weights, memory = boundary(question)
    own = log_weights[np.arange(11), silo]
    others = np.delete(log_weights[0], silo[0])
    assert np.exp(log_weights).sum(axis=1) == pytest.approx(1, rel=1e-13)
    assert own[0] - others == pytest.approx(2 * 25 / 4, rel=1e-13)
    assert np.abs(memory[:, :, 0] - silo[:, None]) == pytest.approx(0.25, rel=1e-13)


def test_law_same_bits_for_any_workers():
    question = bound_of(level=2, k=2, mirror="0.3").question
    ways = ((1, 3), (2, 3), (1, np.random.SeedSequence(3)))
    found = [paths(question, replicas=70, seed=seed, steps=80, workers=w) for w, seed in ways]
    assert all((other.left == found[0].left).all() for other in found)
    assert all((other.strayed == found[0].strayed).all() for other in found)


def test_reference_validate_counts_and_says_what_it_saw():
    chain = mp.ChainParameters(5, 1, "0.6")
    options = {"means": "circle", "components": 3, "distance": 2, "level": 2, "replicas": 500, "seed": 1}
    found = mp.validate("general-permanence", chain, **options)
    assert found.verdict == "consistent"
    assert isinstance(found.bound.question, MixtureSilosKept)
    assert found.parameters["simulated_steps"] == 90
    assert set(found.estimate.diagnostics) == {"silos_left", "silos_left_or_other_draws"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "splitting"}, "`method` must be auto or crude, with no start and no budget"),
        ({"start": "boundary"}, "`method` must be auto or crude"),
        ({"smallest_silo": 2}, "`level` must be such that the statement's assumptions hold"),
        ({"replicas": 0}, "`replicas` must be"),
        ({"confidence": 2}, "`confidence` must be"),
    ],
)
def test_rejects_other_options(change, message):
    chain = mp.ChainParameters(5, 1, "0.6")
    options = {"means": "circle", "components": 3, "distance": 2, "level": 2, "replicas": 50}
    with pytest.raises(InputError) as caught:
        mp.validate("general-permanence", chain, **options | change)
    assert str(caught.value).startswith(message)
