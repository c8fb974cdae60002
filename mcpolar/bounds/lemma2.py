"""L2-paper and L2': a well-behaved population polarizes."""

from __future__ import annotations

from typing import Any

from mcpolar.balls import Ball, ball
from mcpolar.bounds import chances
from mcpolar.bounds.hypotheses import (
    proof_gap,
    read_level,
    read_variant,
    self_sending,
    senders,
    unrestricted,
)
from mcpolar.bounds.proposition2 import smallest_own_side_weight, updates_to_level
from mcpolar.bounds.records import make_bound
from mcpolar.bounds.rounds import log_rounds
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AtEnd, Question, WellBehaved
from mcpolar.results import Bound
from mcpolar.statements import LEVEL, statement

WEIGHT_BELOW_HALF = (
    "the proof takes the sender's own-side weight as >= 1/2 throughout, "
    "but opposite memory can pull it below 1/2 for up to r updates"
)


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.lemma2_paper()
    return formulas.rounds(formulas.n, formulas.P, senders)


@statement(
    "lemma2",
    theory="L2-paper, L2'",
    title="a well-behaved population polarizes",
    formula=_formula,
    options=(LEVEL,),
    event=(
        "the probability that the population is level-h polarized (E_h) after T steps, from any state whose "
        "memory lies in I- u I+ (W)"
    ),
)
def lemma2(chain: ChainParameters, *, level: int = 1, variant: str = "certified") -> Bound:
    """Bound the probability that a well-behaved population is polarized to level h after n m steps.

    L2': (n m)!/(n!)^m / m^{n m} * b * (a P)^{n m} with n = n(h), a = min a_u over u < n (P2') and b as in
    T1'. L2-paper, with N = (4r+2) m: N!/((4r+2)!)^m / m^N * (P/4)^N.

    Parameters
    ----------
    chain : ChainParameters
        The chain; with `k` or `mirror` the certified form counts on self-sending.
    level : int
        The level h; the paper's form exists for 1 only. L2' holds verbatim for every h >= 1.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below (theory.md, L2'), or the paper's formula with the assumption "proof-gap".

    Raises
    ------
    InputError
        If `level` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> lemma2(ChainParameters(m=30, r=5, sigma="0.2")).horizon_steps
    150
    """
    form = read_variant(variant)
    level = read_level(level, paper_form_of_level_1=form == "paper")
    certified = form == "certified"
    n = updates_to_level(chain, level) if certified else 4 * chain.r + 2
    return make_bound(
        "lemma2",
        form,
        parameters={**chain.as_dict(), "level": level},
        horizon=n * chain.m,
        value=(lambda: _certified(chain, n)) if certified else (lambda: paper_value(chain)),
        assumptions=(self_sending(chain),)
        if certified
        else (unrestricted(chain), proof_gap(WEIGHT_BELOW_HALF)),
        event=f"The probability that the population is level-{level} polarized (E_{level}) "
        f"after {n * chain.m} steps, from any state whose memory lies in I- u I+ (W).",
        senders=senders(chain) if certified else "unrestricted",
        question=Question(chain, WellBehaved(), AtEnd(n * chain.m, level, f"level {level} holds at the end")),
    )


def _certified(chain: ChainParameters, n: int) -> Ball:
    success = smallest_own_side_weight(chain) * chances.own_interval(chain.sigma)
    return log_rounds(chain, n, success).exp()


def paper_value(chain: ChainParameters) -> Ball:
    """Return L2-paper's formula as a ball."""
    m, n = chain.m, 4 * chain.r + 2
    n_steps = n * m
    orders = ball(n_steps + 1).lgamma() - m * ball(n + 1).lgamma() - n_steps * ball(m).log()
    return (orders + n_steps * (chances.own_interval(chain.sigma) / 4).log()).exp()
