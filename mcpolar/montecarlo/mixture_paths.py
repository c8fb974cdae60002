"""Paths of a general mixture, counted: silos kept from the boundary of level h (GPM), and polarization (GT1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.checks import check_confidence, whole_number
from mcpolar.compiled.compiling import Stopwatch
from mcpolar.compiled.montecarlo.mixture import general_ends, general_silos
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.errors import InputError
from mcpolar.montecarlo.targets import STEPS_FOR_ALL_TIME
from mcpolar.montecarlo.verdicts import verdict_on
from mcpolar.parallel import Progress, over_blocks
from mcpolar.questions import MixturePolarized, MixtureSilosKept
from mcpolar.results import Bound, Comparison, Estimate
from mcpolar.rng import MOST_REPLICAS, Seed, philox_key, read_seed
from mcpolar.steps import Steps


@dataclass(frozen=True)
class Paths:
    """When silos were left.

    Attributes
    ----------
    steps : int
        How long each path was watched.
    left : ndarray of int64, shape (n_replicas,)
        The step at which an agent left its silo; steps + 1 if none did.
    strayed : ndarray of int64, shape (n_replicas,)
        The first step whose draw was not of its receiver's component; steps + 1 if there was none until then.
    """

    steps: int
    left: NDArray[np.int64]
    strayed: NDArray[np.int64]

    @property
    def kept(self) -> int:
        """On how many paths no agent left its silo."""
        return int((self.left > self.steps).sum())

    @property
    def spotless(self) -> int:
        """On how many paths, besides, every draw was of its receiver's component."""
        return int(((self.left > self.steps) & (self.strayed > self.steps)).sum())


def silos_of(question: MixtureSilosKept) -> NDArray[np.int64]:
    """Return each agent's component: the largest silo at `own`, others of `smallest_silo` agents at its neighbours."""
    m, size = question.chain.m, question.smallest_silo
    if size is None:
        return np.full(m, question.own, np.int64)
    number = min(question.means.components, m // size)
    nearest = np.argsort(_distances(question), kind="stable")[:number]
    found = np.full(m, question.own, np.int64)
    for index, component in enumerate(nearest[1:], start=1):
        found[m - index * size : m - (index - 1) * size] = component
    return found


def boundary(question: MixtureSilosKept) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return log weights (m, c) and memories (m, r, d) on the boundary of level h, memory towards the nearest mean."""
    chain, means = question.chain, np.array(question.means.coordinates())
    silo, c = silos_of(question), question.means.components
    nearest = float(question.means.nearest)
    other = -question.level * nearest**2 / (4 * float(chain.sigma) ** 2)
    own = -math.log1p((c - 1) * math.exp(other))
    log_weights = np.full((chain.m, c), own + other)
    log_weights[np.arange(chain.m), silo] = own
    gaps = np.linalg.norm(means[:, None] - means[None], axis=2) + np.diag(np.full(c, np.inf))
    towards = means[gaps.argmin(axis=1)] - means
    towards *= nearest / 4 / np.linalg.norm(towards, axis=1, keepdims=True)
    return log_weights, np.repeat((means + towards)[silo][:, np.newaxis], chain.r, axis=1)


def _distances(question: MixtureSilosKept) -> NDArray[np.float64]:
    means = np.array(question.means.coordinates())
    found: NDArray[np.float64] = np.linalg.norm(means - means[question.own], axis=1)
    return found


def paths(
    question: MixtureSilosKept,
    *,
    replicas: int,
    seed: Seed,
    steps: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Paths:
    """Run paths from the boundary of level h.

    Parameters
    ----------
    question : MixtureSilosKept
        The population.
    replicas, seed, workers, progress
        As for :func:`mcpolar.montecarlo.crude`.
    steps : int, optional
        How long; default 10 m log(m+1).

    Raises
    ------
    InputError
        If a value is not allowed.

    Examples
    --------
    >>> from mcpolar.bounds import general_permanence
    >>> bound = general_permanence(m=5, r=1, sigma="0.6", level=3, means="circle", components=3, distance=2)
    >>> found = paths(bound.question, replicas=200, seed=1, steps=100)
    >>> found.spotless <= found.kept <= 200
    True
    """
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    length = Steps.read(STEPS_FOR_ALL_TIME, question.chain.m).whole if steps is None else steps
    chain, key = question.chain, philox_key(read_seed(seed))
    log_weights, memory = boundary(question)
    means, silo = np.array(question.means.coordinates()).ravel(), silos_of(question)

    def work(first: int, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        left, strayed = np.empty(count, np.int64), np.empty(count, np.int64)
        mirror = -1.0 if chain.mirror is None else float(chain.mirror)
        sender = (chain.k or 0, mirror)
        law = (means, float(chain.sigma), chain.r, *sender, key)
        general_silos(log_weights.ravel(), memory.ravel(), silo, *law, first, length, left, strayed)
        return left, strayed

    blocks = list(over_blocks(work, replicas, length, workers=workers, progress=progress, size=16))
    left, strayed = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Paths(length, left, strayed)


DEPTH = 1e6
"""Log-ratios of a deep start, which no number of draws that is simulated can change by much."""


def deep(question: MixturePolarized) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return log weights and memories of a deep start: silos as equal as can be, all memory just outside the balls.

    There, as in T1B, every draw is of its sender's component, and a draw of another one stays until it is cleared away.
    """
    chain, means = question.chain, np.array(question.means.coordinates())
    c = question.means.components
    silo = np.arange(chain.m) % c
    log_weights = np.full((chain.m, c), -DEPTH)
    log_weights[np.arange(chain.m), silo] = 0.0
    gaps = np.linalg.norm(means[:, None] - means[None], axis=2) + np.diag(np.full(c, np.inf))
    towards = means[gaps.argmin(axis=1)] - means
    towards *= 1.02 * float(question.means.nearest) / 4 / np.linalg.norm(towards, axis=1, keepdims=True)
    return log_weights, np.repeat((means + towards)[silo][:, np.newaxis], chain.r, axis=1)


def polarized_ends(
    question: MixturePolarized,
    start: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
    *,
    replicas: int,
    seed: Seed,
    workers: int | None = None,
    progress: Progress | None = None,
) -> NDArray[np.bool_]:
    """Return, for each path, whether every agent is at level h of some component at the end.

    Parameters
    ----------
    question : MixturePolarized
        The population and the steps.
    start : tuple of ndarray, optional
        Log weights (m, c) and memories (m, r, d); default :func:`deep`.
    replicas, seed, workers, progress
        As for :func:`mcpolar.montecarlo.crude`.
    """
    whole_number("replicas", replicas, 1, MOST_REPLICAS - 1)
    chain, key, means = question.chain, philox_key(read_seed(seed)), np.array(question.means.coordinates())
    log_weights, memory = deep(question) if start is None else start
    c, d = means.shape
    nearest = float(question.means.nearest)
    threshold, radius = question.level * nearest**2 / (4 * float(chain.sigma) ** 2), nearest / 4
    mirror = -1.0 if chain.mirror is None else float(chain.mirror)
    law = (means.ravel(), chain.m, float(chain.sigma), chain.r, chain.k or 0, mirror, key)

    def work(first: int, count: int) -> NDArray[np.bool_]:
        weights, memories = np.empty((count, chain.m * c)), np.empty((count, memory.size))
        general_ends(log_weights.ravel(), memory.ravel(), *law, first, question.steps, weights, memories)
        found = weights.reshape(count, chain.m, c)
        silo = found.argmax(axis=2)
        largest = np.sort(found, axis=2)
        apart = (largest[:, :, -1] - largest[:, :, -2] >= threshold).all(axis=1)
        gaps = memories.reshape(count, chain.m, chain.r, d) - means[silo][:, :, np.newaxis]
        within: NDArray[np.bool_] = apart & (np.linalg.norm(gaps, axis=3) <= radius).all(axis=(1, 2))
        return within

    blocks = over_blocks(work, replicas, question.steps, workers=workers, progress=progress, size=16)
    return np.concatenate(list(blocks))


def compare_polarized(
    bound: Bound,
    question: MixturePolarized,
    *,
    replicas: int,
    confidence: float,
    seed: Seed,
    **options: Any,
) -> Comparison:
    """Count the paths that end at level h, from a deep start, and compare with a bound; as :func:`compare_silos`."""
    clock, seed = Stopwatch(), read_seed(seed)
    check_confidence(confidence)
    hits = int(polarized_ends(question, replicas=replicas, seed=seed, **options).sum())
    described = {**bound.parameters, "simulated_steps": question.steps, "start": "deep, memory outside"}
    estimate = _counted(hits, replicas, confidence, seed)
    return Comparison(bound, estimate, verdict_on(bound, estimate), described, clock.seconds)


def _counted(hits: int, replicas: int, confidence: float, seed: int, **diagnostics: int) -> Estimate:
    low, high = clopper_pearson(hits, replicas, confidence)
    return Estimate(
        log_probability=math.log(hits / replicas) if hits else -math.inf,
        log_low=low,
        log_high=high,
        confidence=confidence,
        method="crude, Clopper-Pearson",
        replicas=replicas,
        seed=seed,
        diagnostics={**diagnostics},
    )


def compare_silos(
    bound: Bound,
    question: MixtureSilosKept,
    *,
    replicas: int,
    confidence: float,
    seed: Seed,
    **options: Any,
) -> Comparison:
    """Count the paths on which no silo is left, from the boundary of level h, and compare with a bound.

    Parameters
    ----------
    bound : Bound
        The bound.
    question : MixtureSilosKept
        What it is about.
    replicas, confidence, seed, **options
        As for :func:`mcpolar.montecarlo.crude`.
    """
    clock, seed = Stopwatch(), read_seed(seed)
    check_confidence(confidence)
    if not all(assumption.holds for assumption in bound.assumptions):
        raise InputError("level", question.level, "such that the statement's assumptions hold")
    found = paths(question, replicas=replicas, seed=seed, **options)
    seen = {"silos_left": replicas - found.kept, "silos_left_or_other_draws": replicas - found.spotless}
    estimate = _counted(found.kept, replicas, confidence, seed, **seen)
    described = {
        **bound.parameters,
        "simulated_steps": found.steps,
        "start": "boundary",
        "event": f"no agent changes its silo over {found.steps} steps",
    }
    return Comparison(bound, estimate, verdict_on(bound, estimate), described, clock.seconds)


def compare_paths(
    bound: Bound, question: MixtureSilosKept | MixturePolarized, *, confidence: float, **options: Any
) -> Comparison:
    """Compare a bound with the share of paths on which its event happens.

    Parameters
    ----------
    bound : Bound
        The bound.
    question : MixtureSilosKept or MixturePolarized
        What it is about.
    confidence, **options
        As for :func:`mcpolar.montecarlo.crude`.
    """
    if isinstance(question, MixturePolarized):
        return compare_polarized(bound, question, confidence=confidence, **options)
    return compare_silos(bound, question, confidence=confidence, **options)
