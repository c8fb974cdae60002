"""The general system of interacting mixtures: the paper's Algorithms 1 and 2 (theory.md, section 5)."""

from mcpolar.mixture.clusters import agreement, cluster_silos
from mcpolar.mixture.covariances import Covariances
from mcpolar.mixture.parameters import MixtureParameters
from mcpolar.mixture.policies import SIGNATURE, Policy, policy_names, register_policy
from mcpolar.mixture.simulation import MixtureTrajectory, simulate
from mcpolar.mixture.state import MixtureState, start_state

__all__ = [
    "SIGNATURE",
    "Covariances",
    "MixtureParameters",
    "MixtureState",
    "MixtureTrajectory",
    "Policy",
    "agreement",
    "cluster_silos",
    "policy_names",
    "register_policy",
    "simulate",
    "start_state",
]
