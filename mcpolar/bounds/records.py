"""Assembly of records: a bound is 0 where an assumption fails, and its horizon says how it was rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcpolar.balls import Ball, Dyadic, enclosure, upper_end
from mcpolar.choices import Variant
from mcpolar.questions import AnyQuestion
from mcpolar.results import Assumption, Bound, Ceiling, Scalar
from mcpolar.steps import Steps

if TYPE_CHECKING:
    import mpmath
    import sympy

ZERO, ONE = Dyadic(0, 0), Dyadic(1, 0)


@dataclass(frozen=True)
class Formula:
    """A statement's formula, made when it is asked for: SymPy takes long to import."""

    name: str
    form: str
    senders: str = "unrestricted"

    def __call__(self) -> str:
        """Return it for LaTeX."""
        from mcpolar.bounds import formulas

        return formulas.latex(self.name, self.form, senders=self.senders)

    def expression(self) -> sympy.Expr:
        """Return it as a SymPy expression."""
        from mcpolar.bounds import formulas

        return formulas.formula(self.name, self.form, senders=self.senders)

    def evaluate(self, parameters: Mapping[str, Any], horizon: float | None, digits: int) -> mpmath.mpf:
        """Return its value at a bound's parameters, by mpmath and with no ball arithmetic."""
        from mcpolar.bounds import formulas

        return formulas.evaluate(self.expression(), parameters, horizon, digits)


def certified_horizon(steps: Steps) -> tuple[int, tuple[str, ...]]:
    """Return the whole number of steps that a certified bound speaks of, and a note if it was rounded up."""
    if steps.is_whole:
        return steps.whole, ()
    return steps.whole, (f"steps {steps.expression} = {steps.real:.2f} rounded up to {steps.whole}",)


def paper_horizon(steps: Steps) -> int | float:
    """Return the number of steps as the paper uses it: a real number."""
    return steps.whole if steps.is_whole else steps.real


def make_bound(
    name: str,
    variant: Variant,
    *,
    parameters: Mapping[str, Scalar],
    horizon: int | float | None,
    value: Callable[[], Ball],
    assumptions: Iterable[Assumption],
    event: str,
    notes: Iterable[str] = (),
    failure: Callable[[], Ball] | None = None,
    senders: str = "unrestricted",
    form: str | None = None,
    question: AnyQuestion | None = None,
    ceiling: Callable[[], Ceiling | None] | None = None,
    upper: Dyadic | None = None,
) -> Bound:
    """Evaluate `value` from both sides and `failure` from above; 0 and 1, and no `ceiling`, where an assumption fails.

    `form` names the formula where a statement has several; absent: the variant's. `upper` is an upper end of the value
    that is known already, where `value` is a lower end.

    A "proof-gap" is no such assumption: the paper's formula keeps its value.
    """
    assumptions = tuple(assumptions)
    applies = all(assumption.holds or assumption.name == "proof-gap" for assumption in assumptions)
    low, high = map(_positive_part, enclosure(value)) if applies else (ZERO, ZERO)
    return Bound(
        statement=name.replace("_", "-"),
        variant=variant,
        parameters=dict(parameters),
        horizon_steps=horizon,
        value=low,
        assumptions=assumptions,
        formula=Formula(name, form or variant, senders),
        event=event,
        notes=tuple(notes),
        failure=None if failure is None else at_most_one(upper_end(failure)) if applies else ONE,
        question=question,
        ceiling=ceiling() if ceiling is not None and applies else None,
        upper=upper if upper is not None and applies else high,
    )


def _positive_part(end: Dyadic) -> Dyadic:
    return end if end.mantissa > 0 else ZERO


def at_most_one(end: Dyadic) -> Dyadic:
    """Return the smaller of an upper end and 1 (no large number is built: the exponent may be huge)."""
    return ONE if end.mantissa.bit_length() + end.exponent > 0 else end
