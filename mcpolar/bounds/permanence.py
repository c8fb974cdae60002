"""PM1: no agent ever changes its silo, for all time (memory size 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction

from mcpolar.balls import Ball, Dyadic, ball, certainly_less, decide, upper_end
from mcpolar.bounds.hypotheses import neighbourhood, read_log_odds, read_split
from mcpolar.bounds.records import ONE, ZERO, at_most_one, formula_of
from mcpolar.parameters import ChainParameters, exact_decimal, plain
from mcpolar.results import Assumption, Bound
from mcpolar.statements import statement

EXACT_COMPLEMENT_BITS = 1 << 12
_SIX_DIGITS = Context(prec=6, rounding=ROUND_DOWN)


@statement("permanence")
def permanence(
    chain: ChainParameters,
    *,
    log_odds: Decimal | str | float | None = None,
    level: int | None = None,
    split: int | None = None,
    theta: Decimal | str | float | None = None,
) -> Bound:
    """Bound the probability that no agent ever changes its silo, for all time.

    PM1 (r = 1): 1 - A m e^{-theta H}, with A = max(p*^{-theta}, 2 p*^{1-theta} / ((1+p*)(1-rho))) and
    rho = e^{-2 theta (1-theta)/sigma^2}, for any theta in (0, 1) and any p* <= min(1/2, (1-theta)/theta)
    above e^{-H}. A search in floats proposes theta and p*; the bound is then certified at these exact
    decimals.

    Parameters
    ----------
    chain : ChainParameters
        The chain; `mirror` is allowed. For r > 1 the bound is 0, with the failing assumption "memory-one".
    log_odds : Decimal, str, int or float, optional
        H > 0, exactly; or give `level`.
    level : int, optional
        H = level/sigma^2; or give `log_odds`.
    split : int, optional
        Number of agents on the + side; absent: all m.
    theta : Decimal, str or float, optional
        The exponent, in (0, 1); absent: searched for.

    Returns
    -------
    Bound
        Certified from below; `failure` is the certified upper end of A m e^{-theta H}. `parameters` holds the
        theta and p* used.

    Raises
    ------
    InputError
        If an argument is not allowed, or not exactly one of `log_odds` and `level` is given.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> permanence(ChainParameters(m=30, r=1, sigma="0.2"), level=10).failure_upper(2)
    '5.4e-105'
    """
    threshold, split = read_log_odds(chain, log_odds, level), read_split(chain, split)
    shape = _read_shape(chain, threshold, theta)
    assumptions = (neighbourhood(chain, split), _memory_one(chain), _start(threshold, shape))
    applies = all(assumption.holds for assumption in assumptions)
    failure = at_most_one(upper_end(lambda: _failure(chain, threshold, shape))) if applies else ONE
    value, notes = _complement(failure)
    if applies and value.is_zero:
        notes = (*notes, "vacuous here: A m e^{-theta H} >= 1")
    return Bound(
        statement="permanence",
        variant="certified",
        parameters={
            **chain.as_dict(),
            "level": level,
            "log_odds": None if log_odds is None else str(log_odds),
            "split": split,
            "theta": plain(shape.theta),
            "p_star": plain(shape.p_star),
        },
        horizon_steps=None,
        value=value,
        assumptions=assumptions,
        formula=formula_of("permanence", "certified"),
        event=f"The probability that no agent ever changes its silo, for all time, from any state "
        f"with every own-side "
        f"log-odds >= H = {float(threshold):.10g} and any memory, {split} of {chain.m} agents on the + side.",
        notes=notes,
        failure=failure,
    )


@dataclass(frozen=True)
class _Shape:
    """The free parameters of PM1, as exact decimals."""

    theta: Decimal
    p_star: Decimal


def _read_shape(chain: ChainParameters, log_odds: Fraction, theta: Decimal | str | float | None) -> _Shape:
    spread = float(chain.precision)
    if theta is None:
        away = _best_distance_from_one(spread, float(log_odds))
        exponent = 1 - Decimal(f"{away:.6g}") if away < 0.5 else Decimal(f"{1 - away:.6g}")
    else:
        exponent = exact_decimal("theta", theta, Decimal("1e-18"), 1 - Decimal("1e-18"))
    return _Shape(exponent, _p_star(exponent, spread))


def _p_star(theta: Decimal, spread: float) -> Decimal:
    """Return the best p* for theta, to six digits and rounded down, so that it is allowed."""
    largest = (1 - Fraction(theta)) / Fraction(theta)
    best = Decimal(_best_p_star(float(theta), float(1 - Fraction(theta)), spread))
    allowed = _SIX_DIGITS.divide(Decimal(largest.numerator), Decimal(largest.denominator))
    return min(_SIX_DIGITS.plus(best), allowed, Decimal("0.5"))


def _best_p_star(theta: float, away: float, spread: float) -> float:
    """Return min(1/2, (1-theta)/theta, (1-rho)/(1+rho)) for away = 1 - theta.

    Up to the last of them A is p*^{-theta}, which falls; beyond, the other term of A is larger and rises.
    """
    return min(0.5, away / theta, math.tanh(theta * away * spread))


def _best_distance_from_one(spread: float, log_odds: float) -> float:
    """Return 1 - theta for the largest theta (H + log p*): a grid in logit(theta), then golden sections."""

    def gain(logit: float) -> float:
        away = 1 / (1 + math.exp(logit))
        return (1 - away) * (log_odds + math.log(_best_p_star(1 - away, away, spread)))

    step = 0.25
    best = max((step * i for i in range(-80, 161)), key=gain)
    low, high, ratio = best - step, best + step, (math.sqrt(5) - 1) / 2
    for _ in range(40):
        width = ratio * (high - low)
        if gain(high - width) < gain(low + width):
            low = high - width
        else:
            high = low + width
    return 1 / (1 + math.exp(low))


def _memory_one(chain: ChainParameters) -> Assumption:
    text = (
        f"r = 1: this is the theorem for memory size 1 (r = {chain.r}); its extension to every r is "
        f"proved in the theory "
        "but not evaluated by this version"
    )
    return Assumption("memory-one", text, chain.r == 1)


def _start(log_odds: Fraction, shape: _Shape) -> Assumption:
    text = f"every agent starts with e^(-log-odds) < p* = {plain(shape.p_star)}: H > log(1/p*)"
    threshold = Fraction(shape.p_star)
    return Assumption("start", text, decide(lambda: certainly_less(ball(-log_odds).exp(), ball(threshold))))


def _failure(chain: ChainParameters, log_odds: Fraction, shape: _Shape) -> Ball:
    """Return A m e^{-theta H}, as a ball."""
    theta, p_star = Fraction(shape.theta), Fraction(shape.p_star)
    recovered = -ball(-2 * theta * (1 - theta) * chain.precision).expm1()  # 1 - rho
    p = ball(p_star)
    crossing = (-ball(theta) * p.log()).exp()
    drift = 2 * (ball(1 - theta) * p.log()).exp() / ((1 + p) * recovered)
    return crossing.max(drift) * chain.m * ball(-theta * log_odds).exp()


def _complement(failure: Dyadic) -> tuple[Dyadic, tuple[str, ...]]:
    """Return 1 - failure, and a note where its digits would be too many to be exact."""
    if failure == ONE:
        return ZERO, ()
    if -failure.exponent <= EXACT_COMPLEMENT_BITS:
        return Dyadic((1 << -failure.exponent) - failure.mantissa, failure.exponent), ()
    nearest = Dyadic((1 << EXACT_COMPLEMENT_BITS) - 1, -EXACT_COMPLEMENT_BITS)
    return nearest, ("the bound is closer to 1 than its digits can show: read `failure`",)
