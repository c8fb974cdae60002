"""Wherever Python takes a seed it takes a whole number, a SeedSequence or a Generator, and records a whole number."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest

import mcpolar as mp
from mcpolar.chain import Ensemble
from mcpolar.exponents import log_odds_growth
from mcpolar.metastability import passage_times, phase_diagram
from mcpolar.metastability.finite import CountedChain
from mcpolar.mixture import Covariances
from mcpolar.mixture import simulate as simulate_mixture
from mcpolar.montecarlo import crude
from mcpolar.montecarlo.targets import silo_left
from mcpolar.rng import LARGEST_SEED, Seed, read_seed

CHAIN = mp.ChainParameters(m=4, r=1, sigma="0.8")
PACKAGES = ("chain", "experiments", "exponents", "metastability", "mixture", "montecarlo", "runs")


def public_functions():
    """Every function, or class that a user makes, of the packages' `__all__`, by its full name."""
    for package in PACKAGES:
        module = importlib.import_module(f"mcpolar.{package}")
        for name in module.__all__:
            yield f"{package}.{name}", getattr(module, name)


def annotation_of_seed(found):
    """What a function says of its argument `seed`; None if it has none or cannot be asked."""
    try:
        parameter = inspect.signature(found).parameters.get("seed")
    except (TypeError, ValueError):
        return None
    return None if parameter is None else parameter.annotation


# Records hold the whole number that was read; they are made by functions that read it.
RECORDS = {
    "Ensemble",
    "Estimate",
    "ExperimentResult",
    "Growth",
    "MixtureTrajectory",
    "PassageTimes",
    "Trajectory",
} | {
    "Choice",
    "TransitionCounts",
    "PaperRun",
    "TransitionEstimate",
}


def test_law_every_public_function_with_a_seed_takes_all_three_kinds():
    asked = {
        name: annotation_of_seed(found)
        for name, found in public_functions()
        if annotation_of_seed(found) is not None and name.split(".")[1] not in RECORDS
    }
    assert len(asked) >= 12
    assert {name: said for name, said in asked.items() if said != "Seed"} == {}


def test_control_a_seed_that_is_only_a_number_is_seen():
    def simulate(*, seed: "int") -> None: ...

    assert annotation_of_seed(simulate) == "int"


MAKERS = {
    "simulate": lambda seed: mp.simulate(CHAIN, "random", 20, seed=seed).seed,
    "crude": lambda seed: crude(CHAIN, mp.Start("polarized"), silo_left(5), replicas=20, seed=seed).seed,
    "validate": lambda seed: (
        mp.validate("theorem2", CHAIN, level=1, steps=3, replicas=20, seed=seed).estimate.seed
    ),
    "passage_times": lambda seed: passage_times(CHAIN, "random", 5, replicas=3, seed=seed).seed,
    "growth": lambda seed: log_odds_growth(1, "0.5", replicas=4, updates=20, burn_in=2, seed=seed).seed,
    "experiment": lambda seed: (
        mp.run_experiment("fig3", neighbours=[3], agents=4, steps=3, replicas=2, seed=seed).seed
    ),
    "mixture": lambda seed: simulate_mixture(MIXTURE, 3, seed=seed).seed,
    "ensemble": lambda seed: Ensemble.of(CHAIN, "random", seed).seed,
}
MIXTURE = mp.MixtureParameters(n=2, means=[-1.0, 1.0], covariances=Covariances.spherical(0.3), r=2)


@pytest.mark.parametrize("name", list(MAKERS))
def test_law_a_result_records_the_number_that_gives_it_again(name):
    make = MAKERS[name]
    sequence = np.random.SeedSequence(11).spawn(2)[1]
    number = make(sequence)
    assert type(number) is int
    assert number == read_seed(sequence) == make(number) == make(sequence)
    assert make(np.random.default_rng(5)) == read_seed(np.random.default_rng(5))
    assert make(7) == make(np.random.SeedSequence(7)) == 7


def test_law_the_recorded_number_gives_the_same_path():
    first = mp.simulate(CHAIN, "random", 30, seed=np.random.default_rng(3), replicas=3)
    again = mp.simulate(CHAIN, "random", 30, seed=first.seed, replicas=3)
    assert np.array_equal(first.log_odds, again.log_odds)


def test_control_a_generator_moves_on():
    rng = np.random.default_rng(3)
    one, two = (mp.simulate(CHAIN, "random", 30, seed=rng) for _ in range(2))
    assert one.seed != two.seed
    assert not np.array_equal(one.log_odds, two.log_odds)


def test_law_one_generator_serves_all_cells_of_a_grid_by_one_number():
    found = list(phase_diagram([CHAIN, CHAIN], "undecided", 5, replicas=4, seed=np.random.default_rng(1)))
    seed = read_seed(np.random.default_rng(1))
    again = list(phase_diagram([CHAIN, CHAIN], "undecided", 5, replicas=4, seed=seed))
    assert [cell.phase for cell in found] == [cell.phase for cell in again]


def test_law_a_resampled_chain_takes_a_generator():
    counts = [[8, 2], [3, 7]]
    one = CountedChain(counts, seed=np.random.default_rng(2))
    two = CountedChain(counts, seed=read_seed(np.random.default_rng(2)))
    assert one.seed == two.seed


def test_law_numbers_stay_in_range_and_apart():
    children = [read_seed(child) for child in np.random.SeedSequence(1).spawn(200)]
    rng = np.random.default_rng(1)
    drawn = [read_seed(rng) for _ in range(200)]
    assert len({*children, *drawn}) == 400
    assert all(0 <= number <= LARGEST_SEED for number in children + drawn)
    assert read_seed(np.random.SeedSequence([1, 2])) != read_seed(np.random.SeedSequence([2, 1]))


@pytest.mark.parametrize("seed", [-1, 2**128, 1.5, "7", None, np.random.RandomState(1)])
def test_rejects_what_is_no_seed(seed):
    with pytest.raises(mp.InputError, match=r"`seed` must be a whole number from 0 to \d+; got"):
        mp.simulate(CHAIN, "random", 3, seed=seed)


def test_law_the_alias_is_what_the_annotations_mean():
    assert set(Seed.__args__) == {int, np.random.SeedSequence, np.random.Generator}
    assert pkgutil.resolve_name("mcpolar.rng:Seed") is Seed
