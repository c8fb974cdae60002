"""U0 to U2: a majority brings the whole population to its side."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from mcpolar.balls import ball, upper_end
from mcpolar.bounds.hypotheses import read_level, unrestricted
from mcpolar.bounds.majority.groups import read_groups, written
from mcpolar.bounds.records import ONE, ZERO, at_most_one, certified_horizon, make_bound
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Agreed, AnyState, ByGroups, Group, Question
from mcpolar.results import Assumption, Bound, Ceiling
from mcpolar.statements import CERTIFIED, LEVEL, Option, statement
from mcpolar.steps import Steps

if TYPE_CHECKING:
    from mcpolar.bounds.majority.certificate import Barrier
    from mcpolar.bounds.majority.recipe import Found

FORMS = ("U1", "U2")
GROUPS = Option(
    "groups",
    "Start by groups SIZE@LOG_ODDS@MEMORY with / between them, such as 80%@50@plus/20%@-50@minus; log-odds are of "
    "the + side and at least so large, memory is plus (in [1/2, 3/2]), minus (in that or its mirror image) or, for "
    "memory size 1, any. Absent: any state, for which no bound is known.",
    kind="text",
)
STEPS_WITHOUT_BOUND = "20*m*log(m+1)"
"""The horizon of the question where none is given and no bound is found."""


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.deep_majority() if form == "U2" else formulas.barrier()


@statement(
    "consensus",
    theory="U0, U1, U2",
    title="a majority brings consensus",
    formula=_formula,
    event=(
        "the probability that at one of the steps up to T every agent's log-odds are at least h/sigma^2 on the + side, "
        "from a start by groups"
    ),
    variants=CERTIFIED,
    options=(LEVEL, GROUPS),
    more_forms=FORMS,
)
def consensus(
    chain: ChainParameters,
    *,
    groups: str | None = None,
    level: int = 1,
    steps: int | str | Steps | None = None,
) -> Bound:
    """Bound the probability that all agents come to the + side within N steps, from a start given by groups.

    U1, every memory size: as long as the mean weight stays above a barrier rho_1, rho_2, … the agents are above
    independent reference agents, so that P >= prod_k P(barrier k is kept) prod_i P(agent i is at the level) - P(too
    few steps) for r = 1; for r >= 2 the sum of the chances to miss is subtracted. U2, memory size 1: a constant barrier
    and a closed form. The better one is returned; without `steps` U1 unless U2 is much larger.

    Parameters
    ----------
    chain : ChainParameters
        The chain, with unrestricted senders.
    groups : str, optional
        Groups SIZE@LOG_ODDS@MEMORY with / between them: shares or numbers of agents, the least log-odds of component
        +1, and the memory's class: plus (all in [1/2, 3/2]), minus (in that or [-3/2, -1/2]), any (r = 1).
        Absent: any state; the bound is 0, and a simulation may start where it likes.
    level : int
        h: consensus is that all log-odds are at least h/sigma^2.
    steps : int, str or Steps, optional
        The horizon N; the bound at N holds at later ones too. Absent: about the shortest one with the best bound.

    Returns
    -------
    Bound
        Certified from below, with U4's ceiling: agents below the level need an update each.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = consensus(ChainParameters(m=30, r=1, sigma="0.2"), groups="90%@250/10%@-50", steps=1200)
    >>> bound.lower(2), bound.ceiling.upper(2)
    ('9.9e-01', '1.0e+00')
    """
    level = read_level(level)
    log_odds = level * chain.precision
    chosen = None if groups is None else read_groups(groups, chain.m, chain.r)
    horizon = None if steps is None else Steps.read(steps, chain.m)
    whole, notes = (None, ()) if horizon is None else certified_horizon(horizon)
    found = _best(chain, chosen, log_odds, whole)
    if whole is None:
        whole = Steps.read(STEPS_WITHOUT_BOUND, chain.m).whole if found is None else found.steps
    return make_bound(
        "consensus",
        "certified",
        parameters={
            **chain.as_dict(),
            "level": level,
            "groups": None if chosen is None else written(chosen),
            "steps": None if horizon is None else horizon.expression,
        },
        horizon=whole,
        value=(ZERO if found is None else found.value).ball,
        assumptions=_assumptions(chain, chosen, found),
        event=_event(chosen, level, log_odds, whole),
        notes=(*notes, *(() if found is None else (found.form,))),
        question=_question(chain, chosen, log_odds, whole, level),
        ceiling=None if chosen is None else partial(_ceiling, chain, chosen, log_odds, whole),
        form="U1" if found is None else found.form,
    )


def consensus_barrier(
    chain: ChainParameters, *, groups: str, level: int = 1, steps: int | str | Steps | None = None
) -> Barrier:
    """Return U1's barrier: a certified trajectory of the mean weight.

    With the steps at the rings of m clocks of rate 1, the mean weight is at least `heights` up to `times` with chance
    `kept` at least.

    Raises
    ------
    InputError
        If an argument is not allowed, or no barrier is of use from this start.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> barrier = consensus_barrier(ChainParameters(m=30, r=1, sigma="0.2"), groups="90%@250/10%@-50", steps=1200)
    >>> 0.6 < min(barrier.heights) < 0.9 < barrier.heights[-1]
    True
    """
    from mcpolar.bounds.majority.certificate import Task  # imports SciPy
    from mcpolar.bounds.majority.recipe import best_barrier

    if not chain.is_unrestricted:
        raise InputError("k", chain.k, "absent, and mirror too: the barrier is of the mean over all agents")
    whole = None if steps is None else certified_horizon(Steps.read(steps, chain.m))[0]
    chosen = read_groups(groups, chain.m, chain.r)
    found = best_barrier(Task(chain, chosen, read_level(level) * chain.precision, whole))
    if found is None:
        raise InputError(
            "groups", groups, "a start from which a barrier was found: a larger or deeper majority"
        )
    return found


def _best(
    chain: ChainParameters, groups: tuple[Group, ...] | None, log_odds: Fraction, steps: int | None
) -> Found | None:
    from mcpolar.bounds.majority.certificate import Task  # imports SciPy
    from mcpolar.bounds.majority.recipe import Found, best_bound

    if groups is None or not chain.is_unrestricted:
        return None
    if all(group.log_odds >= log_odds for group in groups):
        return Found(ONE, 0 if steps is None else steps, "U1")
    return best_bound(Task(chain, groups, log_odds, steps))


def _assumptions(
    chain: ChainParameters, groups: tuple[Group, ...] | None, found: Found | None
) -> tuple[Assumption, ...]:
    given = Assumption(
        "groups", "a start by groups is given: no bound is known from every state", groups is not None
    )
    if groups is None:
        return unrestricted(chain), given
    text = "a barrier below the mean weight was found that leads to the level in time"
    return unrestricted(chain), given, Assumption("barrier", text, found is not None)


def _event(groups: tuple[Group, ...] | None, level: int, log_odds: Fraction, n_steps: int) -> str:
    start = "any state" if groups is None else f"a start in which {ByGroups(groups).sentence}"
    return (
        f"The probability that at one of the steps 0 to {n_steps} every agent's log-odds are at least "
        f"{level}/sigma^2 = {float(log_odds):.10g} on the + side, from {start}."
    )


def _question(
    chain: ChainParameters, groups: tuple[Group, ...] | None, log_odds: Fraction, n_steps: int, level: int
) -> Question:
    sentence = f"all agents are on the + side at level {level} at some step"
    return Question(
        chain, AnyState() if groups is None else ByGroups(groups), Agreed(n_steps, log_odds, sentence)
    )


def _ceiling(
    chain: ChainParameters, groups: tuple[Group, ...], log_odds: Fraction, n_steps: int
) -> Ceiling | None:
    """U4: an agent below the level needs an update, and the numbers of updates are negatively associated."""
    below = sum(group.agents for group in groups if group.log_odds < log_odds)
    if not below:
        return None
    missed = Fraction(chain.m - 1, chain.m)
    value = upper_end(lambda: (1 - ball(missed) ** n_steps) ** below)
    return Ceiling(at_most_one(value), f"the given log-odds themselves: {below} agents are below the level")


def fewest_steps(chain: ChainParameters, below: int) -> int:
    """Return U4's lower bound on the median time: N at which `below` agents have had their update with chance 1/2.

    Before, the chance is less: (1 - (1 - 1/m)^N)^below < 1/2.

    Examples
    --------
    >>> [fewest_steps(ChainParameters(m=m, r=1, sigma="0.2"), m) for m in (30, 100, 1000)]
    [112, 496, 7271]
    """
    if chain.m == 1:
        return min(below, 1)
    guess = math.log(-math.expm1(-math.log(2) / below)) / math.log1p(-1 / chain.m)
    return math.floor(guess - 1e-6) + 1
