"""T1-paper and T1': any population polarizes."""

from __future__ import annotations

from typing import Any

from mcpolar.balls import Ball
from mcpolar.bounds import chances
from mcpolar.bounds.hypotheses import proof_gap, read_level, read_variant, self_sending, senders
from mcpolar.bounds.lemma1 import MISSING_CLEARING, paper_assumptions
from mcpolar.bounds.lemma1 import paper_value as lemma1_paper
from mcpolar.bounds.lemma2 import WEIGHT_BELOW_HALF
from mcpolar.bounds.lemma2 import paper_value as lemma2_paper
from mcpolar.bounds.proposition2 import smallest_own_side_weight, updates_to_level
from mcpolar.bounds.records import make_bound
from mcpolar.bounds.rounds import log_rounds
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AnyState, AtEnd, Question
from mcpolar.results import Assumption, Bound
from mcpolar.statements import LEVEL, statement


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.lemma1_paper() * formulas.lemma2_paper()
    return formulas.rounds(formulas.n, formulas.P_J, senders)


@statement(
    "theorem1",
    theory="T1-paper, T1'",
    title="any population polarizes",
    formula=_formula,
    options=(LEVEL,),
    event="the probability that the population is level-h polarized (E_h) after T steps, from any state",
)
def theorem1(chain: ChainParameters, *, level: int = 1, variant: str = "certified") -> Bound:
    """Bound the probability of level-h polarization n m steps after an arbitrary state.

    T1': (n m)!/(n!)^m / m^{n m} * b * (a P_J)^{n m} with n = n(h) and a = min a_u over u < n (P2'); b is the
    minimum over p of (p/m)^{n p} ((m-p)/m)^{n(m-p)} for the unrestricted chain, (k+1)^{-n m} with a
    neighbourhood, mirror^{n m} with a mirror probability. The proof holds verbatim for every level h >= 1.
    T1-paper: the product of L1-paper and L2-paper, after (5r+2) m steps, for level 1.

    Parameters
    ----------
    chain : ChainParameters
        The chain.
    level : int
        The level h; the paper's form exists for 1 only.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below (theory.md, T1'), or the paper's formula with the assumption "proof-gap". What
        follows for the time to polarization: :mod:`mcpolar.bounds.corollaries`.

    Raises
    ------
    InputError
        If `level` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = theorem1(ChainParameters(m=30, r=5, sigma="0.2"))
    >>> bound.horizon_steps, round(bound.log10, 2)
    (150, -204.97)
    """
    form = read_variant(variant)
    level = read_level(level, paper_form_of_level_1=form == "paper")
    certified = form == "certified"
    n = updates_to_level(chain, level) if certified else 5 * chain.r + 2
    return make_bound(
        "theorem1",
        form,
        parameters={**chain.as_dict(), "level": level},
        horizon=n * chain.m,
        value=(lambda: _certified(chain, n)) if certified else (lambda: _paper(chain)),
        assumptions=(self_sending(chain),) if certified else _paper_assumptions(chain),
        event=f"The probability that the population is level-{level} polarized (E_{level}) "
        f"after {n * chain.m} steps, "
        "from any state.",
        senders=senders(chain) if certified else "unrestricted",
        question=Question(chain, AnyState(), AtEnd(n * chain.m, level, f"level {level} holds at the end")),
    )


def _certified(chain: ChainParameters, n: int) -> Ball:
    success = smallest_own_side_weight(chain) * chances.inner_interval(chain.sigma)
    return log_rounds(chain, n, success).exp()


def _paper(chain: ChainParameters) -> Ball:
    return lemma1_paper(chain) * lemma2_paper(chain)


def _paper_assumptions(chain: ChainParameters) -> tuple[Assumption, ...]:
    *hypotheses, _ = paper_assumptions(chain)
    return (*hypotheses, proof_gap(f"{MISSING_CLEARING}; and {WEIGHT_BELOW_HALF}"))
