"""A population of the internet's size: 10^8 agents, each updated once on average, in one process.

Every agent begins with the same leaning and a memory drawn from its own mixture. The start is drawn in pieces, so that
no more than the state itself and a little beside it is ever held: 8 (r + 1) bytes an agent. With memory 1 the mean
weight is held against its limit for infinitely many agents.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np
from scipy.special import expit

from mcpolar.chain import Ensemble
from mcpolar.compiled.chain.law import State
from mcpolar.errors import InputError
from mcpolar.metastability import mean_field
from mcpolar.parameters import ChainParameters

PIECE = 1_000_000  # agents looked at together


def pieces(m: int) -> Iterator[slice]:
    """Return slices that make up 0 to m."""
    return (slice(first, min(first + PIECE, m)) for first in range(0, m, PIECE))


def population(chain: ChainParameters, log_odds: float, seed: int) -> State:
    """Return one replica: all agents at `log_odds`, each memory drawn from the agent's mixture."""
    generator = np.random.default_rng(seed)
    memory = np.empty((1, chain.m, chain.r))
    for piece in pieces(chain.m):
        part = memory[0, piece]
        generator.standard_normal(out=part)
        part *= float(chain.sigma)
        part += np.where(generator.random(part.shape) < expit(log_odds), 1.0, -1.0)
    return State(np.full((1, chain.m), log_odds), memory, np.empty((1, 0), np.int64))


def mean_weight(state: State) -> float:
    """Return the mean weight of component +1."""
    m = state.log_odds.shape[1]
    return float(sum(expit(state.log_odds[0, piece]).sum() for piece in pieces(m)) / m)


def resident() -> float:
    """Return the most memory that this process held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(words: Sequence[str] | None = None) -> None:
    """Print what one update an agent takes, and what it does."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=100_000_000)
    parser.add_argument("--memory", type=int, default=5, help="elements of each agent's memory (default 5)")
    parser.add_argument("--sigma", default="0.7")
    parser.add_argument("--log-odds", type=float, default=0.5, help="where all agents begin (default 0.5)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    try:
        chain = ChainParameters(asked.agents, asked.memory, asked.sigma)
    except InputError as error:
        parser.error(str(error))
    ensemble = Ensemble.of(chain, "undecided", asked.seed)
    small = ChainParameters(2, chain.r, chain.sigma)
    ensemble_of_two = Ensemble.of(small, "undecided", asked.seed)
    ensemble_of_two.advance(population(small, 0.0, 1), 0, 0, 1)  # compiles
    before, began = resident(), time.perf_counter()
    state = population(chain, asked.log_odds, asked.seed)
    drawn, first = time.perf_counter() - began, mean_weight(state)
    began = time.perf_counter()
    for step in range(0, chain.m, 2**24):  # some seconds each: Ctrl-C is heard between them
        ensemble.advance(state, 0, step, min(2**24, chain.m - step))
    seconds = time.perf_counter() - began
    held = sum(array.nbytes for array in state)
    print(f"{chain.m} agents, memory {chain.r}: start drawn in {drawn:.1f} s")
    print(f"one update each: {seconds:.1f} s, {1e9 * seconds / chain.m:.0f} ns an update")
    print(f"state {held / 2**30:.2f} GiB, {held / chain.m:.0f} bytes an agent")
    print(f"process {resident() / 2**30:.2f} GiB at most, {before / 2**30:.2f} before the start")
    print(f"mean weight {first:.6f}, then {mean_weight(state):.6f}")
    if chain.r == 1:
        limit = float(mean_field(chain, [asked.log_odds], [0.0, 1.0]).mean_weight[1])
        print(f"infinitely many agents: {limit:.6f}, the difference is {mean_weight(state) - limit:.1e}")


if __name__ == "__main__":
    main()
