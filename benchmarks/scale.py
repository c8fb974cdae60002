"""How far the limit of many agents is from the chain: python -m benchmarks.scale prints the tables of guide/scale.md.

Each figure is the root mean square over populations of the distance of the mean weight from the limit's; the error is
that of the mean square over independent populations, to first order.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from mcpolar.chain import ChainState
from mcpolar.metastability import mean_field, weight_paths
from mcpolar.parameters import ChainParameters

ROUNDS = np.array([0.0, 1.0, 5.0, 10.0, 20.0])
# agents, populations
SIZES = ((100, 2000), (1000, 600), (10_000, 120), (100_000, 24), (1_000_000, 8))
CASES = {"decided by a hair": (1, "1", 0.5), "balanced": (1, "1", 0.0), "memory 5": (5, "0.7", 0.3)}


def paths(m: int, r: int, sigma: str, log_odds: float, populations: int, seed: int) -> NDArray[np.float64]:
    """Return mean weights (populations, rounds) from agents that all begin at `log_odds` with the memory 1."""
    start = ChainState.from_arrays(np.full((1, m), log_odds), np.ones((1, m, r)))
    chain = ChainParameters(m, r, sigma)
    return weight_paths(chain, start, ROUNDS, replicas=populations, seed=seed).mean_weight


def root_mean_square(distances: NDArray[np.float64]) -> list[str]:
    """Return the figures of a row, one a time."""
    squares = distances**2
    root = np.sqrt(squares.mean(axis=0))
    error = squares.std(axis=0, ddof=1) / np.sqrt(len(squares)) / (2 * root)
    return [f"{a:.1e} ± {b:.0e}" for a, b in zip(root, error, strict=True)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1][0], help="number of agents (default 10^6)")
    largest = parser.parse_args().largest
    sizes = [(m, n) for m, n in SIZES if m <= largest]
    for name, (r, sigma, log_odds) in CASES.items():
        if r == 1:
            limit = mean_field(ChainParameters(2, 1, sigma), [log_odds], ROUNDS).mean_weight
        else:  # no density is known: the mean of the largest populations, each of which is left out below
            limit = paths(sizes[-1][0], r, sigma, log_odds, sizes[-1][1], 2).mean(axis=0)
            sizes = sizes[:-1]
        print(f"\n{name}: r = {r}, sigma = {sigma}, start at log-odds {log_odds}\n")
        print("| m | " + " | ".join(f"{time:g}" for time in ROUNDS[1:]) + " |\n|---" * 1 + "|---" * 4 + "|")
        print("| limit | " + " | ".join(f"{value:.4f}" for value in limit[1:]) + " |")
        for m, populations in sizes:
            found = paths(m, r, sigma, log_odds, populations, 1)
            print(f"| {m} | " + " | ".join(root_mean_square(found[:, 1:] - limit[1:])) + " |", flush=True)


if __name__ == "__main__":
    main()
