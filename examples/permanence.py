"""The chance of ever leaving a silo: certified bounds, estimates, and the exponent that governs both.

`python examples/permanence.py` prints certified bounds. With `--full` it also estimates the chance that some
agent leaves its silo within 1021 steps, draws permanence.png and takes about ten minutes. The start: two silos of 15
agents, k = 14, every own-side log-odds h/sigma^2, all memory at the end of its interval nearest to 0.

Estimates are counted where 2 % of the replicas leave, and by importance sampling elsewhere. Curves are
C m exp(-theta* h/sigma^2) with the theta* of `decay_exponent`; log C is the mean of what the estimates at h >= 3
leave, weighted by the inverse squares of the widths of their intervals.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mcpolar.bounds import permanence
from mcpolar.bounds.permanence.grid import LARGEST_MEMORY
from mcpolar.chain import Start
from mcpolar.exponents import decay_exponent
from mcpolar.montecarlo import crude, silo_left, twisting
from mcpolar.montecarlo.estimators.twist_fit import FittedTwist, fitted_twist, self_share
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")
MARKERS = "osD^v"
LOG_10 = math.log(10)
FEWEST_HITS = 0.02
FAR = 3.0  # levels from which on the exponent alone is taken to matter


def print_bounds(sigmas: Sequence[str], levels: Sequence[int], memories: Sequence[int] = (1, 2, 20)) -> None:
    """Print the certified chance of ever leaving: PMr up to memory size 10, PM beyond, whatever the size."""
    for sigma in sigmas:
        for level in levels:
            failures = (
                f"{permanence(ChainParameters(30, r, sigma), level=level).failure_upper(3)} (r = {r})"
                for r in memories
            )
            print(f"sigma = {sigma}, level {level}: some agent ever leaves <= {', '.join(failures)}")


def estimate(
    chain: ChainParameters, level: float, twist: FittedTwist, *, steps: int, replicas: int, seed: int = 1
) -> Estimate:
    """Return the chance that some agent leaves within `steps` steps."""
    start = Start("boundary", level=str(level), split=15, placement="inner")
    counted = crude(chain, start, silo_left(steps), replicas=replicas, seed=seed)
    if counted.log_probability >= math.log(FEWEST_HITS):
        return counted
    return twisting(chain, start, silo_left(steps), replicas=replicas, seed=seed, twist=twist)


def estimates(
    sigma: str, r: int, levels: Sequence[float], *, steps: int, replicas: int
) -> list[tuple[float, Estimate]]:
    """Return the estimates by level, and print them."""
    chain, begin, found = ChainParameters(m=30, r=r, sigma=sigma, k=14), time.perf_counter(), []
    first = [level * float(chain.precision) for level in levels]
    twist = fitted_twist(r, float(sigma), first, self_share(chain))
    for level in levels:
        one = estimate(chain, level, twist, steps=steps, replicas=replicas)
        low, high = one.log_low / LOG_10, one.log_high / LOG_10
        print(f"  r = {r}, h = {level}: log10 P = {one.log10:.2f} [{low:.2f}, {high:.2f}], {one.method}")
        if math.isfinite(one.log_probability):
            found.append((level, one))
    print(f"  r = {r}: {time.perf_counter() - begin:.0f} s")
    return found


def fitted_constant(found: Sequence[tuple[float, Estimate]], theta: float, unit: float) -> float:
    """Return log(C m): what the estimates at large levels leave of exp(-theta* h/sigma^2)."""
    far = [(level, one) for level, one in found if level >= FAR] or list(found)
    rest = [one.log_probability + theta * level * unit for level, one in far]
    weight = [1 / max(one.log_high - one.log_low, 1e-3) ** 2 for _, one in far]
    return float(np.average(rest, weights=weight))


def draw(
    axes: Axes, r: int, sigma: str, found: Sequence[tuple[float, Estimate]], *, style: str, colour: str
) -> None:
    """Draw the estimates of one memory size and the curve through them."""
    unit, theta = 1 / float(sigma) ** 2, decay_exponent(r, sigma).theta
    log_constant = fitted_constant(found, theta, unit)
    constant = math.exp(log_constant) / 30
    print(f"  r = {r}: theta* = {theta:.3f}, C = {constant:.2g}")
    levels, heights = np.array([level for level, _ in found]), np.array([one.log10 for _, one in found])
    ends = np.array([(one.log_low, one.log_high) for _, one in found]) / LOG_10
    spread = np.abs(ends.T - heights)
    label = rf"r = {r}: $\theta^*$ = {theta:.3f}, C = {constant:.1e}"
    axes.errorbar(levels, heights, yerr=spread, fmt=style[0], ms=5, capsize=3, color=colour, label=label)
    fine = np.linspace(levels[0], levels[-1], 50)
    curve = np.minimum((log_constant - theta * fine * unit) / LOG_10, 0)
    axes.plot(fine, curve, style[1:], lw=1.2, color=colour)


def draw_bounds(axes: Axes, r: int, sigma: str, levels: Sequence[float], colour: str) -> None:
    """Draw the certified upper ends of one memory size, and print them."""
    unit, chain = 1 / float(sigma) ** 2, ChainParameters(30, r, sigma, k=14)
    bounds = [permanence(chain, log_odds=level * unit, split=15) for level in levels]
    heights = [min(b.failure.log10_up, 0.0) for b in bounds]
    print(f"  r = {r}: certified log10 P <= {', '.join(f'{height:.2f}' for height in heights)}")
    axes.plot(levels, heights, "-", lw=0.9, color=colour)


def main(
    sigma: str = "0.5",
    memories: Sequence[int] = (1, 2, 3, 5, 10),
    levels: Sequence[float] = (0.5, 1, 2, 3, 5, 7, 10),
    folder: Path = Path(),
    *,
    steps: int = 1021,
    replicas: int = 6000,
) -> None:
    """Estimate, bound and draw."""
    figure = Figure(figsize=(9.5, 5.5), layout="constrained")
    axes = figure.subplots()
    for r, colour, marker in zip(memories, COLOURS, MARKERS, strict=False):
        found = estimates(sigma, r, levels, steps=steps, replicas=replicas)
        draw(axes, r, sigma, found, style=f"{marker}:", colour=colour)
        draw_bounds(axes, r, sigma, levels, colour)
    draw_bounds(axes, LARGEST_MEMORY + 1, sigma, levels, "#777777")
    axes.plot([], [], "-", color="#777777", label="certified above: PMr; grey PM, whatever r")
    axes.set(xlabel="level h", ylabel="log10 P(some agent leaves its silo)", title=f"m = 30, sigma = {sigma}")
    axes.grid(alpha=0.3)
    axes.legend(
        title=r"estimates (99.9 %) and $C\,m\,e^{-\theta^* h/\sigma^2}$",
        fontsize="small",
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        frameon=False,
    )
    figure.savefig(folder / "permanence.png", dpi=150)


if __name__ == "__main__":
    print_bounds(("0.3",), (1, 5))
    if "--full" in sys.argv:
        main()
