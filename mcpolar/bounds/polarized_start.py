"""What PM1 and PM share: the polarized start that they speak of, and the record that they fill."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, Context, Decimal
from fractions import Fraction
from typing import Any

from mcpolar.balls import Ball, Dyadic, ball, certainly_less, decide, enclosure
from mcpolar.bounds.hypotheses import neighbourhood, read_log_odds, read_split
from mcpolar.bounds.records import ONE, ZERO, Formula, at_most_one, certified_horizon
from mcpolar.checks import plain
from mcpolar.parameters import ChainParameters
from mcpolar.questions import HardStart, Polarized, Question, Throughout
from mcpolar.results import Assumption, Bound, Scalar
from mcpolar.steps import Steps

EXACT_COMPLEMENT_BITS = 1 << 12
SIX_DIGITS = Context(prec=6, rounding=ROUND_DOWN, Emin=MIN_EMIN, Emax=MAX_EMAX)


@dataclass(frozen=True)
class Start:
    """A polarized start and the horizon over which the silos are watched.

    Attributes
    ----------
    chain : ChainParameters
        The chain.
    log_odds : Fraction
        H: every own-side log-odds is at least this.
    split : int
        Agents on the + side.
    n_steps : int or None
        The horizon T; None: for all time.
    given : mapping
        `level`, `log_odds` and `steps` as the caller gave them, for the record.
    notes : tuple of str
        How the horizon was rounded.
    """

    chain: ChainParameters
    log_odds: Fraction
    split: int
    n_steps: int | None
    given: Mapping[str, Scalar]
    notes: tuple[str, ...] = ()

    @classmethod
    def read(
        cls, chain: ChainParameters, *, log_odds: Any, level: int | None, split: int | None, steps: Any
    ) -> Start:
        """Return the start that a statement's arguments describe; InputError for what is not allowed."""
        threshold, n_plus = read_log_odds(chain, log_odds, level), read_split(chain, split)
        given: dict[str, Scalar] = {
            "level": level,
            "log_odds": None if log_odds is None else str(log_odds),
            "split": n_plus,
        }
        if steps is None:
            return cls(chain, threshold, n_plus, None, given)
        horizon = Steps.read(steps, chain.m)
        n_steps, notes = certified_horizon(horizon)
        return cls(chain, threshold, n_plus, n_steps, given | {"steps": horizon.expression}, notes)

    @property
    def rounds(self) -> Fraction | None:
        """T/m, the mean number of an agent's updates; None: for all time."""
        return None if self.n_steps is None else Fraction(self.n_steps, self.chain.m)

    def near(self, p_star: Decimal) -> Assumption:
        """Check that every agent starts above log(1/p*)."""
        text = f"every agent starts with e^(-log-odds) < p* = {plain(p_star)}: H > log(1/p*)"
        threshold = Fraction(p_star)
        holds = decide(lambda: certainly_less(ball(-self.log_odds).exp(), ball(threshold)))
        return Assumption("start", text, holds)

    def event(self, memory: str) -> str:
        """Say the probability of what, with `memory` in place of what is assumed of the memory at the start."""
        time = "for all time" if self.n_steps is None else f"at any of the steps 0 to {self.n_steps}"
        return (
            f"The probability that no agent ever changes its silo, {time}, from any state with every own-side "
            f"log-odds >= H = {float(self.log_odds):.10g} and {memory}, "
            f"{self.split} of {self.chain.m} agents on the + side."
        )

    def question(self) -> Question:
        """Return the event that no agent changes its silo, from here.

        For r = 1 memory does not matter. For larger ones elements at 3/2 give way to arrivals near 0 before bad ones
        do: the chance of failure from there may be a thousand times that from 1/2. The latter is larger where a few
        bad arrivals are enough.
        """
        level = self.given["level"]
        time = "" if self.n_steps is None else f" over {self.n_steps} steps"
        event = Throughout(self.n_steps, Fraction(0), f"no agent changes its silo{time}")
        starts = Polarized(self.log_odds, self.split, None if level is None else int(level))
        if self.chain.r == 1:
            return Question(self.chain, replace(starts, low=None, high=None), event)
        hard = (HardStart("boundary"), HardStart("boundary", placement="outer"))
        return Question(self.chain, starts, event, hard=hard)


def permanence_record(
    start: Start,
    *,
    form: str,
    parameters: Mapping[str, Scalar],
    assumptions: tuple[Assumption, ...],
    failure: Callable[[], Ball],
    memory: str,
    vacuous: str,
) -> Bound:
    """Evaluate `failure` from above, and assemble the record; the bound is 0 where an assumption fails."""
    assumptions = (neighbourhood(start.chain, start.split), *assumptions)
    applies = all(assumption.holds for assumption in assumptions)
    least, most = enclosure(failure) if applies else (ONE, ONE)
    chance = at_most_one(most)
    value, notes = _complement(chance)
    if applies and value.is_zero:
        notes = (*notes, f"vacuous here: {vacuous} >= 1")
    return Bound(
        statement="permanence",
        variant="certified",
        parameters={**start.chain.as_dict(), **start.given, **parameters},
        horizon_steps=start.n_steps,
        value=value,
        assumptions=assumptions,
        formula=Formula("permanence", form),
        event=start.event(memory),
        notes=(*start.notes, *notes),
        failure=chance,
        question=start.question(),
        upper=_at_least_complement(least),
    )


def _complement(failure: Dyadic) -> tuple[Dyadic, tuple[str, ...]]:
    """Return 1 - failure, and a note where its digits would be too many to be exact."""
    if failure == ONE:
        return ZERO, ()
    if -failure.exponent <= EXACT_COMPLEMENT_BITS:
        return Dyadic((1 << -failure.exponent) - failure.mantissa, failure.exponent), ()
    nearest = Dyadic((1 << EXACT_COMPLEMENT_BITS) - 1, -EXACT_COMPLEMENT_BITS)
    return nearest, ("the bound is closer to 1 than its digits can show: read `failure`",)


def _at_least_complement(failure: Dyadic) -> Dyadic:
    """Return 1 - failure for a lower end of the failure; 1 where its digits would be too many to be exact."""
    if failure.mantissa <= 0 or -failure.exponent > EXACT_COMPLEMENT_BITS:
        return ONE
    return _complement(at_most_one(failure))[0]


def best_p_star(log_best: float, theta: Decimal) -> Decimal:
    """Return p* near e^`log_best`, to six digits, within what every form allows; it does not underflow."""
    largest = (1 - Fraction(theta)) / Fraction(theta)
    allowed = SIX_DIGITS.divide(Decimal(largest.numerator), Decimal(largest.denominator))
    return min(SIX_DIGITS.exp(Decimal(log_best)), allowed, Decimal("0.5"))
