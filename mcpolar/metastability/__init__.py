"""Metastability: how long silos last, and what the population does between."""

from mcpolar.confidence.survival import (
    ExponentialTail,
    RestrictedMean,
    SurvivalCurve,
    exponential_tail,
    restricted_mean,
    survival_curve,
)
from mcpolar.metastability.coarse.analysis import CoarseAnalysis, analyse
from mcpolar.metastability.coarse.chain import CoarseChain, Spread, estimate_chain
from mcpolar.metastability.coarse.lag_scan import LagScan, scan_lags
from mcpolar.metastability.coarse.macrostates import Macrostates, TransitionCounts, count_transitions
from mcpolar.metastability.finite.chain import FiniteChain
from mcpolar.metastability.finite.classes import CommunicatingClass, communicating_classes
from mcpolar.metastability.finite.passage import committor, hitting_times, stationary_distribution
from mcpolar.metastability.finite.quasi_stationary import QuasiStationary, quasi_stationary_distribution
from mcpolar.metastability.finite.timescales import implied_timescales
from mcpolar.metastability.first_passage import PassageTimes, passage_times
from mcpolar.metastability.limit.mean_field import MeanField, mean_field
from mcpolar.metastability.limit.populations import Convergence, WeightPaths, convergence, weight_paths
from mcpolar.metastability.phase import PhaseCell, PhaseDiagram, phase_diagram

__all__ = [
    "CoarseAnalysis",
    "CoarseChain",
    "CommunicatingClass",
    "Convergence",
    "ExponentialTail",
    "FiniteChain",
    "LagScan",
    "Macrostates",
    "MeanField",
    "PassageTimes",
    "PhaseCell",
    "PhaseDiagram",
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
    "estimate_chain",
    "exponential_tail",
    "hitting_times",
    "implied_timescales",
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
