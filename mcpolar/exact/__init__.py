"""Numerical truth for small systems: memory size 1, where the state is the log-odds alone, and a few agents."""

from mcpolar.exact.consensus import ConsensusCurve, consensus_probabilities
from mcpolar.exact.hitting import PolarizedHitting, polarized_hitting
from mcpolar.exact.polarization import ExactCurve, polarized_probabilities
from mcpolar.exact.silos import SiloSurvival, silo_survival
from mcpolar.exact.undecided import UndecidedExit, undecided_exit
from mcpolar.exact.unpolarized import UnpolarizedLaw, unpolarized_law

__all__ = [
    "ConsensusCurve",
    "ExactCurve",
    "PolarizedHitting",
    "SiloSurvival",
    "UndecidedExit",
    "UnpolarizedLaw",
    "consensus_probabilities",
    "polarized_hitting",
    "polarized_probabilities",
    "silo_survival",
    "undecided_exit",
    "unpolarized_law",
]
