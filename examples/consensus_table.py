"""The table of docs/consensus.md: certified bounds from a majority, with simulated frequencies and times beside them.

Times are read every m/20 steps. The whole table took under four minutes on a shared machine.

python examples/consensus_table.py 100,1 30,5
"""

import sys
import time

import numpy as np

from mcpolar.bounds import consensus
from mcpolar.chain import simulate
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.montecarlo.starting import lowest_of
from mcpolar.parameters import ChainParameters

CELLS = ((100, 1), (1000, 1), (30, 5), (100, 5))
SHARES = ("80", "90", "95")
REPLICAS = {30: 1000, 100: 400, 1000: 60}


def row(m: int, r: int, share: str) -> str:
    chain = ChainParameters(m=m, r=r, sigma="0.2")
    groups = f"{share}%@50/{100 - int(share)}%@-50"
    clock = time.process_time()
    bound = consensus(chain, groups=groups, level=2 if r == 1 else 1)
    seconds = time.process_time() - clock
    steps = max(int(bound.horizon_steps or 0), 30 * m)
    n = REPLICAS[m]
    every = max(1, m // 20)
    start = lowest_of(bound.question.starts, chain)
    path = simulate(chain, start, steps, seed=1, every=every, replicas=n)
    there = path.log_odds.min(axis=2) >= float(bound.question.event.log_odds)
    times = np.where(there.any(axis=1), path.steps[there.argmax(axis=1)], np.inf)
    hits = int((times <= bound.horizon_steps).sum())
    low = np.exp(clopper_pearson(hits, n, 0.999)[0])
    median, late = np.quantile(times, (0.5, 0.9), method="higher")
    form = bound.formula.form if bound.log10 > -np.inf else "no barrier found"
    return (
        f"| {m}, {r} | {share} % | {float(bound.lower(3)):g} | {bound.horizon_steps} | {form} | {seconds:.1f} "
        f"| {hits}/{n} (>= {low:.3f}) | {median:.0f}, {late:.0f} |"
    )


if __name__ == "__main__":
    chosen = [tuple(map(int, word.split(","))) for word in sys.argv[1:]] or CELLS
    print("| m, r | share | P >= | steps | form | s | simulated within the steps | median, 90 % |")
    print("|---|---|---|---|---|---|---|---|")
    for size, memory in chosen:
        for part in SHARES:
            print(row(size, memory, part), flush=True)
