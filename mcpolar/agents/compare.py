"""A run beside mixtures: how silos fall in time, which mixture comes nearest, and whether it is near at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.traces import Trace
from mcpolar.checks import whole_number
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.errors import InputError
from mcpolar.events import n_silos
from mcpolar.mixture import Covariances, MixtureParameters, simulate
from mcpolar.rng import Purpose, generator

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
MOST_DESIGNS = 2**16
MOST_SAMPLES = 9
"""Times at which silos are compared, evenly spread over the trace unless others are given."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Log mean numbers of silos of runs and of a mixture, at the same times.

    Attributes
    ----------
    steps : ndarray of int64, shape (n_times,)
        Where they are compared.
    observed, simulated : ndarray of float64, shape (n_times,)
        Mean number of silos of the runs, and of the mixture's replicas.
    distance : float
        Root mean square of the difference of their logarithms.
    p_value : float
        Share of groups of as many replicas of the mixture as there are runs whose distance to the mixture's mean is as
        large: how unusual the runs would be if the mixture were their law.
    interval : (float, float)
        Clopper-Pearson, 99 %, for the p-value's counting error.
    groups : int
        Groups of replicas that were drawn.
    """

    steps: NDArray[np.int64]
    observed: Floats
    simulated: Floats
    distance: float
    p_value: float
    interval: tuple[float, float]
    groups: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a time: step, observed, simulated."""
        import pandas as pd

        return pd.DataFrame({"step": self.steps, "observed": self.observed, "simulated": self.simulated})


@dataclass(frozen=True, eq=False)
class Fit:
    """The mixture nearest to runs, among those that were tried.

    Attributes
    ----------
    parameters : mapping
        The fitted values by name: sigma, r, mirror, k.
    comparison : Comparison
        Of the runs with the fitted mixture, on fresh draws.
    errors : mapping
        Standard errors by a bootstrap over the runs; of whole numbers the share of bootstrap fits with the same value.
    evaluations : int
        Mixtures that were simulated.
    """

    parameters: Mapping[str, float]
    comparison: Comparison
    errors: Mapping[str, float]
    evaluations: int


def compare_with_mixture(
    trace: Trace,
    mixture: MixtureParameters,
    *,
    replicas: int = 200,
    groups: int = 1000,
    steps: Sequence[int] | None = None,
    seed: int = 1,
) -> Comparison:
    """Compare the number of silos of runs with that of a mixture of as many agents.

    Parameters
    ----------
    trace : Trace
        The runs; a recorded step of theirs is a time step of the mixture.
    mixture : MixtureParameters
        With as many agents as the runs have.
    replicas : int
        Of the mixture.
    groups : int
        Groups of replicas, drawn with replacement, for the p-value.
    steps : sequence of int, optional
        Recorded steps at which to compare; default nine, evenly spread.
    seed : int
        Of the mixture's draws and the groups.

    Raises
    ------
    InputError
        If the numbers of agents differ, or a step was not recorded.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.agents import AgentSettings, FakeAnswer, FakeEmbed, Keywords, simulate_agents
    >>> names, log = ("rose", "tulip", "iris"), tempfile.mkdtemp() + "/log.jsonl"
    >>> run = simulate_agents(
    ...     AgentSettings(agents=3, steps=6), [[f"{name}."] for name in names],
    ...     answer=FakeAnswer(names), embed=FakeEmbed(), classify=Keywords(names), log=log,
    ... )
    >>> from mcpolar.mixture import Covariances, MixtureParameters
    >>> mixture = MixtureParameters(n=3, means=range(3), covariances=Covariances.spherical(0.3), r=1)
    >>> found = compare_with_mixture(run.trace, mixture, replicas=20, groups=50)
    >>> found.observed.tolist(), found.p_value <= found.interval[1]
    ([3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0], True)
    """
    if mixture.n != len(trace.agents):
        raise InputError("mixture", f"{mixture.n} agents", f"of {len(trace.agents)} agents, as the runs")
    whole_number("replicas", replicas, 2, 1_000_000)
    whole_number("groups", groups, 1, 10_000_000)
    observed, chosen = sampled_silos(trace, steps)
    found = mixture_silos(mixture, chosen, replicas, seed)
    distance, mean = log_distance(observed, found.mean(axis=0)), found.mean(axis=0)
    draws = generator(seed, Purpose.BOOTSTRAP, cell=(7,))
    worse = sum(
        log_distance(found[draws.integers(replicas, size=len(observed))], mean) >= distance
        for _ in range(groups)
    )
    low, high = (math.exp(end) for end in clopper_pearson(worse, groups, 0.99))
    return Comparison(chosen, observed.mean(axis=0), mean, distance, worse / groups, (low, high), groups)


@dataclass(frozen=True)
class SearchSpace:
    """What a fit may vary: values for whole numbers, a range for sigma (searched in its logarithm)."""

    sigma: tuple[float, float] = (0.05, 2.0)
    r: tuple[int, ...] = (1, 2, 3, 5, 10)
    mirror: tuple[float, ...] = (0.0,)
    k: tuple[int | None, ...] = (None,)


def fit_mixture(
    trace: Trace,
    space: SearchSpace | None = None,
    *,
    replicas: int = 40,
    designs: int = 64,
    bootstraps: int = 200,
    steps: Sequence[int] | None = None,
    seed: int = 1,
    progress: Callable[[int], object] | None = None,
    **mixture: Any,
) -> Fit:
    """Find the mixture whose mean numbers of silos come nearest (simulated minimum distance).

    A scrambled Sobol design over sigma, r, mirror and k (scipy), every mixture with the same draws; the best is
    compared anew with draws of its own. The comparison's p-value says whether the best is good.

    Parameters
    ----------
    trace : Trace
        The runs.
    space : SearchSpace, optional
        What may vary.
    replicas, designs : int
        Replicas of each mixture, and mixtures, a power of two.
    bootstraps : int
        Resamples of the runs for the errors; they cost no simulation.
    steps, seed
        As for :func:`compare_with_mixture`.
    progress : callable, optional
        Called with the number of mixtures done since its last call.
    **mixture
        Further arguments of :class:`~mcpolar.mixture.MixtureParameters`, such as `schedule` or `policy`; and
        `spacing`, the distance of neighbouring means on the line (default 1).

    Raises
    ------
    InputError
        If a value is not allowed.

    Examples
    --------
    >>> import tempfile
    >>> from mcpolar.agents import AgentSettings, FakeAnswer, FakeEmbed, Keywords, simulate_agents
    >>> names, log = ("rose", "tulip", "iris"), tempfile.mkdtemp() + "/log.jsonl"
    >>> run = simulate_agents(
    ...     AgentSettings(agents=3, steps=6), [[f"{name}."] for name in names],
    ...     answer=FakeAnswer(names), embed=FakeEmbed(), classify=Keywords(names), log=log,
    ... )
    >>> found = fit_mixture(run.trace, replicas=4, designs=4, bootstraps=5)
    >>> sorted(found.parameters), found.comparison.p_value <= found.comparison.interval[1]
    (['mirror', 'r', 'sigma'], True)
    """
    whole_number("designs", designs, 2, MOST_DESIGNS)
    if designs & (designs - 1):
        raise InputError("designs", designs, "a power of two")
    observed, chosen = sampled_silos(trace, steps)
    points = _designs(space or SearchSpace(), designs, seed)
    means = []
    for point in points:
        means.append(mixture_silos(line_mixture(trace, point, mixture), chosen, replicas, seed).mean(axis=0))
        if progress is not None:
            progress(1)
    best = _best(observed, means)
    draws = generator(seed, Purpose.BOOTSTRAP, cell=(8,))
    again = [
        _best(observed[draws.integers(len(observed), size=len(observed))], means) for _ in range(bootstraps)
    ]
    comparison = compare_with_mixture(
        trace, line_mixture(trace, points[best], mixture), steps=steps, seed=seed + 1
    )
    found = {name: value for name, value in points[best].items() if value is not None}
    return Fit(found, comparison, _errors(found, [points[index] for index in again]), designs)


def _designs(space: SearchSpace, count: int, seed: int) -> list[dict[str, Any]]:
    from scipy.stats import qmc

    if not 0 < space.sigma[0] < space.sigma[1]:
        raise InputError("sigma", space.sigma, "a range (low, high) of positive numbers")
    unit = qmc.Sobol(4, scramble=True, rng=generator(seed, Purpose.BOOTSTRAP, cell=(9,))).random(count)
    low, high = math.log(space.sigma[0]), math.log(space.sigma[1])
    return [
        {
            "sigma": math.exp(low + (high - low) * float(u[0])),
            "r": space.r[int(u[1] * len(space.r))],
            "mirror": space.mirror[int(u[2] * len(space.mirror))],
            "k": space.k[int(u[3] * len(space.k))],
        }
        for u in unit
    ]


def line_mixture(trace: Trace, point: Mapping[str, Any], further: Mapping[str, Any]) -> MixtureParameters:
    """Return the mixture on the line with as many agents as the trace has, of a point of a search space."""
    n, given = len(trace.agents), dict(further)
    spacing = float(given.pop("spacing", 1.0))
    return MixtureParameters(
        n=n,
        means=[spacing * i for i in range(n)],
        covariances=Covariances.spherical(point["sigma"]),
        r=point["r"],
        mirror=point["mirror"],
        k=point["k"],
        **given,
    )


def mixture_silos(mixture: MixtureParameters, steps: NDArray[np.int64], replicas: int, seed: int) -> Floats:
    """Return the number of silos of each replica at each of the steps, counted from the first."""
    updates = mixture.n if mixture.schedule == "single" else 1
    trajectory = simulate(mixture, int(steps[-1]) * updates, seed=seed, replicas=replicas, every=updates)
    at = np.searchsorted(trajectory.steps, steps * updates)
    return trajectory.n_silos[:, at].astype(np.float64)


def sampled_silos(trace: Trace, steps: Sequence[int] | None) -> tuple[Floats, NDArray[np.int64]]:
    """Return the numbers of silos of the runs where they are compared, and the steps, counted from the first record."""
    at, chosen = _times(trace, steps)
    return n_silos(trace.silos)[:, at].astype(np.float64), chosen


def _times(trace: Trace, steps: Sequence[int] | None) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the records to compare at, and their steps counted from the first record."""
    if steps is None:
        at = np.unique(np.linspace(0, trace.steps.size - 1, MOST_SAMPLES).round().astype(np.intp))
    else:
        at = np.searchsorted(trace.steps, steps)
        if not len(at) or (at >= trace.steps.size).any() or (trace.steps[at] != np.asarray(steps)).any():
            raise InputError("steps", list(steps), "recorded steps, increasing")
    return at, np.asarray(trace.steps[at] - trace.steps[0])


def log_distance(runs: Floats, mean: Floats) -> float:
    """Return the root mean square of the difference of the logarithms of the runs' mean and a mean."""
    return float(np.sqrt(np.mean((np.log(runs.mean(axis=0)) - np.log(mean)) ** 2)))


def _best(observed: Floats, means: Sequence[Floats]) -> int:
    return int(np.argmin([log_distance(observed, mean) for mean in means]))


def _errors(found: Mapping[str, Any], again: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    errors: dict[str, float] = {}
    for name, value in found.items():
        others = [point[name] for point in again]
        if not others:
            errors[name] = math.nan
        elif name == "sigma":
            errors[name] = float(np.std([float(other) for other in others]))
        else:
            errors[name] = float(np.mean([other == value for other in others]))
    return errors
