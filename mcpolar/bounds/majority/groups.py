"""A start given by groups, read from text: `80%@50@plus/20%@-50@minus`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import cast, get_args

from mcpolar.bounds.hypotheses import LARGEST_LOG_ODDS
from mcpolar.checks import plain
from mcpolar.choices import GroupMemory
from mcpolar.errors import InputError
from mcpolar.questions import Group

ALLOWED = (
    "groups SIZE@LOG_ODDS or SIZE@LOG_ODDS@MEMORY with / between them, such as 80%@50@plus/20%@-50@minus; the sizes "
    "are shares (80% or 0.8) of 1 together, or numbers of agents"
)
MOST_GROUPS = 8


def read_groups(text: str, m: int, r: int) -> tuple[Group, ...]:
    """Return the groups of a start of m agents with memory size r.

    Shares are rounded such that the first 1, 2, … groups together have their share of m to the nearest agent, halves
    up. Memory absent: plus for positive log-odds, else minus; any for r = 1, where no bound depends on it.

    Raises
    ------
    InputError
        If the text is of another form, the sizes do not add up to all agents, or memory is any for r > 1.
    """
    parts = [part.strip().split("@") for part in str(text).split("/")]
    if len(parts) > MOST_GROUPS or any(len(part) not in (2, 3) for part in parts):
        raise InputError("groups", text, f"{ALLOWED}; at most {MOST_GROUPS}")
    counts = _agents(text, [part[0].strip() for part in parts], m)
    groups = []
    for part, count in zip(parts, counts, strict=True):
        log_odds = _number(text, part[1])
        memory = (
            part[2].strip() if len(part) == 3 else "any" if r == 1 else "plus" if log_odds > 0 else "minus"
        )
        if memory not in get_args(GroupMemory) or (memory == "any" and r > 1):
            allowed = "memory plus or minus" + (", or any" if r == 1 else " (any for memory size 1 alone)")
            raise InputError("groups", text, allowed)
        if count:
            groups.append(Group(count, log_odds, cast(GroupMemory, memory)))
    return tuple(groups)


def _agents(text: str, sizes: Sequence[str], m: int) -> list[int]:
    if all(size.isdigit() for size in sizes):
        if sum(map(int, sizes)) != m:
            raise InputError("groups", text, f"of {m} agents together, not of {sum(map(int, sizes))}")
        return [int(size) for size in sizes]
    shares = [_number(text, size.rstrip("%")) / (100 if size.endswith("%") else 1) for size in sizes]
    if sum(shares) != 1 or min(shares) < 0:
        raise InputError("groups", text, "of shares of at least 0 that add up to 1, or of numbers of agents")
    ends = [math.floor(sum(shares[: i + 1]) * m + Fraction(1, 2)) for i in range(len(shares))]
    return [end - before for end, before in zip(ends, [0, *ends], strict=False)]


def _number(text: str, part: str) -> Fraction:
    try:
        number = Decimal(part.strip())
    except InvalidOperation:
        raise InputError("groups", text, ALLOWED) from None
    if not number.is_finite() or abs(number) > LARGEST_LOG_ODDS:
        raise InputError("groups", text, f"{ALLOWED}; numbers up to {plain(LARGEST_LOG_ODDS)}")
    return Fraction(number)


def written(groups: Sequence[Group]) -> str:
    """Return the groups as text with numbers of agents."""
    return "/".join(f"{group.agents}@{_decimal(group.log_odds)}@{group.memory}" for group in groups)


def _decimal(number: Fraction) -> str:
    return plain(Decimal(number.numerator) / Decimal(number.denominator))
