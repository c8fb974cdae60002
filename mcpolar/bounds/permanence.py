"""PM1 and PM: no agent ever changes its silo, for all time."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

from mcpolar.bounds.permanence_cache import cached, default_folder
from mcpolar.bounds.permanence_one import permanence_one
from mcpolar.bounds.permanence_own_side import Certificate, permanence_own_side
from mcpolar.bounds.permanence_search import Target, find_shape
from mcpolar.bounds.permanence_shape import PLACES, Shape
from mcpolar.bounds.permanence_start import Start
from mcpolar.bounds.permanence_suprema import suprema
from mcpolar.bounds.silo_persistence import silo_persistence
from mcpolar.parameters import ChainParameters, exact_decimal
from mcpolar.results import Bound
from mcpolar.statements import statement
from mcpolar.steps import Steps

SMALLEST_EXPONENT, LARGEST_P_STAR = Decimal("1e-18"), Decimal("0.5")


@statement("permanence")
def permanence(
    chain: ChainParameters,
    *,
    log_odds: Decimal | str | float | None = None,
    level: int | None = None,
    split: int | None = None,
    theta: Decimal | str | float | None = None,
    steps: int | str | Steps | None = None,
    cache: str | Path | Literal[False] | None = None,
) -> Bound:
    """Bound the probability that no agent ever changes its silo, for all time.

    PM1 (r = 1, any memory): 1 - A m e^{-theta H}. PM (r > 1, all memory in its agent's own interval, so from E_h):
    1 - m [2 e^{-H}/(1 - zeta) + A delta/(1 - rho^) e^{-theta H}], the same for every r. A search in floats proposes
    the free parameters; the bound is then certified at these exact decimals.

    Parameters
    ----------
    chain : ChainParameters
        The chain; `mirror` is allowed.
    log_odds : Decimal, str, int or float, optional
        H > 0, exactly; or give `level`.
    level : int, optional
        H = level/sigma^2; or give `log_odds`.
    split : int, optional
        Number of agents on the + side; absent: all m.
    theta : Decimal, str or float, optional
        The exponent, in (0, 1); absent: searched for. PM applies up to about 1/4.
    steps : int, str or Steps, optional
        A horizon T instead of all time; a real number is rounded up. For r > 1 the bound is the larger of PM's and of
        :func:`mcpolar.bounds.silo_persistence`.
    cache : path, None or False
        Folder in which PM's parameters and suprema are kept; None: the user's cache folder; False: none.

    Returns
    -------
    Bound
        Certified from below; `failure` is the certified upper end of 1 minus the formula. `parameters` holds the free
        parameters, which :func:`permanence_at` certifies anew.

    Raises
    ------
    InputError
        If an argument is not allowed, or not exactly one of `log_odds` and `level` is given.
    ResourceError
        If `cache` is given and cannot be written.

    Examples
    --------
    >>> permanence(ChainParameters(m=30, r=1, sigma="0.2"), level=10).failure_upper(2)
    '5.4e-105'
    """
    start = Start.read(chain, log_odds=log_odds, level=level, split=split, steps=steps)
    exponent = (
        None if theta is None else exact_decimal("theta", theta, SMALLEST_EXPONENT, 1 - SMALLEST_EXPONENT)
    )
    if chain.r == 1:
        return permanence_one(start, exponent)
    return _with_silo_persistence(start, permanence_own_side(start, _certificate(start, exponent, cache)))


def permanence_at(
    chain: ChainParameters,
    shape: Shape,
    *,
    log_odds: Decimal | str | float | None = None,
    level: int | None = None,
    split: int | None = None,
    steps: int | str | Steps | None = None,
    p_star: Decimal | str | float | None = None,
) -> Bound:
    """Certify PM at given parameters, with no search and no cache; for every r, r = 1 included.

    Parameters
    ----------
    chain, log_odds, level, split, steps
        As in :func:`permanence`.
    shape : Shape
        The free parameters, such as `Shape.read(bound.parameters)`.
    p_star : Decimal, str or float, optional
        The free parameter p*, in (0, 1/2] and at most (1 - theta)/theta; absent: the best one.

    Returns
    -------
    Bound
        As from :func:`permanence`, without :func:`mcpolar.bounds.silo_persistence`.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> shape = Shape("0.18", "0.44", "0.13", "0.37", "1.5", "0.49", "0.03")
    >>> permanence_at(ChainParameters(m=30, r=5, sigma="0.3"), shape, level=1).lower(3)
    '9.85e-01'
    """
    start = Start.read(chain, log_odds=log_odds, level=level, split=split, steps=steps)
    largest = min(LARGEST_P_STAR, (1 - shape.theta) / shape.theta)
    chosen = None if p_star is None else exact_decimal("p_star", p_star, SMALLEST_EXPONENT, largest)
    return permanence_own_side(start, Certificate(shape, suprema(chain.precision, shape)), chosen)


def _certificate(
    start: Start, theta: Decimal | None, cache: str | Path | Literal[False] | None
) -> Certificate:
    """Return a good shape with its certified suprema, from the cache where it is there."""
    chain, rounds = start.chain, start.rounds

    def compute() -> Certificate:
        target = Target(
            s=float(chain.precision),
            log_odds=float(start.log_odds),
            rounds=math.inf if rounds is None else float(rounds),
            theta=None if theta is None else float(theta),
        )
        shape = find_shape(target)
        if theta is not None:
            shape = _at_exactly(shape, theta)
        return Certificate(shape, suprema(chain.precision, shape))

    if cache is False:
        return compute()
    inputs = {
        "precision": str(chain.precision),
        "log_odds": str(start.log_odds),
        "rounds": None if rounds is None else str(rounds),
        "theta": None if theta is None else str(theta),
    }
    folder = default_folder() if cache is None else Path(cache)
    return cached(folder, inputs, compute, must_write=cache is not None)


def _at_exactly(shape: Shape, theta: Decimal) -> Shape:
    """Return the shape with exactly this exponent in place of its rounding."""
    return replace(
        shape, theta=theta, alpha=max(shape.alpha, 2 * theta), beta=max(shape.beta, 2 * theta + PLACES)
    )


def _with_silo_persistence(start: Start, bound: Bound) -> Bound:
    """Return the better of PM over T steps and SP, whose event lies within PM's."""
    if start.n_steps is None:
        return bound
    log_odds, level = start.given["log_odds"], start.given["level"]
    persistence = silo_persistence(
        start.chain,
        steps=start.n_steps,
        log_odds=None if log_odds is None else str(log_odds),
        level=None if level is None else int(level),
        split=start.split,
    )
    if (_log10_failure(persistence), -persistence.log10) >= (_log10_failure(bound), -bound.log10):
        return bound
    return replace(
        persistence,
        statement=bound.statement,
        parameters=bound.parameters,
        event=bound.event,
        notes=(*start.notes, f"SP over these steps gives more than PM, {bound.lower()}"),
    )


def _log10_failure(bound: Bound) -> float:
    return 0.0 if bound.failure is None else bound.failure.log10_up
