"""No estimate is chosen by its outcome: it is the mean of all draws, and what chooses has draws of its own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from mcpolar.chain import Start
from mcpolar.montecarlo.estimators.splitting import Repeating, Repetition, Splitter
from mcpolar.montecarlo.estimators.tilting import Tilting
from mcpolar.montecarlo.estimators.twist_fit import fitted_twist
from mcpolar.montecarlo.estimators.twisting import Twisting
from mcpolar.montecarlo.method import Choice
from mcpolar.montecarlo.targets import silo_left, silos_kept
from mcpolar.parameters import ChainParameters

ONE = ChainParameters(1, 1, "0.7")
START = Start("boundary", level=4)
EVENT = silo_left(12)
GUESS = fitted_twist(1, 0.7, [8.0], 0.1)
LOGS = st.lists(
    st.one_of(st.floats(-700, 0), st.just(-math.inf)), min_size=8, max_size=30
)  # dead, or of any size


def repeating(logs):
    sampler = Repeating(Splitter.of(ONE, START, EVENT, seed=1, particles=60))
    sampler.runs = [Repetition(one, (), (), 0) for one in logs]
    return sampler


def tilting(logs):
    sampler = Tilting.of(ChainParameters(2, 1, "0.7"), START, EVENT, 1)
    sampler.log_weights = np.array(logs)
    return sampler


def twisting(logs):
    sampler = Twisting.of(ONE, START, EVENT, 1, GUESS)
    sampler.log_weights, sampler.fall_steps = np.array(logs), np.zeros(len(logs), np.int64)
    return sampler


@pytest.mark.parametrize("sampler_of", [repeating, tilting, twisting])
@given(logs=LOGS)
def test_law_the_estimate_is_the_mean_of_all_draws(sampler_of, logs):
    sampler, mean = sampler_of(logs), logsumexp(logs) - math.log(len(logs))
    for estimate in (sampler.estimate(0.999), sampler.running(0.999)):
        assert estimate.log_probability == pytest.approx(mean, rel=1e-12, abs=1e-12)
        assert estimate.log_low <= estimate.log_probability + 1e-9
        assert estimate.log_high >= estimate.log_low


def test_control_a_mean_over_the_runs_that_look_sound_is_too_low():
    # repetitions whose logs are normal with standard deviation 2.5: e^(s^2/2) is the mean
    logs = np.random.default_rng(5).normal(0.0, 2.5, (4000, 10))
    samplers = [repeating(row) for row in logs - 30.0]
    means = np.exp([sampler.estimate(0.999).log_probability + 30.0 for sampler in samplers])
    sound = np.array([sampler.is_sound for sampler in samplers])
    assert 0.1 < sound.mean() < 0.9
    assert means[sound].mean() < 0.5 * means.mean()


@pytest.mark.parametrize(("memory", "method"), [(2, "twisting"), (21, "splitting")])
def test_law_a_trial_draws_for_itself(memory, method):
    chain, steps = ChainParameters(2, memory, "0.5"), 20
    target = silos_kept(0, steps)
    choice = Choice(chain, START, target, None, method, 800, None, seed=3, workers=1)
    sampler, _ = choice.sampler()
    found, count = choice.after_trial(sampler)
    assert found.replicas == sampler.replicas == 0
    assert count > 0
    inner = sampler.of_failure
    trial = inner.trial(7)
    for one in (inner, trial):
        one.extend(8, workers=1)
    assert not np.array_equal(_draws(inner), _draws(trial))


def _draws(sampler):
    return sampler.log_weights if isinstance(sampler, Twisting) else sampler._logs()
