"""The two-component chain: states, the update of one agent, ensembles and their trajectories."""

from mcpolar.chain.archive import read_state, write_state
from mcpolar.chain.ensemble import AnyStart, Ensemble
from mcpolar.chain.levels import level_log_odds
from mcpolar.chain.simulation import simulate
from mcpolar.chain.starts import Start
from mcpolar.chain.state import ChainState
from mcpolar.chain.trajectory import Trajectory
from mcpolar.chain.update import neighbours, update_agent

__all__ = [
    "AnyStart",
    "ChainState",
    "Ensemble",
    "Start",
    "Trajectory",
    "level_log_odds",
    "neighbours",
    "read_state",
    "simulate",
    "update_agent",
    "write_state",
]
