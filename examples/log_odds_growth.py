"""Polarization hardens linearly: the growth of |log-odds| per update, and the exponent of ever leaving a silo.

`python examples/log_odds_growth.py` prints a table of sigma^2 lambda with intervals and theta* for r = 1, 2 and 3, and
draws both in log_odds_growth.png (a minute); `--full` adds theta* by particles for r = 5 and 10 (some twenty minutes).
`mcpolar metastability growth` does the same for any grid.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from mcpolar.exponents import DecayExponent, Growth, decay_exponent, log_odds_growth
from mcpolar.report.plots.growth import draw_growth
from mcpolar.report.plots.saving import save


def grid(memories: Sequence[int], sigmas: Sequence[str], updates: int) -> list[Growth]:
    """Return the estimates over a grid and print sigma^2 lambda, with 99.9 % intervals."""
    found = [log_odds_growth(r, sigma, updates=updates, seed=1) for sigma in sigmas for r in memories]
    for one in found:
        low, high = (float(one.sigma) ** 2 * end for end in one.interval)
        print(f"r = {one.r}, sigma = {one.sigma}: sigma^2 lambda = {one.scaled:.3f} [{low:.3f}, {high:.3f}]")
    lowest = min(found, key=lambda one: one.interval[0])
    print(f"smallest lower end of lambda: {lowest.interval[0]:.3g} (r = {lowest.r}, sigma = {lowest.sigma})")
    return found


def exponents(memories: Sequence[int], sigmas: Sequence[str]) -> list[DecayExponent]:
    """Return theta* over a grid and print it."""
    found = [decay_exponent(r, sigma) for sigma in sigmas for r in memories]
    for one in found:
        print(f"theta*(r = {one.r}, sigma = {one.sigma}) = {one.theta:.4f} +- {one.error:.4f} ({one.method})")
    return found


def main(
    memories: Sequence[int] = (1, 2, 3, 5, 10, 20, 50),
    sigmas: Sequence[str] = ("0.2", "0.5", "1", "2", "5"),
    updates: int = 8000,
    with_exponents: Sequence[int] = (1, 2, 3),
    folder: Path = Path(),
) -> None:
    """Print the growth and the exponents, and draw them."""
    found = grid(memories, sigmas, updates)
    save(draw_growth(found, exponents(with_exponents, sigmas)), folder / "log_odds_growth.png")


if __name__ == "__main__":
    main(with_exponents=(1, 2, 3, 5, 10) if "--full" in sys.argv else (1, 2, 3))
