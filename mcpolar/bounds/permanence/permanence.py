"""PM1, PM and PMr: no agent ever changes its silo, for all time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias

from mcpolar.bounds.hypotheses import neighbourhood
from mcpolar.bounds.permanence.cache import Form, Kept, cached, certificate_form, default_folder
from mcpolar.bounds.permanence.given_memory import permanence_given_memory
from mcpolar.bounds.permanence.grid import Grid
from mcpolar.bounds.permanence.memory_one import permanence_one
from mcpolar.bounds.permanence.own_side import Certificate, permanence_own_side
from mcpolar.bounds.permanence.problem import ProductForm, RiskProblem
from mcpolar.bounds.permanence.shape import PLACES, Shape
from mcpolar.bounds.permanence.suprema import suprema
from mcpolar.bounds.polarized_start import Start
from mcpolar.bounds.silo_persistence import silo_persistence
from mcpolar.checks import exact_decimal
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Bound
from mcpolar.statements import CERTIFIED, LEVEL, LOG_ODDS, OWN_RULES, SPLIT, STEPS, Monotone, statement
from mcpolar.steps import Steps

Cache: TypeAlias = str | Path | Literal[False] | None

SMALLEST_EXPONENT, LARGEST_P_STAR = Decimal("1e-18"), Decimal("0.5")


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "given_memory":
        return 1 - formulas.m * formulas.risk
    if form == "certified":
        return formulas.permanence()
    return formulas.permanence_own_side(formulas.T if form == "own_side_for_some_time" else None)


@statement(
    "permanence",
    theory="PM1 (r = 1), PM, PMr (r <= 10)",
    title="no agent ever changes its silo",
    formula=_formula,
    variants=CERTIFIED,
    options=(LEVEL, STEPS, SPLIT, LOG_ODDS),
    more_forms=("own_side", "own_side_for_some_time", "given_memory"),
    event=(
        "the probability that no agent ever changes its silo, within T steps or for all time, from any state "
        "with every own-side log-odds >= H (at level h: H = h/sigma^2) and all memory in its agent's own "
        "interval"
    ),
    monotone=(
        Monotone("steps", False, "what holds for a longer time holds for a shorter one"),
        Monotone("level", True, "what holds from every state of a level holds from those of a higher one"),
        Monotone(
            "log_odds", True, "what holds from every state with log-odds >= H holds from those with more"
        ),
    ),
    is_searched=True,
)
def permanence(
    chain: ChainParameters,
    *,
    log_odds: Decimal | str | float | None = None,
    level: int | None = None,
    split: int | None = None,
    theta: Decimal | str | float | None = None,
    steps: int | str | Steps | None = None,
    cache: Cache = None,
) -> Bound:
    """Bound the probability that no agent ever changes its silo, for all time.

    PM1 (r = 1, any memory): 1 - A m e^{-theta H}. PM (r > 1, all memory in its agent's own interval, so from E_h):
    1 - m [2 e^{-H}/(1 - zeta) + A delta/(1 - rho^) e^{-theta H}], the same for every r. PMr (r up to 10, the same
    start): 1 - m U with a risk U on a grid, far sharper. The best of them is returned. A search in floats
    proposes PM's free parameters; the bounds are then certified at these exact decimals.

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
        The exponent of PM1 or PM, in (0, 1), and then PMr is not tried; absent: searched for. PM applies up to
        about 1/4.
    steps : int, str or Steps, optional
        A horizon T instead of all time; a real number is rounded up. For r > 1 the bound is the largest of PM's,
        PMr's and that of :func:`mcpolar.bounds.silo_persistence`.
    cache : path, None or False
        Folder in which what was found is kept; None: the user's cache folder; False: none.

    Returns
    -------
    Bound
        Certified from below; `failure` is the certified upper end of 1 minus the formula. `parameters` holds the free
        parameters and the grid, which :func:`permanence_at` certifies anew.

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
        bound = permanence_one(start, exponent)
        return bound if exponent is not None else _best(bound, start, None, cache)
    certificate = _certificate(start, exponent, cache)
    bound = permanence_own_side(start, certificate)
    if exponent is None:
        bound = _best(bound, start, certificate, cache)
    return _with_silo_persistence(start, bound)


def permanence_at(
    chain: ChainParameters,
    shape: Shape | None,
    *,
    log_odds: Decimal | str | float | None = None,
    level: int | None = None,
    split: int | None = None,
    steps: int | str | Steps | None = None,
    p_star: Decimal | str | float | None = None,
    grid: Grid | None = None,
) -> Bound:
    """Certify PM or PMr at given parameters, with no search and no cache; for every r, r = 1 included.

    Parameters
    ----------
    chain, log_odds, level, split, steps
        As in :func:`permanence`.
    shape : Shape or None
        The free parameters, such as `Shape.read(bound.parameters)`; None: PMr with PM1's form, for r = 1.
    p_star : Decimal, str or float, optional
        PM's free parameter p*, in (0, 1/2] and at most (1 - theta)/theta; absent: the best one.
    grid : Grid, optional
        For PMr, such as `Grid.default(r)` or `Grid.read(bound.parameters)`; absent: PM.

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
    OWN_RULES.require(chain, "permanence")
    start = Start.read(chain, log_odds=log_odds, level=level, split=split, steps=steps)
    if grid is not None and p_star is not None:
        raise InputError("p_star", p_star, "left out with a grid, which has its own")
    if shape is None and (chain.r > 1 or grid is None):
        raise InputError("shape", None, "given, unless r = 1 and there is a grid")
    if shape is None:
        return _given_memory(start, None, False, grid)
    largest = min(LARGEST_P_STAR, (1 - shape.theta) / shape.theta)
    chosen = None if p_star is None else exact_decimal("p_star", p_star, SMALLEST_EXPONENT, largest)
    certificate = Certificate(shape, suprema(chain.precision, shape))
    if grid is None:
        return permanence_own_side(start, certificate, chosen)
    return _given_memory(start, certificate, False, grid)


def _certificate(start: Start, theta: Decimal | None, cache: Cache) -> Certificate:
    """Return a good shape with its certified suprema, from the cache where it is there."""
    chain, rounds = start.chain, start.rounds

    def compute() -> Certificate:
        from mcpolar.bounds.permanence.search import Target, find_shape  # imports NumPy

        target = Target(
            s=float(chain.precision),
            log_odds=float(start.log_odds),
            rounds=math.inf if rounds is None else float(rounds),
            theta=None if theta is None else float(theta),
        )
        shape = find_shape(target)
        if theta is not None:
            shape = _at_exactly(shape, theta)
        return certify(shape)

    def certify(shape: Shape) -> Certificate:
        if theta is not None and shape.theta != theta:
            raise InputError("theta", str(shape.theta), f"the one that was given, {theta}")
        return Certificate(shape, suprema(chain.precision, shape))

    inputs = {
        "precision": str(chain.precision),
        "log_odds": str(start.log_odds),
        "rounds": None if rounds is None else str(rounds),
        "theta": None if theta is None else str(theta),
    }
    return _kept(cache, inputs, certificate_form(certify), compute)


def _given_memory(
    start: Start, certificate: Certificate | None, cache: Cache, grid: Grid | None = None
) -> Bound:
    """Return PMr's bound, from the cache where it is there; InputError where no risk can be certified.

    Without a certificate PM1's product form is used, for r = 1.
    """
    memory_one = ProductForm.of_memory_one(start.chain.precision)
    form = memory_one if certificate is None else ProductForm.of(certificate)
    problem = RiskProblem.of(start, form)
    problem.require()
    if grid is None:
        from mcpolar.bounds.permanence.nodes import fitting  # imports NumPy

        grid = fitting(problem, Grid.default(start.chain.r))

    from mcpolar.bounds.permanence.risk import Risk, certified_risk, kept_risk  # imports numba

    kept_as = Form(Risk.as_bytes, lambda content: kept_risk(problem, grid, content))
    inputs = problem.as_dict() | grid.as_dict()
    risk = _kept(cache, inputs, kept_as, lambda: certified_risk(problem, grid)).at_start
    shape = {"theta": "0.5"} if certificate is None else certificate.shape.as_dict()
    return permanence_given_memory(start, problem, grid, risk, shape)


def _kept(cache: Cache, inputs: Mapping[str, Any], form: Form[Kept], compute: Callable[[], Kept]) -> Kept:
    if cache is False:
        return compute()
    folder = default_folder() if cache is None else Path(cache)
    return cached(folder, inputs, form, compute, must_write=cache is not None)


def _best(bound: Bound, start: Start, certificate: Certificate | None, cache: Cache) -> Bound:
    """Return PMr's bound where its failure is smaller; a note names the other form, or why PMr was not tried."""
    if not neighbourhood(start.chain, start.split).holds:
        return bound
    try:
        other = _given_memory(start, certificate, cache)
    except InputError as error:
        return replace(bound, notes=(*bound.notes, f"PMr, a risk on a grid, was not tried: {error}"))
    if _log10_failure(other) >= _log10_failure(bound):
        return bound
    name = "PM1" if certificate is None else "PM, whatever r,"
    return replace(other, notes=(*other.notes, f"{name} gives a failure of at most {bound.failure_upper(3)}"))


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
        question=bound.question,
        notes=(
            *start.notes,
            f"SP over these steps gives more than the bound for longer times, {bound.lower()}",
        ),
    )


def _log10_failure(bound: Bound) -> float:
    return 0.0 if bound.failure is None else bound.failure.log10_up
