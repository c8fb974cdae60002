"""Intervals, confidence sequences and survival curves: what is said of a mean, a share or a law from a sample."""

from mcpolar.confidence.intervals import clopper_pearson, empirical_bernstein, nonnegative_mean
from mcpolar.confidence.sequences import beta_binomial, hedged_betting
from mcpolar.confidence.survival import (
    ExponentialTail,
    RestrictedMean,
    SurvivalCurve,
    exponential_tail,
    restricted_mean,
    survival_curve,
)

__all__ = [
    "ExponentialTail",
    "RestrictedMean",
    "SurvivalCurve",
    "beta_binomial",
    "clopper_pearson",
    "empirical_bernstein",
    "exponential_tail",
    "hedged_betting",
    "nonnegative_mean",
    "restricted_mean",
    "survival_curve",
]
