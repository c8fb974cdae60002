"""L1-paper and L1': from any state the memory becomes well-behaved."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mcpolar.balls import Ball, ball
from mcpolar.bounds import chances
from mcpolar.bounds.hypotheses import proof_gap, read_variant, self_sending, senders, unrestricted
from mcpolar.bounds.proposition2 import smallest_own_side_weight
from mcpolar.bounds.records import make_bound
from mcpolar.bounds.rounds import log_rounds
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AnyState, AtEnd, Question
from mcpolar.results import Assumption, Bound
from mcpolar.statements import statement

MISSING_CLEARING = (
    "the proof rests on P3, which is false for r >= 2: "
    "r updates in an interval of width 1 need not clear the memory"
)


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.lemma1_paper()
    return formulas.rounds(formulas.r, formulas.P_J, senders)


@statement(
    "lemma1",
    theory="L1-paper, L1'",
    title="the memory becomes well-behaved from any state",
    formula=_formula,
    event=(
        "the probability that after T steps, from any state, every memory element of every agent lies in I- "
        "or I+ (W)"
    ),
)
def lemma1(chain: ChainParameters, *, variant: str = "certified") -> Bound:
    """Bound the probability that all memory is well-behaved (W) r m steps after an arbitrary state.

    L1': (r m)!/(r!)^m / m^{r m} * b * (a P_J)^{r m}, a = min a_u over u < r (P2'), b as in T1' with n = r.
    L1-paper: m!/m^{r m} * ((1/2 - 1/m) P)^{r m}.

    Parameters
    ----------
    chain : ChainParameters
        The chain; with `k` or `mirror` the certified form counts on self-sending.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below (theory.md, L1'), or the paper's formula with the assumption "proof-gap".

    Raises
    ------
    InputError
        If `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> round(lemma1(ChainParameters(m=30, r=5, sigma="0.2")).log10, 2)
    -204.97
    """
    form = read_variant(variant)
    n_steps = chain.r * chain.m
    certified = form == "certified"
    return make_bound(
        "lemma1",
        form,
        parameters=chain.as_dict(),
        horizon=n_steps,
        value=(lambda: _certified(chain)) if certified else (lambda: paper_value(chain)),
        assumptions=(self_sending(chain),) if certified else paper_assumptions(chain),
        event=f"The probability that after {n_steps} steps, from any state, "
        "every memory element of every agent lies in I- or I+ (W).",
        senders=senders(chain) if certified else "unrestricted",
        question=Question(chain, AnyState(), AtEnd(n_steps, None, "all memory is well-behaved at the end")),
    )


def _certified(chain: ChainParameters) -> Ball:
    success = smallest_own_side_weight(chain) * chances.inner_interval(chain.sigma)
    return log_rounds(chain, chain.r, success).exp()


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
