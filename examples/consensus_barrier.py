"""Draw docs/consensus.md's figure: a certified barrier below the mean weight, and simulated populations above it."""

from pathlib import Path

import numpy as np

from mcpolar.bounds import consensus_barrier
from mcpolar.bounds.majority.groups import read_groups
from mcpolar.chain import simulate
from mcpolar.montecarlo.starting import lowest_of
from mcpolar.parameters import ChainParameters
from mcpolar.questions import ByGroups
from mcpolar.report.plots.consensus import draw_barrier
from mcpolar.report.plots.saving import save


def main(
    m: int = 100, r: int = 1, groups: str = "80%@50/20%@-50", level: int = 2, replicas: int = 200
) -> None:
    chain = ChainParameters(m=m, r=r, sigma="0.2")
    barrier = consensus_barrier(chain, groups=groups, level=level)
    start = lowest_of(ByGroups(read_groups(groups, m, r)), chain)
    found = simulate(chain, start, barrier.steps, seed=1, every=1, replicas=replicas)
    weights = (1 / (1 + np.exp(-np.clip(found.log_odds, -700, 700)))).mean(axis=2)
    # the rings of m clocks: independent exponential times between the steps
    gaps = np.random.default_rng(1).exponential(1 / m, (replicas, barrier.steps))
    times = np.concatenate((np.zeros((replicas, 1)), gaps.cumsum(axis=1)), axis=1)
    heights = np.array([*barrier.heights, 0.0])[np.searchsorted(barrier.times, times, side="right")]
    until = np.array([*barrier.heights, 0.0])[np.searchsorted(barrier.times, times[:, 1:], side="left")]
    kept = ((weights >= heights).all(axis=1) & (weights[:, :-1] >= until).all(axis=1)).sum()
    print(
        f"m = {m}, r = {r}, {groups}: consensus within {barrier.steps} steps has P >= {barrier.value.decimal(4)}"
    )
    print(
        f"the barrier is kept with chance >= {barrier.kept.decimal(4)}, by {kept} of {replicas} simulated populations"
    )
    picture = draw_barrier(
        barrier, times[:20, ::10], weights[:20, ::10], title=f"{groups}, m = {m}, r = {r}, σ = 0.2"
    )
    save(picture, Path(__file__).with_name("consensus.png"))


if __name__ == "__main__":
    main()
