"""Plans that the tests of runs share, and the processes that run them to be killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from mcpolar.chain import Start
from mcpolar.parameters import ChainParameters
from mcpolar.runs import Cell, RunPlan, read_results, run


def small(block: int = 16, *, replicas: int = 50, seed: int = 5) -> RunPlan:
    """Three cells that differ in everything a cell has."""
    return RunPlan(
        [
            Cell(ChainParameters(m=6, r=2, sigma="0.4"), "random", "20*m"),
            Cell(ChainParameters(m=5, r=3, sigma="0.3", k=2, mirror="0.25"), "undecided", 130, every=7),
            Cell(
                ChainParameters(m=4, r=1, sigma="0.5"),
                Start("boundary", level=2, split=2),
                100,
                level=2,
                every=1,
            ),
        ],
        replicas=replicas,
        seed=seed,
        block=block,
    )


def many_blocks(block: int = 4) -> RunPlan:
    """Some hundred blocks of a few milliseconds each: time enough to be killed in."""
    chains = [ChainParameters(m=8, r=2, sigma=sigma) for sigma in ("0.4", "0.5")]
    cells = [Cell(chain, "random", 2000, every=100) for chain in chains]
    return RunPlan(cells, replicas=400, seed=8, block=block)


def csv_of(store: Path, plan: RunPlan | None = None) -> bytes:
    return read_results(store, plan).to_csv(index=False).encode()


def run_until_killed(store: Path) -> None:
    """Run or resume; meant for a process of its own."""
    run(many_blocks(), store, workers=2, resume=True)


def run_until_interrupted(store: Path) -> None:
    """The same, and exit with status 130 on an interrupt, as the command line does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run(many_blocks(), store, workers=2, resume=True)
    except KeyboardInterrupt:
        time.sleep(0)
        os._exit(130)
