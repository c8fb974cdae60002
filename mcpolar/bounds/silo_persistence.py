"""SP: no agent changes its silo for T steps."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.balls import Ball
from mcpolar.bounds import ceilings, chances
from mcpolar.bounds.hypotheses import neighbourhood, read_log_odds, read_split, separation
from mcpolar.bounds.records import certified_horizon, make_bound
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Polarized, Question, Throughout
from mcpolar.results import Bound
from mcpolar.statements import ANY_POLICY, CERTIFIED, FITS, LEVEL, LOG_ODDS, SPLIT, STEPS, Monotone, statement
from mcpolar.steps import Steps


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.silo_persistence()


@statement(
    "silo_persistence",
    theory="SP",
    title="no agent changes its silo for T steps",
    formula=_formula,
    variants=CERTIFIED,
    options=(LEVEL, STEPS, SPLIT, LOG_ODDS),
    event=(
        "the probability that no agent changes its silo and every own-side log-odds stays >= H at every one "
        "of the steps 0 to T, from any state with every own-side log-odds >= H (at level h: H = h/sigma^2) "
        "and all memory on its agent's own half-line; memory may leave its interval"
    ),
    rules=ANY_POLICY,
    monotone=(
        Monotone("steps", False, "a chance to the power T"),
        Monotone(
            "level", True, "own-side weights grow, and the own component's draws are on its side more often"
        ),
        Monotone(
            "log_odds",
            True,
            "own-side weights grow, and the own component's draws are on its side more often",
        ),
        Monotone("sigma", False, "1/2 + (1/2 - w)(2 Phi(1/sigma) - 1): both factors fall (docs/solve.md)"),
        Monotone("k", False, FITS),
    ),
)
def silo_persistence(
    chain: ChainParameters,
    *,
    steps: int | str | Steps,
    log_odds: Decimal | str | float | None = None,
    level: int | None = None,
    split: int | None = None,
) -> Bound:
    """Bound the probability that for T steps no agent changes its silo and own-side log-odds stay >= H.

    SP: ((Phi(1/sigma) + e^{-H} Phi(-1/sigma)) / (1 + e^{-H}))^T. Memory may leave its interval, so this is
    another event than that of :func:`mcpolar.bounds.theorem2`, and a far likelier one.

    Parameters
    ----------
    chain : ChainParameters
        The chain; `mirror` is allowed.
    steps : int, str or Steps
        The horizon T; a real number is rounded up to a whole one.
    log_odds : Decimal, str, int or float, optional
        H > 0, exactly; or give `level`.
    level : int, optional
        H = level/sigma^2; or give `log_odds`.
    split : int, optional
        Number of agents on the + side; absent: all m.

    Returns
    -------
    Bound
        Certified from below, and `failure` from above.

    Raises
    ------
    InputError
        If an argument is not allowed, or not exactly one of `log_odds` and `level` is given.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> chain = ChainParameters(m=30, r=5, sigma="0.3")
    >>> silo_persistence(chain, steps="10*m*log(m)", level=1).lower(4)
    '6.354e-01'
    """
    threshold, split = read_log_odds(chain, log_odds, level), read_split(chain, split)
    horizon = Steps.read(steps, chain.m)
    whole, notes = certified_horizon(horizon)
    return make_bound(
        "silo_persistence",
        "certified",
        parameters={
            **chain.as_dict(),
            "level": level,
            "log_odds": None if log_odds is None else str(log_odds),
            "steps": horizon.expression,
            "split": split,
        },
        horizon=whole,
        value=lambda: _log_kept(chain, threshold, whole).exp(),
        failure=lambda: -_log_kept(chain, threshold, whole).expm1(),
        assumptions=(neighbourhood(chain, split), separation(chain, split, threshold)),
        event="The probability that no agent changes its silo and every own-side log-odds stays >= H at "
        f"every one of the steps 0 to {whole}, from any state with every own-side log-odds >= H = "
        f"{float(threshold):.10g} and all memory on its agent's own half-line, "
        f"{split} of {chain.m} agents on the + side; memory may leave its interval.",
        notes=notes,
        question=_question(chain, level, threshold, split, whole),
        ceiling=lambda: ceilings.of_kept_silos(chain, threshold, whole),
    )


def _question(
    chain: ChainParameters, level: int | None, log_odds: Fraction, split: int, n_steps: int
) -> Question:
    """Return the event that own-side log-odds stay, from memory on the own half-line.

    It follows from its smaller event: a draw on the own half-line never lowers an agent's own-side log-odds.
    """
    sentence = f"no agent changes its silo and own-side log-odds stay >= {float(log_odds):.6g}"
    starts = Polarized(log_odds, split, level, low=Fraction(0), high=None)
    event = Throughout(n_steps, log_odds, sentence)
    inner = Throughout(n_steps, log_odds, sentence + ", every arrival on the own side", low=Fraction(0))
    return Question(chain, starts, event, inner)


def _log_kept(chain: ChainParameters, log_odds: Fraction, n_steps: int) -> Ball:
    return chances.log_power(chances.half_line_missed(chain.sigma, log_odds), n_steps)
