"""The right panels of the paper's Figures 2, 3 and 6, and Figure 5: tables of runs, as those of the experiments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np

from mcpolar.agents.traces import Condition, Trace
from mcpolar.choices import TraceFigureName
from mcpolar.errors import InputError
from mcpolar.events import n_silos, stability
from mcpolar.experiments.summaries import mean_silos, one_silo

if TYPE_CHECKING:
    import pandas as pd

TITLES: dict[TraceFigureName, str] = {
    "fig2": "Silos in time",
    "fig3": "Number of silos against the neighbourhood",
    "fig5": "Silos in time, by mirror probability and neighbourhood",
    "fig6": "Share of runs with one silo",
}


@dataclass(frozen=True, eq=False)
class TraceFigure:
    """What a figure shows of runs.

    Attributes
    ----------
    name : str
        "fig2", "fig3", "fig5" or "fig6".
    trace : Trace
        The runs.
    table : DataFrame
        One row a run, and a step or agent where the figure shows them.
    summary : DataFrame
        One row a point of the figure; empty for figures that show every agent.
    """

    name: TraceFigureName
    trace: Trace
    table: pd.DataFrame
    summary: pd.DataFrame

    @property
    def title(self) -> str:
        """What the figure is of."""
        return TITLES[self.name]


def trace_figure(name: TraceFigureName, trace: Trace) -> TraceFigure:
    """Return what a figure shows of runs.

    Parameters
    ----------
    name : {"fig2", "fig3", "fig5", "fig6"}
        "fig2": the silo of every agent of the first run, and sizes of silos, in time. "fig3": mean number of silos at
        the last step against k. "fig5": the silo of every agent, one run for each mirror probability and k. "fig6":
        share of the runs that have one silo, in time.
    trace : Trace
        The runs. "fig3" and "fig5" need the runs' :class:`~mcpolar.agents.traces.Condition`.

    Raises
    ------
    InputError
        If the name is none of these, or the runs' conditions are not known, or differ where they must not.

    Examples
    --------
    >>> runs = Trace.of_labels([[["a", "b"], ["a", "a"]], [["a", "b"], ["a", "b"]]])
    >>> trace_figure("fig6", runs).summary[["step", "share", "replicates"]].to_numpy().tolist()
    [[0.0, 0.0, 2.0], [1.0, 0.5, 2.0]]
    """
    if name not in get_args(TraceFigureName):
        raise InputError("name", name, "one of " + ", ".join(get_args(TraceFigureName)))
    table, summary = _TABLES[name](trace)
    return TraceFigure(name, trace, table, summary)


def known_conditions(trace: Trace) -> list[Condition]:
    """Return the condition of every run.

    Raises
    ------
    InputError
        If that of one is not known.
    """
    found = [one for one in trace.conditions if one is not None]
    if len(found) < len(trace.runs):
        what = "logs of `mcpolar agents run`, or files named as the published ones (output2_5_0.csv: p = 0.2, k = 5)"
        raise InputError("paths", "runs whose mirror probability and neighbourhood are not known", what)
    return found


def first_of_each(trace: Trace) -> dict[Condition, int]:
    """Return the number of the first run of each condition, in order."""
    found: dict[Condition, int] = {}
    for number, condition in enumerate(known_conditions(trace)):
        found.setdefault(condition, number)
    return dict(sorted(found.items()))


def _agents_of_first(trace: Trace) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    table = trace.to_frame()
    return table[table["run"] == trace.runs[0]].reset_index(drop=True), pd.DataFrame()


def _agents_by_condition(trace: Trace) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    whole, parts = trace.to_frame(), []
    for condition, number in first_of_each(trace).items():
        part = whole[whole["run"] == trace.runs[number]]
        parts.append(part.assign(mirror=condition.mirror, k=condition.k))
    return pd.concat(parts, ignore_index=True)[["mirror", "k", *whole.columns]], pd.DataFrame()


def _final_silos(trace: Trace) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    conditions = known_conditions(trace)
    changed = stability(trace.silos)[:, -1] if trace.steps.size > 1 else np.full(len(trace.runs), np.nan)
    columns = {
        "mirror": [one.mirror for one in conditions],
        "k": [one.k for one in conditions],
        "run": trace.runs,
        "step": trace.steps[-1],
        "silos": n_silos(trace.silos)[:, -1],
        "changed": changed,
    }
    table = pd.DataFrame(columns)
    cells = table.groupby(["mirror", "k"])
    rows = [{"mirror": mirror, "k": k, **mean_silos(cell)} for (mirror, k), cell in cells]
    return table, pd.DataFrame(rows)


def _one_silo_in_time(trace: Trace) -> tuple[pd.DataFrame, pd.DataFrame]:
    import pandas as pd

    if len(set(trace.conditions)) > 1:
        several = ", ".join(sorted({str(one) for one in trace.conditions}))[:80]
        raise InputError(
            "paths", several, "runs of one mirror probability and neighbourhood size: a share is of one"
        )
    counts = n_silos(trace.silos)
    run, record = (axis.ravel() for axis in np.indices(counts.shape))
    columns = {"run": np.array(trace.runs)[run], "step": trace.steps[record], "silos": counts.ravel()}
    table = pd.DataFrame(columns)
    return table, pd.DataFrame([{"step": step, **one_silo(cell)} for step, cell in table.groupby("step")])


_TABLES: dict[TraceFigureName, Callable[[Trace], tuple[pd.DataFrame, pd.DataFrame]]] = {
    "fig2": _agents_of_first,
    "fig3": _final_silos,
    "fig5": _agents_by_condition,
    "fig6": _one_silo_in_time,
}
