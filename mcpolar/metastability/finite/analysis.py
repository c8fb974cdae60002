"""What is asked of a finite chain: laws, passages, absorption, flux, slow processes and sensitivities."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mcpolar.checks import whole_number
from mcpolar.errors import InputError
from mcpolar.metastability.finite import first_passage, lumping, sensitivity
from mcpolar.metastability.finite.flux import ReactiveFlux, reactive_flux_of
from mcpolar.metastability.finite.passage import (
    check_disjoint,
    committor_values,
    hitting_values,
    stationary_values,
    total,
)
from mcpolar.metastability.finite.powers import Steps, dense_steps, mixing_time
from mcpolar.metastability.finite.quasi_stationary import QuasiStationary, quasi_stationary_of
from mcpolar.metastability.finite.structure import ChainStructure, Floats, States
from mcpolar.metastability.finite.timescales import timescale_values
from mcpolar.metastability.finite.values import Values, evaluate


@dataclass(frozen=True, eq=False)
class PassageLaw:
    """The law of a first passage time at some times.

    Attributes
    ----------
    times : ndarray
        As asked.
    reached, survival : ndarray, shape (n_times, n)
        P(T <= t) and P(T > t) from each state; the smaller of the two has its digits however small it is.
    """

    times: NDArray[Any]
    reached: Floats
    survival: Floats


class ChainAnalysis(ChainStructure):
    """The questions; each is answered with ends that hold the exact value for the entries as given."""

    # laws

    def stationary_distribution(self, *, certified: bool = False) -> Values:
        """Return the stationary law of a chain with one closed class; 0 on transient states."""
        return stationary_values(self.entries, certified=certified).labelled(self.labels)

    def stationary_distributions(self, *, certified: bool = False) -> list[Values]:
        """Return the stationary law of each closed class."""
        closed = [np.array(one.states) for one in self.classes() if one.is_closed]
        return [
            stationary_values(self.entries, certified=certified, states=states).labelled(self.labels)
            for states in closed
        ]

    def quasi_stationary_distribution(self, killed: States, *, certified: bool = False) -> QuasiStationary:
        """Return the quasi-stationary law of the chain killed on some states, with its rate."""
        return quasi_stationary_of(self.entries, self._numbers("killed", killed), certified=certified)

    # passages

    def hitting_times(self, target: States, *, certified: bool = False) -> Values:
        """Return the mean time to the first visit of a set from each state; infinite where it may never come."""
        goal = self._numbers("target", target)
        return hitting_values(self.entries, goal, certified=certified).labelled(self.labels)

    def committor(self, source: States, target: States, *, certified: bool = False) -> Values:
        """Return the probability to come to `target` before `source`, or ever if that is empty."""
        goal, end = self._numbers("target", target), self._numbers("source", source, empty=True)
        check_disjoint(end, goal)
        return committor_values(self.entries, end, goal, certified=certified).labelled(self.labels)

    def mean_first_passage_times(self, *, certified: bool = False) -> Values:
        """Return the mean first passage time from each state to each of an irreducible chain, 0 on the diagonal."""
        self._irreducible("passages between all states")
        return first_passage.passage_matrix(self.entries, certified=certified).labelled(self.labels)

    def mean_passage_between(self, source: States, target: States, *, certified: bool = False) -> Values:
        """Return the mean time to a set for a start in another, drawn from the stationary law there, shape ()."""
        start, goal = self._numbers("source", source), self._numbers("target", target)
        check_disjoint(start, goal)
        times = hitting_values(self.entries, goal, certified=certified)
        law = stationary_values(self.entries, certified=certified)
        weight = {end: getattr(law, end)[start] for end in ("value", "low", "high")}
        found = [
            float(weight[share] @ getattr(times, end)[start] / weight[other].sum())
            for end, share, other in (
                ("value", "value", "value"),
                ("low", "low", "high"),
                ("high", "high", "low"),
            )
        ]
        value, low, high = (np.asarray(one) for one in found)
        return Values(value, low * (1 - 1e-14), high * (1 + 1e-14), np.log10(value), times.method, True)

    def recurrence_times(self, *, certified: bool = False) -> Values:
        """Return the mean time between arrivals at each state of an irreducible chain.

        In steps 1 / pi_i; with rates 1 / (pi_i times the rate out of i).
        """
        self._irreducible("recurrence times")
        n = self.n_states

        def recipe(arithmetic: Any) -> Any:
            from mcpolar.metastability.finite.passage import class_law

            law = class_law(arithmetic, self.entries)
            one = arithmetic.of(np.ones(n))
            return one / law if self.is_discrete else one / (law * total(arithmetic, self.entries))

        return evaluate(recipe, certified=certified, rounding=8 * n).labelled(self.labels)

    def kemeny_constant(self, *, certified: bool = False) -> Values:
        """Return the mean time to a state drawn from the stationary law, the same from every start, shape ()."""
        self._irreducible("Kemeny's constant")
        return first_passage.kemeny_value(self.entries, certified=certified)

    def passage_variance(self, target: States, *, certified: bool = False) -> Values:
        """Return the variance of the time to the first visit of a set from each state."""
        goal = self._numbers("target", target)
        return first_passage.variance_values(
            self.entries, goal, is_discrete=self.is_discrete, certified=certified
        ).labelled(self.labels)

    def passage_law(self, target: States, times: ArrayLike) -> PassageLaw:
        """Return the law of the time to the first visit of a set at some times, from each state.

        Times may be as long as 1e300: the chain is doubled.

        Examples
        --------
        >>> from mcpolar.metastability.finite import FiniteChain
        >>> slow = FiniteChain([[1 - 1e-20, 1e-20], [0, 1]])
        >>> slow.passage_law(1, [10**20]).survival[0, 0].round(12)  # 1/e
        np.float64(0.367879441171)
        """
        goal = self._numbers("target", target)
        reached, survival = first_passage.passage_law(self.entries, goal, times, is_discrete=self.is_discrete)
        return PassageLaw(np.atleast_1d(np.asarray(times)), reached, survival)

    # absorption

    def absorption_probabilities(
        self, *, certified: bool = False
    ) -> tuple[list[tuple[Any, ...]], list[Values]]:
        """Return the closed classes, by label, and for each the probability to end in it from every state."""
        closed = [one.states for one in self.classes() if one.is_closed]
        none = np.zeros(self.n_states, dtype=np.bool_)
        found = []
        for states in closed:
            goal = none.copy()
            goal[list(states)] = True
            found.append(
                committor_values(self.entries, none, goal, certified=certified).labelled(self.labels)
            )
        return [self._named(states) for states in closed], found

    def expected_visits(
        self, end: States | None = None, *, certified: bool = False
    ) -> tuple[tuple[Any, ...], Values]:
        """Return the states before absorption and the mean time spent in each (column) from each (row).

        Parameters
        ----------
        end : states, optional
            Where the count ends; default the closed classes.
        certified : bool
            Enclose in balls.
        """
        if end is None:
            ends = np.zeros(self.n_states, dtype=np.bool_)
            for one in self.classes():
                ends[list(one.states)] = one.is_closed
        else:
            ends = self._numbers("end", end)
        inside, values = first_passage.visits(self.entries, ends, certified=certified)
        names = self._named(inside.tolist())
        return names, values.labelled(names)

    # flux, slow processes

    def reactive_flux(self, source: States, target: States, *, certified: bool = False) -> ReactiveFlux:
        """Return how the stationary chain goes from one set to another: committors, flux, rate, pathways."""
        a, b = self._numbers("source", source), self._numbers("target", target)
        return reactive_flux_of(self.entries, a, b, self.labels, certified=certified)

    def timescales(self, count: int | None = None, *, lag: float = 1, certified: bool = False) -> Values:
        """Return the implied timescales, longest first: -lag / log|lambda|, or with rates 1 / Re mu.

        `lag` is the time of one step. `certified=True` encloses the roots of the exact characteristic polynomial, for
        classes of up to 150 states.
        """
        if not (isinstance(lag, int | float | np.integer | np.floating) and 0 < lag < math.inf):
            raise InputError("lag", lag, "a positive time")
        found = timescale_values(
            self.entries,
            count=count,
            is_discrete=self.is_discrete,
            can_stay=self._can_stay,
            certified=certified,
        )
        if lag == 1 or not self.is_discrete:
            return found
        step = float(lag)
        low, high = np.nextafter(found.low * step, 0), np.nextafter(found.high * step, np.inf)
        return Values(
            found.value * step, low, high, found.log10 + math.log10(step), found.method, found.is_certified
        )

    def metastable_sets(self, n_sets: int) -> lumping.Metastable:
        """Return metastable sets of an irreducible chain by PCCA+ (without detailed balance GPCCA)."""
        self._irreducible("metastable sets")
        return lumping.metastable(self.entries, whole_number("n_sets", n_sets, 2))

    def mixing_time(self, distance: float = 0.25) -> int | float:
        """Return the time after which every start is within a total variation distance of the law.

        Infinite for periodic chains. Exact below 1e9 steps, then to 9 digits; with rates to 6.

        Raises
        ------
        PrecisionError
            If rounding leaves open when that is, as for distances below 1e-13.
        """
        if not 0 < distance < 1:
            raise InputError("distance", distance, "in (0, 1)")
        law = self.stationary_distribution().value
        if self.is_discrete and self.is_irreducible and self.period > 1:
            return math.inf
        return mixing_time(self._steps(finer=0 if self.is_discrete else 24), law, distance)

    def transition_probabilities(self, time: Any) -> Floats:
        """Return the probabilities to be in each state (column) after a time, from each (row)."""
        return self._steps().after(time).whole

    def _steps(self, finer: int = 0) -> Steps:
        none = np.zeros(self.n_states)
        return Steps(dense_steps(self.entries, none, is_discrete=self.is_discrete), finer)

    # sensitivity

    def hitting_time_sensitivity(self, start: Hashable, target: States) -> sensitivity.Sensitivity:
        """Return how the mean time from `start` to `target` changes with each rate."""
        return sensitivity.passage_sensitivity(
            self.entries, self._one(start), self._numbers("target", target), None, self.labels
        )

    def committor_sensitivity(
        self, start: Hashable, source: States, target: States
    ) -> sensitivity.Sensitivity:
        """Return how the committor at `start` changes with each rate."""
        end, goal = self._numbers("source", source), self._numbers("target", target)
        check_disjoint(end, goal)
        return sensitivity.passage_sensitivity(self.entries, self._one(start), goal, end, self.labels)

    def timescale_sensitivity(self, number: int = 0) -> sensitivity.Sensitivity:
        """Return how an implied timescale (0 the longest) of an irreducible chain changes with each rate."""
        self._irreducible("sensitivities of timescales")
        return sensitivity.timescale_sensitivity(
            self.entries, number, self.labels, is_discrete=self.is_discrete
        )

    def _one(self, state: Hashable) -> int:
        chosen = np.flatnonzero(self._numbers("start", [state]))
        return int(chosen[0])
