"""Which mixtures are near runs, by approximate Bayesian computation (pyABC, the extra `fit`)."""

from __future__ import annotations

import itertools
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mcpolar.agents.compare import (
    Fit,
    SearchSpace,
    compare_with_mixture,
    line_mixture,
    log_distance,
    mixture_silos,
    sampled_silos,
)
from mcpolar.agents.traces import Trace
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError
from mcpolar.rng import Purpose, generator

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Posterior:
    """Mixtures near runs, weighted.

    Attributes
    ----------
    particles : DataFrame
        One row a mixture of the last population: sigma, r, mirror, k, weight, distance.
    tolerances : tuple of float
        Largest distance in each population, decreasing.
    fit : Fit
        The most probable r, mirror and k with the median of sigma among them, compared anew with the runs. Its `errors`
        are the posterior's standard deviation of sigma, and of the others the posterior probability of the value.
    """

    particles: pd.DataFrame
    tolerances: tuple[float, ...]
    fit: Fit


def sample_posterior(
    trace: Trace,
    space: SearchSpace | None = None,
    *,
    particles: int = 60,
    populations: int = 5,
    simulations: int = 1000,
    replicas: int = 20,
    steps: Sequence[int] | None = None,
    seed: int = 1,
    progress: Callable[[int], object] | None = None,
    **mixture: Any,
) -> Posterior:
    """Sample mixtures whose mean numbers of silos are near those of runs (sequential ABC of Toni et al. 2009).

    The prior is uniform: on log sigma in the space's range, and on the values of r, mirror and k. The tolerance of a
    population is the median distance of the one before. The last tolerance says how near the nearest are; the
    comparison's p-value says whether that is near. The distance is that of
    :func:`~mcpolar.agents.compare.compare_with_mixture`.

    Parameters
    ----------
    trace : Trace
        The runs.
    space : SearchSpace, optional
        What may vary.
    particles, populations, simulations : int
        Mixtures in a population, populations, and how many simulations at most are begun before the last one.
    replicas : int
        Of each mixture.
    steps : sequence of int, optional
        Recorded steps at which to compare; default nine, evenly spread.
    seed : int
        Of every draw. pyABC draws from NumPy's global generator, which is as it was afterwards.
    progress : callable, optional
        Called with 1 after every simulation.
    **mixture
        As for :func:`~mcpolar.agents.compare.fit_mixture`.

    Raises
    ------
    InputError
        If a value is not allowed.
    ResourceError
        If the extra `fit` is missing.
    """
    chosen, given = _checked(space or SearchSpace(), particles, populations, simulations), dict(mixture)
    pyabc = require_pyabc()
    observed, times = sampled_silos(trace, steps)
    counter = itertools.count()

    def simulated(drawn: Mapping[str, float]) -> dict[str, Any]:
        cell = (11, next(counter))
        draw = int(generator(seed, Purpose.BOOTSTRAP, cell=cell).integers(2**63))
        found = mixture_silos(line_mixture(trace, _point(chosen, drawn), given), times, replicas, draw)
        if progress is not None:
            progress(1)
        return {"mean": found.mean(axis=0)}

    with _quiet(), _seeded(seed):
        sampling = pyabc.ABCSMC(
            simulated,
            _prior(pyabc, chosen),
            lambda x, _: log_distance(observed, x["mean"]),
            population_size=particles,
            transitions=_transition(pyabc, chosen),
            sampler=pyabc.sampler.SingleCoreSampler(),
        )
        sampling.new("sqlite://", {"mean": observed.mean(axis=0)})
        history = sampling.run(max_nr_populations=populations, max_total_nr_simulations=simulations)
        table, tolerances, evaluations = _result(history, chosen)
    fit = _fit(trace, table, given, steps=steps, seed=seed, evaluations=evaluations)
    return Posterior(table, tolerances, fit)


def _checked(space: SearchSpace, particles: int, populations: int, simulations: int) -> SearchSpace:
    whole_number("particles", particles, 10, 100_000)
    whole_number("populations", populations, 1, 1000)
    whole_number("simulations", simulations, 1, 10_000_000)
    if not 0 < space.sigma[0] < space.sigma[1]:
        raise InputError("sigma", space.sigma, "a range (low, high) of positive numbers")
    return space


def require_pyabc() -> Any:
    """Return pyABC, or raise ResourceError if the extra `fit` is missing."""
    try:
        import pyabc
    except ImportError as error:
        raise ResourceError("ABC needs the extra `fit`: pip install 'mcpolar[fit]'") from error
    return pyabc


def _varied(space: SearchSpace) -> dict[str, int]:
    """Return how many values each of the discrete parameters has, for those that vary."""
    counts = {name: len(getattr(space, name)) for name in ("r", "mirror", "k")}
    return {name: count for name, count in counts.items() if count > 1}


def _prior(pyabc: Any, space: SearchSpace) -> Any:
    low, high = (math.log(end) for end in space.sigma)
    places = {name: pyabc.RV("randint", 0, count) for name, count in _varied(space).items()}
    return pyabc.Distribution(log_sigma=pyabc.RV("uniform", low, high - low), **places)


def _transition(pyabc: Any, space: SearchSpace) -> Any:
    from pyabc.transition import AggregatedTransition, DiscreteJumpTransition

    mapping = {"log_sigma": pyabc.MultivariateNormalTransition()}
    for name, count in _varied(space).items():
        mapping[name] = DiscreteJumpTransition(domain=np.arange(count), p_stay=0.7)
    return AggregatedTransition(mapping=mapping)


def _point(space: SearchSpace, drawn: Mapping[str, float]) -> dict[str, Any]:
    places = {name: int(drawn[name]) if name in _varied(space) else 0 for name in ("r", "mirror", "k")}
    point = {name: getattr(space, name)[place] for name, place in places.items()}
    return {"sigma": math.exp(drawn["log_sigma"]), **point}


def _result(history: Any, space: SearchSpace) -> tuple[pd.DataFrame, tuple[float, ...], int]:
    import pandas as pd

    drawn, weights = history.get_distribution(m=0, t=history.max_t)
    table = pd.DataFrame([_point(space, row) for row in drawn.to_dict("records")])
    distances = history.get_weighted_distances(t=history.max_t)["distance"].to_numpy()
    table = table.assign(weight=np.asarray(weights), distance=distances)
    populations = history.get_all_populations()
    real = populations[populations["t"] >= 0]
    tolerances = tuple(float(one) for one in real["epsilon"])
    return table, tolerances, int(real["samples"].sum())


def _fit(
    trace: Trace,
    table: pd.DataFrame,
    given: Mapping[str, Any],
    *,
    steps: Sequence[int] | None,
    seed: int,
    evaluations: int,
) -> Fit:
    """Return the most probable mixture with its comparison."""
    names = ["r", "mirror", "k"]
    shares = table.groupby(names, dropna=False)["weight"].sum()
    best = dict(zip(names, shares.idxmax(), strict=True))
    best["k"] = None if best["k"] != best["k"] or best["k"] is None else int(best["k"])  # NaN: all agents
    same = table["k"].isna() if best["k"] is None else table["k"] == best["k"]
    inside = table[(table["r"] == best["r"]) & (table["mirror"] == best["mirror"]) & same].sort_values(
        "sigma"
    )
    half = np.searchsorted(inside["weight"].cumsum().to_numpy(), inside["weight"].sum() / 2)
    point = {
        "sigma": float(inside["sigma"].iloc[int(half)]),
        "r": int(best["r"]),
        "mirror": float(best["mirror"]),
    }
    comparison = compare_with_mixture(
        trace, line_mixture(trace, point | {"k": best["k"]}, given), steps=steps, seed=seed + 1
    )
    weights, sigma = table["weight"].to_numpy(), table["sigma"].to_numpy()
    errors = {
        "sigma": float(
            np.sqrt(np.average((sigma - np.average(sigma, weights=weights)) ** 2, weights=weights))
        )
    }
    for name in ("r", "mirror"):
        errors[name] = float(weights[(table[name] == best[name]).to_numpy()].sum())
    found: dict[str, float] = dict(point)
    if best["k"] is not None:
        found["k"], errors["k"] = best["k"], float(weights[same.to_numpy()].sum())
    return Fit(found, comparison, errors, evaluations)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pyABC's log from the terminal."""
    logger = logging.getLogger("ABC")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed NumPy's global generator, which pyABC draws from, and give it back as it was."""
    before = np.random.get_state()  # noqa: NPY002
    words = np.random.SeedSequence(seed).generate_state(4)
    np.random.seed(words)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
