"""Infinitely many agents: where the mean weight goes, and how fast finite populations come to that.

Memory size 1: the density of one agent, driven by the mean weight of all, is integrated. Undecided by a hair, the
population still ends in consensus; populations of m agents are within a distance of order m^-1/2 of the limit, as
long as they follow it at all: from log-odds 0.5, a quarter of the populations of 10 agents and one in forty of 100 end
in the other consensus. They are at a distance of order 1 after enough rounds, and a line through all sizes is too
steep. Hence the rate from those sizes at which no population does.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mcpolar.chain import ChainState
from mcpolar.metastability import convergence, mean_field, weight_paths
from mcpolar.parameters import ChainParameters
from mcpolar.report.plots.metastability import draw_convergence, draw_mean_weights
from mcpolar.report.plots.saving import save


def population(m: int, r: int, log_odds: float) -> ChainState:
    """Return one replica of agents that all begin at `log_odds`, with the memory 1."""
    return ChainState.from_arrays(np.full((1, m), log_odds), np.ones((1, m, r)))


def main(
    sizes: Sequence[tuple[int, int]] = (
        (10, 4000),
        (30, 2000),
        (100, 1000),
        (300, 600),
        (1000, 300),
        (3000, 150),
        (10_000, 60),
    ),
    large: int = 300_000,
    folder: Path = Path(),
) -> None:
    rounds = np.linspace(0, 20, 41)
    limit = {
        f"l = {start:g}": (rounds, mean_field(ChainParameters(2, 1, "1"), [start], rounds).mean_weight)
        for start in (-1.0, -0.3, 0.0, 0.1, 0.5, 1.5)
    }
    curve = limit["l = 0.5"][1]
    paths = [
        weight_paths(
            ChainParameters(m, 1, "1"), population(m, 1, 0.5), rounds, replicas=replicas, seed=1, cell=(cell,)
        )
        for cell, (m, replicas) in enumerate(sizes)
    ]
    found = convergence(paths, curve)
    astray = np.array([(one.mean_weight[:, -1] < 0.5).mean() for one in paths])
    for m, distance, error, share in zip(found.m, found.distance, found.error, astray, strict=True):
        print(f"m = {m}: distance {distance:.5f} ± {error:.5f}, ended on the other side {share:.4f}")
    print(f"all sizes: rate {found.rate:.3f} ± {found.rate_error:.3f}")
    true = convergence([one for one, share in zip(paths, astray, strict=True) if share == 0], curve)
    print(
        f"where no population ends on the other side: rate {true.rate:.3f} ± {true.rate_error:.3f} (in theory 1/2)"
    )
    early = slice(0, 21)  # ten rounds
    particles = weight_paths(
        ChainParameters(large, 5, "0.7"), population(large, 5, 0.3), rounds[early], seed=2
    )
    print(f"memory 5, {large} agents: mean weight", particles.mean_weight[0, ::5].round(4))
    shown = paths[min(2, len(paths) - 1)]
    dots = {f"m = {shown.m}": (rounds, shown.mean_weight[0])}
    save(draw_mean_weights(limit, dots=dots), folder / "mean_field.png")
    save(
        draw_convergence(found.m, found.distance, found.error, true.rate, smallest=int(true.m[0])),
        folder / "mean_field_rate.png",
    )


if __name__ == "__main__":
    main()
