"""The two-component chain: states, the update of one agent, ensembles and their trajectories."""

from mcpolar.chain.levels import level_log_odds
from mcpolar.chain.starts import Start
from mcpolar.chain.state import ChainState
from mcpolar.chain.update import neighbours, update_agent

__all__ = ["ChainState", "Start", "level_log_odds", "neighbours", "update_agent"]
