"""Inverse questions: the largest or smallest value of a number at which a statement's bound is at least p."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.answers.solution import Direction, Solution, Status, is_at_least
from mcpolar.answers.unknown import CHAIN, Case
from mcpolar.checks import exact_decimal
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound
from mcpolar.statements import Statement, find_probability

_LOG = logging.getLogger(__name__)
LEAST_CHANCE, LARGEST_CHANCE = Decimal("1e-10000"), 1 - Decimal("1e-25")
PROBES = 7
"""Values on each side at which a direction is checked that is not proved."""
Progress = Callable[[int], object]


def solve(
    statement: str | Statement,
    chain: ChainParameters,
    option: str,
    *,
    at_least: Decimal | str | float,
    digits: int = 7,
    progress: Progress | None = None,
    **at: Any,
) -> Solution:
    """Find the largest sigma (smallest level, longest horizon, …) at which a statement's bound is at least p.

    Parameters
    ----------
    statement : str or Statement
        The statement, by name.
    chain : ChainParameters
        The chain; the value of what is solved for is where the search begins.
    option : str
        What is solved for: a number of the chain or of the statement, such as "sigma", "neighbours", "level", "steps".
    at_least : Decimal, str or float
        p, exactly; from 1e-10000 to 1 - 1e-25.
    digits : int
        Significant digits of the answer where it is a decimal.
    progress : callable, optional
        Called with 1 for each bound that was evaluated.
    **at
        The statement's other arguments.

    Returns
    -------
    Solution
        At the answer the lower end of the bound's enclosure is at least p; one unit in the last digit beyond the upper
        end is less. That no other value further on reaches p follows from the bound's going one way, which is proved
        where the statement's record says so, and else was checked at some values.

    Raises
    ------
    InputError
        If an argument is not allowed, or the bound goes up and down so that there is no such value.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> chain = ChainParameters(m=30, r=5, sigma="0.3")
    >>> found = solve("theorem2", chain, "sigma", at_least="0.95", level=1, steps="10*m*log(m)")
    >>> found.answer, found.beyond, found.is_certified_beyond
    ('0.1233191', '0.1233192', True)
    """
    found = statement if isinstance(statement, Statement) else find_probability(statement)
    p = exact_decimal("at_least", at_least, LEAST_CHANCE, LARGEST_CHANCE)
    case = Case.of(found, chain, option, at, digits)
    search = Search(case, Fraction(p), progress)
    begin = case.begin()
    search.require(begin)
    direction = known_direction(case) or search.checked(begin)
    return _solution(search, p, direction, begin)


def known_direction(case: Case) -> Direction | None:
    """Return the direction that the statement's record has for the number; None where it has none."""
    for one in case.statement.monotone:
        if one.option == case.unknown.name:
            return Direction(one.rises, "proved", one.reason)
    return None


@dataclass(eq=False)
class Search:
    """Bounds at the places of an unknown, each evaluated once.

    Attributes
    ----------
    case : Case
        The statement and all else.
    p : Fraction
        The value to be reached.
    progress : callable, optional
        Called with 1 for each bound.
    known : dict
        Bounds by place; None where the value is refused.
    """

    case: Case
    p: Fraction
    progress: Progress | None = None
    known: dict[int, Bound | None] = field(default_factory=dict)

    def bound(self, place: int) -> Bound | None:
        """Return the bound at a place; None where the statement refuses the value."""
        if place not in self.known:
            try:
                self.known[place] = self.case.statement.evaluate(*self.case.at(place))
            except InputError:
                self.known[place] = None
            found = self.known[place]
            value = self.case.unknown.value(place)
            _LOG.info(
                "%s %s: %s", self.case.unknown.name, value, "refused" if found is None else found.lower()
            )
            if self.progress is not None:
                self.progress(1)
        return self.known[place]

    def require(self, place: int) -> None:
        """Let what is wrong with the other arguments be said: evaluate where the search begins."""
        self.known[place] = self.case.statement.evaluate(*self.case.at(place))

    def reaches(self, place: int) -> bool:
        """Return whether the bound is certified to be at least p."""
        bound = self.bound(place)
        return bound is not None and is_at_least(bound, self.p)

    def checked(self, begin: int) -> Direction:
        """Look at values around the first one, and return the way in which the bound goes there.

        Raises
        ------
        InputError
            If it crosses p more than once, so that no value is the largest or the smallest one.
        """
        places = [place for place in self._around(begin) if self.bound(place) is not None]
        first, last = (self.bound(place) for place in (places[0], places[-1]))
        passes = self.reaches(places[0]), self.reaches(places[-1])
        grows = first is not None and last is not None and last.log10 >= first.log10
        return self.confirmed(Direction(passes[1] if passes[0] != passes[1] else grows, "checked", ""))

    def confirmed(self, direction: Direction) -> Direction:
        """Return a direction that is checked with all the values that have been looked at; InputError as above."""
        unknown = self.case.unknown
        places = sorted(place for place, bound in self.known.items() if bound is not None)
        passes = [self.reaches(place) for place in places]
        if passes != sorted(passes, reverse=not direction.rises):
            pairs = zip(places, passes, strict=True)
            seen = ", ".join(f"{unknown.value(place)}{'' if is_met else ' not'}" for place, is_met in pairs)
            what = f"the bound of {self.case.statement.command} crosses {float(self.p):.6g} once"
            raise InputError(
                "option", shown(unknown.name), f"a number with which {what}; it is reached at {seen}"
            )
        first, last = (unknown.value(place) for place in (places[0], places[-1]))
        return replace(direction, reason=f"at {len(places)} values from {first} to {last} it crosses once")

    def _around(self, begin: int) -> list[int]:
        """Return places on both sides: halves and doubles for whole numbers, about factors of 2 for decimals."""
        unknown = self.case.unknown
        if unknown.is_whole:
            near = {round(begin * 2.0**k) for k in range(-PROBES, PROBES + 1)} | {begin - 1, begin + 1}
        else:
            near = {begin + k * unknown.unit for k in range(-PROBES, PROBES + 1)}
        return sorted(place for place in near if unknown.first <= place <= unknown.last)

    def crossing(self, begin: int, toward: int) -> tuple[int | None, int | None]:
        """Return the last place that reaches p, and the next one, which does not.

        Parameters
        ----------
        begin : int
            Where to begin.
        toward : {1, -1}
            The way in which the bound falls.

        Returns
        -------
        tuple
            None for a place beyond the end of the range.
        """
        inside, outside = self._bracket(begin, toward)
        if inside is None or outside is None:
            return inside, outside
        steps = range(1, abs(outside - inside))
        # the places between, from inside on: False where p is reached
        first_failure = bisect_left(steps, True, key=lambda step: not self.reaches(inside + toward * step))
        last = inside + toward * first_failure
        return last, last + toward

    def _bracket(self, begin: int, toward: int) -> tuple[int | None, int | None]:
        """Return a place that reaches p and one further on that does not, by strides that double."""
        unknown = self.case.unknown
        is_met = self.reaches(begin)
        way = toward if is_met else -toward
        place, stride = begin, unknown.unit
        end = unknown.last if way > 0 else unknown.first
        while place != end:
            following = place + way * min(stride, abs(end - place))
            if self.reaches(following) != is_met:
                return (place, following) if is_met else (following, place)
            place, stride = following, 2 * stride
        return (place, None) if is_met else (None, place)


def _solution(search: Search, p: Decimal, direction: Direction, begin: int) -> Solution:
    case = search.case
    inside, outside = search.crossing(begin, -1 if direction.rises else 1)
    if direction.status == "checked":
        direction = search.confirmed(direction)
    bounds = [None if place is None else search.bound(place) for place in (inside, outside)]
    values = [None if place is None else case.unknown.value(place) for place in (inside, outside)]
    status: Status = "nowhere" if inside is None else "everywhere" if outside is None else "found"
    return Solution(
        statement=case.statement.command,
        option=case.unknown.name,
        at_least=p,
        digits=case.unknown.digits,
        status=status,
        answer=values[0],
        beyond=values[1],
        bound=bounds[0],
        failure=bounds[1],
        direction=direction,
        is_searched=case.statement.is_searched,
        evaluations=len(search.known),
    )


def shown(name: str) -> str:
    """Return how an argument is named on the command line, without dashes."""
    options = {argument: option for option, argument in CHAIN.items()}
    return options.get(name, name).replace("_", "-")
