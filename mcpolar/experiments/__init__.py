"""The paper's experiments: parameters in, tidy tables out (theory.md, section 5)."""

from mcpolar.experiments.experiment import Cell, Experiment
from mcpolar.experiments.run import (
    EXPERIMENTS,
    ExperimentResult,
    experiment_store,
    find_experiment,
    n_replicas,
    run_experiment,
)
from mcpolar.experiments.summaries import restricted_mean, summarise

__all__ = [
    "EXPERIMENTS",
    "Cell",
    "Experiment",
    "ExperimentResult",
    "experiment_store",
    "find_experiment",
    "n_replicas",
    "restricted_mean",
    "run_experiment",
    "summarise",
]
