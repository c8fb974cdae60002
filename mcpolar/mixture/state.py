"""States of the general system, one or many replicas, and the start of the paper's experiments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.checks import whole_number
from mcpolar.compiled.mixture.points import PADDING
from mcpolar.errors import InputError
from mcpolar.mixture.parameters import MixtureParameters
from mcpolar.rng import MOST_REPLICAS, Purpose, Seed, normals, philox_key, read_seed, uniforms

Floats = NDArray[np.float64]

START_EPSILON = 1e-12
_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class MixtureState:
    """States of replicas of the general system.

    Attributes
    ----------
    log_weights : ndarray, shape (n_replicas, n, c)
        Natural logs of the weights; -1e300 for 0.
    memory : ndarray, shape (n_replicas, n, r, d)
        Memories.
    history : ndarray of int, shape (n_replicas, n, r, 3)
        Step of arrival, step of the last match and number of matches of each element; -1, -1, 0 at the start.
    roots : ndarray, shape (n_replicas, n, c, p, q) or None
        Roots of the covariances where they are updated.
    """

    log_weights: Floats
    memory: Floats
    history: NDArray[np.int64]
    roots: Floats | None = None

    @property
    def weights(self) -> Floats:
        """Weights, shape (n_replicas, n, c); they may round to 0 and 1."""
        return np.asarray(np.exp(self.log_weights))

    def copy(self) -> MixtureState:
        """Return a state that shares nothing with this one."""
        roots = None if self.roots is None else self.roots.copy()
        return MixtureState(self.log_weights.copy(), self.memory.copy(), self.history.copy(), roots)


def start_state(
    parameters: MixtureParameters,
    replicas: int = 1,
    *,
    seed: Seed,
    weights: ArrayLike | None = None,
    first_replica: int = 0,
    cell: Sequence[int] = (),
) -> MixtureState:
    """Return start states: given weights, and memories of r draws from each agent's mixture.

    Parameters
    ----------
    parameters : MixtureParameters
        Of the system.
    replicas : int
        How many.
    seed : int, SeedSequence or Generator
        From 0 to 2^128 - 1; with the cell it gives the key of the draws.
    weights : array_like, shape (n, c), optional
        Weights of the agents. Absent: agent i has 1 - 1e-12 on component i mod c, and 1e-12/c on every component.
    first_replica : int
        Number of the first replica.
    cell : sequence of int
        Names one of several independent runs under the same seed.

    Raises
    ------
    InputError
        If weights are negative, not finite, do not sum to 1 or have another shape.

    Examples
    --------
    >>> from mcpolar.mixture import Covariances
    >>> parameters = MixtureParameters(n=2, means=[-1.0, 1.0], covariances=Covariances.spherical(0.3), r=5)
    >>> start_state(parameters, 3, seed=7).memory.shape
    (3, 2, 5, 1)
    """
    count = whole_number("replicas", replicas, 1, MOST_REPLICAS)
    probabilities = _default_weights(parameters) if weights is None else _checked(weights, parameters)
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(probabilities), PADDING)
    n, r, c = parameters.n, parameters.r, parameters.c
    roots = None
    if parameters.is_updating_covariances:
        roots = np.repeat(parameters.roots[np.newaxis], count, axis=0)
    history = np.full((count, n, r, 3), -1, dtype=np.int64)
    history[..., 2] = 0
    memory = _draw_memory(parameters, probabilities, count, first_replica, philox_key(read_seed(seed), cell))
    return MixtureState(np.broadcast_to(logs, (count, n, c)).copy(), memory, history, roots)


def _default_weights(parameters: MixtureParameters) -> Floats:
    n, c = parameters.n, parameters.c
    weights = np.full((n, c), START_EPSILON / c)
    weights[np.arange(n), np.arange(n) % c] += 1.0 - START_EPSILON
    return weights


def _checked(values: ArrayLike, parameters: MixtureParameters) -> Floats:
    try:
        weights = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("weights", values, "an array of numbers of shape (n, c)") from None
    shape = (parameters.n, parameters.c)
    if weights.shape != shape:
        raise InputError("weights", f"shape {weights.shape}", f"of shape (n, c) = {shape}")
    wrong = ~np.isfinite(weights) | (weights < 0)
    if wrong.any():
        i, a = np.argwhere(wrong)[0]
        raise InputError(
            "weights", f"{weights[i, a]} for agent {i}, component {a}", "finite numbers of at least 0"
        )
    sums = weights.sum(axis=1)
    worst = int(np.abs(sums - 1).argmax())
    if abs(sums[worst] - 1) > _SUM_TOLERANCE:
        raise InputError(
            "weights",
            f"a sum of {sums[worst]:.12g} for agent {worst}",
            "numbers that sum to 1 for each agent",
        )
    return np.asarray(weights / sums[:, np.newaxis])


def _draw_memory(
    parameters: MixtureParameters,
    weights: Floats,
    count: int,
    first_replica: int,
    key: NDArray[np.uint64],
) -> Floats:
    """Draw r elements an agent: a component by its weight, then mean + root z."""
    n, r, d = parameters.n, parameters.r, parameters.d
    u = uniforms(key, Purpose.MIXTURE_START_COMPONENT, count, n * r, first_replica=first_replica)
    z = normals(key, Purpose.MIXTURE_START_NORMAL, count, n * r * d, first_replica=first_replica)
    cumulative = np.cumsum(weights, axis=1)
    u, z = u.reshape(count, n, r), z.reshape(count, n, r, d)
    memory = np.empty((count, n, r, d))
    for i in range(n):
        component = np.minimum(np.searchsorted(cumulative[i], u[:, i], side="right"), parameters.c - 1)
        roots = parameters.roots[i if len(parameters.roots) > 1 else 0][component]
        means = np.asarray(parameters.means)[component]
        if parameters.covariances.kind == "full":
            memory[:, i] = means + (roots @ z[:, i, :, :, np.newaxis])[..., 0]
        else:
            memory[:, i] = means + roots[..., 0] * z[:, i]
    return memory
