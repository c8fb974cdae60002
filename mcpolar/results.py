"""Frozen records of what was found: bounds, guarantees, estimates and comparisons. They compute nothing.

Each shows itself as one line, as HTML in a notebook, as a dictionary (the fields of the command line's JSON) and as a
data frame of one row.
"""

from __future__ import annotations

import html
import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from mcpolar.balls import Dyadic
from mcpolar.choices import Variant
from mcpolar.decimals import scientific
from mcpolar.questions import AnyQuestion

if TYPE_CHECKING:
    import mpmath
    import pandas as pd
    import sympy
    from matplotlib.axes import Axes

Verdict: TypeAlias = Literal["validated", "consistent", "violated"]
Scalar: TypeAlias = int | float | str | None


class Status(StrEnum):
    """Whether an estimate's own checks agree: its draws carry it, or a few of them do and only its interval holds."""

    SOUND = "sound"
    COLLAPSED = "collapsed"


DRAWERS: dict[type, Callable[..., Axes]] = {}
"""Who draws a kind of record on given axes; :mod:`mcpolar.report.plots.drawers` fills it when it is first asked for."""

_DRAWERS_MODULE = "mcpolar.report.plots.drawers"


class Drawn:
    """A record that can be drawn: with the code, and in the style, of the command line's pictures."""

    def plot(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the record with matplotlib, and return the axes.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; absent: a new figure.
        **options
            What the drawer of this kind of record takes (:mod:`mcpolar.report.plots.drawers`).

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ResourceError
            If matplotlib is missing.
        """
        # the one way up the layers, by name: whoever only computes does not load matplotlib
        with importlib.import_module(_DRAWERS_MODULE).axes_for(ax) as axes:
            drawer = next(DRAWERS[kind] for kind in type(self).__mro__ if kind in DRAWERS)
            return drawer(self, axes, **options)


class _Shown:
    """How a record shows itself; `to_dict` and `__repr__` say what is shown."""

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        raise NotImplementedError

    def to_frame(self, digits: int = 7) -> pd.DataFrame:
        """Return a data frame of one row; nested fields are named with a dot."""
        import pandas as pd

        return pd.json_normalize(self.to_dict(digits))

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{_cell(name, value)}</td></tr>"
            for name, value in self.to_dict().items()
            if value is not None and value != []
        )
        return f"<table><caption>{html.escape(repr(self))}</caption>{rows}</table>"


def _cell(name: str, value: Any) -> str:
    if name == "formula_latex":
        # notebooks typeset what stands between these brackets; Sphinx's pages ask for the class too
        return f'<span class="mathjax_process">\\({html.escape(str(value))}\\)</span>'
    parts = value if isinstance(value, list) else [value]
    return "<br>".join(html.escape(_brief(one)) for one in parts)


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        if value.keys() == {"name", "text", "holds"}:
            return f"{value['name']} ({'holds' if value['holds'] else 'does not hold'}): {value['text']}"
        return ", ".join(f"{name} = {_brief(one)}" for name, one in value.items() if one is not None)
    if isinstance(value, list):
        return "; ".join(_brief(one) for one in value)
    return str(value)


def finite_or_none(value: Any) -> Any:
    """Return a number as JSON can hold it: null in place of infinities and NaN.

    Examples
    --------
    >>> finite_or_none(1.5), finite_or_none(float("-inf"))
    (1.5, None)
    """
    return None if isinstance(value, float) and not math.isfinite(value) else value


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

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        return {"value": self.upper(digits), "log10": finite_or_none(self.log10), "start": self.start}


NEAREST_LOG10 = -1e-300


@dataclass(frozen=True, repr=False)
class Bound(_Shown):
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
    upper : Dyadic, optional
        Certified upper end of the formula's value, at the free parameters and horizon that a search found: below p it
        certifies that this bound is less than p. None: not offered.
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
    upper: Dyadic | None = field(default=None, repr=False)

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

    @property
    def expression(self) -> sympy.Expr:
        """The formula as a SymPy expression; its symbols are those of :mod:`mcpolar.bounds.formulas`."""
        return self.formula.expression()  # type: ignore[attr-defined]

    def evalf(self, digits: int = 60) -> mpmath.mpf:
        """Return the formula's value by mpmath, with no ball arithmetic: a check of `value` by other means.

        Raises
        ------
        InputError
            If the formula holds numbers that a search or a recursion gave (such as the risk of PMr), so that it cannot
            be evaluated from the parameters alone; the message names them.

        Examples
        --------
        >>> import mcpolar as mp
        >>> bound = mp.theorem2(mp.ChainParameters(m=30, r=5, sigma="0.3"), level=1, steps=1021)
        >>> float(bound.lower()) <= bound.evalf(30)
        True
        """
        # the one field that computes: it belongs to the statement
        return self.formula.evaluate(self.parameters, self.horizon_steps, digits)  # type: ignore[attr-defined]

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON; `formula_latex` imports SymPy."""
        return {
            "statement": self.statement,
            "variant": self.variant,
            "parameters": dict(self.parameters),
            "horizon_steps": self.horizon_steps,
            "lower": self.lower(digits),
            "log10": finite_or_none(self.log10),
            "assumptions": [{"name": a.name, "text": a.text, "holds": a.holds} for a in self.assumptions],
            "formula_latex": self.formula_latex,
            "event": self.event,
            "notes": list(self.notes),
            "failure": self.failure_upper(digits),
            "ceiling": None if self.ceiling is None else self.ceiling.to_dict(digits),
        }

    def __repr__(self) -> str:
        horizon = "for all time" if self.horizon_steps is None else f"{self.horizon_steps:.10g} steps"
        return f"<Bound {self.statement} ({self.variant}): P >= {self.lower()}, {horizon}>"

    def _repr_latex_(self) -> str:
        return f"$P \\geq {self.formula_latex}$"


@dataclass(frozen=True, repr=False)
class Guarantee(_Shown):
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

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the record with decimals as texts, rounded outward."""
        return {
            "statement": self.statement,
            "variant": self.variant,
            "parameters": dict(self.parameters),
            "updates": self.updates,
            "lower": self.value.decimal(digits, "down"),
            "upper": None if self.upper is None else self.upper.decimal(digits, "up"),
            "weights": [weight.decimal(digits, "down") for weight in self.weights],
            "assumptions": [{"name": a.name, "text": a.text, "holds": a.holds} for a in self.assumptions],
            "formula_latex": self.formula_latex,
            "quantity": self.quantity,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        value = self.value.decimal(7, "down")
        return f"<Guarantee {self.statement} ({self.variant}): at least {value} after {self.updates} updates>"

    def _repr_latex_(self) -> str:
        return f"${self.formula_latex}$"


@dataclass(frozen=True, repr=False)
class Estimate(_Shown):
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

    @property
    def status(self) -> Status:
        """Whether the estimate's own checks agree; methods without any are sound."""
        return Status(str(self.diagnostics.get("status", Status.SOUND)))

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        return {
            "probability": scientific(self.log_probability, digits),
            "log10": finite_or_none(self.log10),
            "low": scientific(self.log_low, digits, "down"),
            "high": scientific(min(self.log_high, 0.0), digits, "up"),
            "confidence": self.confidence,
            "method": self.method,
            "replicas": self.replicas,
            "seed": self.seed,
            "diagnostics": {name: finite_or_none(value) for name, value in self.diagnostics.items()},
        }

    def __repr__(self) -> str:
        found = self.to_dict()
        interval = f"[{found['low']}, {found['high']}] at {self.confidence}"
        return f"<Estimate P = {found['probability']}, {interval} ({self.method}, {self.replicas} replicas)>"


@dataclass(frozen=True, repr=False)
class Comparison(_Shown, Drawn):
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

    def to_dict(self, digits: int = 7) -> dict[str, Any]:
        """Return the fields of the command line's JSON."""
        return {
            "statement": self.bound.statement,
            "variant": self.bound.variant,
            "parameters": dict(self.parameters),
            "bound": {"lower": self.bound.lower(digits), "log10": finite_or_none(self.bound.log10)},
            "estimate": self.estimate.to_dict(digits),
            "verdict": self.verdict,
            "seconds": round(self.seconds, 3),
            "ceiling": None if self.bound.ceiling is None else self.bound.ceiling.to_dict(digits),
        }

    def __repr__(self) -> str:
        estimate = self.estimate.to_dict()
        found = f"P in [{estimate['low']}, {estimate['high']}]"
        return f"<Comparison {self.bound.statement}: {self.verdict}, P >= {self.bound.lower()}, {found}>"
