"""U0 to U2: consensus from a majority."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom, norm, poisson

from mcpolar.balls import Dyadic, working_precision
from mcpolar.bounds import consensus, consensus_barrier, fewest_steps
from mcpolar.bounds.majority.certificate import late_rings
from mcpolar.chain import ChainState, Start, simulate
from mcpolar.errors import InputError
from mcpolar.montecarlo import compare, crude, estimate, splitting
from mcpolar.montecarlo.starting import lowest_of
from mcpolar.montecarlo.targets import target_of
from mcpolar.montecarlo.worst_start import worst_start
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Agreed, AnyState
from tests.calibrated import assert_proportion

DEEP = "90%@250/10%@-50"
SMALL = ChainParameters(m=30, r=1, sigma="0.2")


def test_statistics_bounds_are_met_by_simulation():
    bound = consensus(SMALL, groups=DEEP, level=2, steps=1200)
    assert bound.value.fraction > 0.9
    assert compare(bound, replicas=12_000, seed=3).verdict == "validated"


@pytest.mark.parametrize(("m", "r", "groups"), [(10, 2, "100%@20@plus"), (12, 5, "90%@60@plus/10%@20@plus")])
def test_statistics_larger_memories_are_met_by_simulation(m, r, groups):
    bound = consensus(ChainParameters(m=m, r=r, sigma="0.2"), groups=groups)
    assert bound.notes == ("U1",)
    assert bound.value.fraction > 0.5
    assert compare(bound, replicas=2000, seed=3).verdict == "validated"


def test_control_a_bound_that_is_too_large_is_violated():
    """Within 120 steps half of the populations have an agent that was never updated."""
    bound = consensus(SMALL, groups=DEEP, level=2, steps=1200)
    question = replace(bound.question, event=replace(bound.question.event, steps=120))
    assert compare(replace(bound, question=question), replicas=3000, seed=3).verdict == "violated"


def test_statistics_the_barrier_is_below_simulated_means():
    """The chance to keep it, with rings at exponential times: at least `kept` (false alarms 1e-6)."""
    barrier = consensus_barrier(SMALL, groups=DEEP, level=2, steps=1200)
    n = 400
    assert binom.cdf(_above(barrier, n), n, float(barrier.kept.fraction)) > 1e-6
    higher = replace(barrier, heights=tuple(height + 0.07 for height in barrier.heights))
    assert binom.cdf(_above(higher, n), n, float(barrier.kept.fraction)) < 1e-6


def _above(barrier, n):
    start = lowest_of(consensus(SMALL, groups=DEEP, level=2, steps=1200).question.starts, SMALL)
    found = simulate(SMALL, start, barrier.steps, seed=5, every=1, replicas=n)
    weights = (1 / (1 + np.exp(-np.clip(found.log_odds, -700, 700)))).mean(axis=2)
    gaps = np.random.default_rng(5).exponential(1 / SMALL.m, (n, barrier.steps))
    times = np.concatenate((np.zeros((n, 1)), gaps.cumsum(axis=1)), axis=1)
    heights = np.array([*barrier.heights, 0.0])
    at = heights[np.searchsorted(barrier.times, times, side="right")]
    until = heights[np.searchsorted(barrier.times, times[:, 1:], side="left")]
    return int(((weights >= at).all(axis=1) & (weights[:, :-1] >= until).all(axis=1)).sum())


def test_law_later_horizons_and_larger_majorities_are_better():
    values = [consensus(SMALL, groups=DEEP, level=2, steps=n).value.fraction for n in (600, 900, 1800)]
    assert values == sorted(values)
    assert values[0] < values[-1]
    smaller = consensus(SMALL, groups="80%@250/20%@-50", level=2, steps=900)
    assert smaller.value.fraction < values[1]


def test_reference_ceiling_and_median():
    bound = consensus(SMALL, groups=DEEP, level=2, steps=100)
    assert bound.ceiling.value.fraction >= (1 - (1 - 1 / 30) ** 100) ** 3 * (1 - 1e-12)
    assert bound.value.fraction < bound.ceiling.value.fraction < 1
    for m, g in ((30, 30), (100, 7), (2, 1)):
        chance = lambda n: (1 - (1 - 1 / m) ** n) ** g  # noqa: B023, E731
        steps = fewest_steps(ChainParameters(m=m, r=1, sigma="0.2"), g)
        assert chance(steps - 1) < 0.5 <= chance(steps)


def test_reference_consensus_at_the_start():
    bound = consensus(SMALL, groups="100%@60", level=2)
    assert bound.value == Dyadic(1, 0)
    assert bound.horizon_steps == 0
    assert bound.ceiling is None


def test_reference_any_state_has_no_bound_and_an_estimate():
    bound = consensus(SMALL, level=2, steps=900)
    assert bound.value.is_zero
    assert [one.name for one in bound.assumptions if not one.holds] == ["groups"]
    assert isinstance(bound.question.starts, AnyState)
    assert bound.question.event == Agreed(900, 50, "all agents are on the + side at level 2 at some step")
    found = estimate("consensus", SMALL, start="undecided", level=2, steps=900, replicas=800, seed=2)
    assert 0.3 < np.exp(found.log_low) < np.exp(found.log_high) < 0.6
    assert found.method == "crude, Clopper-Pearson"


def test_reference_neighbours_and_mirrors_fail_the_assumption():
    for options in ({"k": 3}, {"mirror": "0.5"}):
        bound = consensus(ChainParameters(m=30, r=1, sigma="0.2", **options), groups=DEEP, steps=1200)
        assert bound.value.is_zero
        assert not bound.holds
    with pytest.raises(InputError, match="`k` must be absent"):
        consensus_barrier(ChainParameters(m=30, r=1, sigma="0.2", k=3), groups=DEEP)


def test_reference_a_start_of_no_use():
    bound = consensus(ChainParameters(m=10, r=1, sigma="0.2"), groups="20%@50/80%@-50")
    assert bound.value.is_zero
    assert bound.horizon_steps == 480
    assert [one.name for one in bound.assumptions if not one.holds] == ["barrier"]


def test_rejects_starts_outside_the_groups():
    bound = consensus(SMALL, groups=DEEP, level=2, steps=1200)
    start = lowest_of(bound.question.starts, SMALL)
    compare(bound, start=start, replicas=50)
    lower = ChainState.from_arrays(start.log_odds - 1e-6, start.memory)
    turned = ChainState.from_arrays(start.log_odds[:, ::-1], start.memory)
    for other in (lower, turned, "undecided"):
        with pytest.raises(InputError, match="in this order, 27 agents have log-odds of at least 250"):
            compare(bound, start=other, replicas=50)


def test_law_memory_classes_are_required():
    chain = ChainParameters(m=4, r=2, sigma="0.2")
    bound = consensus(chain, groups="3@50@plus/1@-50@minus", steps=100)
    start = lowest_of(bound.question.starts, chain)
    np.testing.assert_array_equal(start.memory[0], [[0.5, 0.5]] * 3 + [[-1.5, -1.5]])
    mixed = start.memory.copy()
    mixed[0, 3] = [1.2, -0.7]
    compare(bound, start=ChainState.from_arrays(start.log_odds, mixed), replicas=20)
    for agent, value in ((0, -1.0), (3, 0.3), (0, 1.6)):
        memory = start.memory.copy()
        memory[0, agent, 0] = value
        with pytest.raises(InputError, match="all memory in"):
            compare(bound, start=ChainState.from_arrays(start.log_odds, memory), replicas=20)


def test_reference_the_worst_start_is_searched_among_the_groups():
    chain = ChainParameters(m=4, r=2, sigma="0.3")
    found = worst_start("consensus", chain, seed=1, tries=20, groups="3@11@plus/1@-11@minus", steps=20)
    assert set(found.state.log_odds[0]) == {11.0, -11.0}
    assert set(np.unique(found.state.memory)) <= {-1.5, -0.5, 0.5, 1.5}


def test_law_late_rings_are_above_the_poisson_tail():
    with working_precision(128):
        for mean, steps in ((5, 9), (800, 900), (20000, 20700)):
            found = float(late_rings(Fraction(mean), steps).mid())
            assert poisson.sf(steps, mean) <= found <= 1.6 * poisson.sf(steps, mean)
        assert late_rings(Fraction(10), 8) == 1


def test_statistics_the_event_of_one_agent_is_its_own_draws():
    """m = 1, r = 1, l = 0, one step: l' = 2 y/sigma^2 with weight 1/2 on +1; at least 1/sigma^2 iff y >= 1/2."""
    chain = ChainParameters(m=1, r=1, sigma="0.5")
    p = (norm.sf(-1) + norm.sf(3)) / 2
    bound = consensus(chain, steps=1)
    target = target_of(bound.question)
    found = crude(chain, "undecided", target, replicas=20_000, seed=4)
    assert_proportion(found.diagnostics["hits"], 20_000, p, false_alarm=1e-7, resolves=0.03)
    below = replace(target, threshold=-4.0)
    other = crude(chain, "undecided", replace(below, steps=0), replicas=100, seed=4)
    assert other.diagnostics["hits"] == 100


def test_statistics_splitting_agrees_with_counting():
    chain = ChainParameters(m=6, r=2, sigma="0.4")
    start = Start("bipolar", level=1)
    target = target_of(consensus(chain, steps=60).question)
    counted = crude(chain, start, target, replicas=20_000, seed=5, confidence=1 - 1e-7)
    for coordinate in ("weakest", "share", "aligned"):
        split = splitting(
            chain,
            start,
            target,
            particles=400,
            repetitions=40,
            seed=6,
            coordinate=coordinate,
            confidence=1 - 1e-7,
        )
        assert split.log_low <= counted.log_high
        assert counted.log_low <= split.log_high
        assert split.log_high - split.log_low < 1.5
