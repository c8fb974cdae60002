"""A finite Markov chain and all that is asked of one, right at every scale of its rates."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from mcpolar.checks import whole_number
from mcpolar.choices import Resampling
from mcpolar.errors import InputError
from mcpolar.metastability.finite import first_passage, lumping, sensitivity
from mcpolar.metastability.finite.classes import (
    CommunicatingClass,
    Reversibility,
    classes_of,
    period_of,
    reversibility_of,
    to_graph,
)
from mcpolar.metastability.finite.entries import (
    Bools,
    diagonal_of,
    part,
    read_entries,
    read_matrix,
    read_set,
    row_sums,
)
from mcpolar.metastability.finite.factor import UNIT
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
from mcpolar.metastability.finite.timescales import check_probabilities, timescale_values
from mcpolar.metastability.finite.values import Values, evaluate
from mcpolar.rng import Seed

if TYPE_CHECKING:
    import networkx

    from mcpolar.metastability.finite.counts import CountedChain

Floats = NDArray[np.float64]
States = Collection[Hashable] | Hashable
_SUMS_TO_ONE = 1e-8


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


class FiniteChain:
    """A Markov chain on finitely many states, in steps or with rates.

    The chain is the one of the off-diagonal entries as given, each a double, exactly; the diagonal is what is left. All
    results come with ends that hold the exact answer for that chain (:class:`Values`), and `certified=True`
    encloses it in balls.

    Parameters
    ----------
    P : array_like, sparse array, pandas frame or networkx graph
        Transition probabilities, rows summing to 1. A frame's index and a graph's nodes are the labels; the edges'
        attribute `weight` (or `rate`) holds the probabilities.
    labels : sequence of hashables, optional
        Names of the states; default 0, 1, ...

    Raises
    ------
    InputError
        If the entries are no probabilities, or a row does not sum to 1.

    Examples
    --------
    >>> e = 1e-17
    >>> chain = FiniteChain(
    ...     [[0.5, 0.5, 0, 0], [0.5 - e, 0.5, e, 0], [0, 3 * e, 0.5, 0.5 - 3 * e], [0, 0, 0.5, 0.5]],
    ...     labels=["A", "a", "b", "B"],
    ... )
    >>> chain.hitting_times("B")["A"], round(chain.committor("A", "B")["a"], 30)
    (2e+17, 2e-17)
    >>> chain.stationary_distribution().value.round(12)
    array([0.375, 0.375, 0.125, 0.125])
    >>> chain.timescales(count=1).value
    array([5.e+16])
    """

    entries: sparse.csr_array
    labels: tuple[Any, ...]
    is_discrete: bool

    def __init__(self, P: Any, labels: Sequence[Hashable] | None = None) -> None:
        matrix, names = read_matrix(P)
        entries = read_entries(matrix, "P")
        diagonal = diagonal_of(matrix)
        sums = row_sums(entries) + diagonal
        wrong = ~(np.abs(sums - 1) <= _SUMS_TO_ONE) | (diagonal < 0)
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise InputError("P", f"row {at} with sum {sums[at]:.12g}", "rows of probabilities that sum to 1")
        self._put(entries, names if labels is None else labels, is_discrete=True, can_stay=diagonal > 0)

    def _put(
        self,
        entries: sparse.csr_array,
        labels: Sequence[Hashable] | None,
        *,
        is_discrete: bool,
        can_stay: Bools | None,
    ) -> None:
        n = entries.shape[0]
        names = tuple(range(n)) if labels is None else tuple(labels)
        if not all(isinstance(name, Hashable) for name in names) or len(names) != n or len(set(names)) != n:
            raise InputError("labels", names, f"{n} different names, one a state")
        self.entries, self.labels, self.is_discrete = entries, names, is_discrete
        self._can_stay = can_stay
        self._place = {name: i for i, name in enumerate(names)}

    @classmethod
    def _made(
        cls,
        entries: sparse.csr_array,
        labels: Sequence[Hashable] | None,
        *,
        is_discrete: bool,
        can_stay: Bools | None = None,
    ) -> FiniteChain:
        found = FiniteChain.__new__(FiniteChain)
        found._put(entries, labels, is_discrete=is_discrete, can_stay=can_stay)
        return found

    @classmethod
    def from_off_diagonal(cls, entries: Any, labels: Sequence[Hashable] | None = None) -> FiniteChain:
        """Return the chain in steps with the given probabilities off the diagonal, which is not read.

        Raises
        ------
        InputError
            If the entries are no probabilities, or sum to more than 1 in a row.
        """
        matrix, names = read_matrix(entries)
        found = read_entries(matrix, "entries")
        check_probabilities(found)
        return cls._made(found, names if labels is None else labels, is_discrete=True)

    @classmethod
    def from_rates(cls, rates: Any, labels: Sequence[Hashable] | None = None) -> FiniteChain:
        """Return the chain in continuous time with the given rates; a diagonal (as of a generator) is not read.

        Examples
        --------
        >>> FiniteChain.from_rates([[-1e-30, 1e-30], [3e-30, -3e-30]]).timescales().value
        array([2.5e+29])
        """
        matrix, names = read_matrix(rates)
        return cls._made(read_entries(matrix), names if labels is None else labels, is_discrete=False)

    @classmethod
    def from_counts(
        cls,
        counts: Any,
        labels: Sequence[Hashable] | None = None,
        *,
        resampling: Resampling = "dirichlet",
        draws: int = 200,
        confidence: float = 0.95,
        seed: Seed = 0,
    ) -> CountedChain:
        """Return the chain estimated from counts of transitions, with error bars on whatever is asked of it.

        Parameters
        ----------
        counts : array_like, shape (n, n)
            How often i was followed by j.
        labels : sequence, optional
            Names of the states.
        resampling : {"dirichlet", "bootstrap"}
            Draws of the Bayesian posterior (prior 1/n a transition that was seen), or resampled rows.
        draws : int
            How many.
        confidence : float
            Of the intervals, pointwise.
        seed : int, SeedSequence or Generator
            Of the draws.
        """
        from mcpolar.metastability.finite.counts import CountedChain

        return CountedChain(
            counts, labels, resampling=resampling, draws=draws, confidence=confidence, seed=seed
        )

    def __repr__(self) -> str:
        kind = "steps" if self.is_discrete else "rates"
        return f"FiniteChain({self.n_states} states, {self.entries.nnz} transitions, in {kind})"

    @property
    def n_states(self) -> int:
        """How many states there are."""
        return int(self.entries.shape[0])

    # states by name

    def _numbers(self, name: str, states: States, *, empty: bool = False) -> Bools:
        if isinstance(states, Hashable) and states in self._place:
            several: Collection[Any] = [states]
        elif isinstance(states, Collection) and not isinstance(states, str):
            several = list(states)
        else:
            raise InputError(name, states, "a state's label, or a collection of them")
        try:
            numbers = [self._place[state] for state in several]
        except (KeyError, TypeError):
            missing = next((state for state in several if state not in self._place), several)
            raise InputError(name, missing, "among the labels of the states") from None
        return read_set(name, numbers, self.n_states, empty=empty)

    def _named(self, states: Sequence[int]) -> tuple[Any, ...]:
        return tuple(self.labels[state] for state in states)

    # structure

    def classes(self) -> list[CommunicatingClass]:
        """Return the communicating classes, of states by number, in the order of their smallest states."""
        return classes_of(self.entries)

    @property
    def is_irreducible(self) -> bool:
        """Whether all states communicate."""
        return len(self.classes()) == 1

    def _stays(self) -> Bools:
        if self._can_stay is not None:
            return self._can_stay
        return np.asarray(row_sums(self.entries) < 1 - 4 * (np.diff(self.entries.indptr) + 1) * UNIT)

    def _irreducible(self, what: str) -> None:
        if not self.is_irreducible:
            raise InputError("chain", f"{len(self.classes())} classes", f"irreducible for {what}")

    @property
    def period(self) -> int:
        """The period of an irreducible chain; 1 for rates."""
        return self.cyclic_classes()[0]

    def cyclic_classes(self) -> tuple[int, list[tuple[Any, ...]]]:
        """Return the period of an irreducible chain and its cyclic classes, in the order of the cycle.

        Examples
        --------
        >>> FiniteChain([[0, 1, 0], [0, 0, 1], [1, 0, 0]]).cyclic_classes()
        (3, [(0,), (1,), (2,)])
        """
        self._irreducible("its period")
        loops = self._stays() if self.is_discrete else np.ones(self.n_states, dtype=np.bool_)
        period, number = period_of(self.entries, loops)
        return period, [self._named(np.flatnonzero(number == at).tolist()) for at in range(period)]

    def reversibility(self) -> Reversibility:
        """Test detailed balance of an irreducible chain by Kolmogorov's criterion, up to the rounding of its entries.

        Examples
        --------
        >>> FiniteChain.from_rates([[0, 1, 2], [2, 0, 1], [1, 2, 0]]).reversibility().is_reversible
        False
        """
        self._irreducible("a test of reversibility")
        return reversibility_of(self.entries)

    @property
    def is_reversible(self) -> bool:
        """Whether an irreducible chain is in detailed balance, up to the rounding of its entries."""
        return self.reversibility().is_reversible

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

    # fewer states

    def lumped(
        self,
        partition: Sequence[Collection[Hashable]],
        labels: Sequence[Hashable] | None = None,
        *,
        weights: Literal["equal", "stationary"] = "equal",
    ) -> FiniteChain:
        """Return the chain of blocks of states.

        Parameters
        ----------
        partition : sequence of collections
            Sets of labels that hold each state once.
        labels : sequence, optional
            Names of the blocks; default the tuples of their states.
        weights : {"equal", "stationary"}
            "equal" demands that all states of a block have the same rates into every other (strong lumpability);
            "stationary" weighs them by the stationary law.

        Raises
        ------
        InputError
            If the partition is none, or the chain cannot be lumped by it.
        """
        numbers = [np.flatnonzero(self._numbers("partition", states)).tolist() for states in partition]
        block = lumping.read_partition(numbers, self.n_states)
        if weights == "stationary":
            self._irreducible("weights by the stationary law")
            rates = lumping.aggregated(self.entries, block)
        elif weights == "equal":
            rates = lumping.lumped(self.entries, block)
        else:
            raise InputError("weights", weights, "'equal' or 'stationary'")
        names = [self._named(states) for states in numbers] if labels is None else labels
        return self._made(read_entries(rates), names, is_discrete=self.is_discrete)

    def censored(self, states: States) -> FiniteChain:
        """Return the chain watched only while it is in some states (the stochastic complement)."""
        kept = self._numbers("states", states)
        rates = lumping.censored(self.entries, kept)
        names = self._named(np.flatnonzero(kept).tolist())
        return self._made(read_entries(rates), names, is_discrete=self.is_discrete)

    def restricted(self, states: States) -> FiniteChain:
        """Return the chain on a closed set of states."""
        kept = np.flatnonzero(self._numbers("states", states))
        outside = np.setdiff1d(np.arange(self.n_states), kept)
        if part(self.entries, kept, outside).nnz:
            raise InputError("states", self._named(kept.tolist()), "closed: the chain never leaves them")
        stay = None if self._can_stay is None else self._can_stay[kept]
        return self._made(
            part(self.entries, kept), self._named(kept.tolist()), is_discrete=self.is_discrete, can_stay=stay
        )

    # out

    def to_sparse(self) -> sparse.csr_array:
        """Return the transition matrix, or the generator, as a sparse array with its diagonal."""
        sums = np.array([math.fsum(self.entries.data[a:b]) for a, b in _slices(self.entries.indptr)])
        diagonal = (1 - sums).clip(0) if self.is_discrete else -sums
        if self._can_stay is not None:
            diagonal = np.where(self._can_stay, diagonal, 0.0)
        return sparse.csr_array(self.entries + sparse.diags_array(diagonal))

    def to_numpy(self) -> Floats:
        """Return the transition matrix, or the generator, as a dense array."""
        return np.asarray(self.to_sparse().toarray())

    def to_pandas(self) -> Any:
        """Return the transition matrix, or the generator, as a frame with the labels."""
        import pandas as pd

        return pd.DataFrame(self.to_numpy(), index=list(self.labels), columns=list(self.labels))

    def to_networkx(self) -> networkx.DiGraph:
        """Return the graph of the transitions; the edges' attribute `rate` holds the entries off the diagonal."""
        import networkx as nx

        return nx.relabel_nodes(to_graph(self.entries), dict(enumerate(self.labels)))


def _slices(starts: NDArray[Any]) -> list[tuple[int, int]]:
    return list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
