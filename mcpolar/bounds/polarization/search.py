"""Searches over whole numbers, and the least of some balls."""

from __future__ import annotations

from collections.abc import Callable

from mcpolar.balls import Ball


def climb(
    value: Callable[[int], float], start: int, low: int, high: int, *, stride: int | None = None
) -> int:
    """Return where a function of one peak is largest, by steps that are halved."""
    known: dict[int, float] = {}

    def at(position: int) -> float:
        if position not in known:
            known[position] = value(position)
        return known[position]

    best, step = start, max(1, start // 4) if stride is None else stride
    while step:
        for other in (best + step, best - step):
            if low <= other <= high and at(other) > at(best):
                best = other
                break
        else:
            step //= 2
    return best


def smallest(balls: list[Ball]) -> Ball:
    """Return the least of some balls."""
    least = balls[0]
    for other in balls[1:]:
        least = least.min(other)
    return least
