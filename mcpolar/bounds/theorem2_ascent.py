"""T2ii-paper and T2ii': the level rises from h to h + n."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from mcpolar.balls import Ball, ball
from mcpolar.bounds import ceilings, coupons
from mcpolar.bounds.hypotheses import neighbourhood, read_level, read_split, read_variant, separation
from mcpolar.bounds.records import certified_horizon, make_bound, paper_horizon
from mcpolar.bounds.theorem2 import level_kept, log_kept, paper_value
from mcpolar.checks import whole_number
from mcpolar.choices import Variant
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.questions import AtEnd, Polarized, Question, Throughout
from mcpolar.results import Bound
from mcpolar.statements import ANY_POLICY, FITS, LEVEL, SPLIT, STEPS, Monotone, Option, statement
from mcpolar.steps import Steps

MOST_ASCENT = 10_000
ASCENT = Option("ascent", "Levels n to rise. Default 1.")


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    if form == "paper":
        return formulas.coupons_paper() * formulas.theorem2_paper()
    return formulas.coupons(formulas.T, formulas.m, formulas.n) * formulas.theorem2()


@statement(
    "theorem2_ascent",
    theory="T2ii-paper, T2ii'",
    title="the level rises from h to h + n",
    formula=_formula,
    options=(LEVEL, STEPS, SPLIT, ASCENT),
    event="the probability that level h + n holds after T steps, from any level-h polarized state (E_h)",
    rules=ANY_POLICY,
    monotone=(
        Monotone("level", True, "theorem2 rises, and C(T, m, n) does not depend on it"),
        Monotone("sigma", False, "theorem2 falls, and C(T, m, n) does not depend on it"),
        Monotone("k", False, FITS),
    ),
)
def theorem2_ascent(
    chain: ChainParameters,
    *,
    level: int,
    steps: int | str | Steps,
    split: int | None = None,
    ascent: int = 1,
    variant: str = "certified",
) -> Bound:
    """Bound the probability that a population at level h is at level h + n after T steps.

    T2ii': C(T, m, n) times T2', C the chance that T uniform draws from m cells put at least n in every cell.
    T2ii-paper: (1 - m e^{-T/m}) times T2-paper, n = 1; at T = 2 m log m the first factor is the paper's 1 -
    1/m.

    Parameters
    ----------
    chain, level, steps, split, variant
        As for :func:`mcpolar.bounds.theorem2`.
    ascent : int
        The rise n, from 1 to 10000; 1 in the paper's form.

    Returns
    -------
    Bound
        Certified from below. Where the series of C is too long the union bound below C takes its place, and a
        note says so.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> chain = ChainParameters(m=30, r=5, sigma="0.3")
    >>> theorem2_ascent(chain, level=1, steps="2*m*log(m)", variant="paper").lower()
    '1.202987e-09'
    """
    form = read_variant(variant)
    level, split = read_level(level), read_split(chain, split)
    ascent = _read_ascent(ascent, form)
    horizon = Steps.read(steps, chain.m)
    log_odds = level * chain.precision
    certified = form == "certified"
    whole, notes = certified_horizon(horizon)
    n_steps = whole if certified else paper_horizon(horizon)
    return make_bound(
        "theorem2_ascent",
        form,
        parameters={
            **chain.as_dict(),
            "level": level,
            "steps": horizon.expression,
            "split": split,
            "ascent": ascent,
        },
        horizon=n_steps,
        value=(lambda: coupons.chance_of_all(whole, chain.m, ascent) * log_kept(chain, log_odds, whole).exp())
        if certified
        else (lambda: _paper_coupons(chain, horizon) * paper_value(chain, log_odds, horizon)),
        assumptions=(neighbourhood(chain, split), separation(chain, split, log_odds)),
        event=_event(chain, level, ascent, split, n_steps),
        notes=(*notes, *_coupon_notes(whole, chain.m, ascent)) if certified else (),
        question=_question(chain, level, ascent, split, math.floor(n_steps)),
        ceiling=(lambda: ceilings.of_ascent(chain, whole)) if certified else None,
    )


def _event(chain: ChainParameters, level: int, ascent: int, split: int, n_steps: float) -> str:
    return (
        f"The probability that level {level + ascent} holds at step {n_steps:.10g}, "
        f"from any level-{level} polarized state (E_{level}) "
        f"with {split} of {chain.m} agents on the + side."
    )


def _question(chain: ChainParameters, level: int, ascent: int, split: int, n_steps: int) -> Question:
    return Question(
        chain,
        Polarized(level * chain.precision, split, level),
        AtEnd(n_steps, level + ascent, f"level {level + ascent} holds at the end"),
        inner=_kept_and_raised(chain, level, ascent, n_steps),
    )


def _kept_and_raised(chain: ChainParameters, level: int, ascent: int, n_steps: int) -> Throughout:
    """Return the smaller event by which T2ii is proved: the first level is kept, and every agent updated so often.

    Each good update raises own-side log-odds by at least 1/sigma^2, whence the event follows.
    """
    kept = level_kept(chain, level, n_steps)
    often = f"every agent is updated at least {ascent} time{'s' if ascent > 1 else ''}"
    return replace(kept, sentence=f"{kept.sentence} and {often}", least_updates=ascent)


def _read_ascent(ascent: int, form: Variant) -> int:
    if form == "paper" and ascent != 1:
        raise InputError("ascent", ascent, "1 with variant='paper': the paper states no other rise")
    return whole_number("ascent", ascent, 1, MOST_ASCENT)


def _paper_coupons(chain: ChainParameters, horizon: Steps) -> Ball:
    return (1 - chain.m * (-horizon.ball() / chain.m).exp()).max(ball(0))


def _coupon_notes(n_steps: int, m: int, ascent: int) -> tuple[str, ...]:
    if n_steps < ascent * m:
        return (f"{n_steps} steps cannot update each of {m} agents {ascent} times: C = 0",)
    if not coupons.is_exact(n_steps, m, ascent):
        return ("C is replaced by the union bound below it: its series is too long",)
    return ()
