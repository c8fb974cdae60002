"""Two agents, memory size 1: exact probabilities of level-1 polarization, and simulation between them.

The transition operator is integrated on grids that are refined until the error is below 1e-6; the simulated shares must
lie around the exact values, with all fifty intervals together at fault once in a thousand.
"""

import math

from mcpolar import events
from mcpolar.chain import ChainState, simulate
from mcpolar.exact import polarized_probabilities, undecided_exit
from mcpolar.montecarlo import clopper_pearson
from mcpolar.parameters import ChainParameters


def main(steps: int = 50, replicas: int = 40_000, tolerance: float = 1e-6) -> None:
    chain = ChainParameters(m=2, r=1, sigma="1")
    start = ChainState.from_arrays([0.0, 0.0], [[1.0], [1.0]])
    exact = polarized_probabilities(chain, start, steps, tolerance=tolerance)
    path = simulate(chain, start, steps, seed=1, every=1, replicas=replicas, memory=True)
    hits = events.is_polarized(path, chain, 1).sum(axis=0)
    outside = 0
    for t in range(1, steps + 1):
        low, high = (math.exp(end) for end in clopper_pearson(int(hits[t]), replicas, 1 - 1e-3 / steps))
        outside += not low <= exact.probability[t] <= high
        print(f"t = {t:2d}: exact {exact.probability[t]:.7f}, simulated [{low:.5f}, {high:.5f}]")
    print(f"estimated error of the exact values {exact.error.max():.1g}; {outside} outside their intervals")
    found = undecided_exit(chain, [0.3, 0.3], level=3)
    print(
        f"from log-odds (0.3, 0.3) it takes {found.mean_time:.4f} steps on average until an agent is decided at level 3"
    )
    print(f"and for the component +1 with chance {found.plus_probability:.6f}")


if __name__ == "__main__":
    main()
