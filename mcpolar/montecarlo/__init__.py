"""Estimates of the bounded probabilities, with intervals that cover, and their verdicts on the bounds."""

from mcpolar.montecarlo.estimators.conditional import conditional
from mcpolar.montecarlo.estimators.crude import crude
from mcpolar.montecarlo.estimators.splitting import splitting
from mcpolar.montecarlo.estimators.tilting import tilting
from mcpolar.montecarlo.estimators.twisting import twisting
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
from mcpolar.montecarlo.validation import compare, estimate, validate
from mcpolar.montecarlo.verdicts import judge

__all__ = [
    "Kept",
    "Met",
    "Reached",
    "compare",
    "conditional",
    "consensus_met",
    "crude",
    "estimate",
    "judge",
    "level_kept",
    "level_met",
    "silo_left",
    "silos_kept",
    "splitting",
    "tilting",
    "twisting",
    "validate",
]
