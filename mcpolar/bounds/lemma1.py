"""L1-paper, and L1' sharpened: from any state the memory becomes well-behaved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mcpolar.balls import Ball, ball
from mcpolar.bounds import ceilings, chances
from mcpolar.bounds.any_state import FORMS, certified_bound, refuse_steps
from mcpolar.bounds.hypotheses import proof_gap, read_variant, unrestricted
from mcpolar.bounds.polarization.plan import plan_of_clearing
from mcpolar.bounds.records import make_bound
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AnyState, AtEnd, Question
from mcpolar.results import Assumption, Bound
from mcpolar.statements import STEPS, Monotone, statement
from mcpolar.steps import Steps

MISSING_CLEARING = (
    "the proof rests on P3, which is false for r >= 2: "
    "r updates in an interval of width 1 need not clear the memory"
)


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.lemma1_paper()
    return formulas.any_state(form, formulas.r, senders)


@statement(
    "lemma1",
    theory="L1-paper, L1' (replaced by T1g, T1A0 and T1A with r updates)",
    title="the memory becomes well-behaved from any state",
    formula=_formula,
    event=(
        "the probability that after T steps, from any state, every memory element of every agent lies in I- "
        "or I+ (W)"
    ),
    monotone=(Monotone("steps", True, "from any state, what holds at one horizon holds at every later one"),),
    is_searched=True,
    options=(STEPS,),
    more_forms=FORMS,
)
def lemma1(
    chain: ChainParameters, *, steps: int | str | Steps | None = None, variant: str = "certified"
) -> Bound:
    """Bound the probability that all memory is well-behaved (W) N steps after an arbitrary state.

    The certified form is that of :func:`mcpolar.bounds.theorem1` with r updates of every agent: T1A0, T1A or T1g.
    L1-paper: m!/m^{r m} * ((1/2 - 1/m) P)^{r m}, after r m steps.

    Parameters
    ----------
    chain : ChainParameters
        The chain; with `k` or `mirror` the certified form counts on self-sending.
    steps : int, str or Steps, optional
        The horizon N; below r m the bound is 0. Absent: the best one, up to 4 r m. The paper's form has its own.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below, or the paper's formula with the assumption "proof-gap".

    Raises
    ------
    InputError
        If `steps` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> round(lemma1(ChainParameters(m=5, r=2, sigma="0.3")).log10, 2)
    -6.25
    """
    form = read_variant(variant)
    if form == "paper":
        refuse_steps(steps, "r m")
        return _of_the_paper(chain)
    return certified_bound(
        "lemma1",
        chain,
        plan_of_clearing(chain),
        parameters={},
        steps=steps,
        event=_event,
        question=lambda n: _question(chain, n),
        ceiling=lambda n: ceilings.of_clearing(chain, n),
    )


def _event(n_steps: int) -> str:
    return (
        f"The probability that after {n_steps} steps, from any state, every memory element of every agent lies "
        "in I- or I+ (W)."
    )


def _question(chain: ChainParameters, n_steps: int) -> Question:
    return Question(chain, AnyState(), AtEnd(n_steps, None, "all memory is well-behaved at the end"))


def _of_the_paper(chain: ChainParameters) -> Bound:
    n_steps = chain.r * chain.m
    return make_bound(
        "lemma1",
        "paper",
        parameters={**chain.as_dict(), "steps": None},
        horizon=n_steps,
        value=lambda: paper_value(chain),
        assumptions=paper_assumptions(chain),
        event=_event(n_steps),
        question=_question(chain, n_steps),
    )


def paper_value(chain: ChainParameters) -> Ball:
    """Return L1-paper's formula, for m >= 3, as a ball."""
    m, n_steps = chain.m, chain.r * chain.m
    success = ball(Fraction(1, 2) - Fraction(1, m)) * chances.own_interval(chain.sigma)
    return (ball(m + 1).lgamma() + n_steps * (success.log() - ball(m).log())).exp()


def paper_assumptions(chain: ChainParameters) -> tuple[Assumption, ...]:
    """Return the hypotheses of L1-paper."""
    text = (
        f"m >= 3, so that the factor 1/2 - 1/m is positive: m = {chain.m}; the formula is vacuous for m <= 2"
    )
    return (
        unrestricted(chain),
        Assumption("three-agents", text, chain.m >= 3),
        proof_gap(MISSING_CLEARING),
    )
