"""Corollaries of T1: the time tau to polarization is finite, with a certified mean and tail.

If from every state E_h holds N steps later with probability >= q, then P(tau > n N) <= (1-q)^n and E tau <=
N/q. These are upper bounds, so they are rounded up; q may be far below the smallest double.
"""

from __future__ import annotations

from mcpolar.balls import Ball, Dyadic, ball, lower_end, upper_end
from mcpolar.bounds.records import at_most_one
from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.questions import AnyState, AtEnd, Polarized, Question
from mcpolar.results import Bound

MOST_BLOCKS = 10**1000


def expected_hitting_time(bound: Bound) -> Dyadic:
    """Return a certified upper end of E tau <= N/q, in steps.

    Parameters
    ----------
    bound : Bound
        From :func:`mcpolar.bounds.theorem1`, certified and positive.

    Returns
    -------
    Dyadic
        Its `log10` may exceed 300; round it by `log10_up` and `decimal(7, "up")`.

    Raises
    ------
    InputError
        If `bound` is no positive certified bound of theorem1.

    Examples
    --------
    >>> from mcpolar.bounds import theorem1
    >>> from mcpolar.parameters import ChainParameters
    >>> round(expected_hitting_time(theorem1(ChainParameters(m=30, r=5, sigma="0.2"))).log10_up, 2)
    85.61
    """
    q, n_steps = _chance_and_horizon(bound)
    return upper_end(lambda: n_steps / q.ball())


def slowest_expected_time(bound: Bound) -> Dyadic:
    """Return a certified lower end of sup over states of E tau >= 1/(2 U) - 1/2, U the ceiling at every horizon (T1B).

    Together with :func:`expected_hitting_time` it encloses how long the slowest start takes on average.

    Parameters
    ----------
    bound : Bound
        From :func:`mcpolar.bounds.theorem1`, certified, of the unrestricted chain.

    Raises
    ------
    InputError
        If `bound` is no such bound.

    Examples
    --------
    >>> from mcpolar.bounds import theorem1
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = theorem1(ChainParameters(m=5, r=2, sigma="0.3"))
    >>> slowest_expected_time(bound).decimal(3, "down"), expected_hitting_time(bound).decimal(3, "up")
    ('2.03e+02', '2.14e+07')
    """
    from mcpolar.bounds.polarization.bipolar_ceiling import bipolar_ceiling  # imports NumPy

    _chance_and_horizon(bound)
    match bound.question:
        case Question(chain=chain) if chain.is_unrestricted:
            ceiling = bipolar_ceiling(chain.m, chain.r, chain.sigma, chain.m * chain.r).ever
            return lower_end(lambda: 1 / (2 * ceiling.ball()) - ball(1) / 2)
    raise InputError("bound", bound.statement, "of the unrestricted chain")


def expected_time_on_one_side(bound: Bound) -> Dyadic:
    """Return a certified upper end of E min(tau, T) <= N/q, T the first time at which the start's conditions fail.

    As long as the population is one-sided as at the start, level h comes within another N steps with chance q at least.

    Parameters
    ----------
    bound : Bound
        From :func:`mcpolar.bounds.one_sided`, positive.

    Raises
    ------
    InputError
        If `bound` is no such bound.

    Examples
    --------
    >>> from mcpolar.bounds import one_sided
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = one_sided(ChainParameters(m=30, r=5, sigma="0.2"), log_odds=10, steps=500)
    >>> expected_time_on_one_side(bound).decimal(3, "up")
    '8.74e+02'
    """
    if (
        not _is_one_sided(bound)
        or not bound.holds
        or bound.value.is_zero
        or not isinstance(bound.horizon_steps, int)
    ):
        raise InputError("bound", f"{bound.statement}, {bound.lower()}", "a positive bound of one-sided")
    q, n_steps = bound.value, bound.horizon_steps
    return upper_end(lambda: n_steps / q.ball())


def _is_one_sided(bound: Bound) -> bool:
    """Return whether all agents start on the + side and polarization at the end is asked for."""
    match bound.question:
        case Question(chain=chain, starts=Polarized(split=split), event=AtEnd(level=int())):
            return split == chain.m
    return False


def not_polarized(bound: Bound, *, blocks: int) -> Dyadic:
    """Return a certified upper end, at most 1, of P(tau > n N) <= (1-q)^n after n = `blocks` horizons.

    Raises
    ------
    InputError
        If `bound` is no positive certified bound of theorem1, or `blocks` is no whole number from 0 to
        10^1000.

    Examples
    --------
    >>> from mcpolar.bounds import theorem1
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = theorem1(ChainParameters(m=3, r=1, sigma="0.5"))
    >>> not_polarized(bound, blocks=0).decimal(3, "up")
    '1.00e+00'
    >>> not_polarized(bound, blocks=1000).decimal(3, "up")
    '1.32e-02'
    """
    q, _ = _chance_and_horizon(bound)
    n = _read_blocks(blocks)

    def tail() -> Ball:  # a function, so that every ball is made at the precision that upper_end sets
        return (n * (-q.ball()).log1p()).exp()

    return at_most_one(upper_end(tail))


def polarized(bound: Bound, *, blocks: int) -> Dyadic:
    """Return a certified lower end of P(tau <= n N) >= 1 - (1-q)^n; it keeps its digits where q is tiny.

    Raises
    ------
    InputError
        If `bound` is no positive certified bound of theorem1, or `blocks` is no whole number from 0 to
        10^1000.

    Examples
    --------
    >>> from mcpolar.bounds import theorem1
    >>> from mcpolar.parameters import ChainParameters
    >>> bound = theorem1(ChainParameters(m=3, r=1, sigma="0.5"))
    >>> bound.lower(3), polarized(bound, blocks=1).decimal(3, "down")
    ('4.32e-03', '4.32e-03')
    """
    q, _ = _chance_and_horizon(bound)
    n = _read_blocks(blocks)
    return lower_end(lambda: -(n * (-q.ball()).log1p()).expm1())


def _chance_and_horizon(bound: Bound) -> tuple[Dyadic, int]:
    match bound.question:
        case Question(starts=AnyState(), event=AtEnd(level=int())):
            usable = bound.holds and not bound.value.is_zero
        case _:
            usable = False
    if not usable or not isinstance(bound.horizon_steps, int):
        given = f"{bound.statement}, {bound.variant}, {bound.lower()}"
        raise InputError(
            "bound", given, "a positive certified bound of theorem1, with all assumptions holding"
        )
    return bound.value, bound.horizon_steps


def _read_blocks(blocks: int) -> int:
    return whole_number("blocks", blocks, 0, MOST_BLOCKS, "10^1000")
