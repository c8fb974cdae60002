"""Polarization hardens linearly: the growth of |log-odds| per update, and the exponent of ever leaving a silo.

`python examples/log_odds_growth.py` prints a table of sigma^2 lambda with intervals, draws log_odds_growth.png, and
prints theta* for r = 1 and r = 2 (half a minute); `--full` adds particle estimates of theta* for r = 3, 5, 10
(tens of minutes).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from mcpolar.metastability import Growth, decay_exponent, log_odds_growth


def grid(memories: Sequence[int], sigmas: Sequence[str], updates: int) -> list[Growth]:
    """Return the estimates over a grid and print sigma^2 lambda, with 99.9 % intervals."""
    found = [log_odds_growth(r, sigma, updates=updates, seed=1) for sigma in sigmas for r in memories]
    for one in found:
        low, high = (float(one.sigma) ** 2 * end for end in one.interval)
        print(f"r = {one.r}, sigma = {one.sigma}: sigma^2 lambda = {one.scaled:.3f} [{low:.3f}, {high:.3f}]")
    lowest = min(found, key=lambda one: one.interval[0])
    print(f"smallest lower end of lambda: {lowest.interval[0]:.3g} (r = {lowest.r}, sigma = {lowest.sigma})")
    return found


def draw(found: Sequence[Growth]) -> Figure:
    """Return the picture: sigma^2 lambda against r, one line for each sigma."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for sigma in dict.fromkeys(one.sigma for one in found):
        line = [one for one in found if one.sigma == sigma]
        unit = float(sigma) ** 2
        ends = [[unit * (one.rate - one.interval[0]) for one in line]]
        axes.errorbar(
            [one.r for one in line],
            [one.scaled for one in line],
            yerr=ends * 2,
            fmt="o-",
            ms=3,
            label=f"sigma = {sigma}",
        )
    axes.set(
        xscale="log",
        ylim=(0, 2.2),
        xlabel="memory size r",
        ylabel="growth of log-odds per update, times sigma^2",
    )
    axes.legend(fontsize="small")
    return figure


def main(
    memories: Sequence[int] = (1, 2, 3, 5, 10, 20, 50),
    sigmas: Sequence[str] = ("0.2", "0.5", "1", "2", "5"),
    updates: int = 8000,
    exponents: Sequence[tuple[int, str]] = ((1, "0.3"), (2, "0.3"), (2, "0.4"), (2, "0.5"), (2, "5")),
    folder: Path = Path(),
) -> None:
    """Print the table and the exponents, and draw the picture."""
    draw(grid(memories, sigmas, updates)).savefig(folder / "log_odds_growth.png", dpi=150)
    print_exponents(exponents)


def print_exponents(cases: Sequence[tuple[int, str]]) -> None:
    """Print theta* for pairs of a memory size and a sigma."""
    for r, sigma in cases:
        found = decay_exponent(r, sigma)
        print(f"theta*(r = {r}, sigma = {sigma}) = {found.theta:.3f} +- {found.error:.3f} ({found.method})")


if __name__ == "__main__":
    main()
    if "--full" in sys.argv:
        print_exponents([(r, sigma) for sigma in ("0.5", "0.4", "0.3") for r in (3, 5, 10)])
