"""T1C1 and T1C2: from one side."""

from fractions import Fraction

import pytest

from mcpolar.bounds import one_sided
from mcpolar.bounds.polarization.one_sided_start import from_any_memory, from_own_half_line
from mcpolar.chain import ChainState
from mcpolar.errors import InputError
from mcpolar.exact import polarized_probabilities
from mcpolar.montecarlo import compare
from mcpolar.parameters import ChainParameters


@pytest.mark.parametrize(
    ("m", "r", "sigma", "log_odds", "steps", "log10"),
    [
        (10, 5, "0.2", 10, 200, -0.08),
        (30, 5, "0.2", 5, 450, -1.62),
        (30, 5, "0.2", 10, 900, -0.23),
        (5, 2, "0.3", 10, 50, -0.30),
    ],
)
def test_reference_values_on_the_own_half_line(m, r, sigma, log_odds, steps, log10):
    """Published for coarser cells: at least so large, and hardly larger."""
    bound = one_sided(ChainParameters(m, r, sigma), log_odds=log_odds, steps=steps)
    assert log10 - 0.005 <= bound.log10 < log10 + 0.05
    assert bound.notes == ("T1C1",)


@pytest.mark.parametrize(
    ("m", "r", "sigma", "steps", "log10"),
    [(5, 2, "0.3", 16, -4.29), (30, 5, "0.2", 240, -58.74), (30, 1, "0.2", 90, -7.98)],
)
def test_reference_values_from_any_memory(m, r, sigma, steps, log10):
    """Published with a smaller clearing chance c_r (the same for r = 1)."""
    bound = one_sided(ChainParameters(m, r, sigma), log_odds=0, start_memory="any", steps=steps)
    assert log10 - 0.005 <= bound.log10 < log10 + (0.05 if r == 1 else 3)
    assert bound.notes == ("T1C2",)


@pytest.mark.parametrize("start_memory", ["own", "any"])
@pytest.mark.parametrize(
    ("m", "sigma", "log_odds", "steps"), [(1, "0.5", 2, 2), (2, "0.5", 1, 5), (2, "0.3", 6, 7)]
)
def test_sandwich_against_quadrature(m, sigma, log_odds, steps, start_memory):
    """Memory size 1: bound <= chance <= 1 from the start itself, ceiling >= chance from large log-odds."""
    chain = ChainParameters(m, 1, sigma)
    bound = one_sided(chain, log_odds=log_odds, steps=steps, start_memory=start_memory)
    memory = [[0.1 if start_memory == "own" else -9.0]] * m

    def chance(size):
        state = ChainState.from_arrays([float(size)] * m, memory)
        return polarized_probabilities(chain, state, steps, tolerance=1e-5).probability[steps]

    assert 0 < bound.value.fraction < chance(log_odds)
    assert chance(1e4) == pytest.approx(float(bound.ceiling.value.fraction), rel=1e-4)


def test_statistics_the_bound_is_met_by_simulation():
    bound = one_sided(ChainParameters(6, 3, "0.25"), log_odds=8, steps=60)
    comparison = compare(bound, replicas=4000, seed=3)
    assert comparison.verdict == "validated"
    assert bound.log10 > -0.5


def test_law_neighbours_and_mirrors_do_not_matter_on_the_own_half_line():
    values = {
        one_sided(ChainParameters(6, 2, "0.3", **options), log_odds=9, steps=40).value
        for options in ({}, {"k": 2}, {"mirror": "0.3"}, {"k": 3, "mirror": "0.9"})
    }
    assert len(values) == 1


def test_law_larger_log_odds_are_better_and_higher_levels_rarer():
    chain = ChainParameters(4, 2, "0.3")
    values = [one_sided(chain, log_odds=h, steps=30).log10 for h in (1, 3, 10, 30)]
    assert values == sorted(values)
    assert values[0] < values[-1]
    levels = [one_sided(chain, level=h, log_odds=10, steps=30).log10 for h in (1, 2, 3, 4)]
    assert levels == sorted(levels, reverse=True)


def test_law_the_better_of_the_two_is_given():
    chain = ChainParameters(4, 2, "0.3")
    clean, other = (f(chain, 1, Fraction(1, 2), 20) for f in (from_own_half_line, from_any_memory))
    found = one_sided(chain, log_odds="0.5", steps=20)
    assert found.log10 == max(clean.value.log10, other.value.log10)


def test_reference_defaults_and_too_few_steps():
    chain = ChainParameters(4, 2, "0.3")
    bound = one_sided(chain)
    assert bound.log10 > -0.3
    assert bound.parameters == chain.as_dict() | {
        "level": 1,
        "log_odds": None,
        "start_memory": "own",
        "steps": None,
    }
    few = one_sided(chain, steps=3)
    assert few.value.is_zero
    assert not few.holds
    assert few.ceiling is None
    assert one_sided(ChainParameters(3, 200, "0.3"), steps=30).value.is_zero


def test_rejects_bad_arguments():
    with pytest.raises(InputError, match="`log_odds` must be a number from 0 to"):
        one_sided(ChainParameters(4, 2, "0.3"), log_odds=-1)
    with pytest.raises(InputError, match="`start_memory` must be own or any; got mine"):
        one_sided(ChainParameters(4, 2, "0.3"), start_memory="mine")
