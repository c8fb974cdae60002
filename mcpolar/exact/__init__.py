"""Numerical truth for small systems: memory size 1, where the state is the log-odds alone, and a few agents."""

from mcpolar.exact.polarization import ExactCurve, polarized_probabilities
from mcpolar.exact.silos import SiloSurvival, silo_survival
from mcpolar.exact.undecided import UndecidedExit, undecided_exit

__all__ = [
    "ExactCurve",
    "SiloSurvival",
    "UndecidedExit",
    "polarized_probabilities",
    "silo_survival",
    "undecided_exit",
]
