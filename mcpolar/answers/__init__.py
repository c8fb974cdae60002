"""Answers to what users ask, made of bounds and estimates: where a bound reaches a value, and a study of one start."""

from mcpolar.answers.findings import Finding, Section, Study
from mcpolar.answers.inverse import solve
from mcpolar.answers.one_start import study
from mcpolar.answers.solution import Crossing, Direction, Solution
from mcpolar.answers.stochastic import solve_estimate

__all__ = [
    "Crossing",
    "Direction",
    "Finding",
    "Section",
    "Solution",
    "Study",
    "solve",
    "solve_estimate",
    "study",
]
