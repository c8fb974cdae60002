"""What theorem 1 and its lemmas share: the best lower bound at a free horizon, as a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mcpolar.bounds.hypotheses import self_sending, senders
from mcpolar.bounds.polarization.plan import Lower, Plan
from mcpolar.bounds.records import certified_horizon, make_bound
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.questions import Question
from mcpolar.results import Assumption, Bound, Ceiling, Scalar
from mcpolar.steps import Steps

FORMS = ("T1A", "T1A0", "T1g", "self-sending")
"""The forms of the certified bound."""


def refuse_steps(steps: int | str | Steps | None, horizon: str) -> None:
    """Refuse a horizon for the paper's form, which has its own."""
    if steps is not None:
        given = steps.expression if isinstance(steps, Steps) else steps
        raise InputError("steps", given, f"absent with variant='paper': its horizon is {horizon}")


def certified_bound(
    name: str,
    chain: ChainParameters,
    plan: Plan,
    *,
    parameters: Mapping[str, Scalar],
    steps: int | str | Steps | None,
    event: Callable[[int], str],
    question: Callable[[int], Question],
    ceiling: Callable[[int], Ceiling | None],
    search: Callable[[Plan, int | None], Lower] | None = None,
    unknown_ceiling: tuple[str, ...] = (),
) -> Bound:
    """Return the record of the best bound at some horizon up to `steps`.

    Parameters
    ----------
    name, chain
        The statement and its chain.
    plan : Plan
        What an agent's updates have to do.
    parameters : mapping
        The statement's own parameters.
    steps : int, str, Steps or None
        The horizon; None: the best one.
    event, question, ceiling : callable
        By the horizon.
    search : callable
        Finds the bound of a plan up to a horizon; absent: the best one, for what holds at every later horizon.
    unknown_ceiling : tuple of str
        A note that says why no ceiling is known, where that is so.
    """
    horizon = None if steps is None else Steps.read(steps, chain.m)
    whole, notes = (None, ()) if horizon is None else certified_horizon(horizon)
    sending, is_long = self_sending(chain), _long_enough(plan, whole)
    found = (search or _best)(plan, whole) if sending.holds and is_long.holds else None
    at = found.steps if whole is None and found is not None else whole or plan.fewest
    return make_bound(
        name,
        "certified",
        parameters={
            **chain.as_dict(),
            **parameters,
            "steps": None if horizon is None else horizon.expression,
        },
        horizon=at,
        value=lambda: found.value.ball() if found is not None else plan.clear.ball(),
        assumptions=(sending, is_long),
        event=event(at),
        notes=(*notes, *(() if found is None else _found(found, plan, at)), *unknown_ceiling),
        senders=senders(chain),
        question=question(at),
        ceiling=lambda: ceiling(at),
        form=None if found is None else found.form,
        upper=None if found is None else found.upper,
    )


def _best(plan: Plan, steps: int | None) -> Lower:
    from mcpolar.bounds.polarization.lower import best  # imports NumPy

    return best(plan, steps)


def _long_enough(plan: Plan, steps: int | None) -> Assumption:
    m, n = plan.chain.m, plan.needed
    given = "the best one is taken" if steps is None else f"{steps} steps"
    text = f"every agent needs n = {n} updates, so that the horizon must be at least n m = {n * m}: {given}"
    return Assumption("horizon", text, steps is None or steps >= n * m)


def _found(found: Lower, plan: Plan, steps: int) -> tuple[str, ...]:
    """Say which form it is, for which split it is least, and where it was found."""
    least = "" if found.split is None else f", least for {found.split} of {plan.chain.m} agents on the + side"
    later = "" if steps == found.steps else f"; found at {found.steps} steps, it holds at every later one"
    notes = [f"{found.form}{least}{later}"]
    if found.form == "T1g" and not plan.is_affordable:
        notes.append("T1A would be larger, but take more than about 30 seconds")
    return tuple(notes)
