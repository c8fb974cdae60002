"""Frozen records of what was found: bounds, guarantees, estimates and comparisons. They compute nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mcpolar.balls import Dyadic
from mcpolar.choices import Variant
from mcpolar.questions import AnyQuestion

Verdict: TypeAlias = Literal["validated", "consistent", "violated"]
Scalar: TypeAlias = int | float | str | None


@dataclass(frozen=True)
class Assumption:
    """One hypothesis of a statement, checked at the parameters given.

    Attributes
    ----------
    name : str
        Short name, such as "neighbourhood" or "proof-gap".
    text : str
        What must hold, as a sentence.
    holds : bool
        Whether it does.
    """

    name: str
    text: str
    holds: bool


@dataclass(frozen=True)
class Ceiling:
    """An upper bound on what any lower bound of one kind can be: the probability from one start.

    Attributes
    ----------
    value : Dyadic
        Certified upper end of the probability.
    start : str
        The start, in a few words.
    """

    value: Dyadic
    start: str

    @property
    def log10(self) -> float:
        """Decimal logarithm as a double, rounded up."""
        return self.value.log10_up

    def upper(self, digits: int = 7) -> str:
        """Return the value as a decimal rounded up."""
        return self.value.decimal(digits, "up")


NEAREST_LOG10 = -1e-300


@dataclass(frozen=True)
class Bound:
    """A lower bound on a probability.

    Attributes
    ----------
    statement : str
        The statement's command-line name, such as "theorem2".
    variant : {"certified", "paper"}
        "certified": `value` is at most the true value of the formula, and 0 where an assumption fails.
        "paper": `value` is the formula's value, to be rounded to nearest as the paper prints it.
    parameters : mapping
        What the bound was computed for; decimals as strings.
    horizon_steps : int, float or None
        Number of single-agent steps that the statement speaks of; None: for all time.
    value : Dyadic
        The number, exactly as it left ball arithmetic.
    assumptions : tuple of Assumption
        Every hypothesis, checked.
    formula : callable
        Writes the formula for LaTeX when it is asked for (SymPy takes long to import); see `formula_latex`.
    event : str
        One sentence: the probability of what.
    notes : tuple of str
        What a reader should know, such as a horizon that was rounded up.
    failure : Dyadic, optional
        Certified upper end of 1 minus the bound, for bounds that may be too close to 1 to be read; None: not offered.
    question : Question or MixtureKept, optional
        The starts and the event that it is about, as a simulation takes them; None: no simulation is offered.
    ceiling : Ceiling, optional
        What no bound of this kind can exceed, where that is known.
    """

    statement: str
    variant: Variant
    parameters: Mapping[str, Scalar] = field(hash=False)
    horizon_steps: int | float | None
    value: Dyadic
    assumptions: tuple[Assumption, ...]
    formula: Callable[[], str] = field(repr=False, compare=False)
    event: str
    notes: tuple[str, ...] = ()
    failure: Dyadic | None = None
    question: AnyQuestion | None = field(default=None, repr=False)
    ceiling: Ceiling | None = None

    @property
    def formula_latex(self) -> str:
        """The formula, for LaTeX."""
        return self.formula()

    @property
    def log10(self) -> float:
        """Decimal logarithm of the bound as a double, rounded down; -inf when the bound is 0.

        It is 0 or at most -1e-300: doubles nearer to 0 lose their digits, and many programs take them as 0. Then
        `failure` says how far from 1 the bound is.
        """
        exact = self.value.log10
        return min(exact, NEAREST_LOG10) if exact < 0 else exact

    @property
    def holds(self) -> bool:
        """Whether every assumption holds."""
        return all(assumption.holds for assumption in self.assumptions)

    @property
    def applies(self) -> bool:
        """Whether every assumption holds but a gap in the paper's proof, at which its formula keeps its value."""
        return all(assumption.holds or assumption.name == "proof-gap" for assumption in self.assumptions)

    def lower(self, digits: int = 7) -> str:
        """Return the bound as a decimal: toward zero if certified, to nearest in the paper's form."""
        return self.value.decimal(digits, "down" if self.variant == "certified" else "nearest")

    def failure_upper(self, digits: int = 7) -> str | None:
        """Return `failure` as a decimal rounded up; None where it is not offered."""
        return None if self.failure is None else self.failure.decimal(digits, "up")


@dataclass(frozen=True)
class Guarantee:
    """A deterministic statement evaluated: some quantity is at least `value` after `updates` updates.

    Attributes
    ----------
    statement, variant, parameters, assumptions, formula, notes
        As for :class:`Bound`.
    updates : int
        Number of updates of the one agent that the statement speaks of.
    value : Dyadic
        Certified lower end of the quantity.
    quantity : str
        One sentence: what is at least `value`, and when.
    upper : Dyadic, optional
        Certified upper end of the quantity, where the statement gives one.
    weights : tuple of Dyadic
        P2': certified lower ends of the own-side weights a_0, a_1, …; empty elsewhere.
    """

    statement: str
    variant: Variant
    parameters: Mapping[str, Scalar] = field(hash=False)
    updates: int
    value: Dyadic
    assumptions: tuple[Assumption, ...]
    formula: Callable[[], str] = field(repr=False, compare=False)
    quantity: str
    upper: Dyadic | None = None
    weights: tuple[Dyadic, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def formula_latex(self) -> str:
        """The formula, for LaTeX."""
        return self.formula()


@dataclass(frozen=True)
class Estimate:
    """A probability estimated by simulation, in natural logs so that nothing underflows.

    Attributes
    ----------
    log_probability, log_low, log_high : float
        Natural logs of the estimate and of its interval's ends; -inf for 0.
    confidence : float
        Two-sided confidence of the interval.
    method : str
        Estimator and interval, such as "crude, Clopper-Pearson".
    replicas : int
        Independent replicas used.
    seed : int
        With the parameters, it gives the same bits again.
    diagnostics : mapping
        Method-specific, such as the effective sample size.
    """

    log_probability: float
    log_low: float
    log_high: float
    confidence: float
    method: str
    replicas: int
    seed: int
    diagnostics: Mapping[str, Scalar] = field(default_factory=dict, hash=False)

    @property
    def log10(self) -> float:
        """Decimal logarithm of the estimate."""
        return self.log_probability / math.log(10)


@dataclass(frozen=True)
class Comparison:
    """An estimate beside the bound it tests.

    Attributes
    ----------
    bound : Bound
        The bound.
    estimate : Estimate
        The estimate of the probability that it bounds.
    verdict : {"validated", "consistent", "violated"}
        Whether the interval lies at or above the bound, reaches it, or lies below it.
    parameters : mapping
        What was simulated, the start included.
    seconds : float
        Wall time of the simulation.
    """

    bound: Bound
    estimate: Estimate
    verdict: Verdict
    parameters: Mapping[str, Any] = field(hash=False)
    seconds: float
