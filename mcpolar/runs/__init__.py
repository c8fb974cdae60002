"""Runs of any size that survive: a grid of cells, computed in blocks, kept in a store."""

from mcpolar.runs.execute import RunSummary, run
from mcpolar.runs.observe import OBSERVABLES
from mcpolar.runs.plan import Cell, RunPlan
from mcpolar.runs.records import records_path
from mcpolar.runs.table import read_results, write_results
from mcpolar.store import Store

__all__ = [
    "OBSERVABLES",
    "Cell",
    "RunPlan",
    "RunSummary",
    "Store",
    "read_results",
    "records_path",
    "run",
    "write_results",
]
