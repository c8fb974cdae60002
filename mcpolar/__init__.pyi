"""The face for type checkers: what `mcpolar.__getattr__` loads."""

from typing import Any

from mcpolar.answers import solve as solve
from mcpolar.answers import solve_estimate as solve_estimate
from mcpolar.answers import study as study
from mcpolar.bounds.tables import BoundTable as BoundTable
from mcpolar.bounds.tables import table as table
from mcpolar.chain import ChainState as ChainState
from mcpolar.chain import Start as Start
from mcpolar.chain import Trajectory as Trajectory
from mcpolar.chain import simulate as simulate
from mcpolar.errors import InputError as InputError
from mcpolar.errors import McpolarError as McpolarError
from mcpolar.errors import PrecisionError as PrecisionError
from mcpolar.errors import ResourceError as ResourceError
from mcpolar.experiments import run_experiment as run_experiment
from mcpolar.metastability import passage_times as passage_times
from mcpolar.mixture import MixtureParameters as MixtureParameters
from mcpolar.montecarlo import compare as compare
from mcpolar.montecarlo import estimate as estimate
from mcpolar.montecarlo import validate as validate
from mcpolar.parameters import ChainParameters as ChainParameters
from mcpolar.results import Bound as Bound
from mcpolar.results import Comparison as Comparison
from mcpolar.results import Estimate as Estimate
from mcpolar.results import Guarantee as Guarantee
from mcpolar.rules import register_memory_policy as register_memory_policy
from mcpolar.rules import register_neighbour_rule as register_neighbour_rule

__version__: str

def __getattr__(name: str) -> Any: ...
