"""P3 and P3': own-side updates clear an arbitrary memory; the paper's form is refuted."""

from __future__ import annotations

from typing import Any

from mcpolar.balls import Dyadic
from mcpolar.bounds.hypotheses import read_variant
from mcpolar.bounds.records import Formula
from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption, Guarantee
from mcpolar.statements import statement


def _formula(form: str, senders: str) -> Any:
    from mcpolar.bounds import formulas

    return formulas.r if form == "paper" else formulas.fewest(formulas.u, formulas.r)


@statement(
    "proposition3",
    theory="P3 (refuted), P3'",
    title="own-side updates clear the memory",
    formula=_formula,
    kind="deterministic",
)
def proposition3(
    chain: ChainParameters, *, updates: int | None = None, variant: str = "certified"
) -> Guarantee:
    """Count the elements of an agent's memory that own-side updates bring into I+, from any memory.

    P3': after u updates in J+ = [5/6, 7/6] at least min(u, r) do, and they go on doing so under updates in
    J+. The paper's P3 asks for updates in I+ only; for r >= 2 it is false.

    Parameters
    ----------
    chain : ChainParameters
        Only `r` matters.
    updates : int, optional
        Number u >= 0 of updates; absent: r.
    variant : {"certified", "paper"}
        Which form; the paper's is about r updates or more.

    Returns
    -------
    Guarantee
        `value` is a number of elements. In the paper's form it is 0 for r >= 2, and the failing assumption
        "refuted" holds a counterexample.

    Raises
    ------
    InputError
        If `updates` or `variant` is not allowed.

    Examples
    --------
    >>> from mcpolar.parameters import ChainParameters
    >>> int(proposition3(ChainParameters(m=30, r=5, sigma="0.2"), updates=3).value.fraction)
    3
    """
    form = read_variant(variant)
    n_updates = chain.r if updates is None else whole_number("updates", updates, 0)
    if form == "paper" and n_updates < chain.r:
        raise InputError("updates", updates, f"at least r = {chain.r} with variant='paper'")
    assumption = _inner_updates() if form == "certified" else _refuted(chain.r)
    interval = "J+" if form == "certified" else "I+"
    return Guarantee(
        statement="proposition3",
        variant=form,
        parameters={**chain.as_dict(), "updates": n_updates},
        updates=n_updates,
        value=Dyadic(min(n_updates, chain.r) if assumption.holds else 0, 0),
        assumptions=(assumption,),
        formula=Formula("proposition3", form),
        quantity=f"the number of an agent's elements in I+ after {n_updates} updates in {interval}, "
        "from any memory",
    )


def _inner_updates() -> Assumption:
    return Assumption("updates", "every update lies in J+ = [5/6, 7/6]; the memory is any", True)


def _refuted(r: int) -> Assumption:
    if r == 1:
        return Assumption("refuted", "r = 1: an update replaces the whole memory (false for r >= 2)", True)
    text = (
        "false for r >= 2: memory (0.45, 5) with r = 2 and updates 1.5, then 0.6: 5 goes, then 1.5 goes, "
        "and 0.45 stays outside I+"
    )
    return Assumption("refuted", text, False)
