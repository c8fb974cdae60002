"""How fast polarization hardens: the mean growth of |log-odds| per update of an agent that hears its own side.

Far from 0 the own-side log-odds grow by -log M(X') at every update, M(X) = (1/r) sum_h e^{-2 x_h/sigma^2} over
the memory X (Lemma 0 of proofs/permanence, with equality up to a factor 1 + o(1)). The memory evolves by itself:
draws y ~ N(1, sigma^2), each in place of the farthest element. So |log-odds| / (number of updates) tends to

    lambda(r, sigma) = -E log mean_h e^{-2 x_h/sigma^2}

under the memory's stationary law; for r = 1 it is 2/sigma^2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from scipy import stats

from mcpolar.checks import check_confidence, whole_number
from mcpolar.compiled.memory.growth import add_gains
from mcpolar.parameters import MOST_MEMORY, standard_deviation
from mcpolar.results import Drawn
from mcpolar.rng import MOST_REPLICAS, Purpose, Seed, normals, philox_key, read_seed
from mcpolar.steps import MOST_STEPS


@dataclass(frozen=True)
class Growth(Drawn):
    """An estimate of the mean growth of |log-odds| per update.

    Attributes
    ----------
    r, sigma
        Memory size and component standard deviation.
    rate : float
        Estimate of lambda(r, sigma), in natural log-odds per update.
    interval : tuple of float
        Student's interval over the means of independent replicas, at `confidence`.
    confidence : float
        Two-sided confidence; it rests on the normal law of a replica's mean.
    drift : float
        Mean of the second half less that of the first, in standard errors: large where `burn_in` was too short.
    replicas, updates, burn_in, seed : int
        Independent replicas, counted updates of each, updates before them, and the seed.
    """

    r: int
    sigma: Decimal
    rate: float
    interval: tuple[float, float]
    confidence: float
    drift: float
    replicas: int
    updates: int
    burn_in: int
    seed: int

    @property
    def scaled(self) -> float:
        """sigma^2 lambda: 2 for r = 1."""
        return float(self.sigma) ** 2 * self.rate


def log_odds_growth(
    r: int,
    sigma: Decimal | str | float,
    *,
    replicas: int = 64,
    updates: int = 4000,
    burn_in: int = 1000,
    confidence: float = 0.999,
    seed: Seed = 0,
) -> Growth:
    """Estimate lambda(r, sigma) from independent replicas of one agent's memory.

    Parameters
    ----------
    r : int
        Memory size.
    sigma : Decimal, str or float
        Component standard deviation.
    replicas : int
        Independent replicas, at least 2; each starts from r own draws.
    updates, burn_in : int
        Updates counted in each replica (even), and updates before them.
    confidence : float
        Two-sided confidence of the interval, in [0.5, 1).
    seed : int, SeedSequence or Generator
        With the other arguments, it gives the same bits again.

    Returns
    -------
    Growth
        The estimate with its interval.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> found = log_odds_growth(1, "0.5", replicas=16, updates=1000, burn_in=10)
    >>> found.interval[0] < 8 < found.interval[1]
    True
    """
    size, deviation = whole_number("r", r, 1, MOST_MEMORY), standard_deviation("sigma", sigma)
    n = whole_number("replicas", replicas, 2, MOST_REPLICAS - 1)
    length = whole_number("updates", updates, 2, MOST_STEPS)
    whole_number("burn_in", burn_in, 0, MOST_STEPS)
    check_confidence(confidence)
    number, half = read_seed(seed), length // 2
    key = philox_key(number)
    memory = (1 + float(deviation) * normals(key, Purpose.START_NORMAL, n, size)).reshape(-1)
    halves = np.zeros((3, n))
    first = 0
    for row, count in zip(halves, (burn_in, half, length - half), strict=True):
        add_gains(memory, size, float(deviation), key, 0, first, count, row)
        first += count
    means = (halves[1] + halves[2]) / length
    drifts = halves[2] / (length - half) - halves[1] / half
    width = stats.t.isf((1 - confidence) / 2, n - 1) * means.std(ddof=1) / math.sqrt(n)
    rate = float(means.mean())
    return Growth(
        r=size,
        sigma=deviation,
        rate=rate,
        interval=(rate - float(width), rate + float(width)),
        confidence=confidence,
        drift=float(drifts.mean() / (drifts.std(ddof=1) / math.sqrt(n))),
        replicas=n,
        updates=length,
        burn_in=burn_in,
        seed=number,
    )
