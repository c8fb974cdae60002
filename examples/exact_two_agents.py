"""Two agents, memory size 1: exact probabilities, times and committors of polarization, and simulation beside them.

The transition operator is integrated on panels that are refined until the error is below 1e-6; the simulated shares
must lie around the exact values, with all intervals together at fault once in five hundred.
"""

import math

import numpy as np

from mcpolar import events
from mcpolar.chain import ChainState, simulate
from mcpolar.confidence import clopper_pearson
from mcpolar.exact import consensus_probabilities, polarized_hitting, polarized_probabilities, unpolarized_law
from mcpolar.parameters import ChainParameters


def main(steps: int = 50, replicas: int = 40_000, tolerance: float = 1e-6) -> None:
    chain = ChainParameters(m=2, r=1, sigma="1")
    start = ChainState.from_arrays([0.8, -0.2], [[0.0], [0.0]])
    exact = polarized_probabilities(chain, start, steps, tolerance=tolerance)
    first = polarized_hitting(chain, start, steps, tolerance=tolerance)
    path = simulate(chain, start, steps, seed=1, every=1, replicas=replicas, memory=True)
    holds = events.is_polarized(path, chain, 1)
    came = np.maximum.accumulate(holds, axis=1)
    outside = 0
    for t in range(1, steps + 1):
        line = f"t = {t:2d}:"
        for name, value, seen in (
            ("E_1 holds", exact.probability[t], holds[:, t]),
            ("has held", first.reached[t], came[:, t]),
        ):
            low, high = (
                math.exp(end) for end in clopper_pearson(int(seen.sum()), replicas, 1 - 1e-3 / steps)
            )
            outside += not low <= value <= high
            line += f" {name} {value:.7f}, simulated [{low:.5f}, {high:.5f}];"
        print(line)
    print(f"estimated error of the exact values {exact.error.max():.1g}; {outside} outside their intervals")
    print(f"E_1 first holds after {first.mean_time:.5f} steps on average (error {first.errors[0]:.1g}), then")
    print(
        f"both on +: {first.consensus_plus:.6f}, both on -: {first.consensus_minus:.6f}, one each: {first.bipolar:.6f}"
    )
    waiting = unpolarized_law(chain, start, steps, tolerance=tolerance)
    print(f"given that it has not come by step {steps}, it comes at it with chance {waiting.hazard[-1]:.6f}")
    shared = consensus_probabilities(chain, start.log_odds[0], steps, tolerance=tolerance)
    print(
        f"by step {steps} both shared a silo, first that of +1, with chance {shared.plus[-1]:.6f}; "
        f"never yet: {shared.none[-1]:.6f}"
    )


if __name__ == "__main__":
    main()
