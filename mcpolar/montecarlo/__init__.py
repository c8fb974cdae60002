"""Estimates of the bounded probabilities, with intervals that cover, and their verdicts on the bounds."""

from mcpolar.montecarlo.conditional import conditional
from mcpolar.montecarlo.crude import crude
from mcpolar.montecarlo.intervals import clopper_pearson, empirical_bernstein, nonnegative_mean
from mcpolar.montecarlo.sequences import beta_binomial, hedged_betting
from mcpolar.montecarlo.splitting import splitting
from mcpolar.montecarlo.targets import (
    Kept,
    Met,
    Reached,
    consensus_met,
    level_kept,
    level_met,
    silo_left,
    silos_kept,
)
from mcpolar.montecarlo.tilting import tilting
from mcpolar.montecarlo.twisting import twisting
from mcpolar.montecarlo.validate import judge, validate

__all__ = [
    "Kept",
    "Met",
    "Reached",
    "beta_binomial",
    "clopper_pearson",
    "conditional",
    "consensus_met",
    "crude",
    "empirical_bernstein",
    "hedged_betting",
    "judge",
    "level_kept",
    "level_met",
    "nonnegative_mean",
    "silo_left",
    "silos_kept",
    "splitting",
    "tilting",
    "twisting",
    "validate",
]
