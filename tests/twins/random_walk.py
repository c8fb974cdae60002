"""One agent with r = 1, exactly: with the weight's probability every arrival is from +1, else every one from -1.

(Its weight is the posterior of a component that was drawn once.) Each case is a random walk of normal steps, whose
chance to stay above a threshold is a repeated integral, done on Gauss-Legendre nodes.
"""

import math

import numpy as np
from scipy import stats
from scipy.special import expit


def chance_to_stay(
    start: float, threshold: float, mean: float, sd: float, steps: int, nodes: int = 600
) -> float:
    """P(start + S_t >= threshold for t = 1..steps), S a walk with normal steps."""
    reach = start + max(mean, 0) * steps + 12 * sd * math.sqrt(steps)
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x = threshold + (reach - threshold) * (x + 1) / 2
    weight = weight * (reach - threshold) / 2
    kernel = stats.norm.pdf(x[np.newaxis, :], x[:, np.newaxis] + mean, sd) * weight
    stays = np.ones(nodes)
    for _ in range(steps - 1):
        stays = kernel @ stays
    return float((stats.norm.pdf(x, start + mean, sd) * weight) @ stays) if steps else 1.0


def chance_to_fall(log_odds: float, threshold: float, sigma: float, steps: int, nodes: int = 600) -> float:
    """P(one agent's log-odds are below the threshold at one of the steps), for r = 1.

    Under the component +1 the walk seldom falls; that part is found under the other one, where it is common: the
    density ratio of the two at the fall is e^(l_end - l_start). So neither part loses digits.
    """
    mean, sd = 2 / sigma**2, 2 / sigma
    falls = 1 - chance_to_stay(log_odds, threshold, -mean, sd, steps, nodes)
    ratio = fall_expectation(log_odds, threshold, sigma, steps, nodes)
    return float(expit(-log_odds)) * (falls + ratio)


def fall_expectation(log_odds: float, threshold: float, sigma: float, steps: int, nodes: int) -> float:
    """E[e^(l_fall); fall by `steps`] under the walk of the component -1."""
    mean, sd = 2 / sigma**2, 2 / sigma
    reach = log_odds + 12 * sd * math.sqrt(steps)
    x, weight = np.polynomial.legendre.leggauss(nodes)
    x = threshold + (reach - threshold) * (x + 1) / 2
    weight = weight * (reach - threshold) / 2
    kernel = stats.norm.pdf(x[np.newaxis, :], x[:, np.newaxis] - mean, sd) * weight
    # E[e^Y; Y < threshold], Y normal with mean x - 2/sigma^2 and variance 4/sigma^2, is e^x Phi(...)
    at_once = np.exp(x) * stats.norm.cdf((threshold - x - mean) / sd)
    value = at_once.copy()
    for _ in range(steps - 2):
        value = at_once + kernel @ value
    first = math.exp(log_odds) * stats.norm.cdf((threshold - log_odds - mean) / sd)
    if steps == 1:
        return float(first)
    return float(first + (stats.norm.pdf(x, log_odds - mean, sd) * weight) @ value)


def chance_to_stay_well(log_odds: float, sigma: float, steps: int) -> float:
    """P(all `steps` arrivals of one agent lie in [1/2, 3/2]), for r = 1: no path is needed, only the component."""
    own, other = (stats.norm.cdf(1.5, mean, sigma) - stats.norm.cdf(0.5, mean, sigma) for mean in (1, -1))
    return float(expit(log_odds) * own**steps + expit(-log_odds) * other**steps)
