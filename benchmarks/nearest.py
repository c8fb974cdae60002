"""How many choices among nearest agents are wrong: `python -m benchmarks.nearest` holds thousands against balls.

Takes about ten minutes; the control counts those that would be wrong if only the log-odds were kept.
"""

from __future__ import annotations

import argparse
import itertools

from mcpolar.parameters import ChainParameters
from tests.twins.nearest import Count, count_choices

CELLS = [(s, k, r) for s in ("0.05", "0.1", "0.2", "0.3") for k, r in ((3, 4), (7, 5), (29 - 1, 7), (5, 16))]
STARTS = ("undecided", "random", "bipolar")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--bits", type=int, default=12_000)
    parser.add_argument("--seeds", type=int, default=2)
    asked = parser.parse_args()
    total = Count()
    for (sigma, k, r), start in itertools.product(CELLS, STARTS):
        chain = ChainParameters(30, r, sigma, k=k)
        found = sum(
            (
                count_choices(chain, start, asked.steps, seed=seed, bits=asked.bits)
                for seed in range(asked.seeds)
            ),
            Count(),
        )
        total += found
        print(f"sigma {sigma} k {k} r {r} {start}: {found}", flush=True)
    print(f"all: {total}")


if __name__ == "__main__":
    main()
