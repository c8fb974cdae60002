"""T2-paper and T2': from level h, level h is kept at every step."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from mcpolar.balls import Ball, ball
from mcpolar.bounds import ceilings, chances
from mcpolar.bounds.hypotheses import neighbourhood, read_level, read_split, read_variant, separation
from mcpolar.bounds.records import certified_horizon, make_bound, paper_horizon
from mcpolar.parameters import ChainParameters
from mcpolar.questions import FAR, NEAR, Polarized, Question, Throughout
from mcpolar.results import Bound
from mcpolar.statements import ANY_POLICY, FITS, LEVEL, SPLIT, STEPS, Monotone, statement
from mcpolar.steps import Steps


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.theorem2_paper() if form == "paper" else formulas.theorem2()


@statement(
    "theorem2",
    theory="T2-paper, T2'",
    title="level h is kept at every step",
    formula=_formula,
    options=(LEVEL, STEPS, SPLIT),
    event=(
        "the probability that level h holds at every one of the steps 0 to T (every |log-odds| >= h/sigma^2 "
        "and every memory element in its agent's own interval), from any level-h polarized state (E_h)"
    ),
    rules=ANY_POLICY,
    monotone=(
        Monotone("steps", False, "a chance to the power T"),
        Monotone(
            "level",
            True,
            "own-side weights grow, and the own component hits its interval more often: P >= P_x",
        ),
        Monotone("sigma", False, "its derivative in sigma is negative (docs/solve.md, theorem2)"),
        Monotone("k", False, FITS),
    ),
)
def theorem2(
    chain: ChainParameters,
    *,
    level: int,
    steps: int | str | Steps,
    split: int | None = None,
    variant: str = "certified",
) -> Bound:
    """Bound the probability that a population at level h stays at level h at every one of T steps.

    T2': ((P + e^{-h/sigma^2} P_x) / (1 + e^{-h/sigma^2}))^T for whole T.
    T2-paper: P^T exp(-T e^{-h/sigma^2}) for real T.

    Parameters
    ----------
    chain : ChainParameters
        The chain; `mirror` is allowed.
    level : int
        The level h, log-odds in units of 1/sigma^2.
    steps : int, str or Steps
        The horizon T, such as 1021 or "10*m*log(m)"; the certified form rounds it up to a whole number.
    split : int, optional
        Number of agents on the + side; absent: all m. Both sides occupied needs k + 1 <= min(split, m -
        split).
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Bound
        Certified from below, and `failure` from above; 0 (and 1) where an assumption fails.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> chain = ChainParameters(m=30, r=5, sigma="0.3")
    >>> theorem2(chain, level=1, steps="10*m*log(m)", variant="paper").lower()
    '2.984834e-45'
    """
    form = read_variant(variant)
    level, split = read_level(level), read_split(chain, split)
    horizon = Steps.read(steps, chain.m)
    log_odds = level * chain.precision
    certified = form == "certified"
    whole, notes = certified_horizon(horizon)
    n_steps = whole if certified else math.floor(horizon.real)
    return make_bound(
        "theorem2",
        form,
        parameters={**chain.as_dict(), "level": level, "steps": horizon.expression, "split": split},
        horizon=whole if certified else paper_horizon(horizon),
        value=(lambda: log_kept(chain, log_odds, whole).exp())
        if certified
        else (lambda: paper_value(chain, log_odds, horizon)),
        failure=(lambda: -log_kept(chain, log_odds, whole).expm1()) if certified else None,
        assumptions=(neighbourhood(chain, split), separation(chain, split, log_odds)),
        event=kept_event(chain, level, split, whole if certified else horizon.real),
        notes=notes if certified else (),
        question=Question(chain, Polarized(log_odds, split, level), level_kept(chain, level, n_steps)),
        ceiling=(lambda: ceilings.of_kept_level(chain, log_odds, whole)) if certified else None,
    )


def level_kept(chain: ChainParameters, level: int, n_steps: int) -> Throughout:
    """Return the event of T2: after E_h it fails exactly when an arrival misses its interval."""
    sentence = f"level {level} is held at every step"
    return Throughout(n_steps, level * chain.precision, sentence, NEAR, FAR)


def log_kept(chain: ChainParameters, log_odds: Fraction, n_steps: int) -> Ball:
    """Return the log of T2', as a ball."""
    return chances.log_power(chances.level_missed(chain.sigma, log_odds), n_steps)


def paper_value(chain: ChainParameters, log_odds: Fraction, horizon: Steps) -> Ball:
    """Return T2-paper's formula, as a ball."""
    one_step = chances.own_interval(chain.sigma).log() - ball(-log_odds).exp()
    return (horizon.ball() * one_step).exp()


def kept_event(chain: ChainParameters, level: int, split: int, n_steps: float) -> str:
    """Say what T2 is about: the level, memory included, at every step."""
    return (
        f"The probability that level {level} holds at every one of the steps 0 to {n_steps:.10g} "
        f"(every |log-odds| >= {level}/sigma^2 and every memory element in its agent's own interval), "
        f"from any level-{level} polarized state (E_{level}) with {split} of {chain.m} agents on the + side."
    )
