"""Metastability: how long silos last, and what the population does between."""

from mcpolar.metastability.classes import CommunicatingClass, communicating_classes
from mcpolar.metastability.passage import committor, hitting_times, stationary_distribution
from mcpolar.metastability.quasi_stationary import QuasiStationary, quasi_stationary_distribution
from mcpolar.metastability.timescales import implied_timescales

__all__ = [
    "CommunicatingClass",
    "QuasiStationary",
    "committor",
    "communicating_classes",
    "hitting_times",
    "implied_timescales",
    "quasi_stationary_distribution",
    "stationary_distribution",
]
