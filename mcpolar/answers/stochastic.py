"""Inverse questions to simulations: between which values of a number an estimated probability falls below p."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.answers.inverse import Progress, Search, known_direction
from mcpolar.answers.solution import Crossing, Direction
from mcpolar.answers.unknown import Case
from mcpolar.chain import ChainState, Ensemble, Start
from mcpolar.checks import check_confidence, exact_decimal, whole_number
from mcpolar.errors import InputError
from mcpolar.montecarlo.estimators.crude import Counting
from mcpolar.montecarlo.starting import chosen_start, describe
from mcpolar.montecarlo.targets import target_of
from mcpolar.parallel import n_threads
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Question, Throughout
from mcpolar.results import Estimate
from mcpolar.rng import MOST_REPLICAS, Seed, read_seed
from mcpolar.statements import Statement, find_probability

_LOG = logging.getLogger(__name__)
MOST_TRIALS = 64
"""Values that may be tried: the error is shared among them beforehand."""
FIRST_LOOK = 64
MOST_UPDATES = 10**8
"""Of one trial, a second or so: horizons so long that they leave no first look are not tried."""
LEAST_CHANCE, LARGEST_CHANCE = Decimal("1e-6"), 1 - Decimal("1e-6")


def solve_estimate(
    statement: str | Statement,
    chain: ChainParameters,
    option: str,
    *,
    at_least: Decimal | str | float,
    digits: int = 2,
    start: Start | ChainState | str | None = None,
    replicas: int = 20_000,
    confidence: float = 0.999,
    seed: int = 1,
    workers: int | None = None,
    progress: Progress | None = None,
    **at: Any,
) -> Crossing:
    """Find by simulation where the probability that a statement bounds falls below p, from one start.

    A bisection in which every trial runs until its interval, valid at all numbers of replicas together, leaves p out.
    The error is shared among 64 trials beforehand, and each has draws of its own: with the given confidence all of
    their decisions are right. A value that stays undecided is passed by on both sides.

    Parameters
    ----------
    statement, chain, option, at_least, at
        As for :func:`mcpolar.answers.solve`; p from 1e-6 to 1 - 1e-6.
    digits : int
        Significant digits of the values that are tried.
    start : Start, ChainState or str, optional
        As for :func:`mcpolar.montecarlo.validate`; default: the usual hard start of the statement.
    replicas : int
        Most replicas of one trial.
    confidence : float
        Of the whole answer.
    seed : int
        The same seed gives the same answer, whatever the workers.
    workers : int, optional
        Threads; default all cores.
    progress : callable, optional
        Called with 1 for each trial.

    Returns
    -------
    Crossing
        With confidence, the probability is at least p at `inside` and less at `outside`. For values further on this
        says something as far as the probability goes one way: see its direction.

    Raises
    ------
    InputError
        If an argument is not allowed, or the statement is about all time or another mixture.

    Examples
    --------
    >>> chain = ChainParameters(m=5, r=1, sigma="0.5")
    >>> found = solve_estimate("theorem2", chain, "steps", at_least="0.5", level=1, replicas=2000)
    >>> found.inside < found.outside
    True
    """
    statement = statement if isinstance(statement, Statement) else find_probability(statement)
    p = exact_decimal("at_least", at_least, LEAST_CHANCE, LARGEST_CHANCE)
    check_trials(replicas, confidence, seed, workers)
    case = Case.of(statement, chain, option, at, digits)
    search = Search(case, Fraction(p))
    begin = case.begin()
    search.require(begin)
    trials = Trials(search, start, replicas, confidence, seed, workers, progress)
    trials.require(begin)
    direction = _direction(case, search, begin)
    inside, outside = trials.crossing(begin, -1 if direction.rises else 1)
    values = [None if place is None else case.unknown.value(place) for place in (inside, outside)]
    return Crossing(
        statement=statement.command,
        option=case.unknown.name,
        at_least=p,
        inside=values[0],
        outside=values[1],
        estimates={case.unknown.value(place): found for place, found in trials.found.items()},
        confidence=confidence,
        direction=direction,
        parameters={**case.population, **case.given, **trials.described(begin)},
        seed=seed,
        reason=trials.reason,
        event=trials.target(begin).sentence,
    )


def check_trials(replicas: int, confidence: float, seed: Seed, workers: int | None) -> None:
    """Raise InputError if an estimate's number of runs, confidence, seed or threads is not allowed."""
    whole_number("replicas", replicas, FIRST_LOOK, MOST_REPLICAS - 1)
    check_confidence(confidence)
    read_seed(seed)
    n_threads(workers)


def _direction(case: Case, search: Search, begin: int) -> Direction:
    """Return the way in which the probability goes: proved for longer times of one event, else that of the bound."""
    question = _question(search, begin)
    if case.unknown.name == "steps" and isinstance(question.event, Throughout):
        return Direction(False, "proved", "what holds for a longer time holds for a shorter one")
    known = known_direction(case) or search.checked(begin)
    return Direction(known.rises, "assumed", "that the probability goes as the statement's bound does")


def _question(search: Search, place: int) -> Question:
    bound = search.bound(place)
    if bound is None or not isinstance(bound.question, Question):
        raise InputError(
            "statement", search.case.statement.command, "about an event of the chain, to be simulated"
        )
    event = bound.question.event
    if isinstance(event, Throughout) and event.steps is None:
        raise InputError("steps", None, "given: a simulation sees no event for all time")
    return bound.question


@dataclass(eq=False)
class Trials:
    """Values tried, each by replicas of its own until it is decided.

    Attributes
    ----------
    found : dict
        The last estimate at each place, in the order of the trials.
    """

    search: Search
    start: Start | ChainState | str | None
    replicas: int
    confidence: float
    seed: int
    workers: int | None
    progress: Progress | None
    found: dict[int, Estimate] = field(default_factory=dict)
    decided: dict[int, bool | None] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def reason(self) -> str:
        """Why there are no more trials."""
        if len(self.found) >= MOST_TRIALS:
            return f"{MOST_TRIALS} trials spent"
        cut = f"; horizons beyond {MOST_UPDATES // FIRST_LOOK} steps are not tried" if self.is_cut else ""
        return f"{len(self.found)} trials{cut}"

    def target(self, place: int) -> Any:
        """Return the event at a place."""
        return target_of(_question(self.search, place))

    def require(self, place: int) -> None:
        """Refuse a start that the statement does not allow."""
        question = _question(self.search, place)
        arrays = Ensemble.of(question.chain, chosen_start(question, self.start), self.seed).arrays(0, 1, 0)
        target_of(question).require(question.chain, ChainState.from_arrays(arrays.log_odds, arrays.memory))

    def described(self, place: int) -> dict[str, Any]:
        """Return the start of the first trial in words, and the most replicas of one."""
        start = chosen_start(_question(self.search, place), self.start)
        return {"start": describe(start), "most_replicas": self.replicas}

    def reaches(self, place: int) -> bool | None:
        """Return whether the probability is at least p; None where that is not decided, or no trial is left."""
        if place not in self.decided:
            self.decided[place] = self._tried(place) if len(self.found) < MOST_TRIALS else None
        return self.decided[place]

    def _tried(self, place: int) -> bool | None:
        question = _question(self.search, place)
        start = chosen_start(question, self.start)
        ensemble = replace(Ensemble.of(question.chain, start, self.seed), cell=(len(self.found),))
        target = target_of(question)
        counting, goal = Counting(ensemble, target), FIRST_LOOK
        most = max(FIRST_LOOK, min(self.replicas, MOST_UPDATES // max(target.steps, 1)))
        each = 1 - (1 - self.confidence) / MOST_TRIALS
        log_p = math.log(self.search.p)
        while True:
            counting.extend(min(goal, most) - counting.replicas, workers=self.workers)
            estimate = self.found[place] = counting.running(each)
            is_decided = estimate.log_low >= log_p or estimate.log_high < log_p
            if is_decided or counting.replicas >= most:
                break
            goal *= 2
        _LOG.info("%s %s: %r", self.search.case.unknown.name, self.search.case.unknown.value(place), estimate)
        if self.progress is not None:
            self.progress(1)
        return bool(estimate.log_low >= log_p) if is_decided else None

    def crossing(self, begin: int, toward: int) -> tuple[int | None, int | None]:
        """Return the last place at which p is reached and the first at which it is not, as far as decided."""
        inside = self._stride(begin, -toward, wanted=True)
        outside = self._stride(begin, toward, wanted=False)
        if inside is None or outside is None:
            reached = [place for place, answer in self.decided.items() if answer is True]
            missed = [place for place, answer in self.decided.items() if answer is False]
            return (
                max(reached, key=lambda place: place * toward, default=None),
                min(missed, key=lambda place: place * toward, default=None),
            )
        blind: tuple[int, int] | None = None
        while True:
            middle = _between(inside, outside, blind)
            if middle is None or len(self.found) >= MOST_TRIALS:
                return inside, outside
            answer = self.reaches(middle)
            if answer is None:
                blind = (middle, middle) if blind is None else _widened(blind, middle, toward)
            elif answer:
                inside = middle
                blind = None if blind is not None and (middle - blind[1]) * toward > 0 else blind
            else:
                outside = middle
                blind = None if blind is not None and (blind[0] - middle) * toward > 0 else blind

    def _stride(self, begin: int, way: int, *, wanted: bool) -> int | None:
        """Return the first place, by strides that double, with the wanted answer; None where the range ends."""
        unknown = self.search.case.unknown
        place, stride, end = begin, unknown.unit, unknown.last if way > 0 else unknown.first
        while self.reaches(place) is not wanted:
            following = place + way * min(stride, abs(end - place))
            if place == end or self.search.bound(following) is None or len(self.found) >= MOST_TRIALS:
                return None
            if self.target(following).steps * FIRST_LOOK > MOST_UPDATES:
                self.is_cut = True
                return None
            place, stride = following, 2 * stride
        return place


def _between(inside: int, outside: int, blind: tuple[int, int] | None) -> int | None:
    """Return the place to try next: the middle of the wider gap beside what was not decided; None where none is."""
    gaps = [(inside, outside)] if blind is None else [(inside, blind[0]), (blind[1], outside)]
    one, other = max(gaps, key=lambda gap: abs(gap[1] - gap[0]))
    return None if abs(other - one) < 2 else (one + other) // 2


def _widened(blind: tuple[int, int], place: int, toward: int) -> tuple[int, int]:
    """Return the undecided range, in the order from inside to outside, with another place."""
    ends = sorted((*blind, place), key=lambda end: end * toward)
    return ends[0], ends[-1]
