"""What solving finds: a value, what is certified or estimated there, and what one unit beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from mcpolar.choices import Outward
from mcpolar.results import Bound, Estimate, _Shown, finite_or_none
from mcpolar.versions import versions

Status: TypeAlias = Literal["found", "everywhere", "nowhere"]
FEWEST_SHOWN_DIGITS, MOST_SHOWN_DIGITS = 7, 40


@dataclass(frozen=True)
class Direction:
    """Which way a bound goes as the number grows, and how that is known.

    Attributes
    ----------
    rises : bool
        Whether it never falls; else it never rises.
    status : {"proved", "checked", "assumed"}
        Proved for every value, or seen at some, or taken for granted.
    reason : str
        Why, or at which values.
    """

    rises: bool
    status: Literal["proved", "checked", "assumed"]
    reason: str

    @property
    def words(self) -> str:
        """The direction in words."""
        return "never falls as it grows" if self.rises else "never rises as it grows"


@dataclass(frozen=True, repr=False)
class Solution(_Shown):
    """The value of one number at which a statement's bound reaches p, certified on both sides.

    Attributes
    ----------
    statement : str
        The statement's command-line name.
    option : str
        What was solved for: "sigma", "level", "steps".
    at_least : Decimal
        p.
    digits : int
        Significant digits of the answer; whole numbers are exact.
    status : {"found", "everywhere", "nowhere"}
        Whether the bound crosses p; or is at least p at every allowed value; or at none.
    answer : int or str or None
        The last value at which the bound is certified to be at least p: a whole number, or an exact decimal.
    beyond : int or str or None
        The value one unit further, at which it is not; None where the range ends at the answer.
    bound, failure : Bound or None
        The bounds at both.
    direction : Direction
        On which the answer rests for all other values.
    is_searched : bool
        Whether the bound's free parameters were searched for.
    evaluations : int
        How many bounds were evaluated.
    """

    statement: str
    option: str
    at_least: Decimal
    digits: int
    status: Status
    answer: int | str | None
    beyond: int | str | None
    bound: Bound | None
    failure: Bound | None
    direction: Direction
    is_searched: bool
    evaluations: int

    @property
    def sense(self) -> str:
        """Whether the answer is the largest or the smallest such value."""
        return "smallest" if self.direction.rises else "largest"

    @property
    def is_certified_beyond(self) -> bool:
        """Whether the bound one unit beyond is certified to be less than p, by the upper end of its enclosure."""
        return self.failure is not None and is_less(self.failure, Fraction(self.at_least))

    @property
    def is_truth_beyond(self) -> bool:
        """Whether no bound of this kind could reach p one unit beyond: a ceiling of it is less than p."""
        ceiling = None if self.failure is None else self.failure.ceiling
        return ceiling is not None and ceiling.value.fraction < Fraction(self.at_least)

    def lower(self) -> str | None:
        """Return the bound at the answer, rounded down, with so many digits that it is seen to be at least p."""
        return None if self.bound is None else _telling(self.bound, Fraction(self.at_least), "down")

    def upper(self) -> str | None:
        """Return the upper end one unit beyond, rounded up, with so many digits that it is seen to be below p."""
        if self.failure is None or self.failure.upper is None:
            return None
        return _telling(self.failure, Fraction(self.at_least), "up")

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        last = self.bound or self.failure
        parameters = {} if last is None else dict(last.parameters)
        parameters.pop(self.option, None)
        return {
            "kind": "solution",
            "statement": self.statement,
            "variant": "certified",
            "parameters": parameters,
            "solved_for": self.option,
            "at_least": str(self.at_least),
            "sense": self.sense,
            "status": self.status,
            "answer": self.answer,
            "bound": None
            if self.bound is None
            else {"lower": self.lower(), "log10": finite_or_none(self.bound.log10)},
            "beyond": self._beyond(digits),
            "direction": vars(self.direction),
            "searched": self.is_searched,
            "horizon_steps": None if last is None else last.horizon_steps,
            "event": None if last is None else last.event,
            "evaluations": self.evaluations,
            "provenance": {"seed": None, "versions": versions()},
        }

    def _beyond(self, digits: int) -> dict[str, Any] | None:
        if self.failure is None:
            return None
        ceiling = self.failure.ceiling
        return {
            "value": self.beyond,
            "upper": self.upper(),
            "certified": self.is_certified_beyond,
            "failed": [one.name for one in self.failure.assumptions if not one.holds],
            "ceiling": None if ceiling is None else ceiling.to_dict(digits),
        }

    def __repr__(self) -> str:
        what = {"everywhere": "any value", "nowhere": "no value", "found": f"{self.option} = {self.answer}"}
        return f"<Solution {self.statement}: P >= {self.at_least} for {what[self.status]} ({self.sense})>"


@dataclass(frozen=True, repr=False)
class Crossing(_Shown):
    """Between which values of one number an estimated probability falls below p, at a confidence.

    Attributes
    ----------
    statement, option, at_least
        As for :class:`Solution`; the probability is that of the statement's event, from one start.
    inside, outside : int or str or None
        The probability is at least p at the first and less at the second; None where no value was decided on that
        side.
    estimates : mapping
        The values tried, in the order of the trials, each with its estimate.
    confidence : float
        Of both decisions together with all others on the way.
    direction : Direction
        On which the answer rests for all other values.
    parameters : mapping
        What was simulated, the start included.
    seed : int
        With the rest it gives the same draws again.
    reason : str
        Why the search ended.
    """

    statement: str
    option: str
    at_least: Decimal
    inside: int | str | None
    outside: int | str | None
    estimates: Mapping[int | str, Estimate] = field(hash=False)
    confidence: float
    direction: Direction
    parameters: Mapping[str, Any] = field(hash=False)
    seed: int
    reason: str
    event: str

    @property
    def sense(self) -> str:
        """Whether the value is the largest or the smallest one."""
        return "smallest" if self.direction.rises else "largest"

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        return {
            "kind": "crossing",
            "statement": self.statement,
            "parameters": dict(self.parameters),
            "solved_for": self.option,
            "at_least": str(self.at_least),
            "sense": self.sense,
            "inside": self.inside,
            "outside": self.outside,
            "confidence": self.confidence,
            "trials": [{"value": value, **found.to_dict(digits)} for value, found in self.estimates.items()],
            "direction": vars(self.direction),
            "event": self.event,
            "stopped": self.reason,
            "provenance": {"seed": self.seed, "versions": versions()},
        }

    def __repr__(self) -> str:
        ends = f"{self.inside} and {self.outside}"
        return f"<Crossing {self.statement}: P = {self.at_least} between {self.option} = {ends}>"


def is_at_least(bound: Bound, p: Fraction) -> bool:
    """Return whether the bound is certified to be at least p: by its lower end, or by that of 1 minus it."""
    if _is_surely_below(bound.log10, p):
        return False
    if bound.value.fraction >= p:
        return True
    return bound.failure is not None and bound.failure.log10_up > -300 and bound.failure.fraction <= 1 - p


def is_less(bound: Bound, p: Fraction) -> bool:
    """Return whether the bound is certified to be less than p: by the upper end of its enclosure."""
    if bound.upper is None:
        return False
    return _is_surely_below(bound.upper.log10_up, p) or bound.upper.fraction < p


def _is_surely_below(log10: float, p: Fraction) -> bool:
    """Return whether 10^log10 is below p by far: no fraction of a tiny number is built."""
    return log10 < len(str(p.numerator)) - len(str(p.denominator)) - 2


def _telling(bound: Bound, p: Fraction, rounding: Outward) -> str:
    end = bound.value if rounding == "down" else bound.upper
    assert end is not None
    for digits in range(FEWEST_SHOWN_DIGITS, MOST_SHOWN_DIGITS):
        text = end.decimal(digits, rounding)
        if (Fraction(text) >= p) if rounding == "down" else (Fraction(text) < p):
            return text
    return end.decimal(MOST_SHOWN_DIGITS, rounding)
