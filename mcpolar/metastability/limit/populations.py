"""The mean weight pi(t) of one large population, for every memory size, and how the chain comes to its limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from mcpolar.chain import AnyStart, Ensemble
from mcpolar.checks import whole_number
from mcpolar.errors import InputError, ResourceError
from mcpolar.metastability.limit.rounds import read_rounds
from mcpolar.parallel import over_blocks
from mcpolar.parameters import ChainParameters
from mcpolar.rng import MOST_REPLICAS, Seed

Floats = NDArray[np.float64]

MOST_NUMBERS = 2**27
"""Largest m (r + 1) of one replica: 1 GiB."""


@dataclass(frozen=True, eq=False)
class WeightPaths:
    """Mean weights of the replicas of one population size, at chosen times.

    Attributes
    ----------
    m : int
        Agents of each replica.
    rounds : ndarray, shape (n,)
        Times in rounds of m steps.
    mean_weight : ndarray, shape (n_replicas, n)
        pi(t) of every replica.
    """

    m: int
    rounds: Floats
    mean_weight: Floats


@dataclass(frozen=True, eq=False)
class Convergence:
    """Distance of finite populations from a limit curve.

    Attributes
    ----------
    m : ndarray of int, shape (q,)
        Population sizes.
    distance : ndarray, shape (q,)
        Root of the mean over replicas of (max over times of |pi_m - pi|)^2.
    error : ndarray, shape (q,)
        Its standard error over replicas.
    rate : float
        -slope of log distance against log m: 1/2 where fluctuations of independent agents rule.
    rate_error : float
        Standard error of the rate.
    """

    m: NDArray[np.int64]
    distance: Floats
    error: Floats
    rate: float
    rate_error: float


def weight_paths(
    chain: ChainParameters,
    start: AnyStart,
    rounds: ArrayLike,
    *,
    replicas: int = 1,
    seed: Seed,
    cell: tuple[int, ...] = (),
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> WeightPaths:
    """Simulate populations and keep their mean weights: with one replica of 1e5 to 1e6 agents, the limit itself.

    A replica takes 8 m (r + 1) bytes (m = 1e6, r = 5: 48 MB, and as much again at its start), and each of the
    blocks worked on at a time holds at most 64 MiB or one replica.

    Parameters
    ----------
    chain : ChainParameters
        Every memory size; a k-restriction or a mirror keeps the agents in order, which is slow for many.
    start : Start, ChainState, or str
        As in :func:`~mcpolar.chain.simulate`.
    rounds : array_like, shape (n,)
        Increasing times from 0 on, in rounds; rounded to whole steps.
    replicas, seed, cell, workers, progress
        As in :func:`~mcpolar.metastability.passage_times`.

    Raises
    ------
    InputError
        If an argument is not allowed.
    ResourceError
        If one replica is larger than 1 GiB.

    Examples
    --------
    >>> paths = weight_paths(ChainParameters(1000, 5, "0.5"), "undecided", [0, 1, 2], seed=1)
    >>> paths.mean_weight.shape, float(paths.mean_weight[0, 0])
    ((1, 3), 0.5)
    """
    times = read_rounds(rounds)
    count = whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    size = chain.m * (chain.r + 1)
    if size > MOST_NUMBERS:
        raise ResourceError(f"m (r + 1) = {size} numbers are more than {MOST_NUMBERS}: take fewer agents")
    ensemble = Ensemble.of(chain, start, seed, cell)
    ensemble.count(count)
    steps = np.rint(times * chain.m).astype(np.int64)

    def block(first: int, n: int) -> Floats:
        state = ensemble.arrays(first, n, first)
        path, now = np.empty((n, steps.size)), 0
        for index, step in enumerate(steps.tolist()):
            ensemble.advance_to(state, first, now, step)
            path[:, index], now = expit(state.log_odds).mean(axis=1), step
        return path

    rows = over_blocks(
        block, count, int(steps[-1]), workers=workers, progress=progress, size=max(1, min(128, 2**23 // size))
    )
    return WeightPaths(chain.m, times, np.concatenate(list(rows)))


def convergence(paths: Sequence[WeightPaths], limit: ArrayLike) -> Convergence:
    """Return how the distance of finite populations from the limit curve falls with m, and at which rate.

    Parameters
    ----------
    paths : sequence of WeightPaths
        At least two population sizes, at least two replicas each, all at the same times.
    limit : array_like, shape (n,)
        pi(t) of the limit at these times.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from mcpolar.chain import ChainState
    >>> from mcpolar.metastability import mean_field
    >>> rounds, paths = np.array([0.0, 0.5, 1.0]), []
    >>> for m in (8, 32, 128):
    ...     state = ChainState.from_arrays([0.5] * m, [[1.0]] * m)
    ...     paths.append(weight_paths(ChainParameters(m, 1, "1"), state, rounds, seed=1, replicas=20))
    >>> limit = mean_field(ChainParameters(8, 1, "1"), [0.5], rounds).mean_weight
    >>> found = convergence(paths, limit)
    >>> bool((np.diff(found.distance) < 0).all())
    True
    """
    curve = np.asarray(limit, dtype=np.float64)
    for one in paths:
        if one.mean_weight.shape[1:] != curve.shape or len(one.mean_weight) < 2:
            raise InputError(
                "paths", one.mean_weight.shape, f"of at least two replicas and {curve.size} times"
            )
    sizes = np.array([one.m for one in paths], dtype=np.int64)
    if np.unique(sizes).size < 2:
        raise InputError("paths", sizes.tolist(), "of at least two population sizes")
    squares = [((one.mean_weight - curve) ** 2).max(axis=1) for one in paths]
    distance = np.sqrt([square.mean() for square in squares])
    error = np.array(
        [
            square.std(ddof=1) / np.sqrt(square.size) / (2 * d)
            for square, d in zip(squares, distance, strict=True)
        ]
    )
    relative = error / distance
    design = np.log(sizes) - np.average(np.log(sizes), weights=relative**-2)
    information = float((design**2 / relative**2).sum())
    slope = float((design * np.log(distance) / relative**2).sum()) / information
    return Convergence(sizes, distance, error, -slope, information**-0.5)
