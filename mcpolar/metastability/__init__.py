"""Metastability: how long silos last, and what the population does between."""

from mcpolar.metastability.analysis import CoarseAnalysis, analyse
from mcpolar.metastability.classes import CommunicatingClass, communicating_classes
from mcpolar.metastability.coarse import CoarseChain, Spread, estimate_chain
from mcpolar.metastability.decay import DecayExponent, decay_exponent
from mcpolar.metastability.exit_times import PassageTimes, passage_times
from mcpolar.metastability.growth import Growth, log_odds_growth
from mcpolar.metastability.lag_scan import LagScan, scan_lags
from mcpolar.metastability.macrostates import Macrostates, TransitionCounts, count_transitions
from mcpolar.metastability.mean_field import MeanField, mean_field
from mcpolar.metastability.particles import Convergence, WeightPaths, convergence, weight_paths
from mcpolar.metastability.passage import committor, hitting_times, stationary_distribution
from mcpolar.metastability.phase import PhaseCell, phase_diagram
from mcpolar.metastability.quasi_stationary import QuasiStationary, quasi_stationary_distribution
from mcpolar.metastability.survival import (
    ExponentialTail,
    RestrictedMean,
    SurvivalCurve,
    exponential_tail,
    restricted_mean,
    survival_curve,
)
from mcpolar.metastability.timescales import implied_timescales

__all__ = [
    "CoarseAnalysis",
    "CoarseChain",
    "CommunicatingClass",
    "Convergence",
    "DecayExponent",
    "ExponentialTail",
    "Growth",
    "LagScan",
    "Macrostates",
    "MeanField",
    "PassageTimes",
    "PhaseCell",
    "QuasiStationary",
    "RestrictedMean",
    "Spread",
    "SurvivalCurve",
    "TransitionCounts",
    "WeightPaths",
    "analyse",
    "committor",
    "communicating_classes",
    "convergence",
    "count_transitions",
    "decay_exponent",
    "estimate_chain",
    "exponential_tail",
    "hitting_times",
    "implied_timescales",
    "log_odds_growth",
    "mean_field",
    "passage_times",
    "phase_diagram",
    "quasi_stationary_distribution",
    "restricted_mean",
    "scan_lags",
    "stationary_distribution",
    "survival_curve",
    "weight_paths",
]
