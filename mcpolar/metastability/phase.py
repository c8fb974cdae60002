"""The phase diagram: consensus or bipolar silos at long times, and how long it takes to get there."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mcpolar.chain import AnyStart
from mcpolar.confidence.intervals import clopper_pearson
from mcpolar.confidence.survival import RestrictedMean, restricted_mean, survival_curve
from mcpolar.metastability.first_passage import PassageTimes, passage_times
from mcpolar.parameters import ChainParameters
from mcpolar.results import Drawn
from mcpolar.rng import Seed, read_seed
from mcpolar.steps import Steps

Share = tuple[float, float, float]
"""A proportion and the ends of its Clopper-Pearson interval."""


@dataclass(frozen=True)
class PhaseCell:
    """One cell of the phase diagram.

    Attributes
    ----------
    parameters : ChainParameters
        The chain.
    steps, replicas, confidence
        Of the ensemble and the intervals.
    consensus, bipolar, mixed : tuple of float
        Shares (with interval) of replicas that at the end are on one side; are decided, every |l_i| >= h/sigma^2,
        with agents on both sides; are neither.
    consensus_median : int, or None
        Median first step of consensus; None where fewer than half of the replicas came to it.
    polarized_median : int, or None
        The same for E_h.
    consensus_mean : RestrictedMean, or None
        E min(T, steps) of the first step T of consensus; None for one replica or no steps.
    """

    parameters: ChainParameters
    steps: int
    replicas: int
    confidence: float
    consensus: Share
    bipolar: Share
    mixed: Share
    consensus_median: int | None
    polarized_median: int | None
    consensus_mean: RestrictedMean | None

    @property
    def phase(self) -> str:
        """The outcome whose interval lies above one half, or "open"."""
        for name in ("consensus", "bipolar", "mixed"):
            if getattr(self, name)[1] > 0.5:
                return name
        return "open"


@dataclass(frozen=True)
class PhaseDiagram(Drawn):
    """The cells of a phase diagram together.

    Attributes
    ----------
    cells : tuple of PhaseCell
        In any order.

    Examples
    --------
    >>> chains = [ChainParameters(6, 2, sigma) for sigma in ("0.3", "1.5")]
    >>> PhaseDiagram(tuple(phase_diagram(chains, "undecided", "60*m", replicas=60, seed=1)))
    <PhaseDiagram: 2 cells, 2 consensus>
    """

    cells: tuple[PhaseCell, ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cells)

    def __iter__(self) -> Iterator[PhaseCell]:
        """Yield the cells."""
        return iter(self.cells)

    def __repr__(self) -> str:
        """Count the cells of each phase."""
        counts = Counter(cell.phase for cell in self.cells)
        return f"<PhaseDiagram: {', '.join([f'{len(self)} cells', *(f'{n} {name}' for name, n in counts.items())])}>"


def phase_diagram(
    cells: Sequence[ChainParameters],
    start: AnyStart,
    steps: int | str | Steps,
    *,
    replicas: int,
    seed: Seed,
    level: Decimal | str | float = 1,
    confidence: float = 0.999,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[PhaseCell]:
    """Yield the cells of a phase diagram one by one, each from an independent ensemble.

    Parameters
    ----------
    cells : sequence of ChainParameters
        The grid, in any order; cell c draws under the key of (seed, c).
    start : Start or str
        A start that fits every cell.
    steps : int, str or Steps
        How long, such as "100*m": an expression is evaluated for each cell's m.
    replicas, seed, level, workers, progress
        As in :func:`~mcpolar.metastability.passage_times`.
    confidence : float
        Of every interval, pointwise.

    Raises
    ------
    InputError
        If an argument is not allowed.

    Examples
    --------
    >>> chains = [ChainParameters(6, 2, sigma) for sigma in ("0.3", "1.5")]
    >>> [cell.phase for cell in phase_diagram(chains, "undecided", "60*m", replicas=60, seed=1)]
    ['consensus', 'consensus']
    """
    number = read_seed(seed)
    for index, parameters in enumerate(cells):
        found = passage_times(
            parameters,
            start,
            steps,
            replicas=replicas,
            seed=number,
            level=level,
            cell=(index,),
            workers=workers,
            progress=progress,
        )
        yield _cell(found, replicas, confidence)


def _cell(found: PassageTimes, replicas: int, confidence: float) -> PhaseCell:
    """Return how an ensemble ended, with intervals."""
    one_side = (found.agents_plus == 0) | (found.agents_plus == found.parameters.m)
    counts = (one_side, ~one_side & found.is_decided, ~one_side & ~found.is_decided)
    consensus, bipolar, mixed = (_share(int(one.sum()), replicas, confidence) for one in counts)
    times = found.of("consensus")
    mean = None
    if replicas > 1 and found.steps > 0:
        mean = restricted_mean(*times, found.steps, confidence=confidence)
    return PhaseCell(
        parameters=found.parameters,
        steps=found.steps,
        replicas=replicas,
        confidence=confidence,
        consensus=consensus,
        bipolar=bipolar,
        mixed=mixed,
        consensus_median=survival_curve(*times).median,
        polarized_median=survival_curve(*found.of("polarized")).median,
        consensus_mean=mean,
    )


def _share(count: int, n: int, confidence: float) -> Share:
    low, high = clopper_pearson(count, n, confidence)
    return count / n, math.exp(low), math.exp(high)
