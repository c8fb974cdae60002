"""The worst start: a derivative-free search, among the states that a statement allows, for the smallest probability."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain import ChainState, Ensemble, Start, level_log_odds
from mcpolar.checks import whole_number
from mcpolar.choices import Variant
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.conditional import Weighing
from mcpolar.montecarlo.estimators.crude import Counting
from mcpolar.montecarlo.starting import default_start
from mcpolar.montecarlo.targets import Kept, Target, rounded_up, target_of
from mcpolar.montecarlo.validation import bound_at
from mcpolar.parallel import Progress
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR_END, NEAR_END, ByGroups, Polarized, Question, Starts, WellBehaved
from mcpolar.rng import Purpose, Reserved, Seed, generator, read_seed
from mcpolar.statements import Statement, find_probability

_REPLICAS = 200
_POPULATION = 10


@dataclass(frozen=True, eq=False)
class Worst:
    """What the search found.

    Attributes
    ----------
    state : ChainState
        The state with the smallest estimate, one replica.
    log_probability : float
        That estimate: too low, as the smallest of many. Estimate anew at the state.
    tried : int
        Number of states tried.
    design : dict
        The coordinates of the state, by name.
    """

    state: ChainState
    log_probability: float
    tried: int
    design: dict[str, float]


@dataclass(frozen=True)
class Family:
    """A family of states with named coordinates: bounds, which are whole numbers, and how a state is made."""

    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    whole: tuple[bool, ...]
    make: Callable[[NDArray[np.float64]], ChainState]


def worst_start(
    statement: str | Statement,
    chain: ChainParameters,
    *,
    variant: Variant = "certified",
    seed: Seed,
    tries: int = 200,
    workers: int | None = None,
    progress: Progress | None = None,
    **at: Any,
) -> Worst:
    """Search for the start that minimises the probability, by differential evolution with common random numbers.

    Statements about E_h (or own-side log-odds H) allow boundary states: the split (where the statement leaves it
    open and its neighbourhood allows it), how many memory elements of an agent lie at the inner end of the interval
    and how many at the outer one, on either side; how many agents are above the boundary, and by how much: this
    decides who are whose nearest. Statements about a start by groups allow their log-odds, and how many elements lie at
    the lower end of their intervals. Statements about any state allow log-odds up to three levels and memory anywhere
    up to 5/2.

    Parameters
    ----------
    statement, chain, variant, workers, at
        As for :func:`mcpolar.montecarlo.validate`.
    seed : int, SeedSequence or Generator
        Of the search and its draws, which no estimate shares.
    tries : int
        States tried, at least 20.
    progress : callable, optional
        Called with 1 for each state tried.
    """
    whole_number("tries", tries, 20, 10**6)
    found_statement = statement if isinstance(statement, Statement) else find_probability(statement)
    question = bound_at(found_statement, chain, at, variant).question
    if not isinstance(question, Question):
        raise InputError("start", "worst", f"a named start or absent for {found_statement.command}")
    starts, number = question.starts, read_seed(seed)
    if isinstance(starts, Polarized) and at.get("split") is None:
        starts = starts.at_any_split()
    target = target_of(question, starts)
    family = _family(chain, starts)

    def value_of(state: ChainState) -> float:
        return _log_probability(chain, state, target, number, workers)

    found = _tried(family, value_of, tries, number, progress)
    usual = default_start(question)
    state = usual.state(chain, seed=number) if isinstance(usual, Start) else usual
    least, design = min(found, key=lambda pair: pair[0])
    ordinary = value_of(state)
    names = dict(zip(family.names, design.tolist(), strict=True))
    if ordinary <= least:
        return Worst(state, ordinary, len(found) + 1, {})
    return Worst(family.make(design), least, len(found) + 1, names)


def _tried(
    family: Family, value_of: Callable[[ChainState], float], tries: int, seed: int, progress: Progress | None
) -> list[tuple[float, NDArray[np.float64]]]:
    """Return the designs that a search for the least value tried, with their values."""
    from scipy.optimize import Bounds, differential_evolution  # slow to import

    found: list[tuple[float, NDArray[np.float64]]] = []

    def objective(x: NDArray[np.float64]) -> float:
        design = np.where(family.whole, np.round(x), x)
        value = value_of(family.make(design))
        found.append((value, design))
        if progress is not None:
            progress(1)
        return value

    population = min(_POPULATION, tries // 2)
    differential_evolution(
        objective,
        Bounds(family.low, family.high),
        integrality=family.whole,
        init=_first_designs(family, population, seed),
        maxiter=max(1, tries // population - 1),
        tol=0.0,
        polish=False,
        rng=generator(seed, Purpose.WORST_START, replica=1),
    )
    return found


def _family(chain: ChainParameters, starts: Starts) -> Family:
    match starts:
        case Polarized():
            return _boundary(chain, starts)
        case ByGroups():
            return _by_groups(chain, starts)
    return _anywhere(chain, stays_inside=isinstance(starts, WellBehaved))


def _first_designs(family: Family, population: int, seed: int) -> NDArray[np.float64]:
    """Return random designs, uniform between the bounds."""
    u = generator(seed, Purpose.WORST_START).random((population, len(family.names)))
    low, high = np.array(family.low), np.array(family.high)
    designs = low + u * (high - low)
    return np.asarray(np.where(family.whole, np.round(designs), designs))


def _log_probability(
    chain: ChainParameters, state: ChainState, target: Target, seed: int, workers: int | None
) -> float:
    """Return the log of an estimate by draws that all states share."""
    sampler: Weighing | Counting
    if isinstance(target, Kept) and math.isfinite(target.low):
        sampler = Weighing.of(chain, state, target, seed)
    else:
        sampler = Counting(Ensemble.of(chain, state, seed), target)
    sampler.ensemble = replace(sampler.ensemble, cell=(Reserved.SEARCH,))
    count = _REPLICAS if isinstance(sampler, Weighing) else 10 * _REPLICAS
    sampler.extend(count, workers=workers)
    if isinstance(sampler, Counting):
        return math.log((sampler.hits + 0.5) / (sampler.replicas + 1))
    return sampler.estimate(0.9).log_probability


def _boundary(chain: ChainParameters, starts: Polarized) -> Family:
    m, r, k = chain.m, chain.r, chain.k
    fixed = starts.split
    least, most = (fixed, fixed) if fixed is not None else (m, m)
    if fixed is None and k is not None and 2 * (k + 1) <= m:
        least, most = k + 1, m - k  # m - k stands for all agents on the + side
    inner = 0.0 if starts.low is None else float(starts.low)
    own = float(starts.log_odds) if starts.level is None else level_log_odds(chain, starts.level, "up")

    def make(x: NDArray[np.float64]) -> ChainState:
        split = m if fixed is None and x[0] > m - (k or 0) - 1 else int(x[0])
        side = np.where(np.arange(m) < split, 1.0, -1.0)
        n_inner = np.where(side > 0, x[1], x[2])
        places = np.where(np.arange(r) < n_inner[:, np.newaxis], inner, FAR_END)
        # the raised agents are the last of each side
        rank = np.where(side > 0, np.arange(m), np.arange(m) - split)
        size = np.where(side > 0, split, m - split)
        lifted = rank >= size - np.round(x[3] * size)
        log_odds = own + np.where(lifted, x[4] * float(chain.precision), 0.0)
        return ChainState.from_arrays(
            (side * log_odds)[np.newaxis], (side[:, np.newaxis] * places)[np.newaxis]
        )

    return Family(
        ("split", "inner_plus", "inner_minus", "share_raised", "raised_by_levels"),
        (least, 0, 0, 0.0, 0.0),
        (most, r, r, 1.0, 3.0),
        (True, True, True, False, False),
        make,
    )


def _by_groups(chain: ChainParameters, starts: ByGroups) -> Family:
    """Of each group: how many elements of an agent lie at the lower end of their interval, the others at the upper."""
    ends = {"plus": (NEAR_END, FAR_END), "minus": (-FAR_END, -NEAR_END), "any": (-2.5, 2.5)}
    counts = [group.agents for group in starts.groups]
    own = np.repeat([rounded_up(group.log_odds) for group in starts.groups], counts)
    low, high = (np.repeat([ends[group.memory][end] for group in starts.groups], counts) for end in (0, 1))

    def make(x: NDArray[np.float64]) -> ChainState:
        n_low = np.repeat(x[: len(counts)], counts)[:, np.newaxis]
        places = np.where(np.arange(chain.r) < n_low, low[:, np.newaxis], high[:, np.newaxis])
        return ChainState.from_arrays(own[np.newaxis], places[np.newaxis])

    n = len(counts)
    names = tuple(f"elements_low_{group + 1}" for group in range(n))
    return Family(names, (0,) * n, (chain.r,) * n, (True,) * n, make)


def _anywhere(chain: ChainParameters, *, stays_inside: bool) -> Family:
    m, r = chain.m, chain.r

    def make(x: NDArray[np.float64]) -> ChainState:
        side = np.where(np.arange(m) < x[0], 1.0, -1.0)
        log_odds = side * np.where(side > 0, x[1], x[2]) * float(chain.precision)
        places = np.where(np.arange(r) < x[3], x[4], x[5])
        if stays_inside:  # all memory is good
            near = np.clip(np.abs(places), NEAR_END, FAR_END)
            places = np.sign(places) * near + (places == 0) * NEAR_END
        return ChainState.from_arrays(log_odds[np.newaxis], (side[:, np.newaxis] * places)[np.newaxis])

    return Family(
        (
            "agents_plus",
            "levels_plus",
            "levels_minus",
            "elements_at_first_place",
            "first_place",
            "second_place",
        ),
        (0, 0.0, 0.0, 0, -2.5, -2.5),
        (m, 3.0, 3.0, r, 2.5, 2.5),
        (True, False, False, True, False, False),
        make,
    )
