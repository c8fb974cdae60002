"""Simulate replicas of the general system: the compiled loop over blocks of replicas, on threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mcpolar import events
from mcpolar.checks import whole_number
from mcpolar.compiled.mixture.replicas import run_replicas
from mcpolar.errors import InputError
from mcpolar.mixture.parameters import MixtureParameters
from mcpolar.mixture.state import MixtureState, start_state
from mcpolar.parallel import n_threads, over_blocks
from mcpolar.rng import MOST_REPLICAS, Seed, philox_key, read_seed
from mcpolar.steps import MOST_STEPS

Progress = Callable[[int], object]

_BLOCKS_A_WORKER = 4


@dataclass(frozen=True, eq=False)
class MixtureTrajectory:
    """What was recorded of replicas of the general system.

    Attributes
    ----------
    parameters : MixtureParameters
        Of every replica.
    steps : ndarray of int, shape (n_records,)
        The recorded steps.
    silos : ndarray of int, shape (n_replicas, n_records, n)
        Component of each agent's largest weight, ties to the smaller index.
    deviations : ndarray, shape (n_replicas, n_records, n, 2), or None
        Smallest and largest standard deviation, in any direction, of each agent's components, where they are updated.
    final : MixtureState
        The state at the last step.
    seed : int
        With the parameters, it gives the same bits again.
    """

    parameters: MixtureParameters
    steps: NDArray[np.int64]
    silos: NDArray[np.int16]
    deviations: NDArray[np.float64] | None
    final: MixtureState
    seed: int

    @property
    def n_silos(self) -> NDArray[np.int64]:
        """Number of non-empty silos, shape (n_replicas, n_records)."""
        return events.n_silos(self.silos)

    @property
    def stability(self) -> NDArray[np.float64]:
        """Share of agents whose silo changed since the record before, shape (n_replicas, n_records - 1)."""
        return events.stability(self.silos)


def simulate(
    parameters: MixtureParameters,
    steps: int,
    *,
    seed: Seed,
    replicas: int = 1,
    start: MixtureState | None = None,
    every: int = 1,
    first_replica: int = 0,
    first_step: int = 0,
    cell: Sequence[int] = (),
    workers: int | None = None,
    progress: Progress | None = None,
) -> MixtureTrajectory:
    """Simulate replicas of the general system (theory.md, section 5) and record their silos.

    Bit-identical for any number of workers, and replica by replica: each depends on the parameters, the start, the
    seed, the cell and its number alone.

    Parameters
    ----------
    parameters : MixtureParameters
        Of every replica.
    steps : int
        Time steps: updates of every agent, or with `schedule="single"` of one agent.
    seed : int, SeedSequence or Generator
        From 0 to 2^128 - 1.
    replicas : int
        Number of replicas.
    start : MixtureState, optional
        State of `replicas` replicas; default :func:`start_state`. It is not changed.
    every : int
        Record every so many steps, and at the first and the last.
    first_replica, first_step : int
        Number of the first replica, and of steps taken before: to go on from a final state is the same as one longer
        run.
    cell : sequence of int
        Names one of several independent runs under the same seed.
    workers : int, optional
        Threads; default the number of processors.
    progress : callable, optional
        Called with the number of replicas done since its last call.

    Raises
    ------
    InputError
        If a value is not allowed, or the start does not fit the parameters.

    Examples
    --------
    >>> from mcpolar.mixture import Covariances
    >>> parameters = MixtureParameters(n=30, means=range(30), covariances=Covariances.spherical(0.2), r=5)
    >>> simulate(parameters, 80, seed=7, replicas=2).silos.shape
    (2, 81, 30)
    """
    n_steps = whole_number("steps", steps, 0, MOST_STEPS // parameters.n)
    first = whole_number("first_step", first_step, 0, MOST_STEPS // parameters.n - n_steps)
    stride = whole_number("every", every, 1)
    count = whole_number("replicas", replicas, 1, MOST_REPLICAS)
    threads = n_threads(workers)
    number = read_seed(seed)
    key = philox_key(number, cell)
    if start is None:
        state = start_state(parameters, count, seed=number, first_replica=first_replica, cell=cell)
    else:
        state = _fitting(start, parameters, count)
    records = np.unique(np.append(np.arange(0, n_steps, stride), n_steps)) + first
    run = _Run(
        parameters,
        key,
        whole_number("first_replica", first_replica, 0, MOST_REPLICAS - count),
        first,
        records,
        state,
    )
    run.all_blocks(threads, progress)
    deviations = run.deviations if parameters.is_updating_covariances else None
    return MixtureTrajectory(parameters, records, run.silos, deviations, state, number)


@dataclass(eq=False)
class _Run:
    """The arrays that the threads fill, each its own replicas."""

    parameters: MixtureParameters
    key: NDArray[np.uint64]
    first_replica: int
    first_step: int
    records: NDArray[np.int64]
    state: MixtureState

    def __post_init__(self) -> None:
        self.options, self.gaussians, policy = self.parameters.compiled()
        self.policy = policy.function
        self.count, n = len(self.state.memory), self.parameters.n
        self.silos = np.empty((self.count, self.records.size, n), dtype=np.int16)
        if self.state.roots is None:
            self.roots, self.deviations = np.empty((self.count, 1, 1, 1, 1)), np.empty((self.count, 1, 1, 1))
        else:
            self.roots, self.deviations = self.state.roots, np.empty((*self.silos.shape, 2))

    def all_blocks(self, workers: int, progress: Progress | None) -> None:
        """Run all replicas; an interruption ends after the blocks under way."""
        size = max(1, -(-self.count // (workers * _BLOCKS_A_WORKER)))
        steps = int(self.records[-1])
        for _ in over_blocks(self.block, self.count, steps, workers=workers, progress=progress, size=size):
            pass  # each block fills its own rows

    def block(self, first: int, count: int) -> None:
        """Run `count` replicas."""
        rows = slice(first, first + count)
        run_replicas(
            self.options,
            self.gaussians,
            self.policy,
            self.key,
            self.first_replica + first,
            self.first_step,
            self.records,
            self.state.log_weights[rows],
            self.state.memory[rows],
            self.state.history[rows],
            self.roots[rows],
            self.silos[rows],
            self.deviations[rows],
        )


def _fitting(start: MixtureState, parameters: MixtureParameters, count: int) -> MixtureState:
    """Return a copy of the start whose arrays the loops may change, or say which shape is wrong."""
    n, r, c, d = parameters.n, parameters.r, parameters.c, parameters.d
    wanted = {"log_weights": (count, n, c), "memory": (count, n, r, d), "history": (count, n, r, 3)}
    if parameters.is_updating_covariances:
        wanted["roots"] = (count, *parameters.roots.shape)
    for name, shape in wanted.items():
        found = np.shape(getattr(start, name))
        if found != shape:
            raise InputError("start", f"{name} of shape {found}", f"a state with {name} of shape {shape}")
    if not (np.isfinite(start.log_weights).all() and np.isfinite(start.memory).all()):
        raise InputError("start", "values that are not finite", "a state of finite numbers")
    return start.copy()
