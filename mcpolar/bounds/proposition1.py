"""P1: one update in I- u I+ moves the log-odds by at most 3/sigma^2."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.balls import ball, enclosure
from mcpolar.bounds.hypotheses import LARGEST_LOG_ODDS, read_variant
from mcpolar.bounds.records import Formula
from mcpolar.checks import exact_decimal, plain
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption, Guarantee
from mcpolar.statements import statement


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.log_odds - 3 / formulas.sigma**2


@statement(
    "proposition1",
    theory="P1",
    title="one update moves the log-odds by at most 3/sigma^2",
    formula=_formula,
    kind="deterministic",
)
def proposition1(
    chain: ChainParameters, *, log_odds: Decimal | str | float, variant: str = "certified"
) -> Guarantee:
    """Bound the log-odds of an agent with memory in I- u I+ after one update there.

    l' in [l - 3/sigma^2, l + 3/sigma^2], the two forms being the same.

    Parameters
    ----------
    chain : ChainParameters
        Only `sigma` matters.
    log_odds : Decimal, str, int or float
        The agent's log-odds l before the update, within +-1e18.
    variant : {"certified", "paper"}
        Which form.

    Returns
    -------
    Guarantee
        `value` and `upper` are certified ends: l' lies between them.

    Raises
    ------
    InputError
        If `log_odds` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> found = proposition1(ChainParameters(m=30, r=5, sigma="0.5"), log_odds=10)
    >>> float(found.value.fraction), float(found.upper.fraction)
    (-2.0, 22.0)
    """
    form = read_variant(variant)
    before = exact_decimal("log_odds", log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    reach = 3 * chain.precision
    return Guarantee(
        statement="proposition1",
        variant=form,
        parameters={**chain.as_dict(), "log_odds": plain(before)},
        updates=1,
        value=enclosure(lambda: ball(Fraction(before) - reach))[0],
        upper=enclosure(lambda: ball(Fraction(before) + reach))[1],
        assumptions=(
            Assumption("memory", "before the update all memory lies in I- u I+", True),
            Assumption("update", "the update lies in I- u I+", True),
        ),
        formula=Formula("proposition1", form),
        quantity="the agent's log-odds of component +1 after one update",
    )
