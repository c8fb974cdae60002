"""T1C1 and T1C2: a population that starts on one side polarizes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.bounds import ceilings
from mcpolar.bounds.hypotheses import LARGEST_LOG_ODDS, read_level, senders
from mcpolar.bounds.polarization.plan import Lower
from mcpolar.bounds.records import ZERO, certified_horizon, make_bound
from mcpolar.checks import exact_decimal
from mcpolar.choices import OneSidedMemory
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AtEnd, HardStart, Polarized, Question
from mcpolar.results import Assumption, Bound
from mcpolar.statements import CERTIFIED, LEVEL, LOG_ODDS, Monotone, Option, statement
from mcpolar.steps import Steps

FORMS = ("T1C1", "T1C2")
START_MEMORY = Option(
    "start_memory",
    "Memory at the start: own (all on the side of the log-odds) or any. Default own.",
    kind="text",
)


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.any_state("T1C2", formulas.n, senders) if form == "T1C2" else formulas.one_sided()


@statement(
    "one_sided",
    theory="T1C1, T1C2",
    title="a one-sided population polarizes",
    formula=_formula,
    event=(
        "the probability that the population is level-h polarized (E_h) after T steps, from any state with all agents "
        "on one side and every |log-odds| >= H"
    ),
    monotone=(
        Monotone(
            "log_odds", True, "what holds from every state with log-odds >= H holds from those with more"
        ),
    ),
    is_searched=True,
    variants=CERTIFIED,
    options=(LEVEL, LOG_ODDS, START_MEMORY),
    more_forms=FORMS,
)
def one_sided(
    chain: ChainParameters,
    *,
    level: int = 1,
    steps: int | str | Steps | None = None,
    log_odds: Decimal | str | float | None = None,
    start_memory: OneSidedMemory = "own",
) -> Bound:
    """Bound the probability of level-h polarization after N steps when all agents start on one side.

    T1C1, memory on the own half-line, any neighbourhood and mirror: (1 + e^-H)^-N N!/m^N [z^N] (sum_u q_u z^u/u!)^m,
    q_u the least chance that u own draws stay on the half-line and leave all memory in its interval. T1C2, any
    memory: T1A with all agents on one side. The better one is returned.

    Parameters
    ----------
    chain : ChainParameters
        The chain.
    level : int
        The level h.
    steps : int, str or Steps, optional
        The horizon N, of which the bound speaks exactly: later the population may have left the level again. Absent:
        about the best one.
    log_odds : Decimal, str, int or float, optional
        H >= 0: every agent's log-odds are at least so large, on the same side. Absent: level/sigma^2.
    start_memory : {"own", "any"}
        Whether all memory is on that side's half-line at the start, or anywhere.

    Returns
    -------
    Bound
        Certified from below, with T1B's ceiling for p = m.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> one_sided(ChainParameters(m=30, r=5, sigma="0.2"), log_odds=10, steps=900).lower(2)
    '5.9e-01'
    """
    level = read_level(level)
    start = level * chain.precision if log_odds is None else _read(log_odds)
    if start_memory not in ("own", "any"):
        raise InputError("start_memory", start_memory, "own or any")
    horizon = None if steps is None else Steps.read(steps, chain.m)
    whole, notes = (None, ()) if horizon is None else certified_horizon(horizon)
    found = _best(chain, level, start, whole, is_own=start_memory == "own")
    n_steps = (found.steps if found is not None else chain.m * chain.r) if whole is None else whole
    form = "T1C2" if found is None else found.form
    return make_bound(
        "one_sided",
        "certified",
        parameters={
            **chain.as_dict(),
            "level": level,
            "log_odds": None if log_odds is None else str(log_odds),
            "start_memory": start_memory,
            "steps": None if horizon is None else horizon.expression,
        },
        horizon=n_steps,
        value=(ZERO if found is None else found.value).ball,
        assumptions=(_long_enough(found),),
        event=_event(chain, level, start, n_steps, start_memory),
        notes=(*notes, *(() if found is None else (found.form,))),
        question=_question(chain, level, start, n_steps, is_own=start_memory == "own"),
        ceiling=lambda: ceilings.of_one_side(chain, n_steps),
        senders=senders(chain),
        form=form,
        upper=None if found is None else found.upper,
    )


def _read(log_odds: Decimal | str | float) -> Fraction:
    return Fraction(exact_decimal("log_odds", log_odds, Decimal(0), LARGEST_LOG_ODDS))


def _best(
    chain: ChainParameters, level: int, start: Fraction, steps: int | None, *, is_own: bool
) -> Lower | None:
    from mcpolar.bounds.polarization.one_sided_start import (  # import NumPy
        from_any_memory,
        from_own_half_line,
    )

    found = [from_any_memory(chain, level, start, steps)]
    if is_own and start > 0:
        found.append(from_own_half_line(chain, level, start, steps))
    return max((one for one in found if one is not None), key=lambda lower: lower.value.log10, default=None)


def _long_enough(found: Lower | None) -> Assumption:
    text = "every agent has time for the updates that it needs"
    return Assumption("horizon", text, found is not None and not found.value.is_zero)


def _event(chain: ChainParameters, level: int, start: Fraction, n_steps: int, start_memory: str) -> str:
    memory = "all memory on that side's half-line" if start_memory == "own" else "any memory"
    return (
        f"The probability that the population is level-{level} polarized (E_{level}) after {n_steps} steps, from any "
        f"state with all {chain.m} agents on one side, every |log-odds| >= H = {float(start):.10g} and {memory}."
    )


def _question(chain: ChainParameters, level: int, start: Fraction, n_steps: int, *, is_own: bool) -> Question:
    starts = Polarized(start, chain.m, low=Fraction(0) if is_own else None, high=None)
    hard = () if start > 0 else (HardStart("undecided"),)
    return Question(chain, starts, AtEnd(n_steps, level, f"level {level} holds at the end"), hard=hard)
