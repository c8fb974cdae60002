"""Events of states and of recorded trajectories (theory.md, section 2)."""

from mcpolar.events.states import (
    SiloSystem,
    States,
    hitting_time,
    is_neighbourhood_closed,
    is_polarized,
    is_polarized_beyond,
    is_well_behaved,
    n_silos,
    sides,
    silo_systems,
    silos,
    smallest_log_odds,
    stability,
)
from mcpolar.questions import FAR_END, NEAR_END

__all__ = [
    "FAR_END",
    "NEAR_END",
    "SiloSystem",
    "States",
    "hitting_time",
    "is_neighbourhood_closed",
    "is_polarized",
    "is_polarized_beyond",
    "is_well_behaved",
    "n_silos",
    "sides",
    "silo_systems",
    "silos",
    "smallest_log_odds",
    "stability",
]
