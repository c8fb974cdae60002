"""Interacting language models, and traces of others: the system that the mixtures stand for (the paper's Section 2).

A model is a function `answer(context, seed) -> str`, an embedding a function of texts that returns points, a silo the
class of an answer. :func:`simulate_agents` lets agents with retrieval memories exchange answers; a log holds every
answer before it is used, so that a run survives. :func:`read_trace` brings runs that were made elsewhere, and the
measures need no more than (step, agent, silo).
"""

from mcpolar.agents.adapters import FORMATS, read_trace
from mcpolar.agents.answers import Answer, Embed, FakeAnswer, FakeEmbed
from mcpolar.agents.compare import Comparison, Fit, compare_with_mixture, fit_mixture
from mcpolar.agents.log import RunLog
from mcpolar.agents.measures import TraceMeasures, measure, silo_fates
from mcpolar.agents.run import AgentRun, memories_at, simulate_agents
from mcpolar.agents.settings import AgentSettings
from mcpolar.agents.silos import Clusters, Keywords, NearestCentroid
from mcpolar.agents.traces import Condition, Trace

__all__ = [
    "FORMATS",
    "AgentRun",
    "AgentSettings",
    "Answer",
    "Clusters",
    "Comparison",
    "Condition",
    "Embed",
    "FakeAnswer",
    "FakeEmbed",
    "Fit",
    "Keywords",
    "NearestCentroid",
    "RunLog",
    "Trace",
    "TraceMeasures",
    "compare_with_mixture",
    "fit_mixture",
    "measure",
    "memories_at",
    "read_trace",
    "silo_fates",
    "simulate_agents",
]
