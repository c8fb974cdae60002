"""T1-paper, and the best of T1g, T1A0 and T1A: any population polarizes."""

from __future__ import annotations

from typing import Any

from mcpolar.balls import Ball
from mcpolar.bounds import ceilings
from mcpolar.bounds.any_state import FORMS, certified_bound, refuse_steps
from mcpolar.bounds.hypotheses import proof_gap, read_level, read_variant
from mcpolar.bounds.lemma1 import MISSING_CLEARING, paper_assumptions
from mcpolar.bounds.lemma1 import paper_value as lemma1_paper
from mcpolar.bounds.lemma2 import WEIGHT_BELOW_HALF
from mcpolar.bounds.lemma2 import paper_value as lemma2_paper
from mcpolar.bounds.polarization.plan import plan_from_any_memory
from mcpolar.bounds.records import make_bound
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AnyState, AtEnd, Question
from mcpolar.results import Assumption, Bound
from mcpolar.statements import LEVEL, STEPS, Monotone, statement
from mcpolar.steps import Steps


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.lemma1_paper() * formulas.lemma2_paper()
    return formulas.any_state(form, formulas.n, senders)


@statement(
    "theorem1",
    theory="T1-paper, T1' (replaced by T1g, T1A0, T1A; ceiling T1B)",
    title="any population polarizes",
    formula=_formula,
    event="the probability that the population is level-h polarized (E_h) after T steps, from any state",
    monotone=(
        Monotone("steps", True, "from any state, what holds at one horizon holds at every later one"),
        Monotone("level", False, "a population at a higher level is at every lower one"),
    ),
    is_searched=True,
    options=(LEVEL, STEPS),
    more_forms=FORMS,
)
def theorem1(
    chain: ChainParameters,
    *,
    level: int = 1,
    steps: int | str | Steps | None = None,
    variant: str = "certified",
) -> Bound:
    """Bound the probability of level-h polarization N steps after an arbitrary state.

    The certified form is the best of T1A0 (a game on numbers of updates, for few agents), T1A (its closed form by
    Jensen's inequality) and T1g (T1' with a geometric mean), at the best horizon up to N: what holds at one horizon
    holds at every later one. With a neighbourhood or a mirror probability agents may have to send to themselves.
    T1-paper: the product of L1-paper and L2-paper, after (5r+2) m steps, for level 1.

    Parameters
    ----------
    chain : ChainParameters
        The chain.
    level : int
        The level h; the paper's form exists for 1 only.
    steps : int, str or Steps, optional
        The horizon N; below n(h) m the bound is 0. Absent: the best one, up to 4 n(h) m. The paper's form has its own.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below, with a ceiling (T1B) for the unrestricted chain; a note says which form it is and where
        it was found. Or the paper's formula with the assumption "proof-gap". What follows for the time to
        polarization: :mod:`mcpolar.bounds.corollaries`.

    Raises
    ------
    InputError
        If `level`, `steps` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = theorem1(ChainParameters(m=30, r=5, sigma="0.2"))
    >>> bound.horizon_steps, round(bound.log10, 2), round(bound.ceiling.log10, 2)
    (168, -83.38, -61.67)
    """
    form = read_variant(variant)
    level = read_level(level, paper_form_of_level_1=form == "paper")
    if form == "paper":
        refuse_steps(steps, "(5r + 2) m")
        return _of_the_paper(chain)
    return certified_bound(
        "theorem1",
        chain,
        plan_from_any_memory(chain, level),
        parameters={"level": level},
        steps=steps,
        event=lambda n: (
            f"The probability that the population is level-{level} polarized (E_{level}) after {n} steps, "
            "from any state."
        ),
        question=lambda n: _question(chain, level, n),
        ceiling=lambda n: ceilings.of_any_state(chain, n),
        unknown_ceiling=ceilings.why_unknown(chain),
    )


def _question(chain: ChainParameters, level: int, n_steps: int) -> Question:
    hard = ceilings.deep_starts(chain, level, n_steps)
    return Question(chain, AnyState(), AtEnd(n_steps, level, f"level {level} holds at the end"), hard=hard)


def _of_the_paper(chain: ChainParameters) -> Bound:
    horizon = (5 * chain.r + 2) * chain.m
    return make_bound(
        "theorem1",
        "paper",
        parameters={**chain.as_dict(), "level": 1, "steps": None},
        horizon=horizon,
        value=lambda: _paper(chain),
        assumptions=_paper_assumptions(chain),
        event=f"The probability that the population is level-1 polarized (E_1) after {horizon} steps, from any state.",
        question=_question(chain, 1, horizon),
    )


def _paper(chain: ChainParameters) -> Ball:
    return lemma1_paper(chain) * lemma2_paper(chain)


def _paper_assumptions(chain: ChainParameters) -> tuple[Assumption, ...]:
    *hypotheses, _ = paper_assumptions(chain)
    return (*hypotheses, proof_gap(f"{MISSING_CLEARING}; and {WEIGHT_BELOW_HALF}"))
