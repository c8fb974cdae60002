"""P2 and P2': own-side updates polarize one agent, and its own-side weight on the way is bounded below.

The recursion a_u = (min(u,r)/r) logistic(lambda_{u-1} + 1/sigma^2), lambda_u = logit a_u becomes linear in
the inverse odds v_u = (1 - a_u)/a_u: v_0 = 1, v_u = (r v_{u-1} q + r - u)/u for u <= r and v_u = v_{u-1} q
afterwards, q = e^{-1/sigma^2}. All terms are positive, so balls lose nothing, and from u = r - 1 on lambda_u
is a straight line.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mcpolar.balls import (
    LARGEST_BITS,
    START_BITS,
    Ball,
    Dyadic,
    ball,
    enclosure,
    lower_end,
    working_precision,
)
from mcpolar.bounds.hypotheses import read_level, read_variant
from mcpolar.bounds.records import Formula
from mcpolar.checks import whole_number
from mcpolar.errors import PrecisionError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption, Guarantee
from mcpolar.statements import statement

MOST_WEIGHTS = 1000


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return 1 / formulas.sigma**2 if form == "paper" else formulas.proposition2()


@statement(
    "proposition2",
    theory="P2, P2'",
    title="own-side updates polarize one agent",
    formula=_formula,
    kind="deterministic",
)
def proposition2(chain: ChainParameters, *, level: int = 1, variant: str = "certified") -> Guarantee:
    """Count the own-side updates that polarize one agent, and bound its own-side weight on the way.

    The certified form (P2') takes any memory and an own-side log-odds >= 0, with updates in the inner
    interval J = [5/6, 7/6]; n(h) = min{u >= r : lambda_u >= h/sigma^2}. The paper's form (P2) takes an
    own-side log-odds >= -1/sigma^2 and memory in I- u I+, with 4r + 2 updates in (1/2, 3/2].

    Parameters
    ----------
    chain : ChainParameters
        `r` and `sigma` matter.
    level : int
        The level h to reach, in units of 1/sigma^2; the paper's form exists for 1 only.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Guarantee
        `updates` is n(h) or 4r + 2; `value` bounds the own-side log-odds after them; `weights` holds lower
        ends of a_0, a_1, … up to n(h), at most the first 1001 (certified form).

    Raises
    ------
    InputError
        If `level` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> proposition2(ChainParameters(m=30, r=5, sigma="0.2")).updates
    5
    """
    form = read_variant(variant)
    level = read_level(level, paper_form_of_level_1=form == "paper")
    if form == "paper":
        return _paper(chain)
    n_updates = updates_to_level(chain, level)
    shown = min(n_updates, MOST_WEIGHTS)
    notes = () if shown == n_updates else (f"only the first {shown + 1} own-side weights are listed",)
    return Guarantee(
        statement="proposition2",
        variant="certified",
        parameters={**chain.as_dict(), "level": level},
        updates=n_updates,
        value=enclosure(lambda: _log_odds_after(chain, n_updates))[0],
        assumptions=(
            Assumption("start", "the own-side log-odds is >= 0 at the start; the memory is any", True),
            Assumption("updates", "every update lies in J = [5/6, 7/6] of the own side", True),
        ),
        formula=Formula("proposition2", "certified"),
        quantity=f"the own-side log-odds of an agent after {n_updates} updates in J of its own side: "
        f"level {level}",
        weights=own_side_weights(chain, updates=shown),
        notes=notes,
    )


def _paper(chain: ChainParameters) -> Guarantee:
    n_updates = 4 * chain.r + 2
    return Guarantee(
        statement="proposition2",
        variant="paper",
        parameters={**chain.as_dict(), "level": 1},
        updates=n_updates,
        value=lower_end(lambda: ball(chain.precision)),
        assumptions=(
            Assumption(
                "start", "the own-side log-odds is >= -1/sigma^2 and the memory lies in I- u I+", True
            ),
            Assumption(
                "updates",
                "every update lies in (1/2, 3/2] of the own side: at exactly 1/2 a tie at distance 1 "
                "can keep an "
                "element of the other side, so the closed interval needs 2r - 1 clearing updates",
                True,
            ),
        ),
        formula=Formula("proposition2", "paper"),
        quantity=f"the own-side log-odds of an agent after {n_updates} updates in I of its own side: level 1",
    )


def own_side_weights(chain: ChainParameters, *, updates: int) -> tuple[Dyadic, ...]:
    """Return certified lower ends of a_0, …, a_updates of P2': the own-side weight after u own-side updates.

    Raises
    ------
    InputError
        If `updates` is not a whole number >= 0.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> [float(a.fraction) for a in own_side_weights(ChainParameters(m=1, r=2, sigma="0.1"), updates=2)]
    [0.5, 0.5, 1.0]
    """
    updates = whole_number("updates", updates, 0)
    with working_precision(2 * START_BITS):
        return tuple(_weight(v) for v in islice(inverse_odds(chain), updates + 1))


def _weight(v: Ball) -> Dyadic:
    return lower_end(lambda: 1 / (1 + v))


def inverse_odds(chain: ChainParameters) -> Iterator[Ball]:
    """Yield v_0, v_1, … of P2' (v = (1 - a)/a), at the working precision."""
    r, q = chain.r, ball(-chain.precision).exp()
    v, u = ball(1), 0
    while True:
        yield v
        u += 1
        v = (r * v * q + (r - u)) / u if u <= r else v * q


def largest_inverse_odds(chain: ChainParameters) -> Ball:
    """Return max v_u over u < n(h): reached at some u < r, since v falls from there on."""
    largest = ball(0)
    for v in islice(inverse_odds(chain), chain.r):
        largest = largest.max(v)
    return largest


def smallest_own_side_weight(chain: ChainParameters) -> Ball:
    """Return a = min a_u over 0 <= u < n(h), the same for every h; also the minimum over u < r."""
    return 1 / (1 + largest_inverse_odds(chain))


def updates_to_level(chain: ChainParameters, level: int) -> int:
    """Return n(h) = min{u >= r : lambda_u >= h/sigma^2}, exactly.

    For u >= r - 1 lambda_u = lambda_{r-1} + (u - r + 1)/sigma^2, so n(h) = r - 1 + h + ceil(-sigma^2
    lambda_{r-1}), but at least r. For r = 1 lambda_0 = 0, and the ceiling is exact. For r = 2 the number is
    sigma^2 log(1 + 2q), which is as small as q = e^(-1/sigma^2): its ball must not be made from one about 1.
    """
    bits = START_BITS
    while bits <= LARGEST_BITS:
        with working_precision(bits):
            missing = (-_log_odds_before_last(chain) / ball(chain.precision)).ceil().unique_fmpz()
        if missing is not None:
            return max(chain.r, chain.r - 1 + level + int(missing))
        bits *= 2
    raise PrecisionError(f"n({level}) could not be decided at {LARGEST_BITS} bits")


def _log_odds_before_last(chain: ChainParameters) -> Ball:
    """lambda_{r-1} = -log v_{r-1}, from v - 1: without the 1 that would swallow a term as small as e^(-1/sigma^2)."""
    r = chain.r
    if r == 1:
        return ball(0)
    before = next(islice(inverse_odds(chain), r - 2, None))
    return -((r * before * ball(-chain.precision).exp() + (2 - r)) / (r - 1)).log1p()


def _log_odds_after(chain: ChainParameters, updates: int) -> Ball:
    """lambda_u for u >= r - 1."""
    return _log_odds_before_last(chain) + ball((updates - chain.r + 1) * chain.precision)
