"""How far mixtures are from the published runs of language models, and which change of the mixture brings them nearer.

The published runs (30 agents, one flower each, 80 steps, 8 replicates) copy answers exactly. Compared are mean numbers
of silos at steps 20, 40, 60 and 79 with mirror probability 0.2: the root mean square of the difference of logarithms
over four neighbourhoods, the best over sigma, for each memory size, kind of answer and schedule.
"""

import itertools
import math
import sys

import numpy as np

from mcpolar.mixture import Covariances, MixtureParameters, simulate

STEPS = (20, 40, 60, 79)
PUBLISHED = {
    1: (7.38, 7.38, 7.38, 7.38),
    5: (2.0, 2.0, 2.0, 2.0),
    15: (1.0, 1.0, 1.0, 1.0),
    25: (1.38, 1.0, 1.0, 1.0),
}
SIGMAS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
N = 30


def mean_silos(k, sigma, r, *, answers, schedule, replicas):
    """Mean numbers of silos at STEPS."""
    mixture = MixtureParameters(
        n=N,
        means=range(N),
        covariances=Covariances.spherical(sigma),
        r=r,
        k=k,
        mirror=0.2,
        answers=answers,
        schedule=schedule,
        weight_floor=1e-12,
    )
    updates = N if schedule == "single" else 1
    found = simulate(mixture, STEPS[-1] * updates, seed=1, replicas=replicas, every=updates)
    return found.n_silos.mean(axis=0)[np.searchsorted(found.steps, np.array(STEPS) * updates)]


def distance(sigma, r, answers, schedule, replicas):
    """Root mean square of the difference of log mean silos from the published ones."""
    gaps = [
        np.log(mean_silos(k, sigma, r, answers=answers, schedule=schedule, replicas=replicas))
        - np.log(published)
        for k, published in PUBLISHED.items()
    ]
    return math.sqrt(float(np.mean(np.square(gaps))))


def main(replicas: int = 20) -> None:
    """Print the table."""
    print("memory  answers  schedule     sigma  distance")
    for r, answers, schedule in itertools.product((1, 2, 5), ("query", "direct"), ("synchronous", "single")):
        sigma, best = min(
            ((sigma, distance(sigma, r, answers, schedule, replicas)) for sigma in SIGMAS),
            key=lambda pair: pair[1],
        )
        print(f"{r:6d}  {answers:7}  {schedule:11}  {sigma:5.2f}  {best:8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
