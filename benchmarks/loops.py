"""The chain's loops of two checkouts beside each other: python -m benchmarks.loops OLD NEW [--rounds 3].

Each round measures both in processes of their own, one after the other; the figure of a round is the shortest
processor time of ten calls, and the ratio is that of the medians over the rounds. Processor time, since it depends
less on what else runs.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

CASES = {
    "lanes, m = 30, r = 5": (30, 5, 0.3, 0, -1.0, 64, 4000),
    "lanes, m = 1000, r = 5": (1000, 5, 0.3, 0, -1.0, 64, 4000),
    "lanes, m = 30, r = 1": (30, 1, 0.3, 0, -1.0, 64, 4000),
    "lanes, k = 5": (30, 5, 0.3, 5, -1.0, 64, 4000),
    "lanes, mirror": (30, 5, 0.3, 0, 0.3, 64, 4000),
    "steps of one replica": (30, 5, 0.3, 0, -1.0, 1, 200_000),
    "one replica by single steps, k = 5": (30, 5, 0.3, 5, -1.0, 1, 100_000),
    "kept (crude)": (30, 5, 0.3, 0, -1.0, 64, 2000),
    "kept (conditional)": (30, 5, 0.3, 0, -1.0, 64, 2000),
}


def measure() -> dict[str, float]:
    """Return the seconds of each case, by the package that is imported here."""
    import numpy as np

    from mcpolar.chain.state import weight_keys
    from mcpolar.compiled.chain.ensemble import advance
    from mcpolar.compiled.chain.law import Span, State, make_law, order_for
    from mcpolar.compiled.montecarlo.kept import conditional_log_weights, survive
    from mcpolar.rng import philox_key

    found = {}
    for name, (m, r, sigma, k, mirror, n, steps) in CASES.items():
        generator = np.random.default_rng(1)
        x = generator.choice([-1.0, 1.0], (n, m, r)) + sigma * generator.standard_normal((n, m, r))
        log_odds = np.full((n, m), 100.0) if "kept" in name else np.zeros((n, m))
        memory = np.ones((n, m, r)) if "kept" in name else x
        keys = weight_keys(log_odds, r) if k else np.empty((n, 0), np.int64)
        state, law, out = (
            State(log_odds, memory, keys),
            make_law(m, r, sigma, k, mirror, philox_key(1)),
            np.empty(n),
        )

        def work(name=name, state=state, law=law, out=out, steps=steps, n=n) -> None:  # type: ignore[no-untyped-def]
            if name == "kept (crude)":
                survive(state, law, order_for(law), 0, -np.inf, -np.inf, np.inf, steps, np.empty(n, np.int64))
            elif name == "kept (conditional)":
                conditional_log_weights(
                    state, law, order_for(law), 0, 0.5, 1.5, 0.9, 0.1, 0.1, 0.9, 0, steps, out
                )
            else:
                advance(state, law, Span(0, 0, steps))

        work()
        times = []
        for _ in range(10):
            began = time.process_time()
            work()
            times.append(time.process_time() - began)
        found[name] = min(times)
    return found


def main() -> None:
    """Print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trees", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if not asked.trees:
        print(json.dumps(measure()))
        return
    rows: dict[str, list[dict[str, float]]] = {tree: [] for tree in asked.trees}
    for _ in range(asked.rounds):
        for tree, seen in rows.items():
            done = subprocess.run(
                [sys.executable, __file__], env=os.environ | {"PYTHONPATH": tree},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            seen.append(json.loads(done.stdout))
    old, new = (
        {name: statistics.median(row[name] for row in seen) for name in CASES} for seen in rows.values()
    )
    print("| loop | ns a step before | after | ratio |\n|---|---|---|---|")
    for name, (*_, n, steps) in CASES.items():
        before, after = (1e9 * times[name] / (n * steps) for times in (old, new))
        print(f"| {name} | {before:.1f} | {after:.1f} | {after / before:.3f} |")


if __name__ == "__main__":
    main()
