"""The chain's loops of two checkouts beside each other: python -m benchmarks.loops OLD NEW [--rounds 15].

Two processes, one for each, take turns: every call of the new loop stands between two of the old one, and the figure is
the median of the ratios, with their quartiles, as everywhere here. Processor time, since it depends less on what else
runs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

CASES = {
    "lanes, m = 30, r = 5": (30, 5, 0.3, 0, -1.0, 64, 4000),
    "lanes, m = 1000, r = 5": (1000, 5, 0.3, 0, -1.0, 64, 4000),
    "lanes, m = 30, r = 10": (30, 10, 0.3, 0, -1.0, 64, 4000),
    "lanes, m = 30, r = 1": (30, 1, 0.3, 0, -1.0, 64, 4000),
    "lanes, k = 5": (30, 5, 0.3, 5, -1.0, 64, 4000),
    "lanes, mirror": (30, 5, 0.3, 0, 0.3, 64, 4000),
    "steps of one replica": (30, 5, 0.3, 0, -1.0, 1, 200_000),
    "one replica by single steps, k = 5": (30, 5, 0.3, 5, -1.0, 1, 100_000),
    "kept (crude)": (30, 5, 0.3, 0, -1.0, 64, 2000),
    "kept (conditional)": (30, 5, 0.3, 0, -1.0, 64, 2000),
}


def works() -> dict[str, Callable[[], None]]:
    """Return each case's work, by the package that is imported here."""
    import numpy as np

    from mcpolar.chain.state import weight_keys
    from mcpolar.compiled.chain.ensemble import advance
    from mcpolar.compiled.chain.law import Span, State, make_law, order_for
    from mcpolar.compiled.montecarlo.kept import conditional_log_weights, survive
    from mcpolar.rng import philox_key

    def work_of(name: str) -> Callable[[], None]:
        m, r, sigma, k, mirror, n, steps = CASES[name]
        generator = np.random.default_rng(1)
        x = generator.choice([-1.0, 1.0], (n, m, r)) + sigma * generator.standard_normal((n, m, r))
        log_odds = np.full((n, m), 100.0) if "kept" in name else np.zeros((n, m))
        memory = np.ones((n, m, r)) if "kept" in name else x
        keys = weight_keys(log_odds, r) if k else np.empty((n, 0), np.int64)
        state, law = State(log_odds, memory, keys), make_law(m, r, sigma, k, mirror, philox_key(1))
        if name == "kept (crude)":
            limits, failed_at = (-np.inf, -np.inf, np.inf), np.empty(n, np.int64)
            return lambda: survive(state, law, order_for(law), 0, *limits, steps, failed_at)
        if name == "kept (conditional)":
            chances, out = (0.9, 0.1, 0.1, 0.9), np.empty(n)
            return lambda: conditional_log_weights(
                state, law, order_for(law), 0, 0.5, 1.5, *chances, 0, steps, out
            )
        return lambda: advance(state, law, Span(0, 0, steps))

    return {name: work_of(name) for name in CASES}


def serve() -> None:
    """Do the work that is named on each line of the input, and answer with its seconds."""
    mine = works()
    for line in sys.stdin:
        began = time.process_time()
        mine[line.strip()]()
        print(time.process_time() - began, flush=True)


class Checkout:
    """The process of one checkout; its clock is the sum of what its work took."""

    def __init__(self, tree: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"], env=os.environ | {"PYTHONPATH": tree},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def take(self, name: str) -> float:
        """Have the work done once; return its seconds."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def main() -> None:
    """Print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*", metavar="OLD NEW")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve()
        return
    if len(asked.trees) != 2:
        parser.error("two checkouts are compared: OLD NEW")
    from benchmarks.measure import ratio  # the processes of the checkouts have only their own package

    old, new = map(Checkout, asked.trees)
    spent = 0.0

    def work(checkout: Checkout, name: str) -> Callable[[], None]:
        def once() -> None:
            nonlocal spent
            spent += checkout.take(name)

        return once

    print("| loop | ns a step before | after | ratio |\n|---|---|---|---|")
    for name, (*_, n, steps) in CASES.items():
        found = ratio(
            work(new, name), n * steps, work(old, name), n * steps, asked.rounds, clock=lambda: spent
        )
        times = f"{found.yardstick_nanoseconds:.1f} | {found.nanoseconds:.1f}"
        print(f"| {name} | {times} | {found.median:.3f} ({found.low:.3f} to {found.high:.3f}) |", flush=True)


if __name__ == "__main__":
    main()
