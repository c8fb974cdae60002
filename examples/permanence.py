"""The chance of ever leaving a silo: certified bounds, splitting estimates, and the exponent that governs both.

`python examples/permanence.py` prints the certified bounds. With `--full` it also estimates the chance that some
agent leaves its silo within 1021 steps (all failures seen in longer runs came earlier), draws
permanence.png and takes a few minutes. The start: two silos of 15 agents, k = 14, every own-side log-odds h/sigma^2,
all memory at the end of its interval nearest to 0.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from mcpolar.bounds import permanence
from mcpolar.chain import Start
from mcpolar.metastability import decay_exponent
from mcpolar.montecarlo.splitting import splitting
from mcpolar.montecarlo.targets import silo_left
from mcpolar.parameters import ChainParameters
from mcpolar.results import Estimate

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")


def print_bounds(sigmas: Sequence[str], levels: Sequence[int]) -> None:
    """Print the certified chance of ever leaving, for memory 1 (any memory) and for every memory size."""
    for sigma in sigmas:
        for level in levels:
            one, every = (
                permanence(ChainParameters(m=30, r=r, sigma=sigma), level=level).failure_upper(3)
                for r in (1, 2)
            )
            print(
                f"sigma = {sigma}, level {level}: some agent ever leaves <= {one} (r = 1), {every} (every r)"
            )


def estimates(
    sigma: str, r: int, levels: Sequence[float], *, steps: int, particles: int, repetitions: int
) -> list[tuple[float, Estimate]]:
    """Return the splitting estimates that reached the event, by level."""
    chain, found = ChainParameters(m=30, r=r, sigma=sigma, k=14), []
    for level in levels:
        start = Start("boundary", level=str(level), split=15, placement="inner")
        estimate = splitting(
            chain, start, silo_left(steps), seed=1, particles=particles, repetitions=repetitions
        )
        ends = [end / math.log(10) for end in (estimate.log_low, estimate.log_high)]
        status = estimate.diagnostics["status"]
        print(
            f"  r = {r}, h = {level}: log10 P = {estimate.log10:.2f} [{ends[0]:.2f}, {ends[1]:.2f}], {status}"
        )
        if math.isfinite(estimate.log_probability):
            found.append((level, estimate))
    return found


def main(
    sigma: str = "0.5",
    memories: Sequence[int] = (1, 2, 3, 5, 10),
    levels: Sequence[float] = (0.5, 1, 1.5, 2, 3, 4, 5, 7, 10),
    folder: Path = Path(),
    **sizes: int,
) -> None:
    """Estimate, bound and draw."""
    sizes = {"steps": 1021, "particles": 300, "repetitions": 20} | sizes
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    unit = 1 / float(sigma) ** 2
    for r, colour in zip(memories, COLOURS, strict=False):
        found = estimates(sigma, r, levels, **sizes)
        axes.errorbar(
            [level for level, _ in found],
            [max(e.log10, -30) for _, e in found],
            yerr=[
                [e.log10 - max(e.log_low / math.log(10), -30) for _, e in found],
                [max(0.0, e.log_high / math.log(10) - e.log10) for _, e in found],
            ],
            fmt="o",
            color=colour,
            label=f"r = {r}, splitting, 99.9 %",
        )
        if r <= 2:
            theta = decay_exponent(r, sigma).theta
            line = [math.log10(30) - theta * level * unit / math.log(10) for level in levels]
            axes.plot(levels, line, ":", color=colour, label=rf"$m e^{{-\theta^* h/\sigma^2}}$, {theta:.3f}")
    for r, name, style in ((1, "PM1 (r = 1), certified", "--"), (2, "PM (every r), certified", "-")):
        bounds = [permanence(ChainParameters(30, r, sigma), log_odds=level * unit) for level in levels]
        axes.plot(levels, [b.failure.log10_up for b in bounds], style, color="#555555", label=name)
    axes.set(
        xlabel="level h", ylabel="log10 P(some agent ever leaves its silo)", title=f"sigma = {sigma}, m = 30"
    )
    axes.legend(fontsize="small")
    figure.savefig(folder / "permanence.png", dpi=150)


if __name__ == "__main__":
    print_bounds(("0.3",), (1, 5))
    if "--full" in sys.argv:
        main()
