"""Measures of a trace: silos in time, stability, one silo, and what becomes of each silo.

They need no more than (step, agent, silo), so that language models, mixtures, the chain and whatever else has labels
in time are measured by the same code (:mod:`mcpolar.events`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcpolar.agents.traces import Trace
from mcpolar.checks import whole_number
from mcpolar.choices import Fate
from mcpolar.confidence.survival import RestrictedMean, SurvivalCurve, restricted_mean, survival_curve
from mcpolar.errors import InputError
from mcpolar.events import SiloSystem, n_silos, silo_systems, stability

if TYPE_CHECKING:
    import pandas as pd

    from mcpolar.metastability.finite import CountedChain


@dataclass(frozen=True, eq=False)
class TraceMeasures:
    """What is seen in a trace.

    Attributes
    ----------
    trace : Trace
        It.
    n_silos : ndarray of int64, shape (n_runs, n_records)
        Non-empty silos; all answers without one count as one.
    changed : ndarray of float64, shape (n_runs, n_records - 1)
        S(t): the share of agents whose silo changed since the record before.
    largest_share : ndarray of float64, shape (n_runs, n_records)
        Share of the agents in the largest silo.
    one_silo : ndarray of int64, shape (n_runs,)
        First recorded step from which on there is one silo; -1: not within the trace (censored).
    """

    trace: Trace
    n_silos: NDArray[np.int64]
    changed: NDArray[np.float64]
    largest_share: NDArray[np.float64]
    one_silo: NDArray[np.int64]

    def windows(self, length: int) -> NDArray[np.int8]:
        """Classify every window of so many steps by Definition 2, shape (n_runs, n_records - length)."""
        return silo_systems(self.trace.silos, length)

    def window_counts(self, length: int) -> dict[str, int]:
        """Return how many windows of this length are stable, unstable, and neither."""
        found = self.windows(length)
        return {kind.name.lower(): int((found == kind).sum()) for kind in SiloSystem}

    @property
    def times_to_one_silo(self) -> SurvivalCurve:
        """The law of the time to one silo (Kaplan-Meier); runs that did not come to it are censored."""
        times, observed = self._times()
        return survival_curve(times, observed)

    @property
    def mean_time_to_one_silo(self) -> RestrictedMean:
        """The mean of the time to one silo, restricted to the trace."""
        times, observed = self._times()
        return restricted_mean(times, observed, int(self.trace.steps[-1]))

    def _times(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        observed = self.one_silo >= 0
        return np.where(observed, self.one_silo, self.trace.steps[-1]), observed

    def to_frame(self) -> pd.DataFrame:
        """Return one row a run and record: run, step, silos, largest_share, changed."""
        import pandas as pd

        run, record = (axis.ravel() for axis in np.indices(self.n_silos.shape))
        changed = np.column_stack([np.full(len(self.n_silos), np.nan), self.changed])
        return pd.DataFrame(
            {
                "run": np.array(self.trace.runs)[run],
                "step": self.trace.steps[record],
                "silos": self.n_silos.ravel(),
                "largest_share": self.largest_share.ravel(),
                "changed": changed.ravel(),
            }
        )


def measure(trace: Trace) -> TraceMeasures:
    """Measure a trace.

    Examples
    --------
    >>> found = measure(Trace.of_labels([[["a", "b"], ["a", "a"], ["a", "a"]]]))
    >>> found.n_silos.tolist(), found.changed.tolist(), found.one_silo.tolist()
    ([[2, 1, 1]], [[0.5, 0.0]], [1])
    """
    counted = n_silos(trace.silos)
    changed = stability(trace.silos) if trace.steps.size > 1 else np.empty((len(trace.runs), 0))
    sizes = np.stack([(trace.silos == silo).mean(axis=-1) for silo in range(-1, len(trace.names))])
    return TraceMeasures(trace, counted, changed, sizes.max(axis=0), _one_from(counted, trace.steps))


def _one_from(counted: NDArray[np.int64], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first step from which on there is one silo, -1 where there is none."""
    n_records = counted.shape[1]
    last_with_more = n_records - 1 - (counted[:, ::-1] > 1).argmax(axis=1)
    first = np.where((counted > 1).any(axis=1), last_with_more + 1, 0)
    return np.where(first < n_records, steps[np.minimum(first, n_records - 1)], -1)


def silo_fates(trace: Trace, length: int) -> pd.DataFrame:
    """Return what becomes of every silo in every window of `length` recorded steps.

    A silo that is not empty at the start of a window is *stable* if no agent joins or leaves it, *decaying* if it is
    empty at the end, and else *unstable*.

    Parameters
    ----------
    trace : Trace
        The silos.
    length : int
        Steps of a window, from 1 to the number of records less one.

    Returns
    -------
    DataFrame
        Columns run, start (a step), silo (a name; missing for answers without one), fate.

    Examples
    --------
    >>> from mcpolar.agents import Trace
    >>> labels = [[["a", "b"], ["a", "a"], ["a", "a"]]]
    >>> silo_fates(Trace.of_labels(labels), 1)[["start", "silo", "fate"]]
      start silo      fate
    0     0    a  unstable
    1     1    a    stable
    2     0    b  decaying
    """
    import pandas as pd

    n = whole_number("length", length, 1, trace.steps.size - 1, "n_records - 1")
    rows = []
    for silo in range(-1, len(trace.names)):
        member = trace.silos == silo
        moved = (member[:, 1:] != member[:, :-1]).any(axis=-1)
        for start in range(trace.steps.size - n):
            restless = moved[:, start : start + n].any(axis=1)
            empty_at_end = ~member[:, start + n].any(axis=-1)
            for run in np.flatnonzero(member[:, start].any(axis=-1)):
                fate: Fate = "decaying" if empty_at_end[run] else "unstable" if restless[run] else "stable"
                name = None if silo < 0 else trace.names[silo]
                rows.append((trace.runs[run], int(trace.steps[start]), name, fate))
    return pd.DataFrame(rows, columns=["run", "start", "silo", "fate"], dtype=object)


def silo_chain(trace: Trace, lag: int = 1, **options: Any) -> CountedChain:
    """Return the coarse-grained chain of the number of silos, estimated from its transitions.

    It is the chain of :meth:`FiniteChain.from_counts <mcpolar.metastability.finite.chain.FiniteChain.from_counts>`, as
    for the chain and the mixtures: committors, passage times, timescales and whatever else with error bars.

    Parameters
    ----------
    trace : Trace
        The runs.
    lag : int
        Records from the beginning of a transition to its end; all pairs of records so far apart are counted.
    **options
        Further arguments of `from_counts`: resampling, draws, confidence, seed.

    Returns
    -------
    CountedChain
        Its labels are numbers of silos: those that were seen and left or kept, so that what comes after them is known;
        transitions to others, seen at the very end of runs only, are not counted.

    Raises
    ------
    InputError
        If the trace is not longer than the lag.

    Notes
    -----
    The number of silos need not be a Markov chain, and transitions in one run are not independent: compare lags
    (:func:`~mcpolar.metastability.finite.counts.chapman_kolmogorov`) before its intervals are believed.

    Examples
    --------
    >>> trace = Trace.of_labels([[["a", "b"], ["a", "b"], ["a", "b"], ["a", "a"], ["a", "a"]]])
    >>> chain = silo_chain(trace)
    >>> chain.labels, chain.counts.tolist(), float(chain.hitting_times(1)[2])
    ((1, 2), [[1.0, 0.0], [1.0, 2.0]], 3.0)
    """
    from mcpolar.metastability.finite import FiniteChain

    step = whole_number("lag", lag, 1)
    counted = n_silos(trace.silos)
    if counted.shape[1] <= step:
        raise InputError("lag", lag, f"less than the {counted.shape[1]} records")
    kinds, places = np.unique(counted, return_inverse=True)
    places = places.reshape(counted.shape)
    pairs = places[:, :-step].ravel() * kinds.size + places[:, step:].ravel()
    counts = np.bincount(pairs, minlength=kinds.size**2).reshape(kinds.size, kinds.size)
    known = np.ones(kinds.size, dtype=np.bool_)
    while (lost := known & (counts[:, known].sum(axis=1) == 0)).any():
        known &= ~lost
    if not known.any():
        raise InputError("lag", lag, "one at which a number of silos is seen to be left for one that is left")
    return FiniteChain.from_counts(counts[np.ix_(known, known)], kinds[known].tolist(), **options)
