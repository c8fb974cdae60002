"""Any finite chain, from its rates: classes, passage, quasi-stationary laws, flux and timescales, at every scale."""

from mcpolar.metastability.finite.chain import CountedChain, FiniteChain, PassageLaw
from mcpolar.metastability.finite.classes import CommunicatingClass, Reversibility, communicating_classes
from mcpolar.metastability.finite.counts import ChapmanKolmogorov, chapman_kolmogorov
from mcpolar.metastability.finite.flux import Pathway, ReactiveFlux
from mcpolar.metastability.finite.lumping import Metastable
from mcpolar.metastability.finite.passage import committor, hitting_times, stationary_distribution
from mcpolar.metastability.finite.quasi_stationary import QuasiStationary, quasi_stationary_distribution
from mcpolar.metastability.finite.sensitivity import Sensitivity
from mcpolar.metastability.finite.timescales import implied_timescales
from mcpolar.metastability.finite.values import Values

__all__ = [
    "ChapmanKolmogorov",
    "CommunicatingClass",
    "CountedChain",
    "FiniteChain",
    "Metastable",
    "PassageLaw",
    "Pathway",
    "QuasiStationary",
    "ReactiveFlux",
    "Reversibility",
    "Sensitivity",
    "Values",
    "chapman_kolmogorov",
    "committor",
    "communicating_classes",
    "hitting_times",
    "implied_timescales",
    "quasi_stationary_distribution",
    "stationary_distribution",
]
