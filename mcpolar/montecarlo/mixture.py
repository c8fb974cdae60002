"""GT2's event in a general mixture, estimated as T2's is: good arrivals alone are drawn, and their chances multiplied.

Arrivals are drawn from the receiver's own component inside its ball (a truncated chi law of the radius, a uniform
direction). What a sender draws from its other components enters exactly, by its density at the arrival: the factor of
a step is P(chi_d <= R/sigma) (w_j + sum over l of w_l phi_l(x) / phi_j(x)). Its values lie between the bound's own
step and P(chi_d <= R/sigma), so that the interval covers at every sample size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaincinv

from mcpolar.balls import START_BITS, working_precision
from mcpolar.bounds.general_theorem2 import general_theorem2
from mcpolar.bounds.mixtures.cells import forms
from mcpolar.checks import check_confidence, whole_number
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.compiled.montecarlo.mixture import general_log_weights
from mcpolar.errors import InputError
from mcpolar.means import Means
from mcpolar.montecarlo.estimators.conditional import effective_sample_size, mean_of_weights, rounding_of_logs
from mcpolar.montecarlo.verdicts import verdict_on
from mcpolar.parallel import Progress, over_blocks
from mcpolar.parameters import ChainParameters
from mcpolar.questions import MixtureKept
from mcpolar.results import Bound, Comparison, Estimate
from mcpolar.rng import MOST_REPLICAS, Purpose, Seed, philox_key, read_seed, uniforms


@dataclass(frozen=True)
class GeneralMixture:
    """A population at level h of a mixture with spherical components, in its boundary state.

    Every log-ratio of the own component's weight to another one is h gamma, and every memory element lies on the
    sphere of radius R about the own mean, towards another mean.

    Parameters
    ----------
    components, dimension, distance, sigma, level, smallest_silo, k
        As for :func:`mcpolar.bounds.general_theorem2`. Up to d + 1 means are the corners of a regular simplex with
        edges D; more lie on a line, D apart.
    m, r : int
        Agents, and memory size of each.
    cells : Means, optional
        The means, where arrivals stay in cells and not in balls.
    """

    components: int
    dimension: int
    distance: Decimal
    sigma: Decimal
    level: int
    m: int
    r: int
    smallest_silo: int | None = None
    k: int | None = None
    cells: Means | None = None

    @classmethod
    def of(cls, question: MixtureKept, population: ChainParameters) -> GeneralMixture:
        """Return the population of so many agents with so much memory that a question is about."""
        population.require_rules(reason="a general mixture has policies of its own (mcpolar.mixture)")
        given = {name: value for name, value in vars(question).items() if name != "steps"}
        return cls(m=population.m, r=population.r, **given)

    def bound(self, steps: int | str) -> Bound:
        """Return GT2 at these parameters."""
        given: dict[str, Any] = {"means": self.cells}
        if self.cells is None:
            given = {"components": self.components, "dimension": self.dimension, "distance": self.distance}
        return general_theorem2(
            **given,
            sigma=self.sigma,
            level=self.level,
            steps=steps,
            smallest_silo=self.smallest_silo,
            k=self.k,
        )

    def silos(self) -> NDArray[np.int64]:
        """Return each agent's component: silos of `smallest_silo` agents, the first one larger; or one silo."""
        size = self.smallest_silo
        if size is None:
            return np.zeros(self.m, np.int64)
        if size > self.m:
            raise InputError("smallest_silo", size, f"at most the number of agents m = {self.m}")
        silo = np.arange(self.m)[::-1] // size
        return np.where(silo < min(self.components, self.m // size) - 1, silo + 1, 0)

    def means(self) -> NDArray[np.float64]:
        """Return the component means, shape (c, d)."""
        c, d = self.components, self.dimension
        if self.cells is not None:
            return np.array(self.cells.coordinates())
        means = np.zeros((c, d))
        if c > d + 1:
            means[:, 0] = float(self.distance) * np.arange(c)
            return means
        corners = np.eye(c) - 1 / c
        means[:, : c - 1] = (
            corners @ np.linalg.svd(corners)[2][: c - 1].T * float(self.distance) / math.sqrt(2)
        )
        return means

    def state(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return log weights (m, c) and memories (m, r, d)."""
        silo, means = self.silos(), self.means()
        gamma = float(self.distance) ** 2 / (4 * float(self.sigma) ** 2)
        other = -self.level * gamma
        own = -math.log1p((self.components - 1) * math.exp(other))
        log_weights = np.full((self.m, self.components), own + other)
        log_weights[np.arange(self.m), silo] = own
        towards = means[(silo + 1) % self.components] - means[silo]
        towards *= float(self.distance) / 4 / np.linalg.norm(towards, axis=1, keepdims=True)
        return log_weights, np.repeat((means[silo] + towards)[:, np.newaxis], self.r, axis=1)


def general_kept(
    mixture: GeneralMixture,
    steps: int,
    *,
    replicas: int,
    seed: Seed,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """Estimate the probability that level h is kept at every one of `steps` steps, from the boundary state.

    Parameters
    ----------
    mixture : GeneralMixture
        The population; its neighbourhood must be closed (GT2's assumptions), as senders are of the receiver's silo.
    steps : int
        Single-agent steps.
    replicas, seed, confidence, workers, progress
        As for :func:`mcpolar.montecarlo.conditional`.

    Raises
    ------
    InputError
        If a value is not allowed or GT2's assumptions fail.

    Examples
    --------
    >>> mixture = GeneralMixture(3, 2, Decimal(4), Decimal("0.5"), level=1, m=6, r=2)
    >>> found = general_kept(mixture, 100, replicas=50, seed=1)
    >>> bool(mixture.bound(100).log10 < found.log10 < 0)
    True
    """
    whole_number("replicas", replicas, 2, MOST_REPLICAS - 1)
    whole_number("steps", steps, 0)
    for name in ("m", "r"):
        whole_number(name, getattr(mixture, name), 1)
    check_confidence(confidence)
    if not mixture.bound(steps).holds:
        raise InputError(
            "k", mixture.k, "such that no agent can have a sender of another silo (GT2's assumptions)"
        )
    run = _Run(mixture, steps, read_seed(seed))
    blocks = over_blocks(run.log_weights, replicas, steps, workers=workers, progress=progress, size=32)
    weights = np.concatenate(list(blocks))
    gamma = float(mixture.distance) ** 2 / (4 * float(mixture.sigma) ** 2)
    own = -math.log1p((mixture.components - 1) * math.exp(-mixture.level * gamma))
    largest, least = steps * run.log_hit.max(), steps * (run.log_hit.min() + own)
    log_mean, low, high = mean_of_weights(np.minimum(weights, largest), largest, least, confidence)
    slack = rounding_of_logs(steps, high)
    return Estimate(
        log_probability=log_mean,
        log_low=low - slack,
        log_high=min(0.0, high + slack),
        confidence=confidence,
        method="conditional, empirical Bernstein",
        replicas=replicas,
        seed=run.seed,
        diagnostics={"effective_sample_size": effective_sample_size(weights)},
    )


def compare_mixture(
    bound: Bound, question: MixtureKept, population: ChainParameters, **options: Any
) -> Comparison:
    """Estimate the probability that a bound on a mixture bounds, from the boundary state, and compare.

    Parameters
    ----------
    bound : Bound
        The bound.
    question : MixtureKept
        What it is about.
    population : ChainParameters
        Its m agents with memory r.
    **options
        As for :func:`general_kept`.
    """
    clock = Stopwatch()
    mixture = GeneralMixture.of(question, population)
    estimate = general_kept(mixture, question.steps, **options)
    described = {
        **bound.parameters,
        "m": mixture.m,
        "r": mixture.r,
        "simulated_steps": question.steps,
        "start": "boundary",
    }
    return Comparison(bound, estimate, verdict_on(bound, estimate), described, clock.seconds)


@dataclass(frozen=True)
class _Run:
    mixture: GeneralMixture
    steps: int
    seed: int

    @property
    def _half_square(self) -> float:
        return float(self.mixture.distance / (4 * self.mixture.sigma)) ** 2 / 2

    @cached_property
    def log_hit(self) -> NDArray[np.float64]:
        """Log of the chance of an own draw in its ball, or its cell, for each component."""
        if self.mixture.cells is not None:
            return _log_cells(self.mixture.cells, self.mixture.sigma)
        shape = self.mixture.dimension / 2
        missed = float(gammaincc(shape, self._half_square))
        log = math.log1p(-missed) if missed < 0.5 else math.log(gammainc(shape, self._half_square))
        return np.full(self.mixture.components, log)

    @cached_property
    def gaps(self) -> NDArray[np.float64]:
        """Differences of the means for cells; none for balls."""
        means = self.mixture.means()
        return np.empty(0) if self.mixture.cells is None else (means[None] - means[:, None]).ravel()

    def log_weights(self, first: int, count: int) -> NDArray[np.float64]:
        """Return the log weights of the replicas from `first` on."""
        mixture, key = self.mixture, philox_key(self.seed)
        shape = mixture.dimension / 2
        u = uniforms(key, Purpose.GENERAL_RADIUS, count, self.steps, first_replica=first)
        radii = u  # of cells unused
        if mixture.cells is None:
            radii = np.sqrt(2 * gammaincinv(shape, u * gammainc(shape, self._half_square)))
        log_weights, memory = mixture.state()
        out = np.empty(count)
        general_log_weights(
            log_weights.ravel(),
            memory.ravel(),
            mixture.silos(),
            mixture.means().ravel(),
            float(mixture.sigma),
            mixture.r,
            mixture.k or 0,
            key,
            first,
            self.log_hit,
            radii,
            self.gaps,
            out,
        )
        return out


def _log_cells(means: Means, sigma: Decimal) -> NDArray[np.float64]:
    """Return the log of the chance of an own draw in its cell for each component, where it is known exactly.

    Raises
    ------
    InputError
        If it is not, or if draws would seldom be in a cell.
    """
    if means.layout == "points" and not means.is_on_a_line:
        raise InputError(
            "means", means.label, "line, circle or simplex, where chances of cells are known exactly"
        )
    with working_precision(START_BITS):
        found = [
            max(
                float(one.hit().mid())
                for one in forms(means, Fraction(sigma), own)
                if one.form.startswith("exact")
            )
            for own in range(means.components if means.layout in ("line", "points") else 1)
        ]
    chances = np.array(found * (1 if len(found) > 1 else means.components))
    if chances.min() < LEAST_CHANCE:
        raise InputError(
            "sigma", str(sigma), f"such that draws are in their cells with chance {LEAST_CHANCE} at least"
        )
    found_logs: NDArray[np.float64] = np.log(chances)
    return found_logs


LEAST_CHANCE = 0.05
"""Of a draw in its cell: they are drawn until one is."""
