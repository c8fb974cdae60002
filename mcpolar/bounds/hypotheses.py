"""Hypotheses of the statements: reads arguments, checks every assumption and puts it into words."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from mcpolar.balls import ball, certainly_less, decide
from mcpolar.checks import exact_decimal, plain, whole_number
from mcpolar.choices import Variant
from mcpolar.errors import InputError
from mcpolar.parameters import ChainParameters
from mcpolar.results import Assumption

MOST_LEVEL = 10**6
LARGEST_LOG_ODDS = Decimal("1e18")


def read_variant(variant: str, *, has_paper_form: bool = True) -> Variant:
    """Return the variant, or raise InputError where the statement has no such form."""
    match variant:
        case "certified":
            return "certified"
        case "paper" if has_paper_form:
            return "paper"
    raise InputError("variant", variant, "certified or paper" if has_paper_form else "certified")


def read_level(level: int, *, paper_form_of_level_1: bool = False) -> int:
    """Return the level h; the paper's form of L2 and T1 exists for level 1 only."""
    if paper_form_of_level_1 and level != 1:
        raise InputError("level", level, "1 with variant='paper': the paper states it for level 1 only")
    return whole_number("level", level, 1, MOST_LEVEL)


def read_split(chain: ChainParameters, split: int | None) -> int:
    """Return the number of agents on the + side; absent: all of them."""
    return chain.m if split is None else whole_number("split", split, 0, chain.m, "m")


def read_log_odds(chain: ChainParameters, log_odds: Any, level: int | None) -> Fraction:
    """Return H > 0 exactly: `log_odds`, or level/sigma^2; one of the two must be given, and not both."""
    if log_odds is None:
        if level is None:
            raise InputError("log_odds", None, "given, or `level` in its place (H = level/sigma^2)")
        return read_level(level) * chain.precision
    if level is not None:
        raise InputError("log_odds", log_odds, "given without `level`: each of them fixes H")
    number = exact_decimal("log_odds", log_odds, -LARGEST_LOG_ODDS, LARGEST_LOG_ODDS)
    if number <= 0:
        raise InputError("log_odds", log_odds, f"a positive number up to {plain(LARGEST_LOG_ODDS)}")
    return Fraction(number)


def neighbourhood(chain: ChainParameters, split: int) -> Assumption:
    """Check that an agent's own side has room for all its neighbours (T2, SP, PM)."""
    smaller = min(split, chain.m - split)
    if smaller == 0:
        text, holds = (
            f"all {chain.m} agents are on one side, so that every sender is of the receiver's side",
            True,
        )
    elif chain.k is None:
        text = (
            f"both sides are occupied ({split} and {chain.m - split} agents): "
            f"a neighbourhood k is needed, with k + 1 <= min(m+, m-) = {smaller}; none was given"
        )
        holds = False
    else:
        text = f"k + 1 <= min(m+, m-): {chain.k} + 1 against {smaller}"
        holds = chain.k + 1 <= smaller
    return Assumption("neighbourhood", text, holds)


def exceeds(log_odds: Fraction, odds: int) -> bool:
    """Return whether e^log_odds > odds; equality cannot occur for a rational log_odds != 0."""
    return decide(lambda: certainly_less(ball(odds), ball(log_odds).exp()))


def separation(chain: ChainParameters, split: int, log_odds: Fraction) -> Assumption:
    """Check that the sides are so far apart that an agent's nearest are on its own side (T2, SP)."""
    if split in (0, chain.m):
        return Assumption("separation", "one side is empty: nothing has to be told apart", True)
    text = "e^H > 2 for the own-side log-odds H, so that the sides are farther apart than each is wide"
    return Assumption("separation", text, exceeds(log_odds, 2))


def senders(chain: ChainParameters) -> str:
    """Return whose chance L1', L2' and T1' use: "unrestricted", "neighbours" or "mirror"."""
    if chain.is_unrestricted:
        return "unrestricted"
    return "neighbours" if chain.mirror is None else "mirror"


def self_sending(chain: ChainParameters) -> Assumption:
    """Check that every agent has an own-side sender with positive chance (L1', L2', T1')."""
    if chain.mirror is None:
        text = {
            "unrestricted": "the sender is uniform on all agents: a side of m_s agents sends with "
            "chance m_s/m",
            "neighbours": f"every agent is its own sender with chance 1/(k + 1) = 1/{(chain.k or 0) + 1}",
        }[senders(chain)]
        return Assumption("self-sending", text, True)
    text = f"every agent is its own sender with chance mirror = {plain(chain.mirror)}, which must be positive"
    return Assumption("self-sending", text, chain.mirror > 0)


def unrestricted(chain: ChainParameters) -> Assumption:
    """Check that the chain is the one of the paper's L1, L2 and T1."""
    text = "the sender is uniform on all agents: no k below m - 1 and no mirror"
    return Assumption("unrestricted", text, chain.is_unrestricted)


def proof_gap(text: str) -> Assumption:
    """Return the assumption that marks a gap in the paper's proof; the formula's value stays."""
    return Assumption("proof-gap", text, False)
