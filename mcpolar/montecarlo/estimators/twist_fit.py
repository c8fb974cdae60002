"""The guess by which importance sampling makes an agent leave its silo: the chance that it leaves, fitted.

Of a single agent the chance q(state) of ever leaving satisfies q = E[q(state after one update)], and q = 1 once it
has left. The logarithm of a guess (:class:`mcpolar.compiled.montecarlo.twist.Twist`: additive over the sorted memory,
each element's share depending on the log-odds and on how often the other component is heard) is fitted to this by
repeated least squares on states that agents visit when they are driven by the guess so far. Large |log-odds| make it
exp(-theta L) times a function of the memory, so that this is the eigenfunction of the exponent theta* for every r.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats
from threadpoolctl import threadpool_limits

from mcpolar.chain import Ensemble
from mcpolar.checks import whole_number
from mcpolar.compiled.montecarlo.twist import Cells, Twist, add_equations, explore
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.rng import Purpose, normals, philox_key

Floats = NDArray[np.float64]

LARGEST_MEMORY = 20
PLAIN = 0.1  # share of arrivals that are drawn as in the chain
SMALLEST_SIGMA = 0.1
_CELL = 0.2  # width of a cell over sigma
_FIRST_SLOPE = 0.4
_PATHS, _STATES, _MOST_UPDATES = 300, 3000, 80
_FAR = 1.5, 60.0  # an agent is given up beyond 1.5 times the largest first log-odds plus 60
_MOST_ROUNDS, _AVERAGED, _SETTLED = 80, 8, 0.05
_EQUATIONS, _RIDGE, _ROUGHNESS = (
    1000.0,
    1.0,
    (0.1, 0.3),
)  # weights of the states, of changes, of second differences


@dataclass(frozen=True, eq=False)
class FittedTwist:
    """A twist with the cells that it is asked in.

    Attributes
    ----------
    twist, cells
        As the compiled loops take them.
    sigma, threshold : float
        What they were made for.
    rounds : int
        How many fits were made.
    misfit : float
        Standard deviation, over the last states, of log mean guess after an update less log guess.
    """

    twist: Twist
    cells: Cells
    sigma: float
    threshold: float
    rounds: int
    misfit: float

    def require(self, chain: ChainParameters, threshold: float) -> None:
        """Raise InputError unless it was fitted for this memory size, sigma and threshold.

        Cells of another sigma have other masses, and the estimate would be biased.
        """
        made = {"r": self.twist.by_log_odds.shape[0], "sigma": self.sigma, "threshold": self.threshold}
        asked = {"r": chain.r, "sigma": float(chain.sigma), "threshold": max(threshold, 0.0)}
        for name, value in made.items():
            if value != asked[name]:
                raise InputError("twist", f"for {name} = {value}", f"for {name} = {asked[name]}")


def is_fitted_for(chain: ChainParameters) -> bool:
    """Return whether a twist can be fitted to the chain: the paper's rules, r at most 20 and sigma at least 0.1."""
    is_in_range = chain.r <= LARGEST_MEMORY and float(chain.sigma) >= SMALLEST_SIGMA
    return is_in_range and chain.has_own_rules


def fitted_twist(
    r: int, sigma: float, log_odds: Sequence[float], self_share: float = 0.0, threshold: float = 0.0
) -> FittedTwist:
    """Fit the chance that one agent leaves its silo; the latest fits are remembered.

    Parameters
    ----------
    r : int
        Memory size, at most 20.
    sigma : float
        Component standard deviation, at least 0.1.
    log_odds : sequence of float
        Own-side log-odds above the threshold from which agents set out, all positive.
    self_share : float
        Chance that an agent is its own sender: what makes it fall once its log-odds are small.
    threshold : float
        Own-side log-odds below which an agent has left, at least 0.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> found = fitted_twist(1, 0.5, [8.0])
    >>> found.misfit < 0.5
    True
    """
    size = whole_number("r", r, 1, LARGEST_MEMORY)
    if not sigma >= SMALLEST_SIGMA:
        raise InputError("sigma", sigma, f"at least {SMALLEST_SIGMA} for a twist")
    first = np.asarray(log_odds, dtype=np.float64)
    if first.size == 0 or not ((first > 0) & np.isfinite(first)).all():
        raise InputError("log_odds", log_odds, "positive numbers")
    if not 0 <= self_share <= 1:
        raise InputError("self_share", self_share, "a number from 0 to 1")
    if not 0 <= threshold < math.inf:
        raise InputError("threshold", threshold, "a number that is at least 0")
    return _fit(size, float(sigma), tuple(first.tolist()), float(self_share), float(threshold))


@functools.lru_cache(maxsize=16)
def _fit(r: int, sigma: float, first: tuple[float, ...], self_share: float, threshold: float) -> FittedTwist:
    # threads gain nothing on systems this small, and where the processors are busy they wait for each other
    with threadpool_limits(1, user_api="blas"):
        return _Fit(r, sigma, np.array(first), self_share, threshold).run()


def twist_of_start(ensemble: Ensemble, threshold: float) -> FittedTwist:
    """Fit a twist to the first start of an ensemble and the fall below a threshold."""
    own = np.abs(ensemble.arrays(0, 1).log_odds[0]) - threshold
    first = np.unique(np.quantile(np.maximum(own, 1.0), (0, 1 / 3, 2 / 3, 1)))
    chain = ensemble.parameters
    return fitted_twist(chain.r, float(chain.sigma), first.tolist(), self_share(chain), max(threshold, 0.0))


def self_share(chain: ChainParameters) -> float:
    """Return the chance that a receiver is its own sender."""
    if chain.mirror is not None and chain.m > 1:
        return float(chain.mirror)
    return 1 / (chain.k + 1 if chain.k else chain.m)


def cells_of(sigma: float) -> Cells:
    """Return cells of a fifth of sigma from -1 - 4 sigma to 1 + 5 sigma, and two tails."""
    count = math.ceil((2 + 9 * sigma) / (_CELL * sigma))
    inner = -1 - 4 * sigma + _CELL * sigma * np.arange(count + 1)
    edges = np.concatenate([[-np.inf], inner, [np.inf]])
    middles = np.concatenate(
        [[inner[0] - sigma / 3], 0.5 * (inner[1:] + inner[:-1]), [inner[-1] + sigma / 3]]
    )
    own, other = (_masses((edges - mean) / sigma) for mean in (1, -1))
    return Cells(edges, middles, own, other)


def _masses(z: Floats) -> Floats:
    """Return the standard normal masses between neighbouring ends, each from its own tail."""
    low, high = z[:-1], z[1:]
    left, right = stats.norm.cdf(high) - stats.norm.cdf(low), stats.norm.sf(low) - stats.norm.sf(high)
    return np.asarray(np.where(high <= 0, left, right))


class _Fit:
    """The values of the twist, and what fits them."""

    def __init__(self, r: int, sigma: float, first: Floats, self_share: float, threshold: float) -> None:
        self.r, self.sigma, self.first = r, sigma, first
        self.self_share, self.threshold = self_share, threshold
        s = 1 / sigma**2
        top = max(40.0, 10 * s, float(first.max()))
        self.log_odds = np.concatenate([[0.0, 1, 2, 3, 5], np.geomspace(8, top, 4)])
        self.log_stray = np.linspace(-2.5 * s - 1, -0.7, 6)
        self.elements = np.linspace(-1 - sigma, 1 + 3 * sigma, 11)
        n_l, n_s, n_x = self.log_odds.size, self.log_stray.size, self.elements.size
        self.shapes = ((r, n_l, n_x), (r, n_s, n_x), (n_l, n_s))
        self.ends = np.cumsum([math.prod(shape) for shape in self.shapes])
        self.values = np.zeros(self.ends[-1])
        self.values[self.ends[1] :] = np.repeat(-_FIRST_SLOPE * self.log_odds, n_s)
        self.cells = cells_of(sigma)
        self.penalty = self._penalty()
        self.key = philox_key(0)

    def run(self) -> FittedTwist:
        """Fit until the mean misfit is small, then average the values of some more fits."""
        settled, misfit, kept = 0, math.inf, []
        for number in range(_MOST_ROUNDS):
            states = self._explored(number)
            misfits = states[:, 3] - states[:, 2]
            misfit = float(misfits.std())
            settled = settled + 1 if settled or abs(misfits.mean()) < _SETTLED else 0
            self._improve(states)
            if settled:
                kept.append(self.values)
            if settled == _AVERAGED:
                break
        self.values = np.mean(kept, axis=0) if kept else self.values
        return FittedTwist(self.twist(), self.cells, self.sigma, self.threshold, number + 1, misfit)

    def twist(self) -> Twist:
        """Return the values as the loops take them."""
        parts = np.split(self.values, self.ends[:2])
        tables = (part.reshape(shape).copy() for part, shape in zip(parts, self.shapes, strict=True))
        low, spacing = float(self.elements[0]), float(self.elements[1] - self.elements[0])
        return Twist(self.log_odds, self.log_stray, low, spacing, *tables)

    def _explored(self, number: int) -> Floats:
        """Return states on paths driven by the twist: half from memory at 1/2, half from drawn memory."""
        replica = number * _PATHS
        memory = 1 + self.sigma * normals(
            self.key, Purpose.TWIST_START, _PATHS, self.r, first_replica=replica
        )
        memory[::2] = 0.5
        memory.sort(axis=1)
        log_odds = np.resize(np.repeat(self.first, 2), _PATHS)
        stray = 1 / (1 + np.exp(np.minimum(self.threshold + log_odds, 690)))
        stray[(np.arange(_PATHS) // (2 * self.first.size)) % 3 == 0] = 0.0
        order = np.arange(_PATHS) * 61 % _PATHS  # the states may be full before the last path
        states = np.empty((_STATES, self.r + 4))
        far = _FAR[0] * float(self.first.max()) + _FAR[1]
        rows = explore(
            self.twist(),
            self.cells,
            self.sigma,
            self.self_share,
            self.threshold,
            log_odds[order],
            memory[order],
            stray[order],
            self.key,
            replica,
            PLAIN,
            _MOST_UPDATES,
            far,
            states,
        )
        return states[:rows]

    def _improve(self, states: Floats) -> None:
        """Move the values to the least squares solution, damped and smoothed."""
        matrix, right = np.zeros((self.values.size,) * 2), np.zeros(self.values.size)
        add_equations(self.twist(), states, matrix, right)
        scale = _EQUATIONS / states.shape[0]
        system = scale * matrix + self.penalty
        system[np.diag_indices_from(system)] += _RIDGE
        factor = linalg.cho_factor(system, overwrite_a=True, check_finite=False)
        wanted = scale * right - self.penalty @ self.values
        self.values = self.values + linalg.cho_solve(factor, wanted, check_finite=False)

    def _penalty(self) -> Floats:
        """Return the quadratic form of second differences along both knots of every table but the last."""
        n_x = self.elements.size
        blocks = []
        for shape in self.shapes[:2]:
            across = np.kron(_second_differences(shape[1]), np.eye(n_x)) * _ROUGHNESS[0]
            along = np.kron(np.eye(shape[1]), _second_differences(n_x)) * _ROUGHNESS[1]
            blocks += [across + along] * self.r
        return np.asarray(linalg.block_diag(*blocks, np.zeros((self.values.size - self.ends[1],) * 2)))


def _second_differences(n: int) -> Floats:
    rows = np.diff(np.eye(n), 2, axis=0)
    return np.asarray(rows.T @ rows)
