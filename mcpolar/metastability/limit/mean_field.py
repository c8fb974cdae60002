"""The limit of many agents: the law of one agent, driven by the mean weight of all (memory size 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.signal import fftconvolve
from scipy.special import expit, sici

from mcpolar.errors import InputError, PrecisionError
from mcpolar.metastability.limit.rounds import read_rounds
from mcpolar.parameters import ChainParameters
from mcpolar.results import Drawn

Floats = NDArray[np.float64]

_MOST_NODES = 2**20
_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class MeanField(Drawn):
    """The limit m -> infinity of the chain, from agents at one log-odds or several.

    Attributes
    ----------
    rounds : ndarray, shape (n,)
        Times in rounds: m steps, one update an agent on average.
    mean_weight : ndarray, shape (n,)
        pi(t) = E w, the chance that a draw is from component +1.
    log_odds : ndarray, shape (q,)
        Grid of the density.
    density : ndarray, shape (n, q)
        Density of the log-odds of the agents that were updated at least once.
    untouched : ndarray, shape (n,)
        Share of the agents that were not updated yet, e^-t: they are where they began.
    plus_share : ndarray, shape (n,)
        Share of the agents with positive log-odds (those exactly at 0 not counted).
    lost : float
        Largest mass missing from the grid.
    """

    rounds: Floats
    mean_weight: Floats
    log_odds: Floats
    density: Floats
    untouched: Floats
    plus_share: Floats
    lost: float


def mean_field(
    chain: ChainParameters,
    log_odds: ArrayLike,
    rounds: ArrayLike,
    *,
    shares: ArrayLike | None = None,
    tolerance: float = 1e-8,
) -> MeanField:
    """Return the law of one agent as m -> infinity, for r = 1: a deterministic evolution of its density.

    With senders uniform on infinitely many agents, an arrival is from component +1 with chance pi(t), whoever
    sends, and with `mirror = p` with chance p w(l) + (1 - p) pi(t). At rate 1 a round the density rho obeys
    d rho/dt = -rho + G+ * (a rho) + G- * ((1 - a) rho), a being that chance and G+- the normal laws of the
    increments +-2/sigma^2 of s.d. 2/sigma. It is solved on an even grid, where sums of analytic densities
    converge exponentially, with the atoms of agents not updated yet apart.

    Parameters
    ----------
    chain : ChainParameters
        sigma and mirror count; r must be 1 and k absent; m does not enter.
    log_odds : array_like, shape (q,)
        Where the agents begin: atoms of the start law.
    rounds : array_like, shape (n,)
        Times asked for, increasing, from 0 on.
    shares : array_like, shape (q,), optional
        Weights of the atoms; default equal.
    tolerance : float
        Of the grid's resolution.

    Returns
    -------
    MeanField

    Raises
    ------
    InputError
        If an argument is not allowed or the grid would not fit.
    PrecisionError
        If the solver fails.

    Examples
    --------
    >>> found = mean_field(ChainParameters(m=2, r=1, sigma="1"), [0.5], [0, 1, 4])
    >>> found.mean_weight.round(4)
    array([0.6225, 0.6287, 0.6879])
    """
    chain.require_rules(reason="the limit is that of the paper's senders; for others run weight_paths")
    if chain.r != 1:
        raise InputError("r", chain.r, "1; for larger memories run one large population: weight_paths")
    if chain.k is not None:
        raise InputError("k", chain.k, "absent: the nearest of infinitely many agents have the same weight")
    times = read_rounds(rounds)
    atoms = np.atleast_1d(np.asarray(log_odds, dtype=np.float64))
    weights = np.full(atoms.size, 1 / atoms.size) if shares is None else np.asarray(shares, dtype=np.float64)
    if atoms.ndim != 1 or not np.isfinite(atoms).all():
        raise InputError("log_odds", log_odds, "finite numbers")
    if weights.shape != atoms.shape or (weights < 0).any() or not math.isclose(weights.sum(), 1):
        raise InputError("shares", shares, "one share for each atom, with the sum 1")
    return _Flow.make(chain, atoms, weights, float(times[-1]), tolerance).solve(times)


@dataclass(frozen=True, eq=False)
class _Flow:
    """The evolution equation on a grid."""

    atoms: Floats
    shares: Floats
    mirror: float
    grid: Floats
    spacing: float
    kernels: tuple[Floats, Floats]
    fresh: tuple[Floats, Floats]

    @classmethod
    def make(
        cls, chain: ChainParameters, atoms: Floats, shares: Floats, last: float, tolerance: float
    ) -> _Flow:
        sigma = float(chain.sigma)
        mean, sd = 2 / sigma**2, 2 / sigma
        spacing = min(
            2 * math.pi**2 / -math.log(tolerance), math.pi * sd / math.sqrt(-2 * math.log(tolerance))
        )
        most = last + 7 * math.sqrt(last) + 10  # updates of an agent
        reach = np.abs(atoms).max() + mean * most + 7 * sd * math.sqrt(most)
        half = math.ceil(reach / spacing)
        if 2 * half + 1 > _MOST_NODES:
            raise InputError("rounds", last, f"so short that at most {_MOST_NODES} grid points are needed")
        grid = spacing * np.arange(-half, half + 1, dtype=np.float64)

        def normal(x: Floats, centre: float) -> Floats:
            return np.asarray(np.exp(-0.5 * ((x - centre) / sd) ** 2) / (sd * math.sqrt(2 * math.pi)))

        width = math.ceil((mean + 9 * sd) / spacing)
        offsets = spacing * np.arange(-width, width + 1, dtype=np.float64)
        kernels = (spacing * normal(offsets, mean), spacing * normal(offsets, -mean))
        fresh = tuple(np.array([normal(grid - atom, side * mean) for atom in atoms]) for side in (1, -1))
        mirror = 0.0 if chain.mirror is None else float(chain.mirror)
        return cls(atoms, shares, mirror, grid, spacing, kernels, (fresh[0], fresh[1]))

    def mean_weight(self, density: Floats, time: float) -> float:
        """Return pi."""
        old = math.exp(-time) * float(self.shares @ expit(self.atoms))
        return old + self.spacing * float(density @ expit(self.grid))

    def rate(self, time: float, density: Floats) -> Floats:
        """Return d rho / dt of the agents updated at least once."""
        pi = self.mean_weight(density, time)
        plus = self.mirror * expit(self.grid) + (1 - self.mirror) * pi
        minus = self.mirror * expit(-self.grid) + (1 - self.mirror) * (1 - pi)
        first_plus = self.mirror * expit(self.atoms) + (1 - self.mirror) * pi
        first_minus = self.mirror * expit(-self.atoms) + (1 - self.mirror) * (1 - pi)
        moved = fftconvolve(plus * density, self.kernels[0], mode="same")
        moved += fftconvolve(minus * density, self.kernels[1], mode="same")
        born = (self.shares * first_plus) @ self.fresh[0] + (self.shares * first_minus) @ self.fresh[1]
        return np.asarray(moved - density + math.exp(-time) * born)

    def solve(self, times: Floats) -> MeanField:
        """Integrate, and read off at the times asked for."""
        begin = np.zeros(self.grid.size)
        densities = begin[np.newaxis]
        if times[-1] > 0:
            found = solve_ivp(
                self.rate, (0.0, times[-1]), begin, method="DOP853", t_eval=times, rtol=_TOLERANCE, atol=1e-13
            )
            if not found.success:
                raise PrecisionError(f"the evolution stopped: {found.message}")
            densities = found.y.T
        old = np.exp(-times)
        mass = self.spacing * densities.sum(axis=1) + old
        # the band-limited function through the grid's values, integrated above 0: as exact as the sums, where
        # a trapezoid rule up to the jump of the indicator would err by the square of the spacing
        nodes = np.arange(self.grid.size) - self.grid.size // 2
        above = densities @ (0.5 + sici(math.pi * nodes)[0] / math.pi)
        return MeanField(
            times,
            np.array([self.mean_weight(d, float(t)) for d, t in zip(densities, times, strict=True)]),
            self.grid,
            densities,
            old,
            self.spacing * above + old * float(self.shares[self.atoms > 0].sum()),
            float(np.abs(mass - 1).max()),
        )
