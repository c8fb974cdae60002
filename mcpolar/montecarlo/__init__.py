"""Estimates of the bounded probabilities, with intervals that cover, and their verdicts on the bounds."""

from mcpolar.montecarlo.conditional import conditional
from mcpolar.montecarlo.crude import crude
from mcpolar.montecarlo.intervals import clopper_pearson, empirical_bernstein
from mcpolar.montecarlo.targets import Kept, Reached, level_kept, silos_kept
from mcpolar.montecarlo.validate import judge, validate

__all__ = [
    "Kept",
    "Reached",
    "clopper_pearson",
    "conditional",
    "crude",
    "empirical_bernstein",
    "judge",
    "level_kept",
    "silos_kept",
    "validate",
]
