"""L2-paper, and L2' sharpened: a well-behaved population polarizes."""

from __future__ import annotations

from typing import Any

from mcpolar.balls import Ball, ball
from mcpolar.bounds import ceilings, chances
from mcpolar.bounds.any_state import FORMS, certified_bound, refuse_steps
from mcpolar.bounds.hypotheses import proof_gap, read_level, read_variant, unrestricted
from mcpolar.bounds.polarization.plan import Lower, Plan, plan_from_any_memory, plan_from_well_behaved
from mcpolar.bounds.records import make_bound
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AtEnd, Question, WellBehaved
from mcpolar.results import Bound
from mcpolar.statements import LEVEL, STEPS, statement
from mcpolar.steps import Steps

WEIGHT_BELOW_HALF = (
    "the proof takes the sender's own-side weight as >= 1/2 throughout, "
    "but opposite memory can pull it below 1/2 for up to r updates"
)


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.lemma2_paper()
    return formulas.any_state(form, formulas.n, senders)


@statement(
    "lemma2",
    theory="L2-paper, L2' (replaced by T1g, T1A0 and T1A with P^r for c_r)",
    title="a well-behaved population polarizes",
    formula=_formula,
    event=(
        "the probability that the population is level-h polarized (E_h) after T steps, from any state whose "
        "memory lies in I- u I+ (W)"
    ),
    options=(LEVEL, STEPS),
    is_searched=True,
    more_forms=FORMS,
)
def lemma2(
    chain: ChainParameters,
    *,
    level: int = 1,
    steps: int | str | Steps | None = None,
    variant: str = "certified",
) -> Bound:
    """Bound the probability that a well-behaved population is polarized to level h after N steps.

    The certified form is that of :func:`mcpolar.bounds.theorem1` with P^r for the clearing chance c_r, at exactly N
    steps, or theorem 1's own where that is larger. L2-paper, with N = (4r+2) m: N!/((4r+2)!)^m / m^N * (P/4)^N.

    Parameters
    ----------
    chain : ChainParameters
        The chain; with `k` or `mirror` the certified form counts on self-sending.
    level : int
        The level h; the paper's form exists for 1 only.
    steps : int, str or Steps, optional
        The horizon N; below n(h) m the bound is 0. Absent: the best one, up to 4 n(h) m. The paper's form has its own.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below, or the paper's formula with the assumption "proof-gap".

    Raises
    ------
    InputError
        If `level`, `steps` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> lemma2(ChainParameters(m=5, r=3, sigma="0.2"), steps=15).horizon_steps
    15
    """
    form = read_variant(variant)
    level = read_level(level, paper_form_of_level_1=form == "paper")
    if form == "paper":
        refuse_steps(steps, "(4r + 2) m")
        return _of_the_paper(chain)
    plans = (plan_from_well_behaved(chain, level), plan_from_any_memory(chain, level))

    def search(plan: Plan, n: int | None) -> Lower:
        from mcpolar.bounds.polarization.lower import best, best_at  # imports NumPy

        # W is left by a step, so that only the bound from any state holds at later steps too
        found = [best_at(plans[0], n), best(plans[1], n) if n is None or n >= plans[1].fewest else None]
        return max((one for one in found if one is not None), key=lambda one: one.value.log10)

    return certified_bound(
        "lemma2",
        chain,
        min(plans, key=lambda plan: plan.needed),
        parameters={"level": level},
        steps=steps,
        event=lambda n: _event(level, n),
        question=lambda n: _question(chain, level, n),
        ceiling=lambda n: ceilings.of_well_behaved(chain, n),
        unknown_ceiling=ceilings.why_unknown(chain),
        search=search,
    )


def _event(level: int, n_steps: int) -> str:
    return (
        f"The probability that the population is level-{level} polarized (E_{level}) after {n_steps} steps, "
        "from any state whose memory lies in I- u I+ (W)."
    )


def _question(chain: ChainParameters, level: int, n_steps: int) -> Question:
    hard = ceilings.deep_starts(chain, level, n_steps, is_well_behaved=True)
    return Question(chain, WellBehaved(), AtEnd(n_steps, level, f"level {level} holds at the end"), hard=hard)


def _of_the_paper(chain: ChainParameters) -> Bound:
    n_steps = (4 * chain.r + 2) * chain.m
    return make_bound(
        "lemma2",
        "paper",
        parameters={**chain.as_dict(), "level": 1, "steps": None},
        horizon=n_steps,
        value=lambda: paper_value(chain),
        assumptions=(unrestricted(chain), proof_gap(WEIGHT_BELOW_HALF)),
        event=_event(1, n_steps),
        question=_question(chain, 1, n_steps),
    )


def paper_value(chain: ChainParameters) -> Ball:
    """Return L2-paper's formula as a ball."""
    m, n = chain.m, 4 * chain.r + 2
    n_steps = n * m
    orders = ball(n_steps + 1).lgamma() - m * ball(n + 1).lgamma() - n_steps * ball(m).log()
    return (orders + n_steps * (chances.own_interval(chain.sigma) / 4).log()).exp()
